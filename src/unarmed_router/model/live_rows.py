"""What changes of a team from minute to minute, as rows of numbers that are copied in one piece.

Of n teams, in order of team id, there are first n rows of what was reported: number of the status,
when it was reported, when the team last became available, time of the fix (each int64,
microseconds since 1970), longitude and latitude of the fix (float64, degrees). Then come n rows of
where the fix lies on the road: arc (int64, -1 where there is none), fraction (float64), access
(int64, milliseconds). All are little-endian, eight bytes each.

A snapshot of two hundred moving teams is thereby one copy of some thousand bytes, and bytes never
change. The kernels of `unarmed_router.kernels.screening` read the same rows.
"""

from __future__ import annotations

import struct
from datetime import datetime

from unarmed_router.model.call import microseconds
from unarmed_router.model.location import RoadPosition

__all__ = ["NEVER", "NEVER_IDLE", "LiveRows", "idle_us", "reported"]

NEVER = -(2**63)
"""Stands for an instant that is not known; no calendar reaches it."""

NEVER_IDLE = 2**63 - 1
"""When a team became available that never did, as far as is known: it ranks as idle the least."""

_REPORT = struct.Struct("<4q2d")
_ROAD = struct.Struct("<qdq")
_STATUS = struct.Struct("<2q")
_IDLE = struct.Struct("<q")
_FIX = struct.Struct("<q2d")

_write_status, _write_idle = _STATUS.pack_into, _IDLE.pack_into
_write_fix, _write_road = _FIX.pack_into, _ROAD.pack_into
_SIZE = _REPORT.size
_FIX_PLACE = _STATUS.size + _IDLE.size


class LiveRows:
    """Rows of so many teams, of which nothing is known yet.

    Parameters
    ----------
    count : int
        How many teams.
    """

    __slots__ = ("_count", "_rows")

    def __init__(self, count: int) -> None:
        self._count = count
        self._rows = bytearray((_SIZE + _ROAD.size) * count)

    def status(self, team: int, number: int, since: datetime | None) -> None:
        """Write what a team is doing, and since when, an instant in UTC."""
        since_us = NEVER if since is None else microseconds(since)
        _write_status(self._rows, _SIZE * team, number, since_us)

    def idle(self, team: int, since: datetime | None) -> None:
        """Write when a team last became available, an instant in UTC."""
        since_us = NEVER_IDLE if since is None else microseconds(since)
        _write_idle(self._rows, _SIZE * team + _STATUS.size, since_us)

    def fix(
        self, team: int, at: datetime | None, lon: float, lat: float, road: RoadPosition | None
    ) -> None:
        """Write where a team is, since when, and where that is on the road; None without a fix."""
        rows = self._rows
        at_us = NEVER if at is None else microseconds(at)
        # Adding 0.0 makes one zero of the two, as they are equal.
        _write_fix(rows, _SIZE * team + _FIX_PLACE, at_us, lon + 0.0, lat + 0.0)
        place = _SIZE * self._count + _ROAD.size * team
        if road is None:
            _write_road(rows, place, -1, 0.0, 0)
        else:
            _write_road(rows, place, road.arc, road.fraction, road.access_ms)

    def copy(self) -> bytes:
        """Return the rows as they are now."""
        return bytes(self._rows)


def idle_us(rows: bytes, team: int) -> int:
    """Read when a team last became available, microseconds since 1970."""
    found: int = _REPORT.unpack_from(rows, _SIZE * team)[2]
    return found


def reported(rows: bytes, count: int) -> memoryview:
    """Return the part that was reported; the road positions follow from it."""
    return memoryview(rows)[: _SIZE * count]
