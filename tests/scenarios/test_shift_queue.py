"""Calls that wait: their order, who is offered a free team, how long, and how they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from tests.scenarios.city import NOON, City, default_policy, draw_city
from tests.scenarios.shift import Shift, dispatcher_in, shift_in, street
from unarmed_router.errors import InputError, UnknownCallError
from unarmed_router.fleet.queue import next_limit
from unarmed_router.model.call import Answer
from unarmed_router.model.decision import Referral
from unarmed_router.model.events import CallReferred
from unarmed_router.model.policy import CallType, TriageFact
from unarmed_router.model.rule import Rule
from unarmed_router.model.shift import Shift as Hours
from unarmed_router.model.waiting import Match, Preemption, Waiting, WaitLimit
from unarmed_router.operations.outcomes import Reservation

RULES = Waiting(
    limits={1: WaitLimit(300, "POLICE"), 3: WaitLimit(1800, "LINE")},
    call_back_s={"welfare_check": 600},
)
STREET = "a---c---d-------e"


def _city(rules: Waiting | None = RULES, **teams: str) -> City:
    return draw_city(STREET, teams=teams or {"T1": "a"}).with_policy(waiting=rules)


def _busy(city: City) -> Shift:
    """Begin a shift whose teams are all on scene."""
    shift = shift_in(city)
    for state in city.states:
        shift.dispatcher.report(state.team.team_id, "off_duty")
    return shift


def _offered(shift: Shift) -> str | None:
    offer = shift.dispatcher.next_offer()
    return None if offer is None else offer.call_id


def test_calls_wait_by_priority_then_arrival_then_id() -> None:
    """Receipt counts, not the order in which the ledger heard of them."""
    shift = _busy(_city())
    for call_id, priority, minutes in (
        ("late", 3, 0), ("urgent", 1, 0), ("b", 3, -5), ("a", 3, -5), ("early", 3, -9),
    ):  # fmt: skip
        received_at = NOON + timedelta(minutes=minutes)
        shift.receive(call_id, priority=priority, received_at=received_at)
    queue = [record.call.call_id for record in shift.dispatcher.board.queue]
    assert queue == ["urgent", "early", "a", "b", "late"]
    again = [record.call.call_id for record in shift.again().dispatcher.board.queue]
    assert again == queue


def test_a_free_team_is_offered_the_most_urgent_call_it_can_take() -> None:
    """Not the head, where that needs a language it does not speak."""
    shift = _busy(_city())
    shift.receive("head", priority=1, needs=("spanish",))
    shift.receive("second", priority=2)
    shift.receive("third", priority=3)
    assert _offered(shift) is None
    shift.dispatcher.report("T1", "available")
    assert _offered(shift) == "second"


@pytest.mark.parametrize(
    ("match", "expected"), [(Match.LONGEST_WAIT, "far"), (Match.NEAREST, "near")]
)
def test_within_a_priority_the_policy_says_which(match: Match, expected: str) -> None:
    """The one that waited longest, or the one that is reached soonest."""
    shift = _busy(_city(replace(RULES, match=match)))
    shift.receive("far", "e")
    shift.clocks.pass_by(10)
    shift.receive("near", "c")
    shift.clocks.pass_by(10)
    shift.receive("less-urgent", "a", priority=4)
    shift.dispatcher.report("T1", "available")
    assert _offered(shift) == expected


def test_nearest_compares_every_team_that_is_free() -> None:
    """Of two free teams and two calls the quickest pair goes first."""
    shift = _busy(_city(replace(RULES, match=Match.NEAREST), T1="a", T2="e"))
    shift.receive("c-1", "c")
    shift.receive("c-2", "e")
    shift.dispatcher.report("T1", "available")
    shift.dispatcher.report("T2", "available")
    offer = shift.dispatcher.next_offer()
    assert offer is not None
    assert (offer.call_id, offer.team_id) == ("c-2", "T2")


def test_the_whole_queue_is_searched() -> None:
    """The only call that a team can take may be the last of many."""
    shift = _busy(_city())
    for number in range(70):
        shift.receive(f"c-{number}", needs=("spanish",))
    shift.receive("last")
    shift.dispatcher.report("T1", "available")
    assert _offered(shift) == "last"


def test_a_recommended_call_that_nobody_reserved_is_offered_too() -> None:
    """A dispatcher who was called away must not strand it."""
    shift = shift_in(_city())
    shift.receive("c-1")
    assert shift.stage("c-1") == "recommended"
    assert _offered(shift) == "c-1"


def test_without_a_queue_the_longest_wait_is_offered_first() -> None:
    """Calls that nobody reserved wait under such a policy, too."""
    shift = shift_in(_city(None))
    shift.receive("far", "e")
    shift.clocks.pass_by(10)
    shift.receive("near", "c")
    assert _offered(shift) == "far"


def test_a_call_waits_as_long_as_its_priority_may() -> None:
    """Then the policy's target takes it; a priority without a limit waits on."""
    shift = _busy(_city())
    shift.receive("urgent", priority=1)
    shift.receive("routine", priority=3)
    shift.receive("endless", priority=9)
    record = shift.dispatcher.board.calls["urgent"]
    assert next_limit(record, RULES) == NOON + timedelta(seconds=300)
    shift.clocks.pass_by(299.999999)
    assert shift.dispatcher.tick().referred == ()
    shift.clocks.pass_by(0.000001)
    assert shift.dispatcher.tick().referred == ("urgent",)
    assert shift.stage("urgent") == "referred: waited_too_long"
    shift.clocks.pass_by(86_400)
    assert shift.dispatcher.tick().referred == ("routine",)
    assert shift.stage("endless") == "queued"
    events = [each.event for each in shift.ledger.read()]
    targets = [event.target for event in events if isinstance(event, CallReferred)]
    assert targets == ["POLICE", "LINE"]


def test_a_call_with_a_team_is_not_overdue_until_it_loses_it() -> None:
    """A held team may still answer; when its time is up, the limit has its way at once."""
    shift = shift_in(_city())
    made = shift.reserved("c-1", priority=1, received_at=NOON - timedelta(seconds=299))
    shift.clocks.pass_by(59)
    assert shift.dispatcher.tick().referred == ()
    shift.clocks.pass_by(1)
    changes = shift.dispatcher.tick()
    assert (changes.expired, changes.referred) == ((made.reservation_id,), ("c-1",))


def test_a_call_that_cannot_be_triaged_is_not_forgotten_either() -> None:
    """It is never queued and never called ineligible; its limit refers it."""
    shift = shift_in(_city())
    decision = shift.receive("c-1", facts={}, priority=1)
    assert isinstance(decision, Referral)
    assert decision.reason == "needs_triage"
    assert shift.dispatcher.board.tally == {("waiting", "needs_triage"): 1}
    assert _offered(shift) is None
    shift.clocks.pass_by(300)
    assert shift.dispatcher.tick().referred == ("c-1",)


def test_stale_welfare_checks_ask_for_a_call_back() -> None:
    """After the policy's time, again after as long, longest first, never once a team has it."""
    shift = _busy(_city())
    for call_id in ("c-1", "c-2"):
        shift.receive(call_id)
        shift.clocks.pass_by(1)
    shift.clocks.pass_by(597)
    assert shift.dispatcher.tick().call_backs == ()
    shift.clocks.pass_by(2)
    assert shift.dispatcher.tick().call_backs == ("c-1", "c-2")
    shift.dispatcher.called_back("c-1")
    assert shift.dispatcher.tick().call_backs == ("c-2",)
    shift.clocks.pass_by(600)
    assert shift.dispatcher.tick().call_backs == ("c-2", "c-1")
    shift.dispatcher.report("T1", "available")
    shift.dispatcher.cancel("c-2", "no_person_found")
    offer = shift.dispatcher.next_offer()
    assert offer is not None
    shift.dispatcher.reserve(offer, idempotency_key="k")
    shift.dispatcher.report("T1", "en_route")
    assert shift.dispatcher.tick().call_backs == ()


def test_a_call_referred_in_a_tick_asks_for_no_call_back() -> None:
    """Its caller speaks with somebody else now."""
    shift = _busy(_city())
    shift.receive("c-1", priority=1)
    shift.clocks.pass_by(700)
    changes = shift.dispatcher.tick()
    assert (changes.referred, changes.call_backs) == (("c-1",), ())


@pytest.mark.parametrize("reason", ["caller_hung_up", "no_person_found", "duplicate"])
def test_a_caller_who_hangs_up_ends_the_call(reason: str) -> None:
    """With its own reason, once, whether it waits or was never queued."""
    shift = _busy(_city())
    shift.receive("c-1")
    shift.dispatcher.cancel("c-1", reason)
    assert shift.stage("c-1") == f"cancelled: {reason}"
    assert dict(shift.dispatcher.board.tally) == {("cancelled", reason): 1}
    with pytest.raises(UnknownCallError):
        shift.dispatcher.called_back("c-1")


@pytest.mark.parametrize("disposition", ["caller_hung_up", "no_person_found"])
def test_a_team_that_finds_nobody_closes_the_call(disposition: str) -> None:
    """A hang-up or nobody found is a disposition of an assigned call."""
    shift = shift_in(_city())
    shift.assigned("c-1", status="on_scene")
    shift.dispatcher.close("c-1", disposition)
    assert shift.stage("c-1") == f"assigned: {disposition}"


def test_without_rules_of_waiting_a_call_is_referred_at_once() -> None:
    """As `route` says."""
    shift = _busy(_city(None))
    shift.receive("c-1")
    assert shift.stage("c-1") == "referred: no_team_available"


def test_what_no_program_takes_never_waits() -> None:
    """An ineligible call ends by its receipt."""
    shift = shift_in(_city())
    shift.receive("c-1", facts={"weapon": "yes", "medical": "no"})
    assert shift.stage("c-1") == "referred: ineligible"


def test_a_referral_by_hand_names_a_reason_and_a_target_of_the_policy() -> None:
    """Closed lists, both."""
    shift = _busy(_city())
    shift.receive("c-1")
    with pytest.raises(InputError, match="none of the policy's: FIRE, LINE, POLICE"):
        shift.dispatcher.refer("c-1", "ineligible", "NOBODY")
    with pytest.raises(InputError, match="'felt like it' is none of"):
        shift.dispatcher.refer("c-1", "felt like it", "POLICE")
    shift.dispatcher.refer("c-1", "no_team_in_time", "FIRE")
    assert shift.stage("c-1") == "referred: no_team_in_time"


def test_priority_comes_from_the_type_unless_given() -> None:
    """The policy's, as the call's code or type is read; a number from 1 to 9 goes before it."""
    types = {"welfare_check": CallType("welfare_check", "Welfare check", priority=2)}
    city = draw_city(STREET, teams={"T1": "a"})
    city = city.with_policy(call_types={**default_policy().call_types, **types})
    shift = shift_in(city)
    shift.receive("c-1")
    shift.receive("c-2", priority=5)
    shift.receive("c-3", call_type="burglary")
    calls = shift.dispatcher.live.calls
    assert (calls["c-1"].priority, calls["c-2"].priority) == (2, 5)
    shift.dispatcher.revise(calls["c-2"].call)
    assert calls["c-2"].priority == 5
    shift.dispatcher.revise(calls["c-2"].call, priority=1)
    assert calls["c-2"].priority == 1
    with pytest.raises(InputError, match="priority 0 must be"):
        shift.dispatcher.revise(calls["c-2"].call, priority=0)


def test_the_queue_is_the_same_for_every_dispatcher() -> None:
    """A call received by one is offered by the other."""
    shift = _busy(_city())
    other = dispatcher_in(shift.city, shift.ledger, shift.clocks)
    shift.receive("c-1")
    other.report("T1", "available")
    offer = other.next_offer()
    assert offer is not None
    assert offer.call_id == "c-1"


def _tomorrow(city: City, **changes: Any) -> Shift:
    """Begin a shift a minute before midnight, when a changed policy comes into force."""
    midnight, old = (NOON + timedelta(days=1)).date(), city.world.policy
    new = replace(old, digest="new", effective_from=midnight, **changes)
    world = replace(city.world, policy=replace(old, effective_until=midnight), policies=(new,))
    shift = shift_in(replace(city, world=world))
    shift.clocks.pass_by(12 * 3600 - 60)
    return shift


def test_another_policy_settles_calls_that_had_a_team_too() -> None:
    """No program takes them any more: those that wait are referred, the others once they wait."""
    nothing = (replace(default_policy().programs[0], call_types=frozenset({"burglary"})),)
    shift = _tomorrow(street(T1="a", T2="b").with_policy(waiting=Waiting()), programs=nothing)
    for call_id in ("held", "given-back"):
        shift.reserved(call_id)
    shift.dispatcher.accept(shift.dispatcher.board.open_of_team["T2"].reservation_id)
    shift.receive("waits")
    assert shift.dispatcher.tick().referred == ()
    shift.clocks.pass_by(60)
    assert shift.dispatcher.tick().referred == ("held", "waits")
    given_back = shift.dispatcher.board.open_of_team["T2"]
    assert shift.dispatcher.tick().referred == ()
    shift.dispatcher.decline(given_back.reservation_id, "crew_not_ready")
    assert shift.stage("given-back") == "queued"
    assert shift.dispatcher.tick().referred == ("given-back",)
    assert {shift.stage(c) for c in ("held", "given-back", "waits")} == {"referred: ineligible"}


def test_a_call_that_has_waited_too_long_under_another_policy_is_referred_once() -> None:
    """No program takes it any more, and its time is up, too: the policy says who takes it."""
    nothing = (replace(default_policy().programs[0], call_types=frozenset({"burglary"})),)
    shift = _tomorrow(street().with_policy(waiting=RULES), programs=nothing)
    shift.dispatcher.report("T1", "off_duty")
    shift.receive("c-1", received_at=shift.clocks.wall - timedelta(seconds=1770))
    assert shift.dispatcher.tick().referred == ()
    shift.clocks.pass_by(60)
    assert shift.dispatcher.tick().referred == ("c-1",)
    assert shift.stage("c-1") == "referred: ineligible"
    assert shift.events().count("call_referred") == 1
    assert shift.dispatcher.tick().referred == ()


def test_another_policy_may_have_further_questions() -> None:
    """A call that cannot be decided without their answers says so, and waits for them."""
    city = street().with_policy(waiting=Waiting())
    rules, facts = city.world.policy.rules, city.world.policy.facts
    minor = Rule("minor", frozenset({"UNARMED"}), {"minor": Answer.YES}, "POLICE", "a minor")
    asked = {**facts, "minor": TriageFact("minor", "Is it a minor?")}
    shift = _tomorrow(city, facts=asked, rules=(*rules, minor))
    shift.dispatcher.report("T1", "off_duty")
    shift.receive("c-1")
    shift.dispatcher.tick()
    assert shift.stage("c-1") == "queued"
    shift.clocks.pass_by(60)
    assert shift.dispatcher.tick().referred == ()
    assert dict(shift.dispatcher.board.tally) == {("waiting", "needs_triage"): 1}
    events = shift.events()
    shift.dispatcher.tick()
    assert shift.events() == events


def test_another_policy_may_have_fewer_words() -> None:
    """A call that says what it has no word for stops no tick and no offer, and loses nothing."""
    city = street().with_policy(waiting=RULES)
    weapon = {"weapon": city.world.policy.facts["weapon"]}
    rule = tuple(rule for rule in city.world.policy.rules if rule.rule_id == "weapon")
    shift = _tomorrow(city, facts=weapon, rules=rule, capabilities={"nurse": "a nurse"})
    shift.dispatcher.report("T1", "off_duty")
    shift.receive("answers", prefers=("van",))
    shift.receive("needs", needs=("spanish",))
    calls = {c: record.call for c, record in shift.dispatcher.board.calls.items()}
    other = shift.again()
    shift.clocks.pass_by(60)
    other.dispatcher.report("T1", "available")
    assert other.dispatcher.tick().referred == ()
    assert _offered(shift) == "answers"
    assert {c: record.call for c, record in shift.dispatcher.board.calls.items()} == calls
    # Who comes later is looked at like the others: it is the need that keeps a team away.
    able = shift_in(street(T1="a", T2="b", T3="b").with_team("T3", capabilities=("spanish",)))
    able = shift_in(replace(able.city, world=shift.city.world), shift.ledger, shift.clocks)
    able.dispatcher.report("T1", "off_duty")
    able.dispatcher.cancel("answers", "caller_hung_up")
    offer = able.dispatcher.next_offer()
    assert offer is not None
    assert (offer.call_id, offer.team_id) == ("needs", "T3")
    with pytest.raises(InputError, match="unknown capability 'van'"):
        able.dispatcher.revise(replace(calls["needs"], needs=("spanish", "van")))
    revised = able.dispatcher.revise(replace(calls["needs"], prefers=("nurse",)))
    assert revised.decision.team_id == "T3"  # type: ignore[union-attr]
    shift.clocks.pass_by(1800)
    assert shift.dispatcher.tick().referred == ("needs",)


def test_a_need_alone_may_lack_its_word() -> None:
    """Every answer has a word still: nobody without the capability is sent, and nothing stops."""
    city = street(T1="a", T2="b").with_team("T2", capabilities=("spanish",))
    shift = _tomorrow(city.with_policy(waiting=RULES), capabilities={"nurse": "a nurse"})
    for team_id in ("T1", "T2"):
        shift.dispatcher.report(team_id, "off_duty")
    shift.receive("needs", needs=("spanish",))
    shift.clocks.pass_by(60)
    assert shift.dispatcher.tick().referred == ()
    shift.dispatcher.report("T1", "available")
    assert shift.dispatcher.next_offer() is None
    shift.dispatcher.report("T2", "available")
    assert _offered(shift) == "needs"


def test_a_team_that_gave_a_call_back_is_not_asked_again_in_other_words() -> None:
    """Neither is one that the call excludes: a word that the policy lacks changes nothing there."""
    city = street(T1="a", T2="a", T3="b")
    for team_id in ("T1", "T2"):
        city = city.with_team(team_id, capabilities=("spanish",))
    shift = _tomorrow(city.with_policy(waiting=RULES), capabilities={"nurse": "a nurse"})
    made = shift.reserved("c-1", needs=("spanish",), excludes=("T1",))
    assert made.team_id == "T2"
    shift.dispatcher.decline(made.reservation_id, "crew_not_ready")
    shift.clocks.pass_by(60)
    assert (shift.status("T1"), shift.status("T2")) == ("available", "available")
    assert shift.dispatcher.next_offer() is None


def test_calls_that_another_policy_leaves_as_they_are_are_not_decided_anew() -> None:
    """They wait as before, and the ledger is not written."""
    shift = _tomorrow(street().with_policy(waiting=RULES), capabilities={"nurse": "a nurse"})
    shift.dispatcher.report("T1", "off_duty")
    shift.receive("c-1")
    shift.dispatcher.tick()
    shift.clocks.pass_by(60)
    events = shift.events()
    shift.dispatcher.tick()
    assert shift.events() == events


def test_preemption_speaks_the_words_of_another_policy() -> None:
    """It is asked before any act under the new policy, is answered, and writes nothing."""
    city = street().with_policy(waiting=RULES, preemption=Preemption({(1, 3): 0}))
    weapon = {"weapon": city.world.policy.facts["weapon"]}
    rule = tuple(rule for rule in city.world.policy.rules if rule.rule_id == "weapon")
    shift = _tomorrow(city, facts=weapon, rules=rule)
    shift.assigned("low", status="en_route")
    shift.receive("urgent", priority=1)
    shift.clocks.pass_by(60)
    events = shift.events()
    offer = shift.dispatcher.preemption("urgent")
    assert offer is not None
    assert (offer.team_id, offer.displaced) == ("T1", "low")
    assert shift.events() == events
    assert isinstance(shift.dispatcher.preempt(offer, idempotency_key="k"), Reservation)
    assert shift.dispatcher.preemption("urgent") is None


def test_answers_are_kept_for_a_process_of_another_policy() -> None:
    """Processes are given a policy one by one: what one has no word for, the other goes by."""
    city = street(T1="a", T2="b").with_policy(waiting=RULES)
    weapon = {"weapon": city.world.policy.facts["weapon"]}
    rule = tuple(rule for rule in city.world.policy.rules if rule.rule_id == "weapon")
    today = shift_in(city.with_policy(facts=weapon, rules=rule))
    yesterday = shift_in(city, today.ledger, today.clocks)
    decision = yesterday.receive("c-1")
    assert _offered(today) == "c-1"
    made = yesterday.dispatcher.reserve(decision, idempotency_key="k-1")
    assert isinstance(made, Reservation)
    today.dispatcher.accept(made.reservation_id)
    assert today.stage("c-1") == "assigned"


def test_another_policy_may_have_fewer_questions() -> None:
    """A call that waits for an answer nobody asks for any more waits for a team."""
    city = street().with_policy(waiting=RULES)
    weapon = {"weapon": city.world.policy.facts["weapon"]}
    rule = tuple(rule for rule in city.world.policy.rules if rule.rule_id == "weapon")
    shift = _tomorrow(city, facts=weapon, rules=rule)
    for call_id in ("c-1", "c-2"):
        shift.receive(call_id, facts={"weapon": Answer.NO})
    shift.receive("c-3", facts={"medical": Answer.NO})
    shift.dispatcher.tick()
    assert dict(shift.dispatcher.board.tally) == {("waiting", "needs_triage"): 3}
    shift.clocks.pass_by(60)
    assert shift.dispatcher.tick().referred == ()
    assert _offered(shift) == "c-1"
    assert dict(shift.dispatcher.board.tally) == {
        ("waiting", "recommended"): 2,
        ("waiting", "needs_triage"): 1,
    }
    assert shift.dispatcher.board.calls == shift.again().dispatcher.board.calls


def _until_half_past(city: City) -> City:
    """Let the one provider serve until 12:30."""
    program = city.world.policy.programs[0]
    hours = (Hours(days=(0,), start=time(8), end=time(12, 30)),)
    provider = replace(program.providers[0], hours=hours)
    return city.with_policy(programs=(replace(program, providers=(provider,)),))


def test_the_end_of_a_providers_hours_settles_waiting_calls() -> None:
    """Nobody serves them any more, as nobody would serve a new one; those of a team come later."""
    shift = shift_in(_until_half_past(street(T1="a", T2="b").with_policy(waiting=Waiting())))
    for call_id in ("c-1", "c-2"):
        shift.assigned(call_id)
    shift.receive("c-3")
    shift.receive("c-4", facts={})
    shift.clocks.pass_by(1799)
    assert shift.dispatcher.tick().referred == ()
    shift.clocks.pass_by(1)
    assert shift.dispatcher.tick().referred == ("c-3", "c-4")
    shift.dispatcher.decline(shift.dispatcher.board.open_of_team["T2"].reservation_id, "unsafe")
    assert shift.dispatcher.tick().referred == ("c-2",)
    assert (shift.stage("c-1"), shift.stage("c-2")) == ("assigned", "referred: no_program_here")
