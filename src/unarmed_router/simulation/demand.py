"""Where and when calls arise: census tracts and the hour of the week."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from unarmed_router.errors import ConfigurationError

__all__ = ["Demand", "Tract", "load_hours", "load_tracts", "smoothed"]

HOURS_PER_WEEK = 168
_DEFAULT_TIME_HOURS = (0, 12)


@dataclass(frozen=True, slots=True)
class Tract:
    """One census tract.

    Parameters
    ----------
    geoid : str
        US Census identifier.
    lon, lat : float
        Its centre, WGS 84 degrees.
    population : int
        Residents.
    """

    geoid: str
    lon: float
    lat: float
    population: int


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


def load_tracts(path: Path | str) -> tuple[Tract, ...]:
    """Read tracts from CSV: geoid, lon, lat, population; other columns are ignored.

    Raises
    ------
    ConfigurationError
        A column is missing or a value is no number; names the row.
    """
    return tuple(
        Tract(row["geoid"], float(row["lon"]), float(row["lat"]), int(row["population"]))
        for row in _rows(path, ("geoid", "lon", "lat", "population"), numbers=3)
    )


def load_hours(path: Path | str) -> tuple[float, ...]:
    """Read 168 hourly counts from CSV: day_of_week (0 Monday), hour, incidents.

    Raises
    ------
    ConfigurationError
        A column or an hour is missing, or a value is no number.
    """
    counts = {}
    for row in _rows(path, ("day_of_week", "hour", "incidents"), numbers=3):
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


def _rows(path: Path | str, columns: tuple[str, ...], *, numbers: int) -> list[dict[str, str]]:
    """Read the rows of a CSV whose last `numbers` named columns must be numbers."""
    try:
        with Path(path).open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise ConfigurationError(
                    str(path), [f"column {name} is missing" for name in missing]
                )
            rows = list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(path), [f"cannot be read: {error}"]) from error
    for number, row in enumerate(rows, start=2):
        for name in columns[-numbers:]:
            try:
                float(row[name])
            except (TypeError, ValueError):
                raise ConfigurationError(
                    str(path), [f"row {number}, {name}: {row[name]!r} is not a number"]
                ) from None
    return rows
