"""Roads, speeds and travel times together, on the embedded network, against networkx."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import unarmed_router
from unarmed_router.agency.hours import LocalHours
from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.network_file import load_network
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.roads.speeds import HourOfWeekProfile
from unarmed_router.travel_time.dijkstra import DijkstraTravelTimes
from unarmed_router.travel_time.hourly import HourlyTravelTimes

DATA = Path(unarmed_router.__file__).parent / "data" / "los_angeles"
CITY = LocalHours("America/Los_Angeles")


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    """Load the embedded network."""
    return load_network(DATA / "roads.network")


@pytest.fixture(scope="module")
def times(network: RoadNetwork) -> HourlyTravelTimes:
    """Put network, profile and engine together as the router does."""
    profile = HourOfWeekProfile.read_csv(
        DATA / "congestion.csv", group_of={"motorway": "motorway"}, default="arterial"
    )
    return HourlyTravelTimes(
        hour_at=lambda at: profile.representative(CITY.hour_of_week(at)),
        metric_of=lambda hour: profile.arc_ms(
            free_flow_ms=network.free_flow_ms,
            road_class=network.road_class,
            classes=network.classes,
            hour=hour,
        ),
        engine_of=lambda arc_ms: DijkstraTravelTimes(
            nodes=network.nodes,
            tail=network.tail,
            head=network.head,
            twin=network.twin,
            arc_ms=arc_ms,
        ),
    )


def test_times_between_crossings_equal_networkx(
    network: RoadNetwork, times: HourlyTravelTimes
) -> None:
    """From tails of arcs to one tail, at free flow and in the rush hour."""
    draw = np.random.default_rng(11)
    arcs = [int(arc) for arc in draw.integers(0, network.arcs, 40)]
    positions = [RoadPosition(arc, int(network.twin[arc]), 0.0, 0.0, 0) for arc in arcs]
    for at in (datetime(2024, 1, 1, 11, tzinfo=UTC), datetime(2024, 1, 2, 1, tzinfo=UTC)):
        engine = times.engine_at(at)
        assert isinstance(engine, DijkstraTravelTimes)
        graph = nx.DiGraph()
        ends = zip(network.head.tolist(), network.tail.tolist(), strict=True)
        graph.add_edges_from(
            (head, tail, {"ms": ms})
            for (head, tail), ms in zip(ends, engine._arc_ms.tolist(), strict=True)
        )
        goal = positions[0]
        expected = nx.single_source_dijkstra_path_length(
            graph, int(network.tail[goal.arc]), weight="ms"
        )
        found = times.to_call(positions, goal, at)
        assert found == [expected[int(network.tail[arc])] for arc in arcs]


def test_the_rush_hour_is_slower(network: RoadNetwork, times: HourlyTravelTimes) -> None:
    """The same trip on a Monday at 08 h and at 03 h."""
    snapper = EdgeSnapper(network)
    harbour, centre = snapper.snap(lon=-118.28, lat=33.74), snapper.snap(lon=-118.245, lat=34.05)
    assert harbour is not None
    assert centre is not None
    night, rush = (
        times.to_call([harbour], centre, datetime(2024, 1, 8, hour, tzinfo=CITY.zone))[0]
        for hour in (3, 8)
    )
    assert night is not None
    assert rush is not None
    assert 20 * 60_000 < night < rush < 80 * 60_000
