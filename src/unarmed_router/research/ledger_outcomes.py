"""What became of calls, from a ledger: of a real shift, or of a simulated one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from unarmed_router.model import events as happened
from unarmed_router.model.call import Call, in_utc
from unarmed_router.model.outcome import CancelReason, Disposition
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.team import TeamStatus
from unarmed_router.research.call_outcomes import NOBODY_CAME, UNSERVED, CallOutcomes

if TYPE_CHECKING:
    from unarmed_router.dispatch.ports import Hours
    from unarmed_router.geography.division_index import DivisionIndex
    from unarmed_router.ledger.store import Recorded
    from unarmed_router.model.events import Event

__all__ = ["outcomes_of_ledger"]


@dataclass(slots=True)
class _Course:
    """One call, as far as its service is concerned."""

    call: Call
    for_a_program: bool = True  # by the last decision
    waited: bool = False  # for a team of one, by some decision since the call was revised
    arrived: datetime | None = None
    nobody_came: bool = False


def outcomes_of_ledger(
    recorded: Iterable[Recorded],
    *,
    divisions: DivisionIndex,
    hours: Hours,
    since: datetime | None = None,
    until: datetime | None = None,
) -> CallOutcomes:
    """Take the calls that an unarmed program would take from a ledger.

    A call is served when the team assigned to it reported on scene: its response time runs from
    receipt to then. It is unserved when it was referred because no team could go, it had waited too
    long, or nobody served it any more; or when the caller hung up before a team was there.

    Other calls are left out: those that were not for an unarmed team, those of which nobody
    established to the end whether they were, those that needed nobody any more, and those still
    open.

    Parameters
    ----------
    recorded : iterable of Recorded
        ``ledger.read()``, from the beginning.
    divisions : DivisionIndex
        The agency's.
    hours : Hours
        Its wall clock.
    since, until : datetime, optional
        Calls received from then, until before then: the warm-up of a simulation is left out so.

    Returns
    -------
    CallOutcomes
        In order of receipt in the ledger.
    """
    first = None if since is None else in_utc(since, "since")
    last = None if until is None else in_utc(until, "until")
    shift = _Shift()
    for each in recorded:
        if each.event is not None:
            shift.take(each.event)
    kept = [
        course
        for course in shift.courses.values()
        if (course.arrived is not None or course.nobody_came)
        and (first is None or first <= course.call.received_at)
        and (last is None or course.call.received_at < last)
    ]
    calls = [course.call for course in kept]
    lon, lat = np.array([c.lon for c in calls], float), np.array([c.lat for c in calls], float)
    return CallOutcomes(
        np.array([_response_s(course) for course in kept], float),
        divisions.locate_many(lon, lat).number,
        np.array([hours.hour_of_week(call.received_at) for call in calls], np.int32),
        lon,
        lat,
    )


def _response_s(course: _Course) -> float:
    if course.arrived is None:
        return float("nan")
    # A clock that was set back must not make a time below 0.
    return max((course.arrived - course.call.received_at).total_seconds(), 0.0)


class _Shift:
    """Calls by id, and which team is on its way to which of them."""

    def __init__(self) -> None:
        self.courses: dict[str, _Course] = {}
        self._call_of: dict[str, str] = {}

    def take(self, event: Event) -> None:
        """Take the next event."""
        match event:
            case happened.CallReceived(call=call):
                self.courses[call.call_id] = _Course(call)
            case happened.CallRevised(call=call) if call.call_id in self.courses:
                course = self.courses[call.call_id]
                course.call, course.waited = call, False
            case happened.Decided(call_id=call_id) if call_id in self.courses:
                wanted = event.team_id is not None or event.reason in UNSERVED
                course = self.courses[call_id]
                course.for_a_program, course.waited = wanted, course.waited or wanted
            case happened.ReservationAccepted(team_id=team, call_id=call_id):
                self._call_of[team] = call_id
            case happened.Preempted(team_id=team):
                self._call_of.pop(team, None)
            case happened.Reported(team_id=team, status=TeamStatus.ON_SCENE, since=at):
                self._arrive(self._call_of.get(team), at)
            case happened.CallClosed(team_id=team, call_id=call_id, disposition=how):
                self._call_of.pop(team, None)
                self._end(call_id, nobody_came=how is Disposition.CALLER_HUNG_UP)
            case happened.CallReferred(call_id=call_id, reason=reason) if reason in UNSERVED:
                self._end(call_id, nobody_came=True, said=True)
            case happened.CallReferred(call_id=call_id, reason=ReferralReason.NO_PROGRAM_HERE):
                waited = call_id in self.courses and self.courses[call_id].waited
                self._end(call_id, nobody_came=waited, said=True)
            case happened.CallReferred(call_id=call_id, reason=reason):
                self._end(call_id, nobody_came=reason in NOBODY_CAME)
            case happened.CallCancelled(call_id=call_id, reason=why):
                self._end(call_id, nobody_came=why is CancelReason.CALLER_HUNG_UP)
            case _:
                pass

    def _arrive(self, call_id: str | None, at: datetime) -> None:
        course = None if call_id is None else self.courses.get(call_id)
        if course is not None and course.arrived is None:
            course.arrived = at

    def _end(self, call_id: str, *, nobody_came: bool, said: bool = False) -> None:
        """End a call; `said` where its end itself says that a program would have taken it."""
        course = self.courses.get(call_id)
        if course is not None and course.arrived is None:
            course.nobody_came = nobody_came and (said or course.for_a_program)
