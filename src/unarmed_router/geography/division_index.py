"""Which division a point lies in: exactly one answer.

A point exactly on a border belongs to the division east of it; on a border that runs due
east-west, to the division north of it. The rule is stated here once and holds for every border
alike, the outer one too: a point on the city's eastern limit is outside.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unarmed_router.coordinates import checked_columns
from unarmed_router.errors import BoundaryError, CoordinateError, InputError
from unarmed_router.geography.border_edges import box_tree, unique_edges
from unarmed_router.geography.cell_grid import (
    cell_edges,
    cells_far_from_edges,
    doubled,
    grid_over,
)
from unarmed_router.geography.partition import SCALE, Partition
from unarmed_router.geography.partition_file import load_partition
from unarmed_router.kernels import border, locate
from unarmed_router.kernels.packed import Packed
from unarmed_router.kernels.places import (
    DIVISIONS_TYPES,
    border_at,
    is_swapped,
    label_at,
    labels_of_degrees,
)
from unarmed_router.model.location import Division, DivisionMatch, check_lonlat
from unarmed_router.model.real_number import real_number

__all__ = ["DEFAULT_TOLERANCE_M", "DivisionIndex", "DivisionMatches"]

DEFAULT_TOLERANCE_M = 60.0
"""Within this distance of a border the division is flagged as uncertain, metres. Geocoded call
positions are good to about half a block; see ``docs/boundaries.md`` for the measurement."""

_CENTIMETRE = 0.01
"""Searched beyond the tolerance, so that a border exactly there is found."""


@dataclass(frozen=True, eq=False)
class DivisionMatches:
    """Answers of `DivisionIndex.locate_many`, one row a point.

    Parameters
    ----------
    number : ndarray of int32, shape (n,)
        Division number; 0 where the point is outside every division.
    """

    number: NDArray[np.int32]
    _near: Callable[[], NDArray[np.bool_]]
    _distances: Callable[[], NDArray[np.float64]]

    @cached_property
    def near_border(self) -> NDArray[np.bool_]:
        """Whether the border is within the index's tolerance, shape (n,); found on first use."""
        return self._near()

    @cached_property
    def border_m(self) -> NDArray[np.float64]:
        """Distance to the nearest division border, metres, shape (n,); found on first use.

        Whether a border is near is settled by a short search; how far it is takes a long one, which
        many callers never need.
        """
        return self._distances()


class DivisionIndex:
    """Locate points in an exact partition; immutable and safe to share between threads.

    Parameters
    ----------
    partition : Partition
        Read by `load_partition`, or made by `unarmed-router boundaries build`.
    tolerance_m : float
        A point closer than this to a border is flagged ``near_border``.
    verified : bool
        The partition is known to be exact, as every stamped file is; checking costs 0.1 s.

    Raises
    ------
    BoundaryError
        No division, divisions that overlap or cross, or an extent over 53 degrees.
    InputError
        The tolerance is negative, infinite or not a number, or the partition is none.

    Attributes
    ----------
    divisions : tuple of Division
        In order of label, from label 1.
    numbers : ndarray of int32, shape (divisions + 1,)
        Division number of each label; label 0 is outside and has number 0.
    packed : Packed
        The index as `unarmed_router.kernels.places` takes it.
    """

    def __init__(
        self,
        partition: Partition,
        *,
        tolerance_m: float = DEFAULT_TOLERANCE_M,
        verified: bool = False,
    ) -> None:
        tolerance = real_number(tolerance_m)
        if tolerance is None or not 0.0 <= tolerance < math.inf:
            raise InputError(
                f"tolerance_m {tolerance_m!r:.80} must be a distance in metres, at least 0"
            )
        if not isinstance(partition, Partition):
            raise InputError(
                f"partition must be one that was read; got {partition!r:.80}: "
                "DivisionIndex.load(path) reads a file"
            )
        if not partition.divisions:
            raise BoundaryError("a partition needs at least one division; got none")
        if not verified:
            from unarmed_router.geography.partition_check import verify_partition  # noqa: PLC0415

            verify_partition(partition.divisions)
        self.digest = partition.digest
        self.tolerance_m = tolerance
        self.divisions = tuple(Division(d.number, d.name, d.bureau) for d in partition.divisions)
        # A label is the division's place plus one; label 0 is outside.
        self._by_label = (None, *self.divisions)
        self.numbers = np.array([0, *(d.number for d in self.divisions)], np.int32)
        edges = unique_edges(partition.divisions)
        self._grid = grid_over(edges)
        self._edges = doubled(edges, self._grid)
        self._ends = self._edges[:, :4].astype(np.float64)
        self._boxes, self._levels = box_tree(self._ends)
        self._first, self._members = cell_edges(self._edges, self._grid)
        self._labels = np.zeros(int(self._grid[3] * self._grid[4]), np.int32)
        self._far = cells_far_from_edges(
            np.diff(self._first) > 0, self._grid, self.tolerance_m + _CENTIMETRE
        )
        locate.centre_labels(self._edges, self._grid, self._labels)
        self.packed = Packed(
            DIVISIONS_TYPES,
            self._grid,
            self._edges,
            self._first,
            self._members,
            self._labels,
            self._ends,
            self._boxes,
            self._levels,
        )

    @cached_property
    def names(self) -> dict[int, str]:
        """Name of each division by its number."""
        return {division.number: division.name for division in self.divisions}

    @classmethod
    def load(cls, path: Path | str, *, tolerance_m: float = DEFAULT_TOLERANCE_M) -> DivisionIndex:
        """Read a partition file.

        Parameters
        ----------
        path : path-like
            A file written by `unarmed-router boundaries build`.
        tolerance_m : float
            See the class.

        Raises
        ------
        BoundaryError, ArtefactError
            The file is broken, or not what was built.
        """
        return cls(load_partition(path), tolerance_m=tolerance_m, verified=True)

    def locate(self, *, lon: float, lat: float) -> DivisionMatch:
        """Find the division of one point.

        Parameters
        ----------
        lon, lat : float
            WGS 84 degrees; rounded to the 1e-7 degree grid.

        Returns
        -------
        DivisionMatch
            Division or outside, distance to the nearest border, and whether that is near.

        Raises
        ------
        CoordinateError
            NaN, infinite, out of range, (0, 0), or lon and lat swapped: outside as given, inside a
            division the other way round. Where the divisions lie within a degree of where
            longitude and latitude are equal, such a pair may be a place nearby and is outside.
        """
        check_lonlat(lon=lon, lat=lat)
        lon, lat = float(lon), float(lat)  # a float32 would be multiplied as one
        x, y = round(lon * SCALE), round(lat * SCALE)
        table = self.packed.table
        label = label_at(x, y, table)
        if label == 0 and is_swapped(x, y, table):
            raise CoordinateError(_swapped(lon, lat))
        match = DivisionMatch.pending(_Matched, self, x, y, self._by_label[label])
        object.__setattr__(match, "division", self._by_label[label])  # known already
        return match

    def locate_many(self, lons: ArrayLike, lats: ArrayLike) -> DivisionMatches:
        """Find the divisions of many points; the same answers as `locate`.

        Parameters
        ----------
        lons, lats : array_like of float, shape (n,)
            WGS 84 degrees.

        Returns
        -------
        DivisionMatches

        Raises
        ------
        CoordinateError
            Some rows are broken or swapped; ``error.rows`` lists them.
        """
        lon, lat = checked_columns(lons, lats)
        labels = np.empty(len(lon), np.int32)
        # Kept, because the caller may fill its arrays with other points before it asks how far a
        # border is; 180 degrees of steps are within int32.
        steps = np.empty((len(lon), 2), np.int32)
        if labels_of_degrees(lon, lat, self.packed.table, labels, steps):
            _refuse_swapped(lon, lat, labels)
        reach = self.tolerance_m + _CENTIMETRE
        return DivisionMatches(
            self.numbers.take(labels),
            lambda: self._distances(steps, reach, self._far) <= self.tolerance_m,
            lambda: self._distances(steps, math.inf, np.zeros_like(self._far)),
        )

    def covers(self, *, lon: float, lat: float) -> bool:
        """Tell whether a point lies in some division; a swapped pair is just outside.

        For areas whose points others have checked: of an area alone a swapped pair says nothing.
        """
        x, y = round(float(lon) * SCALE), round(float(lat) * SCALE)
        return label_at(x, y, self.packed.table) != 0

    def covers_many(
        self, lons: NDArray[np.float64], lats: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Do `covers` for many points, shape (n,)."""
        labels = np.empty(len(lons), np.int32)
        labels_of_degrees(lons, lats, self.packed.table, labels, np.empty((0, 2), np.int32))
        return labels > 0

    def _distances(self, steps: NDArray[np.int32], limit_m: float, far: Any) -> NDArray[np.float64]:
        x, y = steps.T.astype(np.int64, order="C")
        distance = np.empty(len(x), np.float64)
        border.border_distance_many(
            x, y, limit_m, far, self._grid, self._ends, self._boxes, self._levels, distance
        )
        return distance


def _refuse_swapped(
    lon: NDArray[np.float64], lat: NDArray[np.float64], labels: NDArray[np.int32]
) -> None:
    """Refuse rows that are outside as given but inside a division the other way round."""
    swapped = np.flatnonzero(labels < 0)
    row = int(swapped[0])
    raise CoordinateError(
        f"{len(swapped)} of {len(labels)} points are swapped, the first in row {row}: "
        + _swapped(float(lon[row]), float(lat[row])),
        swapped.tolist(),
    )


class _Matched:
    """Writes the fields of a match; the distance to the border is measured once."""

    __slots__ = ("_border_m", "_division", "_index", "_point")

    def __init__(self, index: DivisionIndex, x: int, y: int, division: Division | None) -> None:
        self._index, self._point, self._division = index, (x, y), division
        self._border_m: float | None = None

    def write(self, name: str) -> Any:
        """Return the value of a field."""
        if name == "division":
            return self._division
        if self._border_m is None:
            self._border_m = border_at(*self._point, self._index.packed.table)
        return self._border_m if name == "border_m" else self._border_m <= self._index.tolerance_m

    def leading(self) -> Division | None:
        """Return the division."""
        return self._division


def _swapped(lon: float, lat: float) -> str:
    return (
        f"lon={lon}, lat={lat} is outside every division, but lon={lat}, lat={lon} is inside one; "
        "coordinates are (lon, lat): did you swap them?"
    )
