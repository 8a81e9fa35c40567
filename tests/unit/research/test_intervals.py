"""Intervals: published examples, exact coverage by enumeration, and nothing from nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from unarmed_router.errors import InputError
from unarmed_router.model.proportion import wilson
from unarmed_router.research.intervals import (
    Interval,
    known_difference,
    mean_interval,
    paired_difference,
    precise,
    quantile_interval,
    wilson_interval,
)


def test_the_interval_of_a_share_is_the_one_of_the_ledger() -> None:
    """One formula for reports of the ledger and of simulations; no trial has no interval."""
    found, same = wilson_interval(15, 148, confidence=0.9), wilson(15, 148, confidence=0.9)
    assert found == Interval(15 / 148, same.low, same.high, 0.9, 148)
    assert wilson_interval(0, 0) is None


def test_the_median_of_ten() -> None:
    """Between the second and the ninth of ten values: 97.9 % (Conover 1999, section 3.2)."""
    found = quantile_interval(np.arange(1.0, 11.0), 0.5)
    assert found is not None
    assert (found.estimate, found.low, found.high) == (5.0, 2.0, 9.0)


@given(st.integers(1, 60), st.sampled_from([0.1, 0.5, 0.9]), st.sampled_from([0.8, 0.95]))
def test_a_quantile_interval_covers_as_it_says(count: int, share: float, confidence: float) -> None:
    """The true quantile is below the low value, or above the high one, at most half a tail each.

    By summing the binomial; and the next narrower interval would not do.
    """
    found = quantile_interval(np.arange(1.0, count + 1), share, confidence=confidence)
    assert found is not None
    first = 0 if found.low == -math.inf else int(found.low)
    last = count + 1 if found.high == math.inf else int(found.high)
    tail = (1 - confidence) / 2
    chance = [math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(count + 1)]
    assert sum(chance[:first]) <= tail + 1e-12
    assert sum(chance[: first + 1]) > tail - 1e-12
    assert sum(chance[last:]) <= tail + 1e-12
    assert last == 0 or sum(chance[last - 1 :]) > tail - 1e-12
    assert first <= share * count + 1
    assert found.estimate == math.ceil(share * count - 1e-9)


def test_too_few_values_give_no_bound() -> None:
    """Of five values, nothing bounds the 90th percentile from above."""
    found = quantile_interval([5.0, 1.0, 4.0, 2.0, 3.0], 0.9)
    assert found is not None
    assert (found.estimate, found.low, found.high) == (5.0, 3.0, math.inf)
    assert quantile_interval([], 0.5) is None


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30), st.sampled_from([0.9, 0.99]))
def test_a_mean_is_students(values: list[float], confidence: float) -> None:
    """Against scipy's t distribution."""
    found = mean_interval(values, confidence=confidence)
    assert found is not None
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    half = stats.t.ppf((1 + confidence) / 2, len(values) - 1) * error
    assert found.half_width == pytest.approx(half, abs=1e-9)
    assert found.estimate == pytest.approx(np.mean(values), abs=1e-9)


def test_one_replication_bounds_nothing_and_none_says_nothing() -> None:
    """An estimate without bounds; no estimate at all."""
    found = mean_interval([7.0])
    assert found is not None
    assert (found.estimate, found.low, found.high) == (7.0, -math.inf, math.inf)
    assert mean_interval([]) is None
    assert not precise(found, within=0.5)
    assert not precise(None, within=0.5)


@pytest.mark.parametrize("same", [0.0, 0.25])
def test_replications_all_the_same_prove_no_precision(same: float) -> None:
    """Ten runs that served every call leave no width, and do not stop a scenario early."""
    assert not precise(mean_interval([same] * 10), within=0.5)
    assert precise(mean_interval([0.25] * 9 + [0.26]), within=0.5)


def test_pairs_take_the_common_noise_away() -> None:
    """The same noise in both: the difference is known to far less than either mean."""
    noise = np.random.default_rng(1).normal(0, 10, 20)
    before, after = 50 + noise, 53 + noise + np.random.default_rng(2).normal(0, 0.1, 20)
    found = paired_difference(before.tolist(), after.tolist())
    alone = mean_interval(before)
    assert found is not None
    assert alone is not None
    assert found.low < 3.0 < found.high
    assert found.half_width < alone.half_width / 20
    assert precise(found, within=0.05)
    assert not precise(alone, within=0.05)
    with pytest.raises(InputError, match="make no pairs"):
        paired_difference([1.0], [1.0, 2.0])


def test_pairs_that_lack_a_figure_are_left_out() -> None:
    """A run without the figure takes its twin with it; nothing is left of no pair."""
    nothing = math.nan
    found = known_difference([1.0, nothing, 3.0, 4.0], [2.0, 5.0, nothing, 7.0])
    assert found == paired_difference([1.0, 4.0], [2.0, 7.0])
    assert known_difference([nothing], [1.0]) is None
    with pytest.raises(InputError, match="make no pairs"):
        known_difference([1.0], [1.0, 2.0])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: wilson_interval(3, 2),
        lambda: wilson_interval(-1, 2),
        lambda: wilson_interval(1, 2, confidence=1.0),
        lambda: quantile_interval([1.0], 1.0),
        lambda: quantile_interval([math.nan], 0.5),
        lambda: quantile_interval([1.0], 0.5, confidence=0.0),
        lambda: mean_interval([[1.0]]),
        lambda: mean_interval([math.inf]),
        lambda: precise(None, within=0.0),
    ],
)
def test_values_out_of_range_are_refused(wrong: object) -> None:
    """Missing values are left out by the caller, not here."""
    assert callable(wrong)
    with pytest.raises(InputError):
        wrong()
