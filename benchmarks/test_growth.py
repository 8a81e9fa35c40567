"""How our cost grows: with teams, with the network, with calls."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import cycle, islice
from typing import Any

import numpy as np
import pytest

from benchmarks import ours
from benchmarks.calls import AT, BATCH, scattered
from benchmarks.inputs import CHECKED, NETWORKS
from benchmarks.measure import posed, roads, timed
from unarmed_router import Call, Decision, Router
from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.snapping import EdgeSnapper, SnappedPoints
from unarmed_router.travel_time.dijkstra import DijkstraTravelTimes
from unarmed_router.travel_time.hierarchy import DEFAULT_LABEL_BUDGET
from unarmed_router.travel_time.topology import Topology

TEAMS = (1, 2, 5, 10, 24, 50, 100, 200, 500, 1000)
DECADES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_CHUNK = 100_000


@pytest.mark.benchmark(group="teams: one call, dimacs_ny")
@pytest.mark.parametrize("teams", TEAMS)
def test_teams(benchmark: Any, teams: int) -> None:
    """One call, k teams at crossings: `between_nodes`, many calls at once."""
    asked = posed("dimacs_ny", teams)
    times = ours.labelled("dimacs_ny")
    amount = max(100_000 // (teams + 10), 10)
    calls = asked.calls[:amount]
    answer = timed(
        benchmark,
        lambda: times.between_nodes(asked.teams, calls),
        amount=amount,
        rounds=7,
        size=teams,
    )
    assert asked.error_ms(answer) == 0


@cache
def places() -> tuple[SnappedPoints, SnappedPoints]:
    """Snap a thousand teams and a thousand calls within some 300 m of crossings."""
    network = roads("embedded")
    rng = np.random.default_rng(7)
    node = rng.integers(0, network.nodes, 2 * TEAMS[-1])
    spread = rng.normal(0.0, 0.002, (2, len(node)))
    lons, lats = network.node_lon[node] + spread[0], network.node_lat[node] + spread[1]
    snap = EdgeSnapper(network, limit_m=20_000.0).snap_many
    teams, calls = slice(TEAMS[-1]), slice(TEAMS[-1], None)
    return snap(lons=lons[teams], lats=lats[teams]), snap(lons=lons[calls], lats=lats[calls])


def positions(points: SnappedPoints) -> list[RoadPosition]:
    """Return snapped points one by one."""
    twins = roads("embedded").twin[points.arc].tolist()
    columns = (points.arc.tolist(), twins, points.fraction.tolist())
    legs = (points.snap_m.tolist(), points.access_ms.tolist())
    return [RoadPosition(*row) for row in zip(*columns, *legs, strict=True)]


@cache
def exact() -> list[Sequence[int | None]]:
    """Time all thousand teams to the first calls by Dijkstra."""
    asked, (teams, calls) = posed("embedded"), map(positions, places())
    times = DijkstraTravelTimes(
        nodes=asked.network.nodes,
        tail=asked.network.tail,
        head=asked.network.head,
        twin=asked.network.twin,
        arc_ms=asked.arc_ms,
    )
    return [times.from_positions(teams, call) for call in calls[:CHECKED]]


@pytest.mark.benchmark(group="teams: in mid-edge, one call, from_positions, embedded")
@pytest.mark.parametrize("teams", TEAMS)
def test_teams_positions(benchmark: Any, teams: int) -> None:
    """One call and k teams between crossings: `from_positions`, one Python call each."""
    where, calls = map(positions, places())
    where, calls = where[:teams], calls[: max(10_000 // (teams + 10), 10)]
    times = ours.labelled("embedded")
    answer = timed(
        benchmark,
        lambda: [times.from_positions(where, call) for call in calls],
        amount=len(calls),
        rounds=7,
        size=teams,
    )
    assert answer[:CHECKED] == [row[:teams] for row in exact()]


@pytest.mark.benchmark(group="teams: in mid-edge, one call, matrix, embedded")
@pytest.mark.parametrize("teams", TEAMS)
def test_teams_matrix(benchmark: Any, teams: int) -> None:
    """One call and k teams between crossings: `matrix`, a thousand calls at once."""
    where, calls = places()
    some = SnappedPoints(
        where.arc[:teams], where.fraction[:teams], where.snap_m[:teams], where.access_ms[:teams]
    )
    times = ours.labelled("embedded")
    answer = timed(
        benchmark,
        lambda: times.matrix(some, calls),
        amount=len(calls.arc),
        rounds=7,
        size=teams,
    )
    assert answer[:, :CHECKED].T.tolist() == [row[:teams] for row in exact()]


@pytest.mark.benchmark(group="nodes: 24 teams to one call")
@pytest.mark.parametrize("name", NETWORKS)
def test_nodes(benchmark: Any, name: str) -> None:
    """24 teams to one call, many calls at once, with labels, on networks of every size."""
    asked = posed(name)
    times = ours.labelled(name)
    calls = asked.calls[:10_000]
    answer = timed(
        benchmark,
        lambda: times.between_nodes(asked.teams, calls),
        amount=len(calls),
        rounds=7,
        size=asked.network.nodes,
        arcs=asked.network.arcs,
        label_mb=times.label_bytes / 2**20,
        budget_mb=DEFAULT_LABEL_BUDGET / 2**20,
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
    rounds = 1 if name == "grid_100k" else 3  # ten seconds each there
    timed(benchmark, lambda: ours.engine(name, asked), rounds=rounds, size=asked.network.nodes)


@pytest.mark.benchmark(group="nodes: order and topology")
@pytest.mark.parametrize("name", NETWORKS)
def test_nodes_order(benchmark: Any, name: str) -> None:
    """Order and contract, once a network, on networks of every size."""
    asked = posed(name)
    ours.topology(name)
    rounds = 1 if asked.network.nodes > 100_000 else 2  # a second and more
    shape: Topology = timed(
        benchmark, lambda: ours.topology.__wrapped__(name), rounds=rounds, size=asked.network.nodes
    )
    benchmark.extra_info.update(edges=len(shape.up), depth=int(shape.depth.max(initial=0)) + 1)


@pytest.mark.benchmark(group="calls: 24 teams, dimacs_ny")
@pytest.mark.parametrize("calls", DECADES)
def test_calls(benchmark: Any, calls: int) -> None:
    """A batch of calls, answers of at most a hundred thousand kept at a time."""
    asked = posed("dimacs_ny")
    times = ours.labelled("dimacs_ny")
    left = [asked.calls[: min(_CHUNK, calls - at)] for at in range(0, calls, _CHUNK)]

    def run() -> int:
        return sum(int(times.between_nodes(asked.teams, part)[-1, 0]) for part in left)

    timed(benchmark, run, rounds=max(1, min(10, 1_000_000 // calls)), size=calls)


@pytest.fixture(scope="module")
def pool(router: Router) -> list[Call]:
    """Draw ten thousand calls to be routed over and over, so that making them is not timed."""
    return scattered(router, BATCH)


@pytest.mark.benchmark(group="calls: route_many")
@pytest.mark.parametrize("calls", DECADES[:-1])
def test_calls_route_many(benchmark: Any, router: Router, pool: list[Call], calls: int) -> None:
    """Calls at random crossings routed end to end, all decisions kept."""

    def run() -> list[Decision]:
        return router.route_many(islice(cycle(pool), calls), at=AT)

    decisions = timed(benchmark, run, rounds=max(1, min(20, 200_000 // calls)), size=calls)
    assert len(decisions) == calls


@pytest.mark.benchmark(group="calls: route_each")
@pytest.mark.parametrize("calls", DECADES)
def test_calls_route_each(benchmark: Any, router: Router, pool: list[Call], calls: int) -> None:
    """The same as a stream: each decision is dropped when the next one is asked for."""

    def run() -> int:
        done = 0
        for _ in router.route_each(islice(cycle(pool), calls), at=AT):
            done += 1
        return done

    rounds = max(1, min(20, 200_000 // calls))
    assert timed(benchmark, run, rounds=rounds, size=calls) == calls


@pytest.mark.benchmark(group="points: locate_many")
@pytest.mark.parametrize("points", DECADES)
def test_points(benchmark: Any, router: Router, points: int) -> None:
    """Points in divisions, without borders; ten million take about a gigabyte."""
    rng = np.random.default_rng(1)
    lons, lats = rng.uniform(-118.67, -118.15, points), rng.uniform(33.70, 34.34, points)
    run = router.agency.divisions.locate_many
    timed(
        benchmark,
        lambda: run(lons, lats),
        rounds=max(1, min(20, 2_000_000 // points)),
        size=points,
    )
