"""Small cells are not published: a count of 1 to 10 might tell who somebody was.

The threshold is that of the US Centers for Medicare & Medicaid Services, "no cell of 10 or less may
be displayed", and none that could be found from others. A hidden cell can be found when the totals
beside it leave no other value for it. In a table with totals of rows and columns that is the case
exactly where its edge is a bridge of the graph that joins the row and the column of every hidden
cell (Gusfield, 1988, doi 10.1137/0217034). So further cells are hidden, the smallest first, until
there is no bridge.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError

__all__ = ["SMALLEST_SHOWN", "hidden_cells", "protected"]

SMALLEST_SHOWN = 11
"""Counts from 1 to one less than this are hidden."""

Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Edge = tuple[int, int]


def hidden_cells(
    counts: npt.ArrayLike,
    *,
    least: int = SMALLEST_SHOWN,
    columns: bool = True,
    unpublished: npt.ArrayLike | None = None,
) -> Bools:
    """Choose the cells of a table to hide when totals of its rows, and columns, are published.

    Parameters
    ----------
    counts : array_like of int, shape (rows, columns)
        Calls, at least 0.
    least : int
        Smallest count that may be shown; 0 always may. The hidden cells of a line also add up to at
        least this, so that the line's total does not give them away as a small group. At most 1
        hides nothing, as for simulated calls, which nobody made.
    columns : bool
        Totals of columns are published too.
    unpublished : array_like of bool, shape (rows, columns), optional
        Cells that are not published anyway.

    Returns
    -------
    bool array, shape (rows, columns)
        True where a cell must not be shown. Where that is every cell of a line, they may still
        follow from its total: see `protected`.

    Raises
    ------
    InputError
        No table, or a negative count.
    """
    table = np.asarray(counts)
    if table.ndim != 2 or not (np.issubdtype(table.dtype, np.integer) or table.size == 0):
        raise InputError("counts must be a table of whole numbers")
    if table.size and table.min() < 0:
        raise InputError(f"counts must be at least 0; the least is {table.min()}")
    hidden: Bools = (table > 0) & (table < least)
    if unpublished is not None:
        hidden |= np.asarray(unpublished, bool)
    while True:
        weak = _weak_lines(table, hidden, least, columns=columns)
        found = (_smallest(table, (cell for cell in line if not hidden[cell])) for line in weak)
        more = next((cell for cell in found if cell is not None), None)
        if more is None and columns and least > 1:
            more = _against_bridge(table, hidden)
        if more is None:
            return hidden
        hidden[more] = True


def protected(
    counts: npt.ArrayLike,
    hidden: npt.ArrayLike,
    *,
    least: int = SMALLEST_SHOWN,
    columns: bool = True,
) -> bool:
    """Tell whether no hidden cell follows from the totals; where one does, hide the totals too."""
    table, gone = np.asarray(counts), np.asarray(hidden, bool)
    if _weak_lines(table, gone, least, columns=columns):
        return False
    return not columns or least <= 1 or not _bridges(gone)


def _weak_lines(table: Counts, hidden: Bools, least: int, *, columns: bool) -> list[list[Edge]]:
    """List the lines whose hidden cells are too few or too small together."""
    return [
        line
        for line in _lines(table.shape, columns=columns)
        if sum(bool(hidden[cell]) for cell in line) > 0
        and least > 1
        and (
            sum(bool(hidden[cell]) for cell in line) < 2
            or sum(int(table[cell]) for cell in line if hidden[cell]) < least
        )
    ]


def _lines(shape: tuple[int, ...], *, columns: bool) -> Iterable[list[Edge]]:
    for row in range(shape[0]):
        yield [(row, column) for column in range(shape[1])]
    if columns:
        for column in range(shape[1]):
            yield [(row, column) for row in range(shape[0])]


def _bridges(hidden: Bools) -> list[tuple[Edge, frozenset[int]]]:
    """List the hidden cells that totals determine, each with the rows and columns on its one side.

    Columns are numbered after the rows.
    """
    import networkx as nx  # noqa: PLC0415  # importing it costs 0.2 s

    rows, columns = hidden.shape
    graph = nx.Graph()
    graph.add_nodes_from(range(rows + columns))
    graph.add_edges_from((row, rows + column) for row, column in np.argwhere(hidden).tolist())
    found = []
    for one, other in list(nx.bridges(graph)):
        graph.remove_edge(one, other)
        beside = frozenset(nx.node_connected_component(graph, one))
        graph.add_edge(one, other)
        found.append(((min(one, other), max(one, other) - rows), beside))
    return found


def _against_bridge(table: Counts, hidden: Bools) -> Edge | None:
    """Choose a cell that makes a determined cell uncertain again; None where there is none."""
    rows, columns = table.shape
    for cell, beside in _bridges(hidden):
        joining = (
            other
            for other in itertools.product(range(rows), range(columns))
            if not hidden[other]
            and other != cell
            and (other[0] in beside) != (rows + other[1] in beside)
        )
        found = _smallest(table, joining)
        if found is not None:
            return found
    return None


def _smallest(table: Counts, cells: Iterable[Edge]) -> Edge | None:
    """Choose the smallest count above 0, or else a 0; the first of equals."""
    return min(cells, key=lambda cell: (table[cell] == 0, table[cell], cell), default=None)
