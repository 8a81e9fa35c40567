"""Arrivals: a Poisson process with the rate of the hour."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from unarmed_router.agency.hours import LocalHours
from unarmed_router.errors import InputError
from unarmed_router.simulation import arrivals
from unarmed_router.simulation.arrivals import HourlyRates, arrival_ms
from unarmed_router.simulation.draws import Draws

ZONE = LocalHours("America/Los_Angeles")
MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)  # midnight in Los Angeles
HOUR_MS = 3_600_000
PEAK = [3.0 if hour % 24 >= 12 else 1.0 for hour in range(168)]


def drawn(rates: HourlyRates, start: datetime, days: int, seed: int = 1) -> np.ndarray:
    """Draw some days of arrivals as one array."""
    blocks = arrival_ms(Draws(seed), rates, ZONE, start, until_ms=days * 24 * HOUR_MS)
    return np.concatenate(list(blocks))


def test_rates_add_up_to_the_week() -> None:
    """Seven times the mean of a day, shared out by weight."""
    rates = HourlyRates(48.0, PEAK)
    assert sum(rates.per_hour) == pytest.approx(7 * 48)
    assert rates.per_hour[13] == pytest.approx(3 * rates.per_hour[3])


@pytest.mark.parametrize(
    ("per_day", "weights", "fault"),
    [
        (1.0, [1.0] * 24, "a week has 168 hours"),
        (1.0, [1.0] * 167 + [-1.0], "weight -1.0 of hour 167"),
        (1.0, [1.0] * 167 + [math.nan], "weight nan of hour 167"),
        (1.0, [0.0] * 168, "no call would ever arrive"),
        (0.0, [1.0] * 168, "per_day 0.0"),
        (math.inf, [1.0] * 168, "per_day inf"),
    ],
)
def test_broken_rates_are_refused(per_day: float, weights: list[float], fault: str) -> None:
    """The message names the hour or the rate."""
    with pytest.raises(InputError, match=fault):
        HourlyRates(per_day, weights)


@pytest.mark.parametrize(
    ("weights", "fault"),
    [
        (dict.fromkeys(range(168), 1.0), "168 numbers"),
        (["often"] * 168, "168 numbers"),
        (np.ones((168, 1)), "168 by 1 hourly weights"),
    ],
)
def test_weights_of_another_kind_are_refused(weights: Any, fault: str) -> None:
    """A mapping's keys are no weights, nor is a table of one column."""
    with pytest.raises(InputError, match=fault):
        HourlyRates(1.0, weights)


def test_weights_of_an_array_are_those_of_a_tuple() -> None:
    """Rates can be compared and hashed whatever they were made of; an index means nothing."""
    series = pd.Series(PEAK, index=range(168)[::-1])
    given: list[Any] = [tuple(PEAK), np.array(PEAK), series]
    made = {HourlyRates(2.0, each) for each in given}
    assert len(made) == 1


def _weeks_laid(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a list that gets the start of every week that is laid out from now on."""
    laid: list[float] = []
    week = arrivals._Clock._week

    def counted(clock: arrivals._Clock, begin_ms: float) -> Any:
        laid.append(begin_ms)
        return week(clock, begin_ms)

    monkeypatch.setattr(arrivals._Clock, "_week", counted)
    return laid


def test_few_rare_calls_lay_out_no_block_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls of one a day take a week or two, not the eleven years of a whole block."""
    laid = _weeks_laid(monkeypatch)
    rare = HourlyRates(1.0, PEAK)
    whole = next(arrival_ms(Draws(1), rare, ZONE, MONDAY))
    assert len(laid) > 500
    laid.clear()
    (found,) = arrival_ms(Draws(1), rare, ZONE, MONDAY, most=2)
    assert found.tolist() == whole[:2].tolist()
    assert len(laid) < 4
    assert list(arrival_ms(Draws(1), rare, ZONE, MONDAY, most=0)) == []


def test_calls_beyond_the_calendar_are_refused() -> None:
    """The year 10000 has no clock."""
    late = datetime(9999, 11, 1, tzinfo=UTC)
    with pytest.raises(InputError, match="after the year 9999"):
        list(arrival_ms(Draws(1), HourlyRates(0.001, PEAK), ZONE, late, most=1))


def test_rare_calls_end_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call in a thousand years lays out no thousand years: two weeks do for eight days."""
    laid = _weeks_laid(monkeypatch)
    assert len(drawn(HourlyRates(1e-6, [1.0] * 168), MONDAY, days=8)) == 0
    assert len(laid) == 2
    rare = HourlyRates(0.5, PEAK)
    whole = next(arrival_ms(Draws(1), rare, ZONE, MONDAY))
    days = 60
    assert drawn(rare, MONDAY, days).tolist() == whole[whole < days * 24 * HOUR_MS].tolist()


def test_counts_by_hour_are_poisson() -> None:
    """Over 100 weeks, counts of each hour of the week have the stated mean and the same variance.

    Chi-squared of the 168 counts, and the index of dispersion of all hours, within their 99.9 %.
    """
    weeks = 100
    rates = HourlyRates(48.0, PEAK)
    # In January to March the wall clock does not change: every week is alike.
    each = [drawn(rates, MONDAY, 7, seed) for seed in range(weeks)]
    times = np.concatenate(each)
    found = np.bincount(times // HOUR_MS, minlength=168)
    wanted = weeks * np.array(rates.per_hour)
    assert stats.chi2.sf(((found - wanted) ** 2 / wanted).sum(), 168) > 0.001
    weekly = [len(week) for week in each]
    dispersion = (weeks - 1) * np.var(weekly, ddof=1) / np.mean(weekly)
    assert 0.001 < stats.chi2.cdf(dispersion, weeks - 1) < 0.999


def test_gaps_in_rescaled_time_are_exponential() -> None:
    """Carried back through the accumulated rate, gaps pass a Kolmogorov-Smirnov test.

    The accumulated rate is summed up here hour by hour, without the module's own arithmetic.
    """
    rates = HourlyRates(200.0, PEAK)
    sums = list(itertools.accumulate(rates.per_hour, initial=0.0))
    units = []
    for ms in drawn(rates, MONDAY, 28).tolist():
        week, hours = divmod(ms / HOUR_MS, 168)
        hour = int(hours)
        units.append(week * sums[-1] + sums[hour] + (hours - hour) * rates.per_hour[hour])
    gaps = np.diff([0.0, *units])
    assert stats.kstest(gaps, "expon").pvalue > 0.001


def test_hours_are_those_of_the_wall_clock_across_daylight_saving() -> None:
    """With calls at 03 h local only, the day of 23 hours has them an hour sooner in UTC."""
    weights = [1.0 if hour % 24 == 3 else 0.0 for hour in range(168)]
    start = datetime(2026, 3, 7, 8, tzinfo=UTC)  # Saturday; clocks go forward on Sunday at 2
    times = drawn(HourlyRates(50.0, weights), start, 3)
    local = {ZONE.local(start + timedelta(milliseconds=int(ms))).hour for ms in times}
    in_utc = {(start + timedelta(milliseconds=int(ms))).hour for ms in times}
    assert local == {3}
    assert in_utc == {10, 11}


def test_a_start_within_an_hour_takes_the_rest_of_it() -> None:
    """From 11:50, the slow hour lasts ten more minutes."""
    weights = [1.0 if hour % 24 >= 12 else 0.0 for hour in range(168)]
    start = MONDAY + timedelta(hours=11, minutes=50, seconds=7)
    first = min(int(drawn(HourlyRates(5000.0, weights), start, 1, seed)[0]) for seed in range(20))
    silent = (9 * 60 + 53) * 1000
    assert silent <= first < silent + 5_000


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven calls at a time or thousands give the same moments."""
    rates = HourlyRates(100.0, PEAK)
    together = drawn(rates, MONDAY, 30)
    monkeypatch.setattr(arrivals, "BLOCK", 7)
    assert np.array_equal(drawn(rates, MONDAY, 30), together)
    assert len(together) > 2000


def test_call_n_stays_call_n_under_another_rate() -> None:
    """Twice the calls under a flat profile: each comes at half the time."""
    flat = [1.0] * 168
    slow = drawn(HourlyRates(20.0, flat), MONDAY, 40)
    fast = drawn(HourlyRates(40.0, flat), MONDAY, 20)
    assert len(slow) == len(fast)
    assert np.abs(slow - 2 * fast).max() <= 2
    assert bisect_right(slow.tolist(), slow[5]) == 6  # in order, and no two at once here
