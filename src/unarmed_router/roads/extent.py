"""How far a road reaches: a place that is wrong draws it across a continent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["reaches"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_DEGREE_M = 111_195.0
"""Of a sphere of the earth's mean radius: within half a per cent, which a bound can bear."""


def reaches(
    start: tuple[Floats, Floats],
    end: tuple[Floats, Floats],
    first: Ints,
    vertices: Floats,
) -> Floats:
    """Return how far from its start each road reaches, metres, to about a per cent.

    A road that crosses the antimeridian goes round the earth, as all that reads its line takes it.

    Parameters
    ----------
    start, end : tuple of float64 array, shape (m,)
        Longitudes and latitudes of both ends, degrees.
    first : int64 array, shape (m + 1,)
        Interior vertices of road i are ``vertices[first[i] : first[i + 1]]``.
    vertices : float64 array, shape (v, 2)
        Degrees.
    """
    farthest = _distance(start, end)
    road = np.repeat(np.arange(first.size - 1), np.diff(first))
    begun = (start[0][road], start[1][road])
    np.maximum.at(farthest, road, _distance(begun, (vertices[:, 0], vertices[:, 1])))
    return farthest


def _distance(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> Floats:
    east = (other[0] - one[0]) * np.cos(np.radians((one[1] + other[1]) / 2.0))
    distance: Floats = np.hypot(east, other[1] - one[1]) * _DEGREE_M
    return distance
