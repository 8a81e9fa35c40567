"""Two scenarios side by side, row by row: figures, cost, equity and divisions with differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from unarmed_router.research.cost import CostRates, CostUnit
from unarmed_router.research.figure_text import COUNT, GINI, MINUTES, MONEY, PERCENT, UNIT_OF, Unit
from unarmed_router.research.inequality import worst_served
from unarmed_router.research.intervals import Interval
from unarmed_router.research.replications import figure_of
from unarmed_router.research.run_result import RunResult
from unarmed_router.research.scenario_compare import ScenarioComparison
from unarmed_router.research.scenario_cost import (
    around,
    cost_a_day,
    cost_per_day,
    rates_of_agency,
    told_cost,
)
from unarmed_router.research.scenario_equity import worst_tenth
from unarmed_router.research.service_figures import interval_record

__all__ = ["ComparedRow", "compared_tables", "comparison_record"]

Figure = Callable[[RunResult], float]

_READ = {
    CostUnit.PER_HOUR: "Saved, rates per hour",
    CostUnit.PER_INTERVENTION: "Saved, rates per intervention",
}


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One figure of two scenarios.

    Parameters
    ----------
    words : str
        What.
    unit : Unit
        How it is written.
    before, after, difference : Interval or None
        Means over replications, and over pairs; None where undefined, or where a division is not
        served.
    """

    words: str
    unit: Unit
    before: Interval | None
    after: Interval | None
    difference: Interval | None

    def texts(self) -> tuple[str, str, str, str]:
        """Write words, both figures and the difference."""
        unit = self.unit
        words = f"{self.words}, {unit.name}" if unit.name else self.words
        told = unit.text(self.difference, signed=True)
        return words, unit.text(self.before), unit.text(self.after), told

    def to_dict(self) -> dict[str, Any]:
        """Return the row as values JSON has, in the unit of the results: seconds, shares."""
        return {
            "figure": self.words,
            "before": interval_record(self.before),
            "after": interval_record(self.after),
            "difference": interval_record(self.difference),
        }


def compared_tables(found: ScenarioComparison) -> dict[str, tuple[ComparedRow, ...]]:
    """Return the tables of a comparison by heading, with the unit that all rows of a table share.

    Parameters
    ----------
    found : ScenarioComparison
        Both plans. Cost is of the rates of the first one's agency.
    """
    by_division = {f"{each.heading}, {each.unit.name}": each.rows for each in _divisions(found)}
    return {**_of_the_city(found), **by_division}


def _of_the_city(found: ScenarioComparison) -> dict[str, tuple[ComparedRow, ...]]:
    figures = tuple(
        ComparedRow(
            words, unit, found.before.figure(n), found.after.figure(n), found.differences[n]
        )
        for n, (words, unit) in UNIT_OF.items()
    )
    outcomes = tuple(
        ComparedRow(f"{outcome}, {reason.replace('_', ' ')}", COUNT, was, is_now, difference)
        for (outcome, reason), (was, is_now, difference) in found.outcome_rates.items()
        if was is not None and is_now is not None
    )
    equity = (
        _unequal(
            found,
            "Gini of response times",
            GINI,
            (found.before.gini, found.after.gini),
            _gini,
        ),
        _unequal(
            found,
            "Worst-served tenth: mean",
            MINUTES,
            (worst_tenth(found.before, "mean"), worst_tenth(found.after, "mean")),
            _worst,
        ),
    )
    tables = {"Figures": figures, "Calls a day": outcomes, "Equity": equity}
    cost, currency = _cost(found)
    if cost:
        tables[f"Cost of the calls teams served, {currency} a day"] = cost
    return tables


def comparison_record(found: ScenarioComparison) -> dict[str, Any]:
    """Return a comparison with all its tables as values JSON has, times in seconds, and shares."""
    by_division = {each.heading: each.rows for each in _divisions(found)}
    tables = {
        heading: [row.to_dict() for row in rows]
        for heading, rows in {**_of_the_city(found), **by_division}.items()
    }
    return {**found.to_dict(), "tables": tables}


def _unequal(
    found: ScenarioComparison,
    words: str,
    unit: Unit,
    sides: tuple[Interval | None, Interval | None],
    figure: Figure,
) -> ComparedRow:
    known = None not in sides
    return ComparedRow(
        words, unit, *sides, found.before.told(found.difference(figure)) if known else None
    )


def _gini(run: RunResult) -> float:
    found = figure_of(run.outcomes, "gini_response")
    return math.nan if found is None else found


def _worst(run: RunResult) -> float:
    found = worst_served(run.outcomes.response_s[run.outcomes.served])
    return math.nan if found is None else found.mean


def _cost(found: ScenarioComparison) -> tuple[tuple[ComparedRow, ...], str]:
    readings = rates_of_agency(found.before)
    rows = tuple(
        ComparedRow(
            _READ[rates.unit],
            MONEY,
            cost_per_day(found.before, rates, "saved"),
            cost_per_day(found.after, rates, "saved"),
            _saved_more(found, rates),
        )
        for rates in readings
    )
    return rows, readings[0].currency if readings else ""


def _saved_more(found: ScenarioComparison, rates: CostRates) -> Interval | None:
    exact = found.difference(partial(cost_a_day, rates=rates, part="saved"))
    if exact is None or not found.before.of_real_calls:
        return exact
    one, two = (told_cost(side, rates, "saved") for side in (found.before, found.after))
    if one is None or two is None:
        return None
    return around(exact, two[0] - one[0], one[1] + two[1])


class _DivisionTable(NamedTuple):
    """A figure by division: the unit is written once, in the heading of what people read."""

    heading: str
    unit: Unit
    rows: tuple[ComparedRow, ...]


def _divisions(found: ScenarioComparison) -> Iterator[_DivisionTable]:
    """Compare service by division; one that only one plan serves has no difference."""
    sides = found.before, found.after
    names = (
        found.before.prepared.agency.divisions.names | found.after.prepared.agency.divisions.names
    )
    before, after = ({each.number: each for each in side.divisions} for side in sides)
    for heading, figure, part, unit in (
        ("90th percentile of response time by division", "p90_response_s", "p90_s", MINUTES),
        ("Calls no team came to by division", "unserved_share", "unserved", PERCENT),
    ):
        rows = []
        for n in sorted(before.keys() | after.keys()):
            one, two = before.get(n), after.get(n)
            was = None if one is None else getattr(one, part)
            is_now = None if two is None else getattr(two, part)
            known = was is not None and is_now is not None
            apart = found.difference(_within(n, figure)) if known else None
            calls = [int((each.division == n).sum()) for each in found.before.outcomes]
            apart = found.told(figure, apart, calls)
            plain = Unit("", unit.scale, unit.digits)
            rows.append(ComparedRow(f"{n} {names[n]}", plain, was, is_now, apart))
        yield _DivisionTable(heading, unit, tuple(rows))


def _within(division: int, figure: str) -> Figure:
    def of(run: RunResult) -> float:
        value = figure_of(run.outcomes.where(run.outcomes.division == division), figure)
        return math.nan if value is None else value

    return of
