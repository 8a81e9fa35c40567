"""Teams: what they are, and what is known of them now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from unarmed_router.errors import InputError
from unarmed_router.model.call import as_text, in_utc
from unarmed_router.model.canonical import to_json
from unarmed_router.model.location import RoadPosition, check_lonlat
from unarmed_router.model.shift import ALWAYS, Shift
from unarmed_router.model.whole_number import as_whole

__all__ = [
    "NUMBER_OF",
    "Fix",
    "Team",
    "TeamState",
    "TeamStatus",
    "checked_status",
]

_DAY_S = 86_400


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


def checked_status(status: TeamStatus | str) -> TeamStatus:
    """Return a status by its word.

    Raises
    ------
    InputError
        There is no such status.
    """
    if type(status) is TeamStatus:
        return status
    try:
        return TeamStatus(status)
    except ValueError:
        known = ", ".join(TeamStatus)
        raise InputError(f"status {status!r:.80} is none of: {known}") from None


NUMBER_OF: Mapping[TeamStatus, int] = MappingProxyType(
    {
        TeamStatus.AVAILABLE: 0,
        TeamStatus.UNKNOWN: 1,
        TeamStatus.RESERVED: 2,
        TeamStatus.EN_ROUTE: 3,
        TeamStatus.ON_SCENE: 4,
        TeamStatus.TRANSPORTING: 5,
        TeamStatus.CLEARING: 6,
        TeamStatus.OFF_DUTY: 7,
        TeamStatus.OUT_OF_SERVICE: 8,
    }
)
"""Number of each status in `live_rows`; digests stand on them, so a number is never used again."""


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
        When it is on duty; none of a team that was taken off the roster and finishes a call.
    turnout_s : int or None
        Time from assignment to rolling, up to a day, seconds; None takes the policy's.

    Raises
    ------
    CoordinateError, InputError
        A value is none of its kind.
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
        for name in ("team_id", "provider", "program"):
            word = getattr(self, name)
            if not _is_line(word):
                raise InputError(f"{name} {word!r:.80} must be printable text, not empty")
            object.__setattr__(self, name, as_text(word))
        check_lonlat(lon=self.home_lon, lat=self.home_lat)
        # Equal teams have equal digests: -118 is written as -118.0, and there is one zero.
        object.__setattr__(self, "home_lon", float(self.home_lon) + 0.0)
        object.__setattr__(self, "home_lat", float(self.home_lat) + 0.0)
        crew_size, turnout_s = as_whole(self.crew_size), self.turnout_s
        if crew_size is None or crew_size < 1:
            raise InputError(
                f"team {self.team_id}: crew_size {self.crew_size!r:.80} must be a whole number, "
                "at least 1"
            )
        object.__setattr__(self, "crew_size", crew_size)
        if turnout_s is not None:
            turnout_s = as_whole(turnout_s)
            if turnout_s is None or not 0 <= turnout_s <= _DAY_S:
                raise InputError(
                    f"team {self.team_id}: turnout_s {self.turnout_s!r:.80} must be a whole number "
                    f"of seconds, 0 to {_DAY_S}"
                )
            object.__setattr__(self, "turnout_s", turnout_s)
        for name, fits in (("capabilities", _is_line), ("shifts", _is_shift)):
            values = getattr(self, name)
            if not isinstance(values, tuple | list) or not all(map(fits, values)):
                raise InputError(
                    f"team {self.team_id}: {name} {values!r:.80} must be a sequence of "
                    f"{'words' if fits is _is_line else 'Shift'}"
                )
        object.__setattr__(self, "capabilities", tuple(map(as_text, self.capabilities)))
        object.__setattr__(self, "shifts", tuple(self.shifts))

    def on_duty(self, local: datetime) -> bool:
        """Tell whether some shift covers the agency's wall clock `local`."""
        return any(shift.covers(local) for shift in self.shifts)


def _is_line(word: Any) -> bool:
    """Tell text that can be shown and written: half a character, as of UTF-16, cannot."""
    return isinstance(word, str) and word != "" and word.isprintable()


def _is_shift(value: Any) -> bool:
    return isinstance(value, Shift)


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
        object.__setattr__(self, "lon", float(self.lon) + 0.0)  # one zero, as above
        object.__setattr__(self, "lat", float(self.lat) + 0.0)
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

    Raises
    ------
    InputError
        A value is none of its kind, or a time is naive.
    """

    team: Team
    status: TeamStatus = TeamStatus.UNKNOWN
    status_at: datetime | None = None
    idle_since: datetime | None = None
    fix: Fix | None = None
    home_road: RoadPosition | None = None
    fix_road: RoadPosition | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.team, Team):
            raise InputError(f"team must be a Team; got {self.team!r:.80}")
        if self.fix is not None and not isinstance(self.fix, Fix):
            raise InputError(
                f"fix of team {self.team.team_id} must be a Fix; got {self.fix!r:.80}: make one, "
                "Fix(lon=, lat=, at=)"
            )
        for name, road in (("home_road", self.home_road), ("fix_road", self.fix_road)):
            if road is not None and not isinstance(road, RoadPosition):
                raise InputError(
                    f"{name} of team {self.team.team_id} must be a RoadPosition; got {road!r:.80}"
                )
        if type(self.status) is not TeamStatus:
            object.__setattr__(self, "status", checked_status(self.status))
        if self.status_at is not None:
            object.__setattr__(self, "status_at", in_utc(self.status_at, "status_at"))
        if self.idle_since is not None:
            object.__setattr__(self, "idle_since", in_utc(self.idle_since, "idle_since"))

    def without_roads(self) -> TeamState:
        """Return what was reported alone: road positions follow from it and from a network."""
        return replace(self, home_road=None, fix_road=None)

    def to_json(self) -> str:
        """Return canonical JSON; `unarmed_router.interop.json_codec.team_from_json` reads it."""
        return to_json(self)
