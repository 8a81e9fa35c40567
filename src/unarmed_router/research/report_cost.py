"""Cost in a report: both readings of the published rates, side by side."""

from __future__ import annotations

from unarmed_router.research.cost import CostUnit
from unarmed_router.research.figure_text import MONEY
from unarmed_router.research.report_page import Section, html_table
from unarmed_router.research.scenario_cost import COST_PARTS, cost_per_day, rates_of_agency
from unarmed_router.research.scenario_results import ScenarioResults

__all__ = ["cost_section"]

_WORDS = {
    CostUnit.PER_HOUR: "read as an hour of service",
    CostUnit.PER_INTERVENTION: "read as an intervention",
}
_HEADING = "Cost of the calls teams served"


def cost_section(results: ScenarioResults) -> Section:
    """Reckon calls that teams served, against the same calls without teams."""
    readings = rates_of_agency(results)
    if not readings:
        return Section(_HEADING, "<p>The agency names no cost rates.</p>")
    rows = [
        (
            _WORDS[rates.unit],
            *(MONEY.text(cost_per_day(results, rates, part)) for part in COST_PARTS),
        )
        for rates in readings
    ]
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
