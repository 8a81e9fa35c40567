"""Ledger time: it follows the wall clock, never runs backwards, and never stands still."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

from unarmed_router.errors import InputError
from unarmed_router.model.call import in_utc

__all__ = ["LedgerClock"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LedgerClock:
    """The present for a ledger; safe to share between threads.

    While the wall clock moves forward, ledger time is the wall clock. When it jumps back, ledger
    time goes on from where it was at the pace of a steady clock, until the wall clock has caught
    up: events keep their order, and a reservation lasts as long as it was made for.

    Parameters
    ----------
    wall : callable
        The present, timezone-aware; may jump.
    steady : callable
        Seconds since some moment; never jumps. With a clock of a simulation, one that follows it.

    Raises
    ------
    InputError
        One of them cannot be called.
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = _utc_now,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        for name, clock in (("wall", wall), ("steady", steady)):
            if not callable(clock):
                raise InputError(
                    f"{name} must be called for the time; got {clock!r:.80}: leave it out for the "
                    "system's"
                )
        self._wall, self._steady = wall, steady
        self._lock = Lock()  # a time and its moment on the steady clock belong together
        self._latest: datetime | None = None
        self._latest_s = 0.0

    def now(self, last: datetime | None = None) -> datetime:
        """Return the present, not before `last`.

        Parameters
        ----------
        last : datetime, optional
            Ledger time of the last event, which another process may have written; timezone-aware.

        Raises
        ------
        InputError
            The wall clock, or `last`, is naive or no datetime.
        """
        with self._lock:
            at, steady_s = in_utc(self._wall(), "clock"), self._steady()
            if self._latest is not None:
                elapsed = timedelta(seconds=max(0.0, steady_s - self._latest_s))
                at = max(at, self._latest + elapsed)
            if last is not None:
                at = max(at, in_utc(last, "last"))
            self._latest, self._latest_s = at, steady_s
            return at
