"""Erlang's formulas, M/M/c and M/G/c: published values, limits, and twins in fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.queues import loss_share, mdc_wait, mmc_wait, wait_share
from unarmed_router.errors import InputError
from unarmed_router.research.queueing import (
    allen_cunneen_wait,
    erlang_b,
    erlang_c,
    lee_longton_wait,
    mmc_waiting,
)


@pytest.mark.parametrize(
    ("servers", "load", "share"),
    [
        # Erlang's tables, as every traffic handbook prints them: 1 % and 0.1 % blocking.
        (10, 4.461, 0.01),
        (20, 12.03, 0.01),
        (100, 84.06, 0.01),
        (5, 0.762, 0.001),
        (1, 1.0, 0.5),
    ],
)
def test_erlang_b_agrees_with_the_tables(servers: int, load: float, share: float) -> None:
    """To the tables' four digits."""
    assert erlang_b(servers, load) == pytest.approx(share, rel=2e-3)


@given(st.integers(0, 40), st.integers(1, 400))
def test_erlang_b_is_the_ratio_it_was_defined_as(servers: int, tenths: int) -> None:
    """The recursion against one term over the sum of terms, in fractions."""
    wanted = loss_share(servers, Fraction(tenths, 10))
    assert erlang_b(servers, tenths / 10) == pytest.approx(float(wanted), rel=1e-12)


@given(st.integers(1, 40), st.data())
def test_erlang_c_is_the_waiting_share(servers: int, data: st.DataObject) -> None:
    """Against the birth and death process, in fractions."""
    tenths = data.draw(st.integers(1, 10 * servers - 1))
    wanted = wait_share(servers, Fraction(tenths, 10))
    assert erlang_c(servers, tenths / 10) == pytest.approx(float(wanted), rel=1e-10)


def test_three_servers_worked_by_hand() -> None:
    """Two erlangs on three teams: P0 = 1/9, four in nine wait, on average 4/9 of a service."""
    waiting = mmc_waiting(3, 2.0, 1.0)
    assert waiting.share == pytest.approx(4 / 9)
    assert waiting.mean == pytest.approx(4 / 9)
    assert waiting.beyond(1.0) == pytest.approx(4 / 9 * math.exp(-1))
    assert waiting.quantile(0.5) == 0.0
    assert waiting.quantile(0.9) == pytest.approx(math.log(40 / 9))
    assert waiting.beyond(waiting.quantile(0.99)) == pytest.approx(0.01)


@given(st.integers(1, 30), st.data())
def test_mean_wait_is_littles(servers: int, data: st.DataObject) -> None:
    """In any unit of time, against the twin in service times."""
    tenths = data.draw(st.integers(1, 10 * servers - 1))
    minutes = data.draw(st.integers(1, 90))
    wanted = minutes * float(mmc_wait(servers, Fraction(tenths, 10)))
    assert mmc_waiting(servers, tenths / 10 / minutes, minutes).mean == pytest.approx(wanted)


def test_teams_that_cannot_keep_up_never_catch_up() -> None:
    """Every call waits, without end; exactly full counts."""
    for load in (2.0, 3.5):
        waiting = mmc_waiting(2, load, 1.0)
        assert (waiting.share, waiting.mean) == (1.0, math.inf)
        assert waiting.quantile(0.5) == math.inf
        assert waiting.beyond(100.0) == 1.0
        assert lee_longton_wait(2, load, 1.0, 0.0) == math.inf


@given(st.floats(0.05, 0.95), st.floats(0, 3))
def test_one_team_is_pollaczek_and_khinchines(load: float, variation: float) -> None:
    """With one team the approximation is exact: the mean residual work over what is left."""
    wanted = load * (1 + variation**2) / (2 * (1 - load))
    assert lee_longton_wait(1, load, 1.0, variation) == pytest.approx(wanted)


def test_exponential_service_is_mmc() -> None:
    """With a variation of 1 the approximation is exact; deterministic arrivals halve it."""
    mean = mmc_waiting(4, 3.0, 1.0).mean
    assert lee_longton_wait(4, 3.0, 1.0, 1.0) == pytest.approx(mean)
    assert allen_cunneen_wait(4, 3.0, 1.0, 0.0, 1.0) == pytest.approx(mean / 2)


@pytest.mark.parametrize(
    ("servers", "load", "error"),
    [
        (1, 0.5, 1e-5),
        (2, 1.6, 0.03),
        (4, 3.2, 0.06),
        (6, 5.1, 0.05),
        (10, 9.5, 0.03),
        (6, 3.0, 0.4),
    ],
)
def test_how_far_off_fixed_service_times_are(servers: int, load: float, error: float) -> None:
    """Against M/D/c run to its steady state: some per cent when busy, much worse when not."""
    exact = mdc_wait(servers, load)
    found = lee_longton_wait(servers, load, 1.0, 0.0)
    assert abs(found / exact - 1) < error


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: erlang_b(-1, 1.0),
        lambda: erlang_b(1, -1.0),
        lambda: erlang_b(1, math.nan),
        lambda: erlang_c(0, 1.0),
        lambda: mmc_waiting(2, math.inf, 1.0),
        lambda: mmc_waiting(2, 1.0, 0.0),
        lambda: lee_longton_wait(2, 1.0, 1.0, -1.0),
        lambda: mmc_waiting(2, 1.0, 1.0).quantile(1.0),
    ],
)
def test_values_out_of_range_are_refused(wrong: object) -> None:
    """Negative, infinite or missing numbers are errors, not answers."""
    assert callable(wrong)
    with pytest.raises(InputError):
        wrong()
