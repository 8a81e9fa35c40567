"""How far the inside of each division is from any road: what a network leaves uncovered."""

from __future__ import annotations

from typing import Any

import numpy as np

from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.geography.partition import SCALE, Partition
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.snapping import EdgeSnapper

__all__ = ["far_from_roads"]

_FARTHEST_M = 50_000.0


def far_from_roads(
    network: RoadNetwork, partition: Partition, *, beyond_m: float = 400.0, step_m: float = 250.0
) -> dict[str, dict[str, Any]]:
    """Find the divisions with places inside that are far from every road.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    partition : Partition
        The divisions.
    beyond_m : float
        A place farther than this from every road is far, metres.
    step_m : float
        Spacing of the grid of places looked at, metres.

    Returns
    -------
    dict
        By division number as text: the farthest place (``lon``, ``lat``, ``farthest_m``) and the
        share of places that are far; only divisions that have any.
    """
    index = DivisionIndex(partition)
    snapper = EdgeSnapper(network, limit_m=_FARTHEST_M)
    found = {}
    for division in partition.divisions:
        corners = np.concatenate(division.rings) / SCALE
        (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
        per_lon, per_lat = metres_per_degree(float(south + north) / 2.0)
        lons, lats = np.meshgrid(
            np.arange(west, east, step_m / per_lon), np.arange(south, north, step_m / per_lat)
        )
        inside = index.locate_many(lons.ravel(), lats.ravel()).number == division.number
        lon, lat = lons.ravel()[inside], lats.ravel()[inside]
        if not lon.size:
            continue
        far = np.minimum(snapper.snap_many(lons=lon, lats=lat).snap_m, _FARTHEST_M)
        if far.max() > beyond_m:
            worst = int(np.argmax(far))
            found[str(division.number)] = {
                "lon": float(lon[worst]),
                "lat": float(lat[worst]),
                "farthest_m": round(float(far[worst]), 1),
                "far_share": round(float((far > beyond_m).mean()), 4),
            }
    return found
