"""Every byte of a small ledger is altered: it shows, or nothing of the content is another."""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from tests.ledgers import NOON, accepted, closed, put, received, reserved
from tests.races.pages import classes
from tests.races.thorough import THOROUGH
from unarmed_router.errors import LedgerError
from unarmed_router.ledger.migrations import MIGRATIONS
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.retention import purge
from unarmed_router.ledger.session import Session
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.sqlite import SqliteFile
from unarmed_router.ledger.sqlite_session import SqliteSession
from unarmed_router.ledger.verify import verify

EVERY = 1 if THOROUGH else 13
MASKS = (0x01, 0x20, 0x80, 0xFF) if THOROUGH else (0x01, 0xFF)
TABLES = ("migrations", "events", "head", "assignments")
HOUR = NOON + timedelta(hours=1)


class _Bytes(SqliteFile):
    """A ledger that is read from memory, so that ten thousand of them can be checked."""

    def __init__(self, data: bytes) -> None:
        super().__init__("bytes")
        self._data = data

    def connect(self, *, reading: bool = False) -> Session:
        assert reading
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.deserialize(self._data)
        return SqliteSession(connection, "bytes")


class _Ledger:
    """What `verify` needs of a ledger."""

    migrations = MIGRATIONS

    def __init__(self, data: bytes) -> None:
        self.database = _Bytes(data)


def _fault(data: bytes) -> str | None:
    try:
        return verify(cast(SqlLedger, _Ledger(data))).fault
    except LedgerError as error:
        return str(error)


def _content(data: bytes) -> list[Any]:
    """Read everything a ledger says, with its types, and the marks in its header."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(data)

        def rows(sql: str) -> list[Any]:
            return connection.execute(sql).fetchall()

        return [
            rows("PRAGMA application_id"),
            rows("PRAGMA user_version"),
            rows("SELECT type, name, tbl_name, sql FROM sqlite_master"),
            *(rows(f"SELECT * FROM {table}") for table in TABLES),  # noqa: S608
        ]


def _filled(path: Path) -> SqlLedger:
    """Make a ledger with a tombstone, an ended and an open assignment, and text of some length."""
    ledger = open_ledger(path)
    put(ledger, received(1), reserved(1), accepted(reserved(1)), closed(reserved(1)))
    purge(ledger, before=HOUR, at=HOUR)
    put(ledger, received(2), reserved(2), received(3), at=HOUR)
    return ledger


@pytest.fixture
def small(quick_path: Path) -> bytes:
    """Return a whole ledger in pages of 512 bytes, the smallest there are."""
    path = quick_path / "ledger.sqlite"
    _filled(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 512")
        connection.execute("VACUUM")
    return path.read_bytes()


def _places(names: list[str], first: int) -> list[int]:
    """Choose bytes: all of a part that is small, every so many of one that is large."""
    parts = defaultdict(list)
    for place, name in enumerate(names):
        parts[name].append(place)
    return [
        place
        for part in parts.values()
        for place in (part if len(part) <= 24 else part[first % EVERY :: EVERY])
    ]


@pytest.mark.slow
def test_every_altered_byte_shows_or_changes_nothing(small: bytes) -> None:
    """By kind of page and part of it: what holds content is detected, free space has no effect."""
    assert _fault(small) is None
    whole, names = _content(small), classes(small)
    harmless: dict[str, int] = defaultdict(int)
    detected: dict[str, int] = defaultdict(int)
    for mask in MASKS:
        for place in _places(names, mask):
            altered = bytearray(small)
            altered[place] ^= mask
            data = bytes(altered)
            if _fault(data) is not None:
                detected[names[place]] += 1
                continue
            assert _content(data) == whole, f"byte {place} ({names[place]}) is altered unseen"
            harmless[names[place]] += 1
    counters = {"change counter", "schema cookie", "schema format", "cache size", "encoding"}
    counters |= {"reserved", "version valid for", "version of SQLite", "format versions"}
    free = {name for name in names if name.endswith("unused")} | {
        f"header: {name}" for name in counters
    }
    assert set(harmless) <= free | {"table leaf: cells"}  # with free blocks among the cells
    assert set(names) - set(detected) <= free
    assert detected["table leaf: cells"] > 20 * harmless["table leaf: cells"]


@pytest.mark.parametrize("keep", [0, 1, 100, 511, 512, 5000, -512, -1])
def test_a_file_that_was_cut_short_shows(small: bytes, keep: int) -> None:
    """At any length but that of an empty file, which is a new ledger: a noted head tells."""
    if keep:
        assert _fault(small[:keep]) is not None


def test_a_lost_file_shows_by_what_was_noted(quick_path: Path) -> None:
    """A file that is gone is made anew; only what was noted elsewhere tells."""
    with closing(_filled(quick_path / "ledger.sqlite")) as ledger:
        noted = (8, verify(ledger).head)
    for path in quick_path.iterdir():
        path.unlink()
    with closing(open_ledger(quick_path / "ledger.sqlite")) as ledger:
        assert verify(ledger).whole
        assert "cut off" in (verify(ledger, known=noted).fault or "")


@pytest.mark.slow
def test_an_altered_log_ahead_loses_its_end_and_a_noted_head_tells(quick_path: Path) -> None:
    """What is not yet in the file itself is kept to the last sound frame: never something else."""
    path = quick_path / "ledger.sqlite"
    with closing(_filled(path)) as ledger:
        noted = (8, verify(ledger).head)
        files = {each.suffix: each.read_bytes() for each in quick_path.iterdir()}
        rows = list(ledger.entries())
    log = files[".sqlite-wal"]
    assert len(log) > 20_000
    rng = random.Random(11)  # noqa: S311
    shorter = 0
    for number in range(400 if THOROUGH else 40):
        altered = bytearray(log)
        altered[rng.randrange(len(log))] ^= 0xFF
        folder = quick_path / str(number)
        folder.mkdir()
        (folder / path.name).write_bytes(files[".sqlite"])
        (folder / f"{path.name}-wal").write_bytes(altered)
        with closing(open_ledger(folder / path.name)) as found:
            entries = list(found.entries())
            assert entries == rows[: len(entries)]
            assert verify(found).whole
            assert verify(found, known=noted).whole is (len(entries) == len(rows))
            shorter += len(entries) < len(rows)
    assert shorter > 0
