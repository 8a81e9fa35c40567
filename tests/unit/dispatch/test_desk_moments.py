"""The desk by the minute: shifts, the week, and the hour that spring takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.scenarios.city import NOON, draw_city
from tests.scenarios.test_exclusion_details import town
from unarmed_router.agency.hours import LocalHours
from unarmed_router.dispatch.desk import Desk
from unarmed_router.errors import InputError
from unarmed_router.model.shift import Shift


def test_the_desk_counts_the_hour_that_spring_takes() -> None:
    """A shift until 03:00 ends an hour after 01:00: a minute later is too late, one earlier not."""
    night = (Shift((5,), time(18), time(3)),)
    city = draw_city("a--b", teams={"T1": "a"}).with_team("T1", shifts=night)
    screening = replace(city.world.policy.screening, handover_s=3600)
    city = city.with_policy(screening=screening)
    city = replace(city, world=replace(city.world, hours=LocalHours("America/Los_Angeles")))
    roster = city.roster().snapshot()
    for minute, team in ((59, "T1"), (61, None)):
        at = datetime(2026, 3, 8, 8, tzinfo=UTC) + timedelta(minutes=minute)
        call = city.call("b", received_at=at)
        (together,) = Desk(city.world).decide_many([call], [at], roster)
        alone = Desk(city.world).decide(call, at, roster)
        assert [getattr(each, "team_id", None) for each in (alone, together)] == [team, team]


def test_a_shift_of_an_afternoon_is_kept_to_the_minute() -> None:
    """On a Wednesday from 14:30 to 15:30, by the wall clock of the agency."""
    shifts = (Shift((2,), time(14, 30), time(15, 30)),)
    city = draw_city("a--b", teams={"T1": "a"}).with_team("T1", shifts=shifts)
    desk, roster = Desk(city.world), city.roster().snapshot()
    for minute, team in ((-1, None), (0, "T1"), (20, "T1"), (40, "T1"), (59, "T1"), (60, None)):
        at = NOON + timedelta(days=2, hours=2, minutes=30 + minute)
        decision = desk.decide(city.call("b", received_at=at), at, roster)
        assert getattr(decision, "team_id", None) == team


def test_a_minute_begun_counts_from_its_beginning() -> None:
    """Thirty seconds before the hour that spring takes, two minutes of duty are not left."""
    night = (Shift((5,), time(18), time(3)),)
    city = draw_city("a--b", teams={"T1": "a"}).with_team("T1", shifts=night)
    city = city.with_policy(screening=replace(city.world.policy.screening, handover_s=120))
    city = replace(city, world=replace(city.world, hours=LocalHours("America/Los_Angeles")))
    for second, team in ((-61, "T1"), (-30, None)):
        at = datetime(2026, 3, 8, 10, tzinfo=UTC) + timedelta(seconds=second)
        decision = city.decide(city.call("b", received_at=at), at)
        assert getattr(decision, "team_id", None) == team


def test_a_day_without_a_policy_has_the_last_that_began() -> None:
    """Between two, and after all; before all it is the first. A day within one is its own."""
    city = town()
    dates = ((1, 2), (3, 4), (5, 6))
    first, *others = (
        replace(
            city.world.policy,
            policy_id=str(begin),
            effective_from=date(2026, begin, 1),
            effective_until=date(2026, end, 1),
        )
        for begin, end in dates
    )
    world = replace(city.world, policy=first, policies=tuple(others))
    days = {
        date(2025, 12, 1): "1",
        date(2026, 1, 15): "1",
        date(2026, 2, 15): "1",
        date(2026, 3, 15): "3",
        date(2026, 4, 15): "3",
        date(2026, 5, 15): "5",
        date(2026, 7, 15): "5",
    }
    assert {day: world.policy_on(day).policy_id for day in days} == days


def test_a_policy_without_a_beginning_is_in_force_until_its_end() -> None:
    """Wherever it stands among the others: the first of them is not yet in force in January."""
    city = town()
    march = date(2026, 3, 1)
    later = replace(city.world.policy, policy_id="later", effective_from=march)
    always = replace(city.world.policy, policy_id="always", effective_until=march)
    world = replace(city.world, policy=later, policies=(always,))
    assert world.policy_on(date(2026, 1, 15)).policy_id == "always"
    assert world.policy_on(march).policy_id == "later"


def test_policies_of_different_programs_meet_in_one_batch() -> None:
    """Over midnight a second program comes into force: a batch decides as call by call."""
    city = draw_city("a---c-----b", teams={"T1": "a", "T2": "b"}).compiled()
    city = city.with_team("T2", program="OUTREACH")
    midnight, old = date(2026, 3, 3), city.world.policy
    further = replace(old.programs[0], program_id="OUTREACH")
    new = replace(
        old, digest="new", effective_from=midnight, programs=(further, *old.programs), rules=()
    )
    world = replace(city.world, policy=replace(old, effective_until=midnight), policies=(new,))
    desk, roster = Desk(world), city.roster().snapshot()
    moments = [NOON + timedelta(hours=hours) for hours in (0, 13, 1, 14)]
    calls = [city.call("c", call_id=f"c-{at:%H}", received_at=at) for at in moments]
    together = desk.decide_many(calls, moments, roster)
    assert [getattr(each, "team_id", None) for each in together] == ["T1", "T2", "T1", "T2"]
    alone = [desk.decide(call, at, roster) for call, at in zip(calls, moments, strict=True)]
    assert [each.to_json() for each in together] == [each.to_json() for each in alone]


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_ends_of_the_calendar_are_no_moment_of_decision(at: datetime) -> None:
    """There the agency's wall clock cannot show the time; the desk goes on deciding."""
    city = draw_city("a--b", teams={"T1": "a"})
    city = city.with_policy(screening=replace(city.world.policy.screening, handover_s=3600))
    world = replace(city.world, hours=LocalHours("America/Los_Angeles"))
    desk, roster = Desk(world), city.roster().snapshot()
    for decide in (desk.decide, lambda call, at, roster: desk.decide_many([call], [at], roster)):
        with pytest.raises(InputError, match="is at the end of the calendar"):
            decide(city.call("b"), at, roster)
    assert desk.decide(city.call("b"), NOON, roster).kind == "recommendation"
