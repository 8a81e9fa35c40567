"""Backups and restores keep every row, byte for byte."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.ledgers import NOON, accepted, closed, opened, put, received, reserved
from tests.postgres import Server
from unarmed_router.errors import AlreadyAssignedError, InputError, LedgerBrokenError, LedgerError
from unarmed_router.ledger.copy import backup, copy
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.retention import purge
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.sql_transaction import SqlTransaction
from unarmed_router.ledger.verify import verify
from unarmed_router.model.events import Purged


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlLedger]:
    """Open a second empty ledger of each kind."""
    server: Server | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
    made = opened(request.param, tmp_path, server)
    assert isinstance(made, SqlLedger)
    yield made
    made.close()


def _filled(ledger: SqlLedger) -> SqlLedger:
    put(ledger, received(1), reserved(1), accepted(reserved(1)), closed(reserved(1)))
    put(ledger, received(2), reserved(2))
    purge(ledger, before=NOON + timedelta(hours=1), at=NOON + timedelta(hours=1))
    return ledger


def test_a_copy_has_the_same_rows(stored: SqlLedger, target: SqlLedger) -> None:
    """From each kind to each kind, tombstones and open assignments too."""
    assert copy(_filled(stored), target) == 7
    assert list(target.entries()) == list(stored.entries())
    assert verify(target).head == verify(stored).head
    assert verify(target).whole
    with pytest.raises(AlreadyAssignedError):
        put(target, reserved(3, team="T2"), at=NOON + timedelta(hours=1))


def test_a_long_ledger_is_copied_whole(stored: SqlLedger, target: SqlLedger) -> None:
    """More events than are read at once."""
    put(stored, *(received(number) for number in range(1201)))
    assert copy(stored, target) == 1201
    assert list(target.entries()) == list(stored.entries())
    assert verify(target).head == verify(stored).head


def test_a_copy_is_one_state_while_others_write(
    stored: SqlLedger, target: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A purge between two reads would leave a call's body here and the record of its end there."""
    put(stored, *(received(number) for number in range(900)))
    head, real = verify(stored).head, SqlTransaction.adopt

    def adopt(self: SqlTransaction, *rows: Any) -> None:
        real(self, *rows)
        with stored.transaction(seen=None) as transaction:
            if transaction.last == 900:
                transaction.entomb([1, 899])
                transaction.append([Purged(before=NOON, up_to_seq=899, count=2)], at=NOON)

    monkeypatch.setattr(SqlTransaction, "adopt", adopt)
    assert copy(stored, target) == 900
    assert len(list(stored.entries())) == 901
    assert verify(target).whole
    assert verify(target).head == head


def test_rows_that_do_not_follow_are_not_adopted(stored: SqlLedger, target: SqlLedger) -> None:
    """A gap, and one that was altered: the event is named, and the target stays empty."""
    rows, events = list(_filled(stored).entries()), [each.event for each in stored.read()]
    altered = [*rows[:2], rows[2]._replace(at_us=rows[2].at_us + 1), *rows[3:]]
    for given, seq in (([rows[0], *rows[2:]], 3), (altered, 3), (rows[1:], 2)):
        with (
            pytest.raises(LedgerBrokenError, match=f"event {seq} to restore") as caught,
            target.transaction(seen=None) as transaction,
        ):
            transaction.adopt(given, events[: len(given)])
        assert caught.value.seq == seq
        assert list(target.entries()) == []


def test_a_copy_wants_an_empty_target(stored: SqlLedger, target: SqlLedger) -> None:
    """Nothing is mixed."""
    put(target, received(9))
    with pytest.raises(InputError, match="has events"):
        copy(_filled(stored), target)
    assert len(list(target.read())) == 1


def test_a_backup_is_a_ledger_of_its_own(stored: SqlLedger, tmp_path: Path) -> None:
    """Checked as it is made, no other file beside it, and usable at once."""
    folder = tmp_path / "backups"
    folder.mkdir()
    result = backup(_filled(stored), folder / "day.sqlite")
    assert (result.whole, result.events) == (True, 7)
    assert result.head == verify(stored).head
    assert [path.name for path in folder.iterdir()] == ["day.sqlite"]
    with closing(open_ledger(folder / "day.sqlite")) as made:
        assert list(made.entries()) == list(stored.entries())
        assert put(made, received(3), at=NOON + timedelta(hours=2)) == [8]
    with pytest.raises(InputError, match="exists"):
        backup(stored, folder / "day.sqlite")


def test_a_backup_is_one_state_while_others_write(stored: SqlLedger, tmp_path: Path) -> None:
    """Appending goes on; the backup verifies and is a beginning of the ledger."""
    put(stored, *(received(number) for number in range(200)))
    stop = threading.Event()

    def write() -> None:
        for number in itertools.count(200):
            if stop.is_set():
                return
            put(stored, received(number))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        result = backup(stored, tmp_path / "day.sqlite")
    finally:
        stop.set()
        thread.join()
    assert result.whole
    assert verify(stored, known=(result.events, result.head)).whole


def test_a_broken_ledger_makes_no_backup(stored: SqlLedger, tmp_path: Path) -> None:
    """No file is left that somebody might take for one."""
    _filled(stored)
    session = stored.writer()
    if stored.database.dialect == "sqlite":
        session.change("DROP TRIGGER events_stay")
    else:
        session.change("DROP TRIGGER events_stay ON events")
    session.change("UPDATE events SET kind = 'x' WHERE seq = 2")
    with pytest.raises(LedgerBrokenError):
        backup(stored, tmp_path / "day.sqlite")
    assert not list(tmp_path.glob("day*"))


@pytest.mark.parametrize("name", ["night", "night[1]"])
def test_a_backup_leaves_other_files_alone(stored: SqlLedger, tmp_path: Path, name: str) -> None:
    """What is called alike is somebody else's, such as a part of an older backup."""
    others = {f"{name}.part", f"{name}.part2.db", f"{name}.partial-notes"}
    for other in others:
        (tmp_path / other).write_text("kept")
    before = {each.name for each in tmp_path.iterdir()}
    backup(_filled(stored), tmp_path / name)
    assert {each.name for each in tmp_path.iterdir()} == before | {name}
    assert {(tmp_path / other).read_text() for other in others} == {"kept"}


@pytest.mark.parametrize("given", ["shift.db", Path("shift.db"), MemoryLedger(), None])
def test_what_is_no_ledger_in_a_database_is_refused(given: Any, tmp_path: Path) -> None:
    """The name of a ledger in its place is the likeliest slip; nothing is made or opened."""
    with closing(open_ledger(tmp_path / "there.db")) as there:
        for act in (
            lambda: verify(given),
            lambda: backup(given, tmp_path / "backup.db"),
            lambda: copy(given, there),
            lambda: copy(there, given),
        ):
            with pytest.raises(InputError, match=r"a ledger in a file .* open_ledger"):
                act()
        assert list(there.read()) == []
    assert [each.name for each in tmp_path.iterdir()] == ["there.db"]


@pytest.mark.parametrize("path", [None, 7, b"b.db", "b\0.db", "b\ud800.db"], ids=ascii)
def test_a_backup_is_made_at_a_path(stored: SqlLedger, path: Any) -> None:
    """What is none, and a name that no file has, is refused before anything is written."""
    with pytest.raises(InputError, match="a backup is named by its path; got"):
        backup(stored, path)


@pytest.mark.parametrize("name", ["x" * 250, "x" * 300, "no/folder.db", "file/below.db"])
def test_a_place_that_the_disk_refuses_is_a_ledger_error(
    stored: SqlLedger, tmp_path: Path, name: str
) -> None:
    """Too long a name, with what is written beside it first, or a folder that is not there."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LedgerError):
        backup(stored, tmp_path / name)
