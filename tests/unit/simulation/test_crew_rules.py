"""What crews do between what the dispatcher sees: each rule that docs/how-to/scenario.md states."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from tests.scenarios.city import NOON, City
from tests.unit.simulation.test_engine import WAITS, call, line, play, seconds
from unarmed_router.simulation.crews import CrewRules


def slow_after(city: City, passed_s: int) -> City:
    """Let every road take twice as long from some seconds after noon on."""
    free = city.network.free_flow_ms
    change = NOON + timedelta(seconds=passed_s)
    return city.compiled(lambda at: int(at >= change), [free, (free * 2).astype(np.int32)])


def test_a_trip_is_timed_under_the_traffic_of_its_decision() -> None:
    """A turnout into the next hour changes nothing: the crew drives what the decision said."""
    city = slow_after(line({"T": "a"}), 60).with_team("T", turnout_s=90)
    found, _ = play(city, [call(city, "one", "c", 0)])
    assert seconds(found["one"]) == (0.0, 90 + 60)


def test_the_way_home_is_timed_when_it_begins() -> None:
    """After two minutes of slow traffic it is half way, where it would have been at home."""
    city = slow_after(line({"T": "a"}), 60)
    calls = [call(city, "one", "c", 0, stay=60), call(city, "two", "b", 120 + 60)]
    found, _ = play(city, calls)
    assert found["two"].response_s == pytest.approx(0.0, abs=0.5)


def test_a_crew_goes_on_along_its_way_while_it_turns_out() -> None:
    """The caller who hung up half a minute later finds it a crossing nearer to its home."""
    city = line({"T": "a"}).with_team("T", turnout_s=30)
    calls = [
        call(city, "one", "e", 0, stay=10),
        call(city, "two", "e", 160 + 30, gives_up_after_s=29),
        call(city, "three", "c", 160 + 60),
    ]
    found, _ = play(city, calls)
    assert found["two"].record.reason == "caller_hung_up"
    assert found["three"].response_s == pytest.approx(30.0, abs=0.5)


@pytest.mark.parametrize(("patience", "reason"), [(60, "caller_hung_up"), (61, "resolved")])
def test_a_caller_who_gives_up_as_the_team_arrives_is_gone(patience: int, reason: str) -> None:
    """On the boundary: no team has come before then."""
    city = line({"T": "a"})
    found, _ = play(city, [call(city, "one", "c", 0, gives_up_after_s=patience)])
    assert found["one"].record.reason == reason


def test_a_break_does_not_stop_the_drive_home() -> None:
    """When the break is over the crew is where its way ended."""
    city = line({"T": "a"}, waiting=WAITS)
    rules = CrewRules(break_s=130, break_every_s=140)
    calls = [call(city, "one", "e", 0, stay=10), call(city, "two", "a", 140 + 100)]
    found, _ = play(city, calls, rules)
    assert seconds(found["two"]) == (30.0, 30.0)


def test_a_call_is_received_after_all_else_of_its_moment() -> None:
    """The team that is free at that very second can be sent; nobody need wait."""
    city = line({"T": "a"})
    found, _ = play(city, [call(city, "one", "a", 0, stay=70), call(city, "two", "a", 70)])
    assert seconds(found["two"]) == (0.0, 0.0)
