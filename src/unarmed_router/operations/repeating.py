"""The same call once more, as after a lost answer: what was said of it is said again.

Nothing is recorded by it. A call of the same id that says anything else is refused, and so is one
whose decision is not kept whole any more: nobody is told what cannot be known to be in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta

from unarmed_router.errors import InputError, LifecycleError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_record import CallRecord
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Recommendation, Referral
from unarmed_router.operations.decider import Decider
from unarmed_router.operations.outcomes import Reservation
from unarmed_router.operations.recording import decision_of
from unarmed_router.operations.reserving import Request, repeated
from unarmed_router.operations.taking_calls import priority_of

__all__ = ["received_again", "sent_again"]


def received_again(
    board: Board, decider: Decider, call: Call, priority: int | None, at: datetime
) -> Decision | None:
    """Return the decision in force for a call that is received once more; None for a new call.

    Parameters
    ----------
    board, decider, at
        The shift, what decides, and ledger time.
    call, priority
        As received; when no priority is given, that of its type must be the one it has.

    Raises
    ------
    LifecycleError
        A call of that id is known and differs in something, has ended other than by this decision,
        or its decision is not kept whole.
    InputError
        The priority is none.
    """
    call_id = call.call_id
    record = board.calls.get(call_id)
    if record is None and call_id not in board.ended:
        return None
    if record is None:
        referral = _referral(board.referred.get(call_id))
        if referral is None or any(_differences(board, decider, call, priority, at, referral)):
            outcome, reason = board.ended[call_id]
            raise LifecycleError(f"call {call_id} was received and has ended: {outcome} ({reason})")
        return referral
    decision = _kept(record)
    others = [*_differences(board, decider, call, priority, at, decision)]
    if others:
        raise _known(call_id, f"; revise it: it differs in {', '.join(others)}")
    if decision is None:
        raise _known(call_id, ", and its decision is not kept whole: see board.call")
    return decision


def sent_again(
    board: Board, decision: Decision, key: str, ttl: timedelta, *, accepted: bool
) -> Reservation | None:
    """Return the reservation of a call that is sent once more, by its key.

    Parameters
    ----------
    board : Board
        The shift.
    decision : Decision
        What `received_again` returned.
    key : str
        Idempotency key.
    ttl : timedelta
        As sent; it is not compared.
    accepted : bool
        Whether the crew has accepted by the same act.

    Returns
    -------
    Reservation or None
        As the key made it; None where nobody could be held for the call, and nobody is.

    Raises
    ------
    LifecycleError
        Another key holds its team, or nobody is held and somebody could be. Or the crew has not
        accepted, and `accepted` says so.
    InputError
        The key made a reservation of another call.
    """
    call_id = decision.call_id
    record, made = board.calls.get(call_id), board.keys.get(key)
    held = None if record is None else record.assignment
    if made is None:
        if held is not None:
            raise _known(call_id, f", and another key holds team {held.team_id} for it")
        if isinstance(decision, Recommendation):
            raise _known(call_id, "; reserve it: no team is held, and one could go")
        return None
    again = repeated(board, Request(call_id=call_id, team_id=made[2], key=key, ttl=ttl))
    if accepted and made[0] in board.unanswered:
        raise _known(call_id, f": team {made[2]} is held and has not accepted {made[0]}")
    return again


def _known(call_id: str, so: str) -> LifecycleError:
    return LifecycleError(f"call {call_id} was received already{so}")


def _kept(record: CallRecord) -> Decision | None:
    """Return the last decision of a call, where the ledger keeps it as this version writes one."""
    try:
        return None if record.decided is None else decision_of(record.decided)
    except InputError:
        return None


def _referral(record: CallRecord | None) -> Referral | None:
    """Return the decision by which a call was referred; None where something else ended it."""
    decision = None if record is None else _kept(record)
    if record is None or not isinstance(decision, Referral):
        return None
    ended_so = (decision.reason.value, decision.target) == (record.reason, record.target)
    return decision if ended_so else None


def _differences(
    board: Board,
    decider: Decider,
    call: Call,
    priority: int | None,
    at: datetime,
    decision: Decision | None,
) -> Iterator[str]:
    """Name what a call says otherwise than the one of its id that is known."""
    record = board.calls.get(call.call_id) or board.referred[call.call_id]
    for field in fields(Call):
        if getattr(call, field.name) != getattr(record.call, field.name):
            yield field.name
    if decision is not None:
        urgency = priority_of(decider.policy(at), decision, call, priority)
        if urgency != record.priority:
            yield "priority"
