"""Which places free teams reach: of those on duty, under the policy of the moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.fleet.roster import Roster
from unarmed_router.model.policy import Policy
from unarmed_router.model.shift import Shift
from unarmed_router.model.team import TeamState, TeamStatus
from unarmed_router.research.expansion import serving
from unarmed_router.research.free_teams import FreeTeamReach
from unarmed_router.research.weighed_places import tract_places
from unarmed_router.router import Router

MONDAY = datetime(2026, 1, 5, 20, tzinfo=UTC)  # noon in Los Angeles
TARGET_S = 1800.0


def reach_of(
    agency: Agency, states: list[TeamState], *, target_s: float = TARGET_S
) -> FreeTeamReach:
    """Let the reach see these teams alone."""
    roster = Roster(states, roads=agency.roads, fix_roads=agency.roads, clock=lambda: MONDAY)
    router = Router(replace(agency, roster=roster), clock=lambda: MONDAY)
    return FreeTeamReach(router, lambda: roster, tract_places(agency), target_s=target_s)


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


def test_a_team_that_turns_out_slowly_reaches_less(agency: Agency, states: list[TeamState]) -> None:
    """What it takes longer than the policy's turnout is not left for the way."""
    first, turnout_s = states[0], agency.world.policy.screening.turnout_s
    slow = replace(first, team=replace(first.team, turnout_s=turnout_s + 1200))
    found = reach_of(agency, [slow]).of_free_teams(MONDAY)
    sooner = reach_of(agency, [first], target_s=TARGET_S - 1200).of_free_teams(MONDAY)
    usual = reach_of(agency, [first]).of_free_teams(MONDAY)
    team_id = first.team.team_id
    assert found == sooner
    assert 0 < len(found[team_id]) < len(usual[team_id])
    same = replace(first, team=replace(first.team, turnout_s=turnout_s))
    assert reach_of(agency, [same]).of_free_teams(MONDAY) == usual


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


def test_a_provider_covers_in_its_own_hours_only(agency: Agency, states: list[TeamState]) -> None:
    """Asked at night first, and then at noon: what was kept of the night is not the day's."""
    first = states[0].team
    day = Shift(days=tuple(range(7)), start=time(8), end=time(16))
    policy = in_hours(agency.world.policy, first.provider, day)
    city = replace(agency, world=replace(agency.world, policy=policy))
    always = reach_of(agency, states).of_free_teams(MONDAY)
    found = reach_of(city, states)
    night = found.of_free_teams(datetime(2026, 1, 5, 11, tzinfo=UTC))
    assert not night[first.team_id]
    assert found.of_free_teams(MONDAY) == always


def in_hours(policy: Policy, provider: str, hours: Shift) -> Policy:
    """Let a provider serve in some hours only."""
    programs = tuple(
        replace(
            program,
            providers=tuple(
                replace(each, hours=(hours,)) if each.provider_id == provider else each
                for each in program.providers
            ),
        )
        for program in policy.programs
    )
    return replace(policy, programs=programs)
