"""Is a ledger whole: chain, numbers, times, head, assignments, and the database under them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from unarmed_router.errors import (
    InputError,
    LedgerBusyError,
    LedgerError,
    LedgerFullError,
    LedgerLostError,
)
from unarmed_router.ledger.assignments import Assignments
from unarmed_router.ledger.assignments_sql import all_assignments
from unarmed_router.ledger.chain import GENESIS, Entry, from_micros
from unarmed_router.ledger.codec import SCHEMA, check_body
from unarmed_router.ledger.session import Session
from unarmed_router.ledger.sql_ledger import SqlLedger, check_sql_ledger, entries_after, recorded
from unarmed_router.model.events import Event, Purged

__all__ = ["Verification", "verify"]

_MIGRATIONS = "SELECT version, name FROM migrations ORDER BY version"
_HEADS = "SELECT seq, digest, at_us FROM head"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check found.

    Parameters
    ----------
    events, tombstones : int
        Events checked, up to the fault where there is one; and those of them that retention
        removed.
    head : str
        Digest of the last of them: keep it elsewhere, and a ledger that was cut short shows.
    fault : str or None
        The first thing that does not fit; None where everything does.
    seq : int or None
        The event at which it shows; None where it concerns no single one.
    warnings : tuple of str
        Settings of the database that weaken what a ledger promises.
    """

    events: int
    tombstones: int
    head: str
    fault: str | None = None
    seq: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether no fault was found."""
        return self.fault is None


def verify(ledger: SqlLedger, *, known: tuple[int, str] | None = None) -> Verification:
    """Check a ledger from its first event to its last, on one state of it.

    Parameters
    ----------
    ledger : SqlLedger
        In a file or on a server; others may go on appending.
    known : (int, str), optional
        Number and digest of an event, as noted elsewhere earlier. Nothing inside a ledger can show
        that its end was cut off, or all of it written anew; this can.

    Returns
    -------
    Verification
        With the first fault, in this order: the database's own checks, the log event by event, the
        head, the assignments.

    Raises
    ------
    InputError
        It is no such ledger, or what is known is no number and digest.
    LedgerError
        Out of reach or busy. What is broken, or newer than this library, is a result instead.
    """
    check_sql_ledger(ledger)
    checked = _Checked(_noted(known))
    session = ledger.database.connect(reading=True)
    try:
        session.snapshot()
        warnings = tuple(ledger.database.warnings(session))
        try:
            for fault in _faults(ledger, session, checked):
                return checked.result(fault, warnings)
        except (LedgerBusyError, LedgerFullError, LedgerLostError):
            raise
        except LedgerError as error:
            seq = getattr(error, "seq", None)
            return checked.result((seq, str(error)), warnings)
        return checked.result((None, None), warnings)
    finally:
        session.rollback()
        session.close()


def _noted(known: Any) -> tuple[int, str] | None:
    """Take what was noted of an event, a pair that came out of JSON too."""
    match known:
        case None:
            return None
        case (int(seq), str(digest)) if not isinstance(seq, bool):
            return seq, digest
    raise InputError(
        f"known must be the number and the digest of an event, (41, '474e...'); got {known!r:.80}"
    )


class _Checked:
    """What is known of the events checked so far."""

    def __init__(self, known: tuple[int, str] | None) -> None:
        self.known = known
        self.seq, self.digest, self.at_us = 0, GENESIS, 0
        self.assignments = Assignments()
        self.tombstones: list[int] = []
        self.purges: list[Purged] = []

    def result(
        self, fault: tuple[int | None, str | None], warnings: tuple[str, ...]
    ) -> Verification:
        seq, what = fault
        return Verification(self.seq, len(self.tombstones), self.digest.hex(), what, seq, warnings)

    def fault(self, entry: Entry, event: Event | None) -> str | None:
        """Take the next event, whose digests are known to fit; say what else does not."""
        if entry.at_us < self.at_us:
            return "has a time before that of the one before it"
        if event is None:
            self.tombstones.append(entry.seq)
        else:
            try:
                check_body(event, entry.body or "", canonical=entry.schema == SCHEMA)
                self.assignments.apply(event, seq=entry.seq, at=from_micros(entry.at_us))
            except (InputError, RuntimeError) as error:
                return f"should have been refused: {error}"
            if isinstance(event, Purged):
                self.purges.append(event)
        digest = entry.digest.hex()
        if self.known is not None and self.known[0] == entry.seq and self.known[1] != digest:
            return "has another digest than the one known"
        self.seq, self.digest, self.at_us = entry.seq, entry.digest, entry.at_us
        return None


def _faults(
    ledger: SqlLedger, session: Session, checked: _Checked
) -> Iterator[tuple[int | None, str]]:
    statements = [s for m in ledger.migrations for s in getattr(m, ledger.database.dialect)]
    yield from ((None, fault) for fault in ledger.database.faults(session, statements))
    steps = [(step.version, step.name) for step in ledger.migrations]
    if session.rows(_MIGRATIONS) != steps or session.version() != steps[-1][0]:
        yield None, "the record of migrations is not that of this library"
    while chunk := entries_after(ledger.database.name, session, checked.seq, checked.digest):
        for entry in chunk:
            fault = checked.fault(entry, recorded(ledger.database.name, entry).event)
            if fault is not None:
                yield entry.seq, f"event {entry.seq} {fault}"
    yield from ((None, fault) for fault in _end_faults(session, checked))


def _end_faults(session: Session, checked: _Checked) -> Iterator[str]:
    if session.rows(_HEADS) != [(checked.seq, checked.digest, checked.at_us)]:
        yield f"the head is not the last event, {checked.seq}"
    if checked.known is not None and not 0 <= checked.known[0] <= checked.seq:
        yield f"event {checked.known[0]} is known and not there: the end was cut off"
    removed = sum(purge.count for purge in checked.purges)
    last = max((purge.up_to_seq for purge in checked.purges), default=0)
    if removed != len(checked.tombstones) or (checked.tombstones and checked.tombstones[-1] > last):
        yield (
            f"{len(checked.tombstones)} events have no body, and purges of {removed} are recorded"
        )
    rebuilt = sorted(checked.assignments, key=lambda held: held.seq)
    stored = list(all_assignments(session))
    if rebuilt != stored:
        other = next(
            (pair for pair in zip(rebuilt, stored, strict=False) if pair[0] != pair[1]),
            (rebuilt[len(stored) :], stored[len(rebuilt) :]),
        )
        yield f"assignments are not those of the log: {other[0]} there, {other[1]} in the table"
