"""Divisions cut up by outlined areas: shares of the parts, and of an area as their sum."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.oracles.location_shares import Floats, counted_in_ellipse
from tests.unit.geography.squares import COUNTED, COUNTING, FOUR, FOUR_INDEX, LAT, LON, SIDE
from unarmed_router.geography.area_parts import AreaParts, PartShare
from unarmed_router.geography.partition import SCALE
from unarmed_router.geography.share_index import ShareIndex
from unarmed_router.model.provider import Outline
from unarmed_router.model.uncertainty import Area, Circle, Ellipse, Uncertainty


def outline(west: float, south: float, east: float, north: float) -> Outline:
    """Draw a box, in tenths of a degree from the middle, on the grid."""
    left, right = (round((LON * 10 + column) * SIDE) for column in (west, east))
    low, high = (round((LAT * 10 + row) * SIDE) for row in (south, north))
    return (((left, low), (right, low), (right, high), (left, high)),)


def with_hole(outer: Outline, inner: Outline) -> Outline:
    """Cut a box out of another."""
    return (outer[0], tuple(reversed(inner[0])))


def polygon(rings: Outline) -> Any:
    """Make a shapely polygon of an outline, in degrees."""
    rounds = [[(x / SCALE, y / SCALE) for x, y in ring] for ring in rings]
    return shapely.Polygon(rounds[0], rounds[1:])


def of(parts: tuple[PartShare, ...]) -> dict[tuple[int | None, tuple[str, ...]], float]:
    """Return the shares by division and areas."""
    return {(part.number, part.areas): part.share for part in parts}


def test_quarters_are_quarters() -> None:
    """A box to the north over the whole width: each of four divisions is cut, the middle is a tie.

    About the common corner the plane is symmetric, so every quarter above and below weighs the
    same, and a box that begins a standard deviation to the east holds what the normal law says.
    """
    east = AreaParts(FOUR, {"east": outline(0, -1, 1, 1)})
    found = east.shares(lon=LON, lat=LAT, uncertainty=Circle(500, 0.9))
    assert [(part.number, part.areas) for part in found] == [
        (1, ()), (2, ("east",)), (3, ()), (4, ("east",)),
    ]  # fmt: skip
    assert [part.share for part in found] == pytest.approx([0.25] * 4, abs=1e-6)


def test_a_strip_holds_what_the_normal_law_says() -> None:
    """A border one deviation to the north leaves 15.87 % beyond it, over two divisions."""
    radius = 2_000.0
    sigma = radius / math.sqrt(-2 * math.log(0.1))
    step = sigma / 110_925.0 * 10  # metres a degree of latitude at 34.05, to 0.01 %
    parts = AreaParts(FOUR, {"far": outline(-1, step, 1, 1)})
    found = parts.shares(lon=LON, lat=LAT, uncertainty=Circle(radius, 0.9))
    beyond = math.fsum(part.share for part in found if part.areas)
    assert beyond == pytest.approx(0.5 * math.erfc(1 / math.sqrt(2)), abs=2e-4)


def test_overlapping_areas_make_a_part_of_their_own() -> None:
    """Two boxes over one division: either alone, both, neither; and one beyond every division."""
    both = AreaParts(FOUR, {"b": outline(0.2, 0.2, 0.8, 0.8), "a": outline(0.4, 0.4, 1.2, 0.6)})
    whole = Area(tuple(tuple((x / SCALE, y / SCALE) for x, y in r) for r in outline(0, 0, 2, 1)), 1)
    shares = of(both.shares(lon=LON + 0.05, lat=LAT + 0.05, uncertainty=whole))
    # Of a box of 2 square units: 0.36 of b less 0.08 of both, and so on; 0.8 of it no division.
    assert shares == pytest.approx(
        {
            (4, ("a", "b")): 0.08 / 2,
            (4, ("b",)): 0.28 / 2,
            (4, ("a",)): 0.04 / 2,
            (4, ()): 0.6 / 2,
            (None, ("a",)): 0.04 / 2,
            (None, ()): 0.96 / 2,
        },
        abs=2e-4,
    )


def test_a_hole_is_in_no_area() -> None:
    """A call inside the hole, sure to a centimetre, is in the division and in no area."""
    ring = with_hole(outline(0.2, 0.2, 0.8, 0.8), outline(0.4, 0.4, 0.6, 0.6))
    parts = AreaParts(FOUR, {"ring": ring})
    sure = Circle(0.01, 0.9)
    inside = parts.shares(lon=LON + 0.05, lat=LAT + 0.05, uncertainty=sure)
    around = parts.shares(lon=LON + 0.03, lat=LAT + 0.05, uncertainty=sure)
    assert of(inside) == pytest.approx({(4, ()): 1.0})
    assert of(around) == pytest.approx({(4, ("ring",)): 1.0})


boxes = st.tuples(
    st.floats(-1.3, 1.0), st.floats(-1.3, 1.0), st.floats(0.05, 1.5), st.floats(0.05, 1.5)
).map(lambda b: outline(b[0], b[1], b[0] + b[2], b[1] + b[3]))
spots = st.tuples(st.floats(-0.12, 0.12), st.floats(-0.12, 0.12))
regions = st.one_of(
    st.builds(Circle, st.floats(20, 9_000), st.sampled_from((0.5, 0.9, 1.0))),
    st.builds(Ellipse, st.floats(20, 9_000), st.floats(20, 9_000), st.floats(0, 180), st.just(0.9)),
)


@given(boxes, boxes, spots, regions)
@settings(max_examples=40)
def test_parts_add_up_to_divisions_and_to_areas(
    one: Outline, other: Outline, spot: tuple[float, float], region: Uncertainty
) -> None:
    """Sums over parts are the shares of divisions, and of each area taken alone, to rounding."""
    where: dict[str, Any] = {"lon": LON + spot[0], "lat": LAT + spot[1], "uncertainty": region}
    found = AreaParts(FOUR, {"a": one, "b": other}).shares(**where)
    by_division: dict[int | None, float] = defaultdict(float)
    for part in found:
        by_division[part.number] += part.share
    divisions = ShareIndex.of_divisions(FOUR).shares(**where)
    for number in {*by_division, *(number for number, _ in divisions.shares)}:
        assert by_division[number] == pytest.approx(divisions.of(number), abs=1e-8)
    for name, rings in (("a", one), ("b", other)):
        alone = ShareIndex.of_areas({name: polygon(rings)}).shares(**where)
        inside = math.fsum(part.share for part in found if name in part.areas)
        assert inside == pytest.approx(alone.of(name), abs=1e-8)


@pytest.mark.slow
def test_parts_are_those_of_counted_points() -> None:
    """Points walked along geodesics are located one by one in divisions and boxes."""
    areas = {"a": outline(-0.3, -0.2, 0.25, 0.3), "b": outline(0.1, 0.1, 0.7, 0.4)}
    lon, lat = LON + 0.01, LAT + 0.005

    def located(lons: Floats, lats: Floats) -> NDArray[np.int32]:
        inside = [
            shapely.contains_xy(polygon(rings), lons, lats) for _, rings in sorted(areas.items())
        ]
        number = FOUR_INDEX.locate_many(lons, lats).number
        return np.asarray(number * 4 + inside[0] * 2 + inside[1], np.int32)

    counted = counted_in_ellipse(located, lon, lat, (6_000, 2_500), 35, 0.9, COUNTING)
    region = Ellipse(6_000, 2_500, 35, 0.9)
    found = AreaParts(FOUR, areas).shares(lon=lon, lat=lat, uncertainty=region)
    assert len(found) > 6
    for part in found:
        key = (part.number or 0) * 4 + ("a" in part.areas) * 2 + ("b" in part.areas)
        assert part.share == pytest.approx(counted.get(key or None, 0.0), abs=COUNTED)
    assert math.fsum(part.share for part in found) == pytest.approx(1.0)
