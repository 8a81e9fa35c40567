"""CSV read strictly: what two readers could take for different things is refused.

One reading for every table of the library: RFC 4180, UTF-8 with or without a byte order mark, plain
or compressed (``.gz``). A fault says the line, as an editor counts, and what to do about it. Values
stay text, as written; what they mean is up to the caller.
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from unarmed_router.counted import counted

if TYPE_CHECKING:
    import os

__all__ = ["CsvRows", "Refuse", "open_csv", "read_csv"]

Refuse: TypeAlias = Callable[[Sequence[str]], Exception]
"""Makes the error of the layer that asked from the faults of one file."""

_SHOWN = 25
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")


class CsvRows:
    """The rows of a table that `open_csv` opened; iterate once.

    Each row is the line it ends on, and one cell under each title.

    Parameters
    ----------
    file : text file
        Opened with ``newline=""``.
    refuse : callable
        Makes the error to raise.

    Attributes
    ----------
    titles : tuple of str
        Without surrounding blanks; empty for a column that has none.
    """

    def __init__(self, file: IO[str], refuse: Refuse) -> None:
        self._reader = csv.reader(file, strict=True)
        self._refuse = refuse
        self._read_to = 0
        self._closed = False
        self.titles: tuple[str, ...] = ()

    def read_titles(self, needs: Sequence[str], only: Collection[str] | None) -> None:
        """Read and check the first line; parameters as for `open_csv`."""
        self.titles = tuple(title.strip() for title in next(self._reader, []))
        self._read_to = self._reader.line_num
        self._closed = only is not None
        faults = list(_heading_faults(self.titles, needs, only))
        if faults:
            raise self._refuse(faults)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Read on.

        Raises
        ------
        Exception
            As `refuse` makes it, at the first row that does not fit under the titles.
        """
        for line, cells, fault in self.with_faults():
            if fault is not None:
                raise self._refuse([fault])
            yield line, cells

    def with_faults(self) -> Iterator[tuple[int, list[str], str | None]]:
        """Read on, each row with what is wrong with its shape, if anything is."""
        blank = 0
        for cells in self._reader:
            first, self._read_to = self._read_to + 1, self._reader.line_num
            if self._is_blank(cells):
                blank = blank or first
                continue
            # Spreadsheets leave blank lines at the end; between rows they hide that one is missing.
            fault = f"line {blank}: is blank; remove it" if blank else self._fault(first, cells)
            blank = 0
            yield self._read_to, cells, fault

    def stopped(self, error: Exception) -> str:
        """Say where and why reading stopped."""
        read = self._reader.line_num
        if isinstance(error, csv.Error):
            return f"line {self._read_to + 1}: is no CSV: {error}; check its quotation marks"
        if isinstance(error, UnicodeDecodeError):
            line = read + 1 + len(_LINE_ENDS.findall(error.object[: error.start]))
            byte = error.object[error.start]
            return f"line {line}: byte 0x{byte:02x} is no UTF-8; save the file as UTF-8"
        if read:
            return f"after line {read}: cannot be read: {error}; is the file complete?"
        return _unopened(error)

    def _is_blank(self, cells: list[str]) -> bool:
        alone = len(cells) == 1 < len(self.titles)
        return not cells or (alone and not cells[0].strip())

    def _fault(self, line: int, cells: list[str]) -> str | None:
        given, wanted = len(cells), len(self.titles)
        if given != wanted:
            remedy = (
                "quote values that hold commas"
                if given > wanted
                else "write a comma for each value that is not known"
            )
            values, titles = counted(given, "value"), counted(wanted, "title")
            return f"line {line}: {values} under {titles}; {remedy}"
        if self._closed:
            for title, cell in zip(self.titles, cells, strict=True):
                if not title and cell.strip():
                    return f"line {line}: {cell!r} stands under no title; name or clear its column"
        return None


@contextmanager
def open_csv(
    path: str | os.PathLike[str],
    *,
    needs: Sequence[str],
    refuse: Refuse,
    only: Collection[str] | None = None,
) -> Iterator[CsvRows]:
    """Open a table to read it row by row, in bounded memory.

    Parameters
    ----------
    path : path-like
        A name ending in ``.gz`` is decompressed.
    needs : sequence of str
        Titles that must be there.
    refuse : callable
        Makes the error to raise.
    only : collection of str, optional
        All titles there may be; by default others are read over.

    Raises
    ------
    Exception
        As `refuse` makes it: the file cannot be opened, decompressed or decoded, is no CSV, or its
        titles are missing, doubled or unknown.
    """
    rows: CsvRows | None = None
    try:
        with _opened(Path(path)) as file:
            rows = CsvRows(file, refuse)
            rows.read_titles(needs, only)
            yield rows
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise refuse([_unopened(error) if rows is None else rows.stopped(error)]) from error


def read_csv(
    path: str | os.PathLike[str],
    *,
    needs: Sequence[str],
    refuse: Refuse,
    only: Collection[str] | None = None,
) -> list[tuple[int, dict[str, str]]]:
    """Read a whole table.

    Parameters
    ----------
    path, needs, refuse, only
        As for `open_csv`.

    Returns
    -------
    list of (int, dict of str to str)
        The line a row ends on, and its cells by title.

    Raises
    ------
    Exception
        As `open_csv`; of rows that do not fit under the titles, all are named.
    """
    found, faults = [], []
    with open_csv(path, needs=needs, refuse=refuse, only=only) as rows:
        named = [(at, title) for at, title in enumerate(rows.titles) if title]
        for line, cells, fault in rows.with_faults():
            if fault is not None:
                faults.append(fault)
            elif not faults:
                found.append((line, {title: cells[at] for at, title in named}))
    if len(faults) > _SHOWN:
        faults[_SHOWN:] = [f"and {len(faults) - _SHOWN} more"]
    if faults:
        raise refuse(faults)
    return found


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _heading_faults(
    titles: Sequence[str], needs: Sequence[str], only: Collection[str] | None
) -> Iterator[str]:
    """Say what is wrong with the first line."""
    if not any(titles):
        wanted = f", such as {', '.join(needs)}" if needs else ""
        yield f"line 1: names no columns; write their titles there{wanted}"
        return
    twice = sorted({title for title in titles if title and titles.count(title) > 1})
    if twice:
        yield f"line 1: column {', '.join(twice)} is given twice; rename or remove one"
    missing = [title for title in needs if title not in titles]
    if missing:
        other = len(titles) == 1 and re.search(r"[;\t|]", titles[0])
        remedy = "separate values by commas" if other else "add it or correct its title"
        there = ", ".join(filter(None, titles))
        yield f"line 1: no column {', '.join(missing)}; it has {there}; {remedy}"
        if other:
            return
    unknown = [title for title in titles if title and only is not None and title not in only]
    if unknown and only is not None:
        known = ", ".join(only)
        yield f"line 1: column {', '.join(unknown)} is unknown; known are {known}; remove it"


def _unopened(error: Exception) -> str:
    reason = (isinstance(error, OSError) and error.strerror) or error
    return f"cannot be read: {reason}; check the path and format"
