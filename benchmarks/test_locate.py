"""Point in division: one point, and 100,000 points, beside shapely and geopandas."""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from unarmed_router import Router
from unarmed_router.geography.rtree_index import RtreeDivisionIndex


@pytest.mark.benchmark(group="locate one point")
def test_one_ours(benchmark: Any, router: Router) -> None:
    """`DivisionIndex.locate`: division, border distance, flag."""
    benchmark(router.agency.divisions.locate, lon=-118.309, lat=34.0606)


@pytest.mark.benchmark(group="locate one point")
def test_one_shapely_loop(benchmark: Any, polygons: Any) -> None:
    """Prepared polygons one after another: division only."""

    def locate() -> int:
        point = shapely.Point(-118.309, 34.0606)
        return next(i for i, polygon in enumerate(polygons) if polygon.contains(point))

    benchmark(locate)


@pytest.mark.benchmark(group="locate one point")
def test_one_shapely_tree(benchmark: Any, polygons: Any) -> None:
    """An STRtree of prepared polygons: division only."""
    tree = shapely.STRtree(polygons)
    benchmark(lambda: tree.query(shapely.Point(-118.309, 34.0606), predicate="within"))


@pytest.mark.benchmark(group="locate one point")
def test_one_rtree(benchmark: Any, router: Router) -> None:
    """The oracle behind the same Protocol: division, border distance, flag."""
    index = RtreeDivisionIndex(router.agency.partition)
    benchmark(index.locate, lon=-118.309, lat=34.0606)


@pytest.mark.benchmark(group="locate 100,000 points")
def test_many_ours(benchmark: Any, router: Router, places: Any) -> None:
    """`DivisionIndex.locate_many`: divisions, border distances, flags."""
    benchmark(router.agency.divisions.locate_many, *places)


@pytest.mark.benchmark(group="locate 100,000 points")
def test_many_shapely_tree(benchmark: Any, router: Router, polygons: Any, places: Any) -> None:
    """Bulk query of an STRtree: divisions only; checked against ours."""
    tree = shapely.STRtree(polygons)
    found = benchmark(lambda: tree.query(shapely.points(*places), predicate="within"))
    ours = router.agency.divisions.locate_many(*places).number
    numbers = np.array([d.number for d in router.agency.partition.divisions])
    assert (ours[found[0]] == numbers[found[1]]).all()
    assert len(found[0]) == (ours > 0).sum()


@pytest.mark.benchmark(group="locate 100,000 points")
def test_many_geopandas(benchmark: Any, polygons: Any, places: Any) -> None:
    """`geopandas.sjoin` of ready frames: divisions only."""
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*places), crs=4326)
    divisions = geopandas.GeoDataFrame(geometry=polygons, crs=4326)
    benchmark(lambda: points.sjoin(divisions, predicate="within", how="left"))
