"""A number that a caller hands over: Python's or numpy's; text and True are none."""

from __future__ import annotations

from numbers import Real

__all__ = ["real_number"]


def real_number(value: object) -> float | None:
    """Take a number as a float; None for what is none, or too large to be one."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        return float(value)
    except (TypeError, OverflowError):  # numpy calls its spans of time numbers, too
        return None
