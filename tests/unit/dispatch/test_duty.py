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
from unarmed_router.dispatch.duty import handover_minutes, minutes_ahead, sendable
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


def test_two_minutes_may_lie_on_both_sides_of_the_lost_hour() -> None:
    """The shortest look ahead that can see a change: 01:59 on a Sunday, then 03:00."""
    assert minutes_ahead(LOS_ANGELES, local(SPRING, 1, 59), 120) == (
        6 * 1440 + 119,
        6 * 1440 + 180,
    )
    assert minutes_ahead(LOS_ANGELES, local(SPRING, 1, 59), 60) is None
