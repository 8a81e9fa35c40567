"""The share of a call's probability in each division, when its position is uncertain."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, overload

from unarmed_router.geography.partition import Partition
from unarmed_router.geography.share_index import ShareIndex, Shares
from unarmed_router.model.uncertainty import Uncertainty

__all__ = ["location_shares"]


@overload
def location_shares(
    areas: Partition | ShareIndex[int], *, lon: float, lat: float, uncertainty: Uncertainty
) -> Shares[int]: ...


@overload
def location_shares(
    areas: Mapping[str, Any] | ShareIndex[str], *, lon: float, lat: float, uncertainty: Uncertainty
) -> Shares[str]: ...


def location_shares(
    areas: Partition | Mapping[str, Any] | ShareIndex[Any],
    *,
    lon: float,
    lat: float,
    uncertainty: Uncertainty,
) -> Shares[Any]:
    """Find the share of a call's probability in each area.

    Parameters
    ----------
    areas : ShareIndex, Partition, or mapping of str to shapely polygon
        A mapping is made ready on each call; for more than one call make a `ShareIndex`.
    lon, lat : float
        The call's position, WGS 84 degrees: the middle of a circle or an ellipse. A polygon has
        its own place.
    uncertainty : Circle, Ellipse or Area
        The densities are those of `unarmed_router.model.uncertainty`.

    Returns
    -------
    Shares
        Each within 1e-6 of the stated density in the plane about the position: with an index, up to
        1e-6 of a tail beyond the nearest border is not looked at; all else is within 4e-7. Within
        0.001 of the same density on the ellipsoid for standard deviations up to 10 km below 60
        degrees of latitude.

    Raises
    ------
    CoordinateError
        The position is no place on earth, or swapped; the polygon's rings cross or have no area.
    BoundaryError
        As `ShareIndex.of_areas`.
    """
    if isinstance(areas, Partition):
        areas = _of_partition(areas)
    elif not isinstance(areas, ShareIndex):
        areas = ShareIndex.of_areas(areas)
    return areas.shares(lon=lon, lat=lat, uncertainty=uncertainty)


# A partition is compared by identity; few are alive at one time.
@lru_cache(maxsize=4)
def _of_partition(partition: Partition) -> ShareIndex[int]:
    return ShareIndex.of_divisions(partition)
