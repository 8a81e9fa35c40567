"""Degrees to grid units, with every broken coordinate refused."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unarmed_router.errors import CoordinateError
from unarmed_router.model.location import coordinate_fault

__all__ = ["UNITS_PER_DEGREE", "checked_arrays", "to_units"]

UNITS_PER_DEGREE = 10_000_000
"""The grid of boundaries and points: 1e-7 degree, about 1.1 cm."""

_SHOWN_ROWS = 5


def to_units(degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round degrees to whole grid units, half to even as `round` does."""
    return np.rint(degrees * UNITS_PER_DEGREE).astype(np.int64)


def checked_arrays(
    lons: ArrayLike, lats: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Take two coordinate columns as float64 arrays, or refuse them naming the rows.

    Parameters
    ----------
    lons, lats : array_like of float, shape (n,)
        WGS 84 degrees.

    Returns
    -------
    tuple of ndarray of float64, shape (n,)

    Raises
    ------
    CoordinateError
        Shapes differ, or some rows are no place on earth; ``error.rows`` lists them all.
    """
    lon = np.ascontiguousarray(lons, dtype=np.float64)
    lat = np.ascontiguousarray(lats, dtype=np.float64)
    if lon.ndim != 1 or lon.shape != lat.shape:
        raise CoordinateError(
            f"lons and lats must be one-dimensional and of one length; got shapes {lon.shape} "
            f"and {lat.shape}"
        )
    good = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0) & ((lon != 0.0) | (lat != 0.0))
    if good.all():
        return lon, lat
    rows = np.flatnonzero(~good).tolist()
    shown = "; ".join(
        f"row {row}: {coordinate_fault(float(lon[row]), float(lat[row]))}"
        for row in rows[:_SHOWN_ROWS]
    )
    more = f"; and {len(rows) - _SHOWN_ROWS} more rows" if len(rows) > _SHOWN_ROWS else ""
    raise CoordinateError(f"{len(rows)} of {len(lon)} points are broken: {shown}{more}", rows)
