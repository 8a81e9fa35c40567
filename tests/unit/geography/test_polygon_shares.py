"""Shares where the region is a polygon, and where the areas are."""

from __future__ import annotations

import math
from typing import Any

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.oracles import location_shares as oracle
from tests.unit.geography.squares import (
    ALONE,
    COUNTED,
    COUNTING,
    EAST,
    FOUR,
    FOUR_INDEX,
    K90,
    LAT,
    LON,
    PLACES,
    assert_close,
    box,
    city,
    index,
    partition_of,
    shares,
    square,
    total,
)
from unarmed_router.errors import BoundaryError, CoordinateError
from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.geography.location_shares import location_shares
from unarmed_router.geography.partition import Partition
from unarmed_router.geography.sample_points import sample_points
from unarmed_router.geography.share_index import ShareIndex
from unarmed_router.model.uncertainty import Area, Circle

__all__ = ["city", "index", "shares"]  # the fixtures, found by their names


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_polygon_with_a_hole_is_that_of_counted_points(
    shares: ShareIndex[int], index: DivisionIndex, place: tuple[float, float]
) -> None:
    """Points even over the globe, in the outline and not in the hole, are located as often."""
    lon, lat = place
    outline = [(lon - 0.05, lat - 0.02), (lon + 0.04, lat - 0.05), (lon + 0.03, lat + 0.06)]
    hole = [(lon, lat), (lon + 0.01, lat - 0.02), (lon + 0.015, lat + 0.01)]
    expected = oracle.counted_in_polygon(
        lambda lons, lats: index.locate_many(lons, lats).number, [outline, hole], 2 * COUNTING
    )
    region = Area((tuple(outline), tuple(hole)), 0.8)
    found = shares.shares(lon=lon, lat=lat, uncertainty=region)
    assert found.unplaced == pytest.approx(0.2)
    assert_close(found, {key: 0.8 * share for key, share in expected.items()}, COUNTED)


def test_the_short_way_out_of_a_polygon_says_the_same() -> None:
    """A rectangle that just reaches a border, or just does not, is shared alike both ways."""
    plain, indexed = ShareIndex.of_divisions(FOUR), ShareIndex.of_divisions(FOUR, FOUR_INDEX)
    for west in (-0.02, -1e-5, 0.0, 1e-5, 0.02, 0.3, 0.98, 1.01):
        region = box(west, 0.3, west + 0.1, 0.32, 0.9)
        exact = plain.shares(lon=LON, lat=LAT, uncertainty=region)
        found = indexed.shares(lon=LON, lat=LAT, uncertainty=region)
        assert_close(found, dict(exact.shares), 1e-9)
        assert total(found) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        (box(-0.2, -0.3, 0.6, 0.3), {1: 1 / 8, 2: 3 / 8, 3: 1 / 8, 4: 3 / 8}),
        (box(0.5, -0.5, 1.5, 0.5), {2: 0.25, 4: 0.25, None: 0.5}),
        (box(0.1, 0.1, 0.2, 0.2), {4: 1.0}),
        (box(1.1, 1.1, 1.2, 1.2), {None: 1.0}),
        (box(0.0, 0.0, 0.3, 0.3), {4: 1.0}),
        (box(-0.3, 0.0, 0.3, 0.3), {3: 0.5, 4: 0.5}),
    ],
    ids=["four", "half out", "inside", "outside", "at a corner", "along a border"],
)
def test_rectangles_are_divided_by_their_areas(
    region: Area, expected: dict[int | None, float]
) -> None:
    """Known parts; a degree shrinks to the north by 1.2e-5 a hundredth, so southern parts gain."""
    found = location_shares(FOUR, lon=LON, lat=LAT, uncertainty=region)
    assert_close(found, expected, 5e-4)
    assert total(found) == pytest.approx(1.0, abs=1e-9)


def test_a_square_degree_shrinks_to_the_north() -> None:
    """The southern half of a tall rectangle is larger by the integral of the cosine."""
    rows = partition_of(square(1, -0.5, -1), square(2, -0.5, 0))
    found = location_shares(rows, lon=LON, lat=LAT, uncertainty=box(-0.4, -1, 0.4, 1))
    south, middle, north = (math.sin(math.radians(LAT + each)) for each in (-0.1, 0.0, 0.1))
    assert found.of(1) == pytest.approx((middle - south) / (north - south), abs=1e-5)
    assert abs(found.of(1) - 0.5) > 2e-4


def test_what_a_polygon_leaves_is_unplaced() -> None:
    """The rest of the confidence is in no division and not outside either."""
    found = location_shares(ALONE, lon=LON, lat=LAT, uncertainty=box(-0.1, -0.1, 0.1, 0.1, 0.7))
    assert found.shares == ((7, 0.7),)
    assert found.unplaced == pytest.approx(0.3)
    far = ShareIndex.of_divisions(ALONE, DivisionIndex(ALONE)).shares(
        lon=LON, lat=LAT, uncertainty=box(-0.1, -0.1, 0.1, 0.1, 0.7)
    )
    assert_close(far, {7: 0.7}, 1e-12)
    assert far.unplaced == found.unplaced


def test_a_hole_counts_for_nothing() -> None:
    """A ring drawn about a division leaves all of it out."""
    inner = tuple(reversed(box(-0.5, -0.5, 0.5, 0.5).rings[0]))
    ring = Area((box(-1.0, -1.0, 1.0, 1.0).rings[0], inner), 1.0)
    found = location_shares(ALONE, lon=LON, lat=LAT, uncertainty=ring)
    assert found.shares == ((None, 1.0),)


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (1, 1), (1, 0), (0, 1)],
        [(0, 0), (1, 1), (2, 2)],
        [(0, 0), (2, 0), (1, 0), (1, 1)],
    ],
    ids=["bow tie", "a line", "a spike"],
)
@pytest.mark.parametrize("indexed", [False, True])
def test_a_polygon_that_crosses_itself_is_refused(
    ring: list[tuple[int, int]], indexed: bool
) -> None:
    """A bow tie, a flat and a spiked polygon say so, wherever they lie."""
    points = tuple((LON + x / 1000, LAT + y / 1000) for x, y in ring)
    ready = ShareIndex.of_divisions(ALONE, DivisionIndex(ALONE) if indexed else None)
    with pytest.raises(CoordinateError, match="the polygon is no area"):
        ready.shares(lon=LON, lat=LAT, uncertainty=Area((points,), 0.9))
    with pytest.raises(CoordinateError, match="the polygon is no area"):
        sample_points(lon=LON, lat=LAT, uncertainty=Area((points,), 0.9), count=5)


def test_a_hole_outside_its_outline_is_refused() -> None:
    """Holes must lie inside."""
    rings = (box(0, 0, 0.1, 0.1).rings[0], box(0.2, 0.2, 0.3, 0.3).rings[0])
    with pytest.raises(CoordinateError, match="holes must lie inside"):
        location_shares(ALONE, lon=LON, lat=LAT, uncertainty=Area(rings, 0.9))


def test_polygons_of_programs_may_overlap_and_have_holes() -> None:
    """Each area has its own share; outside is what none of them covers."""
    west = shapely.box(LON - 0.1, LAT - 0.1, LON + 0.02, LAT + 0.1)
    east = shapely.box(LON - 0.02, LAT - 0.1, LON + 0.1, LAT + 0.1)
    pierced = shapely.box(LON - 0.5, LAT - 0.5, LON + 0.5, LAT + 0.5).difference(west.union(east))
    region = Circle(900.0, 0.9)
    found = location_shares({"b": east, "a": west}, lon=LON, lat=LAT, uncertainty=region)
    deviations = 0.02 * EAST / (900.0 / K90)
    expected = oracle.half_plane(deviations)
    assert_close(found, {"a": expected, "b": expected}, 1e-9)
    assert [key for key, _ in found.shares] == ["a", "b"]
    edge = location_shares(
        {"b": east, "a": west}, lon=LON + 0.1, lat=LAT, uncertainty=Circle(300.0, 0.9)
    )
    assert_close(edge, {"b": 0.5, None: 0.5}, 1e-9)
    corner = location_shares(
        {"b": east, "a": west}, lon=LON, lat=LAT + 0.1, uncertainty=Circle(90.0, 0.9)
    )
    assert_close(corner, {"a": 0.5, "b": 0.5, None: 0.5}, 1e-9)
    assert [key for key, _ in corner.shares] == ["a", "b", None]
    ring = location_shares({"ring": pierced}, lon=LON, lat=LAT, uncertainty=region)
    assert ring.shares == ((None, 1.0),)
    polygon = location_shares(
        {"b": east, "a": west, "ring": pierced}, lon=LON, lat=LAT, uncertainty=box(-0.4, -1, 2, 1)
    )
    assert_close(polygon, {"a": 0.6 / 2.4, "b": 1.2 / 2.4, "ring": 1.0 / 2.4}, 1e-6)


def test_polygons_of_divisions_have_the_shares_of_the_divisions(
    city: Partition, shares: ShareIndex[int]
) -> None:
    """Read as shapely polygons, in either direction of their rings, divisions say the same."""
    polygons = {
        f"{d.number:02d}": shapely.union_all([shapely.Polygon(r[::-1] / 1e7) for r in d.rings])
        for d in city.divisions
        if len(d.rings) == 1
    }
    for lon, lat in PLACES:
        exact = shares.shares(lon=lon, lat=lat, uncertainty=Circle(4_000.0, 0.9))
        found = location_shares(polygons, lon=lon, lat=lat, uncertainty=Circle(4_000.0, 0.9))
        for key in polygons:
            assert found.of(key) == pytest.approx(exact.of(int(key)), abs=1e-9)


@pytest.mark.parametrize(
    ("areas", "message"),
    [
        ({}, "at least one area"),
        ({"a": shapely.Point(1, 2)}, "a: must be a Polygon or a MultiPolygon; got Point"),
        ({"a": shapely.Polygon()}, "a: is empty"),
        ({"a": shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "b": 3},
         "a: Self-intersection.*; b: must be"),
    ],
)  # fmt: skip
def test_broken_areas_are_refused_all_at_once(areas: dict[str, Any], message: str) -> None:
    """Every broken area is named."""
    with pytest.raises(BoundaryError, match=message):
        ShareIndex.of_areas(areas)


corners = st.lists(
    st.tuples(st.integers(-400, 400), st.integers(-400, 400)), min_size=3, max_size=9, unique=True
)


@given(corners, st.integers(0, 8), st.booleans(), st.floats(0.1, 1.0))
@settings(max_examples=100, deadline=None)
def test_a_ring_may_start_anywhere_and_run_either_way(
    points: list[tuple[int, int]], shift: int, backwards: bool, confidence: float
) -> None:
    """Shares of a polygon do not depend on how it is written down, and sum to one."""
    hull = shapely.MultiPoint(points).convex_hull
    assume(isinstance(hull, shapely.Polygon))
    ring = [(LON + x / 1e4, LAT + y / 1e4) for x, y in hull.exterior.coords[:-1]]
    start = shift % len(ring)
    other = (ring[start:] + ring[:start])[:: -1 if backwards else 1]
    one = location_shares(FOUR, lon=LON, lat=LAT, uncertainty=Area((tuple(ring),), confidence))
    two = location_shares(
        FOUR, lon=LON, lat=LAT, uncertainty=Area(((*other, other[0]),), confidence)
    )
    assert_close(one, dict(two.shares), 1e-9)
    assert total(one) == pytest.approx(1.0, abs=1e-9)
    assert one.unplaced == 1.0 - confidence
