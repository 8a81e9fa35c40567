"""What a decision says of itself, and what would have to be otherwise: one drawn city a case."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time, timedelta
from itertools import product

import pytest

from tests.scenarios.city import NOON, NORTH, City, draw_city
from unarmed_router.dispatch.counterfactual import counterfactual
from unarmed_router.dispatch.desk import Desk
from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.call_code import BaseCode, CodeKind, CodeList
from unarmed_router.model.call_code_table import CodeTable
from unarmed_router.model.counterfactual import Counterfactual, FactChange, NearestExcluded
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.policy import TriageFact
from unarmed_router.model.reasons import ExclusionReason, Flag
from unarmed_router.model.shift import Shift
from unarmed_router.model.team import Fix, TeamStatus

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
SENTENCE = re.compile(r"[.?!](?: (?=[A-Z])|$)")


def what_if(city: City, call: Call) -> Counterfactual:
    """Ask a city what would have to be otherwise at noon."""
    return counterfactual(call, NOON, city.roster().snapshot(), Desk(city.world))


@pytest.fixture
def line() -> City:
    """Two teams at the ends of a street, the call between them nearer to the first."""
    return draw_city("a--c----b", teams={"T1": "a", "T2": "b"})


def test_a_call_that_needs_triage_lacks_two_answers(line: City) -> None:
    """Nobody asked anything: both facts answered no would do, and no team was looked at."""
    found = what_if(line, line.call("c", facts={}))
    assert found.changes == (FactChange("weapon", UNKNOWN, NO), FactChange("medical", UNKNOWN, NO))
    assert found.programs == ("UNARMED",)
    detail = "the call is referred: needs triage"
    assert found.nearest == NearestExcluded("T1", ExclusionReason.NOT_CONSIDERED, detail, 30_000)
    assert found.explain() == (
        "With weapon, medical answered no, UNARMED could take call c-1. The nearest team left out "
        "is T1, 30 s away by road: not considered (the call is referred: needs triage)."
    )


def test_a_call_ruled_out_twice_needs_both_changed(line: City) -> None:
    """One rule less would still refer it."""
    call = line.call("c", facts={"weapon": YES, "medical": YES})
    found = what_if(line, call)
    assert found.changes == (FactChange("weapon", YES, NO), FactChange("medical", YES, NO))
    assert found.explain().startswith(
        "With weapon no instead of yes, and medical no instead of yes, UNARMED could take call c-1."
    )
    changed = {change.fact: change.to for change in found.changes}
    assert isinstance(line.decide(replace(call, facts=changed)), Recommendation)


@pytest.mark.parametrize("call_type", ["welfare_check", "415A", "burglary"])
def test_a_caller_who_answered_so_would_get_a_team(line: City, call_type: str) -> None:
    """The changed answers put into the call let a team go; where there are none, nothing does."""
    city = coded(line)
    sent = []
    for weapon, medical in product(list(Answer), repeat=2):
        call = city.call("c", call_type=call_type, facts={"weapon": weapon, "medical": medical})
        found = what_if(city, call)
        changed = {change.fact: change.to for change in found.changes or ()}
        decision = city.decide(replace(call, facts={**call.facts, **changed}))
        assert isinstance(decision, Recommendation) is (found.changes is not None)
        assert found.programs == (() if found.changes is None else ("UNARMED",))
        sent.append(isinstance(decision, Recommendation))
    assert set(sent) == {call_type == "welfare_check"}


def test_the_nearest_team_is_off_shift(line: City) -> None:
    """A program takes the call as it is; only the hour keeps the nearer team."""
    night = (Shift(tuple(range(7)), time(22), time(6)),)
    found = what_if(line.with_team("T1", shifts=night), line.call("c"))
    assert found.changes == ()
    assert found.nearest is not None
    assert (found.nearest.team_id, found.nearest.reason) == ("T1", ExclusionReason.OFF_SHIFT)
    assert found.explain() == (
        "UNARMED may take call c-1 with its facts as they are. The nearest team left out is T1, "
        "30 s away by road: off shift (Mon 12:00 local)."
    )


def test_a_team_that_could_go_is_not_the_nearest_left_out(line: City) -> None:
    """T2 is ranked lower, which is no reason of its own."""
    found = what_if(line, line.call("c"))
    assert (found.changes, found.nearest) == ((), None)
    assert found.explain() == "UNARMED may take call c-1 with its facts as they are."


def test_the_nearest_is_by_time_from_where_a_team_stands(line: City) -> None:
    """Both are busy; the one at home in the west has its last, old fix in the east."""
    lon, lat = line.places["b"]
    city = line.with_team("T2", status=TeamStatus.ON_SCENE).with_team(
        "T1", status=TeamStatus.ON_SCENE, fix=Fix(lon, lat, NOON - timedelta(hours=1))
    )
    found = what_if(city, city.call("c"))
    # Both stand at b now: of equal times the lower id.
    assert found.nearest == NearestExcluded("T1", ExclusionReason.NOT_AVAILABLE, "on_scene", 50_000)
    found = what_if(city.with_team("T1", fix=Fix(*line.places["c"], NOON)), city.call("c"))
    assert found.nearest == NearestExcluded("T1", ExclusionReason.NOT_AVAILABLE, "on_scene", 0)


@pytest.mark.parametrize(
    ("drawing", "team_id", "travel_ms"), [("a--c=====b", "T1", 30_000), ("a--c====b", "T2", 25_000)]
)
def test_the_nearest_is_by_time_and_not_by_distance(
    drawing: str, team_id: str, travel_ms: int
) -> None:
    """Six characters of fast road are 30 s, as three of slow road are, and five are 25 s."""
    city = draw_city(drawing, teams={"T1": "a", "T2": "b"})
    busy = [replace(state, status=TeamStatus.OFF_DUTY) for state in city.states]
    nearest = what_if(replace(city, states=tuple(busy)), city.call("c")).nearest
    assert nearest is not None
    assert (nearest.team_id, nearest.travel_ms) == (team_id, travel_ms)


def test_a_team_far_from_every_road_is_not_timed() -> None:
    """T1 stands 50 m off the road, beyond the limit: T2 is the nearest, though farther away."""
    city = draw_city("a--c----b", teams={"T1": "a", "T2": "b"}, snap_limit_m=10.0)
    lon, lat = city.places["a"]
    city = city.with_team("T1", fix=Fix(lon, lat + NORTH / 2, NOON)).with_team("T2", shifts=())
    decision = city.decide(city.call("c"))
    assert decision.exclusions[0].reason is ExclusionReason.NO_ROAD_NEARBY
    nearest = what_if(city, city.call("c")).nearest
    assert nearest is not None
    assert (nearest.team_id, nearest.travel_ms) == ("T2", 50_000)
    alone = replace(city, states=city.states[:1])
    assert what_if(alone, city.call("c")).nearest is None


def test_outside_every_division_no_answer_helps() -> None:
    """The place is not a fact; the nearest team is named all the same."""
    city = draw_city("a---b---c", divisions="11111....", teams={"T1": "a"})
    found = what_if(city, city.call("c"))
    assert (found.changes, found.programs) == (None, ())
    assert found.nearest == NearestExcluded(
        "T1", ExclusionReason.NOT_CONSIDERED, "the call is referred: out of jurisdiction", 80_000
    )
    assert found.explain().startswith("No other answer would let an unarmed program take call c-1.")


def test_far_from_every_road_nothing_can_be_timed(line: City) -> None:
    """No road near the call: no nearest team, as there is no honest time."""
    city = draw_city("a--c----b", teams={"T1": "a"}, snap_limit_m=10.0)
    lon, lat = city.places["c"]
    assert what_if(city, city.call("c", lon=lon, lat=lat + NORTH / 2)).nearest is None
    assert what_if(draw_city("a--c", teams={}), line.call("c")).nearest is None


def test_an_unknown_call_type_is_not_changed_into_a_known_one(line: City) -> None:
    """The kind of call is no fact."""
    assert what_if(line, line.call("c", call_type="918VM")).changes is None


def coded(city: City) -> City:
    """Let a city read the code 415A, a welfare check with a weapon."""
    base = BaseCode("415A", "welfare_check", CodeKind.SERVICE, frozenset({"weapon"}))
    codes = CodeTable("t", (CodeList("l", "l", (base,)),), ("welfare_check",))
    return city.with_policy(codes=codes)


@pytest.mark.parametrize("said", [{}, {"weapon": YES}, {"weapon": NO}])
def test_a_code_is_not_talked_away(line: City, said: dict[str, Answer]) -> None:
    """Whatever the caller said, the code stands, and the sentence says so."""
    city = coded(line)
    call = city.call("c", call_type="415A", facts={**said, "medical": NO})
    found = what_if(city, call)
    assert (found.changes, found.fixed) == (None, ("weapon",))
    assert "(a code of it sets weapon)" in found.explain()


def test_the_auditor_reads_what_a_code_added(line: City) -> None:
    """The caller's own answer stands beside it."""
    city = coded(line)
    decision = city.decide(city.call("c", call_type="415A", facts={"weapon": NO}))
    text = decision.explain("auditor")
    assert "  type 415A; further codes none\n  read as welfare_check\n" in text
    assert "  fact weapon yes (by a code; the caller's answer: no)\n" in text


def test_every_outcome_is_two_sentences_for_the_dispatcher(line: City) -> None:
    """Questions, teams left out and alternatives are joined; flags add one sentence at most."""
    spoken = line.with_policy(
        facts={
            "weapon": TriageFact("weapon", "Look around. Is there a weapon?"),
            "medical": TriageFact("medical", "Is anyone hurt? Is anyone bleeding?"),
        }
    )
    busy = line.with_team("T1", status=TeamStatus.ON_SCENE)
    idle = line.with_policy(effective_until=NOON.date())
    calls = {
        "recommended": (line, line.call("c")),
        "waited": (busy, busy.call("c", received_at=NOON - timedelta(minutes=2))),
        "asked": (spoken, spoken.call("c", facts={})),
        "unknown": (line, line.call("c", call_type="918VM")),
        "none": (busy.with_team("T2", shifts=()), busy.call("c")),
        "flagged": (idle, idle.call("c", received_at=NOON + timedelta(minutes=1))),
    }
    for name, (city, call) in calls.items():
        decision = city.decide(call)
        sentences = len(SENTENCE.findall(decision.explain()))
        assert sentences == (3 if decision.flags else 2), (name, decision.explain())


def test_questions_are_joined_into_one(line: City) -> None:
    """One sentence, which ends as the last question does."""
    text = line.decide(line.call("c", facts={})).explain()
    assert text.endswith(". Ask: Is anyone hurt; is there a weapon?")


def test_every_flag_is_in_the_one_sentence(line: City) -> None:
    """None is lost where there are several."""
    city = line.with_policy(effective_until=NOON.date())
    decision = city.decide(city.call("c", received_at=NOON + timedelta(minutes=1)))
    assert decision.flags == (
        Flag.RECEIVED_IN_FUTURE,
        Flag.POLICY_NOT_IN_FORCE,
        Flag.TEAM_AT_HOME,
    )
    assert decision.explain().endswith(
        "; next is T2, 20 s later. The call's time of receipt is in the future: check the clocks; "
        "the policy's effective dates do not cover today; the team has sent no position; its home "
        "base was used."
    )


def test_an_audience_nobody_knows_is_refused(line: City) -> None:
    """A word that is neither the dispatcher's nor the auditor's."""
    for call in (line.call("c"), line.call("c", facts={})):
        with pytest.raises(InputError, match="audience 'public' is not known; it is 'dispatcher'"):
            line.decide(call).explain("public")  # type: ignore[arg-type]
