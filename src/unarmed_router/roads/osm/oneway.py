"""In which directions a way may be driven.

Source: OSM wiki, Key:oneway (values yes, no, -1, reversible, alternating; implied on motorways and
roundabouts), Key:junction, Conditional restrictions.
"""

from __future__ import annotations

from unarmed_router.roads.osm.conditions import conditional_values
from unarmed_router.roads.osm.profile import DrivingProfile, Tags

__all__ = ["directions"]

_BACKWARD = frozenset({"-1", "reverse"})
_BOTH = frozenset({"no", "false", "0"})
_CHANGING = frozenset({"reversible", "alternating"})
_CIRCLES = frozenset({"roundabout", "circular"})


def directions(tags: Tags, implied: bool, profile: DrivingProfile) -> tuple[bool, bool]:
    """Return whether a way may be driven forward and backward.

    Parameters
    ----------
    tags : mapping of str to str
        Of the way.
    implied : bool
        Whether its class is one-way where nothing is tagged.
    profile : DrivingProfile
        Its hierarchy: ``oneway:motorcar`` overrules ``oneway``.

    Notes
    -----
    A road whose direction changes with the hour is driven in neither: which one holds is unknown
    when the team arrives. Under conditions only the direction that is legal at all hours is kept:
    the tagged one and that of every clause must agree, or none is left. An unknown value is read
    as a one-way street in the tagged direction, the narrower right.
    """
    value = _tagged(tags, profile)
    if value is None:
        along, against = True, not implied and tags.get("junction") not in _CIRCLES
    else:
        along, against = _meaning(value)
    for clause in _conditions(tags, profile):
        ahead, back = _meaning(clause)
        along, against = along and ahead, against and back
    return along, against


def _meaning(value: str) -> tuple[bool, bool]:
    """Return the directions that a one-way value leaves open."""
    if value in _BOTH:
        return True, True
    if value in _BACKWARD:
        return False, True
    if value in _CHANGING:
        return False, False
    return True, False


def _tagged(tags: Tags, profile: DrivingProfile) -> str | None:
    """Return the most special one-way value."""
    for key in reversed(profile.hierarchy[1:]):
        value = tags.get(f"oneway:{key}")
        if value is not None:
            return value
    return tags.get("oneway")


def _conditions(tags: Tags, profile: DrivingProfile) -> list[str]:
    """Return the one-way values that hold at some hours, of every key for the team."""
    keys = ("oneway", *(f"oneway:{key}" for key in profile.hierarchy[1:]))
    return [
        value for key in keys for value in conditional_values(tags.get(f"{key}:conditional", ""))
    ]
