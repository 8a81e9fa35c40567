"""Which program goes when several may: drawn cities, one rule of arbitration each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.scenarios.city import NOON, NORTH, City, draw_city
from tests.scenarios.test_decision import reasons, referred, sent
from unarmed_router.errors import InputError
from unarmed_router.interop.json_codec import decision_from_json
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Decision
from unarmed_router.model.policy import Arbitration
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ExclusionReason, Flag, ProgramVerdict, ReferralReason
from unarmed_router.model.rule import Rule
from unarmed_router.model.team import TeamStatus

STRICT = Arbitration(late_programs_yield=False)
"""The order of programs decides before any target."""


def program(name: str, target_s: int, **fields: Any) -> Program:
    """Make a program that serves every place with the teams of provider p."""
    served = (Provider("p", "Provider", frozenset(range(1, 10))),)
    given: dict[str, Any] = {"call_types": frozenset({"welfare_check"}), "providers": served}
    return Program(program_id=name, name=name.title(), response_target_s=target_s, **given | fields)


def street(first: Program, second: Program, **changes: Any) -> City:
    """Draw a call at c, a team of the first program 50 s away and one of the second 30 s away."""
    city = draw_city("a--c----b", teams={"FAR": "b", "NEAR": "a"})
    city = city.with_team("FAR", program=first.program_id)
    city = city.with_team("NEAR", program=second.program_id)
    return city.with_policy(programs=(first, second), rules=(), **changes)


def one_program(**changes: Any) -> City:
    """Draw the same street when both teams are of one program."""
    both = program("FIRST", 600)
    city = street(both, both)
    return city.with_policy(programs=(both,), **changes)


def decided(city: City, call: Call, at: datetime = NOON) -> Decision:
    """Decide by Dijkstra and by the compiled piece, and read the JSON back: all must agree."""
    decision = city.decide(call, at)
    assert city.compiled().decide(call, at).to_json() == decision.to_json()
    assert decision_from_json(decision.to_json()) == decision
    return decision


def places(decision: Decision) -> dict[str, int]:
    """Map each program to its place."""
    return {seen.program: seen.place for seen in decision.programs}


def why(decision: Decision) -> dict[str, str]:
    """Map each program to the reason for its place."""
    return {seen.program: seen.because for seen in decision.programs}


def test_a_later_program_wins_when_the_first_cannot_arrive_within_its_target() -> None:
    """50 s miss the first program's 40 s, 30 s meet the second's; both places say so."""
    city = street(program("FIRST", 40), program("SECOND", 600))
    decision = sent(decided(city, city.call("c")))
    assert [c.team_id for c in decision.candidates] == ["NEAR", "FAR"]
    assert places(decision) == {"FIRST": 2, "SECOND": 1}
    assert why(decision) == {
        "FIRST": "FAR responds in 50.0 s, which misses its target of 40 s",
        "SECOND": "NEAR responds in 30.0 s, which meets its target of 600 s",
    }
    assert Flag.BEYOND_TARGET not in decision.flags
    assert decision.program_name == "Second"
    assert reasons(decision) == {"FAR": ExclusionReason.RANKED_LOWER}


def test_it_does_not_win_where_late_programs_keep_their_place() -> None:
    """With late_programs_yield off the first program goes, late, and the decision is flagged."""
    city = street(program("FIRST", 40), program("SECOND", 600), arbitration=STRICT)
    decision = sent(decided(city, city.call("c")))
    assert [c.team_id for c in decision.candidates] == ["FAR", "NEAR"]
    assert places(decision) == {"FIRST": 1, "SECOND": 2}
    assert why(decision)["FIRST"].endswith("misses its target of 40 s")
    assert Flag.BEYOND_TARGET in decision.flags


@pytest.mark.parametrize(("first", "second"), [(600, 600), (50, 30), (40, 20), (49, 29)])
def test_where_both_meet_or_both_miss_the_order_of_programs_decides(
    first: int, second: int
) -> None:
    """The nearer team waits; a target met to the second is met."""
    city = street(program("FIRST", first), program("SECOND", second))
    assert sent(decided(city, city.call("c"))).team_id == "FAR"


@pytest.mark.parametrize(("waited", "goes"), [(9, "FAR"), (10, "FAR"), (11, "NEAR")])
def test_the_time_already_waited_counts_toward_the_target(waited: int, goes: str) -> None:
    """A caller who has waited 11 s gets the first program's team after 61 s; its target is 60."""
    city = street(program("FIRST", 60), program("SECOND", 600))
    decision = sent(decided(city, city.call("c"), NOON + timedelta(seconds=waited)))
    assert decision.team_id == goes
    kept = "meets" if goes == "FAR" else "misses"
    assert why(decision)["FIRST"] == (
        f"FAR responds in {50 + waited:.1f} s, which {kept} its target of 60 s"
    )


def test_the_order_follows_each_programs_best_team() -> None:
    """One late team of a program does not cost it its place when another of it is in time."""
    city = draw_city("a--c----b", teams={"T1": "a", "T2": "b", "T3": "b"})
    first, second = program("FIRST", 40), program("SECOND", 600)
    city = city.with_policy(programs=(first, second), rules=())
    for team, employer in {"T1": "FIRST", "T2": "FIRST", "T3": "SECOND"}.items():
        city = city.with_team(team, program=employer)
    decision = sent(decided(city, city.call("c")))
    assert [c.team_id for c in decision.candidates] == ["T1", "T3", "T2"]
    assert places(decision) == {"FIRST": 1, "SECOND": 2}
    assert why(decision)["FIRST"] == "T1 responds in 30.0 s, which meets its target of 40 s"


def test_a_programs_own_limit_excludes_only_its_own_teams() -> None:
    """50 s each: the program that takes 49 at most stays, the one under the policy's limit goes."""
    city = draw_city("a----c----b", teams={"A": "a", "B": "b"})
    first, second = program("FIRST", 600, max_response_s=49), program("SECOND", 600)
    city = city.with_policy(programs=(first, second), rules=())
    city = city.with_team("A", program="FIRST").with_team("B", program="SECOND")
    decision = sent(decided(city, city.call("c")))
    assert decision.team_id == "B"
    (left_out,) = decision.exclusions
    assert (left_out.reason, left_out.detail) == (
        ExclusionReason.BEYOND_LIMIT,
        "50 s from now, limit 49 s",
    )
    assert places(decision) == {"FIRST": 2, "SECOND": 1}
    assert why(decision)["FIRST"] == "none of its available teams arrives in time"
    exact = city.with_policy(programs=(replace(first, max_response_s=50), second))
    assert sent(decided(exact, exact.call("c"))).team_id == "A"


def test_a_programs_own_limit_may_be_wider_than_the_policys() -> None:
    """It replaces the policy's limit, and counts from now and not from the call's receipt."""
    first, second = program("FIRST", 600, max_response_s=50), program("SECOND", 600)
    city = street(first, second)
    limits = replace(city.world.policy.screening, max_response_s=29)
    city = city.with_policy(screening=limits)
    decision = sent(decided(city, city.call("c"), NOON + timedelta(seconds=300)))
    assert decision.team_id == "FAR"
    assert reasons(decision) == {"NEAR": ExclusionReason.BEYOND_LIMIT}


def test_every_program_has_a_verdict_and_each_that_may_go_a_place_with_its_reason() -> None:
    """Best team first; without one the policy's order; no place for those that may not."""
    city = draw_city("a--c----b", teams={"T1": "a", "T2": "b", "T3": "a", "T4": "a", "T5": "a"})
    policy = city.world.policy
    programs = (
        program("BUSY", 600),
        program("SLOW", 600, max_response_s=20),
        program("BURGLARS", 600, call_types=frozenset({"burglary"})),
        program("BARRED", 600),
        program("GOES", 600),
    )
    city = city.with_policy(
        programs=programs,
        rules=(Rule("r", frozenset({"BARRED"}), {"weapon": Answer.NO}, "POLICE", "so it is"),),
        targets=policy.targets,
    )
    for team, employer in zip(("T1", "T2", "T3", "T4", "T5"), programs, strict=True):
        city = city.with_team(team, program=employer.program_id)
    city = city.with_team("T1", status=TeamStatus.ON_SCENE)
    decision = sent(decided(city, city.call("c")))
    assert [(s.program, s.place, s.because) for s in decision.programs] == [
        ("BUSY", 2, "none of its teams could go"),
        ("SLOW", 3, "none of its available teams arrives in time"),
        ("BURGLARS", 0, ""),
        ("BARRED", 0, ""),
        ("GOES", 1, "T5 responds in 30.0 s, which meets its target of 600 s"),
    ]
    assert decision.programs[2].verdict is ProgramVerdict.CALL_TYPE_NOT_TAKEN
    assert decision.programs[3].rules == ("r",)


def test_a_preferred_capability_breaks_a_tie() -> None:
    """Equal times, and worth no second: the team that speaks Spanish goes all the same."""
    city = draw_city("a---c---b", teams={"T1": "a", "T2": "b"})
    city = city.with_team("T2", capabilities=("spanish",), idle_since=NOON)
    decision = sent(decided(city, city.call("c", prefers=("spanish",))))
    assert [(c.team_id, c.missing) for c in decision.candidates] == [
        ("T2", ()),
        ("T1", ("spanish",)),
    ]
    assert Flag.DECIDED_BY_TIE_RULE not in decision.flags  # what was preferred decided
    assert sent(decided(city, city.call("c"))).team_id == "T1"  # longer idle


@pytest.mark.parametrize(("worth_s", "goes"), [(0, "NEAR"), (19, "NEAR"), (20, "FAR"), (21, "FAR")])
def test_a_preferred_capability_outweighs_the_seconds_it_is_worth(worth_s: int, goes: str) -> None:
    """The team that has it is 20 s farther; at 20 s the times tie and what is missing decides."""
    city = one_program(arbitration=Arbitration(preference_s=worth_s))
    city = city.with_team("FAR", capabilities=("spanish",))
    decision = sent(decided(city, city.call("c", prefers=("spanish",))))
    assert decision.team_id == decision.candidates[0].team_id == goes
    assert decision.response_time_s == {"NEAR": 30, "FAR": 50}[goes]  # a preference moves nobody


def test_each_missing_preference_counts() -> None:
    """Two at 10 s each are as good as 20 s, one is not."""
    city = one_program(arbitration=Arbitration(preference_s=10))
    city = city.with_team("FAR", capabilities=("nurse", "spanish"))
    both = city.call("c", prefers=("spanish", "nurse"))
    assert sent(decided(city, both)).team_id == "FAR"
    assert sent(decided(city, city.call("c", prefers=("nurse",)))).team_id == "NEAR"


@pytest.mark.parametrize("worth_s", [0, 10])
def test_missing_preferences_are_counted_up_to_a_number(worth_s: int) -> None:
    """Beyond it teams are alike in this, and who goes is who leads the list of candidates."""
    words = tuple(f"w{number}" for number in range(200))
    city = one_program(arbitration=Arbitration(preference_s=worth_s))
    city = city.with_team("FAR", capabilities=words[:60]).with_team("NEAR", capabilities=words[:50])
    decision = sent(decided(city, city.call("c", prefers=words)))
    assert decision.team_id == decision.candidates[0].team_id == "NEAR"
    assert [len(candidate.missing) for candidate in decision.candidates] == [150, 140]


def test_a_preference_outweighs_neither_the_order_of_programs_nor_a_target() -> None:
    """Whatever it is worth, it is weighed among teams that rank alike in both."""
    first, second = program("FIRST", 600), program("SECOND", 600)
    city = street(first, second, arbitration=Arbitration(preference_s=3600))
    city = city.with_team("NEAR", capabilities=("spanish",))
    assert sent(decided(city, city.call("c", prefers=("spanish",)))).team_id == "FAR"
    late = one_program(arbitration=Arbitration(preference_s=3600))
    late = late.with_policy(programs=(program("FIRST", 40),))
    late = late.with_team("FAR", capabilities=("spanish",))
    assert sent(decided(late, late.call("c", prefers=("spanish",)))).team_id == "NEAR"
    yields = late.with_policy(arbitration=Arbitration(False, 3600))
    assert sent(decided(yields, yields.call("c", prefers=("spanish",)))).team_id == "FAR"


def test_a_required_capability_excludes_and_hands_the_call_to_a_later_program() -> None:
    """What is needed is no matter of seconds or of order."""
    city = street(program("FIRST", 600), program("SECOND", 600))
    city = city.with_team("NEAR", capabilities=("clinician", "two-person"))
    decision = sent(decided(city, city.call("c", needs=("two-person", "clinician"))))
    assert decision.team_id == "NEAR"
    (left_out,) = decision.exclusions
    assert left_out.reason is ExclusionReason.MISSING_CAPABILITY
    assert left_out.detail == "clinician, two-person"
    assert places(decision) == {"FIRST": 2, "SECOND": 1}


@pytest.mark.parametrize("asked", ["needs", "prefers"])
def test_a_capability_outside_the_vocabulary_is_refused(asked: str) -> None:
    """A typing error must not exclude every team, nor pass for a wish nobody grants."""
    words = {"spanish": "speaks Spanish", "clinician": "is licensed"}
    city = one_program(capabilities=words)
    assert sent(decided(city, city.call("c", **{asked: ()}))).team_id == "NEAR"
    with pytest.raises(
        InputError,
        match="unknown capability 'spansh'; policy drawn knows clinician, spanish",
    ):
        city.decide(city.call("c", **{asked: ("spanish", "spansh")}))
    none = one_program(capabilities={})
    with pytest.raises(InputError, match="policy drawn knows none"):
        none.decide(none.call("c", **{asked: ("spanish",)}))
    anything = one_program(capabilities=None)
    anything.decide(anything.call("c", **{asked: ("spansh",)}))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Arbitration(), "target met, program order, response time"),
        (STRICT, "program order, response time"),
        (
            Arbitration(preference_s=90),
            "target met, program order, response time plus 90 s a missing preference",
        ),
        (Arbitration(False, 5), "program order, response time plus 5 s a missing preference"),
    ],
)
def test_the_ranking_rule_says_what_decides(rule: Arbitration, text: str) -> None:
    """It is in every decision, and a referral has it too."""
    city = one_program(arbitration=rule)
    for fields in ({}, {"call_type": "burglary"}):
        decision = decided(city, city.call("c", **fields))
        assert decision.ranking_rule == f"{text}, missing preferences, longest idle, team id"


def test_where_no_program_can_go_the_call_is_referred_with_every_reason() -> None:
    """One program's team is busy, the other's would come too late: in time is the reason."""
    first, second = program("FIRST", 600), program("SECOND", 600, max_response_s=29)
    city = street(first, second).with_team("FAR", status=TeamStatus.TRANSPORTING)
    decision = referred(decided(city, city.call("c")))
    assert (decision.reason, decision.target) == (ReferralReason.NO_TEAM_IN_TIME, "POLICE")
    assert places(decision) == {"FIRST": 1, "SECOND": 2}
    assert why(decision) == {
        "FIRST": "none of its teams could go",
        "SECOND": "none of its available teams arrives in time",
    }
    busy = city.with_team("NEAR", status=TeamStatus.ON_SCENE)
    decision = referred(decided(busy, busy.call("c")))
    assert (decision.reason, decision.target) == (ReferralReason.NO_TEAM_AVAILABLE, "LINE")
    assert set(why(decision).values()) == {"none of its teams could go"}


def test_where_no_team_was_looked_at_no_program_has_a_place() -> None:
    """A call without a road near it says nothing of whether teams are available."""
    far_apart = "a----b\n" + "\n" * 9 + "     x--y"
    city = draw_city(far_apart, teams={"T1": "a"}, snap_limit_m=200)
    lon, lat = city.places["a"]
    decision = referred(decided(city, city.call("a", lon=lon, lat=lat - 5 * NORTH)))
    assert decision.reason is ReferralReason.NO_ROAD_NEARBY
    assert reasons(decision) == {"T1": ExclusionReason.NOT_CONSIDERED}
    assert [(s.place, s.because) for s in decision.programs] == [(0, "")]


def test_a_wait_counts_in_whole_milliseconds() -> None:
    """FAR arrives at exactly its target; one millisecond of waiting makes it late."""
    city = street(program("FIRST", 50), program("SECOND", 600))
    moment = NOON.replace()
    for drawn in (city, city.compiled()):
        for received, team in (
            (moment, "FAR"),
            (moment + timedelta(0), "FAR"),
            (moment + timedelta(seconds=9), "FAR"),
            (moment - timedelta(microseconds=999), "FAR"),
            (moment - timedelta(milliseconds=1), "NEAR"),
        ):
            decision = drawn.decide(drawn.call("c", received_at=received), moment)
            assert getattr(decision, "team_id", None) == team
