"""How long it takes from some places to everywhere: every road node, and any points.

Times are exact: those of the engine that routes calls, under the speed profile of an hour of the
week. A trip is driven under the factors of its hour of departure from end to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import index
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.model.shift import HOURS_A_WEEK
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.sweeping import matrix_by_sweep, times_to_nodes

if TYPE_CHECKING:
    from unarmed_router.agency.travel import RoadSpeeds
    from unarmed_router.travel_time.positions import PositionColumns

__all__ = ["RoadReach", "checked_hours"]

Int64s = npt.NDArray[np.int64]


def checked_hours(hours: Sequence[int]) -> list[int]:
    """Take hours of the week, 0 for Monday 00:00 to 167.

    Raises
    ------
    InputError
        None, one outside the week, or one that is no whole number.
    """
    try:
        listed = [index(hour) for hour in hours]
    except TypeError:
        raise InputError(f"hours {hours!r} must be a list of whole numbers, 0 to 167") from None
    wrong = [hour for hour in listed if not 0 <= hour < HOURS_A_WEEK]
    if wrong or not listed:
        raise InputError(
            f"hours {listed} must be hours of the week, 0 (Monday 00:00) to 167, at least one"
        )
    return listed


class RoadReach:
    """Travel times from any places to any others, by hour of the week.

    Parameters
    ----------
    speeds : RoadSpeeds
        An agency's, ``agency.speeds``.

    Notes
    -----
    The engines of the hours asked last are kept; hours of equal factors share one.
    """

    def __init__(self, speeds: RoadSpeeds, *, keep: int = 24) -> None:
        self._speeds = speeds
        self._engine = lru_cache(maxsize=keep)(self._built)

    def to_nodes(self, origins: PositionColumns, *, hour: int) -> Int64s:
        """Time every node of the network from some places.

        Parameters
        ----------
        origins : PositionColumns
            k places; `EdgeSnapper.snap_many` makes them.
        hour : int
            Of the week.

        Returns
        -------
        int64 array, shape (k, nodes)
            Milliseconds, the origin's access leg included; -1 where no road leads.
        """
        return times_to_nodes(self._of(hour), origins)

    def to_places(self, origins: PositionColumns, goals: PositionColumns, *, hour: int) -> Int64s:
        """Time some places from some others, exactly as a call there would be timed.

        Parameters
        ----------
        origins, goals : PositionColumns
            k and p places.
        hour : int
            Of the week.

        Returns
        -------
        int64 array, shape (k, p)
            Milliseconds, both access legs included; -1 where no road leads or none is near.
        """
        return matrix_by_sweep(self._of(hour), origins, goals)

    def _of(self, hour: int) -> HierarchyTravelTimes:
        [hour] = checked_hours([hour])
        return self._engine(self._speeds.profile.representative(hour))

    def _built(self, hour: int) -> HierarchyTravelTimes:
        speeds = self._speeds
        return HierarchyTravelTimes(
            topology=speeds.topology,
            twin=speeds.network.twin,
            arc_ms=speeds.arc_ms(hour),
            label_budget=0,
        )
