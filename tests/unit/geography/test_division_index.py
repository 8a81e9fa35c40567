"""The embedded divisions: exactly one answer everywhere, and every broken coordinate refused."""

from __future__ import annotations

import csv
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import Proj

from tests.oracles.locate import holders_of_many
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.dispatch.ports import Divisions
from unarmed_router.errors import BoundaryError, CoordinateError, InputError
from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.geography.partition import Partition, PartitionDivision
from unarmed_router.geography.partition_file import load_partition
from unarmed_router.geography.rtree_index import RtreeDivisionIndex

MILLION = 1_000_000
WEST, SOUTH, EAST, NORTH = -118.70, 33.68, -118.13, 34.36

Edge = tuple[int, int, int, int]
Points = tuple[NDArray[np.int64], NDArray[np.int64]]


@pytest.fixture(scope="module")
def partition() -> Partition:
    """Read the embedded partition."""
    return load_partition(embedded_agency().parent / "divisions.geojson")


@pytest.fixture(scope="module")
def index(partition: Partition) -> DivisionIndex:
    """Index the embedded partition."""
    return DivisionIndex(partition)


@pytest.fixture(scope="module")
def polygons(partition: Partition) -> dict[int, shapely.Geometry]:
    """Rebuild each division as a shapely polygon."""
    return {
        d.number: shapely.union_all([shapely.Polygon(r / 1e7) for r in _outer(d)]).difference(
            shapely.union_all([shapely.Polygon(r / 1e7) for r in _holes(d)])
        )
        for d in partition.divisions
    }


def _signed_area(ring: NDArray[np.int32]) -> float:
    x, y = ring.astype(np.float64).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _outer(division: PartitionDivision) -> list[NDArray[np.int32]]:
    return [ring for ring in division.rings if _signed_area(ring) > 0]


def _holes(division: PartitionDivision) -> list[NDArray[np.int32]]:
    return [ring for ring in division.rings if _signed_area(ring) < 0]


def shared_edges(partition: Partition) -> dict[Edge, list[int]]:
    """List every edge that two divisions share, with their numbers."""
    owners: dict[Edge, list[int]] = {}
    for division in partition.divisions:
        for ring in division.rings:
            ends = np.hstack([ring, np.roll(ring, -1, axis=0)]).tolist()
            for ax, ay, bx, by in ends:
                edge = (ax, ay, bx, by) if (ax, ay) < (bx, by) else (bx, by, ax, ay)
                owners.setdefault(edge, []).append(division.number)
    return {edge: numbers for edge, numbers in owners.items() if len(numbers) == 2}


def points_on_shared_edges(partition: Partition, count: int) -> Points:
    """Draw lattice points at shared vertices and as near to shared edges as the lattice allows."""
    rng = np.random.default_rng(20260)
    edges = np.array(list(shared_edges(partition)))
    chosen = edges[rng.integers(0, len(edges), count)]
    along = rng.random(count)
    along[: count // 4] = rng.integers(0, 2, count // 4)  # a quarter exactly at the ends
    x = chosen[:, 0] + np.rint(along * (chosen[:, 2] - chosen[:, 0])).astype(np.int64)
    y = chosen[:, 1] + np.rint(along * (chosen[:, 3] - chosen[:, 1])).astype(np.int64)
    return x, y


def random_points(count: int) -> Points:
    """Draw lattice points over the city's bounding box."""
    rng = np.random.default_rng(42)
    x = rng.integers(int(WEST * 1e7), int(EAST * 1e7), count)
    y = rng.integers(int(SOUTH * 1e7), int(NORTH * 1e7), count)
    return x, y


@pytest.mark.parametrize("kind", ["on shared edges and vertices", "random"])
def test_a_million_points_each_have_exactly_one_answer(
    partition: Partition, index: DivisionIndex, kind: str
) -> None:
    """No point is in two divisions, and the index names the one that the naive twin finds."""
    on_edges = kind.startswith("on")
    x, y = points_on_shared_edges(partition, MILLION) if on_edges else random_points(MILLION)
    rings = [(d.number, ring) for d in partition.divisions for ring in d.rings]
    holders, numbers = holders_of_many(rings, x, y)
    assert holders.max() == 1
    np.testing.assert_array_equal(index.locate_many(x / 1e7, y / 1e7).number, numbers)


def test_no_point_on_an_interior_border_is_in_neither_division(
    partition: Partition, index: DivisionIndex
) -> None:
    """A point exactly on an edge between two divisions belongs to one of those two."""
    checked = 0
    for (ax, ay, bx, by), owners in shared_edges(partition).items():
        steps = math.gcd(bx - ax, by - ay)
        if steps == 1:
            continue  # no lattice point lies exactly on it
        x, y = ax + (bx - ax) // steps, ay + (by - ay) // steps
        match = index.locate(lon=x / 1e7, lat=y / 1e7)
        assert match.division is not None
        assert match.division.number in owners
        assert match.border_m == 0
        checked += 1
    assert checked > 100


@pytest.mark.parametrize(
    ("west", "south", "told"), [(37.3, 37.0, False), (36.0, 37.1, False), (35.8, 37.1, True)]
)
def test_a_city_on_the_diagonal_has_neighbours(west: float, south: float, told: bool) -> None:
    """Where longitudes are as large as latitudes, a place nearby is no pair that was swapped."""
    ring = np.rint(
        np.array([(0, 0), (0.1, 0), (0.1, 0.1), (0, 0.1)]) * 1e7 + [west * 1e7, south * 1e7]
    )
    index = DivisionIndex(Partition((PartitionDivision(1, "D", "", (ring.astype(np.int32),)),), ""))
    lon, lat = south + 0.05, west + 0.05  # the middle of the city, the other way round
    assert index.locate(lon=west + 0.05, lat=south + 0.05).division is not None
    if told:
        with pytest.raises(CoordinateError, match="did you swap them"):
            index.locate(lon=lon, lat=lat)
        with pytest.raises(CoordinateError, match="did you swap them"):
            index.locate_many([lon], [lat])
    else:
        assert index.locate(lon=lon, lat=lat).division is None
        assert index.locate_many([lon], [lat]).number.tolist() == [0]


def test_a_border_near_a_pole_is_near() -> None:
    """The margin of the grid reaches beyond the pole, where a degree of longitude has no length."""
    ring = np.array([(10, 89), (11, 89), (11, 90), (10, 90)]) * 10_000_000
    index = DivisionIndex(Partition((PartitionDivision(1, "P", "", (ring.astype(np.int32),)),), ""))
    rng = np.random.default_rng(11)
    lon, lat = rng.uniform(9.9, 11.1, 300), rng.uniform(88.9, 90.0, 300)
    found = index.locate_many(lon, lat)
    alone = [index.locate(lon=x, lat=y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    assert found.near_border.tolist() == [match.near_border for match in alone]
    assert found.near_border.any()


@pytest.mark.parametrize("near_borders", [False, True])
def test_equal_to_shapely_off_the_edges(
    index: DivisionIndex,
    partition: Partition,
    polygons: dict[int, shapely.Geometry],
    near_borders: bool,
) -> None:
    """Every point farther than 1e-7 degree from any edge has the division shapely finds."""
    x, y = random_points(300_000)
    if near_borders:  # many differ, and shapely measures each to all borders
        x, y = points_on_shared_edges(partition, 100_000)
        jitter = np.random.default_rng(7).integers(-40, 41, (2, len(x)))
        x, y = x + jitter[0], y + jitter[1]
    numbers = np.array(list(polygons))
    tree = shapely.STRtree(list(polygons.values()))
    points = shapely.points(x / 1e7, y / 1e7)
    rows, places = tree.query(points, predicate="within")
    expected = np.zeros(len(x), np.int64)
    expected[rows] = numbers[places]
    found = index.locate_many(x / 1e7, y / 1e7).number
    differ = np.flatnonzero(found != expected)
    borders = shapely.union_all([shapely.boundary(p) for p in polygons.values()])
    shapely.prepare(borders)
    assert (shapely.distance(borders, points[differ]) <= 1e-7).all()
    assert len(differ) < len(x) * (0.05 if near_borders else 1e-5)


def test_agrees_with_the_division_the_lapd_assigned(index: DivisionIndex, shared: Path) -> None:
    """At least 99 % of labelled incidents agree, and every miss lies within 60 m of a border."""
    with (shared / "data" / "incident_points_labelled_2020.csv").open() as file:
        rows = list(csv.DictReader(file))
    found = index.locate_many([float(r["lon"]) for r in rows], [float(r["lat"]) for r in rows])
    assigned = np.array([int(row["area_id"]) for row in rows])
    misses = found.number != assigned
    assert misses.mean() <= 0.01
    assert (found.border_m[misses] <= 60).all()
    assert found.near_border[misses].all()


def test_the_rtree_index_agrees(partition: Partition, index: DivisionIndex) -> None:
    """The independent index behind the same Protocol finds the same divisions and distances."""
    other: Divisions = RtreeDivisionIndex(partition)
    assert tuple(other.divisions) == index.divisions
    x, y = random_points(100)
    for lon, lat in zip((x / 1e7).tolist(), (y / 1e7).tolist(), strict=True):
        ours, theirs = index.locate(lon=lon, lat=lat), other.locate(lon=lon, lat=lat)
        assert ours.division == theirs.division
        assert ours.border_m == pytest.approx(theirs.border_m, rel=0.006, abs=0.02)


def test_border_distance_is_geodesic_to_a_thousandth(
    index: DivisionIndex, polygons: dict[int, shapely.Geometry]
) -> None:
    """The planar distance stays within 0.1 % of the geodesic to the nearest point."""
    borders = shapely.union_all([shapely.boundary(p) for p in polygons.values()])
    x, y = random_points(50)
    near = 0
    for lon, lat in zip((x / 1e7).tolist(), (y / 1e7).tolist(), strict=True):
        # On this projection every distance from its middle is the geodesic.
        about = Proj(proj="aeqd", lon_0=lon, lat_0=lat, ellps="WGS84")
        flat = shapely.transform(borders, lambda ll, to=about: np.column_stack(to(*ll.T)))
        metres = shapely.distance(flat, shapely.Point(0, 0))
        if metres < 10_000:
            near += 1
            border_m = index.locate(lon=lon, lat=lat).border_m
            assert border_m == pytest.approx(metres, rel=1e-3, abs=0.02)
    assert near > 20


def test_enclave_cities_stay_outside(index: DivisionIndex) -> None:
    """Beverly Hills, Culver City, San Fernando and Santa Monica are in no division."""
    for lon, lat in [
        (-118.4004, 34.0736),
        (-118.3965, 34.0211),
        (-118.4390, 34.2819),
        (-118.4912, 34.0195),
    ]:
        assert index.locate(lon=lon, lat=lat).division is None


def test_a_point_on_a_border_goes_east_and_then_north() -> None:
    """On a meridian the eastern division wins, on a parallel the northern, at a corner both."""
    squares = {1: (0, 0), 2: (1, 0), 3: (0, 1), 4: (1, 1)}  # column, row
    side = 10_000
    index = DivisionIndex(
        Partition(
            tuple(
                PartitionDivision(
                    number,
                    f"Square {number}",
                    "",
                    (np.array([(c, r), (c + 1, r), (c + 1, r + 1), (c, r + 1)], np.int32) * side,),
                )
                for number, (c, r) in squares.items()
            ),
            "digest",
        )
    )

    def number_at(x: float, y: float) -> int:
        division = index.locate(lon=x * side / 1e7, lat=y * side / 1e7).division
        return division.number if division else 0

    assert number_at(1, 0.5) == 2
    assert number_at(0.5, 1) == 3
    assert number_at(1, 1) == 4
    assert number_at(0, 0.5) == 1
    assert number_at(2, 0.5) == 0
    assert number_at(0.5, 2) == 0
    assert number_at(2, 2) == 0


@pytest.mark.parametrize(
    ("lon", "lat", "message"),
    [
        (math.nan, 34.0, "must be finite"),
        (-118.2, math.inf, "must be finite"),
        (0.0, 0.0, r"\(0, 0\) are a missing location"),
        (34.05, -118.24, r"latitude -118.24 is outside \[-90, 90\].*did you swap them"),
        (-218.2, 34.0, r"longitude -218.2 is outside \[-180, 180\]"),
        (6_450_000.0, 1_845_000.0, "projected coordinate system"),
    ],
)
def test_broken_coordinates_are_refused(
    index: DivisionIndex, lon: float, lat: float, message: str
) -> None:
    """NaN, infinity, (0, 0), swapped and out-of-range pairs raise, alone and in an array."""
    with pytest.raises(CoordinateError, match=message):
        index.locate(lon=lon, lat=lat)
    with pytest.raises(CoordinateError, match=f"row 1: .*{message}") as caught:
        index.locate_many([-118.2, lon], [34.0, lat])
    assert caught.value.rows == (1,)


def test_a_swapped_pair_inside_the_ranges_is_refused_too() -> None:
    """Where both orders are degrees on earth, the pair that is inside the other way is refused."""
    ring = np.array([(300_000_000, 500_000_000), (301_000_000, 500_000_000),
                     (301_000_000, 501_000_000)], np.int32)  # fmt: skip
    index = DivisionIndex(Partition((PartitionDivision(1, "One", "", (ring,)),), "digest"))
    inside = index.locate(lon=30.08, lat=50.02)
    assert inside.division is not None
    with pytest.raises(CoordinateError, match="did you swap them"):
        index.locate(lon=50.02, lat=30.08)
    with pytest.raises(CoordinateError, match="first in row 1") as caught:
        index.locate_many([30.08, 50.02], [50.02, 30.08])
    assert caught.value.rows == (1,)


def test_arrays_of_other_shapes_are_refused(index: DivisionIndex) -> None:
    """Columns of different length say so instead of broadcasting."""
    with pytest.raises(CoordinateError, match=r"shapes \(2,\) and \(1,\)"):
        index.locate_many([-118.2, -118.3], [34.0])


def test_empty_arrays_give_empty_answers(index: DivisionIndex) -> None:
    """No points, no answers, no error."""
    assert len(index.locate_many([], []).number) == 0


def test_an_edge_claimed_twice_is_no_partition() -> None:
    """Two divisions on the same side of an edge are refused with its place."""
    ring = np.array([(0, 0), (100, 0), (0, 100)], np.int32)
    twice = tuple(PartitionDivision(number, "Twice", "", (ring,)) for number in (1, 2))
    with pytest.raises(BoundaryError, match="same side of an edge"):
        DivisionIndex(Partition(twice, "digest"))
    with pytest.raises(BoundaryError, match="claimed twice from the same side"):
        DivisionIndex(Partition(twice, "digest"), verified=True)


def test_crossing_divisions_are_no_partition() -> None:
    """Two squares that overlap are refused; they would otherwise name a third division."""
    square = np.array([(0, 0), (1000, 0), (1000, 1000), (0, 1000)], np.int32)
    parts = tuple(
        PartitionDivision(number, "Square", "", ((square + shift).astype(np.int32),))
        for number, shift in ((1, 0), (2, 500), (3, 9000))
    )
    with pytest.raises(BoundaryError, match="two edges cross"):
        DivisionIndex(Partition(parts, "digest"))


@pytest.mark.parametrize("tolerance_m", [-1.0, math.nan, math.inf, "60", None, True])
def test_a_broken_tolerance_is_refused(partition: Partition, tolerance_m: Any) -> None:
    """NaN would flag nothing."""
    with pytest.raises(InputError, match="tolerance_m"):
        DivisionIndex(partition, tolerance_m=tolerance_m)


def test_single_precision_and_masked_columns(index: DivisionIndex) -> None:
    """A float32 is widened before it is scaled, a masked value is missing, text is refused."""
    lon: Any = np.float32(-118.309)
    lat: Any = np.float32(34.0606)
    assert index.locate(lon=lon, lat=lat) == index.locate(lon=float(lon), lat=float(lat))
    masked = np.ma.array([-118.3, -118.2], mask=[False, True])
    with pytest.raises(CoordinateError, match="row 1: coordinates must be finite"):
        index.locate_many(masked, [34.0, 34.0])
    with pytest.raises(CoordinateError, match="lons must be numbers"):
        index.locate_many(["west"], [34.0])


@pytest.mark.parametrize(
    "lons",
    [
        np.array([-118.309 + 34.0606j]),
        np.array([True]),
        np.array([-118], "M8[s]"),
        np.array([-118], "m8[s]"),
        np.array([(-118.309,)], [("lon", "f8")]),
    ],
    ids=["complex", "truth", "moment", "span", "record"],
)
def test_columns_of_other_kinds_are_refused(index: DivisionIndex, lons: NDArray[Any]) -> None:
    """A cast would make degrees of anything."""
    with pytest.raises(CoordinateError, match="lons must be numbers: they are of type"):
        index.locate_many(lons, [34.0606])
    with pytest.raises(CoordinateError, match="lats must be numbers: they are of type"):
        index.locate_many([-118.309], lons)


def test_answers_stay_those_of_their_points(index: DivisionIndex) -> None:
    """Whoever fills the same two columns with the next points keeps the distances of the first."""
    lons, lats = np.array([-118.309, -118.25]), np.array([34.0606, 34.05])
    found, again = index.locate_many(lons, lats), index.locate_many(lons.tolist(), lats.tolist())
    lons[:], lats[:] = -118.0, 33.5
    assert found.border_m.tolist() == again.border_m.tolist()
    assert found.near_border.tolist() == again.near_border.tolist()


def test_no_division_and_too_wide_divisions_are_refused() -> None:
    """An empty partition and one beyond the exact range say so."""
    with pytest.raises(BoundaryError, match="at least one division"):
        DivisionIndex(Partition((), "digest"))
    wide = np.array([(0, 0), (600_000_000, 0), (0, 100)], np.int32)
    with pytest.raises(BoundaryError, match=r"span 60\.0 degrees"):
        DivisionIndex(Partition((PartitionDivision(1, "Wide", "", (wide,)),), "digest"))


def test_threads_share_one_index(index: DivisionIndex) -> None:
    """Eight threads over one index give the answers of one."""
    x, y = random_points(20_000)
    alone = index.locate_many(x / 1e7, y / 1e7)
    with ThreadPoolExecutor(8) as pool:
        parts = list(
            pool.map(
                lambda rows: index.locate_many(x[rows] / 1e7, y[rows] / 1e7).number,
                np.array_split(np.arange(len(x)), 16),
            )
        )
    np.testing.assert_array_equal(np.concatenate(parts), alone.number)


def test_an_index_is_made_of_what_was_read(tmp_path: Path) -> None:
    """A path is no partition, and what is no path names no file."""
    wrong: Any = tmp_path / "divisions.geojson"
    with pytest.raises(InputError, match=r"partition must be one .* DivisionIndex\.load\(path\)"):
        DivisionIndex(wrong)
    for wrong in (None, 7, "a\0b"):
        with pytest.raises(BoundaryError, match=r"cannot be read: .*; give a path"):
            DivisionIndex.load(wrong)
