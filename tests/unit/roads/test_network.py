"""The network: what the builder refuses, drops, pairs and promises."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.unit.roads.towns import SQUARE, STEP, forbidden_turn, square
from unarmed_router.errors import NetworkError
from unarmed_router.roads.network import TURN_CLASS, RoadNetwork, array_types
from unarmed_router.roads.structure import check_structure


def changed(column: str, row: int, value: Any) -> dict[str, Any]:
    """Return one column of the square with one value replaced."""
    values = list(SQUARE[column])
    values[row] = value
    return {column: values}


def masked(column: Any) -> Any:
    """Return a column whose third value is masked."""
    return np.ma.array(column, mask=np.arange(len(column)) == 2)


def test_arcs_are_sorted_and_indexed_by_tail() -> None:
    """The arcs leaving a node are one run of the arrays."""
    network = square()
    assert network.first_out.tolist() == [0, 1, 3, 5, 7]
    assert network.tail.tolist() == [0, 1, 1, 2, 2, 3, 3]
    assert network.head.tolist() == [1, 0, 2, 1, 3, 0, 2]


def test_two_way_sides_are_twins_and_a_one_way_has_none() -> None:
    """A twin runs between the same ends the other way."""
    assert square().twin.tolist() == [1, 0, 3, 2, 6, -1, 4]


def test_names_and_classes_are_indexed() -> None:
    """A road keeps its class and its name; an empty name is none."""
    network = square()
    assert [network.classes[number] for number in network.road_class[:3]] == [
        "main",
        "main",
        "side",
    ]
    assert network.names == ("First", "Last")
    assert network.name_index.tolist() == [0, 0, -1, -1, -1, 1, -1]


def test_arrays_are_read_only() -> None:
    """Nobody can change a network after it was built."""
    with pytest.raises(ValueError, match="read-only"):
        square().free_flow_ms[0] = 1


def test_the_callers_arrays_stay_theirs() -> None:
    """Changing an array that was handed in does not change the network."""
    lon = np.array(SQUARE["node_lon"])
    network = square(node_lon=lon)
    lon[0] = 50.0
    assert network.node_lon[0] == SQUARE["node_lon"][0]


def test_self_loops_are_dropped_and_counted() -> None:
    """An arc from a node to itself leads nowhere, whatever its time."""
    network = square(
        tail=[*SQUARE["tail"], 2],
        head=[*SQUARE["head"], 2],
        free_flow_ms=[*SQUARE["free_flow_ms"], 0],
        length_m=[*SQUARE["length_m"], 0.0],
        road_class=[*SQUARE["road_class"], "loop"],
        names=None,
    )
    assert network.digest == square(names=None).digest
    assert network.report.loops_dropped == 1


def with_another_first_arc(ms: int, length: float, **more: Any) -> RoadNetwork:
    """Add a second arc from node 0 to node 1."""
    return square(
        tail=[*SQUARE["tail"], 0],
        head=[*SQUARE["head"], 1],
        free_flow_ms=[*SQUARE["free_flow_ms"], ms],
        length_m=[*SQUARE["length_m"], length],
        road_class=[*SQUARE["road_class"], "main"],
        names=[*SQUARE["names"], "First"],
        **more,
    )


def test_exact_duplicates_are_reduced_to_the_fastest() -> None:
    """Of two arcs along the same line the slower one is never driven."""
    network = with_another_first_arc(50_000, 1000.0)
    assert (network.arcs, network.report.duplicates_dropped) == (7, 1)
    assert network.free_flow_ms[0] == 50_000


@pytest.mark.parametrize(
    ("times", "twins", "paired"),
    [
        # The same road drawn twice, each faster in another direction; or once more as a one-way.
        ([90, 50, 50, 90], [1, 0, 3, 2], [50, 50]),
        ([90, 90, 50, 90], [1, 0, 3, 2], [50, 90]),
        ([90, 70, 50], [1, 0, -1], [50, 70]),
        ([50, 70, 90], [1, 0, -1], [50, 70]),
    ],
)
def test_a_road_drawn_twice_keeps_both_directions(
    times: list[int], twins: list[int], paired: list[int]
) -> None:
    """Whoever stands on it may leave either way, whichever drawing was the faster in each."""
    count = len(times)
    network = RoadNetwork.from_arcs(
        node_lon=[0.1, 0.1 + STEP],
        node_lat=[0.1, 0.1],
        tail=[0, 1, 0, 1][:count],
        head=[1, 0, 1, 0][:count],
        free_flow_ms=times,
        length_m=[1000.0] * count,
        road_class=["side"] * count,
        twins=twins,
    )
    assert network.free_flow_ms.tolist() == paired
    assert network.twin.tolist() == [1, 0]


def test_a_road_drawn_twice_keeps_both_directions_at_a_split_junction() -> None:
    """One end of the two drawings is split for their turns, so only the ways back agree."""
    network = RoadNetwork.from_arcs(
        node_lon=[0.1, *[0.1 + STEP] * 3],
        node_lat=[0.1] * 4,
        tail=[0, 0, 1, 1, 2, 3],  # to the split ends 2 and 3, and back from 1
        head=[2, 3, 0, 0, 1, 1],
        free_flow_ms=[50, 50, 50, 50, 1, 1],
        length_m=[1000.0] * 4 + [1.0] * 2,
        road_class=["side"] * 4 + [TURN_CLASS] * 2,
        twins=[2, 3, 0, 1, -1, -1],
    )
    roads = network.places
    assert (network.twin[roads] >= 0).all()
    assert network.report.duplicates_dropped == 0


def test_parallel_roads_are_kept_and_paired_by_length() -> None:
    """Two roads between the same nodes are two roads, each with its own twin."""
    network = with_another_first_arc(50_000, 1500.0)
    assert (network.arcs, network.report.duplicates_dropped) == (8, 0)
    by_length = {float(network.length_m[arc]): int(network.twin[arc]) for arc in (0, 1)}
    assert by_length == {1000.0: 2, 1500.0: -1}


def test_a_road_is_a_twin_only_along_the_same_line() -> None:
    """Carriageways apart are not one road: the interior vertices must agree reversed."""
    bend, other = [[0.101, 0.1001], [0.102, 0.1001]], [[0.102, 0.0999], [0.101, 0.0999]]
    straight: list[list[float]] = []
    rest = [straight] * 5
    assert square(shapes=[bend, bend[::-1], *rest]).twin[0] == 1
    assert square(shapes=[bend, other, *rest]).twin[0] == -1


def test_shapes_follow_their_arcs_through_the_sorting() -> None:
    """The vertices of an arc stay with it when the arcs are reordered."""
    shapes: list[list[list[float]]] = [[] for _ in range(7)]
    shapes[6] = [[0.1, 0.105], [0.1, 0.102]]
    network = square(shapes=shapes)
    arc = 5  # node 3 to node 0 moved before node 3 to node 2
    run = slice(network.shape_first[arc], network.shape_first[arc + 1])
    assert network.shape_lat[run].tolist() == [0.105, 0.102]
    assert network.shape_lon.shape == (2,)


def test_only_the_largest_strong_component_stays() -> None:
    """A node one cannot come back from is cut off, and counted with its arcs."""
    network = square(
        node_lon=[*SQUARE["node_lon"], 0.2],
        node_lat=[*SQUARE["node_lat"], 0.2],
        tail=[*SQUARE["tail"], 2],
        head=[*SQUARE["head"], 4],
        free_flow_ms=[*SQUARE["free_flow_ms"], 60_000],
        length_m=[*SQUARE["length_m"], 1000.0],
        road_class=[*SQUARE["road_class"], "side"],
        names=[*SQUARE["names"], ""],
    )
    assert network.digest == square().digest
    report = network.report
    assert (report.components_cut, report.nodes_cut, report.arcs_cut) == (1, 1, 1)


def test_nodes_are_renumbered_in_their_order() -> None:
    """Cutting off the first node moves the others up, coordinates and all."""
    network = RoadNetwork.from_arcs(
        node_lon=[0.5, 0.1, 0.1 + STEP],
        node_lat=[0.5, 0.1, 0.1],
        tail=[1, 2, 0],
        head=[2, 1, 1],
        free_flow_ms=[10, 10, 10],
        length_m=[1.0, 1.0, 1.0],
        road_class=["a", "a", "gone"],
    )
    assert network.node_lon.tolist() == [0.1, 0.1 + STEP]
    assert network.tail.tolist() == [0, 1]
    assert network.classes == ("a",)


def test_zero_times_are_raised_on_request_and_counted() -> None:
    """With a minimum, arcs of zero time or length take it."""
    network = square(**changed("free_flow_ms", 0, 0.4), **changed("length_m", 1, 0), minimum_ms=1)
    assert network.free_flow_ms[:2].tolist() == [1, 61_000]
    assert network.report.zeros_raised == 2


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("tail", 4, ["tail 4", "row 11", "nodes 0 to 3"]),
        ("head", -1, ["head -1", "row 11", "nodes 0 to 3"]),
        ("free_flow_ms", 0, ["zero time", "row 11", "minimum_ms=1"]),
        ("free_flow_ms", -5, ["time -5", "row 11", "not negative"]),
        ("free_flow_ms", float("nan"), ["time nan", "row 11", "finite"]),
        ("free_flow_ms", 21_600_001, ["21600001", "row 11", "6 h", "milliseconds?"]),
        ("length_m", 0, ["zero length", "row 11", "minimum_ms=1"]),
        ("length_m", float("inf"), ["length inf", "row 11", "finite"]),
        ("length_m", 500_001.0, ["length 500001.0", "row 11", "500 km", "metres?"]),
        ("length_m", 1e300, ["length 1e+300", "row 11", "500 km", "metres?"]),
        ("road_class", "", ["empty road class", "row 11", "name the class"]),
        ("node_lon", float("nan"), ["longitude nan", "nodes", "[-180, 180]"]),
        ("node_lat", 3_762_000.0, ["latitude 3762000", "nodes", "degrees"]),
    ],
)
def test_broken_values_are_refused_by_row(column: str, value: Any, words: list[str]) -> None:
    """An error names the source, the value, the row, the rule and the remedy."""
    with pytest.raises(NetworkError) as caught:
        square(**changed(column, 1, value), source="my roads", first_row=10)
    assert all(word in str(caught.value) for word in ["my roads", *words])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (changed("node_lon", 3, 10.1), "reach in metres of 111.* in row 4, 5, 6; .* 500 km long"),
        (changed("node_lon", 0, -179.99), "in row 0, 1, 6; .* may not cross 180 degrees"),
        ({"shapes": [[(0.1, 5.0)], *([[]] * 6)]}, "reach in metres of 54.* in row 0; .* 500 km"),
    ],
    ids=["node", "antimeridian", "vertex"],
)
def test_a_road_across_a_continent_is_refused(changes: dict[str, Any], words: str) -> None:
    """One digit that is wrong draws a line over half the city, and calls snapped to it."""
    with pytest.raises(NetworkError, match=words):
        square(**changes)


def test_a_road_of_500_km_may_be_straight() -> None:
    """The longest length is allowed as the crow flies, too."""
    far = 0.1 + 500_000.0 / 111_319.5
    lengths = [1000.0, 1000.0, 1000.0, 1000.0, 500_000.0, 500_000.0, 500_000.0]
    assert square(**changed("node_lon", 3, far), length_m=lengths).arcs == 7


def test_six_hours_are_still_a_road() -> None:
    """The longest time is inclusive."""
    assert square(**changed("free_flow_ms", 0, 21_600_000)).free_flow_ms[0] == 21_600_000


def test_many_broken_rows_are_summed_up() -> None:
    """Five rows are listed, the others counted."""
    with pytest.raises(NetworkError, match="in row 0, 1, 2, 3, 4 and 2 more"):
        square(length_m=[-1.0] * 7)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"length_m": [1000.0]}, "differ in length"),
        ({"shapes": [[]]}, "1 shapes for 7 arcs"),
        ({"shapes": [[[181.0, 0.0]], *([[]] * 6)]}, "geometry off the earth in row 0"),
        ({"node_lat": [0.1, 0.1]}, "differ in length"),
        ({"tail": [0.5, *SQUARE["tail"][1:]]}, "tail 0.5 must be a whole number"),
        ({"head": [float("nan"), *SQUARE["head"][1:]]}, "head nan must be a whole number"),
        ({"head": [None, *SQUARE["head"][1:]]}, "head must be whole numbers"),
        ({"tail": [2**70, *SQUARE["tail"][1:]]}, "tail must be whole numbers"),
        ({"tail": np.array([0, 1, 1.7, 2, 2, 3, 3], object)}, "tail 1.7 must be a whole number"),
        ({"twins": np.array([2**64 - 1] * 7, np.uint64)}, "twin 18446744073709551615 must be a"),
        ({"tail": masked(SQUARE["tail"])}, "tail must be whole numbers"),
        ({"length_m": masked(SQUARE["length_m"])}, "length nan in row 2"),
        ({"names": masked(SQUARE["names"])}, "names None in row 2"),
        ({"way_ids": masked([5] * 7)}, "way ids are of type object"),
        ({"twins": [1.5, 0, 3, 2, -1, -1, -1]}, "twin 1.5 must be a whole number"),
        ({"exits": ["a"] * 7}, "exit must be whole numbers"),
        ({"node_lon": ["west", "east"]}, "node_lon must be a column of values"),
        ({"node_lat": None}, r"node_lat has shape \(\); give a column"),
        ({"tail": 3}, r"tail has shape \(\); give a column"),
        ({"head": [[0, 1]] * 7}, r"head has shape \(7, 2\); give a column"),
        ({"length_m": [10**400] * 7}, "length_m must be a column of values"),
        ({"free_flow_ms": {"a": 1}}, "free_flow_ms must be a column of values"),
        ({"road_class": "primary"}, r"road_class has shape \(\); give a column"),
        ({"road_class": ["primary"] * 6 + [None]}, "road_class None in row 6; give text, empty"),
        ({"names": ["Main St"] * 6 + [float("nan")]}, "names nan in row 6; give text, empty"),
        ({"names": 5}, r"names has shape \(\); give a column"),
        ({"shapes": 5}, "shapes must be pairs"),
        ({"shapes": [[1.0, 2.0, 3.0]] + [[]] * 6}, "shapes must be pairs of .lon, lat. for each"),
        ({"shapes": [[1.0, 2.0, 1.1, 2.1]] + [[]] * 6}, r"shapes .* has shape \(4,\), not"),
        ({"shapes": [[[1.0, 2.0, 9.0], [1.1, 2.1, 9.0]]] + [[]] * 6}, r"has shape \(2, 3\), not"),
        ({"shapes": ["here"] + [[]] * 6}, "shapes must be pairs of .lon, lat. for each"),
    ],
)
def test_columns_that_do_not_fit_are_refused(changes: dict[str, Any], words: str) -> None:
    """One value for each arc, and every vertex on earth."""
    with pytest.raises(NetworkError, match=words):
        square(**changes)


def test_an_empty_network_is_refused() -> None:
    """A network without arcs cannot be routed on."""
    with pytest.raises(NetworkError, match="a network needs both"):
        RoadNetwork.from_arcs(
            node_lon=[0.0],
            node_lat=[1.0],
            tail=[],
            head=[],
            free_flow_ms=[],
            length_m=[],
            road_class=[],
        )


def test_roads_that_never_lead_back_are_refused() -> None:
    """Arcs of one direction only leave no network; it was one of a node and no arc."""
    with pytest.raises(NetworkError, match=r"tables: no two of its 4 nodes .* each direction"):
        square(
            **{name: SQUARE[name][:1] for name in SQUARE if not name.startswith("node")},
            source="tables",
        )


def test_more_classes_than_a_byte_holds_are_refused() -> None:
    """A class is stored in a byte."""
    count = 256
    with pytest.raises(NetworkError, match="over 255 road classes"):
        RoadNetwork.from_arcs(
            node_lon=[0.1, 0.2],
            node_lat=[0.1, 0.2],
            tail=[0] * count,
            head=[1] * count,
            free_flow_ms=range(1, count + 1),
            length_m=range(1, count + 1),
            road_class=[f"class {number}" for number in range(count)],
        )


def test_the_digest_is_pinned() -> None:
    """The digest is the same on every machine and in every release of the format."""
    assert square().digest == "cd016a9e6019540e220160880b5d340ce2d32036b83841afffd828bce643f202"


@pytest.mark.parametrize(
    "changes",
    [
        changed("free_flow_ms", 0, 60_001),
        changed("node_lon", 0, 0.1000001),
        changed("names", 0, "Front"),
        changed("road_class", 0, "mane"),
        {"shapes": [[[0.101, 0.1001]], *([[]] * 6)]},
    ],
)
def test_any_change_of_content_changes_the_digest(changes: dict[str, Any]) -> None:
    """The digest stands for everything routing reads."""
    assert square(**changes).digest != square().digest


def test_prose_leaves_the_digest_alone() -> None:
    """Two networks of the same roads route alike, whatever they are called."""
    assert square(metadata={"title": "Square"}).digest == square().digest


def test_a_network_is_shown_by_its_size() -> None:
    """Nobody wants to read the arrays."""
    network = square(metadata={"title": "Square"})
    assert repr(network) == "RoadNetwork('Square', 4 nodes, 7 arcs)"


def test_a_two_way_road_counts_once() -> None:
    """Lengths by class are those of the roads, whichever of the two arcs stands for one."""
    network = square()
    twin = network.twin.tolist()
    standing = {arc if twin[arc] < 0 else min(arc, twin[arc]) for arc in range(network.arcs)}
    assert np.flatnonzero(network.once).tolist() == sorted(standing)
    km = dict.fromkeys(network.classes, 0.0)
    for arc in standing:
        km[network.classes[network.road_class[arc]]] += float(network.length_m[arc]) / 1000.0
    assert network.km_by_class() == pytest.approx(km)


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))],  # noqa: S301  # our own
    ids=["deepcopy", "pickle"],
)
def test_a_network_survives_pickling(copied: Callable[[RoadNetwork], RoadNetwork]) -> None:
    """A worker process receives the network that was sent, and cannot change it either."""
    network = square(way_ids=range(7))
    digest = network.digest
    other = copied(network)
    assert other.digest == digest
    for name in array_types(other):
        assert not getattr(other, name).flags.writeable


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("first_out", [0, 1, 3, 5, 6], "first_out"),
        ("first_out", [0, 3, 1, 5, 7], "first_out"),
        ("head", [1, 0, 2, 1, 3, 0, 4], "head is not a node"),
        ("tail", [0, 1, 1, 2, 2, 3, 2], "tails unsorted"),
        ("twin", [1, 0, 3, 2, 6, -1, 7], "twin is not an arc"),
        ("road_class", [0, 0, 1, 1, 1, 1, 2], "road class is unknown"),
        ("name_index", [0, 0, -1, -1, -1, 2, -1], "road name is unknown"),
        ("free_flow_ms", [0, 1, 1, 1, 1, 1, 1], "below 1 ms"),
        ("length_m", [1.0], "length_m must hold 7 arcs"),
        ("node_lat", [1.0], "node_lat must hold 4 nodes"),
        ("shape_lat", [1.0], "shape_lon and shape_lat differ"),
        ("shape_first", [0] * 7, "shape_first"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(column: str, values: list[Any], words: str) -> None:
    """The constructor lets no array through that a kernel could read out of bounds."""
    network = square()
    fields = {name: getattr(network, name) for name in vars(network) if name != "digest"}
    with pytest.raises(NetworkError, match=words):
        RoadNetwork(**(fields | {column: np.array(values)}))
    check_structure(network)


def test_way_ids_follow_their_arcs() -> None:
    """The id given with an arc stays with it when arcs are sorted."""
    network = square(way_ids=[11, 12, 13, 14, 15, 16, 2**40])
    assert network.way_id is not None
    assert network.way_id.tolist() == [11, 12, 13, 14, 15, 2**40, 16]


def test_of_two_duplicates_the_faster_keeps_its_way() -> None:
    """A way id is that of the arc that is driven."""
    network = with_another_first_arc(30_000, 1000.0, way_ids=[1, 2, 3, 4, 5, 6, 7, 99])
    assert network.way_id is not None
    assert network.way_id[0] == 99


def test_way_ids_change_the_digest_and_their_absence_does_not() -> None:
    """A network without way ids has the digest it had before there were any."""
    assert square(way_ids=[1] * 7).digest != square().digest
    assert square(way_ids=[1] * 7).digest != square(way_ids=[2] * 7).digest
    assert square().way_id is None
    assert square(names=None).digest == (
        "61ffbb6de4d105342f193e68ea7c3d3cdef52080c2f7f53c02c90384afbc3d06"
    )


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ([1, 2], "2 way ids for 7 arcs; give one each"),
        ([1.0] * 7, "way ids are of type float64; they are whole numbers"),
        (["w1"] * 7, "they are whole numbers, 0 for none"),
    ],
)
def test_broken_way_ids_are_refused(ways: list[Any], words: str) -> None:
    """An id that went through a float may be another way's."""
    with pytest.raises(NetworkError, match=words):
        square(way_ids=ways)


def test_a_node_that_only_starts_leave_belongs_to_the_network() -> None:
    """Nobody drives to it, and a team that stands on the first road comes out there."""
    network = forbidden_turn()
    assert (network.nodes, network.arcs) == (4, 4)
    assert network.exit_node is not None
    assert network.exit_node.tolist() == [3, 2, 0, 2]
    assert 3 not in network.head.tolist()
    assert network.report.components_cut == 0


def test_exits_that_are_heads_are_none() -> None:
    """A network in which starts come out at heads has the digest and the bytes it had."""
    network = square(exits=SQUARE["head"])
    assert network.exit_node is None
    assert network.digest == square().digest


def test_exits_change_the_digest() -> None:
    """Times from the road depend on them."""
    there = forbidden_turn()
    assert there.exit_node is not None
    assert there.digest != replace(there, exit_node=None).digest
    assert there.digest != replace(there, exit_node=there.head).digest


@pytest.mark.parametrize(
    ("exits", "words"),
    [
        ([1, 2], "2 exits for 7 arcs; give one each"),
        ([9, 0, 2, 1, 3, 2, 0], "exit 9 in row 0; it is a node, 0 to 3, or -1"),
        ([1, 0, 2, 1, 3, 2, 3], "exit 3 in row 6; it lies where the arc's head does"),
    ],
)
def test_broken_exits_are_refused(exits: list[int], words: str) -> None:
    """An exit is a node of the junction at the arc's head."""
    with pytest.raises(NetworkError, match=words):
        square(exits=exits)
