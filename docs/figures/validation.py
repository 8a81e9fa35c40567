"""The table of docs/validation.md: theory beside the simulation, played by the package itself.

From the root of the repository (some minutes)::

    python -m docs.figures.validation
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from unarmed_router.research.validation import Check, validate

__all__ = ["PAGE", "main", "written"]

PAGE = Path(__file__).resolve().parents[1] / "validation.md"
BEGIN, END = "<!-- begin: validation -->", "<!-- end: validation -->"
REPLICATIONS, CALLS, SEED = 10, 4000, 1


def main() -> int:
    """Play every model and write the table into the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        sys.stderr.write(f"{PAGE.name}: has no lines '{BEGIN}' and '{END}' to write between\n")
        return 1
    checks = list(validate(replications=REPLICATIONS, calls=CALLS, seed=SEED))
    PAGE.write_text(f"{before}{begin}\n{written(checks)}{end}{after}", encoding="utf-8")
    return 0


def written(checks: Iterable[Check]) -> str:
    """Return the table, and the line that counts."""
    rows = list(checks)
    lines = [
        "| Model | Quantity | Theory | Simulated, with its 99 % interval | Agrees |",
        "|---|---|---|---|---|",
    ]
    lines += [_line(row) for row in rows]
    exact = [row for row in rows if row.exact]
    agree = sum(row.agrees for row in exact)
    lines += [
        "",
        f"{agree} of {len(exact)} exact figures lie inside the interval. {_how()}",
    ]
    return "\n".join(lines) + "\n"


def _how() -> str:
    what = f"{REPLICATIONS} replications of {CALLS} calls each"
    return f"{what}, the first tenth as warm-up, seed {SEED}."


def _line(row: Check) -> str:
    digits = 1 if row.unit else 4
    unit = f" {row.unit}" if row.unit else ""
    theory = f"{row.theory:.{digits}f}{unit}" + ("" if row.exact else " (approximation)")
    played = row.played
    return (
        f"| {row.model} | {row.quantity} | {theory} | {played.estimate:.{digits}f}{unit} "
        f"({played.low:.{digits}f} to {played.high:.{digits}f}) | {'yes' if row.agrees else 'no'} |"
    )


if __name__ == "__main__":
    sys.exit(main())
