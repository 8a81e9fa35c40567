"""What the errors of a PostgreSQL server mean, in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from unarmed_router.errors import (
    LedgerBrokenError,
    LedgerBusyError,
    LedgerError,
    LedgerFullError,
    LedgerLostError,
)

__all__ = ["RIGHTS", "translated"]

# lock_not_available, query_canceled (statement_timeout), deadlock, serialization failure, too many
# connections, out of memory, idle in transaction for too long.
_BUSY = {"55P03", "57014", "40P01", "40001", "53300", "53200", "25P03"}
_FULL = {"53100", "53400"}  # disk_full, configuration_limit_exceeded (temp_file_limit)
_BROKEN = {"XX001", "XX002"}  # data_corrupted, index_corrupted
# Classes: connection, shutdown, system error, server that only reads, login, no such database.
_LOST = {"08", "57", "58", "25", "28", "3D"}

RIGHTS = (
    "grant the role USAGE on the schema and SELECT on its tables to read, and INSERT, UPDATE and "
    "DELETE to write; whoever makes, upgrades or purges a ledger owns them"
)
_REMEDIES = {
    "42501": RIGHTS,  # insufficient_privilege
    "42P07": "another program has tables here: name another schema, ?schema=NAME",
    "22P05": "the database lacks such letters: make it with encoding UTF8",
}


@contextmanager
def translated(name: str, *, in_doubt: bool = False) -> Iterator[None]:
    """Raise what psycopg raises within in our words."""
    try:
        yield
    except psycopg.Error as error:
        raise _meaning(name, error, in_doubt=in_doubt) from error


def _meaning(name: str, error: psycopg.Error, *, in_doubt: bool) -> LedgerError:
    """Say in our words what an SQLSTATE means: PostgreSQL manual, appendix A."""
    state = error.sqlstate or ""
    said = f"{name}: {_words(error)}"
    if in_doubt and error.diag.severity_nonlocalized == "PANIC":
        # The server stops at once, as where its log has no space; the commit may be on the disk.
        return LedgerLostError(f"{said}; see to the server, its log and its disk", in_doubt=True)
    if state in _BUSY:
        return LedgerBusyError(f"{said}; held by another or overloaded for too long: try again")
    if state in _FULL:
        return LedgerFullError(f"{said}; make space, then try again; nothing is lost")
    if state in _BROKEN:
        return LedgerBrokenError(f"{said}; keep the server's files and restore a backup")
    if state[:2] in _LOST or (not state and isinstance(error, psycopg.OperationalError)):
        return LedgerLostError(
            f"{said}; see to the server, the network and the address: the next act connects anew",
            in_doubt=in_doubt,
        )
    remedy = _REMEDIES.get(state)
    return LedgerError(f"{said}; {remedy}" if remedy else said)


def _words(error: psycopg.Error) -> str:
    """Return what was said, in one line, without the statement that it was said of."""
    given = (error.diag.message_primary, error.diag.message_detail, error.diag.message_hint)
    said = [part for part in given if part] or [str(error) or type(error).__name__]
    return "; ".join(" ".join(part.split()) for part in said)
