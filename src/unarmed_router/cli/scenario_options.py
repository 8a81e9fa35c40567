"""What the commands about scenarios have in common: options, progress, tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from rich.console import Console, JustifyMethod
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DaysOption",
    "JsonOption",
    "ProcessesOption",
    "ReplicationsOption",
    "calls_told",
    "overrides",
    "print_json",
    "printed_table",
    "replications_bar",
    "tables_console",
]

_WIDTH = 112
_WORDS = frozenset({"Name", "Why", "Division", "Provider"})
"""Headings of columns of words."""

ProcessesOption: TypeAlias = Annotated[
    int, typer.Option(min=1, max=256, help="Play so many replications at a time.")
]
DaysOption: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="Days to count, in place of the file's.")
]
ReplicationsOption: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="Replications, in place of the file's.")
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def overrides(*, days: int | None, replications: int | None) -> dict[str, object]:
    """Return the entries of ``[run]`` that the options replace."""
    asked = {"days": days, "replications": replications}
    return {name: value for name, value in asked.items() if value is not None}


def calls_told(path: Path, *, real: bool) -> None:
    """Say where the calls were written, and how to keep them where somebody made them."""
    typer.echo(f"Calls: {path}", err=True)
    if real:
        from unarmed_router.research.call_table import REAL_ROWS  # noqa: PLC0415  # keeps --help quick

        typer.echo(REAL_ROWS, err=True)


@contextmanager
def replications_bar(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Show a bar of replications, and give what to tell it."""
    with Progress(
        TextColumn("Replications"),
        BarColumn(),
        TextColumn("{task.fields[counted]}"),  # nothing until the scenario is read
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("replications", total=None, counted="")
        yield lambda done, most: bar.update(
            task, completed=done, total=most, counted=f"{done}/{most}"
        )


def tables_console() -> Console:
    """Return where tables go: as wide as the pages that show them, whatever the terminal.

    Names are an agency's own words: what looks like markup in them is none.
    """
    return Console(width=_WIDTH, highlight=False, soft_wrap=False, markup=False, emoji=False)


def printed_table(
    console: Console, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """Print a table: words on the left, figures on the right; a long heading is broken first."""
    table = Table(title=f"\n{title}", title_justify="left")
    for place, heading in enumerate(headings):
        words = place == 0 or heading in _WORDS
        justify: JustifyMethod = "left" if words else "right"
        cells = max((len(row[place]) for row in rows), default=0)
        table.add_column(heading, justify=justify, min_width=cells)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON object."""
    typer.echo(json.dumps(document, indent=2, allow_nan=False))
