"""Slips of a researcher: each is refused by its name, none becomes a number or a foreign error."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.errors import InputError
from unarmed_router.research.call_outcomes import CallOutcomes
from unarmed_router.research.cost import CostRates, CostUnit, compare_cost
from unarmed_router.research.coverage import Coverage, coverage, coverage_curve
from unarmed_router.research.coverage_results import measure_coverage
from unarmed_router.research.equity import by_division, equity_of
from unarmed_router.research.expected_coverage import (
    busy_fraction,
    expected_coverage,
)
from unarmed_router.research.general_service import mdc_waiting
from unarmed_router.research.hypercube import solve_hypercube
from unarmed_router.research.hypercube_demand import SpatialDemand
from unarmed_router.research.intervals import mean_interval, rate_interval, wilson_interval
from unarmed_router.research.origins import origin_at, origins_of_teams
from unarmed_router.research.queueing import erlang_b, mmc_waiting
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.report_page import write_page
from unarmed_router.research.validation import validate
from unarmed_router.research.weighed_places import tract_places
from unarmed_router.simulation.default_stream import agency_stream
from unarmed_router.simulation.demand import load_tracts, own_weights
from unarmed_router.simulation.summary import percentile

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)

TRAVEL = [[1.0, 4.0], [4.0, 1.0]]
"""Minutes from two teams to two places."""


def loose(value: object) -> Any:
    """Give what a type checker would refuse."""
    return value


def solved() -> Any:
    """Solve two teams at two places."""
    return solve_hypercube(SpatialDemand.nearest_first([0.3, 0.3], TRAVEL, [1.0, 1.0]), waits=True)


@pytest.mark.parametrize(
    "ask",
    [
        lambda within: expected_coverage(within, [1.0, 1.0], 0.3),
        lambda within: solved().covered(within),
    ],
)
@pytest.mark.parametrize(
    ("within", "fault"),
    [
        (TRAVEL, "True or False"),
        ([[math.nan, 0.0], [0.0, 1.0]], "True or False"),
        ([["yes", "no"], ["no", "yes"]], "True or False"),
        ([1, 0], r"shape \(2,\)"),
        ([[1], [1, 0]], "rows as long as each other"),
    ],
)
def test_times_are_not_taken_for_who_reaches_what(
    ask: Callable[[Any], float], within: Any, fault: str
) -> None:
    """Every time but 0 would be True: a team would reach everything."""
    with pytest.raises(InputError, match=fault):
        ask(within)


def test_ones_and_noughts_say_who_reaches_what() -> None:
    """As True and False do, in a table of pandas too."""
    near = np.array(TRAVEL) <= 2.0
    expected = expected_coverage(near, [2.0, 1.0], 0.3)
    for same in (near.astype(float), near.astype(int), pd.DataFrame(near, index=[9, 3])):
        assert expected_coverage(same, [2.0, 1.0], 0.3) == expected
        assert solved().covered(same) == solved().covered(near)


@pytest.mark.parametrize("travel", [[1.0, 2.0], [[1.0, math.nan], [2.0, 1.0]], [[-1.0, 2.0]] * 2])
def test_times_that_are_none_order_no_teams(travel: Any) -> None:
    """Neither preference nor a mean is made of them."""
    with pytest.raises(InputError, match="travel"):
        SpatialDemand.nearest_first([0.3, 0.3], travel, [1.0, 1.0])
    with pytest.raises(InputError, match="travel"):
        solved().mean_travel(travel)


def test_preferences_are_not_rounded() -> None:
    """0.9 is no team."""
    with pytest.raises(InputError, match="preference must be numbers of teams"):
        SpatialDemand(loose([1.0]), loose([[0.9, 1.2]]), loose([1.0, 1.0]))


@pytest.mark.parametrize("teams", [2.5, math.nan, -1, True])
def test_there_is_no_half_team(teams: Any) -> None:
    """Nor one that is no number."""
    for ask in (
        lambda: busy_fraction(1.0, teams),
        lambda: erlang_b(teams, 0.5),
        lambda: mdc_waiting(teams, 0.5, 1.0),
    ):
        with pytest.raises(InputError, match="must be a whole number"):
            ask()


def test_teams_may_be_counted_by_numpy() -> None:
    """As the length of an array times something comes out."""
    assert erlang_b(int(np.int64(3)), 2.0) == erlang_b(loose(np.int64(3)), 2.0)
    assert busy_fraction(1.0, loose(np.int64(4))) == 0.25


@pytest.mark.parametrize("wait", [-1.0, math.nan])
def test_nobody_waits_less_than_nothing(wait: float) -> None:
    """The exponential tail would be above 1 there."""
    with pytest.raises(InputError, match="wait"):
        mmc_waiting(3, 2.0, 1.0).beyond(wait)


@pytest.mark.parametrize("unit", ["per_day", "hour", None])
def test_an_unknown_unit_of_cost_is_refused_by_name(unit: Any) -> None:
    """With those that there are."""
    with pytest.raises(InputError, match="per_hour or per_intervention"):
        CostRates(unit=unit, team=35.0, baseline=85.0, currency="USD", source="stated")


@pytest.mark.parametrize(
    "given",
    [
        {"interventions": 2, "team_hours": math.inf},
        {"interventions": 2, "team_hours": 1.0, "baseline_hours": math.inf},
        {"interventions": 2.5, "team_hours": 1.0},
        {"interventions": math.nan, "team_hours": 1.0},
    ],
)
def test_cost_is_of_whole_calls_and_hours_that_end(given: dict[str, Any]) -> None:
    """What is saved would be no number."""
    rates = CostRates(
        unit=CostUnit.PER_HOUR, team=35.0, baseline=85.0, currency="USD", source="stated"
    )
    with pytest.raises(InputError):
        compare_cost(rates, redirected=0, **given)


@pytest.mark.parametrize(("counted", "during"), [(3, 0.0), (3, -2.0), (-1, 2.0), (3, math.nan)])
def test_a_rate_is_by_a_time_above_nought(counted: int, during: float) -> None:
    """An interval would be turned upside down, or divided by nought."""
    runs = mean_interval([1.0, 2.0])
    assert runs is not None
    with pytest.raises(InputError, match="no rate"):
        rate_interval(runs, counted, during)


@pytest.mark.parametrize(("some", "every"), [(1, math.inf), (1.5, 3), (1, math.nan)])
def test_a_share_is_of_whole_numbers(some: Any, every: Any) -> None:
    """1 of infinitely many was 0, surely."""
    with pytest.raises(InputError, match="whole numbers"):
        wilson_interval(some, every)


def test_a_percentile_is_of_any_row_of_numbers() -> None:
    """Arrays and columns count by place; a missing value has no place."""
    values = [3.0, 1.0, 2.0]
    rows: list[Any] = [values, np.array(values), pd.Series(values, index=[9, 9, 1])]
    assert [percentile(each, 0.5) for each in rows] == [2.0] * 3
    assert percentile(loose(np.array([])), 0.5) is None
    with pytest.raises(InputError, match="leave out what is missing"):
        percentile([1.0, math.nan], 0.5)


@pytest.mark.parametrize("arrival", [math.nan, -1.0])
def test_an_arrival_that_is_none_is_no_step_of_a_curve(arrival: float) -> None:
    """Who never comes is infinite, not missing."""
    with pytest.raises(InputError, match="infinite where nobody comes"):
        coverage_curve([arrival, 1.0], [1.0, 1.0])


def covered(agency: Agency, reach: RoadReach, **given: Any) -> Coverage:
    """Measure the embedded teams at one hour, unless told otherwise."""
    asked: dict[str, Any] = {"hours": [3], "minutes": [10.0], **given}
    return coverage(reach, origins_of_teams(agency), tract_places(agency), **asked)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"hours": [3.7]}, "whole numbers"),
        ({"hours": [math.nan]}, "whole numbers"),
        ({"hours": ["3"]}, "whole numbers"),
        ({"hours": 3}, "a list of whole numbers"),
        ({"hours": [3, 3]}, "an hour twice"),
        ({"minutes": 10}, "a list of numbers"),
        ({"minutes": ["soon"]}, "a list of numbers"),
        ({"divisions": ["7"]}, "divisions"),
        ({"divisions": 7}, "divisions"),
    ],
)
def test_coverage_refuses_what_it_would_have_rounded_or_passed_over(
    given: dict[str, Any], fault: str, agency: Agency, reach: RoadReach
) -> None:
    """3.7 was hour 3, division "7" covered nobody, and an hour twice counted twice."""
    with pytest.raises(InputError, match=fault):
        covered(agency, reach, **given)


def test_an_hour_twice_is_refused_for_results_too(agency: Agency) -> None:
    """As for coverage itself."""
    with pytest.raises(InputError, match="an hour twice"):
        measure_coverage(agency, hours=[3, 3], minutes=[10.0])


def test_places_need_something_to_weigh_them_by(agency: Agency) -> None:
    """A column, and numbers where weights are one's own."""
    with pytest.raises(InputError, match="columns names nothing"):
        tract_places(agency, columns=())
    with pytest.raises(InputError, match="must be as many numbers"):
        tract_places(agency, demand=loose("population"))


@pytest.mark.parametrize("turnout_s", [math.nan, -60.0, math.inf])
def test_a_home_has_a_turnout(turnout_s: float, agency: Agency) -> None:
    """A negative one would reach calls before they are received."""
    with pytest.raises(InputError, match="turnout_s"):
        origin_at(agency, lon=-118.3, lat=34.05, turnout_s=turnout_s)


COLUMNS: dict[str, Any] = {
    "response_s": [60.0, math.nan, 90.0],
    "division": [7, 8, 7],
    "hour": [0, 167, 5],
    "lon": [-118.3] * 3,
    "lat": [34.0] * 3,
}


@pytest.mark.parametrize(
    ("column", "values", "fault"),
    [
        ("hour", [0, 168, 5], "one of the week"),
        ("hour", [0, -1, 5], "one of the week"),
        ("hour", [0, 3.7, 5], "hour must be whole numbers"),
        ("division", [7.5, 8, 7], "division must be whole numbers"),
        ("division", np.array([7.0, math.nan, 7.0]), "division must be whole numbers"),
        ("division", ["7", "x", "7"], "division must be whole numbers"),
        ("response_s", ["60", "never", "90"], "response_s must be numbers"),
        ("response_s", [60.0, -1.0, 90.0], "response_s must be at least 0"),
        ("lon", [-118.3] * 2, "as long as each other"),
    ],
)
def test_columns_of_outcomes_are_not_bent(column: str, values: Any, fault: str) -> None:
    """Hour -1 counted as 23:00, 3.7 as 03:00, and words ended in a foreign error."""
    with pytest.raises(InputError, match=fault):
        CallOutcomes(**{**COLUMNS, column: values})


def test_columns_of_outcomes_are_taken_by_place() -> None:
    """Lists, arrays and columns of a table whose index is shuffled mean the same."""
    table = pd.DataFrame(COLUMNS, index=[5, 0, 5])
    made = [
        CallOutcomes(**COLUMNS),
        CallOutcomes(**{name: table[name] for name in COLUMNS}),
        CallOutcomes(**{**COLUMNS, "response_s": np.array([60, None, 90], object)}),
    ]
    for each in made:
        assert isinstance(each.response_s, np.ndarray)
        assert each.served.tolist() == [True, False, True]
        groups = by_division(each, [7, 8], suppress=False).groups
        assert [group.calls for group in groups] == [2, 1]


@pytest.mark.parametrize(
    ("group_of", "groups", "fault"),
    [
        ([0.9, 0.9, 0.9], ["a"], "whole numbers"),
        (np.full(3, math.nan), ["a"], "whole numbers"),
        ([0, 1, 0], ["a", "a"], "name one twice"),
    ],
)
def test_groups_of_calls_are_whole_and_named_once(
    group_of: Any, groups: list[str], fault: str
) -> None:
    """0.9 fell into the first group; of a division named twice the first had no calls."""
    with pytest.raises(InputError, match=fault):
        equity_of(CallOutcomes(**COLUMNS), group_of, groups, suppress=False)
    with pytest.raises(InputError, match="name one twice"):
        by_division(CallOutcomes(**COLUMNS), [7, 7], suppress=False)


def test_own_weights_follow_their_tracts(agency: Agency) -> None:
    """A column indexed by geoid is brought into order; another order is refused, not guessed."""
    assert agency.demand is not None
    tracts = load_tracts(agency.demand)
    geoids = [tract.geoid for tract in tracts]
    weights = np.arange(1.0, len(tracts) + 1)
    expected = (weights / weights.sum()).tolist()
    shuffled = pd.Series(weights, index=geoids).sample(frac=1.0, random_state=1)
    assert shuffled.index.tolist() != geoids
    for given in (weights, weights.tolist(), pd.Series(weights), shuffled):
        assert own_weights(tracts, loose(given)).tolist() == weights.tolist()
        found = tract_places(agency, demand=loose(given)).weights["demand"]
        assert found.tolist() == pytest.approx(expected)
    places = agency_stream(agency, start=MONDAY, seed=1, count=1, per_day=1.0, weigh_by=shuffled)
    kept = places.places.weights  # type: ignore[attr-defined]
    assert kept[np.flatnonzero(kept)[-1]] == kept.max()
    for index in (range(1, len(tracts) + 1), range(len(tracts))[::-1]):
        with pytest.raises(InputError, match="index of the weights is neither"):
            tract_places(agency, demand=loose(pd.Series(weights, index=index)))


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"replications": 0}, "replications 0"),
        ({"replications": 1}, "replications 1"),
        ({"calls": 0}, "calls 0"),
        ({"calls": 5}, "calls 5"),
    ],
)
def test_theory_is_held_against_some_calls(given: dict[str, int], fault: str) -> None:
    """One replication agrees with everything, and no calls ended in an IndexError."""
    with pytest.raises(InputError, match=f"{fault} must be a whole number of at least"):
        next(validate(**given))


def test_a_page_is_written_to_any_path(tmp_path: Path) -> None:
    """Words are a path, too."""
    path = tmp_path / "folder" / "page.html"
    write_page(str(path), title="T", lead=[], figures="", sections=[])
    assert "<title>T</title>" in path.read_text(encoding="utf-8")
