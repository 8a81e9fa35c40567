"""Remove what ended calls and old positions said, so that the chain still verifies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from unarmed_router.errors import InputError
from unarmed_router.ledger.codec import read_event
from unarmed_router.ledger.session import Session
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.store import Recorded
from unarmed_router.model.call import in_utc, microseconds
from unarmed_router.model.events import (
    CallCancelled,
    CallClosed,
    CallReceived,
    CallReferred,
    Event,
    Fixes,
    Purged,
)

__all__ = ["call_of", "purge"]

Restate: TypeAlias = Callable[[Sequence[Recorded]], Sequence[Event]]

_ENDS = (CallReferred, CallCancelled, CallClosed)
_BATCH = 1000
_OLD = (
    "SELECT seq, body FROM events "
    "WHERE seq > ? AND at_us < ? AND body IS NOT NULL ORDER BY seq LIMIT 500"
)
_ROSTERS = "SELECT 1 FROM events WHERE kind = 'roster_set' LIMIT 1"
_OPEN = "SELECT call_id FROM assignments WHERE state <> 'ended'"


def purge(
    ledger: SqlLedger,
    *,
    before: datetime,
    at: datetime,
    seen: int | None = None,
    restate: Restate | None = None,
) -> int:
    """Remove the body and the salt of events that are over; leave their digests.

    Removed are the events of every call that ended before a moment, all of them, and position fixes
    recorded before it. Kept are calls that have not ended, statuses of teams, and what was set:
    agency, roster, speeds. What is removed is recorded as `Purged`, some thousand events at a time,
    each batch in a transaction of its own, so that dispatching goes on in between.

    Parameters
    ----------
    ledger : SqlLedger
        In a file or on a server.
    before : datetime
        Ledger time; timezone-aware.
    at : datetime
        Ledger time now; that of the last event where that is later.
    seen : int, optional
        Number of the last event the caller knows.
    restate : callable, optional
        Given the news since `seen`, returns a `RosterSet` of every team as it is now, which is
        appended before anything is removed: reservations move statuses too, and a state rebuilt
        without them would be another one. Needed where the ledger has a roster.

    Returns
    -------
    int
        How many events were removed.

    Raises
    ------
    InputError
        The ledger has a roster and `restate` is not given.
    LedgerError
        As a transaction; batches before it stay removed and recorded. Also where all of it is
        removed, and what held it is not: `LedgerBusyError` where somebody who reads keeps SQLite
        from emptying its log, `LedgerError` where the role does not own the tables on a server.
    """
    before, at = in_utc(before, "before"), in_utc(at, "ledger time")
    groups = ledger.reading(lambda session: _removable(session, microseconds(before)))
    if groups and restate is None and ledger.reading(lambda session: session.rows(_ROSTERS)):
        raise InputError("the ledger has a roster: a purge must restate its teams; give `restate`")
    removed = 0
    for batch in _batches(groups):
        with ledger.transaction(seen=seen if restate else None) as transaction:
            now = max(at, transaction.last_at)  # others have gone on since `at` was asked
            if restate is not None:
                transaction.append(restate(transaction.news), at=now)
                restate = None
            transaction.entomb(batch)
            event = Purged(before=before, up_to_seq=batch[-1], count=len(batch))
            transaction.append([event], at=now)
        removed += len(batch)
    ledger.forget()  # also what a purge before could not
    return removed


def call_of(event: Event) -> str | None:
    """Return the id of the call that an event is of; None for an event of the agency or a team."""
    call = getattr(event, "call", None)
    return call.call_id if call is not None else getattr(event, "call_id", None)


@dataclass(slots=True)
class _OneCall:
    """The events of one call so far."""

    seqs: list[int]
    received: bool = False
    ended: bool = False


def _removable(session: Session, before_us: int) -> list[list[int]]:
    """Return the events of each call that is over, and every old fix by itself."""
    calls: dict[str, _OneCall] = {}
    groups: list[list[int]] = []
    after = 0
    while rows := session.rows(_OLD, (after, before_us)):
        for seq, body in rows:
            event = read_event(body)
            call_id = call_of(event)
            if call_id is not None:
                call = calls.setdefault(call_id, _OneCall([]))
                call.seqs.append(seq)
                if isinstance(event, CallReceived):
                    call.received, call.ended = True, False
                call.ended |= isinstance(event, _ENDS)
            elif isinstance(event, Fixes):
                groups.append([seq])
        after = rows[-1][0]
    held = {row[0] for row in session.rows(_OPEN)}
    # A call that was decided and never received has nothing to wait for.
    over = [
        call.seqs
        for call_id, call in calls.items()
        if (call.ended or not call.received) and call_id not in held
    ]
    return groups + over


def _batches(groups: list[list[int]]) -> Iterator[list[int]]:
    """Join groups into batches without parting any: half a call would not fit the assignments."""
    batch: list[int] = []
    for group in groups:
        batch += group
        if len(batch) >= _BATCH:
            yield sorted(batch)
            batch = []
    if batch:
        yield sorted(batch)
