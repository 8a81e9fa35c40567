"""M/D/c and M/H2/c, exactly: limits that are known, and twins that write out every state."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.queues import mdc_wait, mh2c_wait
from unarmed_router.errors import InputError
from unarmed_router.research.general_service import (
    Hyperexponential,
    mdc_waiting,
    mh2c_waiting,
)
from unarmed_router.research.queueing import lee_longton_wait, mmc_waiting


@given(st.integers(1, 8), st.integers(1, 14))
def test_equal_times_are_crommelins(servers: int, twentieths: int) -> None:
    """The sum of gamma tails against the chain of service times, step by step."""
    load = servers * twentieths / 20
    found = mdc_waiting(servers, load, 1.0)
    assert found.mean == pytest.approx(mdc_wait(servers, load), rel=1e-6, abs=1e-12)
    assert 0.0 < found.share <= mmc_waiting(servers, load, 1.0).share * (1 + 1e-12)


@given(st.floats(0.01, 0.99))
def test_one_team_of_equal_times_is_pollaczek_and_khinchines(load: float) -> None:
    """With one team every busy moment makes wait: the load; half the wait of M/M/1."""
    found = mdc_waiting(1, load / 7.0, 7.0)
    assert found.share == pytest.approx(load)
    assert found.mean == pytest.approx(7.0 * load / (2.0 * (1.0 - load)))


@pytest.mark.parametrize(
    ("servers", "load", "variation"), [(1, 0.6, 1.5), (2, 1.2, 1.2), (3, 2.1, 1.2), (4, 2.0, 3.0)]
)
def test_mixed_times_are_the_chain_of_every_state(
    servers: int, load: float, variation: float
) -> None:
    """The matrix solution against all balances at once, with room for many calls."""
    service = Hyperexponential(2.0, variation)
    rate = load / 2.0
    most = 250
    share, mean = mh2c_wait(servers, rate, service.short_share, service.rates, most=most)
    found = mh2c_waiting(servers, rate, service)
    assert (found.share, found.mean) == pytest.approx((share, mean), rel=1e-6)


@given(st.floats(0.05, 0.95), st.floats(1.0, 4.0))
def test_one_team_of_mixed_times_is_pollaczek_and_khinchines(load: float, variation: float) -> None:
    """With one team two moments are enough."""
    found = mh2c_waiting(1, load, Hyperexponential(1.0, variation))
    assert found.share == pytest.approx(load)
    assert found.mean == pytest.approx(load * (1.0 + variation**2) / (2.0 * (1.0 - load)))


@given(st.integers(1, 12), st.integers(1, 19))
def test_a_variation_of_one_is_exponential(servers: int, twentieths: int) -> None:
    """Then both kinds are alike: M/M/c."""
    load = servers * twentieths / 20
    found = mh2c_waiting(servers, load / 3.0, Hyperexponential(3.0, 1.0))
    wanted = mmc_waiting(servers, load / 3.0, 3.0)
    assert (found.share, found.mean) == pytest.approx((wanted.share, wanted.mean), rel=1e-8)


@given(st.floats(0.01, 1e4), st.floats(1.0, 10.0))
def test_both_kinds_make_up_half_of_the_mean(mean: float, variation: float) -> None:
    """And the moments are those asked for."""
    service = Hyperexponential(mean, variation)
    share, (fast, slow) = service.short_share, service.rates
    assert share / fast == pytest.approx((1 - share) / slow) == pytest.approx(mean / 2)
    second = 2 * (share / fast**2 + (1 - share) / slow**2)
    assert second / mean**2 - 1 == pytest.approx(variation**2)


def test_how_far_off_two_moments_are() -> None:
    """Three teams, seven tenths busy: Lee and Longton are 4.4 % low, and 2.5 % high."""
    equal = lee_longton_wait(3, 2.1, 1.0, 0.0) / mdc_waiting(3, 2.1, 1.0).mean
    mixed = lee_longton_wait(3, 2.1, 1.0, 1.2)
    mixed /= mh2c_waiting(3, 2.1, Hyperexponential(1.0, 1.2)).mean
    assert (equal, mixed) == pytest.approx((0.956, 1.025), abs=5e-4)


def test_teams_that_cannot_keep_up_never_catch_up() -> None:
    """Every call waits, without end; without calls none does."""
    mixed = Hyperexponential(1.0, 2.0)
    for found in (mdc_waiting(2, 2.0, 1.0), mh2c_waiting(2, 2.5, mixed)):
        assert (found.share, found.mean) == (1.0, math.inf)
    for found in (mdc_waiting(2, 0.0, 1.0), mh2c_waiting(2, 0.0, mixed)):
        assert (found.share, found.mean) == (0.0, 0.0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: mdc_waiting(0, 1.0, 1.0),
        lambda: mdc_waiting(1, -1.0, 1.0),
        lambda: mdc_waiting(1, 0.5, 0.0),
        lambda: mdc_waiting(1, 1.0 - 1e-5, 1.0),
        lambda: mh2c_waiting(0, 1.0, Hyperexponential(1.0, 1.0)),
        lambda: mh2c_waiting(1, math.nan, Hyperexponential(1.0, 1.0)),
        lambda: Hyperexponential(1.0, 0.9),
        lambda: Hyperexponential(0.0, 1.0),
    ],
)
def test_values_out_of_range_are_refused(wrong: object) -> None:
    """No teams, negative rates, too little variation, or a sum without end."""
    assert callable(wrong)
    with pytest.raises(InputError):
        wrong()
