"""Plain and canonical forms of model values, so that equal values give equal bytes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from enum import Enum
from functools import cache
from typing import Any

__all__ = ["digest_of", "to_json", "to_plain"]


_NUMBERS = (int, float)  # bool among them

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
    if value is None or type(value) is str or isinstance(value, _NUMBERS):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in sorted(value.items())}
    if isinstance(value, frozenset | set):
        return sorted(to_plain(item) for item in value)
    if dataclasses.is_dataclass(value):
        return {name: to_plain(getattr(value, name)) for name in _field_names(value.__class__)}
    raise TypeError(f"{type(value).__name__} has no plain form")


@cache
def _field_names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def to_json(value: Any) -> str:
    """Write canonical JSON: sorted keys, no spaces, finite numbers only."""
    return _ENCODER.encode(to_plain(value))


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON, hexadecimal."""
    return hashlib.sha256(to_json(value).encode()).hexdigest()
