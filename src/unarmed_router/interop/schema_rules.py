"""What the constructors refuse, said in JSON Schema: ranges, patterns and the place (0, 0).

A validator then refuses before it is sent what reading would. Rules that JSON Schema has no word
for stand in the docstrings: what may be printed, how large an area is, a confidence too low for its
radius, a day that its month does not have. A whole number that is written as 1.0 is one for JSON
Schema, and none for reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from unarmed_router.model.call import CALL_ID, CODE, WORD

__all__ = ["with_rules"]


def _texts(pattern: str) -> dict[str, Any]:
    return {"pattern": f"^{pattern}$"}


def _no_missing_place(lon: str, lat: str) -> dict[str, Any]:
    """Refuse (0, 0), which is how a call without a place looks."""
    return {"not": {"properties": {lon: {"const": 0}, lat: {"const": 0}}}}


_LON, _LAT = {"minimum": -180, "maximum": 180}, {"minimum": -90, "maximum": 90}
_METRES = {"minimum": 0.01, "maximum": 50_000}
_SHARE = {"exclusiveMinimum": 0, "maximum": 1}
_NOT_EMPTY, _NOT_NEGATIVE = {"minLength": 1}, {"minimum": 0}
_FACTS = {"propertyNames": _texts(WORD.pattern)}
# The format "time" is that of RFC 3339, which has an offset; these are times of a wall clock.
_MINUTE = {"format": None, **_texts("([01][0-9]|2[0-3]):[0-5][0-9](:00([.,]0+)?)?")}
_POINT = {"prefixItems": [_LON, _LAT]}
_RINGS = {"minItems": 1, "items": {"minItems": 3, "items": _POINT}}

_RULES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "Call": {
            "properties": {
                "call_id": _texts(CALL_ID.pattern),
                "lon": _LON,
                "lat": _LAT,
                "call_type": _texts(CODE.pattern),
                "facts": _FACTS,
                "needs": {"items": _texts(WORD.pattern)},
                "prefers": {"items": _texts(WORD.pattern)},
                "excludes": {"items": _texts(CALL_ID.pattern)},
                "codes": {"items": _texts(CODE.pattern)},
            },
            **_no_missing_place("lon", "lat"),
        },
        "Circle": {"properties": {"radius_m": _METRES, "confidence": _SHARE}},
        "Ellipse": {
            "properties": {
                "semi_major_m": _METRES,
                "semi_minor_m": _METRES,
                "orientation_deg": {"minimum": -360, "maximum": 360},
                "confidence": _SHARE,
            }
        },
        "Area": {"properties": {"rings": _RINGS, "confidence": _SHARE}},
        "Fix": {"properties": {"lon": _LON, "lat": _LAT}, **_no_missing_place("lon", "lat")},
        "Team": {
            "properties": {
                "team_id": _NOT_EMPTY,
                "provider": _NOT_EMPTY,
                "program": _NOT_EMPTY,
                "home_lon": _LON,
                "home_lat": _LAT,
                "crew_size": {"minimum": 1},
                "capabilities": {"items": _NOT_EMPTY},
                # The bounds of a number say nothing of null.
                "turnout_s": {"minimum": 0, "maximum": 86_400},
            },
            **_no_missing_place("home_lon", "home_lat"),
        },
        "Shift": {
            "properties": {
                "days": {"minItems": 1, "items": {"minimum": 0, "maximum": 6}},
                "start": _MINUTE,
                "end": _MINUTE,
            },
        },
        "Recommendation": {
            "properties": {"facts": _FACTS, "candidates": {"minItems": 1}},
            "required": ["kind"],  # by which they are told apart, so its default is no use
        },
        "Referral": {"properties": {"facts": _FACTS}, "required": ["kind"]},
        "Reading": {"properties": {"facts": _FACTS}},
        "Candidate": {
            "properties": {
                "travel_ms": _NOT_NEGATIVE,
                "turnout_ms": _NOT_NEGATIVE,
                "response_ms": _NOT_NEGATIVE,
            }
        },
    }
)


def with_rules(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with the rules of the objects in it.

    Parameters
    ----------
    schema : dict
        Of names and types, as pydantic makes it: an object's ``title`` is the name of its class.
    """
    ruled = _merged(schema, _RULES.get(schema.get("title", ""), {}))
    if "$defs" in schema:
        ruled["$defs"] = {
            name: _merged(each, _RULES.get(name, {})) for name, each in schema["$defs"].items()
        }
    return ruled


def _merged(schema: Mapping[str, Any], rules: Mapping[str, Any]) -> dict[str, Any]:
    """Add rules to what is there, level by level; None takes a word out."""
    merged = dict(schema)
    for key, rule in rules.items():
        there = schema.get(key)
        if rule is None:
            del merged[key]
        elif isinstance(there, Mapping):
            merged[key] = _merged(there, rule)
        elif key == "required":
            merged[key] = [*(there or ()), *rule]
        elif isinstance(there, list):
            merged[key] = [_merged(*pair) for pair in zip(there, rule, strict=True)]
        else:
            merged[key] = rule
    return merged
