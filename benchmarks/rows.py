"""The promises of speed, row by row: ours, the peer's, what is asked, and why it is not met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["COSTS", "LIMIT", "RATES", "ROWS", "Cost", "Rate", "Row"]


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


@dataclass(frozen=True, slots=True)
class Rate:
    """One promise of so many calls a second.

    Parameters
    ----------
    path : str
        What is measured, in words; ``{...}`` is one of the facts it recorded.
    name : str
        Id of the benchmark.
    least : float or None
        Calls a second it must reach; None where none were promised.
    """

    path: str
    name: str
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """One promise of at most so many seconds.

    Parameters
    ----------
    path : str
        What is measured, in words.
    name : str
        Id of the benchmark.
    most : float
        Seconds it may take.
    """

    path: str
    name: str
    most: float


_TEAMS = "24 teams to one call, batch, `dimacs_ny`"
_BATCH = "test_teams_to_call[ours_batch]"
_LOCATED = (
    "ours also checks the degrees, rounds them to the grid of the borders, and looks every point "
    "outside the city up again, in case its pair is swapped; the peers do none of this."
)
_PREFIX = (
    "walking to the common prefix of all pairs, which branch codes now spare, would take "
    "{test_prefix_alone}; what is left reads codes and labels."
)
_PINNED = (
    f"{_PREFIX} The peer's time does not count pinning the teams, which ours takes anew with each "
    "call."
)
_ROUTE = (
    "ours also applies the policy, screens the roster and chooses, in one compiled piece, which "
    "takes {test_route_many_compiled[sent]} a call in a batch; what is left is Python: the roster "
    "and the minute as they are now, the call's attributes, the decision object."
)
_READ = (
    "the decision takes {test_route_ours}; what is left is Python: the row is read back, and who "
    "goes, two durations and an instant are made of it."
)
_STACK = "shapely STRtrees + routingkit-cch"
_TUTORIAL = "geopandas.sjoin + osmnx.nearest_edges + networkx"


def _teams(peer: str, against: str, least: float | None = None, why: str = "") -> Row:
    return Row(_TEAMS, against, _BATCH, f"test_teams_to_call[{peer}]", least, why)


LIMIT = (
    "of the time of a random call, the compiled piece takes "
    "{test_route_many_compiled[random]/test_route_many} and reading each call's attributes into "
    "columns, in Python, {test_route_many_columns[random]/test_route_many}; the rest makes the "
    "objects of one decision after the other, in Python. Python's garbage collector walks what "
    "is kept: without it the same call takes {test_route_many_uncollected[random]}, "
    "{test_route_many_uncollected[random]/test_route_many} of the time. Of a call to which a team "
    "is sent, the compiled piece takes {test_route_many_compiled[sent]/test_route_many_sent}, the "
    "columns {test_route_many_columns[sent]/test_route_many_sent}, and without the collector it "
    "takes {test_route_many_uncollected[sent]/test_route_many_sent} of the time. What is read of a "
    "decision is written then, in Python as well. Calls of a day or a week have each a minute of "
    "their own to work out; over a week more metrics are wanted than engines are kept, and one "
    "costs {test_first_of_hour} to build."
)

_MANY = "`route_many`, one core, 10,000 calls"
RATES = (
    Rate(f"{_MANY} at random crossings", "test_route_many", 2e5),
    Rate(f"{_MANY} at random crossings, decisions read", "test_route_many_read", 2e5),
    Rate(f"{_MANY} to which a team is sent", "test_route_many_sent", 2e5),
    Rate(f"{_MANY} to which a team is sent, team and times read", "test_route_many_sent_read", 2e5),
    Rate(f"{_MANY} at random crossings, two outlined areas", "test_route_many_outlined"),
    Rate(
        f"{_MANY} over a day, each at its own moment, {{metrics}} metrics",
        "test_route_many_days[1]",
    ),
    Rate(
        f"{_MANY} over a week, each at its own moment, {{metrics}} metrics",
        "test_route_many_days[7]",
    ),
)

_TRIAGE = 15e-6
"""Seconds that triage and arbitration of a call may take."""
COSTS = (
    *(
        Cost(
            f"triage of one call at first sight, {which}",
            f"test_triage_first_sight[{key}]",
            _TRIAGE,
        )
        for key, which in (
            ("sent", "every fact denied"),
            ("armed", "a rule holds"),
            ("unasked", "every fact unknown"),
            ("coded", "two codes"),
        )
    ),
    Cost("triage of one call, remembered", "test_triage_remembered[sent]", _TRIAGE),
    Cost("arbitration of one call, in words, when first read", "test_triage_arbitration", _TRIAGE),
    Cost("simulated year of UMCR, 15,000 calls, 6 teams, one core", "test_year[umcr]", 3.0),
    Cost("simulated citywide year, 200,000 calls, 60 teams, one core", "test_year[citywide]", 60.0),
)


def _routes() -> tuple[Row, ...]:
    """List the rows of one call from end to end: alone, and with what is read of it."""
    alone = "`router.route(call)`, embedded Los Angeles"
    read = f"{alone}, team and times read"
    return (
        Row(alone, _STACK, "test_route_ours", "test_route_stack", 5, _ROUTE),
        Row(read, _STACK, "test_route_read", "test_route_stack", 5, _READ),
        Row(alone, f"{_STACK}, fit teams only", "test_route_ours", "test_route_stack_fit", None),
        Row(read, f"{_STACK}, fit teams only", "test_route_read", "test_route_stack_fit", None),
        Row(f"{alone}, explained in words", _STACK, "test_route_explain", "test_route_stack", None),
        Row(f"{alone}, as JSON", _STACK, "test_route_to_json", "test_route_stack", None),
        Row(
            "division, road and the times of all six teams, three Python calls",
            _STACK,
            "test_route_ours_places",
            "test_route_stack",
            None,
        ),
        Row(alone, _TUTORIAL, "test_route_ours", "test_route_tutorial", 10_000, _ROUTE),
        Row(read, _TUTORIAL, "test_route_read", "test_route_tutorial", 10_000, _READ),
    )


def _matrices() -> Iterator[Row]:
    """List the rows of a matrix: between nodes, as the peers have it, and between places."""
    between = "matrix of 24 x 1,000 nodes, one pair, `embedded`"
    for peer, against in (
        ("routingkit_cch_batch", "routingkit-cch one-to-many"),
        ("pyroutingkit_batch", "pyroutingkit many-to-many"),
    ):
        theirs = f"test_matrix_nodes[{peer}]"
        yield Row(between, against, "test_matrix_nodes[ours]", theirs, None)
    yield Row(
        "`router.travel_times`, 24 x 1,000 places, snapped, mid-edge, one pair",
        "pyroutingkit many-to-many, between nodes only",
        "test_matrix",
        "test_matrix_nodes[pyroutingkit_batch]",
        None,
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
    *(
        Row("`locate_many`, 1 M points", against, "test_million_ours", peer, 10, _LOCATED)
        for against, peer in (
            ("shapely, each prepared polygon in turn", "test_million_shapely_prepared"),
            ("shapely STRtree, bulk query", "test_million_shapely_tree"),
            ("geopandas.sjoin", "test_million_geopandas"),
        )
    ),
    *(
        Row(
            f"`locate_many` and {which}, 1 M points",
            "shapely, each prepared polygon in turn, division only",
            ours,
            "test_million_shapely_prepared",
            None,
        )
        for which, ours in (
            ("whether a border is near", "test_million_ours_near_border"),
            ("how far the nearest border is", "test_million_ours_border_m"),
        )
    ),
    Row(
        "`locate`, one point",
        "shapely, prepared loop",
        "test_one_ours",
        "test_one_shapely_loop",
        3,
        "one call of a compiled function and one object from Python.",
    ),
    Row(
        "`locate`, one point, and whether a border is near",
        "shapely, prepared loop, division only",
        "test_one_ours_border",
        "test_one_shapely_loop",
        None,
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
    *_routes(),
    *_matrices(),
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
