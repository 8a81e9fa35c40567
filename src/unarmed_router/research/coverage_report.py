"""The report of coverage: one HTML file that opens without a network."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from unarmed_router.counted import counted
from unarmed_router.research.coverage_results import CoverageResults
from unarmed_router.research.coverage_text import WEIGHT_NAMES, hour_name
from unarmed_router.research.report_charts import share_chart, steps_of
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

__all__ = ["write_coverage_report"]

_LONGEST_MIN = 45


def write_coverage_report(path: Path | str, found: CoverageResults) -> None:
    """Write the report of coverage.

    Parameters
    ----------
    path : path-like
        Replaced if it exists.
    found : CoverageResults
        As `measure_coverage` gives it. Coverage is computed, not sampled: it has no interval. Its
        spread over the hours is shown instead.
    """
    record = found.to_dict()
    write_page(
        path,
        title=f"{found.name}: reach and coverage",
        lead=[
            (
                f"{counted(len(found.teams), 'team')}, free and at home, and "
                f"{counted(len(found.divisions), 'division')}. Minutes from assignment, "
                "turnout included, by road at the traffic of the hour."
            ),
            (
                "This is reach, not service: how long callers wait when teams are busy is for a "
                "simulation to say. Shares are computed, not sampled; in brackets, the least and "
                "the most among the hours."
            ),
        ],
        figures=_cards(found),
        sections=[
            _map(found),
            _curve(found),
            _hours(found),
            _teams(found),
            digest_section(record["inputs"], found.agency.world.digests.network_limits),
        ],
    )


def _cards(found: CoverageResults) -> str:
    shares, mean = found.whole.shares("demand"), found.whole.over_hours("demand")
    return figure_cards(
        (
            f"Expected calls within {limit:g} min",
            _percent(float(mean[k])),
            f"({_percent(float(shares[:, k].min()))} to {_percent(float(shares[:, k].max()))})",
        )
        for k, limit in enumerate(found.whole.minutes)
    )


def _map(found: CoverageResults) -> Section:
    names = found.agency.divisions.names
    limits = found.whole.minutes
    middle = len(limits) // 2
    shares = {n: found.of_division(n).over_hours("demand").tolist() for n in found.divisions}
    known = [100 * row[middle] for row in shares.values() if not math.isnan(row[middle])]
    edges = five_edges(known, most=100.0)
    hour = max(found.whole.hours, key=lambda each: _calls(found, each))
    drawn = report_map(
        found.agency.partition,
        {
            number: Shade(
                None if math.isnan(row[middle]) else 4 - steps_of(100 * row[middle], edges),
                f"{_percent(row[middle])} within {limits[middle]:g} min",
            )
            for number, row in shares.items()
        },
        [state.team for state in found.agency.roster.snapshot().teams],
        found.isochrones(hour, square_m=250.0),
    )
    legend = map_legend(shade_legend(edges, "%", reverse=True), limits, hour_name(hour))
    table = html_table(
        ("Division", *(f"{limit:g} min" for limit in limits)),
        [(f"{n} {names[n]}", *map(_percent, row)) for n, row in shares.items()],
    )
    return Section(
        f"Share of expected calls that a free team reaches within {limits[middle]:g} minutes",
        f'<div class="map"><div>{drawn}{legend}</div>{table}</div>',
        "Means over the hours, each weighed by its calls. Lines show what the first team reaches "
        "by road, whoever may be sent where; the table counts only teams that may be sent.",
    )


def _curve(found: CoverageResults) -> Section:
    heading = "Share of expected calls by minutes"
    by_minute = replace(found.whole, minutes=tuple(map(float, range(_LONGEST_MIN + 1))))
    shares, mean = by_minute.shares("demand"), by_minute.over_hours("demand")
    if np.isnan(mean).any():
        return Section(heading, "<p>No call is expected in these divisions at these hours.</p>")
    return Section(
        heading,
        share_chart(
            (shares.min(axis=0), mean, shares.max(axis=0)),
            across="minutes from assignment to arrival",
            says="Share of expected calls that a free team reaches, by minutes",
        ),
        "Line: mean over the hours. Band: from the worst hour to the best, at each minute.",
    )


def _hours(found: CoverageResults) -> Section:
    limits = found.whole.minutes
    tables = []
    for weight in found.weights:
        rows = [
            (hour_name(hour), *map(_percent, row))
            for hour, row in zip(
                found.whole.hours, found.whole.shares(weight).tolist(), strict=True
            )
        ]
        headings = (
            WEIGHT_NAMES.get(weight, weight).capitalize(),
            *(f"{limit:g} min" for limit in limits),
        )
        tables.append(f"<div>{html_table(headings, rows)}</div>")
    return Section("By hour of the week", f'<div class="two">{"".join(tables)}</div>')


def _teams(found: CoverageResults) -> Section:
    rows = [
        (team, *map(_percent, each.over_hours("demand").tolist()))
        for team, each in found.teams.items()
    ]
    headings = ("Team", *(f"{limit:g} min" for limit in found.whole.minutes))
    return Section(
        "Each team alone: share of expected calls of all served divisions",
        html_table(headings, rows),
        "Means over the hours, each weighed by its calls. Where teams overlap their shares add up "
        "to more than the whole.",
    )


def _calls(found: CoverageResults, hour: int) -> float:
    hourly = found.whole.places.hourly
    return 1.0 if hourly is None else float(hourly[hour])


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.0f} %"
