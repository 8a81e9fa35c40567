"""What a roster knows of its teams, made into states when somebody reads them.

Ten thousand fixes a second come in, and few of the states between them are ever looked at. The
roster therefore keeps what was reported as plain tuples, which never change, and a snapshot holds
them until its states are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Protocol, TypeAlias

from unarmed_router.errors import InputError, UnknownTeamError
from unarmed_router.model.live_rows import LiveRows
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.roster_snapshot import Lineup, RosterSnapshot, write_row
from unarmed_router.model.team import Fix, TeamState, TeamStatus

__all__ = ["Known", "LiveTeams", "Snaps", "States", "StatesWriter"]

Reported: TypeAlias = tuple[float, float, datetime, RoadPosition | None]
"""Longitude, latitude and time of a fix, and where it lies on the road."""

Known: TypeAlias = tuple[TeamStatus, datetime | None, datetime | None, Reported | None]
"""Status, when it was reported, since when the team is idle, and its latest fix."""


class Snaps(Protocol):
    """Point to road, as the roster needs it."""

    def snap(self, *, lon: float, lat: float) -> RoadPosition | None:
        """Find the nearest road edge; None when it is beyond the stated limit."""


class LiveTeams:
    """One line-up and what is known of it: all that another one replaces, as a whole.

    Parameters
    ----------
    states : iterable of TeamState
        Every team once.
    roads, fix_roads : Snaps
        Find the road positions of homes and of fixes.

    Raises
    ------
    InputError
        Two states share a team id.
    """

    __slots__ = ("known", "lineup", "places", "rows", "states")

    def __init__(self, states: Iterable[TeamState], roads: Snaps, fix_roads: Snaps) -> None:
        ordered = sorted(states, key=lambda state: state.team.team_id)
        self.places = {state.team.team_id: place for place, state in enumerate(ordered)}
        if len(self.places) < len(ordered):
            ids = [state.team.team_id for state in ordered]
            twice = next(one for one, other in pairwise(ids) if one == other)
            raise InputError(f"team id {twice!r} is in the roster twice")
        teams = tuple(state.team for state in ordered)
        homes = (roads.snap(lon=team.home_lon, lat=team.home_lat) for team in teams)
        self.lineup = Lineup(teams, tuple(homes))
        self.rows = LiveRows(len(ordered))
        self.known: list[Known] = []
        for place, state in enumerate(ordered):
            fix = state.fix
            road = None if fix is None else fix_roads.snap(lon=fix.lon, lat=fix.lat)
            write_row(self.rows, place, replace(state, fix_road=road))
            where = None if fix is None else (fix.lon, fix.lat, fix.at, road)
            self.known.append((state.status, state.status_at, state.idle_since, where))
        self.states = States(self.lineup)

    def place_of(self, team_id: str) -> int:
        """Return the place of a team among the rows.

        Raises
        ------
        UnknownTeamError
            No such team.
        """
        try:
            return self.places[team_id]
        except (KeyError, TypeError):
            raise self._no_team(team_id) from None

    def of(self, team_id: str) -> Known:
        """Return what is known of one team; errors as `place_of`."""
        try:
            return self.known[self.places[team_id]]  # asked before every act
        except (KeyError, TypeError):
            raise self._no_team(team_id) from None

    def _no_team(self, team_id: str) -> UnknownTeamError:
        known = ", ".join(self.places) or "none"
        return UnknownTeamError(f"no team {team_id!r:.80} in the roster; it has: {known}")

    def snapshot(self) -> RosterSnapshot:
        """Copy all of it; nobody may change it meanwhile."""
        rows, known = self.rows.copy(), tuple(self.known)
        return RosterSnapshot.of_rows(self.lineup, rows, StatesWriter, self.states, known)


class States:
    """Makes the states of a roster, and keeps the last of each team.

    Parameters
    ----------
    lineup : Lineup
        Who the teams are.
    """

    def __init__(self, lineup: Lineup) -> None:
        self._lineup = lineup
        # A pair is replaced as a whole, so that any number of threads may look it up.
        self._last: list[tuple[Known, TeamState] | None] = [None] * len(lineup.teams)

    def of(self, known: tuple[Known, ...]) -> tuple[TeamState, ...]:
        """Make the state of every team; those of unchanged ones are the same objects."""
        return tuple(self.one(place, each) for place, each in enumerate(known))

    def one(self, place: int, known: Known) -> TeamState:
        """Make the state of one team."""
        last = self._last[place]
        if last is not None and last[0] is known:
            return last[1]
        status, status_at, idle_since, fix = known
        state = TeamState(
            team=self._lineup.teams[place],
            status=status,
            status_at=status_at,
            idle_since=idle_since,
            fix=None if fix is None else Fix(*fix[:3]),
            home_road=self._lineup.home_roads[place],
            fix_road=None if fix is None else fix[3],
        )
        self._last[place] = known, state
        return state


class StatesWriter:
    """Writes the states of a snapshot when they are first read.

    Parameters
    ----------
    states : States
        Of the roster.
    known : tuple of Known
        What was known of each team.
    """

    __slots__ = ("_known", "_states")

    def __init__(self, states: States, known: tuple[Known, ...]) -> None:
        self._states, self._known = states, known

    def write(self, name: str) -> Any:  # noqa: ARG002  # a snapshot has one field
        """Return the states."""
        return self._states.of(self._known)

    def leading(self) -> None:
        """Return nothing: there is one field."""
