"""Which places free teams reach: of those on duty, under the policy of the moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.fleet.roster import Roster
from unarmed_router.model.team import TeamState, TeamStatus
from unarmed_router.research.expansion import serving
from unarmed_router.research.free_teams import FreeTeamReach
from unarmed_router.research.weighed_places import tract_places
from unarmed_router.router import Router

MONDAY = datetime(2026, 1, 5, 20, tzinfo=UTC)  # noon in Los Angeles
TARGET_S = 1800.0


def reach_of(agency: Agency, states: list[TeamState]) -> FreeTeamReach:
    """Let the reach see these teams alone."""
    roster = Roster(states, roads=agency.roads, fix_roads=agency.roads, clock=lambda: MONDAY)
    router = Router(replace(agency, roster=roster), clock=lambda: MONDAY)
    return FreeTeamReach(router, lambda: roster, tract_places(agency), target_s=TARGET_S)


@pytest.fixture(scope="module")
def states(agency: Agency) -> list[TeamState]:
    """Make all teams of the embedded city available."""
    teams = agency.roster.snapshot().teams
    return [TeamState(team=state.team, status=TeamStatus.AVAILABLE) for state in teams]


def test_a_team_off_shift_reaches_nothing(agency: Agency, states: list[TeamState]) -> None:
    """Available but without a shift now it covers nothing; the others stay as they were."""
    every = reach_of(agency, states).of_free_teams(MONDAY)
    gone = replace(states[0], team=replace(states[0].team, shifts=()))
    assert states[0].team.team_id in every
    found = reach_of(agency, [gone, *states[1:]]).of_free_teams(MONDAY)
    assert found == {each: every[each] for each in every if each != gone.team.team_id}


def test_another_policy_has_places_of_its_own(agency: Agency, states: list[TeamState]) -> None:
    """A policy that serves less narrows what a team reaches, and what was kept is told apart."""
    policy = agency.world.policy
    team = states[0].team
    [program] = [each for each in policy.programs if each.program_id == team.program]
    mine = sorted(n for n, provider in program.provider_of.items() if provider == team.provider)
    found = reach_of(agency, states[:1])
    before = found._serves(states[0], policy)
    others = serving(policy, team.program, set(program.provider_of) - {mine[0]}, provider="x")
    after = found._serves(states[0], others)
    assert before.sum() > after.sum()
    assert (found._serves(states[0], policy) == before).all()
