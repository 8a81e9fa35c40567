"""The shape of a contraction hierarchy: everything about it that no speed changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.kernels.elimination import fill_in, heavy_paths, shape_of_tree
from unarmed_router.kernels.path_codes import branch_codes
from unarmed_router.travel_time.ordering import neighbours

__all__ = ["Topology"]

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Topology:
    """The elimination tree of an ordered network of n nodes and m arcs, nodes numbered by rank.

    Parameters
    ----------
    rank : int32 array, shape (n,)
        Rank of each node of the network.
    tail, head : int32 array, shape (m,)
        Ranks of the ends of each arc.
    exit_node : int32 array, shape (m,)
        Rank of the node at which whoever starts on an arc comes out: `head` itself on most
        networks.
    up_first : int64 array, shape (n + 1,)
    up : int32 array, shape (e,)
        Higher neighbours of v: ``up[up_first[v]:up_first[v + 1]]``, ascending. A place in `up` is
        an edge of the hierarchy.
    lower : int32 array, shape (e,)
        Lower end of each edge.
    down_first : int64 array, shape (n + 1,)
    down_edge : int32 array, shape (e,)
        Edges down from v: ``down_edge[down_first[v]:down_first[v + 1]]``, by lower end.
    parent, depth, top : int32 array, shape (n,)
        The tree: parent (-1 at a root), depth (0 at a root), top of the heavy path.
    branches : uint64 array, shape (n, 2)
    branch_head : int32 array, shape (n,)
        Codes of the branches each node lies under; see `kernels.path_codes`.
    edge_of : int32 array, shape (m,)
        Edge each arc belongs to; -1 for a loop.
    upward : bool array, shape (m,)
        Whether the arc leads from the lower end to the higher.
    label_first : int64 array, shape (n + 1,)
        Where the label of each node would begin, one place an ancestor and itself.
    """

    rank: Int32s
    tail: Int32s
    head: Int32s
    exit_node: Int32s
    up_first: Int64s
    up: Int32s
    lower: Int32s
    down_first: Int64s
    down_edge: Int32s
    parent: Int32s
    depth: Int32s
    top: Int32s
    branches: npt.NDArray[np.uint64]
    branch_head: Int32s
    edge_of: Int32s
    upward: npt.NDArray[np.bool_]
    label_first: Int64s

    @classmethod
    def build(
        cls,
        *,
        rank: Int32s,
        tail: Int32s,
        head: Int32s,
        twin: Int32s | None = None,
        exit_node: Int32s | None = None,
    ) -> Topology:
        """Contract an ordered network, without weights.

        Parameters
        ----------
        rank : int32 array, shape (n,)
            A permutation of 0 to n - 1.
        tail, head : int32 array, shape (m,)
            Ends of the arcs, as the network numbers its nodes.
        twin : int32 array, shape (m,), optional
            The arc of the same road in the other direction; -1 on a one-way road. Needed where the
            two directions of a road end at other nodes of one junction, as where turns are
            restricted: a query takes both ends of a road to lie on one branch of the tree.
        exit_node : int32 array, shape (m,), optional
            Node at which whoever starts on an arc comes out, -1 where nobody does; the head by
            default.

        Raises
        ------
        NetworkError
            `rank` is no permutation.
        """
        nodes = len(rank)
        if not np.array_equal(np.sort(rank), np.arange(nodes)):
            raise NetworkError(f"the order of {nodes} nodes is no permutation of 0 to {nodes - 1}")
        tail, head = rank[tail], rank[head]
        exits = head if exit_node is None else np.where(exit_node < 0, head, rank[exit_node])
        one, other, _ = _parted_ends(tail, head, exits, twin)
        first, beside = neighbours(
            nodes, np.concatenate((tail, one)), np.concatenate((head, other))
        )
        low = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(first))
        above = beside > low
        above_first = np.zeros(nodes + 1, np.int32)
        np.cumsum(np.bincount(low[above], minlength=nodes), out=above_first[1:])
        up_first, up = fill_in(above_first, beside[above])
        parent, depth = shape_of_tree(up_first, up)
        branches, branch_head = branch_codes(parent, depth)
        lower = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(up_first))
        down_first = np.zeros(nodes + 1, np.int64)
        np.cumsum(np.bincount(up, minlength=nodes), out=down_first[1:])
        label_first = np.zeros(nodes + 1, np.int64)
        np.cumsum(depth.astype(np.int64) + 1, out=label_first[1:])
        return cls(
            rank=rank,
            tail=tail,
            head=head,
            exit_node=exits,
            up_first=up_first,
            up=up,
            lower=lower,
            down_first=down_first,
            down_edge=np.argsort(up, kind="stable").astype(np.int32),
            parent=parent,
            depth=depth,
            top=heavy_paths(parent),
            branches=branches,
            branch_head=branch_head,
            edge_of=_edge_of(nodes, lower, up, tail, head),
            upward=tail < head,
            label_first=label_first,
        )

    def check_twins(self, twin: Int32s) -> None:
        """Refuse twins that this topology was not built with.

        Raises
        ------
        NetworkError
            The two ends of some road are not joined, so that a query would mix up their branches.
        """
        if self.__dict__.get("_twins") is twin:  # looked at before: one array a network
            return
        one, other, arcs = _parted_ends(self.tail, self.head, self.exit_node, twin)
        if len(arcs):
            nodes = len(self.rank)
            edges = self.lower.astype(np.int64) * nodes + self.up
            pairs = np.minimum(one, other).astype(np.int64) * nodes + np.maximum(one, other)
            parted = np.flatnonzero(~np.isin(pairs, edges))
            if parted.size:
                raise NetworkError(
                    f"the two directions of the road of arc {arcs[parted[0]]} end at other nodes, "
                    "and the topology does not join them; build it with twin=network.twin"
                )
        self.__dict__["_twins"] = twin

    @cached_property
    def arcs_by_edge(self) -> tuple[Int64s, Int32s]:
        """The arcs of each edge, found when a path is first unpacked.

        Returns
        -------
        arc_first : int64 array, shape (e + 1,)
        arc_of : int32 array
            Arcs of edge i: ``arc_of[arc_first[i]:arc_first[i + 1]]``, in their order.
        """
        arcs = np.flatnonzero(self.edge_of >= 0)
        edge = self.edge_of[arcs]
        arc_first = np.zeros(len(self.up) + 1, np.int64)
        np.cumsum(np.bincount(edge, minlength=len(self.up)), out=arc_first[1:])
        return arc_first, arcs[np.argsort(edge, kind="stable")].astype(np.int32)

    @property
    def label_bytes(self) -> int:
        """Memory that the labels of one metric take, both directions, bytes."""
        return int(self.label_first[-1]) * 8


def _edge_of(nodes: int, lower: Int32s, up: Int32s, tail: Int32s, head: Int32s) -> Int32s:
    """Find the edge each arc belongs to; edges are in order of (lower, higher) end."""
    edges = lower.astype(np.int64) * nodes + up
    arcs = np.minimum(tail, head).astype(np.int64) * nodes + np.maximum(tail, head)
    found = np.searchsorted(edges, arcs).astype(np.int32)
    return np.where(tail == head, np.int32(-1), found)


def _parted_ends(
    tail: Int32s, head: Int32s, exits: Int32s, twin: Int32s | None
) -> tuple[Int32s, Int32s, Int64s]:
    """Return the pairs of nodes that roads are left, or reached, by and no arc of theirs joins.

    None on a network whose twins run between the same two nodes.

    Returns
    -------
    one, other : int32 array
        The pairs.
    arcs : int64 array
        The road of each.
    """
    arcs = np.empty(0, np.int64) if twin is None else np.flatnonzero(twin >= 0)
    back = arcs if twin is None else twin[arcs]
    parted = (exits[back] != tail[arcs]) | (tail[back] != exits[arcs]) | (head[arcs] != exits[arcs])
    arcs, back = arcs[parted], back[parted]
    one = np.concatenate((exits[arcs], tail[arcs]))
    other = np.concatenate((exits[back], tail[back]))
    apart = one != other
    return one[apart], other[apart], np.concatenate((arcs, arcs))[apart]
