"""Service by group of calls: division, hour, distance to the city's border; with its uncertainty.

Response times are of calls that a team came to; the unserved share is of all calls a program would
take. Groups of 1 to 10 calls are hidden, and others where those could be worked out from totals.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import InputError
from unarmed_router.operations.suppression import SMALLEST_SHOWN, shown
from unarmed_router.research.call_outcomes import CallOutcomes, group_places
from unarmed_router.research.inequality import WorstServed, gini, worst_served
from unarmed_router.research.intervals import Interval, quantile_interval, wilson_interval

__all__ = [
    "BORDER_EDGES_M",
    "Equity",
    "GroupService",
    "by_border",
    "by_division",
    "by_hour",
    "equity_of",
]

BORDER_EDGES_M = (500.0, 1000.0, 2000.0, 4000.0)
"""Between the bands of distance to the city's border, metres."""

G = TypeVar("G", bound=Hashable)

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GroupService(Generic[G]):
    """Service to one group of calls.

    Parameters
    ----------
    group : hashable
        Which.
    calls : int or None
        Calls a program would take; None where the group is hidden, and so is all that follows.
    median_s, p90_s : Interval or None
        Response time, seconds; None where teams came to too few calls.
    unserved : Interval or None
        Share of calls no team came to; None of no call, and where it would tell of too few.
    hidden : bool
        The group is too small to be shown, or must be hidden so that another cannot be found.
    """

    group: G
    calls: int | None
    median_s: Interval | None
    p90_s: Interval | None
    unserved: Interval | None
    hidden: bool


@dataclass(frozen=True, slots=True)
class Equity(Generic[G]):
    """Service by group, and how unequal it is.

    Parameters
    ----------
    groups : tuple of GroupService
        In the order asked for.
    total : GroupService
        All calls together, under the group None; hidden where it would give a group away.
    gini : float or None
        Of the response times of single calls; None where there are too few.
    worst : WorstServed or None
        The worst-served tenth of calls that a team came to; None where it would be too few.
    """

    groups: tuple[GroupService[G], ...]
    total: GroupService[None]
    gini: float | None
    worst: WorstServed | None


def equity_of(
    outcomes: CallOutcomes,
    group_of: Ints,
    groups: Sequence[G],
    *,
    confidence: float = 0.95,
    suppress: bool = True,
) -> Equity[G]:
    """Describe service by any grouping.

    Parameters
    ----------
    outcomes : CallOutcomes
        n calls.
    group_of : int array, shape (n,)
        Place of each call's group in `groups`; -1 for a call of none of them.
    groups : sequence of hashable
        Names, in the order of the result.
    confidence : float
        Of every interval by itself, in (0, 1).
    suppress : bool
        Hide small groups; False for simulated calls, which nobody made.

    Raises
    ------
    InputError
        Another number of rows, a place that is no group or no whole number, or a group twice.
    """
    if len(set(groups)) < len(groups):
        raise InputError(f"groups {list(groups)} name one twice; name each once")
    place = group_places(group_of, len(outcomes), len(groups))
    cells = _counted(outcomes, place, len(groups))
    least = SMALLEST_SHOWN if suppress else 1
    published = shown(cells.tolist()) if suppress else _with_totals(cells)
    if published is None:  # nothing would protect a small cell
        published = [[None] * 3 for _ in range(len(groups) + 2)]
    described = tuple(
        _described(group, outcomes.where(place == k), published[k], confidence, least)
        for k, group in enumerate(groups)
    )
    total = _described(None, outcomes, published[-1], confidence, least)
    times = outcomes.response_s[outcomes.served]
    enough = len(times) >= least and not total.hidden
    worst = worst_served(times) if enough and len(times) >= 10 * least else None
    return Equity(described, total, gini(times) if enough else None, worst)


def _counted(outcomes: CallOutcomes, place: Ints, groups: int) -> Ints:
    """Count calls served and not, shape (groups + 1, 2); the last row is those of no group."""
    cells = np.zeros((groups + 1, 2), np.int64)
    np.add.at(cells, (place, np.where(outcomes.served, 0, 1)), 1)
    return cells


def _with_totals(cells: Ints) -> list[list[int | None]]:
    """Add totals of rows and columns to a table of which nothing is hidden."""
    rows = np.column_stack((cells, cells.sum(axis=1)))
    table: list[list[int | None]] = np.vstack((rows, rows.sum(axis=0))).tolist()
    return table


def by_division(
    outcomes: CallOutcomes,
    divisions: Sequence[int],
    *,
    confidence: float = 0.95,
    suppress: bool = True,
) -> Equity[int]:
    """Describe service by division, in the order given; see `equity_of`."""
    place = {number: k for k, number in enumerate(divisions)}
    rows = np.array([place.get(int(number), -1) for number in outcomes.division], np.int64)
    return equity_of(outcomes, rows, list(divisions), confidence=confidence, suppress=suppress)


def by_hour(
    outcomes: CallOutcomes, *, confidence: float = 0.95, suppress: bool = True
) -> Equity[int]:
    """Describe service by hour of the day, 0 to 23, of receipt; see `equity_of`."""
    hours = (outcomes.hour % 24).astype(np.int64)
    return equity_of(outcomes, hours, list(range(24)), confidence=confidence, suppress=suppress)


def by_border(
    outcomes: CallOutcomes,
    border_m: npt.ArrayLike,
    *,
    edges_m: Sequence[float] = BORDER_EDGES_M,
    confidence: float = 0.95,
    suppress: bool = True,
) -> Equity[tuple[float, float]]:
    """Describe service by distance to the city's border.

    Parameters
    ----------
    outcomes : CallOutcomes
        n calls.
    border_m : array_like of float, shape (n,)
        As `city_border_m` measures it.
    edges_m : sequence of float
        Ascending, above 0: bands are half-open, from 0 to the first, and from the last on.
    confidence, suppress
        As in `equity_of`.

    Raises
    ------
    InputError
        Edges that do not ascend from above 0, or distances that are not as many as calls.
    """
    edges = [float(edge) for edge in edges_m]
    if not edges or edges != sorted(set(edges)) or not edges[0] > 0.0:
        raise InputError(f"edges_m {edges} must ascend from above 0")
    away = np.asarray(border_m, np.float64)
    if away.shape != (len(outcomes),) or not (away >= 0.0).all():
        raise InputError(f"border_m must be {len(outcomes)} distances of at least 0")
    bands = list(zip([0.0, *edges], [*edges, float("inf")], strict=True))
    place = np.searchsorted(edges, away, side="right").astype(np.int64)
    return equity_of(outcomes, place, bands, confidence=confidence, suppress=suppress)


def _described(
    group: G, rows: CallOutcomes, published: list[int | None], confidence: float, least: int
) -> GroupService[G]:
    """Describe calls as far as their numbers are published: served, unserved and all of them."""
    served, unserved, calls = published
    if calls is None:
        return GroupService(group, None, None, None, None, hidden=True)
    times = rows.response_s[rows.served]
    told = served is not None and unserved is not None

    def quantile(share: float) -> Interval | None:
        if len(times) < least:
            return None
        found = quantile_interval(times, share, confidence=confidence)
        return found if told or found is None else replace(found, count=None)

    share = (
        wilson_interval(unserved, calls, confidence=confidence)
        if told and unserved is not None
        else None
    )
    return GroupService(group, calls, quantile(0.5), quantile(0.9), share, hidden=False)
