"""Further teams one by one: each where expected coverage rises the most."""

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
def test_each_team_is_the_best_next_one(town: Town) -> None:
    """Of all sites tried one by one, none covers more; of those that cover as much, the nearest."""
    demand, busy = town.demand, town.busy
    if not any(any(row) for row in town.sites) or not (busy > 0.0 or _uncovered(town)):
        with pytest.raises(InputError, match="no place where a further team adds cover"):
            most_helpful(town.choice, 1)
        return
    there = [list(team) for team in town.teams]
    for number in range(1, town.count + 1):
        try:
            site = most_helpful(town.choice, number)[-1]
        except InputError:
            assert busy == 0.0  # everything is covered already
            break
        tried = [expected_coverage([*there, each], demand, busy) for each in town.sites]
        known = [value for value in tried if value is not None]
        equal = [
            k for k, value in enumerate(known) if value == pytest.approx(max(known), abs=1e-12)
        ]
        assert site in equal
        cost = [_cost(town.travel[k], town.sites[k], there, demand, busy) for k in equal]
        assert cost[equal.index(site)] == pytest.approx(min(cost))
        there.append(town.sites[site])


def _uncovered(town: Town) -> bool:
    """Tell whether some site reaches a place that no team does."""
    covered = np.array(town.teams, bool).reshape(-1, len(town.demand)).sum(axis=0)
    return any(
        near and not teams for row in town.sites for near, teams in zip(row, covered, strict=True)
    )


def _cost(travel: Any, near: Any, there: Any, demand: Any, busy: float) -> float:
    """Weigh the way to each place by what a team there would add to it."""
    counts = [sum(team[p] for team in there) for p in range(len(demand))]
    return float(
        sum(
            ms * weight * (1 - busy) * busy**count
            for ms, reached, weight, count in zip(travel, near, demand, counts, strict=True)
            if reached
        )
    )


@pytest.mark.parametrize(
    ("given_to", "fault"),
    [
        ({"limit_ms": -1.0}, "no place where a further team adds cover within -0.0 minutes"),
        ({"demand": [0.0, 0.0]}, "no place where a further team adds cover"),
    ],
)
def test_where_nothing_can_be_added_nobody_is_placed(given_to: dict[str, Any], fault: str) -> None:
    """It is said by name."""
    good: dict[str, Any] = {"demand": [1.0, 2.0], "limit_ms": 5.0}
    demand, limit_ms = {**good, **given_to}.values()
    with pytest.raises(InputError, match=fault):
        most_helpful(SiteChoice([[1.0, 6.0]], demand, [0, 0], limit_ms=limit_ms, busy=0.3), 1)
