"""Time as the naive day has it: whole milliseconds since the start, and a list of what is to come.

Acts of one moment happen in the order in which they were planned.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

__all__ = ["NaiveTime"]


class NaiveTime:
    """What is still to come.

    Parameters
    ----------
    start : datetime
        The beginning of time.
    """

    def __init__(self, start: datetime) -> None:
        self.start, self.now = start, 0
        self.plan: list[tuple[int, int, bool, Callable[[], None]]] = []
        self.number = count()

    @property
    def moment(self) -> datetime:
        """The present."""
        return self.start + timedelta(milliseconds=self.now)

    def later(self, ms: int, act: Callable[..., None], *what: object, idle: bool = False) -> None:
        """Plan an act."""
        heappush(self.plan, (self.now + ms, next(self.number), idle, lambda: act(*what)))

    def step(self) -> None:
        """Let the next act happen."""
        self.now, _, _, act = heappop(self.plan)
        act()

    def until(self, ms: int) -> None:
        """Let everything happen that happens by then, and then be there."""
        while self.plan and self.plan[0][0] <= ms:
            self.step()
        self.now = ms

    def busy(self, last: int) -> bool:
        """Tell whether anything is to come; what goes on for ever counts until a last moment."""
        return any(not idle for _, _, idle, _ in self.plan) or (bool(self.plan) and self.now < last)
