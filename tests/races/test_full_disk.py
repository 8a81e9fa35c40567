"""A full disk, a limit, a locked or missing file: told by name, readable, and usable afterwards."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.ledgers import put, received
from unarmed_router.errors import (
    LedgerBrokenError,
    LedgerBusyError,
    LedgerError,
    LedgerFullError,
    LedgerLostError,
    LedgerVersionError,
)
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.verify import verify


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 512 KiB, where that is allowed."""
    done = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(tmp_path)],
            capture_output=True,
            check=False,
        )
        if hasattr(os, "geteuid") and os.geteuid() == 0
        else None
    )
    if done is None or done.returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def _until_full(ledger: SqlLedger, most: int = 20_000) -> tuple[int, LedgerFullError]:
    """Append until it is refused; return the last number and the error."""
    last = 0
    for number in range(most):
        try:
            (last,) = put(ledger, received(number + 1), seen=last)
        except LedgerFullError as error:
            return last, error
    raise AssertionError("it was never full")


def test_a_full_disk_is_told_and_nothing_is_lost(small_disk: Path) -> None:
    """All that was acknowledged is readable on the full disk; with space, appending goes on."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 60_000)
    with closing(open_ledger(small_disk / "ledger.sqlite")) as ledger:
        last, error = _until_full(ledger)
        assert "make space" in str(error)
        assert [each.seq for each in ledger.read()] == list(range(1, last + 1))
        with pytest.raises(LedgerFullError):
            put(ledger, received(0))
        ballast.unlink()
        assert put(ledger, received(0), seen=last) == [last + 1]
        assert verify(ledger).whole
    with closing(open_ledger(small_disk / "ledger.sqlite")) as ledger:
        assert len(list(ledger.read())) == last + 1


def test_a_full_database_is_told_and_nothing_is_lost(quick_path: Path) -> None:
    """The same where SQLite itself sets the limit, on any machine."""
    with closing(open_ledger(quick_path / "ledger.sqlite")) as ledger:
        ledger.writer().rows("PRAGMA max_page_count = 30")
        last, _ = _until_full(ledger)
        assert len(list(ledger.read())) == last
        assert put(ledger, received(0), seen=last) == [last + 1]  # another connection, no limit
        assert verify(ledger).whole


def test_a_limit_of_file_size_is_told_and_nothing_is_lost(quick_path: Path) -> None:
    """A limit or quota of the system, which SQLite reports as a failed write."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with closing(open_ledger(quick_path / "ledger.sqlite")) as ledger:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, hard))
            last, error = _until_full(ledger)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert "quota" in str(error)
        assert len(list(ledger.read())) == last
        assert put(ledger, received(0), seen=last) == [last + 1]
        assert verify(ledger).whole


def test_a_locked_file_is_busy(quick_path: Path) -> None:
    """Another program holds the lock for longer than the time allowed; reading waits for nobody."""
    path = quick_path / "ledger.sqlite"
    with closing(open_ledger(path, busy_timeout_s=0.1)) as ledger:
        put(ledger, received(1))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LedgerBusyError, match="try again"):
                put(ledger, received(2))
            assert len(list(ledger.read())) == 1
            other.execute("ROLLBACK")
        assert put(ledger, received(2)) == [2]


def test_a_folder_that_is_not_there_is_lost(tmp_path: Path) -> None:
    """Nothing is in doubt, and the message says where."""
    with pytest.raises(LedgerLostError, match="nowhere") as caught:
        open_ledger(tmp_path / "nowhere" / "ledger.sqlite")
    assert not caught.value.in_doubt


def test_another_program_s_database_is_left_alone(tmp_path: Path) -> None:
    """Not a byte of it is changed."""
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE t (x)")
    before = path.read_bytes()
    with pytest.raises(LedgerVersionError, match="another program"):
        open_ledger(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database, but longer than its header" * 40, b"x"])
def test_a_file_that_is_no_database_is_broken(tmp_path: Path, content: bytes) -> None:
    """A text file is refused, and left as it is."""
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(LedgerBrokenError):
        open_ledger(path)
    assert path.read_bytes() == content


def test_a_ledger_is_not_used_across_a_fork(quick_path: Path) -> None:
    """SQLite's connections must not cross one: the child is told to open its own."""
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    with closing(open_ledger(quick_path / "ledger.sqlite")) as ledger:
        ledger._process = -1
        with pytest.raises(LedgerError, match="after a fork"):
            put(ledger, received(1))
        with pytest.raises(LedgerError, match="after a fork"):
            list(ledger.read())


def test_a_read_only_folder_is_lost(tmp_path: Path) -> None:
    """A ledger that cannot be written is told so at once."""
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        pytest.skip("nothing is read-only for root")
    tmp_path.chmod(0o500)
    with contextlib.ExitStack() as stack:
        stack.callback(tmp_path.chmod, 0o700)
        with pytest.raises(LedgerLostError):
            open_ledger(tmp_path / "ledger.sqlite")
