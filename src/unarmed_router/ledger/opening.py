"""Open a ledger by its path or address."""

from __future__ import annotations

from pathlib import Path

from unarmed_router.errors import InputError
from unarmed_router.ledger.addresses import is_name, refuse_no_file, shown
from unarmed_router.ledger.holding import check_timeout
from unarmed_router.ledger.session import Database
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.sqlite import SqliteFile

__all__ = ["open_ledger"]


def open_ledger(
    where: Path | str, *, busy_timeout_s: float = 10.0, reading: bool = False
) -> SqlLedger:
    """Open a ledger; made where there is none, unless it is only to be read.

    Parameters
    ----------
    where : path-like
        A file, or ``sqlite:///file``, for SQLite; ``postgresql://user@host/database`` for
        PostgreSQL.
    busy_timeout_s : float
        How long to wait for another process or thread, up to a day, seconds.
    reading : bool
        Only read, as an auditor does: nothing is made, brought up to date or changed, so a file may
        be on a read-only disk, and a role on a server needs no right but to select. Whatever would
        write raises `LedgerError`.

    Raises
    ------
    InputError
        No such kind of address, no such time, or psycopg, which speaks to a server, is not
        installed.
    LedgerError
        Out of reach, no ledger, newer than this library, or broken.
    """
    check_timeout(busy_timeout_s)
    if not is_name(where):
        raise InputError(f"a ledger is named by a path or an address; got {where!r:.80}")
    return SqlLedger(
        _database(where, busy_timeout_s), busy_timeout_s=busy_timeout_s, reading=reading
    )


def _database(where: Path | str, busy_timeout_s: float) -> Database:
    """Find what a path or an address names."""
    text = str(where)
    scheme, separator, rest = text.partition("://")
    if isinstance(where, str) and not separator:
        refuse_no_file(text)
    if isinstance(where, Path) or not separator:
        return SqliteFile(where, busy_timeout_s=busy_timeout_s)
    if scheme == "sqlite":
        if not rest.startswith("/") or len(rest) == 1:
            raise InputError(f"{text!r}: write sqlite:///relative/file or sqlite:////absolute/file")
        return SqliteFile(rest[1:], busy_timeout_s=busy_timeout_s)
    if scheme in {"postgresql", "postgres"}:
        try:
            # psycopg is an extra of its own, and slow to import.
            from unarmed_router.ledger.postgres import PostgresDatabase  # noqa: PLC0415
        except ImportError as error:
            # Also where psycopg is there and the library it speaks through is not.
            raise InputError(
                "a ledger on a server needs psycopg: pip install 'unarmed-router[postgres]' "
                f"({error})"
            ) from error

        return PostgresDatabase(text, busy_timeout_s=busy_timeout_s)
    raise InputError(
        f"{shown(text)!r}: a ledger is a file, sqlite:///file or postgresql://host/database"
    )
