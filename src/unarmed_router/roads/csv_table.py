"""A CSV file as checked columns; every fault names the file, the row, the column and the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np
import numpy.typing as npt

from unarmed_router.csv_rows import open_csv
from unarmed_router.errors import NetworkError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

__all__ = ["FIRST_ROW", "CsvTable", "plain"]

# Rows are numbered as an editor shows them: the header is row 1.
FIRST_ROW = 2


class CsvTable:
    """The columns of one CSV file, by header; a name ending in ``.gz`` is decompressed.

    Parameters
    ----------
    path : path-like
        UTF-8, comma-separated, with a header.
    needs : sequence of str
        Columns that must be there.

    Raises
    ------
    NetworkError
        The file cannot be read, lacks a column or has one twice, or has a row of another width.
    """

    def __init__(self, path: str | os.PathLike[str], needs: Sequence[str]) -> None:
        self.name = str(path)
        with open_csv(path, needs=needs, refuse=self._error) as rows:
            columns: list[list[str]] = [[] for _ in rows.titles]
            for _, row in rows:
                for column, value in zip(columns, row, strict=True):
                    column.append(value.strip())
        self._columns = dict(zip(rows.titles, columns, strict=True))

    def __contains__(self, title: str) -> bool:
        return title in self._columns

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def texts(self, title: str) -> list[str]:
        """Return a column as text, without surrounding blanks."""
        return self._columns[title]

    def numbers(self, title: str, *, above: float = -np.inf) -> npt.NDArray[np.float64]:
        """Return a column as finite numbers, each more than `above`.

        Raises
        ------
        NetworkError
            A value that is no number, not finite, or not above the bound.
        """
        column = self._columns[title]
        try:
            values = np.array([plain(text) for text in column], dtype=np.str_).astype(np.float64)
        except ValueError:
            row = next(at for at, text in enumerate(column) if not _is_number(text))
            self.refuse(row, title, "is not a number; write it with a decimal point")
        wrong = np.flatnonzero(~(np.isfinite(values) & (values > above)))
        if wrong.size:
            rule = "must be finite" + (f" and above {above:g}" if above > -np.inf else "")
            self.refuse(int(wrong[0]), title, f"{rule}; correct or remove the row")
        return values

    def whole_numbers(self, title: str) -> npt.NDArray[np.int64]:
        """Return a column of whole numbers, each exact: an id may be larger than a float holds.

        Raises
        ------
        NetworkError
            A value that is no whole number, or beyond 64 bits.
        """
        values = np.empty(len(self), np.int64)
        for row, text in enumerate(self._columns[title]):
            try:
                values[row] = int(plain(text))
            except (ValueError, OverflowError):
                self.refuse(row, title, "is not a whole number of at most 64 bits; correct it")
        return values

    def refuse(self, row: int, title: str, fault: str) -> NoReturn:
        """Raise for the value of one column in one row (counted from 0)."""
        value = self._columns[title][row]
        raise NetworkError(f"{self.name}: row {row + FIRST_ROW}: {title} {value!r} {fault}")

    def _error(self, faults: Sequence[str]) -> NetworkError:
        return NetworkError(f"{self.name}: {'; '.join(faults)}")


def plain(text: str) -> str:
    """Return a text that may be a number, or nothing for one that only Python takes for it.

    Such as ``1_000``, or digits of another script.
    """
    return text if text.isascii() and text.isprintable() and "_" not in text else ""


def _is_number(text: str) -> bool:
    try:
        float(plain(text))
    except ValueError:
        return False
    return True
