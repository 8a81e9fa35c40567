"""Which arcs are the same road: exact duplicates, and the two directions of a two-way road.

Two arcs share a road when their ends, their length to the millimetre and their interior vertices
agree, in the same order (duplicates) or reversed (twins).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from unarmed_router.roads.checks import RawArcs

__all__ = ["exact_duplicates", "geometry_keys", "given_twins", "paired_anew", "twins"]

IntArray = npt.NDArray[np.int64]


def geometry_keys(
    first: IntArray, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> tuple[IntArray, IntArray]:
    """Give the interior geometries numbers, and find each one's reverse.

    Parameters
    ----------
    first : int64 array, shape (m + 1,)
        Vertices of arc a are ``first[a] : first[a + 1]``.
    lon, lat : float64 array
        Degrees.

    Returns
    -------
    keys, reversed_keys : int64 array, shape (m,)
        Equal keys mean equal vertices; a straight arc has key 0 both ways. A reversed key of -1
        says that no arc runs along these vertices the other way.
    """
    arcs = first.shape[0] - 1
    keys, reversed_keys = np.zeros(arcs, dtype=np.int64), np.zeros(arcs, dtype=np.int64)
    vertices = np.stack((lon, lat), axis=1)
    numbers: dict[bytes, int] = {}
    bent = np.flatnonzero(np.diff(first))
    for arc in bent:
        forward = vertices[first[arc] : first[arc + 1]]
        keys[arc] = numbers.setdefault(forward.tobytes(), len(numbers) + 1)
    for arc in bent:
        backward = vertices[first[arc] : first[arc + 1]][::-1]
        reversed_keys[arc] = numbers.get(backward.tobytes(), -1)
    return keys, reversed_keys


def exact_duplicates(given: RawArcs, keys: IntArray, kept: IntArray) -> tuple[IntArray, IntArray]:
    """Find the arcs of `kept` that repeat a faster one (or, as fast, an earlier one).

    Returns
    -------
    repeating, repeated : int64 array
        The arcs, and what each of them repeats.
    """
    columns = (given.tail[kept], given.head[kept], _millimetres(given)[kept], keys[kept])
    order = np.lexsort((kept, given.time_ms[kept], *columns[::-1]))
    repeats = np.ones(max(kept.size - 1, 0), dtype=bool)
    for column in columns:
        repeats &= column[order][1:] == column[order][:-1]
    leads = np.concatenate(([True], ~repeats))[: kept.size]
    leader = order[np.maximum.accumulate(np.where(leads, np.arange(kept.size), 0))]
    return kept[order[~leads]], kept[leader[~leads]]


def twins(
    given: RawArcs, keys: IntArray, reversed_keys: IntArray, order: IntArray
) -> npt.NDArray[np.int32]:
    """Return the position in `order` of each arc's twin, -1 for none.

    Parameters
    ----------
    given : RawArcs
        The arcs, free of exact duplicates within `order`, so that a twin is unique.
    keys, reversed_keys : int64 array
        As `geometry_keys` returns them.
    order : int64 array
        The arcs that stay, in their final order.

    Notes
    -----
    Each arc is written down twice, as itself and as the arc its twin would be; once sorted, an arc
    and a wish for it stand side by side.
    """
    count = order.size
    length = _millimetres(given)[order]
    tail, head = given.tail[order], given.head[order]
    columns = (
        np.concatenate((tail, head)),
        np.concatenate((head, tail)),
        np.concatenate((length, length)),
        np.concatenate((keys[order], reversed_keys[order])),
    )
    wished = np.arange(2 * count) >= count
    sorting = np.lexsort((wished, *columns[::-1]))
    meets = ~wished[sorting][:-1] & wished[sorting][1:]
    for column in columns:
        meets &= column[sorting][1:] == column[sorting][:-1]
    twin = np.full(count, -1, dtype=np.int32)
    twin[sorting[1:][meets] - count] = sorting[:-1][meets]
    return twin


def paired_anew(
    twin: IntArray, repeating: IntArray, repeated: IntArray
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Give the partners of arcs that go to the arcs they repeat, which run along the same line.

    Where those have partners that stay, as at a junction split for its turns only the ways back of
    two drawings may agree, the arc stays too: nobody who stands on its road is held for one-way.

    Parameters
    ----------
    twin : int64 array
        The twin of each arc as given, -1 for none.
    repeating, repeated : int64 array
        As `exact_duplicates` returns them.

    Returns
    -------
    paired : int64 array
        The twin of each arc.
    needed : bool array
        Which of `repeating` stay.
    """
    paired = twin.copy()
    stands_for = np.arange(twin.size)
    stands_for[repeating] = repeated
    gone = np.zeros(twin.size + 1, dtype=bool)  # the last one stands for no twin
    gone[repeating] = gone[-1] = True
    alone = np.flatnonzero(~gone[:-1] & (twin >= 0) & gone[twin])
    for arc in alone.tolist():
        partner = int(stands_for[twin[arc]])
        if gone[paired[arc]] and gone[paired[partner]]:
            paired[arc], paired[partner] = partner, arc
    wanted = np.zeros(twin.size + 1, dtype=bool)
    wanted[paired[~gone[:-1]]] = True
    return paired, wanted[repeating]


def given_twins(twin: IntArray, order: IntArray) -> npt.NDArray[np.int32]:
    """Return the position in `order` of each arc's given twin, -1 where it has none or it is gone.

    Parameters
    ----------
    twin : int64 array
        The twin of each arc as given, -1 for none.
    order : int64 array
        The arcs that stay, in their final order.
    """
    place = np.full(twin.size + 1, -1, dtype=np.int64)  # the last one stands for no twin
    place[order] = np.arange(order.size)
    return place[twin[order]].astype(np.int32)


def _millimetres(given: RawArcs) -> IntArray:
    return np.rint(given.length_m * 1000.0).astype(np.int64)
