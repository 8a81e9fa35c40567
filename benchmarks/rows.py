"""The promises of speed, row by row: ours, the peer's, what is asked, and whether it is met."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["LIMIT", "ROWS", "Result", "Row", "results", "seconds"]


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark: seconds for one call, point or metric, over all its rounds and turns.

    Parameters
    ----------
    name : str
        Its id.
    median, low, high : float
        Seconds; quartiles of the rounds, or the lowest and highest of the turns.
    rounds : int
        How many rounds were timed.
    group : str
        What it is compared with.
    facts : mapping
        What it recorded.
    """

    name: str
    median: float
    low: float
    high: float
    rounds: int
    group: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def results(document: Mapping[str, Any]) -> dict[str, Result]:
    """Read the recorded benchmarks by id; the turns of one engine become one result."""
    found: dict[str, list[Result]] = {}
    for entry in document["benchmarks"]:
        facts, stats = entry["extra_info"], entry["stats"]
        amount = facts.get("amount", _amount(entry))
        median, low, high = (stats[key] / amount for key in ("median", "q1", "q3"))
        name = entry["name"]
        if "turn" in facts:
            name = name.replace(f"[{facts['turn']}-", "[")
        result = Result(name, median, low, high, stats["rounds"], entry["group"], facts)
        found.setdefault(name, []).append(result)
    return {name: _merged(turns) for name, turns in found.items()}


def _amount(entry: Mapping[str, Any]) -> int:
    """Take the number of points from a group that says it in its name."""
    return 100_000 if "100,000" in entry["group"] else 1


def _merged(turns: Sequence[Result]) -> Result:
    if len(turns) == 1:
        return turns[0]
    medians = [turn.median for turn in turns]
    errors = [turn.facts[key] for turn in turns for key in ("error_ms",) if key in turn.facts]
    built = dict(turns[0].facts) | ({"error_ms": max(errors)} if errors else {})
    return Result(
        turns[0].name,
        statistics.median(medians),
        min(medians),
        max(medians),
        sum(turn.rounds for turn in turns),
        turns[0].group,
        built,
    )


def seconds(value: float) -> str:
    """Write a time with three figures in the unit that fits."""
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
    unit, size = next(((u, s) for u, s in units if value >= s), units[-1])
    shown = value / size
    return f"{shown:,.{max(0, 2 - math.floor(math.log10(shown)))}f} {unit}"


@dataclass(frozen=True, slots=True)
class Row:
    """One promise.

    Parameters
    ----------
    path, against : str
        What is measured and what with, in words.
    ours, peer : str
        Ids of the two benchmarks.
    least : float or None
        The ratio theirs / ours must reach; None where none was promised.
    why : str
        Said when it does not.
    """

    path: str
    against: str
    ours: str
    peer: str
    least: float | None
    why: str = ""


_TEAMS = "24 teams to one call, batch, `dimacs_ny`"
_BATCH = "test_teams_to_call[ours_batch]"
_BORDER = (
    "ours also looks for the nearest border and flags one that is near; the peers only find the "
    "division. The row of the division alone compares like with like."
)
_PREFIX = (
    "walking to the common prefix of all pairs, which branch codes now spare, would take "
    "{test_prefix_alone}; what is left reads codes and labels."
)
_PINNED = (
    f"{_PREFIX} The peer's time does not count pinning the teams, which ours takes anew with each "
    "call."
)
_DECISION = (
    "division, road and times, where the stack stops, take {test_route_ours_places}; what is left "
    "is Python: rules, screening, ranking and the frozen decision object."
)


def _teams(peer: str, against: str, least: float | None = None, why: str = "") -> Row:
    return Row(_TEAMS, against, _BATCH, f"test_teams_to_call[{peer}]", least, why)


LIMIT = (
    "every call is decided one after the other in Python, with a decision object of its own; "
    "division, road and times take {test_route_ours_places} of it where they are needed."
)

ROWS: tuple[Row, ...] = (
    _teams("scipy", "scipy csgraph Dijkstra, transposed", 10_000, _PREFIX),
    _teams("routingkit_cch", "routingkit-cch many-to-one, teams pinned once", 50, _PINNED),
    _teams("routingkit_cch_moving", "routingkit-cch many-to-one, teams pinned for each call"),
    _teams("routingkit_cch_batch", "routingkit-cch one-to-many, all calls pinned at once"),
    _teams("pyroutingkit_batch", "pyroutingkit many-to-many, all calls at once"),
    _teams("pyroutingkit", "pyroutingkit, one call at a time"),
    _teams("ch_router", "ch-router"),
    _teams("pandana", "pandana, all cores"),
    _teams("igraph", "igraph"),
    _teams("rustworkx", "rustworkx"),
    _teams("networkx", "networkx"),
    Row(
        "24 teams to one call, one Python call each, `dimacs_ny`",
        "routingkit-cch many-to-one, teams pinned once",
        "test_teams_to_call[ours]",
        "test_teams_to_call[routingkit_cch]",
        None,
    ),
    Row(
        "`locate_many`, 1 M points",
        "shapely, each prepared polygon in turn",
        "test_million_ours",
        "test_million_shapely_prepared",
        10,
        _BORDER,
    ),
    Row(
        "`locate_many`, 1 M points",
        "shapely STRtree, bulk query",
        "test_million_ours",
        "test_million_shapely_tree",
        10,
        _BORDER,
    ),
    Row(
        "`locate_many`, 1 M points",
        "geopandas.sjoin",
        "test_million_ours",
        "test_million_geopandas",
        10,
        _BORDER,
    ),
    Row(
        "1 M points, division alone",
        "shapely, each prepared polygon in turn",
        "test_million_ours_division_only",
        "test_million_shapely_prepared",
        None,
    ),
    Row(
        "`locate`, one point",
        "shapely, prepared loop",
        "test_one_ours",
        "test_one_shapely_loop",
        3,
        _BORDER,
    ),
    *(
        Row(
            f"`snap_many` (edge), 100,000 points, `{city}`",
            "shapely STRtree.nearest, bulk",
            f"test_many_ours[{city}]",
            f"test_many_shapely_nearest[{city}]",
            10,
            "the peer finds which piece of road only.",
        )
        for city in ("embedded", "la_basin")
    ),
    *(
        Row(
            f"nearest road of one point, `{city}`",
            "osmnx.nearest_edges",
            f"test_few_ours[1-{city}]",
            f"test_few_osmnx[1-{city}]",
            None,
        )
        for city in ("embedded", "la_basin")
    ),
    Row(
        "`router.route(call)`, embedded Los Angeles",
        "shapely STRtrees + routingkit-cch",
        "test_route_ours",
        "test_route_stack",
        5,
        _DECISION,
    ),
    Row(
        "division, road and times without the decision",
        "shapely STRtrees + routingkit-cch",
        "test_route_ours_places",
        "test_route_stack",
        None,
    ),
    Row(
        "`router.route(call)`, embedded Los Angeles",
        "geopandas.sjoin + osmnx.nearest_edges + networkx",
        "test_route_ours",
        "test_route_tutorial",
        10_000,
        _DECISION,
    ),
    Row(
        "re-weighting `dimacs_ny`: customize",
        "routingkit-cch, a new metric",
        "test_reweight[ours_customize]",
        "test_reweight[routingkit_cch_build]",
        1 / 3,
    ),
    Row(
        "re-weighting `dimacs_ny`: customize",
        "routingkit-cch, reset in its buffers",
        "test_reweight[ours_customize]",
        "test_reweight[routingkit_cch_reset]",
        None,
    ),
    Row(
        "re-weighting `dimacs_ny`: customize",
        "pyroutingkit, one thread",
        "test_reweight[ours_customize]",
        "test_reweight[pyroutingkit]",
        None,
    ),
    Row(
        "re-weighting `dimacs_ny`: customize and labels",
        "routingkit-cch, a new metric",
        "test_reweight[ours_with_labels]",
        "test_reweight[routingkit_cch_build]",
        None,
    ),
)
