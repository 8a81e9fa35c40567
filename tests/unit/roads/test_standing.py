"""What stays of a network, against a search that looks at one place after the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from unarmed_router.roads.standing import standing


class Arcs(NamedTuple):
    """Nodes, and tail, head, exit and whether it is a road of each arc."""

    nodes: int
    arcs: list[tuple[int, int, int, bool]]


@st.composite
def drawn(draw: st.DrawFn) -> Arcs:
    """Draw a directed graph; some arcs have an exit beside their head, some are turns."""
    nodes = draw(st.integers(2, 7))
    some = st.integers(0, nodes - 1)
    arcs = []
    for _ in range(draw(st.integers(1, 12))):
        tail, head = draw(some), draw(some)
        road = draw(st.booleans())
        exits = draw(some) if road and draw(st.booleans()) else head
        arcs.append((tail, head, exits, road))
    return Arcs(nodes, arcs)


def beyond(start: int, steps: list[tuple[int, int]]) -> set[int]:
    """Walk steps from a node until nothing new is found."""
    seen = {start}
    while True:
        more = {there for here, there in steps if here in seen} - seen
        if not more:
            return seen
        seen |= more


def largest(nodes: int, steps: list[tuple[int, int]]) -> set[int]:
    """Find the largest set of nodes that all lead to each other; the first among equals."""
    sets = []
    for node in range(nodes):
        there = beyond(node, steps)
        sets.append({other for other in there if node in beyond(other, steps)})
    return max(sets, key=len)


def right(drawing: Arcs) -> tuple[set[int], set[int]]:
    """Take out the roads that cannot be reached or left, again and again; list what stays."""
    left = dict(enumerate(drawing.arcs))
    while True:
        steps = [(tail, head) for tail, head, _, _ in left.values()]
        core = largest(drawing.nodes, steps)
        bad = [
            number
            for number, (tail, _, exits, road) in left.items()
            if road and not (tail in beyond(min(core), steps) and min(core) in beyond(exits, steps))
        ]
        if not bad:
            break
        for number in bad:
            del left[number]
    roads = [arc for arc in left.values() if arc[3]]
    # A node is of use on some way from the core to a road, or from a road back to the core.
    ways = [*steps, *((tail, exits) for tail, _, exits, _ in roads)]
    there = beyond(min(core), ways)
    used = {node for node in there if min(core) in beyond(node, ways)}
    used |= {head for _, head, _, _ in roads}
    return used, {n for n, (tail, head, _, _) in left.items() if tail in used and head in used}


SOURCE = Arcs(4, [(0, 1, 3, True), (1, 2, 2, True), (2, 0, 0, True), (3, 2, 2, False)])
ONE_AFTER_THE_OTHER = Arcs(
    # The last road is entered by starts on the one before only, which then cannot be left.
    5,
    [(0, 1, 1, True), (1, 0, 0, True), (0, 2, 3, True), (3, 4, 4, True), (4, 0, 0, False)],
)


@settings(max_examples=400, deadline=None)
@given(drawn())
@example(SOURCE)
@example(ONE_AFTER_THE_OTHER)
def test_what_stays_can_be_reached_and_left(drawing: Arcs) -> None:
    """Exits that nobody drives to, heads that lead nowhere, roads that only starts reach."""
    tail, head, exits, road = (np.array(column) for column in zip(*drawing.arcs, strict=True))
    found = standing(drawing.nodes, tail, head, exits, road=road)
    nodes, arcs = right(drawing)
    assert set(np.flatnonzero(found.nodes).tolist()) == nodes
    assert set(np.flatnonzero(found.arcs).tolist()) == arcs


def test_a_node_that_only_starts_leave_stays() -> None:
    """The exit of a road on the ring is no node of the ring, and stays with its turn."""
    tail, head, exits, road = (np.array(column) for column in zip(*SOURCE.arcs, strict=True))
    found = standing(4, tail, head, exits, road=road)
    assert found.nodes.all()
    assert found.arcs.all()
    assert found.cut == 0


def test_a_road_that_only_starts_reach_goes_with_what_leads_there() -> None:
    """Nobody else could be sent there; and who started beside it could not get away."""
    tail, head, exits, road = (
        np.array(column) for column in zip(*ONE_AFTER_THE_OTHER.arcs, strict=True)
    )
    found = standing(5, tail, head, exits, road=road)
    assert found.arcs.tolist() == [True, True, False, False, False]
    assert found.cut == 3
