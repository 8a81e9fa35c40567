"""Which grid cells each road segment touches.

`segments` is float64 (s, 4): lon, lat of both ends, degrees. `grid` is float64 (6,): lon and lat of
the south-west corner, width and height of a cell in degrees, columns, rows. Cell numbers are
row * columns + column.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel
from unarmed_router.kernels.metres import metres_per_degree

__all__ = ["segment_lengths", "segments_by_cell"]

Floats = NDArray[np.float64]
Int32s = NDArray[np.int32]


@kernel
def columns_in_row(ends: Floats, row: int, grid: Floats) -> Any:
    """Return the first and last column that a segment may touch within one row of cells."""
    x0, y0, x1, y1 = ends
    low, high = min(x0, x1), max(x0, x1)
    # A millionth of a cell on all sides covers the rounding: a segment that is nearly level crosses
    # many columns between the top of one row and the bottom of the next.
    if y0 != y1:
        bottom = grid[1] + (row - 1e-6) * grid[3]
        top = grid[1] + (row + 1.0 + 1e-6) * grid[3]
        at_bottom = min(max((bottom - y0) / (y1 - y0), 0.0), 1.0)
        at_top = min(max((top - y0) / (y1 - y0), 0.0), 1.0)
        xa, xb = x0 + at_bottom * (x1 - x0), x0 + at_top * (x1 - x0)
        low, high = min(xa, xb), max(xa, xb)
    first = math.floor((low - grid[0]) / grid[2] - 1e-6)
    last = math.floor((high - grid[0]) / grid[2] + 1e-6)
    return max(first, 0), min(last, int(grid[4]) - 1)


@kernel
def rows_of(ends: Floats, grid: Floats) -> Any:
    """Return the first and last row that a segment touches."""
    low, high = min(ends[1], ends[3]), max(ends[1], ends[3])
    first = math.floor((low - grid[1]) / grid[3] - 1e-6)
    last = math.floor((high - grid[1]) / grid[3] + 1e-6)
    return max(first, 0), min(last, int(grid[5]) - 1)


@kernel
def segments_by_cell(segments: Floats, grid: Floats) -> tuple[Int32s, Int32s]:
    """List the segments that touch each cell.

    Parameters
    ----------
    segments, grid : ndarray of float64
        As the module describes; the grid covers every segment.

    Returns
    -------
    first : ndarray of int32, shape (cells + 1,)
        Segments of cell c are ``listed[first[c]:first[c + 1]]``.
    listed : ndarray of int32
        Segment numbers, ascending within a cell.
    """
    columns = int(grid[4])
    first = np.zeros(columns * int(grid[5]) + 2, dtype=np.int32)
    # Counts go two cells ahead: summed up, first[c + 1] is the start of cell c, and after filling
    # moved every start to its end, first[c + 1] is the start of cell c + 1.
    for segment in range(segments.shape[0]):
        row0, row1 = rows_of(segments[segment], grid)
        for row in range(row0, row1 + 1):
            low, high = columns_in_row(segments[segment], row, grid)
            first[row * columns + low + 2 : row * columns + high + 3] += 1
    for cell in range(1, first.shape[0]):
        first[cell] += first[cell - 1]
    listed = np.empty(first[-1], dtype=np.int32)
    for segment in range(segments.shape[0]):
        row0, row1 = rows_of(segments[segment], grid)
        for row in range(row0, row1 + 1):
            low, high = columns_in_row(segments[segment], row, grid)
            for cell in range(row * columns + low, row * columns + high + 1):
                listed[first[cell + 1]] = segment
                first[cell + 1] += 1
    return first[:-1], listed


@kernel
def segment_lengths(segments: Floats) -> Floats:
    """Return ground lengths, metres, each in the plane of its segment's middle latitude."""
    lengths = np.empty(segments.shape[0], dtype=np.float64)
    for segment in range(segments.shape[0]):
        x0, y0, x1, y1 = segments[segment]
        per_lon, per_lat = metres_per_degree((y0 + y1) / 2)
        lengths[segment] = math.hypot((x1 - x0) * per_lon, (y1 - y0) * per_lat)
    return lengths
