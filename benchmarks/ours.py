"""Our engine as the benchmarks ask it: one call at a time, and in a compiled batch."""

from __future__ import annotations

from functools import cache

import numba
import numpy as np
import numpy.typing as npt

from benchmarks.inputs import Question, network
from unarmed_router.kernels.labels import common_depth, many_to_one
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.ordering import nested_dissection
from unarmed_router.travel_time.topology import Topology

__all__ = ["batch", "engine", "prefixes", "topology"]

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
    return Topology.build(rank=rank, tail=roads.tail, head=roads.head)


def engine(name: str, asked: Question, *, label_budget: int = ALWAYS) -> HierarchyTravelTimes:
    """Customize the network of a question to its metric."""
    return HierarchyTravelTimes(
        topology=topology(name),
        twin=asked.network.twin,
        arc_ms=asked.arc_ms,
        label_budget=label_budget,
    )


def batch(times: HierarchyTravelTimes, shape: Topology, teams: Int64s, calls: Int64s) -> Int64s:
    """Time every team to every call in one compiled loop, one call after the other."""
    # The engine has no public matrix over nodes yet; its labels are what such a loop runs on.
    labels = times._labels  # noqa: SLF001
    assert labels is not None
    starts = np.full((len(teams), 4), -1, np.int64)
    starts[:, 0], starts[:, 1] = shape.rank[teams], 0
    out = np.empty((len(calls), len(teams)), np.int64)
    ranks = shape.rank[calls].astype(np.int64)
    tree = (shape.parent, shape.depth, shape.top, shape.branches, shape.branch_head)
    _each(starts, ranks, *tree, shape.label_first, *labels, out)
    return out


@numba.njit(nogil=True, cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _each(
    starts: Int64s,
    goals: Int64s,
    parent: npt.NDArray[np.int32],
    depth: npt.NDArray[np.int32],
    top: npt.NDArray[np.int32],
    branches: npt.NDArray[np.uint64],
    head: npt.NDArray[np.int32],
    first: Int64s,
    to: npt.NDArray[np.int32],
    back: npt.NDArray[np.int32],
    out: Int64s,
) -> None:
    """Run the kernel of one call for each goal."""
    goal = np.array([0, 0, -1, 0], np.int64)
    for i in range(len(goals)):
        goal[0] = goals[i]
        many_to_one(starts, goal, parent, depth, top, branches, head, first, to, back, out[i])


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
