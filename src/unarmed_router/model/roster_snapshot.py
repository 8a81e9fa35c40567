"""The whole roster at one moment: who the teams are, and what is known of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from unarmed_router.errors import InputError
from unarmed_router.model.canonical import digest_of, to_json
from unarmed_router.model.deferred import Deferred, Writer
from unarmed_router.model.live_rows import LiveRows, reported
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.team import NUMBER_OF, Team, TeamState

__all__ = ["Lineup", "RosterSnapshot", "write_row"]


@dataclass(frozen=True)
class Lineup:
    """What a roster file says of its teams; no status and no fix changes it.

    Parameters
    ----------
    teams : tuple of Team
        In order of team id, each once.
    home_roads : tuple of (RoadPosition or None)
        The home of each on the road network; None when no road is near.
    """

    teams: tuple[Team, ...]
    home_roads: tuple[RoadPosition | None, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the teams; their road positions follow from the homes and are left out."""
        return digest_of(self.teams)


@dataclass(frozen=True)
class RosterSnapshot(Deferred):
    """Every team at one moment, in team id order, never changed.

    Parameters
    ----------
    teams : tuple of TeamState
        In order of team id, each once.

    Raises
    ------
    InputError
        They are not: of equal teams the one that stands first goes.
    """

    teams: tuple[TeamState, ...]

    made_by_roster = False  # no field: one that was read back, or made by hand, knows no network
    """Whether a roster made it, which finds the road positions itself."""

    def __post_init__(self) -> None:
        for one, other in pairwise(state.team.team_id for state in self.teams):
            if other <= one:
                raise InputError(
                    f"team {other!r} after {one!r}: a snapshot holds each team once, in order of "
                    "team id"
                )

    @classmethod
    def of_rows(
        cls, lineup: Lineup, rows: bytes, make: Callable[..., Writer], *found: Any
    ) -> RosterSnapshot:
        """Make a snapshot whose states are written by ``make(*found)`` when they are first read.

        Parameters
        ----------
        lineup : Lineup
            Who the teams are.
        rows : bytes
            What is known of them, as `model.live_rows` describes.
        """
        snapshot = cls.pending(make, *found)
        vars(snapshot).update(lineup=lineup, rows=rows, made_by_roster=True)
        return snapshot

    @cached_property
    def lineup(self) -> Lineup:
        """Who the teams are; snapshots of one roster share it."""
        states = self.teams
        return Lineup(tuple(s.team for s in states), tuple(s.home_road for s in states))

    @cached_property
    def rows(self) -> bytes:
        """What changes of the teams, as `model.live_rows` describes."""
        rows = LiveRows(len(self.teams))
        for place, state in enumerate(self.teams):
            write_row(rows, place, state)
        return rows.copy()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the line-up's digest and what was reported, carried into each decision."""
        sha = hashlib.sha256(self.lineup.digest.encode())
        sha.update(reported(self.rows, len(self.lineup.teams)))
        return sha.hexdigest()

    def to_json(self) -> str:
        """Return canonical JSON; `unarmed_router.interop.json_codec.roster_from_json` reads it."""
        return to_json(self)

    def __reduce__(self) -> tuple[type[RosterSnapshot], tuple[tuple[TeamState, ...]]]:
        return RosterSnapshot, (self.teams,)


def write_row(rows: LiveRows, place: int, state: TeamState) -> None:
    """Write all that is known of one team now."""
    rows.status(place, NUMBER_OF[state.status], state.status_at)
    rows.idle(place, state.idle_since)
    fix = state.fix
    if fix is None:
        rows.fix(place, None, 0.0, 0.0, None)
    else:
        rows.fix(place, fix.at, fix.lon, fix.lat, state.fix_road)
