"""Confidence intervals: of shares, of quantiles, of means over replications.

Nothing is assumed of the distribution of response times. What is estimated from no value is
undefined and None; a bound that the values do not give is infinite.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.model.proportion import DEFAULT_CONFIDENCE, check_confidence, wilson
from unarmed_router.simulation.summary import percentile

__all__ = [
    "Interval",
    "known_difference",
    "mean_interval",
    "paired_difference",
    "precise",
    "quantile_interval",
    "rate_interval",
    "share_interval",
    "wilson_interval",
]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between two bounds.

    Parameters
    ----------
    estimate : float
        The value itself.
    low, high : float
        Bounds; infinite where the values give none.
    confidence : float
        That the bounds hold the true value, at least, over many repetitions.
    count : int or None
        Values it was estimated from; None where that must not be known.
    """

    estimate: float
    low: float
    high: float
    confidence: float
    count: int | None

    @property
    def half_width(self) -> float:
        """Half the distance between the bounds."""
        return (self.high - self.low) / 2.0

    @property
    def is_point(self) -> bool:
        """Whether all values were alike: no width is left, and none proves that there is none."""
        return math.isclose(self.low, self.high, rel_tol=1e-9, abs_tol=1e-12)


def wilson_interval(
    successes: int, trials: int, *, confidence: float = DEFAULT_CONFIDENCE
) -> Interval | None:
    """Interval of a share: Wilson's, see `unarmed_router.model.proportion.wilson`.

    Parameters
    ----------
    successes, trials : int
        How many, of how many.
    confidence : float
        In (0, 1).

    Returns
    -------
    Interval or None
        None of no trial.

    Raises
    ------
    InputError
        More successes than trials, a negative number, or a confidence out of range.
    """
    found = wilson(successes, trials, confidence=confidence)
    if found.share is None:
        return None
    return Interval(found.share, found.low, found.high, confidence, trials)


def quantile_interval(
    values: npt.ArrayLike, share: float, *, confidence: float = DEFAULT_CONFIDENCE
) -> Interval | None:
    """Interval of a quantile between two of the values themselves, for any distribution.

    The number of values below the true quantile is binomial, which tells between which two ordered
    values it lies (David and Nagaraja, Order Statistics, 3rd ed. 2003, section 7.1). The tails are
    at most half of what the confidence leaves, each. The estimate is the smallest value that at
    least `share` of the values do not exceed (Hyndman and Fan, 1996, type 1).

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite.
    share : float
        In (0, 1): 0.5 for the median.
    confidence : float
        In (0, 1).

    Returns
    -------
    Interval or None
        None of no value; a bound is infinite where there are too few.

    Raises
    ------
    InputError
        A share or confidence out of range, or a value that is not finite.
    """
    from scipy.special import bdtr  # noqa: PLC0415  # importing scipy costs 0.35 s

    ordered = np.sort(_finite(values))
    if not 0.0 < share < 1.0:
        raise InputError(f"share {share} must be in (0, 1)")
    check_confidence(confidence)
    count = len(ordered)
    estimate: float | None = percentile(ordered.tolist(), share)
    if estimate is None:
        return None
    tail = (1.0 - confidence) / 2.0
    below = bdtr(np.arange(count + 1, dtype=float), count, share)  # P(at most k lie below)
    # Above the low value lie all but the first `first` ones: a chance of at most `tail` is lost.
    first = int(np.searchsorted(below, tail, side="right"))
    last = int(np.searchsorted(below, 1.0 - tail, side="left")) + 1
    low = float(ordered[first - 1]) if first > 0 else -math.inf
    high = float(ordered[last - 1]) if last <= count else math.inf
    return Interval(estimate, low, high, confidence, count)


def mean_interval(
    values: npt.ArrayLike, *, confidence: float = DEFAULT_CONFIDENCE
) -> Interval | None:
    """Interval of a mean over independent replications, by Student's t.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        One figure a replication, such as its mean response time. Calls of one day are not
        independent of each other, replications are.
    confidence : float
        In (0, 1).

    Returns
    -------
    Interval or None
        None of no value; unbounded of one.

    Raises
    ------
    InputError
        A confidence out of range, or a value that is not finite.
    """
    from scipy.special import stdtrit  # noqa: PLC0415  # importing scipy costs 0.35 s

    figures = _finite(values)
    check_confidence(confidence)
    if len(figures) == 0:
        return None
    mean = float(figures.mean())
    if len(figures) == 1:
        return Interval(mean, -math.inf, math.inf, confidence, 1)
    error = float(figures.std(ddof=1)) / math.sqrt(len(figures))
    half = float(stdtrit(len(figures) - 1, (1.0 + confidence) / 2.0)) * error
    return Interval(mean, mean - half, mean + half, confidence, len(figures))


def share_interval(over_runs: Interval, successes: int, trials: int) -> Interval | None:
    """Widen Student's interval of a share to Wilson's of all trials, on either side.

    Student's takes replications for normal. Where few of the trials are successes they are not, and
    replications that are alike by chance leave it next to no width: of two with 1000 calls of which
    one in 500 is unserved, it holds the truth in 86 of 100 studies
    (tests/unit/research/test_shares.py). Wilson's alone knows nothing of what trials of one
    replication share. Both are bounds of the same share.

    Parameters
    ----------
    over_runs : Interval
        Student's, of the share over replications; unbounded of one replication, and then kept.
    successes, trials : int
        Of all replications together.

    Returns
    -------
    Interval or None
        None of no trial.
    """
    if not math.isfinite(over_runs.half_width):
        return over_runs
    found = wilson_interval(successes, trials, confidence=over_runs.confidence)
    if found is None:
        return None
    low, high = min(over_runs.low, found.low), max(over_runs.high, found.high)
    return replace(over_runs, low=low, high=high)


def rate_interval(over_runs: Interval, counted: int, during: float) -> Interval:
    """Widen Student's interval of a rate to that of a Poisson number, on either side.

    For the reasons of `share_interval`. Calls of a kind arise at random, so that their number in
    all replications has exact bounds (Garwood, 1936, doi 10.1093/biomet/28.3-4.437).

    Parameters
    ----------
    over_runs : Interval
        Student's, of the rate over replications; unbounded of one replication, and then kept.
    counted : int
        In all replications together.
    during : float
        What the rate is by, such as days, of all replications together; above 0.

    Raises
    ------
    InputError
        A number of calls below 0, or a time that is not above 0.
    """
    from scipy.special import gammaincinv  # noqa: PLC0415  # importing scipy costs 0.35 s

    if not counted >= 0 or not 0.0 < during < math.inf:
        raise InputError(f"{counted} counted during {during} is no rate; give a time above 0")
    if not math.isfinite(over_runs.half_width):
        return over_runs
    tail = (1.0 - over_runs.confidence) / 2.0
    least = float(gammaincinv(counted, tail)) / during if counted else 0.0
    most = float(gammaincinv(counted + 1, 1.0 - tail)) / during
    return replace(over_runs, low=min(over_runs.low, least), high=max(over_runs.high, most))


def paired_difference(
    before: Sequence[float], after: Sequence[float], *, confidence: float = DEFAULT_CONFIDENCE
) -> Interval | None:
    """Interval of the mean of after less before, replication by replication.

    With common random numbers the two of a pair share their calls, and most of their noise.

    Raises
    ------
    InputError
        Not as many of one as of the other, or as `mean_interval`.
    """
    one, two = _pairs(before, after)
    return mean_interval(two - one, confidence=confidence)


def known_difference(
    before: Sequence[float], after: Sequence[float], *, confidence: float = DEFAULT_CONFIDENCE
) -> Interval | None:
    """Do `paired_difference` over those pairs in which neither value is NaN, which is unknown."""
    one, two = _pairs(before, after)
    known = np.isfinite(one) & np.isfinite(two)
    return mean_interval(two[known] - one[known], confidence=confidence)


def _pairs(
    before: Sequence[float], after: Sequence[float]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    one, two = np.asarray(before, float), np.asarray(after, float)
    if one.shape != two.shape:
        raise InputError(f"{one.size} replications before and {two.size} after make no pairs")
    return one, two


def precise(interval: Interval | None, *, within: float) -> bool:
    """Tell whether an interval is narrow enough to stop replicating.

    Parameters
    ----------
    interval : Interval or None
        Of the figure that matters.
    within : float
        Largest half width as a share of the estimate; above 0.

    Notes
    -----
    Looking after every replication makes the interval a little less sure than it says (Law,
    Simulation Modeling and Analysis, 5th ed. 2015, section 9.4): at 95 % it holds the mean in some
    92 of 100 studies of at least 5 replications, in 94 of at least 10.
    Replications that are all the same, such as ten in which every call was served, leave no width
    and prove no precision: Student's interval says nothing of them.
    """
    if not within > 0.0:
        raise InputError(f"within {within} must be above 0")
    if interval is None:
        return False
    return 0.0 < interval.half_width <= within * abs(interval.estimate)


def _finite(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise InputError("values must be one row of finite numbers; leave out what is missing")
    return array
