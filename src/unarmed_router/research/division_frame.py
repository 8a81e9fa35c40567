"""Service by division as a GeoDataFrame, to plot and to join."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from unarmed_router.geography.area_rings import polygons_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import geopandas

    from unarmed_router.geography.partition import Partition
    from unarmed_router.research.intervals import Interval
    from unarmed_router.research.service_figures import DivisionService

__all__ = ["division_frame"]


def division_frame(
    partition: Partition, divisions: Sequence[DivisionService], added: Collection[int]
) -> geopandas.GeoDataFrame:
    """Put service beside the shape of each division.

    Parameters
    ----------
    partition : Partition
        The shapes.
    divisions : sequence of DivisionService
        One row each, in this order.
    added : collection of int
        Numbers of those the scenario added.

    Returns
    -------
    GeoDataFrame
        EPSG:4326: ``division, name, added, calls_per_day, median_min, p90_min, p90_low_min,
        p90_high_min, unserved_share, geometry``. Minutes are floats; NaN where a figure is
        undefined, and a bound is infinite where one replication gives none.
    """
    import geopandas  # noqa: PLC0415  # heavy; only where a map is wanted
    import shapely  # noqa: PLC0415

    shapes = {
        each.number: shapely.multipolygons(polygons_of(each.rings)) for each in partition.divisions
    }
    return geopandas.GeoDataFrame(
        {
            "division": [each.number for each in divisions],
            "name": [each.name for each in divisions],
            "added": [each.number in added for each in divisions],
            "calls_per_day": [_of(each.calls_per_day, "estimate") for each in divisions],
            "median_min": [_of(each.median_s, "estimate") / 60 for each in divisions],
            "p90_min": [_of(each.p90_s, "estimate") / 60 for each in divisions],
            "p90_low_min": [_of(each.p90_s, "low") / 60 for each in divisions],
            "p90_high_min": [_of(each.p90_s, "high") / 60 for each in divisions],
            "unserved_share": [_of(each.unserved, "estimate") for each in divisions],
        },
        geometry=[shapes[each.number] for each in divisions],
        crs=4326,
    )


def _of(interval: Interval | None, part: str) -> float:
    return math.nan if interval is None else float(getattr(interval, part))
