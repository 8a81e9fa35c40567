"""Point location against its naive twin, on random planar partitions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import numpy as np
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay, QhullError

from tests.oracles.locate import divisions_holding
from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.geography.partition import Partition, PartitionDivision, partition_digest

SIDE = 24
OFFSET = (-1_182_437_000, 340_522_000)

points = st.tuples(st.integers(0, SIDE), st.integers(0, SIDE))


@st.composite
def triangulations(draw: st.DrawFn) -> dict[int, list[list[tuple[int, int]]]]:
    """Triangulate random lattice points and give each triangle to a division or to nobody."""
    corners = draw(st.lists(points, min_size=3, max_size=12, unique=True))
    owners = draw(st.lists(st.integers(0, 4), min_size=1, max_size=24))
    try:
        triangles = Delaunay(np.array(corners)).simplices
    except QhullError:
        reject()
    divisions: dict[int, list[list[tuple[int, int]]]] = {}
    for owner, triangle in zip(cycle(owners), triangles, strict=False):
        ring = [corners[v] for v in triangle]
        if owner and _doubled_area(ring):
            counterclockwise = ring if _doubled_area(ring) > 0 else ring[::-1]
            divisions.setdefault(owner, []).append(counterclockwise)
    assume(divisions)
    return divisions


def _doubled_area(ring: list[tuple[int, int]]) -> int:
    (ax, ay), (bx, by), (cx, cy) = ring
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


def index_of(divisions: dict[int, list[list[tuple[int, int]]]], stretch: int) -> DivisionIndex:
    """Build the index at a real place, stretched so that points fall between lattice lines."""
    parts = tuple(
        PartitionDivision(
            number,
            f"Division {number}",
            "",
            tuple((np.array(ring) * stretch + OFFSET).astype(np.int32) for ring in rings),
        )
        for number, rings in sorted(divisions.items())
    )
    # Triangles of one division share edges, which a stamped file would have dissolved.
    return DivisionIndex(Partition(parts, partition_digest(parts)), verified=True)


def lattice(stretch: int) -> Iterator[tuple[int, int]]:
    """Yield every vertex position and the points around it, a margin included."""
    step = max(1, stretch // 2)
    for x in range(-step, SIDE * stretch + 2 * step, step):
        for y in range(-step, SIDE * stretch + 2 * step, step):
            yield x, y


@settings(max_examples=75, deadline=None)
@given(triangulations(), st.sampled_from([1, 2, 7]))
def test_every_point_has_the_one_division_of_the_naive_twin(
    divisions: dict[int, list[list[tuple[int, int]]]], stretch: int
) -> None:
    """Vertices, points on edges and all others: the index and the twin name the same division."""
    index = index_of(divisions, stretch)
    scaled = {
        number: [[(x * stretch, y * stretch) for x, y in ring] for ring in rings]
        for number, rings in divisions.items()
    }
    where = list(lattice(stretch))
    units = np.array(where) + OFFSET
    found = index.locate_many(units[:, 0] / 1e7, units[:, 1] / 1e7).number
    for (x, y), number in zip(where, found.tolist(), strict=True):
        holding = divisions_holding(scaled, x, y)
        assert len(holding) <= 1
        assert number == (holding[0] if holding else 0), (x, y)


@settings(max_examples=50, deadline=None)
@given(triangulations(), st.lists(points, min_size=1, max_size=10))
def test_one_point_and_many_points_give_the_same_answer(
    divisions: dict[int, list[list[tuple[int, int]]]], where: list[tuple[int, int]]
) -> None:
    """`locate` and `locate_many` agree in division, distance and flag."""
    index = index_of(divisions, 1000)
    units = np.array(where) * 1000 + OFFSET
    lons, lats = units[:, 0] / 1e7, units[:, 1] / 1e7
    many = index.locate_many(lons, lats)
    for row, (lon, lat) in enumerate(zip(lons.tolist(), lats.tolist(), strict=True)):
        one = index.locate(lon=lon, lat=lat)
        assert (one.division.number if one.division else 0) == many.number[row]
        assert one.border_m == many.border_m[row]
        assert one.near_border == many.near_border[row]


@settings(max_examples=50, deadline=None)
@given(triangulations(), st.lists(points, min_size=1, max_size=10))
def test_border_distance_is_that_of_the_nearest_edge(
    divisions: dict[int, list[list[tuple[int, int]]]], where: list[tuple[int, int]]
) -> None:
    """The tree of boxes finds the same distance as trying every edge."""
    index = index_of(divisions, 1000)
    sides: dict[frozenset[tuple[int, int]], list[int]] = {}
    for number, rings in divisions.items():
        for ring in rings:
            for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
                sides.setdefault(frozenset((a, b)), []).append(number)
    # An edge with the same division on both sides is no border.
    borders = [tuple(edge) for edge, owners in sides.items() if len(set(owners)) == len(owners)]
    assume(borders)
    for x, y in where:
        lon, lat = (x * 1000 + OFFSET[0]) / 1e7, (y * 1000 + OFFSET[1]) / 1e7
        east, north = 111_320 * np.cos(np.radians(lat)) * 1e-4, 110_920 * 1e-4
        expected = min(_distance((x, y), a, b, east, north) for a, b in borders)
        assert abs(index.locate(lon=lon, lat=lat).border_m - expected) <= 0.01 + 0.002 * expected


def _distance(
    p: tuple[int, int], a: tuple[int, int], b: tuple[int, int], east: float, north: float
) -> float:
    ax, ay = (a[0] - p[0]) * east, (a[1] - p[1]) * north
    dx, dy = (b[0] - a[0]) * east, (b[1] - a[1]) * north
    t = min(1.0, max(0.0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)))
    return float(np.hypot(ax + t * dx, ay + t * dy))
