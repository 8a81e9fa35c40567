"""Trips as if observed: drawn under known factors, with noise and gross errors."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from unarmed_router.agency.folder import Agency
from unarmed_router.research.trip_times import TimedTrips
from unarmed_router.research.trips import Trips

TRUE = {"local": 1.3, "primary": 0.9, "secondary": 1.2, "tertiary": 1.1, "motorway": 1.25}
"""Every other class is as fast as its profile says."""

NOISE, GROSS, KILOMETRES = 0.12, 0.1, 5.0
HOURS = 4
"""Departures fall into so many hours of a week, which is quicker than all of them."""


def observed_trips(agency: Agency, count: int, seed: int) -> Trips:
    """Draw trips of up to five kilometres; every tenth took three times as long, or a third."""
    rng, roads = np.random.default_rng(seed), agency.network
    places = np.stack((roads.node_lon, roads.node_lat), axis=1)
    metres = places * (92_000.0, 111_000.0)
    first = rng.integers(0, roads.nodes, count)
    near = [
        np.flatnonzero(np.hypot(*(metres - metres[node]).T) < KILOMETRES * 1000.0) for node in first
    ]
    last = np.array([rng.choice(nodes) for nodes in near])
    monday = datetime(2026, 11, 16, 15, tzinfo=UTC)
    trips = Trips(
        start=places[first] + rng.normal(0.0, 0.001, (count, 2)),
        end=places[last] + rng.normal(0.0, 0.001, (count, 2)),
        departure=tuple(monday + timedelta(hours=int(h)) for h in rng.integers(0, HOURS, count)),
        duration_s=np.ones(count),
        rows=np.arange(count) + 2,
    )
    factors = np.array([TRUE.get(name, 1.0) for name in roads.classes])
    took = TimedTrips(agency.speeds, agency.roads, trips).under(factors).predicted_s
    took *= np.exp(rng.normal(0.0, NOISE, count))
    gross = rng.random(count) < GROSS
    took[gross] *= np.where(rng.random(count) < 0.5, 3.0, 1 / 3)[gross]
    return replace(trips, duration_s=np.clip(np.nan_to_num(took, nan=100.0), 1.0, 14_000.0))


def write_trips(trips: Trips, path: Path) -> None:
    """Write trips as `read_trips` reads them."""
    lines = ["start_lon,start_lat,end_lon,end_lat,departure,duration_s"]
    for start, end, at, took in zip(
        trips.start.tolist(), trips.end.tolist(), trips.departure, trips.duration_s, strict=True
    ):
        places = ",".join(f"{degrees:.6f}" for degrees in (*start, *end))
        lines.append(f"{places},{at.isoformat()},{took:.1f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
