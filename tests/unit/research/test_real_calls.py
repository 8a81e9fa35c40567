"""Counts of real calls in classes of ten."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.operations.suppression import SMALLEST_SHOWN
from unarmed_router.research.intervals import Interval
from unarmed_router.research.real_calls import (
    CLASS,
    few,
    in_class,
    middle,
    told_count,
    told_figure,
    told_share,
    withheld,
)


def between(low: float, estimate: float, high: float) -> Interval:
    """Make an interval."""
    return Interval(estimate, low, high, 0.95, 10)


def class_of(count: int) -> range:
    """Return the class of a count above 0, counted out."""
    return next(
        range(first, first + CLASS)
        for first in range(1, 10_000, CLASS)
        if first <= count < first + CLASS
    )


@given(st.integers(1, 9_000))
def test_a_count_is_told_as_the_middle_of_its_class(count: int) -> None:
    """All counts of a class are told as one number, which lies in it; the first is that of few."""
    whole = class_of(count)
    assert {middle(each) for each in whole} == {whole.start + CLASS / 2 - 1}
    assert few(count) == few(-count) == (count < SMALLEST_SHOWN)
    assert not few(0)
    assert middle(0) == 0.0


@given(st.integers(-300, 300), st.integers(0, 40), st.integers(0, 40), st.integers(1, 60))
def test_bounds_are_those_of_classes_and_hold_the_estimate(
    count: int, below: int, above: int, days: int
) -> None:
    """What is told lies about what is true, at edges of classes alone."""
    exact = between((count - below) / days, count / days, (count + above) / days)
    told = told_count(exact, per=days)
    if few(count):
        assert told is None
        return
    assert told is not None
    assert told.low <= min(exact.low, told.estimate) + 1e-9
    assert told.high >= max(exact.high, told.estimate) - 1e-9
    for bound in (told.low, told.high):
        assert bound * days % CLASS == pytest.approx(0, abs=1e-6) or bound * days % CLASS > 9.999
    assert told.estimate * days == pytest.approx(math.copysign(middle(abs(count)), count))


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_share_is_one_of_told_counts(part: int, others: int) -> None:
    """A share of few calls, of few in it or few beside it is not told; others by their classes."""
    calls = part + others
    if not calls:
        return
    exact = between(part / calls, part / calls, part / calls)
    told = told_share(exact, calls)
    if few(part) or few(others) or few(calls):
        assert told is None
    else:
        assert told is not None
        assert told.estimate == pytest.approx(min(1.0, middle(part) / middle(calls)))
        assert 0.0 <= told.low <= told.estimate <= told.high <= 1.0
        assert abs(told.estimate - part / calls) * calls < CLASS - 1  # docs/decisions/0031
    if few(part):
        assert in_class(exact, calls).estimate == pytest.approx(min(1.0, 5 / middle(calls)))


def test_open_bounds_stay_open_and_unknown_stays_unknown() -> None:
    """One replication gives no bounds, whatever is told."""
    told = told_count(between(-math.inf, 42.0, math.inf), per=1.0)
    assert told == between(-math.inf, 45.0, math.inf)
    assert told_count(None, per=1.0) is None
    assert told_share(None, 100.0) is None


@given(st.lists(st.integers(1, 7_200_000), min_size=11, max_size=60))
def test_a_mean_tells_no_number_of_calls(times_ms: list[int]) -> None:
    """Another number of calls has a mean that is told alike: four digits, not a fraction."""
    mean = sum(times_ms) / len(times_ms) / 1000
    told = told_figure(between(mean, mean, mean))
    assert told is not None
    other = round(mean * 1000 * (len(times_ms) + 1)) / (len(times_ms) + 1) / 1000
    assert told_figure(between(other, other, other)) == told or abs(other - mean) < 1e-4
    assert told.estimate == pytest.approx(mean, rel=6e-4)
    assert told_figure(None) is None


def test_a_difference_of_shares_may_be_negative() -> None:
    """Thirty fewer of three hundred are told as the middle of 21 to 30, over that of all."""
    told = told_share(between(-0.13, -0.1, -0.05), 300, of_difference=True)
    assert told is not None
    assert told.estimate == pytest.approx(-25 / 295)
    assert (told.low, told.high) == pytest.approx((-40 / 295, -10 / 295))
    assert told_share(between(-0.1, -0.02, 0.0), 300, of_difference=True) is None


def test_cells_and_totals_are_left_out_together() -> None:
    """A small cell takes others with it; the smallest number of any replication decides."""
    assert withheld([]) == []
    assert withheld([[[50, 50]], [[60, 60]]]) == [[False, False], [False, False]]
    hidden = withheld([[[40, 41], [3, 0]], [[50, 50], [20, 30]], [[60, 60], [70, 70]]])
    assert hidden[0][1]
    assert sum(map(sum, hidden)) >= 4
    assert withheld([[[0, 4], [0, 0]]]) == [[True, True, True]]
