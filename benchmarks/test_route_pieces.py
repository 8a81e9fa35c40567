"""Where the time of `Router.route_many` goes: Python before, the compiled piece, Python after."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

from benchmarks.calls import AT, BATCH, Pieces, scattered, sent
from benchmarks.measure import timed
from unarmed_router import Recommendation, Router
from unarmed_router.kernels.routing import SENT

DRAWN = {"random": scattered, "sent": sent}


@pytest.mark.benchmark(group="route 10,000 calls: its pieces")
@pytest.mark.parametrize("drawn", DRAWN)
def test_route_many_columns(benchmark: Any, router: Router, drawn: str) -> None:
    """Only reading the attributes of every call into columns, in Python."""
    pieces, calls = Pieces(router, AT), DRAWN[drawn](router, BATCH)
    timed(benchmark, lambda: pieces.columns(calls), amount=BATCH, rounds=9)


@pytest.mark.benchmark(group="route 10,000 calls: its pieces")
@pytest.mark.parametrize("drawn", DRAWN)
def test_route_many_compiled(benchmark: Any, router: Router, drawn: str) -> None:
    """Only the compiled piece: divisions, programs, teams, roads, times, the team that goes."""
    pieces, calls = Pieces(router, AT), DRAWN[drawn](router, BATCH)
    run = pieces.compiled(pieces.columns(calls))
    found = np.concatenate(timed(benchmark, run, amount=BATCH, rounds=9))
    outcomes = [isinstance(one, Recommendation) for one in router.route_many(calls, at=AT)]
    assert ((found[:, 0] == SENT) == outcomes).all()


@pytest.mark.benchmark(group="route 10,000 calls: its pieces")
@pytest.mark.parametrize("drawn", DRAWN)
def test_route_many_uncollected(benchmark: Any, router: Router, drawn: str) -> None:
    """The whole of `route_many` while Python's garbage collector is held back."""
    calls = DRAWN[drawn](router, BATCH)
    gc.disable()
    try:
        timed(benchmark, lambda: router.route_many(calls, at=AT), amount=BATCH, rounds=9)
    finally:
        gc.enable()
