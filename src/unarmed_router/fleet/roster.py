"""The live roster: who is doing what, and where; snapped to the road when a team moves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from unarmed_router.errors import InputError, UnknownTeamError
from unarmed_router.model.call import in_utc
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.team import Fix, RosterSnapshot, TeamState, TeamStatus

__all__ = ["Roster", "Snaps"]

_MAX_AHEAD = timedelta(seconds=60)


class Snaps(Protocol):
    """Point to road, as the roster needs it."""

    def snap(self, *, lon: float, lat: float) -> RoadPosition | None:
        """Find the nearest road edge; None when it is beyond the stated limit."""


class Roster:
    """Every team with its live state; safe to share between threads.

    A change replaces the state of one team; readers take a `snapshot`, which never changes.

    Parameters
    ----------
    states : iterable of TeamState
        Every team once; road positions are filled in here.
    roads : Snaps
        Finds the road position of homes, which are addresses.
    fix_roads : Snaps, optional
        Finds that of AVL fixes, which may be on any road; `roads` when not given.
    clock : callable, optional
        Returns the present. Reports more than a minute ahead of it are refused: one wrong clock
        would otherwise shut out every right report until its time has come.

    Raises
    ------
    InputError
        Two states share a team id.
    """

    def __init__(
        self,
        states: Iterable[TeamState],
        *,
        roads: Snaps,
        fix_roads: Snaps | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._clock = clock
        self._roads = roads
        self._fix_roads = fix_roads or roads
        self._lock = threading.Lock()
        self._snapshot: RosterSnapshot | None = None
        self._states: dict[str, TeamState] = {}
        for state in sorted(states, key=lambda s: s.team.team_id):
            team_id = state.team.team_id
            if team_id in self._states:
                raise InputError(f"team id {team_id!r} is in the roster twice")
            self._states[team_id] = self._on_road(state)

    def snapshot(self) -> RosterSnapshot:
        """Return every team as it is now, in team id order, with a digest of the whole."""
        snapshot = self._snapshot
        if snapshot is not None:  # never changed, only replaced: no lock is needed to read it
            return snapshot
        with self._lock:
            if self._snapshot is None:
                self._snapshot = RosterSnapshot(tuple(self._states.values()))
            return self._snapshot

    def set_status(self, team_id: str, status: TeamStatus, *, at: datetime) -> bool:
        """Record what a team is doing since `at`; an older report than is known changes nothing.

        Parameters
        ----------
        team_id : str
            Which team.
        status : TeamStatus
            What it does now; becoming available starts its idle time.
        at : datetime
            Since when; timezone-aware.

        Returns
        -------
        bool
            Whether the report was taken: False for one that arrives out of order.

        Raises
        ------
        UnknownTeamError
            No such team.
        InputError
            `at` is naive or in the future, or `status` is no status.
        """
        at = self._past(at, "at")
        status = _checked_status(status)
        with self._lock:
            state = self._known(team_id)
            if state.status_at is not None and at < state.status_at:
                return False
            became_idle = (
                status is TeamStatus.AVAILABLE and state.status is not TeamStatus.AVAILABLE
            )
            idle_since = at if became_idle else state.idle_since
            self._put(replace(state, status=status, status_at=at, idle_since=idle_since))
            return True

    def record_fix(self, team_id: str, *, lon: float, lat: float, at: datetime) -> bool:
        """Record an AVL position; an older one than is known changes nothing.

        Parameters
        ----------
        team_id : str
            Which team.
        lon, lat : float
            WGS 84 degrees.
        at : datetime
            When it was measured; timezone-aware.

        Returns
        -------
        bool
            Whether the fix was taken: False for one that arrives out of order.

        Raises
        ------
        UnknownTeamError
            No such team.
        CoordinateError, InputError
            The position is broken, or the time naive or in the future.
        """
        fix = Fix(lon, lat, self._past(at, "fix time"))
        road = self._fix_roads.snap(lon=lon, lat=lat)
        with self._lock:
            state = self._known(team_id)
            if state.fix is not None and state.fix.at >= fix.at:
                return False
            self._put(replace(state, fix=fix, fix_road=road))
            return True

    def _past(self, at: datetime, what: str) -> datetime:
        """Return an instant in UTC, or refuse it when it is naive or well in the future."""
        at = in_utc(at, what)
        if self._clock is not None and at - self._clock() > _MAX_AHEAD:
            raise InputError(
                f"{what} {at.isoformat()} is in the future by more than "
                f"{_MAX_AHEAD.total_seconds():.0f} s; check the clock that sent it"
            )
        return at

    def _known(self, team_id: str) -> TeamState:
        try:
            return self._states[team_id]
        except KeyError:
            known = ", ".join(self._states) or "none"
            raise UnknownTeamError(f"no team {team_id!r} in the roster; it has: {known}") from None

    def _put(self, state: TeamState) -> None:
        self._states[state.team.team_id] = state
        self._snapshot = None

    def _on_road(self, state: TeamState) -> TeamState:
        team, fix = state.team, state.fix
        return replace(
            state,
            home_road=self._roads.snap(lon=team.home_lon, lat=team.home_lat),
            fix_road=self._fix_roads.snap(lon=fix.lon, lat=fix.lat) if fix else None,
        )


def _checked_status(status: TeamStatus | str) -> TeamStatus:
    try:
        return TeamStatus(status)
    except ValueError:
        known = ", ".join(TeamStatus)
        raise InputError(f"status {status!r} is none of: {known}") from None
