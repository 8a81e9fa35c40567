"""Each kernel of snapping against its naive twin: pieces on a small lattice, where ties abound."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.oracles import snapping as twin
from tests.oracles.snapping import Foot, Grid, Piece
from unarmed_router.kernels import metres, places, segment_cells, snapping
from unarmed_router.kernels.packed import Packed

# A step is a power of two, so that equal distances are equal to the last bit.
STEP = 1 / 1024
WEST, SOUTH = -118.25, 34.0
SIDE = 6
NEAR = 1e-6
"""The two series for metres in a degree differ by less than this part."""
TINY_M = 1e-9
"""Of a point that lies on a piece, the foot is rounded."""

ends = st.tuples(st.integers(0, SIDE), st.integers(0, SIDE))
lattice = st.integers(-4, 2 * SIDE + 8).map(lambda half: half / 2)
limits = st.sampled_from([0.0, 40.0, 107.4, 300.0, math.inf])


class Roads(NamedTuple):
    """Pieces and a grid over them, as the kernels take them and as the twins do."""

    pieces: list[Piece]
    grid: Grid
    arrays: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]


@st.composite
def roads(draw: st.DrawFn) -> Roads:
    """Draw pieces, points among them, and cells from half a step to the whole extent."""
    drawn = draw(st.lists(st.tuples(ends, ends), min_size=1, max_size=8))
    pieces = [
        (WEST + ax * STEP, SOUTH + ay * STEP, WEST + bx * STEP, SOUTH + by * STEP)
        for (ax, ay), (bx, by) in drawn
    ]
    table = np.array(pieces)
    low = np.minimum(table[:, :2], table[:, 2:]).min(axis=0)
    extent = np.maximum(table[:, :2], table[:, 2:]).max(axis=0) - low
    size = np.array(draw(st.tuples(*[st.sampled_from([0.5, 1.0, 1.7, 9.0])] * 2))) * STEP
    counts = np.floor(extent / size) + 1
    (lon, lat), (width, height) = low.tolist(), size.tolist()
    grid = Grid(lon, lat, width, height, int(counts[0]), int(counts[1]))
    numbers = np.array(grid, np.float64)
    return Roads(pieces, grid, (table, numbers, *segment_cells.segments_by_cell(table, numbers)))


def check_nearest(found: tuple[int, float, float], feet: list[Foot], limit_m: float) -> None:
    """Compare what a kernel names with every piece measured, ties and limit included."""
    segment, along, distance = found
    best = min(foot.distance_m for foot in feet)
    if segment < 0:
        assert distance == limit_m
        assert best > limit_m * (1 - NEAR) - TINY_M
        return
    foot = feet[segment]
    assert foot.distance_m <= best * (1 + NEAR) + TINY_M
    assert math.isclose(distance, foot.distance_m, rel_tol=NEAR, abs_tol=TINY_M)
    assert distance <= limit_m
    assert math.isclose(along, foot.along, abs_tol=NEAR)
    # At an end of both the distances are the same number: the first of them is the one named.
    if along in {0.0, 1.0}:
        for other in feet[:segment]:
            assert other.along not in {0.0, 1.0} or other.distance_m != foot.distance_m


@settings(max_examples=100)
@given(st.floats(-90.0, 90.0))
def test_metres_per_degree_are_those_of_the_radii_of_curvature(lat: float) -> None:
    """Within 0.07 m from pole to pole, as the series' docstring says."""
    found, exact = metres.metres_per_degree(lat), twin.metres_per_degree(lat)
    assert all(abs(one - other) < 0.07 for one, other in zip(found, exact, strict=True))


@settings(max_examples=80, deadline=None)
@given(roads())
def test_cells_list_the_pieces_that_meet_them(given_roads: Roads) -> None:
    """`segments_by_cell`: each that meets a cell, none a ten-thousandth beside it, in order."""
    pieces, grid, (_, _, first, listed) = given_roads
    must = twin.segments_by_cell(pieces, grid, 0.0)
    may = twin.segments_by_cell(pieces, grid, 1e-4)
    assert first[0] == 0
    assert first[-1] == len(listed)
    found = [listed[a:b].tolist() for a, b in pairwise(first)]
    assert len(found) == len(must)
    for numbers, least, most in zip(found, must, may, strict=True):
        assert numbers == sorted(set(numbers))
        assert set(least) <= set(numbers) <= set(most)


@settings(max_examples=200, deadline=None)
@given(roads(), lattice, lattice, limits)
def test_the_nearest_piece_is_named(given_roads: Roads, x: float, y: float, limit_m: float) -> None:
    """`nearest_segment`: on the lattice and between its lines, inside the grid and far outside."""
    point = (WEST + x * STEP, SOUTH + y * STEP)
    found = snapping.nearest_segment(*point, limit_m, given_roads.arrays)
    check_nearest(found, twin.nearest_segment(point, given_roads.pieces), limit_m)


@settings(max_examples=100, deadline=None)
@given(roads(), st.lists(st.tuples(lattice, lattice), max_size=6), limits)
def test_many_points_are_snapped_as_each_alone(
    given_roads: Roads, where: list[tuple[float, float]], limit_m: float
) -> None:
    """`nearest_segments`: none, one or several."""
    points = [(WEST + x * STEP, SOUTH + y * STEP) for x, y in where]
    lons, lats = np.array(points).reshape(-1, 2).T.copy()
    columns = snapping.nearest_segments(lons, lats, limit_m, given_roads.arrays)
    assert [len(column) for column in columns] == [len(points)] * 3
    for point, found in zip(points, zip(*(c.tolist() for c in columns), strict=True), strict=True):
        check_nearest(found, twin.nearest_segment(point, given_roads.pieces), limit_m)


@settings(max_examples=200, deadline=None)
@given(
    roads(),
    lattice,
    lattice,
    limits,
    st.sampled_from([1.0, 5.5555, 13.9]),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=8, max_size=8),
)
def test_a_position_is_the_nearest_piece_of_its_arc(
    given_roads: Roads,
    x: float,
    y: float,
    limit_m: float,
    speed: float,
    parts: list[tuple[float, float]],
) -> None:
    """`snapped`: arc, part of the arc, distance and access leg, as the piece found has them."""
    pieces, _, arrays = given_roads
    count = len(pieces)
    before, after = (np.array(side[:count]) for side in zip(*map(sorted, parts), strict=True))
    arcs = np.arange(100, 100 + 3 * count, 3, dtype=np.int32)
    limits_of = np.array([limit_m, speed])
    packed = Packed(places.ROADS_TYPES, *arrays, before, after, arcs, limits_of)
    point = (WEST + x * STEP, SOUTH + y * STEP)
    arc, fraction, snap_m, access_ms = places.snapped(*point, packed.table)
    feet = twin.nearest_segment(point, pieces)
    if arc < 0:
        check_nearest((-1, 0.0, snap_m), feet, limit_m)
        assert access_ms == 0
        return
    segment = (arc - 100) // 3
    check_nearest((segment, feet[segment].along, snap_m), feet, limit_m)
    low, high = float(before[segment]), float(after[segment])
    assert math.isclose(fraction, low + (high - low) * feet[segment].along, abs_tol=NEAR)
    assert fraction in {low, high} or feet[segment].along not in {0.0, 1.0}
    assert abs(access_ms - 1000 * snap_m / speed) <= 0.5


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.floats(-89, 89)] * 2, *[st.floats(-0.01, 0.01)] * 2), max_size=6))
def test_lengths_are_those_of_the_middle_latitude(
    drawn: list[tuple[float, float, float, float]],
) -> None:
    """`segment_lengths`: anywhere but at the poles, where a degree of longitude is nothing."""
    pieces = [(2 * x, y, 2 * x + east, y + north) for x, y, east, north in drawn]
    lengths = segment_cells.segment_lengths(np.array(pieces).reshape(-1, 4))
    assert len(lengths) == len(pieces)
    for length, piece in zip(lengths.tolist(), pieces, strict=True):
        expected = twin.length_m(piece[:2], piece[2:])
        assert math.isclose(length, expected, rel_tol=1e-4, abs_tol=1e-3)


@pytest.mark.parametrize(
    ("piece", "grid"),
    [
        (
            (-118.49, 61.353756941791744, -118.01, 61.35375694179176),
            (-118.5, 60.959424080044144, 0.11678618762547603, 0.0563332659639444, 5.0, 9.0),
        ),
        (
            (-118.49, 0.45853287864043735, -118.01, 0.45853287864043707),
            (-118.5, 0.19037659503525842, 0.04439486460921402, 0.04469271393419645, 12.0, 12.0),
        ),
    ],
)
def test_a_piece_that_is_nearly_level_is_in_every_column(
    piece: tuple[float, ...], grid: tuple[float, ...]
) -> None:
    """It goes over from one row of cells to the next within a few units in the last place."""
    first, _ = segment_cells.segments_by_cell(np.array([piece]), np.array(grid))
    listed = np.diff(first).reshape(int(grid[5]), int(grid[4]))
    assert (listed.sum(axis=0) > 0).all()
