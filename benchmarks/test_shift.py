"""A day on a ledger: what a call costs with everything recorded, and what moving teams cost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from benchmarks.calls import AT, eligible
from benchmarks.shifts import TEAMS, Day, staffed
from unarmed_router import Router
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.operations.clock import LedgerClock
from unarmed_router.operations.dispatcher import Dispatcher

CALLS = int(os.environ.get("UNARMED_BENCH_SHIFT_CALLS", "1000"))
"""20000 is a day with 2,000,000 fixes; a part of it is as busy."""
FIXES_A_CALL = 100
A_SECOND = 10_000
ROUTED = 4_000


def _percentiles(taken_s: list[float]) -> dict[str, float]:
    p50, p99 = np.percentile(taken_s, [50, 99])
    return {"p50_ms": round(float(p50) * 1e3, 3), "p99_ms": round(float(p99) * 1e3, 3)}


@pytest.mark.benchmark(group="a shift: a day of calls and fixes, all recorded")
@pytest.mark.parametrize("ledger", ["memory", "sqlite"])
def test_day(benchmark: Any, router: Router, tmp_path: Path, ledger: str) -> None:
    """Receive, decide, reserve and log each call; crews report; the ledger is opened again."""
    path = tmp_path / "day.sqlite"
    kept = open_ledger(path) if ledger == "sqlite" else MemoryLedger()
    day = Day(router, kept, calls=CALLS, fixes=CALLS * FIXES_A_CALL)
    began = time.perf_counter()
    told = benchmark.pedantic(day.run, rounds=1)
    lasted = time.perf_counter() - began
    events = day.dispatcher.board.seq
    fresh = staffed(router)
    began = time.perf_counter()
    board = day.opened(fresh).board
    recovered = time.perf_counter() - began
    assert board.tally == day.dispatcher.board.tally
    kept.close()
    benchmark.extra_info.update(
        amount=CALLS,
        fixes=told.fixes,
        events=events,
        calls_a_second=round(CALLS / lasted),
        recovery_s=round(recovered, 2),
        file_mb=round(path.stat().st_size / 1e6, 1) if path.exists() else 0,
        **_percentiles(told.handled_s),
    )
    print(ledger, benchmark.extra_info, dict(board.tally))  # the figures of the issue


class Stream:
    """Fixes of all teams in turn, each later than the one before.

    Parameters
    ----------
    dispatcher : Dispatcher
        Who takes them.
    router : Router
        Whose city they are in.
    """

    def __init__(self, dispatcher: Dispatcher, router: Router) -> None:
        self._dispatcher, self._numbers = dispatcher, count()
        network, rng = router.agency.network, np.random.default_rng(9)
        nodes = rng.integers(0, network.nodes, 4096)
        self._lons, self._lats = network.node_lon[nodes].tolist(), network.node_lat[nodes].tolist()

    def send(self) -> None:
        """Send the next one."""
        number = next(self._numbers)
        place = number % len(self._lons)
        self._dispatcher.record_fix(
            f"team-{number % TEAMS:03}",
            lon=self._lons[place],
            lat=self._lats[place],
            at=AT + timedelta(microseconds=number),
        )


@contextmanager
def _streaming(send: Callable[[], None]) -> Iterator[list[float]]:
    """Send ten thousand a second from another thread, ten at a time; the rate comes back."""
    stop, rate = Event(), [0.0]

    def run() -> None:
        began, done = time.perf_counter(), 0
        while not stop.is_set():
            if done < (time.perf_counter() - began) * A_SECOND:
                for _ in range(10):
                    send()
                done += 10
            else:
                time.sleep(0.0005)
        rate[0] = done / (time.perf_counter() - began)

    thread = Thread(target=run)
    thread.start()
    try:
        yield rate
    finally:
        stop.set()
        thread.join()


@pytest.mark.benchmark(group="a shift: calls routed beside ten thousand fixes a second")
@pytest.mark.parametrize("fixes", ["none", "same_thread", "other_thread"])
def test_route_beside_fixes(benchmark: Any, router: Router, fixes: str) -> None:
    """`Router.route`, each call timed: no fixes, after ten of them, or beside a thread of them."""
    city = staffed(router)
    dispatcher = Dispatcher(city, MemoryLedger(), clock=LedgerClock(lambda: AT, lambda: 0.0))
    stream, call = Stream(dispatcher, city), eligible(city)
    send = stream.send

    def ten() -> None:
        for _ in range(10):
            send()

    setup = ten if fixes == "same_thread" else None
    with _streaming(send) if fixes == "other_thread" else nullcontext([0.0]) as rate:
        benchmark.pedantic(
            lambda: city.route(call), setup=setup, rounds=ROUTED, iterations=1, warmup_rounds=50
        )
    if benchmark.stats is not None:
        taken = benchmark.stats.stats.data
        benchmark.extra_info.update(fixes_a_second=round(rate[0]), **_percentiles(taken))
        print(fixes, benchmark.extra_info)


@pytest.mark.benchmark(group="a shift: one fix")
def test_fix_on_shift(benchmark: Any, router: Router) -> None:
    """`Dispatcher.record_fix`: checked against ledger time, snapped, noted as not on record."""
    city = staffed(router)
    dispatcher = Dispatcher(city, MemoryLedger(), clock=LedgerClock(lambda: AT, lambda: 0.0))
    benchmark.pedantic(Stream(dispatcher, city).send, rounds=20, iterations=1000, warmup_rounds=1)
