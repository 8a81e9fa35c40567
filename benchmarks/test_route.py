"""One call from end to end, beside the parts a user would assemble by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from unarmed_router import Answer, Call, Recommendation, Router

AT = datetime(2026, 11, 20, 18, tzinfo=UTC)


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
