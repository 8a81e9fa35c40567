"""Observed trips: where from, where to, when, and how long they took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError, NetworkError
from unarmed_router.model.call import in_utc
from unarmed_router.model.location import check_lonlat
from unarmed_router.roads.csv_table import CsvTable

if TYPE_CHECKING:
    import os

__all__ = ["Trips", "read_trips"]

_PLACES = ("start_lon", "start_lat", "end_lon", "end_lat")

SHORTEST_S, LONGEST_S = 1.0, 4 * 3600.0
"""A duration outside these is no drive across a city."""


@dataclass(frozen=True, slots=True, eq=False)
class Trips:
    """n observed trips.

    Parameters
    ----------
    start, end : float64 array, shape (n, 2)
        (lon, lat), WGS 84 degrees.
    departure : tuple of datetime
        When each set off, in UTC.
    duration_s : float64 array, shape (n,)
        From wheels rolling to arrival, seconds: turnout and time on scene are no part of it.
    rows : int array, shape (n,)
        Row of the file, the header being 1.
    """

    start: npt.NDArray[np.float64]
    end: npt.NDArray[np.float64]
    departure: tuple[datetime, ...]
    duration_s: npt.NDArray[np.float64]
    rows: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.departure)


def read_trips(path: str | os.PathLike[str]) -> Trips:
    """Read observed trips.

    Parameters
    ----------
    path : path-like
        CSV, may be compressed (``.gz``), with columns ``start_lon``, ``start_lat``, ``end_lon``,
        ``end_lat``, ``departure`` (ISO 8601 with offset) and ``duration_s``. Others are ignored.

    Raises
    ------
    NetworkError
        Naming the file, the row, the value and the rule.
    """
    table = CsvTable(path, (*_PLACES, "departure", "duration_s"))
    if not len(table):
        raise NetworkError(f"{table.name}: holds no trips under its header; observe some")
    places = np.stack([table.numbers(name) for name in _PLACES], axis=1)
    for row, (a, b, c, d) in enumerate(places.tolist()):
        for title, lon, lat in (("start_lon", a, b), ("end_lon", c, d)):
            try:
                check_lonlat(lon=lon, lat=lat)
            except InputError as fault:
                table.refuse(row, title, f"is no place: {fault}")
    durations = table.numbers("duration_s")
    for row in np.flatnonzero((durations < SHORTEST_S) | (durations > LONGEST_S))[:1]:
        rule = f"must lie in [{SHORTEST_S:g}, {LONGEST_S:g}] seconds; remove the row"
        table.refuse(int(row), "duration_s", rule)
    return Trips(
        start=places[:, :2],
        end=places[:, 2:],
        departure=tuple(
            _instant(table, row, text) for row, text in enumerate(table.texts("departure"))
        ),
        duration_s=durations,
        rows=np.arange(len(table)) + 2,
    )


def _instant(table: CsvTable, row: int, text: str) -> datetime:
    try:
        return in_utc(datetime.fromisoformat(text), "departure")
    except ValueError:  # InputError is one
        table.refuse(
            row, "departure", "is no ISO 8601 time with an offset, as 2026-11-20T08:00-08:00"
        )
