"""Census tracts: where people live, and so where calls arise."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from unarmed_router.csv_rows import open_csv, read_csv
from unarmed_router.errors import ConfigurationError, CoordinateError
from unarmed_router.model.location import check_lonlat

__all__ = ["NumberRow", "Tract", "load_tracts", "rows_with_numbers", "tract_columns"]

_TITLES = ("geoid", "lon", "lat", "population")


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


class NumberRow(NamedTuple):
    """A row of a table: the line it ends on, its texts and its numbers by title."""

    line: int
    texts: dict[str, str]
    numbers: dict[str, float]


def tract_columns(path: Path | str) -> tuple[str, ...]:
    """Return the titles of a file of tracts, those of further counts among them.

    Raises
    ------
    ConfigurationError
        As `load_tracts`, of its first line.
    """
    with open_csv(path, needs=_TITLES, refuse=partial(ConfigurationError, str(path))) as rows:
        return rows.titles


def load_tracts(path: Path | str) -> tuple[Tract, ...]:
    """Read tracts from CSV: geoid, lon, lat, population; other columns are ignored.

    Raises
    ------
    ConfigurationError
        A column is missing, a value is no number, a place is not on earth, or a population is no
        whole number; names the row.
    """
    return tuple(
        _tract(row, str(path))
        for row in rows_with_numbers(path, _TITLES[1:], texts=_TITLES[:1], counts={"population"})
    )


def rows_with_numbers(
    path: Path | str,
    numbers: Sequence[str],
    *,
    texts: Sequence[str] = (),
    counts: Collection[str] = (),
) -> list[NumberRow]:
    """Read the rows of a CSV with finite numbers.

    Parameters
    ----------
    path : path-like
        The table.
    numbers, texts : sequence of str
        Titles of the columns of numbers, and of others that are needed.
    counts : collection of str
        Those of the numbers that are whole and at least 0; ``12.0`` is, as a column with a gap
        anywhere is written by data frames.

    Raises
    ------
    ConfigurationError
        A column is missing, or a value is no such number; names the row.
    """
    rows = read_csv(path, needs=[*texts, *numbers], refuse=partial(ConfigurationError, str(path)))
    found = []
    for line, row in rows:
        values = {}
        for name in numbers:
            try:
                values[name] = _number(row[name], whole=name in counts)
            except ValueError as error:
                fault = f"row {line}, {name}: {row[name]!r} {error}"
                raise ConfigurationError(str(path), [fault]) from None
        found.append(NumberRow(line, {name: row[name] for name in texts}, values))
    return found


def _number(text: str, *, whole: bool) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError("is not a number") from None
    if not math.isfinite(value):
        raise ValueError("is not a finite number")
    if whole and not (value >= 0.0 and value.is_integer()):
        raise ValueError("must be a whole number of at least 0")
    return value


def _tract(row: NumberRow, source: str) -> Tract:
    lon, lat = row.numbers["lon"], row.numbers["lat"]
    try:
        check_lonlat(lon=lon, lat=lat)
    except CoordinateError as error:
        raise ConfigurationError(source, [f"row {row.line}: {error}"]) from None
    return Tract(row.texts["geoid"], lon, lat, int(row.numbers["population"]))
