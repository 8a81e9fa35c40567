"""In which order nodes are contracted: nested dissection, whatever the weights.

A small set of nodes that splits the network in two halves comes last, and each half is ordered the
same way (George 1973, doi 10.1137/0710032). METIS finds the sets where its package is installed
(Karypis and Kumar 1998, doi 10.1137/S1064827595287997); elsewhere inertial flow does
(Schild and Sommer 2015, doi 10.1007/978-3-319-20086-6_22), slower and a little worse.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["dissect_by_flow", "neighbours", "nested_dissection"]

Int32s = npt.NDArray[np.int32]

_LEAF = 32
"""Parts this small are ordered as they come."""

_DIRECTIONS = ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, -1.0))
_END_SHARE = 0.25
"""Share of the nodes at each end of a direction that is source or sink of the flow."""


def nested_dissection(
    *,
    nodes: int,
    tail: Int32s,
    head: Int32s,
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
) -> Int32s:
    """Order the nodes of a network.

    Parameters
    ----------
    nodes : int
        Number of nodes n.
    tail, head : int32 array, shape (m,)
        Ends of the arcs.
    lon, lat : float64 array, shape (n,)
        Places of the nodes; used where METIS is not installed.

    Returns
    -------
    int32 array, shape (n,)
        Rank of each node; 0 is contracted first.
    """
    first, beside = neighbours(nodes, tail, head)
    try:
        import pymetis  # noqa: PLC0415  # has no wheel for some platforms
    except ImportError:
        return dissect_by_flow(first, beside, np.column_stack([lon, lat]))
    if nodes < 2:
        return np.zeros(nodes, np.int32)
    order, _ = pymetis.nested_dissection(pymetis.CSRAdjacency(first, beside))
    return _ranks(np.asarray(order, dtype=np.int64))


def neighbours(nodes: int, tail: Int32s, head: Int32s) -> tuple[Int32s, Int32s]:
    """List the neighbours of each node, each once, loops left out: offsets and members."""
    ends = np.concatenate([tail, head]).astype(np.int64), np.concatenate([head, tail])
    apart = ends[0] != ends[1]
    pairs = np.unique(ends[0][apart] * nodes + ends[1][apart])
    first = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(pairs // nodes, minlength=nodes), out=first[1:])
    return first, (pairs % nodes).astype(np.int32)


def dissect_by_flow(first: Int32s, beside: Int32s, places: npt.NDArray[np.float64]) -> Int32s:
    """Order nodes by inertial flow: the smallest cut between the two ends of a direction.

    Parameters
    ----------
    first, beside : int32 array
        From `neighbours`.
    places : float64 array, shape (n, 2)
        Coordinates.

    Returns
    -------
    int32 array, shape (n,)
        Rank of each node.
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415  # importing scipy costs 0.35 s

    nodes = len(places)
    graph = csr_matrix((np.ones(len(beside), np.int32), beside, first), shape=(nodes, nodes))
    last: list[npt.NDArray[np.int64]] = []  # separators, the outermost first
    parts = [np.arange(nodes)]
    while parts:
        part = parts.pop()
        if len(part) <= _LEAF:
            last.append(part)
            continue
        cut, one, other = _split(graph, part, places[part])
        last.append(cut)
        parts += [one, other]
    order = np.concatenate(last[::-1]) if last else np.zeros(0, np.int64)
    return _ranks(order)


def _split(
    graph: object, part: npt.NDArray[np.int64], places: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Split a part into a separator and two sides with no edge between them."""
    inner = graph[part][:, part].tocoo()  # type: ignore[index]  # scipy has no types here
    best: npt.NDArray[np.bool_] | None = None
    best_size = len(part) + 1
    for direction in _DIRECTIONS:
        side = _source_side(inner.row, inner.col, places @ np.array(direction))
        size = int(np.unique(inner.row[side[inner.row] & ~side[inner.col]]).size)
        if size < best_size:
            best, best_size = side, size
    assert best is not None  # noqa: S101  # there is at least one direction
    cut = np.zeros(len(part), np.bool_)
    cut[inner.row[best[inner.row] & ~best[inner.col]]] = True
    return part[cut], part[best & ~cut], part[~best]


def _source_side(
    row: npt.NDArray[np.int64], column: npt.NDArray[np.int64], along: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Mark the nodes on the source's side of a smallest edge cut between the two ends."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415  # as above
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow  # noqa: PLC0415

    count = len(along)
    order = np.argsort(along, kind="stable")
    ends = max(1, int(count * _END_SHARE))
    source, sink = count, count + 1
    # More than any cut could be, so the ends stay whole.
    solid = np.full(2 * ends, len(row) + 1, np.int32)
    tails = np.concatenate([row, np.full(ends, source), order[-ends:]])
    heads = np.concatenate([column, order[:ends], np.full(ends, sink)])
    capacity = np.concatenate([np.ones(len(row), np.int32), solid])
    network = csr_matrix((capacity, (tails, heads)), shape=(count + 2, count + 2))
    flow = maximum_flow(network, source, sink).flow
    left = network - flow
    left.eliminate_zeros()
    reached = breadth_first_order(left, source, return_predecessors=False)
    side = np.zeros(count + 2, np.bool_)
    side[reached] = True
    return side[:count]


def _ranks(order: npt.NDArray[np.int64]) -> Int32s:
    ranks = np.empty(len(order), np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return ranks
