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
    """Of all sites tried one by one, none covers more; of those that cover as much, the nearest."""
    sites, teams, demand, busy, count = town
    covered = np.array(teams, bool).reshape(-1, len(demand)).sum(axis=0)
    # Later sites are nearer, so that of equal ones the first is not the best.
    travel = [
        [100.0 - 7 * k + p if near else 901.0 for p, near in enumerate(row)]
        for k, row in enumerate(sites)
    ]
    options: dict[str, float] = {"limit_ms": 900.0, "busy": busy}
    gains = any(any(row) for row in sites) and (busy > 0.0 or _uncovered(sites, covered))
    if not gains:
        with pytest.raises(InputError, match="no place where a further team adds cover"):
            most_helpful(travel, demand, covered, count=1, **options)
        return
    there = [list(team) for team in teams]
    for number in range(1, count + 1):
        try:
            site = most_helpful(travel, demand, covered, count=number, **options)[-1]
        except InputError:
            assert busy == 0.0  # everything is covered already
            break
        tried = [expected_coverage([*there, each], demand, busy) for each in sites]
        known = [value for value in tried if value is not None]
        equal = [
            k for k, value in enumerate(known) if value == pytest.approx(max(known), abs=1e-12)
        ]
        assert site in equal
        cost = [_cost(travel[k], sites[k], there, demand, busy) for k in equal]
        assert cost[equal.index(site)] == pytest.approx(min(cost))
        there.append(sites[site])


def _uncovered(sites: Any, covered: Any) -> bool:
    """Tell whether some site reaches a place that no team does."""
    return any(
        near and not teams for row in sites for near, teams in zip(row, covered, strict=True)
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
        ({"travel_ms": [[1.0]], "demand": [1.0, 2.0]}, "travel_ms has shape"),
        ({"travel_ms": []}, "travel_ms has shape"),
        ({"busy": 1.0}, "busy 1.0 must be a share of time below 1"),
        ({"busy": float("nan")}, "busy nan must be"),
        ({"demand": [-1.0, 1.0]}, "demand must be finite and at least 0"),
        ({"demand": [float("inf"), 1.0]}, "demand must be finite and at least 0"),
        ({"covered": [0, -1]}, "covered at least 0"),
        ({"limit_ms": -1.0}, "no place where a further team adds cover within -0.0 minutes"),
        ({"demand": [0.0, 0.0]}, "no place where a further team adds cover"),
    ],
)
def test_what_makes_no_sense_is_refused(given_to: dict[str, Any], fault: str) -> None:
    """By name, before anything is placed."""
    good: dict[str, Any] = {
        "travel_ms": [[1.0, np.inf]],
        "demand": [1.0, 2.0],
        "covered": [0, 0],
        "limit_ms": 5.0,
        "busy": 0.3,
    }
    travel_ms, demand, covered, limit_ms, busy = {**good, **given_to}.values()
    with pytest.raises(InputError, match=fault):
        most_helpful(travel_ms, demand, covered, limit_ms=limit_ms, busy=busy, count=1)


def test_the_limit_itself_is_in_time() -> None:
    """A place just at it is covered, one a millisecond beyond is not."""
    found = most_helpful(
        [[6.0, 6.0], [5.0, 6.0]], [1.0, 1.0], [0, 0], limit_ms=5.0, busy=0.3, count=1
    )
    assert found == [1]


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


def test_the_standard_decides_where_and_taken_ids_are_left_out(agency: Agency) -> None:
    """A team for ten minutes waits elsewhere than one for thirty; there is one of each name."""
    policy = agency.world.policy
    teams = [state.team for state in agency.roster.snapshot().teams]
    asked: dict[str, Any] = {"program": "UMCR", "count": 1, "busy": 0.3, "demand": POPULATION}
    [soon] = placed_teams(agency, policy, teams, within_s=600.0, **asked)
    [late] = placed_teams(agency, policy, teams, within_s=1800.0, **asked)
    assert (soon.home_lon, soon.home_lat) != (late.home_lon, late.home_lat)
    [again] = placed_teams(agency, policy, [*teams, late], within_s=1800.0, **asked)
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
    assert placed_teams(agency, policy, others, **asked) == placed_teams(
        agency, policy, [], **asked
    )
    assert placed_teams(agency, policy, teams, **asked) != placed_teams(agency, policy, [], **asked)


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
