"""What acts return is written as JSON, for consoles and other processes."""

from __future__ import annotations

import json
import pickle

from tests.scenarios.shift import WAITING, shift_in, street
from unarmed_router import Conflict, Reservation, Revision, ShiftChanges


def test_a_reservation_is_written_with_its_end_in_utc() -> None:
    """Fields in order, nothing that JSON lacks."""
    held = shift_in(street()).reserved("c-1")
    assert held.to_dict() == {
        "reservation_id": held.reservation_id,
        "call_id": "c-1",
        "team_id": "T1",
        "expires_at": held.expires_at.isoformat().replace("+00:00", "Z"),
        "repeated": False,
        "open": True,
    }
    assert json.loads(held.to_json()) == held.to_dict()
    assert pickle.loads(pickle.dumps(held)) == held  # noqa: S301  # our own


def test_a_decision_in_an_answer_is_written_as_it_writes_itself() -> None:
    """That of a conflict and of a revision; a conflict without one has null there."""
    shift = shift_in(street(T1="a", T2="b"))
    decision = shift.receive("c-1")
    held = shift.dispatcher.reserve(decision, idempotency_key="one")
    assert isinstance(held, Reservation)
    twice = shift.dispatcher.reserve(decision, idempotency_key="two")
    assert isinstance(twice, Conflict)
    assert json.loads(twice.to_json())["decision"] is None
    assert twice.to_dict()["reason"] == "call_taken"
    other = shift.dispatcher.reserve(
        shift.receive("c-2"), team_id=held.team_id, idempotency_key="three"
    )
    assert isinstance(other, Conflict)
    assert other.decision is not None
    assert json.loads(other.to_json())["decision"] == json.loads(other.decision.to_json())
    revised = shift.dispatcher.revise(shift.city.call("c", call_id="c-1"))
    assert isinstance(revised, Revision)
    assert other.decision.to_json() in other.to_json()
    assert json.loads(revised.to_json())["team_id"] == held.team_id


def test_what_time_brought_about_is_written_as_lists() -> None:
    """Of a shift on which a reservation has lapsed."""
    shift = shift_in(street().with_policy(waiting=WAITING))
    held = shift.reserved("c-1")
    shift.clocks.pass_by(600.0)
    changes = shift.dispatcher.tick()
    assert isinstance(changes, ShiftChanges)
    assert json.loads(changes.to_json()) == {
        "expired": [held.reservation_id], "referred": [], "call_backs": [], "recalls": [],
    }  # fmt: skip
