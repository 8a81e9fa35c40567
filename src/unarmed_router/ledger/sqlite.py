"""A ledger in a file: SQLite with a write-ahead log, synced at every commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

from unarmed_router.errors import LedgerBrokenError, LedgerBusyError, LedgerError
from unarmed_router.ledger.session import DialectName, Row, Session
from unarmed_router.ledger.sqlite_reading import can_be_written, read_only
from unarmed_router.ledger.sqlite_session import SqliteSession, translated

__all__ = ["SqliteFile"]

_SMALLEST = 512
"""Bytes of the smallest page a database can have."""

_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what retention removes is overwritten with zeros
    "PRAGMA recursive_triggers = ON",  # or REPLACE would delete past the guards
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA fullfsync = ON",  # macOS: fsync alone does not reach the disk there
    "PRAGMA checkpoint_fullfsync = ON",
)

_OBJECTS = "SELECT type, name, tbl_name, sql FROM sqlite_master"


class SqliteFile:
    """A file that holds a ledger, or will.

    Parameters
    ----------
    path : path-like
        On a local disk; SQLite's locks are not to be trusted on network file systems.
    busy_timeout_s : float
        How long to wait for another process, seconds.
    """

    dialect: DialectName = "sqlite"
    head = "SELECT seq, digest, at_us FROM head WHERE id = 1"

    def __init__(self, path: Path | str, *, busy_timeout_s: float = 10.0) -> None:
        self.path = Path(path).absolute()  # a service may change its folder once it runs
        self.name = str(path)
        self._busy_timeout_s = busy_timeout_s

    def connect(self, *, reading: bool = False) -> Session:
        """Open the file; made where there is none, but not to read."""
        _refuse_other_files(self.path)
        with translated(self.name):
            session = self._session(reading=reading)
        try:
            session.version()  # refuses another program's file before anything is changed in it
            if not reading:
                _log_ahead(session, self.name)
            for setting in _SETTINGS:
                session.change(setting)
            if reading:
                session.change("PRAGMA query_only = ON")
        except BaseException:
            session.close()
            raise
        return session

    def _session(self, *, reading: bool) -> SqliteSession:
        if reading and not can_be_written(self.path):
            return read_only(self.path, timeout_s=self._busy_timeout_s)
        connection = sqlite3.connect(
            self.path,
            timeout=self._busy_timeout_s,
            isolation_level=None,  # transactions are begun and ended here
            check_same_thread=False,  # one thread at a time: the ledger sees to it
        )
        return SqliteSession(connection, self.name)

    def faults(self, session: Session, statements: Sequence[str]) -> list[str]:
        """Say what SQLite finds wrong with the file, and which table or guard is another one."""
        found = [str(row[0]) for row in session.rows("PRAGMA integrity_check")]
        found = [] if found == ["ok"] else found
        found += [f"foreign key of {row[0]}" for row in session.rows("PRAGMA foreign_key_check")]
        expected, there = _objects_of(tuple(statements)), set(session.rows(_OBJECTS))
        found += [
            f"{each[0]} {each[1]} is missing or another one"
            for each in sorted(expected ^ there, key=repr)
        ]
        return found

    def warnings(self, session: Session) -> list[str]:  # noqa: ARG002
        """Return nothing: the settings are the connection's own, and it makes them."""
        return []

    def forget(self) -> None:
        """Write the log back into the file, where removed content is overwritten, and empty it."""
        session = self.connect()
        try:
            ((busy, *_),) = session.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            session.close()
        if busy:
            raise LedgerBusyError(
                f"{self.name}: somebody reads, so the log beside the file cannot be emptied; what "
                "this purge or one before removed may still be in it; purge again when nobody does"
            )


@cache
def _objects_of(statements: tuple[str, ...]) -> frozenset[Row]:
    """Return the tables, indexes and triggers that statements make."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        for statement in statements:
            fresh.execute(statement)
        return frozenset(fresh.execute(_OBJECTS).fetchall())


def _refuse_other_files(path: Path) -> None:
    """Refuse a file too short for a database: SQLite takes one of a byte for an empty database.

    The file itself is left to SQLite. Whoever else in this process opens and closes it takes away
    every lock the process has on it (https://www.sqlite.org/howtocorrupt.html, section 2.2), and
    another process that closes the file then removes the log that is written to here.
    """
    size = 0
    with suppress(OSError):
        size = path.stat().st_size
    if 0 < size < _SMALLEST:
        raise LedgerBrokenError(
            f"{path} is no database; keep the file as it is and restore a backup, or name "
            "another file"
        )


def _log_ahead(session: SqliteSession, name: str) -> None:
    mode = session.rows("PRAGMA journal_mode = WAL")[0][0]
    if mode != "wal":
        raise LedgerError(
            f"{name}: no write-ahead log is possible here (journal mode {mode}); keep the ledger "
            "on a local disk"
        )
