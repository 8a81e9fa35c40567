"""The best set of sites, and the bound that no set passes, beside every set there is."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given

from tests.unit.research.towns import Town, towns
from unarmed_router.errors import InputError
from unarmed_router.research.expected_coverage import expected_coverage
from unarmed_router.research.further_teams import most_helpful
from unarmed_router.research.site_choice import SiteChoice
from unarmed_router.research.siting import best_together, expected_at_most

# One by one the middle comes first, and the ends stay half covered: together the ends are better.
TRAP = SiteChoice(
    [[1.0, 1.0, 9.0, 9.0], [9.0, 1.0, 1.0, 9.0], [9.0, 9.0, 1.0, 1.0]],
    [3.0, 2.0, 2.0, 2.9],
    [0, 0, 0, 0],
    limit_ms=5.0,
    busy=0.0,
)
TRAPPED = SiteChoice(
    [[1.0, 1.0, 9.0, 9.0], [9.0, 1.0, 1.0, 9.0], [9.0, 9.0, 1.0, 1.0]],
    [2.0, 3.0, 3.0, 1.9],
    [0, 0, 0, 0],
    limit_ms=5.0,
    busy=0.0,
)


def every_set(town: Town, count: int) -> list[float]:
    """Reckon each set of so many sites, without any of what is tested."""
    found = []
    for sites in itertools.combinations_with_replacement(town.sites, count):
        near = np.array([*town.teams, *sites], bool).reshape(-1, len(town.demand))
        value = expected_coverage(near, town.demand, town.busy)
        assert value is not None
        found.append(value)
    return found


@given(town=towns())
def test_no_set_is_better(town: Town) -> None:
    """Of all sets none covers more; one by one covers at least 1 - 1/e of what the best adds."""
    choice = town.choice
    try:
        one_by_one = most_helpful(choice, town.count)
    except InputError:
        with pytest.raises(InputError, match="no place where a further team adds cover"):
            best_together(choice, town.count)
        return
    sites = best_together(choice, town.count)
    assert len(sites) == town.count
    best, before = max(every_set(town, town.count)), choice.cover.expected()
    found, greedy = choice.cover.expected(sites), choice.cover.expected(one_by_one)
    assert found is not None
    assert greedy is not None
    assert before is not None
    assert found == pytest.approx(best, abs=1e-7)
    assert greedy - before >= (1 - np.exp(-1)) * (best - before) - 1e-12
    if found <= greedy + 1e-9:
        assert sites == one_by_one


@given(town=towns())
def test_no_set_passes_the_bound(town: Town) -> None:
    """And it is near: a solver's relaxation of towns so small leaves little."""
    most = expected_at_most(town.choice.cover, town.count)
    assert most is not None
    assert max(every_set(town, town.count)) <= most + 1e-12
    assert most <= 1.0


def test_together_the_ends_are_covered() -> None:
    """The middle is the best next site, and the worst of two."""
    assert most_helpful(TRAPPED, 2)[0] == 1
    assert best_together(TRAPPED, 2) == [0, 2]
    assert TRAPPED.cover.expected([0, 2]) == 1.0
    assert expected_at_most(TRAPPED.cover, 2) == 1.0
    assert best_together(TRAPPED, 1) == [1]


def test_where_no_set_is_better_the_one_by_one_is_taken() -> None:
    """In its order, the site that adds the most first."""
    assert best_together(TRAP, 2) == most_helpful(TRAP, 2) == [0, 2]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        np.full(7, -1.0),  # as a release of the solver answered (scipy issue 22812)
        np.full(7, 9.0),
        np.zeros(7),
        np.array([0, 2, 0, 1, 1, 1, 1.0]),
    ],
    ids=["none", "below", "beyond", "nobody", "worse"],
)
def test_a_solver_that_is_wrong_does_no_harm(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    """Its set is counted, and taken only if it is one and better."""
    monkeypatch.setattr(scipy.optimize, "milp", lambda *_, **__: SimpleNamespace(x=answer))
    found = best_together(TRAPPED, 2)
    assert len(found) == 2
    least = TRAPPED.cover.expected(most_helpful(TRAPPED, 2))
    assert (TRAPPED.cover.expected(found) or 0.0) >= (least or 1.0)


@pytest.mark.parametrize("prices", [[0.0] * 5, [-9.0] * 5, [0.7] * 5, [0.0, -0.3, -0.3, 0.0, -5.0]])
def test_any_prices_give_a_bound(monkeypatch: pytest.MonkeyPatch, prices: list[float]) -> None:
    """The solver's are only the best ones."""
    answer = SimpleNamespace(status=0, ineqlin=SimpleNamespace(marginals=np.array(prices)))
    monkeypatch.setattr(scipy.optimize, "linprog", lambda *_, **__: answer)
    for count in (1, 2, 3):
        most = expected_at_most(TRAPPED.cover, count)
        sets = itertools.combinations_with_replacement(range(3), count)
        assert most is not None
        assert max(TRAPPED.cover.expected(each) or 0.0 for each in sets) <= most + 1e-12


def test_a_solver_that_gives_up_leaves_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loose one: everything that teams everywhere would add."""
    monkeypatch.setattr(scipy.optimize, "linprog", lambda *_, **__: SimpleNamespace(status=4))
    assert expected_at_most(TRAPPED.cover, 1) == 1.0


def test_of_nobody_the_bound_is_what_there_is() -> None:
    """No further team adds nothing; of no demand there is no share."""
    covered = SiteChoice([[1.0]], [1.0], [1], limit_ms=5.0, busy=0.25)
    assert expected_at_most(covered.cover, 0) == 0.75
    assert best_together(covered, 0) == []
    nothing = SiteChoice([[1.0]], [0.0], [1], limit_ms=5.0, busy=0.25)
    assert expected_at_most(nothing.cover, 2) is None
