"""Mass of an even density: of a disc, edge by edge, and of a polygon on the ground.

The plane of the disc is that of `unarmed_router.geography.gaussian_mass`, in units of its radius.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unarmed_router.errors import CoordinateError
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.model.uncertainty import Area

__all__ = ["checked_polygon", "disc_masses", "ground_areas", "middle_and_reach"]

FloatArray = NDArray[np.float64]

_SMALLEST = 1e-14
"""Area of a polygon below which it is a line, square degrees: one step of the grid squared."""


def disc_masses(ax: FloatArray, ay: FloatArray, bx: FloatArray, by: FloatArray) -> FloatArray:
    """Part of the unit disc between its centre and each edge a to b, signed, shape (m,).

    Where the edge is inside, that is a triangle; where it is outside, a sector.
    """
    dx, dy = bx - ax, by - ay
    length = np.hypot(dx, dy)
    cross = ax * by - ay * bx
    keep = cross != 0.0
    length = np.where(keep, length, 1.0)
    height = np.abs(cross) / length
    low, high = (ax * dx + ay * dy) / length, (bx * dx + by * dy) / length
    half = np.sqrt(np.maximum(1.0 - height * height, 0.0))
    inner_low, inner_high = np.clip(low, -half, half), np.clip(high, -half, half)
    sector = (
        np.arctan2(high, height)
        - np.arctan2(low, height)
        - np.arctan2(inner_high, height)
        + np.arctan2(inner_low, height)
    )
    doubled = sector + height * (inner_high - inner_low)
    return np.asarray(np.where(keep, np.copysign(doubled, cross), 0.0) / math.tau)


def checked_polygon(area: Area) -> Any:
    """Make a shapely polygon of an area, or refuse one whose rings cross or that is a line."""
    import shapely  # noqa: PLC0415

    polygon = shapely.Polygon(area.rings[0], area.rings[1:])
    if not polygon.is_valid or polygon.area < _SMALLEST:
        fault = "Too small" if polygon.is_valid else shapely.is_valid_reason(polygon)
        raise CoordinateError(
            f"the polygon is no area: {fault}; its rings must not cross or touch along a line, and "
            "holes must lie inside the outline"
        )
    return polygon


def middle_and_reach(area: Area) -> tuple[float, float, float]:
    """Middle of the outline's bounding box, and how far the outline reaches from it, metres."""
    outline = area.rings[0]
    lons, lats = [lon for lon, _ in outline], [lat for _, lat in outline]
    lon, lat = (min(lons) + max(lons)) / 2.0, (min(lats) + max(lats)) / 2.0
    east, north = metres_per_degree(lat)
    return lon, lat, max(math.hypot((x - lon) * east, (y - lat) * north) for x, y in outline)


def ground_areas(pieces: NDArray[np.object_], whole: Any) -> FloatArray:
    """Areas of pieces of a polygon as parts of the ground, scaled to the whole's area in degrees.

    A square degree shrinks towards the pole. Taken as a straight line over the polygon's latitudes,
    its size at a piece's centroid gives the piece's area, and pieces add up to the whole. The line
    is within 4e-5 of the size 50 km from the middle, below 60 degrees.
    """
    import shapely  # noqa: PLC0415

    middle, step = whole.centroid.y, 0.1
    size = [math.prod(metres_per_degree(middle + each)) for each in (-step, 0.0, step)]
    slope = (size[2] - size[0]) / (2.0 * step * size[1])
    flat = shapely.area(pieces)
    # A piece may be a point or nothing at all, whose centroid is no number.
    lats = np.where(flat > 0.0, shapely.get_y(shapely.centroid(pieces)), middle)
    return np.asarray(flat * (1.0 + slope * (lats - middle)))
