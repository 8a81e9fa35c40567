"""From nothing to the first answer, in fresh processes: import, load, first route, peak memory."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.measure import peer, timed

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
NEEDS = {"ours": (), "parts": ("shapely", "routingkit_cch"), "tutorial": ("geopandas", "osmnx")}


@pytest.mark.benchmark(group="cold start")
@pytest.mark.parametrize("name", NEEDS)
def test_cold_start(benchmark: Any, name: str) -> None:
    """A whole process, kernels compiled before; its steps beside the total."""
    for needed in NEEDS[name]:
        peer(needed)
    steps: list[dict[str, float]] = []

    def run() -> None:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.cold.start", name]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        steps.append(json.loads(done.stdout))

    timed(benchmark, run, rounds=ROUNDS, name=name)
    medians = {key: statistics.median(step[key] for step in steps[1:]) for key in steps[0]}
    benchmark.extra_info.update({f"process_{key}": value for key, value in medians.items()})


@pytest.mark.benchmark(group="cold start: import only")
@pytest.mark.parametrize(
    "module",
    [
        "unarmed_router",
        "unarmed_router.router",
        *("shapely", "geopandas", "osmnx", "networkx", "igraph", "rustworkx"),
        *("pandana", "ch_router", "routingkit_cch", "pyroutingkit"),
    ],
)
def test_import(benchmark: Any, module: str) -> None:
    """A whole process that imports one module and nothing else."""
    peer(module)
    command = [sys.executable, "-W", "ignore", "-c", f"import {module}"]
    timed(benchmark, lambda: subprocess.run(command, cwd=ROOT, check=True), rounds=3)
