"""The straight lines of all roads: which nodes they join, how long they are, how long they take.

One row a line, in the order of ways and of the nodes within a way. A barrier that stops a car cuts
the lines that meet there: each gets an end of its own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from unarmed_router.kernels.segment_cells import segment_lengths
from unarmed_router.roads.osm.barriers import NodeUse, node_use
from unarmed_router.roads.osm.elements import OsmData
from unarmed_router.roads.osm.profile import Access, DrivingProfile
from unarmed_router.roads.osm.way_use import WayUse, way_use

__all__ = ["Lines", "LinesReport", "cut_at", "lines_of", "node_rows"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class LinesReport:
    """What became of the ways.

    Parameters
    ----------
    refused : mapping of str to int
        Ways that are no road for the team, by reason.
    doubts : mapping of str to (int, tuple of int)
        Tagged limits that were not believed: ways, and the first ids.
    missing_nodes : int
        Places where a way names a node that the extract does not hold: the way is cut there.
    missing_in : tuple of int
        The first ways of them.
    short_ways : tuple of int
        The first ways with fewer than two usable nodes.
    same_place : int
        Lines of no length between two nodes at one place.
    """

    refused: dict[str, int]
    doubts: dict[str, tuple[int, tuple[int, ...]]]
    missing_nodes: int
    missing_in: tuple[int, ...]
    short_ways: tuple[int, ...]
    same_place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines as columns, and the nodes they join.

    Parameters
    ----------
    data : OsmData
        Where they come from.
    uses : tuple of WayUse or None
        By row of ``data.tag_sets``.
    node_uses : mapping of int to NodeUse
        By row of ``data.node_id``.
    tail, head : int64 array, shape (s,)
        Node rows; those from ``len(data.node_id)`` on are ends cut off at a barrier.
    way : int64 array, shape (s,)
        Row of the way.
    length_m, forward_ms, backward_ms : float64 array, shape (s,)
        Metres; milliseconds in each direction, delays at the node arrived at included.
    original : int64 array, shape (nodes,)
        The row in ``data.node_id`` of each node.
    enclosed : bool array, shape (s,)
        Lines that lie behind private gates only.
    report : LinesReport
        What became of the ways.
    """

    data: OsmData
    uses: tuple[WayUse | None, ...]
    node_uses: dict[int, NodeUse]
    tail: Ints
    head: Ints
    way: Ints
    length_m: Floats
    forward_ms: Floats
    backward_ms: Floats
    original: Ints
    enclosed: npt.NDArray[np.bool_]
    report: LinesReport = field(repr=False)

    @property
    def nodes(self) -> int:
        """Number of nodes, cut ends included."""
        return int(self.original.size)

    def access(self) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
        """Return `Access` of every line, forward and backward."""
        closed = (Access.CLOSED, Access.CLOSED)
        rights = np.array(
            [closed if use is None else (use.forward, use.backward) for use in self.uses], np.int8
        ).reshape(-1, 2)[self.data.way_tags[self.way]]
        private = np.int8(Access.ENDS_ONLY)
        rights[self.enclosed] = np.maximum(rights[self.enclosed], private)
        return rights[:, 0], rights[:, 1]

    def classes(self) -> tuple[Ints, tuple[str, ...]]:
        """Return the class of each of `uses` as a row of the classes, -1 where it is no road."""
        texts = sorted({use.road_class for use in self.uses if use is not None})
        number = {text: row for row, text in enumerate(texts)}
        rows = [-1 if use is None else number[use.road_class] for use in self.uses]
        return np.array(rows, np.int64), tuple(texts)


def lines_of(
    data: OsmData, profile: DrivingProfile, *, inside: npt.NDArray[np.bool_] | None = None
) -> Lines:
    """Make the lines of all ways that are roads to the team.

    Parameters
    ----------
    data : OsmData
        An extract.
    profile : DrivingProfile
        Its rules.
    inside : bool array, shape (n,), optional
        Nodes within the area wanted; lines with neither end inside are left out.
    """
    uses = tuple(way_use(tags, profile) for tags in data.tag_sets)
    is_road = np.array([use is not None and use.refused is None for use in uses], bool)
    road = is_road[data.way_tags] if uses else np.zeros(0, bool)
    sizes = np.diff(data.way_first)
    way = np.repeat(np.arange(sizes.size), sizes)
    found = ~np.isnan(data.node_lon)
    used = road[way] & found[data.way_nodes]
    joined = np.zeros(way.size, bool)  # the vertex starts a line to the next one
    joined[:-1] = (
        used[:-1] & used[1:] & (way[:-1] == way[1:]) & (data.way_nodes[:-1] != data.way_nodes[1:])
    )
    if inside is not None and way.size:
        near = inside[data.way_nodes]
        joined[:-1] &= near[:-1] | near[1:]
    start = np.flatnonzero(joined)
    tail, head, of_way = data.way_nodes[start], data.way_nodes[start + 1], way[start]
    ends = np.stack(
        (data.node_lon[tail], data.node_lat[tail], data.node_lon[head], data.node_lat[head]), axis=1
    )
    length = segment_lengths(ends) if start.size else np.empty(0)
    node_uses = _node_uses(data, profile)
    lines = Lines(
        data=data,
        uses=uses,
        node_uses=node_uses,
        tail=tail,
        head=head,
        way=of_way,
        length_m=length,
        forward_ms=np.zeros(start.size),
        backward_ms=np.zeros(start.size),
        original=np.arange(data.node_id.size),
        enclosed=np.zeros(start.size, bool),
        report=_report(data, uses, road, road[way] & ~found[data.way_nodes], way, of_way, length),
    )
    return _timed(lines)


def node_rows(data: OsmData, ids: Ints) -> Ints:
    """Return the rows of node ids, -1 where the extract has none."""
    if not data.node_id.size:
        return np.full(ids.size, -1)
    at = np.minimum(np.searchsorted(data.node_id, ids), data.node_id.size - 1)
    return np.where(data.node_id[at] == ids, at, -1)


def cut_at(lines: Lines, nodes: Ints) -> Lines:
    """Give each line that ends at one of the nodes an end of its own there."""
    stops = np.zeros(lines.nodes, bool)
    stops[nodes] = True
    tails, heads = np.flatnonzero(stops[lines.tail]), np.flatnonzero(stops[lines.head])
    tail, head = lines.tail.copy(), lines.head.copy()
    count = lines.nodes
    original = np.concatenate(
        (lines.original, lines.original[tail[tails]], lines.original[head[heads]])
    )
    tail[tails] = count + np.arange(tails.size)
    head[heads] = count + tails.size + np.arange(heads.size)
    return replace(lines, tail=tail, head=head, original=original)


def _node_uses(data: OsmData, profile: DrivingProfile) -> dict[int, NodeUse]:
    ids = np.array(sorted(data.node_tags), np.int64)
    uses = {}
    for ref, row in zip(ids.tolist(), node_rows(data, ids).tolist(), strict=True):
        use = node_use(data.node_tags[ref], profile) if row >= 0 else None
        if use is not None:
            uses[row] = use
    return uses


def _timed(lines: Lines) -> Lines:
    """Add the times: length over speed, a ferry's own duration, and delays at nodes."""
    data = lines.data
    kph = np.array(
        [(1.0, 1.0) if use is None else (use.kph_forward, use.kph_backward) for use in lines.uses]
    ).reshape(-1, 2)
    kph = np.maximum(kph, 1.0)[data.way_tags[lines.way]]
    forward = lines.length_m / kph[:, 0] * 3600.0
    backward = lines.length_m / kph[:, 1] * 3600.0
    _add_ferries(lines, forward, backward)
    ahead, back = np.zeros(data.node_id.size), np.zeros(data.node_id.size)
    for row, use in lines.node_uses.items():
        ahead[row] = 0.0 if use.side == "backward" else use.delay_s * 1000.0
        back[row] = 0.0 if use.side == "forward" else use.delay_s * 1000.0
    return replace(
        lines,
        forward_ms=forward + ahead[lines.head],
        backward_ms=backward + back[lines.tail],
    )


def _add_ferries(lines: Lines, forward: Floats, backward: Floats) -> None:
    """Spread a ferry's duration over its lines, and put the wait before the first of them."""
    rows = [
        row for row, use in enumerate(lines.uses) if use and (use.boarding_s > 0.0 or use.fixed_s)
    ]
    for row in np.flatnonzero(np.isin(lines.data.way_tags, rows)) if rows else ():
        use = lines.uses[int(lines.data.way_tags[row])]
        own = np.arange(*np.searchsorted(lines.way, (row, row + 1)))  # lines lie way by way
        if use is None or not own.size:
            continue
        if use.fixed_s > 0.0:
            share = lines.length_m[own] / max(float(lines.length_m[own].sum()), 1e-9)
            forward[own] = backward[own] = share * use.fixed_s * 1000.0
        forward[own[0]] += use.boarding_s * 1000.0
        backward[own[-1]] += use.boarding_s * 1000.0


def _report(
    data: OsmData,
    uses: tuple[WayUse | None, ...],
    road: npt.NDArray[np.bool_],
    missing: npt.NDArray[np.bool_],
    way: Ints,
    of_way: Ints,
    length: Floats,
) -> LinesReport:
    refused: Counter[str] = Counter()
    doubts: dict[str, tuple[int, tuple[int, ...]]] = {}
    counts = np.bincount(data.way_tags, minlength=len(uses))
    for row, use in enumerate(uses):
        if use is not None and use.refused is not None:
            refused[use.refused] += int(counts[row])
        if use is not None and use.doubt is not None:
            ways = data.way_id[data.way_tags == row]
            seen, ids = doubts.get(use.doubt, (0, ()))
            doubts[use.doubt] = (seen + ways.size, (*ids, *ways[:_SHOWN].tolist())[:_SHOWN])
    lone = road.copy()
    lone[of_way] = False
    return LinesReport(
        refused=dict(sorted(refused.items())),
        doubts=dict(sorted(doubts.items())),
        missing_nodes=int(missing.sum()),
        missing_in=tuple(np.unique(data.way_id[way[missing]])[:_SHOWN].tolist()),
        short_ways=tuple(data.way_id[lone][:_SHOWN].tolist()),
        same_place=int((length == 0.0).sum()),
    )
