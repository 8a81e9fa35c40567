"""Which arcs make a network: every road in it can be reached from the rest, and left for the rest.

Where a team that stands on an arc comes out at the arc's head, that is the largest strongly
connected component. Where it comes out elsewhere, as where turns are restricted over several roads,
there may be nodes that only a start leaves, or that lead only to places on roads. They belong to
the network, although nobody drives through them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["TURN_CLASS", "Standing", "standing"]

TURN_CLASS = "turn"
"""Road class of arcs that are no road but a turn at a junction: nothing is snapped to them."""

Ints = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


class Standing(NamedTuple):
    """What stays of a network.

    Parameters
    ----------
    nodes : bool array, shape (n,)
        Nodes that stay.
    arcs : bool array, shape (m,)
        Arcs that stay.
    cut : int
        Strongly connected components of which nothing stays.
    """

    nodes: Marks
    arcs: Marks
    cut: int


def standing(
    nodes: int,
    tail: Ints,
    head: Ints,
    *,
    exit_node: Ints | None = None,
    twin: Ints | None = None,
    road: Marks | None = None,
) -> Standing:
    """Find what can be reached from the largest strongly connected component, and left for it.

    Among components of one size, the one that holds the first node wins.

    Parameters
    ----------
    nodes : int
        Number of nodes n.
    tail, head : int64 array, shape (m,)
        Ends of the arcs.
    exit_node : int64 array, shape (m,), optional
        Node at which a team that stands on an arc comes out, -1 where nobody stands; the head by
        default.
    twin : int64 array, shape (m,), optional
        The same road in the other direction, -1 for none, as everywhere by default. A road is
        reached and left in either direction.
    road : bool array, shape (m,), optional
        Arcs on which a team may stand, as opposed to turns; all by default.
    """
    label, largest = _components(nodes, tail, head)
    inside: Marks = label == largest
    arcs = inside[tail] & inside[head]
    exits = head if exit_node is None else np.where(exit_node < 0, head, exit_node)
    number = np.arange(tail.size)
    pair = number if twin is None else np.where(twin < 0, number, twin)
    if (exits != head).any() or (twin is not None and (tail[pair] != head)[pair != number].any()):
        on_road = np.ones(tail.size, bool) if road is None else road
        on_road = on_road if exit_node is None else on_road & (exit_node >= 0)
        inside, arcs = _with_exits(nodes, (tail, head), (exits, pair), on_road)
    kept = np.unique(label[inside])
    return Standing(inside, arcs, int(label.max()) + 1 - int(kept.size))


def _with_exits(
    nodes: int, ends: tuple[Ints, Ints], places: tuple[Ints, Ints], on_road: Marks
) -> tuple[Marks, Marks]:
    """Mark the nodes and arcs that stay where positions are not left by the arc's own head."""
    tail, head = ends
    exits, pair = places
    left = np.ones(tail.size, bool)
    while True:
        # A road that goes takes the ways over it along: again, until none goes.
        label, largest = _components(nodes, tail[left], head[left])
        core = int(np.argmax(label == largest))
        entered = _reached(nodes, tail[left], head[left], core)[tail]
        leading = _reached(nodes, head[left], tail[left], core)[exits]
        holds = ~on_road | ((entered | entered[pair]) & (leading | leading[pair]))
        if holds[left].all():
            break
        left &= holds
    roads = np.flatnonzero(left & on_road)
    # Whoever may stop on a road and start again drives round and round exactly what stays.
    stops = (np.tile(tail[roads], 2), np.concatenate((exits[roads], exits[pair[roads]])))
    label, _ = _components(nodes, np.append(tail[left], stops[0]), np.append(head[left], stops[1]))
    driven: Marks = label == label[core]
    inside = driven.copy()
    for node in (tail, head, exits):
        inside[node[roads]] = True
    return inside, left & (on_road | (driven[tail] & driven[head]))


def _components(nodes: int, tail: Ints, head: Ints) -> tuple[npt.NDArray[np.int32], int]:
    """Give the strongly connected components numbers, and name the largest."""
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  # scipy costs 0.35 s

    found = connected_components(_graph(nodes, tail, head), directed=True, connection="strong")
    label: npt.NDArray[np.int32] = found[1]
    size = np.bincount(label)[label]
    return label, int(label[int(np.argmax(size))])


def _reached(nodes: int, tail: Ints, head: Ints, start: int) -> Marks:
    """Mark the nodes to which arcs lead from a node, itself included."""
    from scipy.sparse.csgraph import breadth_first_order  # noqa: PLC0415  # as above

    order = breadth_first_order(_graph(nodes, tail, head), start, return_predecessors=False)
    marks = np.zeros(nodes, bool)
    marks[order] = True
    return marks


def _graph(nodes: int, tail: Ints, head: Ints) -> Any:
    from scipy.sparse import coo_matrix  # noqa: PLC0415  # as above

    return coo_matrix((np.ones(tail.size), (tail, head)), shape=(nodes, nodes)).tocsr()
