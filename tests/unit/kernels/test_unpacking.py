"""Unpacking kernels against their naive twins, on every network of the hierarchy's own tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles import paths as twin
from tests.unit.kernels.test_hierarchy_kernels import (
    Network,
    customized,
    networks,
    on_any_network,
    topology_of,
)
from unarmed_router.kernels.customization import NEVER
from unarmed_router.kernels.unpacking import best_way, unpack
from unarmed_router.travel_time.topology import Topology


def arcs_of(network: Network, topology: Topology) -> Any:
    """Collect what `unpack` reads of arcs."""
    arc_ms = np.array([ms for _, _, ms in network.arcs], np.int32)
    return (*topology.arcs_by_edge, topology.upward, arc_ms)


def shape_of(topology: Topology) -> Any:
    """Collect what `unpack` reads of the shape."""
    return (
        topology.up_first,
        topology.up,
        topology.lower,
        topology.down_first,
        topology.down_edge,
    )


@on_any_network()
def test_every_edge_unpacks_to_a_shortest_path_below_it(network: Network) -> None:
    """In both directions, over ties and parallel arcs; an edge no path leads along has none."""
    topology = topology_of(network)
    up_ms, down_ms = customized(network, topology)
    for edge in range(len(topology.up)):
        low, high = int(topology.lower[edge]), int(topology.up[edge])
        for rising, ms, ends in ((1, up_ms, (low, high)), (0, down_ms, (high, low))):
            expected = twin.unpack(network.by_rank(), *ends)
            assert (ms[edge] < NEVER) == bool(expected)
            if not expected:
                continue
            one = np.array([edge], np.int32)
            tables = shape_of(topology), arcs_of(network, topology)
            found = unpack(one, rising, *tables, up_ms, down_ms)
            assert tuple(found.tolist()) in expected


@settings(max_examples=150)
@given(network=networks(), data=st.data())
def test_the_best_way_takes_its_exact_time(network: Network, data: st.DataObject) -> None:
    """From two exits of one road to two entries of another, whatever the time to each."""
    topology = topology_of(network)
    up_ms, down_ms = customized(network, topology)
    nodes = st.integers(0, len(network.rank) - 1)

    def ends() -> list[tuple[int, int]]:
        """Draw a node, or the two ends of a road: they lie on one branch of the tree."""
        road = data.draw(st.sampled_from(network.by_rank())) if network.arcs else None
        if road is None or data.draw(st.booleans()):
            return [(data.draw(nodes), data.draw(st.integers(0, 5)))]
        return [(node, data.draw(st.integers(0, 5))) for node in road[:2]]

    start, goal = ends(), ends()
    leaving, reaching = (
        np.array([*chosen[0], *(*chosen[1:], (-1, 0))[0]]) for chosen in (start, goal)
    )
    ms, leave, enter, edges, rising = best_way(
        leaving,
        reaching,
        topology.up_first,
        topology.up,
        topology.lower,
        up_ms,
        down_ms,
        topology.parent,
        topology.depth,
        topology.top,
    )
    expected = twin.best_way(network.by_rank(), start, goal)
    assert ms == (-1 if expected is None else expected)
    if expected is None:
        return
    here = start[leave][0]
    total = start[leave][1] + goal[enter][1]
    tables = shape_of(topology), arcs_of(network, topology)
    for arc in unpack(edges, rising, *tables, up_ms, down_ms).tolist():
        tail, head, arc_ms = network.by_rank()[arc]
        assert tail == here
        here, total = head, total + arc_ms
    assert here == goal[enter][0]
    assert total == ms


def test_a_long_edge_unpacks_beyond_the_first_room_of_the_arrays() -> None:
    """A path of a thousand nodes contracted from its middle outwards is one edge."""
    nodes = 1000
    # The two ends are contracted last, so that one edge joins them.
    rank = [nodes - 2, *range(nodes - 2), nodes - 1]
    network = Network(rank, [(v, v + 1, 1 + v % 3) for v in range(nodes - 1)])
    topology = topology_of(network)
    up_ms, down_ms = customized(network, topology)
    (edge,) = np.flatnonzero((topology.lower == nodes - 2) & (topology.up == nodes - 1))
    one = np.array([edge], np.int32)
    found = unpack(one, 1, shape_of(topology), arcs_of(network, topology), up_ms, down_ms)
    assert found.tolist() == list(range(nodes - 1))


def test_times_of_another_network_are_not_taken_for_a_path() -> None:
    """An edge whose time nothing explains is said to be no arc."""
    network = Network([0, 1, 2], [(0, 1, 3), (1, 2, 4)])
    topology = topology_of(network)
    up_ms, down_ms = customized(network, topology)
    up_ms[:] = 99
    found = unpack(
        np.array([0], np.int32), 1, shape_of(topology), arcs_of(network, topology), up_ms, down_ms
    )
    assert found.tolist() == [-1]
