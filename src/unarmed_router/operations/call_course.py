"""What the log says became of one call, counted from its events and nothing else.

`fleet.board` keeps the shift's own count. This is another one, made without it, for `balance` to
compare the two: it refuses nothing, so that it can tell what is wrong with a log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from unarmed_router.ledger.retention import call_of
from unarmed_router.ledger.store import Recorded
from unarmed_router.model import events as happened
from unarmed_router.model.events import Event
from unarmed_router.model.outcome import EscalationAct, Outcome
from unarmed_router.model.reasons import ReferralReason

__all__ = ["CallCourse", "follow"]


@dataclass(slots=True)
class CallCourse:
    """The events of one call, reduced to what decides its outcome.

    Parameters
    ----------
    call_id : str
        The call.
    first_at : datetime
        Ledger time of its first event.
    received_at : list of datetime
        Ledger time of each receipt; one, in a sound log.
    endings : list of (Outcome, str)
        Outcome and reason of each ending; one at most, in a sound log.
    held, accepted : bool
        Whether a team is held for it now, and has accepted.
    queued : bool
        Whether it was put into the queue.
    decided : str or None
        What was last decided: ``recommended`` or the reason of a referral.
    went_on : bool
        Whether something happened to it after it had ended.
    unaccepted : bool
        Whether it was closed though no team had accepted it.
    hand_overs : list of (str, str)
        Target and reason of each hand-over from the scene.
    assists : int
        How often its team asked for help and stayed.
    """

    call_id: str
    first_at: datetime
    received_at: list[datetime] = field(default_factory=list)
    endings: list[tuple[Outcome, str]] = field(default_factory=list)
    held: bool = False
    accepted: bool = False
    queued: bool = False
    decided: str | None = None
    went_on: bool = False
    unaccepted: bool = False
    hand_overs: list[tuple[str, str]] = field(default_factory=list)
    assists: int = 0

    def take(self, event: Event, at: datetime) -> None:
        """Take the next event of the call."""
        step = _STEPS.get(type(event))
        if step is None:
            return
        if self.endings and not isinstance(event, _ENDS):
            self.went_on = True
        step(self, event, at)

    def outcomes(self) -> list[tuple[Outcome, str]]:
        """Return every outcome the log gives it; one, in a sound log."""
        if self.endings:
            return self.endings
        if self.accepted:
            return [(Outcome.ASSIGNED, "open")]
        where = self._waits_as()
        return [] if where is None or not self.received_at else [(Outcome.WAITING, where)]

    def _waits_as(self) -> str | None:
        """Name where an open call waits; None where nothing in the log keeps hold of it."""
        if self.held:
            return "reserved"
        if self.decided == ReferralReason.NEEDS_TRIAGE:
            return str(self.decided)
        if self.queued:
            return "queued"
        return "recommended" if self.decided == "recommended" else None


def follow(courses: dict[str, CallCourse], each: Recorded) -> None:
    """Let the course of its call take an event; one of no call, or removed, changes nothing."""
    call_id = None if each.event is None else call_of(each.event)
    if each.event is not None and call_id is not None:
        courses.setdefault(call_id, CallCourse(call_id, each.at)).take(each.event, each.at)


def _received(course: CallCourse, _: Any, at: datetime) -> None:
    course.received_at.append(at)


def _no_change(_: CallCourse, __: Any, ___: datetime) -> None:
    """Leave the outcome as it is; only after the end of a call is such an event a fault."""


def _decided(course: CallCourse, event: happened.Decided, _: datetime) -> None:
    course.decided = "recommended" if event.team_id is not None else event.reason


def _queued(course: CallCourse, _: Any, __: datetime) -> None:
    course.queued = True


def _reserved(course: CallCourse, _: Any, __: datetime) -> None:
    course.held, course.accepted, course.queued = True, False, False


def _accepted(course: CallCourse, _: Any, __: datetime) -> None:
    course.accepted = True


def _let_go(course: CallCourse, _: Any, __: datetime) -> None:
    course.held, course.accepted, course.queued = False, False, True


def _escalated(course: CallCourse, event: happened.Escalated, _: datetime) -> None:
    if event.act is EscalationAct.HAND_OVER:
        course.hand_overs.append((event.target, event.reason.value))
    else:
        course.assists += 1


def _closed(course: CallCourse, event: happened.CallClosed, _: datetime) -> None:
    course.unaccepted |= not course.accepted
    course.endings.append((Outcome.ASSIGNED, event.disposition.value))


def _referred(course: CallCourse, event: happened.CallReferred, _: datetime) -> None:
    course.endings.append((Outcome.REFERRED, event.reason))


def _cancelled(course: CallCourse, event: happened.CallCancelled, _: datetime) -> None:
    course.endings.append((Outcome.CANCELLED, event.reason.value))


_STEPS: Mapping[type, Callable[[CallCourse, Any, datetime], None]] = {
    happened.CallReceived: _received,
    happened.CallRevised: _no_change,
    happened.Decided: _decided,
    happened.CallQueued: _queued,
    happened.Reserved: _reserved,
    happened.ReservationAccepted: _accepted,
    happened.ReservationDeclined: _let_go,
    happened.ReservationExpired: _let_go,
    happened.Preempted: _let_go,
    happened.Escalated: _escalated,
    happened.CallBackDone: _no_change,
    happened.CallClosed: _closed,
    happened.CallReferred: _referred,
    happened.CallCancelled: _cancelled,
}
_ENDS = (happened.CallClosed, happened.CallReferred, happened.CallCancelled)
