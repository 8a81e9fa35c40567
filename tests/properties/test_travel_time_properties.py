"""Travel times equal a plain Dijkstra on a graph whose nodes the positions are."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.oracles.dijkstra import Arc, Spot, node_times_from, split_graph, times_from
from tests.oracles.paths import faults
from tests.unit.roads.towns import Columns
from unarmed_router.model.location import RoadPosition
from unarmed_router.travel_time.dijkstra import DijkstraTravelTimes
from unarmed_router.travel_time.hierarchy import DEFAULT_LABEL_BUDGET, HierarchyTravelTimes
from unarmed_router.travel_time.sweeping import matrix_by_sweep, times_to_nodes
from unarmed_router.travel_time.topology import Topology

Int32s = npt.NDArray[np.int32]

# Short times make ties, rounding and equal offsets common.
TIMES = st.integers(1, 12)
FRACTIONS = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))


class Town(NamedTuple):
    """Arcs, the twin of each, and positions on them."""

    nodes: int
    arcs: list[Arc]
    twin: list[int]
    spots: list[Spot]


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Draw any directed graph: parallel arcs, one-ways, dead ends, parts that do not meet."""
    nodes = draw(st.integers(2, 6))
    arcs: list[Arc] = []
    twin: list[int] = []
    for _ in range(draw(st.integers(1, 9))):
        tail, head = draw(st.permutations(range(nodes)))[:2]
        number = len(arcs)
        arcs.append(Arc(tail, head, draw(TIMES)))
        twin.append(-1)
        if draw(st.booleans()):
            # Where turns are restricted, the way back ends at other nodes of the same junctions.
            split = draw(st.sampled_from([False, False, True]))
            start, end = draw(st.permutations(range(nodes)))[:2] if split else (head, tail)
            arcs.append(Arc(start, end, draw(TIMES)))
            twin[number] = number + 1
            twin.append(number)
    # In the middle of a restriction, whoever starts comes out at another node of the junction.
    exits = draw(st.lists(st.none() | st.integers(0, nodes - 1), max_size=len(arcs)))
    arcs = [arc._replace(exit=out) for arc, out in zip(arcs, exits, strict=False)] + arcs[
        len(exits) :
    ]
    # A spot on a two-way road names its lower arc, as the snapper does, or the upper one.
    spots = [
        Spot(number, twin[number], draw(FRACTIONS))
        for number in draw(st.lists(st.sampled_from(range(len(arcs))), min_size=2, max_size=6))
    ]
    return Town(nodes, arcs, twin, spots)


SPLIT_JUNCTION = Town(
    # The road between the second place and the first is left at 2 or at 3, which nothing joins.
    nodes=6,
    arcs=[Arc(0, 2, 10), Arc(4, 3, 10), Arc(2, 5, 1), Arc(3, 1, 1), Arc(1, 5, 1)],
    twin=[1, 0, -1, -1, -1],
    spots=[Spot(0, 1, 0.3), Spot(4, -1, 1.0)],
)
EXITS_APART = Town(
    # Those who start on the first road come out at 2 and 3, which no road joins.
    nodes=5,
    arcs=[Arc(0, 1, 10, 2), Arc(1, 0, 10, 3), Arc(2, 4, 1), Arc(3, 4, 7), Arc(4, 0, 1)],
    twin=[1, 0, -1, -1, -1],
    spots=[Spot(0, 1, 0.3), Spot(4, -1, 1.0), Spot(0, 1, 0.1)],
)
EITHER_ARC = Town(
    # Both spots lie on one road, and each names another of its arcs.
    nodes=2,
    arcs=[Arc(0, 1, 7), Arc(1, 0, 9)],
    twin=[1, 0],
    spots=[Spot(0, 1, 0.3), Spot(1, 0, 0.6), Spot(0, 1, 0.5)],
)
ONE_WAY_RING = Town(
    nodes=3,
    arcs=[Arc(0, 1, 10), Arc(1, 2, 5), Arc(2, 0, 7)],
    twin=[-1, -1, -1],
    spots=[Spot(0, -1, 0.2), Spot(0, -1, 0.7)],
)


Engine = DijkstraTravelTimes | HierarchyTravelTimes


def dijkstra(town: Town, _: random.Random) -> Engine:
    """Build the first engine."""
    tail, head, twin, arc_ms = arrays(town)
    return DijkstraTravelTimes(
        nodes=town.nodes, tail=tail, head=head, twin=twin, arc_ms=arc_ms, exit_node=exits(town)
    )


def labels(town: Town, draw: random.Random) -> Engine:
    """Build the hierarchy with labels, in an order drawn at random: any order is exact."""
    return hierarchy(town, draw, DEFAULT_LABEL_BUDGET)


def rows(town: Town, draw: random.Random) -> Engine:
    """Build the hierarchy without labels."""
    return hierarchy(town, draw, 0)


def hierarchy(town: Town, draw: random.Random, budget: int) -> HierarchyTravelTimes:
    """Contract the town's nodes in a random order."""
    tail, head, twin, arc_ms = arrays(town)
    order = list(range(town.nodes))
    draw.shuffle(order)
    topology = Topology.build(
        rank=np.array(order, np.int32), tail=tail, head=head, twin=twin, exit_node=exits(town)
    )
    return HierarchyTravelTimes(topology=topology, twin=twin, arc_ms=arc_ms, label_budget=budget)


def arrays(town: Town) -> tuple[Int32s, Int32s, Int32s, Int32s]:
    """Write the town as arrays."""
    return (
        np.array([arc.tail for arc in town.arcs], dtype=np.int32),
        np.array([arc.head for arc in town.arcs], dtype=np.int32),
        np.array(town.twin, dtype=np.int32),
        np.array([arc.ms for arc in town.arcs], dtype=np.int32),
    )


def exits(town: Town) -> Int32s | None:
    """Write the nodes at which starts come out, -1 where nobody stands; None for the heads."""
    if all(arc.exit is None for arc in town.arcs):
        return None
    stood = {number for spot in town.spots for number in (spot.arc, spot.twin)}
    out = [arc.out if number in stood else -1 for number, arc in enumerate(town.arcs)]
    return np.array(out, dtype=np.int32)


@pytest.mark.parametrize("build", [dijkstra, labels, rows])
@settings(max_examples=400, deadline=None)
@given(town=towns(), draw=st.randoms(use_true_random=False))
@example(town=ONE_WAY_RING, draw=random.Random(1))  # noqa: S311  # a test order
@example(town=SPLIT_JUNCTION, draw=random.Random(1))  # noqa: S311  # as above
@example(town=EXITS_APART, draw=random.Random(1))  # noqa: S311  # as above
@example(town=EITHER_ARC, draw=random.Random(1))  # noqa: S311  # as above
def test_every_pair_of_positions_takes_its_exact_time(
    build: Callable[[Town, random.Random], Engine], town: Town, draw: random.Random
) -> None:
    """Same arc, back around a one-way, over parallels, or no way at all: the oracle agrees."""
    engine = build(town, draw)
    # A different access leg for each position, so that a forgotten or doubled one shows.
    positions = [
        RoadPosition(spot.arc, spot.twin, spot.fraction, 0.0, 1000 * 2**number)
        for number, spot in enumerate(town.spots)
    ]
    graph = split_graph(town.arcs, town.spots)
    expected = [times_from(graph, number) for number in range(len(positions))]
    for goal, destination in enumerate(positions):
        times = engine.from_positions(positions, destination)
        legs = [origin.access_ms + destination.access_ms for origin in positions]
        road = [None if ms is None else ms - leg for ms, leg in zip(times, legs, strict=True)]
        assert road == [reached.get(goal) for reached in expected]


@settings(max_examples=400)
@given(town=towns(), draw=st.randoms(use_true_random=False))
@example(town=ONE_WAY_RING, draw=random.Random(1))  # noqa: S311  # a test order
@example(town=SPLIT_JUNCTION, draw=random.Random(1))  # noqa: S311  # as above
@example(town=EXITS_APART, draw=random.Random(1))  # noqa: S311  # as above
@example(town=EITHER_ARC, draw=random.Random(1))  # noqa: S311  # as above
def test_one_sweep_reaches_everything_in_its_exact_time(town: Town, draw: random.Random) -> None:
    """All positions at once and one without a road: every crossing and position, by the oracle."""
    engine = hierarchy(town, draw, 0)
    spots = town.spots
    legs = np.array([0, *(1000 * 2**number for number in range(len(spots)))], np.int64)
    origins = Columns(
        np.array([-1, *(spot.arc for spot in spots)], np.int32),
        np.array([np.nan, *(spot.fraction for spot in spots)]),
        legs,
    )
    found = times_to_nodes(engine, origins)
    assert (found[0] == -1).all()
    graph = split_graph(town.arcs, spots)
    for number in range(len(spots)):
        reached = node_times_from(graph, number)
        times = found[number + 1].tolist()
        for node, ms in enumerate(times):
            assert (ms - legs[number + 1] if ms >= 0 else None) == reached.get(node)
    pairs = matrix_by_sweep(engine, origins, origins)
    assert (pairs[0] == -1).all()
    assert (pairs[:, 0] == -1).all()
    for number in range(len(spots)):
        spot_times = times_from(graph, number)
        for goal in range(len(spots)):
            ms = int(pairs[number + 1, goal + 1])
            road = ms - legs[number + 1] - legs[goal + 1] if ms >= 0 else None
            assert road == spot_times.get(goal)


@pytest.mark.parametrize("build", [dijkstra, labels, rows])
@settings(max_examples=300, deadline=None)
@given(town=towns(), draw=st.randoms(use_true_random=False))
@example(town=ONE_WAY_RING, draw=random.Random(1))  # noqa: S311  # a test order
@example(town=SPLIT_JUNCTION, draw=random.Random(1))  # noqa: S311  # as above
@example(town=EXITS_APART, draw=random.Random(1))  # noqa: S311  # as above
@example(town=EITHER_ARC, draw=random.Random(1))  # noqa: S311  # as above
def test_every_path_is_a_drive_of_exactly_its_travel_time(
    build: Callable[[Town, random.Random], Engine], town: Town, draw: random.Random
) -> None:
    """It joins the two positions arc by arc, and its legs add up to the engine's own answer."""
    engine = build(town, draw)
    positions = [
        RoadPosition(spot.arc, spot.twin, spot.fraction, 0.0, 1000 * 2**number)
        for number, spot in enumerate(town.spots)
    ]
    for goal, destination in zip(town.spots, positions, strict=True):
        times = engine.from_positions(positions, destination)
        for start, origin, ms in zip(town.spots, positions, times, strict=True):
            path = engine.path(origin, destination)
            assert (path is None) == (ms is None)
            if path is not None:
                assert path.travel_ms == ms
                assert not faults(town.arcs, start, goal, path.legs)
