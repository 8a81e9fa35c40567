"""Where further teams are placed: each where expected coverage rises the most."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.agency.folder import Agency
from unarmed_router.errors import InputError
from unarmed_router.research.expected_coverage import expected_coverage
from unarmed_router.research.further_teams import most_helpful, placed_teams
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.shipped_scenarios import scenario_path
from unarmed_router.research.weighed_places import tract_places

POPULATION = {"population": 1.0}


def rows(count: int, places: int) -> st.SearchStrategy[list[list[bool]]]:
    """Draw who reaches what."""
    row = st.lists(st.booleans(), min_size=places, max_size=places)
    return st.lists(row, min_size=count, max_size=count)


@st.composite
def towns(draw: st.DrawFn) -> tuple[Any, Any, Any, float, int]:
    """Draw sites, teams there are, whole weights, a busy share and how many to place."""
    places = draw(st.integers(1, 5))
    sites = draw(st.integers(1, 5).flatmap(lambda k: rows(k, places)))
    teams = draw(st.integers(0, 3).flatmap(lambda k: rows(k, places)))
    demand = draw(st.lists(st.integers(1, 9), min_size=places, max_size=places))
    return sites, teams, demand, draw(st.sampled_from((0.0, 0.25, 0.5))), draw(st.integers(1, 3))


@given(town=towns())
def test_each_team_is_the_best_next_one(town: tuple[Any, Any, Any, float, int]) -> None:
    """Of all sites tried one by one, none covers more than the one chosen; of equal ones, first."""
    sites, teams, demand, busy, count = town
    covered = np.array(teams, bool).reshape(-1, len(demand)).sum(axis=0)
    chosen = most_helpful(sites, demand, covered, busy=busy, count=count)
    there = [list(team) for team in teams]
    for site in chosen:
        tried = [expected_coverage([*there, each], demand, busy) for each in sites]
        known = [value for value in tried if value is not None]
        assert known[site] == pytest.approx(max(known), abs=1e-12)
        assert all(value < max(known) - 1e-9 for value in known[:site])
        there.append(sites[site])
    assert len(chosen) == count


@pytest.mark.parametrize(
    ("given_to", "fault"),
    [
        ({"near": [[True]], "demand": [1.0, 2.0]}, "near has shape"),
        ({"near": []}, "near has shape"),
        ({"busy": 1.0}, "busy 1.0 must be a share of time below 1"),
        ({"busy": float("nan")}, "busy nan must be"),
        ({"demand": [-1.0, 1.0]}, "demand must be finite and at least 0"),
        ({"demand": [float("inf"), 1.0]}, "demand must be finite and at least 0"),
        ({"covered": [0, -1]}, "covered at least 0"),
    ],
)
def test_what_makes_no_sense_is_refused(given_to: dict[str, Any], fault: str) -> None:
    """By name, before anything is placed."""
    good = {"near": [[True, False]], "demand": [1.0, 2.0], "covered": [0, 0], "busy": 0.3}
    near, demand, covered, busy = {**good, **given_to}.values()
    with pytest.raises(InputError, match=fault):
        most_helpful(near, demand, covered, busy=busy, count=1)


def test_a_further_team_is_of_the_provider_that_serves_its_tract(agency: Agency) -> None:
    """It adds cover for that provider's divisions alone; beside it nothing adds more."""
    policy = agency.world.policy
    teams = [state.team for state in agency.roster.snapshot().teams]
    [team] = placed_teams(
        agency, policy, teams, program="UMCR", count=1, busy=0.3, demand=POPULATION
    )
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
