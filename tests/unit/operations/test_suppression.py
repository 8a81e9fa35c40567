"""Small cells: left out, and not to be worked out from what is shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from unarmed_router.operations.suppression import SMALLEST_SHOWN, shown

Cells = list[list[int | None]]
COUNT = st.one_of(st.integers(0, 3), st.integers(0, 12), st.integers(0, 60))
SINGLE = st.sampled_from((0, 1, 1, 2, 12, 13))
"""Where single calls are frequent: one that is left out cannot be taken away."""


def _tables(count: st.SearchStrategy[int]) -> st.SearchStrategy[list[list[int]]]:
    return st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(count, min_size=width, max_size=width), min_size=1, max_size=4
        )
    )


TABLE = _tables(COUNT) | _tables(SINGLE)


def with_totals(counts: list[list[int]]) -> list[list[int]]:
    """Add the totals."""
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def bounds(cells: Cells) -> dict[tuple[int, int], tuple[float, float]]:
    """Work out how small and how large each number left out can be, as an attacker would.

    The attacker knows that rows and columns add up, and, zeros being shown, that what is left out
    is at least 1.
    """
    places = [(r, c) for r, row in enumerate(cells) for c, v in enumerate(row) if v is None]
    if not places:
        return {}
    index = {place: number for number, place in enumerate(places)}
    height, width = len(cells), len(cells[0])
    lines = [[(r, c) for c in range(width)] for r in range(height)]
    lines += [[(r, c) for r in range(height)] for c in range(width)]
    left, right = [], []
    for line in lines:
        terms, known = np.zeros(len(places)), 0.0
        for place, sign in zip(line, [1.0] * (len(line) - 1) + [-1.0], strict=True):
            value = cells[place[0]][place[1]]
            if value is None:
                terms[index[place]] = sign
            else:
                known += sign * value
        left.append(terms)
        right.append(-known)
    found = {}
    for place, number in index.items():
        goal = np.zeros(len(places))
        goal[number] = 1.0
        low, high = (
            linprog(sign * goal, A_eq=np.array(left), b_eq=right, bounds=(1, None))
            for sign in (1, -1)
        )
        assert low.status == 0
        found[place] = (low.fun, np.inf if high.status == 3 else -high.fun)
    return found


@settings(max_examples=100)
@given(TABLE)
@example([[12, 1, 1]])
@example([[1, 12, 1], [1, 1, 12]])
@example([[13, 0, 1], [1, 13, 1]])
def test_no_small_cell_can_be_worked_out(counts: list[list[int]]) -> None:
    """Solving for every number left out never pins down one from 1 to 10, totals among them."""
    cells, true = shown(counts), with_totals(counts)
    if cells is None:
        return
    for r, row in enumerate(cells):
        for c, value in enumerate(row):
            assert value is None or value == true[r][c]
            assert value is None or not 0 < value < SMALLEST_SHOWN
    for (r, c), (low, high) in bounds(cells).items():
        if true[r][c] < SMALLEST_SHOWN:
            assert high - low > 0.5, (r, c)


@settings(max_examples=60)
@given(TABLE)
def test_the_grand_total_and_every_zero_are_shown(counts: list[list[int]]) -> None:
    """Tables of the same calls share their total, and zero says nothing of anybody."""
    cells, true = shown(counts), with_totals(counts)
    if cells is None:
        return
    assert cells[-1][-1] == true[-1][-1]
    assert all(
        cells[r][c] == 0 for r, row in enumerate(true) for c, value in enumerate(row) if value == 0
    )


def test_the_attack_finds_a_table_that_is_not_protected() -> None:
    """Leaving out the small cell alone, as a spreadsheet would, gives it away."""
    naive: Cells = [[None, 40, 45], [30, 50, 80], [35, 90, 125]]
    assert bounds(naive) == {(0, 0): (5.0, 5.0)}


def test_the_cheapest_cells_go_with_a_small_one() -> None:
    """One small cell takes three others with it: those that cost the fewest counts."""
    cells = shown([[5, 40, 60], [30, 50, 70], [80, 90, 99]])
    assert cells is not None
    hidden = {(r, c) for r, row in enumerate(cells) for c, v in enumerate(row) if v is None}
    assert hidden == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_small_cells_go_with_one_another_where_they_can() -> None:
    """One call and two others hide each other, and the large number beside them is shown."""
    assert shown([[1], [2], [11]]) == [[None, None], [None, None], [11, 11], [14, 14]]


def test_a_table_of_large_numbers_is_shown_whole() -> None:
    """Nothing is left out that need not be: 11 is shown."""
    counts = [[11, 12], [0, 30]]
    assert shown(counts) == with_totals(counts)
    assert shown([[0]]) == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    "counts",
    [[[10]], [[1, 2], [3, 4]], [[1 if r == c else 0 for c in range(12)] for r in range(12)]],
)
def test_what_nothing_protects_is_not_shown(counts: list[list[int]]) -> None:
    """A small total, or single calls that the zeros around them give away, hide the table."""
    assert shown(counts) is None


def test_two_single_calls_in_a_row_are_not_given_away_by_their_sum() -> None:
    """1 and 1 left out with a sum of 2 shown would be known: a larger one goes with them."""
    cells = shown([[1, 1, 40, 50]])
    assert cells is not None
    assert cells[0] == [None, None, None, 50, 92]
