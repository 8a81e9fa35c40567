"""One call on the shift, with every team it was given to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from unarmed_router.model.call import Call
from unarmed_router.model.events import Decided, Escalated
from unarmed_router.model.outcome import Disposition, Outcome
from unarmed_router.model.reasons import ReferralReason

__all__ = ["Assignment", "CallRecord", "Ending", "Stage"]


class Stage(StrEnum):
    """How far a call has come."""

    TRIAGE = "triage"
    """Received; nothing is decided yet, or facts must be asked first."""
    RECOMMENDED = "recommended"
    """A team is recommended and nobody has reserved one."""
    QUEUED = "queued"
    """No team could take it, or the one it had is gone: it waits."""
    RESERVED = "reserved"
    """A team is held for it and has not answered."""
    ASSIGNED = "assigned"
    """A team has accepted it."""
    ENDED = "ended"
    """It has its outcome."""


class Ending(StrEnum):
    """How a team's part in a call ended."""

    DECLINED = "declined"
    EXPIRED = "expired"
    PREEMPTED = "preempted"
    CLOSED = "closed"


@dataclass(slots=True, kw_only=True)
class Assignment:
    """A team held for a call, or working on it; every time stamp is kept.

    Parameters
    ----------
    reservation_id, idempotency_key, call_id, team_id : str
        As reserved.
    reserved_at, expires_at : datetime
        When, and when it lapses unless accepted.
    accepted_at, en_route_at, on_scene_at, transporting_at, clearing_at, ended_at : datetime or None
        When each happened; None where it has not, or nobody reported it.
    ending : Ending or None
        How it ended; None while it is open.
    disposition : Disposition or None
        How the call closed by it; None where it has not.
    asked : tuple of Escalated
        What the team has asked for from the scene, in order.
    """

    reservation_id: str
    idempotency_key: str
    call_id: str
    team_id: str
    reserved_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    en_route_at: datetime | None = None
    on_scene_at: datetime | None = None
    transporting_at: datetime | None = None
    clearing_at: datetime | None = None
    ended_at: datetime | None = None
    ending: Ending | None = None
    disposition: Disposition | None = None
    asked: tuple[Escalated, ...] = ()

    def ids(self) -> dict[str, Any]:
        """Return reservation, call and team as the events of an assignment name them."""
        return {
            "reservation_id": self.reservation_id,
            "call_id": self.call_id,
            "team_id": self.team_id,
        }

    def free_at(self, *, clearing_s: float) -> datetime | None:
        """Return when its team was free again, None while it is open.

        Parameters
        ----------
        clearing_s : float
            For how long crews clear once they leave a caller, seconds.
        """
        if self.ended_at is None or self.on_scene_at is None:
            return self.ended_at
        return self.ended_at + timedelta(seconds=clearing_s)

    def bound_s(self, since: datetime, until: datetime, *, clearing_s: float) -> float:
        """Return for how much of a window it bound its team, seconds; an open one goes on."""
        free = self.free_at(clearing_s=clearing_s)
        end = until if free is None else min(free, until)
        return max(0.0, (end - max(self.reserved_at, since)).total_seconds())


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """A call and what has become of it so far.

    Parameters
    ----------
    call : Call
        As last revised.
    priority : int
        1 is the most urgent.
    logged_at : datetime
        Ledger time of its receipt.
    stage : Stage
        How far it has come.
    decided : Decided or None
        The last decision.
    decided_seq : int
        Its number in the ledger.
    assignments : list of Assignment
        Every team it was given to, in order; the last one may be open.
    declined_by : tuple of str
        Teams that gave it back, sorted; they are not asked again.
    recall : bool
        Whether its team must be called back by people: it accepted, and may not go any more.
    called_back_at : datetime or None
        When the caller was last called back.
    outcome : Outcome
        What became of it.
    reason : str
        Why; one of the list that belongs to the outcome.
    target : str or None
        Who takes it, of a referral.
    ended_at : datetime or None
        When it ended.
    """

    call: Call
    priority: int
    logged_at: datetime
    stage: Stage = Stage.TRIAGE
    decided: Decided | None = None
    decided_seq: int = 0
    assignments: list[Assignment] = field(default_factory=list)
    declined_by: tuple[str, ...] = ()
    recall: bool = False
    called_back_at: datetime | None = None
    outcome: Outcome = Outcome.WAITING
    reason: str = Stage.TRIAGE.value
    target: str | None = None
    ended_at: datetime | None = None

    @property
    def assignment(self) -> Assignment | None:
        """The team that is held for it or works on it; None where there is none."""
        if self.assignments and self.assignments[-1].ending is None:
            return self.assignments[-1]
        return None

    def as_decided(self, call: Call) -> Call:
        """Return a call as it is decided: teams that gave this one back are excluded from it."""
        if not self.declined_by:
            return call
        return replace(call, excludes=(*call.excludes, *self.declined_by))

    @property
    def waits(self) -> bool:
        """Tell whether no team is held for it and it has not ended."""
        return self.stage in _WAITS

    @property
    def lacks_facts(self) -> bool:
        """Tell whether facts must be asked before any team may go."""
        return self.decided is not None and self.decided.reason == _NEEDS_TRIAGE

    def reason_in(self, stage: Stage) -> str:
        """Name why it stands at a stage; triage that lacks facts has its own name."""
        if stage is _ASSIGNED:
            return "open"
        decided = self.decided
        if stage is _TRIAGE and decided is not None and decided.reason is not None:
            return decided.reason
        return str(stage)


# Bound once: Python 3.11 takes longer to look up a member of an enum than to call a function.
_TRIAGE, _ASSIGNED, _NEEDS_TRIAGE = Stage.TRIAGE, Stage.ASSIGNED, ReferralReason.NEEDS_TRIAGE
_WAITS = frozenset({Stage.TRIAGE, Stage.RECOMMENDED, Stage.QUEUED})
