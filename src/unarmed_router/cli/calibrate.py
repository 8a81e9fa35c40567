"""`unarmed-router network calibrate` and `speeds`: what was observed, against a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from unarmed_router.cli.outputs import check_outputs
from unarmed_router.cli.place import AgencyOption
from unarmed_router.counted import counted
from unarmed_router.whole_file import whole_file

__all__ = ["calibrate", "speeds"]


def calibrate(
    trips: Annotated[
        Path,
        typer.Argument(
            help="CSV: start_lon, start_lat, end_lon, end_lat, departure, duration_s.",
        ),
    ],
    agency: AgencyOption = None,
    hold_out: Annotated[
        float, typer.Option(help="Part of the trips that is kept for the proof.")
    ] = 0.2,
    seed: Annotated[int, typer.Option(help="Of the split.")] = 0,
    minimum_trips: Annotated[
        int, typer.Option(min=2, help="A class that fewer trips drove keeps its factor.")
    ] = 30,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the factors as a table of agency.toml."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find factors on the time of each road class from observed trips, with their proof."""
    import json  # noqa: PLC0415  # keeps --help fast

    from unarmed_router.agency.folder import embedded_agency, load_agency  # noqa: PLC0415
    from unarmed_router.agency.toml_file import read_toml  # noqa: PLC0415  # as above
    from unarmed_router.research import calibration, calibration_report  # noqa: PLC0415
    from unarmed_router.research.trips import read_trips  # noqa: PLC0415  # as above

    check_outputs(output=output)
    path = agency or embedded_agency()
    observed, city = read_trips(trips), load_agency(path)
    found = calibration.calibrate(
        city,
        observed,
        hold_out=hold_out,
        seed=seed,
        minimum_trips=minimum_trips,
        progress=lambda number, move: typer.echo(
            f"round {number}: the largest move is {move:.2f} standard errors", err=True
        ),
    )
    if output is not None:
        present = read_toml(Path(path))[0].get("profile", {}).get("factors", {})
        digests = city.network.digest, city.speeds.profile.digest
        text = calibration_report.as_factors_toml(
            found, source=trips.name, present=present, digests=digests
        )
        with whole_file(output) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
        typer.echo(f"{output}: the factors", err=True)
    plain = calibration_report.as_plain(found)
    typer.echo(json.dumps(plain, indent=2) if as_json else calibration_report.as_text(found))


def speeds(
    table: Annotated[
        Path, typer.Argument(help="CSV: way_id or arc, speed_kph, optional hour_of_week.")
    ],
    network: Annotated[
        Path | None, typer.Option(help="A network file; the embedded one by default.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a table of observed speeds against a network; agency.toml names the table."""
    import json  # noqa: PLC0415  # keeps --help fast
    from dataclasses import asdict  # noqa: PLC0415  # as above

    from unarmed_router.agency.folder import embedded_network  # noqa: PLC0415  # as above
    from unarmed_router.roads.network_file import load_network  # noqa: PLC0415  # as above
    from unarmed_router.roads.observed_speeds import ObservedSpeeds  # noqa: PLC0415  # as above

    roads = load_network(network or embedded_network())
    report = ObservedSpeeds.read_csv(table, roads).report
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=2))
        return
    typer.echo(
        f"{counted(report.rows, 'row')}: {counted(report.arcs, 'arc')}, "
        f"{report.metres / 1000.0:.1f} km, {report.share:.2%} of the network's length"
    )
    if report.rows_unmatched:
        shown = ", ".join(map(str, report.ways_unmatched))
        typer.echo(f"{report.rows_unmatched} rows are of ways it does not have, such as {shown}")
