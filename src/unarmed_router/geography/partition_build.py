"""Make an exact partition of division polygons: no overlap, no gap, every border in common.

Published boundaries are valid one by one but seldom fit together: borders are digitised twice and
differ by millimetres, or were simplified apart. `build_partition` measures every overlap and gap,
refuses those above a stated size unless told to repair them, and builds a partition on the integer
grid in which two neighbours share every edge vertex by vertex.

A gap is enclosed by divisions, or a strip up to 5 m wide between two of them. A wider strip that
opens to the outside is part of the outside, as the source draws it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from unarmed_router.errors import BoundaryError, InputError
from unarmed_router.geography.partition import SCALE, PartitionDivision, Ring
from unarmed_router.geography.partition_assign import assign_faces, find_holes
from unarmed_router.geography.partition_check import verify_partition
from unarmed_router.geography.partition_cuts import cuts_across
from unarmed_router.geography.partition_faces import Faces, cut_into_faces
from unarmed_router.geography.partition_metres import LocalMetres, ring_coordinates
from unarmed_router.geography.partition_open import OpenGap, open_gaps
from unarmed_router.geography.partition_report import Defect, Hole, PartitionReport, defect_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from unarmed_router.geography.readers import SourceDivisions

    Geometries = npt.NDArray[np.object_]

__all__ = ["HOLE_WIDTH_M", "MAX_MOVE_M", "THRESHOLD_M2", "build_partition"]

THRESHOLD_M2 = 50.0
"""Largest overlap or gap repaired without being asked: less than a front garden."""

MAX_MOVE_M = 1.0
"""Farthest a border moves without being asked: far less than the error of a geocoded call."""

HOLE_WIDTH_M = 50.0
"""An enclosed area this wide is another place; a narrower one is a drawing fault."""


def build_partition(
    source: SourceDivisions,
    *,
    threshold_m2: float = THRESHOLD_M2,
    hole_width_m: float = HOLE_WIDTH_M,
    max_move_m: float = MAX_MOVE_M,
    repair: bool = False,
) -> tuple[tuple[PartitionDivision, ...], PartitionReport]:
    """Build an exact partition and say what had to be done.

    Parameters
    ----------
    source : SourceDivisions
        From `read_divisions`.
    threshold_m2 : float
        An overlap or gap above this area is refused.
    hole_width_m : float
        An enclosed area no division claims stays outside when a circle of this diameter fits in
        it; otherwise it is a gap.
    max_move_m : float
        A repair that moves a border farther is refused.
    repair : bool
        Repair overlaps and gaps of any size, move borders any distance; all is in the report.

    Returns
    -------
    tuple of PartitionDivision
        In order of number; verified by `verify_partition`.
    PartitionReport
        What was found and how far borders moved.

    Raises
    ------
    InputError
        A threshold or width that is negative or not a number.
    BoundaryError
        An overlap or gap above the threshold, with a table of them; a border that would move too
        far; or a division that has no area of its own.
    """
    _check_option("threshold_m2", threshold_m2)
    _check_option("hole_width_m", hole_width_m)
    _check_option("max_move_m", max_move_m)
    divisions = sorted(source.divisions, key=lambda division: division.number)
    numbers = [division.number for division in divisions]
    degrees = np.array([division.geometry for division in divisions], dtype=object)
    here = LocalMetres.around(degrees)
    found = cut_into_faces(degrees, here)
    wide = find_holes(found, hole_width_m)
    strips = open_gaps(here.to_plane(degrees), _gap_planes(found, wide))
    defects = _defects(found, wide, numbers)
    defects += [_strip_defect(each, numbers, here) for each in strips]
    defects.sort(key=_largest_first)
    if not repair:
        _refuse_large(source.source, defects, threshold_m2)
    # Integers held in floats: GEOS computes with them exactly, so nothing drifts off the grid.
    steps = shapely.transform(degrees, lambda xy: xy * SCALE)
    metres = LocalMetres.around(steps, degrees=1 / SCALE)
    # Centres differ by rounding only: both are that of the same bounding box.
    mouths = [metres.from_plane(shapely.boundary(each.shape)) for each in strips]
    faces = cut_into_faces(steps, metres, grid=1.0, extra=mouths)
    cuts = cuts_across(faces, find_holes(faces, hole_width_m))
    if cuts:
        faces = cut_into_faces(steps, metres, grid=1.0, extra=[*mouths, *cuts])
    shapes = _partition_shapes(faces, numbers, hole_width_m)
    built = tuple(
        PartitionDivision(division.number, division.name, division.bureau, _rings(shape))
        for division, shape in zip(divisions, shapes, strict=True)
    )
    verify_partition(built)
    report = PartitionReport(
        divisions=len(built),
        vertices_before=_vertex_count(degrees),
        vertices_after=_vertex_count(shapes),
        area_m2=float(np.sum(metres.areas(shapes))),
        max_move_m=_max_move(metres.to_plane(steps), metres.to_plane(shapes)),
        defects=tuple(defects),
        holes=_holes(found, wide),
        notes=source.notes,
    )
    if report.max_move_m > max_move_m and not repair:
        raise BoundaryError(
            f"{source.source}: closing its gaps and overlaps would move a border by "
            f"{report.max_move_m:.2f} m, more than {max_move_m:g} m; use a better source, or "
            "accept a repair explicitly (--repair, or a higher --max-move-m)"
        )
    return built, report


def _check_option(name: str, value: float) -> None:
    # NaN compares false with everything: a threshold of NaN would refuse nothing.
    if not (math.isfinite(value) and value >= 0.0):
        raise InputError(f"{name} {value} must be a number of at least 0")


def _gap_planes(faces: Faces, holes: dict[int, float]) -> Geometries:
    gaps = [face for face, claims in enumerate(faces.claims) if not claims and face not in holes]
    return faces.plane[gaps]


def _defects(faces: Faces, holes: dict[int, float], numbers: Sequence[int]) -> list[Defect]:
    """List what does not fit in the polygons as they were read."""
    defects = []
    for face, claims in enumerate(faces.claims):
        if len(claims) == 1 or face in holes:
            continue
        beside = claims or {place for other in faces.borders[face] for place in faces.claims[other]}
        involved = tuple(numbers[place] for place in sorted(beside))
        kind: Literal["overlap", "gap"] = "overlap" if claims else "gap"
        inside = shapely.point_on_surface(faces.shapes[face])
        area, width = float(faces.areas[face]), faces.mean_width_m(face)
        defects.append(Defect(kind, involved, area, width, float(inside.x), float(inside.y)))
    return defects


def _holes(faces: Faces, widths: dict[int, float]) -> tuple[Hole, ...]:
    """List the enclosed areas that stay outside."""
    inside = {face: shapely.point_on_surface(faces.shapes[face]) for face in widths}
    holes = [
        Hole(float(faces.areas[face]), width, float(inside[face].x), float(inside[face].y))
        for face, width in widths.items()
    ]
    return tuple(sorted(holes, key=_largest_first))


def _largest_first(found: Defect | Hole) -> tuple[float, float, float]:
    return -found.area_m2, found.lon, found.lat


def _strip_defect(strip: OpenGap, numbers: Sequence[int], metres: LocalMetres) -> Defect:
    inside = metres.from_plane(shapely.point_on_surface(strip.shape))
    area = float(metres.areas(metres.from_plane(strip.shape)))
    width = 2.0 * area / float(shapely.length(strip.shape))
    involved = tuple(numbers[place] for place in strip.beside)
    return Defect("gap", involved, area, width, float(inside.x), float(inside.y))


def _refuse_large(source: str, defects: Sequence[Defect], threshold_m2: float) -> None:
    large = [defect for defect in defects if defect.area_m2 > threshold_m2]
    if not large:
        return
    total = sum(defect.area_m2 for defect in large)
    raise BoundaryError(
        f"{source}: {len(large)} overlaps and gaps are larger than {threshold_m2:g} m2, "
        f"{total:,.0f} m2 in all; use a better source, or accept a repair explicitly "
        f"(--repair, or a higher --threshold-m2)\n{defect_table(large)}"
    )


def _partition_shapes(faces: Faces, numbers: Sequence[int], hole_width_m: float) -> Geometries:
    owners = assign_faces(faces, find_holes(faces, hole_width_m))
    owned: list[list[Any]] = [[] for _ in numbers]
    for face, owner in enumerate(owners):
        if owner is not None:
            owned[owner].append(faces.shapes[face])
    empty = [number for number, own in zip(numbers, owned, strict=True) if not own]
    if empty:
        raise BoundaryError(
            f"divisions {empty} have no area of their own: other divisions cover them wholly, or "
            "they are smaller than the grid of 1e-7 degree; remove one of each pair from the "
            "source, or check its unit"
        )
    # Faces of one drawing only need joining: no new vertex is computed, none is dropped.
    joined = [shapely.coverage_union_all(own) for own in owned]
    return np.array([shapely.normalize(shape) for shape in joined], dtype=object)


def _rings(shape: Any) -> tuple[Ring, ...]:
    """Turn a normalised (Multi)Polygon in grid steps into integer rings."""
    # GEOS normalises exteriors to run clockwise; GeoJSON wants the opposite.
    closed = [ring[:0:-1] for part in ring_coordinates(shape) for ring in part]
    rings = [np.ascontiguousarray(np.rint(ring), dtype=np.int32) for ring in closed]
    for ring in rings:
        ring.setflags(write=False)
    return tuple(rings)


def _vertex_count(shapes: Geometries) -> int:
    lines = shapely.get_parts(shapely.boundary(shapes))
    return int(np.sum(shapely.get_num_coordinates(lines) - 1))


def _max_move(before: Geometries, after: Geometries) -> float:
    """Farthest any vertex of one version lies from the border of the other, metres."""
    return max(
        _farthest(one, other)
        for source, built in zip(before, after, strict=True)
        for one, other in ((source, built), (built, source))
    )


def _farthest(vertices_of: Any, border_of: Any) -> float:
    border = shapely.boundary(border_of)
    shapely.prepare(border)
    vertices = shapely.points(shapely.get_coordinates(vertices_of))
    return float(np.max(shapely.distance(border, vertices)))
