"""What the databases refuse by themselves, whoever writes to them."""

from __future__ import annotations

import pytest

from tests.ledgers import NOON, put, received, reserved
from unarmed_router.errors import LedgerBrokenError, LedgerError
from unarmed_router.ledger.session import Session
from unarmed_router.ledger.sql_ledger import SqlLedger

COLUMNS = "reservation_id, idempotency_key, call_id, team_id, state, expires_us, decision, seq"


def _done(session: Session, sql: str) -> None:
    session.change(sql)
    session.commit()


def _refused(ledger: SqlLedger, sql: str, match: str) -> None:
    session = ledger.writer()
    session.begin()
    with pytest.raises(LedgerError, match=match):
        _done(session, sql)
    session.rollback()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET kind = 'x' WHERE seq = 1",
        "UPDATE events SET seq = 9 WHERE seq = 2",
        "UPDATE events SET at_us = at_us + 1 WHERE seq = 1",
        "UPDATE events SET body = 'x' WHERE seq = 1",
        "UPDATE events SET body = NULL, salt = NULL, digest = body_digest WHERE seq = 1",
        "DELETE FROM events WHERE seq = 2",
        "DELETE FROM events",
    ],
)
def test_events_are_append_only(stored: SqlLedger, sql: str) -> None:
    """Triggers refuse every change but a tombstone, and every deletion."""
    put(stored, received(1), received(2))
    _refused(stored, sql, "never")


@pytest.mark.parametrize("seq", [1, 2, 4])
def test_events_are_appended_one_after_the_other(stored: SqlLedger, seq: int) -> None:
    """Neither a gap nor a number used before."""
    put(stored, received(1), received(2))
    _refused(
        stored,
        f"INSERT INTO events SELECT {seq}, at_us, kind, schema, body, salt, body_digest, digest "  # noqa: S608
        "FROM events WHERE seq = 1",
        "one after the other",
    )


@pytest.mark.parametrize("stored", ["sqlite"], indirect=True)
def test_sqlite_cannot_replace_an_event(stored: SqlLedger) -> None:
    """REPLACE deletes without asking the guard of deletions, unless it is told to."""
    put(stored, received(1), received(2))
    _refused(
        stored,
        "REPLACE INTO events SELECT 1, at_us, kind, schema, body, salt, body_digest, digest "
        "FROM events WHERE seq = 2",
        "one after the other",
    )


@pytest.mark.parametrize("stored", ["postgresql"], indirect=True)
def test_postgresql_cannot_truncate_events(stored: SqlLedger) -> None:
    """TRUNCATE asks no guard of rows, so it has one of its own."""
    put(stored, received(1))
    _refused(stored, "TRUNCATE events CASCADE", "never deleted")


@pytest.mark.parametrize(
    ("team", "call", "key", "name"),
    [
        ("T1", "C2", "k2", "team"),
        ("T2", "C1", "k2", "call"),
        ("T2", "C2", "key-1", "key"),
    ],
)
def test_unique_indexes_hold_without_the_library(
    stored: SqlLedger, team: str, call: str, key: str, name: str
) -> None:
    """A second open assignment cannot be inserted by hand."""
    put(stored, reserved(1), received(2))
    _refused(
        stored,
        f"INSERT INTO assignments ({COLUMNS}) "  # noqa: S608
        f"VALUES ('R2', '{key}', '{call}', '{team}', 'reserved', 0, '', 2)",
        f"(?i)unique.*{name}",
    )


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE head SET seq = 1", "never moves back"),
        ("UPDATE head SET seq = seq + 1, at_us = 0", "never moves back"),
        ("DELETE FROM head", "never deleted"),
        ("DELETE FROM assignments", "never deleted"),
        ("UPDATE assignments SET state = 'lost'", "(?i)check"),
        ("UPDATE assignments SET seq = 77", "(?i)foreign key"),
    ],
)
def test_head_and_open_assignments_are_guarded(stored: SqlLedger, sql: str, says: str) -> None:
    """The head moves on only, an open assignment stays, and both refer to what is there."""
    put(stored, reserved(1), received(2))
    _refused(stored, sql, says)


def test_a_head_moved_by_somebody_else_stops_the_append(stored: SqlLedger) -> None:
    """The conditional update finds another number than the one the transaction read."""
    put(stored, received(1))

    def act() -> None:
        with stored.transaction(seen=1) as transaction:
            stored.writer().change("UPDATE head SET seq = 5")
            transaction.append([received(2)], at=NOON)

    with pytest.raises(LedgerBrokenError, match="writes past"):
        act()
    assert len(list(stored.read())) == 1
    assert put(stored, received(2)) == [2]


def test_a_swallowed_failure_is_told_at_the_end(stored: SqlLedger) -> None:
    """A caller who catches a database's error cannot take the rest for done."""
    put(stored, received(1))

    def act() -> None:
        with stored.transaction(seen=1) as transaction:
            transaction.append([received(2)], at=NOON)
            stored.writer().change("UPDATE head SET seq = 5")
            with pytest.raises(LedgerBrokenError):
                transaction.append([received(3)], at=NOON)
            with pytest.raises(LedgerError, match="failed"):
                transaction.append([received(4)], at=NOON)

    with pytest.raises(LedgerError, match="not passed on"):
        act()
    assert len(list(stored.read())) == 1
