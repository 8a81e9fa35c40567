"""Distance to the nearest border edge, by a tree of boxes.

Edges lie in Morton order, so eight neighbours in the array are neighbours on the map. Level 0 has
one box for every eight edges, each further level one for every eight boxes of the level below, up
to a single root: no pointers, only the place in the array.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel
from unarmed_router.kernels.metres import metres_per_degree

__all__ = ["FANOUT", "border_distance", "border_distance_many"]

FANOUT = 8
_DEPTH = 12  # levels: 8**12 edges, more than there are
_STACK = FANOUT * _DEPTH

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]
Bools = NDArray[np.bool_]


@kernel
def segment_distance_squared(px: float, py: float, edge: Any, east: float, north: float) -> float:
    """Squared distance from a point to an edge, in metres of the local plane."""
    ax = (edge[0] - px) * east
    ay = (edge[1] - py) * north
    dx = (edge[2] - edge[0]) * east
    dy = (edge[3] - edge[1]) * north
    t = -(ax * dx + ay * dy) / (dx * dx + dy * dy)
    t = min(1.0, max(0.0, t))
    x = ax + t * dx
    y = ay + t * dy
    return float(x * x + y * y)


@kernel
def box_distance_squared(px: float, py: float, box: Float64s, east: float, north: float) -> float:
    """Squared distance from a point to a box, in metres of the local plane; 0 inside."""
    x = max(box[0] - px, px - box[2], 0.0) * east
    y = max(box[1] - py, py - box[3], 0.0) * north
    return float(x * x + y * y)


@kernel
def search(
    x: int,
    y: int,
    limit_m: float,
    grid: Int64s,
    ends: Float64s,
    boxes: Float64s,
    levels: Int64s,
    stack: Int64s,
    near: Float64s,
) -> float:
    """Distance from a point to the nearest edge, metres, to the centimetre.

    The plane is equirectangular about the point's own latitude: within 0.1 % of the geodesic up to
    10 km, which is farther than any border of a city division.

    Parameters
    ----------
    x, y : int
        The point, grid units (1e-7 degree).
    limit_m : float
        Nothing farther is looked for; infinite for the distance itself.
    grid : ndarray of int64
        As in `unarmed_router.kernels.locate`.
    ends : ndarray of float64, shape (m, 4)
        Both ends of each edge, doubled grid units from the grid's origin.
    boxes : ndarray of float64, shape (b, 4)
        West, south, east, north of each box in the same units, level after level.
    levels : ndarray of int64, shape (depth + 1,)
        Level i is ``boxes[levels[i]:levels[i + 1]]``; the last level is the root.
    stack, near : ndarray of int64, shape (2, s), and of float64, shape (s,)
        Room to work in, so that a batch allocates once.

    Returns
    -------
    float
        The limit when every edge is farther.
    """
    px = 2.0 * (x - grid[0])
    py = 2.0 * (y - grid[1])
    east, north = metres_per_degree(y * 1e-7)
    east *= 5e-8  # a doubled grid unit, in degrees
    north *= 5e-8
    best = limit_m * limit_m
    node, level = stack[0], stack[1]
    node[0], level[0], near[0], depth = 0, len(levels) - 2, 0.0, 1
    while depth > 0:
        depth -= 1
        if near[depth] >= best:
            continue
        here, floor = node[depth], level[depth]
        start = here * FANOUT
        if floor == 0:
            for e in range(start, min(start + FANOUT, len(ends))):
                best = min(best, segment_distance_squared(px, py, ends[e], east, north))
            continue
        base = levels[floor - 1]
        bottom = depth
        for child in range(start, min(start + FANOUT, levels[floor] - base)):
            reach = box_distance_squared(px, py, boxes[base + child], east, north)
            if reach >= best:
                continue
            # Farthest first on the stack, so that the nearest child is opened next.
            slot = depth
            while slot > bottom and near[slot - 1] < reach:
                node[slot], level[slot], near[slot] = node[slot - 1], floor - 1, near[slot - 1]
                slot -= 1
            node[slot], level[slot], near[slot] = child, floor - 1, reach
            depth += 1
    # To the centimetre, which is the grid's own resolution.
    return round(math.sqrt(best) * 100) / 100


@kernel
def border_distance(
    x: int,
    y: int,
    limit_m: float,
    grid: Int64s,
    ends: Float64s,
    boxes: Float64s,
    levels: Int64s,
) -> float:
    """Do `search` for one point."""
    stack, near = np.empty((2, _STACK), np.int64), np.empty(_STACK, np.float64)
    return float(search(x, y, limit_m, grid, ends, boxes, levels, stack, near))


@kernel
def border_distance_many(
    xs: Int64s,
    ys: Int64s,
    limit_m: float,
    far: Bools,
    grid: Int64s,
    ends: Float64s,
    boxes: Float64s,
    levels: Int64s,
    out: Float64s,
) -> None:
    """Do `search` for many points, into `out`; cells marked `far` have no edge within the limit."""
    stack, near = np.empty((2, _STACK), np.int64), np.empty(_STACK, np.float64)
    size = grid[2]
    for i in range(len(xs)):
        column, row = 2 * (xs[i] - grid[0]) // size, 2 * (ys[i] - grid[1]) // size
        inside = 0 <= column < grid[3] and 0 <= row < grid[4]
        if inside and far[row * grid[3] + column]:
            out[i] = limit_m
        else:
            out[i] = search(xs[i], ys[i], limit_m, grid, ends, boxes, levels, stack, near)
