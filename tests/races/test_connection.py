"""A connection that is cut: the error says whether the act is in doubt, the news say the truth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.ledgers import NOON, put, received, reserved, schema_address
from tests.postgres import Server
from tests.races.proxy import Cut, Proxy
from unarmed_router.errors import (
    AlreadyAssignedError,
    LedgerBusyError,
    LedgerError,
    LedgerFullError,
    LedgerLostError,
)
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.verify import verify


@pytest.fixture
def proxy(postgres: Server) -> Iterator[Proxy]:
    """Stand between the ledger and the server."""
    with Proxy(postgres.port) as made:
        yield made


@pytest.fixture
def address(postgres: Server) -> str:
    """Name a schema of its own."""
    return schema_address(postgres)


@pytest.fixture
def ledger(address: str, postgres: Server, proxy: Proxy) -> Iterator[SqlLedger]:
    """Open a ledger of one event through the proxy."""
    with closing(open_ledger(address.replace(str(postgres.port), str(proxy.port)))) as made:
        put(made, received(1))
        yield made


@pytest.mark.parametrize(
    ("cut", "in_doubt", "happened"),
    [
        (Cut.BEFORE_ROWS, False, False),
        (Cut.BEFORE_COMMIT, True, False),
        (Cut.AFTER_COMMIT, True, True),
    ],
)
def test_a_cut_connection_is_told_and_the_truth_is_found(
    ledger: SqlLedger, address: str, proxy: Proxy, cut: Cut, in_doubt: bool, happened: bool
) -> None:
    """Before the commit nothing is in doubt; after it, the next transaction's news decide."""
    proxy.cut = cut
    with pytest.raises(LedgerLostError) as caught:
        put(ledger, received(2), reserved(2), seen=1)
    assert caught.value.in_doubt is in_doubt
    proxy.cut = Cut.NEVER
    with ledger.transaction(seen=1) as transaction:
        news = [each.event for each in transaction.news]
    assert news == ([received(2), reserved(2)] if happened else [])
    assert (ledger.reservation_of("key-2") is not None) is happened
    with closing(open_ledger(address)) as direct:
        assert verify(direct).whole
        assert len(list(direct.read())) == (3 if happened else 1)


def test_a_repeated_act_after_doubt_is_refused_by_its_key(ledger: SqlLedger, proxy: Proxy) -> None:
    """Whoever repeats without looking cannot reserve twice."""
    proxy.cut = Cut.AFTER_COMMIT
    with pytest.raises(LedgerLostError):
        put(ledger, reserved(2), seen=1)
    proxy.cut = Cut.NEVER
    assert ledger.reservation_of("key-2") == reserved(2)
    with pytest.raises(AlreadyAssignedError, match="R2"):
        put(ledger, reserved(2))


def test_reading_goes_on_after_a_lost_connection(ledger: SqlLedger, postgres: Server) -> None:
    """A question is asked again on a connection made anew; a reading has its own."""
    assert ledger.reservation_of("key-2") is None
    _end_all(postgres)
    assert len(list(ledger.read())) == 1
    assert ledger.reservation_of("key-2") is None


def test_an_act_after_the_server_ended_its_session_connects_anew(
    ledger: SqlLedger, postgres: Server
) -> None:
    """As when the server was started anew between two acts: none of them fails for it."""
    _end_all(postgres)
    assert put(ledger, received(2), seen=1) == [2]


def test_a_session_ended_in_the_middle_of_an_act_is_lost_and_not_in_doubt(
    ledger: SqlLedger, postgres: Server
) -> None:
    """What the act began is undone, and the next one connects anew."""

    def act() -> None:
        with ledger.transaction(seen=1) as transaction:
            transaction.append([received(2)], at=NOON)
            _end_all(postgres)
            transaction.append([received(3)], at=NOON)

    with pytest.raises(LedgerLostError) as caught:
        act()
    assert not caught.value.in_doubt
    assert put(ledger, received(2), seen=1) == [2]


def _end_all(postgres: Server) -> None:
    import psycopg  # noqa: PLC0415  # an extra

    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND application_name = 'unarmed_router ledger'"
        )


def test_a_head_held_by_another_is_busy(ledger: SqlLedger, address: str) -> None:
    """The time limit is the server's own; reading waits for nobody."""
    with closing(open_ledger(address, busy_timeout_s=0.1)) as other:
        with ledger.transaction(seen=1):
            with pytest.raises(LedgerBusyError, match="try again"):
                put(other, received(2))
            assert len(list(other.read())) == 1
        assert put(other, received(2)) == [2]


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("53100", LedgerFullError),
        ("53300", LedgerBusyError),
        ("40P01", LedgerBusyError),
        ("58030", LedgerLostError),
        ("42501", LedgerError),
    ],
)
def test_what_the_server_says_has_a_name_of_ours(
    ledger: SqlLedger, state: str, error: type[LedgerError]
) -> None:
    """Full, overloaded, deadlock, disk failure, no privilege; nothing of the act is in force."""
    session = ledger.writer()
    session.change(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'failed' USING ERRCODE = '{state}'; END $$"
    )
    session.change("CREATE TRIGGER fail BEFORE UPDATE ON head EXECUTE FUNCTION fail()")
    with pytest.raises(LedgerError, match="failed") as caught:
        put(ledger, received(2), reserved(2))
    assert type(caught.value) is error
    assert len(list(ledger.read())) == 1
    ledger.writer().change("DROP TRIGGER fail ON head")
    assert put(ledger, received(2), reserved(2)) == [2, 3]


def test_no_server_is_lost_and_not_in_doubt() -> None:
    """Nothing answers at the address; its password is not repeated."""
    with pytest.raises(LedgerLostError) as caught:
        open_ledger("postgresql://somebody:secret@127.0.0.1:1/nowhere")
    assert not caught.value.in_doubt
    assert "secret" not in str(caught.value)


def test_a_server_that_swallows_everything_is_not_asked_by_every_act(
    ledger: SqlLedger, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One act waits until it gives up; those that follow are answered at once for as long again."""
    psycopg = pytest.importorskip("psycopg")
    from unarmed_router.ledger import postgres as module  # noqa: PLC0415
    from unarmed_router.ledger.postgres_connection import Connection  # noqa: PLC0415

    now = 0.0
    monkeypatch.setattr(module, "monotonic", lambda: now)
    asked: list[str] = []

    def swallowed(conninfo: str, **_: Any) -> Any:
        nonlocal now
        asked.append(conninfo)
        now += 4.0
        raise psycopg.OperationalError("timeout expired")

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "connect", swallowed)
        _end_all(postgres)
        for moment, attempts in ((0.0, 1), (5.0, 1), (7.9, 1), (8.0, 2)):
            now = moment
            with pytest.raises(LedgerLostError, match="timeout expired") as caught:
                put(ledger, received(2), seen=1)
            assert not caught.value.in_doubt
            assert len(asked) == attempts
    with pytest.raises(LedgerLostError):
        put(ledger, received(2), seen=1)
    now = 16.0
    assert put(ledger, received(2), seen=1) == [2]
