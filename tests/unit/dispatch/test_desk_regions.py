"""The desk of a call whose position is uncertain: where it is sent, and timed from where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.scenarios.city import EAST, LAT, LON, NOON, NORTH, default_policy, draw_city
from unarmed_router.model.decision import Referral
from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.team import TeamStatus
from unarmed_router.model.uncertainty import Area
from unarmed_router.travel_time.hourly import HourlyTravelTimes


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


def test_a_call_that_is_likely_outside_is_referred() -> None:
    """Nine tenths of its outline lie beyond the last division."""
    city = draw_city("a--b--c--d", teams={"T1": "a"}, divisions="11111.....").with_outlines()
    decision = city.decide(city.call("b", uncertainty=box(4.1, 9.0)))
    assert isinstance(decision, Referral)
    assert decision.reason is ReferralReason.OUT_OF_JURISDICTION
    assert decision.place.division is None
    assert decision.area is not None
    assert decision.area.unplaced == pytest.approx(0.1, abs=1e-4)


def test_the_second_team_of_the_roster_is_timed_from_its_own_home() -> None:
    """Over the region a call may be in: the first team is busy and far from it."""
    city = draw_city("a--b--c--d", teams={"T1": "a", "T2": "d"}).with_outlines()
    city = city.with_team("T1", status=TeamStatus.ON_SCENE)
    decision = city.decide(city.call("d", uncertainty=box(8.5, 9.4)))
    assert decision.area is not None
    assert decision.area.expected_travel_ms is not None
    assert decision.area.expected_travel_ms < 20_000


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
