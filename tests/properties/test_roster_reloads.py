"""A roster taken in while a shift runs does what opening the shift with it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scenarios.city import City, draw_city
from tests.scenarios.reloading import loaded, reloading, written
from tests.scenarios.shift import WAITING, Shift
from unarmed_router.errors import UnarmedRouterError
from unarmed_router.fleet.board_view import BoardView
from unarmed_router.model.screening import Screening, StaleFix
from unarmed_router.model.team import TeamStatus
from unarmed_router.model.waiting import Preemption
from unarmed_router.operations.dispatcher import Dispatcher

TEAMS = ("T0", "T1", "T2", "T3")
CITY = draw_city("a---c-----b--d", teams=dict(zip(TEAMS, "abdc", strict=True))).with_policy(
    waiting=WAITING,
    preemption=Preemption({(1, 3): 10}),
    screening=Screening(0, 300, StaleFix.HOME, 3600),
)

places = st.sampled_from("abcd")
teams = st.sampled_from(TEAMS)
described = st.fixed_dictionaries(
    {
        "home": places,
        "crew_size": st.integers(1, 2),
        "capabilities": st.sampled_from([(), ("spanish",)]),
        "status": st.sampled_from([TeamStatus.AVAILABLE, TeamStatus.UNKNOWN]),
    }
)
rosters = st.dictionaries(teams, described, max_size=4)
calls = st.tuples(
    places,
    st.sampled_from([1, 3]),
    st.sampled_from([(), ("spanish",)]),
    st.sampled_from(["receive", "reserve", "send", "accepted"]),
)
acts = st.one_of(
    st.tuples(st.just("roster"), rosters),
    st.tuples(st.just("roster"), rosters),
    st.tuples(st.just("call"), calls),
    st.tuples(st.just("call"), calls),
    st.tuples(st.just("report"), st.tuples(teams, st.sampled_from(TeamStatus))),
    st.tuples(st.just("fix"), st.tuples(teams, places)),
    st.tuples(st.sampled_from(["offer", "preempt", "revise", "close", "decline"]), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([1, 59, 61, 1900])),
)


def city_of(roster: Mapping[str, Mapping[str, Any]]) -> City:
    """Return the city with other teams."""
    by_id = {state.team.team_id: state for state in CITY.states}
    states = []
    for team_id, fields in roster.items():
        given = dict(fields)
        status, (lon, lat) = given.pop("status"), CITY.places[given.pop("home")]
        team = replace(by_id[team_id].team, home_lon=lon, home_lat=lat, **given)
        states.append(replace(by_id[team_id], team=team, status=status))
    return replace(CITY, states=tuple(states))


class Running:
    """A shift, and what is done on it."""

    def __init__(self) -> None:
        self.shift: Shift = reloading(CITY)
        self.serial = 0

    def take_in(self, city: City, file: Path) -> None:
        """Take another roster in: while the shift runs."""
        self.shift.dispatcher.reload_roster(written(file, city))
        self.shift.dispatcher.tick()

    def do(self, what: str, told: Any, file: Path) -> Any:
        """Do one act; return what it says, without the numbers of events."""
        dispatcher, clocks = self.shift.dispatcher, self.shift.clocks
        self.serial += 1
        key = f"k-{self.serial}"
        try:
            match what:
                case "roster":
                    return self.take_in(city_of(told), file)
                case "wait":
                    return clocks.pass_by(told)
                case "report":
                    return dispatcher.report(told[0], told[1])
                case "fix":
                    lon, lat = CITY.places[told[1]]
                    return dispatcher.record_fix(told[0], lon=lon, lat=lat, at=clocks.wall)
                case "call":
                    return self._call(key, *told)
                case "offer":
                    offer = dispatcher.next_offer()
                    return offer and (offer.to_json(), self._hold(offer, key))
            return self._on_one(what, key)
        except UnarmedRouterError as error:
            return type(error).__name__

    def _call(self, key: str, at: str, priority: int, needs: tuple[str, ...], how: str) -> Any:
        call = CITY.call(at, call_id=key, received_at=self.shift.clocks.wall, needs=needs)
        if how in {"send", "accepted"}:
            decision, made = self.shift.dispatcher.send(
                call, idempotency_key=key, priority=priority, accepted=how == "accepted"
            )
            return decision.to_json(), made and made.team_id
        decision = self.shift.dispatcher.receive(call, priority=priority)
        return decision.to_json(), self._hold(decision, key) if how == "reserve" else None

    def _hold(self, decision: Any, key: str) -> Any:
        if decision.kind != "recommendation":
            return None
        made = self.shift.dispatcher.reserve(decision, idempotency_key=key)
        return made.team_id, getattr(made, "reason", None)

    def _on_one(self, what: str, key: str) -> Any:
        """Do something with the open call of the least id."""
        dispatcher = self.shift.dispatcher
        if not dispatcher.board.calls:
            return None
        record = min(dispatcher.board.calls.values(), key=lambda each: each.call.call_id)
        call_id, held = record.call.call_id, record.assignment
        if what == "close":
            return dispatcher.close(call_id, "resolved")
        if what == "decline":
            return dispatcher.decline(held.reservation_id, "unsafe") if held else "nobody"
        if what == "revise":
            revised = dispatcher.revise(replace(record.call, prefers=()))
            return revised.to_json()
        offer = dispatcher.preemption(call_id)
        return offer and dispatcher.preempt(offer, idempotency_key=key).team_id


class Opened(Running):
    """The same, where another process opens the shift with each new roster."""

    def take_in(self, city: City, file: Path) -> None:
        """Open it, and let the process that runs it follow."""
        del file
        clocks = self.shift.clocks
        router = loaded(city, clock=lambda: clocks.wall)
        Dispatcher(router, self.shift.ledger, clock=clocks.ledger_clock())
        self.shift.dispatcher.tick()


def shown(board: BoardView) -> dict[str, Any]:
    """Say how a shift stands, without the numbers of events."""
    return {
        "teams": board.roster.snapshot(),
        "calls": {
            call_id: (
                record.call,
                record.priority,
                record.stage,
                record.recall,
                [(each.team_id, each.accepted_at, each.ending) for each in record.assignments],
            )
            for call_id, record in board.calls.items()
        },
        "queue": [record.call.call_id for record in board.queue],
        "ended": dict(board.ended),
        "busy": {team_id: each.call_id for team_id, each in board.open_of_team.items()},
        "keys": {key: made[1:] for key, made in board.keys.items()},
        "tally": board.tally,
    }


def expected(board: BoardView, city: City) -> dict[str, tuple[Any, ...]]:
    """Say by plain rules who is there with another roster: description, status, times, position."""
    there = {}
    before = {state.team.team_id: state for state in board.roster.snapshot().teams}
    file = {state.team.team_id: state for state in city.states}
    for team_id in {*before, *file}:
        state = before.get(team_id, file.get(team_id))
        assert state is not None
        if team_id in file:
            team = file[team_id].team
        elif team_id in board.open_of_team:
            team = replace(state.team, shifts=())
        else:
            continue
        there[team_id] = team, state.status, state.status_at, state.idle_since, state.fix
    return there


def known(board: BoardView) -> dict[str, tuple[Any, ...]]:
    """Say who is there."""
    return {
        state.team.team_id: (
            state.team, state.status, state.status_at, state.idle_since, state.fix
        )
        for state in board.roster.snapshot().teams
    }  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(acts, min_size=3, max_size=25))
def test_reloading_is_opening_anew(drawn: list[tuple[str, Any]]) -> None:
    """Equal answers, boards and next decisions after each act; the log tells the same shift."""
    one, other = Running(), Opened()
    asked = CITY.call("c", call_id="next")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "roster.toml"
        for what, told in drawn:
            if what == "roster":
                for each in (one, other):
                    each.shift.dispatcher.tick()  # what is over by now ends first
                there = expected(one.shift.dispatcher.board, city_of(told))
            assert one.do(what, told, file) == other.do(what, told, file)
            boards = [each.shift.dispatcher.board for each in (one, other)]
            assert shown(boards[0]) == shown(boards[1])
            if what == "roster":
                assert known(boards[0]) == there
            routers: list[Any] = [each.shift.dispatcher._router for each in (one, other)]
            at = one.shift.clocks.wall + timedelta(seconds=1)
            said = {router.route(asked, at=at).to_json() for router in routers}
            assert len(said) == 1
            assert [r.roster is b.roster for r, b in zip(routers, boards, strict=True)] == [
                True
            ] * 2
    one.shift.dispatcher.tick()  # what is over ends here, too
    states = boards[0].roster.snapshot().teams
    one.shift.city = replace(CITY, states=states)
    again = reloading(one.shift.city, one.shift.ledger, one.shift.clocks).dispatcher.board
    rebuilt = shown(again) | {"teams": None}
    assert rebuilt == shown(boards[0]) | {"teams": None}
    for mine, read in zip(states, again.roster.snapshot().teams, strict=True):
        assert replace(mine, fix=None, fix_road=None) == replace(read, fix=None, fix_road=None)


def test_the_acts_reach_what_they_are_for() -> None:
    """A team that finishes, and one that comes back: both ways of changing rosters have them."""
    one, other = Running(), Opened()
    whole = {
        team_id: {
            "home": "c", "crew_size": 1, "capabilities": (), "status": TeamStatus.AVAILABLE
        }
        for team_id in TEAMS
    }  # fmt: skip
    part = {team_id: whole[team_id] for team_id in TEAMS[1:]}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "roster.toml"
        for each in (one, other):
            each.do("roster", whole, file)
            each.do("call", ("c", 3, (), "accepted"), file)
            assert set(each.shift.dispatcher.board.open_of_team) == {"T0"}
            each.do("roster", part, file)
            assert each.shift.dispatcher.board.roster.state("T0").team.shifts == ()
            each.do("roster", whole, file)
            assert each.shift.dispatcher.board.roster.state("T0").team.shifts != ()
            each.do("close", None, file)
            each.do("roster", part, file)
            assert "T0" not in each.shift.dispatcher.board.roster
