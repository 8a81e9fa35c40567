"""The best set of sites for several teams at once, and a bound that no set can pass.

Where `further_teams` takes one site after the other, this solves MEXCLP as a whole (Daskin, 1983,
doi 10.1287/trsc.17.1.48) by mixed-integer programming with HiGHS, which scipy brings (Huangfu and
Hall, 2018, doi 10.1007/s12532-017-0130-5). The solver is not taken at its word: what a set covers
is counted from the set, and the bound holds whatever prices the solver returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.research.further_teams import most_helpful
from unarmed_router.research.site_choice import Cover, SiteChoice

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["best_together", "expected_at_most"]

Floats = npt.NDArray[np.float64]

_NODES = 5_000
"""Of the search tree: a limit of nodes gives the same answer on each machine, one of time not."""

_NOTHING = 1e-12
"""Shares of the demand that are left out of a program: below what a solver tells apart."""

_BETTER = 1e-9
"""By less than this share of the demand a set is not better, only rounded otherwise."""


def best_together(choice: SiteChoice, count: int) -> list[int]:
    """Choose the set of sites that raises expected coverage the most.

    Parameters
    ----------
    choice : SiteChoice
        What from.
    count : int
        How many to choose; a site may be chosen again.

    Returns
    -------
    list of int
        Rows of `SiteChoice.travel_ms`, ascending. Where no set is better, the one that
        `further_teams.most_helpful` finds one by one, in its order.

    Raises
    ------
    InputError
        No site adds anything, or fewer than `count` do one after the other.

    Notes
    -----
    The search stops after 5,000 nodes with the best set seen so far, if it has not proved one
    best. `expected_at_most` says how much is left to gain at most.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415  # importing scipy costs 0.35 s

    one_by_one, cover = most_helpful(choice, count), choice.cover
    if count < 2:  # the best next one is the best
        return one_by_one
    program = _Program.of(cover, count)
    found = milp(
        -program.worth,
        integrality=program.whole_numbers,
        bounds=Bounds(0.0, program.most),
        constraints=LinearConstraint(program.rows, ub=program.limits),
        options={"mip_rel_gap": 0.0, "node_limit": _NODES},
    )
    if found.x is None:
        return one_by_one
    sites = len(cover.near)
    times = np.rint(found.x[:sites]).clip(0, count).astype(np.int64)
    together: list[int] = np.repeat(np.arange(sites), times)[:count].tolist()
    gained = (cover.expected(together) or 0.0) - (cover.expected(one_by_one) or 0.0)
    return together if len(together) == count and gained > _BETTER else one_by_one


def expected_at_most(cover: Cover, count: int) -> float | None:
    """Return an expected coverage that no set of sites passes.

    Parameters
    ----------
    cover : Cover
        What from.
    count : int
        How many are chosen.

    Returns
    -------
    float or None
        Share of the demand, at most 1; None where there is none.

    Notes
    -----
    Lagrange's bound: with a price for each team within reach of a place, a set is worth at most
    what each place gains beyond the price by its best number of teams, and `count` times what the
    best site earns (Fisher, 1981, doi 10.1287/mnsc.27.1.1). Any prices give a bound; those of the
    linear relaxation give the best one.
    """
    from scipy.optimize import linprog  # noqa: PLC0415  # importing scipy costs 0.35 s

    before = cover.expected()
    if before is None or not count:
        return before
    program = _Program.of(cover, count)
    found = linprog(
        -program.worth,
        A_ub=program.rows,
        b_ub=program.limits,
        bounds=np.column_stack([np.zeros(len(program.most)), program.most]),
        method="highs",
    )
    places = len(cover.demand)
    price = np.zeros(places)
    if found.status == 0:
        price = np.maximum(-found.ineqlin.marginals[:places], 0.0)
    # Each team more is worth less there: the best number has all that are worth the price.
    gained = np.maximum(_steps(cover, count) - price, 0.0).sum()
    earned = (cover.near @ price).max()
    return min(before + float(gained) + count * float(earned), 1.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Program:
    """MEXCLP as a mixed-integer program: variables are columns, constraints are rows.

    The first variables are the number of teams at each site, a whole number. The others, from 0 to
    1, say of each place whether a first, second, and so on, further team reaches it. One constraint
    for each place: not more of these than teams at the sites that reach it; a last one: `count`
    teams at most. Nothing has to keep a place's variables in order: the first is worth more than
    the second, so that the maximum fills it first.
    """

    worth: Floats  # of each column, shares of the demand
    most: Floats  # of each column
    whole_numbers: npt.NDArray[np.int64]  # 1 of each column that must be one
    rows: csr_array
    limits: Floats  # of each row

    @classmethod
    def of(cls, cover: Cover, count: int) -> _Program:
        from scipy.sparse import coo_array, csr_array, hstack, vstack  # noqa: PLC0415

        sites, places = cover.near.shape
        steps = _steps(cover, count)
        _, place = np.nonzero(steps > _NOTHING)
        teams = len(place)
        there = coo_array((np.ones(teams), (place, np.arange(teams))), shape=(places, teams))
        reached = csr_array(cover.near.T.astype(np.float64))
        placed = csr_array(np.concatenate([np.ones(sites), np.zeros(teams)])[None, :])
        return cls(
            worth=np.concatenate([np.zeros(sites), steps[steps > _NOTHING]]),
            most=np.concatenate([np.full(sites, float(count)), np.ones(teams)]),
            whole_numbers=np.concatenate([np.ones(sites), np.zeros(teams)]).astype(np.int64),
            rows=vstack([hstack([-reached, there]), placed], format="csr"),
            limits=np.concatenate([np.zeros(places), [float(count)]]),
        )


def _steps(cover: Cover, count: int) -> Floats:
    """Return what each further team within reach of a place adds, shape (count, places)."""
    steps = np.array([cover.worth(number) for number in range(count)])
    shares: Floats = steps / cover.demand.sum()
    return shares
