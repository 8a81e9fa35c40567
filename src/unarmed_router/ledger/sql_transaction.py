"""One act on a ledger in a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Protocol

from unarmed_router.errors import (
    AlreadyAssignedError,
    InputError,
    LedgerBrokenError,
    LedgerError,
    LedgerFullError,
    LedgerLostError,
)
from unarmed_router.ledger.assignments import MOVING
from unarmed_router.ledger.assignments_sql import project
from unarmed_router.ledger.chain import Entry, from_micros, sealed
from unarmed_router.ledger.codec import SCHEMA, event_to_json
from unarmed_router.ledger.holding import Hold, check_same, check_seen, check_time
from unarmed_router.ledger.session import Database, Session
from unarmed_router.ledger.store import Recorded
from unarmed_router.model.call import in_utc, microseconds
from unarmed_router.model.events import Event

__all__ = ["SqlTransaction"]

_INSERT = (
    "INSERT INTO events (seq, at_us, kind, schema, body, salt, body_digest, digest) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADVANCE = "UPDATE head SET seq = ?, digest = ?, at_us = ? WHERE id = 1 AND seq = ?"

_FORGET = "DELETE FROM assignments WHERE seq = ? AND state = 'ended'"
_ENTOMB = "UPDATE events SET body = NULL, salt = NULL WHERE seq = ? AND body IS NOT NULL"


class _Owner(Protocol):
    """The ledger, as a transaction needs it."""

    database: Database

    def writer(self) -> Session: ...

    def drop_writer(self) -> None: ...

    def news(self, session: Session, after: int, digest: str) -> list[Recorded]: ...


class SqlTransaction:
    """The ledger held for one act; as `unarmed_router.ledger.store.Transaction`."""

    def __init__(self, ledger: _Owner, hold: Hold, seen: int | None, digest: str = "") -> None:
        self._ledger = ledger
        self._hold = hold
        self._seen, self._seen_digest = seen, digest
        self._session: Session | None = None
        self._appended = False
        self._spoilt = False
        self.news: Sequence[Recorded] = ()

    def __enter__(self) -> SqlTransaction:
        self._hold.take()
        try:
            session = self._held()
            try:
                self._look(session)
            except BaseException as error:
                self._undo(session, error)
                raise
        except BaseException:
            self._hold.release()
            raise
        self._session = session
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        session = self._session
        assert session is not None  # noqa: S101  # entered
        self._session = None
        try:
            if error is not None or self._spoilt or not self._appended:
                self._undo(session, error)
                if self._spoilt and error is None:
                    raise LedgerError(
                        "an append of this transaction failed and its error was not passed on; "
                        "nothing of the transaction is in force"
                    )
                return
            try:
                session.commit()
            except BaseException as failed:
                self._undo(session, failed)
                raise
        finally:
            self._hold.release()

    @property
    def last(self) -> int:
        """Number of the last event; 0 for none."""
        return self._seq

    @property
    def last_at(self) -> datetime:
        """Ledger time of the last event; none may be earlier."""
        return from_micros(self._at_us)

    def append(self, events: Sequence[Event], *, at: datetime) -> Sequence[Recorded]:
        """Add events; as `unarmed_router.ledger.store.Transaction.append`."""
        session = self._usable()
        at = in_utc(at, "ledger time")
        check_time(at, from_micros(self._at_us))
        at_us = microseconds(at)
        bodies = [event_to_json(event) for event in events]
        if not bodies:
            return []
        entries = self._chained(events, bodies, at_us)
        self._write(session, events, entries)
        return [
            Recorded(entry.seq, at, event, entry.digest.hex())
            for event, entry in zip(events, entries, strict=True)
        ]

    def adopt(self, entries: Sequence[Entry], events: Sequence[Event | None]) -> None:
        """Add rows of another ledger as they are, for a restore.

        Parameters
        ----------
        entries : sequence of Entry
            The next rows; each follows from the one before.
        events : sequence of Event or None
            What each says; None of a tombstone.

        Raises
        ------
        LedgerBrokenError
            A row that does not follow.
        """
        session = self._usable()
        seq, digest = self._seq, self._digest
        for entry in entries:
            fault = entry.fault(digest) if entry.seq == seq + 1 else "is not the next"
            if fault is not None:
                raise LedgerBrokenError(f"event {entry.seq} to restore {fault}", seq=entry.seq)
            seq, digest = entry.seq, entry.digest
        if entries:
            self._write(session, events, entries)

    def entomb(self, seqs: Sequence[int]) -> None:
        """Remove body and salt of events, and the ended assignments they made.

        Parameters
        ----------
        seqs : sequence of int
            Numbers of the events.

        Raises
        ------
        LedgerError
            One of them has no body any more.
        """
        session = self._usable()
        self._spoilt = True  # unless all of it works
        rows = [(seq,) for seq in seqs]
        session.each(_FORGET, rows)
        removed = session.each(_ENTOMB, rows)
        if removed != len(rows):
            raise LedgerError(
                f"{len(rows) - removed} of {len(rows)} events have no body to remove; does another "
                "purge run?"
            )
        self._spoilt = False
        self._appended = True

    def _usable(self) -> Session:
        if self._session is None or self._spoilt:
            raise LedgerError("the transaction has ended or failed; append inside a new one")
        return self._session

    def _chained(self, events: Sequence[Event], bodies: list[str], at_us: int) -> list[Entry]:
        entries, digest = [], self._digest
        for number, (event, body) in enumerate(zip(events, bodies, strict=True), self._seq + 1):
            entry = sealed(
                digest, seq=number, at_us=at_us, kind=event.kind, schema=SCHEMA, body=body
            )
            entries.append(entry)
            digest = entry.digest
        return entries

    def _write(
        self, session: Session, events: Sequence[Event | None], entries: Sequence[Entry]
    ) -> None:
        """Write moves, rows and head: all of them, or none and the transaction goes on."""
        moves = [
            (event, entry)
            for event, entry in zip(events, entries, strict=True)
            if event is not None and type(event) in MOVING
        ]
        last = entries[-1]
        try:
            self._move(session, moves)
            session.each(_INSERT, entries)  # a tuple in the order of the columns
            self._advance(session, last)
        except (AlreadyAssignedError, InputError):
            raise
        except BaseException:
            self._spoilt = True
            raise
        self._seq, self._digest, self._at_us = last.seq, last.digest, last.at_us
        self._appended = True

    def _move(self, session: Session, moves: Sequence[tuple[Event, Entry]]) -> None:
        """Move assignments before anything else is written: a first one refused leaves nothing."""
        several = len(moves) > 1
        if several:
            session.change("SAVEPOINT moves")
        try:
            for event, entry in moves:
                project(session, event, seq=entry.seq, at_us=entry.at_us)
        except (AlreadyAssignedError, InputError):
            if several:
                session.change("ROLLBACK TO SAVEPOINT moves")
                session.change("RELEASE SAVEPOINT moves")
            raise
        if several:
            session.change("RELEASE SAVEPOINT moves")

    def _advance(self, session: Session, last: Entry) -> None:
        if session.change(_ADVANCE, (last.seq, last.digest, last.at_us, self._seq)) != 1:
            raise LedgerBrokenError(
                f"{self._ledger.database.name}: the head moved from {self._seq} while it was "
                "locked; something writes past the ledger",
                seq=self._seq,
            )

    def _look(self, session: Session) -> None:
        """Find what is new to the caller, and that what it knows is still there."""
        if self._seen is None:
            return
        check_seen(self._seen, self._seq)
        if self._seen < self._seq:
            self.news = self._ledger.news(session, self._seen, self._seen_digest)
        else:
            check_same(self._seen, self._digest, self._seen_digest)

    def _held(self) -> Session:
        """Lock the head, on another connection where the one of the last act was lost since.

        Nothing was begun, so nothing is in doubt: a server that was started anew between two acts,
        or a router that forgot a quiet connection, fails no act.
        """
        session = self._ledger.writer()
        try:
            return self._locked(session)
        except LedgerLostError:
            return self._locked(self._ledger.writer())

    def _locked(self, session: Session) -> Session:
        try:
            self._seq, self._digest, self._at_us = self._read_head(session)
        except BaseException as error:
            self._undo(session, error)
            raise
        return session

    def _read_head(self, session: Session) -> tuple[int, bytes, int]:
        rows = session.hold(self._ledger.database.head)
        if len(rows) != 1:
            raise LedgerBrokenError(
                f"{self._ledger.database.name}: has {len(rows)} heads instead of one"
            )
        seq, digest, at_us = rows[0]
        return seq, bytes(digest), at_us

    def _undo(self, session: Session, error: BaseException | None) -> None:
        usable = session.rollback()
        if not usable or isinstance(error, LedgerLostError | LedgerFullError):
            self._ledger.drop_writer()  # nobody knows what state it is in
