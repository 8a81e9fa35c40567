"""Small cells left out of a table, with as many others as it takes that none can be worked out.

Threshold 11 is that of the cell size suppression policy of the US Centers for Medicare and Medicaid
Services (26 January 2024): counts from 1 to 10 are not shown, nor anything from which they follow;
zero may be. Which further cells to leave out is a question of cycles in the graph of rows and
columns: D. Gusfield, A graph theoretic approach to statistical data security, SIAM Journal on
Computing 17 (3), 1988.

A small cell counts as protected when it lies on a cycle of cells left out along which one can be
added and taken away in turn: the table with those changes has the same published numbers, so nobody
can tell which of the two is true. The cycle that costs the fewest counts is taken.

Totals are cells like others here, since the total of a small place is a small number itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["SMALLEST_SHOWN", "shown"]

SMALLEST_SHOWN = 11

Cell: TypeAlias = tuple[int, int]


def shown(counts: Sequence[Sequence[int]]) -> list[list[int | None]] | None:
    """Return a table with its totals as it may be shown.

    Parameters
    ----------
    counts : sequence of sequence of int, shape (n, m)
        How many of what; no negative.

    Returns
    -------
    list of list, shape (n + 1, m + 1), or None
        The last row and column are totals; None in place of a number that is left out. None in
        place of the table where the total is small itself, or nothing would protect a small cell.
        The grand total is always shown, so that tables of the same calls may stand side by side.
    """
    table = _with_totals(counts)
    height, width = len(table) - 1, len(table[0]) - 1
    grand = (height, width)
    values = {(r, c): value for r, row in enumerate(table) for c, value in enumerate(row)}
    if 0 < values[grand] < SMALLEST_SHOWN:
        return None
    small = sorted((value, cell) for cell, value in values.items() if 0 < value < SMALLEST_SHOWN)
    hidden = {cell for _, cell in small}
    for _, cell in small:
        others = _cheapest_cycle(cell, hidden, values, grand)
        if others is None:
            return None
        hidden |= others
    return [
        [None if (r, c) in hidden else value for c, value in enumerate(row)]
        for r, row in enumerate(table)
    ]


def _with_totals(counts: Sequence[Sequence[int]]) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def _cheapest_cycle(
    cell: Cell, hidden: set[Cell], values: dict[Cell, int], grand: Cell
) -> set[Cell] | None:
    """Find the cells that protect one; None where none do."""
    # Networks are what networkx is for, and it is slow to import.
    import networkx as nx  # noqa: PLC0415

    graph = _moves(cell, hidden, values, grand)
    here, there = ("row", cell[0]), ("column", cell[1])
    best: tuple[int, list[tuple[str, int]]] | None = None
    for start, end in ((there, here), (here, there)):
        # The cell itself is passed the other way; one that holds a single call cannot lose it.
        if _changes(cell, grand, down=end == there) < 0 and values[cell] < 2:
            continue
        try:
            cost, path = nx.single_source_dijkstra(graph, start, end)
        except nx.NetworkXNoPath:
            continue
        if best is None or cost < best[0]:
            best = cost, path
    return None if best is None else set(_cells(best[1]))


def _moves(
    cell: Cell, hidden: set[Cell], values: dict[Cell, int], grand: Cell
) -> nx.DiGraph[tuple[str, int]]:
    """Return every other cell as two steps: row to column changes it one way, back the other."""
    import networkx as nx  # noqa: PLC0415  # as above

    graph: nx.DiGraph[tuple[str, int]] = nx.DiGraph()
    graph.add_nodes_from([("row", cell[0]), ("column", cell[1])])
    for other, value in values.items():
        if other in {cell, grand} or not value:
            continue
        cost = 0 if other in hidden else value
        row, column = ("row", other[0]), ("column", other[1])
        for start, end, down in ((row, column, False), (column, row, True)):
            # Zeros are shown, so what is left out is known to be 1 at least.
            if value > 1 or _changes(other, grand, down=down) > 0:
                graph.add_edge(start, end, weight=cost)
    return graph


def _changes(cell: Cell, grand: Cell, *, down: bool) -> int:
    """Return by how much a step changes a cell: totals stand on the other side of their sums."""
    is_total = (cell[0] == grand[0]) != (cell[1] == grand[1])
    return -1 if is_total != down else 1


def _cells(path: list[tuple[str, int]]) -> list[Cell]:
    return [(a[1], b[1]) if a[0] == "row" else (b[1], a[1]) for a, b in pairwise(path)]
