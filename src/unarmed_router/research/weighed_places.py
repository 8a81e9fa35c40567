"""Where: census tracts on the road, weighed by people, by homeless people, or by expected calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.agency.tracts_file import tract_columns
from unarmed_router.errors import InputError
from unarmed_router.simulation.demand import (
    load_hours,
    load_tracts,
    load_weights,
    own_weights,
    smoothed,
)

if TYPE_CHECKING:
    from unarmed_router.agency.folder import Agency
    from unarmed_router.roads.snapping import SnappedPoints

__all__ = ["WeighedPlaces", "tract_places"]

Floats = npt.NDArray[np.float64]

USUAL_COLUMNS = ("population", "homeless_2017")
"""Columns to weigh by where a tract file has them; it always has the first."""


@dataclass(frozen=True, eq=False)
class WeighedPlaces:
    """p places and what each of them counts for.

    Parameters
    ----------
    ids : tuple of str
        Names, such as census identifiers.
    lon, lat : float64 array, shape (p,)
        WGS 84 degrees.
    points : SnappedPoints
        On the road.
    division : int32 array, shape (p,)
        Division of each; 0 outside.
    weights : mapping of str to float64 array, shape (p,)
        By what they are weighed; each adds up to 1.
    hourly : float64 array, shape (168,), or None
        Share of calls in each hour of the week, for means over the week; None weighs hours alike.
    """

    ids: tuple[str, ...]
    lon: Floats
    lat: Floats
    points: SnappedPoints
    division: npt.NDArray[np.int32]
    weights: Mapping[str, Floats]
    hourly: Floats | None = None

    @property
    def off_road(self) -> tuple[str, ...]:
        """Places beyond the snapping limit from every road: nobody ever reaches them."""
        return tuple(self.ids[row] for row in np.flatnonzero(self.points.arc < 0).tolist())

    def within(self, divisions: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Tell which places lie in some divisions, shape (p,).

        Raises
        ------
        InputError
            A division that is no whole number.
        """
        try:
            numbers = sorted(map(index, divisions))
        except TypeError:
            raise InputError(f"divisions {divisions!r} must be a list of whole numbers") from None
        return np.isin(self.division, numbers)


def tract_places(
    agency: Agency,
    *,
    columns: Sequence[str] | None = None,
    demand: Mapping[str, float] | Sequence[float] | None = None,
) -> WeighedPlaces:
    """Take the centres of an agency's census tracts.

    Parameters
    ----------
    agency : Agency
        With demand, and arrivals for means over the week.
    columns : sequence of str, optional
        Columns of the tract file to weigh by, each under its own name; when not given, those of
        `USUAL_COLUMNS` that it has.
    demand : mapping of str to float, or sequence of float, optional
        Expected calls, under the name ``"demand"``: columns and what each counts for, as in
        `load_weights`, or a weight a tract, as in `own_weights`. As the first of `columns` when not
        given.

    Raises
    ------
    InputError
        The agency has no tracts, no column to weigh by, or weights that do not fit the tracts.
    ConfigurationError
        The file is broken or lacks a column.
    """
    if agency.demand is None:
        raise InputError(
            f"agency {agency.agency_id} has no tracts: name demand under [files] in its agency.toml"
        )
    if columns is None:
        there = tract_columns(agency.demand)
        columns = [name for name in USUAL_COLUMNS if name in there]
    if not columns:
        raise InputError("columns names nothing to weigh places by; give one, as population")
    tracts = load_tracts(agency.demand)
    weights = {name: np.array(load_weights(agency.demand, {name: 1.0})) for name in columns}
    if demand is None:
        expected = weights[columns[0]]
    elif isinstance(demand, Mapping):
        expected = np.array(load_weights(agency.demand, demand))
    else:
        expected = _normalised(own_weights(tracts, demand))
    lons, lats = np.array([t.lon for t in tracts]), np.array([t.lat for t in tracts])
    hourly = None
    if agency.arrivals is not None:
        calls = np.array(smoothed(load_hours(agency.arrivals)))
        hourly = calls / calls.sum()
    return WeighedPlaces(
        tuple(tract.geoid for tract in tracts),
        lons,
        lats,
        agency.roads.snap_many(lons=lons, lats=lats),
        agency.divisions.locate_many(lons, lats).number,
        {**weights, "demand": expected},
        hourly,
    )


def _normalised(weights: Floats) -> Floats:
    if not weights.sum() > 0:
        raise InputError("demand adds up to 0; give some tract a weight")
    shares: Floats = weights / weights.sum()
    return shares
