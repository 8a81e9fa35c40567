"""The hypercube model: Larson's own figures, symmetry, and a twin that solves in fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.queues import hypercube_probabilities
from unarmed_router.errors import InputError
from unarmed_router.research.hypercube import HypercubeSolution, solve_hypercube
from unarmed_router.research.hypercube_approximation import (
    approximate_hypercube,
    correction_factors,
)
from unarmed_router.research.hypercube_demand import SpatialDemand
from unarmed_router.research.queueing import erlang_b, mmc_waiting

# The three-server city of Larson and Odoni, Urban Operations Research (1981), section 5.4.3: half
# of the calls are in the first team's area, whose backup is split; it backs up both others.
LARSON = SpatialDemand(
    np.array([0.5, 0.25, 0.35, 0.40]),
    np.array([[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 0, 1]]),
    np.ones(3),
)


def test_larsons_three_server_city() -> None:
    """Published workloads 0.5574, 0.4734 and 0.4693 (equations 5.30)."""
    solved = solve_hypercube(LARSON, waits=True)
    assert solved.workloads.round(4).tolist() == [0.5574, 0.4734, 0.4693]


def test_larsons_approximation_of_it() -> None:
    """Published factors 0.73684 and 0.63158, and workloads 0.5627, 0.4716 and 0.4657 (5.5.3).

    The book stopped iterating at changes of 0.001, so its last digit is not the limit's.
    """
    factors = correction_factors(3, 1.5, waits=True)
    assert factors.round(5).tolist() == [1.0, 0.73684, 0.63158]
    found = approximate_hypercube(LARSON, waits=True).workloads
    assert found == pytest.approx([0.5627, 0.4716, 0.4657], abs=2e-4)


def test_two_teams_worked_by_hand() -> None:
    """One erlang, first team preferred: states 2/5, 3/10, 1/10 and 1/5 by the four equations."""
    demand = SpatialDemand(np.array([1.0]), np.array([[0, 1]]), np.ones(2))
    solved = solve_hypercube(demand, waits=False)
    assert solved.states.tolist() == pytest.approx([0.4, 0.3, 0.1, 0.2])
    assert solved.workloads.tolist() == pytest.approx([0.5, 0.3])
    assert solved.dispatches[:, 0].tolist() == pytest.approx([0.5, 0.3])
    assert solved.all_busy == pytest.approx(0.2)
    assert solved.mean_wait is None
    assert solved.covered([[True], [False]]) == pytest.approx(0.5)
    assert solved.mean_travel([[1.0], [5.0]]) == pytest.approx((0.5 + 1.5) / 0.8)


whole = st.integers(1, 9)


@st.composite
def models(draw: st.DrawFn) -> tuple[list[int], list[list[int]], list[int]]:
    """Draw small cities with whole-number rates."""
    teams, places = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    rates = draw(st.lists(st.integers(0, 9), min_size=places, max_size=places))
    rates[0] += 1
    orders = [draw(st.permutations(range(teams))) for _ in range(places)]
    speeds = draw(st.lists(whole, min_size=teams, max_size=teams))
    return rates, [list(order) for order in orders], speeds


@settings(max_examples=60)
@given(models(), st.booleans())
def test_states_are_those_of_the_twin(
    model: tuple[list[int], list[list[int]], list[int]], waits: bool
) -> None:
    """Sparse iteration against Gauss's elimination in fractions, to 12 digits."""
    rates, orders, speeds = model
    waits = waits and sum(rates) < sum(speeds)
    solved = solve_hypercube(
        SpatialDemand(np.array(rates), np.array(orders), np.array(speeds)), waits=waits
    )
    states, queued = hypercube_probabilities(
        [Fraction(rate) for rate in rates],
        orders,
        [Fraction(speed) for speed in speeds],
        waits=waits,
    )
    assert solved.states.tolist() == pytest.approx([float(s) for s in states], abs=1e-12)
    assert solved.queued == pytest.approx(float(queued), abs=1e-12)
    balanced(solved)


def balanced(solved: HypercubeSolution) -> None:
    """Work done is work asked for, and every call is taken once or lost."""
    demand = solved.demand
    finished = float(solved.workloads @ demand.service_rates)
    taken = float(solved.dispatches.sum())
    assert taken == pytest.approx(1.0 if solved.waits else 1.0 - solved.all_busy)
    assert finished == pytest.approx(demand.total * taken)
    by_team = solved.dispatches.sum(axis=1) * demand.total
    assert by_team.tolist() == pytest.approx((solved.workloads * demand.service_rates).tolist())


@pytest.mark.parametrize("teams", [1, 2, 5, 9, 12])
def test_teams_alike_are_erlangs(teams: int) -> None:
    """Preferences do not change how many are busy: loss is Erlang's B, waiting M/M/c's."""
    rng = np.random.default_rng(teams)
    rates = rng.random(30)
    load = rates.sum() * 1.4
    demand = SpatialDemand.nearest_first(rates, rng.random((teams, 30)), np.full(teams, 1 / 1.4))
    assert solve_hypercube(demand, waits=False).all_busy == pytest.approx(erlang_b(teams, load))
    slow = SpatialDemand(rates * 0.8 * teams / load, demand.preference, demand.service_rates)
    solved = solve_hypercube(slow, waits=True)
    wanted = mmc_waiting(teams, slow.total, 1.4)
    assert solved.all_busy == pytest.approx(wanted.share)
    assert solved.mean_wait == pytest.approx(wanted.mean)
    balanced(solved)


@pytest.mark.parametrize("teams", [13, pytest.param(16, marks=pytest.mark.slow)])
def test_many_teams_are_still_exact(teams: int) -> None:
    """Up to the largest model: Erlang's loss among teams alike, and work done as asked for."""
    rng = np.random.default_rng(3)
    demand = SpatialDemand.nearest_first(np.full(40, 0.3), rng.random((teams, 40)), np.ones(teams))
    solved = solve_hypercube(demand, waits=False)
    assert solved.all_busy == pytest.approx(erlang_b(teams, 12.0))
    balanced(solved)


@pytest.mark.parametrize("waits", [True, False])
@pytest.mark.parametrize("load", [0.2, 0.5, 0.8])
def test_the_approximation_is_near(waits: bool, load: float) -> None:
    """Workloads within 0.02 of the exact ones for ten teams in a square city."""
    rng = np.random.default_rng(8)
    travel = np.hypot(*(rng.random((2, 10, 1)) - rng.random((2, 1, 80))))
    demand = SpatialDemand.nearest_first(np.full(80, load / 8), travel, np.ones(10))
    exact, near = solve_hypercube(demand, waits=waits), approximate_hypercube(demand, waits=waits)
    assert np.abs(exact.workloads - near.workloads).max() < 0.02
    assert near.all_busy == pytest.approx(exact.all_busy)
    assert near.dispatches.sum() == pytest.approx(exact.dispatches.sum())
    assert np.abs(exact.dispatches - near.dispatches).sum() < 0.1


@given(st.integers(1, 12), st.floats(0.05, 0.95), st.booleans())
def test_correction_factors_spread_all_calls(teams: int, share: float, waits: bool) -> None:
    """Over all j, the chance that the next team drawn is free adds up to one not all busy."""
    load = share * teams
    factors = correction_factors(teams, load, waits=waits)
    lost = erlang_b(teams, load)
    workload = share if waits else share * (1 - lost)
    found = sum(factors[j] * workload**j * (1 - workload) for j in range(teams))
    busy = mmc_waiting(teams, load, 1.0).share if waits else lost
    assert found == pytest.approx(1 - busy)
    assert factors[0] == pytest.approx(1.0)


def test_sixty_teams_are_approximated() -> None:
    """The size of a whole city: workloads add up, and equal teams have equal ones."""
    demand = SpatialDemand.nearest_first(np.full(60, 0.5), 1.0 - np.eye(60), np.ones(60))
    near = approximate_hypercube(demand, waits=False)
    assert near.workloads.mean() == pytest.approx(0.5 * (1 - near.all_busy))
    assert near.dispatches.sum() == pytest.approx(1 - near.all_busy)


@pytest.mark.parametrize("waits", [False, True])
def test_many_teams_with_little_to_do_are_approximated(waits: bool) -> None:
    """Two hundred teams that share half an erlang: each near its own calls, and nothing lost."""
    places = np.arange(200.0)
    demand = SpatialDemand.nearest_first(
        np.full(200, 0.0025), np.abs(places[:, None] - places), np.ones(200)
    )
    near = approximate_hypercube(demand, waits=waits)
    assert near.workloads.sum() == pytest.approx(0.5)
    assert near.dispatches.sum() == pytest.approx(1.0)
    assert np.diag(near.dispatches).sum() > 0.99


@pytest.mark.parametrize(
    ("rates", "orders", "speeds", "fault"),
    [
        ([1.0], [[0, 0]], [1.0, 1.0], r"preference of place 0 is \[0, 0\]"),
        ([1.0], [[0]], [1.0, 1.0], "must have shapes"),
        ([-1.0], [[0]], [1.0], "rates must be finite"),
        ([0.0], [[0]], [1.0], "not all 0"),
        ([math.nan], [[0]], [1.0], "rates must be finite"),
        ([1.0], [[0]], [0.0], "service_rates must be finite and above 0"),
        ([], np.empty((0, 1)), [1.0], "at least one place"),
    ],
)
def test_broken_models_are_refused(
    rates: list[float], orders: list[list[int]], speeds: list[float], fault: str
) -> None:
    """Wrong shapes, rates and orders."""
    with pytest.raises(InputError, match=fault):
        SpatialDemand(np.array(rates), np.array(orders), np.array(speeds))


def test_models_without_a_long_run_are_refused() -> None:
    """Calls that wait for too few teams; too many teams; unequal ones where equal are assumed."""
    busy = SpatialDemand(np.array([2.0]), np.array([[0, 1]]), np.ones(2))
    with pytest.raises(InputError, match="grows without end"):
        solve_hypercube(busy, waits=True)
    with pytest.raises(InputError, match="grows without end"):
        approximate_hypercube(busy, waits=True)
    assert solve_hypercube(busy, waits=False).all_busy == pytest.approx(erlang_b(2, 2.0))
    many = SpatialDemand.nearest_first([1.0], np.zeros((17, 1)), np.ones(17))
    with pytest.raises(InputError, match="use approximate_hypercube"):
        solve_hypercube(many, waits=False)
    unequal = SpatialDemand(np.array([1.0]), np.array([[0, 1]]), np.array([1.0, 2.0]))
    with pytest.raises(InputError, match="service_rates differ"):
        approximate_hypercube(unequal, waits=False)
    in_nanoseconds = SpatialDemand(np.array([1e-9]), np.array([[0, 1]]), np.array([1e-9, 2e-9]))
    with pytest.raises(InputError, match="service_rates differ"):
        approximate_hypercube(in_nanoseconds, waits=False)
    with pytest.raises(InputError, match="must be above 0"):
        correction_factors(2, 0.0, waits=False)
    solved = solve_hypercube(unequal, waits=False)
    with pytest.raises(InputError, match="travel has shape"):
        solved.mean_travel([[1.0]])
    with pytest.raises(InputError, match="within has shape"):
        solved.covered([[True]])
