"""Shares and numbers of calls over replications: bounds that hold also where few calls count."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tests.unit.research.outcomes import calls
from unarmed_router.research.intervals import mean_interval, wilson_interval
from unarmed_router.research.prepared_scenario import PreparedScenario
from unarmed_router.research.report_times import last_minute, times_chart
from unarmed_router.research.run_result import RunResult
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.shipped_scenarios import scenario_path


@pytest.fixture(scope="module")
def prepared() -> PreparedScenario:
    """Load a scenario; nothing of it is played."""
    return load_scenario(scenario_path("six_divisions"))


def study(prepared: PreparedScenario, unserved: list[int], of: int) -> ScenarioResults:
    """Make replications of so many calls each, of which so many were not served."""
    runs = [
        RunResult(
            replication=k,
            days=1.0,
            tally={("assigned", "resolved"): of - none},
            outcomes=calls([math.nan] * none + [300.0] * (of - none)),
            wait_s=np.zeros(of - none),
            redirected=0,
            team_hours=0.0,
            busy={},
        )
        for k, none in enumerate(unserved)
    ]
    return ScenarioResults(prepared, runs)


def test_replications_that_agree_by_chance_prove_nothing(prepared: PreparedScenario) -> None:
    """One unserved call of forty in each of two: the bounds are those of two of eighty."""
    agreed, wilson = study(prepared, [1, 1], 40), wilson_interval(2, 80)
    groups = agreed.grouped(lambda rows: np.zeros(len(rows), np.int64), ["all"], "unserved_share")
    assert wilson is not None
    for found in (agreed.figure("unserved_share"), groups["all"]):
        assert found is not None
        assert found.estimate == pytest.approx(1 / 40)
        assert (found.low, found.high) == (wilson.low, wilson.high)
        assert found.count == 2


def test_a_curve_is_no_surer_than_the_shares_it_is_made_of(prepared: PreparedScenario) -> None:
    """All of eighty calls are reached after five minutes: by a minute it is none or all of them."""
    drawn = times_chart(study(prepared, [0, 0], 40), 10)
    band = re.search(r'class="band" points="([^"]*)"', drawn)
    none, every = wilson_interval(0, 80), wilson_interval(80, 80)
    assert band is not None
    assert none is not None
    assert every is not None
    heights = [float(point.split(",")[1]) for point in band.group(1).split()]
    high, low = heights[:11], heights[:10:-1]
    tall = low[0] - high[-1]  # from a share of 0 to one of 1
    for minute, (up, down) in enumerate(zip(high, low, strict=True)):
        wilson = none if minute < 5 else every
        assert (low[0] - up) / tall == pytest.approx(wilson.high, abs=1e-3)
        assert (low[0] - down) / tall == pytest.approx(wilson.low, abs=1e-3)


def test_at_most_half_a_per_cent_of_calls_lie_beyond_the_curve(prepared: PreparedScenario) -> None:
    """Of 221 calls one may; nobody reached is as short a curve as all within a minute."""
    run = study(prepared, [0], 221).runs[0]
    for late, last in (
        ([3599.0, 3660.0], 60),
        ([3600.5, 3660.0], 61),
        ([30.0], 10),
        ([9e3] * 9, 120),
    ):
        times = [30.0] * (221 - len(late)) + late
        shown = ScenarioResults(prepared, [replace(run, outcomes=calls(times))])
        assert last_minute(shown) == last
    assert last_minute(study(prepared, [1], 1)) == 10


def test_replications_that_differ_more_than_calls_do_are_believed(
    prepared: PreparedScenario,
) -> None:
    """None of forty and twelve of forty: Student's bounds are wider, and stay; one has none."""
    found = study(prepared, [0, 12, 0, 12], 40).figure("unserved_share")
    student = mean_interval([0.0, 0.3, 0.0, 0.3])
    assert found is not None
    assert student is not None
    assert found.low == max(0.0, student.low) == 0.0
    assert found.high == pytest.approx(student.high)
    alone = study(prepared, [3], 40).figure("unserved_share")
    assert alone is not None
    assert (alone.low, alone.high) == (-math.inf, math.inf)


@pytest.mark.parametrize(("replications", "share"), [(2, 0.002), (5, 0.0016), (10, 0.0004)])
def test_bounds_of_a_rare_share_hold_it(
    prepared: PreparedScenario, replications: int, share: float
) -> None:
    """At least 95 of 100 studies hold the true share; by Student's alone it were 86 to 94."""
    rng = np.random.default_rng(replications)
    held, alone = [], []
    for _ in range(400):
        unserved = rng.binomial(1000, share, replications).tolist()
        found = study(prepared, unserved, 1000).figure("unserved_share")
        assert found is not None
        held.append(found.low <= share <= found.high)
        student = mean_interval(np.divide(unserved, 1000))
        assert student is not None
        alone.append(student.low <= share <= student.high)
    assert np.mean(held) >= 0.95
    assert 0.855 < np.mean(alone) < 0.945


def test_numbers_that_agree_by_chance_prove_nothing(prepared: PreparedScenario) -> None:
    """Three calls in each of two runs of a day: as many as six in two days, by chi-square."""
    found, never = study(prepared, [0, 0], 40).rates_of([[3, 3], [0, 0]], [1.0, 1.0])
    assert found is not None
    assert never is not None
    assert (found.estimate, found.count) == (3.0, 2)
    assert found.low == pytest.approx(stats.chi2.ppf(0.025, 12) / 4)
    assert found.high == pytest.approx(stats.chi2.ppf(0.975, 14) / 4)
    assert (never.low, never.estimate) == (0.0, 0.0)
    assert never.high == pytest.approx(stats.chi2.ppf(0.975, 2) / 4)


def test_numbers_that_differ_more_than_chance_are_believed(prepared: PreparedScenario) -> None:
    """Runs without a call and with sixty: Student's bounds are wider, and stay; one has none."""
    (found,) = study(prepared, [0] * 4, 40).rates_of([[0, 60, 0, 60]], [1.0])
    student = mean_interval([0.0, 60.0, 0.0, 60.0])
    assert found is not None
    assert student is not None
    assert (found.low, found.high) == (0.0, student.high)
    (alone,) = study(prepared, [0], 40).rates_of([[7]], [1.0])
    assert alone is not None
    assert (alone.low, alone.high) == (-math.inf, math.inf)


@pytest.mark.parametrize(("replications", "mean"), [(2, 2.0), (10, 0.4)])
def test_bounds_of_a_rare_number_hold_it(
    prepared: PreparedScenario, replications: int, mean: float
) -> None:
    """At least 95 of 100 studies hold the true number; by Student's alone it were 88."""
    rng = np.random.default_rng(replications)
    runs, held, alone = study(prepared, [0] * replications, 40), [], []
    for _ in range(400):
        counts = rng.poisson(mean, replications).tolist()
        (found,), student = runs.rates_of([counts], [1.0]), mean_interval(counts)
        assert found is not None
        assert student is not None
        held.append(found.low <= mean <= found.high)
        alone.append(student.low <= mean <= student.high)
    assert np.mean(held) >= 0.95
    assert np.mean(alone) == pytest.approx(0.88, abs=0.01)
