"""Roads between junctions: lines joined wherever nothing branches off and nothing changes.

A node where two lines of the same road meet and nothing else is a bend, not a junction: it becomes
a vertex of the geometry. Class, name, access and direction must agree on both sides; the speed need
not, since times add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.osm.lines import Lines

__all__ = ["Chains", "chains_of"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """Roads between junctions as columns.

    Parameters
    ----------
    first_node, last_node : int64 array, shape (c,)
        Nodes at the two ends; never the same one.
    forward, backward : int8 array, shape (c,)
        `Access` in each direction.
    forward_ms, backward_ms, length_m : float64 array, shape (c,)
        Time in each direction; metres.
    tags : int64 array, shape (c,)
        Row of ``uses``: class of the road.
    name : int64 array, shape (c,)
        Row of ``names``.
    way_id : int64 array, shape (c,)
        The way that makes up most of it.
    first_way, last_way : int64 array, shape (c,)
        The ways at its two ends.
    vertex_first : int64 array, shape (c + 1,)
        Its vertices, ends included, are rows ``vertex_first[i] : vertex_first[i + 1]`` of `places`.
    places : float64 array, shape (v, 2)
        Longitude and latitude of the vertices, degrees.
    """

    first_node: Ints
    last_node: Ints
    forward: npt.NDArray[np.int8]
    backward: npt.NDArray[np.int8]
    forward_ms: Floats
    backward_ms: Floats
    length_m: Floats
    tags: Ints
    name: Ints
    way_id: Ints
    first_way: Ints
    last_way: Ints
    vertex_first: Ints
    places: Floats

    @property
    def count(self) -> int:
        """Number of roads."""
        return int(self.first_node.size)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Runs of lines of one way between nodes where something may change."""

    begin: Ints
    end: Ints
    tail: Ints
    head: Ints


def chains_of(lines: Lines, *, kept: Ints) -> Chains:
    """Join lines to roads between junctions.

    Parameters
    ----------
    lines : Lines
        What to join.
    kept : int64 array
        Nodes that stay nodes although nothing branches off: turn restrictions name them.
    """
    degree = np.bincount(lines.tail, minlength=lines.nodes)
    degree += np.bincount(lines.head, minlength=lines.nodes)
    fixed = degree != 2
    fixed[kept] = True
    pieces = _pieces(lines, fixed)
    order, flipped, first = _joined(lines, pieces, fixed)
    return _columns(lines, pieces, order, flipped, first)


def _pieces(lines: Lines, fixed: npt.NDArray[np.bool_]) -> _Pieces:
    count = lines.tail.size
    if not count:
        none = np.empty(0, np.int64)
        return _Pieces(none, none, none, none)
    follows = np.zeros(count, bool)  # the line continues the one before it
    follows[1:] = (
        (lines.way[1:] == lines.way[:-1])
        & (lines.tail[1:] == lines.head[:-1])
        & ~fixed[lines.tail[1:]]
    )
    begin = np.flatnonzero(~follows)
    end = np.append(begin[1:], count)
    return _Pieces(begin, end, lines.tail[begin], lines.head[end - 1])


def _joined(
    lines: Lines, pieces: _Pieces, fixed: npt.NDArray[np.bool_]
) -> tuple[Ints, npt.NDArray[np.bool_], Ints]:
    """Return the pieces in the order of chains, whether each is turned round, and CSR offsets."""
    count = pieces.begin.size
    links = _links(lines, pieces, fixed)
    linked = np.flatnonzero((links >= 0).any(axis=1))
    single = np.ones(count, bool)
    single[linked] = False
    order: list[int] = np.flatnonzero(single).tolist()
    flipped: list[bool] = [False] * len(order)
    sizes: list[int] = [1] * len(order)
    seen = set()
    table = links.tolist()
    # First the chains that have an end, from the lower one; then rings, from their first piece.
    ends = [piece for piece in linked.tolist() if -1 in table[piece]]
    for start in (*ends, *linked.tolist()):
        if start in seen:
            continue
        piece, back = start, table[start][0] >= 0 and table[start][1] < 0
        begun = len(order)
        while piece not in seen:
            seen.add(piece)
            order.append(piece)
            flipped.append(back)
            link = table[piece][0 if back else 1]
            if link < 0:
                break
            piece, back = link >> 1, link & 1 == 1
        sizes.append(len(order) - begun)
    first = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    return np.array(order, np.int64), np.array(flipped, bool), first


def _links(lines: Lines, pieces: _Pieces, fixed: npt.NDArray[np.bool_]) -> Ints:
    """Return what follows each piece beyond its tail and its head: 2 * piece + turned, or -1."""
    count = pieces.begin.size
    links = np.full((count, 2), -1, np.int64)
    node = np.concatenate((pieces.tail, pieces.head))
    free = np.flatnonzero(~fixed[node]) if count else np.empty(0, np.int64)
    by_node = free[np.argsort(node[free], kind="stable")]
    pairs = by_node[: by_node.size // 2 * 2].reshape(-1, 2)
    one, other = pairs[:, 0] % max(count, 1), pairs[:, 1] % max(count, 1)
    at_head, other_at_head = pairs[:, 0] >= count, pairs[:, 1] >= count
    # Turned round: the other piece is entered at its head.
    agree = (one != other) & _alike(lines, pieces, one, other, at_head == other_at_head)
    for p, q, p_head, q_head in zip(
        one[agree].tolist(),
        other[agree].tolist(),
        at_head[agree].tolist(),
        other_at_head[agree].tolist(),
        strict=True,
    ):
        links[p, int(p_head)] = 2 * q + int(q_head)
        links[q, int(q_head)] = 2 * p + int(p_head)
    return links


def _alike(
    lines: Lines, pieces: _Pieces, one: Ints, other: Ints, opposed: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Tell whether two pieces are the same road, one of them turned round where opposed."""
    data = lines.data
    kind, _ = lines.classes()
    forward, backward = lines.access()
    p, q = pieces.begin[one], pieces.begin[other]
    wp, wq = lines.way[p], lines.way[q]
    same = (kind[data.way_tags[wp]] == kind[data.way_tags[wq]]) & (
        data.way_name[wp] == data.way_name[wq]
    )
    ahead = np.where(opposed, backward[q], forward[q])
    back = np.where(opposed, forward[q], backward[q])
    agreed: npt.NDArray[np.bool_] = same & (forward[p] == ahead) & (backward[p] == back)
    return agreed


def _columns(
    lines: Lines, pieces: _Pieces, order: Ints, flipped: npt.NDArray[np.bool_], first: Ints
) -> Chains:
    """Lay the lines of all chains end to end, cut rings in two, and sum them up."""
    sizes = pieces.end[order] - pieces.begin[order]
    line_first = np.concatenate(([0], np.cumsum(sizes)))
    within = np.arange(int(line_first[-1])) - np.repeat(line_first[:-1], sizes)
    turned = np.repeat(flipped, sizes)
    line = np.where(
        turned,
        np.repeat(pieces.end[order], sizes) - 1 - within,
        np.repeat(pieces.begin[order], sizes) + within,
    )
    start = line_first[first]
    tail = np.where(turned, lines.head[line], lines.tail[line])
    head = np.where(turned, lines.tail[line], lines.head[line])
    start = _rings_cut(start, tail, head)
    begin, end = start[:-1], start[1:] - 1
    forward, backward = lines.access()
    access = np.stack((forward, backward), axis=1)[line]
    times = np.stack((lines.forward_ms, lines.backward_ms), axis=1)[line]
    access[turned], times[turned] = access[turned][:, ::-1], times[turned][:, ::-1]
    total = np.add.reduceat(times, begin, axis=0) if begin.size else np.empty((0, 2))
    length = np.add.reduceat(lines.length_m[line], begin) if begin.size else np.empty(0)
    ways = lines.data.way_id[lines.way[line]]
    vertices = np.insert(lines.original[head], begin, lines.original[tail[begin]])
    return Chains(
        first_node=tail[begin],
        last_node=head[end],
        forward=access[begin, 0],
        backward=access[begin, 1],
        forward_ms=total[:, 0],
        backward_ms=total[:, 1],
        length_m=length,
        tags=lines.data.way_tags[lines.way[line[begin]]].astype(np.int64),
        name=lines.data.way_name[lines.way[line[begin]]].astype(np.int64),
        way_id=_main_ways(ways, lines.length_m[line], start),
        first_way=ways[begin],
        last_way=ways[end],
        vertex_first=start + np.arange(start.size),
        places=np.stack((lines.data.node_lon[vertices], lines.data.node_lat[vertices]), axis=1),
    )


def _rings_cut(start: Ints, tail: Ints, head: Ints) -> Ints:
    """Cut every chain that ends where it begins in two: a network keeps no loops."""
    if start.size < 2:
        return start
    ring = np.flatnonzero((tail[start[:-1]] == head[start[1:] - 1]) & (np.diff(start) > 1))
    middle = (start[ring] + start[ring + 1]) // 2
    return np.insert(start, ring + 1, middle)


def _main_ways(ways: Ints, length_m: Floats, start: Ints) -> Ints:
    """Return the way that makes up most of each chain; the lower id among equals."""
    if not ways.size:
        return ways
    chain = np.repeat(np.arange(start.size - 1), np.diff(start))
    order = np.lexsort((ways, chain))
    fresh = np.ones(order.size, bool)
    fresh[1:] = (ways[order][1:] != ways[order][:-1]) | (chain[order][1:] != chain[order][:-1])
    begin = np.flatnonzero(fresh)
    sums = np.add.reduceat(length_m[order], begin)
    rows = order[begin]
    best = np.lexsort((ways[rows], -sums, chain[rows]))
    leads = np.ones(best.size, bool)
    leads[1:] = chain[rows][best][1:] != chain[rows][best][:-1]
    return ways[rows][best[leads]]
