"""The board and the ledger stay in step, whatever others write and whatever fails in between."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.broken_ledger import Broken
from tests.scenarios.city import NOON, TWO_FACTS, City, draw_city
from tests.scenarios.shift import Clocks, DrawnRouter, Shift, dispatcher_in, shift_in, street
from unarmed_router.errors import LedgerBrokenError, LedgerError, LedgerLostError
from unarmed_router.fleet.call_record import CallRecord
from unarmed_router.fleet.roster import Roster
from unarmed_router.ledger.copy import backup
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.retention import purge
from unarmed_router.ledger.sqlite import SqliteFile
from unarmed_router.model.call import Answer
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.events import Fixes, RosterSet
from unarmed_router.model.reasons import ExclusionReason, Flag
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.outcomes import Reservation


@pytest.fixture
def city() -> City:
    """Two teams on one street."""
    return draw_city("a---c-----b", teams={"T1": "a", "T2": "b"})


def test_a_purged_ledger_is_opened_again(city: City, tmp_path: Path) -> None:
    """Retention removes ended calls; the teams are as they were and the shift goes on."""
    ledger = open_ledger(tmp_path / "shift.sqlite")
    shift = shift_in(city, ledger)
    shift.assigned("c-1", status="en_route")
    shift.dispatcher.close("c-1", "cancelled_en_route")
    shift.assigned("c-2", status="on_scene")
    shift.clocks.pass_by(86_400)
    board = shift.dispatcher.board
    removed = purge(
        ledger,
        before=shift.clocks.wall,
        at=shift.clocks.wall,
        seen=board.seq,
        restate=lambda _: [RosterSet(teams=board.roster.snapshot().teams)],
    )
    assert removed > 0
    again = shift.again()
    assert (again.status("T1"), again.stage("c-2")) == ("on_scene", "assigned")
    assert "c-1" not in again.dispatcher.board.ended
    shift.receive("c-3")  # the dispatcher that was open hears of it and goes on too
    assert again.receive("c-4").decided_at == shift.clocks.wall
    ledger.close()


def test_a_team_the_roster_drops_finishes_its_call(city: City) -> None:
    """Opened with another roster file: the busy team stays until the shift is opened once more."""
    shift = shift_in(city)
    shift.assigned("c-1", status="on_scene")
    other = draw_city("a---c-----b", teams={"T2": "b", "T3": "a"})
    later = shift_in(other, shift.ledger, shift.clocks)
    teams = [state.team.team_id for state in later.dispatcher.board.roster.snapshot().teams]
    assert teams == ["T1", "T2", "T3"]
    later.dispatcher.close("c-1", "resolved")
    later.dispatcher.report("T1", "available")
    decision = later.receive("c-2", "a")  # it is the nearest, and has no shift any more
    assert isinstance(decision, Recommendation)
    assert decision.team_id == "T3"
    assert decision.exclusions[0].reason is ExclusionReason.OFF_SHIFT
    assert decision.exclusions[0].detail == "it has no shift any more"
    last = shift_in(other, shift.ledger, shift.clocks)
    teams = [state.team.team_id for state in last.dispatcher.board.roster.snapshot().teams]
    assert teams == ["T2", "T3"]


def test_a_roster_that_another_process_sets_reaches_the_router(city: City) -> None:
    """`route` and the dispatcher never speak of different teams; unrecorded positions are kept."""
    ledger, clocks, router = MemoryLedger(), Clocks(), DrawnRouter(city)
    mine = Dispatcher(router, ledger, clock=clocks.ledger_clock())
    lon, lat = city.places["c"]
    assert mine.record_fix("T2", lon=lon, lat=lat, at=NOON)
    shift_in(draw_city("a---c-----b", teams={"T2": "b", "T3": "a"}), ledger, clocks)
    decision = mine.receive(city.call("c", call_id="c-1"))
    assert isinstance(decision, Recommendation)
    assert (decision.team_id, decision.travel_time_s) == ("T2", 0.0)
    assert router.roster is mine.board.roster
    assert [state.team.team_id for state in router.roster.snapshot().teams] == ["T2", "T3"]


def test_a_dropped_team_that_moved_breaks_no_decision(city: City) -> None:
    """Its position was never on record and never will be."""
    ledger, clocks = MemoryLedger(), Clocks()
    mine = dispatcher_in(city, ledger, clocks)
    lon, lat = city.places["c"]
    mine.record_fix("T1", lon=lon, lat=lat, at=NOON)
    shift_in(draw_city("a---c-----b", teams={"T2": "b"}), ledger, clocks)
    decision = mine.receive(city.call("c", call_id="c-1"))
    assert isinstance(decision, Recommendation)
    assert decision.team_id == "T2"


def test_of_two_fixes_of_one_moment_the_one_on_record_counts(city: City) -> None:
    """Two feeds round differently: every board believes the ledger, so a replay does too."""
    ledger, clocks = MemoryLedger(), Clocks()
    mine, other = dispatcher_in(city, ledger, clocks), dispatcher_in(city, ledger, clocks)
    (x, y), (u, v) = city.places["a"], city.places["c"]
    mine.record_fix("T2", lon=x, lat=y, at=NOON)
    other.record_fix("T2", lon=u, lat=v, at=NOON)
    mine.receive(city.call("a", call_id="c-1"))
    other.receive(city.call("a", call_id="c-2"))
    rebuilt = dispatcher_in(city, ledger, clocks)
    digests = {d.board.roster.snapshot().digest for d in (mine, other, rebuilt)}
    assert len(digests) == 1


def test_positions_are_on_record_once_a_decision_stood_on_them(city: City) -> None:
    """One that a later fix overtook before any decision is not."""
    shift = shift_in(city)
    for seconds, place in enumerate("abc"):
        lon, lat = city.places[place]
        at = NOON + timedelta(seconds=seconds)
        assert shift.dispatcher.record_fix("T2", lon=lon, lat=lat, at=at)
    assert "fixes" not in shift.events()
    shift.receive("c-1")
    shift.receive("c-2")
    (fixes,) = [e.event for e in shift.ledger.read() if isinstance(e.event, Fixes)]
    assert fixes.team_ids == ("T2",)
    assert fixes.measured == (NOON + timedelta(seconds=2),)


def _broken_shift(city: City) -> tuple[Shift, Broken]:
    ledger = Broken()
    return shift_in(city, ledger), ledger


def test_without_a_ledger_calls_are_decided_and_flagged(city: City) -> None:
    """Routing answers; the decision says that nothing remembers it; nothing else has happened."""
    shift, ledger = _broken_shift(city)
    ledger.fails = "before"
    decision = shift.receive("c-1")
    assert isinstance(decision, Recommendation)
    assert Flag.NOT_LOGGED in decision.flags
    assert "c-1" not in shift.dispatcher.board.calls
    with pytest.raises(LedgerError):
        shift.dispatcher.reserve(decision, idempotency_key="k")
    ledger.fails = ""
    assert Flag.NOT_LOGGED not in shift.receive("c-1").flags


def test_without_a_ledger_nobody_is_sent(city: City) -> None:
    """The call is decided and flagged; no team is held, and the next call is told another one."""
    shift, ledger = _broken_shift(city)
    ledger.fails = "before"
    first, held = shift.dispatcher.send(city.call("c", call_id="c-1"), idempotency_key="k-1")
    second, _ = shift.dispatcher.send(city.call("c", call_id="c-2"), idempotency_key="k-2")
    assert isinstance(first, Recommendation)
    assert held is None
    assert Flag.NOT_LOGGED in first.flags
    assert getattr(second, "team_id", None) != first.team_id
    ledger.fails = ""
    _, made = shift.dispatcher.send(city.call("c", call_id="c-1"), idempotency_key="k-1")
    assert made is not None
    assert made.team_id == first.team_id


def test_a_full_ledger_that_can_be_read_is_not_back(city: City) -> None:
    """A call that is known is said again, and frees no team for the next call but one."""
    shift, ledger = _broken_shift(city)
    known = city.call("c", call_id="c-0", facts={**TWO_FACTS, "weapon": Answer.YES})
    said = shift.dispatcher.receive(known)
    ledger.fails = "full"
    first = shift.receive("c-1")
    assert shift.dispatcher.receive(known) == said
    assert shift.dispatcher.send(known, idempotency_key="k") == (said, None)
    second = shift.receive("c-2")
    assert {first.kind, second.kind} == {"recommendation"}
    assert getattr(first, "team_id", None) != getattr(second, "team_id", None)


def test_a_call_that_is_tried_again_without_a_ledger_takes_up_one_team(city: City) -> None:
    """A console that waits for the ledger names the same team each time, and no other call does."""
    shift, ledger = _broken_shift(city)
    ledger.fails = "before"
    named = [getattr(shift.receive("c-1"), "team_id", None) for _ in range(3)]
    assert named == [named[0]] * 3
    other = shift.receive("c-2")
    assert isinstance(other, Recommendation)
    assert other.team_id != named[0]
    assert getattr(shift.receive("c-1"), "team_id", None) == named[0]
    assert shift.receive("c-3").kind == "referral"


@pytest.mark.parametrize("sent", [False, True])
def test_a_ledger_that_was_back_frees_the_teams_that_were_named(city: City, sent: bool) -> None:
    """Whatever was recorded in between, the next failure names the nearest team again."""
    shift, ledger = _broken_shift(city)
    ledger.fails = "before"
    named = getattr(shift.receive("c-1"), "team_id", None)
    ledger.fails = ""
    armed = city.call("c", call_id="c-2", facts={**TWO_FACTS, "weapon": Answer.YES})
    if sent:
        shift.dispatcher.send(armed, idempotency_key="k")
    else:
        shift.dispatcher.receive(armed)
    ledger.fails = "before"
    assert (named, getattr(shift.receive("c-3"), "team_id", None)) == ("T1", "T1")


def test_a_reservation_in_doubt_is_found_again_by_its_key(city: City) -> None:
    """The commit came through and its answer did not: the same key gives the reservation."""
    shift, ledger = _broken_shift(city)
    decision = shift.receive("c-1")
    ledger.fails = "in doubt"
    with pytest.raises(LedgerLostError) as lost:
        shift.dispatcher.reserve(decision, idempotency_key="k")
    assert lost.value.in_doubt
    assert shift.status("T1") == "available"  # not believed before it is known
    ledger.fails = ""
    made = shift.dispatcher.reserve(decision, idempotency_key="k")
    assert isinstance(made, Reservation)
    assert made.repeated
    assert shift.status("T1") == "reserved"


def test_a_receipt_in_doubt_is_known_when_the_ledger_is_back(city: City) -> None:
    """The decision is flagged all the same; received again, the call is known by then."""
    shift, ledger = _broken_shift(city)
    ledger.fails = "in doubt"
    decision = shift.receive("c-1")
    assert Flag.NOT_LOGGED in decision.flags
    ledger.fails = ""
    known = shift.receive("c-1")
    assert known == replace(decision, flags=known.flags)
    assert Flag.NOT_LOGGED not in known.flags
    assert shift.events().count("call_received") == 1
    assert shift.stage("c-1") == "recommended"


def test_lapsed_reservations_are_told_although_a_tick_failed(city: City) -> None:
    """What a failed tick found out is told by the next."""
    shift, ledger = _broken_shift(city)
    made = shift.reserved("c-1")
    shift.clocks.pass_by(60)
    ledger.fails = "in doubt"
    with pytest.raises(LedgerLostError):
        shift.dispatcher.tick()
    ledger.fails = ""
    assert shift.dispatcher.tick().expired == (made.reservation_id,)


def test_a_failing_listener_leaves_the_board_whole(city: City) -> None:
    """The call has ended, once; the shift goes on; the listener's error reaches the caller."""
    told: list[str] = []

    def listener(record: CallRecord) -> None:
        told.append(record.call.call_id)
        if len(told) == 1:
            raise RuntimeError("the statistics are full")

    ledger, clocks = MemoryLedger(), Clocks()
    dispatcher = dispatcher_in(city, ledger, clocks, on_end=listener)
    shift = Shift(city, ledger, clocks, dispatcher)
    shift.reserved("c-1")
    with pytest.raises(RuntimeError, match="statistics"):
        dispatcher.cancel("c-1", "caller_hung_up")
    assert shift.stage("c-1") == "cancelled: caller_hung_up"
    shift.assigned("c-2")
    dispatcher.close("c-2", "resolved")
    assert told == ["c-1", "c-2"]
    assert dispatcher.board.tally == shift.again().dispatcher.board.tally


def test_a_shift_that_a_signal_left_half_changed_is_not_trusted(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls are decided and flagged, every act is refused by name, and the ledger has all of it."""
    shift = shift_in(city)
    shift.reserved("c-1")
    with monkeypatch.context() as patched:

        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(Roster, "set_status", interrupted)
        with pytest.raises(KeyboardInterrupt):
            shift.dispatcher.cancel("c-1", "duplicate")
    for act in (shift.dispatcher.tick, lambda: shift.dispatcher.cancel("c-1", "duplicate")):
        with pytest.raises(LedgerError, match=r"broken off, .* open another Dispatcher"):
            act()
    assert Flag.NOT_LOGGED in shift.receive("c-2").flags
    again = shift.again()
    assert again.stage("c-1") == "cancelled: duplicate"
    assert Flag.NOT_LOGGED not in again.receive("c-2").flags


@pytest.mark.parametrize(
    ("keep", "others"), [(True, False), (True, True), (False, False)], ids=["own", "others", "lost"]
)
def test_a_listener_may_act_while_many_calls_end(keep: bool, others: bool) -> None:
    """Each call that one tick refers is told of once, and answered by a call of its own.

    So it is where another process ticks, and where the ledger keeps nothing to hear of it by.
    """
    count, told = 300, list[str]()  # four calls deep each: more than Python goes
    under_way: list[str] = []

    def listener(record: CallRecord) -> None:
        assert under_way == []  # one after the other, never one within another
        under_way.append(record.call.call_id)
        told.append(record.call.call_id)
        call = city.call("c", call_id=f"next-{len(told)}", received_at=clocks.wall)
        assert Flag.NOT_LOGGED not in dispatcher.receive(call).flags
        under_way.clear()

    city, ledger, clocks = street(), MemoryLedger(keep=keep), Clocks()
    dispatcher = dispatcher_in(city, ledger, clocks, on_end=listener)
    ticks = dispatcher_in(city, ledger, clocks) if others else dispatcher
    dispatcher.report("T1", "off_duty")
    waiting = [f"c-{number:03}" for number in range(count)]
    for call_id in waiting:
        dispatcher.receive(city.call("c", call_id=call_id))
    clocks.pass_by(1800)
    assert ticks.tick().referred == tuple(waiting)
    assert dispatcher.tick().referred == ()
    assert told == waiting
    board = dispatcher.board
    assert sorted(board.calls) == sorted(f"next-{n + 1}" for n in range(count))
    assert dict(board.tally) == {
        ("referred", "waited_too_long"): count,
        ("waiting", "queued"): count,
    }
    if keep:
        again = dispatcher_in(city, ledger, clocks).board
        assert (board.tally, board.seq) == (again.tally, again.seq)


def test_a_fix_that_meets_another_roster_is_kept(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roster is set anew between the moment a fix finds it and the moment it is written."""
    shift = shift_in(city)
    board, (lon, lat) = shift.dispatcher.board, city.places["c"]
    old = board.roster

    def late(team_id: str, **fix: Any) -> bool:
        shift_in(city.with_team("T2", crew_size=3), shift.ledger, shift.clocks)
        shift.dispatcher.tick()
        assert board.roster is not old
        return Roster.record_fix(old, team_id, **fix)

    monkeypatch.setattr(old, "record_fix", late)
    assert shift.dispatcher.record_fix("T1", lon=lon, lat=lat, at=NOON)
    assert board.roster.fix_of("T1") == (lon, lat, NOON)
    shift.receive("c-1")
    assert shift.events()[-2:] == ["fixes", "decided"]


def test_a_ledger_that_lost_its_end_stops_no_decision(city: City, tmp_path: Path) -> None:
    """A server falls back to an older state: calls are decided and flagged, and nothing else is."""
    ledger, older = open_ledger(tmp_path / "shift.db"), tmp_path / "older.db"
    shift = shift_in(city, ledger)
    backup(ledger, older)
    shift.receive("c-1")
    ledger.writer().close()
    ledger.database, ledger._writer = SqliteFile(older), None
    assert Flag.NOT_LOGGED in shift.receive("c-2").flags
    with pytest.raises(LedgerBrokenError, match="was seen here and the ledger ends at 2"):
        shift.dispatcher.tick()
    ledger.close()


def test_a_shift_that_was_opened_again_knows_its_ledger(city: City, tmp_path: Path) -> None:
    """It has done nothing yet when others go on from an older state: it does not follow either."""
    ledger, older = open_ledger(tmp_path / "shift.db"), tmp_path / "older.db"
    shift = shift_in(city, ledger)
    backup(ledger, older)
    shift.receive("c-1")
    again = shift.again()
    with closing(open_ledger(older)) as failed_over:
        shift_in(city, failed_over).receive("d-1")
    ledger.drop_writer()
    ledger.database = SqliteFile(older)
    with pytest.raises(LedgerBrokenError, match="another one than was seen here"):
        again.dispatcher.tick()
    ledger.close()


@pytest.mark.parametrize("further", [0, 1, 5])
def test_a_ledger_that_went_on_from_an_older_state_is_not_followed(
    city: City, tmp_path: Path, further: int
) -> None:
    """Others went on where a server fell back to: its numbers fit again, its events do not."""
    ledger, older = open_ledger(tmp_path / "shift.db"), tmp_path / "older.db"
    shift = shift_in(city, ledger)
    backup(ledger, older)
    shift.receive("c-1")
    with closing(open_ledger(older)) as failed_over:
        other = shift_in(city, failed_over)
        other.receive("d-1")
        for number in range(further):
            other.receive(f"e-{number}")
    ledger.drop_writer()
    ledger.database = SqliteFile(older)
    assert Flag.NOT_LOGGED in shift.receive("c-2").flags
    with pytest.raises(LedgerBrokenError, match="another one than was seen here"):
        shift.dispatcher.tick()
    assert set(shift.dispatcher.board.calls) == {"c-1"}
    assert set(shift.again().dispatcher.board.calls) >= {"d-1"}
    ledger.close()
