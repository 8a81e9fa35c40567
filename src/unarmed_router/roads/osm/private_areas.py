"""Roads to reach somebody on, but not to drive through, made so in the plain network.

Roads for ends only that touch each other make an area; it touches the open roads at its entrances.
With one entrance nobody can pass through. With several, every place inside belongs to the
entrance that is nearest by driving time, and the roads between places of different entrances are
cut where the two times are equal. So whoever enters must leave by the same entrance, and passing
through is impossible at every hour, whatever the speeds. One-way roads of such an area count as
two-way: cut, they would let nobody in, or nobody out. See docs/decisions/0027.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from unarmed_router.kernels.segment_cells import segment_lengths
from unarmed_router.roads.osm.chains import Chains
from unarmed_router.roads.osm.profile import Access

__all__ = ["PrivateCut", "cut_private_areas", "for_ends_only"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PrivateCut:
    """How many roads were cut, and how many one-way ones count as two-way since."""

    roads: int
    both_ways: int


def for_ends_only(chains: Chains) -> npt.NDArray[np.bool_]:
    """Mark the roads that may not be driven through in some direction.

    One direction for ends only takes the whole road: it is cut as one, which stops both.
    """
    private: npt.NDArray[np.bool_] = (chains.forward == Access.ENDS_ONLY) | (
        chains.backward == Access.ENDS_ONLY
    )
    return private


def cut_private_areas(chains: Chains) -> tuple[Chains, PrivateCut]:
    """Cut roads for ends only so that no path leads through from one entrance to another."""
    private = for_ends_only(chains)
    if not private.any() or private.all():
        return chains, PrivateCut(0, 0)
    nodes = int(max(chains.first_node.max(), chains.last_node.max())) + 1
    entrance, distance = _nearest_entrance(chains, private, nodes)
    one, other = entrance[chains.first_node], entrance[chains.last_node]
    cut = np.flatnonzero(private & (one >= 0) & (other >= 0) & (one != other))
    if not cut.size:
        return chains, PrivateCut(0, 0)
    alone = _one_way_beside(chains, private, cut)
    weight = _weights(chains)[cut]
    near, far = distance[chains.first_node[cut]], distance[chains.last_node[cut]]
    share = np.clip((weight + far - near) / (2.0 * weight), 0.05, 0.95)
    forward, backward = chains.forward.copy(), chains.backward.copy()
    forward[alone] = backward[alone] = Access.ENDS_ONLY
    chains = replace(chains, forward=forward, backward=backward)
    return _cut(chains, cut, share, nodes), PrivateCut(int(cut.size), int(alone.size))


def _one_way_beside(chains: Chains, private: npt.NDArray[np.bool_], cut: Ints) -> Ints:
    """Return the one-way roads of the private areas in which something is cut."""
    from scipy.sparse import coo_matrix  # noqa: PLC0415  # importing scipy costs 0.35 s
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  # as above

    rows = np.flatnonzero(private)
    ends = np.concatenate((chains.first_node[rows], chains.last_node[rows]))
    used, compact = np.unique(ends, return_inverse=True)
    pair = (compact[: rows.size], compact[rows.size :])
    graph = coo_matrix((np.ones(rows.size, np.int8), pair), shape=(used.size, used.size))
    _, label = connected_components(graph.tocsr(), directed=False)
    area = np.full(chains.count, -1, np.int64)
    area[rows] = label[pair[0]]
    one_way = (chains.forward == Access.CLOSED) != (chains.backward == Access.CLOSED)
    return np.flatnonzero(private & one_way & np.isin(area, area[cut]))


def _weights(chains: Chains) -> Floats:
    """Return the time along each road in its quicker open direction, milliseconds."""
    forward = np.where(chains.forward == Access.CLOSED, np.inf, chains.forward_ms)
    backward = np.where(chains.backward == Access.CLOSED, np.inf, chains.backward_ms)
    return np.maximum(np.minimum(forward, backward), 1.0)


def _nearest_entrance(
    chains: Chains, private: npt.NDArray[np.bool_], nodes: int
) -> tuple[Ints, Floats]:
    """Return the entrance nearest to each node of private roads, and the time to it.

    A node of an open road is an entrance, and its own nearest. -1 where no entrance leads.
    """
    from scipy.sparse import coo_matrix  # noqa: PLC0415  # importing scipy costs 0.35 s
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415  # as above

    public = np.zeros(nodes, bool)
    for ends in (chains.first_node, chains.last_node):
        public[ends[~private]] = True
    rows, columns = chains.first_node[private], chains.last_node[private]
    used, compact = np.unique(np.concatenate((rows, columns)), return_inverse=True)
    pair = (compact[: rows.size], compact[rows.size :])
    # Of parallel roads the quicker counts; coo_matrix would add them up.
    weight = _weights(chains)[private]
    order = np.lexsort((weight, pair[1], pair[0]))
    fresh = np.ones(order.size, bool)
    fresh[1:] = (np.diff(pair[0][order]) != 0) | (np.diff(pair[1][order]) != 0)
    kept = order[fresh]
    shape = (used.size, used.size)
    graph = coo_matrix((weight[kept], (pair[0][kept], pair[1][kept])), shape=shape).tocsr()
    sources = np.flatnonzero(public[used])
    entrance, distance = np.full(nodes, -1, np.int64), np.full(nodes, np.inf)
    if sources.size:
        times, _, source = dijkstra(
            graph, directed=False, indices=sources, min_only=True, return_predecessors=True
        )
        reached = np.isfinite(times)
        entrance[used[reached]] = used[source[reached]]
        distance[used] = times
    return entrance, distance


def _cut(chains: Chains, cut: Ints, share: Floats, nodes: int) -> Chains:
    """Replace each cut road by its two parts, each with an end of its own at the cut."""
    at, places, first = _vertices_with_cuts(chains, cut, share)
    parts = np.ones(chains.count, np.int64)
    parts[cut] = 2
    source = np.repeat(np.arange(chains.count), parts)
    second = np.zeros(source.size, bool)
    second[1:] = source[1:] == source[:-1]
    halved = parts[source] == 2
    fraction = np.ones(source.size)
    fraction[halved & ~second] = share
    fraction[second] = 1.0 - share
    first_node, last_node = chains.first_node[source], chains.last_node[source]
    last_node[halved & ~second] = nodes + 2 * np.arange(cut.size)
    first_node[second] = nodes + 2 * np.arange(cut.size) + 1
    begin = first[source].copy()
    begin[second] = at
    return replace(
        chains,
        first_node=first_node,
        last_node=last_node,
        forward=chains.forward[source],
        backward=chains.backward[source],
        forward_ms=chains.forward_ms[source] * fraction,
        backward_ms=chains.backward_ms[source] * fraction,
        length_m=chains.length_m[source] * fraction,
        tags=chains.tags[source],
        name=chains.name[source],
        way_id=chains.way_id[source],
        first_way=chains.first_way[source],
        last_way=chains.last_way[source],
        vertex_first=np.append(begin, places.shape[0]),
        places=places,
    )


def _vertices_with_cuts(chains: Chains, cut: Ints, share: Floats) -> tuple[Ints, Floats, Ints]:
    """Insert the cut twice into the vertices: where the first part ends and the second begins.

    Returns
    -------
    at : int64 array
        Row of the second part's first vertex.
    places : float64 array, shape (v, 2)
        All vertices.
    first : int64 array
        Row where each road begins.
    """
    rows, inserted = [], []
    for road, part in zip(cut.tolist(), share.tolist(), strict=True):
        begin, end = int(chains.vertex_first[road]), int(chains.vertex_first[road + 1])
        line = chains.places[begin:end]
        lengths = segment_lengths(np.hstack((line[:-1], line[1:])))
        walked = np.concatenate(([0.0], np.cumsum(lengths)))
        goal = part * walked[-1]
        step = int(np.clip(np.searchsorted(walked, goal, side="right") - 1, 0, len(lengths) - 1))
        along = (goal - walked[step]) / lengths[step] if lengths[step] > 0.0 else 0.0
        rows.append(begin + step + 1)
        inserted.append(line[step] * (1.0 - along) + line[step + 1] * along)
    where = np.repeat(np.array(rows), 2)
    places = np.insert(chains.places, where, np.repeat(np.array(inserted), 2, axis=0), axis=0)
    at = np.array(rows) + 2 * np.arange(cut.size) + 1
    shift = np.zeros(chains.count + 1, np.int64)
    shift[cut + 1] = 2
    first = chains.vertex_first + np.cumsum(shift)
    return at, places, first[:-1]
