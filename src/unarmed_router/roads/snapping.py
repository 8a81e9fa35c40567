"""Snap a point to the nearest road edge, not node."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from unarmed_router.coordinates import checked_columns
from unarmed_router.errors import InputError
from unarmed_router.kernels.packed import Packed
from unarmed_router.kernels.places import ROADS_TYPES, snapped
from unarmed_router.kernels.snapping import nearest_segments
from unarmed_router.model.location import RoadPosition, check_lonlat
from unarmed_router.roads.segments import RoadSegments, SegmentGrid

if TYPE_CHECKING:
    from unarmed_router.roads.network import RoadNetwork

__all__ = ["EdgeSnapper", "SnappedPoints"]

_LONGEST_MS = 2**29
"""Six days: both such legs and three days on the road fit int32, in which a decision sums."""


@dataclass(frozen=True, slots=True)
class SnappedPoints:
    """Road positions of p points as arrays of shape (p,).

    Parameters
    ----------
    arc : int32 array
        The arc, the lower one of a two-way road; -1 where no road lies within the limit.
    fraction : float64 array
        How far along the arc, 0 at the tail to 1 at the head; NaN where there is none.
    snap_m : float64 array
        Distance from the point to the road, metres; infinite where there is none.
    access_ms : int64 array
        Time to cover it at the access speed, milliseconds; -1 where there is none.
    """

    arc: npt.NDArray[np.int32]
    fraction: npt.NDArray[np.float64]
    snap_m: npt.NDArray[np.float64]
    access_ms: npt.NDArray[np.int64]

    def take(self, rows: npt.NDArray[np.int64]) -> SnappedPoints:
        """Return some of the points, by their numbers."""
        return SnappedPoints(
            self.arc[rows], self.fraction[rows], self.snap_m[rows], self.access_ms[rows]
        )


class EdgeSnapper:
    """Nearest point of a road network, exactly.

    A point is measured against every straight piece of road in the plane that touches the earth
    at the point's latitude: metres per degree of longitude and latitude are WGS 84's at that
    latitude. Within 2 km this is off by less than 0.1 % below 70 degrees of latitude. Among roads
    at equal distance the first by arc, then by piece, wins. The network must not cross the
    antimeridian.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    limit_m : float
        Farther than this from any road, a point has no road position; metres, inclusive.
    access_kph : float
        Speed assumed between the point and the road.
    exclude : collection of str
        Road classes no point is snapped to: an address beside a freeway is reached by a street.

    Raises
    ------
    InputError
        A limit or speed that is not above 0, a limit that takes over six days at the speed, an
        unknown class, or no road left.

    Attributes
    ----------
    limit_m, access_kph : float
        As given.
    exclude : frozenset of str
        As given.
    packed : Packed
        The roads as `unarmed_router.kernels.places` takes them.

    Notes
    -----
    Immutable after construction; any number of threads may use it.
    """

    def __init__(
        self,
        network: RoadNetwork,
        *,
        limit_m: float = 2000.0,
        access_kph: float = 20.0,
        exclude: Collection[str] = (),
    ) -> None:
        if not limit_m > 0.0:
            raise InputError(f"limit_m is {limit_m}; it must be above 0 metres")
        if not 0.0 < access_kph < math.inf:
            raise InputError(f"access_kph is {access_kph}; it must be a speed above 0")
        longest_ms = limit_m / access_kph * 3600.0
        if _LONGEST_MS < longest_ms < math.inf:
            raise InputError(
                f"at access_kph {access_kph} the {limit_m} m of limit_m take "
                f"{longest_ms / 3_600_000:,.0f} hours; {_LONGEST_MS // 3_600_000} are the most: is "
                "the unit km/h?"
            )
        self.limit_m, self.access_kph = float(limit_m), float(access_kph)
        self.exclude = frozenset(exclude)
        self._twin = network.twin
        self._segments = RoadSegments.of(network, _kept(network, exclude))
        grid = SegmentGrid.over(self._segments.ends)
        self._roads = (self._segments.ends, grid.grid, grid.first, grid.listed)
        parts = self._segments
        self.packed = Packed(
            ROADS_TYPES,
            *self._roads,
            parts.before,
            parts.after,
            parts.arc,
            np.array([self.limit_m, self.access_kph / 3.6]),
        )

    def snap(self, *, lon: float, lat: float) -> RoadPosition | None:
        """Find the road position nearest to a point.

        Parameters
        ----------
        lon, lat : float
            WGS 84 degrees.

        Returns
        -------
        RoadPosition or None
            On the lower arc of a two-way road; None when every road is beyond `limit_m`.

        Raises
        ------
        CoordinateError
            The pair is not a place on earth.
        """
        check_lonlat(lon=lon, lat=lat)
        arc, fraction, snap_m, access_ms = snapped(float(lon), float(lat), self.packed.table)
        if arc < 0:
            return None
        return RoadPosition(arc, self._twin.item(arc), fraction, snap_m, access_ms)

    def snap_many(self, *, lons: npt.ArrayLike, lats: npt.ArrayLike) -> SnappedPoints:
        """Find the road positions nearest to many points; each as `snap` finds it.

        Parameters
        ----------
        lons, lats : array_like of float, shape (p,)
            WGS 84 degrees.

        Raises
        ------
        CoordinateError
            Shapes differ, or some pairs are not places on earth; `rows` lists them.
        """
        x, y = checked_columns(lons, lats)
        segment, along, snap_m = nearest_segments(x, y, self.limit_m, self._roads)
        none = segment < 0
        segment[none] = 0
        parts = self._segments
        fraction = _between(parts.before[segment], parts.after[segment], along)
        access_ms = np.rint(snap_m / (self.access_kph / 3.6) * 1000.0)
        return SnappedPoints(
            arc=np.where(none, np.int32(-1), parts.arc[segment]),
            fraction=np.where(none, np.nan, fraction),
            snap_m=np.where(none, np.inf, snap_m),
            access_ms=np.where(none, -1, access_ms).astype(np.int64),
        )

    def position(self, points: SnappedPoints, row: int) -> RoadPosition | None:
        """Return one row of `snap_many` as `snap` would have returned it."""
        arc = int(points.arc[row])
        if arc < 0:
            return None
        return RoadPosition(
            arc=arc,
            twin=int(self._twin[arc]),
            fraction=float(points.fraction[row]),
            snap_m=float(points.snap_m[row]),
            access_ms=int(points.access_ms[row]),
        )

    def places(self, points: SnappedPoints) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return where on the roads some snapped points lie.

        Parameters
        ----------
        points : SnappedPoints
            Of p points, snapped by this snapper.

        Returns
        -------
        lons, lats : float64 array, shape (p,)
            WGS 84 degrees; NaN where there is no road.
        """
        parts = self._segments
        none = points.arc < 0
        # Pieces are listed by arc, then tail to head: arc plus the share behind orders them.
        begins = parts.arc + np.minimum(parts.before, 1.0 - 1e-9)
        wanted = points.arc + np.where(none, 0.0, np.minimum(points.fraction, 1.0 - 1e-9))
        piece = np.maximum(np.searchsorted(begins, wanted, side="right") - 1, 0)
        before, after = parts.before[piece], parts.after[piece]
        span = np.where(after > before, after - before, 1.0)
        along = np.clip((np.where(none, 0.0, points.fraction) - before) / span, 0.0, 1.0)
        lons = _between(parts.ends[piece, 0], parts.ends[piece, 2], along)
        lats = _between(parts.ends[piece, 1], parts.ends[piece, 3], along)
        return np.where(none, np.nan, lons), np.where(none, np.nan, lats)


def _kept(network: RoadNetwork, exclude: Collection[str]) -> npt.NDArray[np.bool_]:
    """Mark the places whose class is not excluded."""
    unknown = sorted(set(exclude) - set(network.classes))
    if unknown:
        raise InputError(
            f"road class {', '.join(unknown)} is not in the network; it has "
            + ", ".join(network.classes)
        )
    wanted = np.array([name not in exclude for name in network.classes], bool)
    kept: npt.NDArray[np.bool_] = wanted[network.road_class] & network.places
    if not kept.any():
        raise InputError("every road class is excluded; leave one to snap to")
    return kept


def _between(before: Any, after: Any, along: Any) -> Any:
    """Interpolate so that 0 and 1 give the two ends exactly, for scalars and arrays alike."""
    return before * (1.0 - along) + after * along
