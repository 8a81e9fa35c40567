"""Shares of a call's probability against counted points, closed forms and invariances."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

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
    NORTH,
    PLACES,
    REGIONS,
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
from unarmed_router.geography.gaussian_mass import normal_masses
from unarmed_router.geography.location_shares import location_shares
from unarmed_router.geography.partition import Partition, PartitionDivision
from unarmed_router.geography.sample_points import sample_points
from unarmed_router.geography.share_index import ShareIndex, Shares
from unarmed_router.geography.uniform_mass import disc_masses
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.model.uncertainty import Circle, Ellipse, Uncertainty, contour_deviations

__all__ = ["city", "index", "shares"]  # the fixtures, found by their names


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS, ids=str)
@pytest.mark.parametrize("place", PLACES[:2], ids=str)
def test_shares_are_those_of_counted_points(
    shares: ShareIndex[int],
    index: DivisionIndex,
    place: tuple[float, float],
    region: Circle | Ellipse,
) -> None:
    """Points walked along geodesics and located one by one fall in each division as often."""
    if isinstance(region, Circle):
        axes, turn = (region.radius_m, region.radius_m), 0.0
    else:
        axes, turn = (region.semi_major_m, region.semi_minor_m), region.orientation_deg
    expected = oracle.counted_in_ellipse(
        lambda lons, lats: index.locate_many(lons, lats).number,
        *place, axes, turn, region.confidence, COUNTING,
    )  # fmt: skip
    found = shares.shares(lon=place[0], lat=place[1], uncertainty=region)
    assert_close(found, expected, COUNTED)


@pytest.mark.parametrize("region", REGIONS, ids=str)
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_the_short_way_out_says_the_same(
    city: Partition,
    index: DivisionIndex,
    shares: ShareIndex[int],
    place: tuple[float, float],
    region: Circle | Ellipse,
) -> None:
    """With an index and without, no share differs by more than the tail that is not looked at."""
    lon, lat = place
    found = ShareIndex.of_divisions(city, index).shares(lon=lon, lat=lat, uncertainty=region)
    exact = shares.shares(lon=lon, lat=lat, uncertainty=region)
    assert_close(found, dict(exact.shares), 1.01e-6)


@pytest.mark.parametrize("deviations", [3.0, 4.5, 5.0, 5.2, 5.3, 6.0])
def test_the_short_way_out_leaves_a_millionth(deviations: float) -> None:
    """Nearer than 5.26 deviations a border is looked at."""
    lat = LAT + 0.05
    lon = LON + deviations * 500.0 / K90 / metres_per_degree(lat)[0]
    found = ShareIndex.of_divisions(FOUR, FOUR_INDEX).shares(
        lon=lon, lat=lat, uncertainty=Circle(500.0, 0.9)
    )
    assert found.of(4) == pytest.approx(oracle.half_plane(deviations), abs=1e-6)
    assert (len(found.shares) == 1) == (deviations > 5.26)


def test_a_border_through_the_middle_halves_a_circle() -> None:
    """East and west of the call are equal, and the lower number is named first."""
    halves = partition_of(square(2, -1, -0.5), square(1, 0, -0.5))
    found = location_shares(halves, lon=LON, lat=LAT, uncertainty=Circle(400.0, 0.9))
    assert [key for key, _ in found.shares] == [1, 2]
    assert found.of(1) == pytest.approx(0.5, abs=1e-12)
    assert found.of(2) == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("deviations", [-6.0, -2.5, -0.3, 1e-9, 0.01, 0.7, 1.0, 3.2, 5.5])
@pytest.mark.parametrize("turn", [0.0, 30.0, 90.0, 217.0])
def test_a_border_at_a_distance_is_the_normal_distribution(deviations: float, turn: float) -> None:
    """The near side of a straight border has the share of the one-dimensional normal."""
    halves = partition_of(square(1, -1, -0.5), square(2, 0, -0.5))
    region = Ellipse(300.0, 500.0, turn, 0.9)
    spread = math.hypot(300.0 * math.sin(math.radians(turn)), 500.0 * math.cos(math.radians(turn)))
    lon = LON - deviations * spread / K90 / EAST
    found = location_shares(halves, lon=lon, lat=LAT, uncertainty=region)
    assert found.of(1) == pytest.approx(oracle.half_plane(deviations), abs=1e-9)


@pytest.mark.parametrize("distance", [0.0, 0.1, 0.5, 0.99, 1.0])
def test_a_border_through_a_full_confidence_circle_cuts_a_segment(distance: float) -> None:
    """All the probability is inside, so the far side has the area of the segment."""
    halves = partition_of(square(1, -1, -0.5), square(2, 0, -0.5))
    lon = LON - distance * 800.0 / EAST
    found = location_shares(halves, lon=lon, lat=LAT, uncertainty=Circle(800.0, 1.0))
    assert found.of(2) == pytest.approx(oracle.disc_segment(distance), abs=1e-9)
    assert found.of(1) == pytest.approx(1.0 - oracle.disc_segment(distance), abs=1e-9)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 1.0])
@pytest.mark.parametrize("radius_m", [0.01, 5.0, 700.0])
def test_a_corner_of_four_divisions_quarters_a_circle(radius_m: float, confidence: float) -> None:
    """The call stands exactly on the corner: a quarter each, the lowest number first."""
    found = location_shares(FOUR, lon=LON, lat=LAT, uncertainty=Circle(radius_m, confidence))
    assert [key for key, _ in found.shares] == [1, 2, 3, 4]
    assert_close(found, dict.fromkeys((1, 2, 3, 4), 0.25), 1e-9)


@pytest.mark.parametrize("pieces", [3, 40, 900])
@pytest.mark.parametrize("region", REGIONS, ids=str)
def test_more_points_on_a_border_change_nothing(region: Circle | Ellipse, pieces: int) -> None:
    """A straight edge in many short ones, which are integrated another way, has the same mass."""
    fine = [
        np.concatenate(
            [
                start + (end - start) * np.arange(pieces)[:, None] / pieces
                for start, end in pairwise([*ring, ring[0]])
            ]
        )
        for ring in (d.rings[0].astype(np.float64) for d in FOUR.divisions)
    ]
    many = ShareIndex([d.number for d in FOUR.divisions], [[ring] for ring in fine])
    for x, y in [(0.0, 0.0), (0.001, -0.0003), (0.02, 0.05), (0.1, 0.1)]:
        found = many.shares(lon=LON + x, lat=LAT + y, uncertainty=region)
        whole = location_shares(FOUR, lon=LON + x, lat=LAT + y, uncertainty=region)
        assert_close(found, dict(whole.shares), 1e-9)


def test_an_edge_through_the_position_has_no_mass() -> None:
    """Nor is anything divided by zero when a point of the rule falls on the position itself."""
    edges = np.array(
        [
            (-0.020043332322649078, -0.034183084704345855, 0.06681257027069169, 0.1139461099638277),
            (0.0, 0.0, 0.5, 0.5),
            (-3.0, 0.0, 0.0, 0.0),
            (-3.0, -1.0, 6.0, 2.0),
            (-1e-9, -1.0, 1e-9, 1.0),
        ]
    )
    assert normal_masses(*edges.T) == pytest.approx(0.0, abs=1e-15)
    assert disc_masses(*edges.T) == pytest.approx(0.0, abs=1e-15)


def test_rounding_does_not_break_a_tie() -> None:
    """Halves and quarters whose last digits differ are in order of number all the same."""
    halves = partition_of(square(2, -1, -0.5), square(1, 0, -0.5))
    for size in np.geomspace(0.1, 900.0, 60).tolist():
        for region in (Circle(size, 0.9), Ellipse(size, 0.3 * size, 90.0, 0.8)):
            four = location_shares(FOUR, lon=LON, lat=LAT, uncertainty=region)
            assert [key for key, _ in four.shares] == [1, 2, 3, 4]
            two = location_shares(halves, lon=LON, lat=LAT, uncertainty=region)
            assert [key for key, _ in two.shares] == [1, 2]


@pytest.mark.parametrize("turn", [0.0, 20.0, 45.0, 160.0])
def test_a_corner_under_an_ellipse_is_the_quadrant_formula(turn: float) -> None:
    """North-east of the middle is the probability that two correlated normals are positive."""
    major, minor = 900.0, 250.0
    sine, cosine = math.sin(math.radians(turn)), math.cos(math.radians(turn))
    across = (major * sine) ** 2 + (minor * cosine) ** 2
    upward = (major * cosine) ** 2 + (minor * sine) ** 2
    correlation = (major**2 - minor**2) * sine * cosine / math.sqrt(across * upward)
    found = location_shares(FOUR, lon=LON, lat=LAT, uncertainty=Ellipse(major, minor, turn, 0.9))
    assert found.of(4) == pytest.approx(oracle.quadrant(correlation), abs=1e-9)
    assert found.of(3) == pytest.approx(0.5 - oracle.quadrant(correlation), abs=1e-9)


def test_an_ellipse_across_is_one_with_its_axes_swapped() -> None:
    """A quarter turn and exchanged axes are the same region."""
    equal: list[tuple[Uncertainty, Uncertainty]] = [
        (Ellipse(900.0, 250.0, 25.0, 0.9), Ellipse(250.0, 900.0, 115.0, 0.9)),
        (Ellipse(900.0, 250.0, 25.0, 1.0), Ellipse(900.0, 250.0, 205.0, 1.0)),
        (Ellipse(400.0, 400.0, 70.0, 0.9), Circle(400.0, 0.9)),
    ]
    for region, other in equal:
        found = location_shares(FOUR, lon=LON + 0.001, lat=LAT, uncertainty=region)
        same = location_shares(FOUR, lon=LON + 0.001, lat=LAT, uncertainty=other)
        assert_close(found, dict(same.shares), 1e-12)


def test_the_major_axis_points_clockwise_from_north() -> None:
    """At 45 degrees the long axis runs to the north-east."""
    found = location_shares(FOUR, lon=LON, lat=LAT, uncertainty=Ellipse(900.0, 90.0, 45.0, 0.9))
    assert found.of(4) > 0.45
    assert found.of(3) < 0.05
    halves = partition_of(square(1, -1, -0.5), square(2, 0, -0.5))
    north = location_shares(
        halves, lon=LON + 200.0 / EAST, lat=LAT, uncertainty=Ellipse(900.0, 90.0, 0.0, 0.9)
    )
    assert north.of(2) > 0.999


def test_a_circle_wholly_inside_and_wholly_outside() -> None:
    """Far from every border there is one share, of the division or of outside."""
    inside = location_shares(ALONE, lon=LON, lat=LAT, uncertainty=Circle(100.0, 0.9))
    assert inside == Shares(((7, 1.0),))
    outside = location_shares(ALONE, lon=LON + 1, lat=LAT, uncertainty=Circle(100.0, 0.9))
    assert outside == Shares(((None, 1.0),))


def test_outside_loses_a_tie() -> None:
    """On the outer border a call is not refused for the half that is outside."""
    found = location_shares(
        partition_of(square(9, 0, -0.5)), lon=LON, lat=LAT, uncertainty=Circle(50.0, 0.9)
    )
    assert [key for key, _ in found.shares] == [9, None]
    assert found.of(None) == pytest.approx(0.5, abs=1e-12)


def test_the_greatest_share_is_first() -> None:
    """The order is by share, not by number and not by what the middle lies in."""
    found = location_shares(
        FOUR, lon=LON - 100.0 / EAST, lat=LAT + 50.0 / NORTH, uncertainty=Circle(500.0, 0.9)
    )
    assert [key for key, _ in found.shares] == [3, 1, 4, 2]


def test_broken_and_swapped_positions_are_refused(city: Partition, index: DivisionIndex) -> None:
    """A position is checked with an index and without; only an index knows a swapped one."""
    region = Circle(100.0, 0.9)
    with pytest.raises(CoordinateError, match="must be finite"):
        location_shares(city, lon=math.nan, lat=LAT, uncertainty=region)
    with pytest.raises(CoordinateError, match="must be finite"):
        sample_points(lon=LON, lat=math.inf, uncertainty=region, count=3)
    squares = partition_of(PartitionDivision(1, "One", "", (_ring_at(30.0, 50.0),)))
    ready = ShareIndex.of_divisions(squares, DivisionIndex(squares))
    with pytest.raises(CoordinateError, match="did you swap them"):
        ready.shares(lon=50.05, lat=30.05, uncertainty=region)
    with pytest.raises(BoundaryError, match="build both from one file"):
        ShareIndex.of_divisions(ALONE, index)


def _ring_at(lon: float, lat: float) -> NDArray[np.int32]:
    corners = [(lon, lat), (lon + 0.1, lat), (lon + 0.1, lat + 0.1), (lon, lat + 0.1)]
    return np.rint(np.array(corners) * 1e7).astype(np.int32)


def test_an_empty_partition_is_refused() -> None:
    """Shares of nothing say so."""
    with pytest.raises(BoundaryError, match="at least one division"):
        location_shares(partition_of(), lon=LON, lat=LAT, uncertainty=Circle(100.0, 0.9))


def test_threads_share_one_index(shares: ShareIndex[int]) -> None:
    """Eight threads get the answers of one."""
    regions: list[Uncertainty] = [*REGIONS, box(-0.3, -0.3, 0.3, 0.3)] * 8
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda r: shares.shares(lon=LON, lat=LAT, uncertainty=r), regions))
    assert found == [shares.shares(lon=LON, lat=LAT, uncertainty=r) for r in regions]


places = st.tuples(st.floats(-118.7, -118.1), st.floats(33.65, 34.4))
confidences = st.one_of(st.floats(0.4, 0.999), st.just(1.0))
sizes = st.floats(0.01, 50_000.0)
regions = st.one_of(
    st.builds(Circle, sizes, confidences),
    st.builds(Ellipse, sizes, sizes, st.floats(-360.0, 360.0), confidences),
)


@given(places, regions)
@settings(max_examples=150, deadline=None)
def test_shares_are_a_distribution(
    city: Partition, place: tuple[float, float], region: Circle | Ellipse
) -> None:
    """No share is negative or above one, they sum to one, and are in order."""
    found = location_shares(city, lon=place[0], lat=place[1], uncertainty=region)
    values = [share for _, share in found.shares]
    assert all(0.0 <= share <= 1.0 for share in values)
    assert total(found) == pytest.approx(1.0, abs=1e-9)
    assert all(one >= other - 1e-9 for one, other in pairwise(values))
    assert len({key for key, _ in found.shares}) == len(values)


@given(st.integers(0, 3), st.integers(0, 3), confidences, st.floats(1.0, 5_000.0))
@settings(max_examples=60, deadline=None)
def test_a_division_may_start_anywhere(
    first: int, second: int, confidence: float, radius_m: float
) -> None:
    """Shares do not depend on where the rings of the divisions begin."""
    rolled = partition_of(
        *(
            PartitionDivision(d.number, d.name, "", (np.roll(d.rings[0], turn, axis=0),))
            for d, turn in zip(FOUR.divisions, (first, second, first, second), strict=True)
        )
    )
    region = Circle(radius_m, confidence)
    one = location_shares(FOUR, lon=LON + 0.003, lat=LAT, uncertainty=region)
    two = location_shares(rolled, lon=LON + 0.003, lat=LAT, uncertainty=region)
    assert_close(one, dict(two.shares), 1e-12)


@given(
    st.floats(-0.45, 0.45),
    st.floats(-0.45, 0.45),
    st.floats(0.02, 49_000.0),
    st.floats(1.0, 3.0),
    confidences,
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_a_growing_circle_never_gains_the_division_it_is_in(
    x: float, y: float, radius_m: float, growth: float, confidence: float, indexed: bool
) -> None:
    """In a convex division the share only falls; the short way out takes at most its tail."""
    ready = ShareIndex.of_divisions(ALONE, DivisionIndex(ALONE) if indexed else None)
    values = [
        ready.shares(
            lon=LON + x / 10, lat=LAT + y / 10, uncertainty=Circle(min(size, 50_000.0), confidence)
        ).of(7)
        for size in (radius_m, radius_m * growth)
    ]
    assert values[1] <= values[0] + 1e-9


@given(st.floats(-12, 12), st.floats(-12, 12), st.floats(0.1, 10.0), st.floats(0.4, 0.999))
@settings(max_examples=100, deadline=None)
def test_a_call_near_a_corner_is_the_product_of_two_normals(
    x: float, y: float, radius_m: float, confidence: float
) -> None:
    """However near to a border or a corner, nothing jumps: east and north are independent."""
    deviation = radius_m / contour_deviations(confidence)
    found = location_shares(
        FOUR,
        lon=LON + math.copysign(10.0 ** -abs(x), x) * deviation / EAST,
        lat=LAT + math.copysign(10.0 ** -abs(y), y) * deviation / NORTH,
        uncertainty=Circle(radius_m, confidence),
    )
    east = oracle.half_plane(math.copysign(10.0 ** -abs(x), x))
    north = oracle.half_plane(math.copysign(10.0 ** -abs(y), y))
    # The size of a degree is taken at the call, which is not quite at the corner.
    assert found.of(4) == pytest.approx(east * north, abs=1e-6)
    assert found.of(1) == pytest.approx((1 - east) * (1 - north), abs=1e-6)
