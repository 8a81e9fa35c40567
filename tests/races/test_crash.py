"""Killed at any moment: nothing acknowledged is lost, nothing is there in part."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.ledgers import NOON, put, received, schema_address
from tests.postgres import Server, binaries
from tests.races.crashing import acknowledged, acts, check
from tests.races.thorough import THOROUGH
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.verify import verify

ROOT = Path(__file__).parents[2]
SOURCE = str(Path(sys.modules["unarmed_router"].__path__[0]).parent)
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}"}

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")


def _program(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tests.races.crashing", *map(str, arguments)]


def _killed(where: str, rounds: int, longest_s: float) -> dict[str, int]:
    done = subprocess.run(
        _program("kill", where, rounds, longest_s),
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_processes_killed_at_random_moments_lose_nothing(quick_path: Path) -> None:
    """SQLite: each round a process appends, is killed, and every act it told of is there, whole.

    In memory, where no sync takes time, so that kills fall on every step of a commit and of writing
    the log back; a dead process loses nothing of what the system holds either way.
    """
    rounds = 1000 if THOROUGH else 150
    open_ledger(quick_path / "ledger.sqlite").close()
    found = _killed(str(quick_path / "ledger.sqlite"), rounds, 0.025)
    assert found["acknowledged"] > rounds // 4
    assert found["while appending"] > rounds // 4


@pytest.mark.slow
def test_a_process_killed_on_a_disk_loses_nothing(tmp_path: Path) -> None:
    """The same where syncs wait for a disk."""
    open_ledger(tmp_path / "ledger.sqlite").close()
    found = _killed(str(tmp_path / "ledger.sqlite"), 100 if THOROUGH else 10, 0.3)
    assert found["acknowledged"] + found["committed unheard"] > 0


@pytest.mark.slow
def test_a_killed_client_of_a_server_holds_nobody_up(postgres: Server) -> None:
    """PostgreSQL: the server undoes what the dead client began, and lets the next one in."""
    where = schema_address(postgres)
    open_ledger(where).close()
    found = _killed(where, 100 if THOROUGH else 15, 0.1)
    assert found["acknowledged"] > 0


@pytest.mark.slow
def test_a_killed_server_keeps_what_it_acknowledged() -> None:
    """Every process of the server is killed while a client appends; started again, all is there."""
    pytest.importorskip("psycopg")
    folder = binaries()
    if folder is None:
        pytest.skip("needs PostgreSQL: install its server, or run .ci/run as root")
    server = Server(folder)
    try:
        last = told = 0
        open_ledger(server.url).close()
        for number in range(10 if THOROUGH else 1):
            with subprocess.Popen(
                _program("append", server.url, last + 1),
                cwd=ROOT,
                env=ENVIRONMENT,
                stdout=subprocess.PIPE,
                bufsize=0,
            ) as client:
                assert client.stdout is not None
                first = b""
                while len(first) < 80:  # it has opened the ledger, and appended
                    first += client.stdout.read(80 - len(first)) or pytest.fail("it ended")
                time.sleep(0.05 * (number % 3))
                server.kill()
                heard = list(acknowledged(client.stdout.fileno(), first))
            server.start()
            with closing(open_ledger(server.url)) as ledger:
                last = check(ledger, heard, last)
                assert verify(ledger).whole
            told += len(heard)
        assert last >= 3 * told > 0
    finally:
        server.stop()


@pytest.fixture
def ledger(quick_path: Path) -> Iterator[SqlLedger]:
    """Open a ledger of two acts."""
    with closing(open_ledger(quick_path / "ledger.sqlite")) as made:
        put(made, *acts(1))
        put(made, *acts(2))
        yield made


def test_the_check_finds_a_lost_act(ledger: SqlLedger) -> None:
    """An act told of that is not there, or is another one, is an error of the check."""
    digest = list(ledger.read())[-1].digest
    assert check(ledger, [(6, digest)], 0) == 6
    with pytest.raises(AssertionError, match="lost"):
        check(ledger, [(9, digest)], 0)
    with pytest.raises(AssertionError, match="another one"):
        check(ledger, [(3, digest)], 0)


def test_the_check_finds_half_an_act(ledger: SqlLedger) -> None:
    """The first event of an act without its others."""
    put(ledger, received(3), at=NOON)
    with pytest.raises(AssertionError):
        check(ledger, [], 0)


def test_a_dead_writer_lets_the_next_one_in(quick_path: Path) -> None:
    """A process that dies inside a transaction leaves no lock and no trace."""
    where = quick_path / "ledger.sqlite"
    open_ledger(where).close()
    script = (
        "import os, signal, sys\n"
        "from tests.ledgers import NOON, received\n"
        "from unarmed_router.ledger.opening import open_ledger\n"
        "with open_ledger(sys.argv[1]).transaction(seen=0) as act:\n"
        "    act.append([received(1)], at=NOON)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(where)], cwd=ROOT, env=ENVIRONMENT, check=False
    )
    assert done.returncode == -signal.SIGKILL
    with closing(open_ledger(where)) as ledger:
        assert list(ledger.read()) == []
        assert put(ledger, received(1)) == [1]
