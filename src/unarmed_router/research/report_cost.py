"""Cost in a report: both readings of the published rates, side by side."""

from __future__ import annotations

from unarmed_router.research.comparison_rows import cost_a_day
from unarmed_router.research.cost import CostUnit
from unarmed_router.research.cost_file import load_cost_rates
from unarmed_router.research.figure_text import Unit
from unarmed_router.research.report_page import Section, html_table
from unarmed_router.research.scenario_results import ScenarioResults

__all__ = ["cost_section"]

_WORDS = {
    CostUnit.PER_HOUR: "read as an hour of service",
    CostUnit.PER_INTERVENTION: "read as an intervention",
}
_MONEY = Unit("", 1.0, 0)
_HEADING = "Cost of the calls teams served"


def cost_section(results: ScenarioResults) -> Section:
    """Reckon calls that teams served, against the same calls without teams."""
    path = results.prepared.agency.cost
    if path is None:
        return Section(_HEADING, "<p>The agency names no cost rates.</p>")
    readings = load_cost_rates(path)
    rows = []
    for rates in readings:
        cells = []
        for part in ("with_teams", "without", "saved"):
            mean = results.over_runs if part == "saved" else results.amount  # teams may cost more
            found = mean(lambda run, r=rates, p=part: cost_a_day(run, r, p))  # type: ignore[misc]
            cells.append(_MONEY.text(found))
        rows.append((_WORDS[rates.unit], *cells))
    rates = readings[0]
    return Section(
        f"{_HEADING}, {rates.currency} a day",
        html_table(
            (
                f"{rates.team:g} by a team, {rates.baseline:g} without",
                "With teams",
                "Same calls without",
                "Saved",
            ),
            rows,
        ),
        f"Rates: {rates.source}. Hours are those teams were bound, reserved to free; without teams "
        "the same hours are reckoned, so longer drives raise both. Calls handed over cost both. "
        "Standing costs of teams that wait are in neither.",
    )
