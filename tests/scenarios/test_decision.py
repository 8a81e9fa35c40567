"""Who goes: cities drawn in ASCII, one rule of the decision each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from tests.scenarios.city import NOON, NORTH, TWO_FACTS, City, default_policy, draw_city
from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer
from unarmed_router.model.decision import Decision, Recommendation, Referral
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ExclusionReason, Flag, ProgramVerdict, ReferralReason
from unarmed_router.model.referral_rule import ReferralRule, ReferralTarget
from unarmed_router.model.rule import Rule
from unarmed_router.model.screening import StaleFix
from unarmed_router.model.shift import Shift
from unarmed_router.model.team import Fix, TeamStatus


def sent(decision: Decision) -> Recommendation:
    """Take a decision for a recommendation, or fail with its explanation."""
    assert isinstance(decision, Recommendation), decision.explain()
    return decision


def referred(decision: Decision) -> Referral:
    """Take a decision for a referral, or fail with its explanation."""
    assert isinstance(decision, Referral), decision.explain()
    return decision


def reasons(decision: Decision) -> dict[str, ExclusionReason]:
    """Map each excluded team to its reason."""
    return {exclusion.team_id: exclusion.reason for exclusion in decision.exclusions}


@pytest.fixture
def line() -> City:
    """Two teams at the ends of a street, the call between them nearer to the first."""
    return draw_city("a--c----b", teams={"T1": "a", "T2": "b"})


def test_the_nearer_team_goes(line: City) -> None:
    """Three characters of slow road are 30 s; the other team has five."""
    decision = sent(line.decide(line.call("c")))
    assert decision.team_id == "T1"
    assert [c.travel_ms for c in decision.candidates] == [30_000, 50_000]
    assert reasons(decision) == {"T2": ExclusionReason.RANKED_LOWER}


def test_nearest_is_by_time_and_not_by_distance() -> None:
    """A fast road brings the farther team first."""
    city = draw_city("a---c=====b", teams={"T1": "a", "T2": "b"})
    decision = sent(city.decide(city.call("c")))
    assert decision.team_id == "T2"
    assert decision.candidates[0].travel_ms == 30_000


def test_one_way_roads_are_obeyed() -> None:
    """The team next door must drive round the block; the one a block away goes."""
    city = draw_city(
        """
        a->-c--b
        |   |
        d---e
        """,
        teams={"T1": "c", "T2": "b"},
    )
    decision = sent(city.decide(city.call("a")))
    # From c: down 2, west 4, up 2 is 80 s; b is three characters behind it.
    assert [(c.team_id, c.travel_ms) for c in decision.candidates] == [
        ("T1", 80_000),
        ("T2", 110_000),
    ]


def test_the_direct_way_along_one_street_is_taken(line: City) -> None:
    """Team and call on one street, both in the middle of it: half the street's time."""
    lon, lat = line.places["c"]
    east, _ = line.places["b"]
    call = line.call("c", lon=lon + (east - lon) * 0.8, lat=lat)
    city = line.with_team("T1", fix=Fix(lon + (east - lon) * 0.2, lat, NOON))
    decision = sent(city.decide(call))
    times = {c.team_id: c.travel_ms for c in decision.candidates}
    assert times["T2"] == pytest.approx(10_000, abs=30)
    assert times["T1"] == pytest.approx(30_000, abs=30)


def test_response_time_counts_waiting_turnout_and_travel(line: City) -> None:
    """Received a minute ago, 45 s turnout, 30 s on the road: 135 s."""
    city = line.with_team("T1", turnout_s=45)
    decision = sent(city.decide(city.call("c", received_at=NOON - timedelta(minutes=1))))
    best = next(c for c in decision.candidates if c.team_id == "T1")
    assert (best.turnout_ms, best.travel_ms, best.response_ms) == (45_000, 30_000, 135_000)


def test_the_eta_is_an_instant_after_turnout_and_travel(line: City) -> None:
    """The arrival does not depend on how long the caller has waited."""
    decision = sent(line.decide(line.call("c", received_at=NOON - timedelta(minutes=1))))
    assert decision.eta == NOON + timedelta(seconds=30)


def test_turnout_may_change_the_ranking(line: City) -> None:
    """The nearer team needs half a minute to roll, so the farther one arrives first."""
    decision = sent(line.with_team("T1", turnout_s=30).decide(line.call("c")))
    assert decision.team_id == "T2"


def test_a_tie_goes_to_the_longest_idle_and_is_flagged() -> None:
    """Equal times to the millisecond: the team that has waited longer goes."""
    city = draw_city("a---c---b", teams={"T1": "a", "T2": "b"})
    city = city.with_team("T2", idle_since=NOON - timedelta(hours=3))
    decision = sent(city.decide(city.call("c")))
    assert decision.team_id == "T2"
    assert Flag.DECIDED_BY_TIE_RULE in decision.flags


def test_a_full_tie_goes_to_the_lower_id_and_unknown_idle_counts_as_shortest() -> None:
    """The last criterion is the team id, so the order is total."""
    city = draw_city("a---c---b", teams={"T2": "a", "T1": "b"})
    assert sent(city.decide(city.call("c"))).team_id == "T1"
    assert sent(city.with_team("T1", idle_since=None).decide(city.call("c"))).team_id == "T2"


def test_program_order_comes_before_time(line: City) -> None:
    """A team of the preferred program goes though another arrives sooner."""
    policy = default_policy()
    second = Program(
        "SECOND",
        "Second",
        frozenset({"welfare_check"}),
        (Provider("p", "Provider", frozenset({1})),),
        600,
    )
    city = line.with_policy(programs=(*policy.programs, second)).with_team("T1", program="SECOND")
    assert sent(city.decide(city.call("c"))).team_id == "T2"


@pytest.mark.parametrize(
    "status", [s for s in TeamStatus if s not in {TeamStatus.AVAILABLE, TeamStatus.UNKNOWN}]
)
def test_a_busy_team_is_left_out_with_its_status(line: City, status: TeamStatus) -> None:
    """Every status but available keeps a team at what it is doing."""
    decision = sent(line.with_team("T1", status=status).decide(line.call("c")))
    assert decision.team_id == "T2"
    assert decision.exclusions[0].reason is ExclusionReason.NOT_AVAILABLE
    assert decision.exclusions[0].detail == status.value


def test_a_team_without_status_is_not_available(line: City) -> None:
    """Unknown is never yes."""
    decision = sent(line.with_team("T1", status=TeamStatus.UNKNOWN).decide(line.call("c")))
    assert reasons(decision) == {"T1": ExclusionReason.STATUS_UNKNOWN}


def test_a_team_off_shift_is_left_out(line: City) -> None:
    """A night shift does not work at noon."""
    night = (Shift((0, 1, 2, 3, 4, 5, 6), time(22), time(6)),)
    decision = sent(line.with_team("T1", shifts=night).decide(line.call("c")))
    assert reasons(decision) == {"T1": ExclusionReason.OFF_SHIFT}


def test_a_team_outside_its_providers_divisions_is_left_out() -> None:
    """The call lies in division 2, which only the second provider serves."""
    policy = default_policy()
    program = replace(
        policy.programs[0],
        providers=(
            Provider("p", "First", frozenset({1})),
            Provider("q", "Second", frozenset({2})),
        ),
    )
    city = draw_city("a----c-b", teams={"T1": "a", "T2": "b"}, divisions="11112222")
    city = city.with_policy(programs=(program,)).with_team("T2", provider="q")
    decision = sent(city.decide(city.call("c")))
    assert decision.team_id == "T2"
    assert reasons(decision) == {"T1": ExclusionReason.OUTSIDE_AREA}


def test_a_missing_capability_is_named(line: City) -> None:
    """A call that needs Spanish takes the farther team that speaks it."""
    city = line.with_team("T2", capabilities=("spanish",))
    decision = sent(city.decide(city.call("c", needs=("spanish",))))
    assert decision.team_id == "T2"
    assert decision.exclusions[0].reason is ExclusionReason.MISSING_CAPABILITY
    assert decision.exclusions[0].detail == "spanish"


def test_a_fresh_fix_counts_and_a_missing_one_is_flagged(line: City) -> None:
    """A team stands where its fix says; without one it is at home, and the decision says so."""
    lon, lat = line.places["c"]
    moved = line.with_team("T2", fix=Fix(lon, lat, NOON - timedelta(seconds=300)))
    decision = sent(moved.decide(moved.call("c")))
    assert (decision.team_id, decision.candidates[0].position) == ("T2", "avl")
    assert Flag.TEAM_AT_HOME not in decision.flags
    assert Flag.TEAM_AT_HOME in sent(line.decide(line.call("c"))).flags


@pytest.mark.parametrize("age_s", [301, -6])
def test_a_stale_fix_excludes_the_team(line: City, age_s: int) -> None:
    """A fix older than the limit, or from the future, leaves no honest position."""
    lon, lat = line.places["c"]
    city = line.with_team("T2", fix=Fix(lon, lat, NOON - timedelta(seconds=age_s)))
    decision = sent(city.decide(city.call("c")))
    assert reasons(decision) == {"T2": ExclusionReason.POSITION_STALE}


@pytest.mark.parametrize("age_s", [300, 0, -5])
def test_a_fix_within_the_limits_is_fresh(line: City, age_s: int) -> None:
    """At most five minutes old, and at most five seconds ahead: clocks differ a little."""
    lon, lat = line.places["c"]
    city = line.with_team("T2", fix=Fix(lon, lat, NOON - timedelta(seconds=age_s)))
    assert sent(city.decide(city.call("c"))).team_id == "T2"


@pytest.mark.parametrize("hours", [2, -2], ids=["old", "from the future"])
def test_policy_may_count_a_stale_team_at_home_and_flags_it(line: City, hours: int) -> None:
    """With stale_fix = home the team is timed from home; nobody calls a future fix old."""
    policy = default_policy()
    city = line.with_policy(screening=replace(policy.screening, stale_fix=StaleFix.HOME))
    lon, lat = city.places["b"]
    city = city.with_team("T1", fix=Fix(lon, lat, NOON - timedelta(hours=hours)))
    decision = sent(city.decide(city.call("c")))
    assert decision.team_id == "T1"
    assert Flag.STALE_FIX_IGNORED in decision.flags
    assert "too old, or from the future" in decision.explain()


def test_a_team_far_from_any_road_is_left_out(line: City) -> None:
    """Its fix is ten kilometres north of the only street."""
    lon, lat = line.places["a"]
    city = line.with_team("T1", fix=Fix(lon, lat + 0.09, NOON))
    assert reasons(sent(city.decide(city.call("c")))) == {"T1": ExclusionReason.NO_ROAD_NEARBY}


def test_a_team_beyond_the_limit_is_not_sent(line: City) -> None:
    """At most 40 s: the team 50 s away stays; when both are too far the call is referred."""
    policy = default_policy()
    city = line.with_policy(screening=replace(policy.screening, max_response_s=40))
    assert reasons(sent(city.decide(city.call("c")))) == {"T2": ExclusionReason.BEYOND_LIMIT}
    none = line.with_policy(screening=replace(policy.screening, max_response_s=29))
    decision = referred(none.decide(none.call("c")))
    assert decision.reason is ReferralReason.NO_TEAM_IN_TIME


def test_the_limit_is_inclusive(line: City) -> None:
    """A team that arrives exactly at the limit may go."""
    policy = default_policy()
    city = line.with_policy(screening=replace(policy.screening, max_response_s=30))
    assert sent(city.decide(city.call("c"))).team_id == "T1"


def test_a_response_beyond_the_target_is_flagged(line: City) -> None:
    """The target bounds what the caller waits, so time already waited counts."""
    late = line.call("c", received_at=NOON - timedelta(seconds=571))
    on_time = line.call("c", received_at=NOON - timedelta(seconds=570))
    assert Flag.BEYOND_TARGET in sent(line.decide(late)).flags
    assert Flag.BEYOND_TARGET not in sent(line.decide(on_time)).flags


def test_a_call_from_the_future_is_flagged_and_has_not_waited(line: City) -> None:
    """A wrong clock never gives a negative response time."""
    decision = sent(line.decide(line.call("c", received_at=NOON + timedelta(minutes=5))))
    assert decision.candidates[0].response_ms == 30_000
    assert Flag.RECEIVED_IN_FUTURE in decision.flags


def test_outside_every_division_is_out_of_jurisdiction() -> None:
    """No team is looked at, and each is told so."""
    city = draw_city("a----c", teams={"T1": "a"}, divisions="111...")
    decision = referred(city.decide(city.call("c")))
    assert decision.reason is ReferralReason.OUT_OF_JURISDICTION
    assert decision.place.division is None
    assert reasons(decision) == {"T1": ExclusionReason.NOT_CONSIDERED}


def test_no_program_in_the_division_differs_from_ineligible() -> None:
    """The call could be served elsewhere: no_program_here."""
    policy = default_policy()
    here = replace(policy.programs[0], providers=(Provider("p", "P", frozenset({1})),))
    city = draw_city("a----c", teams={"T1": "a"}, divisions="111222").with_policy(programs=(here,))
    decision = referred(city.decide(city.call("c")))
    assert decision.reason is ReferralReason.NO_PROGRAM_HERE
    assert decision.programs[0].verdict is ProgramVerdict.NOT_HERE


def test_no_road_nearby_is_said_and_not_guessed() -> None:
    """Five characters from both streets is beyond a limit of 200 m."""
    far_apart = "a----b\n" + "\n" * 9 + "     x--y"
    city = draw_city(far_apart, teams={"T1": "a"}, snap_limit_m=200)
    lon, lat = city.places["a"]
    decision = referred(city.decide(city.call("a", lon=lon, lat=lat - 5 * NORTH)))
    assert decision.reason is ReferralReason.NO_ROAD_NEARBY
    assert reasons(decision) == {"T1": ExclusionReason.NOT_CONSIDERED}
    busy = city.with_team("T1", status=TeamStatus.ON_SCENE)
    decision = referred(busy.decide(busy.call("a", lon=lon, lat=lat - 5 * NORTH)))
    assert decision.reason is ReferralReason.NO_ROAD_NEARBY  # as when it is free: none could come
    assert reasons(decision) == {"T1": ExclusionReason.NOT_AVAILABLE}


def test_a_call_off_the_road_is_flagged_and_pays_the_access_leg(line: City) -> None:
    """90 m off the street at 20 km/h are 16 s more."""
    lon, lat = line.places["c"]
    decision = sent(line.decide(line.call("c", lon=lon, lat=lat + 90 / 111_035)))
    assert decision.candidates[0].travel_ms == pytest.approx(30_000 + 16_200, abs=50)
    assert Flag.LONG_ACCESS_LEG in decision.flags
    assert decision.snap_m == pytest.approx(90, abs=0.2)


def test_a_point_near_a_border_is_flagged() -> None:
    """Within the stated 5 m of the strip's edge."""
    city = draw_city("a---c", teams={"T1": "a"}, divisions="11122")
    lon, lat = city.places["c"]
    border = lon - (city.places["c"][0] - city.places["a"][0]) / 4 * 1.5
    inside = border + 3 / 85_394
    assert Flag.NEAR_BORDER in city.decide(city.call("c", lon=inside, lat=lat)).flags
    assert Flag.NEAR_BORDER not in city.decide(city.call("c")).flags


def test_no_team_free_is_a_referral_by_the_table(line: City) -> None:
    """The table's first line wants the weapon question answered no; else its last line holds."""
    busy = line.with_team("T1", status=TeamStatus.ON_SCENE).with_team(
        "T2", status=TeamStatus.OFF_DUTY
    )
    decision = referred(busy.decide(busy.call("c")))
    assert (decision.reason, decision.target) == (ReferralReason.NO_TEAM_AVAILABLE, "LINE")
    assert set(reasons(decision).values()) == {ExclusionReason.NOT_AVAILABLE}


def test_a_table_line_never_takes_unknown_for_no(line: City) -> None:
    """With no rule on weapons the call is eligible though unasked; the line still wants a no."""
    policy = default_policy()
    busy = line.with_policy(rules=policy.rules[:1]).with_team("T1", status=TeamStatus.ON_SCENE)
    busy = busy.with_team("T2", status=TeamStatus.ON_SCENE)
    call = busy.call("c", facts={"medical": Answer.NO})
    assert referred(busy.decide(call)).target == "POLICE"


def test_a_table_line_may_require_a_yes(line: City) -> None:
    """Unknown is not yes either."""
    policy = default_policy()
    shelter = ReferralRule(frozenset(), frozenset(), frozenset({"medical"}), frozenset(), "LINE")
    city = line.with_policy(rules=(), referrals=(shelter, policy.referrals[-1]))
    city = city.with_team("T1", status=TeamStatus.ON_SCENE)
    city = city.with_team("T2", status=TeamStatus.ON_SCENE)
    assert referred(city.decide(city.call("c", facts={"medical": Answer.YES}))).target == "LINE"
    assert referred(city.decide(city.call("c", facts={}))).target == "POLICE"


@pytest.mark.parametrize(
    ("start", "until", "flagged"),
    [
        (None, None, False),
        (NOON.date(), None, False),
        (NOON.date() + timedelta(days=1), None, True),
        (None, NOON.date(), True),
        (None, NOON.date() + timedelta(days=1), False),
    ],
)
def test_a_policy_outside_its_dates_is_flagged(
    line: City, start: date | None, until: date | None, flagged: bool
) -> None:
    """The first day is included, the last is not; the decision is made and says so."""
    city = line.with_policy(effective_from=start, effective_until=until)
    for call in (city.call("c"), city.call("c", facts={})):
        assert (Flag.POLICY_NOT_IN_FORCE in city.decide(call).flags) is flagged


def test_an_empty_roster_is_no_team_available() -> None:
    """No team at all is an outcome, not an error, and no other team than none is spoken of."""
    city = draw_city("a---c", teams={})
    decision = referred(city.decide(city.call("c")))
    assert decision.reason is ReferralReason.NO_TEAM_AVAILABLE
    assert decision.explain().endswith("no eligible team is available. The roster has no team.")


@pytest.mark.parametrize(
    ("facts", "reason", "target", "questions"),
    [
        # Medical changes the outcome whatever the other is; weapon only where nobody is hurt.
        ({}, ReferralReason.NEEDS_TRIAGE, "POLICE", ["medical", "weapon"]),
        ({"weapon": "no"}, ReferralReason.NEEDS_TRIAGE, "POLICE", ["medical"]),
        ({"weapon": "yes"}, ReferralReason.INELIGIBLE, "POLICE", []),
        ({"medical": "yes"}, ReferralReason.INELIGIBLE, "FIRE", []),
        ({"medical": "yes", "weapon": "yes"}, ReferralReason.INELIGIBLE, "FIRE", []),
        ({"medical": "yes", "weapon": "unknown"}, ReferralReason.INELIGIBLE, "FIRE", []),
    ],
)
def test_three_valued_triage(
    line: City, facts: dict[str, Answer], reason: ReferralReason, target: str, questions: list[str]
) -> None:
    """Unknown asks, yes refers to the rule's target, the file's order is the precedence."""
    decision = referred(line.decide(line.call("c", facts=facts)))
    assert (decision.reason, decision.target) == (reason, target)
    assert [question.fact for question in decision.questions] == questions


def test_an_unknown_call_type_is_never_guessed(line: City) -> None:
    """It needs triage, and the question lists the types there are."""
    decision = referred(line.decide(line.call("c", call_type="918VM")))
    assert decision.reason is ReferralReason.NEEDS_TRIAGE
    assert "918VM" in decision.detail
    assert "welfare_check" in decision.questions[0].text


def test_a_call_type_no_program_takes_is_ineligible(line: City) -> None:
    """A known type that is not the program's is refused by name."""
    decision = referred(line.decide(line.call("c", call_type="burglary")))
    assert decision.reason is ReferralReason.INELIGIBLE
    assert "Burglary" in decision.explain()


def test_a_danger_is_named_whatever_the_call_type(line: City) -> None:
    """A rule that holds comes before the question what kind of call it is, and before its type."""
    armed = {"weapon": Answer.YES, "medical": Answer.YES}
    for call_type in ("welfare_check", "burglary", "918VM"):
        decision = referred(line.decide(line.call("c", call_type=call_type, facts=armed)))
        assert (decision.reason, decision.target) == (ReferralReason.INELIGIBLE, "FIRE")
        assert decision.detail == "hurt; armed"
        assert decision.programs[0].rules == ("medical", "weapon")
        assert "(hurt; armed)" in decision.explain()


def test_a_decision_names_its_inputs(line: City) -> None:
    """Two calls that differ in one answer, or in place, differ in the digest of the inputs."""
    city = line.with_policy(rules=())
    one = city.decide(city.call("c", facts={"weapon": Answer.YES}))
    other = city.decide(city.call("c", facts={"weapon": Answer.NO}))
    assert one.facts == {"weapon": "yes"}
    assert one.basis.inputs != other.basis.inputs
    assert one.basis.version
    assert len(one.basis.agency) > 0


def test_an_unknown_fact_is_refused(line: City) -> None:
    """A typing error in a fact's name must not pass for an unanswered question."""
    with pytest.raises(
        InputError, match="unknown fact 'weapn'; policy drawn knows medical, weapon"
    ):
        line.decide(line.call("c", facts={**TWO_FACTS, "weapn": Answer.YES}))


def test_a_rule_of_two_facts_holds_only_when_both_do(line: City) -> None:
    """Kleene conjunction: one no settles it, whatever is still unknown."""
    both = Rule(
        "both",
        frozenset({"UNARMED"}),
        {"weapon": Answer.YES, "medical": Answer.YES},
        "POLICE",
        "both",
    )
    city = line.with_policy(rules=(both,))
    assert sent(city.decide(city.call("c", facts={"weapon": Answer.NO}))).team_id == "T1"
    assert referred(city.decide(city.call("c", facts={"weapon": Answer.YES}))).questions[
        0
    ].fact == ("medical")


def test_a_rule_may_require_that_something_is_so(line: City) -> None:
    """A rule on no fires when the answer is no: the program needs the fact to be yes."""
    rule = Rule("needs", frozenset({"UNARMED"}), {"weapon": Answer.NO}, "LINE", "nothing reported")
    city = line.with_policy(rules=(rule,), targets={"LINE": ReferralTarget("LINE", "Line")})
    assert referred(city.decide(city.call("c"))).target == "LINE"


def test_every_team_is_sent_or_has_a_reason(line: City) -> None:
    """Over all outcomes the recommended team and the exclusions name each team once."""
    cities = [line, line.with_team("T1", status=TeamStatus.ON_SCENE)]
    calls = [line.call("c"), line.call("c", facts={}), line.call("c", call_type="burglary")]
    for city in cities:
        for call in calls:
            decision = city.decide(call)
            named = [exclusion.team_id for exclusion in decision.exclusions]
            if isinstance(decision, Recommendation):
                named.append(decision.team_id)
            assert sorted(named) == ["T1", "T2"]
