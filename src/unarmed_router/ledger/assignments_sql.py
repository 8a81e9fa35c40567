"""Assignments in a database: conditional statements under unique indexes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from unarmed_router.ledger.assignments import (
    MOVES,
    AssignmentRow,
    Moving,
    State,
    not_moved,
    taken,
)
from unarmed_router.ledger.session import Session
from unarmed_router.model.events import Event, Reserved

__all__ = ["all_assignments", "assignment_of_key", "project"]

_COLUMNS = "reservation_id, idempotency_key, call_id, team_id, state, expires_us, decision, seq"
_FIND = f"SELECT {_COLUMNS} FROM assignments"  # noqa: S608

# Every unique index refuses: reservation, key, and the open assignment of a team and of a call.
_RESERVE = (
    f"INSERT INTO assignments ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
    "ON CONFLICT DO NOTHING"
)
_HOLDERS = (
    f"{_FIND} WHERE reservation_id = ? OR idempotency_key = ? "
    "OR (state <> 'ended' AND team_id = ?) OR (state <> 'ended' AND call_id = ?)"
)
_MOVE = (
    "UPDATE assignments SET state = ? "
    "WHERE reservation_id = ? AND call_id = ? AND team_id = ? AND state IN"
)


def project(session: Session, event: Event, *, seq: int, at_us: int) -> None:
    """Let an event move what it moves; as `unarmed_router.ledger.assignments.Assignments.apply`."""
    if isinstance(event, Reserved):
        made = AssignmentRow.made_by(event, seq)
        if session.change(_RESERVE, _values(made)) != 1:
            raise taken(event, _holder(session, event))
    elif type(event) in MOVES:
        move = MOVES[type(event)]
        moving: Moving = event  # type: ignore[assignment]  # the keys are these types
        who = (moving.reservation_id, moving.call_id, moving.team_id)
        late = " AND expires_us > ?" if move.in_time else ""
        states = ", ".join("?" * len(move.before))
        values = [str(move.after), *who, *map(str, move.before), *([at_us] if late else [])]
        if session.change(f"{_MOVE} ({states}){late}", values) != 1:
            held = _found(session, f"{_FIND} WHERE reservation_id = ?", moving.reservation_id)
            raise not_moved(moving, held, at_us)


def assignment_of_key(session: Session, idempotency_key: str) -> AssignmentRow | None:
    """Return the reservation made under a key."""
    return _found(session, f"{_FIND} WHERE idempotency_key = ?", idempotency_key)


def all_assignments(session: Session) -> Iterator[AssignmentRow]:
    """Yield every row, in the order in which they were made."""
    for stored in session.rows(f"{_FIND} ORDER BY seq"):
        yield _row(stored)


def _holder(session: Session, wanted: Reserved) -> AssignmentRow:
    """Find who has it: the reservation's own id before its key, its key before team and call."""
    keys = (wanted.reservation_id, wanted.idempotency_key, wanted.team_id, wanted.call_id)
    holders = [_row(stored) for stored in session.rows(_HOLDERS, keys)]
    return min(
        holders,
        key=lambda held: (
            held.reservation_id != wanted.reservation_id,
            held.idempotency_key != wanted.idempotency_key,
            held.state is State.ENDED or held.team_id != wanted.team_id,
        ),
    )


def _found(session: Session, sql: str, value: str) -> AssignmentRow | None:
    found = session.rows(sql, (value,))
    return _row(found[0]) if found else None


def _values(held: AssignmentRow) -> Sequence[Any]:
    return (
        held.reservation_id,
        held.idempotency_key,
        held.call_id,
        held.team_id,
        str(held.state),
        held.expires_us,
        held.decision,
        held.seq,
    )


def _row(stored: tuple[Any, ...]) -> AssignmentRow:
    reservation_id, key, call_id, team_id, state, expires_us, decision, seq = stored
    return AssignmentRow(
        reservation_id, key, call_id, team_id, State(state), expires_us, decision, seq
    )
