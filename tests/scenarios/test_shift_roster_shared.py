"""Rosters that two dispatchers take in by turns, each with a connection of its own."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ledgers import schema_address
from tests.scenarios.city import City, draw_city
from tests.scenarios.reloading import reloading, written
from tests.scenarios.shift import WAITING, Clocks, Shift
from unarmed_router.dispatch.desk import Desk
from unarmed_router.errors import LedgerBusyError, LifecycleError, UnknownTeamError
from unarmed_router.fleet.board import Board
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.team import TeamState
from unarmed_router.operations.purging import purge
from unarmed_router.operations.recording import decision_text
from unarmed_router.operations.walking import Walk

CITY = draw_city(
    "a---c-----b--d", teams=dict(zip(("T0", "T1", "T2", "T3", "T4"), "abdca", strict=True))
).with_policy(waiting=WAITING)
LINEUPS = [("T0", "T1", "T2", "T3", "T4"), ("T0", "T1"), ("T2", "T3", "T4"), ("T4",), ()]


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, quick_path: Path) -> str:
    """Name an empty database."""
    if request.param == "sqlite":
        return str(quick_path / "shift.db")
    return schema_address(request.getfixturevalue("postgres"))


def city_of(teams: tuple[str, ...]) -> City:
    """Return the city with some of its teams."""
    return replace(CITY, states=tuple(s for s in CITY.states if s.team.team_id in teams))


@contextmanager
def two(where: str) -> Iterator[list[Shift]]:
    """Open a shift twice."""
    with closing(open_ledger(where)) as first, closing(open_ledger(where)) as second:
        mine = reloading(CITY, first)
        yield [mine, reloading(CITY, second, mine.clocks)]


def work(shift: Shift, chance: random.Random) -> None:
    """Let some team that a call holds go on, and positions come."""
    dispatcher, board = shift.dispatcher, shift.dispatcher.board
    for team_id in LINEUPS[0]:
        lon, lat = CITY.places[chance.choice("abcd")]
        if team_id in board.roster and chance.random() < 0.5:
            dispatcher.record_fix(team_id, lon=lon, lat=lat, at=shift.clocks.wall)
    for team_id, held in board.open_of_team.items():
        if chance.random() < 0.6:
            try:
                dispatcher.report(team_id, chance.choice(("en_route", "on_scene", "available")))
            except (LifecycleError, UnknownTeamError):
                continue
        elif chance.random() < 0.4:
            dispatcher.close(held.call_id, "resolved")
            dispatcher.report(team_id, "available")


def known(board: object) -> list[TeamState]:
    """Return the teams as they are on record, without positions."""
    teams = board.roster.snapshot().teams  # type: ignore[attr-defined]
    return [replace(state, fix=None, fix_road=None) for state in teams]


def same_bytes(ledger: SqlLedger) -> int:
    """Decide again whatever can be; return how many decisions came out the same."""
    walk, desk, made = Walk(Board(CITY.roster().with_states)), Desk(CITY.world), 0
    for standing in walk.decisions(ledger.read()):
        if standing.certain:
            again = desk.decide(standing.call, standing.event.decided_at, standing.roster)
            assert again.to_json() == decision_text(standing.event)
            made += 1
    return made


@pytest.mark.parametrize("purged", [False, True])
def test_two_dispatchers_change_teams_by_turns(where: str, tmp_path: Path, purged: bool) -> None:
    """Both have the same teams, no call loses its own, and each decision is of one roster."""
    chance = random.Random(4)  # noqa: S311  # chance, no secret
    files = [written(tmp_path / f"{n}.toml", city_of(teams)) for n, teams in enumerate(LINEUPS)]
    finishing = 0
    with two(where) as shifts:
        for turn in range(30):
            one, other = shifts[:: 1 if turn % 2 else -1]
            one.clocks.pass_by(chance.choice((1, 30)))
            call = CITY.call(
                chance.choice("abcd"), call_id=f"c-{turn}", received_at=one.clocks.wall
            )
            decision, made = one.dispatcher.send(call, idempotency_key=f"k-{turn}", accepted=True)
            lineup = chance.randrange(len(files))
            changes = other.dispatcher.reload_roster(files[lineup])
            finishing += len(changes.finishing)
            held = other.dispatcher.board.open_of_team
            there = {state.team.team_id for state in known(other.dispatcher.board)}
            assert there == {*LINEUPS[lineup], *held}
            if made is not None:
                assert held[made.team_id].call_id == call.call_id
            told = other.dispatcher.send(call, idempotency_key=f"k-{turn}", accepted=True)
            assert told == (decision, made and replace(made, repeated=True))
            assert isinstance(decision, Recommendation) is (made is not None)
            one.dispatcher.tick()
            assert known(one.dispatcher.board) == known(other.dispatcher.board)
            assert one.dispatcher._router.roster is one.dispatcher.live.roster
            offer = other.dispatcher.next_offer()  # to teams that came
            if offer is not None:
                one.dispatcher.reserve(offer, idempotency_key=f"o-{turn}", accepted=True)
            work(one, chance)
            if purged and turn in (10, 20):
                one.clocks.pass_by(60)
                ledger = other.ledger
                assert isinstance(ledger, SqlLedger)
                purge(ledger, before=one.clocks.wall, clock=one.clocks.ledger_clock())
        assert finishing > 5
        for each in shifts:
            each.dispatcher.tick()
        board = shifts[0].dispatcher.board
        assert same_bytes(shifts[0].ledger) > (3 if purged else 30)  # type: ignore[arg-type]
        assert verify(shifts[0].ledger).whole  # type: ignore[arg-type]
        with closing(open_ledger(where)) as third:
            last = reloading(replace(CITY, states=tuple(known(board))), third, shifts[0].clocks)
            assert known(last.dispatcher.board) == known(board)
            assert last.dispatcher.board.calls.keys() == board.calls.keys()
            assert last.dispatcher.board.open_of_team == board.open_of_team


def test_a_database_that_somebody_holds_changes_no_team(quick_path: Path, tmp_path: Path) -> None:
    """The file is locked for longer than allowed: the same once more, when it is free, is right."""
    path = quick_path / "shift.db"
    file = written(tmp_path / "few.toml", city_of(("T1",)))
    with (
        closing(open_ledger(path, busy_timeout_s=0.05)) as ledger,
        closing(sqlite3.connect(path, isolation_level=None)) as holder,
    ):
        shift = reloading(CITY, ledger, Clocks())
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusyError):
            shift.dispatcher.reload_roster(file)
        assert len(known(shift.dispatcher.board)) == len(CITY.states)
        holder.execute("ROLLBACK")
        assert len(shift.dispatcher.reload_roster(file).removed) == len(CITY.states) - 1
