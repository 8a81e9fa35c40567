"""Why a team does not go, in words: each detail names the value that decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from tests.scenarios.city import NOON, City, draw_city
from unarmed_router.model.decision import Decision, Recommendation, Referral
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ExclusionReason, ReferralReason
from unarmed_router.model.screening import Screening, StaleFix
from unarmed_router.model.shift import Shift
from unarmed_router.model.team import Fix, TeamStatus


def town(**screening: int) -> City:
    """Draw one road with a team at each end."""
    city = draw_city("a--b--c--d", teams={"T1": "a", "T2": "d"}, snap_limit_m=500)
    limits = {"turnout_s": 60, "max_fix_age_s": 300, "max_response_s": 3600} | screening
    return city.with_policy(screening=Screening(stale_fix=StaleFix.EXCLUDE, **limits))


def told(decision: Decision, team: str) -> tuple[ExclusionReason, str]:
    """Return why a team does not go."""
    (found,) = [each for each in decision.exclusions if each.team_id == team]
    return found.reason, found.detail


def test_off_the_road_it_is_the_home_or_the_fix_that_is_meant() -> None:
    """T1 lives off every road; T2 has driven off it."""
    city = town()
    lon, lat = city.places["d"]
    home = city.with_team("T1", home_lat=lat + 0.1)
    out = city.with_team("T2", fix=Fix(lon, lat + 0.1, NOON))
    assert told(home.decide(home.call("b")), "T1") == (ExclusionReason.NO_ROAD_NEARBY, "home")
    assert told(out.decide(out.call("b")), "T2") == (
        ExclusionReason.NO_ROAD_NEARBY,
        "AVL position",
    )


def test_a_stale_fix_names_its_age_and_the_limit_it_broke() -> None:
    """One second over none is too old; a part of a second is not rounded down to the limit."""
    lon, lat = town().places["a"]
    for offset, limits, words in (
        (-1, {"max_fix_age_s": 0}, "fix is 1 s old, limit 0 s"),
        (-301, {}, "fix is 301 s old, limit 300 s"),
        (6, {}, "fix is 6 s in the future, limit 5 s"),
        (1, {"clock_skew_s": 0}, "fix is 1 s in the future, limit 0 s"),
        (-300.4, {}, "fix is 301 s old, limit 300 s"),
        (-301.6, {}, "fix is 302 s old, limit 300 s"),
        (0.2, {"clock_skew_s": 0}, "fix is 1 s in the future, limit 0 s"),
    ):
        city = town(**limits).with_team("T1", fix=Fix(lon, lat, NOON + timedelta(seconds=offset)))
        assert told(city.decide(city.call("b")), "T1") == (ExclusionReason.POSITION_STALE, words)


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({}, ExclusionReason.OFF_SHIFT, "it has no shift any more"),
        ({"status": TeamStatus.ON_SCENE}, ExclusionReason.NOT_AVAILABLE, "on_scene"),
        ({"status": TeamStatus.UNKNOWN}, ExclusionReason.STATUS_UNKNOWN, ""),
    ],
)
def test_a_team_off_the_roster_says_so_only_where_that_keeps_it(
    changes: dict[str, Any], reason: ExclusionReason, words: str
) -> None:
    """While it finishes its call, that is why it does not come."""
    city = town().with_team("T1", shifts=(), **changes)
    assert told(city.decide(city.call("b")), "T1") == (reason, words)


def test_what_is_read_first_is_what_the_candidate_says() -> None:
    """Waiting, turnout and travel add up, whichever field is read first."""
    city = town().with_team("T1", turnout_s=20).with_team("T2", turnout_s=20)
    call = replace(city.call("b"), received_at=NOON - timedelta(seconds=7))
    decision = city.decide(call)
    assert isinstance(decision, Recommendation)
    assert (decision.response_time_s, decision.travel_time_s) == (57.0, 30.0)
    assert decision.candidates[0].response_ms == 57_000
    assert decision.eta == NOON + timedelta(seconds=50)


def test_the_basis_names_the_policys_dates() -> None:
    """From when and until when it holds, beside its id and digest."""
    terms = {"effective_from": date(2026, 1, 1), "effective_until": date(2027, 1, 1)}
    city = town().with_policy(**terms)
    basis = city.decide(city.call("b")).basis
    assert (basis.policy_from, basis.policy_until) == tuple(terms.values())
    assert (basis.policy_id, basis.policy) == ("drawn", "drawn")


def test_a_team_of_another_area_names_its_provider_and_the_division() -> None:
    """And a referral for want of a team adds no detail of its own: the teams have theirs."""
    city = town().with_team("T1", provider="x").with_team("T2", status=TeamStatus.UNKNOWN)
    decision = city.decide(city.call("b"))
    assert isinstance(decision, Referral)
    assert told(decision, "T1") == (ExclusionReason.OUTSIDE_AREA, "x does not serve division 1")
    assert told(decision, "T2") == (ExclusionReason.STATUS_UNKNOWN, "")
    assert (decision.reason, decision.detail) == (ReferralReason.NO_TEAM_AVAILABLE, "")
    assert decision.questions == ()


def test_a_provider_that_serves_at_other_hours_does_not_serve_now() -> None:
    """Neither its team's reason nor the words for the dispatcher say that it never does."""
    evening, other = (Shift((0,), time(18), time(23)),), Provider("r", "Reach", frozenset({1}))
    (unarmed,) = town().world.policy.programs
    for changes in ({"hours": evening}, {"serves_until": NOON.date()}):
        own = replace(unarmed, providers=(replace(unarmed.providers[0], **changes),))
        alone = town().with_policy(programs=(own,))
        decision = alone.decide(alone.call("b"))
        assert isinstance(decision, Referral)
        assert decision.reason is ReferralReason.NO_PROGRAM_HERE
        assert "no unarmed program serves this place now" in decision.explain()
        outreach = replace(unarmed, program_id="OUTREACH", providers=(other,))
        both = alone.with_policy(programs=(own, outreach)).with_team(
            "T2", program="OUTREACH", provider="r"
        )
        for city in (both, both.compiled()):
            decision = city.decide(city.call("b"))
            assert isinstance(decision, Recommendation)
            assert decision.team_id == "T2"
            said = "p does not serve division 1 now"
            assert told(decision, "T1") == (ExclusionReason.OUTSIDE_AREA, said)


def test_the_second_names_its_place_and_its_response() -> None:
    """The wait is in it, as in the response of the team that goes."""
    city = town()
    decision = city.decide(city.call("b", received_at=NOON - timedelta(seconds=7)))
    second = (ExclusionReason.RANKED_LOWER, "place 2 of 2, response 67000 ms")
    assert told(decision, "T2") == second


def test_only_who_could_go_is_left_out_by_the_call() -> None:
    """A busy team is busy first, and who lacks a need without being excluded lacks it."""
    city = town().with_team("T1", capabilities=("nurse",))
    asked = city.call("b", excludes=("T1",))
    assert told(city.decide(asked), "T1") == (ExclusionReason.EXCLUDED_BY_CALL, "")
    busy = city.with_team("T1", status=TeamStatus.ON_SCENE)
    assert told(busy.decide(asked), "T1") == (ExclusionReason.NOT_AVAILABLE, "on_scene")
    needing = replace(asked, needs=("nurse",))
    assert told(city.decide(needing), "T2") == (ExclusionReason.MISSING_CAPABILITY, "nurse")


def test_a_shift_that_ends_too_soon_is_told_from_one_that_is_over() -> None:
    """With the minutes of duty that a call needs."""
    hours = (Shift((0,), time(8), time(12, 30)),)
    city = town(handover_s=3600).with_team("T1", shifts=hours)
    ends = (ExclusionReason.SHIFT_ENDS, "Mon 12:00 local; its shift ends within 60 min")
    assert told(city.decide(city.call("b")), "T1") == ends
    late = NOON + timedelta(minutes=31)
    over = city.decide(city.call("b", received_at=late), late)
    assert told(over, "T1") == (ExclusionReason.OFF_SHIFT, "Mon 12:31 local")


def test_a_team_without_a_shift_has_none_any_more() -> None:
    """No hour of the day explains it: a roster has left it out."""
    city = town().with_team("T1", shifts=())
    told_of_it = told(city.decide(city.call("b")), "T1")
    assert told_of_it == (ExclusionReason.OFF_SHIFT, "it has no shift any more")
