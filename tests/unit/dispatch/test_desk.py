"""The desk around the kernel: moments, grounds, and calls that another provider cannot reach."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from tests.scenarios.city import EAST, LAT, LON, NOON, NORTH, City, default_policy, draw_city
from unarmed_router.agency.hours import LocalHours
from unarmed_router.dispatch.counterfactual import counterfactual
from unarmed_router.dispatch.desk import Desk
from unarmed_router.errors import InputError
from unarmed_router.model.decision import Referral
from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.program import Program, Provider
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.shift import Shift
from unarmed_router.model.team import TeamStatus
from unarmed_router.model.uncertainty import Area
from unarmed_router.travel_time.hourly import HourlyTravelTimes

DAY, NIGHT = (Shift((0,), time(8), time(20)),), (Shift((0,), time(20), time(8)),)


def town() -> City:
    """Draw one road; p serves it by day, q by night."""
    providers = (
        Provider("p", "Provider", frozenset({1}), hours=DAY),
        Provider("q", "Quarter", frozenset({1}), hours=NIGHT),
    )
    program = Program("UNARMED", "Unarmed", frozenset({"welfare_check"}), providers, 600)
    policy = replace(default_policy(), programs=(program,))
    city = draw_city("a--b--c", teams={"T1": "a", "T2": "c"}, policy=policy, snap_limit_m=60)
    return city.with_team("T2", provider="q")


def test_the_ground_is_that_of_the_hour_whoever_asks_first() -> None:
    """A desk that has decided nothing yet knows who serves, and so does one that has."""
    city = town()
    desk, evening = Desk(city.world), NOON + timedelta(hours=9)
    for at, provider in ((NOON, "p"), (evening, "q"), (NOON, "p")):
        assert desk.ground_at(at).policy.programs[0].provider_of == {1: provider}
        assert desk.ground_for(city.call("b"), at).policy.programs[0].provider_of == {1: provider}


def test_a_naive_moment_is_refused_by_its_name() -> None:
    """Of a decision and of what would help."""
    city = town()
    desk, roster = Desk(city.world), city.roster().snapshot()
    naive = NOON.replace(tzinfo=None)
    for ask in (
        lambda: desk.decide(city.call("b"), naive, roster),
        lambda: counterfactual(city.call("b"), naive, roster, desk),
    ):
        with pytest.raises(InputError, match=r"^at "):
            ask()


def test_help_is_not_asked_to_where_no_road_leads() -> None:
    """No own team is free and the call is far from every road: there is no team, and no error."""
    providers = (Provider("p", "P", frozenset({1})), Provider("q", "Q", frozenset({2})))
    program = Program("UNARMED", "Unarmed", frozenset({"welfare_check"}), providers, 600)
    aid = MutualAid({"q": frozenset({"p"})}, max_response_s=600, keep_home=0)
    policy = replace(default_policy(), programs=(program,), mutual_aid=aid)
    city = draw_city(
        "a--b--c--d\n|\n|\ne", teams={"T1": "a", "T2": "d"}, divisions="1111112222",
        policy=policy, snap_limit_m=60,
    )  # fmt: skip
    city = city.with_team("T2", provider="q").with_team("T1", status=TeamStatus.ON_SCENE)
    decision = city.decide(city.call("b", lat=LAT - 0.0015))
    assert isinstance(decision, Referral)
    assert decision.reason is ReferralReason.NO_TEAM_AVAILABLE
    assert {each.reason.value for each in decision.exclusions} == {"not_available", "outside_area"}


def test_a_batch_of_many_minutes_decides_each_at_its_own() -> None:
    """Day, evening, day again, and the minute of the change."""
    city = town()
    hours = (0, 7.99, 8, 9, 0)
    moments = [NOON + timedelta(hours=hour) for hour in hours]
    calls = [city.call("b", received_at=at) for at in moments]
    roster = city.roster().snapshot()
    for world in (city.world, city.compiled().world):
        found = Desk(world).decide_many(calls, moments, roster)
        assert [getattr(d, "team_id", None) for d in found] == ["T1", "T1", "T2", "T2", "T1"]
        assert [d.decided_at for d in found] == moments


def test_one_desk_decides_as_a_new_one_whatever_changed_before() -> None:
    """The hour's travel times, who serves, and the teams: alone and together, there and back."""
    city = town().compiled()
    roads = city.network
    built = city.world.travel_times
    assert isinstance(built, HourlyTravelTimes)
    times = HourlyTravelTimes(
        hour_at=lambda at: at.hour // 3,
        metric_of=lambda key: roads.free_flow_ms * np.int32(1 + key),
        engine_of=built._engine_of,
    )
    world = replace(city.world, travel_times=times)
    others = city.with_team("T1", provider="q").with_team("T2", provider="p")
    kept = Desk(world)
    moments = [NOON + timedelta(hours=hours) for hours in (0, 1, 4, 9, 12, 0)]
    seen = set()
    for at in moments:
        for each in (city, others, city):
            call, roster = each.call("b", received_at=at), each.roster().snapshot()
            decision = kept.decide(call, at, roster)
            assert decision.to_json() == Desk(world).decide(call, at, roster).to_json()
            seen.add((getattr(decision, "team_id", None), getattr(decision, "travel_time_s", None)))
    assert len(seen) > 6


def test_a_batch_over_two_policies_knows_the_areas_of_each() -> None:
    """The park moves from west to east at midnight: calls before and after see their own."""
    park = Provider("q", "Quarter", frozenset(), frozenset({"park"}))
    everywhere = Provider("p", "Provider", frozenset({1}))
    program = Program("UNARMED", "Unarmed", frozenset({"welfare_check"}), (everywhere, park), 600)
    city = draw_city(
        "a--b--c",
        teams={"T1": "b", "T2": "b"},
        policy=replace(default_policy(), programs=(program,)),
    ).with_team("T2", provider="q")
    midnight = (NOON + timedelta(hours=12)).date()
    west, east = city.with_outlines(park=(-1, -1, 1, 1)), city.with_outlines(park=(5, -1, 7, 1))
    world = replace(
        west.world,
        policy=replace(west.world.policy, effective_until=midnight),
        policies=(replace(east.world.policy, effective_from=midnight),),
    )
    calls = [city.call("a"), city.call("c")] * 2
    moments = [NOON, NOON, *[NOON + timedelta(hours=13)] * 2]
    found = Desk(world).decide_many(calls, moments, city.roster().snapshot())
    assert [getattr(each, "team_id", None) for each in found] == ["T2", "T1", "T1", "T2"]


@dataclass(frozen=True)
class OwnPlaces:
    """Divisions and roads of an agency's own, of which nothing is compiled."""

    divisions: Any
    roads: Any

    def locate(self, *, lon: float, lat: float) -> Any:
        """Answer as the divisions."""
        return self.divisions.locate(lon=lon, lat=lat)

    def snap(self, *, lon: float, lat: float) -> Any:
        """Answer as the roads."""
        return self.roads.snap(lon=lon, lat=lat)


def test_places_that_are_not_compiled_are_asked_one_by_one() -> None:
    """Either of them: the decisions are those of the compiled piece, alone and together."""
    city = town().compiled()
    own = OwnPlaces(city.world.divisions, city.world.roads)
    calls, roster = [city.call("b"), city.call("c"), city.call("a", lat=LAT + 1)], city.roster()
    kept = Desk(city.world).decide_many(calls, [NOON] * 3, roster.snapshot())
    either: tuple[dict[str, Any], ...] = ({"divisions": own}, {"roads": own})
    for ports in either:
        desk = Desk(replace(city.world, **ports))
        found = desk.decide_many(calls, [NOON] * 3, roster.snapshot())
        alone = [desk.decide(call, NOON, roster.snapshot()) for call in calls]
        for each, one, expected in zip(found, alone, kept, strict=True):
            assert (each.kind, each.exclusions) == (expected.kind, expected.exclusions)
            assert (one.kind, one.candidates) == (expected.kind, expected.candidates)


def test_a_compiled_world_asks_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all is compiled, a call is one compiled piece: that is what microseconds rest on."""

    def ask(*_: object) -> int:
        raise AssertionError("a port was asked")

    city = town().compiled()
    monkeypatch.setattr("unarmed_router.dispatch.desk.route_by_ports", ask)
    roster = city.roster().snapshot()
    assert getattr(Desk(city.world).decide(city.call("b"), NOON, roster), "team_id", "") == "T1"
    (found,) = Desk(city.world).decide_many([city.call("b")], [NOON], roster)
    assert getattr(found, "team_id", "") == "T1"


def box(west: float, east: float) -> Area:
    """Outline a piece of the one road, between two columns of the drawing."""
    left, right = LON + west * EAST, LON + east * EAST
    low, high = LAT - 0.2 * NORTH, LAT + 0.2 * NORTH
    return Area((((left, low), (right, low), (right, high), (left, high)),), 0.9)


def test_a_call_that_may_be_elsewhere_is_sent_to_where_it_likely_is() -> None:
    """Its position lies in division 2, nine tenths of its outline in 1: the team of 1 goes."""
    providers = (Provider("p", "P", frozenset({1})), Provider("q", "Q", frozenset({2})))
    program = Program("UNARMED", "Unarmed", frozenset({"welfare_check"}), providers, 600)
    city = draw_city(
        "a--b--c--d", teams={"T1": "a", "T2": "d"}, divisions="1111122222",
        policy=replace(default_policy(), programs=(program,)),
    ).with_team("T2", provider="q").with_outlines()  # fmt: skip
    sure = city.call("b", lon=LON + 4.8 * EAST)
    unsure = replace(sure, uncertainty=box(0.5, 4.9))
    for drawn in (city, city.compiled()):
        found = [drawn.decide(call) for call in (sure, unsure)]
        assert [getattr(each, "team_id", None) for each in found] == ["T2", "T1"]
        numbers = [each.place.division.number for each in found if each.place.division]
        assert numbers == [2, 1]


def test_the_desk_counts_the_hour_that_spring_takes() -> None:
    """A shift until 03:00 ends an hour after 01:00: a minute later is too late, one earlier not."""
    night = (Shift((5,), time(18), time(3)),)
    city = draw_city("a--b", teams={"T1": "a"}).with_team("T1", shifts=night)
    screening = replace(city.world.policy.screening, handover_s=3600)
    city = city.with_policy(screening=screening)
    city = replace(city, world=replace(city.world, hours=LocalHours("America/Los_Angeles")))
    roster = city.roster().snapshot()
    for minute, team in ((59, "T1"), (61, None)):
        at = datetime(2026, 3, 8, 8, tzinfo=UTC) + timedelta(minutes=minute)
        call = city.call("b", received_at=at)
        (together,) = Desk(city.world).decide_many([call], [at], roster)
        alone = Desk(city.world).decide(call, at, roster)
        assert [getattr(each, "team_id", None) for each in (alone, together)] == [team, team]


def test_a_call_that_is_likely_outside_is_referred() -> None:
    """Nine tenths of its outline lie beyond the last division."""
    city = draw_city("a--b--c--d", teams={"T1": "a"}, divisions="11111.....").with_outlines()
    decision = city.decide(city.call("b", uncertainty=box(4.1, 9.0)))
    assert isinstance(decision, Referral)
    assert decision.reason is ReferralReason.OUT_OF_JURISDICTION
    assert decision.place.division is None


def test_the_second_team_of_the_roster_is_timed_from_its_own_home() -> None:
    """Over the region a call may be in: the first team is busy and far from it."""
    city = draw_city("a--b--c--d", teams={"T1": "a", "T2": "d"}).with_outlines()
    city = city.with_team("T1", status=TeamStatus.ON_SCENE)
    decision = city.decide(city.call("d", uncertainty=box(8.5, 9.4)))
    assert decision.area is not None
    assert decision.area.expected_travel_ms is not None
    assert decision.area.expected_travel_ms < 20_000


def test_a_shift_of_an_afternoon_is_kept_to_the_minute() -> None:
    """On a Wednesday from 14:30 to 15:30, by the wall clock of the agency."""
    shifts = (Shift((2,), time(14, 30), time(15, 30)),)
    city = draw_city("a--b", teams={"T1": "a"}).with_team("T1", shifts=shifts)
    desk, roster = Desk(city.world), city.roster().snapshot()
    for minute, team in ((-1, None), (0, "T1"), (20, "T1"), (40, "T1"), (59, "T1"), (60, None)):
        at = NOON + timedelta(days=2, hours=2, minutes=30 + minute)
        decision = desk.decide(city.call("b", received_at=at), at, roster)
        assert getattr(decision, "team_id", None) == team


def test_help_and_regions_are_timed_at_the_moment_of_decision() -> None:
    """From the afternoon on every road takes twice as long, for a helper and for a region."""
    providers = (Provider("p", "P", frozenset({1})), Provider("q", "Q", frozenset({2})))
    program = Program("UNARMED", "Unarmed", frozenset({"welfare_check"}), providers, 600)
    aid = MutualAid({"q": frozenset({"p"})}, max_response_s=600, keep_home=0)
    policy = replace(default_policy(), programs=(program,), mutual_aid=aid)
    city = draw_city("a--b--c--d", teams={"T1": "d"}, divisions="1111112222", policy=policy)
    city = city.with_team("T1", provider="q").with_outlines()
    roads, built = city.network, city.world.travel_times
    assert isinstance(built, HourlyTravelTimes)
    times = HourlyTravelTimes(
        hour_at=lambda at: int(at.hour > 12),
        metric_of=lambda key: roads.free_flow_ms * np.int32(1 + key),
        engine_of=built._engine_of,
    )
    city = replace(city, world=replace(city.world, travel_times=times))
    means = []
    for hours, travel_s in ((0, 60.0), (2, 120.0)):
        at = NOON + timedelta(hours=hours)
        helped = city.decide(city.call("b", received_at=at), at)
        assert getattr(helped, "travel_time_s", None) == travel_s
        unsure = city.decide(city.call("c", received_at=at, uncertainty=box(6.5, 7.5)), at)
        assert unsure.area is not None
        means.append(unsure.area.expected_travel_ms or 0)
    assert 10_000 < means[0] < means[1]
