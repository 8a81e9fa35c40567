"""Exported rows in files: CSV or JSON Lines, one file a table."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from unarmed_router.errors import InputError
from unarmed_router.operations.export import COLUMNS, Row, Table

__all__ = ["Format", "write_tables"]


class Format(StrEnum):
    """Form of the files."""

    CSV = "csv"
    """RFC 4180, UTF-8, with a header; lists are joined by ``;``, what is not known is empty."""
    JSONL = "jsonl"
    """One JSON object a line, with every column."""


def write_tables(
    folder: Path | str, rows: Iterable[tuple[Table, Row]], form: Format
) -> Counter[Table]:
    """Write rows into one new file a table.

    Parameters
    ----------
    folder : path-like
        Made where it is not there; none of the files may be. Where the rows end with an error, no
        file is left.
    rows : iterable of (Table, dict)
        As `export` yields them.
    form : Format
        CSV or JSON Lines.

    Returns
    -------
    Counter of Table
        How many rows each file has.

    Raises
    ------
    InputError
        A file is there already, or cannot be made.
    """
    folder, counts = Path(folder), Counter(dict.fromkeys(Table, 0))
    with ExitStack() as unfinished:  # half a table looks like a whole one: it is taken away
        with ExitStack() as stack:
            files: dict[Table, TextIO] = {}
            try:
                folder.mkdir(parents=True, exist_ok=True)
                for table in Table:
                    path = folder / f"{table}.{form}"
                    files[table] = stack.enter_context(path.open("x", encoding="utf-8", newline=""))
                    unfinished.callback(path.unlink, missing_ok=True)
            except FileExistsError as error:
                raise InputError(f"{error.filename} exists; name a new folder") from None
            except OSError as error:
                raise InputError(f"{folder}: cannot be written: {error.strerror}") from error
            _write(files, rows, form, counts)
        unfinished.pop_all()
    return counts


def _write(
    files: Mapping[Table, TextIO],
    rows: Iterable[tuple[Table, Row]],
    form: Format,
    counts: Counter[Table],
) -> None:
    writers = {table: csv.writer(file) for table, file in files.items()}
    if form is Format.CSV:
        for table, writer in writers.items():
            writer.writerow(COLUMNS[table])
    for table, row in rows:
        if form is Format.CSV:
            writers[table].writerow([_text(row[name]) for name in COLUMNS[table]])
        else:
            files[table].write(json.dumps(row, ensure_ascii=False) + "\n")
        counts[table] += 1


def _text(value: Any) -> Any:
    return ";".join(value) if isinstance(value, list) else value
