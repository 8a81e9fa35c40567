"""One point's division and road position, from packed indexes.

Divisions come packed as grid, edges (int64, rows of 5), first, members, labels (int32), ends, boxes
(float64, rows of 4), levels (int64); see `kernels.locate` and `kernels.border`. Roads come packed
as ends (float64, rows of 4), grid (float64), first, listed (int32), before, after (float64), arc
(int32) and two limits (float64): the snapping limit in metres and the access speed in metres a
second; see `kernels.snapping`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.border import border_distance
from unarmed_router.kernels.jit import kernel
from unarmed_router.kernels.locate import cell_at, label_in_cell, label_of
from unarmed_router.kernels.packed import f8, i4, i8
from unarmed_router.kernels.snapping import nearest_segment

__all__ = [
    "DIVISIONS_TYPES",
    "ROADS_TYPES",
    "border_at",
    "is_swapped",
    "label_at",
    "labels_of_degrees",
    "snapped",
]

DIVISIONS_TYPES = "i8 i8 i4 i4 i4 f8 f8 i8"
ROADS_TYPES = "f8 f8 i4 i4 f8 f8 i4 f8"
"""Types of packed divisions and roads, in order."""

Floats = NDArray[np.float64]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


@kernel
def label_at(x: int, y: int, divisions: Int64s) -> int:
    """Find the label of one point given in grid units; 0 outside every division."""
    edges = i8(divisions, 1).reshape((-1, 5))
    cells = (i4(divisions, 2), i4(divisions, 3), i4(divisions, 4))
    return int(label_of(x, y, i8(divisions, 0), edges, *cells))


@kernel
def is_swapped(x: int, y: int, divisions: Int64s) -> bool:
    """Tell whether a point outside every division is inside one the other way round.

    Never where places about the divisions may have latitudes that are longitudes in them.
    """
    return bool(i8(divisions, 0)[5] != 0 and label_at(y, x, divisions) != 0)


@kernel
def labels_of_degrees(
    lons: Floats, lats: Floats, divisions: Int64s, labels: Int32s, steps: Int32s
) -> int:
    """Find the labels of many points given in degrees; -1 where the pair is swapped.

    The points in grid steps are written into `steps`, shape (n, 2); of shape (0, 2) it has none.

    Returns
    -------
    int
        How many are: outside as given, but inside a division the other way round.
    """
    grid, edges = i8(divisions, 0), i8(divisions, 1).reshape((-1, 5))
    first, members, centres = i4(divisions, 2), i4(divisions, 3), i4(divisions, 4)
    swapped, told, keeps = 0, grid[5] != 0, len(steps) > 0
    for i in range(len(lons)):
        x, y = int(np.rint(lons[i] * 1e7)), int(np.rint(lats[i] * 1e7))
        if keeps:
            steps[i, 0], steps[i, 1] = x, y
        # As `label_of`, whose call would cost more than the answer: most cells meet no edge.
        cell, label = cell_at(x, y, grid), 0
        if cell >= 0 and first[cell] == first[cell + 1]:
            label = int(centres[cell])
        elif cell >= 0:
            label = label_in_cell(x, y, cell, grid, edges, first, members, centres)
        # The cell comes first: it is outside the grid for every pair of most places on earth.
        suspect = told and cell_at(y, x, grid) >= 0 and label == 0
        if suspect and label_of(y, x, grid, edges, first, members, centres) != 0:
            label = -1
            swapped += 1
        labels[i] = label
    return swapped


@kernel
def border_at(x: int, y: int, divisions: Int64s) -> float:
    """Find the distance from one point to the nearest border, metres."""
    ends, boxes = f8(divisions, 5).reshape((-1, 4)), f8(divisions, 6).reshape((-1, 4))
    return float(border_distance(x, y, np.inf, i8(divisions, 0), ends, boxes, i8(divisions, 7)))


@kernel
def snapped(lon: float, lat: float, roads: Int64s) -> tuple[int, float, float, int]:
    """Find the road position nearest to a point.

    Returns
    -------
    arc : int
        -1 when every road is beyond the limit.
    fraction, snap_m : float
        How far along the arc, and how far from it, metres.
    access_ms : int
        Milliseconds between point and road.
    """
    limits = f8(roads, 7)
    index = (f8(roads, 0).reshape((-1, 4)), f8(roads, 1), i4(roads, 2), i4(roads, 3))
    segment, along, snap_m = nearest_segment(lon, lat, limits[0], index)
    if segment < 0:
        return -1, 0.0, snap_m, 0
    before, after = f8(roads, 4)[segment], f8(roads, 5)[segment]
    fraction = before * (1.0 - along) + after * along  # 0 and 1 give the ends exactly
    return (
        int(i4(roads, 6)[segment]),
        fraction,
        snap_m,
        int(np.rint(snap_m / limits[1] * 1000.0)),
    )
