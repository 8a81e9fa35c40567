"""Cut a gap between three or more divisions across, where one neighbour ends and another begins.

A gap goes whole to the division it shares the longest border with. Uncut, a gap that runs on past
its neighbour's corner would give that division a tongue between two others.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    from unarmed_router.geography.partition_faces import Faces

__all__ = ["cuts_across"]

_LEAST_M2 = 1.0
_WIDTHS = 5.0
"""A cut longer than this many mean widths of its gap runs along it, not across."""


def cuts_across(faces: Faces, holes: dict[int, float]) -> list[Any]:
    """Draw the cuts of every gap and overlap of 1 m2 or more.

    Parameters
    ----------
    faces : Faces
        From `cut_into_faces`.
    holes : dict
        Faces that stay outside.

    Returns
    -------
    list of shapely lines
        In the units of the faces.
    """
    cuts = []
    for face, claims in enumerate(faces.claims):
        if len(claims) != 1 and face not in holes and faces.areas[face] >= _LEAST_M2:
            cuts += _cuts_of(faces, face)
    return cuts


def _cuts_of(faces: Faces, face: int) -> list[Any]:
    parts = _outline_by_neighbour(faces, face)
    if len(parts) < 3:
        return []
    shape, plane = faces.shapes[face], faces.plane[face]
    # Units of the shape by metre, along the axis where a unit is longest: a bound is enough.
    unit = shapely.length(shape) / shapely.length(plane)
    reach = _WIDTHS * faces.mean_width_m(face) * unit
    cuts = []
    for corner in _corners(parts):
        others = [part for part in parts if shapely.distance(part, corner) > 0.0]
        lines = [shapely.shortest_line(corner, part) for part in others]
        cuts += [line for line in lines if shapely.length(line) <= reach and shape.covers(line)]
    return cuts


def _outline_by_neighbour(faces: Faces, face: int) -> list[Any]:
    """Split the outline of a face by what lies on its other side."""
    outline = shapely.boundary(faces.shapes[face])
    beside: dict[tuple[int, ...], list[Any]] = defaultdict(list)
    for other in faces.borders[face]:
        beside[faces.claims[other]].append(shapely.boundary(faces.shapes[other]))
    return [
        shapely.line_merge(
            shapely.union_all([shapely.intersection(outline, line) for line in each])
        )
        for each in beside.values()
    ]


def _corners(parts: list[Any]) -> list[Any]:
    """List the points where one neighbour ends and another begins."""
    ends = [shapely.get_parts(shapely.boundary(part)) for part in parts]
    return [end for group in ends for end in group]
