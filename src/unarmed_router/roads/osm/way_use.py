"""What the tags of a way make of it: a road or not, its directions, access and speeds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from unarmed_router.roads.osm.access import Direction, tagged_access, way_access
from unarmed_router.roads.osm.maxspeed import speed_limit
from unarmed_router.roads.osm.oneway import directions
from unarmed_router.roads.osm.profile import Access, DrivingProfile, RoadClassRule, Tags

__all__ = ["WayUse", "street_name", "way_use"]

FERRY_CLASS = "ferry"
_HOURS = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?")
_ISO = re.compile(r"PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?")
_NOT_DRIVEN_YET = frozenset({"construction", "proposed", "planned"})


@dataclass(frozen=True, slots=True)
class WayUse:
    """How the team may use a way.

    Parameters
    ----------
    road_class : str
        Value of ``highway``, or ``ferry``.
    forward, backward : Access
        What the team may do along the way and against it.
    kph_forward, kph_backward : float
        Free-flow speeds.
    assumed : bool
        No limit is tagged: the speed is the class's.
    doubt : str or None
        A tagged limit that was not believed.
    refused : str or None
        Why no direction is open; None where one is.
    fixed_s : float
        Time of the whole way whatever its length, where a ferry says so; 0 elsewhere.
    boarding_s : float
        Wait before a ferry, each way.
    """

    road_class: str
    forward: Access
    backward: Access
    kph_forward: float = 0.0
    kph_backward: float = 0.0
    assumed: bool = False
    doubt: str | None = None
    refused: str | None = None
    fixed_s: float = 0.0
    boarding_s: float = 0.0


def way_use(tags: Tags, profile: DrivingProfile) -> WayUse | None:
    """Read the tags of a way.

    Returns
    -------
    WayUse or None
        None where the way is no road at all (a building, a river).
    """
    if "highway" not in tags and tags.get("route") == "ferry":
        return _ferry(tags, profile)
    value = tags.get("highway")
    if value is None:
        return None
    rule = _rule(tags, profile)
    if rule is None:
        why = "not built yet" if value in _NOT_DRIVEN_YET else "no road for cars"
        return WayUse(value, Access.CLOSED, Access.CLOSED, refused=f"{why}: highway={value}")
    along, against = directions(tags, rule.oneway, profile)
    forward = way_access(tags, rule.access, "forward", profile) if along else Access.CLOSED
    backward = way_access(tags, rule.access, "backward", profile) if against else Access.CLOSED
    if forward == backward == Access.CLOSED:
        return WayUse(value, forward, backward, refused=_reason(tags, along or against))
    ahead, back = _speed(tags, "forward", rule, profile), _speed(tags, "backward", rule, profile)
    counted = ahead if forward != Access.CLOSED else back
    return WayUse(
        road_class=value,
        forward=forward,
        backward=backward,
        kph_forward=ahead[0],
        kph_backward=back[0],
        assumed=counted[1],
        doubt=ahead[2] or back[2],
    )


def street_name(tags: Tags) -> str:
    """Return what a dispatcher calls the road: its name, or else its number."""
    return tags.get("name") or tags.get("ref") or ""


def _rule(tags: Tags, profile: DrivingProfile) -> RoadClassRule | None:
    if tags["highway"] == "service" and tags.get("service") in profile.services:
        return profile.services[tags["service"]]
    return profile.classes.get(tags["highway"])


def _reason(tags: Tags, has_direction: bool) -> str:
    if not has_direction:
        for key in sorted(tags):
            if key.startswith("oneway") and key.endswith(":conditional"):
                # Its values are as many as there are hours: the report counts roads by reason.
                return f"direction changes: {key}"
        return f"direction changes: oneway={tags.get('oneway')}"
    if tags.get("area") == "yes":
        return "an area, not a line"
    return "closed to the team"


def _speed(
    tags: Tags, direction: Direction, rule: RoadClassRule, profile: DrivingProfile
) -> tuple[float, bool, str | None]:
    """Return the free-flow speed, whether it is assumed, and a limit that was not believed."""
    limit = speed_limit(tags, direction, profile)
    kph = rule.kph if limit.kph is None else limit.kph * profile.share_of_limit
    for key, fastest in (
        ("surface", profile.surface_kph),
        ("smoothness", profile.smoothness_kph),
        ("tracktype", profile.tracktype_kph),
    ):
        kph = min(kph, fastest.get(tags.get(key, ""), kph))
    return kph, limit.kph is None, limit.doubt


def _ferry(tags: Tags, profile: DrivingProfile) -> WayUse:
    """Take a ferry only where it says that it carries cars."""
    rule = profile.ferry
    carries = tagged_access(
        {key: value for key, value in tags.items() if key not in {"access", "vehicle"}}, profile
    )
    if rule is None or carries is None or carries == Access.CLOSED:
        why = "ferries are closed" if rule is None else "a ferry that is not said to carry cars"
        return WayUse(FERRY_CLASS, Access.CLOSED, Access.CLOSED, refused=why)
    along, against = directions(tags, False, profile)
    return WayUse(
        road_class=FERRY_CLASS,
        forward=carries if along else Access.CLOSED,
        backward=carries if against else Access.CLOSED,
        kph_forward=rule.kph,
        kph_backward=rule.kph,
        assumed=True,
        fixed_s=_duration_s(tags.get("duration", "")),
        boarding_s=rule.boarding_s,
    )


def _duration_s(text: str) -> float:
    """Read ``HH:MM``, ``HH:MM:SS`` or ISO 8601 ``PT1H20M``; 0 where it is neither."""
    hours = _HOURS.fullmatch(text.strip())
    if hours:
        return int(hours[1]) * 3600.0 + int(hours[2]) * 60.0 + int(hours[3] or 0)
    iso = _ISO.fullmatch(text.strip())
    return (int(iso[1] or 0) * 3600.0 + int(iso[2] or 0) * 60.0) if iso else 0.0
