"""A share with how well it is known."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from unarmed_router.errors import InputError

__all__ = ["Proportion", "wilson"]

_Z95 = 1.959963984540054
"""Standard normal quantile of 97.5 %."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """Some of all, with a 95 % interval.

    Parameters
    ----------
    count, of : int
        Some, and all.
    low, high : float
        Ends of the interval, within [0, 1].
    """

    count: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """The share; None where there is nothing to share."""
        return self.count / self.of if self.of else None


def wilson(count: int, of: int) -> Proportion:
    """Return a share with its Wilson score interval at 95 %.

    It stays within [0, 1] and is right for few cases and for shares near 0 and 1, where the usual
    interval around the share is not. E. B. Wilson, 1927, doi:10.1080/01621459.1927.10502953.

    Parameters
    ----------
    count, of : int
        Some, and all; 0 of 0 gives the whole of [0, 1].

    Raises
    ------
    InputError
        `count` is negative or more than `of`.
    """
    if not 0 <= count <= of:
        raise InputError(f"{count} of {of} is no proportion")
    if not of:
        return Proportion(count, of, 0.0, 1.0)
    share, square = count / of, _Z95**2 / of
    middle = (share + square / 2) / (1 + square)
    half = _Z95 * sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    # Rounding must not leave the ends a hair beside 0 and 1.
    low = 0.0 if count == 0 else max(0.0, middle - half)
    high = 1.0 if count == of else min(1.0, middle + half)
    return Proportion(count, of, low, high)
