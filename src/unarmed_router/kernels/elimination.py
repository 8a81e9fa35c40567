"""The elimination tree of an ordered graph: which shortcuts a contraction may need, and no more.

Nodes are numbered by rank: 0 is contracted first. Contracting a node joins all its higher
neighbours, so the neighbours above v are those it has itself and those its children in the tree
have above (symbolic Cholesky factorization; George and Liu 1981; Dibbelt, Strasser and Wagner 2016,
doi 10.1145/2886843).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel

__all__ = ["fill_in", "heavy_paths", "shape_of_tree"]

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


@kernel
def fill_in(first: Int32s, above: Int32s) -> tuple[Int64s, Int32s]:
    """Find every higher neighbour of every node once all lower ones are contracted.

    Parameters
    ----------
    first, above : ndarray of int32
        Higher neighbours of node v in the graph itself are ``above[first[v]:first[v + 1]]``.

    Returns
    -------
    up_first : ndarray of int64, shape (n + 1,)
    up : ndarray of int32
        Higher neighbours of v after contraction, ascending: ``up[up_first[v]:up_first[v + 1]]``;
        the first of them is its parent.
    """
    n = len(first) - 1
    up_first = np.zeros(n + 1, np.int64)
    up = np.empty(max(4 * len(above), 16), np.int32)
    seen = np.full(n, -1, np.int32)
    child = np.full(n, -1, np.int32)  # first child of each node, and each child's next sibling
    sibling = np.full(n, -1, np.int32)
    for v in range(n):
        begin = up_first[v]
        end = begin
        seen[v] = v
        c = child[v]
        need = first[v + 1] - first[v]
        while c >= 0:
            need += up_first[c + 1] - up_first[c]
            c = sibling[c]
        if begin + need > len(up):
            grown = np.empty(2 * (begin + need), np.int32)
            grown[:begin] = up[:begin]
            up = grown
        for k in range(first[v], first[v + 1]):
            if seen[above[k]] != v:
                seen[above[k]] = v
                up[end] = above[k]
                end += 1
        c = child[v]
        while c >= 0:
            for k in range(up_first[c], up_first[c + 1]):
                if seen[up[k]] != v:
                    seen[up[k]] = v
                    up[end] = up[k]
                    end += 1
            c = sibling[c]
        up[begin:end].sort()
        up_first[v + 1] = end
        if end > begin:
            sibling[v] = child[up[begin]]
            child[up[begin]] = v
    return up_first, up[: up_first[n]].copy()


@kernel
def shape_of_tree(up_first: Int64s, up: Int32s) -> tuple[Int32s, Int32s]:
    """Parent of each node, -1 at a root, and its depth, 0 at a root."""
    n = len(up_first) - 1
    parent = np.full(n, -1, np.int32)
    depth = np.zeros(n, np.int32)
    for v in range(n - 1, -1, -1):
        if up_first[v] < up_first[v + 1]:
            parent[v] = up[up_first[v]]
            depth[v] = depth[parent[v]] + 1
    return parent, depth


@kernel
def heavy_paths(parent: Int32s) -> Int32s:
    """Top of the heavy path each node lies on (Sleator and Tarjan 1983).

    A path goes on to the child with the largest subtree, so fewer than log2(n) paths lead from a
    node to its root, and a common ancestor is found in as many steps.
    """
    n = len(parent)
    size = np.ones(n, np.int32)
    for v in range(n):
        if parent[v] >= 0:
            size[parent[v]] += size[v]
    heavy = np.full(n, -1, np.int32)
    for v in range(n):
        p = parent[v]
        if p >= 0 and (heavy[p] < 0 or size[v] > size[heavy[p]]):
            heavy[p] = v
    top = np.empty(n, np.int32)
    for v in range(n - 1, -1, -1):
        p = parent[v]
        top[v] = top[p] if p >= 0 and heavy[p] == v else v
    return top
