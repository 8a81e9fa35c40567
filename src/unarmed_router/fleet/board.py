"""The shift as it stands: every team, every open call, rebuilt from the events alone.

Nothing is decided here and nothing refused: what the ledger holds has happened. What may happen
next is for `fleet.team_acts` and `fleet.call_acts` to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from unarmed_router.errors import UnknownCallError
from unarmed_router.fleet.board_teams import BoardTeams
from unarmed_router.fleet.call_record import Assignment, CallRecord, Ending, Stage
from unarmed_router.fleet.last_referred import keep_referred
from unarmed_router.fleet.lifecycle import BEFORE_ARRIVAL
from unarmed_router.fleet.roster import Roster
from unarmed_router.model import events as happened
from unarmed_router.model.events import Decided
from unarmed_router.model.outcome import DeclineReason, Outcome
from unarmed_router.model.team import TeamState, TeamStatus

__all__ = ["Board"]

_STAMPS = {
    TeamStatus.EN_ROUTE: "en_route_at",
    TeamStatus.ON_SCENE: "on_scene_at",
    TeamStatus.TRANSPORTING: "transporting_at",
    TeamStatus.CLEARING: "clearing_at",
}

# Bound once: Python 3.11 takes longer to look up a member of an enum than to call a function.
_TRIAGE, _RECOMMENDED, _QUEUED = Stage.TRIAGE, Stage.RECOMMENDED, Stage.QUEUED
_RESERVED, _ASSIGNED, _ENDED = Stage.RESERVED, Stage.ASSIGNED, Stage.ENDED
_SERVED, _WAITING, _CLOSED = Outcome.ASSIGNED, Outcome.WAITING, Ending.CLOSED
_FREE, _HELD = TeamStatus.AVAILABLE, TeamStatus.RESERVED

_STATE = (
    *("calls", "ended", "referred", "open_of_team", "last_of_team", "reservations", "unanswered"),
    *("declined", "keys", "_ended_by", "escalations", "fix_on_record", "agency", "speeds"),
    *("seq", "at"),
)
"""All that events change, but the roster."""


class Board(BoardTeams):
    """Teams, calls and assignments after some events.

    Parameters
    ----------
    make_roster : callable
        Puts team states on the road; called whenever the ledger sets a roster.
    on_end : callable, optional
        Given each call when it has ended, whole; the board itself keeps only its outcome. It must
        not act on the board, which is in the middle of an event.

    Attributes
    ----------
    roster : Roster
        The teams; empty until the ledger sets one.
    calls : dict of str to CallRecord
        Calls that have not ended, by id.
    ended : dict of str to (Outcome, str)
        Outcome and reason of those that have.
    referred : dict of str to CallRecord
        The last of those that were referred, as `keep_referred` keeps them; none before a purge.
    open_of_team : dict of str to Assignment
        What each busy team works on.
    last_of_team : dict of str to Assignment
        What each team was last held for, open or over, until it reports something after that.
    reservations : dict of str to Assignment
        Open ones by reservation id.
    unanswered : dict of str to Assignment
        Those among them that the team has not accepted yet.
    declined : dict of str to DeclineReason
        Why each reservation was declined that ever was, by its id.
    keys : dict of str to (str, str, str, datetime)
        Reservation, call, team and expiry of each idempotency key ever used.
    escalations : Counter of (str, str)
        How many times each target was asked, by act.
    fix_on_record : dict of str to datetime
        When the position of each team that the ledger holds was measured.
    agency, speeds
        The last event of that kind; None before.
    seq, at : int, datetime or None
        Number and ledger time of the last event.
    lock : Lock
        Held while one event happens: another thread that holds it sees no half of one.
    """

    def __init__(
        self,
        make_roster: Callable[[Iterable[TeamState]], Roster],
        *,
        on_end: Callable[[CallRecord], None] | None = None,
    ) -> None:
        super().__init__(make_roster)
        self._on_end = on_end
        self.calls: dict[str, CallRecord] = {}
        self.ended: dict[str, tuple[Outcome, str]] = {}
        self.referred: dict[str, CallRecord] = {}
        self.open_of_team: dict[str, Assignment] = {}
        self.last_of_team: dict[str, Assignment] = {}
        self.reservations: dict[str, Assignment] = {}
        self.unanswered: dict[str, Assignment] = {}
        self.declined: dict[str, DeclineReason] = {}
        self.keys: dict[str, tuple[str, str, str, datetime]] = {}
        self._ended_by: Counter[tuple[Outcome, str]] = Counter()
        self.escalations: Counter[tuple[str, str]] = Counter()
        self.agency: happened.AgencySet | None = None
        self.speeds: happened.SpeedsSet | None = None
        self.seq = 0
        self.at: datetime | None = None
        self.lock = Lock()
        self._handlers: Mapping[type, Callable[[Any, datetime], None]] = {
            happened.AgencySet: self._agency_set,
            happened.SpeedsSet: self._speeds_set,
            happened.RosterSet: self._roster_set,
            happened.Fixes: self._fixes,
            happened.Reported: self._reported,
            happened.CallReceived: self._call_received,
            happened.CallRevised: self._call_revised,
            happened.Decided: self._decided,
            happened.CallQueued: self._call_queued,
            happened.Reserved: self._reserved,
            happened.ReservationAccepted: self._accepted,
            happened.ReservationDeclined: self._declined,
            happened.ReservationExpired: self._expired,
            happened.Preempted: self._preempted,
            happened.Escalated: self._escalated,
            happened.CallBackDone: self._called_back,
            happened.CallReferred: self._referred,
            happened.CallCancelled: self._cancelled,
            happened.CallClosed: self._closed,
            happened.Purged: lambda *_: self.referred.clear(),  # it may be what was removed
        }

    def apply(self, seq: int, at: datetime, event: happened.Event | None) -> None:
        """Let one event happen; None is one whose content was removed, and changes nothing."""
        with self.lock:
            if event is not None:
                kind = type(event)
                self._handlers[kind](event, at)
                if kind is Decided:
                    self.calls[event.call_id].decided_seq = seq  # type: ignore[union-attr]
            self.seq, self.at = seq, at

    def become(self, other: Board) -> None:
        """Stand where another board stands; teams keep the positions that are not on record yet."""
        with self.lock:
            self._put_in_place(other.roster)
            for name in _STATE:
                setattr(self, name, getattr(other, name))

    @property
    def tally(self) -> Counter[tuple[Outcome, str]]:
        """How many calls have each outcome and reason; of all received."""
        tally = self._ended_by.copy()
        tally.update((record.outcome, record.reason) for record in self.calls.values())
        return tally

    def call(self, call_id: str) -> CallRecord:
        """Return an open call.

        Raises
        ------
        UnknownCallError
            It was never received, or has ended; the message says which.
        """
        given: Any = call_id
        if not isinstance(given, str):
            raise UnknownCallError(f"call_id must be text; got {given!r:.80}")
        record = self.calls.get(call_id)
        if record is not None:
            return record
        if call_id in self.ended:
            outcome, reason = self.ended[call_id]
            raise UnknownCallError(f"call {call_id!r:.80} has ended: {outcome} ({reason})")
        raise UnknownCallError(f"call {call_id!r:.80} was not received on this shift")

    def reservation(self, reservation_id: str) -> Assignment:
        """Return an open assignment.

        Raises
        ------
        UnknownCallError
            There is none of that id that is still open.
        """
        given: Any = reservation_id
        found = self.reservations.get(given) if isinstance(given, str) else None
        if found is None:
            raise UnknownCallError(
                f"reservation {reservation_id!r:.80} is not open: it was never made, was declined, "
                "has expired, or its call has ended"
            )
        return found

    def _agency_set(self, event: happened.AgencySet, _: datetime) -> None:
        self.agency = event

    def _speeds_set(self, event: happened.SpeedsSet, _: datetime) -> None:
        self.speeds = event

    def _roster_set(self, event: happened.RosterSet, at: datetime) -> None:
        super()._roster_set(event, at)
        last = self.last_of_team
        self.last_of_team = {team: last[team] for team in last if team in self.roster}

    def _reported(self, event: happened.Reported, _: datetime) -> None:
        self.roster.set_status(event.team_id, event.status, at=event.since)
        assignment = self.open_of_team.get(event.team_id)
        stamp = _STAMPS.get(event.status)
        if assignment is None:
            self.last_of_team.pop(event.team_id, None)
        elif stamp is not None:
            setattr(assignment, stamp, event.since)

    def _call_received(self, event: happened.CallReceived, at: datetime) -> None:
        call = event.call
        self.calls[call.call_id] = CallRecord(call=call, priority=event.priority, logged_at=at)

    def _call_revised(self, event: happened.CallRevised, _: datetime) -> None:
        record = self.calls[event.call.call_id]
        record.call, record.priority = event.call, event.priority
        record.recall = event.recall

    def _decided(self, event: happened.Decided, _: datetime) -> None:
        record = self.calls[event.call_id]
        record.decided = event
        if not record.waits:
            return
        if record.lacks_facts:
            self._to_stage(record, _TRIAGE)
        elif record.stage is not _QUEUED:
            recommended = event.team_id is not None
            self._to_stage(record, _RECOMMENDED if recommended else _TRIAGE)

    def _call_queued(self, event: happened.CallQueued, _: datetime) -> None:
        self._to_stage(self.calls[event.call_id], _QUEUED)

    def _reserved(self, event: happened.Reserved, at: datetime) -> None:
        assignment = Assignment(
            reservation_id=event.reservation_id,
            idempotency_key=event.idempotency_key,
            call_id=event.call_id,
            team_id=event.team_id,
            reserved_at=at,
            expires_at=event.expires_at,
        )
        record = self.calls[event.call_id]
        record.assignments.append(assignment)
        self._to_stage(record, _RESERVED)
        self.open_of_team[event.team_id] = self.last_of_team[event.team_id] = assignment
        self.reservations[event.reservation_id] = self.unanswered[event.reservation_id] = assignment
        self.keys[event.idempotency_key] = (
            event.reservation_id,
            event.call_id,
            event.team_id,
            event.expires_at,
        )
        self._hold(event.team_id, _HELD, at)

    def _accepted(self, event: happened.ReservationAccepted, at: datetime) -> None:
        self.reservations[event.reservation_id].accepted_at = at
        self.unanswered.pop(event.reservation_id, None)
        self._to_stage(self.calls[event.call_id], _ASSIGNED)

    def _declined(self, event: happened.ReservationDeclined, at: datetime) -> None:
        self._let_go(event.reservation_id, Ending.DECLINED, at)
        record = self.calls[event.call_id]
        record.declined_by = tuple(sorted({*record.declined_by, event.team_id}))
        self.declined[event.reservation_id] = event.reason

    def _expired(self, event: happened.ReservationExpired, at: datetime) -> None:
        self._let_go(event.reservation_id, Ending.EXPIRED, at)

    def _preempted(self, event: happened.Preempted, at: datetime) -> None:
        self._let_go(event.reservation_id, Ending.PREEMPTED, at)

    def _escalated(self, event: happened.Escalated, _: datetime) -> None:
        self.escalations[event.act, event.target] += 1
        assignment = self.open_of_team.get(event.team_id)
        if assignment is not None:
            assignment.asked = (*assignment.asked, event)

    def _called_back(self, event: happened.CallBackDone, at: datetime) -> None:
        self.calls[event.call_id].called_back_at = at

    def _referred(self, event: happened.CallReferred, at: datetime) -> None:
        record = self.calls[event.call_id]
        record.target = event.target
        self._end(record, Outcome.REFERRED, event.reason, at)
        keep_referred(self.referred, record)

    def _cancelled(self, event: happened.CallCancelled, at: datetime) -> None:
        self._end(self.calls[event.call_id], Outcome.CANCELLED, event.reason, at)

    def _closed(self, event: happened.CallClosed, at: datetime) -> None:
        self._free(event.reservation_id, _CLOSED, at).disposition = event.disposition
        self._end(self.calls[event.call_id], _SERVED, event.disposition, at)

    def _let_go(self, reservation_id: str, ending: Ending, at: datetime) -> None:
        """End an assignment whose call goes on: it waits again, for a team or for facts."""
        assignment = self._free(reservation_id, ending, at)
        record = self.calls[assignment.call_id]
        self._to_stage(record, _TRIAGE if record.lacks_facts else _QUEUED)

    def _free(self, reservation_id: str, ending: Ending, at: datetime) -> Assignment:
        """End an assignment; a team that had not arrived is available, another says when it is."""
        assignment = self.reservations.pop(reservation_id)
        self.unanswered.pop(reservation_id, None)
        assignment.ending, assignment.ended_at = ending, at
        del self.open_of_team[assignment.team_id]
        self.calls[assignment.call_id].recall = False
        if self.roster.status_of(assignment.team_id) in BEFORE_ARRIVAL:
            self._hold(assignment.team_id, _FREE, at)
        return assignment

    def _to_stage(self, record: CallRecord, stage: Stage) -> None:
        outcome, reason = _SERVED if stage is _ASSIGNED else _WAITING, record.reason_in(stage)
        record.stage = stage
        record.outcome, record.reason = outcome, reason

    def _end(self, record: CallRecord, outcome: Outcome, reason: str, at: datetime) -> None:
        record.stage, record.ended_at = _ENDED, at
        record.outcome, record.reason = outcome, str(reason)
        call_id = record.call.call_id
        del self.calls[call_id]
        self.ended[call_id] = outcome, record.reason
        self._ended_by[outcome, record.reason] += 1
        if self._on_end is not None:
            self._on_end(record)
