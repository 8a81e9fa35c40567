"""Outcomes from a ledger: who was served, who was not, and who does not count."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from tests.synthetic_day import Day
from unarmed_router.agency.folder import Agency
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.store import Recorded
from unarmed_router.model import events as happened
from unarmed_router.model.call import Call
from unarmed_router.model.events import Event
from unarmed_router.model.outcome import CancelReason, Disposition
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.team import TeamStatus
from unarmed_router.research.call_outcomes import CallOutcomes
from unarmed_router.research.ledger_outcomes import outcomes_of_ledger

START = datetime(2026, 1, 5, 8, tzinfo=UTC)  # Monday, midnight in Los Angeles


def at(minutes: float) -> datetime:
    """Return a moment of the shift."""
    return START + timedelta(minutes=minutes)


def received(call_id: str, minutes: float, lon: float = -118.309) -> Event:
    """Receive a call."""
    call = Call(
        call_id=call_id, lon=lon, lat=34.0606, call_type="welfare_check", received_at=at(minutes)
    )
    return happened.CallReceived(call=call, priority=3)


def accepted(call_id: str, team_id: str) -> Event:
    """Let a team take a call."""
    return happened.ReservationAccepted(reservation_id="r", call_id=call_id, team_id=team_id)


def reported(team_id: str, status: TeamStatus, minutes: float) -> Event:
    """Let a team report."""
    return happened.Reported(team_id=team_id, status=status, since=at(minutes))


def closed(call_id: str, team_id: str, how: Disposition = Disposition.RESOLVED) -> Event:
    """Close a call."""
    return happened.CallClosed(
        reservation_id="r", call_id=call_id, team_id=team_id, disposition=how
    )


def decided(call_id: str, *, team_id: str | None = None, reason: str | None = None) -> Event:
    """Decide a call."""
    return happened.Decided(
        call_id=call_id,
        decided_at=START,
        team_id=team_id,
        reason=reason,
        target=None if reason is None else "LAPD_PATROL",
        response_ms=None if team_id is None else 60_000,
        digest="d",
    )


def referred(call_id: str, reason: str) -> Event:
    """Refer a call."""
    return happened.CallReferred(call_id=call_id, reason=reason, target="LAPD_PATROL")


def outcomes(agency: Agency, *events: Event | None, **window: datetime) -> CallOutcomes:
    """Record events and take their outcomes."""
    recorded = [Recorded(number, START, event) for number, event in enumerate(events, start=1)]
    return outcomes_of_ledger(recorded, divisions=agency.divisions, hours=agency.hours, **window)


def test_a_response_runs_from_receipt_to_arrival(agency: Agency) -> None:
    """By the team's own report; a second one at the same scene changes nothing."""
    rows = outcomes(
        agency,
        received("1", 60),
        accepted("1", "A"),
        reported("A", TeamStatus.EN_ROUTE, 62),
        reported("A", TeamStatus.ON_SCENE, 75.5),
        reported("A", TeamStatus.ON_SCENE, 80),
        closed("1", "A"),
        reported("A", TeamStatus.ON_SCENE, 99),
    )
    assert rows.response_s.tolist() == [15.5 * 60]
    assert rows.division.tolist() == [20]
    assert rows.hour.tolist() == [1]


def test_a_preempted_call_is_served_by_the_team_that_comes(agency: Agency) -> None:
    """The first team's arrival is that of the other call."""
    rows = outcomes(
        agency,
        received("1", 0),
        accepted("1", "A"),
        received("2", 1),
        happened.Preempted(
            reservation_id="r", call_id="1", team_id="A", for_call_id="2", gain_ms=9
        ),
        accepted("2", "A"),
        reported("A", TeamStatus.ON_SCENE, 5),
        accepted("1", "B"),
        reported("B", TeamStatus.ON_SCENE, 21),
    )
    assert rows.response_s.tolist() == [21 * 60, 4 * 60]


@pytest.mark.parametrize(
    ("ending", "counts"),
    [
        (referred("1", ReferralReason.NO_TEAM_AVAILABLE), True),
        (referred("1", ReferralReason.NO_TEAM_IN_TIME), True),
        (referred("1", "waited_too_long"), True),
        (referred("1", ReferralReason.INELIGIBLE), False),
        (referred("1", ReferralReason.NEEDS_TRIAGE), False),
        (referred("1", ReferralReason.NO_PROGRAM_HERE), False),
        (happened.CallCancelled(call_id="1", reason=CancelReason.CALLER_HUNG_UP), True),
        (happened.CallCancelled(call_id="1", reason=CancelReason.DUPLICATE), False),
        (closed("1", "A", Disposition.CALLER_HUNG_UP), True),
        (closed("1", "A", Disposition.CANCELLED_EN_ROUTE), False),
        (None, False),
    ],
)
def test_unserved_is_not_the_same_as_not_for_us(
    agency: Agency, ending: Event | None, counts: bool
) -> None:
    """Nobody came, or nobody had to: only the first counts; open calls do not yet."""
    rows = outcomes(agency, received("1", 0), accepted("1", "A"), ending)
    assert len(rows) == counts
    assert all(math.isnan(seconds) for seconds in rows.response_s)


@pytest.mark.parametrize(
    "ending",
    [
        referred("1", "waited_too_long"),
        happened.CallCancelled(call_id="1", reason=CancelReason.CALLER_HUNG_UP),
    ],
)
def test_what_nobody_established_is_not_unserved(agency: Agency, ending: Event) -> None:
    """A call that lacks facts to its end was never one for a program; one that had them was."""
    lacks = decided("1", reason=ReferralReason.NEEDS_TRIAGE)
    busy = decided("1", reason=ReferralReason.NO_TEAM_AVAILABLE)
    free = decided("1", team_id="A")
    for said, counts in (
        ([lacks], 0),
        ([lacks, lacks], 0),
        ([lacks, busy], 1),
        ([busy, free], 1),
        ([free, lacks], 0),
        ([busy, decided("1", reason=ReferralReason.INELIGIBLE)], 0),
    ):
        assert len(outcomes(agency, received("1", 0), *said, ending)) == counts
    by_hand = referred("1", ReferralReason.NO_TEAM_AVAILABLE)
    assert len(outcomes(agency, received("1", 0), lacks, by_hand)) == 1


def test_a_call_that_waited_until_nobody_served_is_unserved(agency: Agency) -> None:
    """One that no program took from the first is not, nor one that a revision makes such a call."""
    busy = decided("1", reason=ReferralReason.NO_TEAM_AVAILABLE)
    closed_by_now = decided("1", reason=ReferralReason.NO_PROGRAM_HERE)
    ending = referred("1", ReferralReason.NO_PROGRAM_HERE)
    first = received("1", 0)
    assert isinstance(first, happened.CallReceived)
    moved = happened.CallRevised(call=first.call, priority=3)
    for said, counts in (
        ([busy, closed_by_now], 1),
        ([decided("1", team_id="A"), closed_by_now], 1),
        ([closed_by_now], 0),
        ([busy, moved, closed_by_now], 0),
        ([moved, busy, closed_by_now], 1),
    ):
        assert len(outcomes(agency, first, *said, ending)) == counts


def test_what_comes_after_arrival_makes_no_call_unserved(agency: Agency) -> None:
    """A hand-over from the scene was still a response."""
    rows = outcomes(
        agency,
        received("1", 0),
        accepted("1", "A"),
        reported("A", TeamStatus.ON_SCENE, 9),
        referred("1", "waited_too_long"),
        closed("1", "A", Disposition.CALLER_HUNG_UP),
    )
    assert rows.response_s.tolist() == [540.0]


def test_the_window_leaves_the_warm_up_out(agency: Agency) -> None:
    """Half-open, by receipt; a revised call counts where it is now, purged events not at all."""
    moved = received("3", 20, lon=-118.45)
    assert isinstance(moved, happened.CallReceived)
    events = [
        received("1", 0),
        received("2", 10),
        received("3", 20),
        happened.CallRevised(call=moved.call, priority=1),
        None,
        *(referred(number, "waited_too_long") for number in "1239"),
    ]
    rows = outcomes(agency, *events, since=at(10), until=at(20))
    assert len(rows) == 1
    rows = outcomes(agency, *events, since=at(10))
    assert rows.lon.tolist() == [-118.309, -118.45]
    assert len(outcomes(agency)) == 0
    reset = outcomes(
        agency, received("1", 5), accepted("1", "A"), reported("A", TeamStatus.ON_SCENE, 4)
    )
    assert reset.response_s.tolist() == [0.0]


def test_a_played_shift_has_the_times_its_teams_reported() -> None:
    """A busy day through the dispatcher: every first arrival of its log is a response, no other."""
    ledger = MemoryLedger()
    day = Day(ledger, seed=4)
    day.play(180)
    agency = day.router.agency
    rows = outcomes_of_ledger(ledger.read(), divisions=agency.divisions, hours=agency.hours)
    going: dict[str, str] = {}
    arrived: dict[str, datetime] = {}
    calls: dict[str, Call] = {}
    for each in ledger.read():
        event = each.event
        if isinstance(event, happened.CallReceived):
            calls[event.call.call_id] = event.call
        elif isinstance(event, happened.ReservationAccepted):
            going[event.team_id] = event.call_id
        elif isinstance(event, happened.Preempted | happened.CallClosed):
            going.pop(event.team_id, None)
        elif isinstance(event, happened.Reported) and event.status is TeamStatus.ON_SCENE:
            arrived.setdefault(going.get(event.team_id, ""), event.since)
    arrived.pop("", None)
    wanted = [
        (arrived[call_id] - call.received_at).total_seconds()
        for call_id, call in calls.items()
        if call_id in arrived
    ]
    assert len(wanted) > 10
    assert rows.response_s[rows.served].tolist() == wanted
    assert set(rows.division.tolist()) <= {7, 8, 10, 17, 18, 20}
