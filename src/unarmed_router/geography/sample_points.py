"""Points of equal weight that stand for an uncertain position."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unarmed_router.errors import InputError
from unarmed_router.geography.location_axes import axes_of
from unarmed_router.geography.uniform_mass import checked_polygon
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.model.location import check_lonlat
from unarmed_router.model.uncertainty import Area, Uncertainty

__all__ = ["sample_points"]

FloatArray = NDArray[np.float64]


def sample_points(
    *, lon: float, lat: float, uncertainty: Uncertainty, count: int
) -> tuple[FloatArray, FloatArray]:
    """Spread points of equal weight evenly over the probability; always the same ones.

    The mean of a function over them approaches its expected value, such as that of a response time,
    faster than over random points. For a circle or an ellipse they lie on Vogel's spiral (Math.
    Biosci. 44 (1979) 179, doi:10.1016/0025-5564(79)90080-4), at the radii of equal steps of
    probability, and their mean is the position. In a polygon they are the first of Halton's (Numer.
    Math. 2 (1960) 84, doi:10.1007/BF01386213) that fall inside; they stand for the placed part.

    Parameters
    ----------
    lon, lat, uncertainty
        As in `location_shares`.
    count : int
        1 to 100,000.

    Returns
    -------
    lons, lats : ndarray of float64, shape (count,)
        WGS 84 degrees.

    Raises
    ------
    InputError, CoordinateError
        As `location_shares`, or `count` is out of range.
    """
    if type(count) is not int or not 1 <= count <= 100_000:
        raise InputError(f"count must be a whole number from 1 to 100,000; got {count!r}")
    check_lonlat(lon=lon, lat=lat)
    if isinstance(uncertainty, Area):
        return _points_in(checked_polygon(uncertainty), count)
    axes = axes_of(uncertainty)
    place = np.arange(count)
    below = (place + 0.5) / count
    radius = np.sqrt(-2.0 * np.log1p(-below)) if axes.normal else np.sqrt(below)
    angle = place * (math.pi * (3.0 - math.sqrt(5.0)))
    u, v = radius * np.cos(angle), radius * np.sin(angle)
    u, v = (u - u.mean()) * axes.along_m, (v - v.mean()) * axes.across_m
    east, north = metres_per_degree(lat)
    lons = lon + (u * axes.sine - v * axes.cosine) / east
    lats = lat + (u * axes.cosine + v * axes.sine) / north
    # Beyond 180 degrees longitudes go on at the other end; a pole is as far as latitudes go.
    lons = np.where(np.abs(lons) > 180.0, (lons + 180.0) % 360.0 - 180.0, lons)
    return lons, np.clip(lats, -90.0, 90.0)


def _points_in(polygon: Any, count: int) -> tuple[FloatArray, FloatArray]:
    """Halton's points in the tightest rectangle about a polygon, those inside it."""
    import shapely  # noqa: PLC0415

    corner, one, _, other = shapely.get_coordinates(shapely.oriented_envelope(polygon))[:4]
    shapely.prepare(polygon)
    kept: list[FloatArray] = []
    found, start, size = 0, 1, 4 * count
    while found < count and start < 1 << 24:
        place = np.arange(start, start + size)
        u, v = _radical_inverse(place, 2)[:, None], _radical_inverse(place, 3)[:, None]
        points = corner + u * (one - corner) + v * (other - corner)
        inside = points[shapely.contains_xy(polygon, points[:, 0], points[:, 1])]
        kept.append(inside)
        found, start, size = found + len(inside), start + size, min(2 * size, 1 << 20)
    if found < count:  # a polygon thinner than its coordinates are precise
        kept.append(np.tile(shapely.get_coordinates(polygon.representative_point()), (count, 1)))
    lons, lats = np.concatenate(kept)[:count].T
    return lons.copy(), lats.copy()


def _radical_inverse(place: NDArray[np.int64], base: int) -> FloatArray:
    """Digits of each number mirrored at the point: van der Corput's sequence."""
    rest, scale, value = place.copy(), 1.0, np.zeros(len(place))
    while rest.any():
        scale /= base
        rest, digit = np.divmod(rest, base)
        value += digit * scale
    return value
