"""Counts of real calls as they may be told: in classes of ten, so that none from 1 to 10 follows.

A threshold alone protects nothing where totals, shares, differences and costs of the same calls
stand beside the table: a share times its calls is a count again. So what counts calls is told as
the middle of its class, 1 to 10, 11 to 20 and on, and shares and costs are reckoned from the told
counts. Zero stays zero, and a count of the first class is not told at all. This is conventional
rounding of every count by itself (Hundepool and others, Handbook on Statistical Disclosure Control,
2nd ed. 2024, section 5.5, https://sdctools.github.io/HandbookSDC/05-frequency-tables.html), with
the classes set where the threshold of `operations.suppression` has them.

A mean of so many whole milliseconds is a fraction, and enough digits of it give the number below
the line. So what is no count is told to four significant digits (US Census Bureau, Disclosure
Review Board, rounding rules of 2019).

Rounding alone can be undone by chance, where many counts that add up lie at the edges of their
classes. So the cells of one table are left out in company as well, as `operations.suppression` does
it: within a table nothing follows whatever the edges. Between two numbers of different tables at
least nine of the ten values of a small count stay possible: numbers in classes ``10 a + 1`` to
``10 a + 10`` and ``10 b + 1`` to ``10 b + 10`` differ by ``10 (a - b) - 9`` to ``10 (a - b) + 9``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from unarmed_router.operations.suppression import SMALLEST_SHOWN, shown
from unarmed_router.research.intervals import Interval

__all__ = [
    "CLASS",
    "by_tens",
    "few",
    "in_class",
    "middle",
    "told_count",
    "told_figure",
    "told_share",
    "withheld",
]

CLASS = SMALLEST_SHOWN - 1
"""Counts in a class."""

_DIGITS = 6
"""Means of counts are reckoned through days; what is a millionth above an edge is on it."""

_SMALLEST = 9
"""Decimals beyond which a value is what rounding left of nought."""


def middle(count: float) -> float:
    """Return the middle of the class of a count, or of a mean of counts; 0 of 0.

    Parameters
    ----------
    count : float
        At least 0.
    """
    return max(0.0, _edge(count) - CLASS / 2)


def by_tens(count: int) -> str:
    """Write the class of a count above 0, as ``21 to 30``."""
    last = int(_edge(count))
    return f"{last - CLASS + 1} to {last}"


def few(count: float) -> bool:
    """Tell whether a count, or the size of a difference of two, is one that must not be told."""
    return 0.0 < round(abs(count), _DIGITS) <= CLASS


def told_count(found: Interval | None, *, per: float) -> Interval | None:
    """Return an interval of counts as it may be told.

    Parameters
    ----------
    found : Interval or None
        Of counts, or of differences of counts, each divided by `per`.
    per : float
        Such as the days they were counted in; above 0.

    Returns
    -------
    Interval or None
        The middle of the class, between the outer edges of the classes of both bounds; None where
        there are few.
    """
    return None if found is None or few(found.estimate * per) else _at_edges(found, per)


def _at_edges(found: Interval, per: float) -> Interval:
    """Put the estimate into the middle of its class and the bounds at the edges of theirs."""
    estimate = math.copysign(middle(abs(found.estimate * per)), found.estimate)
    low, high = _outwards(found.low * per, -1), _outwards(found.high * per, 1)
    return replace(found, estimate=estimate / per, low=low / per, high=high / per)


def told_figure(found: Interval | None) -> Interval | None:
    """Return an interval of times or other amounts as it may be told: to four digits."""
    if found is None:
        return None
    low, estimate, high = map(_four_digits, (found.low, found.estimate, found.high))
    return replace(found, estimate=estimate, low=low, high=high)


def told_share(
    found: Interval | None, calls: float, *, of_difference: bool = False
) -> Interval | None:
    """Return an interval of a share of some calls as it may be told.

    Parameters
    ----------
    found : Interval or None
        Of the share, or of the difference of two shares.
    calls : float
        How many they are a share of, or the mean over replications.
    of_difference : bool
        It may be negative, and what is left of it is nobody.

    Returns
    -------
    Interval or None
        Told counts over the told count of all; None where there are few of the calls, of those in
        the share, or of the others.
    """
    if found is None or few(calls):
        return None
    if not of_difference and few((1.0 - found.estimate) * calls):
        return None
    return None if few(found.estimate * calls) else in_class(found, calls)


def in_class(found: Interval, calls: float) -> Interval:
    """Return `told_share` even of few, as a curve needs it: of 1 to 10 calls it is that of 5.

    Parameters
    ----------
    found : Interval
        Of the share, or of the difference of two shares, of some calls.
    calls : float
        How many, above 0.
    """
    told, scale = _at_edges(found, calls), calls / middle(calls)

    def part(share: float) -> float:
        return share if math.isinf(share) else min(max(share * scale, -1.0), 1.0)

    return replace(told, estimate=part(told.estimate), low=part(told.low), high=part(told.high))


def withheld(counts: Sequence[Sequence[Sequence[int]]]) -> list[list[bool]]:
    """Tell which cells of a table, and which totals of its rows, are left out.

    Parameters
    ----------
    counts : sequence of sequence of sequence of int
        By row, column and replication: the smallest number that is not 0 decides.

    Returns
    -------
    list of list of bool
        A row for each; one column more than `counts` has: the total.

    Notes
    -----
    The choice is made from the middles of classes. Made from the counts themselves it would tell of
    them: who knows the method could see from what is left out that two calls were single ones.
    """
    cells = [[int(middle(min(filter(None, runs), default=0))) for runs in row] for row in counts]
    table = shown(cells) if cells else []
    if table is None:  # nothing would protect a small cell
        return [[True] * (len(row) + 1) for row in cells]
    return [[cell is None for cell in row] for row in table[: len(cells)]]


def _edge(count: float) -> float:
    """Return the last count of the class of one; 0 of 0."""
    return float(CLASS * math.ceil(round(count, _DIGITS) / CLASS))


def _four_digits(value: float) -> float:
    if not math.isfinite(value):
        return value
    return float(f"{round(value, _SMALLEST):.4g}") + 0.0  # no minus before zero


def _outwards(bound: float, way: int) -> float:
    """Move a bound to the edge of its class, down (-1) or up (1)."""
    if math.isinf(bound):
        return bound
    if bound * way > 0.0:  # away from 0
        return way * _edge(abs(bound))
    return -way * max(0.0, _edge(abs(bound)) - CLASS)
