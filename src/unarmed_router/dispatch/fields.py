"""The fields of a decision, each written from what the call found when it is first read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from unarmed_router.dispatch.arbitration import considered, ranking_rule
from unarmed_router.dispatch.exclusions import exclusions
from unarmed_router.dispatch.finding import Finding
from unarmed_router.dispatch.paths import driven_path
from unarmed_router.dispatch.referral import refer_to
from unarmed_router.kernels.routing import (
    NO_ROAD_NEARBY,
    NO_TEAM,
    NOT_IN_TIME,
    OUTSIDE,
)
from unarmed_router.kernels.screening import AT_HOME, STALE
from unarmed_router.model.canonical import digest_of
from unarmed_router.model.decision import Basis, Candidate, Leading
from unarmed_router.model.reasons import Flag, ReferralReason

if TYPE_CHECKING:
    from unarmed_router.model.decision import Question
    from unarmed_router.model.referral_rule import ReferralTarget

__all__ = ["RecommendationWriter", "ReferralWriter"]

_REASONS = {
    OUTSIDE: ReferralReason.OUT_OF_JURISDICTION,
    NO_TEAM: ReferralReason.NO_TEAM_AVAILABLE,
    NO_ROAD_NEARBY: ReferralReason.NO_ROAD_NEARBY,
    NOT_IN_TIME: ReferralReason.NO_TEAM_IN_TIME,
}


def _snap_m(finding: Finding) -> float | None:
    if not finding.timed():
        return None
    road = finding.ground.roads.snap(lon=finding.call.lon, lat=finding.call.lat)
    # Centimetres, the grid's own resolution.
    return None if road is None else round(road.snap_m, 2)


def _candidate(finding: Finding, place: int) -> Candidate:
    team, (turnout_ms, travel_ms) = finding.teams[place], finding.times_of(place)
    return Candidate(
        team_id=team.team_id,
        provider=team.provider,
        program=team.program,
        travel_ms=travel_ms,
        turnout_ms=turnout_ms,
        response_ms=finding.waited_ms() + turnout_ms + travel_ms,
        position="home" if finding.code_of(place) & AT_HOME else "avl",
        missing=finding.missing(place),
    )


def _candidates(finding: Finding) -> tuple[Candidate, ...]:
    return tuple(_candidate(finding, place) for place in finding.ranked())


def _place_flags(finding: Finding) -> list[Flag]:
    """Collect the flags that belong to the call's place and time, whatever the outcome."""
    ground, call, snap_m = finding.ground, finding.call, _snap_m(finding)
    flags = []
    if finding.place().near_border:
        flags.append(Flag.NEAR_BORDER)
    if snap_m is not None and snap_m > ground.long_access_m:
        flags.append(Flag.LONG_ACCESS_LEG)
    if call.received_at > finding.at:
        flags.append(Flag.RECEIVED_IN_FUTURE)
    if finding.found.area is not None and finding.found.area.changes:
        flags.append(Flag.UNCERTAIN_LOCATION)
    if not ground.policy.in_force(ground.hours.local(finding.at).date()):
        flags.append(Flag.POLICY_NOT_IN_FORCE)
    return flags


def _team_flags(finding: Finding) -> tuple[Flag, ...]:
    """Add the flags of the team that goes."""
    flags, ranked = _place_flags(finding), finding.ranked()
    bits = finding.codes()[ranked[0]]
    if bits & STALE:
        flags.append(Flag.STALE_FIX_IGNORED)
    elif bits & AT_HOME:
        flags.append(Flag.TEAM_AT_HOME)
    if finding.helps(finding.first()):
        flags.append(Flag.MUTUAL_AID)
    if finding.late(ranked[0]):
        flags.append(Flag.BEYOND_TARGET)
    if len(ranked) > 1 and finding.standing(ranked[0]) == finding.standing(ranked[1]):
        flags.append(Flag.DECIDED_BY_TIE_RULE)
    return tuple(flags)


def _basis(finding: Finding) -> Basis:
    ground = finding.ground
    digests = ground.digests
    return Basis(
        version=digests.version,
        inputs=digest_of(finding.call),
        agency=digests.agency,
        boundaries=digests.boundaries,
        network=digests.network,
        profile=digests.profile,
        roster=finding.found.roster.digest,
        policy_id=ground.policy.policy_id,
        policy=ground.policy.digest,
        hour_of_week=ground.hours.hour_of_week(finding.at) if finding.timed() else None,
        network_title=digests.network_title,
        network_limits=digests.network_limits,
        policy_from=ground.policy.effective_from,
        policy_until=ground.policy.effective_until,
    )


def _provider_name(finding: Finding) -> str:
    provider = finding.first().provider
    return next(p.name for p in finding.program().providers if p.provider_id == provider)


def _reason(finding: Finding) -> ReferralReason:
    """Tell why no team goes; where no program takes the call, triage knows."""
    reason = _REASONS.get(finding.outcome)
    if reason is None:
        triage = finding.triage()
        reason = None if triage is None else triage.reason
    return reason or ReferralReason.NO_PROGRAM_HERE


def _detail(finding: Finding) -> str:
    if finding.outcome in _REASONS:
        return ""
    triage = finding.triage()
    return "" if triage is None else triage.detail


def _target(finding: Finding) -> ReferralTarget:
    """Find the target of the rule that holds, else that of the policy's table."""
    policy, triage = finding.ground.policy, finding.triage()
    named = triage.target if triage is not None and finding.outcome not in _REASONS else None
    return policy.targets[named or refer_to(finding.reading(), _reason(finding), policy)]


def _questions(finding: Finding) -> tuple[Question, ...]:
    triage = finding.triage()
    return () if triage is None or finding.outcome in _REASONS else triage.questions


_SHARED: Mapping[str, Callable[[Finding], Any]] = {
    "call_id": lambda finding: finding.call.call_id,
    "call_type": lambda finding: finding.call.call_type,
    "codes": lambda finding: finding.call.codes,
    "facts": lambda finding: finding.call.facts,
    "reading": Finding.reading,
    "needs": lambda finding: finding.call.needs,
    "prefers": lambda finding: finding.call.prefers,
    "received_at": lambda finding: finding.call.received_at,
    "decided_at": lambda finding: finding.at,
    "place": Finding.place,
    "area": lambda finding: finding.found.area,
    "aid": lambda finding: finding.found.aid,
    "snap_m": _snap_m,
    "programs": considered,
    "candidates": _candidates,
    "exclusions": exclusions,
    "basis": _basis,
    "ranking_rule": ranking_rule,
}
_RECOMMENDATION: Mapping[str, Callable[[Finding], Any]] = {
    **_SHARED,
    "flags": _team_flags,
    "program_name": lambda finding: finding.program().name,
    "provider_name": _provider_name,
    "kind": lambda _: "recommendation",
    "path": driven_path,  # no field: asked for by `Recommendation.path`
}
_REFERRAL: Mapping[str, Callable[[Finding], Any]] = {
    **_SHARED,
    "flags": lambda finding: tuple(_place_flags(finding)),
    "reason": _reason,
    "detail": _detail,
    "target": lambda finding: _target(finding).target_id,
    "target_name": lambda finding: _target(finding).name,
    "contact": lambda finding: _target(finding).contact,
    "questions": _questions,
    "kind": lambda _: "referral",
}


class RecommendationWriter(Finding):
    """Writes the fields of a `Recommendation`."""

    __slots__ = ()

    def leading(self) -> Leading:
        """Return who goes and when; of the row only what that takes."""
        team, travel_ms, turnout_ms = self.sent()
        response_ms = self.waited_ms() + turnout_ms + travel_ms
        times = travel_ms, turnout_ms, response_ms
        return Leading(self.teams[team].team_id, *times, self.at, self.call.call_id)

    def write(self, name: str) -> Any:
        """Return the value of a field."""
        return _RECOMMENDATION[name](self)


class ReferralWriter(Finding):
    """Writes the fields of a `Referral`."""

    __slots__ = ()

    def leading(self) -> None:
        """Return nothing: nobody goes."""

    def write(self, name: str) -> Any:
        """Return the value of a field."""
        return _REFERRAL[name](self)
