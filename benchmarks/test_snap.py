"""Point to nearest road: one point, and 100,000 points, beside shapely and osmnx."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import shapely

from benchmarks.measure import peer, roads, timed
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.segments import RoadSegments
from unarmed_router.roads.snapping import EdgeSnapper

POINTS = 100_000
FEW = 100
CITIES = ("embedded", "la_basin")


@cache
def points(name: str, count: int = POINTS) -> tuple[Any, Any]:
    """Draw points within some 300 m of crossings."""
    network = roads(name)
    rng = np.random.default_rng(7)
    node = rng.integers(0, network.nodes, count)
    spread = rng.normal(0.0, 0.002, (2, count))
    return network.node_lon[node] + spread[0], network.node_lat[node] + spread[1]


class Plane:
    """A plane in metres that touches the earth at the middle of a network."""

    def __init__(self, network: RoadNetwork) -> None:
        middle = float(network.node_lat.min() + network.node_lat.max()) / 2
        self.scale = np.array(metres_per_degree(middle))

    def points(self, lons: Any, lats: Any) -> Any:
        """Place points in the plane."""
        return shapely.points(np.column_stack([lons, lats]) * self.scale)

    def tree(self, network: RoadNetwork) -> shapely.STRtree:
        """Index every straight piece of road, as ours does: two-way roads once."""
        pieces = RoadSegments.of(network, np.ones(network.arcs, bool)).ends
        return shapely.STRtree(shapely.linestrings(pieces.reshape(-1, 2, 2) * self.scale))


@cache
def snapper(name: str) -> EdgeSnapper:
    """Index a network once."""
    return EdgeSnapper(roads(name), limit_m=20_000.0)


@cache
def planar(name: str) -> tuple[Plane, shapely.STRtree]:
    """Index a network once, as a tree."""
    plane = Plane(roads(name))
    return plane, plane.tree(roads(name))


@pytest.mark.benchmark(group="snap 100,000 points")
@pytest.mark.parametrize("name", CITIES)
def test_many_ours(benchmark: Any, name: str) -> None:
    """`snap_many`: road, place along it, distance, access time."""
    lons, lats = points(name)
    snap = snapper(name).snap_many
    timed(
        benchmark,
        lambda: snap(lons=lons, lats=lats),
        amount=POINTS,
        rounds=7,
        name="ours",
        size=roads(name).arcs,
    )


@pytest.mark.benchmark(group="snap 100,000 points")
@pytest.mark.parametrize("name", CITIES)
def test_many_shapely_nearest(benchmark: Any, name: str) -> None:
    """`STRtree.nearest` of ready points: which piece of road only."""
    (plane, tree), where = planar(name), points(name)
    ready = plane.points(*where)
    found = timed(benchmark, lambda: tree.nearest(ready), amount=POINTS, rounds=3, name="shapely")
    _check(benchmark, name, shapely.distance(ready, tree.geometries[found]))


@pytest.mark.benchmark(group="snap 100,000 points")
@pytest.mark.parametrize("name", CITIES)
def test_many_shapely_same_work(benchmark: Any, name: str) -> None:
    """`STRtree.query_nearest` from degrees, with distances and places along: the same answer."""
    (plane, tree), where = planar(name), points(name)

    def run() -> Any:
        ready = plane.points(*where)
        (_, found), distance = tree.query_nearest(ready, all_matches=False, return_distance=True)
        shapely.line_locate_point(tree.geometries[found], ready, normalized=True)
        return distance

    _check(benchmark, name, timed(benchmark, run, amount=POINTS, rounds=3, name="shapely_work"))


def _check(benchmark: Any, name: str, distance: Any) -> None:
    """Compare distances with ours; planes that touch at other latitudes differ a little."""
    lons, lats = points(name)
    ours = snapper(name).snap_many(lons=lons, lats=lats).snap_m
    benchmark.extra_info["error_m"] = float(np.abs(distance - ours).max())
    assert np.allclose(distance, ours, rtol=2e-2, atol=0.5)


@pytest.mark.benchmark(group="snap one point")
@pytest.mark.parametrize("name", CITIES)
def test_one_ours(benchmark: Any, name: str) -> None:
    """`EdgeSnapper.snap`."""
    lons, lats = (float(column[0]) for column in points(name))
    timed(benchmark, lambda: snapper(name).snap(lon=lons, lat=lats), name="ours")


@pytest.mark.benchmark(group="snap one point")
@pytest.mark.parametrize("name", CITIES)
def test_one_shapely(benchmark: Any, name: str) -> None:
    """`STRtree.nearest` of one point."""
    plane, tree = planar(name)
    lons, lats = (column[0] for column in points(name))
    x, y = plane.scale
    timed(benchmark, lambda: tree.nearest(shapely.Point(lons * x, lats * y)), name="shapely")


@cache
def osm_graph(name: str) -> Any:
    """Write a network as osmnx keeps one, in the plane."""
    nx, network = peer("networkx"), roads(name)
    graph = nx.MultiDiGraph(crs="EPSG:3857")  # any metric plane: osmnx asks only that it is one
    x, y = Plane(network).scale
    for node in range(network.nodes):
        graph.add_node(node, x=network.node_lon[node] * x, y=network.node_lat[node] * y)
    for arc in range(network.arcs):
        graph.add_edge(int(network.tail[arc]), int(network.head[arc]))
    return graph


@pytest.mark.filterwarnings("ignore")
@pytest.mark.benchmark(group="snap a few points")
@pytest.mark.parametrize("name", CITIES)
@pytest.mark.parametrize("count", [1, FEW])
def test_few_ours(benchmark: Any, name: str, count: int) -> None:
    """`snap_many` of as many points."""
    lons, lats = points(name, count)
    snap = snapper(name).snap_many
    timed(benchmark, lambda: snap(lons=lons, lats=lats), amount=count, name="ours")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.benchmark(group="snap a few points")
@pytest.mark.parametrize("name", CITIES)
@pytest.mark.parametrize("count", [1, FEW])
def test_few_osmnx(benchmark: Any, name: str, count: int) -> None:
    """`osmnx.nearest_edges`, which indexes the whole graph on each call."""
    osmnx, graph = peer("osmnx"), osm_graph(name)
    x, y = np.column_stack(points(name, count)).T * Plane(roads(name)).scale[:, None]
    timed(
        benchmark,
        lambda: osmnx.distance.nearest_edges(graph, x, y),
        amount=count,
        rounds=3,
        name="osmnx",
    )
