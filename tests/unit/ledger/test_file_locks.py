"""A file that several processes use: nobody takes the log away from under those who write to it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.ledgers import put, received
from unarmed_router.errors import LedgerBrokenError
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.verify import verify

_COUNT = """
import sqlite3, sys
log = sqlite3.connect(sys.argv[1])
print(log.execute("SELECT count(*) FROM events").fetchone()[0])
log.close()  # the last one to close removes the log: this is not the last
"""


def _counted_elsewhere(path: Path) -> int:
    """Let another process open the file, count its events and close it."""
    counted = subprocess.run(
        [sys.executable, "-c", _COUNT, str(path)], capture_output=True, check=True, text=True
    )
    return int(counted.stdout)


def test_what_is_written_after_another_process_has_closed_is_on_record(tmp_path: Path) -> None:
    """Read and verified by connections of their own, it goes on being written to here."""
    path = tmp_path / "shift.db"
    with closing(open_ledger(path)) as ledger, closing(open_ledger(path)) as second:
        put(ledger, received(1))
        assert len(list(second.read())) == len(list(ledger.read())) == 1
        assert verify(ledger).whole
        assert _counted_elsewhere(path) == 1
        put(ledger, received(2), seen=1)
        assert _counted_elsewhere(path) == 2
    assert _counted_elsewhere(path) == 2


@pytest.mark.parametrize("size", [1, 511, 512, 4096])
def test_a_file_of_zeros_is_no_ledger(size: int, tmp_path: Path) -> None:
    """SQLite itself would take one of a single byte for an empty database, and write to it."""
    path = tmp_path / "shift.db"
    path.write_bytes(bytes(size))
    with pytest.raises(LedgerBrokenError, match="restore a backup"):
        open_ledger(path)
    assert path.read_bytes() == bytes(size)
