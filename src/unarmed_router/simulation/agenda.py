"""What happens when: a heap of acts, and the present of a simulation."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from unarmed_router.model.call import in_utc
from unarmed_router.operations.clock import LedgerClock

__all__ = ["Agenda", "AgendaClock"]


class Agenda:
    """Acts in order of time; those of one moment in the order they were planned.

    Parameters
    ----------
    now : datetime
        Where it starts; timezone-aware.
    """

    def __init__(self, now: datetime) -> None:
        self.now = self._start = in_utc(now, "start")
        self._heap: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._idle = 0

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def busy(self) -> bool:
        """Whether anything is planned that is not idle."""
        return len(self._heap) > self._idle

    def present(self) -> datetime:
        """Return the present."""
        return self.now

    def seconds(self) -> float:
        """Return the seconds since the start: a steady clock."""
        return (self.now - self._start).total_seconds()

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        """Plan an act."""
        heapq.heappush(self._heap, (moment, next(self._order), act))

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Plan an act some seconds from now."""
        moment = self.now + timedelta(0, seconds)
        heapq.heappush(self._heap, (moment, next(self._order), act))

    def idle(self, seconds: float, act: Callable[[], None]) -> None:
        """Plan an act that goes on for ever, such as a break; by itself it keeps nothing going."""
        self._idle += 1

        def let_happen() -> None:
            self._idle -= 1
            act()

        self.after(seconds, let_happen)

    def step(self) -> None:
        """Let the next act happen, at its moment."""
        self.now, _, act = heapq.heappop(self._heap)
        act()

    def pass_until(self, moment: datetime) -> None:
        """Let everything up to a moment happen, that moment included."""
        heap = self._heap
        while heap and heap[0][0] <= moment:
            self.now, _, act = heapq.heappop(heap)
            act()
        self.now = moment


class AgendaClock(LedgerClock):
    """Ledger time of a simulation: the agenda's present, which never runs backwards.

    Parameters
    ----------
    agenda : Agenda
        Of one thread.
    """

    def __init__(self, agenda: Agenda) -> None:
        super().__init__(agenda.present, agenda.seconds)
        self._agenda = agenda

    def now(self, last: datetime | None = None) -> datetime:
        """Return the present, not before `last`; see `LedgerClock.now`."""
        at = self._agenda.now
        return at if last is None or last <= at else last
