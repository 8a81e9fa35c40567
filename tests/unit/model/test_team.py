"""Teams, shifts and fixes."""

from __future__ import annotations

from datetime import datetime, time
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from unarmed_router.errors import InputError
from unarmed_router.interop.json_codec import roster_from_json
from unarmed_router.model.canonical import to_json
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.shift import ALWAYS, Shift
from unarmed_router.model.team import Fix, Team, TeamState, TeamStatus

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


@pytest.mark.parametrize(
    "days", [(), (7,), (-1,), (0, 1.5), (True,), ("0",), ("Mon",), "01", 0, None, (float("nan"),)]
)
def test_days_that_do_not_exist_are_refused(days: Any) -> None:
    """Days run from 0 to 6."""
    with pytest.raises(InputError, match="must be numbers 0"):
        Shift(days)


@pytest.mark.parametrize(
    "when", ["08:00", None, 8, time(8, 0, 30), time(8, 0, 0, 1), time(8, tzinfo=ZONE)], ids=repr
)
def test_a_shift_begins_and_ends_on_a_minute_of_the_agency(when: Any) -> None:
    """Seconds would be forgotten, and a zone of its own would be another clock's."""
    for times in ((when, time(16)), (time(8), when)):
        with pytest.raises(InputError, match="in whole minutes"):
            Shift((0,), *times)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"team_id": ""}, "team_id '' must be printable text, not empty"),
        ({"team_id": 5}, "team_id 5 must be printable text"),
        ({"team_id": "T\ud800"}, r"team_id 'T\\ud800' must be printable text"),
        ({"team_id": "T\0"}, r"team_id 'T\\x00' must be printable text"),
        ({"provider": None}, "provider None must be printable text"),
        ({"program": ["P"]}, r"program \['P'\] must be printable text"),
        ({"capabilities": ("\ud800",)}, "must be a sequence of words"),
        ({"capabilities": ("",)}, "must be a sequence of words"),
        ({"home_lat": 134.0}, "latitude 134.0"),
        ({"crew_size": 0}, "team T: crew_size 0"),
        ({"crew_size": float("nan")}, "crew_size nan must be a whole number"),
        ({"crew_size": True}, "crew_size True must be a whole number"),
        ({"crew_size": "2"}, "crew_size '2' must be a whole number"),
        ({"turnout_s": -1}, "team T: turnout_s -1"),
        ({"turnout_s": float("nan")}, "turnout_s nan must be a whole number of seconds"),
        ({"turnout_s": float("inf")}, "turnout_s inf must be"),
        ({"turnout_s": 1.5}, "turnout_s 1.5 must be"),
        ({"turnout_s": True}, "turnout_s True must be"),
        ({"crew_size": np.float64(2.0)}, "crew_size .* must be a whole number"),
        ({"turnout_s": "30"}, "turnout_s '30' must be"),
        ({"turnout_s": 86_401}, "turnout_s 86401 must be .* 0 to 86400"),
        ({"capabilities": "spanish"}, "capabilities 'spanish' must be a sequence of words"),
        ({"capabilities": (1,)}, r"capabilities \(1,\) must be a sequence of words"),
        ({"shifts": None}, "shifts None must be a sequence of Shift"),
        ({"shifts": ALWAYS[0]}, "must be a sequence of Shift"),
        ({"shifts": ("24/7",)}, "must be a sequence of Shift"),
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


def test_lists_are_kept_as_tuples() -> None:
    """A team can be looked up whatever sequence it was made of; so can its shift."""
    made = {"provider": "p", "program": "P", "home_lon": -118.2, "home_lat": 34.0}
    given: Any = [["spanish"], [Shift([0])]]  # type: ignore[arg-type]
    team = Team(team_id="T", capabilities=given[0], shifts=given[1], **made)  # type: ignore[arg-type]
    same = Team(team_id="T", capabilities=("spanish",), shifts=(Shift((0,)),), **made)  # type: ignore[arg-type]
    assert (team, hash(team)) == (same, hash(same))


def test_a_status_may_be_given_by_its_word() -> None:
    """It is the status itself then; a word that is none is refused."""
    team = Team(team_id="T", provider="p", program="P", home_lon=-118.2, home_lat=34.0)
    word: Any = "available"
    assert TeamState(team=team, status=word).status is TeamStatus.AVAILABLE
    for wrong in ("free", None, 5, True, ["available"]):
        with pytest.raises(InputError, match="is none of: available, reserved"):
            TeamState(team=team, status=wrong)  # type: ignore[arg-type]


def test_words_of_any_kind_are_kept_as_text() -> None:
    """A team made of a table's strings is the team of plain ones, and reads back as it."""
    odd = Team(
        team_id=np.str_("T1"), provider=np.str_("p"), program=np.str_("P"),
        home_lon=-118.3, home_lat=34.0, capabilities=(np.str_("spanish"),),
    )  # fmt: skip
    assert {type(each) for each in (odd.team_id, odd.provider, odd.program, *odd.capabilities)} == {
        str
    }


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"team": "T1"}, "team must be a Team; got 'T1'"),
        ({"fix": (-118.3, 34.0)}, r"fix of team T must be a Fix; got .* Fix\(lon=, lat=, at=\)"),
        ({"home_road": (-118.3, 34.0)}, "home_road of team T must be a RoadPosition"),
        ({"fix_road": 7}, "fix_road of team T must be a RoadPosition"),
        ({"status": "free"}, "status 'free' is none of"),
        ({"status_at": datetime(2026, 3, 2)}, "status_at .* has no time zone"),  # noqa: DTZ001
    ],
)
def test_broken_states_are_refused(fields: dict[str, Any], message: str) -> None:
    """Where a state is made, not where a roster or a ledger takes it."""
    team = Team(team_id="T", provider="p", program="P", home_lon=-118.3, home_lat=34.0)
    with pytest.raises(InputError, match=message):
        TeamState(**({"team": team} | fields))


def test_equal_fixes_are_written_alike() -> None:
    """There is one zero, as there is one digest."""
    one, other = (Fix(lon, 10.0, at(MONDAY, 12)) for lon in (0.0, -0.0))
    assert one == other
    assert to_json(one) == to_json(other)


def test_a_snapshot_has_each_team_once_in_order() -> None:
    """Of equal teams the lower id goes, which is the one that stands first."""
    made: dict[str, Any] = {"provider": "p", "program": "P", "home_lon": -118.2, "home_lat": 34.0}
    one, two = (TeamState(team=Team(team_id=name, **made)) for name in ("T1", "T2"))
    assert RosterSnapshot((one, two)).lineup.teams == (one.team, two.team)
    with pytest.raises(InputError, match=r"'T1' after 'T2'.* in order of team id"):
        RosterSnapshot((two, one))
    with pytest.raises(InputError, match=r"'T1' after 'T1'.* each team once"):
        RosterSnapshot((one, one))
    with pytest.raises(InputError, match="'T1' after 'T2'"):
        roster_from_json(to_json({"teams": [two, one]}))
