"""The live roster."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.scenarios.city import NOON, City, draw_city
from unarmed_router.errors import CoordinateError, InputError, UnknownTeamError
from unarmed_router.fleet.roster import Roster
from unarmed_router.fleet.roster_changes import RosterChanges
from unarmed_router.model.team import TeamStatus


@pytest.fixture
def city() -> City:
    """Two teams on one street."""
    return draw_city("a---c---b", teams={"T2": "b", "T1": "a"})


@pytest.fixture
def roster(city: City) -> Roster:
    """Make the live roster of the city."""
    return city.roster()


def test_a_snapshot_never_changes(roster: Roster) -> None:
    """What was read stays; the next snapshot shows the change under another digest."""
    before = roster.snapshot()
    roster.set_status("T1", TeamStatus.ON_SCENE, at=NOON)
    after = roster.snapshot()
    assert before.teams[0].status is TeamStatus.AVAILABLE
    assert after.teams[0].status is TeamStatus.ON_SCENE
    assert before.digest != after.digest
    assert roster.snapshot() is after


def test_teams_are_in_order_of_id(roster: Roster) -> None:
    """Whatever the order of the file."""
    assert [state.team.team_id for state in roster.snapshot().teams] == ["T1", "T2"]


def test_equal_rosters_have_equal_digests(city: City) -> None:
    """The digest is that of the content, not of the object."""
    assert city.roster().snapshot().digest == city.roster().snapshot().digest


def test_idle_time_starts_when_a_team_becomes_available(roster: Roster) -> None:
    """Saying available twice does not restart it."""
    later = NOON + timedelta(hours=1)
    roster.set_status("T1", TeamStatus.ON_SCENE, at=NOON)
    roster.set_status("T1", TeamStatus.AVAILABLE, at=later)
    roster.set_status("T1", TeamStatus.AVAILABLE, at=later + timedelta(hours=1))
    assert roster.snapshot().teams[0].idle_since == later


def test_a_busy_team_has_been_idle_since_before_its_call(roster: Roster) -> None:
    """What it does for a call starts no idle time: it would rank as if it had just been free."""
    idle_since = roster.state("T1").idle_since
    for minute, status in enumerate(("en_route", "on_scene", "clearing")):
        roster.set_status("T1", TeamStatus(status), at=NOON + timedelta(minutes=minute))
        assert roster.state("T1").idle_since == idle_since
        assert roster.snapshot().teams[0].idle_since == idle_since


def test_teams_of_a_ledger_are_found_on_the_same_roads(city: City) -> None:
    """Homes on streets, fixes on any road: a team on the freeway is not put on the street below."""
    nowhere: Any = SimpleNamespace(snap=lambda **_: None)
    of_shift = Roster([], roads=nowhere, fix_roads=city.world.roads).with_states(city.states)
    lon, lat = city.places["c"]
    assert of_shift.record_fix("T1", lon=lon, lat=lat, at=NOON)
    state = of_shift.state("T1")
    assert state.home_road is None
    assert state.fix_road == city.world.roads.snap(lon=lon, lat=lat)


def test_a_fix_on_record_takes_the_place_of_none_but_one_of_its_moment(
    city: City, roster: Roster
) -> None:
    """What another process put on record late does not send a team back to where it was."""
    (lon, lat), (old_lon, old_lat) = city.places["c"], city.places["b"]
    assert roster.record_fix("T1", lon=lon, lat=lat, at=NOON)
    before = NOON - timedelta(seconds=1)
    assert not roster.record_fix("T1", lon=old_lon, lat=old_lat, at=before, over=True)
    assert roster.fix_of("T1") == (lon, lat, NOON)
    assert roster.record_fix("T1", lon=old_lon, lat=old_lat, at=NOON, over=True)
    assert roster.fix_of("T1") == (old_lon, old_lat, NOON)


def test_an_older_fix_changes_nothing(roster: Roster) -> None:
    """Fixes that arrive out of order are told apart by their time."""
    assert roster.record_fix("T1", lon=-100.0, lat=40.0, at=NOON)
    assert not roster.record_fix("T1", lon=-100.001, lat=40.0, at=NOON - timedelta(seconds=1))
    assert not roster.record_fix("T1", lon=-100.001, lat=40.0, at=NOON)
    fix = roster.snapshot().teams[0].fix
    assert fix is not None
    assert fix.lon == -100.0


def test_a_fix_is_snapped_when_it_arrives(roster: Roster, city: City) -> None:
    """The road position belongs to the fix; far from any road there is none."""
    lon, lat = city.places["c"]
    roster.record_fix("T1", lon=lon, lat=lat, at=NOON)
    assert roster.snapshot().teams[0].fix_road is not None
    roster.record_fix("T1", lon=lon, lat=lat + 1.0, at=NOON + timedelta(seconds=1))
    assert roster.snapshot().teams[0].fix_road is None


def test_an_older_status_changes_nothing(roster: Roster) -> None:
    """A late report of being free must not free a team that has since been sent."""
    assert roster.set_status("T1", TeamStatus.EN_ROUTE, at=NOON)
    assert not roster.set_status("T1", TeamStatus.AVAILABLE, at=NOON - timedelta(seconds=1))
    assert roster.snapshot().teams[0].status is TeamStatus.EN_ROUTE
    assert roster.set_status("T1", TeamStatus.ON_SCENE, at=NOON)


def test_reports_from_the_future_are_refused(city: City) -> None:
    """One wrong clock would shut out every right report until its time has come."""
    roster = Roster(city.states, roads=city.world.roads, clock=lambda: NOON)
    lon, lat = city.places["c"]
    late = NOON + timedelta(seconds=61)
    with pytest.raises(InputError, match="in the future by more than 60 s"):
        roster.record_fix("T1", lon=lon, lat=lat, at=late)
    with pytest.raises(InputError, match="in the future"):
        roster.set_status("T1", TeamStatus.ON_SCENE, at=late)
    assert roster.record_fix("T1", lon=lon, lat=lat, at=NOON + timedelta(seconds=60))


def test_unknown_teams_and_broken_values_are_refused(roster: Roster) -> None:
    """An unknown id lists the known ones; a naive time or a bad place changes nothing."""
    with pytest.raises(UnknownTeamError, match="no team 'T9' in the roster; it has: T1, T2"):
        roster.set_status("T9", TeamStatus.AVAILABLE, at=NOON)
    with pytest.raises(KeyError):
        roster.record_fix("T9", lon=-100.0, lat=40.0, at=NOON)
    with pytest.raises(InputError, match="no time zone"):
        roster.set_status("T1", TeamStatus.AVAILABLE, at=datetime(2026, 3, 2))  # noqa: DTZ001
    with pytest.raises(InputError, match="'busy' is none of"):
        roster.set_status("T1", "busy", at=NOON)  # type: ignore[arg-type]
    before = roster.snapshot()
    with pytest.raises(CoordinateError):
        roster.record_fix("T1", lon=float("nan"), lat=40.0, at=datetime.now(UTC))
    assert roster.snapshot() is before


def test_a_team_cannot_be_in_the_roster_twice(city: City) -> None:
    """Two states of one id are refused."""
    with pytest.raises(InputError, match="'T1' is in the roster twice"):
        Roster([*city.states, city.states[1]], roads=city.world.roads)


def test_teams_are_replaced_in_place(city: City, roster: Roster) -> None:
    """What was read stays, what is known of those that stay is kept, and others are found anew."""
    lon, lat = city.places["c"]
    roster.record_fix("T1", lon=lon, lat=lat, at=NOON)
    roster.set_status("T1", TeamStatus.ON_SCENE, at=NOON)
    before = roster.snapshot()
    other = draw_city("a---c---b", teams={"T1": "b", "T3": "c"})
    changes = roster.replace_teams(other.states)
    assert changes == RosterChanges(added=("T3",), changed=("T1",), removed=("T2",))
    first, third = roster.snapshot().teams
    old = before.teams[0]
    assert (first.status, first.status_at, first.fix, first.fix_road) == (
        TeamStatus.ON_SCENE,
        NOON,
        old.fix,
        old.fix_road,
    )
    assert (first.team.home_lon, first.home_road) != (old.team.home_lon, old.home_road)
    assert (first.home_road, third.home_road) == tuple(
        state.home_road for state in other.roster().snapshot().teams
    )
    assert [state.team.team_id for state in before.teams] == ["T1", "T2"]
    assert "T2" not in roster
    assert roster.snapshot().lineup.digest != before.lineup.digest


def test_teams_that_are_the_same_leave_the_snapshot(city: City, roster: Roster) -> None:
    """Nothing is copied, and no decision has another digest."""
    before = roster.snapshot()
    assert roster.replace_teams(city.states) == RosterChanges()
    assert roster.snapshot() is before


def test_teams_that_cannot_be_are_not_taken(city: City, roster: Roster) -> None:
    """An id twice, and teams that are on record elsewhere: all stays as it was."""
    with pytest.raises(InputError, match="'T1' is in the roster twice"):
        roster.replace_teams([*city.states, city.states[1]])
    of_shift = roster.with_states(city.states)
    with pytest.raises(InputError, match=r"change them by Dispatcher\.reload_roster"):
        of_shift.replace_teams([])
    assert len(roster.snapshot().teams) == len(of_shift.snapshot().teams) == 2


class Meanwhile:
    """Finds a road; on demand, something else happens first."""

    def __init__(self, roads: Any) -> None:
        self._roads = roads
        self.happens: Callable[[], object] | None = None

    def snap(self, *, lon: float, lat: float) -> Any:
        """Find it."""
        happens, self.happens = self.happens, None
        if happens is not None:
            happens()
        return self._roads.snap(lon=lon, lat=lat)


def test_a_fix_that_comes_while_teams_are_replaced_is_that_teams(city: City) -> None:
    """Another place among the teams, or none any more: it never becomes a fix of another team."""
    roads = Meanwhile(city.world.roads)
    roster = Roster(city.states, roads=city.world.roads, fix_roads=roads)
    lon, lat = city.places["c"]
    more = draw_city("a---c---b", teams={"T0": "c", "T1": "a", "T2": "b"})
    roads.happens = lambda: roster.replace_teams(more.states)
    assert roster.record_fix("T1", lon=lon, lat=lat, at=NOON)
    assert [team for team in ("T0", "T1", "T2") if roster.fix_of(team)] == ["T1"]
    assert roster.snapshot().teams[1].fix_road is not None
    fewer = draw_city("a---c---b", teams={"T2": "b"})
    roads.happens = lambda: roster.replace_teams(fewer.states)
    with pytest.raises(UnknownTeamError, match="no team 'T1' in the roster; it has: T2"):
        roster.record_fix("T1", lon=lon, lat=lat, at=NOON + timedelta(seconds=1))
    assert roster.fix_of("T2") is None
