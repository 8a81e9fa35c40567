"""Further teams at centres of tracts: whose they are, what they add, and what is said of it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.errors import InputError
from unarmed_router.model.team import Team
from unarmed_router.research import placement
from unarmed_router.research.coverage_results import measure_coverage
from unarmed_router.research.expected_coverage import expected_coverage
from unarmed_router.research.placement import Placement, placed_teams
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.shipped_scenarios import scenario_path
from unarmed_router.research.site_choice import SiteChoice
from unarmed_router.research.weighed_places import tract_places

POPULATION = {"population": 1.0}


def test_a_further_team_is_of_the_provider_that_serves_its_tract(agency: Agency) -> None:
    """It adds cover for that provider's divisions alone; beside it nothing adds more."""
    policy = agency.world.policy
    teams = [state.team for state in agency.roster.snapshot().teams]
    placement = placed_teams(
        agency, policy, teams, program="UMCR", count=1, busy=0.3, demand=POPULATION
    )
    [team] = placement.teams
    place = agency.divisions.locate(lon=team.home_lon, lat=team.home_lat).division
    assert place is not None
    program = policy.programs[policy.order["UMCR"]]
    assert team.provider == program.provider_of[place.number]
    assert (team.team_id, team.program) == ("further-1", "UMCR")

    places, reach = tract_places(agency, demand=POPULATION), RoadReach(agency.speeds)
    limit_ms = (program.response_target_s - policy.screening.turnout_s) * 1000

    def covers(lon: float, lat: float, provider: str) -> list[bool]:
        home = agency.roads.snap_many(lons=[lon], lats=[lat])
        ms = reach.to_places(home, places.points, hour=12)[0].tolist()
        return [
            0 <= each <= limit_ms and program.provider_of.get(number) == provider
            for each, number in zip(ms, places.division.tolist(), strict=True)
        ]

    demand = places.weights["demand"]
    there = [covers(each.home_lon, each.home_lat, each.provider) for each in teams]
    found = expected_coverage(
        [*there, covers(team.home_lon, team.home_lat, team.provider)], demand, 0.3
    )
    assert found is not None
    for row in range(0, len(places.ids), 60):  # some of a thousand tracts
        provider = program.provider_of.get(int(places.division[row]))
        if provider is not None:
            other = covers(float(places.lon[row]), float(places.lat[row]), provider)
            beside = expected_coverage([*there, other], demand, 0.3)
            assert beside is not None
            assert beside <= found + 1e-12


def test_without_a_served_tract_nobody_can_be_placed(agency: Agency) -> None:
    """A program that serves nowhere has no place for a team."""
    policy = agency.world.policy
    nowhere = replace(policy.programs[0], providers=())
    with pytest.raises(InputError, match="no tract that UMCR serves lies beside a road"):
        placed_teams(
            agency,
            replace(policy, programs=(nowhere, *policy.programs[1:])),
            [],
            program="UMCR",
            count=1,
            busy=0.3,
            demand=POPULATION,
        )


def test_the_standard_decides_where_and_taken_ids_are_left_out(agency: Agency) -> None:
    """A team for ten minutes waits elsewhere than one for thirty; there is one of each name."""
    policy = agency.world.policy
    teams = [state.team for state in agency.roster.snapshot().teams]
    asked: dict[str, Any] = {"program": "UMCR", "count": 1, "busy": 0.3, "demand": POPULATION}
    [soon] = placed_teams(agency, policy, teams, within_s=600.0, **asked).teams
    [late] = placed_teams(agency, policy, teams, within_s=1800.0, **asked).teams
    assert (soon.home_lon, soon.home_lat) != (late.home_lon, late.home_lat)
    [again] = placed_teams(agency, policy, [*teams, late], within_s=1800.0, **asked).teams
    assert again.team_id == "further-2"
    turnout_s = policy.screening.turnout_s
    with pytest.raises(InputError, match="leave no time to travel: turnout alone takes"):
        placed_teams(agency, policy, teams, within_s=turnout_s - 1.0, **asked)


def test_teams_of_other_programs_are_no_cover(agency: Agency) -> None:
    """As if they were not there."""
    policy = agency.world.policy
    teams = [state.team for state in agency.roster.snapshot().teams]
    asked: dict[str, Any] = {
        "program": "UMCR",
        "count": 2,
        "busy": 0.3,
        "demand": POPULATION,
        "within_s": 900.0,
    }
    others = [replace(team, program="OTHER") for team in teams]
    among_others, alone, beside = (
        placed_teams(agency, policy, each, **asked).teams for each in (others, [], teams)
    )
    assert among_others == alone
    assert alone != beside


def test_a_scenario_with_one_more_has_the_same_ones_before() -> None:
    """The first two of three further teams are the two of two; the roster's come first."""
    path = scenario_path("six_divisions")
    two, three = (load_scenario(path, teams={"further": count}) for count in (2, 3))
    assert three.states[:8] == two.states
    assert [state.team.team_id for state in three.states[6:]] == [
        "further-1",
        "further-2",
        "further-3",
    ]
    assert two.document.teams.further == 2


def soon(count: int, **teams: object) -> Placement:
    """Place teams for ten minutes beside those of the shipped scenario."""
    asked = {"further": count, "further_within_s": 600, **teams}
    prepared = load_scenario(scenario_path("six_divisions"), teams=asked)
    assert prepared.placement is not None
    assert [state.team for state in prepared.states[-count:]] == list(prepared.placement.teams)
    return prepared.placement


def test_together_eight_teams_cover_more_than_one_by_one() -> None:
    """Both within the bound, which the better ones all but reach; the sentences say so."""
    one_by_one, together = soon(8), soon(8, further_placed="together")
    assert (one_by_one.together, together.together) == (False, True)
    assert len(together.teams) == len({team.team_id for team in together.teams}) == 8
    before, greedy, best = one_by_one.expected_before, one_by_one.expected, together.expected
    most = one_by_one.expected_at_most
    assert most == pytest.approx(together.expected_at_most, rel=1e-12)
    assert before is not None
    assert greedy is not None
    assert best is not None
    assert most is not None
    assert before < greedy < best < most + 1e-12  # sums taken in two orders
    assert most < best + 1e-4
    assert (
        f"{100 * before:.1f} % without 8 further teams, {100 * greedy:.1f} % with, each where it"
        in (one_by_one.sentence)
    )
    assert one_by_one.sentence.endswith("No choice of as many tracts has 0.3 points more.")
    assert together.sentence.endswith(
        "with, the best set that was found. No choice of as many tracts has 0.1 points more."
    )


@pytest.mark.parametrize(
    ("gap", "told"), [(0.0, "0.1"), (0.0999, "0.1"), (0.25, "0.3"), (2.01, "2.1")]
)
def test_what_no_choice_adds_is_rounded_up(gap: float, told: str) -> None:
    """A choice may come close to what is said, and never reach it."""
    placement = one_tract()
    object.__setattr__(placement, "expected_at_most", 0.5 + gap / 100)
    assert placement.sentence == (
        "Expected coverage within 10 min of receipt, before any call is played: 0.0 % without the "
        "further team, 50.0 % with, where it adds the most. No choice of as many tracts has "
        f"{told} points more."
    )


def test_teams_that_are_never_busy_cover_what_they_reach() -> None:
    """Expected coverage is then the share of `coverage`: of all calls, also far from any road."""
    asked = {"further": 1, "further_within_s": 600}
    prepared = load_scenario(scenario_path("six_divisions"), run={"busy_share": 1e-12}, teams=asked)
    assert prepared.placement is not None
    found = measure_coverage(prepared.agency, hours=[12], minutes=[10.0], scenario=prepared)
    assert set(found.whole.places.off_road) & set(
        np.array(found.whole.places.ids)[found.whole.counted].tolist()
    )
    reached = found.whole.share("demand", hour=12, minutes=10.0)
    assert prepared.placement.expected == pytest.approx(reached)


def test_a_bound_holds_what_is_covered_to_the_last_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums in other orders differ by a rounding."""
    monkeypatch.setattr(placement, "expected_at_most", lambda *_: math.nextafter(0.5, 0))
    placed = one_tract()
    assert placed.expected_at_most == placed.expected == 0.5
    assert placed.sentence.endswith("No choice of as many tracts has 0.1 points more.")


def one_tract() -> Placement:
    """Place a team, busy half of the time, where it covers everything there is."""
    team = Team(team_id="T", provider="p", program="UMCR", home_lon=1.0, home_lat=1.0)
    cover = SiteChoice([[1.0]], [1.0], [0], limit_ms=5.0, busy=0.5).cover
    return Placement(teams=(team,), cover=cover, sites=(0,), within_s=600.0, together=False)


def test_a_placement_is_told_as_json_has_it() -> None:
    """Figures by name, of the number of teams that was asked for."""
    placement = soon(2)
    assert placement.to_dict() == {
        "together": False,
        "within_s": 600.0,
        "teams": 2,
        "expected_coverage_before": placement.expected_before,
        "expected_coverage": placement.expected,
        "expected_coverage_at_most": placement.expected_at_most,
    }
