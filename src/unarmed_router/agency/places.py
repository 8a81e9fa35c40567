"""Places and times, asked of a router without a call: nothing is decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from unarmed_router.agency.matrix import snapped_places, travel_matrix
from unarmed_router.agency.reloading import HoldsDesk
from unarmed_router.model.call import in_utc
from unarmed_router.model.location import DivisionMatch
from unarmed_router.travel_time.hourly import HourlyTravelTimes

__all__ = ["TellsPlaces"]


class TellsPlaces(HoldsDesk):
    """Base of a router: where a point lies, and how long the way from place to place takes."""

    def travel_times(
        self,
        origins: Sequence[tuple[float, float]] | npt.ArrayLike,
        destinations: Sequence[tuple[float, float]] | npt.ArrayLike,
        *,
        at: datetime | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> npt.NDArray[np.int64]:
        """Return the exact road travel time from every origin to every destination.

        Parameters
        ----------
        origins, destinations : sequence of (lon, lat), or float array of shape (n, 2)
            WGS 84 degrees.
        at : datetime, optional
            Departure, timezone-aware; the clock's present when not given.
        progress : callable, optional
            Told the destinations done and their number, now and then.

        Returns
        -------
        int64 array, shape (origins, destinations)
            Milliseconds, both access legs included; -1 where no road is near or none leads there.

        Raises
        ------
        CoordinateError
            A place is broken; ``error.rows`` lists them.
        InputError
            `at` is naive, or a side is not a list of pairs.

        Notes
        -----
        Compiled, in blocks, without the GIL: threads that share out the destinations scale.
        """
        world = self._desk.world
        moment = in_utc(self._clock() if at is None else at, "at")
        roads = self.agency.roads
        starts = snapped_places(origins, "origins", roads)
        goals = snapped_places(destinations, "destinations", roads)
        return travel_matrix(world.travel_times, roads, starts, goals, moment, progress=progress)

    def prepare(self, at: datetime) -> None:
        """Make the travel times of a moment's hour ready, so that its first call waits for nothing.

        Calls are decided meanwhile in other threads. Travel times of an agency's own are not
        asked: they make ready what they need.

        Parameters
        ----------
        at : datetime
            Any moment of that hour, timezone-aware.

        Raises
        ------
        InputError
            `at` is naive.
        """
        moment, times = in_utc(at, "at"), self._desk.world.travel_times
        if isinstance(times, HourlyTravelTimes):
            times.engine_at(moment)

    def locate(self, *, lon: float, lat: float) -> DivisionMatch:
        """Find the division a point lies in.

        Parameters
        ----------
        lon, lat : float
            WGS 84 degrees.

        Returns
        -------
        DivisionMatch

        Raises
        ------
        CoordinateError
            NaN, infinite, out of range, (0, 0), or swapped.
        """
        return self._desk.world.divisions.locate(lon=lon, lat=lat)
