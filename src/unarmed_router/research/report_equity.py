"""Equity in a report: how unequal service is, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from unarmed_router.research.figure_text import GINI, MINUTES, REPLAYED, SYNTHETIC, service_cells
from unarmed_router.research.report_page import Section, html_table
from unarmed_router.research.scenario_equity import border_service, hour_service, worst_tenth
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.service_figures import BandService

__all__ = ["equity_section"]

_HOURS = 3


def equity_section(results: ScenarioResults) -> Section:
    """Describe inequality among calls, and service by hour and by distance to the border."""
    rows = [
        ("Gini's coefficient of response times", GINI.text(results.gini)),
        ("Worst-served tenth: mean, min", MINUTES.text(worst_tenth(results, "mean"))),
        ("Worst-served tenth: from, min", MINUTES.text(worst_tenth(results, "threshold"))),
        ("All others: mean, min", MINUTES.text(worst_tenth(results, "others"))),
    ]
    unequal = html_table(("Among calls a team came to", "Value"), rows)
    border = _table("Distance to the border", border_service(results), _distance)
    hours = _table("Hour of receipt", hour_service(results, width=_HOURS), _hours)
    return Section(
        "Equity",
        f'<div class="two"><div>{unequal}<br>{border}</div><div>{hours}</div></div>',
        "Gini's coefficient is 0 where all calls wait alike. Bands count the distance to the "
        "nearest point of the city's outer border, and hours on the city's clock; divisions are in "
        "the table beside the map. " + (REPLAYED if results.of_real_calls else SYNTHETIC),
    )


def _table(heading: str, bands: Sequence[BandService], name: Callable[[BandService], str]) -> str:
    rows = [(name(band), *service_cells(band)) for band in bands]
    return html_table((heading, "Calls a day", "Median, min", "9 in 10, min", "No team, %"), rows)


def _distance(band: BandService) -> str:
    if band.low == 0.0:
        return f"below {band.high / 1000:g} km"
    if not np.isfinite(band.high):
        return f"{band.low / 1000:g} km or more"
    return f"{band.low / 1000:g} to {band.high / 1000:g} km"


def _hours(band: BandService) -> str:
    return f"{band.low:02.0f}:00 to {band.high:02.0f}:00"
