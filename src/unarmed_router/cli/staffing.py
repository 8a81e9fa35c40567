"""``unarmed-router staffing``: how many teams reach enough calls in time, and where they wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from unarmed_router.cli.scenario_options import (
    DaysOption,
    JsonOption,
    ProcessesOption,
    ReplicationsOption,
    overrides,
    print_json,
    printed_table,
    replications_bar,
    tables_console,
)
from unarmed_router.counted import counted

if TYPE_CHECKING:
    from unarmed_router.research.staffing import Staffing, StaffingStep

__all__ = ["staffing"]


def staffing(
    scenario: Annotated[str, typer.Argument(help="A scenario, as for simulate.")],
    *,
    most: Annotated[
        int, typer.Option(min=0, max=500, help="Try no more further teams than this.")
    ] = 6,
    share: Annotated[
        float, typer.Option(help="Share of calls that is to be reached in time, such as 0.9.")
    ] = 0.9,
    within_min: Annotated[
        float | None,
        typer.Option(
            min=1,
            max=1440,
            help="What is in time, minutes from receipt to arrival; the program's response target "
            "when not given.",
        ),
    ] = None,
    processes: ProcessesOption = 1,
    days: DaysOption = None,
    replications: ReplicationsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add teams one by one, each where it helps most, until enough calls are reached in time."""
    from unarmed_router.research.shipped_scenarios import scenario_path  # noqa: PLC0415  # keeps --help quick
    from unarmed_router.research.staffing import staff_scenario  # noqa: PLC0415

    messages = Console(stderr=True)
    with replications_bar(messages) as told:
        found = staff_scenario(
            scenario_path(scenario),
            most=most,
            share=share,
            within_s=None if within_min is None else within_min * 60,
            processes=processes,
            progress=told,
            run=overrides(days=days, replications=replications),
        )
    if as_json:
        print_json(found.to_dict())
    else:
        _print(found)


def _print(found: Staffing) -> None:
    console = tables_console()
    prepared = found.steps[0].results.prepared
    run = prepared.document.run
    console.print(f"\n{prepared.document.name}", style="bold")
    console.print(
        f"{counted(len(prepared.divisions), 'division')}, strategy {run.strategy}: "
        f"{counted(len(found.steps[0].results.runs), 'replication')} of "
        f"{prepared.days_told}, for "
        f"each number of teams, seed {run.seed}: the same calls."
    )
    console.print(
        f"In brackets: {100 * found.steps[0].results.confidence:g} % intervals of the mean over "
        "replications, and over pairs of them.",
        style="dim",
    )
    reached = f"Within {found.within_s / 60:g} min, %"
    figures = ("Teams", reached, "By the last one, points", "9 in 10 served, min", "Busy, %")
    printed_table(console, "Calls reached in time", figures, [_row(s) for s in found.steps])
    if found.placed:
        divisions = prepared.agency.divisions
        rows = []
        for team in found.placed:
            place = divisions.locate(lon=team.home_lon, lat=team.home_lat).division
            where = "-" if place is None else f"{place.number} {place.name}"
            home = f"{team.home_lon:.5f}", f"{team.home_lat:.5f}"
            rows.append([team.team_id, where, team.provider, *home])
        homes = ("Team", "Division", "Provider", "Lon", "Lat")
        printed_table(console, "Where further teams wait", homes, rows)
    if found.placement is not None:
        console.print(f"\n{found.placement.sentence}")
    console.print(f"\n{found.sentence}")


def _row(step: StaffingStep) -> list[str]:
    from unarmed_router.research.figure_text import MINUTES, PERCENT  # noqa: PLC0415

    return [
        str(step.team_count),
        PERCENT.text(step.reached),
        PERCENT.text(step.gained, signed=True),
        MINUTES.text(step.results.figure("p90_response_s")),
        PERCENT.text(step.busy),
    ]
