"""Check one published geometry, or say in one sentence what is wrong with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from unarmed_router.geography.partition_metres import LocalMetres
from unarmed_router.model.location import coordinate_fault

__all__ = ["geometry_fault", "repaired"]


def geometry_fault(geometry: Any) -> str | None:
    """Say why a geometry cannot be a division; None when its coordinates make (Multi)Polygons.

    Parameters
    ----------
    geometry : shapely geometry or None
        In degrees, (lon, lat).
    """
    if geometry is None or geometry.is_empty:
        return (
            "has no geometry that can be read: it is null or empty, or a ring is open, has fewer "
            "than four points or holds something that is not a number"
        )
    if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        return f"is a {geometry.geom_type}; a division must be a Polygon or MultiPolygon"
    xy = shapely.get_coordinates(geometry)
    broken = np.flatnonzero(
        ~np.all(np.isfinite(xy), axis=1) | np.any(np.abs(xy) > (180, 90), axis=1)
    )
    if broken.size:
        lon, lat = xy[broken[0]].tolist()
        return f"vertex {broken[0]}: {coordinate_fault(lon, lat)}"
    rings = shapely.get_parts(shapely.boundary(geometry))
    for ring in rings:
        distinct = len(np.unique(shapely.get_coordinates(ring), axis=0))
        if distinct < 3:
            return f"has a ring of {distinct} different vertices; a ring needs three or more"
    return None


def repaired(geometry: Any, threshold_m2: float) -> tuple[Any, str | None]:
    """Repair a self-intersecting geometry when that hardly changes its area.

    Parameters
    ----------
    geometry : shapely (Multi)Polygon
        In degrees, without a `geometry_fault`.
    threshold_m2 : float
        Largest accepted change of area.

    Returns
    -------
    geometry
        Valid; or None when the repair is refused.
    str or None
        What was repaired or why it is refused; None when nothing was wrong.
    """
    if geometry.is_valid:
        return geometry, None
    reason = shapely.is_valid_reason(geometry)
    valid = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    if valid.is_empty or valid.geom_type not in {"Polygon", "MultiPolygon"}:
        return None, f"has no area ({reason}); draw it again"
    both = np.array([geometry, valid], dtype=object)
    # The area of an invalid ring is that of its signed loops: a figure of eight cancels out.
    before, after = shapely.area(LocalMetres.around(both).to_plane(both))
    change = abs(float(after - before))
    if change > threshold_m2:
        return None, (
            f"crosses itself ({reason}) and repairing it would change its area by "
            f"{change:,.0f} m2, more than {threshold_m2:g} m2; correct it at the source"
        )
    return valid, f"crossed itself ({reason}); repaired, area changed by {change:.2f} m2"
