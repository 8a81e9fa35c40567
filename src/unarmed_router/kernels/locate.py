"""Exact point location in a planar partition, by a grid of cells.

The partition is a set of edges, each once, each with a toggle: the exclusive or of the labels on
its two sides (0 is outside). Crossing the edge changes one label into the other, whichever way it
is crossed, so the label of a point is the label of any reference point, toggled by every edge that
a path between the two crosses. Each cell knows the label of its centre; the path is an L inside the
cell, so only the edges that touch the cell are tested.

Coordinates are grid units doubled and shifted to the grid's origin: vertices and points are even,
cell centres odd, so no vertex is level with a centre. A point counts as moved east by an
infinitesimal and north by a far smaller one, the same for every edge: a point on a border belongs
to the area east of it, on an east-west border to the area north of it.

Overflow: the index refuses partitions wider than 2**29 units (53 degrees), so doubled coordinates
stay below 2**30, their products below 2**60 and an orientation below 2**61, inside int64.

`grid` is int64: origin x, origin y (units), cell size (doubled units, odd halves), columns, rows,
and 1 where a swapped pair can be told from a place nearby.
`edges` is int64 (m, 5): ax, ay, bx, by doubled with (ay, ax) < (by, bx), and the toggle.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel

__all__ = [
    "cell_at",
    "centre_labels",
    "count_cell_edges",
    "fill_cell_edges",
    "label_in_cell",
    "label_of",
]

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


@kernel
def is_left(ax: Any, ay: Any, bx: Any, by: Any, x: Any, y: Any) -> bool:
    """Tell whether (x, y), moved north by an infinitesimal, is left of the edge a to b."""
    turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    return bool(turn > 0 or (turn == 0 and bx > ax))


@kernel
def cell_at(x: int, y: int, grid: Int64s) -> int:
    """Find the cell of a point given in grid units; -1 outside the grid.

    Cells are found by division of float64, which is several times faster than that of int64, and
    exact: both numbers are below 2**30, so a quotient below a whole number is below it by at least
    2**-30, far more than the rounding of one below 2**30.
    """
    px, py, size = 2 * (x - grid[0]), 2 * (y - grid[1]), grid[2]
    if px < 0 or py < 0 or px >= size * grid[3] or py >= size * grid[4]:
        return -1
    return int(int(py / size) * grid[3] + int(px / size))


@kernel
def label_in_cell(
    x: int,
    y: int,
    cell: int,
    grid: Int64s,
    edges: Int64s,
    first: Int32s,
    members: Int32s,
    labels: Int32s,
) -> int:
    """Find the label of a point whose cell is known: that of the centre, toggled on the way."""
    px, py, size = 2 * (x - grid[0]), 2 * (y - grid[1]), grid[2]
    row = cell // grid[3]
    cx = (cell - row * grid[3]) * size + size // 2
    cy = row * size + size // 2
    label = labels[cell]
    for k in range(first[cell], first[cell + 1]):
        e = members[k]
        ax, ay, bx, by = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        level = (ay <= py) != (by <= py)
        upright = (ax < cx) != (bx < cx)
        if not (level or upright):
            continue
        corner = is_left(ax, ay, bx, by, cx, py)
        # Along the parallel from the point to the corner of the L: on the edge counts as east.
        if level and corner != ((bx - ax) * (py - ay) > (by - ay) * (px - ax)):
            label ^= edges[e, 4]
        # Along the meridian from the corner to the centre of the cell.
        if upright and corner != is_left(ax, ay, bx, by, cx, cy):
            label ^= edges[e, 4]
    return int(label)


@kernel
def label_of(
    x: int, y: int, grid: Int64s, edges: Int64s, first: Int32s, members: Int32s, labels: Int32s
) -> int:
    """Find the label of one point given in grid units; 0 outside the grid.

    Parameters
    ----------
    x, y : int
        The point, grid units (1e-7 degree).
    grid, edges : ndarray of int64
        As the module describes.
    first, members : ndarray of int32
        Edges touching cell c are ``members[first[c]:first[c + 1]]``.
    labels : ndarray of int32
        Label at the centre of each cell.
    """
    cell = cell_at(x, y, grid)
    if cell < 0:
        return 0
    if first[cell] == first[cell + 1]:  # most cells meet no edge
        return int(labels[cell])
    return int(label_in_cell(x, y, cell, grid, edges, first, members, labels))


@kernel
def touches(edge: Int64s, column: int, row: int, size: int) -> bool:
    """Tell whether an edge comes into a closed cell its bounding box overlaps; never misses."""
    ax, ay, bx, by, _ = edge
    west, south = column * size, row * size
    east, north = west + size, south + size
    a = (bx - ax) * (south - ay) - (by - ay) * (west - ax)
    b = (bx - ax) * (south - ay) - (by - ay) * (east - ax)
    c = (bx - ax) * (north - ay) - (by - ay) * (west - ax)
    d = (bx - ax) * (north - ay) - (by - ay) * (east - ax)
    return not ((a > 0 and b > 0 and c > 0 and d > 0) or (a < 0 and b < 0 and c < 0 and d < 0))


@kernel
def count_cell_edges(edges: Int64s, grid: Int64s, counts: Int32s) -> None:
    """Count the edges that touch each cell, into `counts`."""
    size, columns = grid[2], grid[3]
    for e in range(len(edges)):
        ax, ay, bx, by, _ = edges[e]
        for row in range((ay - 1) // size, by // size + 1):
            for column in range((min(ax, bx) - 1) // size, max(ax, bx) // size + 1):
                if touches(edges[e], column, row, size):
                    counts[row * columns + column] += 1


@kernel
def fill_cell_edges(edges: Int64s, grid: Int64s, cursor: Int32s, members: Int32s) -> None:
    """Write the edges that touch each cell; `cursor` starts at each cell's first place."""
    size, columns = grid[2], grid[3]
    for e in range(len(edges)):
        ax, ay, bx, by, _ = edges[e]
        for row in range((ay - 1) // size, by // size + 1):
            for column in range((min(ax, bx) - 1) // size, max(ax, bx) // size + 1):
                if touches(edges[e], column, row, size):
                    cell = row * columns + column
                    members[cursor[cell]] = e
                    cursor[cell] += 1


@kernel
def centre_labels(edges: Int64s, grid: Int64s, labels: Int32s) -> None:
    """Label every cell centre, into `labels` (zeros at first), from outside eastwards.

    Each edge that crosses the parallel of a row's centres toggles every centre east of it: it is
    noted at the first such centre, and one running exclusive or along the row does the rest.
    """
    size, columns, rows = grid[2], grid[3], grid[4]
    half = size // 2
    for e in range(len(edges)):
        ax, ay, bx, by, toggle = edges[e]
        for row in range(max(0, (ay - half) // size), min(rows - 1, (by - half) // size + 1) + 1):
            cy = row * size + half
            if (ay <= cy) == (by <= cy):
                continue
            column = max(0, (min(ax, bx) - half) // size)
            while column < columns and is_left(ax, ay, bx, by, column * size + half, cy):
                column += 1
            if column < columns:
                labels[row * columns + column] ^= toggle
    for row in range(rows):
        for column in range(1, columns):
            cell = row * columns + column
            labels[cell] ^= labels[cell - 1]
