"""The report of a comparison: one HTML file that opens without a network."""

from __future__ import annotations

from html import escape
from pathlib import Path

from unarmed_router.counted import counted
from unarmed_router.research.comparison_rows import compared_tables
from unarmed_router.research.figure_text import (
    REPLAYED,
    SYNTHETIC,
    TENS,
    UNIT_OF,
    brackets,
)
from unarmed_router.research.plan_names import plan_names, strategies_told
from unarmed_router.research.report_charts import bar_chart
from unarmed_router.research.report_division_map import division_edges, division_map
from unarmed_router.research.report_page import (
    Section,
    digest_section,
    figure_cards,
    html_table,
    write_page,
)
from unarmed_router.research.report_times import last_minute, times_chart
from unarmed_router.research.scenario_compare import ScenarioComparison

__all__ = ["write_compare_report"]


def write_compare_report(path: Path | str, found: ScenarioComparison) -> None:
    """Write the report of a comparison.

    Parameters
    ----------
    path : path-like
        Replaced if it exists.
    found : ScenarioComparison
        Both plans on the same calls; every difference has its interval over pairs.
    """
    names = _names(found)
    run = found.before.prepared.document.run
    tables = {
        heading: html_table(("", *names, "Difference"), [row.texts() for row in rows])
        for heading, rows in compared_tables(found).items()
    }
    sections = [
        _maps(found),
        *(Section(heading, table) for heading, table in tables.items()),
        _busy(found),
        _times(found),
    ]
    for side, name in zip((found.before, found.after), names, strict=True):
        digests = side.prepared.agency.world.digests
        each = digest_section(side.inputs, digests.network_limits)
        sections.append(Section(f"What {name} stands on", each.body, each.note))
    write_page(
        path,
        title=f"{names[0]}, then {names[1]}",
        lead=[
            (
                f"{counted(len(found.before.runs), 'pair')} of replications of "
                f"{found.before.prepared.days_told}; seed {run.seed}. Both of a "
                "pair have the same calls, so what differs is the plan. "
                f"{strategies_told(found.before.prepared, found.after.prepared)}"
            ),
            *_added(found),
            brackets(
                found.before.confidence,
                len(found.before.runs),
                over="over pairs, each by itself",
                one="pair",
            ),
            found.sentence,
            *([found.before.left_out] if found.before.left_out else []),
            REPLAYED if found.before.of_real_calls else SYNTHETIC,
        ],
        figures=_cards(found),
        sections=sections,
    )


def _names(found: ScenarioComparison) -> tuple[str, str]:
    return plan_names(found.before.prepared, found.after.prepared)


def _added(found: ScenarioComparison) -> list[str]:
    sides = found.before.prepared, found.after.prepared
    named = zip(sides, _names(found), strict=True)
    return [f"{name} adds {each.added_names}." for each, name in named if each.added]


def _cards(found: ScenarioComparison) -> str:
    cards = []
    for name, (words, unit) in UNIT_OF.items():
        difference = found.differences[name]
        if difference is None:
            why = "few real calls, or none: not told"
            if not found.before.of_real_calls:
                why = "no pair has it in both"
            cards.append((f"{words}: difference", unit.text(difference), why))
            continue
        value, bracket, rest = unit.text(difference, signed=True).partition(" (")
        more = f"({rest}" if bracket else "no interval: one pair"
        if difference.is_point:
            value, more = unit.number(difference.estimate, signed=True), "no interval: pairs alike"
        points = "points" if unit.name == "%" else unit.name
        cards.append((f"{words}: difference", f"{value} {points}".strip(), more))
    return figure_cards(cards)


def _maps(found: ScenarioComparison) -> Section:
    sides = found.before, found.after
    edges = division_edges(*sides)
    every = {number for side in sides for number in side.prepared.divisions}
    drawn = "".join(
        f"<div><p>{name}</p>{division_map(side, edges, around=every)}</div>"
        for side, name in zip(sides, map(escape, _names(found)), strict=True)
    )
    return Section(
        "Response time by division: nine in ten calls were reached within",
        f'<div class="two">{drawn}</div>',
        "Both maps have the same classes. Response time counts from receipt to arrival, of calls a "
        "team came to. Lines show what a free team at home reaches by road, whoever may be sent "
        "where.",
    )


def _busy(found: ScenarioComparison) -> Section:
    drawn = "".join(
        f"<div><p>{name}</p>"
        + bar_chart(
            list(side.workloads.items()),
            unit=" %",
            scale=100.0,
            says="Share of time teams are busy",
        )
        + "</div>"
        for side, name in zip((found.before, found.after), map(escape, _names(found)), strict=True)
    )
    return Section(
        "How busy teams were: share of time bound by calls", f'<div class="two">{drawn}</div>'
    )


def _times(found: ScenarioComparison) -> Section:
    sides = found.before, found.after
    last = max(last_minute(side) for side in sides)
    drawn = "".join(
        f"<p>{name}</p>{times_chart(side, last)}"
        for side, name in zip(sides, map(escape, _names(found)), strict=True)
    )
    return Section(
        "How long callers waited",
        drawn,
        "Bars: share of served calls by minute, scale on the left. Line: share of served calls "
        "reached by then, scale on the right, with its interval at each minute by itself."
        + (TENS if found.before.of_real_calls else ""),
    )
