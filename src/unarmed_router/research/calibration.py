"""Factors on the time of each road class from observed trips, with the proof that they help.

A trip's time is what is fixed plus, for each class, its factor times the profile's time on it. The
factors are those of the least Huber loss of the relative errors; see `robust_fit` and `class_fit`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.research.class_fit import ClassFit, fit_classes, telling
from unarmed_router.research.robust_fit import scale_of
from unarmed_router.research.trip_times import TimedTrips, TripTimes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unarmed_router.agency.folder import Agency
    from unarmed_router.research.trips import Trips

__all__ = ["Calibration", "ClassFactor", "FitErrors", "Outlier", "calibrate"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

OUTLIER_SIGMAS = 4.0
SHORTEST_DRIVE_S = 60.0


@dataclass(frozen=True, slots=True)
class ClassFactor:
    """What the trips say of one road class.

    Parameters
    ----------
    road_class : str
        The class.
    factor : float
        On its time; 1 where it was not fitted.
    error : float or None
        Standard error of the factor, with the paths taken for given; None where not fitted.
    trips : int
        Trips fitted to that drove at least a twentieth of their time on it.
    hours : float
        Time of all trips fitted to on it, hours under the profile.
    kept : str
        Why it keeps the factor 1; empty where it was fitted.
    """

    road_class: str
    factor: float
    error: float | None
    trips: int
    hours: float
    kept: str


@dataclass(frozen=True, slots=True)
class FitErrors:
    """How far predicted times are from observed ones.

    Parameters
    ----------
    trips : int
        How many.
    mean_absolute_s, median_absolute_s, p90_absolute_s : float
        Mean, median and nine-tenths quantile of the absolute error, seconds; outliers are in all
        of them.
    median_ratio : float
        Median of predicted over observed; 1 is no bias.
    """

    trips: int
    mean_absolute_s: float
    median_absolute_s: float
    p90_absolute_s: float
    median_ratio: float


@dataclass(frozen=True, slots=True)
class Outlier:
    """A trip that no factors explain: its row, what was observed, and what is predicted."""

    row: int
    observed_s: float
    predicted_s: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Class factors with their proof.

    Parameters
    ----------
    classes : tuple of ClassFactor
        Every class of the network, in its order.
    before, after : FitErrors
        Of the trips fitted to, at factor 1 and under the factors; paths found anew.
    held_out_before, held_out_after : FitErrors
        The same of trips the fit never saw: what to judge it by.
    outliers : tuple of Outlier
        Of all trips, the most unlikely first.
    skipped : mapping of str to int
        Trips left out, by reason.
    rounds : int
        How often paths and factors were found in turn.
    settled : bool
        Whether the factors came to rest.
    """

    classes: tuple[ClassFactor, ...]
    before: FitErrors
    after: FitErrors
    held_out_before: FitErrors
    held_out_after: FitErrors
    outliers: tuple[Outlier, ...]
    skipped: Mapping[str, int]
    rounds: int
    settled: bool

    @property
    def factors(self) -> dict[str, float]:
        """The fitted factors by class, as `Router.update_speeds` and ``agency.toml`` take them."""
        return {each.road_class: round(each.factor, 3) for each in self.classes if not each.kept}


def calibrate(
    agency: Agency,
    trips: Trips,
    *,
    hold_out: float = 0.2,
    seed: int = 0,
    minimum_trips: int = 30,
    progress: Callable[[int, float], None] | None = None,
) -> Calibration:
    """Fit the class factors of an agency to observed trips.

    Parameters
    ----------
    agency : Agency
        Its network, profile and snapping; found factors multiply those in its profile.
    trips : Trips
        What was observed.
    hold_out : float
        Part of the trips the fit never sees, at least 0.05 and below 1.
    seed : int
        Of the split.
    minimum_trips : int
        A class that fewer trips say something of keeps the factor 1.
    progress : callable, optional
        Told the round, and the largest move of a factor in its standard errors.

    Raises
    ------
    InputError
        A hold-out out of range, or too few trips to fit any class or to judge the fit.
    """
    if not 0.05 <= hold_out < 1.0:
        raise InputError(f"hold_out is {hold_out}; it must lie in [0.05, 1)")
    timed = TimedTrips(agency.speeds, agency.roads, trips)
    start = timed.under(np.ones(len(agency.network.classes)))
    usable, skipped = _usable(timed, start)
    held = usable & _drawn(len(trips), hold_out, seed)
    rows, observed = usable & ~held, trips.duration_s
    fit = fit_classes(timed, start, observed, rows, minimum_trips=minimum_trips, progress=progress)
    if not (fit.enough & fit.certain).any() or not held.any():
        raise InputError(
            f"{int(usable.sum())} of {len(trips)} trips can be used, {int(held.sum())} of them are "
            f"held out; no road class is known from {minimum_trips} trips: observe more, or lower "
            "the minimum"
        )
    return Calibration(
        classes=_told(fit, agency.network.classes, rows),
        before=_errors(start, observed, rows),
        after=_errors(fit.times, observed, rows),
        held_out_before=_errors(start, observed, held),
        held_out_after=_errors(fit.times, observed, held),
        outliers=_outliers(fit.times, trips, usable),
        skipped=skipped,
        rounds=fit.rounds,
        settled=fit.settled,
    )


def _usable(timed: TimedTrips, start: TripTimes) -> tuple[Bools, dict[str, int]]:
    """Mark the trips that say something, and count the others by reason."""
    path = ~np.isnan(start.predicted_s)
    drives = start.by_class_s.sum(axis=1) >= SHORTEST_DRIVE_S
    skipped = {
        "no road near an end": int((~timed.on_road).sum()),
        "no path": int((timed.on_road & ~path).sum()),
        f"under {SHORTEST_DRIVE_S:g} s of driving": int((path & ~drives).sum()),
    }
    return path & drives, {why: count for why, count in skipped.items() if count}


def _drawn(count: int, part: float, seed: int) -> Bools:
    """Draw a part of the trips; the same for the same seed."""
    drawn = np.zeros(count, bool)
    drawn[np.random.default_rng(seed).permutation(count)[: round(part * count)]] = True
    return drawn


def _told(fit: ClassFit, classes: tuple[str, ...], rows: Bools) -> tuple[ClassFactor, ...]:
    """Say what was found of each class."""
    trips = (telling(fit.times) & rows[:, None]).sum(axis=0)
    hours = fit.times.by_class_s[rows].sum(axis=0) / 3600.0
    found = []
    for k, name in enumerate(classes):
        kept = "" if fit.certain[k] else "too uncertain"
        kept = kept if fit.enough[k] else "too few trips"
        error = None if kept else float(fit.errors[k])
        factor = 1.0 if kept else float(fit.factors[k])
        found.append(ClassFactor(name, factor, error, int(trips[k]), float(hours[k]), kept))
    return tuple(found)


def _errors(times: TripTimes, observed: Floats, rows: Bools) -> FitErrors:
    predicted, seen = times.predicted_s[rows], observed[rows]
    absolute = np.abs(predicted - seen)
    return FitErrors(
        int(rows.sum()),
        float(absolute.mean()),
        float(np.median(absolute)),
        float(np.quantile(absolute, 0.9)),
        float(np.median(predicted / seen)),
    )


def _outliers(times: TripTimes, trips: Trips, usable: Bools) -> tuple[Outlier, ...]:
    """List the trips whose error is beyond what the others make likely, the worst first."""
    rows, predicted, seen = (
        column[usable] for column in (trips.rows, times.predicted_s, trips.duration_s)
    )
    relative = (seen - predicted) / predicted
    sigmas = np.abs(relative) / scale_of(relative)
    return tuple(
        Outlier(int(rows[trip]), float(seen[trip]), float(predicted[trip]))
        for trip in np.argsort(-sigmas, kind="stable").tolist()
        if sigmas[trip] > OUTLIER_SIGMAS
    )
