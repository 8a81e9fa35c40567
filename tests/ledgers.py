"""Events and ledgers that tests share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TypeAlias

from tests.postgres import Server
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.store import Ledger
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.events import (
    CallClosed,
    CallReceived,
    Event,
    Reported,
    ReservationAccepted,
    ReservationDeclined,
    ReservationExpired,
    Reserved,
)
from unarmed_router.model.outcome import DeclineReason, Disposition
from unarmed_router.model.team import TeamStatus

__all__ = [
    "NOON",
    "AnyLedger",
    "accepted",
    "closed",
    "declined",
    "expired",
    "opened",
    "put",
    "received",
    "reported",
    "reserved",
    "schema_address",
]

NOON = datetime(2026, 11, 20, 20, tzinfo=UTC)
AnyLedger: TypeAlias = MemoryLedger | SqlLedger

_schemas = count()


def reserved(
    number: int, *, call: str = "", team: str = "", key: str = "", seconds: float = 60
) -> Reserved:
    """Make a reservation of a call and a team of its own, unless one is named."""
    return Reserved(
        reservation_id=f"R{number}",
        idempotency_key=key or f"key-{number}",
        call_id=call or f"C{number}",
        team_id=team or f"T{number}",
        expires_at=NOON + timedelta(seconds=seconds),
        decision="0" * 64,
    )


def accepted(event: Reserved) -> ReservationAccepted:
    """Accept a reservation."""
    return ReservationAccepted(
        reservation_id=event.reservation_id, call_id=event.call_id, team_id=event.team_id
    )


def declined(event: Reserved) -> ReservationDeclined:
    """Decline it."""
    return ReservationDeclined(
        reservation_id=event.reservation_id,
        call_id=event.call_id,
        team_id=event.team_id,
        reason=DeclineReason.UNSAFE,
    )


def expired(event: Reserved) -> ReservationExpired:
    """Let it lapse."""
    return ReservationExpired(
        reservation_id=event.reservation_id, call_id=event.call_id, team_id=event.team_id
    )


def closed(event: Reserved) -> CallClosed:
    """Close its call."""
    return CallClosed(
        reservation_id=event.reservation_id,
        call_id=event.call_id,
        team_id=event.team_id,
        disposition=Disposition.RESOLVED,
    )


def received(number: int) -> CallReceived:
    """Receive a call."""
    call = Call(
        call_id=f"C{number}",
        lon=-118.309,
        lat=34.0606,
        call_type="welfare_check",
        received_at=NOON,
        facts={"weapon": Answer.NO},
    )
    return CallReceived(call=call, priority=3)


def reported(team: str = "T1", status: TeamStatus = TeamStatus.ON_SCENE) -> Reported:
    """Report a team's status."""
    return Reported(team_id=team, status=status, since=NOON)


def put(ledger: Ledger, *events: Event, at: datetime = NOON, seen: int = 0) -> list[int]:
    """Append events in a transaction of their own; return their numbers."""
    with ledger.transaction(seen=seen) as transaction:
        return [each.seq for each in transaction.append(events, at=at)]


def schema_address(server: Server) -> str:
    """Return the address of a schema nobody used yet."""
    return f"{server.url}?schema=ledger_{next(_schemas)}"


def opened(
    kind: str, folder: Path, server: Server | None, *, busy_timeout_s: float = 60.0
) -> AnyLedger:
    """Open a ledger of one of the three kinds, empty."""
    if kind == "memory":
        return MemoryLedger(busy_timeout_s=busy_timeout_s)
    if kind == "sqlite":
        return open_ledger(folder / "ledger.sqlite", busy_timeout_s=busy_timeout_s)
    assert server is not None
    return open_ledger(schema_address(server), busy_timeout_s=busy_timeout_s)
