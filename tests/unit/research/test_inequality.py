"""Gini's coefficient and the worst-served tenth, by their definitions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.errors import InputError
from unarmed_router.research.inequality import gini, worst_served

people = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4)), max_size=10)


@given(people)
def test_gini_is_half_the_mean_difference_over_the_mean(pairs: list[tuple[int, int]]) -> None:
    """Every pair of persons compared, weights written out as persons."""
    persons = [value for value, weight in pairs for _ in range(weight)]
    found = gini([v for v, _ in pairs], [w for _, w in pairs])
    if not persons or sum(persons) == 0:
        assert found is None
        return
    mean = sum(persons) / len(persons)
    difference = sum(abs(a - b) for a in persons for b in persons) / len(persons) ** 2
    assert found == pytest.approx(difference / (2 * mean), abs=1e-12)


def test_gini_of_known_cases() -> None:
    """All alike is 0; one of four bearing all is 3/4; the scale does not matter."""
    assert gini([3.0, 3.0, 3.0]) == pytest.approx(0.0)
    assert gini([0.0, 0.0, 0.0, 8.0]) == pytest.approx(0.75)
    assert gini([1.0, 2.0, 5.0]) == pytest.approx(gini([10.0, 20.0, 50.0]))
    assert gini([]) is None
    assert gini([0.0, 0.0]) is None


@given(people, st.sampled_from([0.1, 0.25, 0.5, 1.0]))
def test_the_worst_part_is_cut_exactly(pairs: list[tuple[int, int]], share: float) -> None:
    """Each person cut into twenty pieces, sorted, and the first part taken."""
    found = worst_served([v for v, _ in pairs], [w for _, w in pairs], share=share)
    pieces = sorted((v for v, w in pairs for _ in range(20 * w)), reverse=True)
    if not pieces:
        assert found is None
        return
    cut = round(share * len(pieces))
    assert found is not None
    assert found.mean == pytest.approx(sum(pieces[:cut]) / cut)
    assert found.threshold == pieces[cut - 1]
    rest = pieces[cut:]
    wanted = sum(rest) / len(rest) if rest else None
    assert found.others == (None if wanted is None else pytest.approx(wanted))


@pytest.mark.parametrize(("share", "calls"), [(0.07, 100), (0.14, 50), (0.28, 25), (0.29, 100)])
def test_a_part_of_whole_calls_ends_with_the_last_of_them(share: float, calls: int) -> None:
    """Rounding may lift a share of them a little above the whole number: nobody more is in it."""
    found = worst_served(list(range(calls)), share=share)
    assert found is not None
    assert found.threshold == calls - round(share * calls)


@pytest.mark.parametrize(
    ("values", "weights", "share"),
    [
        ([-1.0], None, 0.1),
        ([math.nan], None, 0.1),
        ([1.0], [1.0, 2.0], 0.1),
        ([1.0], [-1.0], 0.1),
        ([1.0], None, 0.0),
    ],
)
def test_values_out_of_range_are_refused(
    values: list[float], weights: list[float] | None, share: float
) -> None:
    """Negative, missing, or of other lengths."""
    with pytest.raises(InputError):
        worst_served(values, weights, share=share)
    if share > 0:
        with pytest.raises(InputError):
            gini(values, weights)
