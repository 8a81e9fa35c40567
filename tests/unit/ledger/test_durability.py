"""The settings on which durability rests are the ledger's own, whatever surrounds it."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.ledgers import put, received, schema_address
from tests.postgres import Server
from unarmed_router.errors import LedgerError
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # FULL
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("recursive_triggers", 1),
        ("trusted_schema", 0),
        ("fullfsync", 1),
        ("checkpoint_fullfsync", 1),
        ("busy_timeout", 60_000),
    ],
)
@pytest.mark.parametrize("stored", ["sqlite"], indirect=True)
def test_sqlite_syncs_every_commit(stored: SqlLedger, setting: str, value: object) -> None:
    """And keeps what else it was told, on every connection that is made."""
    assert stored.writer().rows(f"PRAGMA {setting}") == [(value,)]
    stored.drop_writer()
    assert stored.writer().rows(f"PRAGMA {setting}") == [(value,)]


@pytest.mark.parametrize(
    ("given", "in_force"),
    [("off", "on"), ("local", "on"), ("on", "on"), ("remote_apply", "remote_apply")],
)
def test_a_server_that_would_not_wait_is_told_to(
    postgres: Server, given: str, in_force: str
) -> None:
    """A weaker `synchronous_commit` is raised, a stronger one is left alone."""
    address = f"{schema_address(postgres)}&options=-csynchronous_commit%3D{given}"
    with closing(open_ledger(address)) as ledger:
        assert ledger.writer().rows("SHOW synchronous_commit") == [(in_force,)]


def test_time_limits_of_a_server_are_set(postgres: Server) -> None:
    """Nobody waits for ever, and nobody holds the others up for ever."""
    with closing(open_ledger(schema_address(postgres), busy_timeout_s=45)) as ledger:
        for setting, value in (
            ("lock_timeout", "45s"),
            ("statement_timeout", "45s"),
            ("idle_in_transaction_session_timeout", "1min"),
        ):
            assert ledger.writer().rows(f"SHOW {setting}") == [(value,)]


def test_reading_cannot_write(stored: SqlLedger) -> None:
    """The connection that reads is told to refuse it."""
    put(stored, received(1))
    with pytest.raises(LedgerError, match=r"(?i)read-?only"):
        stored.reading(lambda session: session.change("UPDATE head SET seq = 9"))
    assert put(stored, received(2)) == [2]


def test_a_closed_ledger_is_not_read(stored: SqlLedger) -> None:
    """Nor opened again behind its owner's back."""
    put(stored, received(1))
    stored.close()
    with pytest.raises(LedgerError, match="closed"):
        list(stored.read())
    with pytest.raises(LedgerError, match="closed"):
        stored.writer()
