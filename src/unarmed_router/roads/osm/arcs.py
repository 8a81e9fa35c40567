"""The directed roads between junctions, before junctions are split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.osm.chains import Chains
from unarmed_router.roads.osm.private_areas import PrivateAreas, for_ends_only
from unarmed_router.roads.osm.profile import Access

__all__ = ["Arcs", "arcs_of"]

Ints = npt.NDArray[np.int64]

_LEAST_MS = 2
"""One millisecond of an arc may be spent in the junction before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arcs:
    """Directed roads as columns.

    Parameters
    ----------
    chain : int64 array, shape (m,)
        The road.
    turned : bool array, shape (m,)
        Driven from its last node to its first.
    tail, head : int64 array, shape (m,)
        Nodes.
    reverse : int64 array, shape (m,)
        The same road in the other direction; -1 on a one-way road.
    ms : int64 array, shape (m,)
        Milliseconds, at least 2.
    first_way, last_way : int64 array, shape (m,)
        Ways at the tail and at the head.
    private : bool array, shape (m,)
        For ends only.
    guarded : bool array, shape (m,)
        Of a private area with several entrances.
    open_node : bool array, shape (n,)
        Nodes at which an open road begins or ends: the entrances of private areas among them.
    into, out_of : dict of int to list of int
        Arcs that end and begin at each node.
    """

    chain: Ints
    turned: npt.NDArray[np.bool_]
    tail: Ints
    head: Ints
    reverse: Ints
    ms: Ints
    first_way: Ints
    last_way: Ints
    private: npt.NDArray[np.bool_]
    guarded: npt.NDArray[np.bool_]
    open_node: npt.NDArray[np.bool_]
    _by_head: Ints
    _head_first: Ints
    _by_tail: Ints
    _tail_first: Ints

    @property
    def count(self) -> int:
        """Number of arcs."""
        return int(self.tail.size)

    def into(self, node: int) -> list[int]:
        """List the arcs that end at a node."""
        if node + 1 >= self._head_first.size:
            return []
        found: list[int] = self._by_head[
            self._head_first[node] : self._head_first[node + 1]
        ].tolist()
        return found

    def out_of(self, node: int) -> list[int]:
        """List the arcs that begin at a node."""
        if node + 1 >= self._tail_first.size:
            return []
        found: list[int] = self._by_tail[
            self._tail_first[node] : self._tail_first[node + 1]
        ].tolist()
        return found

    def is_in_the_road(self, node: int) -> bool:
        """Tell whether a node only parts two two-way roads: one road goes on under another name."""
        arcs = (*self.into(node), *self.out_of(node))
        return len({int(self.chain[arc]) for arc in arcs}) == 2 and len(arcs) == 4

    def is_dead_end(self, node: int) -> bool:
        """Tell whether a node can be left by one open road only: a place to turn round."""
        roads = {int(self.chain[arc]) for arc in self.out_of(node)}
        return len(roads) == 1 and not any(self.private[arc] for arc in self.into(node))


def arcs_of(chains: Chains, areas: PrivateAreas) -> Arcs:
    """Make an arc of every direction in which a road may be driven."""
    forward = np.flatnonzero(chains.forward != Access.CLOSED)
    backward = np.flatnonzero(chains.backward != Access.CLOSED)
    chain = np.concatenate((forward, backward))
    turned = np.arange(chain.size) >= forward.size
    number = np.full((chains.count, 2), -1, np.int64)
    number[forward, 0] = np.arange(forward.size)
    number[backward, 1] = forward.size + np.arange(backward.size)
    first, last = chains.first_node[chain], chains.last_node[chain]
    tail, head = np.where(turned, last, first), np.where(turned, first, last)
    ms = np.where(turned, chains.backward_ms[chain], chains.forward_ms[chain])
    ways = (chains.first_way[chain], chains.last_way[chain])
    nodes = int(max(tail.max(initial=-1), head.max(initial=-1))) + 1
    by_head, by_tail = np.argsort(head, kind="stable"), np.argsort(tail, kind="stable")
    return Arcs(
        chain=chain,
        turned=turned,
        tail=tail,
        head=head,
        reverse=number[chain, np.where(turned, 0, 1)],
        ms=np.maximum(np.rint(ms).astype(np.int64), _LEAST_MS),
        first_way=np.where(turned, ways[1], ways[0]),
        last_way=np.where(turned, ways[0], ways[1]),
        private=for_ends_only(chains)[chain],
        guarded=areas.guarded[chain],
        open_node=areas.open_node,
        _by_head=by_head,
        _head_first=np.searchsorted(head[by_head], np.arange(nodes + 1)),
        _by_tail=by_tail,
        _tail_first=np.searchsorted(tail[by_tail], np.arange(nodes + 1)),
    )
