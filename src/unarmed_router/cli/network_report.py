"""`unarmed-router network report` and `refresh`: judge a network, and what a newer one changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unarmed_router.cli.network_build import quality_file
from unarmed_router.cli.outputs import check_outputs
from unarmed_router.whole_file import whole_file

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["refresh", "report"]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def report(
    file: Annotated[Path, typer.Argument(help="A network file built from OpenStreetMap.")],
    *,
    divisions: Annotated[
        Path | None,
        typer.Option(help="Divisions file: also find places inside that are far from any road."),
    ] = None,
    beyond_m: Annotated[
        float, typer.Option("--beyond-m", min=1, help="What is far from a road, metres.")
    ] = 400.0,
    geojson: Annotated[
        Path | None, typer.Option(help="Also write every place it names, for a map.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what an analyst should know about a network: assumed speeds, doubts, islands, gaps."""
    from unarmed_router.roads.osm.quality import (  # noqa: PLC0415  # keeps --help fast
        quality_geojson,
        quality_text,
    )

    check_outputs(geojson=geojson)
    found = _quality(file)
    if divisions is not None:
        from unarmed_router.geography.partition_file import load_partition  # noqa: PLC0415
        from unarmed_router.research.road_reach import far_from_roads  # noqa: PLC0415
        from unarmed_router.roads.network_file import load_network  # noqa: PLC0415

        found["divisions_far_from_roads"] = far_from_roads(
            load_network(file), load_partition(divisions), beyond_m=beyond_m
        )
    if geojson is not None:
        text = json.dumps(quality_geojson(found), separators=(",", ":"))
        with whole_file(geojson) as unfinished:
            unfinished.write_text(text + "\n", encoding="utf-8")
    typer.echo(json.dumps(found, indent=2) if as_json else quality_text(found), nl=as_json)


def refresh(
    old: Annotated[Path, typer.Argument(help="The network file that is live.")],
    new: Annotated[Path, typer.Argument(help="The network file built of a newer extract.")],
    *,
    calls: Annotated[
        Path | None, typer.Option(help="CSV with lon and lat of calls to compare times between.")
    ] = None,
    sample: Annotated[int, typer.Option(min=2, max=2000, help="Places compared at most.")] = 60,
    as_json: JsonOption = False,
) -> None:
    """Compare a newer network with the live one: lengths, ways opened and closed, times."""
    from unarmed_router.research.network_refresh import (  # noqa: PLC0415  # keeps --help fast
        refresh_report,
        refresh_text,
    )
    from unarmed_router.roads.network_file import load_network  # noqa: PLC0415  # as above

    found = refresh_report(
        load_network(old),
        load_network(new),
        places=_places(calls) if calls else None,
        sample=sample,
        orders=(old.with_suffix(".order"), new.with_suffix(".order")),
    )
    typer.echo(json.dumps(found, indent=2) if as_json else refresh_text(found), nl=as_json)


def _quality(file: Path) -> dict[str, Any]:
    from unarmed_router.errors import ArtefactError  # noqa: PLC0415  # as above
    from unarmed_router.roads.osm.quality import SCHEMA  # noqa: PLC0415  # as above

    path = quality_file(file)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise ArtefactError(
            f"{path}: cannot be read ({fault}); `unarmed-router network build` writes it beside a "
            "network it builds from OpenStreetMap"
        ) from fault
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise ArtefactError(f"{path}: no quality report of this release; rebuild the network")
    return found


def _places(path: Path) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    from unarmed_router.coordinates import checked_columns  # noqa: PLC0415  # as above
    from unarmed_router.roads.csv_table import CsvTable  # noqa: PLC0415  # as above

    table = CsvTable(path, ("lon", "lat"))
    return checked_columns(table.numbers("lon"), table.numbers("lat"))
