"""Check the numbers and names of a table of divisions, row by row."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from unarmed_router.counted import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["division_name", "division_number", "fault_listing", "row_faults"]

_SHOWN = 25


def division_number(value: Any) -> int | None:
    """Read a whole positive number written as a number or as text; None when it is not one."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    whole = math.isfinite(number) and number == int(number) and 1 <= number < 2**31
    return int(number) if whole else None


def division_name(value: Any) -> str:
    """Read a name; empty when it is missing or not text."""
    return value.strip() if isinstance(value, str) else ""


def row_faults(
    rows: Sequence[tuple[Any, str]], *, number_field: str, name_field: str, row_word: str
) -> list[str]:
    """List every broken, missing or repeated number and every missing name.

    Parameters
    ----------
    rows : sequence of (value, str)
        The number as written in the file, and the name.
    number_field, name_field, row_word : str
        What the user calls the two columns and a row.
    """
    faults = []
    uses = Counter(division_number(value) for value, _ in rows)
    for index, (value, name) in enumerate(rows):
        number = division_number(value)
        if number is None:
            faults.append(
                f"{row_word} {index}: {number_field} {value!r} is not a positive whole number; "
                "every division needs its own"
            )
        elif uses[number] > 1:
            faults.append(
                f"{row_word} {index}: number {number} is used {uses[number]} times; merge them "
                "into one or correct the number"
            )
        if not name.strip():
            faults.append(f"{row_word} {index} (number {number}): {name_field} gives it no name")
    return faults


def fault_listing(label: str, faults: Sequence[str]) -> str:
    """Put the faults of one file into one message, a line each."""
    shown = [f"\n  {fault}" for fault in faults[:_SHOWN]]
    more = f"\n  and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return f"{label}: {counted(len(faults), 'fault')}:{''.join(shown)}{more}"
