"""``unarmed-router locate``: which division a point lies in."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from unarmed_router.cli.exit_codes import NEGATIVE
from unarmed_router.cli.place import (
    AgencyOption,
    CrsOption,
    LatOption,
    LonOption,
    XOption,
    YOption,
    lonlat,
)

__all__ = ["locate"]


def locate(
    lon: LonOption = None,
    lat: LatOption = None,
    x: XOption = None,
    y: YOption = None,
    crs: CrsOption = None,
    agency: AgencyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Find the division of a point: exit 0 inside a division, 3 outside all of them."""
    from unarmed_router.model.canonical import to_plain  # noqa: PLC0415
    from unarmed_router.model.explanation import distance  # noqa: PLC0415
    from unarmed_router.router import Router  # noqa: PLC0415  # keeps --help quick

    router = Router.load(agency)
    crs = crs or router.agency.projected_crs
    lon, lat = lonlat(lon=lon, lat=lat, x=x, y=y, crs=crs)
    match = router.locate(lon=lon, lat=lat)
    if as_json:
        typer.echo(json.dumps({"lon": lon, "lat": lat, **to_plain(match)}, sort_keys=True))
    elif match.division is None:
        typer.echo(f"outside every division; the nearest border is {distance(match.border_m)} away")
    else:
        near = " (near: the point's own error may change the division)" if match.near_border else ""
        bureau = f", {match.division.bureau} bureau" if match.division.bureau else ""
        typer.echo(
            f"division {match.division.number} {match.division.name}{bureau}; "
            f"border {distance(match.border_m)} away{near}"
        )
    if match.division is None:
        raise typer.Exit(NEGATIVE)
