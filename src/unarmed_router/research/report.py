"""The report of a scenario: one HTML file that opens without a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from unarmed_router.counted import counted
from unarmed_router.model.shift import DAYS, HOURS_A_WEEK
from unarmed_router.research.call_outcomes import CallOutcomes
from unarmed_router.research.coverage_text import hour_name
from unarmed_router.research.figure_text import (
    COUNT,
    MINUTES,
    TENS,
    UNIT_OF,
    brackets,
    division_cells,
)
from unarmed_router.research.report_charts import bar_chart, heat_map
from unarmed_router.research.report_cost import cost_section
from unarmed_router.research.report_division_map import division_edges, division_map
from unarmed_router.research.report_equity import equity_section
from unarmed_router.research.report_map import five_edges, shade_legend
from unarmed_router.research.report_page import (
    Section,
    digest_section,
    figure_cards,
    html_table,
    write_page,
)
from unarmed_router.research.report_times import last_minute, times_chart
from unarmed_router.research.scenario_results import ScenarioResults

__all__ = ["write_report"]


def write_report(path: Path | str, results: ScenarioResults) -> None:
    """Write the report of a scenario.

    Parameters
    ----------
    path : path-like
        Replaced if it exists.
    results : ScenarioResults
        At least one replication; every figure has its interval over replications.
    """
    prepared = results.prepared
    run = prepared.document.run
    lead = [
        (
            f"{counted(len(prepared.divisions), 'division')}, "
            f"{counted(len(prepared.states), 'team')}, strategy {run.strategy}. "
            f"{counted(len(results.runs), 'replication')} of {prepared.days_told}; seed "
            f"{run.seed}."
        ),
        brackets(
            results.confidence,
            len(results.runs),
            over="of the mean over replications, each by itself",
        ),
    ]
    if results.left_out:
        lead.append(results.left_out)
    if prepared.added:
        lead.insert(1, f"Added to the policy's divisions: {prepared.added_names}.")
    write_page(
        path,
        title=prepared.document.name,
        lead=lead,
        figures=_cards(results),
        sections=[
            _map(results),
            _times(results),
            _week(results),
            _ends(results),
            cost_section(results),
            equity_section(results),
            digest_section(results.inputs, prepared.agency.world.digests.network_limits),
        ],
    )


def _cards(results: ScenarioResults) -> str:
    cards = []
    for name, (words, unit) in UNIT_OF.items():
        found = results.figure(name)
        if found is None:
            why = "few real calls: not told" if results.of_real_calls else "no call to tell it from"
            cards.append((words, unit.text(found), why))
            continue
        value, bracket, rest = unit.text(found).partition(" (")
        shown = f"{value} {unit.name}".strip()
        cards.append((words, shown, f"({rest}" if bracket else "no interval: one replication"))
    return figure_cards(cards)


def _map(results: ScenarioResults) -> Section:
    drawn = division_map(results, division_edges(results))
    rows = [division_cells(each) for each in results.divisions]
    headings = ("Division", "Calls a day", "Median, min", "9 in 10, min", "No team, %")
    return Section(
        "Response time by division: nine in ten calls were reached within",
        f'<div class="map"><div>{drawn}</div>{html_table(headings, rows)}</div>',
        "Response time counts from receipt to arrival, of calls a team came to; calls a day and "
        "the share no team came to are of all calls a program would take. Lines show what a "
        "free team at home reaches by road, whoever may be sent where.",
    )


def _times(results: ScenarioResults) -> Section:
    return Section(
        "How long callers waited",
        times_chart(results, last_minute(results)),
        "Bars: share of served calls by minute, scale on the left. Line: share of served calls "
        "reached by then, scale on the right, with its interval at each minute by itself; at "
        "most half a per cent of calls, and those after two hours, lie beyond the right edge."
        + (TENS if results.of_real_calls else ""),
    )


def _week(results: ScenarioResults) -> Section:
    """Draw how many calls come, and how long they wait, by hour of the week."""

    def hours(outcomes: CallOutcomes) -> npt.NDArray[np.int64]:
        return outcomes.hour.astype(np.int64)

    week = list(range(HOURS_A_WEEK))
    waits = results.grouped(hours, week, "mean_response_s")
    minutes = [None if each is None else each.estimate / 60 for each in waits.values()]
    wait_tips = [f"{hour_name(h)}: mean {MINUTES.text(each)} min" for h, each in waits.items()]
    sizes = [[int((each.hour == h).sum()) for each in results.outcomes] for h in week]
    played = results.prepared.counted_hours
    # An hour that was not played, or that a change of clocks left out, is unknown.
    calls = {
        h: rate if played[h] else None
        for h, rate in enumerate(results.rates_of(sizes, [each or 1.0 for each in played]))
    }
    rates = [None if each is None else each.estimate for each in calls.values()]
    call_tips = [f"{hour_name(h)}: {COUNT.text(each)} calls an hour" for h, each in calls.items()]
    parts = []
    for title, values, tips, unit in (
        ("Calls an hour that a program would take", rates, call_tips, "calls"),
        ("Mean response time", minutes, wait_tips, "min"),
    ):
        edges = five_edges([value for value in values if value is not None])
        drawn = heat_map(values, tips, edges=edges, days=DAYS, says=f"{title} by hour of the week")
        legend = f'<ul class="legend">{shade_legend(edges, unit)}</ul>'
        parts.append(f"<div><p>{title}</p>{drawn}{legend}</div>")
    return Section(
        "Hours of the week",
        f'<div class="two">{"".join(parts)}</div>',
        "By the hour of receipt on the city's clock. Point at a cell for its value and interval; "
        "single cells rest on few calls. Grey: not counted, nobody served, or few real calls.",
    )


def _ends(results: ScenarioResults) -> Section:
    """Draw what became of calls, and how busy teams were."""
    rates = [
        (f"{each.outcome}: {each.reason.replace('_', ' ')}", each.per_day) for each in results.rates
    ]
    ended = bar_chart(rates, unit="", says="Calls a day by outcome and reason")
    busy = bar_chart(
        list(results.workloads.items()), unit=" %", scale=100.0, says="Share of time teams are busy"
    )
    return Section(
        "What became of calls, and how busy teams were",
        f'<div class="two"><div><p>Calls a day, of the whole city</p>{ended}</div>'
        f"<div><p>Share of time bound by calls</p>{busy}</div></div>",
        "Ineligible calls are not for unarmed teams; calls that need triage may be, and nobody "
        "established it. They are never one number. Whiskers are intervals over replications.",
    )
