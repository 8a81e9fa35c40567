"""A ledger in a database: the logic that SQLite and PostgreSQL share."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from unarmed_router.errors import (
    InputError,
    LedgerBrokenError,
    LedgerError,
    LedgerLostError,
    LedgerVersionError,
)
from unarmed_router.ledger.assignments_sql import assignment_of_key
from unarmed_router.ledger.chain import GENESIS, Entry, from_micros
from unarmed_router.ledger.codec import SCHEMA, read_event
from unarmed_router.ledger.holding import Hold, check_same, may_be_a_key
from unarmed_router.ledger.migrations import MIGRATIONS, Migration, check_migrated, migrate
from unarmed_router.ledger.session import Database, Session
from unarmed_router.ledger.sql_transaction import SqlTransaction
from unarmed_router.ledger.store import Recorded
from unarmed_router.model.events import Event, Reserved

__all__ = ["SqlLedger", "check_sql_ledger", "entries_after", "recorded"]

Found = TypeVar("Found")

_CHUNK = 500
_AFTER = (
    "SELECT seq, at_us, kind, schema, body, salt, body_digest, digest FROM events "
    "WHERE seq > ? ORDER BY seq LIMIT ?"
)
_DIGEST = "SELECT digest FROM events WHERE seq = ?"


class SqlLedger:
    """An append-only log of events in a database; safe to share between threads.

    Transactions use one connection, questions another one, and whoever reads events one of their
    own for as long as they do. A connection that was lost is made again by whatever needs it next.

    Parameters
    ----------
    database : Database
        Where it is kept; its tables are made or brought up to date here.
    busy_timeout_s : float
        How long to wait for another thread's transaction, seconds; the database waits as long for
        another process.
    reading : bool
        Only read: nothing is made, brought up to date or changed.
    migrations : sequence of Migration
        For tests of releases to come.

    Raises
    ------
    LedgerError
        Out of reach, no ledger, newer than this library, or broken.
    """

    keeps = True

    def __init__(
        self,
        database: Database,
        *,
        busy_timeout_s: float = 10.0,
        reading: bool = False,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        self.database = database
        self.migrations = tuple(migrations)
        self._hold = Hold(busy_timeout_s)
        self._process = os.getpid()
        self._writer: Session | None = None
        self._reader: Session | None = None
        self._reading = threading.Lock()
        self._only_reads = reading
        if reading:
            self.reading(lambda session: check_migrated(database, session, self.migrations))
        else:
            self.writer()

    def transaction(self, *, seen: int | None, digest: str = "") -> SqlTransaction:
        """Hold the ledger for one act; as `unarmed_router.ledger.store.Ledger.transaction`.

        Parameters
        ----------
        seen : int or None
            Number of the last event the caller knows; None where no news are wanted.
        digest : str
            Its digest, where the caller has it.
        """
        return SqlTransaction(self, self._hold, seen, digest)

    def read(self, *, after: int = 0) -> Iterator[Recorded]:
        """Yield the events after a number, in order, in bounded memory, all of one state.

        What is appended while it is read is not among them. Nor does a purge that comes between
        two of them leave half a call.

        Raises
        ------
        LedgerBrokenError
            An event does not follow from the one before, at its number.
        LedgerVersionError
            An event has a form that this library does not know.
        """
        for entry in self.entries(after=after):
            yield recorded(self.database.name, entry)

    def entries(self, *, after: int = 0) -> Iterator[Entry]:
        """Yield the rows of the log after a number, as they are stored, each checked."""
        self._hold.check_open()
        self._same_process()
        session = self.database.connect(reading=True)
        try:
            session.snapshot()
            before = GENESIS if after == 0 else _digest_at(session, after)
            while before is not None:
                self._hold.check_open()
                chunk = entries_after(self.database.name, session, after, before)
                yield from chunk
                if not chunk:
                    return
                after, before = chunk[-1].seq, chunk[-1].digest
        finally:
            session.rollback()
            session.close()

    def reservation_of(self, idempotency_key: str) -> Reserved | None:
        """Return the reservation made under a key; None where there is none.

        Raises
        ------
        InputError
            The key is no text.
        """
        if not may_be_a_key(idempotency_key):
            return None

        def find(session: Session) -> Reserved | None:
            held = assignment_of_key(session, idempotency_key)
            return None if held is None else held.reserved()

        return find(self.writer()) if self._hold.mine else self.reading(find)

    def close(self) -> None:
        """Let go of both connections; closing twice changes nothing."""
        if not self._hold.close():
            return
        with self._reading:
            for session in (self._reader, self._writer):
                if session is not None:
                    session.close()
            self._reader = self._writer = None

    def reading(self, use: Callable[[Session], Found]) -> Found:
        """Use the reading connection; make it anew where it was lost since it was used last."""
        with self._reading:
            self._hold.check_open()
            self._same_process()
            if self._reader is not None:
                try:
                    return self._read_by(self._reader, use)
                except LedgerLostError:
                    pass
            self._reader = self.database.connect(reading=True)
            return self._read_by(self._reader, use)

    def _read_by(self, session: Session, use: Callable[[Session], Found]) -> Found:
        try:
            return use(session)
        except BaseException:  # also what breaks a statement off in the middle
            session.close()
            self._reader = None
            raise

    def forget(self) -> None:
        """Overwrite what a purge removed, as far as the database can; others may go on acting."""
        self._check_writes()
        self.database.forget()

    def writer(self) -> Session:
        """Return the writing connection; made anew where it was lost."""
        self._check_writes()
        if self._writer is None:
            session = self.database.connect()
            try:
                migrate(self.database, session, self.migrations)
            except BaseException:
                session.close()
                raise
            self._writer = session
        return self._writer

    def drop_writer(self) -> None:
        """Let go of a connection in an unknown state; the next transaction makes another one."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def news(self, session: Session, after: int, digest: str = "") -> list[Recorded]:
        """Return what was appended after an event, on a connection that holds the head.

        Raises
        ------
        LedgerBrokenError
            The event has another digest than the one given.
        """
        found: list[Recorded] = []
        before = GENESIS if after == 0 else _digest_at(session, after)
        if before is not None:
            check_same(after, before, digest)
        while before is not None:
            chunk = entries_after(self.database.name, session, after, before)
            if not chunk:
                break
            found += [recorded(self.database.name, entry) for entry in chunk]
            after, before = chunk[-1].seq, chunk[-1].digest
        return found

    def _check_writes(self) -> None:
        self._hold.check_open()
        self._same_process()
        if self._only_reads:
            raise LedgerError(
                f"{self.database.name} was opened only to read; open it without reading=True"
            )

    def _same_process(self) -> None:
        if self._process != os.getpid():
            raise LedgerError(
                f"{self.database.name} was opened in another process; open it again after a fork"
            )


def _digest_at(session: Session, seq: int) -> bytes | None:
    """Return the digest of an event; None where there is none of that number."""
    rows = session.rows(_DIGEST, (seq,))
    return bytes(rows[0][0]) if rows else None


def check_sql_ledger(given: Any) -> None:
    """Refuse what is no ledger in a database, such as the name of one.

    Raises
    ------
    InputError
    """
    if not hasattr(given, "database"):
        raise InputError(
            f"a ledger in a file or on a server is needed, not {given!r}: open_ledger() opens one"
        )


def entries_after(name: str, session: Session, after: int, before: bytes) -> list[Entry]:
    """Fetch the next rows and check that each follows from the one before."""
    found: list[Entry] = []
    for row in session.rows(_AFTER, (after, _CHUNK)):
        entry = _entry(name, row)
        expected = (found[-1].seq if found else after) + 1
        if entry.seq != expected:
            raise LedgerBrokenError(f"{name}: event {expected} is missing", seq=expected)
        fault = entry.fault(found[-1].digest if found else before)
        if fault is not None:
            raise LedgerBrokenError(f"{name}: event {entry.seq} {fault}", seq=entry.seq)
        found.append(entry)
    return found


def _entry(name: str, row: tuple[Any, ...]) -> Entry:
    seq, at_us, kind, schema, body, salt, body_digest, digest = row
    typed = (
        isinstance(at_us, int)
        and isinstance(kind, str)
        and isinstance(schema, int)
        and isinstance(body, str | None)
        and isinstance(salt, bytes | None)
        and isinstance(body_digest, bytes)
        and isinstance(digest, bytes)
    )
    if not typed:
        raise LedgerBrokenError(f"{name}: event {seq} has a column of another type", seq=seq)
    return Entry(seq, at_us, kind, schema, body, salt, body_digest, digest)


def recorded(name: str, entry: Entry) -> Recorded:
    """Read an event from its row, whose digests are known to fit."""
    event: Event | None = None
    if entry.schema > SCHEMA:
        raise LedgerVersionError(
            f"{name}: event {entry.seq} has a form of version {entry.schema}; this library knows "
            f"versions up to {SCHEMA}: read it with the release that wrote it, or a later one"
        )
    if entry.body is not None:
        try:
            event = read_event(entry.body)
        except InputError as error:
            raise LedgerBrokenError(
                f"{name}: event {entry.seq} cannot be read: {error}", seq=entry.seq
            ) from error
        if event.kind != entry.kind:
            raise LedgerBrokenError(
                f"{name}: event {entry.seq} is a {event.kind}, its header says {entry.kind}",
                seq=entry.seq,
            )
    try:
        at = from_micros(entry.at_us)
    except OverflowError:
        raise LedgerBrokenError(
            f"{name}: event {entry.seq} has a time that no calendar has", seq=entry.seq
        ) from None
    return Recorded(entry.seq, at, event, entry.digest.hex())
