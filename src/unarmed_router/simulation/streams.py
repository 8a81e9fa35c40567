"""Seeded streams of calls: any length, bounded memory, the same on every platform and release."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt

from unarmed_router.dispatch.ports import Hours
from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Call, Facts, in_utc
from unarmed_router.model.whole_number import whole_number
from unarmed_router.simulation.arrivals import HourlyRates, arrival_ms
from unarmed_router.simulation.call_mix import CallMix, Service
from unarmed_router.simulation.draws import Draws

__all__ = ["CallStream", "Places", "StreamedCall"]

_REMEMBERED = 4096
"""Sets of answers kept, so that equal ones are one object."""

_ANSWERS = (Answer.YES, Answer.UNKNOWN, Answer.NO)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StreamedCall:
    """A call, and what it will turn out to be.

    Parameters
    ----------
    call : Call
        What the dispatcher sees.
    service : Service
        What only the stream knows.
    """

    call: Call
    service: Service


class Places(Protocol):
    """Where calls arise; `Neighbourhoods` is one."""

    def draw(self, uniform: Floats) -> tuple[Floats, Floats]:
        """Turn uniform numbers, shape (n, 4), into lon and lat, shape (n,) each."""


@dataclass(frozen=True, kw_only=True)
class CallStream:
    """Synthetic calls in order of receipt; iterate as often as needed, always the same.

    Each attribute has its own sub-stream of random numbers, and call n its own numbers in it. So
    the same seed under another rate, another mix or other places changes that alone: call n keeps
    the rest (common random numbers).

    Parameters
    ----------
    places : Places
        Where.
    rates : HourlyRates
        When.
    hours : Hours
        The wall clock of the rates.
    mix : CallMix
        What; with a `ServiceMix`.
    start : datetime
        Timezone-aware.
    seed, replication : int
        Which numbers.
    until : datetime, optional
        No call is received at or after this.
    count : int, optional
        No more calls than this. One of the two must be given.
    prefix : str
        Of the call ids: ``sim-00000001`` and on.

    Raises
    ------
    InputError
        No end, an end before the start, a naive time, a negative count or seed, or a mix that does
        not say how calls turn out.
    """

    places: Places
    rates: HourlyRates
    hours: Hours
    mix: CallMix
    start: datetime
    seed: int
    replication: int = 0
    until: datetime | None = None
    count: int | None = None
    prefix: str = "sim"

    def __post_init__(self) -> None:
        draws = Draws(self.seed, self.replication)
        object.__setattr__(self, "seed", draws.seed)
        object.__setattr__(self, "replication", draws.replication)
        object.__setattr__(self, "start", in_utc(self.start, "start"))
        if self.until is not None:
            object.__setattr__(self, "until", in_utc(self.until, "until"))
            if self.until < self.start:
                raise InputError(f"until {self.until} is before start {self.start}")
        if self.until is None and self.count is None:
            raise InputError("a stream needs an end: give until, count, or both")
        if self.count is not None:
            object.__setattr__(self, "count", whole_number("count", self.count))
        if self.mix.service is None:
            raise InputError(
                "the call mix does not say how calls turn out; add its table [service]"
            )

    def __iter__(self) -> Iterator[StreamedCall]:
        """Draw the calls, a block at a time."""
        draws = Draws(self.seed, self.replication)
        until_ms = None
        if self.until is not None:
            until_ms = (self.until - self.start) // timedelta(milliseconds=1)
        first = 0
        answers = _AnswerSheets(self.mix)
        blocks = arrival_ms(
            draws, self.rates, self.hours, self.start, until_ms=until_ms, most=self.count
        )
        for times in blocks:
            yield from self._block(draws, first, times, answers)
            first += len(times)

    def calls(self) -> Iterator[Call]:
        """Iterate over what the dispatcher sees."""
        return (each.call for each in self)

    def _block(
        self, draws: Draws, first: int, times: npt.NDArray[np.int64], answers: _AnswerSheets
    ) -> Iterator[StreamedCall]:
        count = len(times)
        if count == 0 or self.mix.service is None:
            return
        lon, lat = self.places.draw(draws.uniform("place", first, count, 4))
        kinds = _picked(draws.uniform("call_type", first, count)[:, 0], self.mix)
        facts = answers.draw(draws, first, count)
        services = self.mix.service.draw(draws, first, kinds)
        rows = zip(times.tolist(), lon.tolist(), lat.tolist(), kinds, facts, services, strict=True)
        for number, (ms, x, y, kind, said, service) in enumerate(rows, start=first + 1):
            call = Call(
                call_id=f"{self.prefix}-{number:08d}",
                lon=x,
                lat=y,
                call_type=kind,
                received_at=self.start + timedelta(milliseconds=ms),
                facts=said,
            )
            yield StreamedCall(call, service)


def _picked(uniform: Floats, mix: CallMix) -> list[str]:
    """Pick a call type by weight for each number; types in alphabetical order."""
    names = sorted(mix.call_types)
    steps = np.cumsum([mix.call_types[name] for name in names])
    place = np.searchsorted(steps, uniform * steps[-1], side="right")
    return [names[min(k, len(names) - 1)] for k in place.tolist()]


class _AnswerSheets:
    """Draws sets of answers; each fact has a sub-stream of its own."""

    def __init__(self, mix: CallMix) -> None:
        self._yes, self._unknown = mix.yes, mix.unknown
        self._made: dict[tuple[int, ...], Facts] = {}

    def draw(self, draws: Draws, first: int, count: int) -> list[Facts]:
        columns = []
        for fact in self._yes:
            number = draws.uniform(f"fact:{fact}", first, count)[:, 0]
            yes = self._yes[fact]
            columns.append(np.searchsorted([yes, yes + self._unknown], number, side="right"))
        if not columns:
            return [Facts()] * count
        return [self._sheet(tuple(row)) for row in np.column_stack(columns).tolist()]

    def _sheet(self, codes: tuple[int, ...]) -> Facts:
        made = self._made.get(codes)
        if made is None:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            answers = (_ANSWERS[code] for code in codes)
            made = self._made[codes] = Facts(dict(zip(self._yes, answers, strict=True)))
        return made
