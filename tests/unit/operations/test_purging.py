"""A purge leaves the shift that is rebuilt from the ledger as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.scenarios.city import NOON
from tests.scenarios.shift import Clocks, Shift, dispatcher_in, shift_in, street
from tests.synthetic_day import Day
from unarmed_router.errors import LedgerLostError
from unarmed_router.fleet.call_record import CallRecord
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.store import Recorded
from unarmed_router.ledger.verify import verify
from unarmed_router.model.events import Purged, RosterSet
from unarmed_router.model.team import TeamStatus
from unarmed_router.operations.clock import LedgerClock
from unarmed_router.operations.outcomes import Reservation
from unarmed_router.operations.purging import purge


def test_what_happens_while_a_purge_begins_is_in_the_stated_roster(tmp_path: Path) -> None:
    """Another process acts after the ledger was read, a second later: nothing of it is lost."""
    path = tmp_path / "day.db"
    with closing(open_ledger(path)) as ledger, closing(open_ledger(path)) as other:
        day = Day(ledger, seed=7)
        day.play(20)
        free = next(
            state.team.team_id
            for state in day.shift.board.roster.snapshot().teams
            if state.status is TeamStatus.AVAILABLE
        )

        def wall() -> datetime:  # asked once, between reading and removing
            asked = day.now
            day.now += timedelta(seconds=1)
            day.shift.report(free, "out_of_service")
            return asked

        removed = purge(other, before=day.now + timedelta(hours=1), clock=LedgerClock(wall))
        assert removed > 0
        (stated,) = [e.event for e in ledger.read() if isinstance(e.event, RosterSet)][1:]
        assert {s.team.team_id: s.status for s in stated.teams}[free] is TeamStatus.OUT_OF_SERVICE
        assert sum(e.event.count for e in ledger.read() if isinstance(e.event, Purged)) == removed
        assert verify(ledger).whole


def test_a_running_shift_goes_on_after_a_purge_by_another_process(tmp_path: Path) -> None:
    """It takes the stated roster in, keeps its open calls, and its next acts are recorded."""
    path = tmp_path / "day.db"
    with closing(open_ledger(path)) as ledger, closing(open_ledger(path)) as other:
        day = Day(ledger, seed=7)
        day.play(20)
        open_calls = set(day.shift.board.calls)
        statuses = {s.team.team_id: s.status for s in day.shift.board.roster.snapshot().teams}
        clock, later = LedgerClock(lambda: day.now), day.now + timedelta(hours=1)
        assert purge(other, before=later, clock=clock) > 0
        day.shift.tick()
        board = day.shift.board
        assert set(board.calls) == open_calls
        assert {s.team.team_id: s.status for s in board.roster.snapshot().teams} == statuses
        day.play(5)
        assert verify(ledger).whole


def _cut_off(ledger: SqlLedger) -> Iterator[Recorded]:
    """Read all but the last event, then lose the connection."""
    yield from list(ledger.read())[:-1]
    raise LedgerLostError("the connection is cut", in_doubt=False)


def test_a_shift_that_a_purge_overtook_starts_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It saw a call begin, not how it ended, and cannot read that any more: no call is left open.

    Calls whose end can still be read are told of, once, also where the first attempt fails; a
    position not on record is kept.
    """
    path, city, clocks, told = tmp_path / "day.db", street(T1="a", T2="b"), Clocks(), list[str]()

    def on_end(record: CallRecord) -> None:
        told.append(record.call.call_id)

    with closing(open_ledger(path)) as ledger, closing(open_ledger(path)) as other:
        busy = shift_in(city, other, clocks)
        made = [busy.reserved("c-1"), busy.reserved("c-2")]
        standby = Shift(city, ledger, clocks, dispatcher_in(city, ledger, clocks, on_end=on_end))
        lon, lat = city.places["c"]
        standby.dispatcher.record_fix("T2", lon=lon, lat=lat, at=clocks.wall)
        busy.dispatcher.cancel("c-1", "duplicate")
        clocks.pass_by(10)
        before = clocks.wall
        busy.dispatcher.accept(made[1].reservation_id)
        busy.dispatcher.report(made[1].team_id, "on_scene")
        busy.dispatcher.close("c-2", "resolved")
        busy.receive("c-3")
        clocks.pass_by(86_400)
        assert purge(other, before=before, clock=clocks.ledger_clock()) > 0
        with monkeypatch.context() as patched:
            patched.setattr(ledger, "read", lambda: _cut_off(other))
            for _ in range(2):
                with pytest.raises(LedgerLostError):
                    standby.dispatcher.tick()
        assert told == []
        assert standby.dispatcher.tick().expired == ()
        board, again = standby.dispatcher.board, standby.again().dispatcher.board
        assert (board.calls, board.tally) == (again.calls, again.tally)
        assert (dict(board.ended), dict(board.keys)) == (dict(again.ended), dict(again.keys))
        assert standby.status(made[1].team_id) == "on_scene"
        assert board.roster.fix_of("T2") == (lon, lat, NOON)
        assert told == ["c-2", "c-3"]
        standby.reserved("c-4")
        busy.dispatcher.tick()
        assert set(busy.dispatcher.board.calls) == {"c-4"}
        assert verify(ledger).whole


def test_a_shift_that_a_purge_overtook_tells_of_an_id_that_came_again(tmp_path: Path) -> None:
    """The first call of the id it had told of; the second ended where it had not read yet."""
    path, city, clocks, told = tmp_path / "day.db", street(T1="a"), Clocks(), list[str]()
    with closing(open_ledger(path)) as ledger, closing(open_ledger(path)) as other:
        standby = shift_in(
            city, ledger, clocks, on_end=lambda record: told.append(record.call.call_id)
        )
        standby.receive("c-1")
        standby.dispatcher.cancel("c-1", "duplicate")
        clocks.pass_by(60)
        purge(other, before=clocks.wall, clock=clocks.ledger_clock())
        busy = shift_in(city, other, clocks)
        for call_id in ("c-0", "c-1"):
            before = clocks.wall
            busy.receive(call_id)
            busy.dispatcher.cancel(call_id, "duplicate")
            clocks.pass_by(60)
        assert told == ["c-1"]
        assert purge(other, before=before, clock=clocks.ledger_clock()) > 0  # c-0: it overtakes
        standby.dispatcher.tick()
        assert told == ["c-1", "c-1"]


def test_a_shift_that_half_a_purge_overtook_tells_nothing_twice(tmp_path: Path) -> None:
    """Calls go in batches: one that ended and was told of may be there yet when others are not."""
    path, city, clocks, told = tmp_path / "day.db", street(T1="a"), Clocks(), list[str]()
    with closing(open_ledger(path)) as ledger, closing(open_ledger(path)) as other:
        standby = shift_in(
            city, ledger, clocks, on_end=lambda record: told.append(record.call.call_id)
        )
        standby.receive("c-1")
        standby.dispatcher.cancel("c-1", "duplicate")
        lapses = standby.reserved("c-3").reservation_id
        clocks.pass_by(61)
        assert standby.dispatcher.tick().expired == (lapses,)
        busy = shift_in(city, other, clocks)
        seen = busy.dispatcher.board.seq
        busy.receive("c-2")
        busy.dispatcher.cancel("c-2", "duplicate")
        clocks.pass_by(60)
        batch = list(range(seen + 1, busy.dispatcher.board.seq + 1))
        with other.transaction(seen=busy.dispatcher.board.seq) as transaction:
            transaction.entomb(batch)
            event = Purged(before=clocks.wall, up_to_seq=batch[-1], count=len(batch))
            transaction.append([event], at=clocks.wall)
        assert standby.dispatcher.tick().expired == ()
        assert told == ["c-1"]
        assert set(standby.dispatcher.board.ended) == {"c-1"}


def test_a_shift_that_a_purge_overtook_tells_what_lapsed(tmp_path: Path) -> None:
    """A reservation of another process that nobody answered is told of by the next tick, once."""
    path, city, clocks = tmp_path / "day.db", street(T1="a"), Clocks()
    with closing(open_ledger(path)) as ledger, closing(open_ledger(path)) as other:
        busy, standby = shift_in(city, other, clocks), shift_in(city, ledger, clocks)
        busy.receive("c-0")
        busy.dispatcher.cancel("c-0", "duplicate")
        clocks.pass_by(60)
        before, made = clocks.wall, busy.reserved("c-1")
        clocks.pass_by(61)
        busy.dispatcher.tick()
        busy.reserved("c-2")
        busy.dispatcher.cancel("c-2", "duplicate")  # its team is let go: nothing has lapsed
        assert purge(other, before=before, clock=clocks.ledger_clock()) > 0
        assert standby.dispatcher.tick().expired == (made.reservation_id,)
        assert standby.dispatcher.tick().expired == ()


def test_a_roster_that_was_set_while_a_purge_overtook_a_shift_is_followed(tmp_path: Path) -> None:
    """The router of that process has the teams of the board, as they were set."""
    path, city, clocks = tmp_path / "day.db", street(T1="a"), Clocks()
    with closing(open_ledger(path)) as ledger, closing(open_ledger(path)) as other:
        busy, standby = shift_in(city, other, clocks), shift_in(city, ledger, clocks)
        busy.receive("c-1")
        standby.dispatcher.tick()
        busy.dispatcher.cancel("c-1", "duplicate")
        clocks.pass_by(60)
        later = shift_in(city.with_team("T1", crew_size=3), other, clocks)
        assert purge(other, before=clocks.wall, clock=clocks.ledger_clock()) > 0
        standby.dispatcher.tick()
        router = standby.dispatcher._router
        assert router.roster is standby.dispatcher.board.roster
        teams = [shift.dispatcher.board.roster.state("T1").team for shift in (standby, later)]
        assert teams[0] == teams[1]


def test_an_id_that_comes_again_after_a_purge_is_a_call_for_every_process(tmp_path: Path) -> None:
    """A process that outlived the purge knows the first call of that id, and holds for the next."""
    path, city, clocks = tmp_path / "day.db", street(T1="a"), Clocks()
    with closing(open_ledger(path)) as ledger:
        old = shift_in(city, ledger, clocks)
        old.receive("c-1")
        old.dispatcher.cancel("c-1", "duplicate")
        clocks.pass_by(60)
        assert purge(ledger, before=clocks.wall, clock=clocks.ledger_clock()) > 0
        decision = old.again().receive("c-1")
        made = old.dispatcher.reserve(decision, idempotency_key="k-1")
        assert isinstance(made, Reservation)
        assert made.call_id == "c-1"


def test_nothing_old_is_nothing_to_remove(tmp_path: Path) -> None:
    """A purge before the first event changes nothing, not even the roster."""
    with closing(open_ledger(tmp_path / "day.db")) as ledger:
        day = Day(ledger, seed=7)
        day.play(3)
        before = sum(1 for _ in ledger.read())
        assert purge(ledger, before=day.now - timedelta(days=1)) == 0
        assert sum(1 for _ in ledger.read()) == before
