"""A roster told state by state, and what it says of itself."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from unarmed_router.model.canonical import digest_of
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.team import Fix, TeamState, TeamStatus

__all__ = ["NaiveRoster", "roster_digest"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUSES = (
    "available",
    "unknown",
    "reserved",
    "en_route",
    "on_scene",
    "transporting",
    "clearing",
    "off_duty",
    "out_of_service",
)


def roster_digest(states: Iterable[TeamState]) -> str:
    """Hash the digest of who the teams are, then six little-endian numbers reported of each."""
    known = list(states)
    text = digest_of([state.team for state in known]).encode()
    for state in known:
        fix = state.fix
        text += _STATUSES.index(state.status).to_bytes(8, "little")
        text += _instant(state.status_at, -(2**63)) + _instant(state.idle_since, 2**63 - 1)
        text += _instant(fix.at if fix else None, -(2**63))
        # Adding nothing makes -0.0 the zero it equals.
        text += struct.pack("<dd", *((fix.lon + 0, fix.lat + 0) if fix else (0, 0)))
    return hashlib.sha256(text).hexdigest()


def _instant(at: datetime | None, unknown: int) -> bytes:
    number = unknown if at is None else (at - _EPOCH) // timedelta(microseconds=1)
    return number.to_bytes(8, "little", signed=True)


class NaiveRoster:
    """A roster that keeps whole states and replaces one at each report that is not too old.

    Parameters
    ----------
    states : iterable of TeamState
        With their homes on the road.
    snap : callable
        Finds the road position of a place.
    """

    def __init__(
        self, states: Iterable[TeamState], snap: Callable[..., RoadPosition | None]
    ) -> None:
        self._states, self._snap = {state.team.team_id: state for state in states}, snap

    def states(self) -> tuple[TeamState, ...]:
        """Return every state in order of team id."""
        return tuple(self._states[team_id] for team_id in sorted(self._states))

    def set_status(self, team_id: str, status: TeamStatus, *, at: datetime) -> bool:
        """Take a status unless a later one is known."""
        old = self._states[team_id]
        if old.status_at is not None and old.status_at > at:
            return False
        freed = status == "available" and old.status != "available"
        idle = at if freed else old.idle_since
        self._states[team_id] = replace(old, status=status, status_at=at, idle_since=idle)
        return True

    def record_fix(self, team_id: str, *, lon: float, lat: float, at: datetime) -> bool:
        """Take a fix unless one as late is known."""
        old = self._states[team_id]
        if old.fix is not None and old.fix.at >= at:
            return False
        road = self._snap(lon=lon, lat=lat)
        self._states[team_id] = replace(old, fix=Fix(lon, lat, at), fix_road=road)
        return True
