"""A team en route may be taken for a more urgent call; never from on scene."""

from __future__ import annotations

import pytest

from tests.scenarios.city import City, draw_city
from tests.scenarios.shift import Shift, dispatcher_in, shift_in
from tests.scenarios.test_mutual_aid import city as helping
from unarmed_router.fleet.preemption import PreemptionOffer
from unarmed_router.model.decision import Recommendation, Referral
from unarmed_router.model.events import Decided, Preempted
from unarmed_router.model.waiting import Preemption, Waiting, WaitLimit
from unarmed_router.operations.outcomes import Conflict, Reservation

RULES = Waiting(limits={9: WaitLimit(1800, "LINE")})
MATRIX = Preemption({(1, 3): 60, (1, 2): 600})


def _city(**teams: str) -> City:
    """Crossings 10 s a character apart: a to c 40 s, b to c 120 s."""
    city = draw_city("a---c-----------b", teams=teams or {"T1": "a"})
    return city.with_policy(waiting=RULES, preemption=MATRIX)


def _offer(shift: Shift, call_id: str) -> PreemptionOffer:
    offer = shift.dispatcher.preemption(call_id)
    assert offer is not None
    return offer


def test_a_call_that_another_process_received_finds_its_team() -> None:
    """Whoever asks looks at the shift as the ledger has it."""
    shift = shift_in(_city())
    other = shift.again()
    shift.assigned("c-1", status="en_route")
    shift.receive("c-2", priority=1)
    assert _offer(other, "c-2").displaced == "c-1"


@pytest.mark.parametrize("status", ["", "en_route"])
def test_a_team_before_arrival_is_taken(status: str) -> None:
    """One act: the one call loses it and waits again, the other holds it."""
    shift = shift_in(_city())
    shift.assigned("low", status=status)
    shift.receive("urgent", priority=1)
    offer = _offer(shift, "urgent")
    assert (offer.team_id, offer.displaced, offer.gain_ms) == ("T1", "low", -1)
    made = shift.dispatcher.preempt(offer, idempotency_key="k")
    assert isinstance(made, Reservation)
    assert (shift.stage("low"), shift.stage("urgent")) == ("queued", "reserved")
    assert shift.status("T1") == "reserved"
    assert shift.events()[-3:] == ["decided", "preempted", "reserved"]


def test_every_time_stamp_of_both_calls_is_kept() -> None:
    """What the first call had, when it lost it, and what the second gets."""
    shift = shift_in(_city())
    start = shift.clocks.wall
    shift.reserved("low")
    shift.clocks.pass_by(10)
    shift.dispatcher.report("T1", "en_route")
    shift.clocks.pass_by(10)
    shift.receive("urgent", priority=1)
    shift.dispatcher.preempt(_offer(shift, "urgent"), idempotency_key="k")
    shift.clocks.pass_by(10)
    shift.dispatcher.report("T1", "en_route")
    shift.clocks.pass_by(10)
    shift.dispatcher.report("T1", "on_scene")
    for calls in (shift.dispatcher.board.calls, shift.again().dispatcher.board.calls):
        (lost,), (kept,) = calls["low"].assignments, calls["urgent"].assignments
        seconds = [
            None if at is None else (at - start).total_seconds()
            for held in (lost, kept)
            for at in (held.reserved_at, held.accepted_at, held.en_route_at, held.on_scene_at,
                       held.ended_at)
        ]  # fmt: skip
        assert seconds == [0, 10, 10, None, 20, 20, 30, 30, 40, None]
        assert (lost.ending, kept.ending) == ("preempted", None)


@pytest.mark.parametrize("status", ["on_scene", "transporting", "clearing"])
def test_never_from_a_team_that_has_arrived(status: str) -> None:
    """However urgent the other call is."""
    shift = shift_in(_city())
    shift.assigned("low", status="on_scene")
    if status != "on_scene":
        shift.dispatcher.report("T1", status)
    shift.receive("urgent", priority=1)
    assert shift.dispatcher.preemption("urgent") is None


def test_not_once_it_has_arrived_meanwhile() -> None:
    """The offer is checked again when it is carried out: a conflict with what is best now."""
    shift = shift_in(_city())
    shift.assigned("low", status="en_route")
    shift.receive("urgent", priority=1)
    offer = _offer(shift, "urgent")
    shift.dispatcher.report("T1", "on_scene")
    lost = shift.dispatcher.preempt(offer, idempotency_key="k")
    assert isinstance(lost, Conflict)
    assert (lost.reason, shift.stage("urgent"), shift.stage("low")) == (
        "team_not_eligible", "queued", "assigned",
    )  # fmt: skip
    assert (lost.call_id, lost.team_id) == ("urgent", "T1")
    assert lost.detail == "as things stand now it may not be taken off its call"
    assert isinstance(lost.decision, Referral)
    assert lost.decision.reason == "no_team_available"


@pytest.mark.parametrize(("urgent", "displaced"), [(1, 1), (2, 3), (3, 3), (3, 1), (1, 4)])
def test_only_pairs_of_the_matrix(urgent: int, displaced: int) -> None:
    """A pair that is missing is never pre-empted."""
    shift = shift_in(_city())
    shift.assigned("low", priority=displaced, status="en_route")
    shift.receive("urgent", priority=urgent)
    assert shift.dispatcher.preemption("urgent") is None


def test_the_gain_must_be_worth_it() -> None:
    """T2 is free and 80 s farther: enough for 60 s over priority 3, not for 600 s over 2."""
    for displaced, taken in ((3, True), (2, False)):
        shift = shift_in(_city(T1="a", T2="b"))
        shift.assigned("low", priority=displaced, status="en_route")
        decision = shift.receive("urgent", priority=1)
        assert isinstance(decision, Recommendation)
        assert decision.team_id == "T2"
        offer = shift.dispatcher.preemption("urgent")
        assert (offer is not None) is taken
        assert offer is None or (offer.team_id, offer.gain_ms) == ("T1", 80_000)


def test_the_gain_counts_at_its_limit() -> None:
    """At least: 80 s are enough for 80 s and too few for 80.001 s."""
    for least, taken in ((80, True), (81, False)):
        city = _city(T1="a", T2="b").with_policy(preemption=Preemption({(1, 3): least}))
        shift = shift_in(city)
        shift.assigned("low", status="en_route")
        shift.receive("urgent", priority=1)
        assert (shift.dispatcher.preemption("urgent") is not None) is taken


def test_a_free_team_that_is_nearer_goes() -> None:
    """Nobody is taken where a free team ranks first."""
    shift = shift_in(_city(T1="a", T2="b"))
    shift.assigned("low", "b", status="en_route")  # T2 is at b
    shift.receive("urgent", priority=1)
    assert shift.dispatcher.preemption("urgent") is None


def test_a_team_that_only_was_asked_is_not_taken() -> None:
    """It has not accepted; its reservation lapses or is cancelled."""
    shift = shift_in(_city())
    shift.reserved("low")
    shift.receive("urgent", priority=1)
    assert shift.dispatcher.preemption("urgent") is None


def test_without_a_matrix_nobody_is_taken() -> None:
    """The policy must ask for it."""
    shift = shift_in(_city().with_policy(preemption=None))
    shift.assigned("low", status="en_route")
    shift.receive("urgent", priority=1)
    assert shift.dispatcher.preemption("urgent") is None


def test_a_call_that_has_a_team_or_has_ended_takes_none() -> None:
    """Typed conflicts, as in a reservation."""
    shift = shift_in(_city())
    shift.assigned("low", status="en_route")
    shift.receive("urgent", priority=1)
    offer = _offer(shift, "urgent")
    assert isinstance(shift.dispatcher.preempt(offer, idempotency_key="k"), Reservation)
    again = shift.dispatcher.preempt(offer, idempotency_key="k")
    assert isinstance(again, Reservation)
    assert again.repeated
    other = shift.dispatcher.preempt(offer, idempotency_key="k2")
    assert isinstance(other, Conflict)
    assert (other.reason, other.decision) == ("call_taken", None)
    shift.dispatcher.cancel("urgent", "caller_hung_up")
    ended = shift.dispatcher.preempt(offer, idempotency_key="k3")
    assert isinstance(ended, Conflict)
    assert ended.reason == "call_ended"


def test_two_dispatchers_take_a_team_once() -> None:
    """The second sees that it is gone."""
    shift = shift_in(_city())
    other = dispatcher_in(shift.city, shift.ledger, shift.clocks)
    shift.assigned("low", status="en_route")
    shift.receive("urgent", priority=1)
    other.receive(shift.city.call("c", call_id="urgent-2"), priority=1)
    mine, theirs = _offer(shift, "urgent"), other.preemption("urgent-2")
    assert theirs is not None
    assert isinstance(shift.dispatcher.preempt(mine, idempotency_key="k"), Reservation)
    assert isinstance(other.preempt(theirs, idempotency_key="k2"), Conflict)


def test_the_decision_names_the_teams_counted_as_available() -> None:
    """So that a replay decides the same; the gain is on record too."""
    shift = shift_in(_city())
    shift.assigned("low", status="en_route")
    shift.receive("urgent", priority=1)
    shift.dispatcher.preempt(_offer(shift, "urgent"), idempotency_key="k")
    events = [each.event for each in shift.ledger.read()]
    decided = [event for event in events if isinstance(event, Decided)][-1]
    (preempted,) = [event for event in events if isinstance(event, Preempted)]
    assert decided.counted_available == ("T1",)
    assert (preempted.call_id, preempted.for_call_id, preempted.gain_ms) == ("low", "urgent", -1)


def test_the_teams_counted_as_available_are_in_order_of_id() -> None:
    """Whichever was sent first: two processes put the same decision on record."""
    shift = shift_in(_city(T1="b", T2="a"))
    for call_id in ("low-1", "low-2"):
        shift.assigned(call_id, status="en_route")
    assert list(shift.dispatcher.board.open_of_team) == ["T2", "T1"]
    shift.receive("urgent", priority=1)
    offer = _offer(shift, "urgent")
    assert (offer.team_id, offer.counted) == ("T2", ("T1", "T2"))
    shift.dispatcher.preempt(offer, idempotency_key="k")
    decided = [e.event for e in shift.ledger.read() if isinstance(e.event, Decided)][-1]
    assert decided.counted_available == ("T1", "T2")


def test_no_team_is_taken_for_a_call_that_has_one() -> None:
    """Neither while it is only held: there is nothing to wait for."""
    shift = shift_in(_city(T1="b", T2="a"))
    shift.assigned("low", status="en_route")
    shift.reserved("urgent", priority=1)
    assert shift.dispatcher.preemption("urgent") is None
    shift.dispatcher.accept(shift.dispatcher.board.open_of_team["T1"].reservation_id)
    assert shift.dispatcher.preemption("urgent") is None


def test_the_displaced_call_is_offered_again() -> None:
    """It waits by its own receipt, and any team may have it, the one it lost among them."""
    shift = shift_in(_city())
    shift.assigned("low", status="en_route")
    shift.receive("urgent", priority=1)
    shift.dispatcher.preempt(_offer(shift, "urgent"), idempotency_key="k")
    shift.dispatcher.cancel("urgent", "caller_cancelled")
    offer = shift.dispatcher.next_offer()
    assert offer is not None
    assert (offer.call_id, offer.team_id) == ("low", "T1")


def test_a_displaced_call_that_no_team_may_take_is_referred() -> None:
    """Its team was to be recalled; taking the team does not put an armed call into the queue."""
    shift = shift_in(_city())
    shift.assigned("low", status="en_route")
    armed = shift.city.call("c", call_id="low", facts={"weapon": "yes", "medical": "no"})
    assert shift.dispatcher.revise(armed).recall
    shift.receive("urgent", priority=1)
    shift.dispatcher.preempt(_offer(shift, "urgent"), idempotency_key="k")
    assert (shift.stage("low"), shift.stage("urgent")) == ("referred: ineligible", "reserved")


@pytest.mark.parametrize(("least_s", "gain_ms"), [(61, None), (60, 60_000)])
def test_a_team_of_another_provider_is_free_too(least_s: int, gain_ms: int | None) -> None:
    """Q1 may help within 90 s; P1, en route in its own area, would be there in 30 s."""
    city = helping().with_policy(waiting=RULES, preemption=Preemption({(1, 3): least_s}))
    shift = shift_in(city)
    shift.assigned("c-1", "b", status="en_route")
    assert shift.receive("c-2", "b", priority=1).candidates[0].team_id == "Q1"
    offer = shift.dispatcher.preemption("c-2")
    assert (None if offer is None else offer.gain_ms) == gain_ms
    shift.dispatcher.report("Q1", "off_duty")
    assert _offer(shift, "c-2").gain_ms == -1  # the other one is kept at home


@pytest.mark.parametrize("homes", ["eg", "ge"])
def test_a_team_that_is_kept_at_home_is_not_free(homes: str) -> None:
    """It could help only while the team on its way counts; nearer or not, that one is taken."""
    city = helping()
    for team, home in zip(("Q1", "Q2"), homes, strict=True):
        lon, lat = city.places[home]
        city = city.with_team(team, home_lon=lon, home_lat=lat)
    shift = shift_in(city.with_policy(waiting=RULES, preemption=Preemption({(1, 3): 100})))
    assert shift.assigned("own", "b", status="on_scene") == "P1"
    assert shift.assigned("low", homes[0]) == "Q1"
    assert isinstance(shift.receive("urgent", "b", priority=1), Referral)
    offer = _offer(shift, "urgent")
    assert (offer.team_id, offer.displaced, offer.gain_ms) == ("Q1", "low", -1)
