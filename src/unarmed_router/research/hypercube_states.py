"""The balance equations of the hypercube model, solved by iteration on sparse arrays.

A step changes one bit, so states with an even number of busy teams are reached from odd ones alone,
and the other way round: each half is updated from the other (Gauss and Seidel). After each round
the levels of equally many busy teams are scaled so that as many calls go up between two of them as
finish (aggregation and disaggregation: Koury, McAllister and Stewart, 1984, doi 10.1137/0605019).
That makes it exact to rounding in some hundred rounds, where a direct solution fills in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.research.hypercube_demand import SpatialDemand

__all__ = ["balanced_states", "busy_bits"]

Floats = npt.NDArray[np.float64]

_SETTLED = 1e-15
_MOST_ROUNDS = 20_000
_RESIDUAL = 1e-11
"""Imbalance of a state allowed in the end, as a share of all that happens."""


def busy_bits(teams: int) -> npt.NDArray[np.bool_]:
    """Tell which teams are busy in each state, shape (2**teams, teams); bit n is team n."""
    bits: npt.NDArray[np.bool_] = (np.arange(2**teams)[:, None] >> np.arange(teams)) & 1 == 1
    return bits


def balanced_states(demand: SpatialDemand) -> Floats:
    """Return the probability of each state where calls that find nobody free are lost.

    Where they wait instead, these keep their proportions: the queue hangs on the last state alone.

    Parameters
    ----------
    demand : SpatialDemand
        n teams.

    Returns
    -------
    float64 array, shape (2**n,)

    Raises
    ------
    InputError
        Rates that differ so much that the iteration does not settle.
    """
    busy = busy_bits(demand.teams)
    inflow = _inflow(demand, busy)
    outflow = np.asarray(inflow.sum(axis=0)).ravel()
    level = busy.sum(axis=1)
    halves = [np.flatnonzero(level % 2 == half) for half in (0, 1)]
    into = [inflow[halves[half]][:, halves[1 - half]] for half in (0, 1)]
    finishing = busy @ demand.service_rates
    states = np.full(len(level), 1.0 / len(level))
    for _ in range(_MOST_ROUNDS):
        before = states.copy()
        for half in (0, 1):
            here, there = halves[half], halves[1 - half]
            states[here] = into[half] @ states[there] / outflow[here]
        states = _levelled(states, level, finishing, demand.total)
        if float(np.abs(states - before).max()) <= _SETTLED:
            break
    events = outflow * states
    if not float(np.abs(inflow @ states - events).max()) <= _RESIDUAL * events.sum():
        raise InputError("rates differ too much for the balance equations to be solved")
    return states


def _inflow(demand: SpatialDemand, busy: npt.NDArray[np.bool_]) -> Any:
    """Rates between states as a sparse array, from column to row."""
    from scipy.sparse import coo_array  # noqa: PLC0415  # importing scipy costs 0.35 s

    state = np.arange(len(busy))
    sources, targets, rates = [], [], []
    for team, speed in enumerate(demand.service_rates):
        done = state[busy[:, team]]
        sources.append(done)
        targets.append(done ^ (1 << team))
        rates.append(np.full(len(done), speed))
    for order, rate in zip(*demand.grouped, strict=True):
        waiting = np.ones(len(busy), bool)
        for team in order:
            sent = state[waiting & ~busy[:, team]]
            sources.append(sent)
            targets.append(sent ^ (1 << int(team)))
            rates.append(np.full(len(sent), rate))
            waiting &= busy[:, team]
    places = np.concatenate(targets), np.concatenate(sources)
    return coo_array((np.concatenate(rates), places), shape=(len(busy), len(busy))).tocsr()


def _levelled(
    states: Floats, level: npt.NDArray[np.int64], finishing: Floats, arriving: float
) -> Floats:
    """Scale each level so that the flows between neighbouring levels agree, and all add up to 1."""
    whole = np.bincount(level, weights=states)
    down = np.bincount(level, weights=states * finishing)
    scale = np.ones(len(whole))
    for k in range(len(whole) - 1):
        scale[k + 1] = scale[k] * arriving * whole[k] / down[k + 1]
    scaled: Floats = states * scale[level]
    scaled /= scaled.sum()
    return scaled
