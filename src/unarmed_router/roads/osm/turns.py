"""What each turn costs, at the junctions where that matters.

A junction has a table: a row for each leg that arrives, a column for each that departs, and
milliseconds in the cells, -1 where the turn is forbidden. A junction without a table lets everybody
turn for nothing.

U-turns cost time, but a table for every junction would split them all. Where every way on is as
cheap from one arrival as from another, turning round at the next junction gains nothing, and its
cost need not be written down. In the middle of a road, where only its name changes, nobody turns
round, unless restrictions leave no other way on. Starting from the junctions with tables, a U-turn
is priced at the end of a road exactly where, free, it would beat the turn it replaces; this may in
turn make it worth going further to turn round, until a free U-turn takes longer to reach than it
saves. Shortest times are then those of a network in which every U-turn costs its price; a test
compares the two.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.osm.arcs import Arcs
from unarmed_router.roads.osm.legs import INSIDE, Legs, legs_of
from unarmed_router.roads.osm.profile import TurnRule

__all__ = ["TurnTable", "turn_tables"]

FORBIDDEN = -1
_PRIVACY = {frozenset(), frozenset({INSIDE})}
"""States that hold nothing but whether a private area was entered."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TurnTable:
    """The turns of one junction.

    Parameters
    ----------
    into, out_of : tuple of int
        Legs that arrive and depart.
    cost_ms : int64 array, shape (arriving, departing)
        Milliseconds; -1 where the turn is forbidden.
    """

    into: tuple[int, ...]
    out_of: tuple[int, ...]
    cost_ms: Ints


def turn_tables(
    arcs: Arcs,
    banned: Iterable[Sequence[int]],
    *,
    rule: TurnRule,
    signals: Iterable[int],
    bearings: npt.NDArray[np.float64],
) -> tuple[Legs, dict[int, TurnTable]]:
    """Make the tables of all junctions where turns are not free.

    Parameters
    ----------
    arcs : Arcs
        The roads.
    banned : iterable of sequence of int
        Forbidden sequences of arcs.
    rule : TurnRule
        What turns cost.
    signals : iterable of int
        Nodes with a traffic signal.
    bearings : float64 array, shape (m, 2)
        Compass direction of each arc at its tail and at its head, degrees.

    Returns
    -------
    Legs, dict of int to TurnTable
        The arcs in states, and the tables by node.
    """
    sequences = [tuple(sequence) for sequence in banned]
    legs = legs_of(arcs, [sequence for sequence in sequences if len(sequence) > 2])
    maker = _Maker(legs, rule, bearings)
    pairs: set[tuple[int, ...]] = {sequence for sequence in sequences if len(sequence) == 2}
    maker.at_signals(signals)
    maker.forbid(pairs)
    maker.keep_states()
    maker.price_u_turns(pairs)
    return legs, dict(sorted(maker.tables.items()))


class _Maker:
    """Fills the tables step by step."""

    def __init__(self, legs: Legs, rule: TurnRule, bearings: npt.NDArray[np.float64]) -> None:
        self.legs, self.rule, self.bearings = legs, rule, bearings
        self.tables: dict[int, TurnTable] = {}
        self._u_turn_ms = round(rule.u_turn_s * 1000.0)
        self._needless: set[int] = set()

    def table(self, node: int) -> TurnTable:
        """Return the table of a node; a new one lets everybody turn for nothing."""
        found = self.tables.get(node)
        if found is None:
            into, out = tuple(self.legs.into(node)), tuple(self.legs.out_of(node))
            found = TurnTable(into, out, np.zeros((len(into), len(out)), np.int64))
            self.tables[node] = found
        return found

    def at_signals(self, signals: Iterable[int]) -> None:
        """Price left and right turns at signals."""
        left, right = (round(s * 1000.0) for s in (self.rule.left_s, self.rule.right_s))
        if left == right == 0:
            return
        arcs = self.legs.arcs
        for node in signals:
            if len({int(arcs.chain[arc]) for arc in arcs.into(node)}) < 2:
                continue  # a signal in the middle of a road
            table = self.table(node)
            for i, leg in enumerate(table.into):
                for j, onward in enumerate(table.out_of):
                    table.cost_ms[i, j] = self._turn_ms(leg, onward, left, right)

    def _turn_ms(self, leg: int, onward: int, left: int, right: int) -> int:
        before, after = self.legs.arc(leg), self.legs.arc(onward)
        if int(self.legs.arcs.reverse[before]) == after:
            return 0
        turn = (self.bearings[after, 0] - self.bearings[before, 1] + 180.0) % 360.0 - 180.0
        if abs(turn) <= self.rule.straight_degrees:
            return 0
        return right if turn > 0.0 else left

    def forbid(self, pairs: Iterable[tuple[int, ...]]) -> None:
        """Forbid single turns."""
        for before, after in pairs:
            table = self.table(int(self.legs.arcs.head[before]))
            rows = [i for i, leg in enumerate(table.into) if self.legs.arc(leg) == before]
            columns = [j for j, leg in enumerate(table.out_of) if self.legs.arc(leg) == after]
            table.cost_ms[np.ix_(rows, columns)] = FORBIDDEN

    def keep_states(self) -> None:
        """Forbid, where legs carry a memory, what would forget or complete it."""
        arcs = self.legs.arcs
        middle = sorted(self.legs.full)
        nodes = {int(arcs.tail[arc]) for arc in middle} | {int(arcs.head[arc]) for arc in middle}
        for node in sorted(nodes):
            fresh = node not in self.tables
            table = self.table(node)
            states = {self.legs.state(leg) for leg in (*table.into, *table.out_of)}
            if fresh and states <= _PRIVACY:
                self._needless.add(node)
            for i, leg in enumerate(table.into):
                for j, onward in enumerate(table.out_of):
                    if not self.legs.may_follow(leg, onward):
                        table.cost_ms[i, j] = FORBIDDEN

    def price_u_turns(self, pairs: set[tuple[int, ...]]) -> None:
        """Price U-turns wherever a free one would beat a turn, until none does."""
        arcs = self.legs.arcs
        # Turning round changes nothing about who has entered a private area, so it gains nothing.
        waiting = deque(sorted(set(self.tables) - self._needless))
        while waiting:
            node = waiting.popleft()
            for arc in arcs.out_of(node):
                back, end = int(arcs.reverse[arc]), int(arcs.head[arc])
                if back < 0 or (arc, back) in pairs or arcs.is_dead_end(end):
                    continue
                price = FORBIDDEN if arcs.is_in_the_road(end) else self._u_turn_ms
                if price and self._gains(node, arc, back) and self._price(arc, back, end, price):
                    waiting.append(end)

    def _gains(self, node: int, arc: int, back: int) -> bool:
        """Tell whether driving an arc and back for nothing beats some turn at a node."""
        table, legs = self.tables[node], self.legs
        cost = table.cost_ms.astype(np.float64)
        cost[cost < 0] = np.inf
        trip = float(legs.arcs.ms[arc] + legs.arcs.ms[back])
        returning = [
            i for i, leg in enumerate(table.into) if legs.arc(leg) == back and leg < legs.driven
        ]
        leaving = [j for j, leg in enumerate(table.out_of) if legs.arc(leg) == arc]
        return any(
            bool((cost[:, j, None] + trip + cost[None, i] < cost).any())
            for j in leaving
            for i in returning
            if legs.may_follow(table.out_of[j], table.into[i])
        )

    def _price(self, arc: int, back: int, end: int, price: int) -> bool:
        """Price the U-turn at the end of an arc; tell whether that changed anything."""
        table = self.table(end)
        rows = [i for i, leg in enumerate(table.into) if self.legs.arc(leg) == arc]
        columns = [j for j, leg in enumerate(table.out_of) if self.legs.arc(leg) == back]
        others = [j for j in range(len(table.out_of)) if j not in columns]
        # Where restrictions leave some who arrive no other way on, turning round has its price.
        bound = [i for i in rows if INSIDE not in self.legs.state(table.into[i])]
        trapped = (table.cost_ms[np.ix_(bound, others)] < 0).all(axis=1).any()
        price = self._u_turn_ms if trapped else price
        cells = np.ix_(rows, columns)
        before = table.cost_ms[cells]
        table.cost_ms[cells] = np.where(before == 0, price, before)
        return bool((table.cost_ms[cells] != before).any())
