"""Where a call is, as the command line takes it: degrees, or x and y in a reference system."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from unarmed_router.errors import InputError

__all__ = ["AgencyOption", "CrsOption", "LatOption", "LonOption", "XOption", "YOption", "lonlat"]

LonOption: TypeAlias = Annotated[float | None, typer.Option("--lon", help="Longitude, degrees.")]
LatOption: TypeAlias = Annotated[float | None, typer.Option("--lat", help="Latitude, degrees.")]
XOption: TypeAlias = Annotated[float | None, typer.Option("--x", help="Easting, in --crs.")]
YOption: TypeAlias = Annotated[float | None, typer.Option("--y", help="Northing, in --crs.")]
CrsOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--crs", help="Reference system of --x and --y; the agency's when not given."),
]
AgencyOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--agency", help="Another city's agency.toml; Los Angeles when not given."),
]


def lonlat(
    *, lon: float | None, lat: float | None, x: float | None, y: float | None, crs: str | None
) -> tuple[float, float]:
    """Return degrees from whichever pair of options was given.

    Raises
    ------
    InputError
        Neither pair, or parts of both, or x and y without a reference system.
    CoordinateError
        x and y lie outside the reference system's area.
    """
    degrees, projected = (lon, lat), (x, y)
    if None not in degrees and projected == (None, None):
        assert lon is not None and lat is not None  # noqa: PT018, S101  # for the type checker
        return lon, lat
    if None in projected or degrees != (None, None):
        raise InputError("give either --lon and --lat, or --x and --y")
    if crs is None:
        raise InputError("--x and --y need --crs: the agency names no reference system")
    from unarmed_router.geography.projection import to_lonlat  # noqa: PLC0415  # needs pyproj

    assert x is not None and y is not None  # noqa: PT018, S101
    return to_lonlat(x=x, y=y, crs=crs)
