"""A roster under any reports in any order, beside one that keeps whole states and nothing else."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.roster import NaiveRoster, roster_digest
from tests.scenarios.city import NOON, City, draw_city
from unarmed_router.fleet.roster import Roster
from unarmed_router.interop.json_codec import roster_from_json
from unarmed_router.kernels.screening import NO_FIX
from unarmed_router.model.canonical import to_json
from unarmed_router.model.live_rows import NEVER, NEVER_IDLE, idle_us
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.team import NUMBER_OF, TeamState, TeamStatus

CITY = draw_city("a---c---b", teams={"T2": "b", "T1": "a", "T3": "c"})
IDS = ("T1", "T2", "T3")

instants = st.integers(-3, 3).map(lambda step: NOON + timedelta(microseconds=step))
places = st.sampled_from([*CITY.places.values(), (-100.0, 41.5), (-0.0, 40.0), (0.0, 40.0)])
statuses = st.tuples(st.just("set_status"), st.sampled_from(TeamStatus), instants)
fixes = st.tuples(st.just("record_fix"), places, instants)
reports = st.lists(st.tuples(st.sampled_from(IDS), statuses | fixes), max_size=12)


def tell(roster: Any, team_id: str, report: tuple[str, Any, datetime]) -> bool:
    """Hand one report to a roster of either kind."""
    what, value, at = report
    if what == "set_status":
        return bool(roster.set_status(team_id, value, at=at))
    return bool(roster.record_fix(team_id, lon=value[0], lat=value[1], at=at))


def city_rosters() -> tuple[Roster, NaiveRoster]:
    """Make both of the same three teams."""
    roads = CITY.world.roads
    return CITY.roster(), NaiveRoster(CITY.roster().snapshot().teams, roads.snap)


@settings(max_examples=150, deadline=None)
@given(reports)
def test_every_snapshot_is_what_was_known_then(told: list[Any]) -> None:
    """Read at the end only, each shows the states, the digest and the rows of its own moment."""
    roster, naive = city_rosters()
    taken = [(roster.snapshot(), naive.states())]
    for team_id, report in told:
        assert tell(roster, team_id, report) == tell(naive, team_id, report)
        taken.append((roster.snapshot(), naive.states()))
    for snapshot, states in taken:
        assert snapshot.digest == roster_digest(states)
        assert snapshot.rows == RosterSnapshot(states).rows
        assert snapshot.teams == states
        assert snapshot == RosterSnapshot(states)
        assert snapshot.lineup is taken[0][0].lineup


@settings(max_examples=150, deadline=None)
@given(reports, reports)
def test_digests_are_equal_when_the_contents_are(one: list[Any], other: list[Any]) -> None:
    """Two histories end in one digest exactly when they end in the same knowledge."""
    snapshots = []
    for told in (one, other):
        roster, _ = city_rosters()
        for team_id, report in told:
            tell(roster, team_id, report)
        snapshots.append(roster.snapshot())
    left, right = snapshots
    assert (left.digest == right.digest) == (left.teams == right.teams)


changes: st.SearchStrategy[Callable[[TeamState], TeamState]] = st.sampled_from(
    [
        lambda s: replace(s, team=replace(s.team, team_id=s.team.team_id + "x")),
        lambda s: replace(s, team=replace(s.team, crew_size=s.team.crew_size + 1)),
        lambda s: replace(s, team=replace(s.team, capabilities=("spanish",))),
        lambda s: replace(s, team=replace(s.team, home_lon=s.team.home_lon + 1e-9)),
        lambda s: replace(s, status=TeamStatus.CLEARING),
        lambda s: replace(s, status_at=NOON + timedelta(microseconds=1)),
        lambda s: replace(s, status_at=None if s.status_at else NOON),
        lambda s: replace(s, idle_since=NOON + timedelta(microseconds=1)),
        lambda s: replace(s, idle_since=None if s.idle_since else NOON),
    ]
)


@given(st.integers(0, 2), changes)
def test_any_difference_changes_the_digest(place: int, change: Callable[..., TeamState]) -> None:
    """Of one field of one team; a road position alone changes nothing, as it follows."""
    states = CITY.roster().snapshot().teams
    other = (*states[:place], change(states[place]), *states[place + 1 :])
    assert RosterSnapshot(other).digest != RosterSnapshot(states).digest
    nowhere = tuple(replace(state, home_road=None) for state in states)
    assert RosterSnapshot(nowhere).digest == RosterSnapshot(states).digest


def test_equal_numbers_are_equal_content() -> None:
    """A home at -100 is one at -100.0, and there is one zero."""
    state = CITY.roster().snapshot().teams[0]
    whole = replace(state, team=replace(state.team, home_lon=-100, home_lat=-0.0))
    exact = replace(state, team=replace(state.team, home_lon=-100.0, home_lat=0.0))
    assert RosterSnapshot((whole,)).digest == RosterSnapshot((exact,)).digest


def test_a_snapshot_is_a_value_like_any_other() -> None:
    """Copied, pickled, written to JSON and read back, it is the same and has the same digest."""
    roster = CITY.roster()
    roster.record_fix("T2", lon=-100.0, lat=40.0, at=NOON)
    for make in (copy.copy, copy.deepcopy, _pickled, _written):
        snapshot = roster.snapshot()
        again = make(snapshot)
        assert again == snapshot
        assert hash(again) == hash(snapshot)
        assert (again.rows, again.digest) == (snapshot.rows, snapshot.digest)
        roster.set_status("T1", TeamStatus.ON_SCENE, at=NOON)


def _pickled(snapshot: RosterSnapshot) -> RosterSnapshot:
    found: RosterSnapshot = pickle.loads(pickle.dumps(snapshot))  # noqa: S301  # our own bytes
    return found


def _written(snapshot: RosterSnapshot) -> RosterSnapshot:
    return roster_from_json(to_json(snapshot))


def test_model_and_kernels_read_the_same_rows() -> None:
    """The numbers both sides state: of statuses, of what is not known, of the idle time."""
    assert NEVER == NO_FIX
    assert (NUMBER_OF[TeamStatus.AVAILABLE], NUMBER_OF[TeamStatus.UNKNOWN]) == (0, 1)
    assert sorted(NUMBER_OF.values()) == list(range(len(TeamStatus)))
    idle = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    one, other, *_ = CITY.roster().snapshot().teams
    teams = (replace(one, idle_since=idle), replace(other, idle_since=None))
    rows = RosterSnapshot(teams).rows
    assert [idle_us(rows, team) for team in range(2)] == [-1, NEVER_IDLE]


def test_an_empty_roster_has_a_digest() -> None:
    """Nobody is a line-up as well."""
    roster = Roster([], roads=CITY.world.roads)
    assert roster.snapshot().teams == ()
    assert roster.snapshot().digest == roster_digest(())


def test_the_city_is_whole() -> None:
    """The tests above stand on three teams with homes on the road."""
    assert isinstance(CITY, City)
    assert [state.home_road is None for state in CITY.roster().snapshot().teams] == [False] * 3
