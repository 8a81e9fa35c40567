"""A whole new metric on New York: what live traffic costs us, and what it costs the peers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks import ours
from benchmarks.inputs import CHECKED, Question
from benchmarks.measure import peer, posed, timed
from benchmarks.peers.engines import pandana_lengths, pyroutingkit_topology, routingkit_cch_topology

NETWORK = "dimacs_ny"

Run = Callable[[], Any]
Rows = Callable[[Any], Any]


def ours_customize(asked: Question) -> tuple[Run, Rows]:
    """Customize: times of every edge of the hierarchy; rows are searched on demand."""
    ours.topology(NETWORK)
    return lambda: ours.engine(NETWORK, asked, label_budget=0), _ours_rows(asked)


def ours_with_labels(asked: Question) -> tuple[Run, Rows]:
    """Customize, then fill all labels."""
    ours.topology(NETWORK)
    return lambda: ours.engine(NETWORK, asked), _ours_rows(asked)


def _ours_rows(asked: Question) -> Rows:
    return lambda times: [times.between_nodes(asked.teams, c) for c in asked.calls[:CHECKED]]


def routingkit_cch_build(asked: Question) -> tuple[Run, Rows]:
    """Build a `CCHMetric` on the topology, weights ready as a list."""
    kit, shape = peer("routingkit_cch"), routingkit_cch_topology(asked)
    weights = asked.arc_ms.tolist()
    return lambda: kit.CCHMetric(shape, weights), _routingkit_rows(asked)


def routingkit_cch_reset(asked: Question) -> tuple[Run, Rows]:
    """Give a `CCHMetric` new weights in its own buffers; no query may be open."""
    kit, shape = peer("routingkit_cch"), routingkit_cch_topology(asked)
    metric = kit.CCHMetric(shape, asked.network.free_flow_ms.tolist())
    weights = asked.arc_ms.tolist()

    def run() -> Any:
        metric.reset(weights)
        return metric

    return run, _routingkit_rows(asked)


def _routingkit_rows(asked: Question) -> Rows:
    kit = peer("routingkit_cch")

    def rows(metric: Any) -> Any:
        query = kit.CCHManyToOne(metric, asked.teams.tolist())
        return [query.distances_to(call) for call in asked.calls[:CHECKED].tolist()]

    return rows


def pyroutingkit_customize(asked: Question) -> tuple[Run, Rows]:
    """Call `CCHMetric.customize`, one thread."""
    metric = peer("pyroutingkit").CCHMetric(pyroutingkit_topology(asked))
    weights = asked.arc_ms.astype(np.uint32)

    def run() -> Any:
        metric.customize(weights)
        return metric

    teams, calls = (a.astype(np.uint32) for a in (asked.teams, asked.calls[:CHECKED]))
    return run, lambda found: found.distances_many_to_many(teams, calls).T


def ch_router_build(asked: Question) -> tuple[Run, Rows]:
    """Build the hierarchy anew: it knows no other way."""
    ch_router, roads = peer("ch_router"), asked.network
    arrays = [a.astype(np.uint32) for a in (roads.tail, roads.head, asked.arc_ms)]

    def rows(hierarchy: Any) -> Any:
        query = ch_router.CHQuery(hierarchy)
        return [
            [query.reset().add_source(t).add_target(c).run().get_distance() for t in asked.teams]
            for c in asked.calls[:CHECKED]
        ]

    return lambda: ch_router.ContractionHierarchy.build(roads.nodes, *arrays), rows


def pandana_build(asked: Question) -> tuple[Run, Rows]:
    """Build the network anew: it knows no other way."""
    peer("pandana")
    return lambda: pandana_lengths(asked), lambda ask: ask(asked.calls[:CHECKED])


WAYS: dict[str, tuple[Callable[[Question], tuple[Run, Rows]], int]] = {
    "ours_customize": (ours_customize, 10),
    "ours_with_labels": (ours_with_labels, 4),
    "routingkit_cch_build": (routingkit_cch_build, 10),
    "routingkit_cch_reset": (routingkit_cch_reset, 10),
    "pyroutingkit": (pyroutingkit_customize, 10),
    "ch_router_rebuild": (ch_router_build, 1),
    "pandana_rebuild": (pandana_build, 1),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.benchmark(group="re-weighting dimacs_ny")
@pytest.mark.parametrize("name", WAYS)
def test_reweight(benchmark: Any, name: str) -> None:
    """Every arc slowed at random; the new metric answers ten calls as Dijkstra does."""
    asked = posed(NETWORK, jammed=True)
    prepare, rounds = WAYS[name]
    run, rows = prepare(asked)
    metric = timed(benchmark, run, rounds=rounds, name=name)
    benchmark.extra_info["error_ms"] = asked.error_ms(rows(metric))
    benchmark.extra_info["checked"] = CHECKED
