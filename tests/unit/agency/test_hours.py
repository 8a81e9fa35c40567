"""The wall clock of an agency: which hour it is, through daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.agency.hours import LocalHours
from unarmed_router.errors import InputError

CITY = LocalHours("America/Los_Angeles")


@pytest.mark.parametrize(
    ("at", "hour"),
    [
        (datetime(2024, 1, 1, 0, 0, tzinfo=CITY.zone), 0),
        (datetime(2024, 1, 7, 23, 59, 59, tzinfo=CITY.zone), 167),
        (datetime(2024, 1, 1, 7, 59, 59, tzinfo=UTC), 167),
        (datetime(2024, 1, 1, 8, 0, tzinfo=UTC), 0),
        (datetime(2024, 7, 1, 7, 0, tzinfo=UTC), 0),
    ],
)
def test_the_hour_is_that_of_the_local_clock(at: datetime, hour: int) -> None:
    """Monday midnight local is hour 0, in winter and in summer time."""
    assert CITY.hour_of_week(at) == hour


def test_the_hour_that_summer_time_skips_is_skipped() -> None:
    """On the second Sunday of March 01 h is followed by 03 h."""
    before = datetime(2024, 3, 10, 1, 30, tzinfo=CITY.zone).astimezone(UTC)
    hours = [CITY.hour_of_week(before + timedelta(hours=step)) for step in range(2)]
    assert hours == [145, 147]


def test_a_naive_datetime_is_refused() -> None:
    """Without a time zone an hour may be any hour."""
    with pytest.raises(InputError, match="2024-01-01T00:00:00 has no time zone"):
        CITY.hour_of_week(datetime(2024, 1, 1))  # noqa: DTZ001  # the point of the test


@given(asked=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=20))
def test_what_was_asked_before_changes_no_answer(asked: list[tuple[int, bool]]) -> None:
    """The last moment is remembered: in any order, as the same object or an equal one."""
    moments = [datetime(2026, 3, 8, 8 + step, tzinfo=UTC) for step in range(4)]
    for step, same in asked:
        at = moments[step] if same else moments[step].replace()
        assert CITY.local(at) == at
        assert CITY.local(at).tzinfo is CITY.zone
        assert CITY.hour_of_week(at) == [144, 145, 147, 148][step]


def test_an_unknown_time_zone_is_refused() -> None:
    """By its name, with one that is right."""
    with pytest.raises(InputError, match="'Pacific' is not in the IANA database"):
        LocalHours("Pacific")
