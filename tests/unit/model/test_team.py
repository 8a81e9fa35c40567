"""Teams, shifts and fixes."""

from __future__ import annotations

from datetime import datetime, time
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from unarmed_router.errors import InputError
from unarmed_router.model.team import ALWAYS, Fix, Shift, Team

MONDAY, TUESDAY, SUNDAY = 2, 3, 8  # days of March 2026
ZONE = ZoneInfo("America/Los_Angeles")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Wall clock in March 2026."""
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("local", "covered"),
    [
        (at(MONDAY, 7, 59), False),
        (at(MONDAY, 8), True),
        (at(MONDAY, 15, 59), True),
        (at(MONDAY, 16), False),
        (at(TUESDAY, 8), False),
    ],
)
def test_a_shift_is_half_open(local: datetime, covered: bool) -> None:
    """On duty at the start, off duty at the end, only on its days."""
    assert Shift((0,), time(8), time(16)).covers(local) is covered


@pytest.mark.parametrize(
    ("local", "covered"),
    [
        (at(MONDAY, 21, 59), False),
        (at(MONDAY, 22), True),
        (at(TUESDAY, 5, 59), True),
        (at(TUESDAY, 6), False),
        (at(MONDAY, 1), False),
    ],
)
def test_a_shift_may_cross_midnight(local: datetime, covered: bool) -> None:
    """It belongs to the day on which it starts."""
    assert Shift((0,), time(22), time(6)).covers(local) is covered


def test_a_sunday_night_shift_reaches_into_monday() -> None:
    """The week wraps."""
    assert Shift((6,), time(22), time(6)).covers(at(MONDAY, 3))
    assert Shift((6,), time(22), time(6)).covers(at(SUNDAY, 23))


def test_always_covers_every_hour_of_the_week() -> None:
    """Round the clock leaves no minute out, the skipped hour of the DST change included."""
    assert all(
        shift.covers(at(MONDAY + day, hour, 59))
        for shift in ALWAYS
        for day in range(7)
        for hour in range(24)
    )


@pytest.mark.parametrize("days", [(), (7,), (-1,)])
def test_days_that_do_not_exist_are_refused(days: tuple[int, ...]) -> None:
    """Days run from 0 to 6."""
    with pytest.raises(InputError, match="must be numbers 0"):
        Shift(days)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"team_id": ""}, "team_id must not be empty"),
        ({"home_lat": 134.0}, "latitude 134.0"),
        ({"crew_size": 0}, "team T: crew_size 0"),
        ({"turnout_s": -1}, "team T: turnout_s -1"),
    ],
)
def test_broken_teams_are_refused(fields: dict[str, Any], message: str) -> None:
    """Each broken field is named."""
    given: dict[str, Any] = {
        "team_id": "T",
        "provider": "p",
        "program": "P",
        "home_lon": -118.2,
        "home_lat": 34.0,
    }
    with pytest.raises(InputError, match=message):
        Team(**(given | fields))


def test_a_fix_needs_a_place_and_an_aware_time() -> None:
    """A naive time or a swapped position is refused."""
    with pytest.raises(InputError, match=r"fix time .* has no time zone"):
        Fix(-118.2, 34.0, datetime(2026, 3, 2))  # noqa: DTZ001
    with pytest.raises(InputError, match="swap"):
        Fix(34.0, -118.2, at(MONDAY, 1))


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64, Fraction, int])
def test_a_fix_keeps_plain_numbers(kind: Any) -> None:
    """A feed may give numbers of its own types; what is kept can be written into a ledger."""
    fix = Fix(kind(-118), kind(34), at(MONDAY, 8))
    assert (type(fix.lon), type(fix.lat)) == (float, float)
    assert (fix.lon, fix.lat) == (-118.0, 34.0)
