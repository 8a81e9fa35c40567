"""What synthetic callers report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CallMix"]


@dataclass(frozen=True, slots=True)
class CallMix:
    """What callers report.

    Parameters
    ----------
    call_types : mapping of str to float
        Weight of each call type.
    yes : mapping of str to float
        Probability that a fact is yes.
    unknown : float
        Probability that a fact was never established.
    """

    call_types: Mapping[str, float]
    yes: Mapping[str, float]
    unknown: float
