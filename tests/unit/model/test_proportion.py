"""Wilson's interval of a share: published examples, scipy as the oracle, and the ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from unarmed_router.errors import InputError
from unarmed_router.model.proportion import wilson


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_published_figures(count: int, of: int, low: float, high: float) -> None:
    """Newcombe 1998, table I, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.

    Method 3, the score interval, to the four digits of the table.
    """
    found = wilson(count, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.share == count / of


@given(st.integers(1, 10**6), st.data(), st.floats(0.01, 0.999))
def test_scipy_says_the_same(of: int, data: st.DataObject, confidence: float) -> None:
    """Against the library, all the way to the ends, which are exact."""
    count = data.draw(st.integers(0, of))
    found = wilson(count, of, confidence=confidence)
    wanted = stats.binomtest(count, of).proportion_ci(confidence, "wilson")
    assert found.low == pytest.approx(wanted.low, abs=1e-12)
    assert found.high == pytest.approx(wanted.high, abs=1e-12)
    assert (found.low == 0.0) == (count == 0)
    assert (found.high == 1.0) == (count == of)


@given(st.integers(0, 300), st.data(), st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_the_share_lies_between_bounds_that_are_shares(
    of: int, data: st.DataObject, confidence: float
) -> None:
    """Whatever the confidence, be it a hair above 0 or below 1."""
    count = data.draw(st.integers(0, of))
    found = wilson(count, of, confidence=confidence)
    assert found.share is None or found.low - 1e-12 <= found.share <= found.high + 1e-12
    assert 0.0 <= found.low <= found.high <= 1.0


def test_nothing_of_nothing_is_unknown() -> None:
    """No case says nothing: no share, and all of [0, 1]."""
    found = wilson(0, 0)
    assert (found.share, found.low, found.high) == (None, 0.0, 1.0)


@pytest.mark.parametrize(("count", "of"), [(3, 2), (-1, 2), (0, -1)])
def test_what_is_no_proportion_is_refused(count: int, of: int) -> None:
    """More than all, or less than none."""
    with pytest.raises(InputError, match=f"{count} of {of} is no proportion"):
        wilson(count, of)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, float("nan")])
def test_what_is_no_confidence_is_refused(confidence: float) -> None:
    """A confidence is a share, not a percentage."""
    with pytest.raises(InputError, match=r"must be in \(0, 1\)"):
        wilson(1, 2, confidence=confidence)
