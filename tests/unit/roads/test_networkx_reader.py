"""Reading graphs as osmnx makes them: never a default speed, never hop counts."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from shapely.geometry import LineString, MultiLineString

from unarmed_router.errors import NetworkError
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.networkx_reader import from_networkx


def graph(**first: Any) -> nx.MultiDiGraph:
    """Draw a triangle of osmnx ids; `first` changes the edge from 11 to 22, None removes a key."""
    town = nx.MultiDiGraph(crs="epsg:4326")
    town.add_node(11, x=0.1, y=0.1)
    town.add_node(22, x=0.109, y=0.1)
    town.add_node(33, x=0.109, y=0.109)
    edge = {"length": 1000.0, "travel_time": 90.0, "highway": "primary", "name": "First"} | first
    town.add_edge(11, 22, **{key: value for key, value in edge.items() if value is not None})
    town.add_edge(22, 33, length=500.0, speed_kph=30.0, highway="residential")
    town.add_edge(33, 11, length=1500.0, speed_kph=30.0, travel_time=100.0)
    return town


def test_times_come_from_travel_time_or_else_from_speed() -> None:
    """Seconds where an edge has them, else metres at km/h."""
    network = from_networkx(graph())
    assert network.free_flow_ms.tolist() == [90_000, 60_000, 100_000]
    assert network.node_lon.tolist() == [0.1, 0.109, 0.109]


def test_the_classmethod_reads_the_same() -> None:
    """`RoadNetwork.from_networkx` is the same reader."""
    assert RoadNetwork.from_networkx(graph()).digest == from_networkx(graph()).digest


def test_lists_of_classes_and_names_are_read_in_a_fixed_order() -> None:
    """Osmnx merges edges into lists whose order differs from run to run."""
    some = from_networkx(graph(highway=["trunk", "primary"], name=["B", "A"]))
    same = from_networkx(graph(highway=["primary", "trunk"], name=["A", "B"]))
    assert some.digest == same.digest
    assert some.names == ("A / B",)
    assert some.classes == ("primary", "residential", "unclassified")


@pytest.mark.parametrize("beside", [0.0, 1e-9])
@pytest.mark.parametrize("backward", [False, True])
def test_geometry_runs_from_tail_to_head(backward: bool, beside: float) -> None:
    """A line stored the other way round is turned, even where rounding moved its ends."""
    line = [(0.1, 0.1 + beside), (0.103, 0.101), (0.106, 0.101), (0.109, 0.1 - beside)]
    network = from_networkx(graph(geometry=LineString(line[::-1] if backward else line)))
    assert network.shape_lon.tolist() == [0.103, 0.106]


def test_other_attribute_names_can_be_given() -> None:
    """Length, time and speed may be called something else."""
    town = graph(length=None, metres=1000.0, travel_time=None, secs=80.0)
    for _, _, edge in town.edges(data=True):
        edge.setdefault("metres", edge.get("length"))
        edge.setdefault("secs", 60.0)
    network = from_networkx(town, length="metres", travel_time="secs")
    assert network.free_flow_ms.tolist() == [80_000, 60_000, 60_000]


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ({"length": None}, "edge 11 to 22: length is None, not a number; .*add_edge_lengths"),
        ({"length": "far"}, "edge 11 to 22: length is 'far', not a number"),
        ({"travel_time": None}, "edge 11 to 22 has neither travel_time nor speed_kph; .*never"),
        ({"travel_time": "[1, 2]"}, "edge 11 to 22: travel_time is .*add_edge_speeds"),
        ({"travel_time": None, "speed_kph": 0.0}, "speed_kph is 0.0; it must be above 0"),
        ({"travel_time": 0.0}, "zero time 0.0 in row 0"),
        ({"travel_time": float("nan")}, "time nan in row 0"),
        ({"geometry": "LINESTRING (0.1 0.1, 0.109 0.1)"}, "edge 11 to 22: geometry is 'LINESTRING"),
        ({"geometry": LineString()}, "edge 11 to 22: geometry is 'LINESTRING EMPTY'"),
        ({"geometry": MultiLineString([[(0, 0), (1, 1)]])}, "edge 11 to 22: geometry is 'MULTI"),
    ],
)
def test_broken_edges_are_refused(first: dict[str, Any], words: str) -> None:
    """An edge without length or time is named, never given a default."""
    with pytest.raises(NetworkError, match=words):
        from_networkx(graph(**first))


def test_an_undirected_graph_is_refused() -> None:
    """It has lost its one-way streets."""
    with pytest.raises(NetworkError, match=r"undirected.*MultiDiGraph"):
        from_networkx(graph().to_undirected())


def test_a_projected_graph_is_refused() -> None:
    """Its coordinates are metres."""
    town = graph()
    town.graph["crs"] = "epsg:32611"
    with pytest.raises(NetworkError, match=r"projected \(epsg:32611\).*to_latlong=True"):
        from_networkx(town)


def test_a_graph_of_an_unknown_system_is_refused() -> None:
    """Its coordinates may be anything."""
    town = graph()
    town.graph["crs"] = "nonsense"
    with pytest.raises(NetworkError, match=r"coordinate system 'nonsense' is not known.*crs"):
        from_networkx(town)


def test_a_graph_that_does_not_say_its_projection_is_checked_by_range() -> None:
    """Metres are no degrees."""
    town = graph()
    del town.graph["crs"]
    town.nodes[22]["x"] = 385_000.0
    with pytest.raises(NetworkError, match="longitude 385000"):
        from_networkx(town)


def test_a_node_without_coordinates_is_refused() -> None:
    """The node is named."""
    town = graph()
    del town.nodes[33]["y"]
    with pytest.raises(NetworkError, match=r"node 33 has x=0\.109, y=None"):
        from_networkx(town)


def test_what_is_no_graph_is_refused() -> None:
    """The name of a file, or the pair that osmnx makes of tables."""
    wrong: Any
    for wrong in ("city.graphml", None, ({}, {})):
        with pytest.raises(NetworkError, match="a network is read of a networkx graph; got"):
            RoadNetwork.from_networkx(wrong)
