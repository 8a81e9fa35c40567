"""Huber's loss against a plain search, its bounds, its scale and its standard errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import optimize

from unarmed_router.research.robust_fit import (
    HIGHEST,
    LOWEST,
    least_huber_loss,
    scale_of,
    standard_errors,
)


def huber(residuals: npt.NDArray[np.float64]) -> float:
    """Write the loss as Huber does: a half square up to 1.345, a line beyond."""
    size = np.abs(residuals)
    return float(np.where(size <= 1.345, size**2 / 2, 1.345 * size - 1.345**2 / 2).sum())


def test_no_neighbour_has_a_smaller_loss() -> None:
    """A grid around the solution, with a third of the rows far off."""
    rng = np.random.default_rng(1)
    matrix = rng.uniform(0, 3, (60, 2))
    right = matrix @ [1.5, 0.7] + rng.normal(0, 1, 60)
    right[::3] += 20.0
    found = least_huber_loss(matrix, right, np.ones(2))
    least = huber(matrix @ found - right)
    for move in np.stack(np.meshgrid(*[np.linspace(-0.2, 0.2, 9)] * 2), axis=-1).reshape(-1, 2):
        assert huber(matrix @ (found + move) - right) >= least - 1e-6


def test_coefficients_stay_within_their_bounds() -> None:
    """A road is neither driven backwards in time nor in no time."""
    matrix = np.eye(2).repeat(5, axis=0)
    found = least_huber_loss(matrix, matrix @ [-3.0, 90.0], np.ones(2))
    assert found == pytest.approx([LOWEST, HIGHEST], abs=1e-3)


def test_a_solver_may_scale_in_place_what_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Releases of scipy before 1.16 do: the fit, and the rows it is made from, stay as they are."""
    solve = optimize.least_squares

    def spoiling(fun: Any, start: Any, *, jac: Any, **options: Any) -> Any:
        def spoiled(chosen: Any) -> Any:
            slopes = jac(chosen)
            kept = slopes.copy()
            slopes *= 0.5
            return kept

        return solve(fun, start, jac=spoiled, **options)

    matrix = np.random.default_rng(4).uniform(0, 3, (60, 2))
    right, before = matrix @ [1.5, 0.7], matrix.copy()
    monkeypatch.setattr(optimize, "least_squares", spoiling)
    assert least_huber_loss(matrix, right, np.ones(2)) == pytest.approx([1.5, 0.7])
    assert (matrix == before).all()


def test_the_scale_is_that_of_most_values() -> None:
    """The deviation of a normal distribution, whatever a tenth of the values are."""
    values = np.random.default_rng(2).normal(5.0, 2.0, 20_000)
    assert scale_of(values) == pytest.approx(2.0, rel=0.03)
    values[::10] = 1e6
    assert scale_of(values) == pytest.approx(2.0, rel=0.2)
    assert scale_of(np.ones(9)) > 0.0


def test_standard_errors_are_the_spread_of_repeated_fits() -> None:
    """Two hundred samples of one truth scatter as the error of one of them says."""
    rng = np.random.default_rng(3)
    matrix = rng.uniform(0, 2, (300, 2))
    fits, told = [], []
    for _ in range(200):
        right = matrix @ [1.2, 0.9] + rng.standard_t(3, 300)
        found = least_huber_loss(matrix, right, np.ones(2))
        fits.append(found)
        told.append(standard_errors(matrix, right, found))
    spread = np.std(fits, axis=0)
    assert np.mean(told, axis=0) == pytest.approx(spread, rel=0.2)


def test_a_coefficient_that_no_row_tells_has_no_error() -> None:
    """Every row is a gross error, as beyond a bound; and two columns always go together."""
    matrix = np.full((40, 1), 100.0)
    assert standard_errors(matrix, matrix @ [8.0], np.array([HIGHEST])).tolist() == [np.inf]
    rng = np.random.default_rng(5)
    one, other = rng.uniform(0, 2, 60), rng.uniform(0, 2, 60)
    together = np.stack((one, 2.0 * one, other), axis=1)
    right = together @ [1.0, 1.0, 1.0] + rng.normal(0, 1, 60)
    found = least_huber_loss(together, right, np.ones(3))
    errors = standard_errors(together, right, found)
    assert errors[:2].tolist() == [np.inf, np.inf]
    alone = standard_errors(np.stack((one, other), axis=1), right, np.array([3.0, found[2]]))
    assert errors[2] == pytest.approx(alone[1], rel=0.2)
