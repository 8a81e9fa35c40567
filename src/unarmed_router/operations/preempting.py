"""Carrying out a pre-emption: checked again as things stand, then both calls in one act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_acts import after_loss
from unarmed_router.fleet.preemption import PreemptionOffer, choose, takeable
from unarmed_router.model.events import Event, Preempted
from unarmed_router.operations.decider import Decider
from unarmed_router.operations.outcomes import Conflict, ConflictReason, Reservation
from unarmed_router.operations.reserving import (
    Request,
    call_is_served,
    conflict_of,
    digest_of_last,
    reserved,
)
from unarmed_router.operations.taking_calls import follow_up

__all__ = ["find", "preempt"]


def find(
    board: Board, decider: Decider, call_id: str, at: datetime
) -> tuple[PreemptionOffer | None, Sequence[Event]]:
    """Find the team en route that should rather take a waiting call.

    Returns
    -------
    tuple of (PreemptionOffer or None, sequence of Event)
        The offer; and the events that put on record what it rests on: the decision made with some
        teams counted as available.

    Raises
    ------
    UnknownCallError
        No such open call.
    """
    record, rules = board.call(call_id), decider.policy(at).preemption
    if rules is None or not record.waits:
        return None, ()
    teams = takeable(board, record.priority, rules)
    if not teams:
        return None, ()
    counted, call = tuple(teams), decider.call_of(record, at)
    decision, fixes = decider.decide(call, at, counted=counted)
    candidates = [c for c in decision.candidates if c.team_id not in teams]
    if decider.policy(at).mutual_aid is not None:
        # Who helps, and who is kept at home, depends on who counts as available: asked as it is.
        candidates = list(decider.decide(call, at)[0].candidates)
    free = {candidate.team_id: candidate.response_ms for candidate in candidates}
    offer = choose(board, record, decision, teams, rules, free)
    return offer, decider.recorded(decision, fixes, counted=counted)


def preempt(
    board: Board, decider: Decider, request: Request, at: datetime
) -> tuple[Sequence[Event], Reservation | Conflict]:
    """Take the team off its call and hold it for the urgent one.

    Raises
    ------
    UnknownCallError
        No such open call.
    """
    served = call_is_served(board, request)
    if served is not None:
        return (), served
    offer, on_record = find(board, decider, request.call_id, at)
    if offer is None or offer.team_id != request.team_id:
        call = decider.call_of(board.call(request.call_id), at)
        decision, fixes = decider.decide(call, at)
        after = follow_up(decider.policy(at), decision)
        why = "as things stand now it may not be taken off its call"
        conflict = conflict_of(request, ConflictReason.TEAM_NOT_ELIGIBLE, why, decision)
        return (*decider.recorded(decision, fixes), *after), conflict
    taken = board.open_of_team[offer.team_id]
    ends = Preempted(
        **taken.ids(),
        for_call_id=request.call_id,
        gain_ms=offer.gain_ms,
    )
    before = (*on_record, ends, *after_loss(board, taken.call_id))
    event, made = reserved(board, request, digest_of_last(on_record), at, place=len(before))
    return (*before, event), made
