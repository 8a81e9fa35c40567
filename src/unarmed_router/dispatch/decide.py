"""The decision, one straight path; see the six steps in `decide`."""

from __future__ import annotations

from datetime import datetime, timedelta

from unarmed_router.dispatch.outcome import Case, recommend, refer
from unarmed_router.dispatch.ports import World
from unarmed_router.dispatch.ranking import Timed, rank
from unarmed_router.dispatch.screening import Available, not_considered, screen
from unarmed_router.dispatch.triage import assess
from unarmed_router.model.call import Call, in_utc
from unarmed_router.model.decision import Candidate, Decision, Exclusion
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.reasons import ExclusionReason, ReferralReason
from unarmed_router.model.team import RosterSnapshot

__all__ = ["decide"]

_MILLISECOND = timedelta(milliseconds=1)


def decide(call: Call, at: datetime, roster: RosterSnapshot, world: World) -> Decision:
    """Decide who takes a call; the same inputs give the same bytes.

    Parameters
    ----------
    call : Call
        Already validated by its own constructor.
    at : datetime
        The moment of decision; timezone-aware.
    roster : RosterSnapshot
        Every team as it is at that moment.
    world : World
        Divisions, roads, travel times, policy.

    Returns
    -------
    Recommendation or Referral

    Raises
    ------
    InputError
        `at` is naive, the point is swapped, or the call answers a fact the policy does not know.
    """
    at = in_utc(at, "at")
    place = world.divisions.locate(lon=call.lon, lat=call.lat)
    case = Case(call, at, roster, world, place)
    if place.division is None:
        return refer(case, ReferralReason.OUT_OF_JURISDICTION, not_considered(roster))

    case.triage = triage = assess(call, place.division.number, world.policy)
    if triage.reason is not None:
        return refer(case, triage.reason, not_considered(roster), triage.detail)

    limits = world.policy.screening
    local = world.hours.local(at)
    number = place.division.number
    available, excluded = screen(roster, call, triage.eligible, number, limits, at, local)
    if not available:
        return refer(case, ReferralReason.NO_TEAM_AVAILABLE, excluded)

    destination = world.roads.snap(lon=call.lon, lat=call.lat)
    if destination is None:
        unused = [Exclusion(a.team_id, ExclusionReason.NOT_CONSIDERED) for a in available]
        return refer(case, ReferralReason.NO_ROAD_NEARBY, excluded + unused)
    case.snap_m = round(destination.snap_m, 2)  # centimetres, the grid's own resolution

    timed, too_far = _travel(case, available, destination)
    excluded += too_far
    if not timed:
        return refer(case, ReferralReason.NO_TEAM_IN_TIME, excluded)

    ranked = rank(timed, world.policy.order)
    return recommend(case, ranked, excluded)


def _travel(
    case: Case, available: list[Available], destination: RoadPosition
) -> tuple[list[Timed], list[Exclusion]]:
    """Time every available team with one many-to-one query; exclude those too far."""
    world = case.world
    case.hour_of_week = world.hours.hour_of_week(case.at)
    travel = world.travel_times.to_call([a.place for a in available], destination, case.at)
    waited = max(0, (case.at - case.call.received_at) // _MILLISECOND)
    limit_ms = world.policy.screening.max_response_s * 1000
    timed: list[Timed] = []
    excluded: list[Exclusion] = []
    for team, travel_ms in zip(available, travel, strict=True):
        team_id = team.team_id
        if travel_ms is None:
            excluded.append(Exclusion(team_id, ExclusionReason.UNREACHABLE))
            continue
        # The limit bounds what the team can change: the time from now until it arrives.
        arrival_ms = team.turnout_ms + travel_ms
        if arrival_ms > limit_ms:
            detail = f"{arrival_ms / 1000:.0f} s from now, limit {limit_ms // 1000} s"
            excluded.append(Exclusion(team_id, ExclusionReason.BEYOND_LIMIT, detail))
            continue
        timed.append((team, _candidate(team, travel_ms, waited)))
    return timed, excluded


def _candidate(team: Available, travel_ms: int, waited_ms: int) -> Candidate:
    return Candidate(
        team_id=team.team_id,
        provider=team.state.team.provider,
        program=team.program.program_id,
        travel_ms=travel_ms,
        turnout_ms=team.turnout_ms,
        response_ms=waited_ms + team.turnout_ms + travel_ms,
        position=team.position,
    )
