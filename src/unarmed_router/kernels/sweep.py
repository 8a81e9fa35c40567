"""Times from a few places to every node at once: up the tree from each, then down over all edges.

PHAST (Delling, Goldberg, Nowatzyk and Werneck, doi 10.1016/j.jpdc.2012.02.007) on a customizable
hierarchy: every shortest way climbs and then descends, so after the climb one pass over the edges
in order of rank, from the highest node down, settles all nodes. Rows are by node and hold all
sources side by side, so that one step serves them together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.customization import NEVER
from unarmed_router.kernels.jit import kernel
from unarmed_router.kernels.labels import relax
from unarmed_router.kernels.packed import i4, i8
from unarmed_router.kernels.travel import (
    DOWN_MS,
    TWIN,
    UP,
    UP_FIRST,
    UP_MS,
    along_road,
    entries,
)

__all__ = ["sweep_nodes", "sweep_positions"]

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]


@kernel
def climb_into(
    node: int, ms: int, source: int, up_first: Int64s, up: Int32s, up_ms: Int32s, rows: Any
) -> None:
    """Better the times from one source to the ancestors of a node that it reaches in `ms`."""
    rows[node, source] = min(rows[node, source], np.int32(ms))
    while up_first[node] < up_first[node + 1]:
        here = rows[node, source]
        for e in range(up_first[node], up_first[node + 1]):
            through = np.int32(here + up_ms[e])
            rows[up[e], source] = min(rows[up[e], source], through)
        node = up[up_first[node]]


@kernel
def sweep_nodes(starts: Int64s, metric: Int64s, rows: Any) -> None:
    """Find the time from each of k places to every node.

    Sums stay in int32: a time is below ``LONGEST`` and what stands for none is ``NEVER``, and two
    of these add up to less than 2**31.

    Parameters
    ----------
    starts : ndarray of int64, shape (k, 4)
        Exit node (rank) and time to it, twice; a node is -1 where there is none.
    metric : ndarray of int64
        A packed metric, as `unarmed_router.kernels.travel` describes it.
    rows : ndarray of int32, shape (nodes, k)
        Filled with ``NEVER`` beforehand; milliseconds by rank, ``NEVER`` or more where no path
        leads.
    """
    up_first, up = i8(metric, UP_FIRST), i4(metric, UP)
    up_ms, down_ms = i4(metric, UP_MS), i4(metric, DOWN_MS)
    for source in range(len(starts)):
        for side in range(0, 4, 2):
            node = starts[source, side]
            if node >= 0:
                climb_into(node, starts[source, side + 1], source, up_first, up, up_ms, rows)
    for node in range(len(rows) - 1, -1, -1):
        for e in range(up_first[node], up_first[node + 1]):
            relax(rows[node], rows[up[e]], down_ms[e])


@kernel
def sweep_positions(
    rows: Any,
    origins: tuple[Int32s, Floats, Int64s],
    goals: tuple[Int32s, Floats, Int64s],
    metric: Int64s,
    out: Any,
) -> None:
    """Find the times from k positions to c others, their times to every node being known.

    Parameters
    ----------
    rows : ndarray of int32, shape (nodes, k)
        As `sweep_nodes` left them.
    origins, goals : tuple of ndarray
        Arcs, fractions and access legs.
    metric : ndarray of int64
        A packed metric.
    out : ndarray of int64, shape (c, k)
        Milliseconds, access legs included; -1 where no path leads.
    """
    arcs, fractions, access = origins
    ends = np.empty(4, np.int64)
    for j in range(len(goals[0])):
        goal_arc, goal_fraction = goals[0][j], goals[1][j]
        goal_twin = i4(metric, TWIN)[goal_arc]
        entries(goal_arc, goal_fraction, metric, ends)
        for i in range(len(arcs)):
            best = -1
            for side in range(0, 4, 2):
                node = ends[side]
                if node < 0 or rows[node, i] >= NEVER:
                    continue
                through = int(rows[node, i]) + int(ends[side + 1])
                if best < 0 or through < best:
                    best = through
            if arcs[i] == goal_arc or arcs[i] == goal_twin:  # as in `travel`
                direct = along_road(arcs[i], fractions[i], goal_arc, goal_fraction, metric)
                if direct >= 0 and (best < 0 or direct < best):
                    best = direct
            out[j, i] = best + access[i] + goals[2][j] if best >= 0 else -1
