"""Larson's approximation of the hypercube model, for any number of teams (1975).

Larson, Approximating the performance of urban emergency service systems, doi 10.1287/opre.23.5.845.
The workloads of N teams solve N equations in place of 2**N. The chance that the teams a place
prefers are busy is the product of their workloads times a correction factor Q, which makes it right
where all teams are alike.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.research.hypercube_demand import SpatialDemand

__all__ = ["ApproximateSolution", "approximate_hypercube", "correction_factors"]

Floats = npt.NDArray[np.float64]

_TOLERANCE = 1e-10
_MOST_STEPS = 10_000


@dataclass(frozen=True, eq=False)
class ApproximateSolution:
    """Workloads and dispatches, as in `HypercubeSolution`, approximately.

    Parameters
    ----------
    workloads : float64 array, shape (teams,)
        Share of time each team is busy.
    dispatches : float64 array, shape (teams, places)
        Share of all calls that team n takes at place j.
    all_busy : float
        Share of calls that find every team busy.
    steps : int
        Until the workloads no longer changed.
    """

    workloads: Floats
    dispatches: Floats
    all_busy: float
    steps: int


def correction_factors(teams: int, load: float, *, waits: bool) -> Floats:
    """Return Q(teams, workload, j) for j = 0 to teams - 1.

    Of teams alike, drawn one after the other, the chance that the first j are busy and the next is
    free is ``Q[j] * r**j * (1 - r)``, with r the mean workload. Without corrections it would be
    taken as if teams were busy independently of each other.

    Parameters
    ----------
    teams : int
        At least 1.
    load : float
        Arrival rate times mean service time, erlangs; below `teams` where calls wait.
    waits : bool
        Calls wait when every team is busy; False loses them.

    Raises
    ------
    InputError
        Calls that wait for teams that cannot keep up, or a value out of range.

    Notes
    -----
    Of many teams with little to do, that the first j are busy is at last less likely than a double
    can say; the factor is 0 there.
    """
    number, workload = _teams_busy(teams, load, waits=waits)
    factors, busy = np.empty(teams), np.arange(teams)
    drawn = np.ones(teams)  # the chance that the first j are among so many busy ones
    for j in range(teams):
        chance = float(number[:-1] @ (drawn * (teams - busy))) / (teams - j)
        alone = workload**j * (1.0 - workload)
        factors[j] = chance / alone if alone >= sys.float_info.min else 0.0
        drawn *= (busy - j) / (teams - j)
    return factors


def approximate_hypercube(demand: SpatialDemand, *, waits: bool) -> ApproximateSolution:
    """Iterate the workloads until they no longer change.

    Parameters
    ----------
    demand : SpatialDemand
        Teams of equal service rates.
    waits : bool
        Calls wait when every team is busy; False loses them.

    Raises
    ------
    InputError
        Unequal service rates, which this model does not know, or calls that wait for teams that
        cannot keep up.
    """
    rate = float(demand.service_rates[0])
    if not np.allclose(demand.service_rates, rate, rtol=1e-12, atol=0.0):  # of any unit of time
        raise InputError(
            "service_rates differ; Larson's approximation takes equal ones: give each team their "
            "mean, or use solve_hypercube"
        )
    load = demand.total / rate
    number, mean = _teams_busy(demand.teams, load, waits=waits)
    factors = correction_factors(demand.teams, load, waits=waits)
    all_busy = max(1.0 - float(number[:-1].sum()), 0.0) if waits else float(number[-1])
    from_queue = load * all_busy / demand.teams if waits else 0.0
    workloads, steps = np.full(demand.teams, mean), 0
    while True:
        asked = _asked(demand, workloads, factors) / rate
        better = (asked + from_queue) / (1.0 + asked)
        better *= mean / better.mean()  # the work there is must be done by somebody
        steps += 1
        change = float(np.abs(better - workloads).max())
        workloads = better
        if change < _TOLERANCE or steps == _MOST_STEPS:
            break
    dispatches = _taken(demand, workloads, factors, all_busy)
    if waits:
        dispatches = dispatches + all_busy / demand.teams * demand.rates / demand.total
    return ApproximateSolution(workloads, dispatches, all_busy, steps)


def _teams_busy(teams: int, load: float, *, waits: bool) -> tuple[Floats, float]:
    """Return the chance of 0 to `teams` busy with nobody waiting, and the mean workload."""
    if teams < 1 or not 0.0 < load < math.inf:
        raise InputError(f"{teams} teams and a load of {load} erlangs must be above 0")
    if waits and load >= teams:
        raise InputError(
            f"a load of {load} erlangs is more than {teams} teams can finish: the queue grows "
            "without end"
        )
    weights = np.empty(teams + 1)
    weights[0] = 1.0
    for busy in range(1, teams + 1):
        weights[busy] = weights[busy - 1] * load / busy
        weights[: busy + 1] /= weights[: busy + 1].max()
    tail = weights[-1] * load / (teams - load) if waits else 0.0
    number = weights / (weights.sum() + tail)
    workload = load / teams if waits else load * (1.0 - float(number[-1])) / teams
    return number, workload


def _chances(demand: SpatialDemand, workloads: Floats, factors: Floats) -> Floats:
    """Chance that all teams a place prefers to its k-th are busy, corrected, (places, teams).

    Not yet whether the k-th itself is free.
    """
    before = np.cumprod(workloads[demand.preference], axis=1)
    first = np.ones((len(demand.rates), 1))
    return np.hstack((first, before[:, :-1])) * factors


def _asked(demand: SpatialDemand, workloads: Floats, factors: Floats) -> Floats:
    """Count the calls a free team is asked for per unit of time, shape (teams,)."""
    calls = _chances(demand, workloads, factors) * demand.rates[:, None]
    asked: Floats = np.zeros(demand.teams)
    np.add.at(asked, demand.preference.ravel(), calls.ravel())
    return asked


def _taken(demand: SpatialDemand, workloads: Floats, factors: Floats, all_busy: float) -> Floats:
    """Share of all calls that team n takes at place j, shape (teams, places).

    The approximate chances of a place do not quite add up; they are scaled to the chance that some
    team is free, which is known exactly.
    """
    free = 1.0 - workloads[demand.preference]
    chances = _chances(demand, workloads, factors) * free
    chances *= (1.0 - all_busy) / chances.sum(axis=1, keepdims=True)
    taken = np.zeros((demand.teams, len(demand.rates)))
    places = np.repeat(np.arange(len(demand.rates)), demand.teams)
    taken[demand.preference.ravel(), places] = chances.ravel()
    return taken * demand.rates / demand.total
