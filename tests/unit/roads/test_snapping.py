"""Snapping to the nearest edge: where, which road, which limit."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from shapely import STRtree
from shapely.geometry import LineString, Point

from tests.unit.roads.towns import STEP, square
from unarmed_router.errors import CoordinateError, InputError
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.segments import RoadSegments
from unarmed_router.roads.snapping import EdgeSnapper

# At the equator a degree of latitude is 110,574.28 m.
SOUTH_M = 110_574.28


def bent() -> RoadNetwork:
    """Draw a two-way road of three equal pieces: east, north, east."""
    line = [[0.103, 0.1], [0.103, 0.103]]
    return RoadNetwork.from_arcs(
        node_lon=[0.106, 0.1],
        node_lat=[0.103, 0.1],
        tail=[1, 0],
        head=[0, 1],
        free_flow_ms=[60_000, 60_000],
        length_m=[1000.0, 1000.0],
        road_class=["a", "a"],
        shapes=[line, line[::-1]],
    )


def test_a_point_lands_on_the_nearest_edge_not_node() -> None:
    """The middle of a side is far from both its nodes."""
    position = EdgeSnapper(square()).snap(lon=0.1 + STEP / 4, lat=0.1 - 0.001)
    assert position is not None
    assert (position.arc, position.twin) == (0, 1)
    assert position.fraction == pytest.approx(0.25, abs=1e-9)
    assert position.snap_m == pytest.approx(0.001 * SOUTH_M, rel=1e-6)


def test_no_piece_begins_before_its_road() -> None:
    """A first vertex that repeats the tail is no length, and rounding made it less than none."""
    lon = 0.1 + 0.001 * np.arange(6)
    tail, head = np.arange(5), np.arange(1, 6)
    lines = [[(x, 0.1), (x + 0.001 / 11, 0.1001), (x + 0.0007, 0.1001)] for x in lon[:5].tolist()]
    network = RoadNetwork.from_arcs(
        node_lon=lon,
        node_lat=[0.1] * 6,
        tail=np.append(tail, head),
        head=np.append(head, tail),
        free_flow_ms=[1000] * 10,
        length_m=[100.0] * 10,
        road_class=["a"] * 10,
        shapes=lines + [line[::-1] for line in lines],
    )
    pieces = RoadSegments.of(network, np.ones(network.arcs, bool))
    assert pieces.before.min() == 0.0
    assert pieces.after.max() == 1.0


def test_the_access_leg_takes_its_time_at_the_stated_speed() -> None:
    """110.6 m at 20 km/h take 19.9 s; twice the speed, half the time."""
    slow, fast = (
        EdgeSnapper(square(), access_kph=speed).snap(lon=0.105, lat=0.099) for speed in (20.0, 40.0)
    )
    assert slow is not None
    assert fast is not None
    assert (slow.access_ms, fast.access_ms) == (19_903, 9_952)


def test_the_lower_arc_of_a_two_way_road_stands_for_both() -> None:
    """Node 0 of the bent road is its eastern end, so the fraction counts from there."""
    position = EdgeSnapper(bent()).snap(lon=0.1, lat=0.1)
    assert position is not None
    assert (position.arc, position.twin, position.fraction) == (0, 1, 1.0)


def test_the_fraction_counts_by_length_along_the_bends() -> None:
    """Half way up the middle piece is half way along the road."""
    position = EdgeSnapper(bent()).snap(lon=0.1035, lat=0.1015)
    assert position is not None
    assert position.fraction == pytest.approx(0.5, abs=1e-6)


def test_a_one_way_road_keeps_its_direction() -> None:
    """The arc from node 3 south to node 0 has no twin."""
    position = EdgeSnapper(square()).snap(lon=0.1, lat=0.1 + STEP / 4)
    assert position is not None
    assert (position.arc, position.twin) == (5, -1)
    assert position.fraction == pytest.approx(0.75, abs=1e-9)


def test_roads_at_equal_distance_tie_by_number() -> None:
    """A point at a crossing lies on every road there; the first one wins."""
    position = EdgeSnapper(square()).snap(lon=0.1 + STEP, lat=0.1 + STEP)
    assert position is not None
    assert (position.arc, position.fraction, position.access_ms) == (2, 1.0, 0)


def test_the_limit_is_inclusive() -> None:
    """At the limit there is still a road; a micrometre less, and there is none."""
    place = {"lon": 0.105, "lat": 0.099}
    position = EdgeSnapper(square()).snap(**place)
    assert position is not None
    assert EdgeSnapper(square(), limit_m=position.snap_m + 1e-6).snap(**place) == position
    assert EdgeSnapper(square(), limit_m=position.snap_m - 1e-6).snap(**place) is None


@pytest.mark.parametrize(("lon", "lat"), [(-118.2, 34.0), (179.0, -89.0), (0.105, 0.2)])
def test_without_a_limit_every_place_has_a_nearest_road(lon: float, lat: float) -> None:
    """A far point is None under a limit, and lands somewhere without one."""
    assert EdgeSnapper(square()).snap(lon=lon, lat=lat) is None
    assert EdgeSnapper(square(), limit_m=math.inf).snap(lon=lon, lat=lat) is not None


def test_a_road_of_no_extent_is_met_at_its_tail() -> None:
    """Two nodes at one place give a fraction of 0, not of NaN."""
    network = RoadNetwork.from_arcs(
        node_lon=[0.1, 0.1],
        node_lat=[0.1, 0.1],
        tail=[0, 1],
        head=[1, 0],
        free_flow_ms=[1, 1],
        length_m=[1.0, 1.0],
        road_class=["a", "a"],
    )
    position = EdgeSnapper(network).snap(lon=0.1, lat=0.1001)
    assert position is not None
    assert position.fraction == 0.0


@pytest.mark.parametrize(
    ("lon", "lat", "words"),
    [
        (34.05, -118.24, "did you swap them"),
        (math.nan, 34.0, "finite"),
        (0.0, 0.0, "missing location"),
    ],
)
def test_a_broken_coordinate_is_refused(lon: float, lat: float, words: str) -> None:
    """One point or many, the reason is the same."""
    snapper = EdgeSnapper(square())
    with pytest.raises(CoordinateError, match=words):
        snapper.snap(lon=lon, lat=lat)
    with pytest.raises(CoordinateError, match=words) as caught:
        snapper.snap_many(lons=[0.1, lon, 0.1, lon], lats=[0.1, lat, 0.1, lat])
    assert caught.value.rows == (1, 3)
    assert str(caught.value).startswith("2 of 4 points are broken: row 1: ")


def test_arrays_of_different_length_are_refused() -> None:
    """A point is a pair."""
    with pytest.raises(InputError, match=r"shapes \(1,\) and \(2,\)"):
        EdgeSnapper(square()).snap_many(lons=[0.1], lats=[0.1, 0.2])


@pytest.mark.parametrize("limit_m", [0.0, -1.0, math.nan])
def test_a_limit_must_be_above_zero(limit_m: float) -> None:
    """A limit of nothing snaps nothing."""
    with pytest.raises(InputError, match="limit_m is"):
        EdgeSnapper(square(), limit_m=limit_m)


@pytest.mark.parametrize("access_kph", [0.0, -1.0, math.nan, math.inf])
def test_an_access_speed_must_be_a_speed(access_kph: float) -> None:
    """Zero would never arrive, infinity would hide the leg."""
    with pytest.raises(InputError, match="access_kph is"):
        EdgeSnapper(square(), access_kph=access_kph)


def test_no_way_to_the_road_takes_over_six_days() -> None:
    """A decision sums milliseconds in 32 bits: a team that weeks would have brought came first."""
    kph = 3600.0 / 2**20  # 2**9 m in 2**29 ms
    assert EdgeSnapper(square(), limit_m=2**9, access_kph=kph).access_kph == kph
    with pytest.raises(InputError, match=r"513 m of limit_m take 149 hours; 149 .*unit km/h"):
        EdgeSnapper(square(), limit_m=513, access_kph=kph)


def test_many_points_snap_as_each_alone() -> None:
    """The arrays hold what the scalar call returns, None included."""
    snapper = EdgeSnapper(square(), limit_m=300.0)
    draw = np.random.default_rng(5)
    lons, lats = draw.uniform(0.095, 0.115, (2, 500))
    points = snapper.snap_many(lons=lons, lats=lats)
    rows = [snapper.position(points, row) for row in range(500)]
    assert rows == [snapper.snap(lon=x, lat=y) for x, y in zip(lons, lats, strict=True)]
    assert 0 < sum(row is None for row in rows) < 500
    none = points.arc < 0
    assert np.isnan(points.fraction[none]).all()
    assert np.isinf(points.snap_m[none]).all()
    assert set(points.access_ms[none]) == {-1}


def test_no_points_snap_to_nothing() -> None:
    """Empty arrays are no error."""
    assert EdgeSnapper(square()).snap_many(lons=[], lats=[]).arc.shape == (0,)


def test_read_only_points_are_read() -> None:
    """An array that cannot be written to can be snapped."""
    lons, lats = np.array([0.1]), np.array([0.1])
    lons.flags.writeable = False
    assert EdgeSnapper(square()).snap_many(lons=lons, lats=lats).arc.tolist() == [0]


def test_threads_share_a_snapper() -> None:
    """No scratch is shared: every thread finds what one thread finds."""
    snapper = EdgeSnapper(square())
    lons, lats = np.random.default_rng(6).uniform(0.095, 0.115, (2, 20_000))
    alone = snapper.snap_many(lons=lons, lats=lats)
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(snapper.snap_many, lons=lons, lats=lats) for _ in range(8)]
    assert all(np.array_equal(job.result().snap_m, alone.snap_m) for job in jobs)


def test_a_city_snaps_as_a_spatial_tree_does(city: RoadNetwork) -> None:
    """Over the embedded network, GEOS finds the same distances in the same plane."""
    lat = 34.05
    phi = math.radians(lat)
    # The plane of one latitude: points are drawn in a strip around it so thin that it holds.
    east = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
    north = 111_132.92 - 559.82 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    lines = []
    for arc in range(city.arcs):
        run = slice(city.shape_first[arc], city.shape_first[arc + 1])
        tail, head = city.tail[arc], city.head[arc]
        lon = [city.node_lon[tail], *city.shape_lon[run], city.node_lon[head]]
        lats = [city.node_lat[tail], *city.shape_lat[run], city.node_lat[head]]
        lines.append(LineString(np.stack((np.array(lon) * east, np.array(lats) * north), axis=1)))
    tree = STRtree(lines)
    draw = np.random.default_rng(7)
    lons, lats_in = draw.uniform(-118.6, -118.2, 2000), draw.uniform(lat - 1e-5, lat + 1e-5, 2000)
    found = EdgeSnapper(city, limit_m=math.inf).snap_many(lons=lons, lats=lats_in)
    points = [Point(x * east, y * north) for x, y in zip(lons, lats_in, strict=True)]
    (_, _), distances = tree.query_nearest(points, return_distance=True, all_matches=False)
    assert found.snap_m == pytest.approx(distances, rel=1e-6, abs=1e-4)


def test_an_excluded_class_is_passed_over() -> None:
    """An address beside a freeway is reached by the street behind it."""
    network = RoadNetwork.from_arcs(
        node_lon=[0.0, 0.01, 0.0, 0.01],
        node_lat=[10.0, 10.0, 10.001, 10.001],
        tail=[0, 1, 2, 3, 0, 2],
        head=[1, 0, 3, 2, 2, 0],
        free_flow_ms=[1000] * 6,
        length_m=[1096.0] * 4 + [111.0] * 2,
        road_class=["freeway"] * 2 + ["street"] * 2 + ["lane"] * 2,
    )
    beside_the_freeway = {"lon": 0.005, "lat": 10.0001}
    nearest = EdgeSnapper(network).snap(**beside_the_freeway)
    street = EdgeSnapper(network, exclude=["freeway"]).snap(**beside_the_freeway)
    assert nearest is not None
    assert street is not None
    assert network.classes[network.road_class[nearest.arc]] == "freeway"
    assert network.classes[network.road_class[street.arc]] == "street"


@pytest.mark.parametrize(
    ("exclude", "words"),
    [(["motorway"], "road class motorway is not in the network"), (["road"], "leave one")],
)
def test_a_wrong_exclusion_is_refused(exclude: list[str], words: str) -> None:
    """A class that does not exist is a typing error, and some class must stay."""
    network = RoadNetwork.from_arcs(
        node_lon=[0.0, 0.01],
        node_lat=[10.0, 10.0],
        tail=[0, 1],
        head=[1, 0],
        free_flow_ms=[1000, 1000],
        length_m=[1096.0, 1096.0],
        road_class=["road", "road"],
    )
    with pytest.raises(InputError, match=words):
        EdgeSnapper(network, exclude=exclude)
