"""The path of one trip: its arcs beside other ways to find them, its streets, a decision's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest

from benchmarks import ours
from benchmarks.inputs import Question
from benchmarks.measure import peer, posed, timed
from unarmed_router import Call, Recommendation, Router
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.road_path import RoadPath
from unarmed_router.roads.street_map import StreetMap
from unarmed_router.travel_time.dijkstra import DijkstraTravelTimes

Pair = tuple[RoadPosition, RoadPosition]
Find = Callable[[Pair], int]
"""Finds a path and returns its travel time, milliseconds."""

TRIPS = 500
NETWORKS = ("embedded", "dimacs_ny")


@cache
def trips(name: str) -> list[Pair]:
    """Draw pairs of places at the heads of arcs, where every peer can begin and end."""
    roads = posed(name).network
    arcs = np.random.default_rng(31).integers(0, roads.arcs, 2 * TRIPS)
    lower = np.where(roads.twin[arcs] >= 0, np.minimum(arcs, roads.twin[arcs]), arcs)
    places = [RoadPosition(int(a), int(roads.twin[a]), 1.0, 0.0, 0) for a in lower]
    return list(zip(places[:TRIPS], places[TRIPS:], strict=True))


def times_only(asked: Question, name: str) -> Find:
    """Ask our engine for the time of the trip alone."""
    engine = ours.engine(name, asked)
    return lambda trip: engine.from_positions(trip[:1], trip[1])[0] or 0


def unpacked(asked: Question, name: str) -> Find:
    """Ask our engine for the arcs."""
    engine = ours.engine(name, asked, label_budget=0)
    return lambda trip: _found(engine.path(*trip)).travel_ms


def predecessors(asked: Question, _: str) -> Find:
    """Follow scipy's predecessors, as the first engine does."""
    roads = asked.network
    engine = DijkstraTravelTimes(
        nodes=roads.nodes, tail=roads.tail, head=roads.head, twin=roads.twin, arc_ms=asked.arc_ms
    )
    return lambda trip: _found(engine.path(*trip)).travel_ms


def igraph_path(asked: Question, _: str) -> Find:
    """Ask `Graph.get_shortest_path` for edges."""
    igraph, roads = peer("igraph"), asked.network
    graph = igraph.Graph(
        n=roads.nodes, edges=np.column_stack([roads.tail, roads.head]), directed=True
    )
    graph.es["ms"] = asked.arc_ms.tolist()

    def find(trip: Pair) -> int:
        ends = [int(roads.head[place.arc]) for place in trip]
        edges = graph.get_shortest_path(*ends, weights="ms", output="epath")
        return int(asked.arc_ms[edges].sum())

    return find


FINDERS: dict[str, tuple[Callable[[Question, str], Find], int]] = {
    "ours": (unpacked, 500),
    "ours_time_only": (times_only, 500),
    "scipy": (predecessors, 5),
    "igraph": (igraph_path, 5),
}


def _found(path: RoadPath | None) -> RoadPath:
    assert path is not None
    return path


@pytest.mark.benchmark(group="the arcs of one trip")
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", FINDERS)
def test_arcs(benchmark: Any, name: str, network: str) -> None:
    """Arcs of trips across the network, one Python call each; all take the exact time."""
    asked = posed(network)
    make, amount = FINDERS[name]
    find, asked_for = make(asked, network), trips(network)[:amount]
    exact = times_only(asked, network)
    found = timed(benchmark, lambda: [find(trip) for trip in asked_for], amount=amount, rounds=5)
    error = max(abs(ms - exact(trip)) for ms, trip in zip(found, asked_for, strict=True))
    benchmark.extra_info["error_ms"] = error
    assert error == 0


@pytest.mark.benchmark(group="the streets of one trip")
def test_streets(benchmark: Any) -> None:
    """Geometry, names and turns of paths across the embedded city."""
    asked = posed("embedded")
    engine, streets = ours.engine("embedded", asked, label_budget=0), StreetMap(asked.network)
    paths = [_found(engine.path(*trip)) for trip in trips("embedded")[:100]]
    place = (-118.3, 34.0)
    described = timed(
        benchmark,
        lambda: [streets.describe(path, origin=place, destination=place) for path in paths],
        amount=len(paths),
        rounds=5,
    )
    benchmark.extra_info["arcs"] = float(np.mean([len(path.legs) for path in paths]))
    assert [each.travel_ms for each in described] == [path.travel_ms for path in paths]


@pytest.mark.benchmark(group="the path of a decision")
def test_decision_path(benchmark: Any) -> None:
    """`decision.path()` of a decided call in the embedded city, streets included."""
    router, at = Router.load(), datetime(2026, 11, 20, 18, tzinfo=UTC)
    no = ("weapon", "violence", "medical_emergency", "crime_in_progress", "minor_alone")
    call = Call(
        call_id="path",
        lon=-118.309,
        lat=34.0606,
        call_type="welfare_check",
        received_at=at,
        facts=dict.fromkeys(no, "no"),
    )
    decision = router.route(call, at=at)
    assert isinstance(decision, Recommendation)
    path = timed(benchmark, decision.path)
    assert path.travel_ms == decision.candidates[0].travel_ms
