"""``unarmed-router compare``: two scenarios on the same calls."""

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
    from unarmed_router.research.scenario_compare import ScenarioComparison

__all__ = ["compare"]


def compare(
    before: Annotated[str, typer.Argument(help="A scenario, as for simulate.")],
    after: Annotated[str, typer.Argument(help="Another, with the same calls.")],
    *,
    processes: ProcessesOption = 1,
    days: DaysOption = None,
    replications: ReplicationsOption = None,
    as_json: JsonOption = False,
    parquet: Annotated[
        Path | None, typer.Option(help="Write every call of both with its time stamps.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a report that opens without a network.")
    ] = None,
) -> None:
    """Play two scenarios on the same calls and print what differs, with intervals."""
    from unarmed_router.research.comparison_rows import comparison_record  # noqa: PLC0415  # keeps --help quick
    from unarmed_router.research.scenario_compare import compare_scenarios  # noqa: PLC0415
    from unarmed_router.research.shipped_scenarios import scenario_path  # noqa: PLC0415

    messages = Console(stderr=True)
    check_outputs(parquet=parquet, html=html)
    with replications_bar(messages) as told:
        found = compare_scenarios(
            scenario_path(before),
            scenario_path(after),
            processes=processes,
            progress=told,
            run=overrides(days=days, replications=replications),
            calls_to=parquet,
        )
    if as_json:
        print_json(comparison_record(found))
    else:
        _print(found)
    if parquet is not None:
        calls_told(parquet, real=found.before.of_real_calls)
    if html is not None:
        from unarmed_router.research.compare_report import write_compare_report  # noqa: PLC0415

        write_compare_report(html, found)
        typer.echo(f"Report: {html}", err=True)


def _print(found: ScenarioComparison) -> None:
    from unarmed_router.research.comparison_rows import compared_tables  # noqa: PLC0415
    from unarmed_router.research.figure_text import REPLAYED, brackets  # noqa: PLC0415
    from unarmed_router.research.plan_names import (  # noqa: PLC0415
        plan_names,
        strategies_told,
    )

    console = tables_console()
    sides = (found.before, found.after)
    names = plan_names(found.before.prepared, found.after.prepared)
    console.print(f"\n{names[0]}, then {names[1]}", style="bold")
    run = found.before.prepared.document.run
    console.print(
        f"{counted(len(found.before.runs), 'pair')} of replications of {counted(run.days, 'day')}, "
        f"seed {run.seed}: "
        "both of a pair have the same calls."
    )
    console.print(strategies_told(found.before.prepared, found.after.prepared))
    pairs = len(found.before.runs)
    told = brackets(found.before.confidence, pairs, over="over pairs", one="pair")
    console.print(told, style="dim")
    if found.before.left_out:
        console.print(found.before.left_out)
    for side, name in zip(sides, names, strict=True):
        prepared = side.prepared
        if prepared.added:
            all_chosen = prepared.document.service.add_busiest == len(prepared.added)
            why = " (most expected demand among the uncovered)" if all_chosen else ""
            console.print(f"{name} adds {prepared.added_names}{why}.")
    for heading, rows in compared_tables(found).items():
        texts = [row.texts() for row in rows]
        printed_table(console, heading, ("", *names, "Difference"), texts)
    console.print(f"\n{found.sentence}")
    if found.before.of_real_calls:
        console.print(REPLAYED, style="dim")
