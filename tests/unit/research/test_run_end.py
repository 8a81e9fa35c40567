"""The end of a run: what calls would do to its figures if they went on coming."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from unarmed_router.research.prepared_scenario import PreparedScenario
from unarmed_router.research.run_result import RunResult
from unarmed_router.research.scenario_run import play_scenario
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.shipped_scenarios import scenario_path
from unarmed_router.simulation.streams import CallStream

REPLICATIONS = 6


@pytest.fixture(scope="module")
def prepared() -> PreparedScenario:
    """Load one day, where the end weighs the most."""
    run = {"days": 1, "warm_up_days": 1}
    return load_scenario(scenario_path("six_divisions"), run=run)


def ended_and_going_on(
    prepared: PreparedScenario, times: float
) -> tuple[list[RunResult], list[RunResult]]:
    """Play so many times the calls, until the last day is over and for a day more."""
    stream = prepared.source
    assert isinstance(stream, CallStream)
    more = replace(stream.rates, per_day=times * stream.rates.per_day)
    ended = replace(stream, rates=more)
    going_on = replace(ended, until=prepared.ends + timedelta(days=1))
    one, two = (
        [play_scenario(replace(prepared, source=source), k) for k in range(REPLICATIONS)]
        for source in (ended, going_on)
    )
    return one, two


def test_teams_that_fall_idle_at_the_end_bias_nothing_here(prepared: PreparedScenario) -> None:
    """Of six one-day replications every figure is the same when calls go on coming."""
    ended, going_on = ended_and_going_on(prepared, 1.0)
    for one, two in zip(ended, going_on, strict=True):
        assert (one.tally, one.busy) == (two.tally, two.busy)
        assert one.outcomes.response_s.tolist() == pytest.approx(
            two.outcomes.response_s.tolist(), nan_ok=True
        )


def test_the_end_of_a_crowded_run_weighs_little(prepared: PreparedScenario) -> None:
    """Four times the calls, teams busy more than half of the time: below 1 % of the mean."""
    ended, going_on = ended_and_going_on(prepared, 4.0)
    assert [each.received for each in ended] == [each.received for each in going_on]
    assert np.mean([list(each.busy.values()) for each in going_on]) > 0.5
    means = [np.mean([each.mean_response_s for each in side]) for side in (ended, going_on)]
    assert means[0] != means[1]  # or nothing went on
    assert means[0] == pytest.approx(means[1], rel=0.01)
