"""Naive twins of point location: one test a division, no grid, no shared edges, exact fractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Ring = Sequence[tuple[int, int]]


def inside(ring: Ring, x: int, y: int) -> bool:
    """Count the borders of one ring strictly east of a point that is moved north by nothing."""
    crossings = 0
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay <= y) != (by <= y):
            crossings += ax + Fraction((y - ay) * (bx - ax), by - ay) > x
    return crossings % 2 == 1


def divisions_holding(divisions: Mapping[int, Sequence[Ring]], x: int, y: int) -> list[int]:
    """List every division whose rings hold the point an odd number of times."""
    return [
        number
        for number, rings in divisions.items()
        if sum(inside(ring, x, y) for ring in rings) % 2 == 1
    ]


def holders_of_many(
    rings: list[tuple[int, NDArray[np.int32]]], xs: NDArray[np.int64], ys: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the divisions that hold each point, and add up their numbers.

    Parameters
    ----------
    rings : list of (number, ring)
        Every ring with the number of its division.
    xs, ys : ndarray of int64, shape (n,)
        Points, grid units.

    Returns
    -------
    holders, numbers : ndarray of int64, shape (n,)
        How many divisions hold the point; sum of their numbers.
    """
    holders, numbers = np.zeros(len(xs), np.int64), np.zeros(len(xs), np.int64)
    for number in sorted({number for number, _ in rings}):
        odd = np.zeros(len(xs), np.bool_)
        for owner, ring in rings:
            if owner == number:
                _toggle(odd, ring.astype(np.int64), xs, ys)
        holders += odd
        numbers += odd * number
    return holders, numbers


def _toggle(odd: Any, ring: Any, xs: Any, ys: Any) -> None:
    box = (ys >= ring[:, 1].min()) & (ys <= ring[:, 1].max()) & (xs <= ring[:, 0].max())
    rows = np.flatnonzero(box)
    odd[rows] ^= _odd_crossings(ring, xs[rows], ys[rows])


def _count_odd(ring: Any, xs: Any, ys: Any) -> Any:
    """Compiled only because the proof has two million points; every edge is tested for each."""
    out = np.zeros(len(xs), np.bool_)
    for i in range(len(xs)):
        x, y = xs[i], ys[i]
        ax, ay = ring[-1]
        for j in range(len(ring)):
            bx, by = ring[j]
            if (ay <= y) != (by <= y):
                rise = (x - ax) * (by - ay) - (y - ay) * (bx - ax)
                if (rise < 0) == (by > ay) and rise != 0:
                    out[i] = not out[i]
            ax, ay = bx, by
    return out


_odd_crossings: Any = numba.njit(_count_odd)  # typed or not, by version of numba
