"""`unarmed-router boundaries`: build the divisions file from published polygons, and check one."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unarmed_router.cli.outputs import check_outputs
from unarmed_router.counted import counted

if TYPE_CHECKING:
    from unarmed_router.geography.partition_report import PartitionReport

__all__ = ["app", "build", "check"]

app = typer.Typer(
    name="boundaries",
    help="Build the divisions file from published polygons, and check one.",
    no_args_is_help=True,
)

_SHOWN = 10


@app.command()
def build(
    source: Annotated[Path, typer.Argument(help="GeoJSON, shapefile, GeoPackage; also .gz.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The divisions file to write.")],
    number_field: Annotated[str, typer.Option(help="Column of the division number.")] = "PREC",
    name_field: Annotated[str, typer.Option(help="Column of the division name.")] = "APREC",
    attributes: Annotated[
        Path | None, typer.Option(help="CSV of number, name and bureau, in place of the names.")
    ] = None,
    crs: Annotated[
        str | None, typer.Option(help="Coordinate system of a file without one: EPSG:2229.")
    ] = None,
    threshold_m2: Annotated[
        float, typer.Option("--threshold-m2", min=0, help="Refuse a larger overlap or gap.")
    ] = 50.0,
    hole_width_m: Annotated[
        float, typer.Option("--hole-width-m", min=0, help="An enclosed area this wide stays out.")
    ] = 50.0,
    max_move_m: Annotated[
        float, typer.Option("--max-move-m", min=0, help="Refuse to move a border farther.")
    ] = 1.0,
    repair: Annotated[
        bool, typer.Option("--repair", help="Repair of any size, and report it.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The report as JSON on standard output.")
    ] = False,
) -> None:
    """Make an exact partition of published division polygons, and report what was repaired."""
    # Lazily: these import geopandas and pyproj, which no other command needs.
    from unarmed_router.geography.partition_build import build_partition  # noqa: PLC0415
    from unarmed_router.geography.partition_file import write_divisions  # noqa: PLC0415
    from unarmed_router.geography.readers import read_divisions  # noqa: PLC0415
    from unarmed_router.geography.readers_attributes import read_attributes  # noqa: PLC0415

    check_outputs(output=output)
    names, bureaus = read_attributes(attributes) if attributes else (None, None)
    divisions = read_divisions(
        source,
        number_field=number_field,
        name_field=name_field,
        crs=crs,
        names=names,
        bureaus=bureaus,
        threshold_m2=threshold_m2,
    )
    built, report = build_partition(
        divisions,
        threshold_m2=threshold_m2,
        hole_width_m=hole_width_m,
        max_move_m=max_move_m,
        repair=repair,
    )
    write_divisions(output, built)
    _show(report, output)
    if as_json:
        typer.echo(json.dumps(report.as_dict(), indent=2))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A divisions file made by `build`.")],
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
) -> None:
    """Check in integer arithmetic that a divisions file is an exact partition."""
    from unarmed_router.geography.partition_check import verify_partition  # noqa: PLC0415
    from unarmed_router.geography.partition_file import load_partition  # noqa: PLC0415

    partition = load_partition(file)
    figures = verify_partition(partition.divisions)
    if as_json:
        typer.echo(json.dumps({"digest": partition.digest, **asdict(figures)}, indent=2))
        return
    typer.echo(
        f"{file}: an exact partition: {counted(figures.divisions, 'division')}, "
        f"{figures.vertices:,} vertices, {figures.shared_edges:,} shared and "
        f"{figures.outer_edges:,} outer edges, no crossing"
    )


def _show(report: PartitionReport, output: Path) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console(stderr=True, markup=False, emoji=False)
    console.print(
        f"{output}: {counted(report.divisions, 'division')}, {report.area_m2 / 1e6:,.1f} km2, "
        f"{report.vertices_before:,} vertices read, {report.vertices_after:,} written; "
        f"no vertex moved more than {report.max_move_m:.3f} m; "
        f"{counted(len(report.holes), 'enclosed area')} kept outside",
        highlight=False,
        soft_wrap=True,
    )
    for note in report.notes:
        console.print(note, highlight=False, soft_wrap=True)
    if not report.defects:
        console.print("no overlap and no gap found")
        return
    overlaps, gaps = report.of_kind("overlap"), report.of_kind("gap")
    shown = report.defects[:_SHOWN]
    table = Table(
        "kind", "divisions", "area m2", "width m", "lon, lat",
        title=f"{len(overlaps)} overlaps and {len(gaps)} gaps repaired"
        + (f"; the {_SHOWN} largest" if len(report.defects) > _SHOWN else ""),
    )  # fmt: skip
    for defect in shown:
        numbers = ", ".join(map(str, defect.divisions))
        place = f"{defect.lon:.7f}, {defect.lat:.7f}"
        table.add_row(
            defect.kind, numbers, f"{defect.area_m2:,.3f}", f"{defect.width_m:.4f}", place
        )
    console.print(table)
