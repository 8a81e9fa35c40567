"""What the calls of a scenario cost, with teams and without, over replications.

Of replayed calls costs are reckoned from told counts (`real_calls`): at known rates a cost is a
count again.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np

from unarmed_router.research.cost import CostRates, compare_cost
from unarmed_router.research.cost_file import load_cost_rates
from unarmed_router.research.intervals import Interval
from unarmed_router.research.real_calls import CLASS, few, middle, told_figure
from unarmed_router.research.run_result import RunResult
from unarmed_router.research.scenario_results import ScenarioResults

__all__ = ["COST_PARTS", "around", "cost_a_day", "cost_per_day", "rates_of_agency", "told_cost"]

COST_PARTS = ("with_teams", "without", "saved")
"""Parts of `CostComparison`; what is saved is negative where teams cost more."""


def rates_of_agency(results: ScenarioResults) -> tuple[CostRates, ...]:
    """Return every reading of the rates of the scenario's agency; none where it names none."""
    path = results.prepared.agency.cost
    return () if path is None else load_cost_rates(path)


def cost_a_day(run: RunResult, rates: CostRates, part: str) -> float:
    """Return a part of `CostComparison` of one replication, a day."""
    found = compare_cost(
        rates,
        interventions=int(run.outcomes.served.sum()),
        redirected=run.redirected,
        team_hours=run.team_hours,
    )
    return float(getattr(found, part)) / run.days


def cost_per_day(results: ScenarioResults, rates: CostRates, part: str) -> Interval | None:
    """Return a part of the cost a day over replications; None where few real calls were served.

    Parameters
    ----------
    results : ScenarioResults
        Whose calls.
    rates : CostRates
        One reading.
    part : str
        One of `COST_PARTS`.
    """
    exact = results.over_runs(partial(cost_a_day, rates=rates, part=part))
    if results.of_real_calls:
        told = told_cost(results, rates, part)
        if told is None or exact is None:
            return None
        exact = around(exact, *told)
    if exact is None or part == "saved" or math.isinf(exact.low):
        return exact
    return replace(exact, low=max(0.0, exact.low))


def told_cost(results: ScenarioResults, rates: CostRates, part: str) -> tuple[float, float] | None:
    """Reckon a part of the cost a day from the middles of the classes of calls.

    Returns
    -------
    tuple of (float, float), or None
        The cost, and how far it may be from that of the true counts. None where teams served few
        calls.
    """
    runs = results.runs
    served = float(np.mean([run.outcomes.served.sum() for run in runs]))
    if few(served):
        return None
    hours, days = float(np.mean([run.team_hours for run in runs])), runs[0].days
    redirected = float(np.mean([run.redirected for run in runs]))

    def cost(interventions: float, of_them: float) -> float:
        found = compare_cost(
            rates,
            interventions=int(interventions),
            redirected=int(min(of_them, interventions)),
            team_hours=hours,
        )
        return float(getattr(found, part)) / days

    told = cost(middle(served), middle(redirected))
    corners = product(*(_class_ends(count) for count in (served, redirected)))
    return told, max(abs(cost(*corner) - told) for corner in corners)


def around(exact: Interval, told: float, slack: float) -> Interval | None:
    """Return the interval that may be told of a cost of real calls.

    It lies around the told value, which is reckoned from classes of calls, and is wider than the
    exact one by `slack`: as far as the true value may lie from the told one. It is written to four
    significant digits, since a cost per hour comes from a sum of times.
    """
    half = exact.half_width + slack
    return told_figure(replace(exact, estimate=told, low=told - half, high=told + half))


def _class_ends(count: float) -> tuple[float, float]:
    found = middle(count)
    return (found - CLASS / 2, found + CLASS / 2) if found else (0.0, 0.0)
