"""What a roster knows of its teams, made into states when somebody reads them.

Ten thousand fixes a second come in, and few of the states between them are ever looked at. The
roster therefore keeps what was reported as plain tuples, which never change, and a snapshot holds
them until its states are read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from unarmed_router.model.location import RoadPosition
from unarmed_router.model.team import Fix, Lineup, TeamState, TeamStatus

__all__ = ["Known", "States", "StatesWriter"]

Reported: TypeAlias = tuple[float, float, datetime, RoadPosition | None]
"""Longitude, latitude and time of a fix, and where it lies on the road."""

Known: TypeAlias = tuple[TeamStatus, datetime | None, datetime | None, Reported | None]
"""Status, when it was reported, since when the team is idle, and its latest fix."""


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
