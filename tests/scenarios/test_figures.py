"""The figures of a decision to their last digit, and what a call has none of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.scenarios.city import EAST, LAT, LON, NOON, NORTH, City, draw_city
from tests.scenarios.test_exclusion_details import told, town
from tests.scenarios.test_mutual_aid import AID, busy, policy
from tests.scenarios.test_price_of_aid import Cut, price, priced
from unarmed_router.dispatch.counterfactual import counterfactual
from unarmed_router.dispatch.desk import Desk
from unarmed_router.model.decision import Recommendation, Referral
from unarmed_router.model.policy import Arbitration
from unarmed_router.model.reasons import ExclusionReason, Flag, ReferralReason
from unarmed_router.model.team import Fix
from unarmed_router.travel_time.hourly import HourlyTravelTimes


def test_seconds_of_a_limit_are_seconds() -> None:
    """A thousand seconds are said as a thousand; a program without a limit has the policy's."""
    city = town(max_response_s=900).with_team("T1", turnout_s=970)
    why = told(city.decide(city.call("b")), "T1")
    assert why == (ExclusionReason.BEYOND_LIMIT, "1000 s from now, limit 900 s")


def test_a_millisecond_past_the_target_is_late() -> None:
    """Thirty seconds of road after a wait of 570 meet a target of 600, and one more breaks it."""
    city = town()
    for late_ms in (0, 1):
        waited = timedelta(seconds=570, milliseconds=late_ms)
        decision = city.decide(city.call("b", received_at=NOON - waited))
        assert (Flag.BEYOND_TARGET in decision.flags) is bool(late_ms)
        told = "600.1 s, which misses" if late_ms else "600.0 s, which meets"
        (program,) = decision.programs
        assert program.because == f"T1 responds in {told} its target of 600 s"


def test_a_part_of_a_second_past_a_limit_is_not_the_limit() -> None:
    """A team 29.3 s away is beyond 29 s in writing, too."""
    lon, lat = town().places["a"]
    city = town(max_response_s=29).with_team("T1", fix=Fix(lon + 0.07 * EAST, lat, NOON))
    why = told(city.decide(city.call("b")), "T1")
    assert why == (ExclusionReason.BEYOND_LIMIT, "30 s from now, limit 29 s")


def test_a_missing_preference_counts_its_seconds_and_no_more() -> None:
    """One that lacks a language worth 2000 s goes before one 1 s later, after one 1 s sooner."""
    rule = Arbitration(late_programs_yield=False, preference_s=2000)
    city = town().with_policy(arbitration=rule).with_team("T2", capabilities=("spanish",))
    for turnout_s, order in ((1971, ["T1", "T2"]), (1969, ["T2", "T1"])):
        # T1 is 30 s away without the language, T2 60 s with it.
        drawn = city.with_team("T2", turnout_s=turnout_s)
        decision = drawn.decide(drawn.call("b", prefers=("spanish",)))
        assert isinstance(decision, Recommendation)
        assert [each.team_id for each in decision.candidates] == order
        assert decision.team_id == order[0]


def test_the_way_to_the_road_is_told_in_centimetres() -> None:
    """And it is long from the next fraction beyond the limit on, not at the limit."""
    city = draw_city("a--b", teams={"T1": "a"})
    lon = LON + 1.5 * EAST
    road = city.world.roads.snap(lon=lon, lat=LAT + 0.1234567 * NORTH)
    assert road is not None
    call = city.call("a", lon=lon, lat=LAT + 0.1234567 * NORTH)
    snap_m = city.decide(call).snap_m
    assert snap_m is not None
    assert snap_m != round(road.snap_m, 1)
    assert abs(snap_m - road.snap_m) <= 0.005
    assert snap_m == round(snap_m, 2)
    for limit_m, flagged in ((snap_m, False), (snap_m - 0.01, True)):
        drawn = replace(city, world=replace(city.world, long_access_m=limit_m))
        assert (Flag.LONG_ACCESS_LEG in drawn.decide(call).flags) is flagged


def test_a_candidate_says_whether_it_starts_from_home() -> None:
    """T1 has sent no fix, T2 has."""
    city = town()
    lon, lat = city.places["c"]
    city = city.with_team("T2", fix=Fix(lon, lat, NOON))
    found = {each.team_id: each.position for each in city.decide(city.call("b")).candidates}
    assert found == {"T1": "home", "T2": "avl"}


def test_only_what_took_a_travel_time_names_its_hour() -> None:
    """Monday noon is the week's hour 12, sent or too late; nobody was timed of a call outside."""
    city = town()
    outside = city.call("b", lat=LAT + 0.5)
    assert city.decide(city.call("b")).basis.hour_of_week == 12
    short = town(max_response_s=1)
    late = short.decide(short.call("b"))
    assert isinstance(late, Referral)
    assert (late.reason, late.basis.hour_of_week) == (ReferralReason.NO_TEAM_IN_TIME, 12)
    decision = city.decide(outside)
    assert isinstance(decision, Referral)
    assert (decision.reason, decision.questions) == (ReferralReason.OUT_OF_JURISDICTION, ())
    assert decision.basis.hour_of_week is None


def test_travel_times_are_asked_for_the_moment_of_decision() -> None:
    """By ports as well: from the afternoon on every road takes twice as long."""
    city = town()
    roads, built = city.network, city.world.travel_times
    assert isinstance(built, HourlyTravelTimes)
    times = HourlyTravelTimes(
        hour_at=lambda at: int(at.hour > 12),
        metric_of=lambda key: roads.free_flow_ms * (1 + key),
        engine_of=built._engine_of,
    )
    city = replace(city, world=replace(city.world, travel_times=times))
    for hours, travel_s in ((0, 30.0), (2, 60.0)):
        at = NOON + timedelta(hours=hours)
        call, roster = city.call("b", received_at=at), city.roster().snapshot()
        (together,) = Desk(city.world).decide_many([call], [at], roster)
        for decision in (city.decide(call, at), together):
            assert isinstance(decision, Recommendation)
            assert decision.travel_time_s == travel_s
        busy_now = busy(city, "T1", "T2")
        nearest = counterfactual(
            call, at, busy_now.roster().snapshot(), Desk(busy_now.world)
        ).nearest
        assert nearest is not None
        assert (nearest.team_id, nearest.travel_ms) == ("T1", travel_s * 1000)


def test_a_team_no_road_leads_from_is_passed_over() -> None:
    """T1 is nearer but cut off; T2 is far and goes; without it nobody does."""
    city = town()
    for teams, reason in ((city.states, None), (city.states[:1], ReferralReason.NO_TEAM_IN_TIME)):
        drawn = replace(city, states=teams)
        home = drawn.roster().snapshot().teams[0].home_road
        assert home is not None
        times = Cut(drawn.world.travel_times, home)
        drawn = replace(drawn, world=replace(drawn.world, travel_times=times))
        decision = drawn.decide(drawn.call("b"))
        assert told(decision, "T1")[0] is ExclusionReason.UNREACHABLE
        assert getattr(decision, "reason", None) is reason
        assert getattr(decision, "team_id", "T2") == "T2"


def helped(teams: dict[str, str]) -> City:
    """Draw p in the west with one busy team, q in the east with the others."""
    drawn = draw_city(
        "a--b--c--d--e--f--g", teams=teams, divisions="1111111222222222222", policy=policy(AID)
    )
    drawn = drawn.with_policy(mutual_aid=replace(AID, keep_home=0, max_response_s=100))
    for team in teams:
        drawn = drawn.with_team(team, provider="p" if team.startswith("P") else "q")
    return busy(drawn, "P1")


def test_a_helper_that_is_all_its_area_has_leaves_nothing() -> None:
    """One helper, one busy team: everything was covered before and nothing is after."""
    assert price(priced(helped({"P1": "a", "Q1": "e"}), 10, e=1.0)) == ("Q1", 1.0, 0.0)


def test_a_team_too_far_to_help_covers_from_where_it_stands() -> None:
    """Q2 lives at e and stands at g, 150 s from the call: it covers g, and e no more."""
    drawn = helped({"P1": "a", "Q1": "e", "Q2": "e"})
    lon, lat = drawn.places["g"]
    drawn = drawn.with_team("Q2", fix=Fix(lon, lat, NOON))
    assert price(priced(drawn, 10, g=1.0, e=1.0)) == ("Q1", 1.0, 0.5)


def test_a_busy_team_covers_nothing_from_where_it_stands() -> None:
    """Q3 is on scene beside e: what Q1 leaves behind there is lost."""
    drawn = busy(helped({"P1": "a", "Q1": "e", "Q2": "g", "Q3": "g"}), "Q3")
    lon, lat = drawn.places["e"]
    drawn = drawn.with_team("Q3", fix=Fix(lon, lat, NOON))
    assert price(priced(drawn, 10, g=1.0, e=1.0)) == ("Q1", 1.0, 0.5)


def test_a_price_is_that_of_the_moment_of_decision() -> None:
    """From the afternoon on roads take twice as long: of f nobody is in time any more."""
    drawn = priced(helped({"P1": "a", "Q1": "e", "Q2": "g"}), 30, f=1.0)
    roads, built = drawn.network, drawn.world.travel_times
    assert isinstance(built, HourlyTravelTimes)
    times = HourlyTravelTimes(
        hour_at=lambda at: int(at.hour > 12),
        metric_of=lambda key: roads.free_flow_ms * (1 + key),
        engine_of=built._engine_of,
    )
    drawn = replace(drawn, world=replace(drawn.world, travel_times=times))
    drawn = drawn.with_policy(mutual_aid=replace(AID, keep_home=0, max_response_s=300))
    for hours, covered in ((0, 1.0), (2, 0.0)):
        at = NOON + timedelta(hours=hours)
        decision = drawn.decide(drawn.call("b", received_at=at), at)
        assert decision.aid is not None
        assert decision.aid.covered_before == covered


def test_a_second_of_the_price_is_a_second() -> None:
    """A minute and a moment are more than a minute: e is 60 s from g, less the walk to the road."""
    drawn = helped({"P1": "a", "Q1": "e", "Q2": "g"})
    assert price(priced(drawn, 60, e=1.0)) == ("Q1", 1.0, 1.0)
    assert price(priced(drawn, 60, 0.0000015, e=1.0)) == ("Q1", 1.0, 0.0)
