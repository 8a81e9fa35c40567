"""Restrictions that together leave an arrival no way on.

Each one is sound; together they forbid every turn but the way back, so that a direction of a road
is lost. They are applied nonetheless, since no forbidden turn is ever relied on, and reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from unarmed_router.roads.osm.arcs import Arcs

__all__ = ["contradictory"]


def contradictory(
    banned: Mapping[tuple[int, ...], Sequence[int]], arcs: Arcs
) -> tuple[tuple[int, ...], ...]:
    """Find the restrictions that leave somebody who arrives no way on but turning round.

    Parameters
    ----------
    banned : mapping of tuple of int to sequence of int
        The relations that forbid each sequence of arcs.
    arcs : Arcs
        The roads.

    Returns
    -------
    tuple of tuple of int
        The relations of each such arrival, in order; no group twice.
    """
    groups = set()
    for path in {sequence[:-1] for sequence in banned}:
        back = int(arcs.reverse[path[-1]])
        onward = [arc for arc in arcs.out_of(int(arcs.head[path[-1]])) if arc != back]
        causes = [_causes((*path, arc), banned) for arc in onward]
        if causes and all(causes):
            groups.add(tuple(sorted(set().union(*causes))))
    return tuple(sorted(groups))


def _causes(sequence: tuple[int, ...], banned: Mapping[tuple[int, ...], Sequence[int]]) -> set[int]:
    """Return the relations that forbid a sequence, or how it ends."""
    ends = (sequence[start:] for start in range(len(sequence) - 1))
    return {relation for end in ends for relation in banned.get(end, ())}
