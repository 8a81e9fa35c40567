"""Travel times from many places to many, compiled where the engine is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from unarmed_router.dispatch.ports import CompiledTimes, TravelTimes
from unarmed_router.errors import InputError
from unarmed_router.roads.snapping import EdgeSnapper, SnappedPoints
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes

__all__ = ["snapped_places", "travel_matrix"]

Progress = Callable[[int, int], None]


def snapped_places(places: Any, what: str, roads: EdgeSnapper) -> SnappedPoints:
    """Find the road positions of places given as pairs of (lon, lat).

    Raises
    ------
    InputError
        The places are no pairs.
    CoordinateError
        Some are not places on earth.
    """
    try:
        if isinstance(places, np.ma.MaskedArray):
            places = np.ma.filled(places.astype(np.float64), np.nan)  # what is masked is missing
        pairs = np.asarray(places, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{what} must be pairs of (lon, lat) in degrees: {error}") from None
    if pairs.size == 0:
        pairs = pairs.reshape(0, 2)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise InputError(f"{what} have shape {pairs.shape}; they must be pairs of (lon, lat)")
    return roads.snap_many(lons=pairs[:, 0], lats=pairs[:, 1])


def travel_matrix(
    times: TravelTimes,
    roads: EdgeSnapper,
    starts: SnappedPoints,
    goals: SnappedPoints,
    at: datetime,
    *,
    progress: Progress | None = None,
) -> npt.NDArray[np.int64]:
    """Time every start to every goal for a departure at `at`.

    Parameters
    ----------
    times : TravelTimes
        Its engine is asked for the whole matrix where it can give one, else goal by goal.
    roads : EdgeSnapper
        What the places were snapped by.
    starts, goals : SnappedPoints
        Where.
    at : datetime
        Departure, in UTC.
    progress : callable, optional
        Told the goals done and their number, now and then.

    Returns
    -------
    int64 array, shape (starts, goals)
        Milliseconds, access legs included; -1 where no road is near or none leads there.
    """
    engine = times.engine_at(at) if isinstance(times, CompiledTimes) else None
    if isinstance(engine, HierarchyTravelTimes):
        return engine.matrix(starts, goals, progress=progress)
    matrix = np.full((len(starts.arc), len(goals.arc)), -1, np.int64)
    rows = np.flatnonzero(starts.arc >= 0).tolist()
    places = [place for row in rows if (place := roads.position(starts, row)) is not None]
    for column in range(len(goals.arc)):
        goal = roads.position(goals, column)
        if goal is not None and places:
            found = times.to_call(places, goal, at)
            matrix[rows, column] = [-1 if ms is None else ms for ms in found]
        if progress is not None:
            progress(column + 1, len(goals.arc))
    return matrix
