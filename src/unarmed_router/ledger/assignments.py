"""What events make of assignments: who holds which team and which call.

The rules stand here once. A database applies them as conditional statements under unique indexes; a
ledger in memory, and the check of a database against its own log, apply them with dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from unarmed_router.errors import AlreadyAssignedError, InputError
from unarmed_router.ledger.chain import from_micros
from unarmed_router.model.call import microseconds
from unarmed_router.model.events import (
    CallClosed,
    Event,
    Preempted,
    ReservationAccepted,
    ReservationDeclined,
    ReservationExpired,
    Reserved,
)

__all__ = [
    "MOVES",
    "MOVING",
    "AssignmentRow",
    "Assignments",
    "Move",
    "Moving",
    "State",
    "Undo",
    "not_moved",
    "taken",
]

Moving: TypeAlias = (
    ReservationAccepted | ReservationDeclined | ReservationExpired | Preempted | CallClosed
)
"""Events that move a reservation on."""


class State(StrEnum):
    """Where a reservation stands; all but ``ended`` hold their team and their call."""

    RESERVED = "reserved"
    ACCEPTED = "accepted"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Move:
    """How an event moves a reservation.

    Parameters
    ----------
    before : tuple of State
        From which states.
    after : State
        To which.
    in_time : bool
        Whether it must come before the reservation expires.
    """

    before: tuple[State, ...]
    after: State
    in_time: bool = False


MOVES: dict[type, Move] = {
    ReservationAccepted: Move((State.RESERVED,), State.ACCEPTED, in_time=True),
    # A team that has accepted may still give the call back, as one that breaks down does.
    ReservationDeclined: Move((State.RESERVED, State.ACCEPTED), State.ENDED),
    ReservationExpired: Move((State.RESERVED,), State.ENDED),
    Preempted: Move((State.ACCEPTED,), State.ENDED),
    CallClosed: Move((State.ACCEPTED,), State.ENDED),
}
"""Everything else but `Reserved`, which makes a reservation, leaves assignments as they are."""

MOVING = frozenset({Reserved, *MOVES})
"""Kinds of events that change assignments."""


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """One row of the table of assignments: a reservation and where it stands.

    Parameters
    ----------
    reservation_id, idempotency_key, call_id, team_id : str
        As in `Reserved`.
    state : State
        Where it stands.
    expires_us : int
        When it lapses unless accepted, microseconds since 1970-01-01 UTC.
    decision : str
        Digest of the decision it follows.
    seq : int
        Number of the event that made it.
    """

    reservation_id: str
    idempotency_key: str
    call_id: str
    team_id: str
    state: State
    expires_us: int
    decision: str
    seq: int

    @classmethod
    def made_by(cls, event: Reserved, seq: int) -> AssignmentRow:
        """Return what an event starts."""
        return cls(
            event.reservation_id,
            event.idempotency_key,
            event.call_id,
            event.team_id,
            State.RESERVED,
            microseconds(event.expires_at),
            event.decision,
            seq,
        )

    def reserved(self) -> Reserved:
        """Return the event that made it."""
        return Reserved(
            reservation_id=self.reservation_id,
            idempotency_key=self.idempotency_key,
            call_id=self.call_id,
            team_id=self.team_id,
            expires_at=from_micros(self.expires_us),
            decision=self.decision,
        )


def taken(wanted: Reserved, holder: AssignmentRow) -> AlreadyAssignedError:
    """Say which of its four uniquenesses a reservation breaks."""
    same = "reservation", wanted.reservation_id
    if holder.reservation_id != wanted.reservation_id:
        if holder.idempotency_key == wanted.idempotency_key:
            same = "key", wanted.idempotency_key
        elif holder.team_id == wanted.team_id:
            same = "team", wanted.team_id
        else:
            same = "call", wanted.call_id
    what, value = same
    words = {
        "reservation": f"reservation id {value} is already used",
        "key": f"idempotency key {value} was already used, by reservation {holder.reservation_id}",
        "team": f"team {value} is held by reservation {holder.reservation_id} for {holder.call_id}",
        "call": f"call {value} is held by reservation {holder.reservation_id} of {holder.team_id}",
    }
    return AlreadyAssignedError(
        f"{words[what]}; {wanted.reservation_id} is not made",
        what=what,
        value=value,
        holder=holder.reservation_id,
    )


def not_moved(event: Moving, held: AssignmentRow | None, at_us: int) -> InputError:
    """Say why an event fits no reservation, given the one of its id."""
    start = f"{event.kind} of reservation {event.reservation_id} is refused:"
    if held is None:
        return InputError(f"{start} there is none of that id")
    if (held.call_id, held.team_id) != (event.call_id, event.team_id):
        return InputError(
            f"{start} it is of call {held.call_id} and team {held.team_id}, the event is of call "
            f"{event.call_id} and team {event.team_id}"
        )
    move = MOVES[type(event)]
    if held.state not in move.before:
        return InputError(f"{start} it is {held.state} and must be {' or '.join(move.before)}")
    return InputError(
        f"{start} it lapsed at {from_micros(held.expires_us).isoformat()}, now is "
        f"{from_micros(at_us).isoformat()}; reserve again"
    )


class Held:
    """One reservation in memory: what made it, and where it stands."""

    __slots__ = ("event", "seq", "state")

    def __init__(self, event: Reserved, seq: int) -> None:
        self.event = event
        self.seq = seq
        self.state = State.RESERVED

    def row(self) -> AssignmentRow:
        """Return it as a database holds it."""
        return replace(AssignmentRow.made_by(self.event, self.seq), state=self.state)


Undo: TypeAlias = tuple[Held, State | None]
"""A reservation and the state it had before; None where it was not there."""


class Assignments:
    """Every reservation by id, kept in dictionaries."""

    def __init__(self) -> None:
        self._by_id: dict[str, Held] = {}
        self._by_key: dict[str, Held] = {}
        self._teams: dict[str, Held] = {}
        self._calls: dict[str, Held] = {}

    def __iter__(self) -> Iterator[AssignmentRow]:
        return (held.row() for held in self._by_id.values())

    def of_key(self, idempotency_key: str) -> Reserved | None:
        """Return the reservation made under a key."""
        held = self._by_key.get(idempotency_key)
        return None if held is None else held.event

    def apply(self, event: Event, *, seq: int, at: datetime) -> Undo | None:
        """Let an event move what it moves.

        Parameters
        ----------
        event : Event
            Any; most move nothing.
        seq : int
            Its number.
        at : datetime
            Ledger time.

        Returns
        -------
        tuple or None
            What `take_back` needs; None where there is nothing to take back.

        Raises
        ------
        AlreadyAssignedError
            A reservation of what another one holds.
        InputError
            A move of a reservation that is not there, is another's, or is in another state.
        """
        if type(event) is Reserved:
            return self._reserve(event, seq)
        move = MOVES.get(type(event))
        if move is None:
            return None
        return self._move(event, move, at)  # type: ignore[arg-type]  # the keys are these types

    def take_back(self, undo: Undo) -> None:
        """Undo the last event applied, then the one before it, and so on."""
        held, before = undo
        event = held.event
        if before is None:
            del self._by_id[event.reservation_id], self._by_key[event.idempotency_key]
            del self._teams[event.team_id], self._calls[event.call_id]
            return
        held.state = before
        self._teams[event.team_id] = self._calls[event.call_id] = held

    def _reserve(self, event: Reserved, seq: int) -> Undo:
        holder = (
            self._by_id.get(event.reservation_id)
            or self._by_key.get(event.idempotency_key)
            or self._teams.get(event.team_id)
            or self._calls.get(event.call_id)
        )
        if holder is not None:
            raise taken(event, holder.row())
        held = Held(event, seq)
        self._by_id[event.reservation_id] = self._by_key[event.idempotency_key] = held
        self._teams[event.team_id] = self._calls[event.call_id] = held
        return held, None

    def _move(self, event: Moving, move: Move, at: datetime) -> Undo:
        held = self._by_id.get(event.reservation_id)
        if (
            held is None
            or held.state not in move.before
            or held.event.call_id != event.call_id
            or held.event.team_id != event.team_id
            or (move.in_time and held.event.expires_at <= at)
        ):
            raise not_moved(event, None if held is None else held.row(), microseconds(at))
        before, held.state = held.state, move.after
        if move.after is State.ENDED:
            del self._teams[event.team_id], self._calls[event.call_id]
        return held, before
