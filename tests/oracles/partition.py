"""Naive twins of the point-location kernels: every edge, every cell, exact fractions.

A partition is a list of edges (ax, ay, bx, by, toggle) in grid units, the toggle being the
exclusive or of the labels on its two sides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from tests.oracles.boxes import meets
from tests.oracles.snapping import metres_per_degree

Edge = tuple[int, int, int, int, int]
Number = int | Fraction

_LEAST = Fraction(1, 10**12)


class Cells(NamedTuple):
    """A grid: its south-west corner and the side of a cell in grid units, columns, rows."""

    west: int
    south: int
    side: int
    columns: int
    rows: int

    def corners(self, cell: int) -> tuple[int, int, int, int]:
        """Return west, south, east, north of a cell."""
        row, column = divmod(cell, self.columns)
        west, south = self.west + column * self.side, self.south + row * self.side
        return west, south, west + self.side, south + self.side


def label_of(edges: Sequence[Edge], x: Number, y: Number) -> int:
    """Walk from far in the west to a point, and toggle at each border on the way.

    The point counts as moved east by nothing and north by far less. `label_at` reads the same from
    a packed index, and `label_in_cell` where the cell of the point is known.
    """
    label = 0
    for ax, ay, bx, by, toggle in edges:
        if (ay <= y) != (by <= y) and ax + Fraction((bx - ax) * (y - ay)) / (by - ay) <= x:
            label ^= toggle
    return label


def cell_at(cells: Cells, x: int, y: int) -> int:
    """Count whole sides; west and south sides belong to a cell, east and north sides do not."""
    column, row = (x - cells.west) // cells.side, (y - cells.south) // cells.side
    inside = 0 <= column < cells.columns and 0 <= row < cells.rows
    return row * cells.columns + column if inside else -1


def labels_of_degrees(
    edges: Sequence[Edge], lons: Sequence[float], lats: Sequence[float]
) -> list[int]:
    """Label each point; -1 where it is outside, and not outside the other way round.

    `is_swapped` says the latter of one point.
    """
    labels = []
    for lon, lat in zip(lons, lats, strict=True):
        x, y = round(lon * 1e7), round(lat * 1e7)
        outside = label_of(edges, x, y) == 0
        swapped = outside and label_of(edges, y, x) != 0
        labels.append(-1 if swapped else label_of(edges, x, y))
    return labels


def centre_labels(edges: Sequence[Edge], cells: Cells) -> list[int]:
    """Label the centre of every cell, moved north by less than any edge can notice.

    A path that the kernels take ends there from both sides, so all that counts is that they agree
    which side of an edge through the centre is meant; north tells for every edge but a vertical
    one, on which no centre lies.
    """
    labels = []
    for cell in range(cells.columns * cells.rows):
        west, south, east, north = cells.corners(cell)
        labels.append(
            label_of(edges, Fraction(west + east, 2), Fraction(south + north, 2) + _LEAST)
        )
    return labels


def fill_cell_edges(edges: Sequence[Edge], cells: Cells) -> list[list[int]]:
    """List the edges that have a point in common with each cell, its sides included.

    `count_cell_edges` counts the same.
    """
    every = range(cells.columns * cells.rows)
    return [
        [e for e, edge in enumerate(edges) if meets(edge[:4], cells.corners(cell))]
        for cell in every
    ]


def border_distance(edges: Sequence[Edge], x: int, y: int, limit_m: float) -> float:
    """Measure every edge in the plane of the point's latitude, metres; at most the limit.

    `border_distance_many` has the same answers, and `border_at` those without a limit.
    """
    east, north = (metres / 1e7 for metres in metres_per_degree(y / 1e7))
    found = [limit_m]
    for ax, ay, bx, by, _ in edges:
        px, py, qx, qy = (ax - x) * east, (ay - y) * north, (bx - x) * east, (by - y) * north
        dx, dy = qx - px, qy - py
        t = min(1.0, max(0.0, -(px * dx + py * dy) / (dx * dx + dy * dy)))
        found.append(math.hypot(px + t * dx, py + t * dy))
    return min(found)
