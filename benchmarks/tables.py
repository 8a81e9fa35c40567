"""The tables of the page, each made from the recorded results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.about import ABOUT
from benchmarks.plot import exponent, loglog
from benchmarks.results import Result, seconds

__all__ = [
    "Found",
    "building",
    "cold",
    "errors",
    "groups",
    "growth",
    "latency",
    "memory",
    "moving",
    "ratio",
    "table",
    "threads",
]

Found = Mapping[str, Result]

_GROWTH = {
    "teams": (
        "Teams, 1 to 1,000: one call",
        "teams",
        {
            "at crossings, batch, dimacs_ny": "teams: one call, dimacs_ny",
            "in mid-edge, matrix, embedded": "teams: in mid-edge, one call, matrix, embedded",
            "in mid-edge, from_positions, embedded": (
                "teams: in mid-edge, one call, from_positions, embedded"
            ),
        },
    ),
    "nodes": (
        "Networks, 1,000 to 264,000 nodes",
        "nodes",
        {
            "24 teams to one call": "nodes: 24 teams to one call",
            "re-weighting (customize)": "nodes: re-weighting (customize)",
            "re-weighting with labels": "nodes: re-weighting with labels",
            "order and topology": "nodes: order and topology",
        },
    ),
    "calls": (
        "Calls and points, 1 to 10 million",
        "calls or points",
        {
            "24 teams to each call, dimacs_ny": "calls: 24 teams, dimacs_ny",
            "locate_many": "points: locate_many",
            "route_many, decisions kept": "calls: route_many",
            "route_each, decisions dropped": "calls: route_each",
        },
    ),
}
_HOURS = {
    "test_hours[same_minute]": "a call in the same minute as the one before",
    "test_hours[same_hour]": "in another minute of the same hour",
    "test_hours[two_hours]": "in another hour whose engine is built",
    "test_first_of_hour": "the first call of an hour: its engine is built",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a Markdown table; every column but the first is a figure."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def ratio(value: float) -> str:
    """Write a ratio with three figures."""
    return f"{value:,.0f}x" if value >= 100 else f"{value:.3g}x"


def _parameter(result: Result) -> str:
    return result.name.partition("[")[2].rstrip("]")


def errors(found: Found) -> str:
    """List what each engine answered wrongly, its cost before the first answer, its memory."""
    rows = []
    for name, result in found.items():
        facts = result.facts
        if "error_ms" not in facts:
            continue
        cost = facts.get("build_s")
        rows.append(
            [
                f"`{name}`",
                f"{facts['error_ms']:g} ms",
                seconds(cost) if cost else "-",
                f"{facts['built_mb']:,.0f} MB" if cost else "-",
            ]
        )
    return table(["benchmark", "largest error", "prepared in", "memory it keeps"], rows)


def groups(found: Found) -> str:
    """List every benchmark with its spread and its memory, group by group."""
    parts = []
    for group in dict.fromkeys(result.group for result in found.values()):
        members = sorted((r for r in found.values() if r.group == group), key=lambda r: r.median)
        rows = [
            [
                f"`{r.name}`",
                seconds(r.median),
                f"{seconds(r.low)} to {seconds(r.high)}",
                str(r.rounds),
                f"{r.facts.get('grown_mb', 0):,.0f} MB",
            ]
            for r in members
        ]
        head = ["benchmark", "median", "spread", "rounds", "peak above start"]
        parts.append(f"### {group}\n\n{ABOUT[group]}\n\n{table(head, rows)}")
    return "\n".join(parts)


def growth(found: Found, pictures: Path, stem: str) -> str:
    """Fit and draw how our cost grows."""
    parts = []
    for key, (title, across, lines) in _GROWTH.items():
        drawn = {
            name: sorted((r for r in found.values() if r.group == g), key=lambda r: r.facts["size"])
            for name, g in lines.items()
        }
        spots = {
            name: [(float(r.facts["size"]), r.median) for r in results]
            for name, results in drawn.items()
            if len(results) > 2
        }
        if not spots:
            continue
        picture = pictures / f"{stem}-{key}.svg"
        picture.write_text(loglog(title, across, spots), encoding="utf-8")
        rows = [
            [
                name,
                f"{points[0][0]:,.0f}: {seconds(points[0][1])}",
                f"{points[-1][0]:,.0f}: {seconds(points[-1][1])}",
                f"{exponent(points):.2f}",
                f"{drawn[name][-1].facts.get('grown_mb', 0):,.0f} MB",
            ]
            for name, points in spots.items()
        ]
        exponents = "exponent of the larger half"
        head = ["cost", "at the smallest", "at the largest", exponents, "peak there above start"]
        shown = f"![Time over {across}, both axes logarithmic]({picture.name})"
        parts.append(f"### {title}\n\n{shown}\n\n{table(head, rows)}")
    return "\n".join(parts)


def memory(found: Found) -> str:
    """State label memory network by network, beside the budget."""
    rows = []
    for result in found.values():
        facts = result.facts
        if result.group == "nodes: 24 teams to one call":
            within = facts["label_mb"] <= facts["budget_mb"]
            rows.append(
                [
                    f"`{_parameter(result)}`",
                    f"{facts['size']:,}",
                    f"{facts['arcs']:,}",
                    f"{facts['label_mb']:,.1f} MB",
                    f"{facts['budget_mb']:,.0f} MB",
                    "labels, within the budget" if within else "rows on demand",
                ]
            )
    return table(["network", "nodes", "arcs", "labels", "default budget", "answers from"], rows)


def threads(found: Found) -> str:
    """State what more threads bring."""
    rows = []
    for result in found.values():
        facts = result.facts
        if "speedup" in facts:
            shown = f"{facts['per_s']:,.0f} {facts['unit']}/s"
            work = result.group.partition(": ")[2]
            rows.append([work, str(facts["threads"]), shown, f"{facts['speedup']:.2f}x"])
    return table(["work", "threads", "together", "over one thread"], rows)


def latency(found: Found) -> str:
    """State how long one call takes at worst, alone and during updates; and what hours cost."""
    rows = [
        [
            f"`{result.name}`",
            seconds(result.median),
            seconds(result.facts["p99_s"]),
            seconds(result.facts["max_s"]),
            f"{result.rounds:,}",
            f"{result.facts.get('updates', 0):,}",
        ]
        for result in found.values()
        if "p99_s" in result.facts
    ]
    head = ["benchmark", "median", "99 of 100 within", "longest", "calls", "updates meanwhile"]
    hours = [[what, seconds(found[key].median)] for key, what in _HOURS.items() if key in found]
    return f"{table(head, rows)}\n{table(['one call', 'median'], hours)}"


_MOVING = {
    "test_fix": "one fix",
    "test_route_after_fix": "the call after it",
    "test_status": "one change of status",
    "test_route_after_status": "the call after that",
    "test_route_unmoved": "a call, nothing moved",
    "test_digest_after_fix": "digest of the roster",
}


def moving(found: Found) -> str:
    """State what a fix and a change cost, and the call after, by the size of the roster."""
    rows = []
    for fix in found.values():
        name, _, size = fix.name.partition("[")
        shown = [found.get(f"{other}[{size}") for other in _MOVING]
        still = found.get(f"test_route_unmoved[{size}")
        if name == "test_fix" and still and all(shown):
            teams, drove = fix.facts["teams"], still.facts["timed"]
            medians = [seconds(each.median) for each in shown if each]
            rows.append([f"{teams:,} teams, {drove:,} of them timed", *medians])
    snap = found.get("test_resnap")
    alone = (
        f"Finding one of those positions on the road takes {seconds(snap.median)}.\n\n"
        if snap
        else ""
    )
    return alone + table(["roster", *_MOVING.values()], rows)


def building(found: Found) -> str:
    """State what each step of building a network costs, and how large the network is."""
    steps = ("read_s", "import_s", "write_s", "contract_s")
    rows = []
    for result in found.values():
        facts = result.facts
        if result.group == "network build":
            rows.append(
                [
                    f"`{_parameter(result)}`",
                    *(f"{facts[size]:,}" for size in ("ways", "nodes", "arcs")),
                    *(seconds(facts[step]) for step in steps),
                    seconds(result.median),
                    f"{facts.get('grown_mb', 0):,.0f} MB",
                    f"{facts['bytes'] / 1e3:,.0f} kB",
                ]
            )
    size, cost = ["ways", "nodes", "arcs"], ["read", "import", "write", "contract", "all"]
    return table(["extract", *size, *cost, "peak above start", "two files"], rows)


def cold(found: Found) -> str:
    """State each step of a cold start."""
    steps = ("import_s", "load_s", "first_s", "peak_rss_mb")
    rows = []
    for name, result in found.items():
        if result.group == "cold start":
            figures = [result.facts[f"process_{step}"] for step in steps]
            shown = [*map(seconds, figures[:3]), f"{figures[3]:,.0f} MB"]
            rows.append([f"`{name}`", *shown, seconds(result.median)])
    head = ["process", "import", "load", "first route", "peak memory", "whole process"]
    return table(head, rows)
