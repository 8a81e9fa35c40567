"""What a researcher waits for: reach and coverage of a whole city, and streams of calls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from unarmed_router import Router
from unarmed_router.research.coverage import coverage
from unarmed_router.research.isochrones import isochrones
from unarmed_router.research.origins import Origins, origins_of_teams
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.weighed_places import tract_places
from unarmed_router.simulation.default_stream import agency_stream

TEAMS = 60
CALLS = 100_000


@pytest.fixture(scope="module")
def fleet(router: Router) -> Origins:
    """Draw homes of 60 teams at crossings of the embedded network; each may go everywhere."""
    network = router.agency.network
    nodes = np.random.default_rng(6).choice(network.nodes, TEAMS, replace=False)
    points = router.agency.roads.snap_many(
        lons=network.node_lon[nodes], lats=network.node_lat[nodes]
    )
    ids = tuple(f"T{number}" for number in range(TEAMS))
    return Origins(ids, points, np.full(TEAMS, 90.0), (None,) * TEAMS, (None,) * TEAMS)


@pytest.mark.benchmark(group="coverage")
@pytest.mark.parametrize("hours", [1, 24, 168])
def test_coverage_city(benchmark: Any, router: Router, fleet: Origins, hours: int) -> None:
    """`coverage` of 60 teams over all tracts at so many hours, metrics and all."""
    places = tract_places(router.agency)

    def run() -> float:
        reach = RoadReach(router.agency.speeds)
        found = coverage(reach, fleet, places, hours=range(hours), minutes=[5, 10, 15, 30])
        return float(found.over_hours("population")[-1])

    assert benchmark.pedantic(run, rounds=3, warmup_rounds=1) > 0.99


@pytest.mark.benchmark(group="coverage")
def test_coverage_nodes(benchmark: Any, router: Router, fleet: Origins) -> None:
    """`RoadReach.to_nodes` of 60 teams at 24 hours, metrics and all."""

    def run() -> int:
        reach = RoadReach(router.agency.speeds)
        return sum(int(reach.to_nodes(fleet.points, hour=hour).min() >= 0) for hour in range(24))

    assert benchmark.pedantic(run, rounds=3, warmup_rounds=1) == 24


@pytest.mark.benchmark(group="coverage")
def test_coverage_isochrones(benchmark: Any, router: Router) -> None:
    """`isochrones` of the embedded roster at one hour: three thresholds, squares of 200 m."""
    agency, reach = router.agency, RoadReach(router.agency.speeds)
    origins = origins_of_teams(agency)

    def run() -> int:
        frame = isochrones(
            reach,
            origins,
            network=agency.network,
            roads=agency.roads,
            minutes=[5, 10, 15],
            hour=17,
        )
        return len(frame)

    assert benchmark.pedantic(run, rounds=3, warmup_rounds=1) == 3


@pytest.mark.benchmark(group="streams")
def test_stream_draw(benchmark: Any, router: Router) -> None:
    """`CallStream`: 100,000 calls drawn and dropped."""
    start = datetime(2026, 1, 5, 8, tzinfo=UTC)
    stream = agency_stream(router.agency, start=start, seed=1, count=CALLS)

    def run() -> int:
        return sum(1 for _ in stream)

    assert benchmark.pedantic(run, rounds=3, warmup_rounds=1) == CALLS
    benchmark.extra_info["calls"] = CALLS
