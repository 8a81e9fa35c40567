"""A ledger on a server: PostgreSQL, for several processes or machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import Identifier

from unarmed_router.errors import (
    InputError,
    LedgerBrokenError,
    LedgerBusyError,
    LedgerError,
    LedgerFullError,
    LedgerLostError,
)
from unarmed_router.ledger.addresses import refuse_unquoted, shown, split_schema
from unarmed_router.ledger.session import DialectName, Row, Session

__all__ = ["PostgresDatabase", "PostgresSession"]

_DEFAULTS = {
    "connect_timeout": "10",
    # A peer that is gone without a word is noticed in half a minute.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "unarmed_router ledger",
}

# A commit is on the disk before it is acknowledged; a server that asks for more is left alone.
_SYNCED = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
)

_HERE = "relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
_GUARDS = {
    "TRIGGER": "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "  # noqa: S608
    f"WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND {_HERE}",
    "UNIQUE INDEX": "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "  # noqa: S608
    f"WHERE indisunique AND indisvalid AND indpred IS NOT NULL AND {_HERE}",
}
"""What keeps the tables as they are, as the server lists it."""

# lock_not_available, query_canceled (statement_timeout), deadlock, serialization failure, too many
# connections, out of memory, idle in transaction for too long.
_BUSY = {"55P03", "57014", "40P01", "40001", "53300", "53200", "25P03"}
_FULL = {"53100", "53400"}  # disk_full, configuration_limit_exceeded (temp_file_limit)
_BROKEN = {"XX001", "XX002"}  # data_corrupted, index_corrupted
# Classes: connection, shutdown, system error, server that only reads, login, no such database.
_LOST = {"08", "57", "58", "25", "28", "3D"}


class PostgresDatabase:
    """A schema of a database that holds a ledger, or will.

    Parameters
    ----------
    address : str
        ``postgresql://user@host/database``. Passwords belong in a password file or the environment
        (``PGPASSFILE``, ``PGPASSWORD``). ``?schema=NAME`` names the schema of its tables, made
        where there is none; else ``unarmed_ledger``.
    busy_timeout_s : float
        How long to wait for another process, seconds.
    """

    dialect: DialectName = "postgresql"
    head = "SELECT seq, digest, at_us FROM head WHERE id = 1 FOR UPDATE"

    def __init__(self, address: str, *, busy_timeout_s: float = 10.0) -> None:
        refuse_unquoted(address)
        address, schema = split_schema(address)
        try:
            given = conninfo_to_dict(address)
        except psycopg.Error as error:
            # What cannot be read may be a part of a password.
            why = f": {str(error).strip()}" if shown(address) == address else ""
            raise InputError(
                f"the address of the ledger cannot be read{why}; write it "
                "postgresql://user@host/database"
            ) from None
        host, database = given.get("host", "local socket"), given.get("dbname", "")
        self.name = f"postgresql {host}/{database} schema {schema}"
        self.schema = schema
        self._conninfo = make_conninfo("", **{**_DEFAULTS, **given})
        self._busy_ms = max(1, round(busy_timeout_s * 1000))

    def connect(self, *, reading: bool = False) -> Session:
        """Connect to the server."""
        with _translated(self.name):
            connection = psycopg.connect(self._conninfo, autocommit=True)
        session = PostgresSession(connection, self.name, self.schema)
        try:
            for name, value in self._settings(reading=reading).items():
                session.rows("SELECT set_config(?, ?, false)", (name, value))
            session.rows(_SYNCED)
        except BaseException:
            session.close()
            raise
        return session

    def _settings(self, *, reading: bool) -> dict[str, str]:
        return {
            "search_path": Identifier(self.schema).as_string(),
            "lock_timeout": f"{self._busy_ms}ms",
            "statement_timeout": f"{max(self._busy_ms, 30_000)}ms",
            # A machine that stops in the middle of an act must not hold the others up; whoever only
            # reads holds nobody up, and may read as slowly as a person scrolls.
            "idle_in_transaction_session_timeout": "0" if reading else "60s",
            "client_min_messages": "warning",
            "default_transaction_read_only": "on" if reading else "off",
        }

    def faults(self, session: Session, statements: Sequence[str]) -> list[str]:
        """Say which unique index or guard is missing, invalid or switched off."""
        return [
            f"{what.lower()} {name} is missing, invalid or switched off"
            for what, query in _GUARDS.items()
            for name in _named(what, statements) - {str(row[0]) for row in session.rows(query)}
        ]

    def warnings(self, session: Session) -> list[str]:
        """Say which settings of the server weaken what a commit promises."""
        found = []
        for name in ("fsync", "full_page_writes"):
            (value,) = session.rows("SELECT current_setting(?)", (name,))[0]
            if value == "off":
                found.append(f"the server runs with {name} = off: a power cut may lose commits")
        return found

    def forget(self) -> None:
        """Free the space of what was removed; the server overwrites it when it needs it."""
        session = self.connect()
        try:
            session.change("VACUUM events")
        finally:
            session.close()


class PostgresSession:
    """One connection."""

    def __init__(self, connection: psycopg.Connection[Row], name: str, schema: str) -> None:
        self._connection = connection
        self._name = name
        self._schema = schema

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a query and fetch all of it."""
        with _translated(self._name):
            return self._connection.execute(_placed(sql), values or None).fetchall()

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""
        with _translated(self._name):
            return self._connection.execute(_placed(sql), values or None).rowcount

    def each(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once a row."""
        with _translated(self._name), self._connection.cursor() as cursor:
            cursor.executemany(_placed(sql), rows)

    def begin(self) -> None:
        """Start a transaction; it locks nothing yet."""
        self.change("BEGIN")

    def hold(self, head: str) -> list[Row]:
        """Start a transaction and lock the head, in one round trip."""
        with _translated(self._name):
            cursor = self._connection.execute(f"BEGIN; {head}".encode())
            cursor.nextset()
            return cursor.fetchall()

    def snapshot(self) -> None:
        """Read one state, that of the first query."""
        self.change("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def commit(self) -> None:
        """Have the server write and sync, and believe nothing but its word that it has."""
        with _translated(self._name, in_doubt=True):
            done = self._connection.execute("COMMIT").statusmessage
        if done != "COMMIT":  # the answer to a transaction in which a statement had failed
            raise LedgerError(
                f"{self._name}: a statement had failed before the commit, and the server undid all "
                "of the transaction; nothing of it is in force"
            )

    def rollback(self) -> bool:
        """Undo; the server does so itself when the connection is gone."""
        info = self._connection.info
        with suppress(psycopg.Error):
            if info.transaction_status != pq.TransactionStatus.IDLE:
                self._connection.execute("ROLLBACK")
        return info.transaction_status == pq.TransactionStatus.IDLE

    def version(self) -> int:
        """Return the version of the tables."""
        if self.rows("SELECT to_regclass('migrations')") == [(None,)]:
            return 0
        return int(self.rows("SELECT coalesce(max(version), 0) FROM migrations")[0][0])

    def prepare(self) -> None:
        """Make the schema, one process at a time; within a transaction."""
        self.rows("SELECT pg_advisory_xact_lock(hashtext(?))", (self._schema,))
        if self.rows("SELECT 1 FROM pg_namespace WHERE nspname = ?", (self._schema,)) == []:
            self.change(f"CREATE SCHEMA {Identifier(self._schema).as_string()}")

    def mark(self, version: int) -> None:
        """Do nothing: the table of migrations says it."""

    def close(self) -> None:
        """Close it."""
        with suppress(psycopg.Error):
            self._connection.close()

    @property
    def raw(self) -> psycopg.Connection[Row]:
        """The driver's own connection, for tests."""
        return self._connection


def _named(what: str, statements: Sequence[str]) -> set[str]:
    """Return the names of what statements make of a kind."""
    made = [s.split() for s in statements if s.startswith(f"CREATE {what} ")]
    return {words[1 + len(what.split())] for words in made}


@cache
def _placed(sql: str) -> bytes:
    """Write placeholders as psycopg reads them."""
    return sql.replace("?", "%s").encode()


@contextmanager
def _translated(name: str, *, in_doubt: bool = False) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise _meaning(name, error, in_doubt=in_doubt) from error


def _meaning(name: str, error: psycopg.Error, *, in_doubt: bool) -> LedgerError:
    """Say in our words what an SQLSTATE means: PostgreSQL manual, appendix A."""
    state = error.sqlstate or ""
    said = f"{name}: {str(error).strip() or type(error).__name__}"
    if state in _BUSY:
        return LedgerBusyError(f"{said}; held by another or overloaded for too long: try again")
    if state in _FULL:
        return LedgerFullError(f"{said}; make space, then try again; nothing is lost")
    if state in _BROKEN:
        return LedgerBrokenError(f"{said}; keep the server's files and restore a backup")
    if state[:2] in _LOST or (not state and isinstance(error, psycopg.OperationalError)):
        return LedgerLostError(f"{said}; the next transaction connects anew", in_doubt=in_doubt)
    return LedgerError(said)
