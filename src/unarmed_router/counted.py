"""A number with its noun, as a sentence says it."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 day``, ``2 days``, ``12,000 days``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
