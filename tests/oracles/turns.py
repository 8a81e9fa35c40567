"""Times under turn rules by brute force: Dijkstra over whole histories of arcs.

A state is the last arcs that were driven, as many as the longest forbidden sequence has. Nothing is
split, grouped or left out: each step looks at every sequence and every price again.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TurnWorld:
    """Directed arcs with their rules.

    Parameters
    ----------
    ends : sequence of (int, int)
        Tail and head of each arc.
    ms : sequence of int
        Time of each arc.
    reverse : sequence of int
        The same road the other way, -1 for none.
    banned : sequence of sequence of int
        Arcs that must not be driven one right after the other.
    u_turn_ms : int
        Price of turning round where three roads or more meet.
    private : frozenset of int
        Arcs for ends only: where one arrives is no free place to turn round.
    guarded : frozenset of int
        Private arcs that could be driven through: who turns into one at an open node has entered,
        and goes on from no open node. Who starts on one has not entered.
    """

    ends: Sequence[tuple[int, int]]
    ms: Sequence[int]
    reverse: Sequence[int]
    banned: Sequence[Sequence[int]]
    u_turn_ms: int
    private: frozenset[int] = frozenset()
    guarded: frozenset[int] = frozenset()

    def times_from(self, start: int) -> dict[int, int]:
        """Return the least time from the end of an arc to the end of every arc that follows."""
        memory = max((len(sequence) for sequence in self.banned), default=2)
        best: dict[int, int] = {}
        settled: set[tuple[tuple[int, ...], bool]] = set()
        queue: list[tuple[int, tuple[int, ...], bool]] = [(0, (start,), False)]
        while queue:
            time, history, entered = heapq.heappop(queue)
            if (history, entered) in settled:
                continue
            settled.add((history, entered))
            if len(history) > 1 or time > 0:
                best.setdefault(history[-1], time)
            onward = [
                arc
                for arc, (tail, _) in enumerate(self.ends)
                if tail == self.ends[history[-1]][1]
                and not any(_ends_with((*history, arc), bad) for bad in self.banned)
            ]
            at_open_node = self._is_open(self.ends[history[-1]][1])
            if entered and at_open_node:
                continue
            for arc in onward:
                turn = self._turn_ms(history[-1], arc)
                if turn is not None:
                    after = (*history, arc)[-memory:]
                    inside = entered or (at_open_node and arc in self.guarded)
                    heapq.heappush(queue, (time + turn + self.ms[arc], after, inside))
        return best

    def _turn_ms(self, before: int, after: int) -> int | None:
        if self.reverse[before] != after:
            return 0
        node = self.ends[before][1]
        leaving = {self._road(arc) for arc, ends in enumerate(self.ends) if ends[0] == node}
        arriving = {arc for arc, ends in enumerate(self.ends) if ends[1] == node}
        if len(leaving) == 1 and arriving.isdisjoint(self.private):
            return 0
        touching = [self._road(arc) for arc, ends in enumerate(self.ends) if node in ends]
        in_the_road = len(set(touching)) == 2 and len(touching) == 4
        # Where some sequence leaves no other way on from an arc, turning round has its price.
        ended = {bad[-1] for bad in self.banned if bad[-2] == before}
        others = {arc for arc, ends in enumerate(self.ends) if ends[0] == node} - {after}
        return None if in_the_road and not others <= ended else self.u_turn_ms

    def _is_open(self, node: int) -> bool:
        """Tell whether a road that anybody may drive touches a node."""
        return any(
            node in ends and arc not in self.private and self.reverse[arc] not in self.private
            for arc, ends in enumerate(self.ends)
        )

    def _road(self, arc: int) -> int:
        other = self.reverse[arc]
        return arc if other < 0 else min(arc, other)


def _ends_with(history: tuple[int, ...], sequence: Sequence[int]) -> bool:
    return history[-len(sequence) :] == tuple(sequence)
