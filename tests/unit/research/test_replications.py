"""Figures over runs: one value a run, and undefined where nothing is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.unit.research.outcomes import calls
from unarmed_router.errors import InputError
from unarmed_router.research.intervals import mean_interval
from unarmed_router.research.replications import (
    FIGURES,
    figure_of,
    replicated,
    replicated_groups,
)
from unarmed_router.research.scenario_schema import FIGURES as STOPPING


def test_figures_of_one_run() -> None:
    """Of four served calls and one unserved, by hand."""
    rows = calls([100.0, 400.0, 200.0, math.nan, 300.0])
    assert figure_of(rows, "mean_response_s") == 250.0
    assert figure_of(rows, "median_response_s") == 200.0
    assert figure_of(rows, "p90_response_s") == 400.0
    assert figure_of(rows, "unserved_share") == pytest.approx(0.2)
    assert figure_of(rows, "gini_response") == pytest.approx(0.25)
    assert [figure_of(calls([]), figure) for figure in FIGURES] == [None] * 5
    nobody = calls([math.nan])
    assert figure_of(nobody, "unserved_share") == 1.0
    assert figure_of(nobody, "mean_response_s") is None
    with pytest.raises(InputError, match="'speed' is none of mean_response_s"):
        figure_of(rows, "speed")


def test_a_run_is_one_value() -> None:
    """The interval is that of three means, however many calls each has; empty runs do not count."""
    runs = [calls([100.0] * 50), calls([200.0]), calls([]), calls([300.0] * 7)]
    assert replicated(runs, "mean_response_s") == mean_interval([100.0, 200.0, 300.0])
    assert replicated([calls([])], "mean_response_s") is None
    assert replicated([], "unserved_share") is None


def test_groups_have_intervals_of_their_own() -> None:
    """Division by division over the runs; a division nobody called from is undefined."""
    runs = [calls([10.0, 20.0, 90.0], [1, 1, 2]), calls([30.0, 50.0], [1, 2])]
    places = {1: 0, 2: 1, 3: 2}
    found = replicated_groups(
        runs,
        lambda rows: np.array([places[int(number)] for number in rows.division]),
        [1, 2, 3],
        "mean_response_s",
    )
    assert found == {
        1: mean_interval([15.0, 30.0]),
        2: mean_interval([90.0, 50.0]),
        3: None,
    }


def test_runs_may_stop_early_on_figures_there_are() -> None:
    """A scenario names a figure that can be reckoned."""
    assert set(STOPPING) <= set(FIGURES)


@pytest.mark.parametrize(("count", "below"), [(40, 0.047), (1120, 0.00174)])
def test_a_percentile_of_few_calls_is_low_on_average(count: int, below: float) -> None:
    """Of exponential times, by the mean of an ordered value: David and Nagaraja, section 3.1."""
    rank = figure_of(calls([float(k + 1) for k in range(count)]), "p90_response_s")
    assert rank is not None
    mean = sum(1 / (count - k) for k in range(int(rank)))
    assert 1.0 - mean / math.log(10) == pytest.approx(below, rel=0.02)
