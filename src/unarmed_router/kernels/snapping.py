"""The nearest road segment of a point, exactly, by rings of grid cells around it.

`roads` is the tuple (segments, grid, first, listed) that `kernels.segment_cells` takes and returns.
Distances are in the plane that touches the earth at the point's latitude (equirectangular).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel
from unarmed_router.kernels.metres import metres_per_degree

__all__ = ["nearest_segment", "nearest_segments"]

Floats = NDArray[np.float64]
Int32s = NDArray[np.int32]
Roads = tuple[Floats, Floats, Int32s, Int32s]

# A cell lists a segment that passes a millionth of a cell beside it, so rounding in the bound below
# cannot hide one; this margin, metres, covers the rounding of the distance itself.
_MARGIN_M = 1e-6


@kernel
def project(
    ends: Floats, lon: float, lat: float, per_lon: float, per_lat: float
) -> tuple[float, float]:
    """Return the squared distance to a segment, m2, and where the foot lies, 0 to 1."""
    ax, ay = (ends[0] - lon) * per_lon, (ends[1] - lat) * per_lat
    bx, by = (ends[2] - lon) * per_lon, (ends[3] - lat) * per_lat
    vx, vy = bx - ax, by - ay
    along, length2 = -(ax * vx + ay * vy), vx * vx + vy * vy
    if along <= 0.0 or length2 == 0.0:
        return ax * ax + ay * ay, 0.0
    if along >= length2:  # the end itself, so that segments that meet there tie exactly
        return bx * bx + by * by, 1.0
    t = along / length2
    x, y = ax + t * vx, ay + t * vy
    return x * x + y * y, t


@kernel
def nearest_in_cells(
    begin: int,
    end: int,
    place: tuple[float, float, float, float],
    best: tuple[int, float, float],
    roads: Roads,
) -> tuple[int, float, float]:
    """Better the best (segment, squared distance, t) by the listed segments begin to end."""
    found, found2, found_t = best
    lon, lat, per_lon, per_lat = place
    segments, _, _, listed = roads
    for k in range(begin, end):
        segment = listed[k]
        d2, t = project(segments[segment], lon, lat, per_lon, per_lat)
        if d2 < found2 or (d2 == found2 and (found < 0 or segment < found)):
            found, found2, found_t = int(segment), d2, t
    return found, found2, found_t


@kernel
def nearest_segment(
    lon: float,
    lat: float,
    limit_m: float,
    roads: Roads,
) -> tuple[int, float, float]:
    """Find the nearest segment at most `limit_m` away; the lowest number among equals.

    Rings of cells around the point's own are searched until the distance to everything beyond
    exceeds the best distance found.

    Parameters
    ----------
    lon, lat : float
        Degrees, finite.
    limit_m : float
        Metres; may be infinite.
    roads : tuple of ndarray
        As the module describes.

    Returns
    -------
    segment : int
        -1 when none lies within the limit.
    t : float
        Where its nearest point lies, 0 at the segment's start to 1 at its end.
    distance : float
        Metres; the limit when there is none.
    """
    per_lon, per_lat = metres_per_degree(lat)
    place = (lon, lat, per_lon, per_lat)
    _, grid, first, _ = roads
    columns, rows = int(grid[4]), int(grid[5])
    column = math.floor((lon - grid[0]) / grid[2])
    row = math.floor((lat - grid[1]) / grid[3])
    x, y = lon - grid[0] - column * grid[2], lat - grid[1] - row * grid[3]
    side_x, side_y = min(x, grid[2] - x) * per_lon, min(y, grid[3] - y) * per_lat
    best = (-1, limit_m * limit_m, 0.0)
    last = max(column, columns - 1 - column, row, rows - 1 - row)
    # Rings that miss the grid are skipped: the first that meets it comes first.
    nearest_ring = max(-column, column - columns + 1, -row, row - rows + 1, 0)
    for ring in range(nearest_ring, last + 1):
        reach = min(
            side_x + (ring - 1) * grid[2] * per_lon, side_y + (ring - 1) * grid[3] * per_lat
        )
        if ring > 0 and reach > _MARGIN_M and (reach - _MARGIN_M) ** 2 > best[1]:
            break
        left, right = max(column - ring, 0), min(column + ring, columns - 1)
        for r in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
            if abs(r - row) == ring:  # a whole side of the ring, its cells stored side by side
                begin, end = first[r * columns + left], first[r * columns + right + 1]
                best = nearest_in_cells(begin, end, place, best, roads)
                continue
            for c in (column - ring, column + ring):
                if 0 <= c < columns:
                    begin, end = first[r * columns + c], first[r * columns + c + 1]
                    best = nearest_in_cells(begin, end, place, best, roads)
    return best[0], best[2], math.sqrt(best[1])


@kernel
def nearest_segments(
    lons: Floats,
    lats: Floats,
    limit_m: float,
    roads: Roads,
) -> tuple[Int32s, Floats, Floats]:
    """Do `nearest_segment` for each of p points; three arrays of shape (p,)."""
    count = lons.shape[0]
    found = np.empty(count, dtype=np.int32)
    along = np.empty(count, dtype=np.float64)
    distance = np.empty(count, dtype=np.float64)
    for i in range(count):
        found[i], along[i], distance[i] = nearest_segment(lons[i], lats[i], limit_m, roads)
    return found, along, distance
