"""How far places are from the border of the city, where neighbours' calls and teams begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.coordinates import checked_columns
from unarmed_router.geography.area_rings import polygons_of
from unarmed_router.kernels.metres import metres_per_degree

if TYPE_CHECKING:
    from unarmed_router.geography.partition import Partition

__all__ = ["city_border_m"]


def city_border_m(
    partition: Partition, lons: npt.ArrayLike, lats: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Distance from each place to the nearest point of the city's outer border, metres.

    Borders between divisions do not count; those of enclaves do. Measured in the plane that touches
    the earth at the middle of the city, which is off by less than 0.5 % across it.

    Parameters
    ----------
    partition : Partition
        The divisions.
    lons, lats : array_like of float, shape (n,)
        WGS 84 degrees; inside or outside.

    Returns
    -------
    float64 array, shape (n,)

    Raises
    ------
    CoordinateError
        Shapes differ, or some pairs are not places on earth.
    """
    import shapely  # noqa: PLC0415  # heavy

    x, y = checked_columns(lons, lats)
    shapes = [shapely.union_all(polygons_of(each.rings)) for each in partition.divisions]
    border = shapely.boundary(shapely.coverage_union_all(shapes))
    middle = float(np.mean(shapely.bounds(border)[[1, 3]]))
    per_degree = np.array(metres_per_degree(middle))
    flat = shapely.transform(border, lambda degrees: degrees * per_degree)
    pieces = shapely.get_parts(flat)
    lines = np.concatenate([_segments(shapely.get_coordinates(part)) for part in pieces])
    tree = shapely.STRtree(shapely.linestrings(lines))
    points = shapely.points(x * per_degree[0], y * per_degree[1])
    if not len(points):
        return np.empty(0)
    _, away = tree.query_nearest(points, return_distance=True, all_matches=False)
    distances: npt.NDArray[np.float64] = np.asarray(away, np.float64)
    return distances


def _segments(vertices: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.stack((vertices[:-1], vertices[1:]), axis=1)
