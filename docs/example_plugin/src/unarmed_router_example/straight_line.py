"""Travel times by straight line: an ESTIMATE that knows no river, freeway or one-way street."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from unarmed_router import RoadNetwork, RoadPosition

METRES_A_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371 km."""


class StraightLine:
    """Distance through the air times a circuity, at one speed at all hours."""

    def __init__(self, network: RoadNetwork, *, speed_kph: float, circuity: float) -> None:
        if not (1 <= speed_kph <= 130 and 1 <= circuity <= 3):
            raise ValueError(f"speed_kph {speed_kph} or circuity {circuity} is not plausible")
        self._network = network
        self._ms_a_metre = circuity * 3600 / speed_kph
        stated = f"straight line 1: {speed_kph} km/h, circuity {circuity}, {network.digest}"
        self.digest = hashlib.sha256(stated.encode()).hexdigest()

    def to_call(
        self, origins: Sequence[RoadPosition], destination: RoadPosition, at: datetime
    ) -> list[int | None]:
        """Estimate the milliseconds from each origin, with both access legs."""
        del at  # the same at all hours
        return [self._time(origin, destination) for origin in origins]

    def _time(self, origin: RoadPosition, destination: RoadPosition) -> int:
        (lon, lat), (to_lon, to_lat) = self._point(origin), self._point(destination)
        east = (to_lon - lon) * math.cos(math.radians((lat + to_lat) / 2))
        metres = math.hypot(east, to_lat - lat) * METRES_A_DEGREE
        return round(metres * self._ms_a_metre) + origin.access_ms + destination.access_ms

    def _point(self, on: RoadPosition) -> tuple[float, float]:
        """Place a position on the line between the two ends of its arc."""
        tail, head = self._network.tail[on.arc], self._network.head[on.arc]
        lon, lat, along = self._network.node_lon, self._network.node_lat, on.fraction
        return (
            float(lon[tail] + along * (lon[head] - lon[tail])),
            float(lat[tail] + along * (lat[head] - lat[tail])),
        )


def make(folder: Path, network: RoadNetwork, options: Mapping[str, Any]) -> StraightLine:
    """Make the travel times with the options of ``agency.toml``."""
    del folder  # nothing is read from it
    return StraightLine(network, **options)
