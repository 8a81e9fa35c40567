"""Cut overlapping polygons into faces: the smallest areas no border runs through.

All borders are drawn on one sheet and noded, so a border shared by two divisions becomes one line
and a vertex present in only one neighbour is inserted in the other. On a grid this is snap
rounding (Hobby 1999, doi:10.1016/S0925-7721(99)00021-8): every node is a grid point and no two
lines cross.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from unarmed_router.geography.partition_edges import edges_through_vertices
from unarmed_router.geography.partition_metres import LocalMetres, ring_coordinates

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Faces", "cut_into_faces"]

Geometries = npt.NDArray[np.object_]

_REACH_STEPS = 1.5
"""Rounding parts a vertex from the line it was on by up to twice half a diagonal: 1.42 steps."""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faces of a drawing, what covers each and what lies beside it.

    Parameters
    ----------
    shapes : ndarray of shapely polygons, shape (f,)
        In the units of the input.
    plane : ndarray of shapely polygons, shape (f,)
        The same in metres.
    areas : ndarray of float, shape (f,)
        Square metres.
    claims : tuple of tuple of int
        Places of the input polygons that cover each face, ascending; empty in a gap or hole.
    borders : tuple of dict of int to float
        For each face, the length in metres of the border with each face beside it.
    """

    shapes: Geometries
    plane: Geometries
    areas: npt.NDArray[np.float64]
    claims: tuple[tuple[int, ...], ...]
    borders: tuple[dict[int, float], ...]

    def mean_width_m(self, face: int) -> float:
        """Twice area by perimeter: the width of a long thin face, metres."""
        return 2.0 * float(self.areas[face]) / float(shapely.length(self.plane[face]))

    def inscribed_width_m(self, face: int, enough: float) -> float:
        """Diameter of the largest circle inside the face, metres.

        No circle is larger than its face, so below `enough` a bound from the area is returned:
        it is exact only as far as the caller's question goes.
        """
        bound = 2.0 * float(np.sqrt(self.areas[face] / np.pi))
        if bound < enough:
            return bound
        radius = shapely.maximum_inscribed_circle(self.plane[face], tolerance=0.05)
        return 2.0 * float(shapely.length(radius))


def cut_into_faces(
    polygons: Geometries,
    metres: LocalMetres,
    *,
    grid: float | None = None,
    extra: Sequence[Any] = (),
) -> Faces:
    """Draw every border on one sheet and return the faces between them.

    Parameters
    ----------
    polygons : ndarray of shapely (Multi)Polygons
        Valid, in any one unit.
    metres : LocalMetres
        How to measure.
    grid : float, optional
        Snap every node to multiples of this; None keeps coordinates as they are.
    extra : sequence of shapely lines
        Drawn as well, as borders of no polygon.
    """
    lines = shapely.get_parts([*shapely.boundary(polygons), *extra])
    if grid is None:
        noded = shapely.unary_union(lines)
    else:
        rounded = shapely.transform(lines, lambda xy: np.rint(xy / grid) * grid)
        edges = edges_through_vertices(rounded, reach=_REACH_STEPS * grid)
        noded = shapely.unary_union(edges, grid_size=grid)
    shapes = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    plane = metres.to_plane(shapes)
    claims, borders = _claims(shapes, polygons), _borders(shapes, plane)
    return Faces(shapes, plane, metres.areas(shapes), claims, borders)


def _claims(shapes: Geometries, polygons: Geometries) -> tuple[tuple[int, ...], ...]:
    """Find the polygons that cover an interior point of each face."""
    claims: list[list[int]] = [[] for _ in shapes]
    inside = shapely.point_on_surface(shapes)
    faces, covering = shapely.STRtree(polygons).query(inside, predicate="within")
    for face, place in zip(faces.tolist(), covering.tolist(), strict=True):
        claims[face].append(place)
    return tuple(tuple(sorted(places)) for places in claims)


def _borders(shapes: Geometries, plane: Geometries) -> tuple[dict[int, float], ...]:
    """Measure the border between each two faces that share an edge."""
    ends, lengths, owners = _edges(shapes, plane)
    _, group = np.unique(ends, axis=0, return_inverse=True)
    order = np.argsort(group, kind="stable")
    first, second = order[:-1], order[1:]
    shared = group[first] == group[second]
    borders: tuple[dict[int, float], ...] = tuple({} for _ in shapes)
    for one, other in zip(first[shared].tolist(), second[shared].tolist(), strict=True):
        a, b = int(owners[one]), int(owners[other])
        borders[a][b] = borders[a].get(b, 0.0) + float(lengths[one])
        borders[b][a] = borders[b].get(a, 0.0) + float(lengths[one])
    return borders


def _edges(shapes: Geometries, planes: Geometries) -> tuple[Any, Any, Any]:
    """List every edge of every face: its ends without direction, length in metres, face."""
    # A drawing that rounds to nothing has no face and no edge.
    ends, lengths, owners = [np.empty((0, 4))], [np.empty(0)], [np.empty(0, np.int64)]
    for face, (shape, plane) in enumerate(zip(shapes, planes, strict=True)):
        for ring, plane_ring in zip(
            ring_coordinates(shape)[0], ring_coordinates(plane)[0], strict=True
        ):
            pairs = np.hstack([ring[:-1], ring[1:]])
            swap = (pairs[:, 0] > pairs[:, 2]) | (
                (pairs[:, 0] == pairs[:, 2]) & (pairs[:, 1] > pairs[:, 3])
            )
            pairs[swap] = pairs[swap][:, [2, 3, 0, 1]]
            ends.append(pairs)
            lengths.append(np.hypot(*np.diff(plane_ring, axis=0).T))
            owners.append(np.full(len(pairs), face))
    return np.vstack(ends), np.concatenate(lengths), np.concatenate(owners)
