"""Teams that move while calls are decided: what was decided stays, what is read is whole."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import count

from tests.embedded import AT, call
from unarmed_router import Recommendation, Router
from unarmed_router.dispatch.decide import decide
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.team import TeamStatus

HERE, THERE = (-118.3090, 34.0606), (-118.2468, 33.9397)


def test_a_decision_read_late_shows_the_teams_it_was_made_with(router: Router) -> None:
    """Its fields are written when they are read, from what was known when it was made."""
    roster, world = router.roster, router.agency.world
    for step in range(4):
        snapshot, unread = roster.snapshot(), router.route(call(), at=AT)
        batch = router.route_many([call()], at=AT)
        assert isinstance(unread, Recommendation)
        expected = decide(call(), AT, snapshot, world).to_json()
        moved = AT + timedelta(microseconds=step)
        for state in snapshot.teams:
            lon, lat = (HERE, THERE)[step % 2]
            assert roster.record_fix(state.team.team_id, lon=lon, lat=lat, at=moved)
            status = (TeamStatus.EN_ROUTE, TeamStatus.AVAILABLE)[step % 2]
            roster.set_status(state.team.team_id, status, at=moved)
        router.route(call(), at=AT)
        assert unread.to_json() == expected == batch[0].to_json()
        for state in roster.snapshot().teams:
            roster.set_status(state.team.team_id, TeamStatus.AVAILABLE, at=moved)


def test_a_move_is_seen_by_the_next_call(router: Router) -> None:
    """One fix beside the call, and that team goes; busy, and it does not."""
    first = router.route(call(), at=AT)
    assert isinstance(first, Recommendation)
    other = first.candidates[1].team_id
    router.roster.record_fix(other, lon=HERE[0], lat=HERE[1], at=AT)
    second = router.route(call(), at=AT)
    assert isinstance(second, Recommendation)
    assert second.team_id == other
    assert second.candidates[0].travel_ms < 5_000  # both access legs, and no road
    router.roster.set_status(other, TeamStatus.ON_SCENE, at=AT)
    third = router.route(call(), at=AT)
    assert isinstance(third, Recommendation)
    assert third.team_id == first.team_id


def test_snapshots_taken_while_teams_move_are_whole(router: Router) -> None:
    """States and rows of one moment, and the decision of a snapshot is the one it has alone."""
    roster, world = router.roster, router.agency.world
    ids = [state.team.team_id for state in roster.snapshot().teams]
    stop, faults, seen = threading.Event(), list[str](), set[str]()

    def move(mine: list[str]) -> None:
        for step in count():
            if stop.is_set():
                return
            team_id = mine[step % len(mine)]
            (lon, lat), at = (HERE, THERE)[step // 2 % 2], AT + timedelta(microseconds=step)
            roster.record_fix(team_id, lon=lon, lat=lat, at=at)
            status = (TeamStatus.AVAILABLE, TeamStatus.EN_ROUTE)[step // 3 % 2]
            roster.set_status(team_id, status, at=at)

    def read() -> None:
        while len(seen) < 100 and not faults:
            router.route(call(), at=AT)
            snapshot = roster.snapshot()
            decision = decide(call(), AT, snapshot, world)
            alone = RosterSnapshot(snapshot.teams)
            if alone.rows != snapshot.rows or alone.digest != snapshot.digest:
                faults.append("rows and states differ")
            if decide(call(), AT, alone, world).to_json() != decision.to_json():
                faults.append("the decision differs")
            seen.add(snapshot.digest)

    movers = [threading.Thread(target=move, args=(ids[side::2],)) for side in range(2)]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in (*movers, *readers):
        thread.start()
    for thread in readers:
        thread.join()
    stop.set()
    for thread in movers:
        thread.join()
    assert not faults
