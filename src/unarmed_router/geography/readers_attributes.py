"""Read the agency's own names and bureaus of its divisions from a CSV file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unarmed_router.csv_rows import read_csv
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
        Unreadable file, missing or doubled column, a row of another width, or a broken or repeated
        number.
    """
    label = str(path)
    rows = [
        row
        for _, row in read_csv(
            path,
            needs=("number", "name", "bureau"),
            refuse=lambda faults: BoundaryError(fault_listing(label, faults)),
        )
    ]
    if not rows:
        raise BoundaryError(f"{label}: has no divisions; write one a line below the titles")
    written = [(row["number"], row["name"]) for row in rows]
    faults = row_faults(written, number_field="number", name_field="name", row_word="row")
    if faults:
        raise BoundaryError(fault_listing(label, faults))
    named = {division_number(row["number"]) or 0: row for row in rows}
    names = {number: row["name"].strip() for number, row in named.items()}
    return names, {number: row["bureau"].strip() for number, row in named.items()}
