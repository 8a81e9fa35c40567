"""How far off a call's position may be: a circle, an ellipse or a polygon with a confidence.

The confidence is the probability that the caller is inside the region. A region alone says nothing
of where inside, nor of the rest of the probability, so a density is needed. RFC 7459 (M. Thomson
and J. Winterbottom, 2015, doi:10.17487/RFC7459) names two, normal and rectangular. Here:

- A circle or an ellipse with a confidence below 1 is a normal density about the call's position,
  and the region is the contour that holds the confidence. Positions of wireless calls are estimates
  from many measurements, whose errors add up to nearly that. All of the probability has a place,
  the part outside the region too.
- A circle or an ellipse with confidence 1 is a rectangular density: the same everywhere inside,
  none outside. No normal density fits in a bounded region.
- A polygon is a rectangular density times the confidence. It is a drawn outline, such as a cell
  sector or a campus, and has no middle to be more likely. Nothing is known of the rest, so it has
  no place.

`docs/uncertain-location.md` gives the formulas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from unarmed_router.errors import CoordinateError, InputError
from unarmed_router.model.location import check_lonlat
from unarmed_router.model.real_number import real_number

__all__ = ["Area", "Circle", "Ellipse", "Uncertainty", "contour_deviations"]

_LONGEST_M = 50_000.0
"""Longest semi-axis, and longest standard deviation; beyond it a flat map is no longer honest."""

_SHORTEST_M = 0.01
"""Shortest semi-axis: the divisions' own grid is no finer."""

_EARTH_M = 6_371_008.8
"""Mean radius of the earth (IUGG), good to 0.5 % for the size of a region."""

Ring: TypeAlias = tuple[tuple[float, float], ...]


def contour_deviations(confidence: float) -> float:
    """Semi-axis, in standard deviations, of the contour of a plane normal that holds a confidence.

    Parameters
    ----------
    confidence : float
        In (0, 1].

    Returns
    -------
    float
        ``sqrt(-2 ln(1 - confidence))``: 2.146 at 0.9, 2.448 at 0.95. Infinite at 1.
    """
    return math.sqrt(-2.0 * math.log1p(-confidence)) if confidence < 1.0 else math.inf


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle about the call's position, as wireless Phase II reports it.

    Parameters
    ----------
    radius_m : float
        0.01 to 50,000 metres.
    confidence : float
        Probability that the caller is inside, in (0, 1]. There is no default: 47 CFR 9.10(j)
        asks carriers for 0.9, RFC 5491 (doi:10.17487/RFC5491) recommends 0.95.

    Raises
    ------
    InputError
        A value breaks the rule above, or the confidence is so low that the standard deviation
        exceeds 50 km.
    """

    radius_m: float
    confidence: float

    def __post_init__(self) -> None:
        _keep_confidence(self)
        _keep_semi_axis(self, "radius_m")


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An ellipse about the call's position.

    Parameters
    ----------
    semi_major_m, semi_minor_m : float
        Semi-axes, 0.01 to 50,000 metres each. A minor longer than the major is taken as it is: the
        orientation is that of the axis called major.
    orientation_deg : float
        Direction of the major axis, degrees clockwise from north, -360 to 360, as RFC 5491 (section
        5, doi:10.17487/RFC5491) and 3GPP TS 23.032 (0 is north, 90 is east) give it.
    confidence : float
        As in `Circle`.

    Raises
    ------
    InputError
        A value breaks the rule above, or the confidence is so low that a standard deviation exceeds
        50 km.
    """

    semi_major_m: float
    semi_minor_m: float
    orientation_deg: float
    confidence: float

    def __post_init__(self) -> None:
        _keep_confidence(self)
        _keep_semi_axis(self, "semi_major_m")
        _keep_semi_axis(self, "semi_minor_m")
        orientation = _number(self.orientation_deg, "orientation_deg")
        if not -360.0 <= orientation <= 360.0:
            raise InputError(
                f"orientation_deg {orientation} must be within -360 to 360 degrees clockwise from "
                "north"
            )
        object.__setattr__(self, "orientation_deg", orientation)


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon on the map; the call's own position need not be its middle.

    Parameters
    ----------
    rings : sequence of rings
        The outline, then its holes. A ring is three or more (lon, lat) pairs in WGS 84 degrees, in
        either direction, the first one repeated at the end or not. No point may lie farther than
        50 km from the middle of the outline's bounding box.
    confidence : float
        Probability that the caller is inside, in (0, 1]; the rest has no place.

    Raises
    ------
    CoordinateError
        A point is no place on earth, or the outline is too large. Rings that cross are found only
        when shares are taken of them, by `unarmed_router.geography.location_shares`.
    InputError
        No ring, a ring of fewer than three different points, or a broken confidence.
    """

    rings: tuple[Ring, ...]
    confidence: float

    def __post_init__(self) -> None:
        _keep_confidence(self)
        if not _is_sequence(self.rings) or not self.rings:
            raise InputError(
                f"rings must be a sequence of rings, the outline first; got {self.rings!r:.80}"
            )
        rings = tuple(_ring(ring, place) for place, ring in enumerate(self.rings))
        _check_extent(rings[0])
        object.__setattr__(self, "rings", rings)


Uncertainty: TypeAlias = Circle | Ellipse | Area
"""What a call may carry beside its position."""


def _number(value: Any, name: str) -> float:
    number = real_number(value)
    if number is None:
        raise InputError(f"{name} must be a number; got {value!r:.80}: give it as a float")
    return number


def _keep_confidence(region: Circle | Ellipse | Area) -> None:
    confidence = _number(region.confidence, "confidence")
    if not 0.0 < confidence <= 1.0:
        hint = "; give a share, not a percentage" if 1.0 < confidence <= 100.0 else ""
        raise InputError(f"confidence {confidence} must be above 0 and at most 1{hint}")
    object.__setattr__(region, "confidence", confidence)


def _keep_semi_axis(region: Circle | Ellipse, name: str) -> None:
    size = _number(getattr(region, name), name)
    if not _SHORTEST_M <= size <= _LONGEST_M:
        raise InputError(
            f"{name} {size} must be {_SHORTEST_M:g} to {_LONGEST_M:,.0f} metres; a place known no "
            "better than that cannot be routed"
        )
    deviations = contour_deviations(region.confidence)
    if size > _LONGEST_M * deviations:
        raise InputError(
            f"{name} {size} at confidence {region.confidence} is a standard deviation of more than "
            f"{_LONGEST_M:,.0f} metres; a place known no better than that cannot be routed"
        )
    object.__setattr__(region, name, size)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _ring(pairs: Any, place: int) -> Ring:
    if not _is_sequence(pairs):
        raise InputError(f"ring {place} must be a sequence of (lon, lat) pairs; got {pairs!r:.80}")
    points = [_point(pair, place, row) for row, pair in enumerate(pairs)]
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    if len(set(points)) < 3:
        raise InputError(
            f"ring {place} has {len(set(points))} different points; a ring needs three or more"
        )
    return tuple(points)


def _point(pair: Any, place: int, row: int) -> tuple[float, float]:
    if not _is_sequence(pair) or len(pair) != 2:
        raise InputError(f"ring {place}, point {row} must be a (lon, lat) pair; got {pair!r:.80}")
    lon, lat = pair
    try:
        check_lonlat(lon=lon, lat=lat)
    except CoordinateError as error:
        raise CoordinateError(f"ring {place}, point {row}: {error}") from None
    return float(lon) + 0.0, float(lat) + 0.0  # equal polygons are written alike: one zero


def _check_extent(outline: Ring) -> None:
    lons, lats = [lon for lon, _ in outline], [lat for _, lat in outline]
    lon, lat = (min(lons) + max(lons)) / 2.0, (min(lats) + max(lats)) / 2.0
    degree = _EARTH_M * math.pi / 180.0
    squeeze = math.cos(math.radians(lat))
    reach = max(math.hypot((x - lon) * squeeze, y - lat) for x, y in outline) * degree
    if reach > _LONGEST_M:
        raise CoordinateError(
            f"the polygon reaches {reach:,.0f} metres from its middle, more than "
            f"{_LONGEST_M:,.0f}; is a point of it misplaced?"
        )
