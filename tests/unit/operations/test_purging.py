"""A purge leaves the shift that is rebuilt from the ledger as it was."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from tests.synthetic_day import Day
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.events import Purged, RosterSet
from unarmed_router.model.team import TeamStatus
from unarmed_router.operations.clock import LedgerClock
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


def test_nothing_old_is_nothing_to_remove(tmp_path: Path) -> None:
    """A purge before the first event changes nothing, not even the roster."""
    with closing(open_ledger(tmp_path / "day.db")) as ledger:
        day = Day(ledger, seed=7)
        day.play(3)
        before = sum(1 for _ in ledger.read())
        assert purge(ledger, before=day.now - timedelta(days=1)) == 0
        assert sum(1 for _ in ledger.read()) == before
