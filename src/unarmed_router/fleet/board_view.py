"""The shift as others read it: a picture that no act changes, made when somebody looks.

The board changes in place, because that is quick, and acts come one after the other. Whoever reads
it from another thread would see dictionaries change under a loop and a call without the team it has
just got. So readers are handed copies, each taken between two events, and made anew only where
something has happened since the last one. Acts pay for that with one lock that is almost always
free.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_record import Assignment, CallRecord
from unarmed_router.fleet.queue import waiting
from unarmed_router.fleet.roster import Roster
from unarmed_router.model.events import AgencySet, SpeedsSet
from unarmed_router.model.outcome import Outcome

__all__ = ["BoardView"]

V = TypeVar("V")
S = TypeVar("S", CallRecord, Assignment)


class BoardView:
    """Teams, calls and assignments as they stand; safe to read from any thread.

    What an attribute returns is never changed afterwards: read it again to see what has happened
    since. What two attributes return may lie an event apart; one `calls` agrees with itself.

    Parameters
    ----------
    board : Board
        The shift itself.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._last: _Picture | None = None

    @property
    def seq(self) -> int:
        """Number of the last event."""
        return self._board.seq

    @property
    def at(self) -> datetime | None:
        """Ledger time of the last event; None before the first."""
        return self._board.at

    @property
    def roster(self) -> Roster:
        """The teams; `Roster.snapshot` is how all of them stand."""
        return self._board.roster

    @property
    def agency(self) -> AgencySet | None:
        """The data in force, as the ledger names them; None before the first event."""
        return self._board.agency

    @property
    def speeds(self) -> SpeedsSet | None:
        """The live traffic that the ledger named last; None where it never did."""
        return self._board.speeds

    @property
    def calls(self) -> Mapping[str, CallRecord]:
        """Calls that have not ended, by id; `call` returns one of them at less cost."""
        return self._picture().calls

    @property
    def queue(self) -> Sequence[CallRecord]:
        """Calls that wait for a team: by priority, then receipt, then id."""
        return tuple(waiting(self))

    @property
    def open_of_team(self) -> Mapping[str, Assignment]:
        """What each busy team works on."""
        return self._picture().open_of_team

    @property
    def reservations(self) -> Mapping[str, Assignment]:
        """Open assignments by reservation id."""
        return self._picture().reservations

    @property
    def unanswered(self) -> Mapping[str, Assignment]:
        """Those among them that the team has not accepted yet."""
        return self._picture().unanswered

    @property
    def ended(self) -> Mapping[str, tuple[Outcome, str]]:
        """Outcome and reason of the calls that have ended, by id; it goes on growing."""
        return _Kept(self._board.ended)

    @property
    def keys(self) -> Mapping[str, tuple[str, str, str, datetime]]:
        """Reservation, call, team and expiry of each idempotency key ever used; it grows too."""
        return _Kept(self._board.keys)

    @property
    def escalations(self) -> Counter[tuple[str, str]]:
        """How many times each target was asked, by act."""
        with self._board.lock:
            return self._board.escalations.copy()

    @property
    def fix_on_record(self) -> Mapping[str, datetime]:
        """When the position of each team that the ledger holds was measured."""
        with self._board.lock:
            return self._board.fix_on_record.copy()

    @property
    def tally(self) -> Counter[tuple[Outcome, str]]:
        """How many calls have each outcome and reason; of all received."""
        with self._board.lock:
            return self._board.tally

    def call(self, call_id: str) -> CallRecord:
        """Return an open call.

        Raises
        ------
        UnknownCallError
            It was never received, or has ended; the message says which.
        """
        with self._board.lock:
            return _copied(self._board.call(call_id))

    def reservation(self, reservation_id: str) -> Assignment:
        """Return an open assignment.

        Raises
        ------
        UnknownCallError
            There is none of that id that is still open.
        """
        with self._board.lock:
            return _twin(self._board.reservation(reservation_id))

    def _picture(self) -> _Picture:
        """Return the last picture while it holds; else make another one."""
        last, board = self._last, self._board
        if last is not None and last.seq == board.seq:
            return last  # it may be changing: this is how it was before
        with board.lock:
            last = self._last
            if last is None or last.seq != board.seq:
                self._last = last = _drawn(board)
            return last


@dataclass(frozen=True, slots=True)
class _Picture:
    """Open calls and assignments after an event."""

    seq: int
    calls: Mapping[str, CallRecord]
    open_of_team: Mapping[str, Assignment]
    reservations: Mapping[str, Assignment]
    unanswered: Mapping[str, Assignment]


def _drawn(board: Board) -> _Picture:
    """Copy what is open; an assignment and its call's are one object, as on the board."""
    calls = {call_id: _copied(record) for call_id, record in board.calls.items()}
    copies = {
        id(mine): copy
        for call_id, record in board.calls.items()
        for mine, copy in zip(record.assignments, calls[call_id].assignments, strict=True)
    }

    def pictured(assignments: Mapping[str, Assignment]) -> Mapping[str, Assignment]:
        return MappingProxyType({key: copies[id(each)] for key, each in assignments.items()})

    return _Picture(
        board.seq,
        MappingProxyType(calls),
        pictured(board.open_of_team),
        pictured(board.reservations),
        pictured(board.unanswered),
    )


def _copied(record: CallRecord) -> CallRecord:
    """Copy a call with every team it was given to."""
    copy = _twin(record)
    copy.assignments = [_twin(each) for each in record.assignments]
    return copy


def _twin(one: S) -> S:
    """Copy slot by slot: `dataclasses.replace` calls the constructor, and takes longer."""
    copy = object.__new__(type(one))
    for name in one.__slots__:
        setattr(copy, name, getattr(one, name))
    return copy


class _Kept(Mapping[str, V]):
    """A dictionary that only grows; a loop over it goes over what was there when it began."""

    def __init__(self, kept: dict[str, V]) -> None:
        self._kept = kept

    def __getitem__(self, key: str) -> V:
        return self._kept[key]

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._kept))  # copied in one step, which no other thread comes between

    def __repr__(self) -> str:
        return repr(self._kept.copy())
