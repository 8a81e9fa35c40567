"""One connection to a PostgreSQL server, as a ledger uses it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import psycopg
from psycopg import pq
from psycopg.errors import Diagnostic
from psycopg.sql import Identifier

from unarmed_router.errors import LedgerError, LedgerLostError, LedgerVersionError
from unarmed_router.ledger.postgres_connection import Connection
from unarmed_router.ledger.postgres_errors import RIGHTS, translated
from unarmed_router.ledger.session import Row

__all__ = ["PostgresSession"]

_SCHEMA = "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = ?"
_OURS = (
    "SELECT count(*) FROM pg_attribute "
    "WHERE attrelid = to_regclass('migrations') AND attname IN ('version', 'name')"
)


class PostgresSession:
    """One connection."""

    def __init__(self, connection: Connection, name: str, schema: str) -> None:
        self._connection = connection
        self._name = name
        self._schema = schema
        self._warnings: list[str] = []
        connection.add_notice_handler(self._hear)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a query and fetch all of it."""
        with translated(self._name):
            return self._connection.execute(_placed(sql), values or None).fetchall()

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""
        with translated(self._name):
            return self._connection.execute(_placed(sql), values or None).rowcount

    def each(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Run a statement once a row, in one round trip; return how many rows it changed."""
        with translated(self._name), self._connection.cursor() as cursor:
            try:
                cursor.executemany(_placed(sql), rows)
            except psycopg.OperationalError as error:
                # What broke it off, as a signal does, and not that the driver could not tidy up.
                cause = error.__context__
                if cause is None or error.sqlstate or isinstance(cause, psycopg.Error):
                    raise
                raise cause from None
            return cursor.rowcount

    def warnings_of(self, sql: str) -> list[str]:
        """Run a statement; return what the server warns of."""
        self._warnings.clear()
        self.change(sql)
        return list(self._warnings)

    def begin(self) -> None:
        """Start a transaction; it locks nothing yet."""
        self.change("BEGIN")

    def hold(self, head: str) -> list[Row]:
        """Start a transaction and lock the head, in one round trip."""
        with translated(self._name):
            cursor = self._connection.execute(f"BEGIN; {head}".encode())
            cursor.nextset()
            return cursor.fetchall()

    def snapshot(self) -> None:
        """Read one state, that of the first query."""
        self.change("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def commit(self) -> None:
        """Have the server write and sync, and believe nothing but its word that it has."""
        self._warnings.clear()
        with translated(self._name, in_doubt=True):
            done = self._connection.execute("COMMIT").statusmessage
        if done != "COMMIT":  # the answer to a transaction in which a statement had failed
            raise LedgerError(
                f"{self._name}: a statement had failed before the commit, and the server undid all "
                "of the transaction; nothing of it is in force"
            )
        if self._warnings:  # somebody cancelled the wait for the standby
            raise LedgerLostError(
                f"{self._name}: {'; '.join(self._warnings)}; it is in force on this server and may "
                "be missing after a failover",
                in_doubt=True,
            )

    def rollback(self) -> bool:
        """Undo; the server does so itself when the connection is gone."""
        info = self._connection.info
        with suppress(psycopg.Error):
            if info.transaction_status != pq.TransactionStatus.IDLE:
                self._connection.execute("ROLLBACK")
        return info.transaction_status == pq.TransactionStatus.IDLE

    def version(self) -> int:
        """Return the version of the tables; refuse those of another program."""
        if self.rows("SELECT to_regclass('migrations')") == [(None,)]:
            if self.rows(_SCHEMA, (self._schema,)) == [(False,)]:
                raise LedgerError(f"{self._name}: permission denied for the schema; {RIGHTS}")
            return 0
        if self.rows(_OURS) != [(2,)]:
            raise LedgerVersionError(
                f"{self._name} has tables of another program; name another schema, ?schema=NAME"
            )
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
    def raw(self) -> Connection:
        """The driver's own connection."""
        return self._connection

    def _hear(self, said: Diagnostic) -> None:
        if said.severity_nonlocalized == "WARNING":
            self._warnings.append(said.message_primary or "a warning")


@cache
def _placed(sql: str) -> bytes:
    """Write placeholders as psycopg reads them."""
    return sql.replace("?", "%s").encode()
