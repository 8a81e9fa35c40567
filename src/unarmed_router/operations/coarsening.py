"""Places and times made coarse enough to leave the house."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from math import cos, floor, radians

from unarmed_router.model.location import check_lonlat

__all__ = ["Positions", "Times", "coarse_time", "hundred_block", "response_s"]

_ROW = 0.0009
"""Height of a cell, degrees of latitude: 100 m, at 111.1 km a degree."""
_ROUND_S = {"block": 10, "division": 60}


class Positions(StrEnum):
    """How exactly places are given."""

    BLOCK = "block"
    """Centre of a cell of about 100 m by 100 m, see `hundred_block`."""
    DIVISION = "division"
    """The division only."""


class Times(StrEnum):
    """How exactly instants are given."""

    EXACT = "exact"
    """As recorded."""
    MINUTE = "minute"
    """Their minute, seconds left out."""


def hundred_block(*, lon: float, lat: float) -> tuple[float, float]:
    """Return the centre of the grid cell a place lies in.

    Police data are commonly published at the hundred block, which needs addresses. This library
    knows none, so a grid of the same size stands for it: rows of 0.0009 degree of latitude (100 m)
    counted from the equator, each cut into columns of 0.0009 / cos(latitude of its middle) degree
    (100 m) counted from the prime meridian. A cell holds its southern and western edge.

    Parameters
    ----------
    lon, lat : float
        WGS 84 degrees.

    Returns
    -------
    tuple of (float, float)
        Longitude and latitude of the centre, to the fifth decimal (1 m).

    Raises
    ------
    CoordinateError
        No place on earth.
    """
    check_lonlat(lon=lon, lat=lat)
    middle = min((floor(lat / _ROW) + 0.5) * _ROW, 90.0 - _ROW / 2)
    width = _ROW / cos(radians(middle))
    return round((floor(lon / width) + 0.5) * width, 5), round(middle, 5)


def coarse_time(at: datetime | None, times: Times) -> datetime | None:
    """Return an instant as it may be given; None stays None."""
    if at is None or times is Times.EXACT:
        return at
    return at.replace(second=0, microsecond=0)


def response_s(response_ms: int | None, positions: Positions) -> int | None:
    """Return a response time as it may be given beside a coarse place, seconds.

    An exact time on a known network from a known home gives the place away: to the hundred block
    times are rounded to 10 s (100 m at 36 km/h), to the division to a minute.
    """
    if response_ms is None:
        return None
    step = _ROUND_S[positions.value]
    return step * round(response_ms / (1000 * step))
