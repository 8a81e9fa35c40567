"""Divisions cut up by outlined areas: parts in each of which the same provider serves.

An uncertain position is spread over the parts as over divisions, so a share of a part is exact to
the same bound, and the share of a division or an area is the sum of its parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unarmed_router.geography.area_rings import polygons_of, rings_of
from unarmed_router.geography.partition import Partition
from unarmed_router.geography.share_index import ShareIndex
from unarmed_router.model.provider import Outline
from unarmed_router.model.uncertainty import Uncertainty

__all__ = ["AreaParts", "PartShare"]


@dataclass(frozen=True, slots=True)
class PartShare:
    """Probability that a call lies in one division and, of the outlined areas, in just these.

    Parameters
    ----------
    number : int or None
        Division number; None outside every division.
    areas : tuple of str
        Ids of the outlined areas, sorted.
    share : float
        Of the probability.
    """

    number: int | None
    areas: tuple[str, ...]
    share: float


class AreaParts:
    """Parts made ready for shares; immutable and safe to share between threads.

    Making it overlays the polygons, which costs some milliseconds an area; do it once.

    Parameters
    ----------
    partition : Partition
        The divisions.
    outlines : mapping of str to Outline
        The outlined areas; they may overlap, and lie inside, across or outside divisions.
    """

    def __init__(self, partition: Partition, outlines: Mapping[str, Outline]) -> None:
        parts: list[tuple[int | None, tuple[str, ...], Any]] = [
            (division.number, (), _shape(division.rings)) for division in partition.divisions
        ]
        for name in sorted(outlines):
            parts = list(_cut(parts, name, _shape([np.array(r, np.int32) for r in outlines[name]])))
        self._parts = [(number, areas) for number, areas, _ in parts]
        rings = [rings_of(shape) for _, _, shape in parts]
        self._index: ShareIndex[int] = ShareIndex(range(len(parts)), rings)

    def shares(self, *, lon: float, lat: float, uncertainty: Uncertainty) -> tuple[PartShare, ...]:
        """Spread the probability of a position over the parts.

        Returns
        -------
        tuple of PartShare
            Greatest share first; of equal ones, to 1e-9, the lower division number, outside last,
            then the areas in order of their ids. Each is exact as
            `unarmed_router.geography.location_shares.location_shares` says.
        """
        found = self._index.shares(lon=lon, lat=lat, uncertainty=uncertainty)
        listed = [
            PartShare(*((None, ()) if part is None else self._parts[part]), share)
            for part, share in found.shares
        ]
        return tuple(sorted(listed, key=_order))


def _order(part: PartShare) -> tuple[float, bool, int, tuple[str, ...]]:
    return -round(part.share, 9), part.number is None, part.number or 0, part.areas


def _shape(rings: Sequence[Any]) -> Any:
    import shapely  # noqa: PLC0415  # slow to import, needed for uncertain positions only

    return shapely.multipolygons(polygons_of(rings))


def _cut(
    parts: Sequence[tuple[int | None, tuple[str, ...], Any]], name: str, area: Any
) -> Iterator[tuple[int | None, tuple[str, ...], Any]]:
    """Cut every part along the border of an area; what lies in no part becomes one of its own."""
    import shapely  # noqa: PLC0415  # as above

    rest = area
    for number, areas, shape in parts:
        if not shapely.intersects(shape, area):
            yield number, areas, shape
            continue
        rest = shapely.difference(rest, shape)
        inside = _polygons(shapely.intersection(shape, area))
        outside = _polygons(shapely.difference(shape, area))
        if not inside.is_empty:
            yield number, (*areas, name), inside
        if not outside.is_empty:
            yield number, areas, outside
    rest = _polygons(rest)
    if not rest.is_empty:
        yield None, (name,), rest


def _polygons(shape: Any) -> Any:
    """Keep what has an area: borders that touch leave lines and points."""
    import shapely  # noqa: PLC0415  # as above

    kept = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(kept)
