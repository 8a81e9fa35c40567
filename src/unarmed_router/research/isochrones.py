"""Isochrones: the land that is reached within so many minutes, as polygons.

Land is cut into squares. A square is reached when its middle is: by road to the nearest edge, and
across the access leg at the agency's speed, exactly as a call there would be timed. So polygons
have holes where no road is, and their edge is as fine as a square.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.research.origins import Origins
from unarmed_router.research.reach import RoadReach

if TYPE_CHECKING:
    import geopandas

    from unarmed_router.roads.network import RoadNetwork
    from unarmed_router.roads.snapping import EdgeSnapper

__all__ = ["isochrones"]

Floats = npt.NDArray[np.float64]

_MOST_SQUARES = 4_000_000


def isochrones(
    reach: RoadReach,
    origins: Origins,
    *,
    network: RoadNetwork,
    roads: EdgeSnapper,
    minutes: Sequence[float],
    hour: int,
    square_m: float = 200.0,
    turnout: bool = True,
) -> geopandas.GeoDataFrame:
    """Draw the land that the first of some teams reaches, whoever may be sent where.

    Parameters
    ----------
    reach : RoadReach
        Of the agency's roads.
    origins : Origins
        From where; teams off duty at that hour reach nothing.
    network, roads
        The agency's; `roads` finds the way from a square to the road.
    minutes : sequence of float
        Thresholds, each above 0.
    hour : int
        Of the week.
    square_m : float
        Side of a square, metres.
    turnout : bool
        Count from assignment; False counts from rolling.

    Returns
    -------
    GeoDataFrame
        One row a threshold, in ascending order, EPSG:4326: ``minutes``, ``hour``, ``area_km2``,
        ``geometry`` (a MultiPolygon; empty where nothing is reached).

    Raises
    ------
    InputError
        A threshold that is not above 0 or has no end, an hour outside the week, or squares too
        small for the extent.
    """
    import geopandas  # noqa: PLC0415  # heavy; only where polygons are wanted

    limits = sorted(float(limit) for limit in minutes)
    if not limits or not all(0.0 < limit < np.inf for limit in limits):
        raise InputError(f"minutes {limits} must be at least one threshold above 0, finite")
    grid = _Squares(network, square_m, margin_m=roads.limit_m)
    goals = roads.snap_many(lons=grid.lon, lats=grid.lat)
    arrival = np.full(len(grid.lon), np.inf)
    on_duty = np.flatnonzero(origins.on_duty(hour))
    if on_duty.size:
        ms = reach.to_places(origins.points, goals, hour=hour)[on_duty]
        wait = origins.turnout_s[on_duty, None] if turnout else 0.0
        arrival = np.where(ms >= 0, ms / 1000.0 + wait, np.inf).min(axis=0)
    reached = [arrival <= 60.0 * limit for limit in limits]
    return geopandas.GeoDataFrame(
        {
            "minutes": limits,
            "hour": hour,
            "area_km2": [float(inside.sum()) * (square_m / 1000.0) ** 2 for inside in reached],
        },
        geometry=[grid.outline(inside) for inside in reached],
        crs=4326,
    )


class _Squares:
    """Squares over a network, row by row from the south-west; middles in `lon` and `lat`."""

    def __init__(self, network: RoadNetwork, square_m: float, margin_m: float) -> None:
        if not 1.0 <= square_m < float("inf"):
            raise InputError(f"square_m {square_m} must be at least 1 metre")
        # A road may bend beyond all nodes.
        lon = np.concatenate((network.node_lon, network.shape_lon))
        lat = np.concatenate((network.node_lat, network.shape_lat))
        low, high = np.array([lon.min(), lat.min()]), np.array([lon.max(), lat.max()])
        per_degree = np.array(metres_per_degree(float((low[1] + high[1]) / 2)))
        low, high = low - margin_m / per_degree, high + margin_m / per_degree
        self._side, self._low = square_m / per_degree, low
        columns, rows = np.ceil((high - low) / self._side).astype(int)
        if columns * rows > _MOST_SQUARES:
            raise InputError(
                f"{columns * rows} squares of {square_m} m are more than {_MOST_SQUARES}; take "
                "larger ones"
            )
        self._shape = (int(rows), int(columns))
        self.lon: Floats = np.tile(low[0] + (np.arange(columns) + 0.5) * self._side[0], rows)
        self.lat: Floats = np.repeat(low[1] + (np.arange(rows) + 0.5) * self._side[1], columns)

    def outline(self, inside: npt.NDArray[np.bool_]) -> Any:
        """Unite squares into one MultiPolygon."""
        import shapely  # noqa: PLC0415  # heavy, as above

        runs = np.diff(np.pad(inside.reshape(self._shape).astype(np.int8), ((0, 0), (1, 1))))
        row, begin = np.nonzero(runs == 1)
        _, end = np.nonzero(runs == -1)
        west = self._low[0] + begin * self._side[0]
        east = self._low[0] + end * self._side[0]
        south = self._low[1] + row * self._side[1]
        north = self._low[1] + (row + 1) * self._side[1]
        union = shapely.union_all(shapely.box(west, south, east, north))
        return shapely.MultiPolygon(shapely.get_parts(union).tolist())
