"""Where calls arise: uniformly inside the neighbourhood of a census tract, on a road.

Only the centres of tracts are known here, so a tract's neighbourhood is made of squares of 100 m
whose middle lies in the division of the tract's centre, is nearer to that centre than to any other
of the division, and has a road within the snapping limit. It is the Voronoi cell within the
division, drawn in squares: two places in it are as likely, none is beyond reach, and nothing
depends on a geometry library's version. A point that a square carries across the division's border
is moved to the middle of the square. Each point is then moved to the nearest road; where that road
lies in another division, it stays beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.simulation.demand import own_weights

if TYPE_CHECKING:
    from unarmed_router.agency.tracts_file import Tract
    from unarmed_router.geography.division_index import DivisionIndex
    from unarmed_router.roads.snapping import EdgeSnapper

__all__ = ["CELL_M", "Neighbourhoods"]

CELL_M = 100.0
"""Side of a square, metres: about one city block."""

_NEAR_M = 5000.0
"""Squares are laid this far around the tracts' centres; farther ones belong to no neighbourhood."""

_DIGITS = 6
"""Places are rounded to a tenth of a metre, which absorbs what platforms differ in."""

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhoods:
    """Places of calls, by tract; make one with `of`.

    Parameters
    ----------
    divisions, roads
        Point in division, and point to road.
    weights : float64 array, shape (tracts,)
        Share of calls of each tract; they add up to 1.
    division : int32 array, shape (tracts,)
        Number of the division a tract lies in.
    first : int64 array, shape (tracts + 1,)
        The squares of tract t are ``first[t] : first[t + 1]``.
    lon, lat : float64 array
        Middle of each square, WGS 84 degrees.
    side : tuple of float
        Extent of a square, degrees of longitude and of latitude.
    unplaced : tuple of str
        Tracts of no division or without a road: no call arises there.
    """

    divisions: DivisionIndex
    roads: EdgeSnapper
    weights: Floats
    division: npt.NDArray[np.int32]
    first: Int64s
    lon: Floats
    lat: Floats
    side: tuple[float, float]
    unplaced: tuple[str, ...]

    @classmethod
    def of(
        cls,
        tracts: Sequence[Tract],
        *,
        divisions: DivisionIndex,
        roads: EdgeSnapper,
        weights: Sequence[float] | None = None,
    ) -> Neighbourhoods:
        """Lay out the neighbourhoods of tracts.

        Parameters
        ----------
        tracts : sequence of Tract
            Their centres.
        divisions : DivisionIndex
            Divisions.
        roads : EdgeSnapper
            Roads that calls are reached by.
        weights : sequence of float, optional
            Relative number of calls of each tract, see `demand.own_weights`; population when not
            given.

        Raises
        ------
        InputError
            No tract, another number of weights, a weight below 0, or no tract with weight, division
            and road.
        """
        if not tracts:
            raise InputError("there are no tracts; calls have no place")
        people: Sequence[float] = [tract.population for tract in tracts]
        wanted = own_weights(tracts, people if weights is None else weights)
        centres = np.array([(t.lon, t.lat) for t in tracts]).reshape(-1, 2)
        number = divisions.locate_many(centres[:, 0], centres[:, 1]).number
        side = _side(centres)
        tract, lon, lat = _squares(centres, number, side, divisions, roads)
        counts = np.bincount(tract, minlength=len(tracts))
        placed = np.where(counts > 0, wanted, 0.0)
        if not placed.sum() > 0:
            raise InputError("no tract has a weight, a division and a road; calls have no place")
        order = np.argsort(tract, kind="stable")
        return cls(
            divisions=divisions,
            roads=roads,
            weights=placed / placed.sum(),
            division=number,
            first=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            lon=lon[order],
            lat=lat[order],
            side=side,
            unplaced=tuple(t.geoid for t, n in zip(tracts, counts, strict=True) if n == 0),
        )

    def share_of(self, division: int) -> float:
        """Share of all calls that arise in a division."""
        return float(self.weights[self.division == division].sum())

    def draw(self, uniform: Floats, *, within: int | None = None) -> tuple[Floats, Floats]:
        """Draw places.

        Parameters
        ----------
        uniform : float64 array, shape (n, 4)
            In [0, 1): for the tract, the square, and the point in it, twice.
        within : int, optional
            Only in this division.

        Returns
        -------
        lon, lat : float64 array, shape (n,)
            On a road of the tract's division, WGS 84 degrees.

        Raises
        ------
        InputError
            No call arises in the division asked for.
        """
        weights = self.weights
        if within is not None:
            weights = np.where(self.division == within, weights, 0.0)
            if not weights.sum() > 0.0:
                raise InputError(f"division {within} has no tract that calls arise in")
        steps = np.cumsum(weights)
        tract = np.searchsorted(steps, uniform[:, 0] * steps[-1], side="right")
        tract = np.minimum(tract, np.flatnonzero(weights)[-1])
        count = self.first[tract + 1] - self.first[tract]
        square = self.first[tract] + (uniform[:, 1] * count).astype(np.int64)
        lon = self.lon[square] + (uniform[:, 2] - 0.5) * self.side[0]
        lat = self.lat[square] + (uniform[:, 3] - 0.5) * self.side[1]
        division = self.division[tract]
        points = self._where(lon, lat, division, (self.lon[square], self.lat[square]))
        road = self.roads.places(self.roads.snap_many(lons=points[0], lats=points[1]))
        return self._where(*road, division, points)

    def _where(
        self, lon: Floats, lat: Floats, division: Int64s, other: tuple[Floats, Floats]
    ) -> tuple[Floats, Floats]:
        """Keep rounded points that lie in their division and near a road, the other where not."""
        kept = np.flatnonzero(np.isfinite(lon))
        lon, lat = lon.round(_DIGITS), lat.round(_DIGITS)
        kept = kept[self.divisions.locate_many(lon[kept], lat[kept]).number == division[kept]]
        kept = kept[self.roads.snap_many(lons=lon[kept], lats=lat[kept]).arc >= 0]
        x, y = other[0].copy(), other[1].copy()
        x[kept], y[kept] = lon[kept], lat[kept]
        return x, y


def _side(centres: Floats) -> tuple[float, float]:
    east, north = metres_per_degree(float(centres[:, 1].mean()))
    return CELL_M / east, CELL_M / north


def _squares(
    centres: Floats,
    number: npt.NDArray[np.int32],
    side: tuple[float, float],
    divisions: DivisionIndex,
    roads: EdgeSnapper,
) -> tuple[Int64s, Floats, Floats]:
    """List the squares that have a tract and a road: tract, middle."""
    margin = np.array(side) * (_NEAR_M / CELL_M)
    low, high = centres.min(axis=0) - margin, centres.max(axis=0) + margin
    columns, rows = (np.ceil((high - low) / side)).astype(int)
    x = (low[0] + (np.arange(columns) + 0.5) * side[0]).round(_DIGITS)
    y = (low[1] + (np.arange(rows) + 0.5) * side[1]).round(_DIGITS)
    lon, lat = np.tile(x, rows), np.repeat(y, columns)
    of_square = divisions.locate_many(lon, lat).number
    inside = np.flatnonzero(of_square > 0)
    reached = roads.snap_many(lons=lon[inside], lats=lat[inside]).arc >= 0
    inside = inside[reached]
    tract = np.full(len(lon), -1, np.int64)
    for division in np.unique(number[number > 0]):
        theirs = inside[of_square[inside] == division]
        tract[theirs] = _nearest(
            lon[theirs], lat[theirs], centres, np.flatnonzero(number == division), side
        )
    kept = np.flatnonzero(tract >= 0)
    return tract[kept], lon[kept], lat[kept]


def _nearest(
    lon: Floats, lat: Floats, centres: Floats, tracts: Int64s, side: tuple[float, float]
) -> Int64s:
    """Find the nearest centre of each square, and none beyond the margin."""
    best, found = np.full(len(lon), (_NEAR_M / CELL_M) ** 2), np.full(len(lon), -1, np.int64)
    for tract in tracts:
        away = ((lon - centres[tract, 0]) / side[0]) ** 2 + (
            (lat - centres[tract, 1]) / side[1]
        ) ** 2
        closer = away < best
        best[closer], found[closer] = away[closer], tract
    return found
