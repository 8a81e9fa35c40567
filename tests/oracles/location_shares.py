"""Naive twins of location shares: count random points on the ellipsoid, and textbook formulas."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

_GEOD = Geod(ellps="WGS84")

Floats = NDArray[np.float64]
Locator = Callable[[Floats, Floats], NDArray[np.int32]]


def counted_in_ellipse(
    locate: Locator,
    lon: float,
    lat: float,
    axes_m: tuple[float, float],
    orientation_deg: float,
    confidence: float,
    count: int,
) -> dict[int | None, float]:
    """Walk each point from the middle along a geodesic; share of the points in each division."""
    rng = np.random.default_rng(20260)
    if confidence < 1.0:
        # The contour of a plane normal that holds the confidence is the Rayleigh quantile.
        contour = math.sqrt(-2.0 * math.log(1.0 - confidence))
        along = rng.standard_normal(count) * (axes_m[0] / contour)
        across = rng.standard_normal(count) * (axes_m[1] / contour)
    else:
        angle, radius = rng.random(count) * math.tau, np.sqrt(rng.random(count))
        along, across = radius * np.cos(angle) * axes_m[0], radius * np.sin(angle) * axes_m[1]
    bearing = orientation_deg + np.degrees(np.arctan2(across, along))
    lons, lats, _ = _GEOD.fwd(
        np.full(count, lon), np.full(count, lat), bearing, np.hypot(along, across)
    )
    return _shares(locate(lons, lats))


def counted_in_polygon(
    locate: Locator, rings: Sequence[Sequence[tuple[float, float]]], count: int
) -> dict[int | None, float]:
    """Draw points evenly over the globe, keep those in an odd number of rings; their shares."""
    rng = np.random.default_rng(20260)
    corners = np.array(rings[0])
    west, south = corners.min(axis=0)
    east, north = corners.max(axis=0)
    lons = rng.uniform(west, east, count)
    # A parallel is as long as the cosine of its latitude, so the sine is even.
    sines = rng.uniform(math.sin(math.radians(south)), math.sin(math.radians(north)), count)
    lats = np.degrees(np.arcsin(sines))
    odd = np.zeros(count, np.bool_)
    for ring in rings:
        for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
            level = (ay <= lats) != (by <= lats)
            with np.errstate(divide="ignore", invalid="ignore"):
                odd ^= level & (ax + (lats - ay) * (bx - ax) / (by - ay) > lons)
    return _shares(locate(lons[odd], lats[odd]))


def _shares(numbers: NDArray[Any]) -> dict[int | None, float]:
    return {n or None: c / len(numbers) for n, c in Counter(numbers.tolist()).items()}


def half_plane(distance: float) -> float:
    """Mass of a normal on the near side of a line so many deviations away: its distribution."""
    return 0.5 * (1.0 + math.erf(distance / math.sqrt(2.0)))


def quadrant(correlation: float) -> float:
    """Probability that two normals of that correlation are both positive (Sheppard, 1899)."""
    return 0.25 + math.asin(correlation) / math.tau


def disc_segment(distance: float) -> float:
    """Part of a unit disc beyond a line at a distance from its centre, 0 to 1."""
    return (math.acos(distance) - distance * math.sqrt(1.0 - distance * distance)) / math.pi
