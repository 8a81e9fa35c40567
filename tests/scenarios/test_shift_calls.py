"""Calls on a shift: escalated from the scene, revised on the way, received once."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from enum import Enum

import pytest

from tests.scenarios.city import NOON, TWO_FACTS, default_policy, draw_city
from tests.scenarios.shift import WAITING, Shift, dispatcher_in, shift_in, street
from unarmed_router.dispatch.desk import Desk
from unarmed_router.errors import InputError, LifecycleError
from unarmed_router.model.call import Answer
from unarmed_router.model.decision import Referral
from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.outcome import Outcome
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.rule import Rule
from unarmed_router.model.shift import Shift as Hours
from unarmed_router.operations.outcomes import Reservation

ARMED = {"weapon": Answer.YES, "medical": Answer.NO}


# --- Escalation


@pytest.mark.parametrize("target", ["POLICE", "FIRE", "LINE"])
def test_a_team_on_scene_asks_for_help_and_stays(target: str) -> None:
    """The call goes on; the request is counted by target."""
    shift = shift_in(street())
    shift.assigned("c-1", status="on_scene")
    shift.dispatcher.escalate("T1", "assist", reason="hold_needed", target=target)
    assert (shift.status("T1"), shift.stage("c-1")) == ("on_scene", "assigned")
    assert dict(shift.dispatcher.board.escalations) == {("assist", target): 1}


def test_a_team_on_scene_hands_over() -> None:
    """The call closes as handed over; the team says when it is clear, then it is free."""
    shift = shift_in(street())
    shift.assigned("c-1", status="on_scene")
    shift.dispatcher.escalate("T1", "hand_over", reason="weapon", target="POLICE")
    assert (shift.status("T1"), shift.stage("c-1")) == ("on_scene", "assigned: handed_over")
    assert isinstance(shift.receive("c-2"), Referral)
    shift.dispatcher.report("T1", "available")
    offer = shift.dispatcher.next_offer()
    assert offer is not None
    assert offer.call_id == "c-2"


def test_redirects_are_counted_across_processes() -> None:
    """Help and hand-overs, by target."""
    shift = shift_in(street())
    for number, act in enumerate(("assist", "hand_over", "hand_over")):
        shift.assigned(f"c-{number}", status="on_scene")
        shift.dispatcher.escalate("T1", act, reason="medical", target="FIRE")
        shift.dispatcher.report("T1", "available")
    counts = {("assist", "FIRE"): 1, ("hand_over", "FIRE"): 2}
    assert dict(shift.dispatcher.board.escalations) == counts
    assert dict(shift.again().dispatcher.board.escalations) == counts


@pytest.mark.parametrize("status", ["available", "reserved", "en_route", "clearing"])
def test_only_a_team_on_scene_escalates(status: str) -> None:
    """Before it has arrived it gives the call back instead."""
    shift = shift_in(street())
    if status == "reserved":
        shift.reserved("c-1")
    elif status == "en_route":
        shift.assigned("c-1", status="en_route")
    elif status == "clearing":
        shift.assigned("c-1", status="on_scene")
        shift.dispatcher.report("T1", "clearing")
    with pytest.raises(LifecycleError, match="on no scene"):
        shift.dispatcher.escalate("T1", "assist", reason="weapon", target="POLICE")


def test_reason_and_target_come_from_lists() -> None:
    """Words of one's own are refused with the list."""
    shift = shift_in(street())
    shift.assigned("c-1", status="on_scene")
    with pytest.raises(InputError, match="none of: violence, weapon"):
        shift.dispatcher.escalate("T1", "assist", reason="scared", target="POLICE")
    with pytest.raises(InputError, match="none of the policy's"):
        shift.dispatcher.escalate("T1", "assist", reason="weapon", target="SHERIFF")


# --- Calls that turn out otherwise


def _revised(shift: Shift, call_id: str, **changes: object) -> tuple[object, str | None, bool]:
    call = shift.dispatcher.board.calls[call_id].call
    made = shift.dispatcher.revise(replace(call, **changes))  # type: ignore[arg-type]
    reason = made.decision.reason if isinstance(made.decision, Referral) else None
    return reason, made.team_id, made.recall


def test_an_armed_call_loses_a_team_that_is_only_held() -> None:
    """It is let go and the call is referred, in one act."""
    shift = shift_in(street())
    shift.reserved("c-1")
    assert _revised(shift, "c-1", facts=ARMED) == ("ineligible", None, False)
    assert (shift.status("T1"), shift.stage("c-1")) == ("available", "referred: ineligible")


@pytest.mark.parametrize("status", ["", "en_route", "on_scene"])
def test_an_armed_call_recalls_a_team_that_accepted(status: str) -> None:
    """People must call it back; given back, the call is referred and never queued."""
    shift = shift_in(street())
    shift.assigned("c-1", status=status)
    assert _revised(shift, "c-1", facts=ARMED) == ("ineligible", "T1", True)
    if status == "on_scene":
        shift.dispatcher.report("T1", "out_of_service")
    else:
        held = shift.dispatcher.board.open_of_team["T1"]
        shift.dispatcher.decline(held.reservation_id, "unsafe")
    assert shift.stage("c-1") == "referred: ineligible"


def test_a_question_that_is_open_again_recalls_too() -> None:
    """Unknown is never yes; given back, the call waits for its facts and not for a team."""
    shift = shift_in(street())
    shift.assigned("c-1")
    assert _revised(shift, "c-1", facts={}) == ("needs_triage", "T1", True)
    held = shift.dispatcher.board.open_of_team["T1"]
    shift.dispatcher.decline(held.reservation_id, "unsafe")
    assert shift.stage("c-1") == "triage"
    assert dict(shift.dispatcher.board.tally) == {("waiting", "needs_triage"): 1}
    assert _revised(shift, "c-1", facts={"weapon": "no", "medical": "no"})[0] is not None


def test_a_team_whose_own_program_may_not_go_is_recalled() -> None:
    """Although another program takes the call, and has no team: the reason lies in the call."""
    policy = default_policy()
    everywhere = frozenset(range(1, 10))
    medics = Program(
        "MEDICS", "Medics", frozenset({"welfare_check"}), (Provider("m", "M", everywhere),), 600
    )
    rules = (
        Rule("medical", frozenset({"UNARMED"}), {"medical": Answer.YES}, "FIRE", "hurt"),
        Rule("weapon", frozenset({"UNARMED", "MEDICS"}), {"weapon": Answer.YES}, "POLICE", "armed"),
    )
    city = draw_city("a---c-----b", teams={"T1": "a"}, policy=replace(
        policy, programs=(*policy.programs, medics), rules=rules, waiting=WAITING
    ))  # fmt: skip
    shift = shift_in(city)
    shift.assigned("c-1", status="en_route")
    hurt = {"weapon": Answer.NO, "medical": Answer.YES}
    assert _revised(shift, "c-1", facts=hurt) == ("no_team_available", "T1", True)


def test_a_revision_that_changes_nothing_recalls_nobody() -> None:
    """A team at the end of its hours, or far away by now, keeps its call."""
    shift = shift_in(street())
    shift.assigned("c-1", status="en_route")
    assert _revised(shift, "c-1") == (None, "T1", False)
    lon, lat = shift.city.places["b"]
    shift.dispatcher.record_fix("T1", lon=lon, lat=lat, at=NOON)
    shift.clocks.pass_by(400)  # the fix is stale by now
    assert _revised(shift, "c-1") == ("no_team_available", "T1", False)


def test_a_call_that_moves_out_of_every_division_recalls_its_team() -> None:
    """The caller was somewhere else: another agency takes it."""
    shift = shift_in(street())
    shift.assigned("c-1", status="en_route")
    away = {"lat": shift.dispatcher.board.calls["c-1"].call.lat + 0.5}
    assert _revised(shift, "c-1", **away) == ("out_of_jurisdiction", "T1", True)
    assert shift.stage("c-1") == "assigned"


def test_a_team_that_helps_keeps_its_call() -> None:
    """Once its own provider has a team again, nobody is recalled; unless nobody may help there."""
    drawn = draw_city("a--c--b", teams={"P1": "a", "Q1": "b", "Q2": "b"}, divisions="1111222")
    policy = drawn.world.policy
    providers = (Provider("p", "P", frozenset({1})), Provider("q", "Q", frozenset({2})))
    city = drawn.with_team("Q1", provider="q").with_team("Q2", provider="q").with_policy(
        programs=(replace(policy.programs[0], providers=providers),),
        mutual_aid=MutualAid({"q": frozenset({"p"})}, max_response_s=600),
        waiting=WAITING,
    )  # fmt: skip
    shift = shift_in(city)
    shift.assigned("c-1")
    shift.assigned("c-2", status="en_route")
    assert _revised(shift, "c-1") == (None, "P1", False)  # its own calls go on meanwhile
    shift.dispatcher.close("c-1", "resolved")
    assert _revised(shift, "c-2", prefers=("spanish",)) == (None, "Q1", False)
    alone = replace(shift, dispatcher=dispatcher_in(
        city.with_policy(mutual_aid=None), shift.ledger, shift.clocks
    ))  # fmt: skip
    assert _revised(alone, "c-2", prefers=()) == (None, "Q1", True)


def test_a_provider_whose_hours_end_recalls_nobody() -> None:
    """Its team goes on to a call it took in time; what else the call says still counts."""
    city = street(T1="a", T2="b")
    program = city.world.policy.programs[0]
    morning = (Hours((0,), time(8), time(12, 30)),)
    provider = replace(program.providers[0], hours=morning)
    shift = shift_in(city.with_policy(programs=(replace(program, providers=(provider,)),)))
    shift.assigned("c-1", status="en_route")
    shift.clocks.pass_by(1799)
    held = shift.reserved("c-2")
    shift.clocks.pass_by(1)
    assert _revised(shift, "c-1", prefers=("nurse",)) == ("no_program_here", "T1", False)
    assert _revised(shift, "c-1", facts=ARMED) == ("ineligible", "T1", True)
    assert _revised(shift, "c-1", facts=TWO_FACTS) == ("no_program_here", "T1", False)
    assert _revised(shift, "c-1", excludes=("T1",)) == ("no_program_here", "T1", True)
    assert _revised(shift, "c-2", prefers=("nurse",)) == ("no_program_here", None, False)
    assert shift.status(held.team_id) == "available"
    assert shift.stage("c-2") == "referred: no_program_here"
    elsewhere = replace(provider, divisions=frozenset({2}))
    moved = shift.city.with_policy(programs=(replace(program, providers=(elsewhere,)),))
    other = replace(shift, dispatcher=dispatcher_in(moved, shift.ledger, shift.clocks))
    assert _revised(other, "c-1", excludes=()) == ("no_program_here", "T1", True)


def test_what_a_team_lacks_recalls_it_at_the_end_of_its_hours() -> None:
    """The end of its shift is named first among what speaks against it, and hides nothing."""
    morning = (Hours((0,), time(8), time(12, 30)),)
    city = street().with_team("T1", shifts=morning, capabilities=("nurse",))
    screening = replace(city.world.policy.screening, handover_s=1200)
    shift = shift_in(city.with_policy(screening=screening))
    shift.assigned("c-1", status="en_route")
    shift.clocks.pass_by(900)
    for needs, recall in ((("nurse",), False), (("spanish",), True)):
        assert _revised(shift, "c-1", needs=needs) == ("no_team_available", "T1", recall)
    assert _revised(shift, "c-1", needs=(), excludes=("T1",))[2]


def test_a_call_in_triage_is_sent_once_its_facts_are_known() -> None:
    """Revised, it is recommended; it keeps its id and its receipt."""
    shift = shift_in(street())
    shift.receive("c-1", facts={})
    shift.clocks.pass_by(60)
    facts = {"weapon": Answer.NO, "medical": Answer.NO}
    assert _revised(shift, "c-1", facts=facts) == (None, None, False)
    assert shift.stage("c-1") == "recommended"
    with pytest.raises(InputError, match="cannot move that"):
        _revised(shift, "c-1", received_at=NOON + timedelta(seconds=1))


def test_a_queued_call_that_lacks_facts_after_all_leaves_the_queue() -> None:
    """Ineligible, in triage and queued are never one number."""
    shift = shift_in(street())
    shift.assigned("c-0")
    shift.receive("c-1")
    assert shift.stage("c-1") == "queued"
    _revised(shift, "c-1", facts={})
    assert shift.stage("c-1") == "triage"
    assert shift.dispatcher.board.tally[Outcome.WAITING, "needs_triage"] == 1


def test_a_call_is_received_once() -> None:
    """A second receipt changes nothing; another call of its id is refused, and after its end."""
    shift = shift_in(street())
    first = shift.receive("c-1")
    assert shift.again().receive("c-1") == first
    with pytest.raises(LifecycleError, match="received already; revise it"):
        shift.again().receive("c-1", "b")
    shift.dispatcher.cancel("c-1", "duplicate")
    with pytest.raises(LifecycleError, match=r"has ended: cancelled \(duplicate\)"):
        shift.receive("c-1")


def test_a_recall_is_told_until_somebody_has_called_the_team_back() -> None:
    """On every tick, on every console, and after a crash; the wrong act is refused by name."""
    shift = shift_in(street())
    shift.assigned("c-1", status="en_route")
    _revised(shift, "c-1", facts=ARMED)
    assert shift.dispatcher.tick().recalls == ("c-1",)
    other = shift.again()
    assert other.dispatcher.tick().recalls == ("c-1",)
    with pytest.raises(LifecycleError, match="decline reservation r-"):
        other.dispatcher.close("c-1", "cancelled_en_route")
    held = other.dispatcher.board.open_of_team["T1"]
    other.dispatcher.decline(held.reservation_id, "unsafe")
    assert other.stage("c-1") == "referred: ineligible"
    assert shift.dispatcher.tick().recalls == ()


def test_a_call_that_no_road_leads_to_is_referred_once_its_team_is_gone() -> None:
    """Its place was corrected to one that no team can be sent to: it waits for none."""
    shift = shift_in(draw_city("a---c-----b", teams={"T1": "a"}, snap_limit_m=30.0))
    shift.assigned("c-1", status="en_route")
    lat = shift.city.places["c"][1] + 0.0006
    assert _revised(shift, "c-1", lat=lat) == ("no_road_nearby", "T1", False)
    shift.dispatcher.decline(shift.dispatcher.board.open_of_team["T1"].reservation_id, "unsafe")
    assert shift.stage("c-1") == "referred: no_road_nearby"


@pytest.mark.parametrize("compiled", [False, True])
def test_a_call_that_no_road_leads_to_waits_for_no_busy_team(compiled: bool) -> None:
    """It is referred at its receipt, as when the team is free: a wait would end in the same."""
    city = draw_city("a---c-----b", teams={"T1": "a"}, snap_limit_m=30.0)
    city = city.with_policy(waiting=WAITING)
    shift = shift_in(city.compiled() if compiled else city)
    shift.assigned("c-1", status="on_scene")
    lon, lat = shift.city.places["b"]
    shift.dispatcher.receive(shift.city.call("b", call_id="c-2", lon=lon, lat=lat + 0.0006))
    assert shift.stage("c-2") == "referred: no_road_nearby"
    shift.receive("c-3")
    assert shift.stage("c-3") == "queued"


@pytest.mark.parametrize("disposition", [None, "resolved"])
def test_a_recalled_team_does_not_slip_away(disposition: str | None) -> None:
    """Clearing without having arrived, it would end an armed call that nobody else was told of."""
    shift = shift_in(street())
    shift.assigned("c-1", status="en_route")
    _revised(shift, "c-1", facts=ARMED)
    with pytest.raises(LifecycleError, match=r"decline reservation r-\d+, .* or report on_scene"):
        shift.dispatcher.report("T1", "clearing", disposition=disposition)
    assert (shift.status("T1"), shift.stage("c-1")) == ("en_route", "assigned")
    shift.dispatcher.report("T1", "on_scene")
    shift.dispatcher.report("T1", "clearing", disposition=disposition)
    assert shift.status("T1") == "clearing"


def test_a_call_that_no_team_has_accepted_is_not_closed() -> None:
    """Nobody has been there: it is cancelled or referred, and the message says so."""
    shift = shift_in(street())
    shift.reserved("held")
    shift.receive("waits")
    for call_id, stage in (("held", "reserved"), ("waits", "queued")):
        with pytest.raises(LifecycleError, match=f"{call_id} is {stage}: no team has accepted it"):
            shift.dispatcher.close(call_id, "resolved")
        assert shift.stage(call_id) == stage


def test_a_team_that_is_held_stays_so_where_it_may_go_still() -> None:
    """What is known now changes nothing for it: the crew is asked once, and has its time."""
    shift = shift_in(street(T1="a", T2="b"))
    made = shift.reserved("c-1")
    shift.clocks.pass_by(10)
    assert _revised(shift, "c-1", lon=shift.city.places["b"][0]) == (None, "T1", False)
    assert (shift.status("T1"), shift.stage("c-1")) == ("reserved", "reserved")
    held = shift.dispatcher.board.open_of_team["T1"]
    assert (held.reservation_id, held.expires_at) == (made.reservation_id, made.expires_at)


def test_a_recalled_team_that_was_there_closes_its_call() -> None:
    """Nobody can give back a call that somebody has been at: it has its disposition."""
    shift = shift_in(street())
    shift.assigned("c-1", status="on_scene")
    _revised(shift, "c-1", facts=ARMED)
    assert shift.dispatcher.tick().recalls == ("c-1",)
    shift.dispatcher.close("c-1", "resolved")
    assert shift.stage("c-1") == "assigned: resolved"


def test_a_fact_that_no_policy_asks_for_is_refused_in_a_revision() -> None:
    """A misspelt answer must not be taken for none, whatever the call said before."""
    shift = shift_in(street())
    call = shift.city.call("c", call_id="c-1")
    shift.dispatcher.receive(call)
    with pytest.raises(InputError, match="'wepon'"):
        shift.dispatcher.revise(replace(call, facts={"wepon": Answer.YES}))
    assert shift.dispatcher.board.calls["c-1"].call == call


def test_a_recall_is_over_when_the_call_turns_out_harmless() -> None:
    """Revised once more, the team may go on."""
    shift = shift_in(street())
    shift.assigned("c-1", status="en_route")
    _revised(shift, "c-1", facts=ARMED)
    harmless = {"weapon": Answer.NO, "medical": Answer.NO}
    assert _revised(shift, "c-1", facts=harmless) == (None, "T1", False)
    assert shift.dispatcher.tick().recalls == ()


def test_a_repeated_key_says_that_its_reservation_is_over() -> None:
    """A console that asks again must send nobody to a call that was referred meanwhile."""
    shift = shift_in(street())
    decision = shift.receive("c-1")
    held = shift.dispatcher.reserve(decision, idempotency_key="k")
    assert isinstance(held, Reservation)
    assert held.open
    _revised(shift, "c-1", facts=ARMED)
    again = shift.dispatcher.reserve(decision, idempotency_key="k")
    assert isinstance(again, Reservation)
    assert (again.repeated, again.open) == (True, False)


def test_only_unanswered_reservations_are_told_as_expired() -> None:
    """One that was let go because its call ended is no news of the clock."""
    shift = shift_in(street())
    shift.reserved("c-1")
    shift.dispatcher.cancel("c-1", "duplicate")
    assert shift.dispatcher.tick().expired == ()


def test_without_a_ledger_no_team_is_named_twice() -> None:
    """What was sent by voice is not on the board."""
    shift = shift_in(street())
    shift.ledger.close()
    first, second = shift.receive("c-1"), shift.receive("c-2")
    assert (first.kind, second.kind) == ("recommendation", "referral")
    reasons = {each.team_id: each.reason for each in second.exclusions}
    assert reasons["T1"] == "excluded_by_call"


def test_a_new_policy_refers_the_calls_that_nobody_takes_any_more() -> None:
    """They do not wait in silence until their limit; told by the next tick."""
    shift = shift_in(street())
    shift.assigned("c-0")
    shift.receive("c-1")
    assert shift.stage("c-1") == "queued"
    assert shift.dispatcher.tick().referred == ()
    world = shift.city.world
    router = shift.dispatcher._router
    router.desk = Desk(replace(world, policy=replace(world.policy, programs=())))  # type: ignore[misc]  # a drawn one's may be set
    assert shift.dispatcher.tick().referred == ("c-1",)
    assert shift.stage("c-1").startswith("referred: ")


class _Why(str, Enum):  # noqa: UP042  # as older code has them
    """Reasons as another system lists them; each prints as its name."""

    UNFIT = "ineligible"


def test_a_reason_of_another_list_is_told_by_its_word() -> None:
    """Its name in that list is no reason anybody could count."""
    shift = shift_in(street(T1="a", T2="b"))
    shift.receive("c-1")
    shift.dispatcher.refer("c-1", _Why.UNFIT, "POLICE")
    assert shift.stage("c-1") == "referred: ineligible"


def test_without_a_queue_a_call_that_its_team_gives_back_is_referred() -> None:
    """Nothing waits then: the next tick says so, where no other team can go."""
    shift = shift_in(street().with_policy(waiting=None))
    shift.dispatcher.tick()
    shift.assigned("c-1", status="en_route")
    shift.dispatcher.decline(shift.dispatcher.board.open_of_team["T1"].reservation_id, "unsafe")
    assert shift.stage("c-1") == "queued"
    assert shift.dispatcher.tick().referred == ("c-1",)
    assert shift.stage("c-1") == "referred: no_team_available"
