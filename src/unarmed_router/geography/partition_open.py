"""Find gaps that open to the outside: strips between two divisions that no ring encloses.

Noding cannot see them, for the outside flows in through their mouth. They are found by closing the
union (growing it, then shrinking it back, with mitred corners so that plain corners return to where
they were): what the closing adds beside two divisions is a gap, and its outline closes the mouth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["OpenGap", "open_gaps"]

Geometries = npt.NDArray[np.object_]

_WIDTH_M = 5.0
"""Widest strip taken for a gap: a street, a wash or another city's inlet is wider."""

_LEAST_M2 = 1.0
_NEAR_M = 0.02


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A strip between divisions that opens to the outside.

    Parameters
    ----------
    shape : shapely Polygon
        In metres.
    beside : tuple of int
        Places of the polygons it lies between.
    """

    shape: Any
    beside: tuple[int, ...]


def open_gaps(planes: Geometries, enclosed: Geometries) -> list[OpenGap]:
    """Find the strips up to 5 m wide, of 1 m2 or more, that open to the outside.

    Parameters
    ----------
    planes : ndarray of shapely (Multi)Polygons
        In metres.
    enclosed : ndarray of shapely polygons
        Gaps already found, in metres: their narrow ends are not found again.
    """
    union = shapely.union_all([*planes, *enclosed])
    reach = _WIDTH_M / 2
    grown = shapely.buffer(union, reach, join_style="mitre")
    closed = shapely.buffer(grown, -reach, join_style="mitre")
    added = shapely.get_parts(shapely.difference(closed, union))
    tree = shapely.STRtree(planes)
    found = []
    for piece in added[shapely.area(added) >= _LEAST_M2]:
        beside = np.sort(tree.query(piece, predicate="dwithin", distance=_NEAR_M))
        if len(beside) > 1:
            found.append(OpenGap(piece, tuple(beside.tolist())))
    return found
