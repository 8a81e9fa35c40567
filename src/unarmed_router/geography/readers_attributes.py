"""Read the agency's own names and bureaus of its divisions from a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from unarmed_router.errors import BoundaryError
from unarmed_router.geography.readers_rows import division_number, fault_listing, row_faults

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["read_attributes"]


def read_attributes(path: str | PathLike[str]) -> tuple[dict[int, str], dict[int, str]]:
    """Read names and bureaus by division number.

    Parameters
    ----------
    path : path
        CSV with the columns number, name and bureau.

    Returns
    -------
    names, bureaus : dict of int to str

    Raises
    ------
    BoundaryError
        Unreadable file, missing column, or a broken or repeated number.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BoundaryError(f"{path}: cannot be read: {error}; check the path") from error
    wanted = ("number", "name", "bureau")
    lacking = [column for column in wanted if not rows or rows[0].get(column) is None]
    if lacking:
        raise BoundaryError(f"{path}: lacks {', '.join(lacking)}; columns are {', '.join(wanted)}")
    written = [(row["number"], row["name"] or "") for row in rows]
    faults = row_faults(written, number_field="number", name_field="name", row_word="row")
    if faults:
        raise BoundaryError(fault_listing(str(path), faults))
    named = {division_number(row["number"]) or 0: row for row in rows}
    names = {number: row["name"].strip() for number, row in named.items()}
    return names, {number: (row["bureau"] or "").strip() for number, row in named.items()}
