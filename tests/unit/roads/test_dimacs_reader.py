"""Reading the DIMACS challenge graphs."""

from __future__ import annotations

from pathlib import Path

import pytest

from unarmed_router.errors import NetworkError
from unarmed_router.roads.dimacs_reader import read_dimacs_network
from unarmed_router.roads.network import RoadNetwork

GRAPH = "c a comment\np sp 3 4\na 1 2 15\na 2 1 15\na 2 3 20\na 3 1 25\n"
PLACES = "c a comment\np aux sp co 3\nv 1 100000 200000\nv 3 100000 209000\nv 2 109000 200000\n"


def read(folder: Path, graph: str, places: str, **options: float) -> RoadNetwork:
    """Write two files and read them."""
    (folder / "a.gr").write_text(graph, encoding="utf-8")
    (folder / "a.co").write_text(places, encoding="utf-8")
    return read_dimacs_network(folder / "a.gr", folder / "a.co", **options)  # type: ignore[arg-type]


def test_times_take_the_unit_and_nodes_the_coordinates(tmp_path: Path) -> None:
    """Nodes count from 1 in any order, coordinates are millionths of a degree."""
    network = read(tmp_path, GRAPH, PLACES, ms_per_unit=100.0)
    assert network.free_flow_ms.tolist() == [1500, 1500, 2000, 2500]
    assert network.node_lon.tolist() == [0.1, 0.109, 0.1]
    assert network.node_lat.tolist() == [0.2, 0.2, 0.209]


def test_lengths_are_the_straight_way(tmp_path: Path) -> None:
    """Near the equator 0.009 degrees are 1001.9 m east and 995.2 m north."""
    network = read(tmp_path, GRAPH, PLACES)
    assert network.length_m[[0, 3]].tolist() == pytest.approx([1001.9, 995.2], abs=0.1)
    assert network.twin.tolist() == [1, 0, -1, -1]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("a 3 1 25\n", "", "a.gr: 3 lines start with 'a', the p line announces 4"),
        ("a 3 1 25", "a 3 4 25", "a.gr: an arc ends outside nodes 1 to 3"),
        ("a 3 1 25", "a 3 0 25", "a.gr: an arc ends outside nodes 1 to 3"),
        ("a 3 1 25", "a 3 1 fast", "a.gr: 'a' lines hold 3 integers"),
        ("a 3 1 25", "a #3 1 25", "a.gr: 'a' lines hold 3 integers"),
        ("a 3 1 25", "a 3 1 0", r"a.gr \(arc lines\): zero time 0.0 in row 4"),
        ("a 3 1 25", "a  ", "a.gr: 'a' lines hold 3 integers; one holds nothing"),
        ("p sp 3 4\n", "", "the p line announces no"),
        ("p sp 3 4", "p sp 4 4", "a.gr: its p line is 'p sp 4 4'; .* are both of one graph"),
        ("p sp 3 4", "p 4", "a.gr: its p line is 'p 4'; .* are both of one graph"),
        ("100000 209000", "100000 90000001", "a.co: node 3 has latitude 90.000001, .* off the"),
        ("109000 200000", "-180000001 2", "a.co: node 2 has longitude -180.000001, .* off the"),
        ("v 3 100000 209000", "v 2 100000 209000", "a.co: nodes must be 1 to 3, each listed once"),
        ("v 3 100000 209000", "v 3 100000", "a.co: 'v' lines hold 3 integers"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    """An incomplete or contradictory file is named with its fault."""
    with pytest.raises(NetworkError, match=words):
        read(tmp_path, GRAPH.replace(old, new), PLACES.replace(old, new))


@pytest.mark.slow
def test_the_new_york_graph_is_read(shared: Path) -> None:
    """The scale benchmark: a quarter of a million nodes, all connected."""
    folder = shared / "fixtures" / "roads" / "dimacs_ny"
    network = read_dimacs_network(
        folder / "USA-road-t.NY.gr.gz", folder / "USA-road-d.NY.co.gz", minimum_ms=1
    )
    assert network.nodes == 264_346
    assert network.arcs + network.report.duplicates_dropped == 733_846
    assert (network.twin >= 0).all()
