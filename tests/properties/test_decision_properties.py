"""Every way to a decision gives the same bytes: naive, by ports, compiled, in a batch."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.decide import decide_naively
from tests.scenarios.city import NOON, City, default_policy, draw_city
from unarmed_router.dispatch.desk import Desk
from unarmed_router.dispatch.reading import read_call
from unarmed_router.dispatch.triage import assess, judge, takes_judged
from unarmed_router.interop.json_codec import decision_from_json
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.policy import Arbitration
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ExclusionReason, Flag, ProgramVerdict, ReferralReason
from unarmed_router.model.screening import Screening, StaleFix
from unarmed_router.model.shift import Shift
from unarmed_router.model.team import Fix, TeamStatus

DRAWING = """
a--b==c---d
|  H  |   |
e->f--g   i
|     |
j-----k   m-n
"""
DIVISIONS = "1112223333."
CROSSINGS = "abcdefgijkmn"


def _policy(limits: Screening) -> Any:
    """Two programs, three providers, one division nobody serves."""
    base = default_policy()
    kinds = frozenset({"welfare_check"})
    first = Program(
        "UNARMED",
        "Unarmed",
        kinds,
        (
            Provider("p", "Provider", frozenset({1, 3})),
            Provider("q", "Quarter", frozenset({2})),
        ),
        60,
    )
    other = Program(
        "OUTREACH",
        "Outreach",
        kinds | {"burglary"},
        (Provider("r", "Reach", frozenset({1, 2})),),
        600,
        max_response_s=100,
    )
    return replace(base, programs=(first, other), screening=limits)


POLICY = _policy(Screening(20, 300, StaleFix.EXCLUDE, 150))
OFTEN = 5
"""Most draws are ordinary, or hardly a call would reach a team."""
SEEN: Counter[object] = Counter()
TEAMS = {"T1": "a", "T2": "g", "T3": "k", "T4": "n", "T5": "e"}
CITY = draw_city(DRAWING, teams=TEAMS, divisions=DIVISIONS, policy=POLICY, snap_limit_m=500)
EMPLOYERS = (
    *[("UNARMED", "p"), ("UNARMED", "q"), ("OUTREACH", "r")] * OFTEN,
    ("GONE", "x"),
    ("UNARMED", "r"),
)
SHIFTS = (
    *[(Shift((0, 1, 2, 3, 4, 5, 6)),)] * 3,
    (Shift((0,), time(8), time(12, 1)),),
    (Shift((6,), time(20), time(11)), Shift((0,), time(12), time(12, 1))),
)
WAITS = (0, 0, 0, 0, 30, 200, 299, 301, -3, -5, -6, 700)
seconds = st.sampled_from(WAITS).map(lambda s: timedelta(seconds=s))
places = st.sampled_from(CROSSINGS)


@st.composite
def cities(draw: st.DrawFn) -> City:
    """Draw what each team is and does; now and then the policy keeps stale teams at home."""
    stale = draw(st.sampled_from(StaleFix))
    city = CITY.with_policy(
        screening=Screening(
            20,
            300,
            stale,
            150,
            draw(st.sampled_from((3, 5))),
            draw(st.sampled_from((0, 0, 0, 30, 180))),
        ),
        arbitration=Arbitration(
            late_programs_yield=draw(st.booleans()), preference_s=draw(st.sampled_from((0, 20, 60)))
        ),
    )
    # Teams alike in all but their id make ties.
    together, alike = draw(places), draw(st.sampled_from((False, False, False, True)))
    for team_id in TEAMS:
        program, provider = EMPLOYERS[0] if alike else draw(st.sampled_from(EMPLOYERS))
        lon, lat = city.places[together if alike else draw(places)]
        away = 0 if alike else draw(st.sampled_from((*[0, 0.0005] * OFTEN, 0.2)))
        fix = Fix(lon + away, lat, NOON - draw(seconds))
        city = city.with_team(
            team_id,
            program=program,
            provider=provider,
            capabilities=draw(st.sampled_from(((), ("nurse",), ("nurse", "spanish")))),
            shifts=draw(st.sampled_from(SHIFTS)),
            turnout_s=None if alike else draw(st.sampled_from((None, 0, 30))),
            status=draw(
                st.sampled_from(
                    (*[TeamStatus.AVAILABLE] * 8 * OFTEN, *TeamStatus, TeamStatus.UNKNOWN)
                )
            ),
            idle_since=draw(st.sampled_from((None, NOON, NOON - timedelta(hours=1)))),
            fix=draw(st.sampled_from((None, fix))),
        )
    return city


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Draw a call on a crossing, in mid-block, off the road or outside."""
    lon, lat = CITY.places[draw(places)]
    return Call(
        call_id="c",
        lon=lon + draw(st.sampled_from((*[0.0, 0.0004, -0.0007] * OFTEN, 0.01))),
        lat=lat + draw(st.sampled_from((0.0, 0.0003))),
        call_type=draw(st.sampled_from((*["welfare_check"] * OFTEN, "burglary", "unheard_of"))),
        received_at=NOON - draw(seconds),
        facts={
            fact: draw(st.sampled_from((*[Answer.NO] * OFTEN, *Answer)))
            for fact in ("weapon", "medical")
        },
        needs=draw(st.sampled_from((*[()] * OFTEN, ("nurse",), ("spanish", "nurse"), ("boat",)))),
        prefers=draw(st.sampled_from(((), ("spanish",), ("nurse", "spanish")))),
        excludes=draw(st.sampled_from((*[()] * OFTEN, ("T1",), tuple(TEAMS)[1:3]))),
    )


@given(city=cities(), asked=st.lists(calls(), min_size=1, max_size=6), late=seconds)
@settings(max_examples=150)
def test_all_ways_to_a_decision_agree(city: City, asked: list[Call], late: timedelta) -> None:
    """Naive twin, ports, compiled one by one and compiled batch give the same bytes."""
    roster, at = city.roster().snapshot(), NOON + late
    naive = [decide_naively(call, at, roster, city.world).to_json() for call in asked]
    by_ports, compiled = Desk(city.world), Desk(city.compiled().world)
    assert [by_ports.decide(call, at, roster).to_json() for call in asked] == naive
    assert [compiled.decide(call, at, roster).to_json() for call in asked] == naive
    moments = [at] * len(asked)
    for desk in (by_ports, compiled):
        assert [d.to_json() for d in desk.decide_many(asked, moments, roster)] == naive


@given(city=cities(), asked=st.lists(calls(), min_size=1, max_size=6))
@settings(max_examples=50)
def test_a_batch_decides_each_call_at_its_own_moment(city: City, asked: list[Call]) -> None:
    """As `route_many` does without a moment."""
    roster, desk = city.roster().snapshot(), Desk(city.compiled().world)
    moments = [call.received_at for call in asked]
    batch = [d.to_json() for d in desk.decide_many(asked, moments, roster)]
    assert batch == [desk.decide(c, c.received_at, roster).to_json() for c in asked]


@given(
    city=cities(),
    changes=st.lists(st.tuples(st.sampled_from(list(TEAMS)), places, seconds)),
    call=calls(),
)
@settings(max_examples=50)
def test_a_table_taken_over_equals_one_made_anew(
    city: City, changes: list[tuple[str, str, timedelta]], call: Call
) -> None:
    """Teams that move and change status leave nothing of their past in the columns."""
    desk, roster = Desk(city.compiled().world), city.roster()
    for team_id, where, when in changes:
        lon, lat = city.places[where]
        roster.record_fix(team_id, lon=lon, lat=lat, at=NOON + when)
        roster.set_status(team_id, TeamStatus.AVAILABLE, at=NOON + when)
        snapshot = roster.snapshot()
        fresh = Desk(city.compiled().world).decide(call, NOON, snapshot)
        assert desk.decide(call, NOON, snapshot).to_json() == fresh.to_json()


@given(call=calls(), number=st.sampled_from((1, 2, 3)))
def test_what_a_program_takes_is_triage_without_the_place(call: Call, number: int) -> None:
    """The table a kernel reads and the assessment people read name the same programs."""
    anywhere = takes_judged(judge(read_call(call, POLICY), POLICY), POLICY)
    here = [
        program
        for program, taken in zip(POLICY.programs, anywhere, strict=True)
        if taken and number in program.provider_of
    ]
    assert list(assess(call, number, POLICY).eligible) == here


@given(city=cities(), call=calls(), late=seconds)
@settings(max_examples=800)
def test_draws_reach_every_part_of_a_decision(city: City, call: Call, late: timedelta) -> None:
    """Counted over the whole run by the test below."""
    decision = Desk(city.world).decide(call, NOON + late, city.roster().snapshot())
    SEEN.update([*decision.flags, decision.kind])
    SEEN.update(exclusion.reason for exclusion in decision.exclusions)
    if isinstance(decision, Recommendation):
        SEEN["two programs"] += len({c.program for c in decision.candidates}) > 1
        SEEN["late yields"] += decision.programs[0].verdict is ProgramVerdict.ELIGIBLE and (
            {c.program for c in decision.candidates} == {"UNARMED", "OUTREACH"}
            and decision.candidates[0].program == "OUTREACH"
        )
    else:
        SEEN[decision.reason] += 1


def test_the_draws_were_no_desert() -> None:
    """A comparison of referrals alone would prove little."""
    rare = {Flag.POLICY_NOT_IN_FORCE, Flag.LONG_ACCESS_LEG, ExclusionReason.UNREACHABLE}
    rare |= {Flag.NOT_LOGGED}  # the dispatcher's, not the decision's
    # Ways of their own: tests/scenarios/test_uncertain.py and test_mutual_aid.py.
    rare |= {Flag.UNCERTAIN_LOCATION, Flag.MUTUAL_AID, ExclusionReason.KEPT_HOME}
    rare |= {ReferralReason.NO_ROAD_NEARBY, ExclusionReason.NO_ROAD_NEARBY, Flag.NEAR_BORDER}
    expected = {*Flag, *ExclusionReason, *ReferralReason, "two programs", "late yields"} - rare
    assert not {str(what) for what in expected if SEEN[what] < 1}
    assert SEEN["recommendation"] > 60


def _decided() -> tuple[Decision, Decision]:
    """Decide one call twice: read field by field, and all at once."""
    call, roster = CITY.call("b"), CITY.roster().snapshot()
    desk = Desk(CITY.with_policy(programs=default_policy().programs).compiled().world)
    return desk.decide(call, NOON, roster), desk.decide(call, NOON, roster)


def test_a_decision_written_late_is_one_written_at_once() -> None:
    """Equality, hash, pickle, replace and JSON see no difference, in whatever order it is read."""
    late, other = _decided()
    assert isinstance(late, Recommendation)
    assert late.exclusions == other.exclusions  # read first, and out of order
    assert late == other
    assert hash(late.basis) == hash(other.basis)
    whole: Any = decision_from_json(late.to_json())
    assert whole == late
    assert pickle.loads(pickle.dumps(_decided()[0])) == late  # noqa: S301  # our own bytes
    assert replace(_decided()[0], call_id="d").call_id == "d"
    assert repr(_decided()[1]) == repr(whole)


def test_a_decision_has_no_other_attributes() -> None:
    """A misspelt field is an error, not a search for a writer."""
    late, _ = _decided()
    whole: Any = decision_from_json(late.to_json())
    for decision in (late, whole):
        with pytest.raises(
            AttributeError, match="'Recommendation' object has no attribute 'eta_s'"
        ):
            getattr(decision, "eta_s")  # noqa: B009  # a checker would refuse it


def test_an_old_decision_is_not_rewritten_by_later_events() -> None:
    """What is written late is what was found then."""
    city = CITY.with_policy(programs=default_policy().programs).compiled()
    desk, roster = Desk(city.world), city.roster()
    first = desk.decide(city.call("b"), NOON, roster.snapshot())
    expected = desk.decide(city.call("b"), NOON, roster.snapshot()).to_json()
    for team_id in TEAMS:
        roster.set_status(team_id, TeamStatus.ON_SCENE, at=datetime(2026, 3, 2, tzinfo=NOON.tzinfo))
    later = desk.decide(city.call("b"), NOON, roster.snapshot())
    assert later.to_json() != expected
    assert first.to_json() == expected
