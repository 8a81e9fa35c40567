"""Codes of the branches a node lies under, so that a common ancestor is found without walking.

Below every branching of the elimination tree each child's subtree takes a few bits, the higher
branchings the lower bits. Two nodes part at the branching that wrote the lowest bit in which their
codes differ. A target's table says how deep that branching is for each bit of its code.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel

__all__ = ["BITS", "branch_codes", "parting_depths", "shared_depth"]

BITS = 64

Int32s = NDArray[np.int32]
UInt64s = NDArray[np.uint64]

# Place of the lowest set bit by a de Bruijn sequence (Leiserson, Prokop and Randall 1998).
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_PLACES = np.zeros(BITS, np.int64)
for _place in range(BITS):
    _PLACES[((int(_DE_BRUIJN) << _place) & (2**64 - 1)) >> 58] = _place


@kernel
def lowest_bit(bits: int) -> int:
    """Place of the lowest set bit of a uint64; `BITS` when none is set."""
    if bits == np.uint64(0):
        return BITS
    alone = bits & (~bits + np.uint64(1))
    return int(_PLACES[np.int64((alone * _DE_BRUIJN) >> np.uint64(58))])


@kernel
def branch_codes(parent: Int32s, depth: Int32s) -> tuple[UInt64s, Int32s]:
    """Give every node its code, as far as it fits.

    Parameters
    ----------
    parent, depth : ndarray of int32, shape (n,)
        The tree by rank; a root's parent is -1. Roots count as children of one more node above.

    Returns
    -------
    branches : ndarray of uint64, shape (n, 2)
        The code; and three numbers in one: bits it can be trusted for (times 2**40), bits used
        (times 2**32), depth. A code that fits is followed by zeros and trusted beyond its end.
    head : ndarray of int32, shape (n,)
        Highest node with the same code: its parent is a branching, or it is a root.
    """
    n = len(parent)
    children = np.zeros(n + 1, np.int32)
    for v in range(n):
        children[parent[v]] += 1  # a root's parent, -1, is the place beyond the last node
    given = np.zeros(n + 1, np.int32)
    used = np.zeros(n + 1, np.int32)
    known = np.full(n + 1, BITS + 1, np.int32)
    branches = np.zeros((n + 1, 2), np.uint64)
    head = np.empty(n, np.int32)
    for v in range(n - 1, -1, -1):
        p = parent[v]
        number = given[p]
        given[p] += 1
        bits = 0
        while (1 << bits) < children[p]:
            bits += 1
        branches[v, 0] = branches[p, 0]
        used[v], known[v] = used[p], known[p]
        if known[p] > BITS and used[p] + bits <= BITS:
            if bits > 0:
                branches[v, 0] |= np.uint64(number) << np.uint64(used[p])
            used[v] += bits
        elif known[p] > BITS:
            known[v] = used[p]
        head[v] = head[p] if p >= 0 and used[v] == used[p] else v
        packed = (known[v] << 8) | used[v]
        branches[v, 1] = (np.uint64(packed) << np.uint64(32)) | np.uint64(depth[v])
    return branches[:n].copy(), head


@kernel
def bits_used(branches: UInt64s, node: int) -> int:
    """Bits of a node's code."""
    return int((branches[node, 1] >> np.uint64(32)) & np.uint64(0xFF))


@kernel
def bits_known(branches: UInt64s, node: int) -> int:
    """Bits for which a node's code can be trusted; `BITS` + 1 when it fits."""
    return int(branches[node, 1] >> np.uint64(40))


@kernel
def parting_depths(
    node: int, parent: Int32s, depth: Int32s, branches: UInt64s, head: Int32s, table: Int32s
) -> None:
    """Fill a target's table: how deep the branching is that wrote each bit of its code.

    `table` has `BITS` + 1 places; -1 stands for the roots themselves. Where no branching of the
    target's wrote a bit, it holds the target's own depth.
    """
    table[:] = depth[node]
    end = bits_used(branches, node)
    while end > 0:  # high branchings wrote the low bits
        node = head[node]
        p = parent[node]
        begin = bits_used(branches, p) if p >= 0 else 0
        table[begin:end] = depth[p] if p >= 0 else -1
        end = begin
        node = p


@kernel
def shared_depth(node: int, target: int, branches: UInt64s, table: Int32s) -> int:
    """Depth to which a node shares the target's ancestors; -2 when codes cannot tell."""
    bit = lowest_bit(branches[node, 0] ^ branches[target, 0])
    if bit >= bits_known(branches, node) or bit >= bits_known(branches, target):
        return -2
    return int(min(table[bit], np.int64(branches[node, 1] & np.uint64(0xFFFFFFFF))))
