"""Teams on a shift: what they report, where they are, when they are on duty."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.scenarios.city import NOON, draw_city
from tests.scenarios.shift import Clocks, shift_in, street
from unarmed_router.agency.hours import LocalHours
from unarmed_router.errors import InputError, LifecycleError, OutOfOrderError
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.events import Fixes
from unarmed_router.model.screening import Screening, StaleFix
from unarmed_router.model.shift import Shift as Hours
from unarmed_router.model.team import TeamStatus

# --- Status


def test_a_team_without_a_status_is_not_available() -> None:
    """Unknown is never yes; whatever it reports first is taken."""
    shift = shift_in(street().with_team("T1", status=TeamStatus.UNKNOWN))
    decision = shift.receive("c-1")
    assert [(e.team_id, e.reason) for e in decision.exclusions] == [("T1", "status_unknown")]
    shift.dispatcher.report("T1", "clearing")
    shift.dispatcher.report("T1", "available")
    assert shift.reserved("c-2").team_id == "T1"


def test_an_illegal_report_changes_nothing() -> None:
    """It is refused by name, with what may be reported."""
    shift = shift_in(street())
    with pytest.raises(LifecycleError, match="is available and cannot become on_scene; it may"):
        shift.dispatcher.report("T1", "on_scene")
    assert shift.status("T1") == "available"


@pytest.mark.parametrize(
    "steps", [["en_route"], ["on_scene"], ["on_scene", "transporting"], ["on_scene", "clearing"]]
)
def test_a_report_sent_once_more_changes_nothing(steps: list[str]) -> None:
    """Its answer was lost: it is taken, as an acceptance is, and makes no second event."""
    shift = shift_in(street())
    shift.reserved("c-1")
    for step in steps:
        shift.clocks.pass_by(5)
        shift.dispatcher.report("T1", step)
    before, since = shift.events(), shift.dispatcher.board.roster.state("T1").status_at
    shift.clocks.pass_by(5)
    shift.dispatcher.report("T1", steps[-1])
    assert shift.events() == before
    assert shift.dispatcher.board.roster.state("T1").status_at == since
    with pytest.raises(OutOfOrderError):
        shift.dispatcher.report("T1", steps[-1], since=NOON - timedelta(seconds=60))


def test_only_what_a_crew_says_may_be_said_again() -> None:
    """A dispatcher reserves, and unknown is what nobody has said; a closing says something new."""
    shift = shift_in(street(T1="a", T2="b").with_team("T2", status=TeamStatus.UNKNOWN))
    shift.reserved("c-1")
    with pytest.raises(LifecycleError, match="T1 is reserved and cannot become reserved"):
        shift.dispatcher.report("T1", "reserved")
    with pytest.raises(LifecycleError, match="T2 is unknown and cannot become unknown"):
        shift.dispatcher.report("T2", "unknown")
    shift.dispatcher.report("T1", "on_scene")
    shift.dispatcher.report("T1", "clearing")
    with pytest.raises(LifecycleError, match="T1 is clearing and cannot become clearing"):
        shift.dispatcher.report("T1", "clearing", disposition="resolved")


def test_a_report_out_of_order_undoes_nothing() -> None:
    """On its way, reported after its arrival: refused, and it stays on scene."""
    shift = shift_in(street())
    shift.reserved("c-1")
    shift.clocks.pass_by(30)
    shift.dispatcher.report("T1", "on_scene")
    shift.clocks.pass_by(30)
    with pytest.raises(OutOfOrderError, match="is older and was not taken"):
        shift.dispatcher.report("T1", "clearing", since=NOON + timedelta(seconds=20))
    assert shift.status("T1") == "on_scene"


def test_steps_that_nobody_reported_are_flagged() -> None:
    """The event names them."""
    shift = shift_in(street())
    shift.reserved("c-1")
    shift.dispatcher.report("T1", "on_scene")
    last = list(shift.ledger.read())[-1].event
    assert getattr(last, "skipped", None) == (TeamStatus.EN_ROUTE,)


def test_a_clock_that_is_a_little_slow_is_forgiven() -> None:
    """Within the policy's skew a report counts from what is known."""
    shift = shift_in(street())
    shift.reserved("c-1")
    shift.dispatcher.report("T1", "en_route", since=NOON - timedelta(seconds=5))
    assert shift.dispatcher.board.roster.state("T1").status_at == NOON
    with pytest.raises(OutOfOrderError):
        shift.dispatcher.report("T1", "on_scene", since=NOON - timedelta(seconds=5.000001))


def test_a_clock_that_is_a_little_fast_bars_nothing() -> None:
    """What is reported ahead of the ledger's time counts from now; a minute ahead is refused."""
    shift = shift_in(street())
    shift.reserved("c-1")
    shift.dispatcher.report("T1", "en_route", since=NOON + timedelta(seconds=59))
    shift.clocks.pass_by(1)
    shift.dispatcher.report("T1", "on_scene")
    with pytest.raises(InputError, match="in the future by more than 60 s"):
        shift.dispatcher.report("T1", "clearing", since=NOON + timedelta(seconds=62))


def test_a_team_that_leaves_without_a_word_closes_its_call() -> None:
    """As not recorded: one outcome, and nobody waits for it for ever."""
    for last in ("available", "off_duty"):
        shift = shift_in(street())
        shift.assigned("c-1", status="on_scene")
        if last == "off_duty":
            shift.dispatcher.report("T1", "clearing")
        shift.dispatcher.report("T1", last)
        assert shift.stage("c-1") == "assigned: not_recorded"
        assert shift.status("T1") == last


@pytest.mark.parametrize("status", ["", "en_route", "on_scene", "transporting"])
def test_the_call_of_a_team_that_breaks_down_waits_again(status: str) -> None:
    """Somebody still needs a team, and not this one."""
    shift = shift_in(street(T1="a", T2="b"))
    if status == "":
        shift.reserved("c-1")
    else:
        shift.assigned("c-1", status="en_route" if status == "en_route" else "on_scene")
    if status == "transporting":
        shift.dispatcher.report("T1", status)
    shift.dispatcher.report("T1", "out_of_service")
    assert (shift.status("T1"), shift.stage("c-1")) == ("out_of_service", "queued")
    offer = shift.dispatcher.next_offer()
    assert offer is not None
    assert offer.team_id == "T2"


def test_a_team_that_breaks_down_while_clearing_has_done_its_work() -> None:
    """Its call is closed, not queued."""
    shift = shift_in(street())
    shift.assigned("c-1", status="on_scene")
    shift.dispatcher.report("T1", "clearing")
    shift.dispatcher.report("T1", "out_of_service")
    assert shift.stage("c-1") == "assigned: not_recorded"


# --- Positions


@pytest.mark.parametrize(
    ("rule", "outcome"), [(StaleFix.EXCLUDE, "position_stale"), (StaleFix.HOME, "40000")]
)
def test_a_stale_fix_by_policy(rule: StaleFix, outcome: str) -> None:
    """It leaves the team out, or counts it at home and says so."""
    screening = Screening(60, 300, rule, 3600)
    shift = shift_in(street().with_policy(screening=screening))
    lon, lat = shift.city.places["c"]
    shift.dispatcher.record_fix("T1", lon=lon, lat=lat, at=NOON)
    shift.clocks.pass_by(300)
    fresh = shift.receive("fresh")
    assert fresh.candidates[0].travel_ms == 0
    shift.clocks.pass_by(1)
    stale = shift.receive("stale")
    if isinstance(stale, Recommendation):
        assert (str(stale.candidates[0].travel_ms), rule) == (outcome, StaleFix.HOME)
        assert "stale_fix_ignored" in stale.flags
    else:
        assert (stale.exclusions[0].reason, rule) == (outcome, StaleFix.EXCLUDE)


def test_fixes_out_of_order_or_from_the_future() -> None:
    """An older one changes nothing; one that is minutes ahead is refused."""
    shift = shift_in(street())
    lon, lat = shift.city.places["c"]
    assert shift.dispatcher.record_fix("T1", lon=lon, lat=lat, at=NOON)
    assert not shift.dispatcher.record_fix("T1", lon=lon, lat=lat, at=NOON)
    with pytest.raises(InputError, match=r"fix time .* in the future"):
        shift.dispatcher.record_fix("T1", lon=lon, lat=lat, at=NOON + timedelta(seconds=61))


# --- Hours of duty

LA = ZoneInfo("America/Los_Angeles")
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


def _on_duty(hours: Hours, local: datetime) -> bool:
    city = street().with_team("T1", shifts=(hours,))
    city = replace(city, world=replace(city.world, hours=LocalHours("America/Los_Angeles")))
    shift = shift_in(city, clocks=Clocks(local))
    return isinstance(shift.receive("c-1"), Recommendation)


@pytest.mark.parametrize(
    ("local", "on_duty"),
    [
        ((2026, 3, 6, 21, 59), False),
        ((2026, 3, 6, 22, 0), True),
        ((2026, 3, 7, 0, 0), True),
        ((2026, 3, 7, 5, 59), True),
        ((2026, 3, 7, 6, 0), False),
        ((2026, 3, 7, 22, 0), False),
    ],
)
def test_a_shift_across_midnight(local: tuple[int, ...], on_duty: bool) -> None:
    """Friday 22:00 to Saturday 06:00, half-open."""
    hours = Hours((4,), time(22), time(6))
    assert _on_duty(hours, datetime(*local, tzinfo=LA)) is on_duty  # type: ignore[arg-type,misc]


def test_a_night_shift_is_an_hour_short_in_spring_and_long_in_autumn() -> None:
    """It follows the wall clock through both changes: 7 h on 2026-03-08, 9 h on 2026-11-01."""
    hours = Hours(EVERY_DAY, time(22), time(6))
    for day, lasts in (
        (datetime(2026, 3, 7, 22, tzinfo=LA), 7),
        (datetime(2026, 10, 31, 22, tzinfo=LA), 9),
    ):
        start = day.astimezone(ZoneInfo("UTC"))
        found = [
            _on_duty(hours, start + timedelta(minutes=minutes))
            for minutes in (-1, 0, lasts * 60 - 1, lasts * 60)
        ]
        assert found == [False, True, True, False]


def test_the_hour_that_is_twice_and_the_hour_that_is_not() -> None:
    """A shift from 01:30 to 02:30 covers both 01:30s in autumn; in spring it ends at 03:00."""
    hours = Hours(EVERY_DAY, time(1, 30), time(2, 30))
    first = datetime(2026, 11, 1, 1, 45, tzinfo=LA)
    assert _on_duty(hours, first)
    assert _on_duty(hours, first.replace(fold=1))
    spring = datetime(2026, 3, 8, 1, 59, tzinfo=LA).astimezone(ZoneInfo("UTC"))
    assert _on_duty(hours, spring)
    assert not _on_duty(hours, spring + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("limit", "accuracy", "taken"),
    [
        (50.0, 50, True),
        (50.0, 50.1, False),
        (50.0, None, True),
        (None, 9e4, True),
        (50.0, np.float32(51), False),
    ],
)
def test_a_fix_too_coarse_to_route_by_is_not_taken(
    limit: float | None, accuracy: float | None, *, taken: bool
) -> None:
    """The position before it stands; a receiver that says nothing is believed."""
    city = draw_city("a---c-----b", teams={"T1": "a"})
    screening = replace(city.world.policy.screening, max_fix_error_m=limit)
    shift = shift_in(city.with_policy(screening=screening))
    lon, lat = city.places["b"]
    record = shift.dispatcher.record_fix
    assert record("T1", lon=lon, lat=lat, at=NOON, accuracy_m=accuracy) is taken
    fix = shift.dispatcher.board.roster.state("T1").fix
    assert (fix is not None) is taken


@pytest.mark.parametrize("accuracy", [-1, float("nan"), float("inf"), "near", True])
def test_an_accuracy_that_is_none_is_refused(accuracy: Any) -> None:
    """Nothing is taken on such a word."""
    shift = shift_in(draw_city("a---c", teams={"T1": "a"}))
    with pytest.raises(InputError, match="accuracy_m"):
        shift.dispatcher.record_fix("T1", lon=-100.0, lat=40.0, at=NOON, accuracy_m=accuracy)
    assert shift.dispatcher.board.roster.state("T1").fix is None


@pytest.mark.parametrize("status", ["clearing", "available", "off_duty"])
def test_a_team_says_how_its_call_closed_as_it_leaves(status: str) -> None:
    """One act closes the call and moves the team on."""
    shift = shift_in(street())
    shift.assigned("c-1", status="on_scene")
    if status == "off_duty":
        shift.dispatcher.report("T1", "clearing")
    shift.dispatcher.report("T1", status, disposition="no_person_found")
    assert (shift.status("T1"), shift.stage("c-1")) == (status, "assigned: no_person_found")


def test_a_team_that_never_said_it_was_there_closes_its_call_too() -> None:
    """From on its way straight to clearing: the step that is missing hides no disposition."""
    shift = shift_in(street())
    shift.assigned("c-1", status="en_route")
    shift.dispatcher.report("T1", "clearing", disposition="no_person_found")
    assert (shift.status("T1"), shift.stage("c-1")) == ("clearing", "assigned: no_person_found")


@pytest.mark.parametrize(
    ("before", "report"), [("", "en_route"), ("en_route", "on_scene"), ("on_scene", "transporting")]
)
def test_a_disposition_needs_a_call_that_is_left(before: str, report: str) -> None:
    """Nothing is closed by a team that stays, and nothing changes."""
    shift = shift_in(street())
    shift.assigned("c-1", status=before)
    known = shift.status("T1")
    with pytest.raises(LifecycleError, match="leaves no call"):
        shift.dispatcher.report("T1", report, disposition="resolved")
    assert (shift.status("T1"), shift.stage("c-1")) == (known, "assigned")


@pytest.mark.parametrize("kind", [np.float32, np.int64, Fraction], ids=lambda kind: kind.__name__)
def test_positions_of_any_numeric_type_are_on_record(kind: Any) -> None:
    """A feed gives numbers of its own types: calls go on, and another dispatcher sees the team."""
    shift = shift_in(street())
    assert shift.dispatcher.record_fix("T1", lon=kind(-100), lat=kind(40), at=NOON)
    assert shift.receive("c-1").kind == "recommendation"
    (fixes,) = (each.event for each in shift.ledger.read() if isinstance(each.event, Fixes))
    assert (fixes.lon, fixes.lat) == ((-100.0,), (40.0,))
    digests = {one.dispatcher.board.roster.snapshot().digest for one in (shift, shift.again())}
    assert len(digests) == 1
