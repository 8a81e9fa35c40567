"""From split junctions and roads to the arrays of a `RoadNetwork`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.checks import Labels, Shapes
from unarmed_router.roads.network import TURN_CLASS, RoadNetwork
from unarmed_router.roads.osm.chains import Chains
from unarmed_router.roads.osm.junctions import SplitGraph
from unarmed_router.roads.osm.legs import Legs
from unarmed_router.roads.osm.lines import Lines

__all__ = ["assembled"]

Ints = npt.NDArray[np.int64]


def assembled(
    lines: Lines, chains: Chains, legs: Legs, graph: SplitGraph, metadata: Mapping[str, str]
) -> RoadNetwork:
    """Build the network of the roads that lead to each other.

    Parameters
    ----------
    lines : Lines
        Classes and names.
    chains : Chains
        Roads and their geometry.
    legs : Legs
        Arcs, and their through legs.
    graph : SplitGraph
        Nodes, and what joins them.
    metadata : mapping of str to str
        Title, source, limits.
    """
    arcs = legs.arcs
    arc = np.array([legs.arc(leg) for leg in range(arcs.count, legs.driven)], np.int64)
    arc = np.concatenate((np.arange(arcs.count), arc))
    chain, turned = arcs.chain[arc], arcs.turned[arc]
    turns = graph.tail.size - arc.size
    nothing = np.zeros(turns, np.int64)
    lon, lat = _node_places(chains, graph.node)
    return RoadNetwork.from_arcs(
        node_lon=lon,
        node_lat=lat,
        tail=graph.tail,
        head=graph.head,
        free_flow_ms=graph.ms,
        length_m=np.concatenate((chains.length_m[chain], nothing)),
        road_class=_classes(lines, chains, chain, turns),
        names=Labels(np.concatenate((chains.name[chain], nothing)), lines.data.names),
        shapes=_shapes(chains, chain, turned, turns),
        way_ids=np.concatenate((chains.way_id[chain], nothing)),
        twins=np.concatenate((arcs.reverse, np.full(graph.tail.size - arcs.count, -1))),
        exits=graph.exit_node,
        metadata=metadata,
        minimum_ms=1,
        source=lines.data.source,
    )


def _node_places(
    chains: Chains, node: Ints
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    count = int(max(chains.first_node.max(initial=0), chains.last_node.max(initial=0))) + 1
    places = np.full((count, 2), np.nan)
    places[chains.first_node] = chains.places[chains.vertex_first[:-1]]
    places[chains.last_node] = chains.places[chains.vertex_first[1:] - 1]
    return places[node, 0], places[node, 1]


def _classes(lines: Lines, chains: Chains, chain: Ints, turns: int) -> Labels:
    """Return the class of every arc: the value of highway; turns are no road."""
    kind, texts = lines.classes()
    index = np.concatenate((kind[chains.tags[chain]], np.full(turns, len(texts))))
    return Labels(index, (*texts, TURN_CLASS))


def _shapes(chains: Chains, chain: Ints, turned: npt.NDArray[np.bool_], turns: int) -> Shapes:
    """Gather the interior vertices of every arc, from its tail to its head."""
    sizes = np.diff(chains.vertex_first)[chain] - 2
    first = np.concatenate(([0], np.cumsum(sizes)))
    within = np.arange(int(first[-1])) - np.repeat(first[:-1], sizes)
    begin = chains.vertex_first[chain] + 1
    last = chains.vertex_first[chain + 1] - 2
    row = np.where(
        np.repeat(turned, sizes),
        np.repeat(last, sizes) - within,
        np.repeat(begin, sizes) + within,
    )
    full = np.concatenate((first, np.full(turns, first[-1])))
    return Shapes(full, chains.places[row])
