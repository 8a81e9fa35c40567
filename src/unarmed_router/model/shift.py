"""Hours of duty, on the agency's wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from typing import Any

from unarmed_router.errors import InputError

__all__ = [
    "ALWAYS",
    "DAYS",
    "HOURS_A_WEEK",
    "MINUTES_A_DAY",
    "MINUTES_A_WEEK",
    "Shift",
    "minutes_of_week",
]

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""As files and tables write them; day 0 of a week is Monday."""

HOURS_A_WEEK = 168
MINUTES_A_DAY = 1440
MINUTES_A_WEEK = 7 * MINUTES_A_DAY


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours of duty on days of the week, in the agency's local time.

    Parameters
    ----------
    days : tuple of int
        Days on which the shift starts, 0 Monday to 6 Sunday.
    start, end : time
        Half-open, in whole minutes: on duty at `start`, off duty at `end`. An `end` not after
        `start` is on the next day, so 00:00 to 00:00 is the whole day.

    Raises
    ------
    InputError
        A day is none, or a time has a zone or seconds.
    """

    days: tuple[int, ...]
    start: time = time(0)
    end: time = time(0)

    def __post_init__(self) -> None:
        days: Any = self.days
        listed = isinstance(days, tuple | list)
        if not listed or not days or not all(type(day) is int and 0 <= day <= 6 for day in days):
            raise InputError(f"shift days {days!r:.80} must be numbers 0 (Monday) to 6 (Sunday)")
        object.__setattr__(self, "days", tuple(days))
        for at in (self.start, self.end):
            if not _is_minute(at):
                raise InputError(
                    f"shift time {at!r:.80} must be a time of the agency's own clock, in whole "
                    "minutes"
                )

    def covers(self, local: datetime) -> bool:
        """Tell whether the wall clock `local` falls into the shift."""
        minute = local.hour * 60 + local.minute
        start = self.start.hour * 60 + self.start.minute
        end = self.end.hour * 60 + self.end.minute
        if end <= start:
            end += MINUTES_A_DAY
        today, yesterday = local.weekday(), (local.weekday() - 1) % 7
        return (today in self.days and start <= minute < end) or (
            yesterday in self.days and minute + MINUTES_A_DAY < end
        )


def _is_minute(at: Any) -> bool:
    return isinstance(at, time) and at.tzinfo is None and not at.second and not at.microsecond


ALWAYS = (Shift(days=(0, 1, 2, 3, 4, 5, 6)),)
"""Round the clock, every day."""


@cache
def minutes_of_week(shifts: tuple[Shift, ...]) -> frozenset[int]:
    """Return the minutes of the week, 0 for Monday 00:00, that some shift covers."""
    covered: set[int] = set()
    for shift in shifts:
        start = shift.start.hour * 60 + shift.start.minute
        end = shift.end.hour * 60 + shift.end.minute
        if end <= start:
            end += MINUTES_A_DAY
        for day in shift.days:
            first = day * MINUTES_A_DAY
            covered.update(minute % MINUTES_A_WEEK for minute in range(first + start, first + end))
    return frozenset(covered)
