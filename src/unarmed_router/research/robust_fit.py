"""Least Huber loss: regression that some gross errors pull only so far.

Residuals are in standard deviations of an ordinary error. The loss is quadratic up to `TUNING` and
linear beyond (Huber 1964, doi 10.1214/aoms/1177703732), so that one trip with a long stop, or a
lost fix, pulls with a bounded force.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["HIGHEST", "LOWEST", "least_huber_loss", "scale_of", "standard_errors"]

Floats = npt.NDArray[np.float64]

LOWEST, HIGHEST = 0.2, 5.0
"""Bounds of a coefficient: a road is at most five times faster or slower than its profile says."""

TUNING = 1.345
"""Huber's constant: 95 % efficient where errors are normal (Holland and Welsch 1977,
doi 10.1080/03610927708827533)."""

_TO_SIGMA = 1.4826
"""Makes the median absolute deviation the standard deviation of a normal distribution."""

_LEAST_SCALE = 1e-4

_LEVEL = 1e-10
"""An eigenvalue below this is one of 0: all of them together are as many as coefficients."""

_TOUCHED = 1e-4
"""A smaller part of a coefficient in a direction is rounding."""


def scale_of(errors: Floats) -> float:
    """Return the standard deviation of most errors, whatever fewer than half of them are."""
    deviation = np.median(np.abs(errors - np.median(errors)))
    return max(_TO_SIGMA * float(deviation), _LEAST_SCALE)


def least_huber_loss(matrix: Floats, right: Floats, start: Floats) -> Floats:
    """Return the coefficients of the least loss of ``matrix @ x - right``, within the bounds.

    Parameters
    ----------
    matrix : float64 array, shape (n, k)
    right : float64 array, shape (n,)
        Both in standard deviations of an ordinary error.
    start : float64 array, shape (k,)
        Where the search begins.

    Returns
    -------
    float64 array, shape (k,)
    """
    from scipy.optimize import least_squares  # noqa: PLC0415  # importing scipy costs 0.35 s

    solved = least_squares(
        lambda chosen: matrix @ chosen - right,
        np.clip(start, LOWEST * 1.01, HIGHEST * 0.99),
        jac=lambda _: matrix.copy(),  # some releases of scipy scale what they are given, in place
        bounds=(LOWEST, HIGHEST),
        loss="huber",
        f_scale=TUNING,
    )
    found: Floats = solved.x
    return found


def standard_errors(matrix: Floats, right: Floats, found: Floats) -> Floats:
    """Return the standard error of each coefficient, by the sandwich of an M-estimator.

    Holds for large n and away from the bounds (Huber 1967, The behavior of maximum likelihood
    estimates under nonstandard conditions).

    Parameters
    ----------
    matrix, right
        As in `least_huber_loss`.
    found : float64 array, shape (k,)
        Its solution.

    Returns
    -------
    float64 array, shape (k,)
        Infinite where the loss is as small for other values of the coefficient: every row it is in
        is a gross error, or it can be traded for another one.
    """
    residual = matrix @ found - right
    inside = (np.abs(residual) <= TUNING).astype(np.float64)
    pull = np.clip(residual, -TUNING, TUNING)
    curvature = matrix.T @ (inside[:, None] * matrix)
    bread = np.linalg.pinv(curvature)
    spread = bread @ (matrix.T @ ((pull**2)[:, None] * matrix)) @ bread
    errors: Floats = np.sqrt(np.maximum(np.diag(spread), 0.0))
    errors[_flat(curvature)] = np.inf
    return errors


def _flat(curvature: Floats) -> npt.NDArray[np.bool_]:
    """Mark the coefficients that move along a direction in which the loss does not curve."""
    # Without units, so that one threshold fits long classes of road and short ones.
    size = np.sqrt(np.diag(curvature))
    size[size == 0.0] = 1.0
    values, directions = np.linalg.eigh(curvature / np.outer(size, size))
    flat: npt.NDArray[np.bool_] = (np.abs(directions[:, values < _LEVEL]) > _TOUCHED).any(axis=1)
    return flat
