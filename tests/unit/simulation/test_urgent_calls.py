"""An urgent call takes a team that is on its way, where the policy says that it is worth it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.unit.simulation.test_engine import WAITS, call, line, play, seconds
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.waiting import Preemption, Waiting
from unarmed_router.simulation.crews import AfterCall, CrewRules
from unarmed_router.simulation.finished import FinishedCall
from unarmed_router.simulation.streams import StreamedCall


def beside_a_free_team(
    least_s: int, priority: int = 1, waiting: Waiting | None = WAITS
) -> dict[str, FinishedCall]:
    """Send NEAR from b to a, and after five seconds have somebody call from b; FAR is free at e."""
    city = line(
        {"NEAR": "b", "FAR": "e"}, waiting=waiting, preemption=Preemption({(1, 3): least_s})
    )
    calls = [call(city, "slow", "a", 0), call(city, "urgent", "b", 5, priority=priority)]
    return play(city, calls)[0]


def unheard_of(streamed: StreamedCall) -> StreamedCall:
    """Make a call one that nobody knows how to take."""
    return replace(streamed, call=replace(streamed.call, call_type="unheard_of"))


@pytest.mark.parametrize("waiting", [WAITS, None])
def test_a_team_on_its_way_is_taken_although_another_is_free(waiting: Waiting | None) -> None:
    """It is 85 s sooner; the free team takes the call that lost its own, at once."""
    found = beside_a_free_team(60, waiting=waiting)
    assert found["urgent"].team_id == "NEAR"
    assert found["urgent"].response_s == pytest.approx(5.0, abs=0.5)
    parts = [(part.team_id, str(part.ending)) for part in found["slow"].record.assignments]
    assert parts == [("NEAR", "preempted"), ("FAR", "closed")]
    assert seconds(found["slow"]) == (5.0, 5 + 120)


@pytest.mark.parametrize(("least_s", "priority"), [(86, 1), (60, 2)])
def test_else_the_free_team_goes(least_s: int, priority: int) -> None:
    """The gain is too small, or the call is not urgent enough."""
    found = beside_a_free_team(least_s, priority)
    assert (found["urgent"].team_id, found["slow"].team_id) == ("FAR", "NEAR")
    assert seconds(found["urgent"]) == (0.0, 90.0)
    assert len(found["slow"].record.assignments) == 1


def test_an_urgent_call_that_no_unarmed_team_may_take_takes_none() -> None:
    """It is referred as it is received, though teams are on their way."""
    city = line({"T": "a"}, waiting=WAITS, preemption=Preemption({(1, 3): 0}))
    odd = unheard_of(call(city, "odd", "a", 5, priority=1))
    found, _ = play(city, [call(city, "slow", "c", 0), odd])
    assert found["odd"].record.reason == "needs_triage"
    assert found["slow"].team_id == "T"


def test_a_crew_that_is_home_at_once_is_not_left_where_it_was_shown() -> None:
    """A caller who hangs up as the team is taken sends it home while it was just seen elsewhere."""
    city = line({"T1": "a", "T2": "a"}, waiting=WAITS, preemption=Preemption({(1, 3): 10}))
    calls = [
        call(city, "slow", "e", 0),
        call(city, "urgent", "e", 30, priority=1, gives_up_after_s=0),
        unheard_of(call(city, "odd", "e", 30)),
        call(city, "later", "a", 100),
    ]
    found, _ = play(city, calls, CrewRules(after=AfterCall.AT_HOME))
    assert [part.team_id for part in found["urgent"].record.assignments] == ["T1"]
    assert seconds(found["later"]) == (0.0, 0.0)


def test_the_strategy_chooses_for_an_urgent_call_too() -> None:
    """Where no team is taken, it is sent the free team that the strategy wants."""

    class Last:
        name = "last"

        def choose(self, decision: Recommendation, at: datetime) -> str:  # noqa: ARG002
            return decision.candidates[-1].team_id

    teams = {"T1": "b", "T2": "e", "T3": "e"}
    city = line(teams, waiting=WAITS, preemption=Preemption({(1, 3): 900}))
    calls = [call(city, "slow", "c", 0), call(city, "urgent", "b", 5, priority=1)]
    found, _ = play(city, calls, strategy=Last())
    assert (found["slow"].team_id, found["urgent"].team_id) == ("T3", "T2")
