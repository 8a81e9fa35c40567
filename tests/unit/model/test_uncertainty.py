"""Regions of uncertainty: what is refused, and what is kept."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.errors import CoordinateError, InputError
from unarmed_router.model.canonical import to_json
from unarmed_router.model.uncertainty import Area, Circle, Ellipse, contour_deviations

TRIANGLE: Any = ((-118.3, 34.0), (-118.2, 34.0), (-118.2, 34.1))


@pytest.mark.parametrize(
    ("radius_m", "confidence", "message"),
    [
        (math.nan, 0.9, "radius_m nan must be 0.01 to 50,000 metres"),
        (math.inf, 0.9, "radius_m inf must be"),
        (0.0, 0.9, r"radius_m 0\.0 must be"),
        (0.009, 0.9, r"radius_m 0\.009 must be"),
        (-5.0, 0.9, r"radius_m -5\.0 must be"),
        (50_001.0, 0.9, r"radius_m 50001\.0 must be"),
        ("100", 0.9, "radius_m must be a number; got '100'"),
        (True, 0.9, "radius_m must be a number; got True"),
        (None, 0.9, "radius_m must be a number; got None"),
        pytest.param(10**400, 0.9, "radius_m must be a number; got 1000", id="huge"),
        (100.0, np.timedelta64(1, "s"), "confidence must be a number"),
        (100.0, 0.0, r"confidence 0\.0 must be above 0 and at most 1$"),
        (100.0, -0.1, r"confidence -0\.1 must be above 0"),
        (100.0, math.nan, "confidence nan must be above 0"),
        (100.0, 1.0000001, "at most 1; give a share, not a percentage"),
        (100.0, 95, r"confidence 95\.0 must be .* not a percentage"),
        (100.0, 101, r"confidence 101\.0 must be above 0 and at most 1$"),
        (100.0, "high", "confidence must be a number; got 'high'"),
        (40_000.0, 0.1, "a standard deviation of more than 50,000 metres"),
        (0.01, 1e-300, "a standard deviation of more than 50,000 metres"),
    ],
)
def test_a_broken_circle_is_refused(radius_m: Any, confidence: Any, message: str) -> None:
    """Each broken value is named with its rule."""
    with pytest.raises(InputError, match=message):
        Circle(radius_m, confidence)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((math.nan, 50.0, 0.0, 0.9), "semi_major_m nan must be"),
        ((100.0, 0.0, 0.0, 0.9), r"semi_minor_m 0\.0 must be"),
        ((60_000.0, 50.0, 0.0, 0.9), r"semi_major_m 60000\.0 must be"),
        ((100.0, 50.0, math.nan, 0.9), "orientation_deg nan must be within -360 to 360"),
        ((100.0, 50.0, 361.0, 0.9), r"orientation_deg 361\.0 must be within"),
        ((100.0, 50.0, "north", 0.9), "orientation_deg must be a number"),
        ((100.0, 50.0, 0.0, 2.0), r"confidence 2\.0 must be"),
        ((100.0, 49_000.0, 0.0, 0.1), r"semi_minor_m 49000\.0 at confidence 0\.1"),
    ],
)
def test_a_broken_ellipse_is_refused(values: tuple[Any, ...], message: str) -> None:
    """Each broken value is named with its rule."""
    with pytest.raises(InputError, match=message):
        Ellipse(*values)


@pytest.mark.parametrize(
    ("rings", "message"),
    [
        ([], r"rings must be a sequence of rings, the outline first; got \[\]"),
        ("ring", "rings must be a sequence of rings"),
        (7, "rings must be a sequence of rings"),
        ([7], "ring 0 must be a sequence of"),
        ([TRIANGLE[:2]], "ring 0 has 2 different points"),
        ([[*TRIANGLE[:2], TRIANGLE[0]]], "ring 0 has 2 different points"),
        ([[TRIANGLE[0]] * 5], "ring 0 has 1 different points"),
        ([TRIANGLE, []], "ring 1 has 0 different points"),
        ([[*TRIANGLE, (1.0,)]], r"ring 0, point 3 must be a \(lon, lat\) pair"),
        ([[*TRIANGLE, "ab"]], "ring 0, point 3 must be a"),
    ],
)
def test_a_broken_polygon_is_refused(rings: Any, message: str) -> None:
    """What is no ring of pairs is named with its place."""
    with pytest.raises(InputError, match=message):
        Area(rings, 0.9)


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ((math.nan, 34.0), "ring 1, point 1: coordinates must be finite"),
        ((34.0, -118.2), r"ring 1, point 1: latitude -118\.2 .* swap"),
        ((0.0, 0.0), "ring 1, point 1: .* missing location"),
        (("a", 34.0), "ring 1, point 1: coordinates must be numbers"),
    ],
)
def test_a_point_that_is_no_place_is_refused(point: Any, message: str) -> None:
    """A broken point of a hole is named with its ring and its place."""
    with pytest.raises(CoordinateError, match=message):
        Area((TRIANGLE, (TRIANGLE[0], point, TRIANGLE[2])), 0.9)


def test_a_polygon_with_a_misplaced_point_is_refused() -> None:
    """A point beyond 50 km is taken for a fault, and so is an outline across the date line."""
    with pytest.raises(CoordinateError, match=r"reaches .* metres from its middle"):
        Area(((*TRIANGLE, (-117.0, 34.0)),), 0.9)
    with pytest.raises(CoordinateError, match="reaches"):
        Area((((-179.99, 10.0), (179.99, 10.0), (179.99, 10.1)),), 0.9)
    with pytest.raises(InputError, match="confidence nan"):
        Area((TRIANGLE,), math.nan)


def test_limits_are_included() -> None:
    """The smallest and the largest regions and full confidence are taken."""
    assert Circle(0.01, 1.0).radius_m == 0.01
    assert Circle(50_000.0, 0.9).confidence == 0.9
    assert Ellipse(50_000.0, 0.01, -360.0, 1.0).orientation_deg == -360.0


def test_numbers_are_kept_as_floats() -> None:
    """Whole numbers and those of numpy are equal to floats, in memory and as JSON."""
    single: Any = np.float64(0.9)
    assert Circle(100, single) == Circle(100.0, 0.9)
    assert to_json(Circle(100, single)) == '{"confidence":0.9,"radius_m":100.0}'
    assert type(Ellipse(100, 50, 90, 1).orientation_deg) is float


def test_rings_are_kept_open_and_hashable() -> None:
    """A repeated last point is dropped, lists become tuples, and a region can be a key."""
    lists: Any = [[list(pair) for pair in [*TRIANGLE, TRIANGLE[0]]]]
    area = Area(lists, 0.9)
    assert area.rings == (TRIANGLE,)
    assert {area: 1}[Area((TRIANGLE,), 0.9)] == 1
    assert pickle.loads(pickle.dumps(area)) == area  # noqa: S301  # its own bytes


def test_a_minor_axis_may_be_the_longer() -> None:
    """The orientation is that of the axis called major, so nothing is ambiguous."""
    assert Ellipse(50.0, 100.0, 0.0, 0.9).semi_minor_m == 100.0


@pytest.mark.parametrize(
    ("confidence", "deviations"), [(0.9, 2.145966), (0.95, 2.447747), (0.393469, 1.0)]
)
def test_the_contour_is_the_tabled_one(confidence: float, deviations: float) -> None:
    """Quantiles of the chi distribution with two degrees of freedom, as tables have them."""
    assert contour_deviations(confidence) == pytest.approx(deviations, abs=1e-6)


def test_no_contour_holds_everything() -> None:
    """A normal density has no bound."""
    assert contour_deviations(1.0) == math.inf


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats())
def test_any_float_makes_a_circle_or_an_input_error(radius_m: float, confidence: float) -> None:
    """No float passes as something else, and none raises anything but the stated error."""
    try:
        circle = Circle(radius_m, confidence)
    except InputError:
        return
    assert 0.01 <= circle.radius_m <= 50_000.0
    assert 0.0 < circle.confidence <= 1.0
    assert circle.radius_m / contour_deviations(circle.confidence) <= 50_000.0
