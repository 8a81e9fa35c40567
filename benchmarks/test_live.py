"""A living city: hours that change, speeds that change while calls come, teams that move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from benchmarks.calls import AT, eligible
from benchmarks.measure import timed
from unarmed_router import Call, Router
from unarmed_router.fleet.roster import Roster
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.team import TeamState, TeamStatus

PAIRS = {
    "same_minute": (AT, AT + timedelta(seconds=1)),
    "same_hour": (AT, AT + timedelta(minutes=1)),
    "two_hours": (AT, AT + timedelta(hours=7)),
}
"""Two moments to which calls come in turn."""

ROSTERS = (6, 60, 200)
CALLS = 100_000
_RECENT, _STEP = timedelta(seconds=30), timedelta(microseconds=1)
_STATUSES = (TeamStatus.EN_ROUTE, TeamStatus.AVAILABLE)
JAMS = ({"motorway": 1.5}, {"motorway": 3.0})


@pytest.fixture(scope="module")
def live() -> Router:
    """Load a router of its own, whose present stands still: its speeds are changed."""
    return Router.load(clock=lambda: AT)


@pytest.mark.benchmark(group="hours: calls to two moments in turn")
@pytest.mark.parametrize("pair", PAIRS)
def test_hours(benchmark: Any, live: Router, call: Call, pair: str) -> None:
    """`Router.route`, the engines of both hours built."""
    first, second = PAIRS[pair]

    def run() -> None:
        live.route(call, at=first)
        live.route(call, at=second)

    timed(benchmark, run, amount=2)


@pytest.mark.benchmark(group="hours: the first call of a new hour")
def test_first_of_hour(benchmark: Any, router: Router, call: Call) -> None:
    """`Router.route` while no engine of the hour is built: one customization with labels."""
    agency = router.agency

    def unbuilt() -> tuple[tuple[Router], dict[str, Any]]:
        world = replace(agency.world, travel_times=agency.speeds.travel_times())
        fresh = Router(replace(agency, world=world))
        fresh.route(call, at=AT + timedelta(hours=7))  # all but the hour's engine is ready
        return (fresh,), {}

    benchmark.pedantic(lambda fresh: fresh.route(call, at=AT), setup=unbuilt, rounds=15)


@contextmanager
def _updates(router: Router) -> Iterator[list[int]]:
    """Put new speeds in force, one after the other, in another thread; count them."""
    stop, done = Event(), [0]

    def run() -> None:
        while not stop.is_set():
            router.update_speeds(JAMS[done[0] % 2])
            done[0] += 1

    thread = Thread(target=run)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()
        router.update_speeds(None)


@pytest.mark.benchmark(group="latency of one call")
@pytest.mark.parametrize("state", ["idle", "updating"])
def test_latency(benchmark: Any, live: Router, call: Call, state: str) -> None:
    """`Router.route` of 100,000 calls, each timed, alone or beside a thread that updates speeds."""
    if state == "updating":
        with _updates(live) as done:
            _each(benchmark, lambda: live.route(call))
            benchmark.extra_info["updates"] = done[0]
    else:
        _each(benchmark, lambda: live.route(call))


def _each(benchmark: Any, run: Callable[[], Any]) -> None:
    """Time every run for itself, and record the slow ones."""
    benchmark.pedantic(run, rounds=CALLS, iterations=1, warmup_rounds=100)
    if benchmark.stats is not None:  # None when benchmarks are disabled
        taken = np.array(benchmark.stats.stats.data)
        benchmark.extra_info.update(p99_s=float(np.percentile(taken, 99)), max_s=float(taken.max()))


def _staffed(router: Router, teams: int) -> Router:
    """Copy a router with so many teams, all available, at random crossings of the city."""
    agency, rng = router.agency, np.random.default_rng(teams)
    states, network = router.roster.snapshot().teams, agency.network
    nodes = rng.integers(0, network.nodes, teams).tolist()
    made, long_ago = [], AT - 2 * _RECENT
    for number, node in enumerate(nodes):
        team = replace(
            states[number % len(states)].team,
            team_id=f"team-{number:03}",
            home_lon=float(network.node_lon[node]),
            home_lat=float(network.node_lat[node]),
        )
        made.append(TeamState(team=team, status=TeamStatus.AVAILABLE, status_at=long_ago))
    return Router(replace(agency, roster=Roster(made, roads=agency.roads)), clock=lambda: AT)


class Moving:
    """A roster one of whose teams reports a new position each time.

    Parameters
    ----------
    router : Router
        Whose teams.
    teams : int
        How many it shall have.
    """

    def __init__(self, router: Router, teams: int) -> None:
        self.router, self._reports, self._at = _staffed(router, teams), count(), AT - _RECENT
        self._ids = [f"team-{number:03}" for number in range(teams)]
        network, rng = router.agency.network, np.random.default_rng(9)
        nodes = rng.integers(0, network.nodes, 1024)
        self._lons, self._lats = network.node_lon[nodes].tolist(), network.node_lat[nodes].tolist()

    def report(self) -> None:
        """Record one fix, each later than the one before."""
        number = next(self._reports)
        self._at += _STEP
        place = number % len(self._lons)
        taken = self.router.roster.record_fix(
            self._ids[number % len(self._ids)],
            lon=self._lons[place],
            lat=self._lats[place],
            at=self._at,
        )
        assert taken

    def snap(self) -> None:
        """Find the next position on the road, and tell nobody."""
        place = next(self._reports) % len(self._lons)
        self.router.agency.roads.snap(lon=self._lons[place], lat=self._lats[place])

    def change(self) -> None:
        """Record that the next team is available, or busy, by turns."""
        number = next(self._reports)
        self._at += _STEP
        status = _STATUSES[number // len(self._ids) % 2]
        taken = self.router.roster.set_status(
            self._ids[number % len(self._ids)], status, at=self._at
        )
        assert taken


@pytest.mark.benchmark(group="moving teams: one fix")
@pytest.mark.parametrize("teams", ROSTERS)
def test_fix(benchmark: Any, live: Router, teams: int) -> None:
    """`Roster.record_fix`: the position is snapped, the row of one team is written."""
    timed(benchmark, Moving(live, teams).report, rounds=3_000, teams=teams)


@pytest.mark.benchmark(group="moving teams: one snap, nothing else")
def test_resnap(benchmark: Any, live: Router) -> None:
    """`EdgeSnapper.snap` of the positions that `test_fix` reports: the yardstick of a move."""
    timed(benchmark, Moving(live, 6).snap, rounds=3_000)


@pytest.mark.benchmark(group="moving teams: one change of status")
@pytest.mark.parametrize("teams", ROSTERS)
def test_status(benchmark: Any, live: Router, teams: int) -> None:
    """`Roster.set_status`: the row of one team is written."""
    timed(benchmark, Moving(live, teams).change, rounds=3_000, teams=teams)


@pytest.mark.benchmark(group="moving teams: a call after a fix")
@pytest.mark.parametrize("teams", ROSTERS)
def test_route_after_fix(benchmark: Any, live: Router, teams: int) -> None:
    """`Router.route` after each fix: a new snapshot, which copies the rows of all teams."""
    moving, call = Moving(live, teams), eligible(live)
    route = moving.router.route
    benchmark.pedantic(lambda: route(call), setup=moving.report, rounds=3_000, warmup_rounds=10)
    benchmark.extra_info["teams"] = teams


@pytest.mark.benchmark(group="moving teams: a call, nothing moved")
@pytest.mark.parametrize("teams", ROSTERS)
def test_route_unmoved(benchmark: Any, live: Router, teams: int) -> None:
    """`Router.route` of one call after the other against the same roster."""
    moving, call = Moving(live, teams), eligible(live)
    found = timed(benchmark, lambda: moving.router.route(call), rounds=3_000, teams=teams)
    benchmark.extra_info["timed"] = len(found.candidates)


@pytest.mark.benchmark(group="moving teams: a call after a change of status")
@pytest.mark.parametrize("teams", ROSTERS)
def test_route_after_status(benchmark: Any, live: Router, teams: int) -> None:
    """`Router.route` after each change: half of the teams are busy at any time."""
    moving, call = Moving(live, teams), eligible(live)
    route = moving.router.route
    benchmark.pedantic(lambda: route(call), setup=moving.change, rounds=3_000, warmup_rounds=10)
    benchmark.extra_info["teams"] = teams


@pytest.mark.benchmark(group="moving teams: the digest after a fix")
@pytest.mark.parametrize("teams", ROSTERS)
def test_digest_after_fix(benchmark: Any, live: Router, teams: int) -> None:
    """`RosterSnapshot.digest`, which each decision names in its basis."""
    moving = Moving(live, teams)
    roster = moving.router.roster

    def moved() -> tuple[tuple[RosterSnapshot], dict[str, Any]]:
        moving.report()
        return (roster.snapshot(),), {}

    benchmark.pedantic(lambda s: s.digest, setup=moved, rounds=3_000, warmup_rounds=10)
    benchmark.extra_info["teams"] = teams
