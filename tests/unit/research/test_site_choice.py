"""What further teams are chosen from: who is reached, and what cover is expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from tests.unit.research.towns import Town, towns
from unarmed_router.errors import InputError
from unarmed_router.research.expected_coverage import expected_coverage
from unarmed_router.research.further_teams import most_helpful
from unarmed_router.research.site_choice import SiteChoice


@given(town=towns())
def test_expected_coverage_is_that_of_the_teams_one_by_one(town: Town) -> None:
    """With the teams there are and those at any sites, a site named twice among them."""
    cover = town.choice.cover
    for sites in ([], [0], [0, 0, len(town.sites) - 1]):
        there = [*town.teams, *(town.sites[k] for k in sites)]
        near = np.array(there, bool).reshape(-1, len(town.demand))
        expected = expected_coverage(near, town.demand, town.busy)
        assert cover.expected(sites) == pytest.approx(expected)


def test_the_limit_itself_is_in_time() -> None:
    """A place just at it is covered, one a millisecond beyond is not."""
    choice = SiteChoice([[6.0, 6.0], [5.0, 6.0]], [1.0, 1.0], [0, 0], limit_ms=5.0, busy=0.3)
    assert choice.cover.near.tolist() == [[False, False], [True, False]]
    assert most_helpful(choice, 1) == [1]


def test_of_no_demand_no_share_is_covered() -> None:
    """Undefined, never 0."""
    assert SiteChoice([[1.0]], [0.0], [1], limit_ms=5.0, busy=0.3).cover.expected([0]) is None


@pytest.mark.parametrize(
    ("given_to", "fault"),
    [
        ({"travel_ms": [[1.0]], "demand": [1.0, 2.0]}, "travel_ms has shape"),
        ({"travel_ms": []}, "travel_ms has shape"),
        ({"covered": [0]}, "travel_ms has shape"),
        ({"busy": 1.0}, "busy 1.0 must be a share of time below 1"),
        ({"busy": float("nan")}, "busy nan must be"),
        ({"busy": [0.1, -0.1]}, "busy -0.1 must be"),
        ({"demand": [-1.0, 1.0]}, "demand must be finite and at least 0"),
        ({"demand": [float("inf"), 1.0]}, "demand must be finite and at least 0"),
        ({"covered": [0, -1]}, "covered at least 0"),
    ],
)
def test_what_makes_no_sense_is_refused(given_to: dict[str, Any], fault: str) -> None:
    """By name, before anything is placed."""
    good: dict[str, Any] = {
        "travel_ms": [[1.0, np.inf]],
        "demand": [1.0, 2.0],
        "covered": [0, 0],
        "busy": 0.3,
    }
    travel_ms, demand, covered, busy = {**good, **given_to}.values()
    with pytest.raises(InputError, match=fault):
        SiteChoice(travel_ms, demand, covered, limit_ms=5.0, busy=busy)
