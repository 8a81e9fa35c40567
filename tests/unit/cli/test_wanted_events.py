"""The events of one call: its own, and what a team reports while it works on it."""

from __future__ import annotations

from tests.scenarios.shift import Shift, shift_in, street
from unarmed_router.cli.wanted_events import Wanted


def told(shift: Shift, call: str | None = None, team: str | None = None) -> list[str]:
    """Return kind or status of each event that is wanted."""
    wanted = Wanted(call, team)
    events = [each.event for each in shift.ledger.read() if wanted(each.event)]
    return [getattr(event, "status", None) or event.kind for event in events if event is not None]


def through(shift: Shift, call: str, *statuses: str) -> None:
    """Take a call from its receipt through what its team reports."""
    team = shift.assigned(call)
    for status in statuses:
        shift.clocks.pass_by(60)
        shift.dispatcher.report(team, status)


BEGINS = ["call_received", "decided", "reserved", "reservation_accepted"]


def test_the_reports_of_a_team_end_with_its_call() -> None:
    """What it does on the next call is of that one alone; on the way home of none."""
    shift = shift_in(street())
    through(shift, "one", "en_route", "on_scene", "available")
    through(shift, "two", "en_route", "on_scene", "clearing", "available")
    shift.dispatcher.report("T1", "off_duty")
    shift.dispatcher.report("T1", "available")
    assert told(shift, "one") == [*BEGINS, "en_route", "on_scene", "available", "call_closed"]
    said = ["en_route", "on_scene", "clearing", "available", "call_closed"]
    assert told(shift, "two") == [*BEGINS, *said]


def test_a_team_that_closes_its_call_first_still_says_when_it_is_clear() -> None:
    """It may close it as soon as it leaves the caller."""
    shift = shift_in(street())
    through(shift, "one", "en_route", "on_scene")
    shift.dispatcher.close("one", "resolved")
    for status in ("clearing", "available", "off_duty"):
        shift.dispatcher.report("T1", status)
    said = ["en_route", "on_scene", "call_closed", "clearing", "available"]
    assert told(shift, "one") == [*BEGINS, *said]


def test_a_call_that_closes_on_the_way_has_no_further_report() -> None:
    """Its team is available by that."""
    shift = shift_in(street())
    through(shift, "one", "en_route")
    shift.dispatcher.close("one", "caller_hung_up")
    shift.dispatcher.report("T1", "off_duty")
    assert told(shift, "one") == [*BEGINS, "en_route", "call_closed"]


def test_a_team_that_gives_its_call_back_is_followed_no_longer() -> None:
    """The one that comes in its place is."""
    shift = shift_in(street(T1="a", T2="b"))
    team = shift.assigned("one", status="en_route")
    assert team == "T1"
    shift.dispatcher.report("T1", "out_of_service")  # gives it back
    offer = shift.dispatcher.next_offer()
    assert offer is not None
    shift.dispatcher.reserve(offer, idempotency_key="again", accepted=True)
    shift.dispatcher.report("T1", "available")
    shift.dispatcher.report("T2", "en_route")
    said = told(shift, "one")
    assert said[len(BEGINS) : len(BEGINS) + 2] == ["en_route", "out_of_service"]
    assert "available" not in said
    assert said[-1] == "en_route"


def test_both_may_be_asked_for() -> None:
    """The events of a call that name a team; of a team, whatever the call; all of them."""
    shift = shift_in(street())
    through(shift, "one", "en_route", "on_scene", "available")
    through(shift, "two", "en_route")
    assert told(shift, "two", "T1")[-3:] == ["reserved", "reservation_accepted", "en_route"]
    assert told(shift, None, "T1").count("en_route") == 2
    assert told(shift) == [
        getattr(each.event, "status", None) or each.event.kind
        for each in shift.ledger.read()
        if each.event is not None
    ]


def test_a_team_is_told_of_the_rosters_that_take_it_in_and_leave_it_out() -> None:
    """Of one that is set without it as long as it was there before."""
    shift = shift_in(street(T1="a"))
    for teams in ({"T1": "a", "T2": "b"}, {"T1": "a"}, {"T1": "b"}):
        shift_in(street(**teams), shift.ledger, shift.clocks)
    assert told(shift, team="T2") == ["roster_set"] * 2
    assert told(shift, team="T1") == ["roster_set"] * 4
