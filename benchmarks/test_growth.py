"""How our cost grows: with teams, with the network, with calls."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from benchmarks import ours
from benchmarks.inputs import NETWORKS
from benchmarks.measure import posed, timed
from unarmed_router import Router
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.topology import Topology

TEAMS = (1, 2, 5, 10, 24, 50, 100, 200, 500, 1000)
DECADES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_CHUNK = 100_000


@cache
def labelled(name: str) -> HierarchyTravelTimes:
    """Label a network once."""
    return ours.engine(name, posed(name))


@pytest.mark.benchmark(group="teams: one call, dimacs_ny")
@pytest.mark.parametrize("teams", TEAMS)
def test_teams(benchmark: Any, teams: int) -> None:
    """One call, k teams, in the compiled loop."""
    asked = posed("dimacs_ny", teams)
    times, shape = labelled("dimacs_ny"), ours.topology("dimacs_ny")
    amount = max(100_000 // (teams + 10), 10)
    calls = asked.calls[:amount]
    answer = timed(
        benchmark,
        lambda: ours.batch(times, shape, asked.teams, calls),
        amount=amount,
        rounds=7,
        size=teams,
    )
    assert asked.error_ms(answer) == 0


@pytest.mark.benchmark(group="nodes: 24 teams to one call")
@pytest.mark.parametrize("name", NETWORKS)
def test_nodes(benchmark: Any, name: str) -> None:
    """24 teams to one call, in the compiled loop, on networks of every size."""
    asked = posed(name)
    times, shape = labelled(name), ours.topology(name)
    calls = asked.calls[:10_000]
    answer = timed(
        benchmark,
        lambda: ours.batch(times, shape, asked.teams, calls),
        amount=len(calls),
        rounds=7,
        size=asked.network.nodes,
        arcs=asked.network.arcs,
        label_mb=shape.label_bytes / 2**20,
    )
    assert asked.error_ms(answer) == 0


@pytest.mark.benchmark(group="nodes: re-weighting (customize)")
@pytest.mark.parametrize("name", NETWORKS)
def test_nodes_customize(benchmark: Any, name: str) -> None:
    """A whole new metric without labels, on networks of every size."""
    asked = posed(name, jammed=True)
    ours.topology(name)
    timed(
        benchmark,
        lambda: ours.engine(name, asked, label_budget=0),
        rounds=7,
        size=asked.network.nodes,
    )


@pytest.mark.benchmark(group="nodes: re-weighting with labels")
@pytest.mark.parametrize("name", NETWORKS)
def test_nodes_labels(benchmark: Any, name: str) -> None:
    """A whole new metric and its labels, on networks of every size."""
    asked = posed(name, jammed=True)
    ours.topology(name)
    timed(benchmark, lambda: ours.engine(name, asked), rounds=3, size=asked.network.nodes)


@pytest.mark.benchmark(group="nodes: order and topology")
@pytest.mark.parametrize("name", NETWORKS)
def test_nodes_order(benchmark: Any, name: str) -> None:
    """Order and contract, once a network, on networks of every size."""
    asked = posed(name)
    ours.topology(name)
    shape: Topology = timed(
        benchmark, lambda: ours.topology.__wrapped__(name), rounds=2, size=asked.network.nodes
    )
    benchmark.extra_info.update(edges=len(shape.up), depth=int(shape.depth.max(initial=0)) + 1)


@pytest.mark.benchmark(group="calls: 24 teams, dimacs_ny")
@pytest.mark.parametrize("calls", DECADES)
def test_calls(benchmark: Any, calls: int) -> None:
    """A batch of calls, answers of at most a hundred thousand kept at a time."""
    asked = posed("dimacs_ny")
    times, shape = labelled("dimacs_ny"), ours.topology("dimacs_ny")
    left = [asked.calls[: min(_CHUNK, calls - at)] for at in range(0, calls, _CHUNK)]

    def run() -> int:
        return sum(int(ours.batch(times, shape, asked.teams, part)[-1, 0]) for part in left)

    timed(benchmark, run, rounds=max(1, min(20, 2_000_000 // calls)), size=calls)


@pytest.mark.benchmark(group="points: locate_many")
@pytest.mark.parametrize("points", DECADES)
def test_points(benchmark: Any, router: Router, points: int) -> None:
    """Points in divisions; ten million take about a gigabyte."""
    rng = np.random.default_rng(1)
    lons, lats = rng.uniform(-118.67, -118.15, points), rng.uniform(33.70, 34.34, points)
    run = router.agency.divisions.locate_many
    timed(
        benchmark,
        lambda: run(lons, lats),
        rounds=max(1, min(20, 2_000_000 // points)),
        size=points,
    )
