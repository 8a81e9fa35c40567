"""What a user would assemble by hand to route one call: two stacks of installable parts.

Both find the division, the nearest road and the times of all teams; neither asks who may go, nor
makes a decision object.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.segments import RoadSegments

__all__ = ["best_parts", "tutorial"]

Times = Callable[[float, float], tuple[Any, list[float]]]


def best_parts(
    network: RoadNetwork,
    polygons: npt.NDArray[Any],
    teams: Sequence[RoadPosition],
    scale: npt.NDArray[np.float64],
) -> Times:
    """Assemble shapely STRtrees and routingkit-cch: exact, mid-edge at both ends.

    Parameters
    ----------
    network : RoadNetwork
        The roads, at free flow.
    polygons : array of shapely geometries
        The divisions.
    teams : sequence of RoadPosition
        Where the teams are.
    scale : float64 array, shape (2,)
        Metres per degree of longitude and latitude.
    """
    kit = importlib.import_module("routingkit_cch")  # importing it is part of a cold start
    import shapely  # noqa: PLC0415

    divisions = shapely.STRtree(polygons)
    pieces = RoadSegments.of(network, np.ones(network.arcs, bool))
    lines = shapely.linestrings(pieces.ends.reshape(-1, 2, 2) * scale)
    roads = shapely.STRtree(lines)
    tail, head, ms = (a.tolist() for a in (network.tail, network.head, network.free_flow_ms))
    twin = network.twin.tolist()
    places = network.node_lat.tolist(), network.node_lon.tolist()
    order = kit.compute_order_inertial(network.nodes, tail, head, *places)
    metric = kit.CCHMetric(kit.CCH(order, tail, head, False), ms)
    exits = [_exit(team, head, ms) for team in teams]
    query = kit.CCHManyToOne(metric, [node for pair in exits for node, _ in pair])
    legs = [[left for _, left in pair] for pair in exits]
    arcs, before, after = pieces.arc.tolist(), pieces.before, pieces.after
    x, y = scale.tolist()

    def times(lon: float, lat: float) -> tuple[Any, list[float]]:
        division = divisions.query(shapely.Point(lon, lat), predicate="within")
        point = shapely.Point(lon * x, lat * y)
        piece = roads.nearest(point)
        along = lines[piece].project(point, normalized=True)
        arc, part = arcs[piece], before[piece] * (1 - along) + after[piece] * along
        enter = [(tail[arc], round(part * ms[arc]))]
        if (back := twin[arc]) >= 0:
            enter.append((tail[back], ms[back] - round(part * ms[back])))
        found = iter(query.distances_to_multi(enter))
        return division, [min(next(found) + left for left in pair) for pair in legs]

    return times


def _exit(team: RoadPosition, head: list[int], ms: list[int]) -> list[tuple[int, int]]:
    """List the nodes a team can leave its road by, each with the time to it."""
    ways = [(head[team.arc], ms[team.arc] - round(team.fraction * ms[team.arc]))]
    if team.twin >= 0:
        ways.append((head[team.twin], round(team.fraction * ms[team.twin])))
    return ways


def tutorial(
    network: RoadNetwork,
    polygons: npt.NDArray[Any],
    teams: Sequence[RoadPosition],
    scale: npt.NDArray[np.float64],
) -> Times:
    """Assemble geopandas.sjoin, osmnx.nearest_edges and networkx: from node to node.

    Parameters are those of `best_parts`.
    """
    import geopandas  # noqa: PLC0415  # importing it is part of a cold start
    import networkx as nx  # noqa: PLC0415
    import osmnx  # noqa: PLC0415

    divisions = geopandas.GeoDataFrame(geometry=polygons, crs=4326)
    graph = nx.MultiDiGraph(crs="EPSG:3857")  # any metric plane
    x, y = scale.tolist()
    for node in range(network.nodes):
        graph.add_node(node, x=network.node_lon[node] * x, y=network.node_lat[node] * y)
    ends = network.tail.tolist(), network.head.tolist(), network.free_flow_ms.tolist()
    for tail, head, ms in zip(*ends, strict=True):
        graph.add_edge(tail, head, travel_time=ms)
    starts = [int(network.head[team.arc]) for team in teams]

    def times(lon: float, lat: float) -> tuple[Any, list[float]]:
        point = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy([lon], [lat]), crs=4326)
        division = point.sjoin(divisions, predicate="within", how="left")
        goal, _, _ = osmnx.distance.nearest_edges(graph, lon * x, lat * y)
        found = [nx.shortest_path_length(graph, one, goal, "travel_time") for one in starts]
        return division, found

    return times
