"""Where and when calls arise: census tracts and the hour of the week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from unarmed_router.agency.tracts_file import Tract, load_tracts, rows_with_numbers
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.model.shift import HOURS_A_WEEK

__all__ = [
    "DemandWeights",
    "Tract",
    "load_hours",
    "load_tracts",
    "load_weights",
    "own_weights",
    "smoothed",
]

_DEFAULT_TIME_HOURS = (0, 12)


@dataclass(frozen=True, slots=True)
class DemandWeights:
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
        A column or an hour is missing, an hour is given twice, or a value is no number of at
        least 0; names the row.
    """
    counts: dict[int, float] = {}
    titles = ("day_of_week", "hour", "incidents")
    for line, _, cells in rows_with_numbers(path, titles, counts=titles[:2]):
        day, hour, incidents = (cells[title] for title in titles)
        if day > 6 or hour > 23:
            fault = "day_of_week must be 0 (Monday) to 6, and hour 0 to 23"
        elif incidents < 0.0:
            fault = f"incidents {incidents:g} must be at least 0"
        elif int(day) * 24 + int(hour) in counts:
            fault = "is of an hour that is given above; give each hour once"
        else:
            counts[int(day) * 24 + int(hour)] = incidents
            continue
        raise ConfigurationError(str(path), [f"row {line}: {fault}"])
    if len(counts) < HOURS_A_WEEK:
        raise ConfigurationError(str(path), ["every hour of the week must be given once"])
    return tuple(counts[hour] for hour in range(HOURS_A_WEEK))


def load_weights(path: Path | str, columns: Mapping[str, float]) -> tuple[float, ...]:
    """Weigh tracts by columns of their file, each column scaled to a sum of 1 before it counts.

    Parameters
    ----------
    path : path-like
        CSV of tracts, as `load_tracts` reads it.
    columns : mapping of str to float
        What each column counts for: ``{"population": 1}``, or ``{"population": 0.6,
        "homeless_2017": 0.4}`` for four calls in ten about places of homeless people.

    Returns
    -------
    tuple of float
        One weight a tract, in the order of the file; they add up to 1.

    Raises
    ------
    ConfigurationError
        A column is missing, holds what is no number or is negative, or adds up to 0.
    InputError
        No column counts, or one counts for less than 0.
    """
    if not columns or any(not 0 <= count < float("inf") for count in columns.values()):
        raise InputError(f"columns {dict(columns)} must count for numbers of at least 0")
    whole = sum(columns.values())
    if not whole > 0:
        raise InputError(f"columns {dict(columns)} count for nothing; give one a number above 0")
    rows = rows_with_numbers(path, tuple(columns))
    weights = [0.0] * len(rows)
    for name, count in columns.items():
        values = [row.numbers[name] for row in rows]
        faults = [
            f"row {row.line}, {name}: {value} must be at least 0"
            for row, value in zip(rows, values, strict=True)
            if value < 0.0
        ]
        if not faults and not sum(values) > 0:
            faults = [f"column {name} adds up to 0; weigh by another column"]
        if faults:
            raise ConfigurationError(str(path), faults)
        share = count / whole / sum(values)
        weights = [weight + share * value for weight, value in zip(weights, values, strict=True)]
    return tuple(weights)


def own_weights(tracts: Sequence[Tract], given: Sequence[float]) -> npt.NDArray[np.float64]:
    """Take weights of one's own, one a tract.

    Parameters
    ----------
    tracts : sequence of Tract
        As their file lists them.
    given : sequence of float
        In the order of the tracts. A pandas Series whose index holds the tracts' geoids is brought
        into that order; one whose index says another order is refused, since it may mean either.

    Returns
    -------
    float64 array, shape (tracts,)

    Raises
    ------
    InputError
        Another number of weights, one that is negative or no number, or an index as above.
    """
    try:
        weights = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        raise InputError(f"weights of {len(tracts)} tracts must be as many numbers") from None
    if weights.shape != (len(tracts),) or not ((weights >= 0) & np.isfinite(weights)).all():
        raise InputError(
            f"weights of {len(tracts)} tracts must be as many finite numbers of at least 0; "
            f"got {weights.size}, the least {weights.min(initial=0.0)}"
        )
    index = getattr(given, "index", None)
    if index is None or callable(index):  # a list has a method of that name
        return weights
    labels, geoids = [str(each) for each in index], [tract.geoid for tract in tracts]
    if sorted(labels) == sorted(geoids):
        place = {label: k for k, label in enumerate(labels)}
        return weights[[place[geoid] for geoid in geoids]]
    if labels != [str(k) for k in range(len(labels))]:
        raise InputError(
            "the index of the weights is neither the tracts' geoids nor 0, 1, 2 and on: index them "
            "by geoid, as text, or give weights.to_numpy() in the order of the file"
        )
    return weights


def smoothed(hours: tuple[float, ...]) -> tuple[float, ...]:
    """Replace midnight and noon by the mean of their neighbours.

    Reports without a known time are filed at 00:00 or 12:00, which is a habit of the records and
    not of the callers.
    """
    return tuple(
        (hours[hour - 1] + hours[(hour + 1) % HOURS_A_WEEK]) / 2
        if hour % 24 in _DEFAULT_TIME_HOURS
        else weight
        for hour, weight in enumerate(hours)
    )
