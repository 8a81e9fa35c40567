"""``unarmed-router simulate``: play a scenario and say what became of its calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from unarmed_router.cli.outputs import check_outputs
from unarmed_router.cli.scenario_options import (
    DaysOption,
    JsonOption,
    ProcessesOption,
    ReplicationsOption,
    calls_told,
    overrides,
    print_json,
    printed_table,
    replications_bar,
    tables_console,
)
from unarmed_router.counted import counted

if TYPE_CHECKING:
    from unarmed_router.research.scenario_results import ScenarioResults

__all__ = ["simulate"]


def simulate(
    scenario: Annotated[
        str,
        typer.Argument(
            help="A scenario file, or six_divisions, nine_divisions or all_divisions, which come "
            "with the package."
        ),
    ],
    *,
    processes: ProcessesOption = 1,
    days: DaysOption = None,
    replications: ReplicationsOption = None,
    as_json: JsonOption = False,
    parquet: Annotated[
        Path | None, typer.Option(help="Write every call with its time stamps to this file.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a report that opens without a network.")
    ] = None,
) -> None:
    """Play a scenario and print its figures with their intervals over replications."""
    from unarmed_router.research.scenario_results import ScenarioResults  # noqa: PLC0415  # keeps --help quick
    from unarmed_router.research.scenario_run import run_scenario  # noqa: PLC0415
    from unarmed_router.research.shipped_scenarios import scenario_path  # noqa: PLC0415

    messages = Console(stderr=True)
    check_outputs(parquet=parquet, html=html)
    path = scenario_path(scenario)
    with replications_bar(messages) as told:
        prepared, runs = run_scenario(
            path,
            processes=processes,
            progress=told,
            run=overrides(days=days, replications=replications),
            calls_to=parquet,
        )
    results = ScenarioResults(prepared, runs)
    if as_json:
        from unarmed_router.research.scenario_record import scenario_record  # noqa: PLC0415

        print_json(scenario_record(results))
    else:
        _print(results)
    if parquet is not None:
        calls_told(parquet, real=results.of_real_calls)
    if html is not None:
        from unarmed_router.research.report import write_report  # noqa: PLC0415

        write_report(html, results)
        typer.echo(f"Report: {html}", err=True)


def _print(results: ScenarioResults) -> None:
    from unarmed_router.research.figure_text import (  # noqa: PLC0415
        COUNT,
        PERCENT,
        REPLAYED,
        SYNTHETIC,
        UNIT_OF,
        brackets,
        division_cells,
    )

    console = tables_console()
    run, prepared = results.prepared.document.run, results.prepared
    console.print(f"\n{prepared.document.name}", style="bold")
    console.print(
        f"{counted(len(prepared.divisions), 'division')}, {counted(len(prepared.states), 'team')}, "
        f"strategy {run.strategy}: {counted(len(results.runs), 'replication')} of "
        f"{prepared.days_told}; seed {run.seed}."
    )
    if results.left_out:
        console.print(results.left_out)
    if prepared.added:
        console.print(f"Added to the policy's divisions: {prepared.added_names}.")
    if prepared.placement is not None:
        console.print(prepared.placement.sentence)
    told = brackets(results.confidence, len(results.runs), over="of the mean over replications")
    console.print(told, style="dim")
    figures = [
        [f"{words}, {unit.name}" if unit.name else words, unit.text(results.figure(name))]
        for name, (words, unit) in UNIT_OF.items()
    ]
    printed_table(console, "Figures", ("Figure", "Value"), figures)
    rates = [
        [each.outcome, each.reason.replace("_", " "), COUNT.text(each.per_day)]
        for each in results.rates
    ]
    printed_table(console, "What became of calls", ("Outcome", "Why", "Calls a day"), rates)
    divisions = [division_cells(each) for each in results.divisions]
    printed_table(
        console,
        "By division, of calls a program would take",
        ("Division", "Calls a day", "Median, min", "9 in 10, min", "No team came, %"),
        divisions,
    )
    console.print(REPLAYED if results.of_real_calls else SYNTHETIC, style="dim")
    teams = [[team, PERCENT.text(busy)] for team, busy in results.workloads.items()]
    printed_table(console, "Teams", ("Team", "Busy, %"), teams)
