"""Which minutes of the week a team may be sent at: on duty, and for long enough to finish a call.

A shift is written on the agency's wall clock, and a call takes time that passes. The two part when
daylight saving begins or ends, so the minutes ahead of such a moment are counted one by one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from unarmed_router.kernels.screening import MINUTES
from unarmed_router.model.shift import Shift, minutes_of_week

if TYPE_CHECKING:
    from unarmed_router.dispatch.ports import Hours

__all__ = ["MinutesAhead", "SteadyClock", "handover_minutes", "minutes_ahead", "sendable"]

Bytes: TypeAlias = npt.NDArray[np.uint8]
MinutesAhead: TypeAlias = tuple[int, ...]
"""Minutes of the week on the wall clock, one for each minute that passes from a moment on."""

_MINUTES_A_DAY = 1440
_DAY = timedelta(days=1)
_LAST_DAY = datetime.max.replace(tzinfo=UTC) - 2 * _DAY
"""A day after it may be beyond the calendar, on some wall clock."""


def handover_minutes(handover_s: int) -> int:
    """Return how many minutes of duty a team must have before it, the one that runs included."""
    return max(1, -(-handover_s // 60))


def minutes_ahead(hours: Hours, at: datetime, handover_s: int) -> MinutesAhead | None:
    """Return the wall clock's minutes from `at` on, where they do not just follow each other.

    Parameters
    ----------
    hours : Hours
        The wall clock.
    at : datetime
        An instant in UTC.
    handover_s : int
        How far to look, seconds.

    Returns
    -------
    tuple of int, or None
        None where no change of daylight saving lies ahead.
    """
    count = handover_minutes(handover_s)
    if count == 1:
        return None
    there = hours.local(at + timedelta(minutes=count))
    if hours.local(at).utcoffset() == there.utcoffset():
        return None
    # Clocks have been whole minutes from UTC since 1972.
    begun = at.replace(second=0, microsecond=0)
    return tuple(
        local.weekday() * _MINUTES_A_DAY + local.hour * 60 + local.minute
        for local in (hours.local(begun + timedelta(minutes=passed)) for passed in range(count))
    )


class SteadyClock:
    """Does `minutes_ahead` and remembers for how long it finds nothing; safe to share by threads.

    Parameters
    ----------
    hours : Hours
        The wall clock; daylight saving does not both begin and end within a day.
    """

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        # Replaced as a whole, so that another thread reads the old span or the new.
        self._span: tuple[int, datetime, datetime] | None = None

    def minutes_ahead(self, at: datetime, handover_s: int) -> MinutesAhead | None:
        """Return the minutes ahead of `at` as `minutes_ahead` does, or None for the same duty."""
        span = self._span
        if span is not None and span[0] == handover_s and span[1] <= at < span[2]:
            return None
        if 1 < handover_minutes(handover_s) < _MINUTES_A_DAY and at < _LAST_DAY:
            ends = at + _DAY
            if self._hours.local(at).utcoffset() == self._hours.local(ends).utcoffset():
                self._span = handover_s, at, ends - timedelta(seconds=handover_s)
        return minutes_ahead(self._hours, at, handover_s)


def sendable(shifts: tuple[Shift, ...], handover_s: int, ahead: MinutesAhead | None) -> Bytes:
    """Mark the minutes of the week at which a team with these shifts may be sent.

    Parameters
    ----------
    shifts : tuple of Shift
        Its shifts.
    handover_s : int
        For how long it must be on duty from the minute it is sent at, seconds.
    ahead : tuple of int, or None
        What `minutes_ahead` returned; its first minute is then judged by it.

    Returns
    -------
    uint8 array, shape (10080,)
    """
    on_duty = np.zeros(MINUTES, np.uint8)
    on_duty[sorted(minutes_of_week(shifts))] = 1
    marks, reach = on_duty.copy(), 1
    count = min(handover_minutes(handover_s), MINUTES)
    while reach < count:  # what holds for some minutes from each on, holds for up to twice as many
        step = min(reach, count - reach)
        marks = marks & np.roll(marks, -step)
        reach += step
    if ahead is not None:
        marks[ahead[0]] = on_duty[list(ahead)].min()
    return marks
