"""Inputs shared by the benchmarks: fixed and seeded; and what is recorded about the machine."""

from __future__ import annotations

import json
import os
import timeit
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from benchmarks.calls import eligible
from benchmarks.inputs import digests
from benchmarks.measure import PEERS, resident_mb
from benchmarks.peers.install import names
from unarmed_router import Call, Router
from unarmed_router.geography.partition import SCALE

POINTS = 100_000
MANY_POINTS = 1_000_000
OURS = ("unarmed-router", "numpy", "numba", "pymetis", "pytest-benchmark")

Places = tuple[NDArray[np.float64], NDArray[np.float64]]


@pytest.fixture(scope="session")
def router() -> Router:
    """Load the embedded city, kernels compiled."""
    return Router.load()


@pytest.fixture(scope="session")
def call(router: Router) -> Call:
    """Make a call in a served division, to which a team is sent."""
    return eligible(router)


@pytest.fixture(scope="session")
def polygons(router: Router) -> NDArray[Any]:
    """Rebuild each division as a prepared shapely polygon, in order of number."""
    shapes = []
    for division in router.agency.partition.divisions:
        shape = shapely.Polygon()
        for ring in division.rings:
            shape = shape.symmetric_difference(shapely.Polygon(ring / SCALE))
        shapes.append(shape)
    shapely.prepare(shapes)
    return np.array(shapes, dtype=object)


def _drawn(points: int) -> Places:
    rng = np.random.default_rng(1)
    return rng.uniform(-118.67, -118.15, points), rng.uniform(33.70, 34.34, points)


@pytest.fixture(scope="session")
def places() -> Places:
    """Draw points over the city's bounding box."""
    return _drawn(POINTS)


@pytest.fixture(scope="session")
def many_places() -> Places:
    """Draw a million points over the city's bounding box."""
    return _drawn(MANY_POINTS)


@pytest.fixture(autouse=True)
def _memory(benchmark: Any) -> Iterator[None]:
    """Record the peak of resident memory during a benchmark, and its growth (Linux)."""
    before = resident_mb("VmRSS")
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the peak
    yield
    peak = resident_mb("VmHWM")
    benchmark.extra_info["peak_rss_mb"] = round(peak, 1)
    benchmark.extra_info["grown_mb"] = round(max(peak - before, 0.0), 1)


def _loop_ns() -> float:
    """Time one step of an empty loop, nanoseconds: how fast this interpreter is on this machine."""
    steps = 1_000_000
    taken_s = timeit.repeat(f"for _ in range({steps}): pass", number=1, repeat=5)
    return 1e9 * min(taken_s) / steps


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Record versions, inputs and load beside the CPU; leave out the machine's name."""
    machine_info.pop("node", None)
    record = json.loads(PEERS.read_text(encoding="utf-8")) if PEERS.exists() else {}
    machine_info["cpus"] = os.cpu_count()
    machine_info["loop_ns"] = _loop_ns()
    machine_info["load_average"] = os.getloadavg() if hasattr(os, "getloadavg") else None
    machine_info["versions"] = {name: _version(name) for name in (*OURS, *names())}
    machine_info["peers"] = record
    machine_info["data_sha256"] = digests()
