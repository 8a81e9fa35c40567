"""Times over raw OpenStreetMap blocks by networkx: every state is the last three blocks driven.

Nothing of the import is used: lengths are geodesics of pyproj, turn restrictions are looked up way
by way at each step, and U-turns are told by counting the ways at a node.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import networkx as nx
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
Block = tuple[int, bool]
"""A way and whether it is driven along."""


@dataclass(frozen=True)
class Restriction:
    """A turn restriction by way numbers; `via` is empty where it is over a node."""

    only: bool
    begin: int
    via: tuple[int, ...]
    end: int


@dataclass(frozen=True)
class RawRoads:
    """Blocks between crossings.

    Parameters
    ----------
    places : dict of int to (float, float)
        Longitude and latitude of the nodes.
    ways : dict of int to tuple of int
        Nodes of each way; only its ends are shared with others.
    oneway : frozenset of int
        Ways driven along only.
    restrictions : tuple of Restriction
        Turn restrictions.
    kph, u_turn_s : float
        Speed everywhere; price of a U-turn.
    private : frozenset of int
        Ways that nobody drives through.
    """

    places: dict[int, tuple[float, float]]
    ways: dict[int, tuple[int, ...]]
    oneway: frozenset[int]
    restrictions: tuple[Restriction, ...]
    kph: float
    u_turn_s: float
    private: frozenset[int] = frozenset()

    def seconds(self, begin: int, end: int, *, gone: Collection[Block] = ()) -> float | None:
        """Return the least time between the middles of the first lines of two ways.

        Nothing is driven over what is gone: ways from which restrictions leave no way on.
        """
        graph = nx.DiGraph()
        # A state is the last three blocks, and whether a private area has been entered.
        waiting: list[tuple[tuple[Block, ...], bool]] = [
            ((block,), False) for block in self._directions(begin)
        ]
        seen = set(waiting)
        while waiting:
            blocks, entered = waiting.pop()
            way, along = blocks[-1]
            at_entrance = self.ways[way][-1 if along else 0] in self._open_nodes()
            if entered and at_entrance:
                continue
            for block, turn in self._onward(blocks):
                if block in gone:
                    continue
                inside = entered or (at_entrance and self._can_be_crossed(block[0]))
                after = ((*blocks, block)[-3:], inside)
                weight = turn + self._length_s(block[0])
                graph.add_edge((blocks, entered), after, weight=weight)
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)
        best = None
        for first in self._directions(begin):
            if ((first,), False) not in graph or first in gone:
                continue
            times = nx.single_source_dijkstra_path_length(graph, ((first,), False))
            for (state, _), time in times.items():
                if len(state) > 1 and state[-1][0] == end:
                    total = self._left_s(first) + time - self._left_s(state[-1])
                    best = total if best is None else min(best, total)
        return best

    def _directions(self, way: int) -> list[Block]:
        return [(way, True)] if way in self.oneway else [(way, True), (way, False)]

    def _length_s(self, way: int, lines: int | None = None) -> float:
        nodes = self.ways[way] if lines is None else self.ways[way][: lines + 1]
        lons, lats = zip(*(self.places[node] for node in nodes), strict=True)
        return float(GEOD.line_length(lons, lats)) / (self.kph / 3.6)

    def _left_s(self, block: Block) -> float:
        """Return the time from the middle of a way's first line to the end of the block."""
        near = self._length_s(block[0], 1) / 2.0
        return self._length_s(block[0]) - near if block[1] else near

    def _onward(self, state: tuple[Block, ...]) -> Iterator[tuple[Block, float]]:
        way, along = state[-1]
        node = self.ways[way][-1 if along else 0]
        leaving = [
            (other, forward)
            for other, nodes in self.ways.items()
            for forward in (True, False)
            if nodes[0 if forward else -1] == node and (forward or other not in self.oneway)
        ]
        touching = [other for other, nodes in self.ways.items() if node in (nodes[0], nodes[-1])]
        allowed = [
            block
            for block in leaving
            if not any(self._forbids(rule, state, block, leaving) for rule in self.restrictions)
        ]
        in_the_road = len(touching) == len(leaving) == 2 and self.oneway.isdisjoint(touching)
        for block in allowed:
            if block != (way, not along):
                yield block, 0.0
            elif not in_the_road or self._may_end(way, leaving):
                arriving = {other for other in touching if self._arrives(other, node)}
                free = len(leaving) == 1 and arriving.isdisjoint(self.private)
                yield block, 0.0 if free else self.u_turn_s

    def _arrives(self, way: int, node: int) -> bool:
        return self.ways[way][-1] == node or way not in self.oneway

    def _open_nodes(self) -> set[int]:
        """Return the ends of the ways that anybody may drive."""
        return {
            nodes[end]
            for way, nodes in self.ways.items()
            for end in (0, -1)
            if way not in self.private
        }

    def _can_be_crossed(self, way: int) -> bool:
        """Tell whether a way is of a private area with several entrances."""
        area, ends, public = {way} & self.private, set[int](), self._open_nodes()
        while True:
            touched = {self.ways[part][end] for part in area for end in (0, -1)}
            if touched == ends:
                return len(touched & public) > 1
            ends = touched
            area |= {
                other
                for other in self.private
                if {self.ways[other][0], self.ways[other][-1]} & (ends - public)
            }

    def _forbids(
        self, rule: Restriction, state: tuple[Block, ...], block: Block, leaving: list[Block]
    ) -> bool:
        named = (rule.begin, *rule.via)
        if len(state) < len(named) or tuple(way for way, _ in state[-len(named) :]) != named:
            return False
        node = self.ways[state[-1][0]][-1 if state[-1][1] else 0]
        if not rule.via and node not in self._shared(rule.begin, rule.end):
            return False
        if rule.via and node not in self._shared(rule.via[-1], rule.end):
            return False
        if rule.end not in [way for way, _ in leaving]:
            return False
        return (block[0] != rule.end) if rule.only else (block[0] == rule.end)

    def _may_end(self, way: int, leaving: list[Block]) -> bool:
        """Tell whether some restriction leaves those on a way nothing but to turn round."""
        others = {other for other, _ in leaving if other != way}
        ended = {
            rule.end
            for rule in self.restrictions
            if not rule.only and (rule.begin, *rule.via)[-1] == way
        }
        wanted = [
            rule for rule in self.restrictions if rule.only and (rule.begin, *rule.via)[-1] == way
        ]
        return others <= ended or any(rule.end == way for rule in wanted)

    def _shared(self, one: int, other: int) -> set[int]:
        return {self.ways[one][0], self.ways[one][-1]} & {self.ways[other][0], self.ways[other][-1]}
