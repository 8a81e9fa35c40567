"""A share with how well it is known."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from operator import index
from statistics import NormalDist

from unarmed_router.errors import InputError

__all__ = ["DEFAULT_CONFIDENCE", "Proportion", "check_confidence", "wilson"]

DEFAULT_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Proportion:
    """Some of all, with an interval.

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


def wilson(count: int, of: int, *, confidence: float = DEFAULT_CONFIDENCE) -> Proportion:
    """Return a share with its Wilson score interval.

    It stays within [0, 1] and is right for few cases and for shares near 0 and 1, where the usual
    interval around the share is not. E. B. Wilson, 1927, doi:10.1080/01621459.1927.10502953.

    Parameters
    ----------
    count, of : int
        Some, and all; 0 of 0 gives the whole of [0, 1].
    confidence : float
        In (0, 1).

    Raises
    ------
    InputError
        `count` is negative, more than `of` or no whole number, or the confidence is out of range.

    Notes
    -----
    scipy's ``binomtest(count, of).proportion_ci(confidence, "wilson")`` is the oracle in the tests
    and not called here: importing scipy.stats takes longer than a command that needs one interval.
    """
    check_confidence(confidence)
    try:
        count, of = index(count), index(of)
    except TypeError:
        raise InputError(f"{count} of {of} is no proportion; count in whole numbers") from None
    if not 0 <= count <= of:
        raise InputError(f"{count} of {of} is no proportion; count some of all, at least 0")
    if not of:
        return Proportion(count, of, 0.0, 1.0)
    z = -NormalDist().inv_cdf((1.0 - confidence) / 2.0)  # the lower tail does not round to 1
    share, square = count / of, z * z / of
    middle = (share + square / 2) / (1 + square)
    half = z * sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    # At the ends the bound is the share itself, which rounding would miss.
    low = 0.0 if count == 0 else max(0.0, middle - half)
    high = 1.0 if count == of else min(1.0, middle + half)
    return Proportion(count, of, low, high)


def check_confidence(confidence: float) -> None:
    """Refuse what is no confidence.

    Raises
    ------
    InputError
        It is not in (0, 1).
    """
    if not 0.0 < confidence < 1.0:
        raise InputError(f"confidence {confidence} must be in (0, 1), such as 0.95")
