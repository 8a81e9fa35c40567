"""Theory's cities as played: waits call by call against a recursion that knows no dispatcher."""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from unarmed_router.research.theory_play import Model, play
from unarmed_router.simulation.draws import Draws, exponential

Floats = npt.NDArray[np.float64]

MEAN_S = 1200.0
CALLS, SEED = 600, 4


def equal(uniform: Floats) -> Floats:
    """Every service equally long."""
    return np.full(len(uniform), MEAN_S)


def memoryless(uniform: Floats) -> Floats:
    """Exponential service."""
    return MEAN_S * exponential(uniform[:, 0])


def waits_of(teams: int, load: float, service_s: Callable[[Floats], Floats]) -> list[float]:
    """Kiefer and Wolfowitz: whoever comes next is served by the team that is free first."""
    draws = Draws(SEED, 0)
    gaps = exponential(draws.uniform("arrival", 0, CALLS)[:, 0]) * MEAN_S / load
    services = service_s(draws.uniform("service", 0, CALLS, 2))
    free_at, now, waits = [0.0] * teams, 0.0, []
    for gap, service in zip(gaps.tolist(), services.tolist(), strict=True):
        now += gap
        starts = max(now, heapq.heappop(free_at))
        heapq.heappush(free_at, starts + service)
        waits.append(starts - now)
    return waits[round(0.1 * CALLS) :]


@pytest.mark.parametrize(("teams", "load"), [(1, 0.6), (3, 2.1)])
@pytest.mark.parametrize("service_s", [equal, memoryless])
def test_waits_are_those_of_the_recursion(
    teams: int, load: float, service_s: Callable[[Floats], Floats]
) -> None:
    """To the rounding of moments: what differs from theory is what was drawn, and nothing else."""
    model = Model(
        rates=[load / MEAN_S],
        homes=[0] * teams,
        travel_s=[[0.0]],
        service_s=service_s,
        waits=True,
    )
    played = play(model, calls=CALLS, seed=SEED, replication=0)
    wanted = waits_of(teams, load, service_s)
    assert np.sort(played.waits_s) == pytest.approx(np.sort(wanted), abs=0.01)
    assert max(wanted) > MEAN_S
