"""Nearest road by measuring every piece of every road, in plain Python.

A piece is lon, lat of its start, lon, lat of its end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from tests.oracles.boxes import meets

Point = tuple[float, float]
Piece = tuple[float, float, float, float]


class Nearest(NamedTuple):
    """The distance to the nearest road, and each road at that distance with its fraction."""

    distance_m: float
    fractions: dict[int, float]


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Derive metres per degree of longitude and latitude from the radii of WGS 84."""
    a, e2 = 6378137.0, 0.0066943799901413165
    phi = math.radians(lat)
    w = math.sqrt(1.0 - e2 * math.sin(phi) ** 2)
    east = math.radians(a * math.cos(phi) / w)
    north = math.radians(a * (1.0 - e2) / w**3)
    return east, north


def nearest_road(point: Point, roads: dict[int, list[Point]], tie_m: float) -> Nearest:
    """Measure each polyline of `roads` (by number); roads within `tie_m` of the best all count."""
    scale = metres_per_degree(point[1])
    measured = {number: _foot(point, line, scale) for number, line in roads.items()}
    best = min(distance for distance, _ in measured.values())
    near = {number: f for number, (d, f) in measured.items() if d <= best + tie_m}
    return Nearest(best, near)


def _foot(point: Point, line: list[Point], scale: tuple[float, float]) -> tuple[float, float]:
    """Return the distance to a polyline and the part of its length before the nearest point."""
    flat = [((x - point[0]) * scale[0], (y - point[1]) * scale[1]) for x, y in line]
    lengths = [length_m(a, b) for a, b in pairwise(line)]
    total, walked, best = sum(lengths), 0.0, (math.inf, 0.0)
    for (ax, ay), (bx, by), length in zip(flat, flat[1:], lengths, strict=False):
        vx, vy = bx - ax, by - ay
        square = vx * vx + vy * vy
        t = min(1.0, max(0.0, -(ax * vx + ay * vy) / square)) if square else 0.0
        distance = math.hypot(ax + t * vx, ay + t * vy)
        if distance < best[0]:
            best = (distance, (walked + t * length) / total if total else 0.0)
        walked += length
    return best


def length_m(a: Point, b: Point) -> float:
    """Measure a short straight piece at its middle latitude; `segment_lengths` does many."""
    east, north = metres_per_degree((a[1] + b[1]) / 2)
    return math.hypot((b[0] - a[0]) * east, (b[1] - a[1]) * north)


class Foot(NamedTuple):
    """Where a piece is nearest to a point: how far from it, and the part of the piece before."""

    distance_m: float
    along: float


def nearest_segment(point: Point, pieces: Sequence[Piece]) -> list[Foot]:
    """Measure every piece; the kernel names the first of the nearest, where it is near enough.

    `nearest_segments` does so for many points, and `snapped` from packed roads.
    """
    scale = metres_per_degree(point[1])
    return [Foot(*_foot(point, [piece[:2], piece[2:]], scale)) for piece in pieces]


class Grid(NamedTuple):
    """South-west corner, width and height of a cell in degrees, columns, rows."""

    lon: float
    lat: float
    width: float
    height: float
    columns: int
    rows: int


def segments_by_cell(pieces: Sequence[Piece], grid: Grid, margin: float) -> list[list[int]]:
    """List the pieces that meet each cell when it is grown by a part of a cell on every side."""
    listed = []
    for cell in range(grid.columns * grid.rows):
        row, column = divmod(cell, grid.columns)
        box = (
            grid.lon + (column - margin) * grid.width,
            grid.lat + (row - margin) * grid.height,
            grid.lon + (column + 1 + margin) * grid.width,
            grid.lat + (row + 1 + margin) * grid.height,
        )
        exact = [Fraction(side) for side in box]
        listed.append(
            [n for n, piece in enumerate(pieces) if meets([Fraction(end) for end in piece], exact)]
        )
    return listed
