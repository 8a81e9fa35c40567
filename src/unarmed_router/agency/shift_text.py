"""Shifts as people write them: ``24/7``, or ``Mon-Fri 08:00-16:00; Sat,Sun 20:00-06:00``."""

from __future__ import annotations

import re
from datetime import time

from unarmed_router.model.shift import ALWAYS, DAYS, Shift

__all__ = ["parse_shifts"]

_DAYS = tuple(day.lower() for day in DAYS)
_SHIFT = re.compile(r"([A-Za-z,-]+)\s+(\d{2}):(\d{2})-(\d{2}):(\d{2})")


def parse_shifts(text: str) -> tuple[Shift, ...]:
    """Read shifts; an end not after its start is on the next day, and 24:00 is midnight.

    Parameters
    ----------
    text : str
        ``24/7``, or shifts separated by ``;``, each of days (``Mon-Fri``, ``Sat,Sun``) and hours.

    Returns
    -------
    tuple of Shift

    Raises
    ------
    ValueError
        The text does not follow the form.
    """
    if text.strip() == "24/7":
        return ALWAYS
    return tuple(_shift(part.strip()) for part in text.split(";"))


def _shift(text: str) -> Shift:
    match = _SHIFT.fullmatch(text)
    if match is None:
        raise ValueError(
            f"shift {text!r} is not of the form 'Mon-Fri 08:00-16:00'; "
            "use '24/7' for round the clock"
        )
    days, *hours = match.groups()
    start_hour, start_minute, end_hour, end_minute = map(int, hours)
    if (end_hour, end_minute) == (24, 0):
        end_hour = 0
    try:
        start, end = time(start_hour, start_minute), time(end_hour, end_minute)
    except ValueError:
        raise ValueError(f"shift {text!r} has an hour that no clock shows") from None
    return Shift(_days(days, text), start, end)


def _days(text: str, shift: str) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            raise ValueError(f"shift {shift!r} has a day that is none of {', '.join(_DAYS)}")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        # Fri-Mon runs over the weekend.
        found.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return tuple(sorted(found))
