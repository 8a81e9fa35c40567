"""What a network says of observed trips: which classes of road they drove, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes

if TYPE_CHECKING:
    from unarmed_router.agency.travel import RoadSpeeds
    from unarmed_router.model.road_path import RoadPath
    from unarmed_router.research.trips import Trips
    from unarmed_router.roads.snapping import EdgeSnapper

__all__ = ["TimedTrips", "TripTimes"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TripTimes:
    """Times of n trips along their shortest paths under some class factors, seconds.

    Parameters
    ----------
    fixed_s : float64 array, shape (n,)
        What no class factor changes: access legs, and arcs whose speed was observed in that hour.
    by_class_s : float64 array, shape (n, classes)
        Time on the arcs of each class under the profile, before class factors.
    predicted_s : float64 array, shape (n,)
        Travel time under the factors; NaN where no path leads.
    """

    fixed_s: Floats
    by_class_s: Floats
    predicted_s: Floats


class TimedTrips:
    """Trips on the roads of an agency.

    Parameters
    ----------
    speeds : RoadSpeeds
        Network, profile and topology.
    roads : EdgeSnapper
        What puts starts and ends on the road.
    trips : Trips
        What was observed.

    Attributes
    ----------
    on_road : bool array, shape (n,)
        Whether both ends are near a road.
    """

    def __init__(self, speeds: RoadSpeeds, roads: EdgeSnapper, trips: Trips) -> None:
        self._speeds, self._roads, self._trips = speeds, roads, trips
        self._starts, self._ends = (
            roads.snap_many(lons=side[:, 0], lats=side[:, 1]) for side in (trips.start, trips.end)
        )
        self.on_road = (self._starts.arc >= 0) & (self._ends.arc >= 0)
        of_week = [speeds.hours.hour_of_week(at) for at in trips.departure]
        self._hour = np.array([speeds.profile.representative(hour) for hour in of_week])

    def under(self, factors: Floats) -> TripTimes:
        """Find the shortest path of each trip under class factors, and what it is made of.

        Parameters
        ----------
        factors : float64 array, shape (classes,)
            On the time of each road class of the network.
        """
        count, classes = len(self._trips), self._speeds.network.classes
        fixed, predicted = np.zeros(count), np.full(count, np.nan)
        by_class = np.zeros((count, len(classes)))
        by_name = dict(zip(classes, factors.tolist(), strict=True))
        scaled = replace(self._speeds, profile=self._speeds.profile.scaled(by_name, classes))
        for hour in np.unique(self._hour[self.on_road]).tolist():
            # Few queries an hour: labels would cost more than they save.
            engine = HierarchyTravelTimes(
                topology=scaled.topology,
                twin=scaled.network.twin,
                arc_ms=scaled.arc_ms(hour),
                label_budget=0,
            )
            base = self._speeds.arc_ms(hour).astype(np.float64)
            moved = np.ones(len(base), bool)
            moved[self._speeds.profile.measured(hour)] = False
            for trip in np.flatnonzero(self.on_road & (self._hour == hour)).tolist():
                start, end = (
                    self._roads.position(self._starts, trip),
                    self._roads.position(self._ends, trip),
                )
                path = None if start is None or end is None else engine.path(start, end)
                if path is not None:
                    predicted[trip] = path.travel_ms / 1000.0
                    fixed[trip], by_class[trip] = self._parts(path, base, moved)
        return TripTimes(fixed, by_class, predicted)

    def _parts(
        self, path: RoadPath, base: Floats, moved: npt.NDArray[np.bool_]
    ) -> tuple[float, Floats]:
        """Return the fixed seconds of a path, and those on each class before class factors."""
        network = self._speeds.network
        arcs = np.array([leg.arc for leg in path.legs], np.int64)
        shares = np.array([leg.end - leg.begin for leg in path.legs], np.float64)
        seconds = base[arcs] * shares / 1000.0
        free = moved[arcs]
        of_class: Floats = np.bincount(
            network.road_class[arcs[free]], seconds[free], minlength=len(network.classes)
        ).astype(np.float64)
        access = (path.origin.access_ms + path.destination.access_ms) / 1000.0
        return access + float(seconds[~free].sum()), of_class
