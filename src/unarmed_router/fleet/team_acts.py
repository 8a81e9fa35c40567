"""What teams may do next on a shift: each act checked against the board, as the events it makes.

Pure: an act reads the board and changes nothing; the events do, once the ledger holds them. An act
that does not fit is refused by name and makes none. What happens to calls alone is in `call_acts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from unarmed_router.counted import counted
from unarmed_router.errors import LifecycleError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_acts import after_loss
from unarmed_router.fleet.call_record import Assignment
from unarmed_router.fleet.lifecycle import AT_WORK, BEFORE_ARRIVAL, checked_report
from unarmed_router.fleet.said_again import (
    has_closed,
    has_declined,
    has_reported,
    refuse_after_the_call,
    times_asked,
)
from unarmed_router.model.events import (
    CallClosed,
    Escalated,
    Event,
    Reported,
    ReservationAccepted,
    ReservationDeclined,
    ReservationExpired,
)
from unarmed_router.model.outcome import (
    DeclineReason,
    Disposition,
    EscalationAct,
    EscalationReason,
)
from unarmed_router.model.team import TeamStatus

__all__ = ["accept", "decline", "escalate", "expire", "report"]

# Bound once: Python 3.11 takes longer to look up a member of an enum than to call a function.
_FREE, _CLEARING, _OUT = TeamStatus.AVAILABLE, TeamStatus.CLEARING, TeamStatus.OUT_OF_SERVICE
_GONE = frozenset({_FREE, TeamStatus.OFF_DUTY})
_LEAVING = _GONE | {_CLEARING}


def accept(board: Board, reservation_id: str, at: datetime) -> Sequence[Event]:
    """Let a team take the call it is held for; accepting twice makes no second event.

    Raises
    ------
    UnknownCallError
        No such open reservation.
    LifecycleError
        Its time is up.
    """
    assignment = board.reservation(reservation_id)
    if assignment.accepted_at is not None:
        return ()
    if at >= assignment.expires_at:
        raise LifecycleError(
            f"reservation {reservation_id} lapsed at {assignment.expires_at.isoformat()}; "
            "reserve again"
        )
    return (ReservationAccepted(**assignment.ids()),)


def decline(board: Board, reservation_id: str, reason: DeclineReason) -> Sequence[Event]:
    """Let a team give a call back, before it has arrived; the call waits again.

    A call that was revised meanwhile to one that no team may take is referred instead. What was
    declined for the same reason already makes no second event.

    Raises
    ------
    UnknownCallError
        No such open reservation; the message of one that was declined otherwise says why it was.
    LifecycleError
        The team is on scene: it may escalate, or close the call.
    """
    if has_declined(board, reservation_id, reason):
        return ()
    assignment = board.reservation(reservation_id)
    status = board.roster.status_of(assignment.team_id)
    if status not in BEFORE_ARRIVAL:
        raise LifecycleError(
            f"team {assignment.team_id} is {status} for call {assignment.call_id} and cannot "
            "give it back; escalate, or close the call"
        )
    return _given_back(board, assignment, DeclineReason(reason))


def _given_back(board: Board, assignment: Assignment, reason: DeclineReason) -> Sequence[Event]:
    """Give a call back: it waits again, unless it is known by now that no team may take it."""
    declined = ReservationDeclined(**assignment.ids(), reason=reason)
    return declined, *after_loss(board, assignment.call_id)


def expire(board: Board, at: datetime) -> Sequence[Event]:
    """End every reservation whose time is up."""
    if not board.unanswered:  # asked before every act
        return ()
    return tuple(
        ReservationExpired(**assignment.ids())
        for assignment in board.unanswered.values()
        if assignment.expires_at <= at
    )


def report(
    board: Board,
    team_id: str,
    status: TeamStatus,
    since: datetime,
    *,
    at: datetime,
    skew: timedelta = timedelta(0),
    disposition: Disposition | None = None,
) -> Sequence[Event]:
    """Take a team's report of what it is doing.

    A team that rolls has accepted. A team that is free or off duty has left its call, which is
    closed as ``not_recorded`` when nobody closed it. The call of a team that breaks down waits
    again. What is known already makes no second event.

    Parameters
    ----------
    board : Board
        The shift.
    team_id : str
        Which team.
    status : TeamStatus
        What it does.
    since : datetime
        Since when, in UTC.
    at : datetime
        Ledger time.
    skew : timedelta
        How far the crew's clock may be behind the ledger's: a report older than what is known by
        no more than that counts from what is known.
    disposition : Disposition or None
        How the call closed that the team leaves by this.

    Raises
    ------
    UnknownTeamError
        No such team.
    OutOfOrderError
        The report is older than what is known.
    LifecycleError
        No step of the life cycle leads there, the team has no call to roll for, it leaves no call
        that a disposition could close, the one it left closed otherwise, or it is recalled and
        would leave unseen.
    """
    old, status_at = board.roster.last_report(team_id)
    assignment = board.open_of_team.get(team_id)
    held = assignment is not None and old in BEFORE_ARRIVAL
    if assignment is not None and held:
        _refuse_to_slip_away(board, assignment, status)
    if status_at is not None and since < status_at and status_at - skew <= since:
        since = status_at
    if has_reported(old, status_at, status, since) and (
        disposition is None
        or (status in _LEAVING and has_closed(board, team_id, status, disposition))
    ):
        return ()
    skipped = checked_report(team_id, old, status_at, status, since)
    reported = Reported(team_id=team_id, status=status, since=since, skipped=skipped)
    if disposition is not None:
        if assignment is None or status not in _LEAVING:
            raise LifecycleError(
                f"team {team_id} leaves no call by being {status}; give a disposition with the "
                f"report by which it does: {', '.join(sorted(_LEAVING))}"
            )
        return reported, CallClosed(**assignment.ids(), disposition=disposition)
    if assignment is None:
        return (reported,)
    if held and status is not _OUT:
        return (*accept(board, assignment.reservation_id, at), reported)
    return (reported, *_left(board, assignment, old, status))


def _refuse_to_slip_away(board: Board, assignment: Assignment, status: TeamStatus) -> None:
    """Refuse a report by which a team that has not arrived leaves a call that needs somebody."""
    team_id, call_id = assignment.team_id, assignment.call_id
    if status is _FREE:
        raise LifecycleError(
            f"team {team_id} holds call {call_id}; decline the reservation, or cancel or close "
            "the call, and it is available"
        )
    if status is _CLEARING and board.calls[call_id].recall:
        raise LifecycleError(
            f"team {team_id} is recalled from call {call_id} and has not arrived; decline "
            f"reservation {assignment.reservation_id}, so that somebody else takes the call, or "
            "report on_scene where it was there"
        )


def _left(
    board: Board, assignment: Assignment, old: TeamStatus, new: TeamStatus
) -> Sequence[Event]:
    """End the part of a team in a call it has left without a word."""
    if new in _GONE or old is _CLEARING:
        return (CallClosed(**assignment.ids(), disposition=Disposition.NOT_RECORDED),)
    if new is _OUT:  # somebody still needs a team
        return _given_back(board, assignment, DeclineReason.VEHICLE)
    return ()


def escalate(
    board: Board,
    team_id: str,
    act: EscalationAct,
    *,
    reason: EscalationReason,
    target: str,
    call_id: str | None = None,
    nth: int | None = None,
) -> Sequence[Event]:
    """Let a team on scene ask for help, or hand its call over; a hand-over closes the call.

    What it has asked for already at this scene, the same act, reason and target, makes no second
    event where `nth` says that it is the same time. Without `nth` each request for help is one of
    its own: one too many on record harms nobody. A call is handed over once, however often it is
    said. A team that has handed over is at the scene until it reports something else.

    Raises
    ------
    UnknownTeamError
        No such team.
    LifecycleError
        The team is not on scene of a call, or of another one than `call_id` names, or has asked for
        the same less often than `nth` has it.
    """
    status = board.roster.status_of(team_id)
    scene = board.open_of_team.get(team_id) or board.last_of_team.get(team_id)
    if scene is None or status not in AT_WORK:
        raise LifecycleError(f"team {team_id} is {status}, on no scene; it has nothing to escalate")
    if call_id is not None and call_id != scene.call_id:
        raise LifecycleError(
            f"team {team_id} is on scene of call {scene.call_id}, not of {call_id!r:.80}; it has "
            "nothing to escalate there"
        )
    asked = Escalated(
        call_id=scene.call_id,
        team_id=team_id,
        act=EscalationAct(act),
        reason=EscalationReason(reason),
        target=target,
    )
    times = times_asked(scene, asked)
    if nth is None:
        nth = 1 if asked.act is EscalationAct.HAND_OVER else times + 1
    if nth <= times:
        return ()
    if scene.ending is not None:
        refuse_after_the_call(scene, status)
    if nth > times + 1:
        raise LifecycleError(
            f"team {team_id} has asked for that {counted(times, 'time')} at call {scene.call_id}; "
            f"nth {nth} must be at most {times + 1}"
        )
    if asked.act is EscalationAct.ASSIST:
        return (asked,)
    return (asked, CallClosed(**scene.ids(), disposition=Disposition.HANDED_OVER))
