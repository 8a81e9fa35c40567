"""Point in division: one, 100,000 and a million points, beside shapely and geopandas."""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from benchmarks.measure import timed
from unarmed_router import Router
from unarmed_router.geography.rtree_index import RtreeDivisionIndex


@pytest.mark.benchmark(group="locate one point")
def test_one_ours(benchmark: Any, router: Router) -> None:
    """`DivisionIndex.locate`: the division, as the peers find it."""
    find = router.agency.divisions.locate
    assert benchmark(lambda: find(lon=-118.309, lat=34.0606).division).number == 20


@pytest.mark.benchmark(group="locate one point")
def test_one_ours_border(benchmark: Any, router: Router) -> None:
    """`DivisionIndex.locate`, and whether a border is near: the distance is measured when read."""
    find = router.agency.divisions.locate
    benchmark(lambda: find(lon=-118.309, lat=34.0606).near_border)


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
    """`DivisionIndex.locate_many`: divisions, as the peers find them."""
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


@pytest.mark.benchmark(group="locate 1,000,000 points")
def test_million_ours(benchmark: Any, router: Router, many_places: Any) -> None:
    """`DivisionIndex.locate_many`: divisions, which is what the peers below find."""
    run = router.agency.divisions.locate_many
    timed(benchmark, lambda: run(*many_places), amount=len(many_places[0]), rounds=7)


@pytest.mark.benchmark(group="locate 1,000,000 points")
def test_million_ours_near_border(benchmark: Any, router: Router, many_places: Any) -> None:
    """The same, and whether a border is near each point, which is worked out when it is read."""
    run = router.agency.divisions.locate_many
    timed(benchmark, lambda: run(*many_places).near_border, amount=len(many_places[0]), rounds=5)


@pytest.mark.benchmark(group="locate 1,000,000 points")
def test_million_ours_border_m(benchmark: Any, router: Router, many_places: Any) -> None:
    """The same, and how far the nearest border is, which is worked out when it is read."""
    run = router.agency.divisions.locate_many
    timed(benchmark, lambda: run(*many_places).border_m, amount=len(many_places[0]), rounds=2)


@pytest.mark.benchmark(group="locate 1,000,000 points")
def test_million_shapely_tree(
    benchmark: Any, router: Router, polygons: Any, many_places: Any
) -> None:
    """Bulk query of an STRtree, points ready: divisions only; compared with ours."""
    tree, ready = shapely.STRtree(polygons), shapely.points(*many_places)
    found = timed(
        benchmark, lambda: tree.query(ready, predicate="within"), amount=len(ready), rounds=3
    )
    ours = router.agency.divisions.locate_many(*many_places).number
    numbers = np.zeros(len(ready), np.int32)
    numbers[found[0]] = np.array([d.number for d in router.agency.partition.divisions])[found[1]]
    benchmark.extra_info["different"] = int((numbers != ours).sum())


@pytest.mark.benchmark(group="locate 1,000,000 points")
def test_million_shapely_prepared(benchmark: Any, polygons: Any, many_places: Any) -> None:
    """`shapely.contains_xy` of each prepared polygon in turn: divisions only."""
    lons, lats = many_places

    def run() -> Any:
        found = np.zeros(len(lons), np.int32)
        for number, polygon in enumerate(polygons, 1):
            found[shapely.contains_xy(polygon, lons, lats)] = number
        return found

    timed(benchmark, run, amount=len(lons), rounds=3)


@pytest.mark.benchmark(group="locate 1,000,000 points")
def test_million_geopandas(benchmark: Any, polygons: Any, many_places: Any) -> None:
    """`geopandas.sjoin` of ready frames: divisions only."""
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*many_places), crs=4326)
    divisions = geopandas.GeoDataFrame(geometry=polygons, crs=4326)
    timed(
        benchmark,
        lambda: points.sjoin(divisions, predicate="within", how="left"),
        amount=len(points),
        rounds=3,
    )
