"""Expected coverage when teams may be busy: MEXCLP (Daskin, 1983, doi 10.1287/trsc.17.1.48).

A place within reach of k teams, each busy with probability q independently of the others, finds one
free with probability ``1 - q**k``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.model.whole_number import whole_number
from unarmed_router.research.hypercube_approximation import correction_factors
from unarmed_router.research.hypercube_demand import within_reach

__all__ = ["busy_fraction", "expected_coverage"]

Floats = npt.NDArray[np.float64]


def busy_fraction(load: float, teams: int) -> float | None:
    """Estimate q as the work there is over the teams there are, at most 1; None of no team.

    Parameters
    ----------
    load : float
        Arrival rate times mean service time, travel included, erlangs.
    teams : int
        How many serve it.

    Raises
    ------
    InputError
        A load below 0 or without an end, or what is no number of teams.
    """
    count = whole_number("teams", teams)
    if not 0.0 <= load < float("inf"):
        raise InputError(f"load {load} must be at least 0")
    return None if count == 0 else min(load / count, 1.0)


def expected_coverage(
    within: npt.ArrayLike,
    weights: npt.ArrayLike,
    busy: float,
    *,
    load: float | None = None,
) -> float | None:
    """Share of the demand that finds a team free within reach.

    Parameters
    ----------
    within : array_like of bool, shape (teams, places)
        Whether the team reaches the place in time.
    weights : array_like of float, shape (places,)
        Demand of each place, at least 0.
    busy : float
        Probability q that a team is busy, in [0, 1].
    load : float, optional
        Erlangs of the whole system. Given, teams are not taken as independent: Larson's correction
        factors are applied, calls waiting when all are busy (Batta, Dolan and Krishnamurthy, 1989,
        doi 10.1287/trsc.23.4.277).

    Returns
    -------
    float or None
        None where there is no demand: a share of nothing is undefined.

    Raises
    ------
    InputError
        Shapes that do not fit, or a value out of range.
    """
    near, demand = _checked(within, weights, busy)
    if not demand.sum() > 0.0:
        return None
    teams = near.sum(axis=0)
    covered = 1.0 - np.power(busy, teams) if load is None else _corrected(near, busy, load)[teams]
    return float(covered @ demand / demand.sum())


def _corrected(near: npt.NDArray[np.bool_], busy: float, load: float) -> Floats:
    """Chance that one of the nearest k teams is free, for k = 0 to all of them."""
    factors = correction_factors(len(near), load, waits=True)
    steps = factors * np.power(busy, np.arange(len(near))) * (1.0 - busy)
    covered: Floats = np.minimum(np.concatenate(([0.0], np.cumsum(steps))), 1.0)
    return covered


def _checked(
    within: npt.ArrayLike, weights: npt.ArrayLike, busy: float
) -> tuple[npt.NDArray[np.bool_], Floats]:
    near, demand = within_reach(within), np.asarray(weights, np.float64)
    if demand.shape != (near.shape[1],):
        raise InputError(
            f"within has shape {near.shape} and weights {demand.shape}; they must be "
            "(teams, places) and (places,)"
        )
    if not 0.0 <= busy <= 1.0:
        raise InputError(f"busy {busy} must be a probability")
    if not ((demand >= 0.0) & np.isfinite(demand)).all():
        raise InputError("weights must be finite and at least 0")
    return near, demand
