"""Areas as rings with the interior on their left, made from shapely polygons and back into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unarmed_router.errors import BoundaryError
from unarmed_router.geography.partition import SCALE, ring_doubled_area

__all__ = ["edge_box", "edges_of", "polygons_of", "rings_of", "shapes_of"]

FloatArray = NDArray[np.float64]


def edges_of(ring: NDArray[Any]) -> FloatArray:
    """List the edges of a ring, each its two ends, shape (n, 4)."""
    vertices = np.asarray(ring, np.float64)
    return np.hstack([vertices, np.roll(vertices, -1, axis=0)])


def edge_box(edges: FloatArray) -> tuple[float, float, float, float]:
    """Find the bounding box of edges."""
    low, high = edges[:, :2].min(axis=0), edges[:, :2].max(axis=0)
    return low[0], low[1], high[0], high[1]


def shapes_of(areas: Mapping[str, Any]) -> list[Any]:
    """List the shapely polygons of areas, or refuse what is none; all are named."""
    faults = [f"{key}: {fault}" for key, each in areas.items() if (fault := _fault(each))]
    if faults or not areas:
        raise BoundaryError("; ".join(faults) or "shares need at least one area; got none")
    return list(areas.values())


def _fault(shape: Any) -> str | None:
    import shapely  # noqa: PLC0415

    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        return f"must be a Polygon or a MultiPolygon; got {type(shape).__name__}"
    if shape.is_empty:
        return "is empty"
    return None if shape.is_valid else shapely.is_valid_reason(shape)


def rings_of(shape: Any) -> list[FloatArray]:
    """Rings of a polygon in degrees, as rings in 1e-7 degree with the interior on their left."""
    import shapely  # noqa: PLC0415

    parts = shapely.get_parts(shapely.orient_polygons(shape))
    return [
        shapely.get_coordinates(ring)[:-1] * SCALE
        for part in parts
        for ring in (part.exterior, *part.interiors)
    ]


def polygons_of(rings: Sequence[NDArray[Any]]) -> list[Any]:
    """Polygons of an area: each exterior with the holes that follow it."""
    import shapely  # noqa: PLC0415

    parts: list[list[FloatArray]] = []
    for ring in rings:
        if not parts or _turns_left(ring):
            parts.append([])
        parts[-1].append(ring / SCALE)
    return [shapely.Polygon(part[0], part[1:]) for part in parts]


def _turns_left(ring: NDArray[Any]) -> bool:
    if ring.dtype == np.int32:
        return ring_doubled_area(ring) > 0
    x, y = (ring - ring[0]).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) > 0
