"""What every benchmark records beside its time: amounts, errors, memory; and why one is skipped."""

from __future__ import annotations

import importlib
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.inputs import Question, network, question
from unarmed_router.roads.network import RoadNetwork

__all__ = ["PEERS", "build", "peer", "posed", "resident_mb", "roads", "timed"]

PEERS = Path(__file__).parents[1] / "build" / "peers.json"
_MB = 1024.0


def peer(name: str) -> Any:
    """Import a peer, or skip with the reason it is missing."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        record = json.loads(PEERS.read_text(encoding="utf-8")) if PEERS.exists() else {}
        found = record.get(name.replace("_", "-")) or record.get(name) or {}
        pytest.skip(f"peer {name}: {found.get('reason') or f'{error}; see make bench-peers'}")


def roads(name: str) -> RoadNetwork:
    """Return a network, or skip where its files are absent."""
    found = network(name)
    if found is None:
        pytest.skip(f"{name} is neither in ../shared/fixtures nor in UNARMED_BENCH_DATA")
    return found


def posed(name: str, teams: int = 24, *, jammed: bool = False) -> Question:
    """Return the question of a network, or skip where its files are absent."""
    roads(name)
    found = question(name, teams, jammed=jammed)
    assert found is not None
    return found


def timed(
    benchmark: Any, run: Callable[[], Any], *, amount: int = 1, rounds: int = 0, **facts: Any
) -> Any:
    """Time a run over `amount` calls or points, in so many rounds (0: as many as a second holds).

    Returns
    -------
    object
        What the run returned.
    """
    benchmark.extra_info.update(facts, amount=amount)
    if rounds == 0:
        return benchmark(run)
    return benchmark.pedantic(run, rounds=rounds, iterations=1, warmup_rounds=min(1, rounds - 1))


def build(make: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Make something once; return it and what it cost: seconds, and memory that stays."""
    before, start = resident_mb("VmRSS"), time.perf_counter()
    made = make()
    seconds = time.perf_counter() - start
    return made, {"build_s": seconds, "built_mb": resident_mb("VmRSS") - before}


def resident_mb(field: str) -> float:
    """Return ``VmRSS`` or its peak ``VmHWM`` of this process, MB; NaN where /proc does not say."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return float("nan")
    found = re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / _MB if found else float("nan")
