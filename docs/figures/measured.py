"""The measured numbers of docs/method.md: what the cost of each stage depends on, counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from unarmed_router.agency.folder import embedded_agency
from unarmed_router.roads.dimacs_reader import read_dimacs_network
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.network_file import load_network
from unarmed_router.travel_time.order_file import load_order, shape_digest
from unarmed_router.travel_time.ordering import nested_dissection
from unarmed_router.travel_time.topology import Topology

__all__ = ["BEGIN", "END", "embedded", "measured", "new_york", "recorded", "table"]

NEW_YORK = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "roads" / "dimacs_ny"
BEGIN, END = "<!-- measured by docs/figures/method.py -->", "<!-- end of what is measured -->"
COUNTED = {
    "n": "nodes",
    "m": "arcs",
    "e": "edges of the hierarchy",
    "T": "lower triangles",
    "d̄": "mean depth of a node",
    "D": "greatest depth",
    "L": "sum over the edges of the depth of their lower end",
    "p": "common ancestors of two nodes, mean over all pairs",
    "S": "edges up from a node and its ancestors, mean",
    "8 n (d̄ + 1)": "labels of one metric",
}


def measured(network: RoadNetwork, topology: Topology) -> dict[str, str]:
    """Count what the cost of each stage depends on; values as written, by the keys of `COUNTED`."""
    nodes, depth = network.nodes, topology.depth.astype(np.int64)
    above = np.diff(topology.up_first)
    size, climbed = [1] * nodes, above.tolist()
    parent = topology.parent.tolist()
    for v in range(nodes):
        if parent[v] >= 0:
            size[parent[v]] += size[v]
    for v in reversed(range(nodes)):
        if parent[v] >= 0:
            climbed[v] += climbed[parent[v]]
    values = (
        f"{nodes:,}",
        f"{network.arcs:,}",
        f"{len(topology.up):,}",
        f"{int((above * (above - 1) // 2).sum()):,}",
        f"{depth.mean():.1f}",
        f"{depth.max():,}",
        f"{int(depth[topology.lower].sum()):,}",
        # A node is a common ancestor of every pair in its subtree.
        f"{sum(each * each for each in size) / nodes**2:.1f}",
        f"{sum(climbed) / nodes:,.0f}",
        f"{topology.label_bytes / 1e6:.1f} MB",
    )
    return dict(zip(COUNTED, values, strict=True))


def embedded() -> dict[str, str]:
    """Measure the embedded network in its stored order."""
    folder = embedded_agency().parent
    network = load_network(folder / "roads.network")
    shape = shape_digest(network.nodes, network.tail, network.head)
    rank = load_order(folder / "roads.order", shape=shape)
    return measured(network, Topology.build(rank=rank, tail=network.tail, head=network.head))


def new_york() -> dict[str, str] | None:
    """Measure the New York graph of the benchmarks; None where its files are absent."""
    files = [NEW_YORK / "USA-road-t.NY.gr.gz", NEW_YORK / "USA-road-d.NY.co.gz"]
    if not all(file.exists() for file in files):
        return None
    network = read_dimacs_network(*files)
    tail, head = network.tail, network.head
    rank = nested_dissection(
        nodes=network.nodes, tail=tail, head=head, lon=network.node_lon, lat=network.node_lat
    )
    return measured(network, Topology.build(rank=rank, tail=tail, head=head))


def recorded(page: str) -> dict[str, dict[str, str]]:
    """Read the measured numbers of each network from the text of the page."""
    lines = [line for line in page.partition(BEGIN)[2].partition(END)[0].splitlines() if line]
    cells = [[cell.strip(" `*") for cell in line.strip("|").split("|")] for line in lines]
    names = cells[0][2:] if cells else []
    return {name: {row[0]: row[i + 2] for row in cells[2:]} for i, name in enumerate(names)}


def table(columns: dict[str, dict[str, str]]) -> str:
    """Write the measured numbers, a column a network."""
    head = ["symbol", "what it counts", *(f"`{name}`" for name in columns)]
    rule = ["---", "---", *("---:" for _ in columns)]
    body = [[f"*{key}*", COUNTED[key], *(c[key] for c in columns.values())] for key in COUNTED]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))
