"""The figure and the measured numbers of docs/method.md, computed by the package itself.

From the root of the repository::

    python -m docs.figures.method             # docs/method-tree.svg and the numbers of the page
    python -m docs.figures.method --tables    # the numbers alone
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from docs.figures.city import question
from docs.figures.measured import BEGIN, END, embedded, new_york, recorded, table
from docs.figures.tree_figure import drawn

__all__ = ["FIGURE", "PAGE", "main"]

DOCS = Path(__file__).resolve().parents[1]
FIGURE, PAGE = DOCS / "method-tree.svg", DOCS / "method.md"


def main(arguments: Sequence[str]) -> int:
    """Refresh the numbers of the page and, unless told otherwise, the figure."""
    if set(arguments) - {"--tables"}:
        sys.stderr.write(f"{__doc__}")
        return 2
    page = PAGE.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        sys.stderr.write(f"{PAGE.name}: has no lines '{BEGIN}' and '{END}' to write between\n")
        return 1
    columns = recorded(page) | {"embedded": embedded()}
    found = new_york()
    if found is None:
        sys.stderr.write("dimacs_ny: not beside the repository; its recorded numbers are kept\n")
    else:
        columns["dimacs_ny"] = found
    PAGE.write_text(f"{before}{begin}\n\n{table(columns)}\n\n{end}{after}", encoding="utf-8")
    if "--tables" not in arguments:
        FIGURE.write_text(drawn(question()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
