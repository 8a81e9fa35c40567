"""The same call once more, as after a lost answer: the same is said, and nothing is recorded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.broken_ledger import Broken
from tests.scenarios.city import TWO_FACTS
from tests.scenarios.shift import Shift, shift_in, street
from unarmed_router.errors import InputError, LifecycleError
from unarmed_router.fleet import last_referred
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Recommendation, Referral
from unarmed_router.model.events import Decided
from unarmed_router.model.reasons import Flag
from unarmed_router.model.uncertainty import Circle
from unarmed_router.operations.outcomes import Conflict, Reservation
from unarmed_router.operations.purging import purge
from unarmed_router.operations.recording import Keep

ARMED = {**TWO_FACTS, "weapon": Answer.YES}


@pytest.fixture
def shift() -> Shift:
    """Begin a shift of two teams."""
    return shift_in(street(T1="a", T2="b"))


def a_call(shift: Shift, **fields: Any) -> Call:
    """Make a call that would be received now."""
    fields.setdefault("received_at", shift.clocks.wall)
    return shift.city.call("c", **fields)


@pytest.mark.parametrize("facts", [TWO_FACTS, ARMED, {}], ids=["sent", "referred", "asked"])
def test_the_same_call_has_the_same_answer(shift: Shift, facts: dict[str, Answer]) -> None:
    """Later, on another console and after a restart; it is equal, and written as it was."""
    call = a_call(shift, facts=facts)
    first = shift.dispatcher.receive(call)
    events = shift.events()
    shift.clocks.pass_by(30)
    for each in (shift, shift.again()):
        again = each.dispatcher.receive(replace(call))
        assert again == first
        assert (again.to_json(), again.explain()) == (first.to_json(), first.explain())
        assert each.dispatcher.board.tally == shift.dispatcher.board.tally
    assert shift.events() == events


def test_a_call_that_waits_has_the_answer_that_is_in_force(shift: Shift) -> None:
    """What was decided of it since: a team that was busy then is offered by now."""
    call = a_call(shift)
    for call_id in ("b-1", "b-2"):
        shift.assigned(call_id, status="on_scene")
    assert shift.dispatcher.receive(call).kind == "referral"
    shift.dispatcher.report("T2", "available")
    offer = shift.dispatcher.next_offer()
    assert offer is not None
    assert shift.dispatcher.receive(call) == offer


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"lon": -100.0}, "lon"),
        ({"lat": 40.0001, "facts": {}}, "lat, facts"),
        ({"call_type": "burglary"}, "call_type"),
        ({"needs": ("spanish",)}, "needs"),
        ({"prefers": ("spanish",)}, "prefers"),
        ({"excludes": ("T1",)}, "excludes"),
        ({"codes": ("918",)}, "codes"),
        ({"uncertainty": Circle(50.0, 0.95)}, "uncertainty"),
    ],
)
def test_a_call_that_differs_is_refused(shift: Shift, fields: dict[str, Any], named: str) -> None:
    """Whatever it says otherwise is named, and nothing has happened."""
    call = a_call(shift)
    shift.dispatcher.receive(call)
    before = shift.events()
    for act in both(shift, replace(call, **fields)):
        with pytest.raises(LifecycleError) as refused:
            act()
        told = f"call c-1 was received already; revise it: it differs in {named}"
        assert str(refused.value) == told
    assert shift.events() == before


def both(shift: Shift, call: Call, **options: Any) -> tuple[Callable[[], object], ...]:
    """Receive a call, or send it."""
    return (
        lambda: shift.dispatcher.receive(call, **options),
        lambda: shift.dispatcher.send(call, idempotency_key="k", **options),
    )


def test_another_time_of_receipt_or_priority_is_another_call(shift: Shift) -> None:
    """A priority that is not given is that of the type, as at first."""
    call = a_call(shift)
    first = shift.dispatcher.receive(call)
    assert shift.dispatcher.receive(call, priority=3) == first
    late = replace(call, received_at=call.received_at + timedelta(microseconds=1))
    for act in both(shift, late):
        with pytest.raises(LifecycleError, match=r"revise it: it differs in received_at$"):
            act()
    for act in both(shift, call, priority=2):
        with pytest.raises(LifecycleError, match=r"revise it: it differs in priority$"):
            act()
    urgent = a_call(shift, call_id="c-2")
    first = shift.dispatcher.receive(urgent, priority=1)
    assert shift.dispatcher.receive(urgent, priority=1) == first
    with pytest.raises(LifecycleError, match=r"revise it: it differs in priority$"):
        shift.dispatcher.receive(urgent)


def test_a_call_that_was_revised_is_known_as_it_is_now(shift: Shift) -> None:
    """As it came it is another one by now."""
    call = a_call(shift, facts={})
    shift.dispatcher.receive(call)
    answered = replace(call, facts=TWO_FACTS)
    revised = shift.dispatcher.revise(answered)
    with pytest.raises(LifecycleError, match="it differs in facts"):
        shift.dispatcher.receive(call)
    assert shift.dispatcher.receive(answered) == revised.decision


def test_a_call_that_has_ended_otherwise_is_refused_with_its_outcome(shift: Shift) -> None:
    """Nobody is told to send a team to it."""
    call = a_call(shift)
    made = shift.dispatcher.send(call, idempotency_key="k")[1]
    assert made is not None
    shift.dispatcher.cancel("c-1", "duplicate")
    for act in both(shift, call):
        with pytest.raises(LifecycleError, match=r"and has ended: cancelled \(duplicate\)"):
            act()


def test_a_recommended_call_that_people_referred_is_refused_with_its_outcome(shift: Shift) -> None:
    """The team that was recommended must not be sent to a call that somebody else has."""
    call = a_call(shift)
    assert isinstance(shift.dispatcher.receive(call), Recommendation)
    shift.dispatcher.refer("c-1", "ineligible", "LINE")
    for act in both(shift, call):
        with pytest.raises(LifecycleError, match=r"and has ended: referred \(ineligible\)"):
            act()


@pytest.mark.parametrize(
    ("reason", "target"), [("no_team_in_time", "LINE"), ("ineligible", "LINE")]
)
def test_a_call_that_people_referred_is_refused_with_its_outcome(
    shift: Shift, reason: str, target: str
) -> None:
    """The decision says another reason, or another target."""
    call = a_call(shift, facts={})
    shift.dispatcher.receive(call)
    shift.dispatcher.refer("c-1", reason, target)
    with pytest.raises(LifecycleError, match=rf"has ended: referred \({reason}\)"):
        shift.dispatcher.receive(call)


def test_a_referred_call_that_differs_is_refused(shift: Shift) -> None:
    """It has ended, and is not known as this."""
    call = a_call(shift, facts=ARMED)
    shift.dispatcher.receive(call)
    with pytest.raises(LifecycleError, match=r"has ended: referred \(ineligible\)"):
        shift.dispatcher.receive(replace(call, facts=TWO_FACTS))


def test_only_the_last_referred_calls_are_known(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of hours ago are refused as before; a shift that is opened again knows as many."""
    monkeypatch.setattr(last_referred, "_KEPT", 2)
    calls = [a_call(shift, call_id=f"c-{n}", facts=ARMED) for n in range(3)]
    said = [shift.dispatcher.receive(call) for call in calls]
    for each in (shift, shift.again()):
        assert [each.dispatcher.receive(call) for call in calls[1:]] == said[1:]
        with pytest.raises(LifecycleError, match=r"has ended: referred \(ineligible\)"):
            each.dispatcher.receive(calls[0])


@pytest.mark.parametrize("keep", [Keep.DIGEST, Keep.OUTCOME])
def test_a_decision_that_is_not_kept_is_not_said_again(keep: Keep) -> None:
    """Of an open call and of a referred one; another than known is named as such all the same."""
    shift = shift_in(street(T1="a"), keep=keep)
    call = a_call(shift)
    shift.dispatcher.receive(call)
    armed = a_call(shift, call_id="c-2", facts=ARMED)
    shift.dispatcher.receive(armed)
    for act in both(shift, call):
        with pytest.raises(LifecycleError, match=r"already, and its decision is not kept whole"):
            act()
    with pytest.raises(LifecycleError, match=r"it differs in facts$"):
        shift.dispatcher.receive(replace(call, facts={}))
    with pytest.raises(LifecycleError, match=r"has ended: referred \(ineligible\)"):
        shift.dispatcher.receive(armed)


def test_a_decision_of_another_version_is_not_said_again(shift: Shift) -> None:
    """One that writes decisions otherwise."""
    call = a_call(shift)
    shift.dispatcher.receive(call)
    record = shift.dispatcher.live.calls["c-1"]
    assert isinstance(record.decided, Decided)
    record.decided = replace(record.decided, text="eJyrrgUAAXUA+Q==")  # {}
    with pytest.raises(LifecycleError, match="its decision is not kept whole"):
        shift.dispatcher.receive(call)


def test_after_a_purge_nothing_of_ended_calls_is_said(tmp_path: Path) -> None:
    """Neither by the process that purged, nor by one that runs on; an open call is known."""
    city = street(T1="a")
    with closing(open_ledger(tmp_path / "shift.db")) as ledger:
        shift = shift_in(city, ledger)
        other = shift.again()
        waits, armed = a_call(shift), a_call(shift, call_id="c-2", facts=ARMED)
        first = shift.dispatcher.receive(waits)
        shift.dispatcher.receive(armed)
        other.dispatcher.tick()
        shift.clocks.pass_by(60)
        assert purge(ledger, before=shift.clocks.wall, clock=shift.clocks.ledger_clock()) > 0
        for each in (shift, other, shift.again()):
            assert each.dispatcher.receive(waits) == first
            assert not each.dispatcher.live.referred
        with pytest.raises(LifecycleError, match=r"has ended: referred \(ineligible\)"):
            other.dispatcher.receive(armed)


def test_an_answer_that_was_in_doubt_is_said_when_the_ledger_is_back() -> None:
    """The commit came through: the decision and the team are those on record."""
    ledger = Broken()
    shift = shift_in(street(T1="a"), ledger)
    call = a_call(shift)
    ledger.fails = "in doubt"
    flagged, nobody = shift.dispatcher.send(call, idempotency_key="k", accepted=True)
    assert Flag.NOT_LOGGED in flagged.flags
    assert nobody is None
    ledger.fails = ""
    decision, made = shift.dispatcher.send(call, idempotency_key="k", accepted=True)
    assert isinstance(decision, Recommendation)
    assert Flag.NOT_LOGGED not in decision.flags
    assert made is not None
    assert (made.team_id, made.repeated, made.open) == (decision.team_id, True, True)
    assert shift.events().count("reserved") == 1


@pytest.mark.parametrize("accepted", [True, False])
def test_a_call_that_is_sent_again_has_its_reservation(shift: Shift, accepted: bool) -> None:
    """With the same key: repeated, whoever asks; nobody is asked to choose again."""
    call, events = a_call(shift), list[str]()

    def second(decision: Recommendation, _: object) -> str:
        return decision.candidates[1].team_id

    first, made = shift.dispatcher.send(call, idempotency_key="k", accepted=accepted, choose=second)
    assert made is not None
    events = shift.events()
    for each in (shift, shift.again()):
        told = each.dispatcher.send(
            call, idempotency_key="k", accepted=accepted, choose=lambda *_: "T9",
            ttl=timedelta(seconds=5),
        )  # fmt: skip
        assert told == (first, replace(made, repeated=True))
    assert made.team_id == "T2"
    assert shift.events() == events


def test_a_reservation_that_is_over_is_said_to_be(shift: Shift) -> None:
    """It lapsed before the call was sent again: nobody may be sent on it."""
    call = a_call(shift)
    _, made = shift.dispatcher.send(call, idempotency_key="k")
    assert made is not None
    shift.clocks.pass_by(60)
    decision, again = shift.dispatcher.send(call, idempotency_key="k", accepted=True)
    assert decision.call_id == "c-1"
    assert again == replace(made, repeated=True, open=False)
    assert shift.stage("c-1") == "queued"


def test_a_team_that_gave_the_call_back_is_not_held_on_what_was_said_before(shift: Shift) -> None:
    """Its decision is in force until the next; to reserve on it tells who is best now."""
    call = a_call(shift)
    first, made = shift.dispatcher.send(call, idempotency_key="k")
    assert made is not None
    shift.dispatcher.decline(made.reservation_id, "unsafe")
    again = shift.dispatcher.receive(call)
    assert again == first
    lost = shift.dispatcher.reserve(again, idempotency_key="k-2")
    assert isinstance(lost, Conflict)
    assert isinstance(lost.decision, Recommendation)
    assert (made.team_id, lost.decision.team_id) == ("T1", "T2")
    assert shift.dispatcher.receive(call) == lost.decision


def test_a_crew_that_has_not_accepted_is_not_said_to_have(shift: Shift) -> None:
    """Sent as held only, a call cannot be sent again as accepted: the crew may have said no."""
    call = a_call(shift)
    _, made = shift.dispatcher.send(call, idempotency_key="k")
    assert made is not None
    told = f"team T1 is held and has not accepted {made.reservation_id}$"
    with pytest.raises(LifecycleError, match=told):
        shift.dispatcher.send(call, idempotency_key="k", accepted=True)
    shift.dispatcher.accept(made.reservation_id)
    assert shift.dispatcher.send(call, idempotency_key="k", accepted=True)[1] is not None


def test_a_call_that_could_not_be_sent_to_is_told_so_again(shift: Shift) -> None:
    """Nobody was held then, and nobody is; the key is free for whoever is held next."""
    for call_id in ("b-1", "b-2"):
        shift.assigned(call_id, status="on_scene")
    call, events = a_call(shift), shift.events()
    first = shift.dispatcher.send(call, idempotency_key="k")
    assert isinstance(first[0], Referral)
    assert shift.dispatcher.send(call, idempotency_key="k") == first
    armed = a_call(shift, call_id="c-2", facts=ARMED)
    told = shift.dispatcher.send(armed, idempotency_key="k")
    assert shift.dispatcher.send(armed, idempotency_key="k") == told
    assert "k" not in shift.dispatcher.board.keys
    added = shift.events()[len(events) :]
    assert added.count("call_received") == added.count("decided") == 2


def test_another_key_is_another_act(shift: Shift) -> None:
    """While a team is held; while one could be; and where the key is another call's."""
    call = a_call(shift)
    shift.dispatcher.send(call, idempotency_key="k")
    with pytest.raises(LifecycleError, match=r"already, and another key holds team T1 for it$"):
        shift.dispatcher.send(call, idempotency_key="k-2")
    other = a_call(shift, call_id="c-2")
    shift.dispatcher.receive(other)
    with pytest.raises(LifecycleError, match="already; reserve it: no team is held, and one could"):
        shift.dispatcher.send(other, idempotency_key="k-2")
    with pytest.raises(InputError, match="'k' has reserved team T1 for call c-1"):
        shift.dispatcher.send(other, idempotency_key="k")


def test_a_call_that_was_received_and_reserved_is_sent_again_alike(shift: Shift) -> None:
    """The key says which reservation; two acts leave what one leaves."""
    call = a_call(shift)
    decision = shift.dispatcher.receive(call)
    made = shift.dispatcher.reserve(decision, idempotency_key="k")
    assert isinstance(made, Reservation)
    told = shift.dispatcher.send(call, idempotency_key="k")
    assert told == (decision, replace(made, repeated=True))
