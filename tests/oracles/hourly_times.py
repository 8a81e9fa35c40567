"""Travel times at an instant: the arc times of its hour, and the plain Dijkstra on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from tests.oracles.dijkstra import Arc, Spot, time_matrix
from unarmed_router.model.location import RoadPosition

__all__ = ["NaiveTimes"]


class NaiveTimes:
    """Stands in for `HourlyTravelTimes`.

    Parameters
    ----------
    hour_at : callable
        The hour an instant belongs to.
    arcs_of : callable
        The arcs of an hour.
    """

    def __init__(
        self, hour_at: Callable[[datetime], int], arcs_of: Callable[[int], Sequence[Arc]]
    ) -> None:
        self._hour_at, self._arcs_of = hour_at, arcs_of
        self._known: dict[tuple[int, RoadPosition, RoadPosition], int | None] = {}

    def to_call(
        self, origins: Sequence[RoadPosition], destination: RoadPosition, at: datetime
    ) -> list[int | None]:
        """Time the way from each origin for a departure at an instant; None where there is none."""
        return [self._time(self._hour_at(at), origin, destination) for origin in origins]

    def _time(self, hour: int, origin: RoadPosition, destination: RoadPosition) -> int | None:
        asked = hour, origin, destination
        if asked not in self._known:
            spots = [Spot(each.arc, each.twin, each.fraction) for each in (origin, destination)]
            access = [origin.access_ms, destination.access_ms]
            ((self._known[asked], _),) = time_matrix(self._arcs_of(hour), spots, access, [1])
        return self._known[asked]
