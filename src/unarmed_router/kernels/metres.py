"""Metres per degree of the WGS 84 ellipsoid."""

from __future__ import annotations

import math

from unarmed_router.kernels.jit import kernel

__all__ = ["metres_per_degree"]


@kernel
def metres_per_degree(lat: float) -> tuple[float, float]:
    """Length of one degree of longitude and of latitude at a latitude, metres.

    The usual cosine series of the meridian and parallel arcs of WGS 84 (NGA, The Universal Grids,
    TM 8358.2, 1989); within 0.07 m of the radii of curvature everywhere, a part of 6e-7.

    Parameters
    ----------
    lat : float
        Degrees.

    Returns
    -------
    tuple of float
        Metres per degree of longitude, metres per degree of latitude.
    """
    phi = math.radians(lat)
    east = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
    north = (
        111_132.92
        - 559.82 * math.cos(2 * phi)
        + 1.175 * math.cos(4 * phi)
        - 0.0023 * math.cos(6 * phi)
    )
    return east, north
