"""The hierarchy: equal to Dijkstra on whole networks, in any order, under any metric."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from tests.unit.roads.towns import Columns
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.errors import ArtefactError, InputError, NetworkError
from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.csv_reader import read_csv_network
from unarmed_router.roads.dimacs_reader import read_dimacs_network
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.network_file import load_network
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.order_file import load_order, save_order, shape_digest
from unarmed_router.travel_time.ordering import dissect_by_flow, neighbours, nested_dissection
from unarmed_router.travel_time.sweeping import matrix_by_sweep, times_to_nodes
from unarmed_router.travel_time.topology import Topology

FOLDER = embedded_agency().parent
TREES = 200
"""To every node of a network; half of them after random re-weighting."""
PAIRS = 3_000_000
"""Up to as many, the trees of a metric are asked for pair by pair; further ones by a sweep each."""


def embedded(_: Path) -> RoadNetwork:
    """Load the embedded network."""
    return load_network(FOLDER / "roads.network")


def la_basin(shared: Path) -> RoadNetwork:
    """Load a real street graph, its zero lengths raised."""
    folder = shared / "fixtures" / "roads" / "la_basin"
    return read_csv_network(folder / "nodes.csv", folder / "arcs.csv", minimum_ms=1)


def dimacs_ny(shared: Path) -> RoadNetwork:
    """Load New York."""
    folder = shared / "fixtures" / "roads" / "dimacs_ny"
    return read_dimacs_network(
        folder / "USA-road-t.NY.gr.gz", folder / "USA-road-d.NY.co.gz", ms_per_unit=1.0
    )


def topology_of(network: RoadNetwork) -> Topology:
    """Order and contract a network."""
    rank = nested_dissection(
        nodes=network.nodes,
        tail=network.tail,
        head=network.head,
        lon=network.node_lon,
        lat=network.node_lat,
    )
    return Topology.build(rank=rank, tail=network.tail, head=network.head)


def textbook_graph(network: RoadNetwork, arc_ms: npt.NDArray[np.int32]) -> csr_matrix:
    """Keep the quickest of parallel arcs."""
    order = np.lexsort((arc_ms, network.head, network.tail))
    rows, columns = network.tail[order], network.head[order]
    first = np.ones(len(order), bool)
    first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    return csr_matrix(
        (arc_ms[order][first].astype(float), (rows[first], columns[first])),
        shape=(network.nodes, network.nodes),
    )


@pytest.mark.slow
@pytest.mark.parametrize("load", [embedded, la_basin, dimacs_ny])
def test_whole_trees_equal_dijkstra(
    load: Callable[[Path], RoadNetwork], request: pytest.FixtureRequest
) -> None:
    """200 trees of all nodes, to the millisecond: in to a goal by pairs, or out by one sweep."""
    shared = Path() if load is embedded else request.getfixturevalue("shared")
    network = load(shared)
    topology = topology_of(network)
    rng = np.random.default_rng(5)
    every_node = np.arange(network.nodes)
    jammed = np.rint(network.free_flow_ms * rng.uniform(1, 3, network.arcs)).astype(np.int32)
    for arc_ms in (network.free_flow_ms, jammed):
        engine = HierarchyTravelTimes(topology=topology, twin=network.twin, arc_ms=arc_ms)
        graph = textbook_graph(network, arc_ms)
        backwards = graph.T.tocsr()
        ins, outs = np.split(rng.permutation(network.arcs)[: TREES // 2], [PAIRS // network.nodes])
        for goal in network.head[ins].tolist():
            found = engine.between_nodes(every_node, goal)
            np.testing.assert_array_equal(found, dijkstra(backwards, indices=goal))
        for arc in outs.astype(np.int32):  # a place at the very tail of an arc is its node
            start = Columns(np.array([arc]), np.zeros(1), np.zeros(1, np.int64))
            away = dijkstra(graph, indices=network.tail[arc])
            np.testing.assert_array_equal(times_to_nodes(engine, start)[0], away)


def test_rows_on_demand_equal_labels() -> None:
    """Without memory for labels the answers are the same."""
    network = embedded(Path())
    topology = topology_of(network)
    labels, rows = (
        HierarchyTravelTimes(
            topology=topology, twin=network.twin, arc_ms=network.free_flow_ms, label_budget=budget
        )
        for budget in (2**30, topology.label_bytes - 1)
    )
    assert labels.label_bytes == topology.label_bytes
    assert rows.label_bytes == 0
    rng = np.random.default_rng(6)
    for goal in rng.integers(0, network.nodes, 20).tolist():
        origins = rng.integers(0, network.nodes, 200)
        np.testing.assert_array_equal(
            labels.between_nodes(origins, goal), rows.between_nodes(origins, goal)
        )


def test_inertial_flow_orders_where_metis_is_missing() -> None:
    """The order is a permutation whose hierarchy is not much larger, and as exact."""
    network = embedded(Path())
    first, beside = neighbours(network.nodes, network.tail, network.head)
    rank = dissect_by_flow(first, beside, np.column_stack([network.node_lon, network.node_lat]))
    ours = Topology.build(rank=rank, tail=network.tail, head=network.head)
    metis = topology_of(network)
    assert len(ours.up) < 1.5 * len(metis.up)
    one, other = (
        HierarchyTravelTimes(topology=t, twin=network.twin, arc_ms=network.free_flow_ms)
        for t in (ours, metis)
    )
    every_node = np.arange(network.nodes)
    np.testing.assert_array_equal(
        one.between_nodes(every_node, 17), other.between_nodes(every_node, 17)
    )


def small() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Make a ring of three one-way arcs."""
    return np.array([0, 1, 2], np.int32), np.array([1, 2, 0], np.int32)


def test_an_order_must_be_a_permutation() -> None:
    """A rank given twice is refused."""
    tail, head = small()
    with pytest.raises(NetworkError, match="no permutation of 0 to 2"):
        Topology.build(rank=np.array([0, 1, 1], np.int32), tail=tail, head=head)


@pytest.mark.parametrize(
    ("arc_ms", "message"),
    [
        ([1, 2], r"arc_ms \(2,\); the topology has 3 arcs"),
        ([1, 0, 2], r"arc_ms\[1\] is 0; a time must be at least 1 ms"),
        ([2**29, 2**29, 2**29], "less than three days"),
    ],
)
def test_broken_metrics_are_refused(arc_ms: list[int], message: str) -> None:
    """Another length, a time of nothing, and times that int32 cannot add up."""
    tail, head = small()
    topology = Topology.build(rank=np.array([0, 1, 2], np.int32), tail=tail, head=head)
    with pytest.raises(NetworkError, match=message):
        HierarchyTravelTimes(
            topology=topology, twin=np.full(3, -1, np.int32), arc_ms=np.array(arc_ms, np.int32)
        )


def test_positions_of_another_network_are_refused() -> None:
    """An arc that does not exist, or a twin that is not its own."""
    tail, head = small()
    engine = HierarchyTravelTimes(
        topology=Topology.build(rank=np.array([0, 1, 2], np.int32), tail=tail, head=head),
        twin=np.full(3, -1, np.int32),
        arc_ms=np.ones(3, np.int32),
    )
    here = RoadPosition(0, -1, 0.5, 0.0, 0)
    for stranger in (RoadPosition(7, -1, 0.5, 0.0, 0), RoadPosition(0, 1, 0.5, 0.0, 0)):
        with pytest.raises(InputError, match="is not of this network of 3 arcs"):
            engine.from_positions([here], stranger)
    assert engine.from_positions([], here) == []


def test_an_order_file_comes_back_as_it_was(tmp_path: Path) -> None:
    """Saved and loaded for the same network."""
    rank, shape = np.array([2, 0, 1], np.int32), shape_digest(3, *small())
    save_order(tmp_path / "x.order", rank, shape=shape)
    np.testing.assert_array_equal(load_order(tmp_path / "x.order", shape=shape), rank)


def test_every_altered_byte_of_an_order_is_noticed(tmp_path: Path) -> None:
    """Any byte flipped, any length cut: refused by name."""
    shape = shape_digest(3, *small())
    path = tmp_path / "x.order"
    save_order(path, np.array([2, 0, 1], np.int32), shape=shape)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ArtefactError, match=r"x\.order"):
            load_order(path, shape=shape)
        path.write_bytes(whole[:place])
        with pytest.raises(ArtefactError, match=r"x\.order"):
            load_order(path, shape=shape)


def test_an_order_of_another_network_is_refused(tmp_path: Path) -> None:
    """A stale file beside a rebuilt network must not be used; nor may a missing one."""
    save_order(tmp_path / "x.order", np.array([0], np.int32), shape=bytes(32))
    with pytest.raises(ArtefactError, match="belongs to another network"):
        load_order(tmp_path / "x.order", shape=shape_digest(3, *small()))
    with pytest.raises(ArtefactError, match=r"nowhere\.order: cannot be read"):
        load_order(tmp_path / "nowhere.order", shape=bytes(32))


def test_the_embedded_order_belongs_to_the_embedded_network() -> None:
    """A default install never computes one."""
    network = embedded(Path())
    shape = shape_digest(network.nodes, network.tail, network.head)
    rank = load_order(FOLDER / "roads.order", shape=shape)
    np.testing.assert_array_equal(np.sort(rank), np.arange(network.nodes))


def two_way_ring() -> HierarchyTravelTimes:
    """Make a ring of three two-way roads, slower one way round."""
    tail, head = np.array([0, 1, 2, 1, 2, 0], np.int32), np.array([1, 2, 0, 0, 1, 2], np.int32)
    return HierarchyTravelTimes(
        topology=Topology.build(rank=np.array([2, 0, 1], np.int32), tail=tail, head=head),
        twin=np.array([3, 4, 5, 0, 1, 2], np.int32),
        arc_ms=np.array([10, 20, 30, 100, 200, 300], np.int32),
    )


def test_a_matrix_is_made_of_single_trips() -> None:
    """Every pair in mid-edge, both sides, the same edge; -1 for what is on no road."""
    engine = two_way_ring()
    twins = [3, 4, 5]
    at = [RoadPosition(arc, twins[arc], f, 0.0, 7) for arc in range(3) for f in (0.0, 0.3, 1.0)]
    columns = Columns(
        np.array([*(p.arc for p in at), -1], np.int32),
        np.array([*(p.fraction for p in at), np.nan]),
        np.array([*(p.access_ms for p in at), -1]),
    )
    told: list[tuple[int, int]] = []
    times = engine.matrix(columns, columns, progress=lambda done, of: told.append((done, of)))
    assert told == [(len(at), len(at))]
    assert (times[-1] == -1).all()
    assert (times[:, -1] == -1).all()
    for column, goal in enumerate(at):
        assert times[:-1, column].tolist() == engine.from_positions(at, goal)


def test_a_matrix_of_many_blocks_is_whole() -> None:
    """More destinations than a block holds, and progress after each."""
    engine, told = two_way_ring(), list[int]()
    count = 2 * 1024 + 5
    many = Columns(
        np.arange(count, dtype=np.int32) % 3, np.linspace(0, 1, count), np.zeros(count, np.int64)
    )
    few = Columns(many.arc[:4], many.fraction[:4], many.access_ms[:4])
    times = engine.matrix(few, many, progress=lambda done, _: told.append(done))
    assert told == [1024, 2048, count]
    assert (times >= 0).all()
    for column in (0, 1023, 1024, count - 1):
        one = Columns(many.arc[[column]], many.fraction[[column]], many.access_ms[[column]])
        assert times[:, [column]].tolist() == engine.matrix(few, one).tolist()


def test_many_nodes_are_asked_at_once() -> None:
    """One row a destination, each as it is alone."""
    engine = two_way_ring()
    rows = engine.between_nodes([0, 1, 2], [2, 0])
    assert rows.tolist() == [engine.between_nodes([0, 1, 2], goal).tolist() for goal in (2, 0)]
    assert rows.tolist() == [[30, 20, 0], [0, 50, 30]]
    assert engine.between_nodes([], [1]).shape == (1, 0)


def test_strange_arcs_and_nodes_are_refused() -> None:
    """A kernel would read beyond its arrays."""
    engine = two_way_ring()
    here = Columns(np.array([0], np.int32), np.array([0.5]), np.array([0]))
    for arc in (6, -2):
        there = here._replace(arc=np.array([arc], np.int32))
        for sides in ((here, there), (there, here)):
            with pytest.raises(InputError, match=f"is on arc {arc}, which is not of this network"):
                engine.matrix(*sides)
    for fraction in (-0.01, 1.01, np.nan, np.inf):
        there = here._replace(fraction=np.array([fraction]))
        for sides in ((here, there), (there, here)):
            with pytest.raises(InputError, match=r"of arc 0: a fraction must lie in \[0, 1\]"):
                engine.matrix(*sides)
            with pytest.raises(InputError, match=r"road position 0, .* a fraction must lie in"):
                matrix_by_sweep(engine, *sides)
        one, other = (RoadPosition(0, 3, share, 0.0, 0) for share in (0.5, fraction))
        with pytest.raises(InputError, match="of arc 0: a fraction must lie in"):
            engine.from_positions([one], other)
        with pytest.raises(InputError, match="a fraction must lie in"):
            engine.path(other, one)
    for node in (3, -1):
        with pytest.raises(InputError, match=f"node {node} is not of this network of 3 nodes"):
            engine.between_nodes([0], node)
        with pytest.raises(InputError, match=f"node {node} is not of this network"):
            engine.between_nodes([node], 0)
    masked = np.ma.array([0, 1], mask=[False, True])
    strange: list[Any] = [[0.9], [True], ["0"], [[0, 1]], [2**70], masked]
    for broken in strange:
        with pytest.raises(InputError, match="nodes must be whole numbers, one or a column"):
            engine.between_nodes(broken, 0)
        with pytest.raises(InputError, match="nodes must be whole numbers, one or a column"):
            engine.between_nodes([0], broken)


def test_one_sweep_equals_labels_on_the_embedded_network() -> None:
    """Twenty positions to every node, and to each other, as many queries give them."""
    network = embedded(Path())
    topology = topology_of(network)
    jammed = np.rint(network.free_flow_ms * 1.3).astype(np.int32)
    engine = HierarchyTravelTimes(topology=topology, twin=network.twin, arc_ms=jammed)
    rng = np.random.default_rng(2)
    lower = np.flatnonzero((network.twin < 0) | (np.arange(network.arcs) < network.twin))
    arcs = rng.choice(lower, 20).astype(np.int32)
    arcs[3] = -1
    origins = Columns(arcs, rng.random(20), rng.integers(0, 9000, 20))
    swept = matrix_by_sweep(engine, origins, origins)
    np.testing.assert_array_equal(swept, engine.matrix(origins, origins))
    times = times_to_nodes(engine, origins)
    assert (times[3] == -1).all()
    # A place at the very tail of an arc is its node.
    leaving = network.first_out[:-1].astype(np.int32)
    goals = Columns(leaving, np.zeros(network.nodes), np.zeros(network.nodes, np.int64))
    np.testing.assert_array_equal(times, engine.matrix(origins, goals))


def test_a_sweep_refuses_what_its_sums_cannot_hold() -> None:
    """Where no labels are, ways of many days are single trips only, never taken for no way."""
    tail = np.arange(7, dtype=np.int32)
    twin, rank = np.full(7, -1, np.int32), np.arange(8, dtype=np.int32)
    topology = Topology.build(rank=rank, tail=tail, head=tail + np.int32(1))
    origin = Columns(np.zeros(1, np.int32), np.zeros(1), np.zeros(1, np.int64))
    goal = Columns(np.full(1, 6, np.int32), np.ones(1), np.zeros(1, np.int64))
    for ms in (2**26, 2**27 - 1, 2**27, 2**28 - 1):
        arc_ms = np.full(7, ms, np.int32)
        engine = HierarchyTravelTimes(topology=topology, twin=twin, arc_ms=arc_ms, label_budget=0)
        assert engine.matrix(origin, goal).tolist() == [[7 * ms]]
        if 7 * ms < 2**30 - 2**28:
            away = [-1, *(ms * node for node in range(1, 8))]
            assert times_to_nodes(engine, origin).tolist() == [away]
            assert matrix_by_sweep(engine, origin, goal).tolist() == [[7 * ms]]
            continue
        with pytest.raises(NetworkError, match=r"a node is .* nine days"):
            times_to_nodes(engine, origin)
        with pytest.raises(NetworkError, match="nine days"):
            matrix_by_sweep(engine, origin, goal)


def test_a_road_whose_ends_are_parted_needs_a_topology_that_joins_them() -> None:
    """Where turns are restricted, a query would else mix up two branches; the remedy is named."""
    tail, head = np.array([0, 3, 1, 4], np.int32), np.array([1, 4, 2, 5], np.int32)
    twin, arc_ms = np.array([1, 0, -1, -1], np.int32), np.full(4, 5, np.int32)
    rank = np.arange(6, dtype=np.int32)
    plain = Topology.build(rank=rank, tail=tail, head=head)
    with pytest.raises(NetworkError, match=r"road of arc 0 end at .* build it with twin=network"):
        HierarchyTravelTimes(topology=plain, twin=twin, arc_ms=arc_ms)
    joined = Topology.build(rank=rank, tail=tail, head=head, twin=twin)
    HierarchyTravelTimes(topology=joined, twin=twin, arc_ms=arc_ms)


def test_plain_twins_leave_the_topology_as_it_is() -> None:
    """A network without split junctions has not one edge more."""
    network = embedded(Path())
    plain = topology_of(network)
    same = Topology.build(rank=plain.rank, tail=network.tail, head=network.head, twin=network.twin)
    assert np.array_equal(plain.up, same.up)
