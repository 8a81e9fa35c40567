"""A ledger that is only read: an archive that cannot be written, a role that may only select."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.ledgers import put, received, reserved, schema_address
from tests.postgres import Server
from unarmed_router.cli import main
from unarmed_router.errors import (
    LedgerBusyError,
    LedgerError,
    LedgerLostError,
    LedgerVersionError,
)
from unarmed_router.ledger import sql_ledger, sqlite
from unarmed_router.ledger.copy import backup
from unarmed_router.ledger.migrations import MIGRATIONS, Migration
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.sqlite import SqliteFile
from unarmed_router.ledger.verify import verify

Freeze = Callable[[Path], None]


@pytest.fixture
def freeze() -> Iterator[Freeze]:
    """Make a folder and what is in it read-only; for root, who may write all the same, mount it."""
    with ExitStack() as stack:

        def frozen(folder: Path) -> None:
            if not hasattr(os, "geteuid"):
                pytest.skip("needs a system with users")
            if os.geteuid() != 0:
                for each in (*folder.iterdir(), folder):
                    each.chmod(0o555)
                stack.callback(folder.chmod, 0o755)
                return
            for options in (["--bind", str(folder)], ["-o", "remount,ro,bind"]):
                done = subprocess.run(
                    ["mount", *options, str(folder)], capture_output=True, check=False
                )
                if done.returncode != 0:
                    pytest.skip("needs the right to mount a folder read-only")
                if options[0] == "--bind":
                    stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=True)

        yield frozen


def _archive(folder: Path, *, with_log: bool = False) -> Path:
    """Write a ledger of two events into a new folder; as it is left by a crash where wanted."""
    folder.mkdir()
    path, used = folder / "shift.db", folder.with_name("used.db")
    with closing(open_ledger(used)) as ledger:
        put(ledger, received(1))
        put(ledger, reserved(1), seen=1)
        if with_log:
            for each in used.parent.glob("used.db*"):
                shutil.copyfile(each, folder / each.name.replace("used", "shift"))
    if not with_log:
        shutil.copyfile(used, path)
    return path


def _inside(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def test_an_archive_that_cannot_be_written_is_verified(tmp_path: Path, freeze: Freeze) -> None:
    """Every event is read, the chain checked, and nothing is left beside the file."""
    path = _archive(tmp_path / "archive")
    before = _inside(path.parent)
    freeze(path.parent)
    with closing(open_ledger(path, reading=True)) as ledger:
        result = verify(ledger)
        assert (result.whole, result.events) == (True, 2)
        assert [each.seq for each in ledger.read()] == [1, 2]
        assert ledger.reservation_of("key-1") == reserved(1)
        assert backup(ledger, tmp_path / "again.db") == result
    assert _inside(path.parent) == before


def test_the_command_verifies_an_archive_that_cannot_be_written(
    tmp_path: Path, freeze: Freeze, capsys: pytest.CaptureFixture[str]
) -> None:
    """An auditor gets the answer that the owner gets, and damage is told all the same."""
    path = _archive(tmp_path / "archive")
    freeze(path.parent)
    assert main(["ledger", "verify", str(path)]) == 0
    assert f"{path}: whole; 2 events" in capsys.readouterr().out
    assert main(["ledger", "verify", str(path), "--known", f"2:{'0' * 64}"]) == 3


def test_a_log_beside_an_archive_is_read(tmp_path: Path, freeze: Freeze) -> None:
    """The copy of a ledger in use: its events are in the log, and none is left out."""
    path = _archive(tmp_path / "archive", with_log=True)
    assert path.with_name("shift.db-wal").stat().st_size > 0
    freeze(path.parent)
    with closing(open_ledger(path, reading=True)) as ledger:
        assert (verify(ledger).whole, verify(ledger).events) == (True, 2)


def test_a_log_that_cannot_be_read_is_not_passed_over(tmp_path: Path, freeze: Freeze) -> None:
    """Without its index, and no room to make one: refused, where two events would be missing."""
    path = _archive(tmp_path / "archive", with_log=True)
    path.with_name("shift.db-shm").unlink()
    freeze(path.parent)
    with pytest.raises(
        LedgerLostError, match=r"may be in shift\.db-wal .* copy both files"
    ) as lost:
        open_ledger(path, reading=True)
    assert not lost.value.in_doubt


def test_an_answer_from_a_file_that_changed_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who may write does so while it is read without locks."""
    path = _archive(tmp_path / "archive")
    monkeypatch.setattr(sqlite, "can_be_written", lambda _: False)
    monkeypatch.setattr(sql_ledger, "_CHUNK", 1)
    with closing(open_ledger(path, reading=True)) as reading:
        events = reading.read()
        assert next(events).seq == 1
        with closing(open_ledger(path)) as other:
            put(other, received(2), seen=2)
            with pytest.raises(LedgerBusyError, match="read it again"):
                list(events)
            assert len(list(reading.read())) == 3  # connected anew, with the log
        assert verify(reading).events == 3


def test_a_file_that_is_taken_away_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name may be another file's by now, whatever is still read of it."""
    path = _archive(tmp_path / "archive")
    monkeypatch.setattr(sqlite, "can_be_written", lambda _: False)
    monkeypatch.setattr(sql_ledger, "_CHUNK", 1)
    with closing(open_ledger(path, reading=True)) as reading:
        events = reading.read()
        assert next(events).seq == 1
        path.unlink()
        with pytest.raises(LedgerBusyError, match="read it again"):
            list(events)
        with pytest.raises(LedgerLostError, match="no such file"):
            list(reading.read())


def test_who_reads_changes_nothing(stored: SqlLedger) -> None:
    """Whatever would write is refused by name, on a file and on a server."""
    put(stored, received(1))
    database = stored.database
    with closing(SqlLedger(database, reading=True)) as reading:
        with pytest.raises(LedgerError, match="only to read"):
            put(reading, received(2), seen=1)
        with pytest.raises(LedgerError, match="only to read"):
            reading.writer()
        assert verify(reading).events == 1
    assert put(stored, received(2), seen=1) == [2]


def test_nothing_is_made_where_there_is_no_ledger(tmp_path: Path) -> None:
    """No file, an empty one, and tables of another version."""
    with pytest.raises(LedgerLostError, match="no such file"):
        open_ledger(tmp_path / "none.db", reading=True)
    assert list(tmp_path.iterdir()) == []
    empty = tmp_path / "empty.db"
    empty.touch()
    with pytest.raises(LedgerVersionError, match="is no ledger"):
        open_ledger(empty, reading=True)
    assert empty.read_bytes() == b""


def test_older_tables_are_not_brought_up_to_date_by_a_reader(tmp_path: Path) -> None:
    """Their owner does that; a reader is told so."""
    path = _archive(tmp_path / "archive")
    before = path.read_bytes()
    steps = (*MIGRATIONS, Migration(2, "more", ("CREATE TABLE more (x)",), ()))
    with pytest.raises(LedgerVersionError, match=r"version 1, .* open the copy once to write"):
        SqlLedger(SqliteFile(path), reading=True, migrations=steps)
    assert path.read_bytes() == before


def test_a_role_that_may_only_select_verifies(postgres: Server) -> None:
    """On a server an auditor needs no right to write."""
    import psycopg  # noqa: PLC0415  # an extra

    address = schema_address(postgres)
    schema = address.partition("schema=")[2]
    with closing(open_ledger(address)) as ledger:
        put(ledger, received(1))
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        for statement in (
            "CREATE ROLE auditor LOGIN",
            f"GRANT USAGE ON SCHEMA {schema} TO auditor",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO auditor",
        ):
            connection.execute(statement.encode())
    with closing(open_ledger(address.replace("tests@", "auditor@"), reading=True)) as reading:
        assert (verify(reading).whole, verify(reading).events) == (True, 1)
