"""Backups and restores: the same rows, byte for byte, with the same digests."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from unarmed_router.errors import InputError, LedgerBrokenError, LedgerError
from unarmed_router.ledger.addresses import is_name
from unarmed_router.ledger.chain import GENESIS
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger, check_sql_ledger, entries_after, recorded
from unarmed_router.ledger.sqlite_session import SqliteSession
from unarmed_router.ledger.verify import Verification, verify
from unarmed_router.whole_file import whole_file

__all__ = ["backup", "copy"]

_BESIDE = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps beside an open database."""


def backup(ledger: SqlLedger, path: Path | str) -> Verification:
    """Write one state of a ledger into a new SQLite file, checked; others may go on appending.

    Parameters
    ----------
    ledger : SqlLedger
        In a file or on a server.
    path : path-like
        The file to make.

    Returns
    -------
    Verification
        Of the backup; note its number and digest of the last event with it.

    Raises
    ------
    InputError
        The file exists, or the ledger is no such one.
    LedgerBrokenError
        The backup is not whole, because the ledger is not; no file is left.
    LedgerError
        As reading and writing.
    """
    check_sql_ledger(ledger)
    if not is_name(path):
        raise InputError(f"a backup is named by its path; got {path!r:.80}")
    path = Path(path)
    try:
        if path.exists():
            raise InputError(f"{path} exists; name a new file for the backup")
        with whole_file(path) as part:
            try:
                return _written(ledger, part)
            finally:
                for ending in _BESIDE:  # left only where it was broken off
                    part.with_name(part.name + ending).unlink(missing_ok=True)
    except OSError as error:
        raise LedgerError(f"backup to {path}: {error.strerror}") from error


def copy(source: SqlLedger, target: SqlLedger) -> int:
    """Append every row of one ledger to an empty one, in one transaction: a restore, or a move.

    Parameters
    ----------
    source, target : SqlLedger
        In files or on servers, each of either kind.

    Returns
    -------
    int
        How many rows.

    Raises
    ------
    InputError
        The target has events, or one of them is no such ledger.
    LedgerBrokenError
        The source is broken; the target stays empty.
    """
    check_sql_ledger(source)
    check_sql_ledger(target)
    session = source.database.connect(reading=True)
    try:
        session.snapshot()
        with target.transaction(seen=None) as transaction:
            if transaction.last:
                raise InputError(f"{target.database.name} has events; restore into an empty ledger")
            seq, digest = 0, GENESIS
            while chunk := entries_after(source.database.name, session, seq, digest):
                events = [recorded(source.database.name, entry).event for entry in chunk]
                transaction.adopt(chunk, events)
                seq, digest = chunk[-1].seq, chunk[-1].digest
        return seq
    finally:
        session.rollback()
        session.close()


def _written(ledger: SqlLedger, path: Path) -> Verification:
    """Write a backup, check it and see it onto the disk."""
    if ledger.database.dialect == "sqlite":
        _pages(ledger, path)
    else:
        with closing(open_ledger(path)) as target:
            copy(ledger, target)
    with closing(open_ledger(path)) as made:
        result = verify(made)
    if not result.whole:
        raise LedgerBrokenError(f"the backup is not whole: {result.fault}", seq=result.seq)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return result


def _pages(ledger: SqlLedger, path: Path) -> None:
    """Copy the file's pages with SQLite's backup interface: one state, while others write."""
    session = ledger.database.connect(reading=True)
    if not isinstance(session, SqliteSession):
        raise LedgerError(f"{ledger.database.name} is no file")
    try:
        with closing(sqlite3.connect(path)) as target:
            session.raw.backup(target)
    except sqlite3.Error as error:
        raise LedgerError(f"backup of {ledger.database.name}: {error}") from error
    finally:
        session.close()
