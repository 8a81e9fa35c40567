"""Read a road network from a networkx graph as osmnx makes it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unarmed_router.errors import NetworkError
from unarmed_router.roads.network import RoadNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx

__all__ = ["from_networkx"]

_SPEEDS_REMEDY = "osmnx.add_edge_speeds and osmnx.add_edge_travel_times add both"


@dataclass(frozen=True, slots=True)
class _Edge:
    """One edge with its ends' names, for messages."""

    tail: Any
    head: Any
    data: Mapping[str, Any]

    def number(self, key: str, remedy: str) -> float:
        """Return an attribute as a number; the builder checks its range."""
        try:
            return float(self.data[key])
        except (KeyError, TypeError, ValueError, OverflowError):
            value = self.data.get(key)
            raise NetworkError(
                f"edge {self.tail} to {self.head}: {key} is {value!r:.80}, not a number; {remedy}"
            ) from None


def from_networkx(
    graph: nx.MultiDiGraph,
    *,
    length: str = "length",
    travel_time: str = "travel_time",
    speed_kph: str = "speed_kph",
    road_class: str = "highway",
    name: str = "name",
    minimum_ms: int = 0,
    metadata: Mapping[str, str] | None = None,
) -> RoadNetwork:
    """Build a network from a directed graph with coordinates in degrees.

    Parameters
    ----------
    graph : networkx.MultiDiGraph or networkx.DiGraph
        Nodes carry ``x`` (longitude) and ``y`` (latitude), edges the attributes below and an
        optional ``geometry`` (shapely LineString).
    length : str
        Edge attribute in metres; never computed for you.
    travel_time, speed_kph : str
        Edge attributes, seconds and km/h. The time is used where an edge has it, else the speed;
        an edge with neither is refused, never given a default.
    road_class, name : str
        Edge attributes, text or a list of texts (the alphabetically first class counts; names
        are joined); ``unclassified`` and no name where missing.
    minimum_ms : int
        0 refuses arcs of zero length or time; above 0, they take this time and are counted.
    metadata : mapping of str to str, optional
        Title, publisher, limits.

    Raises
    ------
    NetworkError
        An undirected or projected graph, a node without coordinates, an edge without length or
        time, or a broken value; naming the edge or node.
    """
    _check_graph(graph)
    numbers = {node: number for number, node in enumerate(graph.nodes)}
    edges = [_Edge(tail, head, data) for tail, head, data in graph.edges(data=True)]
    fix = "osmnx.distance.add_edge_lengths adds it"
    lengths = [edge.number(length, fix) for edge in edges]
    times = [
        _milliseconds(edge, metres, travel_time, speed_kph)
        for edge, metres in zip(edges, lengths, strict=True)
    ]
    places = [_place(node, data) for node, data in graph.nodes(data=True)]
    return RoadNetwork.from_arcs(
        node_lon=[lon for lon, _ in places],
        node_lat=[lat for _, lat in places],
        tail=[numbers[edge.tail] for edge in edges],
        head=[numbers[edge.head] for edge in edges],
        free_flow_ms=times,
        length_m=lengths,
        road_class=[min(_texts(edge, road_class), default="unclassified") for edge in edges],
        names=[" / ".join(_texts(edge, name)) for edge in edges],
        shapes=[
            _interior(edge, places[numbers[edge.tail]], places[numbers[edge.head]])
            for edge in edges
        ],
        metadata=metadata,
        minimum_ms=minimum_ms,
        source="networkx graph (edges in iteration order)",
    )


def _check_graph(graph: nx.Graph) -> None:
    """Refuse undirected graphs, and coordinates that are not degrees."""
    if not hasattr(graph, "is_directed"):
        raise NetworkError(f"a network is read of a networkx graph; got {graph!r:.80}")
    if not graph.is_directed():
        raise NetworkError(
            "the graph is undirected, so one-way streets are lost; pass a MultiDiGraph (in osmnx, "
            "the graph before convert.to_undirected; else graph.to_directed() if every road is "
            "two-way)"
        )
    crs = graph.graph.get("crs")
    if crs is None:
        return
    from pyproj import CRS  # noqa: PLC0415  # heavy
    from pyproj.exceptions import CRSError  # noqa: PLC0415  # as above

    try:
        in_degrees = CRS.from_user_input(crs).is_geographic
    except CRSError as error:
        raise NetworkError(
            f"the graph's coordinate system {crs!r} is not known; correct graph.graph['crs'], such "
            "as 'EPSG:4326' for degrees"
        ) from error
    if not in_degrees:
        raise NetworkError(
            f"the graph is projected ({crs}); pass it in degrees: "
            "osmnx.projection.project_graph(graph, to_latlong=True)"
        )


def _place(node: Any, data: Mapping[str, Any]) -> tuple[float, float]:
    """Return the coordinates of a node."""
    try:
        return float(data["x"]), float(data["y"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise NetworkError(
            f"node {node} has x={data.get('x')!r}, y={data.get('y')!r}; "
            "every node needs its longitude as x and its latitude as y"
        ) from None


def _milliseconds(edge: _Edge, metres: float, travel_time: str, speed_kph: str) -> float:
    """Return the time of an edge from its travel time or else its speed."""
    if edge.data.get(travel_time) is not None:
        return edge.number(travel_time, _SPEEDS_REMEDY) * 1000.0
    if edge.data.get(speed_kph) is None:
        raise NetworkError(
            f"edge {edge.tail} to {edge.head} has neither {travel_time} nor {speed_kph}; a speed "
            f"is never assumed: {_SPEEDS_REMEDY}"
        )
    speed = edge.number(speed_kph, _SPEEDS_REMEDY)
    if not speed > 0.0:
        raise NetworkError(
            f"edge {edge.tail} to {edge.head}: {speed_kph} is {speed}; it must be above 0 km/h"
        )
    return metres / (speed / 3.6) * 1000.0


def _texts(edge: _Edge, key: str) -> list[str]:
    """Return an attribute's texts sorted: osmnx lists them in no particular order."""
    value = edge.data.get(key)
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return []
    values = value if isinstance(value, list | tuple | set) else [value]
    return sorted(str(text) for text in values)


def _interior(
    edge: _Edge, start: tuple[float, float], end: tuple[float, float]
) -> list[tuple[float, float]]:
    """Return the vertices between the ends, from tail to head."""
    geometry = edge.data.get("geometry")
    if geometry is None:
        return []
    if getattr(geometry, "geom_type", None) != "LineString" or geometry.is_empty:
        raise NetworkError(
            f"edge {edge.tail} to {edge.head}: geometry is {str(geometry)[:60]!r}, not a shapely "
            "LineString; osmnx.load_graphml reads texts back into lines"
        )
    line = [(float(vertex[0]), float(vertex[1])) for vertex in geometry.coords]
    # Some tools keep one line for both directions: it then starts at the head. Its ends may lie
    # beside the nodes by rounding.
    ahead = math.dist(line[0], start) + math.dist(line[-1], end)
    backward = math.dist(line[-1], start) + math.dist(line[0], end) < ahead
    return line[-2:0:-1] if backward else line[1:-1]
