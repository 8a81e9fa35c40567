"""How each peer is asked the time from many teams to one call, as its own documents advise.

Each function prepares a peer for a question, outside the clock, and returns what answers it: call
nodes in, one row of milliseconds a call out. Teams stay where they are unless the name says that
they move.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.inputs import Question, fastest_arcs, reversed_matrix
from benchmarks.measure import peer

__all__ = ["ENGINES", "Ask", "pyroutingkit_topology", "routingkit_cch_topology"]

Ask = Callable[[npt.NDArray[np.int64]], Any]


def scipy_dijkstra(asked: Question) -> Ask:
    """One backward Dijkstra a call over the whole network, by scipy's compiled code."""
    csgraph = peer("scipy.sparse.csgraph")
    matrix = reversed_matrix(asked.network, asked.arc_ms)
    return lambda calls: [csgraph.dijkstra(matrix, indices=call)[asked.teams] for call in calls]


def networkx_dijkstra(asked: Question) -> Ask:
    """One Dijkstra a call in Python, on the reversed graph."""
    nx = peer("networkx")
    graph = nx.DiGraph()
    kept = fastest_arcs(asked.network, asked.arc_ms)
    ends = asked.network.head[kept].tolist(), asked.network.tail[kept].tolist()
    graph.add_weighted_edges_from(zip(*ends, asked.arc_ms[kept].tolist(), strict=True), "ms")
    teams = asked.teams.tolist()

    def ask(calls: npt.NDArray[np.int64]) -> list[list[int]]:
        found = (
            nx.single_source_dijkstra_path_length(graph, call, weight="ms")
            for call in calls.tolist()
        )
        return [[times[team] for team in teams] for times in found]

    return ask


def igraph_distances(asked: Question) -> Ask:
    """Ask `Graph.distances` on the reversed graph, which stops at the farthest team."""
    igraph = peer("igraph")
    roads = asked.network
    graph = igraph.Graph(
        n=roads.nodes, edges=np.column_stack([roads.head, roads.tail]), directed=True
    )
    graph.es["ms"] = asked.arc_ms.tolist()
    teams, back = np.unique(asked.teams, return_inverse=True)
    target = teams.tolist()

    def ask(calls: npt.NDArray[np.int64]) -> list[Any]:
        return [
            np.array(graph.distances(source=[call], target=target, weights="ms")[0])[back]
            for call in calls.tolist()
        ]

    return ask


def rustworkx_dijkstra(asked: Question) -> Ask:
    """Ask `dijkstra_shortest_path_lengths` on the reversed graph."""
    rustworkx = peer("rustworkx")
    roads = asked.network
    graph = rustworkx.PyDiGraph()
    graph.add_nodes_from(range(roads.nodes))
    times = asked.arc_ms.astype(float).tolist()
    graph.add_edges_from(list(zip(roads.head.tolist(), roads.tail.tolist(), times, strict=True)))
    teams = asked.teams.tolist()

    def ask(calls: npt.NDArray[np.int64]) -> list[list[float]]:
        rows = []
        for call in calls.tolist():
            found = rustworkx.dijkstra_shortest_path_lengths(graph, call, float)
            rows.append([0.0 if team == call else found[team] for team in teams])
        return rows

    return ask


def pandana_lengths(asked: Question) -> Ask:
    """Ask `shortest_path_lengths` of the pairs of one call, in seconds; it uses every core."""
    pandana, pandas = peer("pandana"), peer("pandas")
    roads = asked.network
    with contextlib.redirect_stdout(io.StringIO()):
        city = pandana.Network(
            pandas.Series(roads.node_lon),
            pandas.Series(roads.node_lat),
            pandas.Series(roads.tail.astype(np.int64)),
            pandas.Series(roads.head.astype(np.int64)),
            pandas.DataFrame({"s": asked.arc_ms / 1000.0}),
            twoway=False,
        )
    size = len(asked.teams)

    def ask(calls: npt.NDArray[np.int64]) -> list[Any]:
        rows = (city.shortest_path_lengths(asked.teams, np.full(size, c)) for c in calls.tolist())
        return [np.array(row) * 1000.0 for row in rows]

    return ask


def ch_router_query(asked: Question) -> Ask:
    """Ask one query a pair: its many-to-one is not exposed to Python."""
    ch_router = peer("ch_router")
    roads = asked.network
    hierarchy = ch_router.ContractionHierarchy.build(
        roads.nodes, *(a.astype(np.uint32) for a in (roads.tail, roads.head, asked.arc_ms))
    )
    query = ch_router.CHQuery(hierarchy)
    teams = asked.teams.tolist()

    def one(team: int, call: int) -> int:
        found: int = query.reset().add_source(team).add_target(call).run().get_distance()
        return found

    return lambda calls: [[one(team, call) for team in teams] for call in calls.tolist()]


def routingkit_cch_topology(asked: Question) -> Any:
    """Order by its own inertial flow and contract."""
    kit = peer("routingkit_cch")
    roads = asked.network
    tail, head = roads.tail.tolist(), roads.head.tolist()
    order = kit.compute_order_inertial(
        roads.nodes, tail, head, roads.node_lat.tolist(), roads.node_lon.tolist()
    )
    return kit.CCH(order, tail, head, False)


def routingkit_cch_standing(asked: Question) -> Ask:
    """`CCHManyToOne` with the teams pinned once."""
    query = _many_to_one(asked)
    return lambda calls: [query.distances_to(call) for call in calls.tolist()]


def routingkit_cch_moving(asked: Question) -> Ask:
    """`CCHManyToOne` with the teams pinned anew for each call, as our engine takes them."""
    query = _many_to_one(asked)
    teams = asked.teams.tolist()

    def one(call: int) -> Any:
        query.repin_sources(teams)
        return query.distances_to(call)

    return lambda calls: [one(call) for call in calls.tolist()]


def routingkit_cch_batch(asked: Question) -> Ask:
    """`CCHOneToMany` with all calls pinned at once, one sweep a team."""
    kit = peer("routingkit_cch")
    metric = kit.CCHMetric(routingkit_cch_topology(asked), asked.arc_ms.tolist())
    teams = asked.teams.tolist()

    def ask(calls: npt.NDArray[np.int64]) -> Any:
        query = kit.CCHOneToMany(metric, calls.tolist())
        return np.array([query.distances_from(team) for team in teams]).T

    return ask


def _many_to_one(asked: Question) -> Any:
    kit = peer("routingkit_cch")
    metric = kit.CCHMetric(routingkit_cch_topology(asked), asked.arc_ms.tolist())
    return kit.CCHManyToOne(metric, asked.teams.tolist())


def pyroutingkit_topology(asked: Question) -> Any:
    """Order by its own inertial flow and contract."""
    shape = peer("pyroutingkit").CCHTopology()
    roads = asked.network
    places = (roads.node_lat.astype(np.float32), roads.node_lon.astype(np.float32))
    ends = (roads.tail.astype(np.uint32), roads.head.astype(np.uint32))
    shape.build(*ends, *places, roads.nodes)
    return shape


def pyroutingkit_each(asked: Question) -> Ask:
    """`distances_many_to_many` of one call at a time."""
    metric, teams = _pyroutingkit(asked)

    def ask(calls: npt.NDArray[np.int64]) -> list[Any]:
        ones = calls.astype(np.uint32).reshape(-1, 1)
        return [metric.distances_many_to_many(teams, one)[:, 0] for one in ones]

    return ask


def pyroutingkit_batch(asked: Question) -> Ask:
    """`distances_many_to_many` of all calls at once."""
    metric, teams = _pyroutingkit(asked)
    return lambda calls: metric.distances_many_to_many(teams, calls.astype(np.uint32)).T


def _pyroutingkit(asked: Question) -> tuple[Any, npt.NDArray[np.uint32]]:
    metric = peer("pyroutingkit").CCHMetric(pyroutingkit_topology(asked))
    metric.customize(asked.arc_ms.astype(np.uint32))
    return metric, asked.teams.astype(np.uint32)


ENGINES: Mapping[str, tuple[Callable[[Question], Ask], int, int]] = {
    # name: how it is prepared, calls in a round, rounds
    "scipy": (scipy_dijkstra, 2, 5),
    "routingkit_cch": (routingkit_cch_standing, 200, 10),
    "routingkit_cch_moving": (routingkit_cch_moving, 200, 10),
    "routingkit_cch_batch": (routingkit_cch_batch, 10_000, 3),
    "pyroutingkit": (pyroutingkit_each, 100, 10),
    "pyroutingkit_batch": (pyroutingkit_batch, 10_000, 3),
    "ch_router": (ch_router_query, 20, 5),
    "pandana": (pandana_lengths, 20, 5),
    "igraph": (igraph_distances, 2, 5),
    "rustworkx": (rustworkx_dijkstra, 2, 5),
    "networkx": (networkx_dijkstra, 1, 2),
}
