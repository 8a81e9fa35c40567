"""The ledger: what an act costs until it is durable, on each kind, beside a bare write and sync."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.ledgers import NOON, accepted, closed, received, reported, reserved, schema_address
from tests.postgres import Server, binaries

from benchmarks.measure import timed
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.store import Ledger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.events import Event

KINDS = ("memory", "sqlite", "postgresql")
STORED = ("sqlite", "postgresql")
ACTS = {"memory": 20_000, "sqlite": 1_000, "postgresql": 1_000, "fsync": 1_000}
MANY = 1_000
LONG = 20_000


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Start a PostgreSQL server that syncs, as one in use does."""
    pytest.importorskip("psycopg")
    folder = binaries()
    if folder is None:
        pytest.skip("needs PostgreSQL: install its server")
    made = Server(folder)
    yield made
    made.stop()


@pytest.fixture
def disk() -> Iterator[Path]:
    """Make a folder on the disk of the repository."""
    with tempfile.TemporaryDirectory(dir=Path(__file__).parents[1]) as folder:
        yield Path(folder)


@pytest.fixture
def ledger(request: pytest.FixtureRequest, disk: Path) -> Iterator[Ledger]:
    """Open an empty ledger of a kind."""
    if request.param == "memory":
        yield MemoryLedger(keep=False, checked=False)
        return
    where = str(disk / "ledger.sqlite")
    if request.param == "postgresql":
        where = schema_address(request.getfixturevalue("server"))
    with closing(open_ledger(where)) as made:
        yield made


def each_kind(names: tuple[str, ...] = KINDS) -> pytest.MarkDecorator:
    """Run on each kind of ledger."""
    return pytest.mark.parametrize("ledger", names, indirect=True, ids=names)


def _put(ledger: Ledger, seen: int, *events: Event) -> int:
    with ledger.transaction(seen=seen) as transaction:
        return transaction.append(events, at=NOON)[-1].seq


def _each(benchmark: Any, run: Callable[[], Any], rounds: int) -> None:
    """Time every act for itself, and record the slow ones."""
    benchmark.pedantic(run, rounds=rounds, iterations=1, warmup_rounds=20)
    if benchmark.stats is not None:  # None when benchmarks are disabled
        taken = np.array(benchmark.stats.stats.data)
        benchmark.extra_info.update(
            act_p50_s=float(np.percentile(taken, 50)),
            act_p99_s=float(np.percentile(taken, 99)),
            act_max_s=float(taken.max()),
        )


@pytest.mark.benchmark(group="ledger: one event, durable")
@each_kind()
def test_append_one(benchmark: Any, ledger: Ledger, request: pytest.FixtureRequest) -> None:
    """A transaction of one event."""
    event, seen = reported(), [0]

    def run() -> None:
        seen[0] = _put(ledger, seen[0], event)

    _each(benchmark, run, ACTS[request.node.callspec.id])


@pytest.mark.benchmark(group="ledger: one event, durable")
def test_append_bare(benchmark: Any, disk: Path) -> None:
    """What the disk asks for by itself: 4 KiB appended to a file, and synced."""
    with ExitStack() as stack:
        file = os.open(disk / "bare", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        stack.callback(os.close, file)
        block = b"x" * 4096

        def run() -> None:
            os.write(file, block)
            os.fsync(file)

        _each(benchmark, run, ACTS["fsync"])


@pytest.mark.benchmark(group="ledger: a call from receipt to close, durable")
@each_kind()
def test_append_call(benchmark: Any, ledger: Ledger, request: pytest.FixtureRequest) -> None:
    """Five events in four transactions: received and reserved, accepted, on scene, closed."""
    numbers, seen = count(), [0]

    def run() -> None:
        wanted = reserved(next(numbers), team="T1")
        for events in (
            (received(1), wanted),
            (accepted(wanted),),
            (reported(),),
            (closed(wanted),),
        ):
            seen[0] = _put(ledger, seen[0], *events)

    _each(benchmark, run, ACTS[request.node.callspec.id] // 4)


@pytest.mark.benchmark(group="ledger: a thousand events at once, durable")
@each_kind()
def test_append_many(benchmark: Any, ledger: Ledger) -> None:
    """One transaction of a thousand events."""
    events, seen = [reported()] * MANY, [0]

    def run() -> None:
        seen[0] = _put(ledger, seen[0], *events)

    timed(benchmark, run, amount=MANY, rounds=15)


def _filled(ledger: Ledger) -> Any:
    seen = 0
    for first in range(0, LONG, MANY):
        seen = _put(ledger, seen, *(received(number) for number in range(first, first + MANY)))
    return ledger


@pytest.mark.benchmark(group="ledger: read back")
@each_kind(STORED)
def test_read(benchmark: Any, ledger: Ledger) -> None:
    """Twenty thousand calls read in order, each checked against the chain: a restart."""
    filled = _filled(ledger)
    found = timed(benchmark, lambda: sum(1 for _ in filled.read()), amount=LONG, rounds=5)
    assert found == LONG


@pytest.mark.benchmark(group="ledger: verify")
@each_kind(STORED)
def test_verify(benchmark: Any, ledger: Ledger) -> None:
    """The same ledger checked in full."""
    filled = _filled(ledger)
    assert timed(benchmark, lambda: verify(filled), amount=LONG, rounds=3).whole
