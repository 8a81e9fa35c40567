"""Census tracts: where people live, and so where calls arise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from unarmed_router.csv_rows import read_csv
from unarmed_router.errors import ConfigurationError

__all__ = ["Tract", "load_tracts", "rows_with_numbers"]


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


def load_tracts(path: Path | str) -> tuple[Tract, ...]:
    """Read tracts from CSV: geoid, lon, lat, population; other columns are ignored.

    Raises
    ------
    ConfigurationError
        A column is missing or a value is no number; names the row.
    """
    return tuple(
        Tract(row["geoid"], float(row["lon"]), float(row["lat"]), int(row["population"]))
        for row in rows_with_numbers(path, ("geoid", "lon", "lat", "population"), numbers=3)
    )


def rows_with_numbers(
    path: Path | str, columns: tuple[str, ...], *, numbers: int
) -> list[dict[str, str]]:
    """Read the rows of a CSV whose last `numbers` named columns must be numbers."""
    rows = read_csv(
        path, needs=columns, refuse=lambda faults: ConfigurationError(str(path), faults)
    )
    for line, row in rows:
        for name in columns[-numbers:]:
            try:
                float(row[name])
            except ValueError:
                raise ConfigurationError(
                    str(path), [f"row {line}, {name}: {row[name]!r} is not a number"]
                ) from None
    return [row for _, row in rows]
