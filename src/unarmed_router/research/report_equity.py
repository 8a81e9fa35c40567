"""Equity in a report: how unequal service is, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.research.city_border import city_border_m
from unarmed_router.research.figure_text import COUNT, MINUTES, PERCENT, Unit
from unarmed_router.research.inequality import WorstServed, worst_served
from unarmed_router.research.intervals import Interval
from unarmed_router.research.report_page import Section, html_table
from unarmed_router.research.scenario_results import ScenarioResults

if TYPE_CHECKING:
    from unarmed_router.research.call_outcomes import CallOutcomes
    from unarmed_router.research.run_result import RunResult

__all__ = ["BORDER_EDGES_M", "equity_section"]

BORDER_EDGES_M = (500.0, 1000.0, 2000.0, 4000.0)
"""Between the bands of distance to the city's border, metres."""

_GINI = Unit("", 1.0, 3)


def equity_section(results: ScenarioResults) -> Section:
    """Describe inequality among calls, and service by distance to the city's border."""
    rows = [
        ("Gini's coefficient of response times", _GINI.text(results.gini)),
        ("Worst-served tenth: mean, min", MINUTES.text(_worst(results, "mean"))),
        ("Worst-served tenth: from, min", MINUTES.text(_worst(results, "threshold"))),
        ("All others: mean, min", MINUTES.text(_worst(results, "others"))),
    ]
    unequal = html_table(("Among calls a team came to", "Value"), rows)
    return Section(
        "Equity",
        f'<div class="two"><div>{unequal}</div><div>{_border(results)}</div></div>',
        "Gini's coefficient is 0 where all calls wait alike. Bands count the distance to the "
        "nearest point of the city's outer border. Simulated calls were made by nobody, so small "
        "groups are not hidden.",
    )


def _worst(results: ScenarioResults, part: str) -> Interval | None:
    def of(run: RunResult) -> float | None:
        found: WorstServed | None = worst_served(run.outcomes.response_s[run.outcomes.served])
        value: float | None = None if found is None else getattr(found, part)
        return value

    return results.amount(of)


def _border(results: ScenarioResults) -> str:
    partition = results.prepared.agency.partition
    bands = list(zip((0.0, *BORDER_EDGES_M), (*BORDER_EDGES_M, np.inf), strict=True))
    band_of = {
        id(each): np.searchsorted(
            BORDER_EDGES_M, city_border_m(partition, each.lon, each.lat), side="right"
        ).astype(np.int64)
        for each in results.outcomes
    }

    def rows(outcomes: CallOutcomes) -> npt.NDArray[np.int64]:
        return band_of[id(outcomes)]

    found = {
        figure: results.grouped(rows, bands, figure)
        for figure in ("median_response_s", "p90_response_s", "unserved_share")
    }
    table = [
        (
            _band(*band),
            COUNT.text(
                results.amount(
                    lambda run, k=k: float((band_of[id(run.outcomes)] == k).sum()) / run.days  # type: ignore[misc]
                )
            ),
            MINUTES.text(found["median_response_s"][band]),
            MINUTES.text(found["p90_response_s"][band]),
            PERCENT.text(found["unserved_share"][band]),
        )
        for k, band in enumerate(bands)
    ]
    headings = (
        "Distance to the border",
        "Calls a day",
        "Median, min",
        "9 in 10, min",
        "No team, %",
    )
    return html_table(headings, table)


def _band(low: float, high: float) -> str:
    if low == 0.0:
        return f"below {high / 1000:g} km"
    if not np.isfinite(high):
        return f"{low / 1000:g} km or more"
    return f"{low / 1000:g} to {high / 1000:g} km"
