"""Teams: what they are, and what is known of them now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from unarmed_router.errors import InputError
from unarmed_router.model.call import in_utc
from unarmed_router.model.canonical import digest_of
from unarmed_router.model.location import RoadPosition, check_lonlat
from unarmed_router.model.shift import ALWAYS, Shift

__all__ = ["ALWAYS", "Fix", "RosterSnapshot", "Shift", "Team", "TeamState", "TeamStatus"]


class TeamStatus(StrEnum):
    """What a team is doing. Only ``available`` can be sent; ``unknown`` never can."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    TRANSPORTING = "transporting"
    CLEARING = "clearing"
    OFF_DUTY = "off_duty"
    OUT_OF_SERVICE = "out_of_service"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """One response team, as the roster describes it.

    Parameters
    ----------
    team_id : str
        Unique in the roster.
    provider : str
        Provider id of the policy.
    program : str
        Program id of the policy.
    home_lon, home_lat : float
        Where it waits, WGS 84 degrees.
    crew_size : int
        People aboard.
    capabilities : tuple of str
        What it can do beyond the program's minimum, such as ``"spanish"``.
    shifts : tuple of Shift
        When it is on duty.
    turnout_s : int or None
        Time from assignment to rolling, seconds; None takes the policy's.
    """

    team_id: str
    provider: str
    program: str
    home_lon: float
    home_lat: float
    crew_size: int = 2
    capabilities: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ALWAYS
    turnout_s: int | None = None

    def __post_init__(self) -> None:
        if not self.team_id:
            raise InputError("team_id must not be empty")
        check_lonlat(lon=self.home_lon, lat=self.home_lat)
        if self.crew_size < 1:
            raise InputError(f"team {self.team_id}: crew_size {self.crew_size} must be at least 1")
        if self.turnout_s is not None and self.turnout_s < 0:
            raise InputError(
                f"team {self.team_id}: turnout_s {self.turnout_s} must not be negative"
            )

    def on_duty(self, local: datetime) -> bool:
        """Tell whether some shift covers the agency's wall clock `local`."""
        return any(shift.covers(local) for shift in self.shifts)


@dataclass(frozen=True, slots=True)
class Fix:
    """One AVL position and its time.

    Parameters
    ----------
    lon, lat : float
        WGS 84 degrees.
    at : datetime
        When it was measured; timezone-aware.
    """

    lon: float
    lat: float
    at: datetime

    def __post_init__(self) -> None:
        check_lonlat(lon=self.lon, lat=self.lat)
        object.__setattr__(self, "at", in_utc(self.at, "fix time"))


@dataclass(frozen=True, kw_only=True)
class TeamState:
    """A team and what is known of it now.

    Parameters
    ----------
    team : Team
        Who it is.
    status : TeamStatus
        What it is doing.
    status_at : datetime or None
        Since when; an older report changes nothing.
    idle_since : datetime or None
        When it last became available; ties go to the longest idle.
    fix : Fix or None
        Its latest AVL position; None leaves it at home.
    home_road, fix_road : RoadPosition or None
        Both places on the road network; None when no road is near.
    """

    team: Team
    status: TeamStatus = TeamStatus.UNKNOWN
    status_at: datetime | None = None
    idle_since: datetime | None = None
    fix: Fix | None = None
    home_road: RoadPosition | None = None
    fix_road: RoadPosition | None = None

    def __post_init__(self) -> None:
        if self.status_at is not None:
            object.__setattr__(self, "status_at", in_utc(self.status_at, "status_at"))
        if self.idle_since is not None:
            object.__setattr__(self, "idle_since", in_utc(self.idle_since, "idle_since"))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the state; its road positions follow from the rest and are left out."""
        return digest_of(replace(self, home_road=None, fix_road=None))


@dataclass(frozen=True)
class RosterSnapshot:
    """Every team at one moment, in team id order, never changed.

    Parameters
    ----------
    teams : tuple of TeamState
        In order of team id, each once.
    """

    teams: tuple[TeamState, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the states' digests, carried into each decision; found on first use."""
        return digest_of([state.digest for state in self.teams])
