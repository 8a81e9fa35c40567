"""What stays of a network, against a search that looks at one place after the other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from hypothesis import example, given, settings
from hypothesis import strategies as st

from unarmed_router.roads.standing import standing


class Arcs(NamedTuple):
    """Nodes; tail, head, exit and whether it is a road of each arc; the twin of each."""

    nodes: int
    arcs: list[tuple[int, int, int, bool]]
    twin: list[int]

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Write the arcs as `standing` takes them."""
        tail, head, exits, road = (np.array(column) for column in zip(*self.arcs, strict=True))
        twin = np.array(self.twin)
        return {"tail": tail, "head": head, "exit_node": exits, "twin": twin, "road": road}


@st.composite
def drawn(draw: st.DrawFn) -> Arcs:
    """Draw a directed graph; some arcs have another exit, none, or a twin; some are turns."""
    nodes = draw(st.integers(2, 7))
    some = st.integers(0, nodes - 1)
    arcs = []
    for _ in range(draw(st.integers(1, 12))):
        tail, head = draw(some), draw(some)
        road = draw(st.booleans())
        exits = draw(st.sampled_from([head, head, draw(some), -1])) if road else head
        arcs.append((tail, head, exits, road))
    twin = [-1] * len(arcs)
    for one in range(0, len(arcs) - 1, 2):
        places = [road and exits >= 0 for _, _, exits, road in arcs[one : one + 2]]
        if all(places) and draw(st.booleans()):
            twin[one], twin[one + 1] = one + 1, one
    return Arcs(nodes, arcs, twin)


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
        bad = []
        for number in [number for number, arc in left.items() if arc[3] and arc[2] >= 0]:
            sides = [drawing.arcs[n] for n in (number, drawing.twin[number]) if n >= 0]
            entered = any(side[0] in beyond(min(core), steps) for side in sides)
            returning = any(min(core) in beyond(side[2], steps) for side in sides)
            if not (entered and returning):
                bad.append(number)
        if not bad:
            break
        for number in bad:
            del left[number]
    roads = [number for number, arc in left.items() if arc[3] and arc[2] >= 0]
    # A turn is of use on some way from the core to a road, or from a road back to the core.
    ways = list(steps)
    for number in roads:
        sides = [drawing.arcs[n] for n in (number, drawing.twin[number]) if n >= 0]
        ways += [(drawing.arcs[number][0], side[2]) for side in sides]
    there = beyond(min(core), ways)
    used = {node for node in there if min(core) in beyond(node, ways)}
    arcs = {n for n, (tail, head, _, _) in left.items() if tail in used and head in used}
    ends = {node for number in roads for node in drawing.arcs[number][:3]}
    return used | ends, arcs | set(roads)


SOURCE = Arcs(4, [(0, 1, 3, True), (1, 2, 2, True), (2, 0, 0, True), (3, 2, 2, False)], [-1] * 4)
ONE_AFTER_THE_OTHER = Arcs(
    # The last road is entered by starts on the one before only, which then cannot be left.
    5,
    [(0, 1, 1, True), (1, 0, 0, True), (0, 2, 3, True), (3, 4, 4, True), (4, 0, 0, False)],
    [-1] * 5,
)
ENTERED_AND_LEFT_AT_ONE_END = Arcs(
    # Who drives over the road from 0 to 2 cannot go on; who stands on it drives back to 1.
    4,
    [(0, 1, 1, True), (1, 0, 0, True), (0, 2, 2, True), (3, 1, 1, True)],
    [1, 0, 3, 2],
)


@settings(max_examples=400, deadline=None)
@given(drawn())
@example(SOURCE)
@example(ONE_AFTER_THE_OTHER)
@example(ENTERED_AND_LEFT_AT_ONE_END)
def test_what_stays_can_be_reached_and_left(drawing: Arcs) -> None:
    """Exits that nobody drives to, heads that lead nowhere, roads that only starts reach."""
    found = standing(drawing.nodes, **drawing.columns())
    nodes, arcs = right(drawing)
    assert set(np.flatnonzero(found.nodes).tolist()) == nodes
    assert set(np.flatnonzero(found.arcs).tolist()) == arcs


def test_a_node_that_only_starts_leave_stays() -> None:
    """The exit of a road on the ring is no node of the ring, and stays with its turn."""
    found = standing(4, **SOURCE.columns())
    assert found.nodes.all()
    assert found.arcs.all()
    assert found.cut == 0


def test_a_road_that_only_starts_reach_goes_with_what_leads_there() -> None:
    """Nobody else could be sent there; and who started beside it could not get away."""
    found = standing(5, **ONE_AFTER_THE_OTHER.columns())
    assert found.arcs.tolist() == [True, True, False, False, False]
    assert found.cut == 3


def test_a_road_that_is_entered_and_left_at_one_end_stays() -> None:
    """Both directions of it do: a position is reached by the one and left by the other."""
    columns = ENTERED_AND_LEFT_AT_ONE_END.columns()
    assert standing(4, **columns).arcs.all()
    alone = standing(4, columns["tail"], columns["head"])
    assert alone.arcs.tolist() == [True, True, False, False]
