"""Two scenarios side by side, row by row: figures, cost, equity and divisions with differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from unarmed_router.research.cost import CostRates, CostUnit, compare_cost
from unarmed_router.research.cost_file import load_cost_rates
from unarmed_router.research.figure_text import COUNT, MINUTES, PERCENT, UNIT_OF, Unit
from unarmed_router.research.inequality import worst_served
from unarmed_router.research.intervals import Interval
from unarmed_router.research.replications import figure_of
from unarmed_router.research.run_result import RunResult
from unarmed_router.research.scenario_compare import ScenarioComparison
from unarmed_router.research.service_figures import interval_record

__all__ = ["ComparedRow", "compared_tables", "comparison_record", "cost_a_day"]

Figure = Callable[[RunResult], float | None]

_GINI = Unit("", 1.0, 3)
_MONEY = Unit("", 1.0, 0)
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
    """Return the tables of a comparison by heading.

    Parameters
    ----------
    found : ScenarioComparison
        Both plans. Cost is of the rates of the first one's agency.
    """
    figures = tuple(
        ComparedRow(
            words, unit, found.before.figure(n), found.after.figure(n), found.differences[n]
        )
        for n, (words, unit) in UNIT_OF.items()
    )
    outcomes = tuple(
        _row(found, f"{outcome}, {reason.replace('_', ' ')}", COUNT, _tallied((outcome, reason)))
        for (outcome, reason), difference in found.outcome_differences.items()
        if difference is not None
    )
    equity = (
        _row(found, "Gini of response times", _GINI, _gini),
        _row(found, "Worst-served tenth: mean", MINUTES, _worst),
    )
    tables = {"Figures": figures, "Calls a day": outcomes, "Equity": equity}
    cost, currency = _cost(found)
    if cost:
        tables[f"Cost of the calls teams served, {currency} a day"] = cost
    return {**tables, **_divisions(found)}


def comparison_record(found: ScenarioComparison) -> dict[str, Any]:
    """Return a comparison with all its tables as values JSON has."""
    tables = {
        heading: [row.to_dict() for row in rows] for heading, rows in compared_tables(found).items()
    }
    return {**found.to_dict(), "tables": tables}


def cost_a_day(run: RunResult, rates: CostRates, part: str) -> float:
    """Return a part of `CostComparison` of one replication, a day."""
    found = compare_cost(
        rates,
        interventions=int(run.outcomes.served.sum()),
        redirected=run.redirected,
        team_hours=run.team_hours,
    )
    return float(getattr(found, part)) / run.days


def _row(
    found: ScenarioComparison, words: str, unit: Unit, figure: Figure, *, signed: bool = False
) -> ComparedRow:
    def known(run: RunResult) -> float:
        value = figure(run)
        return math.nan if value is None else value

    sides = found.before, found.after
    one, two = (side.over_runs(figure) if signed else side.amount(figure) for side in sides)
    return ComparedRow(words, unit, one, two, found.difference(known))


def _tallied(kind: tuple[str, str]) -> Figure:
    return lambda run: run.tally.get(kind, 0) / run.days


def _gini(run: RunResult) -> float | None:
    return figure_of(run.outcomes, "gini_response")


def _worst(run: RunResult) -> float | None:
    found = worst_served(run.outcomes.response_s[run.outcomes.served])
    return None if found is None else found.mean


def _cost(found: ScenarioComparison) -> tuple[tuple[ComparedRow, ...], str]:
    path = found.before.prepared.agency.cost
    if path is None:
        return (), ""
    readings = load_cost_rates(path)
    rows = tuple(
        _row(found, _READ[rates.unit], _MONEY, partial(_saved, rates), signed=True)
        for rates in readings
    )
    return rows, readings[0].currency


def _saved(rates: CostRates, run: RunResult) -> float:
    return cost_a_day(run, rates, "saved")


def _divisions(found: ScenarioComparison) -> dict[str, tuple[ComparedRow, ...]]:
    """Compare service by division; one that only one plan serves has no difference."""
    sides = found.before, found.after
    names = {
        each.number: each.name
        for side in sides
        for each in side.prepared.agency.divisions.divisions
    }
    before, after = ({each.number: each for each in side.divisions} for side in sides)
    tables = {}
    for heading, figure, part, unit in (
        ("90th percentile of response time by division, min", "p90_response_s", "p90_s", MINUTES),
        ("Calls no team came to by division, %", "unserved_share", "unserved", PERCENT),
    ):
        rows = []
        for n in sorted(before.keys() | after.keys()):
            one, two = before.get(n), after.get(n)
            was = None if one is None else getattr(one, part)
            is_now = None if two is None else getattr(two, part)
            known = was is not None and is_now is not None
            apart = found.difference(_within(n, figure)) if known else None
            plain = Unit("", unit.scale, unit.digits)
            rows.append(ComparedRow(f"{n} {names[n]}", plain, was, is_now, apart))
        tables[heading] = tuple(rows)
    return tables


def _within(division: int, figure: str) -> Callable[[RunResult], float]:
    def of(run: RunResult) -> float:
        value = figure_of(run.outcomes.where(run.outcomes.division == division), figure)
        return math.nan if value is None else value

    return of
