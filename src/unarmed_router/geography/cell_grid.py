"""The grid of cells over a partition's borders: which edges touch a cell, which cells are clear."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from unarmed_router.errors import BoundaryError
from unarmed_router.geography.partition import SCALE
from unarmed_router.kernels import locate
from unarmed_router.kernels.metres import metres_per_degree

__all__ = ["cell_edges", "cells_far_from_edges", "doubled", "grid_over"]

_CELLS_PER_SIDE = 384
_MAX_EXTENT = 1 << 29


def grid_over(edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lay a grid with one empty cell of margin; see `unarmed_router.kernels.locate`."""
    low = edges[:, :4].reshape(-1, 2).min(axis=0)
    high = edges[:, :4].reshape(-1, 2).max(axis=0)
    extent = high - low
    if extent.max() >= _MAX_EXTENT:
        raise BoundaryError(
            f"the divisions span {extent.max() / SCALE:.1f} degrees; at most "
            f"{_MAX_EXTENT / SCALE:.1f} keep the integer tests exact"
        )
    # An odd number of units a cell makes the doubled centre odd, never level with a vertex.
    width = int(extent.max()) // _CELLS_PER_SIDE | 1
    columns, rows = extent // width + 3
    # The other way round the divisions would lie here: a degree from there a place may be meant.
    told = max(low[1] - high[0], low[0] - high[1]) > SCALE
    return np.array([low[0] - width, low[1] - width, 2 * width, columns, rows, told], np.int64)


def doubled(edges: NDArray[np.int64], grid: NDArray[np.int64]) -> NDArray[np.int64]:
    """Move edges to the grid's origin and double them; toggles stay."""
    table = edges.copy()
    table[:, [0, 2]] = 2 * (edges[:, [0, 2]] - grid[0])
    table[:, [1, 3]] = 2 * (edges[:, [1, 3]] - grid[1])
    return table


def cell_edges(
    edges: NDArray[np.int64], grid: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """List the edges touching each cell: offsets and members."""
    counts = np.zeros(int(grid[3] * grid[4]), np.int32)
    locate.count_cell_edges(edges, grid, counts)
    first = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(counts, out=first[1:])
    members = np.empty(int(first[-1]), np.int32)
    locate.fill_cell_edges(edges, grid, first[:-1].copy(), members)
    return first, members


def cells_far_from_edges(
    touched: NDArray[np.bool_], grid: NDArray[np.int64], limit_m: float
) -> NDArray[np.bool_]:
    """Mark the cells every point of which is farther than the limit from any edge."""
    columns, rows = int(grid[3]), int(grid[4])
    # The margin of a grid may lie beyond a pole, where a degree of longitude has no length.
    lats = np.clip([grid[1] / SCALE, (grid[1] + rows * grid[2] // 2) / SCALE], -90.0, 90.0)
    per_degree = [metres for lat in lats.tolist() for metres in metres_per_degree(lat)]
    cell_m = max(min(per_degree), 1e-3) * float(grid[2]) / 2 / SCALE
    reach = math.ceil(limit_m / cell_m)
    if reach >= max(columns, rows):
        return np.zeros_like(touched)
    near = touched.reshape(rows, columns)
    for axis in (0, 1):
        near = sum((_shifted(near, axis, step) for step in range(-reach, reach + 1)), near) > 0
    return np.ascontiguousarray(~near).reshape(-1)


def _shifted(cells: NDArray[np.bool_], axis: int, step: int) -> NDArray[np.bool_]:
    """Move marks by whole cells along an axis; the margin's empty cells wrap harmlessly."""
    return np.roll(cells, step, axis=axis)
