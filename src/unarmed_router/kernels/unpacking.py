"""From a query of the hierarchy to the arcs that are driven.

A shortest path climbs from the start to an ancestor it shares with the goal, and descends from
there (Dibbelt, Strasser and Wagner 2016, doi 10.1145/2886843, section 5). An edge of either half
is the arc it stands for, or the way round through a lower node: a triangle whose two legs are edges
again, each with a lower end below both ends of the edge, so that unpacking comes to an end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.customization import NEVER
from unarmed_router.kernels.jit import kernel
from unarmed_router.kernels.labels import FAR, common_depth, deeper

__all__ = ["best_way", "unpack"]

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]

FIRST_END = -2
"""Where a branch was entered: by the first end of a place; one less, by the second."""


@kernel
def climb_by_edges(
    ends: Int64s,
    up_first: Int64s,
    up: Int32s,
    edge_ms: Int32s,
    depth: Int32s,
    row: Int64s,
    via: Int32s,
) -> None:
    """Do `labels.climb` from both ends of a place, and keep the edge that each time came by.

    Of equal times the first found stays.

    Parameters
    ----------
    ends : ndarray of int64, shape (4,)
        Node and milliseconds, twice; -1 for no node.
    row : ndarray of int64
        Filled: time to the ancestor at each depth; ``FAR`` where none was found.
    via : ndarray of int32
        Filled: the edge that ends there, ``FIRST_END`` or one less where an end of the place lies.
    """
    for side in range(2):
        node, ms = ends[2 * side], ends[2 * side + 1]
        if node < 0 or ms >= row[depth[node]]:
            continue
        row[depth[node]], via[depth[node]] = ms, FIRST_END - side
        while True:
            here = row[depth[node]]
            for e in range(up_first[node], up_first[node + 1]):
                k = depth[up[e]]
                if edge_ms[e] < NEVER and here + edge_ms[e] < row[k]:
                    row[k], via[k] = here + edge_ms[e], e
            if up_first[node] == up_first[node + 1]:
                break
            node = up[up_first[node]]


@kernel
def edges_down(k: int, via: Int32s, lower: Int32s, depth: Int32s) -> tuple[Int32s, int]:
    """List the edges by which the time at a depth was found, the highest first, and the end."""
    edges = np.empty(len(via) - k, np.int32)  # each leads to a node deeper on the branch
    count = 0
    while via[k] >= 0:
        edges[count] = via[k]
        k = depth[lower[via[k]]]
        count += 1
    return edges[:count].copy(), FIRST_END - via[k]


@kernel
def best_way(
    start: Int64s,
    goal: Int64s,
    up_first: Int64s,
    up: Int32s,
    lower: Int32s,
    up_ms: Int32s,
    down_ms: Int32s,
    parent: Int32s,
    depth: Int32s,
    top: Int32s,
) -> tuple[int, int, int, Int32s, int]:
    """Find the shortest way between two places as edges of the hierarchy.

    Parameters
    ----------
    start, goal : ndarray of int64, shape (4,)
        Exit, or entry, node and the time between it and the place, twice; -1 for no node.
    up_first, up, lower, up_ms, down_ms, parent, depth, top : ndarray
        The customized hierarchy and its tree.

    Returns
    -------
    ms : int
        Milliseconds; -1 where no path leads there.
    exit, entry : int
        Which end of the start is left, and of the goal is reached, 0 or 1.
    edges : ndarray of int32
        In the order they are driven.
    rising : int
        How many of them, from the first, lead from the lower end to the higher.
    """
    source, target = deeper(start, depth), deeper(goal, depth)
    out, home = np.full(depth[source] + 1, FAR), np.full(depth[target] + 1, FAR)
    out_by = np.full(depth[source] + 1, -1, np.int32)
    home_by = np.full(depth[target] + 1, -1, np.int32)
    climb_by_edges(start, up_first, up, up_ms, depth, out, out_by)
    climb_by_edges(goal, up_first, up, down_ms, depth, home, home_by)
    least, meeting = FAR, -1
    for k in range(common_depth(source, target, parent, depth, top) + 1):
        if out[k] + home[k] < least:
            least, meeting = out[k] + home[k], k
    if meeting < 0:
        return -1, 0, 0, np.empty(0, np.int32), 0
    climbed, exit_side = edges_down(meeting, out_by, lower, depth)
    descended, entry_side = edges_down(meeting, home_by, lower, depth)
    edges = np.concatenate((climbed[::-1], descended))
    return int(least), exit_side, entry_side, edges, len(climbed)


@kernel
def own_arc(
    edge: int, rises: bool, arcs: tuple[Int64s, Int32s, Bools, Int32s], edge_ms: Int32s
) -> int:
    """Arc that an edge stands for in one direction; -1 where the edge is a way round."""
    arc_first, arc_of, upward, arc_ms = arcs
    for k in range(arc_first[edge], arc_first[edge + 1]):
        arc = arc_of[k]
        if upward[arc] == rises and arc_ms[arc] == edge_ms[edge]:
            return int(arc)
    return -1


@kernel
def place_of(node: int, up: Int32s, begin: int, end: int) -> int:
    """Place of the first node that is not below a given one in an ascending stretch of `up`."""
    while begin < end:
        middle = (begin + end) // 2
        if up[middle] < node:
            begin = middle + 1
        else:
            end = middle
    return begin


@kernel
def lower_way(
    edge: int,
    rises: bool,
    shape: tuple[Int64s, Int32s, Int32s, Int64s, Int32s],
    up_ms: Int32s,
    down_ms: Int32s,
) -> tuple[int, int]:
    """Find the two edges of the triangle below an edge: the first falls and the second rises."""
    up_first, up, lower, down_first, down_edge = shape
    low, high = lower[edge], up[edge]
    ms = up_ms[edge] if rises else down_ms[edge]
    for k in range(down_first[low], down_first[low + 1]):
        leg = down_edge[k]
        end = up_first[lower[leg] + 1]
        other = place_of(high, up, leg + 1, end)
        if other == end or up[other] != high:
            continue
        falls, climbs = (leg, other) if rises else (other, leg)
        if down_ms[falls] < NEVER and down_ms[falls] + up_ms[climbs] == ms:
            return falls, climbs
    return -1, -1


@kernel
def unpack(
    edges: Int32s,
    rising: int,
    shape: tuple[Int64s, Int32s, Int32s, Int64s, Int32s],
    arcs: tuple[Int64s, Int32s, Bools, Int32s],
    up_ms: Int32s,
    down_ms: Int32s,
) -> Any:
    """Replace the edges of a way by the arcs they stand for.

    Parameters
    ----------
    edges, rising
        As `best_way` returns them.
    shape : tuple of ndarray
        ``up_first, up, lower, down_first, down_edge`` of the topology.
    arcs : tuple of ndarray
        ``arc_first, arc_of``: the arcs of edge e are ``arc_of[arc_first[e]:arc_first[e + 1]]``;
        ``upward``; ``arc_ms``.
    up_ms, down_ms : ndarray of int32
        The customized times.

    Returns
    -------
    ndarray of int32
        Arcs in the order they are driven; one of them is -1 where the times are not those of this
        topology and these arcs, which its caller refuses.

    Notes
    -----
    The edges still to be replaced wait on a stack. Each way round adds one, and its lower node lies
    deeper in the tree, so the stack holds at most the tree's height beyond the edges given.
    """
    stack = np.empty(2 * len(edges) + 64, np.int64)
    found = np.empty(4 * len(edges) + 64, np.int32)
    count, waiting = 0, len(edges)
    for k in range(waiting):  # the last is driven last; twice the edge, and 1 where it rises
        at = waiting - 1 - k
        stack[k] = 2 * np.int64(edges[at]) + (1 if at < rising else 0)
    while waiting > 0:
        waiting -= 1
        edge, rises = stack[waiting] // 2, stack[waiting] % 2 == 1
        arc = own_arc(edge, rises, arcs, up_ms if rises else down_ms)
        falls, climbs = (-1, -1) if arc >= 0 else lower_way(edge, rises, shape, up_ms, down_ms)
        if falls < 0:
            if count == len(found):
                found = np.concatenate((found, np.empty_like(found)))
            found[count] = arc
            count += 1
            continue
        if waiting + 2 > len(stack):
            stack = np.concatenate((stack, np.empty_like(stack)))
        stack[waiting], stack[waiting + 1] = 2 * np.int64(climbs) + 1, 2 * np.int64(falls)
        waiting += 2
    return found[:count].copy()
