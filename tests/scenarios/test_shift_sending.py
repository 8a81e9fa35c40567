"""Sending a team by one act: the call comes in, is decided, and holds a team, or none of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.scenarios.city import City
from tests.scenarios.shift import Shift, shift_in, street
from unarmed_router.errors import InputError, LifecycleError
from unarmed_router.model.decision import Decision, Recommendation, Referral
from unarmed_router.operations.outcomes import Reservation


@pytest.fixture
def city() -> City:
    """T1 is nearer to c than T2."""
    return street(T1="a", T2="b")


@pytest.fixture
def shift(city: City) -> Shift:
    """Begin a shift."""
    return shift_in(city)


def _send(
    shift: Shift, call_id: str, at: str = "c", *, key: str = "", accepted: bool = True
) -> tuple[Decision, Reservation | None]:
    call = shift.city.call(at, call_id=call_id, received_at=shift.clocks.wall)
    return shift.dispatcher.send(call, idempotency_key=key or f"key-{call_id}", accepted=accepted)


def test_a_call_is_sent_a_team_by_one_act(shift: Shift) -> None:
    """It is decided, its team is held and has accepted."""
    decision, made = _send(shift, "c-1")
    assert isinstance(decision, Recommendation)
    assert made is not None
    assert (made.team_id, shift.status("T1"), shift.stage("c-1")) == ("T1", "reserved", "assigned")


def test_it_leaves_what_two_acts_leave(city: City) -> None:
    """Event by event, and the board is the same."""
    one, two = shift_in(city), shift_in(city)
    _send(one, "c-1")
    made = two.dispatcher.reserve(two.receive("c-1"), idempotency_key="key-c-1", accepted=True)
    assert isinstance(made, Reservation)
    assert [each.event for each in one.ledger.read()] == [each.event for each in two.ledger.read()]
    assert one.dispatcher.board.open_of_team == two.dispatcher.board.open_of_team


def test_a_crew_that_may_say_no_is_only_held(shift: Shift) -> None:
    """The reservation lapses as any other."""
    _, made = _send(shift, "c-1", accepted=False)
    assert shift.stage("c-1") == "reserved"
    assert made is not None
    assert made.expires_at == shift.clocks.wall + timedelta(seconds=60)
    shift.clocks.pass_by(60)
    assert shift.dispatcher.tick().expired == (made.reservation_id,)


def test_a_call_without_a_team_waits(shift: Shift) -> None:
    """Nobody is held, and the call is in the queue as after `receive`."""
    _send(shift, "c-1")
    _send(shift, "c-2")
    decision, made = _send(shift, "c-3")
    assert isinstance(decision, Referral)
    assert made is None
    assert shift.stage("c-3") == "queued"


def test_the_caller_may_choose_another_candidate(shift: Shift) -> None:
    """It is asked once, with ledger time."""
    asked: list[datetime] = []

    def farthest(decision: Recommendation, at: datetime) -> str:
        asked.append(at)
        return decision.candidates[-1].team_id

    call = shift.city.call("c", call_id="c-1", received_at=shift.clocks.wall)
    _, made = shift.dispatcher.send(call, idempotency_key="k", choose=farthest)
    assert made is not None
    assert (made.team_id, asked) == ("T2", [shift.clocks.wall])
    assert shift.stage("c-1") == "reserved"  # nobody said that the crew had accepted


@pytest.mark.parametrize(
    ("key", "team", "message"),
    [
        ("k-new", "T9", "team 'T9' is no candidate for call c-2"),
        ("key-c-1", "T2", "has reserved team T1 for call c-1"),
        ("", "T2", "idempotency_key '' must be 1 to 128"),
    ],
)
def test_what_cannot_be_held_is_refused_whole(
    shift: Shift, key: str, team: str, message: str
) -> None:
    """The call was not received either: nothing has happened."""
    _send(shift, "c-1")
    before = shift.events()
    call = shift.city.call("c", call_id="c-2", received_at=shift.clocks.wall)
    with pytest.raises(InputError, match=message):
        shift.dispatcher.send(call, idempotency_key=key, choose=lambda *_: team)
    assert shift.events() == before
    assert "c-2" not in shift.dispatcher.board.calls


def test_a_call_that_is_known_is_not_sent_twice(shift: Shift) -> None:
    """After a lost answer the key tells what became of it, whichever act asks."""
    decision, made = _send(shift, "c-1")
    assert made is not None
    assert _send(shift, "c-1") == (decision, replace(made, repeated=True))
    with pytest.raises(LifecycleError, match="received already, and another key"):
        _send(shift, "c-1", key="another")
    again = shift.dispatcher.reserve(decision, idempotency_key="key-c-1")
    assert isinstance(again, Reservation)
    assert (again.reservation_id, again.repeated) == (made.reservation_id, True)
