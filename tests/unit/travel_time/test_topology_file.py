"""The stored topology: what was saved comes back, and nothing else passes for it."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.roads.towns import forbidden_turn
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.travel import load_topology
from unarmed_router.cli.network_order import write_order
from unarmed_router.errors import ArtefactError
from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.network_file import load_network
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.order_file import shape_digest
from unarmed_router.travel_time.topology import Topology
from unarmed_router.travel_time.topology_file import load_topology_file, save_topology

FOLDER = embedded_agency().parent


def small() -> Topology:
    """Contract a ring of three one-way roads."""
    tail, head = np.array([0, 1, 2], np.int32), np.array([1, 2, 0], np.int32)
    return Topology.build(rank=np.array([2, 0, 1], np.int32), tail=tail, head=head)


SHAPE = bytes(range(32))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Write the ring and return the bytes."""
    path = tmp_path_factory.mktemp("topology") / "ring.topology"
    save_topology(path, small(), shape=SHAPE)
    return path.read_bytes()


def network() -> RoadNetwork:
    """Load the embedded roads."""
    return load_network(FOLDER / "roads.network")


def test_the_embedded_city_comes_back(tmp_path: Path) -> None:
    """Every array, by type and value; and its engine gives the same times from the file."""
    roads = network()
    shape = shape_digest(roads.nodes, roads.tail, roads.head)
    built = load_topology(FOLDER, "roads.order", None, roads)
    save_topology(tmp_path / "roads.topology", built, shape=shape)
    loaded = load_topology(tmp_path, None, "roads.topology", roads)
    for field in fields(Topology):
        one, other = getattr(built, field.name), getattr(loaded, field.name)
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)
        assert other.flags.aligned
    engines = [
        HierarchyTravelTimes(topology=shape_of, twin=roads.twin, arc_ms=roads.free_flow_ms)
        for shape_of in (built, loaded)
    ]
    goals = [3, 700, 6999]
    one, other = (engine.between_nodes(range(200), goals) for engine in engines)
    assert (one == other).all()


def test_exits_come_back_in_a_file_of_version_2(tmp_path: Path) -> None:
    """A topology depends on the nodes at which starts come out, and its file belongs to them."""
    roads = forbidden_turn()
    write_order(roads, tmp_path / "roads.order", topology=True)
    data = (tmp_path / "roads.topology").read_bytes()
    assert data[8] == 2
    loaded = load_topology(tmp_path, None, "roads.topology", roads)
    built = load_topology(tmp_path, "roads.order", None, roads)
    assert loaded.exit_node.tolist() == built.exit_node.tolist() != built.head.tolist()
    start, goal = RoadPosition(0, -1, 0.5, 0.0, 0), RoadPosition(2, -1, 0.0, 0.0, 0)
    for topology in (loaded, built):
        engine = HierarchyTravelTimes(topology=topology, twin=roads.twin, arc_ms=roads.free_flow_ms)
        assert engine.from_positions([start], goal) == [500 + 2000]
    with pytest.raises(ArtefactError, match="belongs to another network"):
        load_topology(tmp_path, None, "roads.topology", replace(roads, exit_node=None))


def test_a_file_of_a_network_without_exits_is_of_version_1(saved: bytes) -> None:
    """It holds nothing that an earlier release does not know."""
    assert saved[8] == 1
    assert b"exit_node" not in saved


@given(place=st.integers(0, 10**9), mask=st.integers(1, 255))
def test_an_altered_byte_is_refused(
    saved: bytes, tmp_path_factory: pytest.TempPathFactory, place: int, mask: int
) -> None:
    """Wherever it is: head, checksum, padding, header, arrays."""
    data = bytearray(saved)
    data[place % len(data)] ^= mask
    path = tmp_path_factory.getbasetemp() / "altered.topology"
    path.write_bytes(data)
    with pytest.raises(ArtefactError, match=r"altered\.topology: .*network order --topology"):
        load_topology_file(path, shape=SHAPE)


@pytest.mark.parametrize("kept", [0, 4, 60, 127, 128, -1])
def test_a_truncated_file_is_refused(saved: bytes, tmp_path: Path, kept: int) -> None:
    """At any length."""
    (tmp_path / "short.topology").write_bytes(saved[:kept])
    with pytest.raises(ArtefactError, match=r"short\.topology: (not a|truncated)"):
        load_topology_file(tmp_path / "short.topology", shape=SHAPE)


def test_another_network_or_none_is_refused(saved: bytes, tmp_path: Path) -> None:
    """By name."""
    path = tmp_path / "ring.topology"
    with pytest.raises(ArtefactError, match="cannot be read"):
        load_topology_file(path, shape=SHAPE)
    path.write_bytes(saved)
    with pytest.raises(ArtefactError, match="belongs to another network"):
        load_topology_file(path, shape=bytes(32))


def test_what_is_loaded_cannot_change_the_file(saved: bytes, tmp_path: Path) -> None:
    """Views are private: a write stays in memory."""
    path = tmp_path / "ring.topology"
    path.write_bytes(saved)
    load_topology_file(path, shape=SHAPE).rank[0] = 7
    assert path.read_bytes() == saved
