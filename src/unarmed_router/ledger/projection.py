"""What events make of assignments: who holds which team and which call.

The rules stand here once. A database applies them as conditional statements under unique indexes; a
ledger in memory, and the check of a database against its own log, apply them with dictionaries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from unarmed_router.errors import AlreadyAssignedError, InputError
from unarmed_router.ledger.chain import from_micros, to_micros
from unarmed_router.model.events import (
    CallClosed,
    Event,
    Preempted,
    ReservationAccepted,
    ReservationDeclined,
    ReservationExpired,
    Reserved,
)

__all__ = ["MOVES", "Assignment", "Assignments", "Move", "Moving", "State", "not_moved", "taken"]

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


@dataclass(frozen=True, slots=True)
class Assignment:
    """One reservation and where it stands.

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
    def made_by(cls, event: Reserved, seq: int) -> Assignment:
        """Return what an event starts."""
        return cls(
            event.reservation_id,
            event.idempotency_key,
            event.call_id,
            event.team_id,
            State.RESERVED,
            to_micros(event.expires_at),
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


def taken(wanted: Reserved, holder: Assignment) -> AlreadyAssignedError:
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


def not_moved(event: Moving, held: Assignment | None, at_us: int) -> InputError:
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


class Assignments:
    """Every reservation by id, kept in dictionaries."""

    def __init__(self) -> None:
        self._by_id: dict[str, Assignment] = {}
        self._by_key: dict[str, str] = {}
        self._teams: dict[str, str] = {}
        self._calls: dict[str, str] = {}

    def __iter__(self) -> Iterator[Assignment]:
        return iter(self._by_id.values())

    def of_key(self, idempotency_key: str) -> Assignment | None:
        """Return the reservation made under a key."""
        reservation_id = self._by_key.get(idempotency_key)
        return None if reservation_id is None else self._by_id[reservation_id]

    def apply(self, event: Event, *, seq: int, at_us: int) -> Callable[[], None] | None:
        """Let an event move what it moves.

        Parameters
        ----------
        event : Event
            Any; most move nothing.
        seq : int
            Its number.
        at_us : int
            Ledger time, microseconds since 1970-01-01 UTC.

        Returns
        -------
        callable or None
            Takes it back; None where there is nothing to take back.

        Raises
        ------
        AlreadyAssignedError
            A reservation of what another one holds.
        InputError
            A move of a reservation that is not there, is another's, or is in another state.
        """
        if type(event) is Reserved:
            return self._reserve(event, seq)
        if type(event) in MOVES:
            return self._move(event, at_us)  # type: ignore[arg-type]  # the keys are these types
        return None

    def _reserve(self, event: Reserved, seq: int) -> Callable[[], None]:
        holder = (
            (event.reservation_id if event.reservation_id in self._by_id else None)
            or self._by_key.get(event.idempotency_key)
            or self._teams.get(event.team_id)
            or self._calls.get(event.call_id)
        )
        if holder is not None:
            raise taken(event, self._by_id[holder])
        self._put(Assignment.made_by(event, seq))
        return lambda: self._forget(event)

    def _move(self, event: Moving, at_us: int) -> Callable[[], None]:
        move = MOVES[type(event)]
        held = self._by_id.get(event.reservation_id)
        if (
            held is None
            or held.state not in move.before
            or held.call_id != event.call_id
            or held.team_id != event.team_id
            or (move.in_time and held.expires_us <= at_us)
        ):
            raise not_moved(event, held, at_us)
        self._put(replace(held, state=move.after))
        return lambda: self._put(held)

    def _put(self, held: Assignment) -> None:
        self._by_id[held.reservation_id] = held
        self._by_key[held.idempotency_key] = held.reservation_id
        if held.state is State.ENDED:
            self._teams.pop(held.team_id, None)
            self._calls.pop(held.call_id, None)
        else:
            self._teams[held.team_id] = held.reservation_id
            self._calls[held.call_id] = held.reservation_id

    def _forget(self, event: Reserved) -> None:
        del self._by_id[event.reservation_id]
        del self._by_key[event.idempotency_key]
        self._teams.pop(event.team_id, None)
        self._calls.pop(event.call_id, None)
