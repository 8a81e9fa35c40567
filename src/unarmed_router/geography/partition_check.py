"""Check that divisions are an exact partition, in integer arithmetic.

Nothing here knows how the partition was built. Every point of the plane is then in one division
or in none, whatever rule decides points exactly on a border.

Orientation tests are exact in int64: a triangle inside [-180, 180] x [-90, 90] has twice an area
of at most 3.6e9 * 1.8e9 = 6.5e18 squared grid steps, below 2**63 = 9.2e18, and so has each product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from unarmed_router.errors import BoundaryError
from unarmed_router.geography.partition import SCALE, PartitionDivision, ring_doubled_area
from unarmed_router.geography.partition_sectors import disagreeing_corners

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PartitionCheck", "verify_partition"]

IntArray = npt.NDArray[np.int64]
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PartitionCheck:
    """Figures of a partition that passed.

    Parameters
    ----------
    divisions, rings, vertices : int
        Counts; a vertex of two divisions counts twice.
    shared_edges, outer_edges : int
        Edges between two divisions, and between a division and the outside.
    """

    divisions: int
    rings: int
    vertices: int
    shared_edges: int
    outer_edges: int


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Directed edges of all rings: ends (e, 4) as x1, y1, x2, y2 in grid steps, and numbers."""

    ends: IntArray
    numbers: IntArray

    def place(self, edge: int) -> str:
        lon, lat = (self.ends[edge, :2] / SCALE).tolist()
        return f"division {self.numbers[edge]} at {lon:.7f}, {lat:.7f}"


def verify_partition(divisions: Sequence[PartitionDivision]) -> PartitionCheck:
    """Refuse divisions that overlap, cross, or do not share their borders vertex by vertex.

    Parameters
    ----------
    divisions : sequence of PartitionDivision
        On the integer grid.

    Returns
    -------
    PartitionCheck
        Counts, once everything holds.

    Raises
    ------
    BoundaryError
        The first rule that is broken, with the places (lon, lat) where.
    """
    if not divisions:
        raise BoundaryError("a partition needs at least one division; got none")
    numbers = [division.number for division in divisions]
    if min(numbers) < 1 or len(set(numbers)) < len(numbers):
        raise BoundaryError(f"division numbers must be positive and unique; got {sorted(numbers)}")
    for division in divisions:
        _check_rings(division)
    edges = _edges(divisions)
    distinct, beyond = _check_sharing(edges)
    once = _Edges(edges.ends[distinct], edges.numbers[distinct])
    _check_crossings(once)
    _check_corners(once, beyond)
    _check_nesting(divisions)
    shared = len(edges.ends) - len(distinct)
    return PartitionCheck(
        divisions=len(divisions),
        rings=sum(len(division.rings) for division in divisions),
        vertices=len(edges.ends),
        shared_edges=shared,
        outer_edges=len(distinct) - shared,
    )


def _check_rings(division: PartitionDivision) -> None:
    where = f"division {division.number} ({division.name})"
    if not division.rings:
        raise BoundaryError(f"{where} has no rings; every division needs an area")
    for place, ring in enumerate(division.rings):
        if ring.dtype != np.int32 or ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 3:
            raise BoundaryError(
                f"{where}: ring {place} must be int32 of shape (3 or more, 2); "
                f"got {ring.dtype} {ring.shape}"
            )
        lon, lat = (ring[0] / SCALE).tolist()
        if np.any(np.abs(ring.astype(np.int64)) > (180 * SCALE, 90 * SCALE)):
            raise BoundaryError(f"{where}: ring {place} leaves [-180, 180] x [-90, 90]")
        if np.any(np.all(ring == np.roll(ring, -1, axis=0), axis=1)):
            raise BoundaryError(f"{where}: ring {place} at {lon}, {lat} repeats a vertex")
        if ring_doubled_area(ring) == 0 or (place == 0 and ring_doubled_area(ring) < 0):
            raise BoundaryError(
                f"{where}: ring {place} at {lon}, {lat} must enclose an area, and the first ring "
                "must run counter-clockwise"
            )


def _edges(divisions: Sequence[PartitionDivision]) -> _Edges:
    rings = [(division.number, ring) for division in divisions for ring in division.rings]
    ends = [np.hstack([ring, np.roll(ring, -1, axis=0)]).astype(np.int64) for _, ring in rings]
    numbers = np.repeat([number for number, _ in rings], [len(ring) for _, ring in rings])
    return _Edges(np.vstack(ends), numbers.astype(np.int64))


def _check_sharing(edges: _Edges) -> tuple[IntArray, IntArray]:
    """Check that an edge is used once, or twice in opposite directions by two divisions.

    Returns
    -------
    distinct : ndarray of int64, shape (e,)
        One use of each edge.
    beyond : ndarray of int64, shape (e,)
        The division right of that use; 0 outside.
    """
    x1, y1, x2, y2 = edges.ends.T
    forward = (x1 < x2) | ((x1 == x2) & (y1 < y2))
    undirected = np.where(forward[:, None], edges.ends, edges.ends[:, [2, 3, 0, 1]])
    _, first, group, uses = np.unique(
        undirected, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    _refuse(edges, np.flatnonzero(uses[group] > 2), "an edge belongs to more than two rings")
    order = np.argsort(group, kind="stable")
    one, other = order[:-1], order[1:]
    pair = group[one] == group[other]
    one, other = one[pair], other[pair]
    _refuse(edges, one[forward[one] == forward[other]], "two rings lie on the same side of an edge")
    same = edges.numbers[one] == edges.numbers[other]
    _refuse(edges, one[same], "a division lies on both sides of its own edge")
    across = np.zeros(len(edges.ends), dtype=np.int64)
    across[one], across[other] = edges.numbers[other], edges.numbers[one]
    return first.astype(np.int64), across[first]


def _check_crossings(edges: _Edges) -> None:
    """Check that edges meet at common ends only."""
    x1, y1, x2, y2 = edges.ends.T
    boxes = shapely.box(
        np.minimum(x1, x2), np.minimum(y1, y2), np.maximum(x1, x2), np.maximum(y1, y2)
    )
    one, other = shapely.STRtree(boxes).query(boxes)
    one, other = one[one < other], other[one < other]
    a, b = edges.ends[one, :2], edges.ends[one, 2:]
    c, d = edges.ends[other, :2], edges.ends[other, 2:]
    side_c, side_d = _side(a, b, c), _side(a, b, d)
    side_a, side_b = _side(c, d, a), _side(c, d, b)
    crossing = (side_c * side_d < 0) & (side_a * side_b < 0)
    _refuse(edges, one[crossing], "two edges cross")
    touching = (
        _inside(side_c, a, b, c)
        | _inside(side_d, a, b, d)
        | _inside(side_a, c, d, a)
        | _inside(side_b, c, d, b)
    )
    _refuse(edges, one[touching], "a vertex lies inside another edge")


def _side(start: IntArray, end: IntArray, point: IntArray) -> IntArray:
    """Sign of the turn start, end, point: 1 left, 0 straight, -1 right."""
    u, v = end - start, point - start
    turn: IntArray = np.sign(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])
    return turn


def _inside(
    side: IntArray, start: IntArray, end: IntArray, point: IntArray
) -> npt.NDArray[np.bool_]:
    """Whether a point on the line through an edge lies strictly between its ends."""
    # A straight-on point is between the ends when it sees them in opposite directions.
    ahead = np.sign(end - point) * np.sign(point - start)
    between = np.all(ahead >= 0, axis=1) & np.any(ahead > 0, axis=1)
    return np.asarray((side == 0) & between, dtype=np.bool_)


def _check_corners(edges: _Edges, beyond: IntArray) -> None:
    """Check that divisions that meet in a vertex do not enter each other there."""
    found = disagreeing_corners(edges.ends, edges.numbers, beyond)
    if not found:
        return
    x, y, one, other = found[0]
    more = f", and {len(found) - 1} more corners" if len(found) > 1 else ""
    names = " and ".join(f"division {n}" if n else "the outside" for n in sorted((one, other)))
    raise BoundaryError(
        f"not a partition: {names} claim the same corner at "
        f"{x / SCALE:.7f}, {y / SCALE:.7f}{more}; build it with `unarmed-router boundaries build`"
    )


def _check_nesting(divisions: Sequence[PartitionDivision]) -> None:
    """Check that each polygon is valid and lies in no other.

    Edges are known not to cross and corners to agree, so two polygons are apart or nested: one
    point inside each tells which.
    """
    owners, polygons = [], []
    for division in divisions:
        for rings in _by_polygon(division):
            owners.append(division.number)
            polygons.append(shapely.Polygon(rings[0], rings[1:]))
    for number, polygon in zip(owners, polygons, strict=True):
        if not shapely.is_valid(polygon):
            reason = shapely.is_valid_reason(polygon)
            raise BoundaryError(f"division {number} is not a valid polygon (grid steps): {reason}")
    points = shapely.point_on_surface(np.array(polygons, dtype=object))
    one, other = shapely.STRtree(polygons).query(points, predicate="intersects")
    for inner, outer in zip(one.tolist(), other.tolist(), strict=True):
        if inner != outer:
            lon, lat = points[inner].x / SCALE, points[inner].y / SCALE
            raise BoundaryError(
                f"divisions {owners[inner]} and {owners[outer]} overlap at {lon:.7f}, {lat:.7f}; "
                "one lies inside the other: build the partition again"
            )


def _by_polygon(division: PartitionDivision) -> list[list[npt.NDArray[np.float64]]]:
    """Group rings into polygons: an exterior and the holes that follow it."""
    polygons: list[list[npt.NDArray[np.float64]]] = []
    for ring in division.rings:
        if ring_doubled_area(ring) > 0:
            polygons.append([])
        polygons[-1].append(ring.astype(np.float64))
    return polygons


def _refuse(edges: _Edges, broken: IntArray, rule: str) -> None:
    if not broken.size:
        return
    places = "; ".join(edges.place(int(edge)) for edge in broken[:_SHOWN])
    more = f" and {broken.size - _SHOWN} more" if broken.size > _SHOWN else ""
    raise BoundaryError(
        f"not a partition: {rule}: {places}{more}; build it with `unarmed-router boundaries build`"
    )
