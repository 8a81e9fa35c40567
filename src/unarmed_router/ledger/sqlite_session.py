"""One connection to a ledger's file, and what SQLite's errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from unarmed_router.errors import (
    LedgerBrokenError,
    LedgerBusyError,
    LedgerError,
    LedgerFullError,
    LedgerLostError,
    LedgerVersionError,
)
from unarmed_router.ledger.session import Row

__all__ = ["APPLICATION_ID", "SqliteSession", "translated"]

APPLICATION_ID = 0x756E6C67
"""In the file's header, so that nothing else is taken for a ledger: ``unlg`` in ASCII."""


class SqliteSession:
    """One connection."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a query and fetch all of it."""
        with translated(self._name):
            return self._connection.execute(sql, values).fetchall()

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""
        with translated(self._name):
            return self._connection.execute(sql, values).rowcount

    def each(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run a statement once a row; return how many rows it changed."""
        with translated(self._name):
            return self._connection.executemany(sql, rows).rowcount

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
        with translated(self._name, in_doubt=True):
            self._connection.execute("COMMIT")

    def rollback(self) -> bool:
        """Undo; SQLite itself has done so after some errors."""
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            return True
        return False

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


@contextmanager
def translated(name: str, *, in_doubt: bool = False) -> Iterator[None]:
    """Raise what SQLite raises within in our words."""
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(name, error, in_doubt=in_doubt) from error
    except OSError as error:  # asking for a file that SQLite was not asked to open yet
        raise LedgerLostError(
            f"{name}: {error.strerror}; see that the file and its folder can be reached",
            in_doubt=False,
        ) from error
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
