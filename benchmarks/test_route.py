"""Calls from end to end, beside the parts a user would assemble by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from benchmarks.measure import build, peer, timed
from benchmarks.stacks import Times, best_parts, tutorial
from unarmed_router import Answer, Call, Recommendation, Router
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.ordering import nested_dissection
from unarmed_router.travel_time.topology import Topology

AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
BATCH = 10_000


@pytest.fixture(scope="module")
def call(router: Router) -> Call:
    """Make an eligible call in a served division."""
    facts = dict.fromkeys(router.agency.world.policy.facts, Answer.NO)
    return Call(
        call_id="1",
        lon=-118.309,
        lat=34.0606,
        call_type="welfare_check",
        received_at=AT,
        facts=facts,
    )


@pytest.mark.benchmark(group="route one call")
def test_route_ours(benchmark: Any, router: Router, call: Call) -> None:
    """`Router.route`: six steps and the whole decision object."""
    decision = benchmark(router.route, call, at=AT)
    assert isinstance(decision, Recommendation)


@pytest.mark.benchmark(group="route one call")
def test_route_to_json(benchmark: Any, router: Router, call: Call) -> None:
    """`Router.route` and its canonical JSON."""
    benchmark(lambda: router.route(call, at=AT).to_json())


@pytest.mark.benchmark(group="route one call")
def test_route_referred(benchmark: Any, router: Router, call: Call) -> None:
    """`Router.route` of a call outside the city: no travel time is needed."""
    outside = Call(
        call_id="1", lon=-118.4912, lat=34.0195, call_type=call.call_type, received_at=AT
    )
    benchmark(router.route, outside, at=AT)


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
    network = router.agency.network
    rank = nested_dissection(
        nodes=network.nodes,
        tail=network.tail,
        head=network.head,
        lon=network.node_lon,
        lat=network.node_lat,
    )
    shape = Topology.build(rank=rank, tail=network.tail, head=network.head)
    times = HierarchyTravelTimes(topology=shape, twin=network.twin, arc_ms=network.free_flow_ms)
    goal = EdgeSnapper(network).snap(lon=call.lon, lat=call.lat)
    assert goal is not None
    found = times.from_positions(teams, goal)
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
def test_route_many(benchmark: Any, router: Router, call: Call) -> None:
    """`Router.route_many`: calls at random places of the city, decision objects and all."""
    rng = np.random.default_rng(5)
    network = router.agency.network
    nodes = rng.integers(0, network.nodes, BATCH)
    calls = [
        Call(
            call_id=str(number),
            lon=float(network.node_lon[node]),
            lat=float(network.node_lat[node]),
            call_type=call.call_type,
            received_at=AT,
            facts=call.facts,
        )
        for number, node in enumerate(nodes)
    ]
    decisions = timed(benchmark, lambda: router.route_many(calls, at=AT), amount=BATCH, rounds=3)
    sent = sum(isinstance(decision, Recommendation) for decision in decisions)
    benchmark.extra_info["recommended"] = sent


@pytest.mark.benchmark(group="matrix of 24 x 1,000 places, embedded")
def test_matrix(benchmark: Any, router: Router) -> None:
    """`Router.travel_times` between places of the city: snapped, timed, access legs added."""
    rng = np.random.default_rng(6)
    network = router.agency.network
    places = [
        (float(network.node_lon[node]), float(network.node_lat[node]))
        for node in rng.integers(0, network.nodes, 1_024)
    ]
    found = timed(
        benchmark,
        lambda: router.travel_times(places[:24], places[24:], at=AT),
        amount=1_000,
        rounds=5,
    )
    assert (found >= 0).all()
