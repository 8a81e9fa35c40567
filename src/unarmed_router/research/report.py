"""The report of a scenario: one HTML file that opens without a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from unarmed_router.research.call_outcomes import CallOutcomes
from unarmed_router.research.coverage_text import DAYS, hour_name
from unarmed_router.research.figure_text import COUNT, MINUTES, PERCENT, UNIT_OF, division_cells
from unarmed_router.research.isochrones import isochrones
from unarmed_router.research.origins import origins_of_teams
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.report_charts import bar_chart, heat_map, share_chart, steps_of
from unarmed_router.research.report_cost import cost_section
from unarmed_router.research.report_equity import equity_section
from unarmed_router.research.report_map import (
    Shade,
    five_edges,
    map_legend,
    report_map,
    shade_legend,
)
from unarmed_router.research.report_page import (
    Section,
    digest_section,
    figure_cards,
    html_table,
    write_page,
)
from unarmed_router.research.scenario_results import DivisionService, ScenarioResults

__all__ = ["write_report"]

Floats = npt.NDArray[np.float64]

_ISOCHRONE_HOUR = 2 * 24 + 17
_ISOCHRONE_MINUTES = (10.0, 15.0)
_LONGEST_MIN = 120


def write_report(path: Path, results: ScenarioResults) -> None:
    """Write the report of a scenario.

    Parameters
    ----------
    path : Path
        Replaced if it exists.
    results : ScenarioResults
        At least one replication; every figure has its interval over replications.
    """
    prepared = results.prepared
    run = prepared.document.run
    names = {each.number: each.name for each in prepared.agency.divisions.divisions}
    lead = [
        (
            f"{len(prepared.divisions)} divisions, {len(prepared.states)} teams, strategy "
            f"{run.strategy}. {len(results.runs)} replications of {run.days} days from "
            f"{run.start}, after {run.warm_up_days} of warm-up; seed {run.seed}."
        ),
        (
            f"In brackets: {100 * results.confidence:g} % intervals of the mean over replications, "
            "each by itself."
        ),
    ]
    if prepared.added:
        added = ", ".join(f"{number} {names[number]}" for number in prepared.added)
        lead.insert(1, f"Added to the policy's divisions: {added}.")
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
        value, bracket, rest = unit.text(results.figure(name)).partition(" (")
        shown = f"{value} {unit.name}".strip()
        cards.append((words, shown, f"({rest}" if bracket else "no interval: one replication"))
    return figure_cards(cards)


def _map(results: ScenarioResults) -> Section:
    prepared, divisions = results.prepared, results.divisions
    known = [each.p90_s.estimate / 60 for each in divisions if each.p90_s is not None]
    edges = five_edges(known)
    agency = prepared.agency_at(lambda: prepared.starts)
    reached = isochrones(
        RoadReach(agency.speeds),
        origins_of_teams(agency),
        network=agency.network,
        roads=agency.roads,
        minutes=_ISOCHRONE_MINUTES,
        hour=_ISOCHRONE_HOUR,
        square_m=250.0,
    )
    drawn = report_map(
        agency.partition,
        {each.number: _shade(each, edges) for each in divisions},
        [state.team for state in prepared.states],
        reached,
    )
    legend = map_legend(shade_legend(edges, "min"), _ISOCHRONE_MINUTES, hour_name(_ISOCHRONE_HOUR))
    rows = [division_cells(each) for each in divisions]
    headings = ("Division", "Calls a day", "Median, min", "9 in 10, min", "No team, %")
    return Section(
        "Response time by division: nine in ten calls were reached within",
        f'<div class="map"><div>{drawn}{legend}</div>{html_table(headings, rows)}</div>',
        "Response time counts from receipt to arrival, of calls a team came to; calls a day and "
        "the share no team came to are of all calls a program would take. Lines show what a "
        "free team at home reaches by road, whoever may be sent where.",
    )


def _shade(each: DivisionService, edges: tuple[float, ...]) -> Shade:
    if each.p90_s is None:
        return Shade(None, "no team came to any call")
    return Shade(
        steps_of(each.p90_s.estimate / 60, edges),
        f"9 in 10 within {MINUTES.text(each.p90_s)} min, "
        f"{PERCENT.text(each.unserved)} % no team came to",
    )


def _times(results: ScenarioResults) -> Section:
    runs = [each.response_s[each.served] / 60.0 for each in results.outcomes]
    runs = [each for each in runs if len(each)]
    heading = "How long callers waited"
    if not runs:
        return Section(heading, "<p>No team came to any call.</p>")
    pooled = np.concatenate(runs)
    last = int(min(_LONGEST_MIN, max(10.0, np.ceil(np.quantile(pooled, 0.995)))))
    return Section(
        heading,
        share_chart(
            _served_by(results, last),
            bars=np.histogram(pooled, bins=np.arange(last + 1))[0] / len(pooled),
            guide=(0.9, "9 in 10 served calls"),
            across="minutes from receipt to arrival",
            says="Response times: bars by minute, and the share of served calls reached by then",
        ),
        "Bars: share of served calls by minute, scale on the left. Line: share of served calls "
        "reached by then, scale on the right, with its interval at each minute by itself; a half "
        "per cent of calls may lie beyond the right edge.",
    )


def _served_by(results: ScenarioResults, last: int) -> tuple[Floats, Floats, Floats]:
    low, share, high = [], [], []
    for minute in range(last + 1):
        found = results.amount(
            lambda run, m=minute: (  # type: ignore[misc]
                float((run.outcomes.response_s[run.outcomes.served] <= 60 * m).mean())
                if run.outcomes.served.any()
                else None
            )
        )
        assert found is not None  # noqa: S101  # some call was served
        share.append(found.estimate)
        low.append(max(0.0, found.low) if np.isfinite(found.low) else found.estimate)
        high.append(min(1.0, found.high) if np.isfinite(found.high) else found.estimate)
    return np.array(low), np.array(share), np.array(high)


def _week(results: ScenarioResults) -> Section:
    """Draw how many calls come, and how long they wait, by hour of the week."""

    def hours(outcomes: CallOutcomes) -> npt.NDArray[np.int64]:
        return outcomes.hour.astype(np.int64)

    week = list(range(168))
    waits = results.grouped(hours, week, "mean_response_s")
    minutes = [None if each is None else each.estimate / 60 for each in waits.values()]
    wait_tips = [f"{hour_name(h)}: mean {MINUTES.text(each)} min" for h, each in waits.items()]
    calls = {
        h: results.amount(
            lambda run, h=h: 7 * float((run.outcomes.hour == h).sum()) / run.days  # type: ignore[misc]
        )
        for h in week
    }
    rates = [None if each is None else each.estimate for each in calls.values()]
    call_tips = [f"{hour_name(h)}: {COUNT.text(each)} calls an hour" for h, each in calls.items()]
    parts = []
    for title, values, tips, unit, digits in (
        ("Calls an hour that a program would take", rates, call_tips, "calls", 1),
        ("Mean response time", minutes, wait_tips, "min", 0),
    ):
        edges = five_edges([value for value in values if value is not None])
        drawn = heat_map(values, tips, edges=edges, days=DAYS, says=f"{title} by hour of the week")
        legend = f'<ul class="legend">{shade_legend(edges, unit, digits=digits)}</ul>'
        parts.append(f"<div><p>{title}</p>{drawn}{legend}</div>")
    return Section(
        "Hours of the week",
        f'<div class="two">{"".join(parts)}</div>',
        "By the hour of receipt on the city's clock. Point at a cell for its value and interval; "
        "single cells rest on few calls.",
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
