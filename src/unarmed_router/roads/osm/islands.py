"""Roads that the rest of the network cannot reach, or that cannot reach it: what is cut off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.osm.chains import Chains
from unarmed_router.roads.osm.junctions import SplitGraph
from unarmed_router.roads.osm.legs import Legs
from unarmed_router.roads.standing import standing

__all__ = ["Island", "Islands", "islands_of"]

Ints = npt.NDArray[np.int64]
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Island:
    """Roads that hang together and are cut off from the network.

    Parameters
    ----------
    roads : int
        Roads between junctions.
    length_m : float
        Metres, a two-way road counted once.
    lon, lat : float
        A place on it.
    way_ids : tuple of int
        Some of its ways.
    """

    roads: int
    length_m: float
    lon: float
    lat: float
    way_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Islands:
    """All that is cut off.

    Parameters
    ----------
    count : int
        Number of islands.
    length_m : float
        Metres of road on them.
    largest : tuple of Island
        The largest, by length.
    """

    count: int
    length_m: float
    largest: tuple[Island, ...]


def islands_of(graph: SplitGraph, legs: Legs, chains: Chains) -> Islands:
    """Find the roads of which no direction stays in the network."""
    count = legs.arcs.count
    found = standing(
        graph.node.size,
        graph.tail,
        graph.head,
        exit_node=graph.exit_node,
        twin=np.append(legs.arcs.reverse, np.full(graph.tail.size - count, -1)),
        road=np.arange(graph.tail.size) < count,
    )
    reached = np.zeros(chains.count, bool)
    reached[legs.arcs.chain[found.arcs[:count]]] = True
    lost = np.flatnonzero(~reached)
    if not lost.size:
        return Islands(0, 0.0, ())
    number = _grouped(chains, lost)
    length = np.bincount(number, chains.length_m[lost])
    order = np.lexsort((np.arange(length.size), -length))
    return Islands(
        count=int(length.size),
        length_m=float(length.sum()),
        largest=tuple(_island(chains, lost[number == group]) for group in order[:_SHOWN]),
    )


def _grouped(chains: Chains, lost: Ints) -> Ints:
    """Give the groups of lost roads that touch each other numbers."""
    from scipy.sparse import coo_matrix  # noqa: PLC0415  # importing scipy costs 0.35 s
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  # as above

    ends = (chains.first_node[lost], chains.last_node[lost])
    _, compact = np.unique(np.concatenate(ends), return_inverse=True)
    one, other = compact[: lost.size], compact[lost.size :]
    size = int(compact.max()) + 1
    graph = coo_matrix((np.ones(lost.size, np.int8), (one, other)), shape=(size, size))
    _, label = connected_components(graph.tocsr(), directed=False)
    _, number = np.unique(label[one], return_inverse=True)
    groups: Ints = number.astype(np.int64)
    return groups


def _island(chains: Chains, roads: Ints) -> Island:
    longest = int(roads[np.argmax(chains.length_m[roads])])
    begin, end = int(chains.vertex_first[longest]), int(chains.vertex_first[longest + 1])
    lon, lat = chains.places[(begin + end - 1) // 2]
    return Island(
        roads=int(roads.size),
        length_m=float(chains.length_m[roads].sum()),
        lon=float(lon),
        lat=float(lat),
        way_ids=tuple(np.unique(chains.way_id[roads])[:5].tolist()),
    )
