"""What a shift shows: pictures that nobody's act changes, whichever thread looks when."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from tests.scenarios.shift import Shift, shift_in, street
from unarmed_router.errors import UnknownCallError
from unarmed_router.fleet.board_view import BoardView
from unarmed_router.fleet.call_record import Stage
from unarmed_router.fleet.roster import Roster

OPEN = ("calls", "open_of_team", "reservations", "unanswered")
GROWING = ("ended", "keys")


def _busy() -> Shift:
    """Hold a team for one call, let another accept a second, and let two calls wait."""
    shift = shift_in(street(T1="a", T2="b"))
    shift.reserved("held")
    shift.assigned("assigned")
    for call_id in ("waits-1", "waits-2"):
        shift.receive(call_id)
    return shift


def test_the_last_event_is_told() -> None:
    """By its number and ledger time; so somebody sees how old a picture is."""
    shift = _busy()
    board, seq = shift.dispatcher.board, shift.dispatcher.board.seq
    shift.clocks.pass_by(5)
    shift.dispatcher.cancel("waits-1", "duplicate")
    last = list(shift.ledger.read())[-1]
    assert (board.seq, board.at) == (last.seq, last.at) == (seq + 1, shift.clocks.wall)


@pytest.mark.parametrize("name", OPEN)
def test_a_loop_goes_on_while_the_shift_does(name: str) -> None:
    """Every call ends in the middle of a loop over what was open when the loop began."""
    shift = _busy()
    board, seen = shift.dispatcher.board, 0
    for _ in getattr(board, name).values():
        seen += 1
        for call_id, record in board.calls.items():
            if record.stage is Stage.ASSIGNED:
                shift.dispatcher.close(call_id, "resolved")
            else:
                shift.dispatcher.cancel(call_id, "caller_hung_up")
    assert seen == {"calls": 4, "open_of_team": 2, "reservations": 2, "unanswered": 1}[name]
    assert len(getattr(board, name)) == 0


@pytest.mark.parametrize("how", [iter, lambda d: d.items(), lambda d: d.values()])
@pytest.mark.parametrize("name", GROWING)
def test_a_loop_over_what_grows_ends(name: str, how: Callable[[Any], Any]) -> None:
    """What has ended and which keys were used: a loop goes over what was there when it began."""
    shift = _busy()
    shift.dispatcher.cancel("held", "duplicate")
    board = shift.dispatcher.board
    before = len(getattr(board, name))
    seen = 0
    for number, _ in enumerate(how(getattr(board, name))):
        shift.reserved(f"more-{number}")
        shift.dispatcher.cancel(f"more-{number}", "duplicate")
        seen += 1
    assert seen == before
    assert len(getattr(board, name)) == len(dict(getattr(board, name))) == before + seen


def test_a_picture_stays_what_it_was() -> None:
    """A record in somebody's hands keeps its team and its stage; the next look shows the new."""
    shift = _busy()
    board = shift.dispatcher.board
    records, one = board.calls, board.call("held")
    held = one.assignment
    assert held is not None
    shift.dispatcher.accept(held.reservation_id)
    shift.dispatcher.report(held.team_id, "on_scene")
    assert (one.stage, held.accepted_at, held.on_scene_at) == (Stage.RESERVED, None, None)
    assert records["held"] == one
    now = board.call("held")
    assert (now.stage, board.calls["held"]) == (Stage.ASSIGNED, now)
    assert now.assignment == board.open_of_team[held.team_id]


def test_half_an_event_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A team is marked as held in the middle of an event: who looks then sees what was before."""
    shift = _busy()
    board = shift.dispatcher.board
    looks: list[tuple[Stage, bool]] = []
    real = Roster.set_status

    def looking(self: Roster, *args: Any, **named: Any) -> bool:
        held = board.calls["held"]
        looks.append((held.stage, held.assignment is not None))
        return real(self, *args, **named)

    (reservation_id,) = board.unanswered
    monkeypatch.setattr(Roster, "set_status", looking)
    shift.dispatcher.decline(reservation_id, "unsafe")
    assert looks == [(Stage.RESERVED, True)]
    assert board.calls["held"].stage is Stage.QUEUED


def test_the_shift_cannot_be_changed_by_who_reads_it() -> None:
    """Nothing can be taken out of a picture, and a record that is written on is a copy."""
    shift = _busy()
    board = shift.dispatcher.board
    for name in (*OPEN, *GROWING):
        with pytest.raises((AttributeError, TypeError)):
            del getattr(board, name)["held"]
    board.call("held").stage = Stage.QUEUED
    board.tally.clear()
    assert shift.stage("held") == "reserved"
    assert sum(board.tally.values()) == 4
    with pytest.raises(AttributeError):
        board.calls = {}  # type: ignore[misc]


def test_an_unchanged_shift_is_drawn_once() -> None:
    """A screen that polls a quiet shift costs nothing."""
    shift = _busy()
    board = shift.dispatcher.board
    assert board.calls is board.calls
    before = board.calls
    shift.receive("new")
    assert board.calls is not before


def test_records_pass_between_processes() -> None:
    """What a service sends to a screen in another process arrives equal."""
    board = _busy().dispatcher.board
    records = dict(board.calls)
    assert pickle.loads(pickle.dumps(records)) == records  # noqa: S301


def test_what_is_not_open_is_refused_by_name() -> None:
    """As on the board itself."""
    view: BoardView = _busy().dispatcher.board
    with pytest.raises(UnknownCallError, match="was not received"):
        view.call("no such")
    with pytest.raises(UnknownCallError, match="is not open"):
        view.reservation("no such")


def test_a_reservation_is_found_by_its_id() -> None:
    """As a copy of the assignment that the shift has under that id."""
    shift = _busy()
    board, live = shift.dispatcher.board, shift.dispatcher.live
    for reservation_id, held in live.reservations.items():
        found = board.reservation(reservation_id)
        assert found == held
        assert found is not held
    with pytest.raises(UnknownCallError):
        board.reservation("no such")
