"""The small city of the figure in docs/method.md, contracted, and the question it is asked.

Its order is found by trying every small separator, so it is the same wherever the figure is drawn;
METIS hands parts this small to another method.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from unarmed_router.kernels.customization import lower_all_triangles, respect
from unarmed_router.kernels.labels import common_depth, fill_labels
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.topology import Topology

__all__ = ["COLUMNS", "Question", "Spot", "question"]

Int32s = npt.NDArray[np.int32]
Spot = tuple[float, float]

# Crossings o, streets - and |, main roads = and H. A river runs between the fourth column and the
# fifth; two bridges cross it.
CITY = """
o-o-o-o o-o-o
| | | | |   |
o-o=o=o=o=o-o
| | H | | H |
o-o-o-o o-o-o
|   H | |   |
o-o=o=o=o=o-o
| | | | | | |
o-o-o-o o-o-o
""".strip("\n").split("\n")
COLUMNS = (0, 56, 112, 168, 254, 310, 366)  # where each column is drawn, pixels
ROW = 92
SECONDS = {"-": 0.43, "|": 0.37, "=": 0.21, "H": 0.19}  # for a pixel of each sort of road
TEAM, CALL = (0, 0), (8, 4)  # line and place in the drawing above
LEAF = 2
"""Parts this small are not split."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Question:
    """A small city, contracted, and how long it takes from a team to a call.

    Parameters
    ----------
    network : RoadNetwork
        The city.
    spots : list of (float, float)
        Where each crossing is drawn, pixels.
    level : list of int
        Which cut each crossing belongs to, 0 the first; -1 in a part that was not cut.
    topology : Topology
        Its hierarchy.
    path : list of int
        Crossings of a shortest path; the team is at the first, the call at the last.
    to, back : int32 array
        Labels: from the team to each of its ancestors, from each of the call's to it, milliseconds.
    shared : int
        How many ancestors the two share.
    """

    network: RoadNetwork
    spots: list[Spot]
    level: list[int]
    topology: Topology
    path: list[int]
    to: Int32s
    back: Int32s
    shared: int

    @property
    def sums(self) -> list[int]:
        """Sum of the two labels at each common ancestor, milliseconds."""
        sums: list[int] = (self.to[: self.shared] + self.back[: self.shared]).tolist()
        return sums

    def ancestors(self, node: int) -> list[int]:
        """List the crossings from the root of the tree to one of them, itself included."""
        node_of = np.argsort(self.topology.rank)
        found, v = [], int(self.topology.rank[node])
        while v >= 0:
            found.append(int(node_of[v]))
            v = int(self.topology.parent[v])
        return found[::-1]


@cache
def question() -> Question:
    """Build the city, contract it, and ask."""
    signs = {(r, c): sign for r, line in enumerate(CITY) for c, sign in enumerate(line)}
    nodes = {place: i for i, place in enumerate(p for p, sign in signs.items() if sign == "o")}
    spots = [_bent(COLUMNS[c // 2], r // 2 * ROW) for r, c in nodes]
    roads = [
        (nodes[r, c - 1], nodes[r, c + 1], sign)
        if sign in "-="
        else (nodes[r - 1, c], nodes[r + 1, c], sign)
        for (r, c), sign in signs.items()
        if sign in "-=|H"
    ]
    network = _network(spots, roads)
    beside: dict[int, set[int]] = {node: set() for node in nodes.values()}
    for one, other, _ in roads:
        beside[one].add(other)
        beside[other].add(one)
    level = [-1] * len(nodes)
    rank = np.empty(len(nodes), np.int32)
    rank[list(_dissected(list(beside), beside, 0, level))] = np.arange(len(nodes))[::-1]
    topology = Topology.build(rank=rank, tail=network.tail, head=network.head)
    team, call = nodes[TEAM], nodes[CALL]
    label_of = [slice(*topology.label_first[rank[v] :][:2].tolist()) for v in (team, call)]
    to, back = _labels(topology, network.free_flow_ms)
    tree = topology.parent, topology.depth, topology.top
    return Question(
        network=network,
        spots=spots,
        level=level,
        topology=topology,
        path=_path(network, topology, team, call),
        to=to[label_of[0]],
        back=back[label_of[1]],
        shared=1 + int(common_depth(rank[team], rank[call], *tree)),
    )


def _bent(x: float, y: float) -> Spot:
    """Bend the streets a little."""
    return round(x + 5 * math.sin(y / 80), 1), round(y + 5 * math.sin(x / 95 + 1), 1)


def _network(spots: Sequence[Spot], roads: Iterable[tuple[int, int, str]]) -> RoadNetwork:
    """Make every road two-way, and its time whole seconds."""
    arcs = [(*ends, sign) for one, other, sign in roads for ends in ((one, other), (other, one))]
    pixels = [math.dist(spots[one], spots[other]) for one, other, _ in arcs]
    return RoadNetwork.from_arcs(
        node_lon=[x / 50_000 - 118 for x, _ in spots],
        node_lat=[34 - y / 60_000 for _, y in spots],
        tail=[arc[0] for arc in arcs],
        head=[arc[1] for arc in arcs],
        free_flow_ms=[
            1000 * round(length * SECONDS[arc[2]]) for length, arc in zip(pixels, arcs, strict=True)
        ],
        length_m=[2 * length for length in pixels],
        road_class=["main" if arc[2] in "=H" else "street" for arc in arcs],
    )


def _dissected(
    part: list[int], beside: dict[int, set[int]], depth: int, level: list[int]
) -> Iterator[int]:
    """Order a part by the smallest cut that leaves no side with over 60 % of it; last first."""
    if len(part) <= LEAF:
        yield from part[::-1]
        return
    best = len(part), part
    for cut in (cut for size in range(1, len(part)) for cut in combinations(part, size)):
        if len(cut) > len(best[1]):
            break
        largest = max(map(len, _sides(set(part) - set(cut), beside)), default=0)
        if 5 * largest <= 3 * len(part) and largest < best[0]:
            best = largest, list(cut[::-1])
    for node in best[1]:
        level[node] = depth
    yield from best[1]
    for side in _sides(set(part) - set(best[1]), beside):
        yield from _dissected(side, beside, depth + 1, level)


def _sides(left: set[int], beside: dict[int, set[int]]) -> list[list[int]]:
    """List the connected pieces of a set of crossings."""
    pieces = []
    while left:
        piece = reached = {min(left)}
        while reached:
            left = left - reached
            reached = {w for v in reached for w in beside[v]} & left
            piece = piece | reached
        pieces.append(sorted(piece))
    return pieces


def _labels(topology: Topology, arc_ms: Int32s) -> tuple[Int32s, Int32s]:
    """Customize the hierarchy and compute its labels, as `HierarchyTravelTimes` does."""
    up_ms, down_ms = np.empty_like(topology.up), np.empty_like(topology.up)
    up = topology.up_first, topology.up
    down = topology.down_first, topology.down_edge
    respect(arc_ms, topology.edge_of, topology.upward, up_ms, down_ms)
    lower_all_triangles(*up, *down, topology.lower, up_ms, down_ms)
    to = np.empty(int(topology.label_first[-1]), np.int32)
    back = np.empty_like(to)
    fill_labels(*up, up_ms, down_ms, topology.depth, topology.label_first, to, back)
    return to, back


def _path(network: RoadNetwork, topology: Topology, team: int, call: int) -> list[int]:
    """Follow the arcs that lose no time."""
    arc_ms, tail, head = network.free_flow_ms, network.tail, network.head
    engine = HierarchyTravelTimes(topology=topology, twin=network.twin, arc_ms=arc_ms)
    left = engine.between_nodes(range(network.nodes), call)
    path = [team]
    while path[-1] != call:
        here = np.flatnonzero((tail == path[-1]) & (left[tail] == arc_ms + left[head]))
        path.append(int(head[here[0]]))
    return path
