"""A validator of the JSON Schema words that the project's schemas use, straight from the standard.

Patterns are those of ECMA-262, where ``$`` is the end of the text and not the place before a last
line break. ``format`` is asserted for ``date-time`` and ``date`` (RFC 3339), and says nothing
otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sized
from datetime import date, datetime
from typing import Any

__all__ = ["valid"]

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_NOTES = {"$schema", "$defs", "title", "description", "default", "discriminator"}


def valid(schema: Mapping[str, Any], value: Any, root: Mapping[str, Any] | None = None) -> bool:
    """Tell whether a value, as `json.loads` gives it, is one of a schema."""
    whole = schema if root is None else root
    return all(
        _CHECKS[word](given, value, schema, whole)
        for word, given in schema.items()
        if word not in _NOTES
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_type(kind: str, value: Any) -> bool:
    if kind == "integer":
        return _is_number(value) and value == int(value)
    if kind == "number":
        return _is_number(value)
    types = {"string": str, "object": dict, "array": list, "boolean": bool, "null": type(None)}
    return isinstance(value, types[kind])


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def _moment(text: Any) -> bool:
    if not isinstance(text, str):
        return True
    if _RFC_3339.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text[:19].upper())
    except ValueError:
        return False
    return True


def _day(text: Any) -> bool:
    if not isinstance(text, str):
        return True
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _items(given: Any, value: Any, schema: Any, root: Any) -> bool:
    if not isinstance(value, list):
        return True
    rest = value[len(schema.get("prefixItems", ())) :]
    return all(valid(given, each, root) for each in rest)


def _others(given: Any, value: Any, schema: Any, root: Any) -> bool:
    if not isinstance(value, dict):
        return True
    others = [value[name] for name in value.keys() - schema.get("properties", {}).keys()]
    return not others if given is False else all(valid(given, each, root) for each in others)


def _number(test: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    return lambda given, value, *_: not _is_number(value) or test(value, given)


def _sized(kind: type[Sized], test: Callable[[int, int], bool]) -> Callable[..., bool]:
    return lambda given, value, *_: not isinstance(value, kind) or test(len(value), given)


_FORMATS: Mapping[str, Callable[[Any], bool]] = {"date-time": _moment, "date": _day}

_CHECKS: dict[str, Callable[..., bool]] = {
    "type": lambda given, value, *_: _is_type(given, value),
    "enum": lambda given, value, *_: any(_same(each, value) for each in given),
    "const": lambda given, value, *_: _same(given, value),
    "minimum": _number(lambda value, least: value >= least),
    "maximum": _number(lambda value, most: value <= most),
    "exclusiveMinimum": _number(lambda value, least: value > least),
    "minLength": _sized(str, lambda size, least: size >= least),
    "minItems": _sized(list, lambda size, least: size >= least),
    "maxItems": _sized(list, lambda size, most: size <= most),
    "pattern": lambda given, value, *_: (
        not isinstance(value, str) or re.search(given.removesuffix("$") + r"\Z", value) is not None
    ),
    "format": lambda given, value, *_: given not in _FORMATS or _FORMATS[given](value),
    "required": lambda given, value, *_: not isinstance(value, dict) or set(given) <= set(value),
    "properties": lambda given, value, _, root: (
        not isinstance(value, dict)
        or all(valid(each, value[name], root) for name, each in given.items() if name in value)
    ),
    "propertyNames": lambda given, value, _, root: (
        not isinstance(value, dict) or all(valid(given, name, root) for name in value)
    ),
    "additionalProperties": _others,
    "items": _items,
    "prefixItems": lambda given, value, _, root: (
        not isinstance(value, list)
        or all(valid(*pair, root) for pair in zip(given, value, strict=False))
    ),
    "anyOf": lambda given, value, _, root: any(valid(each, value, root) for each in given),
    "oneOf": lambda given, value, _, root: sum(valid(each, value, root) for each in given) == 1,
    "not": lambda given, value, _, root: not valid(given, value, root),
    "$ref": lambda given, value, _, root: valid(
        root["$defs"][given.removeprefix("#/$defs/")], value, root
    ),
}
