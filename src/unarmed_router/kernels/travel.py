"""Times between road positions under one metric: exits, entries, the drive, the access legs.

A position is an arc, the fraction of it that lies behind, and the milliseconds between the road and
the point. Metrics come packed, in this order: tail, exit_node (ranks), twin, arc_ms, parent, depth,
top (int32), branches (uint64, pairs), branch_head (int32), label_first (int64), to, back (int32;
empty when rows are searched on demand), up_first (int64), up, up_ms, down_ms (int32).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel
from unarmed_router.kernels.labels import many_to_one, many_to_one_by_rows
from unarmed_router.kernels.packed import i4, i8, u8

__all__ = [
    "DOWN_MS",
    "METRIC_TYPES",
    "TWIN",
    "UP",
    "UP_FIRST",
    "UP_MS",
    "all_exits",
    "along_arc",
    "along_road",
    "drive",
    "entries",
    "time_between",
    "time_matrix",
    "time_nodes",
    "time_positions",
]

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

METRIC_TYPES = "i4 i4 i4 i4 i4 i4 i4 u8 i4 i8 i4 i4 i8 i4 i4 i4"
"""Types of a packed metric, in order."""

TAIL, EXIT, TWIN, ARC_MS, PARENT, DEPTH, TOP, BRANCHES, BRANCH_HEAD = range(9)
LABEL_FIRST, TO, BACK, UP_FIRST, UP, UP_MS, DOWN_MS = range(9, 16)
"""Places in a packed metric."""


@kernel
def exits(arc: int, fraction: float, metric: Int64s, ends: Int64s) -> None:
    """Write the nodes through which a position is left, each with the time to it, into `ends`.

    Parameters
    ----------
    ends : ndarray of int64, shape (4,)
        Node and milliseconds, twice; the second node is -1 on a one-way road.

    Notes
    -----
    With w and w' the times of arc and twin and f the fraction, the point lies ``rint(f w)`` from
    the arc's tail and ``w' - rint(f w')`` from the twin's tail. Rounding f, never 1 - f, keeps the
    order of two points of one road the same in both directions.
    """
    arc_ms, exit_node = i4(metric, ARC_MS), i4(metric, EXIT)
    ends[0] = exit_node[arc]
    ends[1] = arc_ms[arc] - np.int64(np.rint(fraction * arc_ms[arc]))
    twin = i4(metric, TWIN)[arc]
    ends[2], ends[3] = -1, 0
    if twin >= 0:
        ends[2] = exit_node[twin]
        ends[3] = np.int64(np.rint(fraction * arc_ms[twin]))


@kernel
def entries(arc: int, fraction: float, metric: Int64s, ends: Int64s) -> None:
    """Write the nodes through which a position is reached, each with the time from it."""
    arc_ms, tail = i4(metric, ARC_MS), i4(metric, TAIL)
    ends[0] = tail[arc]
    ends[1] = np.int64(np.rint(fraction * arc_ms[arc]))
    twin = i4(metric, TWIN)[arc]
    ends[2], ends[3] = -1, 0
    if twin >= 0:
        ends[2] = tail[twin]
        ends[3] = arc_ms[twin] - np.int64(np.rint(fraction * arc_ms[twin]))


@kernel
def along_arc(arc: int, here: float, there: float, metric: Int64s) -> int:
    """Time straight along a road from one fraction of it to another; -1 where it is one-way."""
    arc_ms = i4(metric, ARC_MS)
    ahead = int(np.rint(there * arc_ms[arc])) - int(np.rint(here * arc_ms[arc]))
    twin = i4(metric, TWIN)[arc]
    if twin >= 0:
        back = int(np.rint(here * arc_ms[twin])) - int(np.rint(there * arc_ms[twin]))
        if back >= 0 and (ahead < 0 or back < ahead):
            return back
    return max(ahead, -1)


@kernel
def along_road(arc: int, here: float, goal_arc: int, there: float, metric: Int64s) -> int:
    """Do `along_arc` for two positions on one road, which may name either of its two arcs."""
    if arc == goal_arc:
        return int(along_arc(arc, here, there, metric))
    # The goal counts from the other end: it lies before that arc's end by what is behind it here.
    one, other = i4(metric, ARC_MS)[arc], i4(metric, ARC_MS)[goal_arc]
    ahead = int(one) - int(np.rint(there * one)) - int(np.rint(here * one))
    back = int(np.rint(there * other)) + int(np.rint(here * other)) - int(other)
    if back >= 0 and (ahead < 0 or back < ahead):
        return back
    return max(ahead, -1)


@kernel
def drive(starts: Int64s, goal: Int64s, metric: Int64s, out: Int64s) -> None:
    """Find the times through nodes from many places to one; -1 where no path leads there."""
    tree = (i4(metric, PARENT), i4(metric, DEPTH), i4(metric, TOP))
    to = i4(metric, TO)
    if len(to) > 0:
        codes = (u8(metric, BRANCHES).reshape((-1, 2)), i4(metric, BRANCH_HEAD))
        labels = (i8(metric, LABEL_FIRST), to, i4(metric, BACK))
        many_to_one(starts, goal, *tree, *codes, *labels, out)
    else:
        up = (i8(metric, UP_FIRST), i4(metric, UP), i4(metric, UP_MS), i4(metric, DOWN_MS))
        many_to_one_by_rows(starts, goal, *up, *tree, out)


@kernel
def all_exits(arcs: Int32s, fractions: Floats, metric: Int64s) -> Any:
    """Return the `exits` of many positions, int64, shape (k, 4)."""
    starts = np.empty((len(arcs), 4), np.int64)
    for i in range(len(arcs)):
        exits(arcs[i], fractions[i], metric, starts[i])
    return starts


@kernel
def time_from(
    starts: Any,
    origins: tuple[Int32s, Floats, Int64s],
    goal: tuple[int, float, int],
    metric: Int64s,
    out: Int64s,
) -> None:
    """Do `time_positions` for origins whose exits are known."""
    arcs, fractions, access = origins
    goal_arc, goal_fraction, goal_access = goal
    ends = np.empty(4, np.int64)
    entries(goal_arc, goal_fraction, metric, ends)
    drive(starts, ends, metric, out)
    goal_twin = i4(metric, TWIN)[goal_arc]
    for i in range(len(arcs)):
        if arcs[i] == goal_arc or arcs[i] == goal_twin:  # a kernel builds no tuple
            direct = along_road(arcs[i], fractions[i], goal_arc, goal_fraction, metric)
            if direct >= 0 and (out[i] < 0 or direct < out[i]):
                out[i] = direct
        if out[i] >= 0:
            out[i] += access[i] + goal_access


@kernel
def time_positions(
    arcs: Int32s,
    fractions: Floats,
    access: Int64s,
    goal: tuple[int, float, int],
    metric: Int64s,
    out: Int64s,
) -> None:
    """Find the times from many positions to one, access legs included; -1 where no path leads.

    Parameters
    ----------
    arcs, fractions, access : ndarray, shape (k,)
        Where the origins are.
    goal : tuple of (int, float, int)
        Arc, fraction and access leg of the destination.
    metric : ndarray of int64
        As the module describes.
    out : ndarray of int64, shape (k,)
        Milliseconds.
    """
    starts = all_exits(arcs, fractions, metric)
    time_from(starts, (arcs, fractions, access), goal, metric, out)


@kernel
def time_between(
    origin: tuple[int, float, int], goal: tuple[int, float, int], metric: Int64s
) -> int:
    """Do `time_positions` for one origin, given as the destination is, and return the time."""
    arc, fraction, access = origin
    starts, out = np.empty((1, 4), np.int64), np.empty(1, np.int64)
    exits(arc, fraction, metric, starts[0])
    columns = (np.array([arc], np.int32), np.array([fraction]), np.array([access]))
    time_from(starts, columns, goal, metric, out)
    found: int = out[0]
    return found


@kernel
def time_matrix(
    arcs: Int32s,
    fractions: Floats,
    access: Int64s,
    goal_arcs: Int32s,
    goal_fractions: Floats,
    goal_access: Int64s,
    metric: Int64s,
    out: Any,
) -> None:
    """Do `time_positions` for each of c destinations, into `out` of shape (c, k)."""
    starts = all_exits(arcs, fractions, metric)
    for j in range(len(goal_arcs)):
        goal = (goal_arcs[j], goal_fractions[j], goal_access[j])
        time_from(starts, (arcs, fractions, access), goal, metric, out[j])


@kernel
def time_nodes(origins: Int64s, destinations: Int64s, metric: Int64s, out: Any) -> None:
    """Find the times between nodes (ranks), destination by destination, into `out`, (c, k)."""
    starts = np.full((len(origins), 4), -1, np.int64)
    starts[:, 0], starts[:, 1] = origins, 0
    goal = np.array([0, 0, -1, 0])
    for j in range(len(destinations)):
        goal[0] = destinations[j]
        drive(starts, goal, metric, out[j])
