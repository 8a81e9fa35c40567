"""Plain and canonical forms of model values, so that equal values give equal bytes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any

__all__ = ["digest_of", "to_json", "to_plain"]


# Made once: json.dumps would make an encoder for each call.
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def to_plain(value: Any) -> Any:
    """Turn model values into dicts, lists, strings and numbers.

    Parameters
    ----------
    value : object
        A dataclass of the model, or anything it may hold.

    Returns
    -------
    object
        Fields in declaration order; instants in UTC with microseconds only where there are some.

    Raises
    ------
    TypeError
        A value the model does not hold.
    """
    write = _WRITERS.get(type(value))
    if write is None:
        write = _WRITERS[type(value)] = _writer_of(type(value))
    return write(value)


def _writer_of(kind: type[Any]) -> Callable[[Any], Any]:
    """Choose what makes plain values of a type; a decision on many teams has thousands."""
    for ancestor, write in _KINDS:
        if issubclass(kind, ancestor):
            return write
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{kind.__name__} has no plain form")
    names = tuple(field.name for field in dataclasses.fields(kind))
    return lambda value: {name: to_plain(getattr(value, name)) for name in names}


def _same(value: Any) -> Any:
    return value


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): to_plain(item) for key, item in sorted(value.items())}


_KINDS: tuple[tuple[type[Any] | tuple[type[Any], ...], Callable[[Any], Any]], ...] = (
    ((int, float), _same),  # bool among them
    (Enum, lambda value: value.value),
    (str, str.__str__),  # of a subclass, such as numpy's, the text alone
    ((tuple, list), lambda value: [to_plain(item) for item in value]),
    (datetime, _instant),
    ((date, time), lambda value: value.isoformat()),
    (Mapping, _mapping),
    ((frozenset, set), lambda value: sorted(to_plain(item) for item in value)),
)
"""The first that fits writes a value; then come dataclasses."""

_WRITERS: dict[type[Any], Callable[[Any], Any]] = {type(None): _same, str: _same}
"""What was chosen for each type."""


def to_json(value: Any) -> str:
    """Write canonical JSON: sorted keys, no spaces, finite numbers only."""
    return _ENCODER.encode(to_plain(value))


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON, hexadecimal."""
    return hashlib.sha256(to_json(value).encode()).hexdigest()
