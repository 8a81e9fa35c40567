"""Mutual aid, naively: helpers are taken for teams of the provider they help, and decided again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from tests.oracles.decide import decide_naively
from unarmed_router.dispatch.ports import World
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision
from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.policy import Policy
from unarmed_router.model.reasons import ExclusionReason
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.team import TeamState

__all__ = ["decide_with_help"]

TOO_FAR = {ExclusionReason.UNREACHABLE, ExclusionReason.BEYOND_LIMIT}


def decide_with_help(
    call: Call, at: datetime, roster: RosterSnapshot, world: World
) -> Decision | None:
    """Decide a call among those who may help; None where nobody may.

    Parameters
    ----------
    call, at, roster
        As `decide_naively` takes them.
    world : World
        Its policy has the providers that serve now, and no other.
    """
    aid, place = world.policy.mutual_aid, world.divisions.locate(lon=call.lon, lat=call.lat)
    if aid is None or place.division is None:
        return None
    helpers = []
    for state in roster.teams:
        helped = _helped(state, world.policy, place.division.number, aid)
        if helped is not None:
            helpers.append((state, replace(state, team=replace(state.team, provider=helped))))
    bare = replace(call, needs=(), excludes=())
    able = _able(
        decide_naively(bare, at, RosterSnapshot(tuple(as_if for _, as_if in helpers)), world)
    )
    at_home = Counter(state.team.provider for state, _ in helpers if state.team.team_id in able)
    spared = [as_if for state, as_if in helpers if at_home[state.team.provider] > aid.keep_home]
    near = replace(world, policy=_with_limit(world.policy, aid.max_response_s))
    return decide_naively(call, at, RosterSnapshot(tuple(spared)), near)


def _helped(state: TeamState, policy: Policy, number: int, aid: MutualAid) -> str | None:
    """Name the provider a team may help in a division: that of its own program there."""
    for program in policy.programs:
        if program.program_id == state.team.program:
            serving = {provider.provider_id for provider in program.providers}
            here = [p.provider_id for p in program.providers if number in p.divisions]
            if state.team.provider in serving and here and here[0] != state.team.provider:
                return here[0] if here[0] in aid.helps.get(state.team.provider, ()) else None
    return None


def _able(decision: Decision) -> set[str]:
    """Name the teams that could go to some call: those that go, and those that are only too far."""
    far = {each.team_id for each in decision.exclusions if each.reason in TOO_FAR}
    return far | {each.team_id for each in decision.candidates}


def _with_limit(policy: Policy, limit_s: int) -> Policy:
    """Let no team be sent that arrives later, whatever its program says."""
    programs = []
    for program in policy.programs:
        own_s = program.max_response_s
        own_s = policy.screening.max_response_s if own_s is None else own_s
        programs.append(replace(program, max_response_s=min(own_s, limit_s)))
    return replace(policy, programs=tuple(programs))
