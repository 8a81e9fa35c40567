"""Duty long enough to finish a call: across midnight, the week's end, and daylight saving."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenarios.city import draw_city
from unarmed_router.agency.hours import LocalHours
from unarmed_router.dispatch.desk import Desk
from unarmed_router.dispatch.duty import SteadyClock, handover_minutes, minutes_ahead, sendable
from unarmed_router.model.shift import ALWAYS, Shift

LOS_ANGELES = LocalHours("America/Los_Angeles")
NIGHT = (Shift(days=(5,), start=time(18), end=time(3)),)  # Saturday evening to Sunday 03:00
# 8 March 2026: 02:00 becomes 03:00. 1 November 2026: 02:00 becomes 01:00.
SPRING, AUTUMN = datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)

shifts = st.builds(
    Shift,
    days=st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple),
    start=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    end=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)


def may_be_sent(team: tuple[Shift, ...], at: datetime, handover_s: int) -> bool:
    """Look up the moment as the desk does."""
    marks = sendable(team, handover_s, minutes_ahead(LOS_ANGELES, at, handover_s))
    local = LOS_ANGELES.local(at)
    return bool(marks[local.weekday() * 1440 + local.hour * 60 + local.minute])


def stays(team: tuple[Shift, ...], at: datetime, handover_s: int) -> bool:
    """Say the same by asking the shifts minute by minute."""
    passed = range(handover_minutes(handover_s))
    walls = [LOS_ANGELES.local(at + timedelta(minutes=minute)) for minute in passed]
    return all(any(shift.covers(wall) for shift in team) for wall in walls)


def local(day: datetime, hour: int, minute: int, fold: int = 0) -> datetime:
    """Return an instant by the wall clock of Los Angeles."""
    wall = day.replace(hour=hour, minute=minute, fold=fold, tzinfo=LOS_ANGELES.zone)
    return wall.astimezone(UTC)


@given(
    team=st.lists(shifts, min_size=1, max_size=3).map(tuple),
    day=st.sampled_from((SPRING, AUTUMN, datetime(2026, 6, 7, tzinfo=UTC))),
    minute=st.integers(-600, 600),
    handover_s=st.sampled_from((0, 1, 60, 61, 1800, 3600, 7200, 90_000)),
)
def test_it_equals_asking_minute_by_minute(
    team: tuple[Shift, ...], day: datetime, minute: int, handover_s: int
) -> None:
    """The table of a week and the minutes around a change say what the shifts say."""
    at = day.replace(hour=9, tzinfo=UTC) + timedelta(minutes=minute)
    assert may_be_sent(team, at, handover_s) == stays(team, at, handover_s)


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        (local(SPRING, 0, 59), True),
        (local(SPRING, 1, 0), True),  # an hour until what the wall calls 03:00
        (local(SPRING, 1, 1), False),
    ],
)
def test_the_lost_hour_does_not_count_as_duty(at: datetime, *, sent: bool) -> None:
    """In spring a shift until 03:00 ends an hour after 01:00."""
    assert may_be_sent(NIGHT, at, 3600) is sent


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        (local(AUTUMN, 1, 30), True),
        (local(AUTUMN, 1, 30, fold=1), True),
        (local(AUTUMN, 2, 0), True),
        (local(AUTUMN, 2, 1), False),
    ],
)
def test_the_hour_that_comes_twice_counts_twice(at: datetime, *, sent: bool) -> None:
    """In autumn a shift until 03:00 is an hour longer."""
    assert may_be_sent(NIGHT, at, 3600) is sent


def test_shifts_that_follow_each_other_are_one() -> None:
    """Nobody hands over at a midnight that only the roster file knows; nor at the week's end."""
    assert sendable(ALWAYS, 7200, None).all()


def test_nothing_ahead_needs_counting_on_most_days() -> None:
    """The minutes are listed only where the offset changes."""
    noon = datetime(2026, 6, 7, 12, tzinfo=UTC)
    assert minutes_ahead(LOS_ANGELES, noon, 3600) is None
    assert minutes_ahead(LOS_ANGELES, local(SPRING, 1, 30), 60) is None
    assert np.array_equal(sendable(NIGHT, 0, None), sendable(NIGHT, 60, None))


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_a_batch_through_the_night_of_the_change_equals_calls_alone(day: datetime) -> None:
    """Each minute before the change has duty of its own, within one hour of one metric."""
    city = draw_city("a--b", teams={"T": "a"}).with_team("T", shifts=NIGHT).compiled()
    screening = replace(city.world.policy.screening, handover_s=3600)
    policy = replace(city.world.policy, screening=screening)
    desk = Desk(replace(city.world, hours=LOS_ANGELES, policy=policy))
    start, roster = day.replace(hour=7), city.roster().snapshot()
    moments = [start + timedelta(minutes=7 * step) for step in range(40)]
    calls = [city.call("b", call_id=f"c-{n}", received_at=at) for n, at in enumerate(moments)]
    alone = [desk.decide(*pair, roster) for pair in zip(calls, moments, strict=True)]
    batch = desk.decide_many(calls, moments, roster)
    assert [each.to_json() for each in batch] == [each.to_json() for each in alone]
    assert {each.kind for each in alone} == {"recommendation", "referral"}


@pytest.mark.parametrize(
    ("handover_s", "minutes"), [(0, 1), (1, 1), (60, 1), (61, 2), (120, 2), (3660, 61), (7200, 120)]
)
def test_a_minute_begun_is_a_minute_of_duty(handover_s: int, minutes: int) -> None:
    """The one that runs counts, so none is ever less than one."""
    assert handover_minutes(handover_s) == minutes


# The first minute after each change.
CHANGES = (datetime(2026, 3, 8, 10, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC))


def of_week(at: datetime) -> int:
    """Return the minute of the week on the wall clock."""
    wall = LOS_ANGELES.local(at)
    return wall.weekday() * 1440 + wall.hour * 60 + wall.minute


def seen(clock: SteadyClock, at: datetime, handover_s: int) -> tuple[int, ...]:
    """List the minutes that the clock says lie ahead."""
    follow = range(handover_minutes(handover_s))
    ahead = clock.minutes_ahead(at, handover_s)
    return ahead or tuple((of_week(at) + minute) % 10_080 for minute in follow)


def passed(at: datetime, handover_s: int) -> tuple[int, ...]:
    """List them by asking the wall clock for each."""
    begun, follow = at.replace(second=0), range(handover_minutes(handover_s))
    return tuple(of_week(begun + timedelta(minutes=minute)) for minute in follow)


@given(
    change=st.sampled_from(CHANGES),
    asked=st.lists(
        st.tuples(
            st.sampled_from((0, 61, 1800, 3600, 7200, 86_400, 90_000)),
            st.integers(-120, 120),
            st.sampled_from((0, 61, 1800, 3600, 7200, 86_400, 90_000)),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_what_a_clock_remembers_changes_no_minute(
    change: datetime, asked: list[tuple[int, int, int]]
) -> None:
    """Before and after a change of daylight saving, by about a handover or a day, in any order."""
    clock = SteadyClock(LOS_ANGELES)
    for before_s, second, handover_s in asked:
        at = change + timedelta(seconds=second - before_s)
        assert seen(clock, at, handover_s) == passed(at, handover_s)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("handover_s", [61, 1800, 3600, 7200])
@pytest.mark.parametrize("first_s", [90_000, 86_401, 86_399, 82_800, 50_000])
def test_a_day_remembered_ends_a_handover_before_the_change(
    change: datetime, handover_s: int, first_s: int
) -> None:
    """Asked a day before first, then at every moment at which a minute ahead may be another."""
    clock = SteadyClock(LOS_ANGELES)
    near = (handover_s + 61, handover_s + 1, handover_s, 3 * handover_s // 4, 30, 0, -30)
    for before_s in (first_s, *near, -first_s):
        at = change - timedelta(seconds=before_s)
        for asked_s in (61, handover_s):
            assert seen(clock, at, asked_s) == passed(at, asked_s)


def test_the_last_day_of_the_calendar_is_a_day_like_others() -> None:
    """Files write it for a date that nobody knows; a minute of duty needs no look beyond it."""
    last = datetime(9999, 12, 31, 23, 59, 30, tzinfo=UTC)
    assert SteadyClock(LOS_ANGELES).minutes_ahead(last, 0) is None
    assert SteadyClock(LOS_ANGELES).minutes_ahead(last - timedelta(hours=2), 3600) is None


def test_two_minutes_may_lie_on_both_sides_of_the_lost_hour() -> None:
    """The shortest look ahead that can see a change: 01:59 on a Sunday, then 03:00."""
    assert minutes_ahead(LOS_ANGELES, local(SPRING, 1, 59), 120) == (
        6 * 1440 + 119,
        6 * 1440 + 180,
    )
    assert minutes_ahead(LOS_ANGELES, local(SPRING, 1, 59), 60) is None
