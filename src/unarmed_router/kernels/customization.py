"""Weights of a contraction hierarchy for one metric: what a change of speeds costs.

Times are int32 milliseconds; ``NEVER`` stands for no path. Every time an engine accepts is below
``LONGEST``, so that two of them and the times at both ends of a trip add up to less than ``NEVER``:
a path that exists is never taken for none. `longest` tells whether that holds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel

__all__ = ["LONGEST", "NEVER", "longest", "lower_all_triangles", "respect"]

NEVER = np.int32(2**30 - 1)
LONGEST = 2**28
"""Three days: a stretch of road or a way between two places that takes longer is no city's."""

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


@kernel
def respect(
    arc_ms: Int32s, edge_of: Int32s, upward: NDArray[np.bool_], up_ms: Int32s, down_ms: Int32s
) -> None:
    """Give each edge of the hierarchy the time of the fastest arc it stands for.

    Parameters
    ----------
    arc_ms : ndarray of int32, shape (m,)
        Time of each arc.
    edge_of : ndarray of int32, shape (m,)
        Edge each arc belongs to; -1 for a loop.
    upward : ndarray of bool, shape (m,)
        Whether the arc leads from the lower end to the higher.
    up_ms, down_ms : ndarray of int32
        Filled: time from the lower end to the higher, and back.
    """
    up_ms[:] = NEVER
    down_ms[:] = NEVER
    for arc in range(len(arc_ms)):
        edge = edge_of[arc]
        if edge < 0:
            continue
        if upward[arc]:
            up_ms[edge] = min(up_ms[edge], arc_ms[arc])
        else:
            down_ms[edge] = min(down_ms[edge], arc_ms[arc])


@kernel
def lower_all_triangles(
    up_first: Int64s,
    up: Int32s,
    down_first: Int64s,
    down_edge: Int32s,
    lower: Int32s,
    up_ms: Int32s,
    down_ms: Int32s,
) -> None:
    """Make every edge as fast as the way round through any lower node (basic customization).

    Nodes are taken in ascending order, so both legs of every triangle are final when they are used.

    Parameters
    ----------
    up_first, up : ndarray
        As `unarmed_router.kernels.elimination.fill_in` returns them; an edge is a place in `up`.
    down_first, down_edge : ndarray
        Edges that lead down from node a are ``down_edge[down_first[a]:down_first[a + 1]]``.
    lower : ndarray of int32
        Lower end of each edge.
    up_ms, down_ms : ndarray of int32
        Times of the arcs themselves; changed in place.
    """
    n = len(up_first) - 1
    edge_to = np.empty(n, np.int32)  # edge from the node in hand to each of its higher neighbours
    for a in range(n):
        for e in range(up_first[a], up_first[a + 1]):
            edge_to[up[e]] = e
        for k in range(down_first[a], down_first[a + 1]):
            leg = down_edge[k]
            from_a, to_a = down_ms[leg], up_ms[leg]
            for other in range(leg + 1, up_first[lower[leg] + 1]):
                edge = edge_to[up[other]]
                up_ms[edge] = min(up_ms[edge], from_a + up_ms[other])
                down_ms[edge] = min(down_ms[edge], down_ms[other] + to_a)


@kernel
def longest(times: Int32s) -> int:
    """Longest time that is not ``NEVER``; 0 where there is none."""
    most = np.int32(0)
    for k in range(len(times)):
        time = np.int32(0) if times[k] >= NEVER else times[k]
        most = max(most, time)
    return int(most)
