"""Ledgers of every release are opened, and brought up to date by whole steps."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.ledgers import put, received, reserved, schema_address
from tests.unit.ledger.released import LATER
from unarmed_router.errors import AlreadyAssignedError, LedgerError, LedgerVersionError
from unarmed_router.ledger.codec import KINDS
from unarmed_router.ledger.migrations import MIGRATIONS, Migration
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.session import Database
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.sqlite import SqliteFile
from unarmed_router.ledger.sqlite_session import SqliteSession
from unarmed_router.ledger.verify import verify

DATA = Path(__file__).parents[2] / "data"
RELEASED = sorted(DATA.glob("ledger_v*.sql"))

_ADD = "CREATE TABLE shifts (seq {} PRIMARY KEY, name {} NOT NULL)"
NEXT = Migration(2, "shifts", (_ADD.format("INTEGER", "TEXT"),), (_ADD.format("bigint", "text"),))
BAD = Migration(2, "bad", (*NEXT.sqlite, "CREATE nonsense"), (*NEXT.postgresql, "CREATE nonsense"))


def _restored(dump: Path, folder: Path) -> Path:
    path = folder / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, quick_path: Path) -> Database:
    """Name a database of each kind, with a ledger of one reservation."""
    if request.param == "sqlite":
        where = str(quick_path / "ledger.sqlite")
    else:
        where = schema_address(request.getfixturevalue("postgres"))
    with closing(open_ledger(where)) as ledger:
        put(ledger, received(1), reserved(1))
    return ledger.database


def test_every_version_has_its_release() -> None:
    """One file for each version of the tables, and versions count up from 1."""
    versions = [migration.version for migration in MIGRATIONS]
    assert versions == list(range(1, len(MIGRATIONS) + 1))
    assert [path.stem for path in RELEASED] == [f"ledger_v{version}" for version in versions]


@pytest.mark.parametrize("dump", RELEASED, ids=lambda path: path.stem)
def test_a_released_ledger_is_opened_and_goes_on(dump: Path, quick_path: Path) -> None:
    """It verifies, every kind of event is read, and what it holds is still held."""
    with closing(open_ledger(_restored(dump, quick_path))) as ledger:
        result = verify(ledger)
        assert result.whole, result
        assert result.tombstones > 0
        kinds = {type(each.event) for each in ledger.read() if each.event is not None}
        assert {kind.__name__ for kind in KINDS - kinds} == set(), "kinds that no event is left of"
        with pytest.raises(AlreadyAssignedError, match="R16"):
            put(ledger, reserved(99, team="T15"), at=LATER)
        assert put(ledger, received(99), at=LATER) == [result.events + 1]
        assert verify(ledger).whole


def test_a_later_migration_is_applied_and_recorded(database: Database) -> None:
    """The new table is there, the events are what they were, and it still verifies."""
    with closing(SqlLedger(database)) as ledger:
        before = list(ledger.entries())
    with closing(SqlLedger(database, migrations=(*MIGRATIONS, NEXT))) as ledger:
        assert list(ledger.entries()) == before
        assert verify(ledger).whole
        assert ledger.writer().rows("SELECT * FROM shifts") == []
        assert ledger.writer().rows("SELECT version, name FROM migrations ORDER BY 1") == [
            (1, MIGRATIONS[0].name),
            (2, "shifts"),
        ]
        assert put(ledger, received(2)) == [3]


def test_a_newer_ledger_is_refused_by_name(database: Database) -> None:
    """Older code does not guess what a newer one meant, and changes nothing."""
    SqlLedger(database, migrations=(*MIGRATIONS, NEXT)).close()
    with pytest.raises(LedgerVersionError, match="version 2; this library knows versions up to 1"):
        SqlLedger(database)
    with closing(SqlLedger(database, migrations=(*MIGRATIONS, NEXT))) as ledger:
        assert verify(ledger).whole


def test_a_failed_step_leaves_all_as_it_was(database: Database) -> None:
    """Its first statement is undone with its last one."""
    with pytest.raises(LedgerError):
        SqlLedger(database, migrations=(*MIGRATIONS, BAD))
    with closing(SqlLedger(database)) as ledger:
        assert verify(ledger).whole
        assert put(ledger, received(2)) == [3]


def test_a_ledger_opened_by_many_at_once_is_made_once(
    quick_path: Path, request: pytest.FixtureRequest
) -> None:
    """Whoever comes second finds the tables there."""
    for where in (quick_path / "new.sqlite", schema_address(request.getfixturevalue("postgres"))):
        failed: list[BaseException] = []

        def act(where: Path | str = where, failed: list[BaseException] = failed) -> None:
            try:
                with closing(open_ledger(where)) as ledger:
                    put(ledger, received(1))
            except LedgerError as error:
                failed.append(error)

        threads = [threading.Thread(target=act) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        with closing(open_ledger(where)) as ledger:
            assert len(list(ledger.read())) == 6
            assert verify(ledger).whole


@pytest.mark.parametrize("statement", [1, 2, 3])
def test_a_ledger_made_while_it_is_looked_at_is_one(quick_path: Path, statement: int) -> None:
    """Another process makes the tables between two questions: it is never another program's."""
    path, asked = quick_path / "new.sqlite", count(1)

    class Slow(SqliteSession):
        """Lets the other process in before one of its questions."""

        def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
            """Ask, when the other process has come in."""
            if next(asked) == statement:
                open_ledger(path).close()
            return super().rows(sql, values)

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert Slow(connection, "new.sqlite").version() in {0, len(MIGRATIONS)}


def test_a_file_marked_as_newer_is_refused(quick_path: Path) -> None:
    """The version stands in the file's header, where other tools see it, too."""
    path = quick_path / "ledger.sqlite"
    open_ledger(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(LedgerVersionError, match="version 7"):
        SqlLedger(SqliteFile(path))
