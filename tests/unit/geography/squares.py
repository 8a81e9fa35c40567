"""Square divisions about one place, the embedded ones, and regions to share out among them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from unarmed_router.agency.folder import embedded_agency
from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.geography.partition import Partition, PartitionDivision, partition_digest
from unarmed_router.geography.partition_file import load_partition
from unarmed_router.geography.share_index import ShareIndex, Shares
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.model.uncertainty import Area, Circle, Ellipse, contour_deviations

COUNTING = 500_000
COUNTED = 0.0029  # 4 standard errors of a share of one half among half a million points
LON, LAT = -118.25, 34.05
SIDE = 1_000_000  # a tenth of a degree
EAST, NORTH = metres_per_degree(LAT)
K90 = contour_deviations(0.9)


def square(number: int, column: float, row: float, side: float = 1.0) -> PartitionDivision:
    """Draw a square division by its south-western corner, in tenths of a degree from the middle."""
    west, south = round((LON * 10 + column) * SIDE), round((LAT * 10 + row) * SIDE)
    step = round(side * SIDE)
    ring = [(west, south), (west + step, south), (west + step, south + step), (west, south + step)]
    return PartitionDivision(number, f"Square {number}", "", (np.array(ring, np.int32),))


def partition_of(*divisions: PartitionDivision) -> Partition:
    """Put divisions together, without a check."""
    return Partition(divisions, partition_digest(divisions))


FOUR = partition_of(square(1, -1, -1), square(2, 0, -1), square(3, -1, 0), square(4, 0, 0))
ALONE = partition_of(square(7, -0.5, -0.5))
FOUR_INDEX = DivisionIndex(FOUR)


@pytest.fixture(scope="module")
def city() -> Partition:
    """Read the embedded divisions."""
    return load_partition(embedded_agency().parent / "divisions.geojson")


@pytest.fixture(scope="module")
def index(city: Partition) -> DivisionIndex:
    """Index the embedded divisions."""
    return DivisionIndex(city, verified=True)


@pytest.fixture(scope="module")
def shares(city: Partition) -> ShareIndex[int]:
    """Make the embedded divisions ready, without the short way out."""
    return ShareIndex.of_divisions(city)


def box(west: float, south: float, east: float, north: float, confidence: float = 1.0) -> Area:
    """Draw a rectangle in tenths of a degree from the middle."""
    lons, lats = (LON + west / 10, LON + east / 10), (LAT + south / 10, LAT + north / 10)
    return Area(((*zip(lons, lats[:1] * 2, strict=True), (lons[1], lats[1]), (lons[0], lats[1])),),
                confidence)  # fmt: skip


def assert_close(found: Shares[Any], expected: dict[Any, float], within: float) -> None:
    """Compare every area that either of the two names."""
    for key in {*expected, *(key for key, _ in found.shares)}:
        assert found.of(key) == pytest.approx(expected.get(key, 0.0), abs=within), key


def total(found: Shares[Any]) -> float:
    """Add up what is placed and what is not."""
    return math.fsum([found.unplaced, *(share for _, share in found.shares)])


PLACES = [(-118.2437, 34.0522), (-118.3785, 34.0522), (-118.4460, 34.1860), (-118.2923, 33.7400)]
REGIONS: list[Circle | Ellipse] = [
    Circle(150.0, 0.9),
    Circle(2_500.0, 0.9),
    Circle(15_000.0, 0.67),
    Ellipse(4_000.0, 300.0, 37.0, 0.95),
    Circle(3_000.0, 1.0),
    Ellipse(900.0, 5_000.0, 110.0, 1.0),
]
