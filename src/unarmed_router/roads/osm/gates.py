"""Barriers on roads: what stops a car ends the road; what lies behind private gates is private.

A gate that is private or for residents lets the team in to reach a caller, never through. Where
both sides of it can be reached by open roads, it is therefore as good as closed. Where one side
cannot, that side is an enclosed area: the gate opens, and its roads become roads to drive in on
but not through.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.osm.lines import Lines, cut_at
from unarmed_router.roads.osm.profile import Access

__all__ = ["behind_gates"]

Ints = npt.NDArray[np.int64]


def behind_gates(lines: Lines) -> Lines:
    """Close the barriers of all lines, and open the private gates of areas with no other way in."""
    by_access = {
        access: np.array(
            [row for row, use in lines.node_uses.items() if use.access == access], np.int64
        )
        for access in (Access.CLOSED, Access.ENDS_ONLY)
    }
    lines = cut_at(lines, by_access[Access.CLOSED])
    gates = by_access[Access.ENDS_ONLY]
    if not gates.size or not lines.tail.size:
        return lines
    before = lines.nodes
    cut = cut_at(lines, gates)
    component = _components(cut)
    length = np.bincount(component[cut.tail], cut.length_m, minlength=int(component.max()) + 1)
    streets = int(np.argmax(length))
    joined = np.arange(cut.nodes)
    enclosed = np.zeros(length.size, bool)
    sides = before + np.flatnonzero(np.isin(cut.original[before:], gates))
    for gate in np.unique(cut.original[sides]).tolist():
        own = sides[cut.original[sides] == gate]
        parts, one_each = np.unique(component[own], return_index=True)
        if parts.size < 2:
            continue
        joined[own[one_each]] = own[one_each[0]]
        enclosed[parts] = True
    enclosed[streets] = False
    return replace(
        cut,
        tail=joined[cut.tail],
        head=joined[cut.head],
        enclosed=enclosed[component[cut.tail]],
    )


def _components(lines: Lines) -> Ints:
    """Return which connected part of the map each node is in."""
    from scipy.sparse import coo_matrix  # noqa: PLC0415  # importing scipy costs 0.35 s
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  # as above

    ones = np.ones(lines.tail.size, np.int8)
    graph = coo_matrix((ones, (lines.tail, lines.head)), shape=(lines.nodes, lines.nodes))
    _, label = connected_components(graph.tocsr(), directed=False)
    found: Ints = label.astype(np.int64)
    return found
