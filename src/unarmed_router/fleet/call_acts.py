"""What may become of calls on a shift, whichever team has them: closed, cancelled, referred.

Pure, as `team_acts`: an act that does not fit is refused by name and makes no event.
"""

from __future__ import annotations

from collections.abc import Sequence

from unarmed_router.errors import LifecycleError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_record import CallRecord, Stage
from unarmed_router.fleet.lifecycle import BEFORE_ARRIVAL
from unarmed_router.fleet.said_again import has_ended, has_referred
from unarmed_router.model.events import (
    CallBackDone,
    CallCancelled,
    CallClosed,
    CallReferred,
    Event,
    ReservationExpired,
)
from unarmed_router.model.outcome import CancelReason, Disposition, Outcome
from unarmed_router.model.reasons import ReferralReason

__all__ = ["after_loss", "call_back", "cancel", "close", "refer", "released"]

_REFERRED = frozenset(
    {
        ReferralReason.INELIGIBLE,
        ReferralReason.OUT_OF_JURISDICTION,
        ReferralReason.NO_PROGRAM_HERE,
        ReferralReason.NO_ROAD_NEARBY,
    }
)
"""Reasons that lie in the call, and that no answer of its caller and no other team changes."""


def close(board: Board, call_id: str, disposition: Disposition) -> Sequence[Event]:
    """Close a call that a team has accepted; one still on its way is free again.

    One that has closed so already makes no second event; the same goes for `cancel` and `refer`.

    Raises
    ------
    UnknownCallError
        No such open call.
    LifecycleError
        No team has accepted it: cancel it, or refer it. Or its team is recalled before it arrived:
        let it decline, and whoever must take the call is told.
    """
    if has_ended(board, call_id, Outcome.ASSIGNED, disposition):
        return ()
    record = board.call(call_id)
    assignment = record.assignment
    if assignment is None or record.stage is not Stage.ASSIGNED:
        raise LifecycleError(
            f"call {call_id} is {record.stage}: no team has accepted it; cancel it, or refer it"
        )
    team_id = assignment.team_id
    if record.recall and board.roster.status_of(team_id) in BEFORE_ARRIVAL:
        raise LifecycleError(
            f"team {team_id} is recalled from call {call_id} and has not arrived; decline "
            f"reservation {assignment.reservation_id}, so that somebody else takes the call"
        )
    return (CallClosed(**assignment.ids(), disposition=Disposition(disposition)),)


def cancel(board: Board, call_id: str, reason: CancelReason) -> Sequence[Event]:
    """End a call that no team has accepted; a team held for it is free again.

    Raises
    ------
    UnknownCallError
        No such open call.
    LifecycleError
        A team has accepted it: close it, with a disposition.
    """
    if has_ended(board, call_id, Outcome.CANCELLED, reason):
        return ()
    record = _unassigned(board, call_id, "close it, with a disposition")
    return (*released(record), CallCancelled(call_id=call_id, reason=CancelReason(reason)))


def refer(board: Board, call_id: str, reason: str, target: str) -> Sequence[Event]:
    """End a call that no team has accepted: somebody else takes it.

    Raises
    ------
    UnknownCallError
        No such open call; the message of one that was referred elsewhere says to whom.
    LifecycleError
        A team has accepted it: let it escalate, or close the call.
    """
    if has_referred(board, call_id, reason, target):
        return ()
    record = _unassigned(board, call_id, "let the team escalate, or close the call")
    return (*released(record), CallReferred(call_id=call_id, reason=reason, target=target))


def call_back(board: Board, call_id: str) -> Sequence[Event]:
    """Note that the caller was called back and the call still stands.

    Raises
    ------
    UnknownCallError
        No such open call.
    """
    board.call(call_id)
    return (CallBackDone(call_id=call_id),)


def after_loss(board: Board, call_id: str) -> Sequence[Event]:
    """Refer a call that loses its team when it is known by now that no team may take it."""
    last = board.calls[call_id].decided
    if last is None or last.reason is None or last.target is None or last.reason not in _REFERRED:
        return ()
    return (CallReferred(call_id=call_id, reason=last.reason, target=last.target),)


def released(record: CallRecord) -> Sequence[Event]:
    """Let go of the team that a call holds; none where it holds none."""
    assignment = record.assignment
    return () if assignment is None else (ReservationExpired(**assignment.ids()),)


def _unassigned(board: Board, call_id: str, otherwise: str) -> CallRecord:
    record = board.call(call_id)
    if record.stage is Stage.ASSIGNED and record.assignment is not None:
        raise LifecycleError(
            f"call {call_id} is assigned to team {record.assignment.team_id}; {otherwise}"
        )
    return record
