"""Holding a team for a call: accepted, declined, lapsed, asked for twice, lost to another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.scenarios.city import NOON, City
from tests.scenarios.shift import Shift, dispatcher_in, shift_in, street
from unarmed_router.errors import InputError, LifecycleError, UnknownCallError
from unarmed_router.model.decision import Recommendation, Referral
from unarmed_router.operations.outcomes import Conflict, ConflictReason, Reservation


@pytest.fixture
def city() -> City:
    """T1 is nearer to c than T2."""
    return street(T1="a", T2="b")


@pytest.fixture
def shift(city: City) -> Shift:
    """Begin a shift."""
    return shift_in(city)


def _held(made: Reservation | Conflict) -> Reservation:
    assert isinstance(made, Reservation)
    return made


def _lost(made: Reservation | Conflict) -> Conflict:
    assert isinstance(made, Conflict)
    return made


def test_a_team_is_held_accepts_and_works(shift: Shift) -> None:
    """From reserved to available, with every time stamp of the assignment."""
    made = shift.reserved("c-1")
    assert (made.team_id, shift.status("T1"), shift.stage("c-1")) == ("T1", "reserved", "reserved")
    start = shift.clocks.wall
    shift.dispatcher.accept(made.reservation_id)
    assert (shift.status("T1"), shift.stage("c-1")) == ("reserved", "assigned")
    record = shift.dispatcher.live.calls["c-1"]  # followed as it changes
    for status in ("en_route", "on_scene", "transporting", "clearing"):
        shift.clocks.pass_by(60)
        shift.dispatcher.report("T1", status)
    shift.dispatcher.close("c-1", "transported")
    assert shift.stage("c-1") == "assigned: transported"
    assert shift.status("T1") == "clearing"
    shift.dispatcher.report("T1", "available")
    (kept,) = record.assignments
    minutes = [
        (at - start) / timedelta(minutes=1)
        for at in (kept.reserved_at, kept.accepted_at, kept.en_route_at, kept.on_scene_at,
                   kept.transporting_at, kept.clearing_at, kept.ended_at)
        if at is not None
    ]  # fmt: skip
    assert minutes == [0, 0, 1, 2, 3, 4, 4]


def test_a_team_held_is_not_offered_again(shift: Shift) -> None:
    """The next call goes to the next team, the one after that waits."""
    shift.reserved("c-1")
    assert shift.reserved("c-2").team_id == "T2"
    third = shift.receive("c-3")
    assert isinstance(third, Referral)
    assert shift.stage("c-3") == "queued"


def test_a_status_from_a_fast_clock_hides_no_reservation(city: City) -> None:
    """A roster said half a minute early that T1 is free: held, it is not free for another call."""
    early = {"status_at": NOON + timedelta(seconds=30)}
    shift = shift_in(city.with_team("T1", **early))
    made = shift.reserved("c-1")
    assert (made.team_id, shift.status("T1")) == ("T1", "reserved")
    assert shift.reserved("c-2").team_id == "T2"
    shift.dispatcher.decline(made.reservation_id, "unsafe")
    assert shift.status("T1") == "available"


def test_the_same_key_is_the_same_reservation(shift: Shift) -> None:
    """Whatever has become of it meanwhile, and on another process too."""
    decision = shift.receive("c-1")
    made = _held(shift.dispatcher.reserve(decision, idempotency_key="k"))
    again = _held(shift.dispatcher.reserve(decision, idempotency_key="k"))
    assert (again.reservation_id, again.repeated) == (made.reservation_id, True)
    shift.dispatcher.decline(made.reservation_id, "unsafe")
    elsewhere = _held(shift.again().dispatcher.reserve(decision, idempotency_key="k"))
    assert elsewhere.reservation_id == made.reservation_id
    assert shift.events().count("reserved") == 1


def test_the_longest_key_and_time_are_taken(shift: Shift) -> None:
    """128 characters and a day: the limits that a refusal names are within what is allowed."""
    decision = shift.receive("c-1")
    made = _held(
        shift.dispatcher.reserve(decision, idempotency_key="k" * 128, ttl=timedelta(days=1))
    )
    assert made.expires_at == shift.clocks.wall + timedelta(days=1)
    for key, ttl in (("k" * 129, timedelta(days=1)), ("k", timedelta(days=1, microseconds=1))):
        with pytest.raises(InputError, match="must be"):
            shift.dispatcher.reserve(decision, idempotency_key=key, ttl=ttl)


def test_a_referral_reserves_only_a_team_that_is_named(shift: Shift) -> None:
    """The message says what to do; the team is held once it could go."""
    for call_id in ("c-1", "c-2"):
        shift.reserved(call_id)
    waits = shift.receive("c-3")
    with pytest.raises(InputError, match="call c-3: the decision recommends nobody; name a team"):
        shift.dispatcher.reserve(waits, idempotency_key="k")
    shift.dispatcher.cancel("c-1", "duplicate")
    made = _held(shift.dispatcher.reserve(waits, idempotency_key="k", team_id="T1"))
    assert (made.call_id, made.team_id) == ("c-3", "T1")


def test_a_key_is_for_one_reservation(shift: Shift) -> None:
    """Another call or team under a used key is a mistake of the caller."""
    shift.reserved("c-1")
    second = shift.receive("c-2")
    with pytest.raises(InputError, match="has reserved team T1 for call c-1"):
        shift.dispatcher.reserve(second, idempotency_key="key-c-1")


def test_a_lapsed_reservation_frees_the_team(shift: Shift) -> None:
    """At the end of its time it is over: half-open, not a moment later."""
    made = shift.reserved("c-1")
    shift.clocks.pass_by(59.999999)
    assert shift.dispatcher.tick().expired == ()
    shift.clocks.pass_by(0.000001)
    assert shift.dispatcher.tick().expired == (made.reservation_id,)
    assert (shift.status("T1"), shift.stage("c-1")) == ("available", "queued")
    with pytest.raises(UnknownCallError, match="is not open"):
        shift.dispatcher.accept(made.reservation_id)
    assert shift.dispatcher.tick().expired == ()


def test_nobody_acts_on_a_lapsed_reservation_without_a_tick(shift: Shift) -> None:
    """Acceptance and rolling after the time is up are refused; the team is free."""
    made = shift.reserved("c-1")
    shift.clocks.pass_by(60)
    with pytest.raises(LifecycleError, match=r"en_route; it may .*; reserve it for its call"):
        shift.dispatcher.report("T1", "en_route")
    with pytest.raises(UnknownCallError):
        shift.dispatcher.accept(made.reservation_id)
    assert shift.dispatcher.tick().expired == (made.reservation_id,)


def test_a_team_may_be_given_another_time_to_answer(shift: Shift) -> None:
    """A reservation's own time goes before that of the shift."""
    decision = shift.receive("c-1")
    made = shift.dispatcher.reserve(decision, idempotency_key="k", ttl=timedelta(seconds=5))
    assert _held(made).expires_at == shift.clocks.wall + timedelta(seconds=5)


def test_a_declined_team_is_not_asked_again_for_the_call(shift: Shift) -> None:
    """Not recommended, not to be named, not on another process; for another call it is."""
    made = shift.reserved("c-1")
    shift.dispatcher.decline(made.reservation_id, "known_person")
    assert (shift.status("T1"), shift.stage("c-1")) == ("available", "queued")
    offer = shift.dispatcher.next_offer()
    assert offer is not None
    assert offer.team_id == "T2"
    named = _lost(shift.dispatcher.reserve(offer, idempotency_key="k2", team_id="T1"))
    assert (named.reason, named.detail) == ("team_not_eligible", "excluded by call")
    again = shift.again().dispatcher.next_offer()
    assert again is not None
    assert again.team_id == "T2"
    assert shift.reserved("c-2").team_id == "T1"


def test_a_team_on_its_way_may_give_the_call_back(shift: Shift) -> None:
    """Accepted and rolling: still before arrival; on scene it is too late."""
    team = shift.assigned("c-1", status="en_route")
    reservation = shift.dispatcher.board.open_of_team[team].reservation_id
    shift.dispatcher.decline(reservation, "vehicle")
    assert (shift.status(team), shift.stage("c-1")) == ("available", "queued")
    team = shift.assigned("c-2", status="on_scene")
    reservation = shift.dispatcher.board.open_of_team[team].reservation_id
    with pytest.raises(LifecycleError, match="cannot give it back"):
        shift.dispatcher.decline(reservation, "vehicle")


def test_a_team_lost_to_another_dispatcher(city: City, shift: Shift) -> None:
    """A typed conflict with the next best decision, which can be reserved as it is."""
    other = dispatcher_in(city, shift.ledger, shift.clocks)
    mine, theirs = shift.receive("c-1"), other.receive(city.call("c", call_id="c-2"))
    assert isinstance(mine, Recommendation)
    assert isinstance(theirs, Recommendation)
    assert mine.team_id == theirs.team_id == "T1"
    _held(other.reserve(theirs, idempotency_key="theirs"))
    lost = _lost(shift.dispatcher.reserve(mine, idempotency_key="mine"))
    assert (lost.reason, lost.detail) == (ConflictReason.TEAM_TAKEN, "call c-2 holds it")
    assert isinstance(lost.decision, Recommendation)
    assert lost.decision.team_id == "T2"
    assert _held(shift.dispatcher.reserve(lost.decision, idempotency_key="mine")).team_id == "T2"


def test_a_call_whose_last_team_was_lost_waits(shift: Shift) -> None:
    """It is not forgotten: the conflict's decision is a referral, and the call is in the queue."""
    first = shift.receive("c-1")
    shift.assigned("c-2")
    shift.assigned("c-3")
    lost = _lost(shift.dispatcher.reserve(first, idempotency_key="k"))
    assert isinstance(lost.decision, Referral)
    assert (lost.decision.reason, shift.stage("c-1")) == ("no_team_available", "queued")
    shift.dispatcher.close("c-2", "cancelled_en_route")
    offer = shift.dispatcher.next_offer()
    assert offer is not None
    assert offer.call_id == "c-1"


def test_without_waiting_a_call_whose_last_team_was_lost_is_referred(city: City) -> None:
    """As it would have been on receipt."""
    shift = shift_in(city.with_policy(waiting=None))
    first = shift.receive("c-1")
    shift.assigned("c-2")
    shift.assigned("c-3")
    lost = _lost(shift.dispatcher.reserve(first, idempotency_key="k"))
    assert isinstance(lost.decision, Referral)
    assert shift.stage("c-1") == "referred: no_team_available"


def test_a_call_has_one_team(city: City, shift: Shift) -> None:
    """A second dispatcher who reserves for the same call is told which team has it."""
    decision = shift.receive("c-1")
    other = dispatcher_in(city, shift.ledger, shift.clocks)
    _held(other.reserve(decision, idempotency_key="theirs", team_id="T2"))
    lost = _lost(shift.dispatcher.reserve(decision, idempotency_key="mine"))
    assert (lost.reason, lost.decision) == (ConflictReason.CALL_TAKEN, None)
    assert "T2" in lost.detail


def test_a_call_that_has_ended_gets_no_team(shift: Shift) -> None:
    """The conflict says how it ended."""
    decision = shift.receive("c-1")
    shift.dispatcher.cancel("c-1", "caller_hung_up")
    lost = _lost(shift.dispatcher.reserve(decision, idempotency_key="k"))
    assert (lost.reason, lost.detail) == (ConflictReason.CALL_ENDED, "cancelled (caller_hung_up)")


def test_a_team_that_may_not_go_is_not_held(shift: Shift) -> None:
    """A team named by the dispatcher is screened like any other; an unknown one is none."""
    shift.dispatcher.report("T2", "off_duty")
    decision = shift.receive("c-1")
    lost = _lost(shift.dispatcher.reserve(decision, idempotency_key="k", team_id="T2"))
    assert (lost.reason, lost.detail) == ("team_not_eligible", "not available: off_duty")
    lost = _lost(shift.dispatcher.reserve(decision, idempotency_key="k", team_id="T9"))
    assert lost.detail == "it is not in the roster"


def test_an_old_decision_is_made_again(shift: Shift) -> None:
    """A team recommended long ago has moved away meanwhile: both decisions are on record."""
    decision = shift.receive("c-1")
    shift.clocks.pass_by(120)
    _held(shift.dispatcher.reserve(decision, idempotency_key="k"))
    assert shift.events()[-2:] == ["decided", "reserved"]


def test_a_fresh_decision_is_reserved_as_it_is(shift: Shift) -> None:
    """Nothing has happened since and a second has not passed: one decision, one reservation."""
    shift.reserved("c-1")
    assert shift.events()[-3:] == ["call_received", "decided", "reserved"]


def test_a_report_of_rolling_accepts(shift: Shift) -> None:
    """A team that rolls or arrives has accepted, whatever was skipped."""
    shift.reserved("c-1")
    shift.dispatcher.report("T1", "on_scene")
    assert (shift.stage("c-1"), shift.status("T1")) == ("assigned", "on_scene")
    assert shift.events()[-2:] == ["reservation_accepted", "reported"]


def test_a_team_that_is_held_cannot_call_itself_available(shift: Shift) -> None:
    """It would be sent twice; the message says what to do instead."""
    shift.reserved("c-1")
    with pytest.raises(LifecycleError, match="decline the reservation"):
        shift.dispatcher.report("T1", "available")


def test_cancelling_lets_a_held_team_go(shift: Shift) -> None:
    """The caller hung up before the team answered."""
    shift.reserved("c-1")
    shift.dispatcher.cancel("c-1", "caller_hung_up")
    assert (shift.status("T1"), shift.stage("c-1")) == ("available", "cancelled: caller_hung_up")
    with pytest.raises(UnknownCallError, match="has ended: cancelled"):
        shift.dispatcher.cancel("c-1", "duplicate")


def test_what_was_accepted_is_closed_not_cancelled(shift: Shift) -> None:
    """And what was not is cancelled, not closed: one outcome, by one road."""
    shift.receive("c-0")
    with pytest.raises(LifecycleError, match="no team has accepted it; cancel it"):
        shift.dispatcher.close("c-0", "resolved")
    team = shift.assigned("c-1", status="en_route")
    with pytest.raises(LifecycleError, match="close it, with a disposition"):
        shift.dispatcher.cancel("c-1", "caller_hung_up")
    with pytest.raises(LifecycleError, match="let the team escalate"):
        shift.dispatcher.refer("c-1", "ineligible", "POLICE")
    shift.dispatcher.close("c-1", "no_person_found")
    assert (shift.status(team), shift.stage("c-1")) == ("available", "assigned: no_person_found")


def test_a_crew_that_takes_every_call_has_accepted_by_the_same_act(shift: Shift) -> None:
    """One act on the ledger; nothing is left to answer, nothing lapses."""
    decision = shift.receive("c-1")
    made = shift.dispatcher.reserve(decision, idempotency_key="k", accepted=True)
    assert isinstance(made, Reservation)
    assert shift.stage("c-1") == "assigned"
    assert shift.events()[-2:] == ["reserved", "reservation_accepted"]
    shift.clocks.pass_by(3600)
    assert shift.dispatcher.tick().expired == ()
    assert shift.stage("c-1") == "assigned"
