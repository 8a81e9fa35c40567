"""The desk around the kernel: moments, grounds, and calls that another provider cannot reach."""

from __future__ import annotations

import gc
import weakref
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any

import numpy as np
import pytest

from tests.scenarios.city import LAT, NOON, City, default_policy, draw_city
from unarmed_router.dispatch.counterfactual import counterfactual
from unarmed_router.dispatch.desk import Desk
from unarmed_router.errors import InputError
from unarmed_router.model.decision import Referral
from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.shift import Shift
from unarmed_router.model.team import TeamStatus
from unarmed_router.travel_time.hourly import HourlyTravelTimes

ARCS = 4
"""Of `town`: two stretches of road, each both ways."""
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
    """No own team is free and the call is far from every road: nobody could come, helper or not."""
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
    assert decision.reason is ReferralReason.NO_ROAD_NEARBY
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


def test_a_desk_does_not_keep_an_hour_that_was_let_go() -> None:
    """Labels of an hour take memory: with room for one, the hour before is gone."""
    city = town().compiled()
    roads, built = city.network, city.world.travel_times
    assert isinstance(built, HourlyTravelTimes)
    made: list[weakref.ref[Any]] = []

    def engine_of(arc_ms: Any) -> Any:
        engine: Any = built._engine_of(arc_ms)
        made.append(weakref.ref(engine.packed))
        return engine

    times = HourlyTravelTimes(
        hour_at=lambda at: at.hour,
        metric_of=lambda key: roads.free_flow_ms * np.int32(1 + key),
        engine_of=engine_of,
        keep=1,
    )
    desk, roster = Desk(replace(city.world, travel_times=times)), city.roster().snapshot()
    for hours in (0, 1, 2):
        at = NOON + timedelta(hours=hours)
        desk.decide(city.call("b", received_at=at), at, roster)
    gc.collect()
    assert [metric() is None for metric in made] == [True, True, False]


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


def test_one_desk_sees_a_team_come_and_go() -> None:
    """Each snapshot is read as it is, whichever was read before."""
    city = draw_city("a--b--c", teams={"T1": "a", "T2": "c"}).compiled()
    desk = Desk(city.world)
    free = city.roster().snapshot()
    busy = city.with_team("T1", status=TeamStatus.ON_SCENE).roster().snapshot()
    near = city.call("a")
    for roster, team in ((free, "T1"), (busy, "T2"), (free, "T1")):
        for found in (desk.decide(near, NOON, roster), *desk.decide_many([near], [NOON], roster)):
            assert getattr(found, "team_id", None) == team


@pytest.mark.parametrize("name", ["home_road", "fix_road"])
@pytest.mark.parametrize(
    "change",
    [
        {"arc": ARCS},
        {"arc": 10**6},
        {"arc": -2},
        {"twin": -1},
        {"fraction": 1.5},
        {"fraction": float("nan")},
    ],
    ids=str,
)
def test_teams_on_other_roads_are_refused(name: str, change: dict[str, Any]) -> None:
    """A snapshot that was read back may be of another network; a kernel would read past its end."""
    city = town().compiled()
    roster = city.roster()
    roster.record_fix("T1", lon=city.places["b"][0], lat=city.places["b"][1], at=NOON)
    snapshot = roster.snapshot()
    assert len(city.network.tail) == ARCS
    first, *others = snapshot.teams
    road = getattr(first, name)
    moved = RosterSnapshot((replace(first, **{name: replace(road, **change)}), *others))
    desk, call = Desk(city.world), city.call("b")
    for ask in (
        lambda: desk.decide(call, NOON, moved),
        lambda: desk.decide_many([call], [NOON], moved),
        lambda: Desk(city.world).decide_many([call], [NOON], moved),
    ):
        with pytest.raises(InputError, match=r"T1.* not of this network"):
            ask()
    again = RosterSnapshot(snapshot.teams)
    assert desk.decide(call, NOON, again) == desk.decide(call, NOON, snapshot)
