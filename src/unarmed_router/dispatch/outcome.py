"""Writing the decision down: the recommendation or the referral, its flags and its basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from unarmed_router.dispatch.ports import World
from unarmed_router.dispatch.ranking import Timed, tied
from unarmed_router.dispatch.referral import refer_to
from unarmed_router.dispatch.triage import Triage
from unarmed_router.model.call import Call
from unarmed_router.model.canonical import digest_of
from unarmed_router.model.decision import Basis, Exclusion, Recommendation, Referral
from unarmed_router.model.location import DivisionMatch
from unarmed_router.model.reasons import ExclusionReason, Flag, ReferralReason
from unarmed_router.model.team import RosterSnapshot

__all__ = ["Case", "recommend", "refer"]


@dataclass(slots=True)
class Case:
    """A call on its way through the steps: what is known so far.

    Parameters
    ----------
    call, at, roster, world
        The inputs of the decision.
    place : DivisionMatch
        Step 2.
    triage : Triage or None
        Step 3; None before it.
    snap_m : float or None
        Distance to the road used, metres; None before step 5.
    hour_of_week : int or None
        Hour of the speed profile used; None before step 5.
    """

    call: Call
    at: datetime
    roster: RosterSnapshot
    world: World
    place: DivisionMatch
    triage: Triage | None = None
    snap_m: float | None = None
    hour_of_week: int | None = None


def recommend(case: Case, ranked: list[Timed], excluded: Sequence[Exclusion]) -> Recommendation:
    """Recommend the first of the ranked teams; every other one keeps its reason."""
    chosen, best = ranked[0]
    program = chosen.program
    lower = [
        Exclusion(
            candidate.team_id,
            ExclusionReason.RANKED_LOWER,
            f"place {rank} of {len(ranked)}, response {candidate.response_ms} ms",
        )
        for rank, (_, candidate) in enumerate(ranked[1:], start=2)
    ]
    flags = _place_flags(case)
    if chosen.stale_fix_ignored:
        flags.append(Flag.STALE_FIX_IGNORED)
    elif chosen.position == "home":
        flags.append(Flag.TEAM_AT_HOME)
    if best.response_ms > program.response_target_s * 1000:
        flags.append(Flag.BEYOND_TARGET)
    if tied(ranked, case.world.policy.order):
        flags.append(Flag.DECIDED_BY_TIE_RULE)
    provider = next(p for p in program.providers if p.provider_id == best.provider)
    return Recommendation(
        call_id=case.call.call_id,
        call_type=case.call.call_type,
        facts=case.call.facts,
        needs=case.call.needs,
        received_at=case.call.received_at,
        decided_at=case.at,
        place=case.place,
        snap_m=case.snap_m,
        programs=case.triage.considered if case.triage else (),
        candidates=tuple(candidate for _, candidate in ranked),
        exclusions=tuple(sorted([*excluded, *lower], key=lambda e: e.team_id)),
        flags=tuple(flags),
        basis=_basis(case),
        program_name=program.name,
        provider_name=provider.name,
    )


def refer(
    case: Case,
    reason: ReferralReason,
    excluded: Sequence[Exclusion],
    detail: str = "",
) -> Referral:
    """Refer the call: to the target of the rule that holds, else by the policy's table."""
    policy = case.world.policy
    triage = case.triage or Triage((), ())
    target = policy.targets[triage.target or refer_to(case.call, reason, policy)]
    return Referral(
        call_id=case.call.call_id,
        call_type=case.call.call_type,
        facts=case.call.facts,
        needs=case.call.needs,
        received_at=case.call.received_at,
        decided_at=case.at,
        place=case.place,
        snap_m=case.snap_m,
        programs=triage.considered,
        candidates=(),
        exclusions=tuple(sorted(excluded, key=lambda e: e.team_id)),
        flags=tuple(_place_flags(case)),
        basis=_basis(case),
        reason=reason,
        detail=detail,
        target=target.target_id,
        target_name=target.name,
        contact=target.contact,
        questions=triage.questions,
    )


def _place_flags(case: Case) -> list[Flag]:
    """Collect the flags that belong to the call's place and time, whatever the outcome."""
    flags = []
    if case.place.near_border:
        flags.append(Flag.NEAR_BORDER)
    if case.snap_m is not None and case.snap_m > case.world.long_access_m:
        flags.append(Flag.LONG_ACCESS_LEG)
    if case.call.received_at > case.at:
        flags.append(Flag.RECEIVED_IN_FUTURE)
    if not case.world.policy.in_force(case.world.hours.local(case.at).date()):
        flags.append(Flag.POLICY_NOT_IN_FORCE)
    return flags


def _basis(case: Case) -> Basis:
    digests = case.world.digests
    return Basis(
        version=digests.version,
        inputs=digest_of(case.call),
        agency=digests.agency,
        boundaries=digests.boundaries,
        network=digests.network,
        profile=digests.profile,
        roster=case.roster.digest,
        policy_id=case.world.policy.policy_id,
        policy=case.world.policy.digest,
        hour_of_week=case.hour_of_week,
        network_title=digests.network_title,
        network_limits=digests.network_limits,
    )
