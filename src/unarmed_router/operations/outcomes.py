"""What the acts of a shift return: a team held or a conflict, a revision, what time changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from unarmed_router.model.decision import Decision
from unarmed_router.model.written import Written

__all__ = ["Conflict", "ConflictReason", "Reservation", "Revision", "ShiftChanges"]


class ConflictReason(StrEnum):
    """Why a team could not be reserved."""

    TEAM_TAKEN = "team_taken"
    """Another call holds it."""
    TEAM_NOT_ELIGIBLE = "team_not_eligible"
    """As things stand now it may not go, for what it is doing or for what is known of the call."""
    CALL_TAKEN = "call_taken"
    """A team is held for the call already."""
    CALL_ENDED = "call_ended"
    """The call has its outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation(Written):
    """A team held for a call.

    Parameters
    ----------
    reservation_id : str
        For `accept` and `decline`.
    call_id, team_id : str
        Which call and which team.
    expires_at : datetime
        It lapses then unless it is accepted, UTC.
    repeated : bool
        Whether the key had been used before: this is the reservation it made.
    open : bool
        Whether it still holds the team. A repeated key may be that of a reservation that lapsed,
        was declined, or whose call has ended: nobody may be sent on one.
    """

    reservation_id: str
    call_id: str
    team_id: str
    expires_at: datetime
    repeated: bool = False
    open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict(Written):
    """No team was reserved, and what is best now.

    Parameters
    ----------
    reason : ConflictReason
        Why.
    call_id, team_id : str
        What was asked for.
    detail : str
        What stood in the way, in words.
    decision : Decision or None
        What is decided of the call now; None where it has a team, or has ended.
    """

    reason: ConflictReason
    call_id: str
    team_id: str
    detail: str
    decision: Decision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(Written):
    """What a call comes to with what is known now.

    Parameters
    ----------
    decision : Decision
        Decided again.
    team_id : str or None
        The team that has accepted the call or is held for it still; None where none is.
    recall : bool
        Whether that team may not go as things stand now: it has accepted and must be called back by
        people, at once.
    """

    decision: Decision
    team_id: str | None
    recall: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChanges(Written):
    """What time alone has brought about.

    Parameters
    ----------
    expired : tuple of str
        Reservations that ended unanswered since the last time.
    referred : tuple of str
        Calls that waited as long as they may, or that no program takes any more.
    call_backs : tuple of str
        Calls whose callers should be asked whether the call still stands, longest first.
    recalls : tuple of str
        Calls whose team has accepted and may not go any more, told on every tick until somebody
        has called it back: let it decline before it arrives, or hand over from the scene.
    """

    expired: tuple[str, ...] = ()
    referred: tuple[str, ...] = ()
    call_backs: tuple[str, ...] = ()
    recalls: tuple[str, ...] = ()
