"""Each kernel of point location against its naive twin: rings of any shape, ties on every side."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.oracles import partition as twin
from tests.oracles.partition import Cells, Edge
from unarmed_router.geography.border_edges import box_tree
from unarmed_router.kernels import border, locate, places
from unarmed_router.kernels.packed import Packed

SIDE = 12
# Near the line on which longitude and latitude are equal, so that a swapped pair may be inside.
WEST, SOUTH = 300_000_000, 300_000_005

corners = st.tuples(st.integers(0, SIDE), st.integers(0, SIDE))
rings = st.lists(corners, min_size=3, max_size=6)
# A label is what the rings around it toggle: it stays one where rings cross, touch or coincide.
outlines = st.lists(st.tuples(rings, st.integers(1, 7)), min_size=1, max_size=4)


class Index(NamedTuple):
    """A partition as the kernels take it, and as the twins do."""

    edges: list[Edge]
    cells: Cells
    grid: NDArray[np.int64]
    table: NDArray[np.int64]

    def listed(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Run the two kernels that list the edges of cells."""
        counts = np.zeros(self.cells.columns * self.cells.rows, np.int32)
        locate.count_cell_edges(self.table, self.grid, counts)
        first = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        members = np.full(first[-1], -1, np.int32)
        locate.fill_cell_edges(self.table, self.grid, first[:-1].copy(), members)
        return first, members

    def labels(self) -> NDArray[np.int32]:
        """Run the kernel that labels centres."""
        labels = np.zeros(self.cells.columns * self.cells.rows, np.int32)
        locate.centre_labels(self.table, self.grid, labels)
        return labels

    def tree(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Stack the boxes of the edges."""
        ends = np.ascontiguousarray(self.table[:, :4], np.float64)
        return ends, *box_tree(ends)

    def packed(self) -> Packed:
        """Pack all of it."""
        parts = (self.grid, self.table, *self.listed(), self.labels(), *self.tree())
        return Packed(places.DIVISIONS_TYPES, *parts)

    def points(self) -> list[tuple[int, int]]:
        """List every place where a vertex may be, and a margin that reaches beyond the grid."""
        reach = range(-2 * self.cells.side, SIDE + 2 * self.cells.side + 1)
        return [(WEST + x, SOUTH + y) for x in reach for y in reach]


@st.composite
def indexes(draw: st.DrawFn) -> Index:
    """Draw rings, and a grid of cells of an odd side with a margin of one cell."""
    edges: list[Edge] = []
    for ring, toggle in draw(outlines):
        for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
            (ay, ax), (by, bx) = sorted([one[::-1], other[::-1]])
            if one != other:
                edges.append((WEST + ax, SOUTH + ay, WEST + bx, SOUTH + by, toggle))
    assume(edges)
    side = draw(st.sampled_from([1, 3, 5, 13]))
    count = SIDE // side + 3
    cells = Cells(WEST - side, SOUTH - side, side, count, count)
    table = np.array(edges, np.int64)
    table[:, :4] = 2 * (table[:, :4] - [cells.west, cells.south, cells.west, cells.south])
    grid = np.array([cells.west, cells.south, 2 * side, count, count, 1], np.int64)
    return Index(edges, cells, grid, table)


@settings(max_examples=50, deadline=None)
@given(indexes())
def test_cells_list_the_edges_that_meet_them(index: Index) -> None:
    """`count_cell_edges` and `fill_cell_edges`: sides and corners of cells count as inside."""
    first, members = index.listed()
    expected = twin.fill_cell_edges(index.edges, index.cells)
    found = [members[a:b].tolist() for a, b in pairwise(first)]
    assert found == expected


@settings(max_examples=50, deadline=None)
@given(indexes())
def test_centres_have_their_labels(index: Index) -> None:
    """`centre_labels`: every cell of the grid, the margin included."""
    assert index.labels().tolist() == twin.centre_labels(index.edges, index.cells)


@settings(max_examples=40, deadline=None)
@given(indexes())
def test_every_point_has_its_label(index: Index) -> None:
    """`label_of`, `label_at`, `label_in_cell`: vertices, edges, inside, outside, off the grid."""
    parts = (index.grid, index.table, *index.listed(), index.labels())
    packed = index.packed()
    for x, y in index.points():
        expected = twin.label_of(index.edges, x, y)
        cell = twin.cell_at(index.cells, x, y)
        assert locate.cell_at(x, y, index.grid) == cell
        if cell >= 0:
            assert locate.label_in_cell(x, y, cell, *parts) == expected
        assert locate.label_of(x, y, *parts) == expected, (x - WEST, y - SOUTH)
        assert places.label_at(x, y, packed.table) == expected, (x - WEST, y - SOUTH)


@given(
    st.integers(1, 2**28).map(lambda half: 2 * half),
    st.integers(0, 2**29 - 1),
    st.integers(-2, 2),
    st.integers(0, 2**29 - 1),
)
def test_a_cell_is_found_on_its_sides_whatever_its_size(
    size: int, cell: int, beside: int, row: int
) -> None:
    """`cell_at` divides in floating point: as exact as whole numbers, up to the widest grid."""
    count = 2**30 // size
    column, up = cell % count, row % count
    grid = np.array([WEST, SOUTH, size, count, count], np.int64)
    # Points are whole grid units, of which two are a doubled one.
    x, y = WEST + column * size // 2 + beside, SOUTH + up * size // 2 + beside
    px, py = 2 * (x - WEST), 2 * (y - SOUTH)
    inside = 0 <= px < size * count and 0 <= py < size * count
    expected = py // size * count + px // size if inside else -1
    assert locate.cell_at(x, y, grid) == expected


@settings(max_examples=40, deadline=None)
@given(indexes(), st.sampled_from([0.0, 0.25, 0.5, 0.75]))
def test_degrees_are_rounded_labelled_and_found_swapped(index: Index, shift: float) -> None:
    """`labels_of_degrees`, `is_swapped`: halves of a grid unit, and pairs that are inside swapped.

    Where a swapped pair cannot be told from a place nearby, there is none.
    """
    units = np.array(index.points(), np.float64)
    lons, lats = (units[:, 0] + shift) / 1e7, (units[:, 1] - shift) / 1e7
    labels, packed = np.full(len(lons), -7, np.int32), index.packed()
    steps, none = np.full((len(lons), 2), -7, np.int32), np.empty((0, 2), np.int32)
    swapped = places.labels_of_degrees(lons, lats, packed.table, labels, steps)
    expected = twin.labels_of_degrees(index.edges, lons.tolist(), lats.tolist())
    assert labels.tolist() == expected
    assert swapped == expected.count(-1)
    rounded = [[round(each * 1e7) for each in pair] for pair in zip(lons, lats, strict=True)]
    assert steps.tolist() == rounded
    mirrored = [twin.label_of(index.edges, y, x) != 0 for x, y in index.points()]
    assert [places.is_swapped(x, y, packed.table) for x, y in index.points()] == mirrored
    index.grid[5] = 0  # the packed table has its address
    assert places.labels_of_degrees(lons, lats, packed.table, labels, none) == 0
    assert labels.tolist() == [max(label, 0) for label in expected]
    assert not any(places.is_swapped(x, y, packed.table) for x, y in index.points())


@settings(max_examples=40, deadline=None)
@given(
    indexes(),
    st.sampled_from([1, 90, 1000]),
    st.lists(st.tuples(st.integers(-40, 60), st.integers(-40, 60)), min_size=1, max_size=8),
    st.sampled_from([0.0, 0.02, 0.05, 3.0, 40.0, float("inf")]),
)
def test_borders_are_as_far_as_the_nearest_edge(
    index: Index, stretch: int, where: list[tuple[int, int]], limit_m: float
) -> None:
    """`border_distance`, `border_distance_many` and `border_at`, to the centimetre they promise."""
    far = _stretched(index, stretch)
    tree = far.tree()
    points = [(WEST + x * stretch, SOUTH + y * stretch) for x, y in where]
    xs, ys = (np.array(column, np.int64) for column in zip(*points, strict=True))
    nothing_far = np.zeros(far.cells.columns * far.cells.rows, np.bool_)
    many = np.full(len(points), -1.0)
    border.border_distance_many(xs, ys, limit_m, nothing_far, far.grid, *tree, many)
    packed = far.packed()
    for (x, y), found in zip(points, many.tolist(), strict=True):
        expected = twin.border_distance(far.edges, x, y, limit_m)
        assert abs(found - expected) <= 0.005 + 1e-6 * expected if expected < np.inf else True
        assert border.border_distance(x, y, limit_m, far.grid, *tree) == found
        exact = twin.border_distance(far.edges, x, y, np.inf)
        assert abs(places.border_at(x, y, packed.table) - exact) <= 0.005 + 1e-6 * exact


@settings(max_examples=40, deadline=None)
@given(indexes(), st.randoms(use_true_random=False))
def test_cells_marked_far_are_not_searched(index: Index, draw: object) -> None:
    """`border_distance_many` answers the limit in them, whatever is near; nowhere else."""
    choose = draw.random  # type: ignore[attr-defined]
    count = index.cells.columns * index.cells.rows
    far = np.array([choose() < 0.5 for _ in range(count)], np.bool_)
    points = index.points()
    xs, ys = (np.array(column, np.int64) for column in zip(*points, strict=True))
    found = np.full(len(points), -1.0)
    border.border_distance_many(xs, ys, 0.03, far, index.grid, *index.tree(), found)
    for (x, y), distance in zip(points, found.tolist(), strict=True):
        column = (x - index.cells.west) // index.cells.side
        row = (y - index.cells.south) // index.cells.side
        inside = 0 <= column < index.cells.columns and 0 <= row < index.cells.rows
        if inside and far[row * index.cells.columns + column]:
            assert distance == 0.03
        else:
            expected = twin.border_distance(index.edges, x, y, 0.03)
            assert abs(distance - expected) <= 0.005 + 1e-9


def _stretched(index: Index, factor: int) -> Index:
    """Move every vertex away from the corner, so that distances come to metres."""
    origin = np.array([WEST, SOUTH, WEST, SOUTH])
    edges = [
        (*((np.array(edge[:4]) - origin) * factor + origin).tolist(), edge[4])
        for edge in index.edges
    ]
    side = SIDE * factor + (1 - SIDE * factor % 2)
    cells = Cells(WEST - side, SOUTH - side, side, 4, 4)
    table = np.array(edges, np.int64)
    table[:, :4] = 2 * (table[:, :4] - [cells.west, cells.south, cells.west, cells.south])
    return Index(edges, cells, np.array([*cells[:2], 2 * side, 4, 4], np.int64), table)
