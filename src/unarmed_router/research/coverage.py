"""Coverage: what share of people, and of expected calls, a team reaches within so many minutes.

Every team is taken as free and at home: this is reach, not service. With busy teams, see
`expected_coverage` and `hypercube`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.research.origins import Origins
from unarmed_router.research.reach import RoadReach, checked_hours
from unarmed_router.research.weighed_places import WeighedPlaces

if TYPE_CHECKING:
    import geopandas
    import pandas as pd

__all__ = ["Coverage", "arrivals_s", "coverage", "coverage_curve", "first_arrival_s"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Coverage:
    """Shares covered, by hour of the week and number of minutes.

    Parameters
    ----------
    hours : tuple of int
        Hours of the week, h of them.
    minutes : tuple of float
        Thresholds, m of them.
    arrival_s : float64 array, shape (h, p)
        Seconds until the first team is at each place; infinite where none can be.
    places : WeighedPlaces
        The places, and what they are weighed by.
    counted : bool array, shape (p,)
        Places that count; the others have no share.
    """

    hours: tuple[int, ...]
    minutes: tuple[float, ...]
    arrival_s: Floats
    places: WeighedPlaces
    counted: npt.NDArray[np.bool_]

    def shares(self, weight: str) -> Floats:
        """Share covered within each threshold at each hour.

        Parameters
        ----------
        weight : str
            By what the places are weighed.

        Returns
        -------
        float64 array, shape (h, m)
            NaN where nothing counts: a share of nothing is undefined, not 0.

        Raises
        ------
        InputError
            The places are not weighed by that.
        """
        weights = self._weights(weight)
        whole = weights.sum()
        if not whole > 0.0:
            return np.full((len(self.hours), len(self.minutes)), np.nan)
        limits = 60.0 * np.array(self.minutes)
        inside = self.arrival_s[:, None, :] <= limits[None, :, None]
        found: Floats = inside @ weights / whole
        return np.clip(found, 0.0, 1.0)

    def share(self, weight: str, *, hour: int, minutes: float) -> float | None:
        """Share covered within one threshold at one hour; None where nothing counts.

        Raises
        ------
        InputError
            An hour or a threshold that was not computed.
        """
        if hour not in self.hours or minutes not in self.minutes:
            raise InputError(
                f"hour {hour} within {minutes} min was not computed; there are hours {self.hours} "
                f"and {self.minutes} min"
            )
        value = self.shares(weight)[self.hours.index(hour), self.minutes.index(minutes)]
        return None if np.isnan(value) else float(value)

    def over_hours(self, weight: str) -> Floats:
        """Mean share over the hours, each weighed by its calls, shape (m,).

        NaN as in `shares`, and where no call is expected in any of the hours.
        """
        hourly = self.places.hourly
        calls = np.ones(len(self.hours)) if hourly is None else hourly[list(self.hours)]
        if not calls.sum() > 0.0:
            return np.full(len(self.minutes), np.nan)
        mean: Floats = calls @ self.shares(weight) / calls.sum()
        return mean

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each hour, threshold and weight: hour, minutes, weight, share."""
        import pandas as pd  # noqa: PLC0415  # heavy; only where a table is wanted

        tables = []
        for weight in self.places.weights:
            hour, minutes = np.meshgrid(self.hours, self.minutes, indexing="ij")
            shares = self.shares(weight).ravel()
            columns = {"hour": hour.ravel(), "minutes": minutes.ravel(), "weight": weight}
            tables.append(pd.DataFrame({**columns, "share": shares}))
        return pd.concat(tables, ignore_index=True)

    def to_geoframe(self, hour: int) -> geopandas.GeoDataFrame:
        """Return the places as points on a map at one hour.

        Returns
        -------
        GeoDataFrame
            EPSG:4326, one row a place: ``place``, ``division``, ``arrival_min`` (NaN where nobody
            comes), ``counted``, and a column for each weight.

        Raises
        ------
        InputError
            An hour that was not computed.
        """
        import geopandas  # noqa: PLC0415  # heavy; only where a map is wanted

        if hour not in self.hours:
            raise InputError(f"hour {hour} was not computed; there are {self.hours}")
        minutes = self.arrival_s[self.hours.index(hour)] / 60.0
        places = self.places
        return geopandas.GeoDataFrame(
            {
                "place": places.ids,
                "division": places.division,
                "arrival_min": np.where(np.isfinite(minutes), minutes, np.nan),
                "counted": self.counted,
                **places.weights,
            },
            geometry=geopandas.points_from_xy(places.lon, places.lat),
            crs=4326,
        )

    def _weights(self, weight: str) -> Floats:
        if weight not in self.places.weights:
            raise InputError(
                f"places are weighed by {', '.join(self.places.weights)}, not by {weight!r}"
            )
        return np.where(self.counted, self.places.weights[weight], 0.0)


def coverage(
    reach: RoadReach,
    origins: Origins,
    places: WeighedPlaces,
    *,
    hours: Sequence[int],
    minutes: Sequence[float],
    divisions: Sequence[int] | None = None,
    turnout: bool = True,
) -> Coverage:
    """Measure what some teams or homes cover.

    Parameters
    ----------
    reach : RoadReach
        Of the agency's roads.
    origins : Origins
        From where; a team off duty at an hour, or not allowed in a division then, covers nothing
        there.
    places : WeighedPlaces
        Where.
    hours : sequence of int
        Hours of the week.
    minutes : sequence of float
        Thresholds; a place exactly at one is covered.
    divisions : sequence of int, optional
        Count places in these only; all of them when not given.
    turnout : bool
        Count from assignment; False counts from rolling.

    Raises
    ------
    InputError
        No hour or one outside the week; no threshold or one that is negative or infinite; an hour
        or a threshold twice; or divisions that are no whole numbers.
    """
    listed = checked_hours(hours)
    if len(set(listed)) < len(listed):
        raise InputError(f"hours {listed} name an hour twice; name each once")
    try:
        limits = tuple(float(limit) for limit in minutes)
    except (TypeError, ValueError):
        raise InputError(f"minutes {minutes!r} must be a list of numbers") from None
    if not limits or not all(0.0 <= limit < np.inf for limit in limits):
        raise InputError(f"minutes {limits} must be at least one threshold of at least 0, finite")
    if len(set(limits)) < len(limits):
        raise InputError(f"minutes {limits} name a threshold twice; name each once")
    counted = np.ones(len(places.ids), bool) if divisions is None else places.within(divisions)
    arrival = [
        first_arrival_s(reach, origins, places, hour=hour, turnout=turnout) for hour in listed
    ]
    return Coverage(tuple(listed), limits, np.array(arrival), places, counted)


def first_arrival_s(
    reach: RoadReach, origins: Origins, places: WeighedPlaces, *, hour: int, turnout: bool = True
) -> Floats:
    """Seconds until the first team is at each place.

    Parameters
    ----------
    reach, origins, places, turnout
        As in `coverage`.
    hour : int
        Of the week.

    Returns
    -------
    float64 array, shape (p,)
        Infinite where no team on duty may go, or no road leads.
    """
    times = arrivals_s(reach, origins, places, hour=hour, turnout=turnout)
    first: Floats = times.min(axis=0, initial=np.inf)
    return first


def arrivals_s(
    reach: RoadReach, origins: Origins, places: WeighedPlaces, *, hour: int, turnout: bool = True
) -> Floats:
    """Seconds until each team is at each place, as `expected_coverage` and the hypercube ask for.

    Parameters
    ----------
    reach, origins, places, turnout
        As in `coverage`; k origins and p places.
    hour : int
        Of the week.

    Returns
    -------
    float64 array, shape (k, p)
        Infinite where a team is off duty or may not go then, or no road leads.
    """
    duty = origins.on_duty(hour)
    if not len(origins.ids):
        return np.empty((0, len(places.ids)))
    ms = reach.to_places(origins.points, places.points, hour=hour)
    served = origins.may_serve(places.division.astype(np.int64), hour=hour)
    allowed = (ms >= 0) & duty[:, None] & served
    seconds = ms / 1000.0 + (origins.turnout_s[:, None] if turnout else 0.0)
    times: Floats = np.where(allowed, seconds, np.inf)
    return times


def coverage_curve(arrival_s: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Share covered as a function of time: a step at every distinct arrival.

    Parameters
    ----------
    arrival_s : array_like of float, shape (p,)
        Seconds; infinite where nobody comes.
    weights : array_like of float, shape (p,)
        What each place counts for.

    Returns
    -------
    seconds, share : float64 array
        At each time the share covered from then on; both empty where nothing counts. The last share
        is below 1 where some places are never reached.

    Raises
    ------
    InputError
        Shapes differ, a weight is negative or no number, or so is an arrival.
    """
    times, worth = np.asarray(arrival_s, float), np.asarray(weights, float)
    if times.shape != worth.shape or times.ndim != 1:
        raise InputError(f"arrivals {times.shape} and weights {worth.shape} must be as many")
    if not ((worth >= 0.0) & np.isfinite(worth)).all():
        raise InputError("weights must be finite and at least 0")
    if not (times >= 0.0).all():
        raise InputError("arrivals must be at least 0; infinite where nobody comes")
    whole = worth.sum()
    reached = np.isfinite(times) & (worth > 0.0)
    if not whole > 0.0:
        return np.empty(0), np.empty(0)
    seconds, where = np.unique(times[reached], return_inverse=True)
    steps = np.zeros(len(seconds))
    np.add.at(steps, where.reshape(-1), worth[reached])
    return seconds, np.minimum(np.cumsum(steps) / whole, 1.0)
