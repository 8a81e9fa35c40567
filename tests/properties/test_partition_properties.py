"""Random cities: whatever neighbours disagree about, the built partition is exact."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from unarmed_router.geography.partition import SCALE, PartitionDivision, ring_doubled_area
from unarmed_router.geography.partition_build import build_partition
from unarmed_router.geography.partition_check import verify_partition
from unarmed_router.geography.readers import SourceDivision, SourceDivisions

Box = tuple[float, float, float, float]
STEP_M = 0.0111  # one grid step north-south


@dataclass(frozen=True)
class City:
    """A square city cut into rectangles, turned and sheared, so most T-junctions are off-line."""

    source: SourceDivisions
    outline: Any


def _cut(box: Box, draw: Any, depth: int) -> list[Box]:
    """Cut a box in two, and each half again: neighbours' corners lie on each other's sides."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return [box]
    west, south, east, north = box
    share = draw(st.floats(0.2, 0.8))
    if draw(st.booleans()):
        middle = west + share * (east - west)
        halves = (west, south, middle, north), (middle, south, east, north)
    else:
        middle = south + share * (north - south)
        halves = (west, south, east, middle), (west, middle, east, north)
    return [part for half in halves for part in _cut(half, draw, depth - 1)]


@st.composite
def cities(draw: Any, jitter_steps: float = 0.0) -> City:
    """Draw a city of up to 16 divisions, 2 to 20 km across."""
    boxes = _cut((0.0, 0.0, 1.0, 1.0), draw, 4)
    turn, shear = draw(st.floats(0, math.pi)), draw(st.floats(-0.5, 0.5))
    size = draw(st.floats(0.02, 0.2))
    centre = np.array([draw(st.floats(-170, 170)), draw(st.floats(-60, 60))])
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1.0, shear], [0.0, 1.0]]) * size
    noise = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def place(shape: Any, steps: float) -> Any:
        def move(xy: Any) -> Any:
            shake = noise.uniform(-steps, steps, (len(xy) - 1, 2)) / SCALE
            return xy @ matrix.T + centre + np.vstack([shake, shake[:1]])

        return shapely.transform(shape, move)

    divisions = tuple(
        SourceDivision(number, f"D{number}", "", place(shapely.box(*box), jitter_steps))
        for number, box in enumerate(boxes, start=1)
    )
    return City(SourceDivisions("random", divisions), place(shapely.box(0, 0, 1, 1), 0.0))


def _doubled_area(divisions: tuple[PartitionDivision, ...]) -> int:
    return sum(ring_doubled_area(ring) for each in divisions for ring in each.rings)


def _outline_doubled_area(divisions: tuple[PartitionDivision, ...]) -> float:
    """Twice the area inside the outer edges, by a union that knows nothing of the builder."""
    shapes = [
        shapely.Polygon(each.rings[0].astype(float), [r.astype(float) for r in each.rings[1:]])
        for each in divisions
    ]
    return 2 * float(shapely.area(shapely.union_all(shapes)))


@settings(max_examples=60, deadline=None)
@given(city=cities())
def test_cut_city_becomes_an_exact_partition(city: City) -> None:
    """Rectangles that share borders up to rounding become a partition of the same area."""
    built, report = build_partition(city.source)
    verify_partition(built)
    assert len(built) == len(city.source.divisions)
    assert all(len(each.rings) == 1 for each in built)
    assert _doubled_area(built) == round(_outline_doubled_area(built))
    whole = shapely.area(city.outline) * SCALE**2
    assert abs(_doubled_area(built) / 2 - whole) <= shapely.length(city.outline) * SCALE
    assert report.max_move_m < 2 * STEP_M


@settings(max_examples=40, deadline=None)
@given(city=cities(jitter_steps=40.0))
def test_disagreeing_neighbours_become_an_exact_partition(city: City) -> None:
    """Corners drawn half a metre apart leave overlaps and gaps; none is left afterwards."""
    built, _ = build_partition(city.source, repair=True)
    verify_partition(built)
    assert _doubled_area(built) == round(_outline_doubled_area(built))
    for before, after in zip(city.source.divisions, built, strict=True):
        area = before.geometry.area * SCALE**2
        # A corner moves by at most 40 steps each way, so a border sweeps less than its length
        # times the diagonal of that square; other borders' slivers may add as much again.
        swept = 2 * 40 * 2**0.5 * before.geometry.length * SCALE
        assert abs(sum(map(ring_doubled_area, after.rings)) / 2 - area) < 2 * swept


@settings(max_examples=20, deadline=None)
@given(city=cities(jitter_steps=40.0), seed=st.integers(0, 2**32 - 1))
def test_every_claimed_point_is_in_one_division(city: City, seed: int) -> None:
    """A point some source division covers is in exactly one built one; no point is in two."""
    built, _ = build_partition(city.source, repair=True)
    shapes = [shapely.Polygon(each.rings[0] / SCALE) for each in built]
    west, south, east, north = city.outline.bounds
    rng = np.random.default_rng(seed)
    points = shapely.points(rng.uniform(west, east, 400), rng.uniform(south, north, 400))
    counts = np.sum([shapely.within(points, shape) for shape in shapes], axis=0)
    # Less the three steps rounding may move a border.
    sources = [each.geometry.buffer(-3 / SCALE) for each in city.source.divisions]
    claimed = np.any([shapely.within(points, shape) for shape in sources], axis=0)
    assert np.all(counts <= 1)
    assert np.all(counts[claimed] == 1)


@settings(max_examples=20, deadline=None)
@given(city=cities(jitter_steps=40.0), data=st.data())
def test_order_of_the_source_does_not_matter(city: City, data: st.DataObject) -> None:
    """The same divisions in another order make the same partition."""
    shuffled = data.draw(st.permutations(city.source.divisions))
    one, _ = build_partition(city.source, repair=True)
    other, _ = build_partition(SourceDivisions("shuffled", tuple(shuffled)), repair=True)
    for each, again in zip(one, other, strict=True):
        assert all(map(np.array_equal, each.rings, again.rings))
