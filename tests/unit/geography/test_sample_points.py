"""Points that stand for an uncertain position: their middle, their spread, always inside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely

from tests.unit.geography.squares import (
    EAST,
    K90,
    LAT,
    LON,
    NORTH,
    PLACES,
    REGIONS,
    box,
    city,
    index,
)
from unarmed_router.coordinates import checked_columns
from unarmed_router.errors import InputError
from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.geography.location_shares import location_shares
from unarmed_router.geography.partition import Partition
from unarmed_router.geography.sample_points import sample_points
from unarmed_router.model.uncertainty import Area, Circle, Ellipse, Uncertainty

__all__ = ["city", "index"]  # the fixtures, found by their names


@pytest.mark.parametrize(("lon", "lat"), [(179.999, -16.8), (-179.999, -16.8), (20.0, 89.999)])
def test_samples_are_places_on_earth(lon: float, lat: float) -> None:
    """East of 180 degrees comes -180, and nothing lies beyond a pole."""
    region = Circle(radius_m=500.0, confidence=0.9)
    lons, lats = checked_columns(*sample_points(lon=lon, lat=lat, uncertainty=region, count=500))
    if abs(lat) < 80.0:
        away = (lons - lon + 180.0) % 360.0 - 180.0
        assert np.abs(away).max() < 0.05
        assert (lons > 0.0).any()
        assert (lons < 0.0).any()
    assert np.abs(lats - lat).max() < 0.05


@pytest.mark.parametrize("region", REGIONS, ids=str)
@pytest.mark.parametrize("count", [1, 2, 64, 501])
def test_samples_have_the_middle_of_the_region(region: Circle | Ellipse, count: int) -> None:
    """Their mean is the position, and there are as many as asked."""
    lons, lats = sample_points(lon=LON, lat=LAT, uncertainty=region, count=count)
    assert lons.shape == lats.shape == (count,)
    assert lons.mean() == pytest.approx(LON, abs=1e-9)
    assert lats.mean() == pytest.approx(LAT, abs=1e-9)


@pytest.mark.parametrize("region", [*REGIONS, box(-0.2, -0.3, 0.6, 0.3)], ids=str)
def test_samples_fall_in_divisions_by_their_shares(
    city: Partition, index: DivisionIndex, region: Uncertainty
) -> None:
    """A thousand points agree with the exact shares better than random ones would."""
    for lon, lat in PLACES:
        lons, lats = sample_points(lon=lon, lat=lat, uncertainty=region, count=1000)
        found = index.locate_many(lons, lats).number
        exact = location_shares(city, lon=lon, lat=lat, uncertainty=region)
        for key, share in exact.shares:
            assert np.mean(found == (key or 0)) == pytest.approx(share, abs=0.012)


def test_samples_spread_as_the_density_does() -> None:
    """Their standard deviations along and across the axis are those of the normal."""
    region = Ellipse(900.0, 300.0, 30.0, 0.9)
    lons, lats = sample_points(lon=LON, lat=LAT, uncertainty=region, count=4000)
    x, y = (lons - LON) * EAST, (lats - LAT) * NORTH
    sine, cosine = math.sin(math.radians(30.0)), math.cos(math.radians(30.0))
    assert np.std(x * sine + y * cosine) == pytest.approx(900.0 / K90, rel=0.01)
    assert np.std(x * cosine - y * sine) == pytest.approx(300.0 / K90, rel=0.01)
    inside = (((x * sine + y * cosine) / 900.0) ** 2 + ((x * cosine - y * sine) / 300.0) ** 2) <= 1
    assert inside.mean() == pytest.approx(0.9, abs=0.002)


def test_samples_of_a_full_confidence_circle_stay_inside() -> None:
    """A bounded density has no point beyond its bound."""
    for count in range(1, 300):
        lons, lats = sample_points(lon=LON, lat=LAT, uncertainty=Circle(500.0, 1.0), count=count)
        assert np.hypot((lons - LON) * EAST, (lats - LAT) * NORTH).max() <= 500.0


def _turned(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    return tuple((LON + 0.7 * x - 0.7 * y, LAT + 0.7 * x + 0.7 * y) for x, y in points)


@pytest.mark.parametrize(
    "rings",
    [
        (_turned([(0, 0), (0.05, 0), (0.05, 1e-6), (0, 1e-6)]),),
        (
            _turned([(0, 0), (0.05, 0), (0.05, 0.05), (0, 0.05)]),
            _turned([(0.001, 0.001), (0.049, 0.001), (0.049, 0.049), (0.001, 0.049)]),
        ),
        (_turned([(0, 0), (0.05, 0.05), (0, 0.0002)]),),
    ],
    ids=["a lane", "a frame", "a needle"],
)
def test_samples_of_a_thin_polygon_lie_in_it(rings: tuple[tuple[tuple[float, float], ...]]) -> None:
    """However thin, there are as many points as asked, inside, always the same."""
    region = Area(rings, 0.9)
    lons, lats = sample_points(lon=LON, lat=LAT, uncertainty=region, count=50)
    polygon = shapely.Polygon(rings[0], rings[1:])
    assert shapely.contains_xy(polygon, lons, lats).all()
    assert len(set(zip(lons.tolist(), lats.tolist(), strict=True))) == 50
    again, _ = sample_points(lon=LON, lat=LAT, uncertainty=region, count=50)
    np.testing.assert_array_equal(lons, again)


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "9", 100_001])
def test_a_broken_count_is_refused(count: Any) -> None:
    """The number of points is a whole number in range."""
    with pytest.raises(InputError, match="count must be a whole number"):
        sample_points(lon=LON, lat=LAT, uncertainty=Circle(100.0, 0.9), count=count)
