"""Areas and lengths in metres, for polygons given in degrees or in grid steps.

One Lambert azimuthal equal-area projection on the WGS 84 ellipsoid, centred on the agency. Areas
are those of the ellipsoid; lengths within 100 km of the centre are good to 1 part in 10,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

__all__ = ["LocalMetres", "ring_coordinates"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LocalMetres:
    """Metres around one place.

    Parameters
    ----------
    lon, lat : float
        Centre of the projection, degrees.
    """

    lon: float
    lat: float

    @classmethod
    def around(cls, geometries: npt.NDArray[np.object_]) -> LocalMetres:
        """Centre on the bounding box of shapely geometries in degrees."""
        west, south, east, north = shapely.total_bounds(geometries)
        return cls(lon=float((west + east) / 2), lat=float((south + north) / 2))

    def project(self, geometries: Any, *, degrees: float = 1.0) -> Any:
        """Project shapely geometries to metres.

        Parameters
        ----------
        geometries : geometry or ndarray of geometries
            With (lon, lat) coordinates.
        degrees : float
            Length of one coordinate unit in degrees: 1e-7 for grid steps.
        """
        # Made anew for each use: a pyproj object must not be shared between threads.
        plane = f"+proj=laea +lon_0={self.lon} +lat_0={self.lat} +ellps=WGS84 +units=m"
        to_plane = Transformer.from_crs("OGC:CRS84", plane, always_xy=True)

        def convert(xy: FloatArray) -> FloatArray:
            x, y = to_plane.transform(xy[:, 0] * degrees, xy[:, 1] * degrees)
            return np.column_stack([x, y])

        return shapely.transform(geometries, convert)


def ring_coordinates(polygon: Any) -> list[list[FloatArray]]:
    """Split a (Multi)Polygon into rings: for each polygon its exterior, then its holes."""
    return [
        [shapely.get_coordinates(part.exterior)]
        + [shapely.get_coordinates(hole) for hole in part.interiors]
        for part in shapely.get_parts(polygon)
    ]
