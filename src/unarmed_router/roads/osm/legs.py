"""Arcs with a memory: what a restriction over via ways asks of the network.

A sequence of three or more arcs is forbidden although each turn in it is allowed by itself, so the
arcs in its middle are driven in several states: which forbidden sequences have been begun. The leg
that carries an arc's own number holds all of them begun: addresses lie on it, so everybody may
enter it to end there. Those who pass and have begun fewer take another leg of the same arc, a
through leg, on which nothing lies. A team that stands on the arc has begun nothing: it goes on as
from the leg of that state, and where nobody drives in that state, there is a starting leg, which
can be left and not entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unarmed_router.roads.osm.arcs import Arcs

__all__ = ["Legs", "legs_of"]

Progress = frozenset[tuple[int, int]]
"""Sequences begun: the number of each, and the place in it of the arc being driven."""

NOTHING: Progress = frozenset()


@dataclass(frozen=True, slots=True)
class Legs:
    """Arcs in states.

    Parameters
    ----------
    arcs : Arcs
        The roads; legs below ``arcs.count`` are the arcs themselves.
    through : tuple of (int, frozenset)
        The arc and the sequences begun of every other leg.
    sequences : tuple of tuple of int
        Forbidden sequences of three arcs or more.
    full : dict of int to frozenset
        All that can have been begun on an arc, where that is anything.
    begun_by : dict of int to list of int
        Sequences whose first arc it is.
    of_arc : dict of int to list of int
        Through legs and the starting leg of an arc.
    starts : dict of int to int
        The leg by which a team that stands on an arc goes on, where that is not the arc itself.
    driven : int
        Legs from this number on are starting legs: nobody enters them.
    """

    arcs: Arcs
    through: tuple[tuple[int, Progress], ...]
    sequences: tuple[tuple[int, ...], ...]
    full: dict[int, Progress]
    begun_by: dict[int, list[int]]
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
        """Return what has been begun on `arc` after a leg; None where a sequence would be whole."""
        return _advanced(self.state(leg), self.arc(leg), arc, self.sequences, self.begun_by)

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
    """Find every state in which the middle arcs of forbidden sequences can be driven.

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
    whole = {arc: frozenset(states) for arc, states in full.items()}
    known: dict[int, set[Progress]] = {arc: {state} for arc, state in whole.items()}
    changed = True
    while changed:
        changed = False
        for arc in whole:
            for before in arcs.into(int(arcs.tail[arc])):
                # A team may also start on the arc before, with nothing begun.
                for state in (*known.get(before, ()), NOTHING):
                    after = _advanced(state, before, arc, fixed, begun_by)
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
        sequences=fixed,
        full=whole,
        begun_by=begun_by,
        of_arc=of_arc,
        starts=starts,
        driven=arcs.count + len(passing),
    )


def _advanced(
    state: Progress,
    before: int,
    arc: int,
    sequences: tuple[tuple[int, ...], ...],
    begun_by: dict[int, list[int]],
) -> Progress | None:
    """Return the sequences begun after turning from `before`, in `state`, into `arc`."""
    begun = [(number, place + 1) for number, place in state if sequences[number][place + 1] == arc]
    begun += [(number, 1) for number in begun_by.get(before, ()) if sequences[number][1] == arc]
    if any(place == len(sequences[number]) - 1 for number, place in begun):
        return None
    return frozenset(begun)
