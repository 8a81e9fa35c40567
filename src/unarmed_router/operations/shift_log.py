"""The board and the ledger behind it, kept in step, one act at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from threading import RLock
from typing import Any, TypeVar

from unarmed_router.errors import LedgerError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_record import CallRecord
from unarmed_router.fleet.roster import Roster
from unarmed_router.fleet.team_acts import expire
from unarmed_router.ledger.store import Ledger, Recorded
from unarmed_router.model.events import Event, ReservationExpired
from unarmed_router.model.team import TeamState
from unarmed_router.operations.clock import LedgerClock

__all__ = ["ShiftLog"]

T = TypeVar("T")

_REMEMBERED = 10_000
"""Lapsed reservations kept for whoever asks; a dispatcher that never ticks keeps no more."""


class ShiftLog:
    """Lets acts happen: checked against everything known, durable before they are believed.

    Parameters
    ----------
    ledger : Ledger
        Where events are kept; other processes may write to it too.
    make_roster : callable
        As `fleet.board.Board` takes it.
    clock : LedgerClock
        Ledger time.
    on_end : callable, optional
        Given each call that has ended, whole, in their order, when no act is under way: it may act.

    Attributes
    ----------
    board : Board
        Rebuilt from the ledger.
    followers : dict of type to callable
        Given each event of that kind once the board has let it happen, this process's and those of
        others.
    """

    def __init__(
        self,
        ledger: Ledger,
        make_roster: Callable[[Iterable[TeamState]], Roster],
        clock: LedgerClock,
        on_end: Callable[[CallRecord], None] | None = None,
    ) -> None:
        self.ledger, self.clock = ledger, clock
        self._make_roster = make_roster
        self.lock = RLock()
        self.followers: dict[type, Callable[[Any], None]] = {}
        self._pending: list[Callable[[], Event]] = []
        self._torn = self._overtaken = False
        self._lapsed: deque[str] = deque(maxlen=_REMEMBERED)
        self._on_end, self._telling = on_end, False
        self._ended: deque[CallRecord] = deque()
        self.board = Board(make_roster, on_end=None if on_end is None else self._ended.append)
        self._digest = ""
        for each in ledger.read():
            self.board.apply(each.seq, each.at, each.event)
            self._digest = each.digest
            self._tell_of_ends()

    def act(self, make: Callable[[datetime], tuple[Sequence[Event], T]]) -> T:
        """Let one act happen, whole or not at all.

        Parameters
        ----------
        make : callable
            Given ledger time, returns the events of the act and what its caller is told; called
            with the board in step with the ledger and the ledger held, so that what it checks still
            holds when they are written.

        Returns
        -------
        object
            What the caller is told.

        Raises
        ------
        LedgerError
            The ledger did not take it: nothing has happened, and the board is as it was. Or an
            earlier act was broken off while the board changed: it cannot be trusted any more.
        """
        with self.lock:
            done = None
            while done is None:  # what was over has been ended first
                try:
                    done = self._attempt(make)
                finally:
                    self._tell_of_ends()
            return done[0]

    def later(self, make: Callable[[], Event]) -> None:
        """Record something that has happened already before whatever is recorded next.

        Its event is made when all that others recorded before it has happened here.
        """
        with self.lock:
            self._pending.append(make)

    def lapsed(self) -> tuple[str, ...]:
        """Return the reservations that ended unanswered since this was last asked."""
        with self.lock:
            lapsed = tuple(self._lapsed)
            self._lapsed.clear()
            return lapsed

    def _attempt(self, make: Callable[[datetime], tuple[Sequence[Event], T]]) -> tuple[T] | None:
        """Let an act happen; or first what comes before it, and return None.

        What has happened already goes on record, and reservations whose time is up end, at the
        moment of the act: nobody decides on data that is not on record, or around a reservation
        that has lapsed.
        """
        if self._torn:
            raise LedgerError(
                f"event {self.board.seq + 1} was broken off, as by a signal, while it changed the "
                "shift in memory; nothing on record is lost: open another Dispatcher on the ledger"
            )
        if self._overtaken:
            self._start_over()
        done, board = None, self.board
        with self.ledger.transaction(seen=board.seq, digest=self._digest) as held:
            if held.news:
                self._overtaken = any(each.event is None for each in held.news)
                if self._overtaken:
                    return None
                self._let_happen(held.news)
            at = self.clock.now(board.at)
            acts: Sequence[Event] = expire(board, at)
            if self._pending:
                acts = (*[made() for made in self._pending], *acts)
            if not acts:
                acts, told = make(at)
                done = (told,)
            recorded = held.append(acts, at=at) if acts else ()
        if done is None:
            self._pending.clear()
        self._let_happen(recorded)
        return done

    def _start_over(self) -> None:
        """Rebuild the board: a purge removed what it had not read, such as the end of a call.

        The ledger is not held meanwhile: to read all of it may take long.
        """
        since, digest = self.board.seq, ""
        news: dict[type, Event] = {}
        lapsed: list[str] = []
        ended: list[CallRecord] = []
        rebuilt = Board(self._make_roster, on_end=None if self._on_end is None else ended.append)
        for seq, at, event, last in self.ledger.read():
            if event is not None and seq > since:
                news[type(event)] = event
                if type(event) is ReservationExpired and _unanswered(rebuilt, event, at):
                    lapsed.append(event.reservation_id)
            rebuilt.apply(seq, at, event)
            digest = last
            if seq <= since:
                ended.clear()  # told of when it ended
        self._ended += ended
        self._lapsed += lapsed
        self._torn = True
        self.board.become(rebuilt)
        self._digest = digest
        self._torn = self._overtaken = False
        for kind, follow in self.followers.items():
            if kind in news:
                follow(news[kind])

    def _let_happen(self, recorded: Sequence[Recorded]) -> None:
        apply, followers = self.board.apply, self.followers
        for seq, at, event, digest in recorded:
            kind = type(event)
            if kind is ReservationExpired and _unanswered(self.board, event, at):  # type: ignore[arg-type]
                self._lapsed.append(event.reservation_id)  # type: ignore[union-attr]  # it is one
            self._torn = True  # what is left half changed could not be told from what is right
            apply(seq, at, event)
            self._digest = digest
            self._torn = False
            if kind in followers:
                followers[kind](event)

    def _tell_of_ends(self) -> None:
        """Hand ended calls on; of those that end meanwhile, by what that does, whoever tells."""
        if self._telling or self._on_end is None:
            return
        self._telling = True
        try:
            while self._ended:
                self._on_end(self._ended.popleft())
        finally:
            self._telling = False


def _unanswered(board: Board, event: ReservationExpired, at: datetime) -> bool:
    """Tell whether a reservation ends because its time is up; others are let go with their call."""
    held = board.reservations.get(event.reservation_id)
    return held is not None and held.expires_at <= at
