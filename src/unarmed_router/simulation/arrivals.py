"""When calls arrive: a Poisson process whose rate follows the hour of the week.

A Poisson process of rate 1 is carried to the wall clock through the inverse of the accumulated rate
(Cinlar, Introduction to Stochastic Processes, 1975, section 4.7), which is exact where the rate is
constant for each hour. Thinning (Lewis and Shedler, 1979, doi 10.1002/nav.3800260304) has the same
law; by inversion, call n stays call n when a rate changes, as common random numbers need.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from unarmed_router.dispatch.ports import Hours
from unarmed_router.errors import InputError
from unarmed_router.model.shift import HOURS_A_WEEK
from unarmed_router.simulation.draws import BLOCK, Draws, exponential

__all__ = ["HourlyRates", "arrival_ms"]

Floats: TypeAlias = npt.NDArray[np.float64]

_PIECE_MS = 900_000
"""A quarter of an hour: offsets of time zones are multiples of it, so each piece has one rate."""
_AHEAD = 4 * 24 * 7
"""Pieces laid out at once: a week."""


@dataclass(frozen=True)
class HourlyRates:
    """Mean calls by hour of the week.

    Parameters
    ----------
    per_day : float
        Mean calls a day over the week; above 0.
    weights : sequence of float, length 168
        Relative rates, 0 is Monday 00:00 on the wall clock.

    Raises
    ------
    InputError
        Another length, a weight that is negative or no number, no weight above 0, or a rate that is
        not above 0.
    """

    per_day: float
    weights: Sequence[float]

    def __post_init__(self) -> None:
        try:
            weights = np.asarray(self.weights, np.float64)
        except (TypeError, ValueError):
            raise InputError(
                f"hourly weights must be {HOURS_A_WEEK} numbers, Monday 00:00 first"
            ) from None
        if weights.shape != (HOURS_A_WEEK,):
            shape = " by ".join(map(str, weights.shape))
            raise InputError(f"{shape} hourly weights; a week has {HOURS_A_WEEK} hours")
        object.__setattr__(self, "weights", tuple(weights.tolist()))  # equal rates are equal
        wrong = [h for h, w in enumerate(self.weights) if not 0.0 <= w < float("inf")]
        if wrong:
            raise InputError(
                f"weight {self.weights[wrong[0]]} of hour {wrong[0]} must be at least 0 and finite"
            )
        if not sum(self.weights) > 0.0:
            raise InputError("every hourly weight is 0: no call would ever arrive")
        if not 0.0 < self.per_day < float("inf"):
            raise InputError(f"per_day {self.per_day} must be a number of calls above 0")

    @cached_property
    def per_hour(self) -> tuple[float, ...]:
        """Mean calls in each hour of the week."""
        scale = 7.0 * self.per_day / sum(self.weights)
        return tuple(scale * weight for weight in self.weights)


def arrival_ms(
    draws: Draws,
    rates: HourlyRates,
    hours: Hours,
    start: datetime,
    *,
    until_ms: int | None = None,
    most: int | None = None,
) -> Iterator[npt.NDArray[np.int64]]:
    """Draw the moments of arrival, in blocks.

    Parameters
    ----------
    draws : Draws
        Sub-stream ``"arrival"``, one number a call.
    rates : HourlyRates
        Calls by hour of the week.
    hours : Hours
        The wall clock; a day of 23 or 25 hours has as many.
    start : datetime
        When to begin, in UTC.
    until_ms : int, optional
        When to end, exclusive, milliseconds after `start`; without it, never.
    most : int, optional
        No more moments than this; of rare calls the rest of a block would take centuries to find.

    Yields
    ------
    int64 array
        Milliseconds after `start`, rounded down, in order: `BLOCK` calls, at last fewer.

    Raises
    ------
    InputError
        Calls so rare that the next one would come after the year 9999.
    """
    clock = _Clock(rates, hours, start)
    reached, first = 0.0, 0
    while most is None or first < most:
        size = BLOCK if most is None else min(BLOCK, most - first)
        gaps = exponential(draws.uniform("arrival", first, size)[:, 0])
        gaps[0] += reached  # one running sum, so that it does not depend on blocks
        units = np.cumsum(gaps)
        reached, first = float(units[-1]), first + size
        times = clock.moments(units, until_ms)
        if until_ms is not None and (len(times) < len(units) or times[-1] >= until_ms):
            yield times[times < until_ms]
            return
        yield times


class _Clock:
    """The accumulated rate since the start, laid out a week at a time, and its inverse."""

    def __init__(self, rates: HourlyRates, hours: Hours, start: datetime) -> None:
        self._per_ms = np.array(rates.per_hour) / 3_600_000.0
        self._hours, self._start = hours, start
        # Pieces end on the quarter hours of UTC; the first may be shorter.
        past = start.minute % 15 * 60_000 + start.second * 1000 + start.microsecond / 1000
        self._next_ms = _PIECE_MS - past
        self._ends_ms = np.array([0.0])
        self._units = np.array([0.0])

    def moments(self, units: Floats, until_ms: int | None) -> npt.NDArray[np.int64]:
        """Return when the accumulated rate reaches each of some ascending values.

        Those that it does not reach before `until_ms` may be left out: rare calls lie centuries
        ahead of the end.
        """
        self._lay(float(units[-1]), until_ms)
        units = units[units < self._units[-1]]
        if not len(units):
            return np.zeros(0, np.int64)
        piece = np.searchsorted(self._units, units, side="right") - 1
        begin, end = self._ends_ms[piece], self._ends_ms[piece + 1]
        low, high = self._units[piece], self._units[piece + 1]
        times: npt.NDArray[np.int64] = np.floor(
            begin + (units - low) / (high - low) * (end - begin)
        ).astype(np.int64)
        keep = int(piece[-1])
        self._units, self._ends_ms = self._units[keep:], self._ends_ms[keep:]
        return times

    def _lay(self, units: float, until_ms: int | None) -> None:
        """Lay weeks out until the accumulated rate is above a value, or the end is reached."""
        ends_ms, laid = [self._ends_ms], [self._units]
        while laid[-1][-1] <= units and (until_ms is None or ends_ms[-1][-1] < until_ms):
            ends, steps = self._week(float(ends_ms[-1][-1]))
            steps[0] += laid[-1][-1]
            ends_ms.append(ends)
            laid.append(np.cumsum(steps))
        # Put together once: rare calls take thousands of weeks.
        self._ends_ms, self._units = np.concatenate(ends_ms), np.concatenate(laid)

    def _week(self, begin_ms: float) -> tuple[Floats, Floats]:
        """Return where the pieces of the next week end, and what the rate comes to in each."""
        ends = self._next_ms + _PIECE_MS * np.arange(_AHEAD, dtype=np.float64)
        self._next_ms = float(ends[-1]) + _PIECE_MS
        begins = np.concatenate(([begin_ms], ends[:-1]))
        try:
            hour = [
                self._hours.hour_of_week(self._start + timedelta(milliseconds=ms))
                for ms in begins.tolist()
            ]
        except OverflowError:
            raise InputError(
                "calls are so rare that the next one comes after the year 9999: give more calls a "
                "day, or an end"
            ) from None
        return ends, (ends - begins) * self._per_ms[hour]
