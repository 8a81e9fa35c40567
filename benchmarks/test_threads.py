"""What more threads bring: one, two and four share out the same work, each its own slice."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from benchmarks.calls import AT, BATCH, scattered
from benchmarks.measure import posed
from benchmarks.ours import labelled
from unarmed_router import Router

THREADS = (1, 2, 4)
ROUNDS = 7
PLACES = 20_000
ORIGINS = 64


@pytest.mark.benchmark(group="threads: matrix of 64 x 20,000 places, embedded")
@pytest.mark.parametrize("threads", THREADS)
def test_threads_matrix(benchmark: Any, router: Router, threads: int) -> None:
    """`Router.travel_times`: each thread takes its share of the destinations."""
    network = router.agency.network
    nodes = np.random.default_rng(6).integers(0, network.nodes, ORIGINS + PLACES)
    places = np.column_stack([network.node_lon[nodes], network.node_lat[nodes]])
    starts, goals = places[:ORIGINS], places[ORIGINS:]
    _share(
        benchmark,
        lambda part: router.travel_times(starts, goals[part], at=AT),
        threads=threads,
        size=PLACES,
        each=ORIGINS,
        unit="pairs",
    )


@pytest.mark.benchmark(group="threads: 24 teams to 20,000 calls, dimacs_ny")
@pytest.mark.parametrize("threads", THREADS)
def test_threads_nodes(benchmark: Any, threads: int) -> None:
    """`HierarchyTravelTimes.between_nodes`: each thread takes its share of the calls."""
    asked = posed("dimacs_ny")
    times, calls = labelled("dimacs_ny"), asked.calls[:PLACES]
    _share(
        benchmark,
        lambda part: times.between_nodes(asked.teams, calls[part]),
        threads=threads,
        size=len(calls),
        each=len(asked.teams),
        unit="pairs",
    )


@pytest.mark.benchmark(group="threads: route 10,000 calls")
@pytest.mark.parametrize("threads", THREADS)
def test_threads_route_many(benchmark: Any, router: Router, threads: int) -> None:
    """`Router.route_many`: each thread takes its share of the calls; most of it is Python."""
    calls = scattered(router, BATCH)
    _share(
        benchmark,
        lambda part: router.route_many(calls[part], at=AT),
        threads=threads,
        size=len(calls),
        each=1,
        unit="calls",
    )


def _share(
    benchmark: Any,
    run: Callable[[slice], Any],
    *,
    threads: int,
    size: int,
    each: int,
    unit: str,
) -> None:
    """Time `size` items shared out in slices; before every round one thread does it all alone."""
    ends = np.linspace(0, size, threads + 1).astype(int).tolist()
    parts = [slice(*pair) for pair in pairwise(ends)]
    alone: list[float] = []

    def by_one() -> None:
        start = time.perf_counter()
        run(slice(0, size))
        alone.append(time.perf_counter() - start)

    with ThreadPoolExecutor(threads) as pool:
        benchmark.pedantic(
            lambda: list(pool.map(run, parts)), setup=by_one, rounds=ROUNDS, warmup_rounds=1
        )
    amount = size * each
    benchmark.extra_info.update(amount=amount, threads=threads, unit=unit)
    if benchmark.stats is not None:  # None when benchmarks are disabled
        median = benchmark.stats.stats.median
        speedup = statistics.median(alone) / median
        benchmark.extra_info.update(per_s=amount / median, speedup=speedup)
