"""``unarmed-router coverage``: what teams reach within so many minutes."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from unarmed_router.cli.outputs import check_outputs
from unarmed_router.cli.place import AgencyOption
from unarmed_router.cli.scenario_options import (
    JsonOption,
    print_json,
    printed_table,
    tables_console,
)
from unarmed_router.counted import counted
from unarmed_router.errors import InputError
from unarmed_router.whole_file import whole_file

if TYPE_CHECKING:
    from unarmed_router.research.coverage_results import CoverageResults

__all__ = ["coverage"]

_HOURS = "51,56,60,65,70"
_Number = TypeVar("_Number", int, float)


def coverage(
    scenario: Annotated[
        str | None,
        typer.Argument(help="A scenario, as for simulate; the agency as it is when not given."),
    ] = None,
    *,
    hours: Annotated[
        str, typer.Option(help="Hours of the week, 0 for Monday 00:00 to 167, by commas.")
    ] = _HOURS,
    minutes: Annotated[str, typer.Option(help="Thresholds in minutes, by commas.")] = "5,10,15",
    agency: AgencyOption = None,
    as_json: JsonOption = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a report that opens without a network.")
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option(help="Write every share of every hour, division and team.")
    ] = None,
    geojson: Annotated[
        Path | None, typer.Option(help="Write isochrones, one feature an hour and threshold.")
    ] = None,
) -> None:
    """Measure reach: what shares of people and calls free teams reach within minutes."""
    from unarmed_router.agency.folder import load_agency  # noqa: PLC0415  # keeps --help quick
    from unarmed_router.research.coverage_results import measure_coverage  # noqa: PLC0415
    from unarmed_router.research.scenarios import load_scenario  # noqa: PLC0415
    from unarmed_router.research.shipped_scenarios import scenario_path  # noqa: PLC0415

    if scenario is not None and agency is not None:
        raise InputError("a scenario names its own agency: drop --agency, or the scenario")
    check_outputs(html=html, geojson=geojson, parquet=parquet)
    if parquet is not None:
        from unarmed_router.research.call_table import check_parquet  # noqa: PLC0415

        check_parquet()
    at = _numbers("--hours", hours, int, "whole numbers")
    limits = _numbers("--minutes", minutes, float, "numbers")
    prepared = None if scenario is None else load_scenario(scenario_path(scenario))
    city = load_agency(agency) if prepared is None else prepared.agency
    found = measure_coverage(city, hours=at, minutes=limits, scenario=prepared)
    if as_json:
        print_json(found.to_dict())
    else:
        _print(found)
    if parquet is not None:
        with whole_file(parquet) as unfinished:
            found.to_frame().to_parquet(unfinished, index=False)
        typer.echo(f"Shares: {parquet}", err=True)
    if geojson is not None:
        import pandas as pd  # noqa: PLC0415  # heavy

        frames = [found.isochrones(hour) for hour in found.whole.hours]
        with whole_file(geojson) as unfinished:
            text = pd.concat(frames, ignore_index=True).to_json()
            unfinished.write_text(text, encoding="utf-8")
        typer.echo(f"Isochrones: {geojson}", err=True)
    if html is not None:
        from unarmed_router.research.coverage_report import write_coverage_report  # noqa: PLC0415

        write_coverage_report(html, found)
        typer.echo(f"Report: {html}", err=True)


def _numbers(option: str, text: str, read: Callable[[str], _Number], what: str) -> list[_Number]:
    try:
        return [read(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{option} {text!r} must be {what}, separated by commas") from None


def _print(found: CoverageResults) -> None:
    from unarmed_router.research.coverage_text import WEIGHT_NAMES, hour_name  # noqa: PLC0415

    console = tables_console()
    console.print(f"\n{found.name}", style="bold")
    console.print(
        f"{counted(len(found.teams), 'team')}, free and at home, "
        f"{counted(len(found.divisions), 'division')}; minutes "
        "from assignment, turnout included.\nThis is reach: how long callers wait when teams are "
        "busy is for simulate to say."
    )
    limits = [f"{limit:g} min, %" for limit in found.whole.minutes]
    for weight in found.weights:
        if weight == "demand" and _same(found):
            continue
        shares = found.whole.shares(weight)
        rows = [
            [hour_name(hour), *map(_percent, row)]
            for hour, row in zip(found.whole.hours, shares.tolist(), strict=True)
        ]
        rows.append(["mean, by calls", *map(_percent, found.whole.over_hours(weight).tolist())])
        printed_table(
            console, f"Share of {WEIGHT_NAMES.get(weight, weight)}", ("Hour", *limits), rows
        )
    names = found.agency.divisions.names
    divisions = [
        [f"{n} {names[n]}", *map(_percent, found.of_division(n).over_hours("demand").tolist())]
        for n in found.divisions
    ]
    heading = "Share of expected calls by division, mean by calls"
    printed_table(console, heading, ("Division", *limits), divisions)
    teams = [
        [team, *map(_percent, each.over_hours("demand").tolist())]
        for team, each in found.teams.items()
    ]
    heading = "Share of expected calls of each team alone, mean by calls"
    printed_table(console, heading, ("Team", *limits), teams)


def _same(found: CoverageResults) -> bool:
    """Tell whether expected calls are those of another weight, so that one table will do."""
    weights = found.whole.places.weights
    return any(
        name != "demand" and bool((each == weights["demand"]).all())
        for name, each in weights.items()
    )


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.0f}"
