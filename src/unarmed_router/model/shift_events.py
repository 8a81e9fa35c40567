"""What happens around the calls of a shift: data, teams, positions and retention, as events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from unarmed_router.model.team import TeamState, TeamStatus

__all__ = ["AgencySet", "Fixes", "PolicyNamed", "Purged", "Reported", "RosterSet", "SpeedsSet"]


@dataclass(frozen=True, slots=True)
class PolicyNamed:
    """A policy in force, by its digest."""

    policy_id: str
    digest: str
    effective_from: date | None
    effective_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySet:
    """The data decisions are made on from here: at the start, and when any of it is replaced.

    Parameters
    ----------
    agency_id, version : str
        Which agency, and the version of this library.
    agency, boundaries, network, profile : str
        SHA-256 digests, as in `Basis`.
    policies : tuple of PolicyNamed
        Every policy loaded.
    """

    agency_id: str
    version: str
    agency: str
    boundaries: str
    network: str
    profile: str
    policies: tuple[PolicyNamed, ...]
    kind: Literal["agency_set"] = "agency_set"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedsSet:
    """Live traffic came into force, or ended.

    Parameters
    ----------
    profile : str
        Digest of the speeds now in force.
    unit : {"factor", "ms"} or None
        What is said of each arc: a factor on the profile's time, or a time in its place, -1 for
        none; None where live traffic ended.
    arcs : str or None
        One number an arc, float64 or int32, little-endian, zlib-compressed, in base64.
    """

    profile: str
    unit: Literal["factor", "ms"] | None
    arcs: str | None
    kind: Literal["speeds_set"] = "speeds_set"


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterSet:
    """Every team with its state: at the start, and when the roster file is replaced."""

    teams: tuple[TeamState, ...]
    kind: Literal["roster_set"] = "roster_set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixes:
    """AVL positions, one column a field; those a later fix overtook unseen are not among them.

    Parameters
    ----------
    team_ids : tuple of str
        Which teams.
    lon, lat : tuple of float
        WGS 84 degrees.
    measured : tuple of datetime
        When each was measured.
    """

    team_ids: tuple[str, ...]
    lon: tuple[float, ...]
    lat: tuple[float, ...]
    measured: tuple[datetime, ...]
    kind: Literal["fixes"] = "fixes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A team's status, as the crew or the CAD reports it.

    Parameters
    ----------
    team_id : str
        Which team.
    status : TeamStatus
        What it does.
    since : datetime
        Since when.
    skipped : tuple of TeamStatus
        Steps of the life cycle that nobody reported; empty in a full report.
    """

    team_id: str
    status: TeamStatus
    since: datetime
    skipped: tuple[TeamStatus, ...] = ()
    kind: Literal["reported"] = "reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """Retention removed what ended calls and old positions said; their digests are left.

    Parameters
    ----------
    before : datetime
        Only what was over by then was removed.
    up_to_seq : int
        The last event removed.
    count : int
        How many were removed this time.
    """

    before: datetime
    up_to_seq: int
    count: int
    kind: Literal["purged"] = "purged"
