"""Check around each vertex that the divisions on both sides of every edge agree.

Edges that do not cross can still overlap where they meet: a division may enter its neighbour
through a common corner. Going around a vertex, what lies left of one edge must be what lies right
of the next. Where that holds at every vertex of a drawing without crossings, each face of a
connected drawing has one owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cmp_to_key

import numpy as np
import numpy.typing as npt

__all__ = ["disagreeing_corners"]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Spoke:
    """An edge seen from one of its ends: direction, and the division left and right of it."""

    dx: int
    dy: int
    left: int
    right: int


def disagreeing_corners(
    ends: IntArray, left: IntArray, right: IntArray
) -> list[tuple[int, int, int, int]]:
    """Find the vertices around which two edges disagree about what lies between them.

    Parameters
    ----------
    ends : ndarray of int64, shape (e, 4)
        Each edge once, as x1, y1, x2, y2.
    left, right : ndarray of int64, shape (e,)
        Division left and right of the edge going from its first end to its second; 0 is outside.

    Returns
    -------
    list of (x, y, one, other)
        A vertex, and the two that claim the same corner of it.
    """
    around: dict[tuple[int, int], list[_Spoke]] = {}
    for (x1, y1, x2, y2), a, b in zip(ends.tolist(), left.tolist(), right.tolist(), strict=True):
        around.setdefault((x1, y1), []).append(_Spoke(x2 - x1, y2 - y1, a, b))
        around.setdefault((x2, y2), []).append(_Spoke(x1 - x2, y1 - y2, b, a))
    found = []
    for (x, y), spokes in around.items():
        # Two edges follow each other in either order.
        ordered = sorted(spokes, key=_BY_ANGLE) if len(spokes) > 2 else spokes
        for spoke, following in zip(ordered, ordered[1:] + ordered[:1], strict=True):
            if spoke.left != following.right:
                found.append((x, y, spoke.left, following.right))
    return found


def _compare_angles(one: _Spoke, other: _Spoke) -> int:
    """Order directions counter-clockwise from east, exactly: integers of any size."""
    halves = _lower_half(one) - _lower_half(other)
    return halves or one.dy * other.dx - one.dx * other.dy


def _lower_half(spoke: _Spoke) -> int:
    return int(spoke.dy < 0 or (spoke.dy == 0 and spoke.dx < 0))


_BY_ANGLE = cmp_to_key(_compare_angles)
