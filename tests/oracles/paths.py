"""Naive twins of what unpacks a path, and what a path must be, whoever found it.

Nodes are numbered by rank; an arc is its tail, its head and its time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.oracles.dijkstra import Arc as RoadArc
from tests.oracles.dijkstra import Spot
from tests.oracles.hierarchy import Arc, Ends, many_to_one


def best_way(arcs: Sequence[Arc], start: Ends, goal: Ends) -> int | None:
    """Try every way to leave the start and every way to enter the goal."""
    return many_to_one(arcs, [start], goal)[0]


def unpack(arcs: Sequence[Arc], source: int, target: int) -> set[tuple[int, ...]]:
    """List the arcs of every shortest path whose nodes between its ends are lower than both."""

    def onward(node: int, seen: frozenset[int]) -> Iterator[tuple[int, ...]]:
        for number, (tail, head, _) in enumerate(arcs):
            if tail != node or head in seen:
                continue
            if head == target:
                yield (number,)
            elif head < min(source, target):
                yield from ((number, *rest) for rest in onward(head, seen | {head}))

    every = list(onward(source, frozenset({source})))
    times = [sum(arcs[number][2] for number in path) for path in every]
    return {path for path, ms in zip(every, times, strict=True) if ms == min(times)}


Leg = tuple[int, float, float, int]
"""Arc, from where to where of it, milliseconds."""
Point = tuple[str, int, float]


def point(arcs: Sequence[RoadArc], arc: int, fraction: float) -> Point:
    """Name a place on a road; the two ends of an arc are its nodes."""
    if fraction <= 0.0 or fraction >= 1.0:
        return ("node", arcs[arc].tail if fraction <= 0.0 else arcs[arc].head, 0.0)
    return ("road", arc, fraction)


def points(arcs: Sequence[RoadArc], spot: Spot) -> set[Point]:
    """Name a spot in both directions of its road."""
    found = {point(arcs, spot.arc, spot.fraction)}
    if spot.twin >= 0:
        found.add(point(arcs, spot.twin, 1.0 - spot.fraction))
    return found


def faults(arcs: Sequence[RoadArc], origin: Spot, goal: Spot, legs: Sequence[Leg]) -> list[str]:
    """List what keeps some legs from being a drive from one spot to another."""
    found = []
    starts = {arc for arc in (origin.arc, origin.twin) if arc >= 0}
    here = points(arcs, origin)
    here |= {
        ("node", arcs[arc].out, 0.0) for arc in starts if ("node", arcs[arc].head, 0.0) in here
    }
    for arc, begin, end, ms in legs:
        if point(arcs, arc, begin) not in here:
            found.append(f"arc {arc} begins at {point(arcs, arc, begin)}, not at {here}")
        if not 0.0 <= begin <= end <= 1.0:
            found.append(f"arc {arc} is driven from {begin} to {end}")
        if abs(ms - (end - begin) * arcs[arc].ms) > 1.0:
            found.append(f"{ms} ms for {begin} to {end} of {arcs[arc].ms} ms")
        if (begin, end) == (0.0, 1.0) and ms != arcs[arc].ms:
            found.append(f"{ms} ms for the whole of arc {arc}")
        here = {point(arcs, arc, end)}
        if arc in starts and end == 1.0:
            here.add(("node", arcs[arc].out, 0.0))
        starts = set()
    at_end = [(origin.arc, origin.fraction), (origin.twin, 1.0 - origin.fraction)]
    if legs:
        at_end = [(legs[-1][0], legs[-1][2])]
    if not here & points(arcs, goal) and not _within_a_millisecond(arcs, at_end, goal):
        found.append(f"ends at {here}, not at {points(arcs, goal)}")
    return found


def _within_a_millisecond(
    arcs: Sequence[RoadArc], places: Sequence[tuple[int, float]], goal: Spot
) -> bool:
    """Tell whether a place lies on the road of a spot, so near that rounding cannot tell."""
    there = {goal.arc: goal.fraction, goal.twin: 1.0 - goal.fraction}
    return any(
        arc >= 0 and arc in there and abs(there[arc] - fraction) * arcs[arc].ms <= 1.0
        for arc, fraction in places
    )
