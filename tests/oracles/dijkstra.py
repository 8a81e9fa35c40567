"""Travel times by Dijkstra on a graph in which every position is a real node, in plain Python."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple


class Arc(NamedTuple):
    """A directed arc, its time, and the node whoever starts on it comes out at, if another."""

    tail: int
    head: int
    ms: int
    exit: int | None = None

    @property
    def out(self) -> int:
        """The node at which those come out who start on the arc."""
        return self.head if self.exit is None else self.exit


class Spot(NamedTuple):
    """A position: its arc, the arc back (-1 for none), and the part of the arc behind it."""

    arc: int
    twin: int
    fraction: float


Graph = dict[Hashable, list[tuple[Hashable, int]]]


def split_graph(arcs: Sequence[Arc], spots: Sequence[Spot]) -> Graph:
    """Cut each arc at the spots that lie on it, into a chain of whole milliseconds.

    A spot lies the rounded part of the arc's time from its tail; seen from the arc back, the same
    rounded part from its head. Spots at one instant of an arc reach each other at once. Whoever
    starts at a spot drives on along a chain of his own: it may come out at another node.
    """
    cuts: dict[int, list[tuple[int, Hashable]]] = defaultdict(list)
    for number, spot in enumerate(spots):
        cuts[spot.arc].append((round(spot.fraction * arcs[spot.arc].ms), ("spot", number)))
        if spot.twin >= 0:
            ms = arcs[spot.twin].ms
            cuts[spot.twin].append((ms - round(spot.fraction * ms), ("spot", number)))
    graph: Graph = defaultdict(list)
    for number, arc in enumerate(arcs):
        # Each cut is a node of this arc alone, so that a car on a road cannot turn back in the
        # middle of it; a spot leads to its cuts, and its cuts lead to its end.
        instants = sorted({at for at, _ in cuts[number]})
        passing = [(instant, ("cut", number, instant)) for instant in instants]
        starting = [(instant, ("begun", number, instant)) for instant in instants]
        for chain in (
            [(0, arc.tail), *passing, (arc.ms, arc.head)],
            [*starting, (arc.ms, arc.out)],
        ):
            for (at, here), (then, there) in pairwise(chain):
                graph[here].append((there, then - at))
        for at, spot_node in cuts[number]:
            graph[spot_node, "start"].append((("begun", number, at), 0))
            graph["cut", number, at].append(((spot_node, "end"), 0))
            graph["begun", number, at].append(((spot_node, "end"), 0))
    return graph


def times_from(graph: Graph, spot: int) -> dict[int, int]:
    """Return the time from a spot to every spot it can reach."""
    return {
        node[0][1]: at
        for node, at in _settled(graph, spot).items()
        if isinstance(node, tuple) and node[-1] == "end"
    }


def node_times_from(graph: Graph, spot: int) -> dict[int, int]:
    """Return the time from a spot to every crossing it can reach: the twin of `sweep_nodes`."""
    return {node: at for node, at in _settled(graph, spot).items() if isinstance(node, int)}


def _settled(graph: Graph, spot: int) -> dict[Hashable, int]:
    done: dict[Hashable, int] = {}
    queue: list[tuple[int, int, Hashable]] = [(0, 0, (("spot", spot), "start"))]
    pushed = 0
    while queue:
        at, _, node = heapq.heappop(queue)
        if node in done:
            continue
        done[node] = at
        for there, ms in graph.get(node, []):
            pushed += 1
            heapq.heappush(queue, (at + ms, pushed, there))
    return done


def time_matrix(
    arcs: Sequence[Arc], spots: Sequence[Spot], access: Sequence[int], goals: Sequence[int]
) -> list[list[int | None]]:
    """Time the way from each spot to some of them, both access legs included, a row a goal.

    `time_positions` makes one such row, `time_between` one place of it, and `sweep_positions` all
    rows at once.
    """
    graph = split_graph(arcs, spots)
    driven = [times_from(graph, spot) for spot in range(len(spots))]
    return [
        [
            None if goal not in times else access[spot] + times[goal] + access[goal]
            for spot, times in enumerate(driven)
        ]
        for goal in goals
    ]


Ends = list[tuple[int, int]]
"""Nodes, each with the time between it and a spot."""


def all_exits(arcs: Sequence[Arc], spots: Sequence[Spot]) -> list[Ends]:
    """Leave each spot by what is left of its arc, and by what is left of the arc back."""
    return [
        [(arcs[arc].out, arcs[arc].ms - at) for arc, at in _places(arcs, spot)] for spot in spots
    ]


def entries(arcs: Sequence[Arc], spot: Spot) -> Ends:
    """Reach a spot by what lies behind it on its arc, or on the arc back."""
    return [(arcs[arc].tail, at) for arc, at in _places(arcs, spot)]


def along_road(arcs: Sequence[Arc], here: Spot, there: Spot) -> int | None:
    """Drive on from one spot of a road to another, in whichever direction leads there sooner.

    The twin of `along_arc`, too, where both name the same arc.
    """
    begins = dict(_places(arcs, here))
    ways = [(begins[arc], at) for arc, at in _places(arcs, there) if arc in begins]
    return min((goal - start for start, goal in ways if goal >= start), default=None)


def _places(arcs: Sequence[Arc], spot: Spot) -> Ends:
    """Say how far along its arc, and along the arc back, a spot lies; as `split_graph` cuts."""
    there = [(spot.arc, round(spot.fraction * arcs[spot.arc].ms))]
    if spot.twin < 0:
        return there
    ms = arcs[spot.twin].ms
    return [*there, (spot.twin, ms - round(spot.fraction * ms))]
