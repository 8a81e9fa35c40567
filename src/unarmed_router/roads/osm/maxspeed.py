"""The speed limit of a way in one direction, km/h.

Source: OSM wiki, Key:maxspeed (units, ``walk``, ``none``, zones such as ``DE:urban``), and
Key:maxspeed:type for zones beside the number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from unarmed_router.roads.osm.access import Direction
from unarmed_router.roads.osm.profile import DrivingProfile, Tags

__all__ = ["Limit", "parsed_kph", "speed_limit"]

_KPH_PER = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}
_NUMBER = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)\s*([a-z/]*)", re.ASCII)
_ZONES = ("maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic")


@dataclass(frozen=True, slots=True)
class Limit:
    """A tagged limit.

    Parameters
    ----------
    kph : float or None
        None where nothing usable is tagged.
    doubt : str or None
        The value that was not understood or not believed.
    """

    kph: float | None
    doubt: str | None = None


def speed_limit(tags: Tags, direction: Direction, profile: DrivingProfile) -> Limit:
    """Return the limit that holds along a way in one direction.

    The directional key counts before the plain one, and a zone only where neither is usable.
    ``maxspeed:lanes``, ``maxspeed:conditional`` and ``maxspeed:advisory`` are not read: they hold
    for some lanes, some hours, or nobody.
    """
    doubt = None
    for key in (f"maxspeed:{direction}", "maxspeed"):
        value = tags.get(key)
        if value is None:
            continue
        kph = parsed_kph(value, profile)
        if kph is not None and profile.plausible_kph[0] <= kph <= profile.plausible_kph[1]:
            return Limit(kph)
        if value.strip() not in {"none", "signals", "variable", "unposted"}:
            doubt = doubt or f"{key}={value}"
    zones = (profile.limit_words.get(tags.get(key, "")) for key in _ZONES)
    return Limit(next((kph for kph in zones if kph is not None), None), doubt)


def parsed_kph(value: str, profile: DrivingProfile) -> float | None:
    """Read one limit; of several (``50;30``) the lowest. None where it is no number and no zone."""
    speeds = []
    for part in value.split(";"):
        text = part.strip()
        if text in profile.limit_words:
            speeds.append(profile.limit_words[text])
            continue
        found = _NUMBER.fullmatch(text.lower())
        if not found or found[2] not in _KPH_PER:
            return None
        speeds.append(float(found[1]) * _KPH_PER[found[2]])
    return min(speeds)
