"""Cost in a report: both readings of the published rates, side by side."""

from __future__ import annotations

from unarmed_router.research.cost import CostRates, CostUnit, compare_cost
from unarmed_router.research.figure_text import Unit
from unarmed_router.research.report_page import Section, html_table
from unarmed_router.research.run_result import RunResult
from unarmed_router.research.scenario_results import ScenarioResults

__all__ = ["PUBLISHED_RATES", "cost_section"]

_SOURCE = "published figures of UMCR: $35 by an unarmed team, $85 by LAPD"

PUBLISHED_RATES = tuple(
    CostRates(unit=unit, team=35.0, baseline=85.0, currency="USD", source=_SOURCE)
    for unit in (CostUnit.PER_HOUR, CostUnit.PER_INTERVENTION)
)
"""The same two numbers under either unit: the sources disagree on which is meant."""

_DOLLARS = Unit("USD", 1.0, 0)

_WORDS = {
    CostUnit.PER_HOUR: "read as dollars an hour",
    CostUnit.PER_INTERVENTION: "read as dollars an intervention",
}


def cost_section(results: ScenarioResults) -> Section:
    """Reckon calls that teams served, against the same calls without teams."""
    rows = []
    for rates in PUBLISHED_RATES:

        def per_day(run: RunResult, part: str, rates: CostRates = rates) -> float:
            found = compare_cost(
                rates,
                interventions=int(run.outcomes.served.sum()),
                redirected=run.redirected,
                team_hours=run.team_hours,
            )
            return float(getattr(found, part)) / run.days

        cells = []
        for part in ("with_teams", "without", "saved"):
            found = results.over_runs(lambda run, p=part: per_day(run, p))  # type: ignore[misc]
            cells.append(_DOLLARS.text(found))
        rows.append((_WORDS[rates.unit], *cells))
    return Section(
        "Cost of the calls teams served, US dollars a day",
        html_table(
            ("$35 and $85", "With teams", "Same calls by police", "Saved"),
            rows,
        ),
        "Sources disagree on what the published $35 (unarmed team) and $85 (LAPD) are for: an "
        "hour, or an average intervention at equal time on scene. Both readings are shown; hours "
        "are those teams were bound, reserved to free. Calls handed over cost both. Standing costs "
        "of teams that wait are in neither.",
    )
