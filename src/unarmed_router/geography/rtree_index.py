"""Point in division by rtree and shapely: slow, independent, behind the same Protocol.

It shares no code with `DivisionIndex` and serves as its cross-check. Off the borders the two agree
exactly; on a border this one names the lowest division number that touches the point.
"""

from __future__ import annotations

import math

import numpy as np
import rtree.index
import shapely

from unarmed_router.geography.partition import SCALE, Partition, PartitionDivision
from unarmed_router.model.location import Division, DivisionMatch, check_lonlat

__all__ = ["RtreeDivisionIndex"]

_EARTH_RADIUS_M = 6_371_008.8  # mean radius of the WGS 84 ellipsoid (IUGG)


class RtreeDivisionIndex:
    """Locate points with boxes in an R-tree and polygons in GEOS.

    Parameters
    ----------
    partition : Partition
        Read by `load_partition`.
    tolerance_m : float
        A point closer than this to a border is flagged ``near_border``.

    Attributes
    ----------
    divisions : tuple of Division
        As in the partition.
    """

    def __init__(self, partition: Partition, *, tolerance_m: float = 60.0) -> None:
        self.digest = partition.digest
        self.tolerance_m = tolerance_m
        self.divisions = tuple(Division(d.number, d.name, d.bureau) for d in partition.divisions)
        self._polygons = [_polygon(d) for d in partition.divisions]
        self._borders = shapely.union_all([shapely.boundary(p) for p in self._polygons])
        self._boxes = rtree.index.Index(
            (place, polygon.bounds, None) for place, polygon in enumerate(self._polygons)
        )

    def locate(self, *, lon: float, lat: float) -> DivisionMatch:
        """Find the division of one point.

        Parameters
        ----------
        lon, lat : float
            WGS 84 degrees; rounded to the 1e-7 degree grid.

        Returns
        -------
        DivisionMatch
            The border distance is on a sphere, within 0.6 % of the ellipsoid.

        Raises
        ------
        CoordinateError
            NaN, infinite, out of range or (0, 0).
        """
        check_lonlat(lon=lon, lat=lat)
        x, y = round(lon * SCALE) / SCALE, round(lat * SCALE) / SCALE
        point = shapely.Point(x, y)
        touching = [
            self.divisions[place]
            for place in self._boxes.intersection((x, y, x, y))
            if self._polygons[place].covers(point)
        ]
        division = min(touching, key=lambda d: d.number, default=None)
        border_m = self._border_m(x, y)
        return DivisionMatch(division, border_m, border_m <= self.tolerance_m)

    def _border_m(self, x: float, y: float) -> float:
        metres_per_degree = math.radians(1) * _EARTH_RADIUS_M
        scale = np.array([math.cos(math.radians(y)), 1.0]) * metres_per_degree
        flat = shapely.transform(self._borders, lambda lonlat: (lonlat - (x, y)) * scale)
        distance: float = flat.distance(shapely.Point(0, 0))
        return distance


def _polygon(division: PartitionDivision) -> shapely.Geometry:
    """Even-odd union of the rings: a hole is a ring that lies inside another."""
    polygon = shapely.Polygon()
    for ring in division.rings:
        polygon = polygon.symmetric_difference(shapely.Polygon(ring / SCALE))
    return polygon
