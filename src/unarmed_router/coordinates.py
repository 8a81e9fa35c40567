"""Columns of coordinates, with every broken row refused."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unarmed_router.errors import CoordinateError
from unarmed_router.model.location import coordinate_fault

__all__ = ["checked_columns"]

_SHOWN_ROWS = 5


def checked_columns(
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
    lon, lat = _column(lons, "lons"), _column(lats, "lats")
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


def _column(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Take a column as numbers; a masked value counts as missing."""
    try:
        if isinstance(values, np.ma.MaskedArray):
            values = np.ma.filled(values.astype(np.float64), np.nan)
        given = np.asarray(values)
        # A cast would drop an imaginary part, and take moments and truth values for degrees.
        if given.dtype.kind in "fiuOSU":
            return np.ascontiguousarray(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise CoordinateError(f"{name} must be numbers: {error}") from None
    raise CoordinateError(f"{name} must be numbers: they are of type {given.dtype}")
