"""How unequally service is spread: Gini's coefficient and the worst-served tenth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError

__all__ = ["WorstServed", "gini", "worst_served"]

Floats = npt.NDArray[np.float64]

_ROUNDING = 1e-12
"""Of a sum, what may be left of nobody."""


def gini(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float | None:
    """Gini's coefficient: half the mean difference between two, over the mean.

    0 where all are served alike; towards 1 where few bear it all. Of response times, high values
    are bad ones; the coefficient is the same whichever way round.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite and at least 0.
    weights : array_like of float, shape (n,), optional
        People or calls behind each value; 1 each when not given.

    Returns
    -------
    float or None
        None where there is nothing to compare: no weight, or all values 0.

    Raises
    ------
    InputError
        Shapes differ, or a value or weight is negative or no number.
    """
    amounts, worth = _checked(values, weights)
    order = np.argsort(amounts, kind="stable")
    amounts, worth = amounts[order], worth[order]
    people, whole = worth.sum(), float(worth @ amounts)
    if not people > 0.0 or not whole > 0.0:
        return None
    share = np.concatenate(([0.0], np.cumsum(worth * amounts) / whole))
    # Twice the area between the Lorenz curve and the diagonal.
    return float(1.0 - (worth / people) @ (share[1:] + share[:-1]))


@dataclass(frozen=True, slots=True)
class WorstServed:
    """The part of people or calls that is served worst.

    Parameters
    ----------
    share : float
        How large the part is.
    mean : float
        Their mean value.
    others : float or None
        The mean of everybody else; None where there is nobody else.
    threshold : float
        The smallest value among them.
    """

    share: float
    mean: float
    others: float | None
    threshold: float


def worst_served(
    values: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, share: float = 0.1
) -> WorstServed | None:
    """Find the worst-served tenth, or another part.

    Exactly that part: where the boundary falls within one value's weight, it is divided.

    Parameters
    ----------
    values, weights
        As in `gini`; high values are bad.
    share : float
        In (0, 1].

    Returns
    -------
    WorstServed or None
        None where nothing has weight.

    Raises
    ------
    InputError
        As in `gini`, or a share out of range.
    """
    amounts, worth = _checked(values, weights)
    if not 0.0 < share <= 1.0:
        raise InputError(f"share {share} must be in (0, 1]")
    people = worth.sum()
    if not people > 0.0:
        return None
    order = np.argsort(-amounts, kind="stable")
    amounts, worth = amounts[order], worth[order]
    wanted = share * people
    until = np.cumsum(worth)
    taken = np.clip(wanted - (until - worth), 0.0, worth)
    left = worth - taken
    # Rounding may lift a part a little: 0.07 * 100 is 7.000000000000001.
    last = min(int(np.searchsorted(until, wanted * (1.0 - _ROUNDING))), len(until) - 1)
    threshold = float(amounts[last])
    rest = left.sum()
    others = float(left @ amounts / rest) if rest > _ROUNDING * people else None
    return WorstServed(share, float(taken @ amounts / taken.sum()), others, threshold)


def _checked(values: npt.ArrayLike, weights: npt.ArrayLike | None) -> tuple[Floats, Floats]:
    amounts = np.asarray(values, np.float64)
    worth = np.ones_like(amounts) if weights is None else np.asarray(weights, np.float64)
    if amounts.ndim != 1 or worth.shape != amounts.shape:
        raise InputError(f"values {amounts.shape} and weights {worth.shape} must be as many")
    for name, array in (("values", amounts), ("weights", worth)):
        if not ((array >= 0.0) & np.isfinite(array)).all():
            raise InputError(f"{name} must be finite and at least 0")
    return amounts, worth
