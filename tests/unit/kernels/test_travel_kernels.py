"""Each entry point of travel times against its naive twin, with labels and without."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles import dijkstra, hierarchy
from tests.properties.test_travel_time_properties import Town, towns
from tests.properties.test_travel_time_properties import hierarchy as engine_of
from unarmed_router.kernels import customization, sweep, travel
from unarmed_router.travel_time.hierarchy import DEFAULT_LABEL_BUDGET, HierarchyTravelTimes

BUDGETS = {"labels": DEFAULT_LABEL_BUDGET, "rows": 0}
each_kind = pytest.mark.parametrize("kind", BUDGETS)
NEVER = 2**30 - 1


def ranked(town: Town, order: random.Random, kind: str) -> tuple[HierarchyTravelTimes, list[Any]]:
    """Contract a town in a random order; its arcs between the ranks of their ends."""
    # The order that the engine draws is drawn once more, from the same state.
    state = order.getstate()
    engine = engine_of(town, order, BUDGETS[kind])
    order.setstate(state)
    rank = list(range(town.nodes))
    order.shuffle(rank)
    return engine, [(rank[arc.tail], rank[arc.head], arc.ms) for arc in town.arcs]


def ends_of(arc: tuple[int, int, int], how: str, one_ms: int, other_ms: int) -> list[Any]:
    """Leave a road by one of its nodes, by both, or by one of them at two times."""
    tail, head, _ = arc
    one, other = {"tail": (tail, -1), "head": (head, -1), "both": (head, tail)}.get(
        how, (tail, tail)
    )
    return [(one, one_ms)] if other < 0 else [(one, one_ms), (other, other_ms)]


def written(answers: list[int | None]) -> list[int]:
    """Write what no path leads to as the kernels do."""
    return [-1 if ms is None else ms for ms in answers]


orders = st.randoms(use_true_random=False)
nodes = st.integers(0, 5)
times = st.integers(0, 9)
# An end of a trip is a node, or both nodes of a road, which lie on one branch of the tree.
ends = st.tuples(
    st.integers(0, 99), st.sampled_from(["tail", "head", "both", "twice"]), times, times
)


@each_kind
@settings(max_examples=100, deadline=None)
@given(town=towns(), order=orders, starts=st.lists(ends, min_size=1, max_size=5), goal=ends)
def test_a_drive_takes_the_best_of_every_way_out_and_in(
    kind: str, town: Town, order: random.Random, starts: list[Any], goal: list[Any]
) -> None:
    """`drive`: one end or two at either side, the same node twice, no way at all."""
    engine, arcs = ranked(town, order, kind)
    known = [ends_of(arcs[number % len(arcs)], *how) for number, *how in [*starts, goal]]
    rows = np.array([[*side[0], *(side[1] if side[1:] else (-1, 0))] for side in known], np.int64)
    out = np.full(len(starts), -7, np.int64)
    travel.drive(rows[:-1].copy(), rows[-1].copy(), engine.packed.table, out)
    assert out.tolist() == written(hierarchy.many_to_one(arcs, known[:-1], known[-1]))


@each_kind
@settings(max_examples=60, deadline=None)
@given(town=towns(), order=orders, picked=st.lists(nodes, max_size=5), goals=st.lists(nodes))
def test_nodes_are_timed_destination_by_destination(
    kind: str, town: Town, order: random.Random, picked: list[int], goals: list[int]
) -> None:
    """`time_nodes`: any, none, or one of them twice."""
    engine, arcs = ranked(town, order, kind)
    origins, destinations = ([v % town.nodes for v in side] for side in (picked, goals[:5]))
    out = np.full((len(destinations), len(origins)), -7, np.int64)
    left, reached = np.array(origins, np.int64), np.array(destinations, np.int64)
    travel.time_nodes(left, reached, engine.packed.table, out)
    expected = hierarchy.time_nodes(arcs, origins, destinations)
    assert out.tolist() == [written(row) for row in expected]


@each_kind
@settings(max_examples=100, deadline=None)
@given(town=towns(), order=orders)
def test_positions_are_timed_to_one_and_to_many(
    kind: str, town: Town, order: random.Random
) -> None:
    """`time_positions`, `time_matrix` and `time_between`, mid-edge, one arc, both access legs."""
    engine, _ = ranked(town, order, kind)
    arcs = np.array([spot.arc for spot in town.spots], np.int32)
    fractions = np.array([spot.fraction for spot in town.spots])
    # A different leg at each, so that one forgotten or counted twice shows.
    legs = [1000 * 2**number for number in range(len(arcs))]
    access = np.array(legs, np.int64)
    every = list(range(len(arcs)))
    expected = [written(row) for row in dijkstra.time_matrix(town.arcs, town.spots, legs, every)]
    columns = (arcs, fractions, access)
    out = np.full((len(arcs), len(arcs)), -7, np.int64)
    travel.time_matrix(*columns, *columns, engine.packed.table, out)
    assert out.tolist() == expected
    for goal in every:
        place = (int(arcs[goal]), float(fractions[goal]), legs[goal])
        row = np.full(len(arcs), -7, np.int64)
        travel.time_positions(*columns, place, engine.packed.table, row)
        assert row.tolist() == expected[goal]
        places = zip(arcs.tolist(), fractions.tolist(), legs, strict=True)
        alone = [travel.time_between(start, place, engine.packed.table) for start in places]
        assert alone == expected[goal]


@settings(max_examples=100, deadline=None)
@given(town=towns(), order=orders)
def test_a_position_is_left_and_reached_by_the_ends_of_its_road(
    town: Town, order: random.Random
) -> None:
    """`all_exits`, `entries`, `along_arc`, `along_road`: one-ways, both ways, rounding in each."""
    engine, _ = ranked(town, order, "labels")
    rank = dict(enumerate(engine.topology.rank.tolist()))
    table = engine.packed.table
    numbers = np.array([spot.arc for spot in town.spots], np.int32)
    fractions = np.array([spot.fraction for spot in town.spots])

    def row(found: dijkstra.Ends) -> list[int]:
        named = [(rank[node], ms) for node, ms in found]
        return [*named[0], *(named[1] if named[1:] else (-1, 0))]

    left = travel.all_exits(numbers, fractions, table)
    assert left.tolist() == [row(found) for found in dijkstra.all_exits(town.arcs, town.spots)]
    for spot in town.spots:
        reached = np.full(4, -7, np.int64)
        travel.entries(spot.arc, spot.fraction, table, reached)
        assert reached.tolist() == row(dijkstra.entries(town.arcs, spot))
        for other in town.spots:
            expected = written([dijkstra.along_road(town.arcs, spot, other)])
            if other.arc in {spot.arc, spot.twin}:
                place, goal = (spot.arc, spot.fraction), (other.arc, other.fraction)
                assert travel.along_road(*place, *goal, table) == expected[0]
            if other.arc == spot.arc:
                assert travel.along_arc(*place, other.fraction, table) == expected[0]


@settings(max_examples=100, deadline=None)
@given(town=towns(), order=orders)
def test_one_sweep_times_every_node_and_every_position(town: Town, order: random.Random) -> None:
    """`sweep_nodes`, and `sweep_positions` on the rows it left."""
    engine, _ = ranked(town, order, "rows")
    table, rank = engine.packed.table, engine.topology.rank.tolist()
    numbers = np.array([spot.arc for spot in town.spots], np.int32)
    fractions = np.array([spot.fraction for spot in town.spots])
    legs = [1000 * 2**number for number in range(len(town.spots))]
    columns = (numbers, fractions, np.array(legs, np.int64))
    rows = np.full((town.nodes, len(town.spots)), NEVER, np.int32)
    sweep.sweep_nodes(travel.all_exits(numbers, fractions, table), table, rows)
    graph = dijkstra.split_graph(town.arcs, town.spots)
    for spot in range(len(town.spots)):
        reached = dijkstra.node_times_from(graph, spot)
        for node, place in enumerate(rank):
            ms = int(rows[place, spot])
            assert (None if ms >= NEVER else ms) == reached.get(node)
    out = np.full((len(legs), len(legs)), -7, np.int64)
    sweep.sweep_positions(rows, columns, columns, table, out)
    every = list(range(len(legs)))
    expected = dijkstra.time_matrix(town.arcs, town.spots, legs, every)
    assert out.tolist() == [written(row) for row in expected]


@given(st.lists(st.one_of(st.integers(0, 2**31 - 1), st.integers(NEVER - 2, NEVER + 2))))
def test_the_longest_time_stands_for_a_path(times: list[int]) -> None:
    """`longest`: what stands for no path does not count, and of nothing it is 0."""
    assert customization.longest(np.array(times, np.int32)) == hierarchy.longest(times)
