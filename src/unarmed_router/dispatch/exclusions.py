"""Why a team does not go, in words: the codes of the screen with the values that decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from unarmed_router.dispatch.duty import handover_minutes
from unarmed_router.kernels import screening as code
from unarmed_router.model.decision import Exclusion
from unarmed_router.model.reasons import ExclusionReason

if TYPE_CHECKING:
    from unarmed_router.dispatch.finding import Finding
    from unarmed_router.model.team import Team, TeamState

__all__ = ["exclusions"]

_REASONS = {
    code.OTHER_PROGRAM: ExclusionReason.OTHER_PROGRAM,
    code.OUTSIDE_AREA: ExclusionReason.OUTSIDE_AREA,
    code.STATUS_UNKNOWN: ExclusionReason.STATUS_UNKNOWN,
    code.NOT_AVAILABLE: ExclusionReason.NOT_AVAILABLE,
    code.OFF_SHIFT: ExclusionReason.OFF_SHIFT,
    code.MISSING_CAPABILITY: ExclusionReason.MISSING_CAPABILITY,
    code.POSITION_STALE: ExclusionReason.POSITION_STALE,
    code.NO_ROAD: ExclusionReason.NO_ROAD_NEARBY,
    code.UNREACHABLE: ExclusionReason.UNREACHABLE,
    code.BEYOND_LIMIT: ExclusionReason.BEYOND_LIMIT,
    code.NOT_CONSIDERED: ExclusionReason.NOT_CONSIDERED,
    code.KEPT_HOME: ExclusionReason.KEPT_HOME,
}


def exclusions(finding: Finding) -> tuple[Exclusion, ...]:
    """Give every team that is not recommended its reason, in order of team id."""
    ranked = finding.ranked()
    rank_of = {team: rank for rank, team in enumerate(ranked, start=1)}
    waited = finding.waited_ms()
    listed = []
    for team, (state, bits) in enumerate(zip(finding.states, finding.codes(), strict=True)):
        team_id, arrival_ms = state.team.team_id, finding.arrival_ms(team)
        rank = rank_of.get(team)
        if rank is None:
            reason = _REASONS[bits & code.CODE]
            detail = _detail(finding, state, bits, arrival_ms)
            reason, detail = _finer(finding, finding.teams[team], reason, detail)
            listed.append(Exclusion(team_id, reason, detail))
        elif rank > 1:
            detail = f"place {rank} of {len(ranked)}, response {waited + arrival_ms} ms"
            listed.append(Exclusion(team_id, ExclusionReason.RANKED_LOWER, detail))
    return tuple(listed)


def _finer(
    finding: Finding, team: Team, reason: ExclusionReason, detail: str
) -> tuple[ExclusionReason, str]:
    """Tell apart what is one code to the screen."""
    if reason is ExclusionReason.MISSING_CAPABILITY and team.team_id in finding.call.excludes:
        return ExclusionReason.EXCLUDED_BY_CALL, ""
    if reason is ExclusionReason.OFF_SHIFT and not team.shifts:
        return reason, "it has no shift any more"
    if reason is ExclusionReason.OFF_SHIFT and team.on_duty(finding.ground.hours.local(finding.at)):
        minutes = handover_minutes(finding.ground.policy.screening.handover_s)
        return ExclusionReason.SHIFT_ENDS, f"{detail}; its shift ends within {minutes} min"
    return reason, detail


def _detail(finding: Finding, state: TeamState, bits: int, arrival_ms: int) -> str:
    """Name the value that decided."""
    reason = bits & code.CODE
    if reason == code.NO_ROAD:
        return "home" if bits & code.AT_HOME else "AVL position"
    if reason == code.BEYOND_LIMIT:
        # The limit bounds what the team can change: the time from now until it arrives.
        policy = finding.ground.policy
        own = policy.programs[policy.order[state.team.program]].max_response_s
        limit_s = policy.screening.max_response_s if own is None else own
        if policy.mutual_aid is not None and finding.helps(state.team):
            aid_s = policy.mutual_aid.max_response_s  # asked first; the program's own holds, too
            limit_s = aid_s if arrival_ms > aid_s * 1000 else limit_s
        return f"{_above(arrival_ms / 1000, limit_s)} s from now, limit {limit_s} s"
    tell = _DETAILS.get(reason)
    return "" if tell is None else tell(finding, state)


def _area(finding: Finding, state: TeamState) -> str:
    team, division = state.team, finding.place().division
    policy, number = finding.ground.policy, "" if division is None else division.number
    # It may serve the division, but not the outlined area of it that the call is in.
    where = "this place in division" if policy.outlines else "division"
    # A provider with several times of day may serve other divisions meanwhile.
    now = " now" if (team.program, team.provider) in policy.resting else ""
    return f"{team.provider} does not serve {where} {number}{now}"


def _missing(finding: Finding, state: TeamState) -> str:
    return ", ".join(n for n in finding.call.needs if n not in state.team.capabilities)


def _age(finding: Finding, state: TeamState) -> str:
    limits = finding.ground.policy.screening
    fixed_at = finding.at if state.fix is None else state.fix.at
    seconds = (finding.at - fixed_at).total_seconds()
    if seconds > 0:
        limit_s = limits.max_fix_age_s
        return f"fix is {_above(seconds, limit_s)} s old, limit {limit_s} s"
    limit_s = limits.clock_skew_s
    return f"fix is {_above(-seconds, limit_s)} s in the future, limit {limit_s} s"


def _above(seconds: float, limit_s: int) -> int:
    """Round what is above a limit to whole seconds, so that it stays above in writing."""
    return max(round(seconds), limit_s + 1)


def _kept(finding: Finding, state: TeamState) -> str:
    aid = finding.ground.policy.mutual_aid
    return f"{state.team.provider} keeps {0 if aid is None else aid.keep_home} at home"


_DETAILS: Mapping[int, Callable[[Finding, TeamState], str]] = {
    code.OTHER_PROGRAM: lambda _, state: state.team.program,
    code.OUTSIDE_AREA: _area,
    code.NOT_AVAILABLE: lambda _, state: state.status.value,
    code.OFF_SHIFT: lambda finding, _: f"{finding.ground.hours.local(finding.at):%a %H:%M} local",
    code.MISSING_CAPABILITY: _missing,
    code.POSITION_STALE: _age,
    code.KEPT_HOME: _kept,
}
