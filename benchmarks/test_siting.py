"""Placing 40 further teams over a whole city: one by one, together, and the bound of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from unarmed_router import Router
from unarmed_router.research.further_teams import most_helpful
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.site_choice import SiteChoice
from unarmed_router.research.siting import best_together, expected_at_most
from unarmed_router.research.weighed_places import tract_places

COUNT = 40
LIMIT_MS = 510_000.0


@pytest.fixture(scope="module")
def choice(router: Router) -> SiteChoice:
    """Let a team wait at any tract and go to every tract, beside the teams of the roster."""
    agency = router.agency
    places, reach = tract_places(agency), RoadReach(agency.speeds)
    teams = [state.team for state in router.roster.snapshot().teams]
    homes = agency.roads.snap_many(
        lons=[team.home_lon for team in teams], lats=[team.home_lat for team in teams]
    )
    there = reach.to_places(homes, places.points, hour=12)
    ways = reach.to_places(places.points, places.points, hour=12)
    return SiteChoice(
        np.where(ways >= 0, ways, np.inf),
        places.weights["demand"],
        ((there >= 0) & (there <= LIMIT_MS)).sum(axis=0),
        limit_ms=LIMIT_MS,
        busy=0.15,
    )


@pytest.mark.benchmark(group="siting")
@pytest.mark.parametrize("how", ["one_by_one", "together", "bound"])
def test_siting(benchmark: Any, choice: SiteChoice, how: str) -> None:
    """40 further teams among all tracts of the embedded city, within 8.5 minutes of travel."""

    def run() -> float | None:
        if how == "bound":
            return expected_at_most(choice.cover, COUNT)
        place = most_helpful if how == "one_by_one" else best_together
        return choice.cover.expected(place(choice, COUNT))

    found = benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    before = choice.cover.expected()
    assert found is not None
    assert before is not None
    assert before + 0.1 < found < 1.0
