"""May the team drive here: the access hierarchy, in each direction.

Keys are read from the general to the special (access, vehicle, motor_vehicle, motorcar): the most
special one that is tagged counts. A directional key (``motor_vehicle:backward``) overrules the same
key without direction. A conditional key can only narrow: what is open at some hours only is never
relied on to pass through, and what is closed is not opened by a condition.

Source: OSM wiki, Key:access, "Transport mode restrictions"; Conditional restrictions.
"""

from __future__ import annotations

from typing import Literal

from unarmed_router.roads.osm.conditions import conditional_values
from unarmed_router.roads.osm.profile import Access, DrivingProfile, Tags

__all__ = ["Direction", "tagged_access", "way_access"]

Direction = Literal["forward", "backward"]


def way_access(
    tags: Tags, implied: Access, direction: Direction, profile: DrivingProfile
) -> Access:
    """Return what the team may do along a way in one direction.

    Parameters
    ----------
    tags : mapping of str to str
        Of the way.
    implied : Access
        What its class implies where nothing is tagged.
    direction : {"forward", "backward"}
        Along the way or against it.
    profile : DrivingProfile
        Hierarchy and values.
    """
    if _is_impassable(tags):
        return Access.CLOSED
    tagged = tagged_access(tags, profile, direction)
    access = implied if tagged is None else tagged
    if access == Access.OPEN and _is_conditional(tags, profile, direction):
        return Access.ENDS_ONLY
    return access


def tagged_access(
    tags: Tags, profile: DrivingProfile, direction: Direction | None = None
) -> Access | None:
    """Return what the most special access key says, None where none is tagged."""
    for key in reversed(profile.hierarchy):
        value = tags.get(f"{key}:{direction}") if direction else None
        value = tags.get(key) if value is None else value
        if value is not None:
            return profile.meaning_of(value)
    return None


def _is_impassable(tags: Tags) -> bool:
    """Tell whether the road is closed whatever its access keys say."""
    return (
        tags.get("impassable") == "yes"
        or tags.get("smoothness") == "impassable"
        or tags.get("area") == "yes"
        # The whole road is for car pools; ``hov=lane`` and the like leave lanes to others.
        or tags.get("hov") == "designated"
    )


def _is_conditional(tags: Tags, profile: DrivingProfile, direction: Direction) -> bool:
    """Tell whether a condition may narrow the access at some hours."""
    for key in profile.hierarchy:
        for name in (f"{key}:conditional", f"{key}:{direction}:conditional"):
            values = conditional_values(tags.get(name, ""))
            if any(profile.meaning_of(value) != Access.OPEN for value in values):
                return True
    return False
