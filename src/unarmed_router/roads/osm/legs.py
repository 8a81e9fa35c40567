"""Arcs with a memory: restrictions over via ways, and private areas, ask the network for one.

A sequence of three or more arcs is forbidden although each turn in it is allowed by itself, so the
arcs in its middle are driven in several states: which forbidden sequences have been begun. Where a
private area has several entrances, a state also holds whether the area was entered: who entered
ends inside. The leg that carries an arc's own number holds all that can have been begun: addresses
lie on it, so everybody may enter it to end there. Those who pass and have begun fewer take another
leg of the same arc, a through leg, on which nothing lies. A team that stands on the arc has begun
nothing: it goes on as from the leg of that state, and where nobody drives in that state, there is a
starting leg, which can be left and not entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unarmed_router.roads.osm.arcs import Arcs

__all__ = ["INSIDE", "Legs", "legs_of"]

Progress = frozenset[tuple[int, int]]
"""Sequences begun: the number of each, and the place in it of the arc being driven."""

NOTHING: Progress = frozenset()

INSIDE = (-1, 0)
"""In a state: a private area was entered, to reach somebody in it."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """What becomes of a state.

    Parameters
    ----------
    arcs : Arcs
        The roads.
    sequences : tuple of tuple of int
        Forbidden sequences of three arcs or more.
    begun_by : dict of int to list of int
        Sequences whose first arc it is.
    """

    arcs: Arcs
    sequences: tuple[tuple[int, ...], ...]
    begun_by: dict[int, list[int]]

    def after(self, state: Progress, before: int, arc: int) -> Progress | None:
        """Return the state after turning from `before`, in `state`, into `arc`; None if it may not.

        At an open node a private area ends: nobody who has entered one goes on from there.
        """
        begun = [
            (number, place + 1)
            for number, place in state
            if number >= 0 and self.sequences[number][place + 1] == arc
        ]
        begun += [(n, 1) for n in self.begun_by.get(before, ()) if self.sequences[n][1] == arc]
        if any(place == len(self.sequences[number]) - 1 for number, place in begun):
            return None
        entered = INSIDE in state
        if self.arcs.open_node[self.arcs.tail[arc]]:
            if entered:
                return None
            entered = bool(self.arcs.guarded[arc])
        return frozenset((*begun, INSIDE)) if entered else frozenset(begun)


@dataclass(frozen=True, slots=True)
class Legs:
    """Arcs in states.

    Parameters
    ----------
    arcs : Arcs
        The roads; legs below ``arcs.count`` are the arcs themselves.
    through : tuple of (int, frozenset)
        The arc and the sequences begun of every other leg.
    rules : _Rules
        What becomes of a state.
    full : dict of int to frozenset
        All that can have been begun on an arc, where that is anything.
    of_arc : dict of int to list of int
        Through legs and the starting leg of an arc.
    starts : dict of int to int
        The leg by which a team that stands on an arc goes on, where that is not the arc itself.
    driven : int
        Legs from this number on are starting legs: nobody enters them.
    """

    arcs: Arcs
    through: tuple[tuple[int, Progress], ...]
    rules: _Rules
    full: dict[int, Progress]
    of_arc: dict[int, list[int]]
    starts: dict[int, int]
    driven: int

    @property
    def count(self) -> int:
        """Number of legs."""
        return self.arcs.count + len(self.through)

    def arc(self, leg: int) -> int:
        """Return the arc of a leg."""
        return leg if leg < self.arcs.count else self.through[leg - self.arcs.count][0]

    def state(self, leg: int) -> Progress:
        """Return the sequences begun on a leg."""
        if leg < self.arcs.count:
            return self.full.get(leg, NOTHING)
        return self.through[leg - self.arcs.count][1]

    def may_follow(self, leg: int, next_leg: int) -> bool:
        """Tell whether a leg may be followed by another.

        That is a leg of the next arc in its state, or the arc itself, to end there.
        """
        state = self.after(leg, self.arc(next_leg))
        return state is not None and (next_leg < self.arcs.count or state == self.state(next_leg))

    def after(self, leg: int, arc: int) -> Progress | None:
        """Return what has been begun on `arc` after a leg; None where that is forbidden."""
        return self.rules.after(self.state(leg), self.arc(leg), arc)

    def into(self, node: int) -> list[int]:
        """List the legs that end at a node."""
        arcs = self.arcs.into(node)
        return arcs + [leg for arc in arcs for leg in self.of_arc.get(arc, ())]

    def out_of(self, node: int) -> list[int]:
        """List the legs that begin at a node and may be entered."""
        arcs = self.arcs.out_of(node)
        through = [leg for arc in arcs for leg in self.of_arc.get(arc, ())]
        return arcs + [leg for leg in through if leg < self.driven]


def legs_of(arcs: Arcs, sequences: Iterable[Sequence[int]]) -> Legs:
    """Find every state in which arcs can be driven that need a memory.

    Parameters
    ----------
    arcs : Arcs
        The roads.
    sequences : iterable of sequence of int
        Forbidden sequences of three arcs or more.
    """
    fixed = tuple(dict.fromkeys(tuple(sequence) for sequence in sequences))
    begun_by: dict[int, list[int]] = {}
    full: dict[int, set[tuple[int, int]]] = {}
    for number, sequence in enumerate(fixed):
        begun_by.setdefault(sequence[0], []).append(number)
        for place in range(1, len(sequence) - 1):
            full.setdefault(sequence[place], set()).add((number, place))
    for arc in arcs.guarded.nonzero()[0].tolist():
        full.setdefault(arc, set()).add(INSIDE)
    whole = {arc: frozenset(states) for arc, states in full.items()}
    rules = _Rules(arcs, fixed, begun_by)
    known: dict[int, set[Progress]] = {arc: {state} for arc, state in whole.items()}
    changed = True
    while changed:
        changed = False
        for arc in whole:
            for before in arcs.into(int(arcs.tail[arc])):
                # A team may also start on the arc before, with nothing begun.
                for state in (*known.get(before, ()), NOTHING):
                    after = rules.after(state, before, arc)
                    if after is not None and after not in known[arc]:
                        known[arc].add(after)
                        changed = True
    passing = [
        (arc, state)
        for arc in sorted(whole)
        for state in sorted(known[arc] - {whole[arc]}, key=sorted)
    ]
    starting = [(arc, NOTHING) for arc in sorted(whole) if NOTHING not in known[arc]]
    of_arc: dict[int, list[int]] = {}
    starts: dict[int, int] = {}
    for number, (arc, state) in enumerate(passing + starting, arcs.count):
        of_arc.setdefault(arc, []).append(number)
        if state == NOTHING:
            starts[arc] = number
    return Legs(
        arcs=arcs,
        through=tuple(passing + starting),
        rules=rules,
        full=whole,
        of_arc=of_arc,
        starts=starts,
        driven=arcs.count + len(passing),
    )
