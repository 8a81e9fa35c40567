"""The edges of a partition, each once, ready for the point-location kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from unarmed_router.errors import BoundaryError
from unarmed_router.kernels.border import FANOUT

__all__ = ["Outlined", "box_tree", "unique_edges"]

_MORTON_BITS = 16


class Outlined(Protocol):
    """Anything with a number and rings: int32 arrays (n, 2) of grid units, interior on the left."""

    @property
    def number(self) -> int:
        """Number of the division."""

    @property
    def rings(self) -> Sequence[NDArray[np.int32]]:
        """Exterior and hole rings, the last vertex not repeated."""


def unique_edges(divisions: Sequence[Outlined]) -> NDArray[np.int64]:
    """List every edge of the partition once, with the labels on its two sides combined.

    Parameters
    ----------
    divisions : sequence of Outlined
        Label of division ``i`` is ``i + 1``; 0 is outside.

    Returns
    -------
    ndarray of int64, shape (m, 5)
        ax, ay, bx, by (grid units, lower end first) and the exclusive or of both labels, in
        Morton order of the midpoints.

    Raises
    ------
    BoundaryError
        An edge belongs to three rings, or lies twice on the same side: not a partition.
    """
    directed = np.vstack([_labelled_edges(d, i + 1) for i, d in enumerate(divisions)])
    ends, label = directed[:, :4], directed[:, 4]
    downwards = (ends[:, 3] < ends[:, 1]) | ((ends[:, 3] == ends[:, 1]) & (ends[:, 2] < ends[:, 0]))
    upward = np.where(downwards[:, None], ends[:, [2, 3, 0, 1]], ends)
    edges, where, uses = np.unique(upward, axis=0, return_inverse=True, return_counts=True)
    where = where.reshape(-1)
    balance = np.bincount(where, weights=np.where(downwards, -1, 1), minlength=len(edges))
    broken = (uses > 2) | ((uses == 2) & (balance != 0))
    if broken.any():
        x, y = edges[np.flatnonzero(broken)[0], :2] / 1e7
        raise BoundaryError(
            f"{int(broken.sum())} border edges are claimed twice from the same side, the first at "
            f"lon {x:.7f}, lat {y:.7f}: not a partition; run `unarmed-router boundaries build`"
        )
    toggle = np.zeros(len(edges), np.int64)
    np.bitwise_xor.at(toggle, where, label)
    # An edge between two rings of one division is no border.
    table = np.column_stack([edges, toggle])[toggle != 0]
    return np.ascontiguousarray(table[_morton_order(table[:, :4])])


def _labelled_edges(division: Outlined, label: int) -> NDArray[np.int64]:
    """Directed edges of one division: ax, ay, bx, by, label."""
    rings = [np.asarray(ring, dtype=np.int64) for ring in division.rings]
    edges = np.vstack([np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in rings])
    return np.column_stack([edges, np.full(len(edges), label, np.int64)])


def _morton_order(edges: NDArray[np.int64]) -> NDArray[np.intp]:
    """Order of the edges along a Z-curve through their midpoints (Morton, 1966)."""
    middle = edges[:, :2] + edges[:, 2:4]
    low = middle.min(axis=0)
    span = max(1, int((middle.max(axis=0) - low).max()))
    cells = (middle - low) * ((1 << _MORTON_BITS) - 1) // span
    code = np.zeros(len(edges), np.int64)
    for bit in range(_MORTON_BITS):
        code |= ((cells[:, 0] >> bit) & 1) << (2 * bit)
        code |= ((cells[:, 1] >> bit) & 1) << (2 * bit + 1)
    return np.argsort(code, kind="stable")


def box_tree(ends: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Stack the bounding boxes of runs of edges, of runs of those, up to one root.

    Parameters
    ----------
    ends : ndarray of float64, shape (m, 4)
        Both ends of each edge, in Morton order.

    Returns
    -------
    boxes : ndarray of float64, shape (b, 4)
        West, south, east, north, level after level.
    levels : ndarray of int64, shape (depth + 1,)
        Where each level starts in `boxes`.
    """
    boxes = np.column_stack(
        [
            np.minimum(ends[:, 0], ends[:, 2]),
            np.minimum(ends[:, 1], ends[:, 3]),
            np.maximum(ends[:, 0], ends[:, 2]),
            np.maximum(ends[:, 1], ends[:, 3]),
        ]
    )
    floors = []
    while True:
        starts = np.arange(0, len(boxes), FANOUT)
        low = np.minimum.reduceat(boxes[:, :2], starts)
        high = np.maximum.reduceat(boxes[:, 2:], starts)
        boxes = np.hstack([low, high])
        floors.append(boxes)
        if len(boxes) == 1:
            break
    levels = np.cumsum([0, *map(len, floors)])
    return np.vstack(floors), levels.astype(np.int64)
