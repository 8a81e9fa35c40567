"""Factors of road classes and the paths under them, found in turn until neither moves the other.

Which way a trip took is not observed, so it is taken to be the shortest under the factors in hand;
new factors make new paths. The first rounds take a full step. Later ones average, as traffic
assignment does (method of successive averages; Robbins and Monro 1951,
doi 10.1214/aoms/1177729586), because a few trips may flip between two ways for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.research.robust_fit import least_huber_loss, scale_of, standard_errors
from unarmed_router.research.trip_times import TimedTrips, TripTimes

__all__ = ["ClassFit", "fit_classes", "telling"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CLASS_SHARE = 0.05
"""A trip says something of a class that makes this part of its drive."""

MOST_ERROR = 0.15
"""A factor of a greater standard error is no knowledge: the class keeps 1."""

FULL_STEPS, MOST_ROUNDS = 3, 20

SETTLED = 0.25
"""Standard errors: factors that would move by less have settled as far as the data can tell."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassFit:
    """Factors of k classes, and the times of the trips under them.

    Parameters
    ----------
    factors, errors : float64 array, shape (k,)
        Factor, 1 where not fitted; standard error, NaN where not fitted.
    enough, certain : bool array, shape (k,)
        Whether there were trips enough, and whether the factor is known well enough. A class is
        fitted where both hold.
    times : TripTimes
        Under the factors.
    rounds : int
        Of paths and factors in turn.
    settled : bool
        Whether the last round would have moved no factor by `SETTLED`.
    """

    factors: Floats
    errors: Floats
    enough: Bools
    certain: Bools
    times: TripTimes
    rounds: int
    settled: bool


def telling(times: TripTimes) -> Bools:
    """Mark the classes that each trip says something of, shape (n, k)."""
    drive = times.by_class_s.sum(axis=1, keepdims=True)
    found: Bools = (times.by_class_s > 0) & (times.by_class_s >= CLASS_SHARE * drive)
    return found


def fit_classes(
    timed: TimedTrips,
    start: TripTimes,
    observed_s: Floats,
    rows: Bools,
    *,
    minimum_trips: int,
    progress: Callable[[int, float], None] | None = None,
) -> ClassFit:
    """Fit factors to some trips.

    Parameters
    ----------
    timed : TimedTrips
        Finds paths under factors.
    start : TripTimes
        What it finds at factor 1.
    observed_s : float64 array, shape (n,)
        Durations, seconds.
    rows : bool array, shape (n,)
        The trips to fit to.
    minimum_trips : int
        A class that fewer of them say something of keeps 1.
    progress : callable, optional
        Told the round, and the largest move of a factor in its standard errors.
    """
    enough = (telling(start) & rows[:, None]).sum(axis=0) >= minimum_trips
    certain = np.ones(len(enough), bool)
    factors, errors, times = np.ones(len(enough)), np.full(len(enough), np.nan), start
    rounds, move = 0, np.inf
    while rounds < MOST_ROUNDS and move > SETTLED and (enough & certain).any():
        rounds += 1
        found, errors = _solved(times, observed_s, factors, enough & certain, rows)
        # Later on only what no trip tells any more is dropped: roads that come and go with the
        # paths would keep the factors from settling.
        vague = errors > MOST_ERROR if rounds <= FULL_STEPS else np.isinf(errors)
        if vague.any():
            certain &= ~vague
            factors = np.where(certain, factors, 1.0)
            found, errors = _solved(times, observed_s, factors, enough & certain, rows)
        step = 1.0 if rounds <= FULL_STEPS else 1.0 / (rounds - FULL_STEPS + 1)
        fitted = enough & certain
        move = float((np.abs(found - factors) / errors)[fitted].max(initial=0.0))
        factors = factors + step * (found - factors)
        times = timed.under(factors)
        if progress is not None:
            progress(rounds, move)
    return ClassFit(factors, errors, enough, certain, times, rounds, move <= SETTLED)


def _solved(
    times: TripTimes, observed_s: Floats, factors: Floats, fitted: Bools, rows: Bools
) -> tuple[Floats, Floats]:
    """Return the factors of the least loss on given paths, and their standard errors."""
    found, errors = factors.copy(), np.full(len(factors), np.nan)
    if fitted.any():
        matrix, right = _system(times, observed_s, factors, fitted, rows)
        found[fitted] = least_huber_loss(matrix, right, factors[fitted])
        errors[fitted] = standard_errors(matrix, right, found[fitted])
    return found, errors


def _system(
    times: TripTimes, observed_s: Floats, factors: Floats, fitted: Bools, rows: Bools
) -> tuple[Floats, Floats]:
    """Return matrix and right side of the fitted classes, in standard deviations of an error.

    Trips are weighed by their time under the factors in hand, so that a long one counts no more
    than a short one; classes that are not fitted belong to what is fixed.
    """
    by_class, fixed, seen = times.by_class_s[rows], times.fixed_s[rows], observed_s[rows]
    model = np.maximum(fixed + by_class @ factors, 1.0)
    weight = 1.0 / (model * scale_of((seen - model) / model))
    rest = seen - fixed - by_class[:, ~fitted] @ factors[~fitted]
    return by_class[:, fitted] * weight[:, None], rest * weight
