"""Where an uncertain call is taken to be, in a city of boxes: masses of cells, added up.

Every border is a meridian or a parallel, so the plane falls into cells, and the mass of a normal
density or of a box in a cell is a product. Degrees are taken for metres at one scale.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise, product
from typing import NamedTuple

from tests.scenarios.city import EAST, METRES, NORTH
from unarmed_router.model.call import Call
from unarmed_router.model.uncertainty import Area, Circle

__all__ = ["Box", "Place", "box_of", "places"]

FAR = 1.0
"""Degrees beyond every density."""


class Box(NamedTuple):
    """A rectangle, degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        """Tell whether a point is inside."""
        return self.west < lon < self.east and self.south < lat < self.north


class Place(NamedTuple):
    """A division, None outside, and the outlined areas that a place of it is in."""

    number: int | None
    areas: tuple[str, ...]


def box_of(points: Iterable[tuple[float, float]]) -> Box:
    """Return the rectangle with these corners."""
    lons, lats = zip(*points, strict=True)
    return Box(min(lons), min(lats), max(lons), max(lats))


def places(
    call: Call, divisions: Mapping[int, Box], outlines: Mapping[str, Box]
) -> list[tuple[float, Place, float]]:
    """List the places a call may be in, the one it is taken to be in first.

    Returns
    -------
    list of (float, Place, float)
        The share of the division, the place, and the share of the place.
    """
    every = [*divisions.values(), *outlines.values()]
    lons = sorted({call.lon - FAR, call.lon + FAR, *(x for b in every for x in (b.west, b.east))})
    lats = sorted({call.lat - FAR, call.lat + FAR, *(y for b in every for y in (b.south, b.north))})
    masses: defaultdict[Place, float] = defaultdict(float)
    for (west, east), (south, north) in product(pairwise(lons), pairwise(lats)):
        middle = (west + east) / 2, (south + north) / 2
        number = next((n for n, box in divisions.items() if box.holds(*middle)), None)
        areas = tuple(sorted(name for name, box in outlines.items() if box.holds(*middle)))
        masses[Place(number, areas)] += _mass(call, Box(west, south, east, north))
    shares: defaultdict[int | None, float] = defaultdict(float)
    for place, mass in masses.items():
        shares[place.number] += mass
    found = [(shares[place.number], place, mass) for place, mass in masses.items()]
    found.sort(key=lambda each: (-each[0], each[1].number or math.inf, -each[2], each[1].areas))
    return found


def _mass(call: Call, cell: Box) -> float:
    """Integrate the density of a call over a cell."""
    region = call.uncertainty
    if region is None:
        return float(cell.holds(call.lon, call.lat))
    if isinstance(region, Area):
        box = box_of(region.rings[0])
        wide = min(cell.east, box.east) - max(cell.west, box.west)
        high = min(cell.north, box.north) - max(cell.south, box.south)
        size = (box.east - box.west) * (box.north - box.south)
        return region.confidence * max(0.0, wide) * max(0.0, high) / size
    if isinstance(region, Circle):
        north_m = east_m = region.radius_m
    else:  # upright or lying
        north_m, east_m = region.semi_major_m, region.semi_minor_m
        if region.orientation_deg:
            north_m, east_m = east_m, north_m
    contour = math.sqrt(-2 * math.log(1 - region.confidence))
    return _normal(
        cell.west - call.lon, cell.east - call.lon, east_m / contour / METRES * EAST
    ) * _normal(cell.south - call.lat, cell.north - call.lat, north_m / contour / METRES * NORTH)


def _normal(low: float, high: float, deviation: float) -> float:
    return (
        math.erf(high / deviation / math.sqrt(2)) - math.erf(low / deviation / math.sqrt(2))
    ) / 2
