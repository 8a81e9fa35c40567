"""Larson's hypercube queueing model: who is busy together, exactly (1974).

Larson, A hypercube queuing model for facility location and redistricting in urban emergency
services, doi 10.1016/0305-0548(74)90076-8. Every team is busy or free: 2**teams states. A call goes
to the free team that its place prefers; when none is free it is lost, or waits first come first
served. Service times are exponential and do not depend on the place. The states' probabilities
solve the balance equations, which are sparse; see `hypercube_states`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.research.hypercube_demand import (
    SpatialDemand,
    checked_times,
    within_reach,
)
from unarmed_router.research.hypercube_states import balanced_states, busy_bits

__all__ = ["MOST_TEAMS", "HypercubeSolution", "solve_hypercube"]

MOST_TEAMS = 16
"""Teams of the exact model: 65,536 states, solved in about a second. Beyond, approximate."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HypercubeSolution:
    """The long run of a hypercube model.

    Parameters
    ----------
    demand : SpatialDemand
        What was asked.
    states : float64 array, shape (2**teams,)
        Probability of each set of busy teams, bit n for team n, with nobody waiting.
    queued : float
        Probability that calls are waiting; 0 where such calls are lost.
    waits : bool
        Whether calls wait when every team is busy.
    """

    demand: SpatialDemand
    states: Floats
    queued: float
    waits: bool

    @cached_property
    def workloads(self) -> Floats:
        """Share of time each team is busy, shape (teams,)."""
        return self._bits.T @ self.states + self.queued

    @property
    def all_busy(self) -> float:
        """Share of calls that find every team busy: lost, or waiting."""
        return float(self.states[-1]) + self.queued

    @property
    def mean_wait(self) -> float | None:
        """Mean wait over all calls; None where they are lost instead.

        Little's law: while every team is busy, the number waiting is geometric.
        """
        if not self.waits:
            return None
        utilisation = self.demand.utilisation
        waiting = float(self.states[-1]) * utilisation / (1.0 - utilisation) ** 2
        return waiting / self.demand.total

    @cached_property
    def dispatches(self) -> Floats:
        """Share of all calls that team n takes at place j, shape (teams, places).

        Adds up to 1 where calls wait, and to 1 less the lost share where not. A call that waits
        goes to whichever team is free first, by its speed of service.
        """
        demand = self.demand
        free = 1.0 - self._bits
        share = np.zeros((demand.teams, len(demand.rates)))
        orders, where = np.unique(demand.preference, axis=0, return_inverse=True)
        for row, order in enumerate(orders):
            nobody_before = self.states.copy()
            taken = np.zeros(demand.teams)
            for team in order:
                taken[team] = nobody_before @ free[:, team]
                nobody_before = nobody_before * self._bits[:, team]
            share[:, where.reshape(-1) == row] = taken[:, None]
        if self.waits:
            speed = demand.service_rates / demand.service_rates.sum()
            share = share + self.all_busy * speed[:, None]
        return share * demand.rates / demand.total

    def mean_travel(self, travel: npt.ArrayLike) -> float:
        """Mean time from the dispatched team's base to the call, over calls that a team takes.

        Parameters
        ----------
        travel : array_like of float, shape (teams, places)
            Times, at least 0; infinite where no road leads.

        Raises
        ------
        InputError
            Another shape, or a time that is negative or no number.
        """
        times = checked_times(travel)
        if times.shape != self.dispatches.shape:
            raise InputError(f"travel has shape {times.shape}, not {self.dispatches.shape}")
        used = self.dispatches > 0.0  # no road to a place that no team is sent to is no matter
        taken = self.dispatches[used]
        return float((taken * times[used]).sum() / taken.sum())

    def covered(self, within: npt.ArrayLike) -> float:
        """Share of calls that find a team free whose base is near enough.

        Parameters
        ----------
        within : array_like of bool, shape (teams, places)
            Whether the team reaches the place in time.

        Raises
        ------
        InputError
            Another shape, or values that are not True and False, such as times.
        """
        near = within_reach(within)
        if near.shape != self.dispatches.shape:
            raise InputError(f"within has shape {near.shape}, not {self.dispatches.shape}")
        some_free = (1.0 - self._bits) @ near.astype(np.float64) > 0.0
        return float((self.states @ some_free) @ self.demand.rates / self.demand.total)

    @cached_property
    def _bits(self) -> Floats:
        """Whether each team is busy in each state, shape (2**teams, teams)."""
        return busy_bits(self.demand.teams).astype(np.float64)


def solve_hypercube(demand: SpatialDemand, *, waits: bool) -> HypercubeSolution:
    """Solve the balance equations.

    Parameters
    ----------
    demand : SpatialDemand
        At most `MOST_TEAMS` teams.
    waits : bool
        Calls wait when every team is busy; False loses them.

    Raises
    ------
    InputError
        Too many teams, or calls that wait for teams that cannot keep up.
    """
    if demand.teams > MOST_TEAMS:
        raise InputError(
            f"{demand.teams} teams make 2**{demand.teams} states; the exact model takes at most "
            f"{MOST_TEAMS}: use approximate_hypercube"
        )
    utilisation = demand.utilisation
    if waits and utilisation >= 1.0:
        raise InputError(
            f"calls come at {demand.total} and teams finish {demand.service_rates.sum()} per unit "
            "of time: the queue grows without end and has no long run"
        )
    states = balanced_states(demand)
    if not waits:
        return HypercubeSolution(demand, states, 0.0, waits=False)
    queued = float(states[-1]) * utilisation / (1.0 - utilisation)
    whole = 1.0 + queued
    return HypercubeSolution(demand, states / whole, queued / whole, waits=True)
