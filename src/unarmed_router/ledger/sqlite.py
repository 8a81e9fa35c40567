"""A ledger in a file: SQLite with a write-ahead log, synced at every commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from unarmed_router.errors import (
    LedgerBrokenError,
    LedgerBusyError,
    LedgerError,
    LedgerFullError,
    LedgerLostError,
    LedgerVersionError,
)
from unarmed_router.ledger.session import DialectName, Row, Session

__all__ = ["APPLICATION_ID", "SqliteFile", "SqliteSession"]

APPLICATION_ID = 0x756E6C67
"""In the file's header, so that nothing else is taken for a ledger: ``unlg`` in ASCII."""

_MAGIC = b"SQLite format 3\0"

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
        self.path = Path(path)
        self.name = str(path)
        self._busy_timeout_s = busy_timeout_s

    def connect(self, *, reading: bool = False) -> Session:
        """Open the file; made where there is none."""
        _refuse_other_files(self.path)
        with _translated(self.name):
            connection = sqlite3.connect(
                self.path,
                timeout=self._busy_timeout_s,
                isolation_level=None,  # transactions are begun and ended here
                check_same_thread=False,  # one thread at a time: the ledger sees to it
            )
        session = SqliteSession(connection, self.name)
        try:
            session.version()  # refuses another program's file before anything is changed in it
            _log_ahead(session, self.name)
            for setting in _SETTINGS:
                session.change(setting)
            if reading:
                session.change("PRAGMA query_only = ON")
        except BaseException:
            session.close()
            raise
        return session

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

    def forget(self, session: Session) -> None:
        """Write the log back into the file, where removed content is overwritten, and empty it."""
        session.rows("PRAGMA wal_checkpoint(TRUNCATE)")


class SqliteSession:
    """One connection."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a query and fetch all of it."""
        with _translated(self._name):
            return self._connection.execute(sql, values).fetchall()

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""
        with _translated(self._name):
            return self._connection.execute(sql, values).rowcount

    def each(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once a row."""
        with _translated(self._name):
            self._connection.executemany(sql, rows)

    def begin(self) -> None:
        """Start a transaction and take the lock for writing."""
        self.change("BEGIN IMMEDIATE")

    def hold(self, head: str) -> list[Row]:
        """Take the lock for writing, then read the head."""
        self.begin()
        return self.rows(head)

    def snapshot(self) -> None:
        """Read what was committed by now; writers go on in the log."""
        self.change("BEGIN")
        self.rows("SELECT 1 FROM head")  # the state is taken at the first read

    def commit(self) -> None:
        """Write to the log and sync it."""
        with _translated(self._name, in_doubt=True):
            self._connection.execute("COMMIT")

    def rollback(self) -> None:
        """Undo; SQLite itself has done so after some errors."""
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def version(self) -> int:
        """Return the version in the file's header; refuse a file that is no ledger."""
        # Tables first: whoever makes them marks the file by the same commit, perhaps just now.
        (tables,) = self.rows("SELECT count(*) FROM sqlite_master")[0]
        (application,) = self.rows("PRAGMA application_id")[0]
        (version,) = self.rows("PRAGMA user_version")[0]
        if tables and application != APPLICATION_ID:
            raise LedgerVersionError(
                f"{self._name} is a database of another program (application id {application:#x}, "
                f"a ledger has {APPLICATION_ID:#x}); name another file"
            )
        return int(version) if tables else 0

    def prepare(self) -> None:
        """Do nothing: the lock is taken and the file is there."""

    def mark(self, version: int) -> None:
        """Write version and application id into the file's header."""
        self.change(f"PRAGMA user_version = {version:d}")
        self.change(f"PRAGMA application_id = {APPLICATION_ID:d}")

    def close(self) -> None:
        """Close it; the last connection to close writes the log back into the file."""
        with suppress(sqlite3.Error):
            self._connection.close()

    @property
    def raw(self) -> sqlite3.Connection:
        """SQLite's own connection, for backups."""
        return self._connection


@cache
def _objects_of(statements: tuple[str, ...]) -> frozenset[Row]:
    """Return the tables, indexes and triggers that statements make."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        for statement in statements:
            fresh.execute(statement)
        return frozenset(fresh.execute(_OBJECTS).fetchall())


def _refuse_other_files(path: Path) -> None:
    """Refuse a file that is no database: SQLite takes a very short one for an empty database."""
    with suppress(OSError), path.open("rb") as file:
        start = file.read(len(_MAGIC))
        if start not in {b"", _MAGIC}:
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


@contextmanager
def _translated(name: str, *, in_doubt: bool = False) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(name, error, in_doubt=in_doubt) from error
    except UnicodeDecodeError as error:  # a message about a damaged table that repeats its text
        raise LedgerBrokenError(
            f"{name}: {error}; keep the file as it is and restore a backup"
        ) from error


def _meaning(name: str, error: sqlite3.Error, *, in_doubt: bool) -> LedgerError:
    """Say in our words what SQLite's result code means: https://www.sqlite.org/rescode.html."""
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & 0xFF
    said = f"{name}: {error}"
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return LedgerBusyError(
                f"{said}; another process held it for longer than the time allowed: try again"
            )
        case sqlite3.SQLITE_FULL:
            return LedgerFullError(f"{said}; make space, then try again; nothing is lost")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return LedgerBrokenError(f"{said}; keep the file as it is and restore a backup")
        case sqlite3.SQLITE_IOERR if extended == sqlite3.SQLITE_IOERR_WRITE:
            # SQLite tells only a full disk by its name. A commit whose log was not written is none.
            return LedgerFullError(
                f"{said}; a quota or a limit of file size is reached, or the disk fails; make "
                "space, then try again"
            )
        case sqlite3.SQLITE_IOERR:
            return LedgerLostError(
                f"{said}; the disk could not be read, or could not say that it has written; see to "
                "it",
                in_doubt=in_doubt,
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return LedgerLostError(
                f"{said}; see that the folder is there and can be written", in_doubt=False
            )
    if code == 0 and "UTF-8" in str(error):  # sqlite3 reads what SQLite itself does not look at
        return LedgerBrokenError(f"{said}; keep the file as it is and restore a backup")
    return LedgerError(said)
