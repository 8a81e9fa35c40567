"""Tree labels: the time from each node to each of its ancestors, and back, passing no higher node.

The highest node of a shortest path is a common ancestor of its ends in the elimination tree, so its
time is the least sum of the two labels over the prefix they share (Ouyang et al. 2018,
doi 10.1145/3183713.3196913; customizable: Blum and Storandt 2022, arXiv 2208.08709).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.customization import NEVER
from unarmed_router.kernels.jit import kernel
from unarmed_router.kernels.path_codes import BITS, parting_depths, shared_depth

__all__ = ["common_depth", "fill_labels", "many_to_one", "many_to_one_by_rows"]

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
UInt64s = NDArray[np.uint64]


FAR = np.int64(2**61)


@kernel
def relax(row: Int32s, other: Int32s, ms: int) -> None:
    """Better a row by another one that lies `ms` away; sums stay below 2**31.

    Kept in int32 by every means: numba widens a sum to int64, which halves what a vector holds.
    """
    more = np.int32(ms)
    for k in range(len(row)):
        through = np.int32(other[k] + more)
        row[k] = min(row[k], through)


@kernel
def least_sum(row: Int32s, other: Int32s) -> int:
    """Least sum of two rows, at most ``NEVER``; sums stay below 2**31, in int32 as in `relax`."""
    least = NEVER
    for k in range(len(row)):
        through = np.int32(row[k] + other[k])
        least = min(least, through)
    return int(least)


@kernel
def fill_labels(
    up_first: Int64s,
    up: Int32s,
    up_ms: Int32s,
    down_ms: Int32s,
    depth: Int32s,
    start: Int64s,
    to: Int32s,
    back: Int32s,
) -> None:
    """Compute every label, from the roots down.

    Parameters
    ----------
    up_first, up, up_ms, down_ms : ndarray
        The customized hierarchy.
    depth : ndarray of int32
        Of each node in the tree.
    start : ndarray of int64, shape (n + 1,)
        The label of v is ``start[v] : start[v] + depth[v] + 1``, roots first, itself last.
    to, back : ndarray of int32
        Filled: time from v to its ancestor at each depth, and from that ancestor to v, on the best
        way that passes no higher node; a shortest path has such a way to its highest node.
    """
    n = len(depth)
    for v in range(n - 1, -1, -1):
        here, d = start[v], depth[v]
        to[here : here + d] = NEVER
        back[here : here + d] = NEVER
        to[here + d] = back[here + d] = 0
        for e in range(up_first[v], up_first[v + 1]):
            u, out, home = up[e], up_ms[e], down_ms[e]
            du, there = depth[u], start[u]
            relax(to[here : here + du + 1], to[there : there + du + 1], out)
            relax(back[here : here + du + 1], back[there : there + du + 1], home)


@kernel
def common_depth(s: int, t: int, parent: Int32s, depth: Int32s, top: Int32s) -> int:
    """Depth of the lowest common ancestor of two nodes; -1 when they have none."""
    while top[s] != top[t]:
        if depth[top[s]] >= depth[top[t]]:
            s = parent[top[s]]
        else:
            t = parent[top[t]]
        if s < 0 or t < 0:
            return -1
    return int(min(depth[s], depth[t]))


@kernel
def climb(
    node: int, ms: int, up_first: Int64s, up: Int32s, edge_ms: Int32s, depth: Int32s, row: Int64s
) -> None:
    """Better a row of times from a node to its ancestors by one search up the tree.

    What it finds is the time of the best way that only climbs; the least sum of two such rows is
    exact (Dibbelt, Strasser and Wagner 2016, section 5). `ms` is the time to reach the node. Rows
    are int64 and hold ``FAR`` where nothing was found: no sum of edges reaches it.
    """
    row[depth[node]] = min(row[depth[node]], ms)
    while up_first[node] < up_first[node + 1]:
        here = row[depth[node]]
        for e in range(up_first[node], up_first[node + 1]):
            k = depth[up[e]]
            if edge_ms[e] < NEVER:
                row[k] = min(row[k], here + edge_ms[e])
        node = up[up_first[node]]


@kernel
def many_to_one_by_rows(
    starts: Int64s,
    goal: Int64s,
    up_first: Int64s,
    up: Int32s,
    up_ms: Int32s,
    down_ms: Int32s,
    parent: Int32s,
    depth: Int32s,
    top: Int32s,
    out: Int64s,
) -> None:
    """Do `many_to_one` without labels: each end's row is searched when it is needed."""
    target = deeper(goal, depth)
    towards = np.full(depth[target] + 1, FAR)
    for side in range(0, 4, 2):
        if goal[side] >= 0:
            climb(goal[side], goal[side + 1], up_first, up, down_ms, depth, towards)
    for i in range(len(starts)):
        source = deeper(starts[i], depth)
        row = np.full(depth[source] + 1, FAR)
        for side in range(0, 4, 2):
            if starts[i, side] >= 0:
                climb(starts[i, side], starts[i, side + 1], up_first, up, up_ms, depth, row)
        least = FAR
        for k in range(common_depth(source, target, parent, depth, top) + 1):
            least = min(least, row[k] + towards[k])
        out[i] = least if least < FAR else -1


@kernel
def deeper(ends: Int64s, depth: Int32s) -> int:
    """Deeper of the two nodes of a road; both lie on one branch of the tree."""
    if ends[2] >= 0 and depth[ends[2]] > depth[ends[0]]:
        return int(ends[2])
    return int(ends[0])


@kernel
def target_row(goal: Int64s, depth: Int32s, start: Int64s, back: Int32s, row: Int32s) -> None:
    """Merge the labels of a target's entries into one row over the ancestors of the deeper one.

    Both ends of a road lie on one branch of the tree, so the shallower end's label covers a prefix
    of the deeper end's.
    """
    for side in range(0, 4, 2):
        node, ms = goal[side], goal[side + 1]
        if node < 0:
            continue
        relax(row[: depth[node] + 1], back[start[node] : start[node] + depth[node] + 1], ms)


@kernel
def many_to_one(
    starts: Int64s,
    goal: Int64s,
    parent: Int32s,
    depth: Int32s,
    top: Int32s,
    branches: UInt64s,
    head: Int32s,
    start: Int64s,
    to: Int32s,
    back: Int32s,
    out: Int64s,
) -> None:
    """Find the times from many places to one, into `out`; -1 where no path leads there.

    Parameters
    ----------
    starts : ndarray of int64, shape (k, 4)
        Exit node and time to it, twice; the second node is -1 on a one-way road.
    goal : ndarray of int64, shape (4,)
        Entry node and time from it, twice.
    parent, depth, top, branches, head, start, to, back : ndarray
        The tree and its labels.
    out : ndarray of int64, shape (k,)
        Milliseconds.
    """
    target = deeper(goal, depth)
    row = np.full(depth[target] + 1, NEVER, np.int32)
    target_row(goal, depth, start, back, row)
    table = np.empty(BITS + 1, np.int32)
    parting_depths(target, parent, depth, branches, head, table)
    for i in range(len(starts)):
        best = np.int64(-1)
        for side in range(0, 4, 2):
            node = starts[i, side]
            if node < 0:
                continue
            here = start[node]
            shared = shared_depth(node, target, branches, table)
            if shared == -2:
                shared = common_depth(node, target, parent, depth, top)
            least = least_sum(to[here : here + shared + 1], row[: shared + 1])
            if least < NEVER and (best < 0 or least + starts[i, side + 1] < best):
                best = least + starts[i, side + 1]
        out[i] = best
