"""Calls that wait while hours begin and end and policies change: what time alone does to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from tests.scenarios.city import NOON, City
from tests.scenarios.shift import DrawnRouter
from tests.unit.simulation.test_engine import WAITS, call, line, play
from unarmed_router.model.call import Answer
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.shift import ALWAYS, Shift
from unarmed_router.model.waiting import Preemption, Waiting, WaitLimit
from unarmed_router.simulation.agenda import Agenda
from unarmed_router.simulation.engine import Engine
from unarmed_router.simulation.finished import FinishedCall

WELFARE = frozenset({"welfare_check"})
MORNING = (Shift((0,), time(8), time(12, 2)),)
LATER = (Shift((0,), time(12, 2), time(16)),)


def two_programs(first: tuple[Shift, ...], other: tuple[Shift, ...] = ALWAYS) -> City:
    """Draw one with a team and a rule on weapons, and one without any rule; each with its hours."""
    here = frozenset({1})
    programs = (
        Program("UNARMED", "U", WELFARE, (Provider("p", "P", here, hours=first),), 600),
        Program("OUTREACH", "O", WELFARE, (Provider("r", "R", here, hours=other),), 600),
    )
    city = line({"T": "a", "R": "e"}, programs=programs, waiting=WAITS)
    return city.with_team("R", program="OUTREACH", provider="r")


def told(found: FinishedCall) -> tuple[str, float]:
    """Return why a call ended, and when, seconds after noon."""
    assert found.record.ended_at is not None
    return found.record.reason, (found.record.ended_at - NOON).total_seconds()


def test_a_call_that_waits_is_taken_when_the_hours_of_a_provider_begin() -> None:
    """Its team was there all the time; the queue is looked at each minute."""
    city = two_programs(LATER)
    found, _ = play(city, [call(city, "long", "e", 0, stay=7200), call(city, "two", "a", 10)])
    assert (found["long"].team_id, found["two"].team_id) == ("R", "T")
    assert found["two"].wait_s == 120


def test_a_call_that_waits_is_referred_when_the_hours_of_the_last_provider_end() -> None:
    """Nobody serves it any more: without a limit of waiting it would wait for its team."""
    city = two_programs(MORNING)
    city = city.with_policy(programs=city.world.policy.programs[:1])
    found, _ = play(city, [call(city, "long", "e", 0, stay=7200), call(city, "two", "a", 10)])
    assert told(found["two"]) == ("no_program_here", 130.0)
    assert found["two"].record.target == "POLICE"
    assert found["long"].record.reason == "resolved"


def test_a_call_whose_facts_do_not_suffice_any_more_stays_with_the_call_taker() -> None:
    """Only the program that asked nothing could take it, and that has closed."""
    city = two_programs(ALWAYS, MORNING)
    vague = {"medical": Answer.NO}
    calls = [call(city, name, "e", second, stay=7200) for name, second in (("one", 0), ("two", 10))]
    calls = [replace(each, call=replace(each.call, facts=vague)) for each in calls]
    found, _ = play(city, calls)
    assert found["one"].team_id == "R"
    assert told(found["two"]) == ("needs_triage", 130.0)


@pytest.mark.parametrize(("before_s", "after_s", "ends"), [(900, 100, 130.0), (150, 900, 910.0)])
def test_a_call_waits_as_long_as_the_policy_in_force_lets_it(
    before_s: int, after_s: int, ends: float
) -> None:
    """The second begins at midnight, 120 s on: from the next look on its limit is the one."""
    city = line({"T": "a"})
    first, second = (
        replace(city.world.policy, waiting=Waiting({3: WaitLimit(limit_s, "LINE")}))
        for limit_s in (before_s, after_s)
    )
    day = (NOON + timedelta(hours=12)).date()
    world = replace(
        city.world,
        policy=replace(first, effective_until=day),
        policies=(replace(second, effective_from=day),),
    )
    late = NOON + timedelta(hours=12, minutes=-2)
    calls = [call(city, "long", "a", 0, stay=7200), call(city, "two", "a", 10)]
    moved = [
        replace(each, call=replace(each.call, received_at=late + (each.call.received_at - NOON)))
        for each in calls
    ]
    engine = Engine(DrawnRouter(replace(city, world=world)), moved, agenda=Agenda(late))
    (two,) = [each.record for each in engine.run() if each.record.call.call_id == "two"]
    assert two.ended_at is not None
    assert (two.reason, (two.ended_at - late).total_seconds()) == ("waited_too_long", ends)


@pytest.mark.parametrize(("needs", "why"), [((), "resolved"), (("nurse",), "no_team_available")])
def test_without_a_queue_a_call_that_lost_its_team_is_referred(
    needs: tuple[str, ...], why: str
) -> None:
    """Nothing waits then, unless the team that is free can take it."""
    city = line({"T": "a", "OTHER": "e"}, preemption=Preemption({(1, 3): 0}))
    city = city.with_team("T", capabilities=("nurse",))
    slow = call(city, "slow", "c", 0)
    slow = replace(slow, call=replace(slow.call, needs=needs, prefers=("nurse",)))
    found, _ = play(city, [slow, call(city, "urgent", "a", 5, priority=1)])
    assert found["urgent"].team_id == "T"
    assert found["slow"].record.reason == why
    assert len(found["slow"].record.assignments) == 2 - len(needs)
