"""Areas made ready for shares: how a call's probability is spread over them, and in which order.

The plane is equirectangular about the position, as in `unarmed_router.kernels.border`: straight
borders stay straight. `docs/uncertain-location.md` says more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from unarmed_router.errors import BoundaryError
from unarmed_router.geography.area_rings import edge_box, edges_of, polygons_of, rings_of, shapes_of
from unarmed_router.geography.gaussian_mass import FAR, normal_masses
from unarmed_router.geography.location_axes import Axes, axes_of
from unarmed_router.geography.partition import SCALE, Partition
from unarmed_router.geography.uniform_mass import (
    checked_polygon,
    disc_masses,
    ground_areas,
    middle_and_reach,
)
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.model.location import check_lonlat
from unarmed_router.model.uncertainty import Area, Uncertainty

if TYPE_CHECKING:
    from unarmed_router.geography.division_index import DivisionIndex

__all__ = ["ShareIndex", "Shares"]

FloatArray = NDArray[np.float64]
K = TypeVar("K", int, str)

_NOTHING = 1e-9
"""A share below it is rounding, and shares nearer than it to each other are equal."""

_SLACK_M = 0.02
"""The index rounds the position and the distance, to a centimetre each."""


@dataclass(frozen=True, slots=True)
class Shares(Generic[K]):
    """How the probability of a call's position is spread over areas.

    Parameters
    ----------
    shares : tuple of (key, float)
        Key of the area (a division's number), or None for outside all of them, and its share;
        greatest first. Of equal shares, to 1e-9, the lower key is first, and outside is last: a
        call is not refused on a tie. Areas without a share are not listed. Unless areas overlap,
        shares and `unplaced` sum to 1.
    unplaced : float
        Probability that has no place: what a polygon's confidence leaves.
    """

    shares: tuple[tuple[K | None, float], ...]
    unplaced: float = 0.0

    def of(self, key: K | None) -> float:
        """Share of one area, or of None for outside; 0 where it is not listed."""
        return next((share for each, share in self.shares if each == key), 0.0)


class ShareIndex(Generic[K]):
    """Areas made ready for shares; immutable and safe to share between threads.

    Make one with `of_divisions` or `of_areas`, once: that costs milliseconds.

    Parameters
    ----------
    keys : sequence of int or of str
        One an area.
    rings : sequence of (sequence of ndarray of float64, shape (n, 2))
        Rings of each area in 1e-7 degree, the interior to their left, the last vertex not repeated.
    union : sequence of ndarray, or None
        Rings of the union of areas that may overlap; None where they do not.
    index : DivisionIndex or None
        Locator of the very same areas. With it a region far from every border is not integrated.
    """

    def __init__(
        self,
        keys: Sequence[K],
        rings: Sequence[Sequence[NDArray[Any]]],
        union: Sequence[NDArray[Any]] | None = None,
        index: DivisionIndex | None = None,
    ) -> None:
        self.keys: tuple[K, ...] = tuple(keys)
        self._rings = (*rings, *(() if union is None else (union,)))
        self._overlapping = union is not None
        self._ranks: dict[K | None, int] = {key: rank for rank, key in enumerate(sorted(keys))}
        self._ranks[None] = len(self._ranks)  # outside loses a tie
        self._index = index
        blocks = [np.vstack([edges_of(ring) for ring in each]) for each in self._rings]
        self._edges: list[FloatArray] = blocks
        self._boxes = np.array([edge_box(block) for block in blocks])

    @classmethod
    def of_divisions(
        cls, partition: Partition, index: DivisionIndex | None = None
    ) -> ShareIndex[int]:
        """Make divisions ready.

        Parameters
        ----------
        partition : Partition
            The divisions; keys are their numbers.
        index : DivisionIndex, optional
            Of the same partition. With it a call whose region is far from every border is answered
            in microseconds, and a swapped position is refused.

        Raises
        ------
        BoundaryError
            No division, or the index is of another partition.
        """
        if not partition.divisions:
            raise BoundaryError("a partition needs at least one division; got none")
        if index is not None and index.digest != partition.digest:
            raise BoundaryError(
                f"the index is of partition {index.digest[:12]}, the divisions are of "
                f"{partition.digest[:12]}; build both from one file"
            )
        divisions = partition.divisions
        return ShareIndex([d.number for d in divisions], [d.rings for d in divisions], None, index)

    @classmethod
    def of_areas(cls, areas: Mapping[str, Any]) -> ShareIndex[str]:
        """Make any polygons ready, such as those of programs; they may overlap.

        Parameters
        ----------
        areas : mapping of str to shapely Polygon or MultiPolygon
            In WGS 84 degrees.

        Raises
        ------
        BoundaryError
            No area, or one that is no polygon, empty, or crosses itself; all are named.
        """
        import shapely  # noqa: PLC0415  # slow to import, not needed for divisions

        shapes = shapes_of(areas)
        union = shapely.union_all(shapes)
        apart = math.isclose(sum(s.area for s in shapes), union.area, rel_tol=1e-12)
        return ShareIndex(
            tuple(areas), [rings_of(s) for s in shapes], None if apart else rings_of(union)
        )

    def shares(self, *, lon: float, lat: float, uncertainty: Uncertainty) -> Shares[K]:
        """Find the share of each area; see `location_shares`."""
        check_lonlat(lon=lon, lat=lat)
        lon, lat = float(lon), float(lat)
        if isinstance(uncertainty, Area):
            return self._in_polygon(uncertainty)
        axes = axes_of(uncertainty)
        if self._index is not None:
            match = self._index.locate(lon=lon, lat=lat)
            if match.border_m > axes.reach_m + _SLACK_M:
                return self._alone(match.division, 1.0)
        return self._spread(self._masses(lon, lat, axes), 1.0)

    def _masses(self, lon: float, lat: float, axes: Axes) -> FloatArray:
        """Probability in each area of a density about a position, shape (areas,)."""
        east, north = (each / SCALE for each in metres_per_degree(lat))
        major = np.array([axes.sine * east, axes.cosine * north]) / axes.along_m
        minor = np.array([-axes.cosine * east, axes.sine * north]) / axes.across_m
        origin = np.array([lon * SCALE, lat * SCALE])
        found = np.zeros(len(self._edges))
        places = self._places_near(origin, axes.half_box(FAR) / (east, north))
        if len(places):
            blocks: list[FloatArray] = [self._edges[place] for place in places]
            vertices = np.concatenate(blocks).reshape(-1, 2) - origin
            ends = (vertices @ np.column_stack([major, minor])).reshape(-1, 4)
            masses = (normal_masses if axes.normal else disc_masses)(*ends.T)
            starts = np.cumsum([0, *map(len, blocks[:-1])])
            found[places] = np.add.reduceat(masses, starts)
        return found

    def _places_near(self, origin: FloatArray, half: FloatArray) -> NDArray[np.intp]:
        """List the areas whose bounding box meets a box about the origin."""
        low, high = origin - half, origin + half
        boxes = self._boxes
        return np.flatnonzero(((boxes[:, :2] < high) & (boxes[:, 2:] > low)).all(axis=1))

    def _in_polygon(self, area: Area) -> Shares[K]:
        import shapely  # noqa: PLC0415  # slow to import, needed for polygons only

        polygon = checked_polygon(area)
        if self._index is not None:
            lon, lat, reach = middle_and_reach(area)
            match = self._index.locate(lon=lon, lat=lat)
            if match.border_m > reach + _SLACK_M:
                return self._alone(match.division, area.confidence)
        places = self._tree.query(polygon, predicate="intersects")
        pieces = shapely.intersection(self._shapes[places], polygon)
        found = np.zeros(len(self._edges))
        found[places] = ground_areas(pieces, polygon) / polygon.area
        return self._spread(found * area.confidence, area.confidence)

    @cached_property
    def _shapes(self) -> NDArray[np.object_]:
        """Areas as shapely polygons in degrees, for polygons only."""
        import shapely  # noqa: PLC0415

        return np.array([shapely.multipolygons(polygons_of(rings)) for rings in self._rings])

    @cached_property
    def _tree(self) -> Any:
        import shapely  # noqa: PLC0415

        return shapely.STRtree(self._shapes)

    def _alone(self, division: Any, placed: float) -> Shares[K]:
        number = None if division is None else division.number
        return Shares(((number, placed),), 1.0 - placed)

    def _spread(self, found: FloatArray, placed: float) -> Shares[K]:
        """Order what was found, and count the rest of what has a place as outside."""
        values = found.tolist()
        covered = values.pop() if self._overlapping else None
        listed: list[tuple[K | None, float]] = [
            (key, min(share, placed))
            for key, share in zip(self.keys, values, strict=True)
            if share >= _NOTHING
        ]
        if covered is None:
            covered = math.fsum(share for _, share in listed)
        if placed - covered >= _NOTHING or not listed:
            listed.append((None, placed - max(covered, 0.0)))
        listed.sort(key=lambda each: (-round(each[1], 9), self._ranks[each[0]]))
        return Shares(tuple(listed), 1.0 - placed)
