"""The decision as a naive twin: one step after the other, one team after the other, in Python.

The twin of `route_call` and `route_calls`. It shares the rules of triage and the model with the
package, and nothing of what is compiled: screening, times, limits, ranking and the wording of every
reason are told here a second time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from tests.oracles.roster import roster_digest
from unarmed_router.dispatch.ports import World
from unarmed_router.dispatch.reading import read_call
from unarmed_router.dispatch.referral import refer_to
from unarmed_router.dispatch.triage import Triage, assess, judge, takes_judged
from unarmed_router.model.call import Call
from unarmed_router.model.canonical import digest_of
from unarmed_router.model.decision import (
    Basis,
    Candidate,
    Considered,
    Decision,
    Exclusion,
    Recommendation,
    Referral,
)
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.program import Program
from unarmed_router.model.reasons import ExclusionReason, Flag, ProgramVerdict, ReferralReason
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.screening import StaleFix
from unarmed_router.model.team import TeamState, TeamStatus

__all__ = ["decide_naively"]

_NEVER_IDLE = datetime.max.replace(tzinfo=UTC)


@dataclass
class _Fit:
    state: TeamState
    program: Program
    place: RoadPosition
    position: Literal["avl", "home"]
    stale: bool
    turnout_ms: int
    travel_ms: int = -1


def decide_naively(  # noqa: C901  # every step in one place is the point
    call: Call, at: datetime, roster: RosterSnapshot, world: World
) -> Decision:
    """Decide a call; every field written at once."""
    at = at.astimezone(UTC)
    place = world.divisions.locate(lon=call.lon, lat=call.lat)
    not_considered = [
        Exclusion(s.team.team_id, ExclusionReason.NOT_CONSIDERED) for s in roster.teams
    ]
    reading = read_call(call, world.policy)
    by_id = {state.team.team_id: state for state in roster.teams}
    shared = {
        "call_id": call.call_id,
        "call_type": call.call_type,
        "codes": call.codes,
        "facts": call.facts,
        "reading": reading,
        "needs": call.needs,
        "prefers": call.prefers,
        "ranking_rule": _rule(world),
        "received_at": call.received_at,
        "decided_at": at,
        "place": place,
        "area": None,
        "aid": None,
    }

    def flags(snap_m: float | None) -> list[Flag]:
        found = [Flag.NEAR_BORDER] if place.near_border else []
        if snap_m is not None and snap_m > world.long_access_m:
            found.append(Flag.LONG_ACCESS_LEG)
        if call.received_at > at:
            found.append(Flag.RECEIVED_IN_FUTURE)
        if not world.policy.in_force(world.hours.local(at).date()):
            found.append(Flag.POLICY_NOT_IN_FORCE)
        return found

    def refer(
        reason: ReferralReason,
        excluded: list[Exclusion],
        triage: Triage | None,
        snap_m: float | None = None,
    ) -> Referral:
        ruled = triage if triage is not None and triage.reason is not None else None
        name = ruled.target if ruled is not None and ruled.target is not None else None
        target = world.policy.targets[name or refer_to(reading, reason, world.policy)]
        timed = reason is ReferralReason.NO_TEAM_IN_TIME
        return Referral(
            **shared,  # type: ignore[arg-type]
            snap_m=snap_m,
            programs=_placed(triage, [], excluded, call, at, by_id)
            if triage is not None and reason is not ReferralReason.NO_ROAD_NEARBY
            else (() if triage is None else triage.considered),
            candidates=(),
            exclusions=tuple(sorted(excluded, key=lambda e: e.team_id)),
            flags=tuple(flags(snap_m)),
            basis=_basis(call, at, roster, world, timed=timed),
            reason=reason,
            detail=ruled.detail if ruled is not None else "",
            target=target.target_id,
            target_name=target.name,
            contact=target.contact,
            questions=ruled.questions if ruled is not None else (),
        )

    if place.division is None:
        return refer(ReferralReason.OUT_OF_JURISDICTION, not_considered, None)
    triage = assess(call, place.division.number, world.policy)
    if triage.reason is not None:
        return refer(triage.reason, not_considered, triage)
    fit, excluded = _screen(roster, call, place.division.number, world, at)
    goal = world.roads.snap(lon=call.lon, lat=call.lat)
    if goal is None:
        unused = [Exclusion(f.state.team.team_id, ExclusionReason.NOT_CONSIDERED) for f in fit]
        return refer(ReferralReason.NO_ROAD_NEARBY, excluded + unused, triage)
    if not fit:
        return refer(ReferralReason.NO_TEAM_AVAILABLE, excluded, triage)
    snap_m = round(goal.snap_m, 2)
    timed, too_far = _timed(fit, goal, at, world)
    if not timed:
        return refer(ReferralReason.NO_TEAM_IN_TIME, excluded + too_far, triage, snap_m)
    timed.sort(key=lambda f: _place(f, call, at, world))
    candidates = tuple(_candidate(f, call, at) for f in timed)
    lower = [
        Exclusion(
            c.team_id,
            ExclusionReason.RANKED_LOWER,
            f"place {rank} of {len(candidates)}, response {c.response_ms} ms",
        )
        for rank, c in enumerate(candidates[1:], start=2)
    ]
    chosen, best = timed[0], candidates[0]
    found = flags(snap_m)
    if chosen.stale:
        found.append(Flag.STALE_FIX_IGNORED)
    elif chosen.position == "home":
        found.append(Flag.TEAM_AT_HOME)
    if best.response_ms > chosen.program.response_target_s * 1000:
        found.append(Flag.BEYOND_TARGET)
    if len(timed) > 1:
        first, second = (_place(f, call, at, world)[:-2] for f in timed[:2])
        if first == second:
            found.append(Flag.DECIDED_BY_TIE_RULE)
    names = {p.provider_id: p.name for p in chosen.program.providers}
    return Recommendation(
        **shared,  # type: ignore[arg-type]
        snap_m=snap_m,
        programs=_placed(triage, timed, [*excluded, *too_far], call, at, by_id),
        candidates=candidates,
        exclusions=tuple(sorted([*excluded, *too_far, *lower], key=lambda e: e.team_id)),
        flags=tuple(found),
        basis=_basis(call, at, roster, world, timed=True),
        program_name=chosen.program.name,
        provider_name=names[best.provider],
    )


def _rule(world: World) -> str:
    rule = world.policy.arbitration
    text = "target met, " if rule.late_programs_yield else ""
    text += "program order, response time"
    if rule.preference_s:
        text += f" plus {rule.preference_s} s a missing preference"
    return text + ", missing preferences, longest idle, team id"


def _placed(
    triage: Triage, timed: list[_Fit], excluded: list[Exclusion], call: Call, at: datetime, s: Any
) -> tuple[Considered, ...]:
    """Give the programs that may take the call their places and reasons."""
    order: list[str] = []
    for fit in timed:
        if fit.program.program_id not in order:
            order.append(fit.program.program_id)
    order += [p.program_id for p in triage.eligible if p.program_id not in order]
    late = {ExclusionReason.UNREACHABLE, ExclusionReason.BEYOND_LIMIT}
    out = []
    for seen in triage.considered:
        if seen.verdict is not ProgramVerdict.ELIGIBLE:
            out.append(seen)
            continue
        own = [f for f in timed if f.program.program_id == seen.program]
        why = "none of its teams could go"
        reasons = {e.reason for e in excluded if s[e.team_id].team.program == seen.program}
        if own:
            ms = _waited_ms(call, at) + own[0].turnout_ms + own[0].travel_ms
            target = own[0].program.response_target_s
            met = "misses" if ms > target * 1000 else "meets"
            told = f"{ms / 1000:.1f}"
            if met == "misses" and told == f"{target}.0":
                told = f"{target}.1"
            why = f"{own[0].state.team.team_id} responds in {told} s, which {met} its "
            why += f"target of {target} s"
        elif reasons & late:
            why = "none of its available teams arrives in time"
        out.append(replace(seen, place=order.index(seen.program) + 1, because=why))
    return tuple(out)


def _place(fit: _Fit, call: Call, at: datetime, world: World) -> tuple[Any, ...]:
    rule = world.policy.arbitration
    arrival_ms = fit.turnout_ms + fit.travel_ms
    late = _waited_ms(call, at) + arrival_ms > fit.program.response_target_s * 1000
    missing = len(set(call.prefers) - set(fit.state.team.capabilities))
    return (
        late and rule.late_programs_yield,
        world.policy.order[fit.program.program_id],
        arrival_ms + 1000 * rule.preference_s * missing,
        missing,
        fit.state.idle_since or _NEVER_IDLE,
        fit.state.team.team_id,
    )


def _waited_ms(call: Call, at: datetime) -> int:
    return max(0, (at - call.received_at) // timedelta(milliseconds=1))


def _candidate(fit: _Fit, call: Call, at: datetime) -> Candidate:
    return Candidate(
        team_id=fit.state.team.team_id,
        provider=fit.state.team.provider,
        program=fit.program.program_id,
        travel_ms=fit.travel_ms,
        turnout_ms=fit.turnout_ms,
        response_ms=_waited_ms(call, at) + fit.turnout_ms + fit.travel_ms,
        position=fit.position,
        missing=tuple(w for w in call.prefers if w not in fit.state.team.capabilities),
    )


def _screen(
    roster: RosterSnapshot, call: Call, division: int, world: World, at: datetime
) -> tuple[list[_Fit], list[Exclusion]]:
    # A program without a provider here still takes the call: its teams are outside their area.
    judged = judge(read_call(call, world.policy), world.policy)
    taken = zip(world.policy.programs, takes_judged(judged, world.policy), strict=True)
    programs = {program.program_id: program for program, takes_it in taken if takes_it}
    fit, excluded = [], []
    for state in roster.teams:
        verdict = _judged(state, call, programs, division, world, at)
        if isinstance(verdict, _Fit):
            fit.append(verdict)
        else:
            excluded.append(Exclusion(state.team.team_id, *verdict))
    return fit, excluded


def _judged(  # noqa: C901, PLR0911  # one line a reason
    state: TeamState,
    call: Call,
    programs: dict[str, Program],
    division: int,
    world: World,
    at: datetime,
) -> _Fit | tuple[ExclusionReason, str]:
    team, limits, local = state.team, world.policy.screening, world.hours.local(at)
    program = programs.get(team.program)
    if program is None:
        return ExclusionReason.OTHER_PROGRAM, team.program
    if program.provider_of.get(division) != team.provider:
        detail = f"{team.provider} does not serve division {division}"
        return ExclusionReason.OUTSIDE_AREA, detail
    if state.status is TeamStatus.UNKNOWN:
        return ExclusionReason.STATUS_UNKNOWN, ""
    if state.status is not TeamStatus.AVAILABLE:
        return ExclusionReason.NOT_AVAILABLE, state.status.value
    if not team.on_duty(local):
        when = f"{local:%a %H:%M} local" if team.shifts else "it has no shift any more"
        return ExclusionReason.OFF_SHIFT, when
    minutes = -(-limits.handover_s // 60)
    for passed in range(1, minutes):
        later = world.hours.local(at.replace(second=0, microsecond=0) + timedelta(minutes=passed))
        if not team.on_duty(later):
            detail = f"{local:%a %H:%M} local; its shift ends within {minutes} min"
            return ExclusionReason.SHIFT_ENDS, detail
    if team.team_id in call.excludes:
        return ExclusionReason.EXCLUDED_BY_CALL, ""
    missing = [need for need in call.needs if need not in team.capabilities]
    if missing:
        return ExclusionReason.MISSING_CAPABILITY, ", ".join(missing)
    stale = False
    if state.fix is not None:
        age_s = (at - state.fix.at).total_seconds()
        stale = age_s > limits.max_fix_age_s or -age_s > limits.clock_skew_s
        if stale and limits.stale_fix is StaleFix.EXCLUDE:
            old = f"fix is {_more(age_s, limits.max_fix_age_s)} s old, limit "
            old += f"{limits.max_fix_age_s} s"
            early = f"fix is {_more(-age_s, limits.clock_skew_s)} s in the future, limit "
            early += f"{limits.clock_skew_s} s"
            return ExclusionReason.POSITION_STALE, old if age_s > 0 else early
    at_home = state.fix is None or stale
    place = state.home_road if at_home else state.fix_road
    if place is None:
        return ExclusionReason.NO_ROAD_NEARBY, "home" if at_home else "AVL position"
    turnout_s = limits.turnout_s if team.turnout_s is None else team.turnout_s
    return _Fit(state, program, place, "home" if at_home else "avl", stale, turnout_s * 1000)


def _more(seconds: float, limit_s: int) -> str:
    """Write seconds that are more than a limit: never as the limit itself."""
    return f"{seconds:.0f}" if f"{seconds:.0f}" != str(limit_s) else str(limit_s + 1)


def _timed(
    fit: list[_Fit], goal: RoadPosition, at: datetime, world: World
) -> tuple[list[_Fit], list[Exclusion]]:
    timed, excluded = [], []
    for team in fit:
        own = team.program.max_response_s
        limit_s = world.policy.screening.max_response_s if own is None else own
        team_id = team.state.team.team_id
        (travel_ms,) = world.travel_times.to_call([team.place], goal, at)
        if travel_ms is None:
            excluded.append(Exclusion(team_id, ExclusionReason.UNREACHABLE))
            continue
        arrival_ms = team.turnout_ms + travel_ms
        if arrival_ms > limit_s * 1000:
            detail = f"{_more(arrival_ms / 1000, limit_s)} s from now, limit {limit_s} s"
            excluded.append(Exclusion(team_id, ExclusionReason.BEYOND_LIMIT, detail))
            continue
        team.travel_ms = travel_ms
        timed.append(team)
    return timed, excluded


def _basis(call: Call, at: datetime, roster: RosterSnapshot, world: World, *, timed: bool) -> Basis:
    return Basis(
        version=world.digests.version,
        inputs=digest_of(call),
        agency=world.digests.agency,
        boundaries=world.digests.boundaries,
        network=world.digests.network,
        profile=world.digests.profile,
        roster=roster_digest(roster.teams),
        policy_id=world.policy.policy_id,
        policy=world.policy.digest,
        hour_of_week=world.hours.hour_of_week(at) if timed else None,
        network_title=world.digests.network_title,
        network_limits=world.digests.network_limits,
        policy_from=world.policy.effective_from,
        policy_until=world.policy.effective_until,
    )
