"""Open a ledger's file that cannot be written: an archive on a read-only disk or in such a folder.

SQLite reads a file with a write-ahead log by means of two files beside it, and makes them where
they are missing. Where it cannot, it can be told that nobody changes the file, and then it looks
at no log and takes no lock (https://www.sqlite.org/wal.html#read_only_databases). With a log beside
the file that would leave out events without a word. So it is done only where there is none, and an
answer does not count when the file has changed meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

from unarmed_router.errors import LedgerBusyError, LedgerError, LedgerLostError
from unarmed_router.ledger.session import Row
from unarmed_router.ledger.sqlite_session import SqliteSession

__all__ = ["can_be_written", "read_only"]

_Stamp: TypeAlias = tuple[int, ...]

_NO_ROOM = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})


def can_be_written(path: Path) -> bool:
    """Tell whether a file and its folder, where the log is kept, can be written."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def read_only(path: Path, *, timeout_s: float) -> SqliteSession:
    """Connect to a file that cannot be written, or whose folder cannot.

    Parameters
    ----------
    path : Path
        A ledger's file.
    timeout_s : float
        How long to wait for another process, seconds.

    Raises
    ------
    LedgerLostError
        There is no such file, or its newest events are in a log that cannot be read here.
    """
    if not path.is_file():
        raise LedgerLostError(f"{path}: there is no such file", in_doubt=False)
    log = _beside(path, "-wal")
    if not log.exists() or not (log.stat().st_size or _beside(path, "-shm").exists()):
        stamp = _stamp(path)
        return _Unlocked(_connected(path, "mode=ro&immutable=1", timeout_s), path, stamp)
    connection = _connected(path, "mode=ro", timeout_s)
    try:
        with closing(connection.execute("SELECT count(*) FROM sqlite_master")) as cursor:
            cursor.fetchall()
    except sqlite3.Error as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF not in _NO_ROOM:
            raise
        raise LedgerLostError(
            f"{path}: its newest events may be in {log.name} ({log.stat().st_size} bytes), which "
            f"cannot be read where nothing can be written beside it ({error}); copy both files "
            "into a folder that can be written, and read the copy",
            in_doubt=False,
        ) from error
    return SqliteSession(connection, str(path))


def _connected(path: Path, how: str, timeout_s: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        timeout=timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )


class _Unlocked(SqliteSession):
    """A connection that takes no lock, to a file that must not change while it is read."""

    def __init__(self, connection: sqlite3.Connection, path: Path, stamp: _Stamp) -> None:
        super().__init__(connection, str(path))
        self._path, self._was = path, stamp

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a query; what it found counts only where the file is as it was."""
        try:
            found = super().rows(sql, values)
        except LedgerError as error:
            self._refuse_changes(error)  # damage may be nothing but a change
            raise
        self._refuse_changes()
        return found

    def _refuse_changes(self, error: LedgerError | None = None) -> None:
        if _stamp(self._path) != self._was:
            raise LedgerBusyError(
                f"{self._path} was written or taken away by somebody while it was read as a file "
                "that nobody writes; read it again"
            ) from error


def _stamp(path: Path) -> _Stamp:
    """Return what differs once a file was written, has a log, or is not there any more."""
    try:
        about = path.stat()
    except FileNotFoundError:
        return ()
    return about.st_ino, about.st_size, about.st_mtime_ns, int(_beside(path, "-wal").exists())


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
