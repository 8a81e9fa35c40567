"""Coordinates in any reference system to WGS 84, such as the state plane feet a CAD holds."""

from __future__ import annotations

import math
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from unarmed_router.errors import CoordinateError, InputError
from unarmed_router.model.call import Call, as_text

if TYPE_CHECKING:
    from pyproj import Transformer

__all__ = ["call_from_projected", "to_lonlat"]

# A pyproj transformer must not be shared between threads: each thread keeps its own.
_local = threading.local()


def to_lonlat(*, x: float, y: float, crs: str | int) -> tuple[float, float]:
    """Convert one position to WGS 84.

    Parameters
    ----------
    x, y : float
        Easting and northing (or longitude and latitude), in the units of `crs`; never latitude
        first, whatever the authority's axis order.
    crs : str or int
        Anything pyproj reads: ``"EPSG:2229"`` is California zone 5 in US survey feet, which Los
        Angeles CADs hold.

    Returns
    -------
    tuple of float
        lon, lat in degrees.

    Raises
    ------
    InputError
        `crs` is not known.
    CoordinateError
        The position is not finite, or outside the area where `crs` is defined.
    """
    if not (_is_finite(x) and _is_finite(y)):
        raise CoordinateError(
            f"coordinates must be finite numbers; got x={x!r:.80}, y={y!r:.80}: give each as a "
            "float"
        )
    if isinstance(crs, str):
        crs = as_text(crs)  # pyproj takes no other kind, such as numpy's
    lon, lat = _transformer(crs).transform(x, y)
    west, south, east, north = _area(crs)
    if not (_within_turn(lon, west, east) and south - 1 <= lat <= north + 1):
        raise CoordinateError(
            f"x={x}, y={y} in {crs} is far outside the area of that system "
            f"(lon {west} to {east}, lat {south} to {north}); check the units and that x is the "
            "easting"
        )
    return lon, lat


def call_from_projected(*, x: float, y: float, crs: str | int, **fields: Any) -> Call:
    """Make a `Call` from a position in any reference system; thread-safe.

    Parameters
    ----------
    x, y, crs
        As in `to_lonlat`.
    **fields
        Every other field of `Call`.

    Returns
    -------
    Call

    Raises
    ------
    InputError, CoordinateError
        As `to_lonlat` and `Call`.
    """
    lon, lat = to_lonlat(x=x, y=y, crs=crs)
    return Call(lon=lon, lat=lat, **fields)


def _is_finite(value: Any) -> bool:
    """Tell a finite number from all else, truth values among it."""
    try:
        return not isinstance(value, bool) and math.isfinite(value)
    except (TypeError, ValueError, OverflowError):
        return False


def _transformer(crs: str | int) -> Transformer:
    kept: dict[str | int, Transformer] = _local.__dict__.setdefault("transformers", {})
    try:
        known = kept.get(crs)
    except TypeError:
        raise _no_system(crs) from None
    if known is None:
        known = kept[crs] = _new_transformer(crs)
    return known


def _new_transformer(crs: str | int) -> Transformer:
    from pyproj import Transformer  # noqa: PLC0415  # slow to import, needed by few
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    try:
        return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    # No system, or one that nothing ties to the earth, such as a plan's own.
    except (ProjError, UnicodeEncodeError) as error:
        raise _no_system(crs) from error


def _no_system(crs: Any) -> InputError:
    return InputError(f"coordinate system {crs!r:.80} is not known; use a code such as 'EPSG:2229'")


def _within_turn(lon: float, west: float, east: float) -> bool:
    """Tell whether a longitude is at most a degree outside an area, which may cross 180 degrees."""
    width = east - west if east >= west else east - west + 360.0
    # A position that could not be converted is infinite, and its rest no number.
    return (lon - west + 1.0) % 360.0 <= width + 2.0


@lru_cache(maxsize=32)
def _area(crs: str | int) -> tuple[float, float, float, float]:
    """Return west, south, east, north of the area where the system is meant to be used."""
    from pyproj import CRS  # noqa: PLC0415

    area = CRS.from_user_input(crs).area_of_use
    return (area.west, area.south, area.east, area.north) if area else (-180, -90, 180, 90)
