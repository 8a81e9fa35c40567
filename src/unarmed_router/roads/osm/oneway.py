"""In which directions a way may be driven.

Source: OSM wiki, Key:oneway (values yes, no, -1, reversible, alternating; implied on motorways and
roundabouts), Key:junction.
"""

from __future__ import annotations

from unarmed_router.roads.osm.profile import DrivingProfile, Tags

__all__ = ["directions"]

_FORWARD = frozenset({"yes", "true", "1"})
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
    when the team arrives. So is a one-way road with a condition on its direction: it is driven
    the tagged way only. An unknown value is read as a one-way street in the tagged direction,
    the narrower right.
    """
    value = _tagged(tags, profile)
    if value is None:
        along = implied or tags.get("junction") in _CIRCLES
        return True, not along and not _may_close(tags, profile)
    if value in _BOTH:
        return True, not _may_close(tags, profile)
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


def _may_close(tags: Tags, profile: DrivingProfile) -> bool:
    """Tell whether a two-way road becomes one-way under some condition."""
    keys = ("oneway", *(f"oneway:{key}" for key in profile.hierarchy[1:]))
    words = [tags.get(f"{key}:conditional", "").partition("@")[0].strip() for key in keys]
    return any(word in _FORWARD for word in words)
