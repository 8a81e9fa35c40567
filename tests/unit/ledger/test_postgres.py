"""A server that is set up, or behaves, in another way than one would wish."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from tests.ledgers import NOON, closed, put, received, reserved, schema_address
from tests.ledgers import accepted as taken
from tests.postgres import Server
from unarmed_router.errors import (
    LedgerBusyError,
    LedgerError,
    LedgerFullError,
    LedgerLostError,
    LedgerVersionError,
)
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.retention import purge
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.events import CallQueued

psycopg = pytest.importorskip("psycopg")

from unarmed_router.ledger.postgres_errors import translated  # noqa: E402  # needs psycopg

HOUR = NOON + timedelta(hours=1)
USUAL = {
    "default_transaction_isolation": ("serializable", "read committed"),
    "default_transaction_deferrable": ("on", "off"),
    "default_transaction_read_only": ("on", "off"),
    "standard_conforming_strings": ("off", "on"),
    "client_encoding": ("SQL_ASCII", "UTF8"),
    "synchronous_commit": ("off", "on"),
    "search_path": ("nowhere", None),
    "bytea_output": ("escape", None),
    "TimeZone": ("Asia/Kathmandu", None),
    "idle_session_timeout": ("1min", "0"),
}
"""Settings, an unusual default, and what the ledger needs; None where it does not mind."""


def _asked(server: Server, sql: str) -> list[tuple[Any, ...]]:
    """Ask as the owner of the server."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


def _until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def _meanwhile(act: Callable[[], Any]) -> Iterator[list[Any]]:
    """Let another thread act; at the end, what it returned or raised is there."""
    told: list[Any] = []

    def run() -> None:
        try:
            told.append(act())
        except LedgerError as error:
            told.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield told
    finally:
        thread.join()


@pytest.fixture
def address(postgres: Server) -> str:
    """Name a schema of its own."""
    return schema_address(postgres)


@pytest.fixture
def ledger(address: str) -> Iterator[SqlLedger]:
    """Open a ledger of one event."""
    with closing(open_ledger(address)) as made:
        put(made, received(1))
        yield made


@pytest.mark.parametrize("name", USUAL)
def test_a_server_s_defaults_do_not_matter(postgres: Server, address: str, name: str) -> None:
    """Whatever is set for the role or the database, acts are recorded, removed and verified."""
    if name == "idle_session_timeout" and _asked(postgres, "SHOW server_version_num") < [("14",)]:
        pytest.skip("it came with version 14")
    unusual, needed = USUAL[name]
    with closing(open_ledger(f"{address}&options={quote(f'-c {name}={unusual}')}")) as ledger:
        put(ledger, received(1), reserved(1), taken(reserved(1)))
        put(ledger, closed(reserved(1)), received(2))
        assert ledger.reservation_of("key-1") == reserved(1)
        assert purge(ledger, before=HOUR, at=HOUR) == 4
        assert verify(ledger).whole
        if needed is not None:
            assert ledger.writer().rows(f"SHOW {name}") == [(needed,)]


def test_an_act_waits_where_transactions_are_serializable(postgres: Server, address: str) -> None:
    """It goes on when the one before it has ended, as at every other level."""
    strict = f"{address}&options={quote('-c default_transaction_isolation=serializable')}"
    waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with closing(open_ledger(strict)) as one, closing(open_ledger(strict)) as other:
        with ExitStack() as stack, one.transaction(seen=None) as act:
            act.append([received(1)], at=NOON)
            told = stack.enter_context(_meanwhile(lambda: put(other, received(2))))
            _until(lambda: _asked(postgres, waits))
        assert told == [[2]]


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "EUC_JP"])
def test_a_database_may_have_another_encoding(postgres: Server, encoding: str) -> None:
    """Letters it has are kept, others are refused by name, and nothing of the act is in force."""
    database = f"encoded_{encoding.lower()}"
    made = f"CREATE DATABASE {database} TEMPLATE template0 ENCODING '{encoding}'"
    _asked(postgres, f"{made} LC_COLLATE 'C' LC_CTYPE 'C'")
    try:
        with closing(open_ledger(postgres.url.replace("/postgres", f"/{database}"))) as ledger:
            put(ledger, reserved(1, team="ü"), CallQueued(call_id="ü"))
            assert ledger.reservation_of("key-1") == reserved(1, team="ü")
            if encoding == "LATIN1":
                with pytest.raises(LedgerError, match="encoding UTF8"):
                    put(ledger, reserved(2, team="東京"))
            assert put(ledger, received(3)) == [3]
            assert verify(ledger).whole
    finally:
        _asked(postgres, f"DROP DATABASE {database} WITH (FORCE)")


def test_a_commit_that_the_server_undid_is_none(ledger: SqlLedger) -> None:
    """A statement failed unseen: the server takes COMMIT for ROLLBACK and raises nothing."""

    def act() -> None:
        with ledger.transaction(seen=1) as transaction:
            transaction.append([received(2)], at=NOON)
            with suppress(LedgerError):
                ledger.writer().rows("SELECT 1 / 0")

    with pytest.raises(LedgerError, match="nothing of it is in force"):
        act()
    assert len(list(ledger.read())) == 1
    assert put(ledger, received(2)) == [2]


class _Stopped(Exception):  # noqa: N818
    """What a signal handler may raise anywhere."""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that interrupts")
@pytest.mark.parametrize("what", ["a question", "rows", "an act"])
def test_a_statement_broken_off_leaves_no_lock(ledger: SqlLedger, address: str, what: str) -> None:
    """The connection is let go, so the head is free for others, and the next act has its own."""

    def stop(*_: object) -> None:
        raise _Stopped

    def act() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        if what == "a question":
            ledger.reading(lambda session: session.rows("SELECT pg_sleep(1)"))
        with ledger.transaction(seen=1) as transaction:
            if what == "rows":
                ledger.writer().each("SELECT pg_sleep(?)", [(0.5,), (0.5,)])
            transaction.append([received(2)], at=NOON)
            ledger.writer().rows("SELECT pg_sleep(1)")

    before = signal.signal(signal.SIGALRM, stop)
    try:
        with pytest.raises(_Stopped):
            act()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert ledger.reservation_of("key-1") is None
    with closing(open_ledger(address)) as other:
        assert put(other, received(2)) == [2]
    assert put(ledger, received(3), seen=1) == [3]


def test_a_connection_that_idled_too_long_is_made_anew(ledger: SqlLedger) -> None:
    """Whoever sleeps inside an act is cut off, is told so, and the next act is none the worse."""
    ledger.writer().rows("SELECT set_config('idle_in_transaction_session_timeout', '50ms', false)")

    def act() -> None:
        with ledger.transaction(seen=1) as transaction:
            transaction.append([received(2)], at=NOON)
            time.sleep(0.3)

    with pytest.raises(LedgerError):
        act()
    assert put(ledger, received(2), seen=1) == [2]


@contextmanager
def _without_its_standby(postgres: Server) -> Iterator[None]:
    """Let commits wait for a standby that is not there."""

    def wanted(name: str) -> None:
        _asked(postgres, f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        _asked(postgres, "SELECT pg_reload_conf()")
        _until(lambda: _asked(postgres, "SHOW synchronous_standby_names") == [(name,)])

    wanted("gone")
    try:
        yield
    finally:
        wanted("")


_WAITING = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


def test_a_wait_for_a_standby_that_is_cancelled_is_in_doubt(
    postgres: Server, ledger: SqlLedger
) -> None:
    """The server only warns: the act is in force on it, and gone if the standby takes over."""
    act = _meanwhile(lambda: put(ledger, received(2), seen=1))
    with _without_its_standby(postgres), act as told:
        _until(lambda: _asked(postgres, f"SELECT 1 {_WAITING}"))
        _asked(postgres, f"SELECT pg_cancel_backend(pid) {_WAITING}")
    assert isinstance(told[0], LedgerLostError)
    assert told[0].in_doubt
    with ledger.transaction(seen=1) as transaction:
        assert [each.event for each in transaction.news] == [received(2)]


def test_a_server_that_does_not_answer_is_lost(
    postgres: Server, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen server, or one without its standby, holds an act up for a time, not for ever."""
    from unarmed_router.ledger import postgres as module  # noqa: PLC0415

    with closing(open_ledger(address)) as first:
        put(first, received(1))
    monkeypatch.setattr(module, "_LONGEST_STATEMENT_MS", 100)
    monkeypatch.setattr(module, "_ON_THE_WAY_S", 0.2)
    with closing(open_ledger(address, busy_timeout_s=0.1)) as ledger:
        with _without_its_standby(postgres):
            with pytest.raises(LedgerLostError, match=r"did not answer for 0\.3 s") as caught:
                put(ledger, received(2), seen=1)
            assert caught.value.in_doubt
            with pytest.raises(LedgerBusyError):  # the server still holds the head
                put(ledger, received(3), seen=1)
        _until(lambda: not _asked(postgres, f"SELECT 1 {_WAITING}"))
        with ledger.transaction(seen=1) as transaction:
            assert [each.event for each in transaction.news] == [received(2)]


@pytest.mark.parametrize(("severity", "in_doubt"), [("PANIC", True), ("ERROR", False)])
def test_a_commit_in_a_panic_is_in_doubt(severity: str, in_doubt: bool) -> None:
    """No space for the log stops the server: the commit may be on the disk. An error undid it."""
    said = SimpleNamespace(
        message_primary="no space",
        message_detail=None,
        message_hint=None,
        severity_nonlocalized=severity,
    )
    full = type("Full", (psycopg.OperationalError,), {"sqlstate": "53100", "diag": said})

    def commit() -> None:
        with translated("here", in_doubt=True):
            raise full

    with pytest.raises(LedgerLostError if in_doubt else LedgerFullError) as caught:
        commit()
    assert getattr(caught.value, "in_doubt", False) is in_doubt


@pytest.mark.parametrize("kept", [0, 1])
def test_statistics_forget_what_a_purge_removed(ledger: SqlLedger, kept: int) -> None:
    """The server samples columns, bodies and salts among them: no sample is older than a purge."""
    for number in range(2, 40):
        held = reserved(number)
        put(ledger, received(number), held, taken(held), closed(held))
    put(ledger, *(reserved(number) for number in range(100, 100 + kept)))
    owner = ledger.writer()
    owner.change("ANALYZE events, assignments")
    sampled = (
        "SELECT tablename, attname, coalesce(histogram_bounds::text, most_common_vals::text) "
        "FROM pg_stats WHERE schemaname = current_schema() "
        "AND attname IN ('body', 'salt', 'call_id', 'idempotency_key')"
    )
    before = {row[:2]: row[2] for row in owner.rows(sampled)}
    assert '\\"C17\\"' in before["events", "body"]
    assert "key-17" in before["assignments", "idempotency_key"]
    salts = [e.salt.hex() for e in ledger.entries() if e.salt is not None and e.seq > 1]
    purge(ledger, before=HOUR, at=HOUR)
    after = str(owner.rows(sampled))
    assert "C17" not in after
    assert "key-17" not in after
    assert not any(salt in after for salt in salts[:100])
    assert owner.rows("SELECT count(*) FROM assignments") == [(kept,)]
    assert verify(ledger).whole


@pytest.fixture
def role(postgres: Server) -> Iterator[str]:
    """Make a role without any right."""
    name = "dana"
    _asked(postgres, f"CREATE ROLE {name} LOGIN")
    yield name
    _asked(postgres, f"DROP OWNED BY {name}")
    _asked(postgres, f"DROP ROLE {name}")


@pytest.mark.parametrize("reading", [False, True])
def test_a_role_without_rights_is_told_which(
    ledger: SqlLedger, postgres: Server, address: str, role: str, reading: bool
) -> None:
    """Not that there is no ledger: first of the schema, then of its tables."""
    schema = address.rpartition("=")[2]
    theirs = address.replace("tests@", f"{role}@")
    with pytest.raises(LedgerError, match=r"permission denied.*grant the role USAGE"):
        open_ledger(theirs, reading=reading)
    _asked(postgres, f"GRANT USAGE ON SCHEMA {schema} TO {role}")
    with pytest.raises(LedgerError, match=r"permission denied for table.*SELECT"):
        open_ledger(theirs, reading=reading)
    assert len(list(ledger.read())) == 1


def test_a_purge_by_a_role_that_owns_nothing_says_what_is_left(
    ledger: SqlLedger, postgres: Server, address: str, role: str
) -> None:
    """All of it is removed; space and samples are the owner's to clear."""
    put(ledger, reserved(1), taken(reserved(1)), closed(reserved(1)))
    schema = address.rpartition("=")[2]
    _asked(postgres, f"GRANT USAGE ON SCHEMA {schema} TO {role}")
    rights = "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES"
    _asked(postgres, f"GRANT {rights} IN SCHEMA {schema} TO {role}")
    theirs = open_ledger(address.replace("tests@", f"{role}@"))
    with closing(theirs), pytest.raises(LedgerError, match=r"is removed.*owner"):
        purge(theirs, before=HOUR, at=HOUR)
    assert sum(each.event is None for each in ledger.read()) == 4
    assert purge(ledger, before=HOUR, at=HOUR) == 0
    assert verify(ledger).whole


@pytest.mark.parametrize(
    ("table", "reading", "error"),
    [
        ("migrations (id bigint, migration text)", False, LedgerVersionError),
        ("migrations (id bigint, migration text)", True, LedgerVersionError),
        ("events (id bigint)", False, LedgerError),
    ],
)
def test_a_schema_of_another_program_is_left_alone(
    postgres: Server, address: str, table: str, reading: bool, error: type[LedgerError]
) -> None:
    """Many programs have a table of such a name; the remedy is another schema."""
    schema = address.rpartition("=")[2]
    _asked(postgres, f"CREATE SCHEMA {schema}")
    _asked(postgres, f"CREATE TABLE {schema}.{table}")
    with pytest.raises(error, match=r"another (program|schema).*\?schema=NAME"):
        open_ledger(address, reading=reading)
    tables = "SELECT schemaname FROM pg_tables"
    assert _asked(postgres, tables).count((schema,)) == 1
