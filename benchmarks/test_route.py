"""Calls from end to end, beside the parts a user would assemble by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from benchmarks.calls import (
    AT,
    BATCH,
    eligible,
    read,
    scattered,
    sent,
    spread_over,
    with_outlines,
)
from benchmarks.measure import build, peer, timed
from benchmarks.ours import labelled
from benchmarks.stacks import Times, best_parts, tutorial
from unarmed_router import Call, Decision, Recommendation, Router
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.snapping import EdgeSnapper

OUTSIDE = {"lon": -118.4912, "lat": 34.0195}


@pytest.mark.benchmark(group="route one call")
def test_route_ours(benchmark: Any, router: Router, call: Call) -> None:
    """`Router.route`: the decision object; its fields are written when they are first read."""
    decision = benchmark(router.route, call, at=AT)
    assert isinstance(decision, Recommendation)
    benchmark.extra_info["timed"] = len(decision.candidates)


@pytest.mark.benchmark(group="route one call")
def test_route_read(benchmark: Any, router: Router, call: Call) -> None:
    """`Router.route`, then team, travel time, response time and ETA are read."""
    benchmark(lambda: read(router.route(call, at=AT)))


@pytest.mark.benchmark(group="route one call")
def test_route_explain(benchmark: Any, router: Router, call: Call) -> None:
    """`Router.route` and its explanation for a dispatcher."""
    benchmark(lambda: router.route(call, at=AT).explain())


@pytest.mark.benchmark(group="route one call")
def test_route_to_json(benchmark: Any, router: Router, call: Call) -> None:
    """`Router.route` and its canonical JSON: every field is written."""
    benchmark(lambda: router.route(call, at=AT).to_json())


@pytest.mark.benchmark(group="route one call")
def test_route_referred(benchmark: Any, router: Router) -> None:
    """`Router.route` of a call outside the city: no travel time is needed."""
    benchmark(router.route, eligible(router, **OUTSIDE), at=AT)


@pytest.mark.benchmark(group="route one call")
def test_route_referred_read(benchmark: Any, router: Router) -> None:
    """The same, then why and who takes the call instead are read."""
    outside = eligible(router, **OUTSIDE)
    benchmark(lambda: read(router.route(outside, at=AT)))


@pytest.mark.benchmark(group="route one call")
def test_route_ours_places(benchmark: Any, router: Router, call: Call, teams: Any) -> None:
    """What places cost us: division, road and the times of six teams, without a decision."""
    agency = router.agency

    def run() -> Any:
        agency.divisions.locate(lon=call.lon, lat=call.lat)
        goal = agency.roads.snap(lon=call.lon, lat=call.lat)
        assert goal is not None
        return agency.world.travel_times.to_call(teams, goal, AT)

    timed(benchmark, run)


@pytest.mark.benchmark(group="route one call")
def test_route_parts(benchmark: Any, router: Router, call: Call, polygons: Any) -> None:
    """Shapely for the division and the nearest road, scipy for the times of six teams."""
    network = router.agency.network
    divisions = shapely.STRtree(polygons)
    ends = np.stack(
        [
            np.column_stack([network.node_lon[network.tail], network.node_lat[network.tail]]),
            np.column_stack([network.node_lon[network.head], network.node_lat[network.head]]),
        ],
        axis=1,
    )
    roads = shapely.STRtree(shapely.linestrings(ends))
    backwards = csr_matrix(
        (network.free_flow_ms.astype(float), (network.head, network.tail)),
        shape=(network.nodes, network.nodes),
    )
    homes = shapely.points(
        [(state.team.home_lon, state.team.home_lat) for state in router.roster.snapshot().teams]
    )
    starts = network.head[roads.nearest(homes)]

    def parts() -> Any:
        point = shapely.Point(call.lon, call.lat)
        divisions.query(point, predicate="within")
        arc = roads.nearest(point)
        return dijkstra(backwards, indices=network.tail[arc])[starts]

    benchmark(parts)


@pytest.fixture(scope="module")
def teams(router: Router) -> list[RoadPosition]:
    """Find where the teams of the roster are."""
    found = [state.home_road for state in router.roster.snapshot().teams]
    return [position for position in found if position is not None]


@pytest.fixture(scope="module")
def exact(router: Router, teams: list[RoadPosition], call: Call) -> list[int | None]:
    """Time the teams at free flow with our engine, access legs left out."""
    goal = EdgeSnapper(router.agency.network).snap(lon=call.lon, lat=call.lat)
    assert goal is not None
    found = labelled("embedded").from_positions(teams, goal)
    access = [team.access_ms + goal.access_ms for team in teams]
    return [None if a is None else a - b for a, b in zip(found, access, strict=True)]


def _stack(
    benchmark: Any, made: tuple[Times, dict[str, float]], call: Call, exact: Any, rounds: int
) -> None:
    """Time a stack on the call, and compare its times of all teams with ours."""
    times, cost = made
    _, found = timed(benchmark, lambda: times(call.lon, call.lat), rounds=rounds)
    benchmark.extra_info.update(cost)
    error = np.abs(np.array(found, float) - np.array(exact, float)).max()
    benchmark.extra_info["error_ms"] = float(error)


@pytest.mark.benchmark(group="route one call")
def test_route_stack(
    benchmark: Any, router: Router, call: Call, polygons: Any, teams: Any, exact: Any
) -> None:
    """The best stack of parts: shapely trees and routingkit-cch, exact, teams pinned once."""
    peer("routingkit_cch")
    scale = np.array(metres_per_degree(call.lat))
    made = build(lambda: best_parts(router.agency.network, polygons, teams, scale))
    _stack(benchmark, made, call, exact, 0)


@pytest.mark.benchmark(group="route one call")
def test_route_stack_fit(
    benchmark: Any, router: Router, call: Call, polygons: Any, teams: Any, exact: Any
) -> None:
    """The same stack when it is told, outside the clock, which teams our screening leaves."""
    peer("routingkit_cch")
    scale = np.array(metres_per_degree(call.lat))
    going = {one.team_id for one in router.route(call, at=AT).candidates}
    states = router.roster.snapshot().teams
    fit = [row for row, state in enumerate(states) if state.team.team_id in going]
    some, times = [teams[row] for row in fit], [exact[row] for row in fit]
    made = build(lambda: best_parts(router.agency.network, polygons, some, scale))
    _stack(benchmark, made, call, times, 0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.benchmark(group="route one call")
def test_route_tutorial(
    benchmark: Any, router: Router, call: Call, polygons: Any, teams: Any, exact: Any
) -> None:
    """What a tutorial shows: geopandas.sjoin, osmnx.nearest_edges and networkx, node to node."""
    peer("osmnx")
    scale = np.array(metres_per_degree(call.lat))
    made = build(lambda: tutorial(router.agency.network, polygons, teams, scale))
    _stack(benchmark, made, call, exact, 3)


@pytest.mark.benchmark(group="route 10,000 calls")
def test_route_many(benchmark: Any, router: Router) -> None:
    """`Router.route_many`: calls at random crossings of the city, a quarter recommended."""
    _many(benchmark, router, scattered(router, BATCH))


@pytest.mark.benchmark(group="route 10,000 calls")
def test_route_many_read(benchmark: Any, router: Router) -> None:
    """The same, then team and times of each decision are read, or why it is referred to whom."""
    _many(benchmark, router, scattered(router, BATCH), each=read)


@pytest.mark.benchmark(group="route 10,000 calls")
def test_route_many_sent(benchmark: Any, router: Router) -> None:
    """`Router.route_many`: calls in served divisions, a team sent to every one."""
    _many(benchmark, router, sent(router, BATCH))


@pytest.mark.benchmark(group="route 10,000 calls")
def test_route_many_sent_read(benchmark: Any, router: Router) -> None:
    """The same, then team and times of each decision are read."""
    _many(benchmark, router, sent(router, BATCH), each=read)


@pytest.mark.benchmark(group="route 10,000 calls")
@pytest.mark.parametrize("days", [1, 7])
def test_route_many_days(benchmark: Any, router: Router, days: int) -> None:
    """Calls at random crossings, each decided when it was received, in order, over so many days."""
    speeds, hours = router.agency.speeds, router.agency.hours
    calls = spread_over(router, BATCH, days)
    keys = [hours.hour_of_week(call.received_at) for call in calls]
    metrics = len({speeds.profile.representative(key) for key in keys})
    _many(benchmark, router, calls, at=None, rounds=7 if days == 1 else 2, metrics=metrics)


@pytest.mark.benchmark(group="route 10,000 calls")
def test_route_many_outlined(benchmark: Any, router: Router) -> None:
    """The calls of `test_route_many`, under a policy with two outlined areas of a program more."""
    _many(benchmark, with_outlines(router), scattered(router, BATCH))


def _many(
    benchmark: Any,
    router: Router,
    calls: list[Call],
    *,
    at: datetime | None = AT,
    each: Callable[[Decision], Any] | None = None,
    rounds: int = 9,
    **facts: Any,
) -> None:
    """Time a batch, decisions kept to its end; how many recommend is recorded."""

    def run() -> list[Decision]:
        decisions = router.route_many(calls, at=at)
        if each is not None:
            for decision in decisions:
                each(decision)
        return decisions

    found = timed(benchmark, run, amount=len(calls), rounds=rounds, **facts)
    recommended = sum(isinstance(decision, Recommendation) for decision in found)
    benchmark.extra_info["recommended"] = recommended


def _places(router: Router, count: int) -> list[tuple[float, float]]:
    """Draw crossings of the city as places."""
    network = router.agency.network
    nodes = np.random.default_rng(6).integers(0, network.nodes, count)
    return list(
        zip(network.node_lon[nodes].tolist(), network.node_lat[nodes].tolist(), strict=True)
    )


@pytest.mark.benchmark(group="matrix of 24 x 1,000 places, embedded")
def test_matrix(benchmark: Any, router: Router) -> None:
    """`Router.travel_times` between places of the city: snapped, timed, access legs added."""
    places = _places(router, 1_024)
    found = timed(
        benchmark,
        lambda: router.travel_times(places[:24], places[24:], at=AT),
        amount=24_000,
        rounds=9,
    )
    assert (found >= 0).all()
