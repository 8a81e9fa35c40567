"""A ledger on a server: PostgreSQL, for several processes or machines."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import Identifier

from unarmed_router.errors import InputError, LedgerError, LedgerLostError
from unarmed_router.ledger.addresses import refuse_unquoted, shown, split_schema
from unarmed_router.ledger.postgres_connection import Connection
from unarmed_router.ledger.postgres_errors import RIGHTS, translated
from unarmed_router.ledger.postgres_session import PostgresSession
from unarmed_router.ledger.session import DialectName, Session

__all__ = ["PostgresDatabase"]

_DEFAULTS = {
    "connect_timeout": "10",
    # A peer that is gone without a word is noticed in half a minute.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "unarmed_router ledger",
}

# Whatever the server's or the role's default is.
_SETTINGS = {
    # An act waits for the head and then reads it as it is; a stricter level would refuse it.
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    "standard_conforming_strings": "on",
    "client_min_messages": "warning",
}
_SINCE_14 = {"idle_session_timeout": "0"}  # a quiet night is no reason to cut a shift off

_LONGEST_STATEMENT_MS = 30_000
_ON_THE_WAY_S = 5.0
"""How much longer than a statement may take to wait for its answer, seconds."""

_LONGEST_REST_S = 10.0
"""How long to leave a server alone that could not be reached, at most, seconds."""

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

# The sample of a table that became empty is kept as it was: so a row is there for a moment.
_SAMPLE_NOTHING = (
    "BEGIN",
    "INSERT INTO assignments VALUES ('', '', '', '', 'ended', 0, '', 0)",
    "ANALYZE assignments",
    "DELETE FROM assignments WHERE reservation_id = ''",
    "COMMIT",
)


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

    Raises
    ------
    InputError
        The address cannot be read.
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
        self._conninfo = make_conninfo("", **{**_DEFAULTS, **given, "client_encoding": "UTF8"})
        self._busy_ms = max(1, round(busy_timeout_s * 1000))
        self._not_before, self._refused = 0.0, ""
        self._statement_ms = max(self._busy_ms, _LONGEST_STATEMENT_MS)

    def connect(self, *, reading: bool = False) -> Session:
        """Connect to the server."""
        return self._connected(self._settings(reading=reading), self._statement_ms)

    def _connected(self, settings: dict[str, str], statement_ms: int) -> PostgresSession:
        """Connect; a statement may take so long, or as long as it takes where that is 0."""
        connection = self._reached()
        session = PostgresSession(connection, self.name, self.schema)
        try:
            if connection.info.server_version >= 14_00_00:
                settings = {**settings, **_SINCE_14}
            for name, value in {**settings, "statement_timeout": f"{statement_ms}ms"}.items():
                session.rows("SELECT set_config(?, ?, false)", (name, value))
            session.rows(_SYNCED)
        except BaseException:
            session.close()
            raise
        connection.patience_s = statement_ms / 1000 + _ON_THE_WAY_S if statement_ms else None
        return session

    def _reached(self) -> Connection:
        """Reach the server; not at once again where that took long and failed.

        A network that swallows everything takes ten seconds to give up on, and calls that come in
        meanwhile are answered one after the other, each when the ledger has said no.
        """
        began = monotonic()
        if began < self._not_before:
            raise LedgerLostError(self._refused, in_doubt=False)
        try:
            with translated(self.name):
                return Connection.connect(self._conninfo, autocommit=True)
        except LedgerLostError as error:
            now = monotonic()
            self._not_before, self._refused = now + min(now - began, _LONGEST_REST_S), str(error)
            raise

    def _settings(self, *, reading: bool) -> dict[str, str]:
        return {
            **_SETTINGS,
            "search_path": Identifier(self.schema).as_string(),
            "lock_timeout": f"{self._busy_ms}ms",
            # A machine that stops in the middle of an act must not hold the others up; whoever only
            # reads holds nobody up, and may read as slowly as a person scrolls.
            "idle_in_transaction_session_timeout": "0" if reading else "60s",
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
        """Free the space of what was removed, and make the server's samples of columns anew.

        The server overwrites the space when it needs it. Its statistics hold whole bodies and
        salts, those of removed events too, until a new sample is taken.
        """
        session = self._connected(self._settings(reading=False), 0)
        try:
            warnings = session.warnings_of("VACUUM (ANALYZE) events, assignments")
            if warnings:
                raise LedgerError(
                    f"{self.name}: all of it is removed, and its space is not freed: "
                    f"{'; '.join(warnings)}; {RIGHTS}"
                )
            if session.rows("SELECT 1 FROM assignments LIMIT 1") == []:
                for statement in _SAMPLE_NOTHING:
                    session.change(statement)
        finally:
            session.close()


def _named(what: str, statements: Sequence[str]) -> set[str]:
    """Return the names of what statements make of a kind."""
    made = [s.split() for s in statements if s.startswith(f"CREATE {what} ")]
    return {words[1 + len(what.split())] for words in made}
