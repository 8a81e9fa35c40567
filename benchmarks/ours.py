"""Our engine as the benchmarks ask it: topologies and engines by the name of their network."""

from __future__ import annotations

from functools import cache

import numba
import numpy as np
import numpy.typing as npt

from benchmarks.inputs import Question, network, question
from unarmed_router.kernels.labels import common_depth
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.ordering import nested_dissection
from unarmed_router.travel_time.topology import Topology

__all__ = ["engine", "labelled", "prefixes", "topology"]

Int64s = npt.NDArray[np.int64]

ALWAYS = 2**40
"""A label budget nothing exceeds."""


@cache
def topology(name: str) -> Topology:
    """Order and contract a network of the benchmarks, once."""
    roads = network(name)
    assert roads is not None
    rank = nested_dissection(
        nodes=roads.nodes,
        tail=roads.tail,
        head=roads.head,
        lon=roads.node_lon,
        lat=roads.node_lat,
    )
    ends = {"tail": roads.tail, "head": roads.head, "twin": roads.twin}
    return Topology.build(rank=rank, **ends, exit_node=roads.exit_node)


def engine(name: str, asked: Question, *, label_budget: int = ALWAYS) -> HierarchyTravelTimes:
    """Customize the network of a question to its metric."""
    return HierarchyTravelTimes(
        topology=topology(name),
        twin=asked.network.twin,
        arc_ms=asked.arc_ms,
        label_budget=label_budget,
    )


@cache
def labelled(name: str) -> HierarchyTravelTimes:
    """Label a network at free flow, once; ask for it only where `measure.posed` found it."""
    asked = question(name)
    assert asked is not None
    return engine(name, asked)


def prefixes(shape: Topology, teams: Int64s, calls: Int64s) -> float:
    """Walk to the common prefix of every team and call, and return their mean length."""
    ends = (shape.rank[nodes].astype(np.int64) for nodes in (teams, calls))
    total: int = _prefixes(*ends, shape.parent, shape.depth, shape.top)
    return total / (len(teams) * len(calls))


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _prefixes(
    teams: Int64s,
    calls: Int64s,
    parent: npt.NDArray[np.int32],
    depth: npt.NDArray[np.int32],
    top: npt.NDArray[np.int32],
) -> int:
    total = 0
    for call in calls:
        for team in teams:
            total += common_depth(team, call, parent, depth, top) + 1
    return total
