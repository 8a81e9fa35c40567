"""Places: a validated point, its division, its position on the road network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from unarmed_router.errors import CoordinateError
from unarmed_router.model.deferred import Deferred
from unarmed_router.model.real_number import real_number

__all__ = [
    "AreaShare",
    "Division",
    "DivisionMatch",
    "DivisionShare",
    "LocationArea",
    "PlaceShare",
    "RoadPosition",
    "check_lonlat",
]


def check_lonlat(*, lon: float, lat: float) -> None:
    """Refuse a pair that is not a place on earth in degrees.

    Parameters
    ----------
    lon, lat : float
        WGS 84 degrees.

    Raises
    ------
    CoordinateError
        No number, NaN or infinite, out of range (with a hint when the pair is swapped), or exactly
        (0, 0), which is how an ungeocoded call looks.
    """
    if type(lon) is not float or type(lat) is not float:  # as they nearly always are
        lon, lat = _as_floats(lon, lat)
    if -180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0 and (lon != 0.0 or lat != 0.0):
        return
    raise CoordinateError(coordinate_fault(lon, lat))


def _as_floats(lon: Any, lat: Any) -> tuple[float, float]:
    """Take two numbers, or refuse what only compares like one."""
    x, y = real_number(lon), real_number(lat)
    if x is None or y is None:
        raise CoordinateError(
            f"coordinates must be numbers; got lon={lon!r:.80}, lat={lat!r:.80}: give each as a "
            "float"
        )
    return x, y


def coordinate_fault(lon: float, lat: float) -> str:
    """Say why (lon, lat) is not a place on earth; the pair is known to be broken."""
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return f"coordinates must be finite; got lon={lon}, lat={lat}"
    if lon == 0.0 and lat == 0.0:
        return "coordinates (0, 0) are a missing location, not a place; geocode the call first"
    if not -90.0 <= lat <= 90.0:
        hint = "; coordinates are (lon, lat): did you swap them?" if abs(lon) <= 90.0 else ""
        hint = hint or "; is it in a projected coordinate system?"
        return f"latitude {lat} is outside [-90, 90]{hint}"
    return f"longitude {lon} is outside [-180, 180]; is it in a projected coordinate system?"


@dataclass(frozen=True, slots=True)
class Division:
    """One division of the agency.

    Parameters
    ----------
    number : int
        The agency's own number (LAPD: PREC); positive and unique.
    name : str
        As the agency writes it.
    bureau : str
        The bureau it belongs to; empty when not known.
    """

    number: int
    name: str
    bureau: str = ""


@dataclass(frozen=True, slots=True)
class DivisionMatch(Deferred):
    """Where a point lies: its division, or outside all of them.

    What `DivisionIndex.locate` returns measures the distance to the border when it is first read.

    Parameters
    ----------
    division : Division or None
        None when the point is outside every division.
    border_m : float
        Distance to the nearest division border, metres.
    near_border : bool
        The border is within the index's stated tolerance: the point's own error may change the
        division.
    """

    division: Division | None
    border_m: float
    near_border: bool


@dataclass(frozen=True, slots=True)
class RoadPosition:
    """A point snapped to the nearest road edge.

    Parameters
    ----------
    arc : int
        The arc it lies on.
    twin : int
        The arc of the same road in the other direction; -1 on a one-way road.
    fraction : float
        How far along `arc` it lies, 0 at the tail to 1 at the head.
    snap_m : float
        Straight distance from the point to the road, metres.
    access_ms : int
        Time to cover `snap_m` at the network's stated access speed, milliseconds.
    """

    arc: int
    twin: int
    fraction: float
    snap_m: float
    access_ms: int

    def __init__(  # every fix makes one: by its slots it takes half the time a frozen class needs
        self, arc: int, twin: int, fraction: float, snap_m: float, access_ms: int
    ) -> None:
        _set_arc(self, arc)
        _set_twin(self, twin)
        _set_fraction(self, fraction)
        _set_snap_m(self, snap_m)
        _set_access_ms(self, access_ms)


_set_arc, _set_twin, _set_fraction, _set_snap_m, _set_access_ms = (
    vars(RoadPosition)[name].__set__ for name in ("arc", "twin", "fraction", "snap_m", "access_ms")
)


@dataclass(frozen=True, slots=True)
class DivisionShare:
    """What part of a call's probability lies in a division, and who would take it there.

    Parameters
    ----------
    division : int
        Division number; 0 is outside every division.
    share : float
        Of the probability, 0 to 1, to 0.001.
    programs : tuple of str
        Programs that would take the call there, each with its provider, as ``program/provider``;
        empty where none would. Where outlined areas cut the division up, in its likeliest part.
    """

    division: int
    share: float
    programs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AreaShare:
    """What part of a call's probability lies in an outlined area, and who would take it there.

    Parameters
    ----------
    area : str
        Id of the area.
    share : float
        Of the probability, 0 to 1, to 0.001; areas may overlap.
    programs : tuple of str
        As in `DivisionShare`, in the area's likeliest part.
    """

    area: str
    share: float
    programs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaceShare:
    """What part of a call's probability lies in a division and in just these outlined areas.

    Parameters
    ----------
    division : int
        Division number; 0 is outside every division.
    areas : tuple of str
        Ids of the areas, sorted; empty inside none.
    share : float
        Of the probability, 0 to 1, to 0.001.
    programs : tuple of str
        As in `DivisionShare`; everywhere in this part they are the same.
    """

    division: int
    areas: tuple[str, ...]
    share: float
    programs: tuple[str, ...]


_NOISE = 0.001
"""Shares are exact to this."""


@dataclass(frozen=True, slots=True)
class LocationArea:
    """What is known of a call whose position is uncertain.

    Parameters
    ----------
    shares : tuple of DivisionShare
        Greatest first; of equal shares the lower division number, outside last. The first decides.
    unplaced : float
        Probability that has no place: what a polygon's confidence leaves.
    expected_travel_ms : int or None
        Mean travel time of the team that goes over the area, of the points that a road leads to;
        None where no team goes or no road leads anywhere.
    sampled : int
        Points the mean was taken over.
    areas : tuple of AreaShare
        The same for each outlined area of the policy the call may be in, greatest first; of equal
        shares in order of id.
    parts : tuple of PlaceShare
        Where the policy has outlined areas, the same for each division and set of areas together,
        greatest first; of equal shares the lower division number, outside last. Of the division
        that decides, the first decides which areas the call is taken to be in.
    """

    shares: tuple[DivisionShare, ...]
    unplaced: float
    expected_travel_ms: int | None = None
    sampled: int = 0
    areas: tuple[AreaShare, ...] = ()
    parts: tuple[PlaceShare, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether programs or providers would change within the area; small shares are noise."""
        first = self.shares[0].programs
        places: tuple[DivisionShare | PlaceShare, ...] = self.parts or self.shares
        return any(each.programs != first for each in places if each.share >= _NOISE)
