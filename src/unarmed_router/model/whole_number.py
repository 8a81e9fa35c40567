"""A whole number that a caller hands over: none is rounded, and True is none."""

from __future__ import annotations

from operator import index

from unarmed_router.errors import InputError

__all__ = ["as_whole", "whole_number"]


def as_whole(value: object) -> int | None:
    """Take a whole number of Python or numpy; None for what is none."""
    try:
        return None if isinstance(value, bool) else index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def whole_number(name: str, value: object, *, least: int = 0) -> int:
    """Take a whole number of Python or numpy; True and False are none.

    Raises
    ------
    InputError
        It is none, or below the least.
    """
    found = as_whole(value)
    if found is None or found < least:
        raise InputError(f"{name} {value!r:.80} must be a whole number of at least {least}")
    return found
