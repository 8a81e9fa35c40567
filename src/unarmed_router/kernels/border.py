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
def box_distance_squared(px: float, py: float, box: Int64s, east: float, north: float) -> float:
    """Squared distance from a point to a box, in metres of the local plane; 0 inside."""
    x = max(box[0] - px, px - box[2], 0.0) * east
    y = max(box[1] - py, py - box[3], 0.0) * north
    return float(x * x + y * y)


@kernel
def border_distance(
    x: int, y: int, grid: Int64s, edges: Int64s, boxes: Int64s, levels: Int64s
) -> float:
    """Distance from a point to the nearest edge, metres, to the centimetre.

    The plane is equirectangular about the point's own latitude: within 0.1 % of the geodesic up to
    10 km, which is farther than any border of a city division.

    Parameters
    ----------
    x, y : int
        The point, grid units (1e-7 degree).
    grid, edges : ndarray of int64
        As in `unarmed_router.kernels.locate`.
    boxes : ndarray of int64, shape (b, 4)
        West, south, east, north of each box, doubled grid units, level after level.
    levels : ndarray of int64, shape (depth + 1,)
        Level i is ``boxes[levels[i]:levels[i + 1]]``; the last level is the root.
    """
    px = 2.0 * (x - grid[0])
    py = 2.0 * (y - grid[1])
    east, north = metres_per_degree(y * 1e-7)
    east *= 5e-8  # a doubled grid unit, in degrees
    north *= 5e-8
    best = np.inf
    node = np.empty(_STACK, np.int64)
    level = np.empty(_STACK, np.int64)
    near = np.empty(_STACK, np.float64)
    node[0], level[0], near[0], depth = 0, len(levels) - 2, 0.0, 1
    while depth > 0:
        depth -= 1
        if near[depth] >= best:
            continue
        here, floor = node[depth], level[depth]
        start = here * FANOUT
        if floor == 0:
            for e in range(start, min(start + FANOUT, len(edges))):
                best = min(best, segment_distance_squared(px, py, edges[e], east, north))
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
def border_distance_many(
    xs: Int64s,
    ys: Int64s,
    grid: Int64s,
    edges: Int64s,
    boxes: Int64s,
    levels: Int64s,
    out: Float64s,
) -> None:
    """Distances of many points, into `out`; see `border_distance`."""
    for i in range(len(xs)):
        out[i] = border_distance(xs[i], ys[i], grid, edges, boxes, levels)
