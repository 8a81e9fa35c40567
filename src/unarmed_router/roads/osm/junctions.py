"""Splitting junctions so that the plain network drives exactly the turns that are allowed.

Legs that arrive with equal rights share a node, legs that may be entered by the same share another,
and a turn arc leads from the one to the other for each kind of turn that is allowed. A turn arc
takes one millisecond, which the arc behind it is shorter by, and the cost of the turn. Legs that
are entered from one node only, and for nothing, begin at that node itself. Every road keeps one arc
a direction, so that points snap to roads as before. A team that stands on an arc may come out at
another node than those who drive along it: it has begun no forbidden sequence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.osm.legs import Legs
from unarmed_router.roads.osm.turns import TurnTable

__all__ = ["SplitGraph", "split_junctions"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitGraph:
    """The network to build.

    Parameters
    ----------
    node : int64 array, shape (n,)
        The junction each node belongs to.
    tail, head, ms : int64 array, shape (m,)
        Arcs: first the legs that are driven, in their order, then the turns.
    exit_node : int64 array, shape (m,)
        Node at which a team that stands on an arc comes out: the head where no memory is needed;
        -1 on through legs, where nobody stands.
    junctions_split : int
        How many junctions have more than one node.
    """

    node: Ints
    tail: Ints
    head: Ints
    ms: Ints
    exit_node: Ints
    junctions_split: int


def split_junctions(legs: Legs, tables: dict[int, TurnTable]) -> SplitGraph:
    """Split the junctions that have a table in which turns differ."""
    arcs = legs.arcs
    arc = np.concatenate((np.arange(arcs.count), [part[0] for part in legs.through])).astype(
        np.int64
    )
    tail, head, ms = arcs.tail[arc], arcs.head[arc], arcs.ms[arc].copy()
    used, compact = np.unique(np.concatenate((tail, head)), return_inverse=True)
    tail, head = compact[: arc.size].copy(), compact[arc.size :].copy()
    node: list[int] = []
    turns: list[tuple[int, int, int]] = []
    split = 0
    for junction, table in tables.items():
        if not table.cost_ms.any():
            continue
        split += 1
        row, row_of = _alike(table.cost_ms)
        column, column_of = _alike(table.cost_ms.T)
        cost = table.cost_ms[np.ix_(row, column)]
        alone = ((cost >= 0).sum(axis=0) == 1) & (cost.max(axis=0) == 0)
        first = used.size + len(node)
        begins = np.where(alone, cost.argmax(axis=0), len(row) + np.cumsum(~alone) - 1) + first
        node += [junction] * (len(row) + int((~alone).sum()))
        head[list(table.into)] = first + row_of
        tail[list(table.out_of)] = begins[column_of]
        ms[list(table.out_of)] -= ~alone[column_of]
        turns += [
            (first + i, int(begins[j]), int(cost[i, j]) + 1)
            for i, j in np.argwhere((cost >= 0) & ~alone).tolist()
        ]
    turning = np.array(turns, np.int64).reshape(-1, 3)
    exits, driven = head.copy(), slice(legs.driven)
    exits[list(legs.starts)] = head[list(legs.starts.values())]
    exits[arcs.count :] = -1
    return SplitGraph(
        node=np.concatenate((used, np.array(node, np.int64))),
        tail=np.concatenate((tail[driven], turning[:, 0])),
        head=np.concatenate((head[driven], turning[:, 1])),
        ms=np.concatenate((ms[driven], turning[:, 2])),
        exit_node=np.concatenate((exits[driven], turning[:, 1])),
        junctions_split=split,
    )


def _alike(lines: Ints) -> tuple[list[int], Ints]:
    """Return the first of each kind of line, and the kind of each."""
    kinds: dict[bytes, int] = {}
    kind = [kinds.setdefault(line.tobytes(), len(kinds)) for line in lines]
    return [kind.index(number) for number in range(len(kinds))], np.array(kind)
