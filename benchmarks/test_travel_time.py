"""Exact times from 24 teams to calls, beside every peer; each checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from benchmarks import ours
from benchmarks.inputs import Question
from benchmarks.measure import build, posed, timed
from benchmarks.peers.engines import ENGINES, Ask, pyroutingkit_batch, routingkit_cch_batch

NETWORK = "dimacs_ny"
TURNS = (1, 2, 3)
"""Every engine is timed once a turn, so that ours and theirs take turns in one process."""


def each_call(asked: Question) -> Ask:
    """Ask `HierarchyTravelTimes.between_nodes` once a call, from Python."""
    times = ours.engine(NETWORK, asked)
    return lambda calls: [times.between_nodes(asked.teams, call) for call in calls.tolist()]


def batch(asked: Question) -> Ask:
    """Ask `HierarchyTravelTimes.between_nodes` for all calls at once."""
    times = ours.engine(NETWORK, asked)
    return lambda calls: times.between_nodes(asked.teams, calls)


def rows(asked: Question) -> Ask:
    """Ask without labels: rows are searched on demand, as over the memory budget."""
    times = ours.engine(NETWORK, asked, label_budget=0)
    return lambda calls: [times.between_nodes(asked.teams, call) for call in calls.tolist()]


OURS = {
    "ours_batch": (batch, 10_000, 10),
    "ours": (each_call, 1_000, 10),
    "ours_rows": (rows, 200, 10),
}


@cache
def prepared(name: str) -> tuple[Ask, dict[str, float]]:
    """Prepare an engine once, and say what that cost."""
    asked = posed(NETWORK)
    if name in OURS:
        ours.topology(NETWORK)
    prepare = (OURS | dict(ENGINES))[name][0]
    ask, cost = build(lambda: prepare(asked))
    return ask, cost


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.benchmark(group="24 teams to one call, dimacs_ny")
@pytest.mark.parametrize("name", [*OURS, *ENGINES])
@pytest.mark.parametrize("turn", TURNS)
def test_teams_to_call(benchmark: Any, name: str, turn: int) -> None:
    """Milliseconds from every team to each call of a round."""
    asked = posed(NETWORK)
    ask, cost = prepared(name)
    _, amount, rounds = (OURS | dict(ENGINES))[name]
    calls = asked.calls[:amount]
    answer = timed(
        benchmark, lambda: ask(calls), amount=amount, rounds=rounds, turn=turn, name=name, **cost
    )
    error = asked.error_ms(answer)
    benchmark.extra_info["error_ms"] = error
    benchmark.extra_info["checked"] = min(len(asked.exact), amount)
    if name in OURS:
        benchmark.extra_info["label_mb"] = ours.topology(NETWORK).label_bytes / 2**20
        assert error == 0


@pytest.mark.benchmark(group="24 teams to one call, dimacs_ny: common prefix alone")
def test_prefix_alone(benchmark: Any) -> None:
    """Only how far the labels of each team and of the call run together."""
    asked, shape = posed(NETWORK), ours.topology(NETWORK)
    calls = asked.calls[:10_000]
    mean = timed(
        benchmark,
        lambda: ours.prefixes(shape, asked.teams, calls),
        amount=len(calls),
        rounds=10,
    )
    benchmark.extra_info["mean_prefix"] = mean


def between_nodes(asked: Question) -> Ask:
    """Ask `HierarchyTravelTimes.between_nodes` for all pairs at once."""
    times = ours.labelled("embedded")
    return lambda calls: times.between_nodes(asked.teams, calls)


MATRICES: dict[str, Callable[[Question], Ask]] = {
    "ours": between_nodes,
    "routingkit_cch_batch": routingkit_cch_batch,
    "pyroutingkit_batch": pyroutingkit_batch,
}


@pytest.mark.benchmark(group="matrix of 24 x 1,000 nodes, embedded")
@pytest.mark.parametrize("name", MATRICES)
def test_matrix_nodes(benchmark: Any, name: str) -> None:
    """Every time between 24 and 1,000 crossings: what the peers' matrices hold."""
    asked = posed("embedded")
    ask = MATRICES[name](asked)
    found = timed(benchmark, lambda: ask(asked.calls[:1_000]), amount=24_000, rounds=9, name=name)
    benchmark.extra_info["error_ms"] = asked.error_ms(found)
