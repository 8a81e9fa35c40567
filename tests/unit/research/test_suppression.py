"""Suppression: what is hidden cannot be worked out, tried by brute force."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unarmed_router.errors import InputError
from unarmed_router.research.suppression import hidden_cells, protected

Ints = npt.NDArray[np.int64]


def test_a_small_cell_takes_another_with_it() -> None:
    """One hidden group would follow from the total: the smallest other goes too."""
    assert hidden_cells([[5, 40, 12, 0, 90]], columns=False).tolist() == [
        [True, False, True, False, False]
    ]
    assert not hidden_cells([[11, 40, 0]], columns=False).any()
    assert hidden_cells([[10, 40]], columns=False).all()


def test_two_small_cells_may_still_be_too_small() -> None:
    """3 and 4 are two, but their sum of 7 tells of a small group: 12 goes as well."""
    assert hidden_cells([[3, 4, 12, 50]], columns=False).tolist() == [[True, True, True, False]]


def test_simulated_calls_hide_nothing() -> None:
    """Nobody made them."""
    assert not hidden_cells([[1, 2], [3, 4]], least=1).any()
    assert not hidden_cells(np.zeros((0, 0), np.int64)).size
    assert not hidden_cells(np.zeros((2, 3), np.int64)).any()


def values_left(table: Ints, hidden: npt.NDArray[np.bool_], cell: tuple[int, int]) -> set[int]:
    """Try every filling of the hidden cells that keeps all totals, and list the cell's values."""
    places = [tuple(place) for place in np.argwhere(hidden).tolist()]
    most = [min(table[r].sum(), table[:, c].sum()) for r, c in places]
    found = set()
    for filling in itertools.product(*(range(int(top) + 1) for top in most)):
        tried = table.copy()
        for place, value in zip(places, filling, strict=True):
            tried[place] = value
        rows_agree = (tried.sum(axis=1) == table.sum(axis=1)).all()
        if rows_agree and (tried.sum(axis=0) == table.sum(axis=0)).all():
            found.add(int(tried[cell]))
    return found


@settings(max_examples=200)
@given(arrays(np.int64, (3, 3), elements=st.integers(0, 4)))
def test_no_hidden_cell_is_determined_by_totals(table: Ints) -> None:
    """With a threshold of 3, every small cell has two possible values at least, when protected."""
    hidden = hidden_cells(table, least=3)
    small = (table > 0) & (table < 3)
    assert hidden[small].all()
    if not protected(table, hidden, least=3):
        return  # every cell of a line is hidden: then the totals must be, too
    if hidden.sum() > 4:
        return  # too many fillings to try them all
    for row, column in np.argwhere(small).tolist():
        assert len(values_left(table, hidden, (row, column))) > 1


def test_a_chain_is_broken_by_another_cell() -> None:
    """Two hidden in each line of a block, and a bridge to another block, are not enough."""
    table = np.array([[5, 30, 40, 50], [30, 40, 50, 60], [40, 50, 5, 30], [50, 60, 30, 40]])
    hidden = hidden_cells(table)
    assert protected(table, hidden)
    assert hidden[0, 0]
    assert hidden[2, 2]
    assert hidden.sum() >= 4


def test_protection_is_told_apart() -> None:
    """A table of one cell, and a line with nothing left to hide, cannot be protected."""
    assert not protected([[5]], hidden_cells([[5]]))
    assert not protected([[5, 0]], [[True, False]], columns=False)
    assert protected([[50, 60]], [[False, False]])
    whole = hidden_cells([[2, 3]], columns=False)
    assert whole.all()
    assert not protected([[2, 3]], whole, columns=False)


@pytest.mark.parametrize("wrong", [[[-1, 2]], [1, 2], [[1.5, 2.0]]])
def test_broken_tables_are_refused(wrong: object) -> None:
    """Negative counts, no table, and counts that are not whole."""
    with pytest.raises(InputError):
        hidden_cells(wrong)  # type: ignore[arg-type]
