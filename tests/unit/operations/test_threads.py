"""One dispatcher shared by threads: fixes, calls, reports and ticks at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from tests.scenarios.city import NOON, draw_city
from tests.scenarios.reloading import reloading, written
from tests.scenarios.shift import Shift, shift_in
from tests.threads import together
from unarmed_router.errors import LifecycleError
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.events import Fixes, Reserved
from unarmed_router.model.screening import Screening, StaleFix
from unarmed_router.model.waiting import Waiting, WaitLimit
from unarmed_router.operations.outcomes import Reservation

CALLS = 40
TEAMS = {f"T{number}": "ab"[number % 2] for number in range(4)}


CITY = draw_city("a---c---b", teams=TEAMS).with_policy(
    waiting=Waiting(limits={3: WaitLimit(1800, "LINE")}),
    screening=Screening(0, 300, StaleFix.HOME, 3600),
)


def _shift() -> Shift:
    return shift_in(CITY)


def test_threads_share_a_dispatcher() -> None:
    """No team twice, no call lost, no fix out of order, and the log tells the same shift."""
    shift = _shift()
    dispatcher, places = shift.dispatcher, shift.city.places

    def calls(name: str) -> None:
        for number in range(CALLS):
            decision = shift.receive(f"{name}-{number}", received_at=NOON)
            if isinstance(decision, Recommendation):
                made = dispatcher.reserve(decision, idempotency_key=f"k-{name}-{number}")
                if isinstance(made, Reservation):
                    dispatcher.accept(made.reservation_id)
                    dispatcher.close(made.call_id, "resolved")

    def fixes() -> None:
        for number in range(800):
            lon, lat = places["abc"[number % 3]]
            at = NOON + timedelta(milliseconds=number)
            assert dispatcher.record_fix(f"T{number % 4}", lon=lon, lat=lat, at=at)

    def ticks() -> None:
        for _ in range(60):
            dispatcher.tick()
            dispatcher.next_offer()

    together(lambda: calls("x"), lambda: calls("y"), fixes, ticks)
    board, rebuilt = dispatcher.board, shift.again().dispatcher.board
    assert sum(board.tally.values()) == 2 * CALLS
    assert board.tally == rebuilt.tally
    assert board.open_of_team == rebuilt.open_of_team == {}
    for mine, other in zip(
        board.roster.snapshot().teams, rebuilt.roster.snapshot().teams, strict=True
    ):
        assert replace(mine, fix=None, fix_road=None) == replace(other, fix=None, fix_road=None)
    events = [each.event for each in shift.ledger.read()]
    kept = Counter(event.call_id for event in events if isinstance(event, Reserved))
    assert set(kept.values()) == {1}
    for team in TEAMS:
        times = [
            at
            for event in events
            if isinstance(event, Fixes)
            for known, at in zip(event.team_ids, event.measured, strict=True)
            if known == team
        ]
        assert times == sorted(set(times))


def test_a_call_that_two_threads_receive_is_received_once() -> None:
    """The second is told what the first was; one that says anything else is refused."""
    shift = _shift()
    told: dict[str, list[str]] = {f"c-{number}": [] for number in range(CALLS)}
    refused: list[str] = []

    def receive() -> None:
        for call_id, said in told.items():
            said.append(shift.receive(call_id, received_at=NOON).to_json())

    def other() -> None:
        for call_id in told:
            try:
                shift.receive(call_id, received_at=NOON, needs=("nurse",))
            except LifecycleError as error:
                refused.append(str(error))

    together(receive, receive)
    assert all(len(said) == 2 and len(set(said)) == 1 for said in told.values())
    together(other, other)
    assert len(refused) == 2 * CALLS
    assert all("received already" in text for text in refused)
    assert shift.events().count("call_received") == CALLS


def test_a_key_that_two_threads_use_is_one_reservation() -> None:
    """Both are told of the same."""
    shift = _shift()
    decision = shift.receive("c-1")
    made: list[str] = []

    def reserve() -> None:
        for _ in range(20):
            got = shift.dispatcher.reserve(decision, idempotency_key="k")
            assert isinstance(got, Reservation)
            made.append(got.reservation_id)

    together(reserve, reserve)
    assert len(set(made)) == 1
    assert shift.events().count("reserved") == 1


def test_teams_change_while_calls_are_served_and_positions_come(tmp_path: Path) -> None:
    """No call loses its team, no fix of a team that stays is lost, and the log tells the same."""
    every, few = CITY, replace(CITY, states=CITY.states[:2])
    files = [written(tmp_path / "few.toml", few), written(tmp_path / "every.toml", every)]
    shift, done = reloading(every), Event()
    dispatcher, last = shift.dispatcher, dict[str, tuple[float, float, datetime]]()

    def calls(name: str) -> None:
        for number in range(CALLS):
            call = CITY.call("c", call_id=f"{name}-{number}")
            _, made = dispatcher.send(call, idempotency_key=f"k-{name}-{number}", accepted=True)
            if made is not None:
                dispatcher.report(made.team_id, "on_scene")
                assert dispatcher.board.open_of_team[made.team_id].call_id == call.call_id
                dispatcher.report(made.team_id, "available", disposition="resolved")

    def fixes(team_id: str) -> None:
        step = 0
        while not done.is_set():
            step += 1
            lon, lat = shift.city.places["abc"[step % 3]]
            at = NOON - timedelta(days=1) + timedelta(milliseconds=step)
            assert dispatcher.record_fix(team_id, lon=lon, lat=lat, at=at)
            last[team_id] = lon, lat, at

    def changes() -> None:
        try:
            for turn in range(40):
                dispatcher.reload_roster(files[turn % 2])
                dispatcher.tick()
        finally:
            done.set()

    together(
        lambda: calls("x"), lambda: calls("y"), lambda: fixes("T0"), lambda: fixes("T1"), changes
    )
    board = dispatcher.board
    assert sum(board.tally.values()) == 2 * CALLS
    assert shift.events().count("roster_set") > 20
    assert {team_id: board.roster.fix_of(team_id) for team_id in last} == last
    dispatcher.reload_roster(files[1])
    rebuilt = reloading(every, shift.ledger, shift.clocks).dispatcher.board
    assert board.tally == rebuilt.tally
    for mine, other in zip(
        board.roster.snapshot().teams, rebuilt.roster.snapshot().teams, strict=True
    ):
        assert replace(mine, fix=None, fix_road=None) == replace(other, fix=None, fix_road=None)
