"""Expected coverage: Daskin's formula, what a team is worth, and the exact model beside it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unarmed_router.errors import InputError
from unarmed_router.research.expected_coverage import (
    busy_fraction,
    expected_coverage,
)
from unarmed_router.research.hypercube import solve_hypercube
from unarmed_router.research.hypercube_demand import SpatialDemand

near = arrays(bool, (4, 5))
demand = arrays(float, 5, elements=st.floats(0, 10))


def test_worked_by_hand() -> None:
    """Busy half the time: one team covers 1/2, two cover 3/4, none covers nothing."""
    within = [[True, True, False], [True, False, False]]
    assert expected_coverage(within, [4.0, 2.0, 2.0], 0.5) == pytest.approx((3.0 + 1.0) / 8)


@given(near, demand, st.floats(0, 1))
def test_coverage_is_the_chance_over_all_busy_sets(
    within: np.ndarray, weights: np.ndarray, busy: float
) -> None:
    """Summed over the 16 sets of busy teams, each with its probability."""
    found = expected_coverage(within, weights, busy)
    if not weights.sum() > 0:
        assert found is None
        return
    wanted = 0.0
    for free in itertools.product([False, True], repeat=4):
        chance = math.prod(1 - busy if one else busy for one in free)
        wanted += chance * float(weights[within[list(free)].any(axis=0)].sum())
    assert found == pytest.approx(wanted / weights.sum(), abs=1e-12)


def test_a_share_of_nothing_is_undefined() -> None:
    """No demand, or no team to be busy: None, never 0."""
    assert expected_coverage(np.ones((2, 2), bool), [0.0, 0.0], 0.5) is None
    assert expected_coverage(np.ones((2, 0), bool), [], 0.5) is None
    assert expected_coverage(np.ones((0, 2), bool), [1.0, 1.0], 0.5) == 0.0
    assert busy_fraction(2.0, 0) is None
    assert busy_fraction(2.0, 8) == 0.25
    assert busy_fraction(9.0, 3) == 1.0


def test_corrected_coverage_is_nearer_the_exact_model() -> None:
    """Six teams, each place near three: factors bring it closer to the hypercube's share."""
    rng = np.random.default_rng(5)
    travel = np.hypot(*(rng.random((2, 6, 1)) - rng.random((2, 1, 60))))
    model = SpatialDemand.nearest_first(np.full(60, 0.05), travel, np.ones(6))
    within = travel <= np.sort(travel, axis=0)[2]
    exact = solve_hypercube(model, waits=True).covered(within)
    plain = expected_coverage(within, model.rates, 0.5)
    better = expected_coverage(within, model.rates, 0.5, load=3.0)
    assert plain is not None
    assert better is not None
    assert abs(better - exact) < 0.015
    assert abs(better - exact) < 0.25 * abs(plain - exact)


@pytest.mark.parametrize(
    ("within", "weights", "busy", "fault"),
    [
        (np.ones((2, 3), bool), [1.0], 0.5, "within has shape"),
        (np.ones((1, 1), bool), [1.0], 1.5, "busy 1.5"),
        (np.ones((1, 1), bool), [-1.0], 0.5, "weights must be finite"),
        (np.ones((1, 1), bool), [1.0], math.nan, "busy nan"),
    ],
)
def test_values_out_of_range_are_refused(
    within: np.ndarray, weights: list[float], busy: float, fault: str
) -> None:
    """Shapes, probabilities and weights."""
    with pytest.raises(InputError, match=fault):
        expected_coverage(within, weights, busy)


def test_a_negative_load_is_refused() -> None:
    """There is no negative work."""
    with pytest.raises(InputError, match=r"load -1\.0"):
        busy_fraction(-1.0, 3)


@pytest.mark.parametrize(("teams", "load"), [(200, 0.5), (120, 0.01), (500, 5.0), (1000, 5.0)])
def test_many_teams_with_little_to_do_are_covered(teams: int, load: float) -> None:
    """All teams busy at once is less likely than any number told; nothing is undefined for it."""
    within = np.zeros((teams, 3), bool)
    within[:, 0], within[:2, 1] = True, True
    found = expected_coverage(within, [1.0, 1.0, 0.0], load / teams, load=load)
    # Few teams out of many are busy as if each by itself.
    assert found == pytest.approx(1.0 - (load / teams) ** 2 / 2, abs=2e-6)
