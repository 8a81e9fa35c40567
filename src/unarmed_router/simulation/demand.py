"""Where and when calls arise: census tracts and the hour of the week."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from unarmed_router.agency.tracts_file import Tract, load_tracts, numbered_rows
from unarmed_router.errors import ConfigurationError

__all__ = ["Demand", "Tract", "load_hours", "load_tracts", "smoothed"]

HOURS_PER_WEEK = 168
_DEFAULT_TIME_HOURS = (0, 12)


@dataclass(frozen=True, slots=True)
class Demand:
    """Weights of places and hours.

    Parameters
    ----------
    tracts : tuple of Tract
        Places, weighted by population.
    hours : tuple of float
        168 weights, 0 is Monday 00:00 local.
    """

    tracts: tuple[Tract, ...]
    hours: tuple[float, ...]


def load_hours(path: Path | str) -> tuple[float, ...]:
    """Read 168 hourly counts from CSV: day_of_week (0 Monday), hour, incidents.

    Raises
    ------
    ConfigurationError
        A column or an hour is missing, or a value is no number.
    """
    counts = {}
    for row in numbered_rows(path, ("day_of_week", "hour", "incidents"), numbers=3):
        counts[int(row["day_of_week"]) * 24 + int(row["hour"])] = float(row["incidents"])
    if sorted(counts) != list(range(HOURS_PER_WEEK)):
        raise ConfigurationError(str(path), ["every hour of the week must be given once"])
    return tuple(counts[hour] for hour in range(HOURS_PER_WEEK))


def smoothed(hours: tuple[float, ...]) -> tuple[float, ...]:
    """Replace midnight and noon by the mean of their neighbours.

    Reports without a known time are filed at 00:00 or 12:00, which is a habit of the records and
    not of the callers.
    """
    return tuple(
        (hours[hour - 1] + hours[(hour + 1) % HOURS_PER_WEEK]) / 2
        if hour % 24 in _DEFAULT_TIME_HOURS
        else weight
        for hour, weight in enumerate(hours)
    )
