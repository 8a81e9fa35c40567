"""The driving profile as plain values: which tags open a road to the team, and how fast it is.

Every figure comes from a TOML file, which names the source of each rule; see
`unarmed_router.agency.driving_profile` for the file and its checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

__all__ = ["Access", "DrivingProfile", "FerryRule", "RoadClassRule", "Tags", "TurnRule"]

Tags = Mapping[str, str]
"""Tags of an element: key to value."""


class Access(IntEnum):
    """What the team may do on a road; the larger value is the narrower right."""

    OPEN = 0
    ENDS_ONLY = 1
    """Drive in to reach the caller, or out from where the team is, but not through."""
    CLOSED = 2


@dataclass(frozen=True, slots=True)
class RoadClassRule:
    """What a value of ``highway`` means.

    Parameters
    ----------
    kph : float
        Free-flow speed where no limit is tagged.
    access : Access
        What the team may do where no access is tagged.
    oneway : bool
        One-way where nothing is tagged.
    """

    kph: float
    access: Access = Access.OPEN
    oneway: bool = False


@dataclass(frozen=True, slots=True)
class FerryRule:
    """Ferries: speed where no duration is tagged, and the wait at the quay."""

    kph: float
    boarding_s: float


@dataclass(frozen=True, slots=True)
class TurnRule:
    """Seconds that turns cost beyond the roads they join.

    Parameters
    ----------
    u_turn_s : float
        Turning round at a junction; at a dead end it is free.
    left_s, right_s : float
        Turning at a junction with a traffic signal.
    straight_degrees : float
        A change of direction up to this is no turn.
    """

    u_turn_s: float
    left_s: float
    right_s: float
    straight_degrees: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivingProfile:
    """The rules of one kind of vehicle.

    Parameters
    ----------
    profile_id, name, digest : str
        Id, name, and SHA-256 of the file.
    hierarchy : tuple of str
        Access keys, the general first: a later key overrules an earlier one.
    access_values : mapping of str to Access
        What a value of an access key means; any other value is `unknown_access`.
    unknown_access : Access
        A value the profile does not know.
    classes : mapping of str to RoadClassRule
        By value of ``highway``; any other value is no road for cars.
    services : mapping of str to RoadClassRule
        By value of ``service``, for ``highway=service``.
    share_of_limit : float
        Free-flow speed as a share of the tagged limit.
    limit_words : mapping of str to float
        Limits that are words or zones, km/h.
    plausible_kph : tuple of (float, float)
        A limit outside is not believed, and reported.
    surface_kph, smoothness_kph, tracktype_kph : mapping of str to float
        The fastest speed on each.
    barriers : mapping of str to Access
        By value of ``barrier`` on a node; any other value is closed. ``kind=value`` overrules
        ``kind`` where the key named like the kind has that value (``kerb=lowered``).
    barrier_delay_s : mapping of str to float
        Seconds at barriers that may be passed.
    node_delay_s : mapping of str to float
        Seconds by ``key=value`` of a node.
    ferry : FerryRule or None
        None closes ferries.
    turns : TurnRule
        What turns cost.
    """

    profile_id: str
    name: str
    digest: str
    hierarchy: tuple[str, ...]
    access_values: Mapping[str, Access]
    unknown_access: Access
    classes: Mapping[str, RoadClassRule]
    services: Mapping[str, RoadClassRule]
    share_of_limit: float
    limit_words: Mapping[str, float]
    plausible_kph: tuple[float, float]
    surface_kph: Mapping[str, float]
    smoothness_kph: Mapping[str, float]
    tracktype_kph: Mapping[str, float]
    barriers: Mapping[str, Access]
    barrier_delay_s: Mapping[str, float]
    node_delay_s: Mapping[str, float]
    ferry: FerryRule | None
    turns: TurnRule

    def meaning_of(self, value: str) -> Access:
        """Return what a value of an access key means; of several (``a;b``), the narrowest."""
        parts = [part.strip() for part in value.split(";")]
        return max(self.access_values.get(part, self.unknown_access) for part in parts)
