"""The part of an extract that is wanted: inside an outline, or at most a margin outside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.roads.osm.elements import OsmData

__all__ = ["inside_outline", "outline_of", "with_margin"]


def outline_of(path: Path) -> Any:
    """Return the union of all polygons of a GeoJSON file, as a shapely geometry in degrees.

    Raises
    ------
    NetworkError
        No such file, no GeoJSON, no polygon in it, or coordinates that are no degrees.
    """
    import shapely  # noqa: PLC0415  # heavy

    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        parts = [shapely.from_geojson(json.dumps(part)) for part in _geometries(document)]
    except OSError as fault:
        raise NetworkError(f"{path}: cannot be read ({fault.strerror}); check the path") from fault
    except (ValueError, TypeError, RecursionError, shapely.errors.GEOSException) as fault:
        raise NetworkError(f"{path}: no GeoJSON: {fault}") from fault
    # Of a collection the polygons count; a ring that encloses nothing is made into lines.
    drawn = [shapely.make_valid(area) for part in parts for area in _polygons(part)]
    areas = [area for part in drawn for area in _polygons(part) if not area.is_empty]
    if not areas:
        raise NetworkError(f"{path}: no polygon in it; draw the area, or name it with --place")
    outline = shapely.union_all(areas)
    west, south, east, north = outline.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise NetworkError(f"{path}: reaches from {west}, {south} to {east}, {north}: no degrees")
    return outline


def _polygons(shape: Any) -> list[Any]:
    """List the polygons of a geometry, however it is made up."""
    if shape.geom_type == "Polygon":
        return [shape]
    return [area for part in getattr(shape, "geoms", ()) for area in _polygons(part)]


def with_margin(outline: Any, margin_m: float) -> Any:
    """Widen an outline by metres on the ground."""
    import shapely  # noqa: PLC0415  # heavy

    _, south, _, north = outline.bounds
    scale = np.array(metres_per_degree((south + north) / 2.0))
    flat = shapely.transform(outline, lambda places: places * scale)
    return shapely.transform(flat.buffer(margin_m), lambda places: places / scale)


def inside_outline(data: OsmData, outline: Any) -> npt.NDArray[np.bool_]:
    """Mark the nodes of an extract that lie inside an outline; missing ones do not."""
    import shapely  # noqa: PLC0415  # heavy

    shapely.prepare(outline)
    inside: npt.NDArray[np.bool_] = shapely.contains_xy(outline, data.node_lon, data.node_lat)
    return inside


def _geometries(document: Any) -> list[Any]:
    if not isinstance(document, dict):
        return []
    if document.get("type") == "FeatureCollection":
        features = document.get("features") or []
        return [part for feature in features for part in _geometries(feature)]
    if document.get("type") == "Feature":
        return [document["geometry"]] if document.get("geometry") else []
    return [document] if "coordinates" in document or "geometries" in document else []
