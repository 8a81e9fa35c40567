"""Reading nodes and arcs from CSV: both time formats, and every fault by row."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from unarmed_router.errors import NetworkError
from unarmed_router.roads.csv_reader import read_csv_network
from unarmed_router.roads.network import RoadNetwork

NODES = "node,lon,lat\nA,0.1,0.1\nB,0.109,0.1\nC,0.109,0.109\n"
PLANNING = (
    "tail,head,length_m,class,speed_kph,delay_s,name,geometry\n"
    "A,B,1000,primary,36,2.5,First,0.101 0.101;0.105 0.101\n"
    "B,A,1000,primary,36,0,First,0.105 0.101;0.101 0.101\n"
    "B,C,500,local,30,0,,\n"
    "C,A,1500,local,30,1,,\n"
)
BASIN = "tail,head,length_m,free_flow_s,class\nA,B,10,0.5004,x\nB,C,10,1,x\nC,A,10,1,x\n"


def read(folder: Path, nodes: str, arcs: str, minimum_ms: int = 0) -> RoadNetwork:
    """Write two files and read them."""
    (folder / "nodes.csv").write_text(nodes, encoding="utf-8")
    (folder / "arcs.csv").write_text(arcs, encoding="utf-8")
    return read_csv_network(folder / "nodes.csv", folder / "arcs.csv", minimum_ms=minimum_ms)


def test_time_is_driving_at_the_speed_plus_the_delay(tmp_path: Path) -> None:
    """1000 m at 36 km/h take 100 s, and the delay is added."""
    network = read(tmp_path, NODES, PLANNING)
    assert network.free_flow_ms.tolist() == [102_500, 100_000, 60_000, 181_000]


def test_names_classes_and_geometry_are_read(tmp_path: Path) -> None:
    """A road keeps its name, its class and its bends, and is one with its way back."""
    network = read(tmp_path, NODES, PLANNING)
    assert network.names == ("First",)
    assert network.classes == ("local", "primary")
    assert network.shape_lon.tolist() == [0.101, 0.105, 0.105, 0.101]
    assert network.twin.tolist() == [1, 0, -1, -1]


def test_free_flow_seconds_are_rounded_to_milliseconds(tmp_path: Path) -> None:
    """The other format gives the time itself."""
    assert read(tmp_path, NODES, BASIN).free_flow_ms.tolist() == [500, 1000, 1000]


WAYS = (
    "tail,head,length_m,free_flow_s,class,way_id\n"
    "A,B,10,1,x,9007199254740993\nB,C,10,1,x,0\nC,A,10,1,x,-7\n"
)


def test_way_ids_are_read_to_the_last_digit(tmp_path: Path) -> None:
    """An id beyond what a float holds stays itself; without the column there are none."""
    network = read(tmp_path, NODES, WAYS)
    assert network.way_id is not None
    assert network.way_id.tolist() == [9007199254740993, 0, -7]
    assert read(tmp_path, NODES, BASIN).way_id is None


@pytest.mark.parametrize("way", ["12.0", "w12", "", "1_2", "\u0661", str(2**63)])
def test_a_way_id_that_is_no_whole_number_is_refused(tmp_path: Path, way: str) -> None:
    """The row and the value are named."""
    with pytest.raises(NetworkError, match=r"row 4: way_id .* is not a whole number"):
        read(tmp_path, NODES, WAYS.replace("-7", way))


def test_compressed_files_read_the_same(tmp_path: Path) -> None:
    """A .gz file is decompressed."""
    plain = read(tmp_path, NODES, PLANNING)
    for name in ("nodes.csv", "arcs.csv"):
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress((tmp_path / name).read_bytes()))
    packed = read_csv_network(tmp_path / "nodes.csv.gz", tmp_path / "arcs.csv.gz")
    assert packed.digest == plain.digest


def test_a_byte_order_mark_and_blank_lines_are_no_fault(tmp_path: Path) -> None:
    """Spreadsheets write both."""
    network = read(tmp_path, "\ufeff" + NODES + "\n\n", PLANNING)
    assert network.nodes == 3


def test_metadata_names_the_files_by_default(tmp_path: Path) -> None:
    """Where a network came from is never lost."""
    assert read(tmp_path, NODES, BASIN).metadata == {"source": "nodes.csv, arcs.csv"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("length_m", "metres", ["arcs.csv", "no column length_m"]),
        ("speed_kph", "speed", ["arcs.csv", "neither", "never assumed"]),
        ("A,B,1000", "A,B,far", ["arcs.csv", "row 2", "length_m 'far'", "not a number"]),
        ("A,B,1000", "A,B,1_000", ["arcs.csv", "row 2", "length_m '1_000'", "not a number"]),
        ("A,B,1000", "A,B,\u0661\u0660\u0660", ["arcs.csv", "row 2", "not a number"]),
        ("A,B,1000", "A,B,1000\0", ["arcs.csv", "row 2", "not a number"]),
        ("A,B,1000", "A,B,nan", ["arcs.csv", "row 2", "length_m 'nan'", "finite"]),
        ("A,B,1000", "A,B,-1", ["arcs.csv", "length -1.0", "row 2", "not negative"]),
        ("A,B,1000", "A,B,0", ["arcs.csv", "zero length", "row 2", "minimum_ms=1"]),
        ("A,B,1000", "A,B,", ["arcs.csv", "row 2", "length_m ''", "not a number"]),
        ("A,B,1000", "A,Z,1000", ["arcs.csv", "row 2", "head 'Z'", "not a node", "nodes.csv"]),
        ("C,A,1500", "Y,A,1500", ["arcs.csv", "row 5", "tail 'Y'", "not a node"]),
        ("local,30,0", "local,0,0", ["arcs.csv", "row 4", "speed_kph '0'", "above 0"]),
        ("local,30,0", "local,inf,0", ["arcs.csv", "row 4", "speed_kph 'inf'", "finite"]),
        ("local,30,0", "local,30,-1", ["arcs.csv", "row 4", "delay_s '-1'", "at least 0"]),
        ("local,30,0", ",30,0", ["arcs.csv", "row 4", "empty road class"]),
        ("0.101 0.101;", "0.101,", ["arcs.csv", "line 2", "9 values under 8 titles", "quote"]),
        ("0.101 0.101;", "0.101;", ["arcs.csv", "row 2", "geometry", "lon lat;lon lat"]),
        ("0.101 0.101;", "x y;", ["arcs.csv", "row 2", "geometry", "lon lat;lon lat"]),
        ("0.101 0.101;", "0_1 0.101;", ["arcs.csv", "row 2", "geometry", "lon lat;lon lat"]),
        ("0.101 0.101;", "200 0.101;", ["arcs.csv", "row 2", "geometry", "degrees"]),
    ],
)
def test_a_broken_arc_is_refused_by_file_row_and_column(
    tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    """An error names the file, the row, the column, the value and the remedy."""
    with pytest.raises(NetworkError) as caught:
        read(tmp_path, NODES, PLANNING.replace(old, new, 1))
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("C,", "A,", ["nodes.csv", "row 4", "node 'A'", "already in row 2"]),
        ("0.109,0.1\n", "0.109,north\n", ["nodes.csv", "row 3", "lat 'north'", "not a number"]),
        ("0.109,0.1\n", "0.109,91\n", ["nodes.csv", "row 3", "lat '91'", "[-90, 90]", "swapped"]),
        ("C,0.109", "C,-181", ["nodes.csv", "row 4", "lon '-181'", "[-180, 180]"]),
        ("C,", ",", ["nodes.csv", "row 4", "node ''", "is no id"]),
        ("node,", "id,", ["nodes.csv", "no column node", "id, lon, lat"]),
    ],
)
def test_a_broken_node_is_refused_by_file_row_and_column(
    tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    """A node is listed once, with coordinates in degrees."""
    with pytest.raises(NetworkError) as caught:
        read(tmp_path, NODES.replace(old, new, 1), PLANNING)
    assert [word for word in words if word not in str(caught.value)] == []


def test_zeros_are_raised_on_request(tmp_path: Path) -> None:
    """The reader offers the builder's choice."""
    network = read(tmp_path, NODES, PLANNING.replace("A,B,1000", "A,B,0", 1), minimum_ms=1)
    assert network.report.zeros_raised == 1


@pytest.mark.parametrize("name", ["missing.csv", "broken.csv.gz", "latin.csv"])
def test_files_that_cannot_be_read_are_refused_by_name(tmp_path: Path, name: str) -> None:
    """Missing, not compressed, or not UTF-8: one kind of error."""
    (tmp_path / "broken.csv.gz").write_bytes(b"node,lon,lat\n")
    (tmp_path / "latin.csv").write_bytes("node,lon,lat\n\xe9,0,0\n".encode("latin-1"))
    with pytest.raises(NetworkError, match=rf"{name}: .*(cannot be read|no UTF-8)"):
        read_csv_network(tmp_path / name, tmp_path / name)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    """No header, no columns."""
    with pytest.raises(NetworkError, match=r"names no columns; .* such as node, lon, lat"):
        read(tmp_path, "", PLANNING)


def test_a_real_street_graph_with_its_faults_is_read(shared: Path) -> None:
    """Loops and duplicates are dropped, zero lengths refused unless they are allowed."""
    folder = shared / "fixtures" / "roads" / "la_basin"
    with pytest.raises(
        NetworkError, match=r"arcs\.csv: zero length 0\.0 in row 463, 15082, 23380;"
    ):
        read_csv_network(folder / "nodes.csv", folder / "arcs.csv")
    network = read_csv_network(folder / "nodes.csv", folder / "arcs.csv", minimum_ms=1)
    report = network.report
    assert (report.loops_dropped, report.duplicates_dropped, report.zeros_raised) == (2, 24, 3)
    assert network.arcs == 28_376 - 2 - 24 - report.arcs_cut
    twins = np.flatnonzero(network.twin >= 0)
    assert np.array_equal(network.twin[network.twin[twins]], twins)
