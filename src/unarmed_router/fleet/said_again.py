"""What has been said already: an act whose answer was lost is sent once more, and changes nothing.

A repeat is told by its content from a new act, and where the content does not tell it is not
guessed. What was said otherwise before is refused, with what is known.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from unarmed_router.errors import LifecycleError, UnknownCallError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_record import Assignment
from unarmed_router.model.events import Escalated
from unarmed_router.model.outcome import DeclineReason, Disposition, EscalationAct, Outcome
from unarmed_router.model.team import TeamStatus

__all__ = [
    "has_closed",
    "has_declined",
    "has_ended",
    "has_referred",
    "has_reported",
    "refuse_after_the_call",
    "times_asked",
]

_NEVER_REPORTED = frozenset({TeamStatus.RESERVED, TeamStatus.UNKNOWN})


def has_reported(
    old: TeamStatus, status_at: datetime | None, new: TeamStatus, since: datetime
) -> bool:
    """Tell whether a report says once more what is known of a team."""
    return new is old and old not in _NEVER_REPORTED and (status_at is None or since >= status_at)


def has_closed(board: Board, team_id: str, status: TeamStatus, disposition: Disposition) -> bool:
    """Tell whether the call that a team has left by its last report closed so.

    Raises
    ------
    LifecycleError
        It has closed otherwise.
    """
    last = board.last_of_team.get(team_id)
    if last is None or last.disposition is None:
        return False
    if last.disposition != disposition:
        raise LifecycleError(
            f"team {team_id} is {status} already, and its call {last.call_id} has closed as "
            f"{last.disposition}, not as {disposition}"
        )
    return True


def has_declined(board: Board, reservation_id: Any, reason: DeclineReason) -> bool:
    """Tell whether a reservation was declined for a reason.

    Raises
    ------
    UnknownCallError
        It was declined for another one.
    """
    before = board.declined.get(reservation_id) if isinstance(reservation_id, str) else None
    if before is None or before == reason:
        return before is not None
    raise UnknownCallError(
        f"reservation {reservation_id} is not open: it was declined already, because of {before}, "
        f"not of {reason}"
    )


def has_ended(board: Board, call_id: Any, outcome: Outcome, reason: str) -> bool:
    """Tell whether a call has ended so; its id may have come again since, after a purge."""
    if not isinstance(call_id, str) or call_id in board.calls:
        return False
    return board.ended.get(call_id) == (outcome, reason)


def has_referred(board: Board, call_id: Any, reason: str, target: str) -> bool:
    """Tell whether a call was referred so, as far as that is known: see `keep_referred`.

    Raises
    ------
    UnknownCallError
        Somebody else takes it.
    """
    known = has_ended(board, call_id, Outcome.REFERRED, reason) and board.referred.get(call_id)
    if not known or known.target == target:
        return bool(known)
    raise UnknownCallError(
        f"call {call_id} has ended: referred ({reason}) to {known.target}, not to {target!r:.80}"
    )


def times_asked(scene: Assignment, asked: Escalated) -> int:
    """Count how often a team has asked for the same at its scene."""
    return scene.asked.count(asked)


def refuse_after_the_call(scene: Assignment, status: TeamStatus) -> None:
    """Refuse what a team asks for that is still at the scene of a call which has ended.

    Raises
    ------
    LifecycleError
        Always; it says how the call ended.
    """
    how = f"has closed as {scene.disposition}"
    for each in scene.asked:
        if each.act is EscalationAct.HAND_OVER:
            how = f"was handed over to {each.target} because of {each.reason}"
    raise LifecycleError(
        f"team {scene.team_id} is {status}, on no scene of a call; {scene.call_id} {how}"
    )
