"""Taking calls in: how urgent they are, what follows from a decision, what a revision changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from unarmed_router.dispatch.ground import Ground
from unarmed_router.errors import InputError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_acts import released
from unarmed_router.fleet.call_record import Assignment, Stage
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Recommendation, Referral
from unarmed_router.model.events import (
    CallQueued,
    CallReceived,
    CallReferred,
    CallRevised,
    Event,
)
from unarmed_router.model.location import DivisionMatch
from unarmed_router.model.policy import Policy
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.team import Team
from unarmed_router.model.waiting import DEFAULT_PRIORITY, LOWEST_PRIORITY
from unarmed_router.model.whole_number import as_whole
from unarmed_router.operations.decider import Decider
from unarmed_router.operations.outcomes import Revision

__all__ = [
    "able_teams",
    "checked_call",
    "follow_up",
    "priority_of",
    "receive",
    "revise",
    "settle",
]

_ANOTHER_TEAM_MAY = frozenset({ReferralReason.NO_TEAM_AVAILABLE, ReferralReason.NO_TEAM_IN_TIME})


def priority_of(policy: Policy, decision: Decision, call: Call, given: int | None) -> int:
    """Return how urgent a call is: as given, else as its type is in the policy.

    Raises
    ------
    InputError
        The number given is not 1 to 9.
    """
    if given is not None:
        priority = as_whole(given)
        if priority is None or not 1 <= priority <= LOWEST_PRIORITY:
            raise InputError(
                f"call {call.call_id}: priority {given!r:.80} must be a whole number from 1 (most "
                f"urgent) to {LOWEST_PRIORITY}"
            )
        return priority
    kind = policy.call_types.get(call.call_type)
    if kind is None or call.codes:
        read = decision.reading.call_type
        if read is not None:  # else the word it came with is the best there is
            kind = policy.call_types.get(read)
    return DEFAULT_PRIORITY if kind is None else kind.priority


def checked_call(call: Call) -> Call:
    """Return a call, or refuse what is none.

    Raises
    ------
    InputError
    """
    if not isinstance(call, Call):
        raise InputError(f"call must be a Call; got {call!r:.80}")
    return call


def receive(
    decider: Decider, call: Call, priority: int | None, at: datetime
) -> tuple[Sequence[Event], Decision]:
    """Take a new call in and decide it; `operations.repeating` knows those that are not."""
    decision, fixes = decider.decide(call, at)
    policy = decider.policy(at)
    received = CallReceived(call=call, priority=priority_of(policy, decision, call, priority))
    on_record = decider.recorded(decision, fixes)
    return (received, *on_record, *follow_up(policy, decision)), decision


def able_teams(decision: Decision) -> set[str]:
    """Return the ids of the teams that could go."""
    return {candidate.team_id for candidate in decision.candidates}


def follow_up(policy: Policy, decision: Decision) -> Sequence[Event]:
    """Return what a decision means for a call that nobody has: it waits, or somebody takes it.

    A call that cannot be triaged yet is neither: it stays open until it is revised, or has waited
    as long as it may.
    """
    if isinstance(decision, Recommendation) or decision.reason is ReferralReason.NEEDS_TRIAGE:
        return ()
    if policy.waiting is not None and decision.reason in _ANOTHER_TEAM_MAY:
        return (CallQueued(call_id=decision.call_id),)
    referred = CallReferred(
        call_id=decision.call_id, reason=decision.reason.value, target=decision.target
    )
    return (referred,)


def revise(
    board: Board, decider: Decider, call: Call, priority: int | None, at: datetime
) -> tuple[Sequence[Event], Revision]:
    """Decide an open call again with what is known now.

    Raises
    ------
    UnknownCallError
        No such open call.
    InputError
        It carries another time of receipt.
    """
    record = board.call(checked_call(call).call_id)
    if call.received_at != record.call.received_at:
        raise InputError(
            f"call {call.call_id} was received at {record.call.received_at.isoformat()}; a "
            f"revision cannot move that to {call.received_at.isoformat()}"
        )
    assignment, policy = record.assignment, decider.policy(at)
    # Its own team counts as available: it is this call that keeps it busy.
    own = () if assignment is None else (assignment.team_id,)
    said = decider.in_words(record.as_decided(call), at, record.call)
    decision, fixes = decider.decide(said, at, counted=own)
    given = record.priority if priority is None else priority
    urgency = priority_of(policy, decision, call, given)
    on_record = decider.recorded(decision, fixes, counted=own)
    if assignment is not None and (
        record.stage is not Stage.RESERVED or assignment.team_id in able_teams(decision)
    ):
        team = board.roster.state(assignment.team_id).team
        recall = _recalled(team, assignment, said, decision.place, decider, at)
        revised = CallRevised(call=call, priority=urgency, recall=recall)
        told = Revision(decision=decision, team_id=team.team_id, recall=recall)
        return (revised, *on_record), told
    # A team that is only held and may not go is let go; then, or without one, it is as on receipt.
    after = (*released(record), *follow_up(policy, decision))
    revised = CallRevised(call=call, priority=urgency, recall=False)
    told = Revision(decision=decision, team_id=None, recall=False)
    return (revised, *on_record, *after), told


def settle(
    board: Board, decider: Decider, at: datetime, among: Collection[str] | None = None
) -> Sequence[Event]:
    """Do with calls that wait what is done on receipt, such as under a new policy.

    One that no program takes any more is referred. One whose facts do not suffice any more is
    decided on record, and waits for them; one whose facts suffice by now waits for a team.

    Parameters
    ----------
    board, decider, at
        The shift, what decides, and ledger time.
    among : collection of str, optional
        Ids of the calls to look at; all of them when not given.
    """
    records = [
        record
        for call_id, record in board.calls.items()
        if record.waits and (among is None or call_id in among)
    ]
    if not records:
        return ()
    roster, fixes = decider.teams()
    events: list[Event] = []
    decisions = decider.decide_many(records, at, roster)
    for record, decision in zip(records, decisions, strict=True):
        after = follow_up(decider.policy(at), decision)
        asks = isinstance(decision, Referral) and decision.reason is ReferralReason.NEEDS_TRIAGE
        if asks != record.lacks_facts or any(isinstance(event, CallReferred) for event in after):
            events += [*decider.recorded(decision, () if events else fixes), *after]
    return events


def _recalled(
    team: Team,
    assignment: Assignment,
    call: Call,
    place: DivisionMatch,
    decider: Decider,
    at: datetime,
) -> bool:
    """Tell whether a team may not go any more, by what is known of the call now.

    Hours that ended since it was held recall nobody, like the end of its own shift.
    """
    return not any(
        _may_go(team, call, place, decider.ground_for(call, at, moment))
        for moment in (at, assignment.reserved_at)
    )


def _may_go(team: Team, call: Call, place: DivisionMatch, ground: Ground) -> bool:
    """Tell whether the call lets a team go, whatever the team is doing and whoever is nearer.

    The decision's exclusions cannot tell: each names the first thing that speaks against a team,
    such as the end of its shift, and a team that helps another provider is among them as soon as
    that one has a team of its own.
    """
    if place.division is None:
        return False
    number, aid = place.division.number, ground.policy.mutual_aid
    helps = frozenset() if aid is None else aid.helps.get(team.provider, frozenset())
    return (
        any(
            program.program_id == team.program
            and program.provider_of[number] in {team.provider, *helps}
            for program in ground.eligibility.assess(call, number).eligible
        )
        and set(call.needs) <= set(team.capabilities)
        and team.team_id not in call.excludes
    )
