"""The live roster: who is doing what, and where; snapped to the road when a team moves."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from unarmed_router.errors import InputError, UnknownTeamError
from unarmed_router.model.call import in_utc
from unarmed_router.model.canonical import digest_of
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.team import Fix, RosterSnapshot, TeamState, TeamStatus

__all__ = ["Roster", "Snaps"]


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

    Raises
    ------
    InputError
        Two states share a team id.
    """

    def __init__(
        self, states: Iterable[TeamState], *, roads: Snaps, fix_roads: Snaps | None = None
    ) -> None:
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
        with self._lock:
            if self._snapshot is None:
                teams = tuple(self._states.values())
                self._snapshot = RosterSnapshot(teams, digest_of([_stated(t) for t in teams]))
            return self._snapshot

    def set_status(self, team_id: str, status: TeamStatus, *, at: datetime) -> None:
        """Record what a team is doing since `at`.

        Parameters
        ----------
        team_id : str
            Which team.
        status : TeamStatus
            What it does now; becoming available starts its idle time.
        at : datetime
            Since when; timezone-aware.

        Raises
        ------
        UnknownTeamError
            No such team.
        InputError
            `at` is naive, or `status` is no status.
        """
        at = in_utc(at, "at")
        status = _checked_status(status)
        with self._lock:
            state = self._known(team_id)
            became_idle = status is TeamStatus.AVAILABLE is not state.status
            idle_since = at if became_idle else state.idle_since
            self._put(replace(state, status=status, idle_since=idle_since))

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
            The position or the time is broken.
        """
        fix = Fix(lon, lat, at)
        road = self._fix_roads.snap(lon=lon, lat=lat)
        with self._lock:
            state = self._known(team_id)
            if state.fix is not None and state.fix.at >= fix.at:
                return False
            self._put(replace(state, fix=fix, fix_road=road))
            return True

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


def _stated(state: TeamState) -> TeamState:
    """Leave out the road positions: they follow from the rest."""
    return replace(state, home_road=None, fix_road=None)
