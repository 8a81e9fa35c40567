"""Which ways of an extract a line follows, their tags, and what our rules make of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.osm_drives import Place
from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.roads.osm.lines import Lines
from unarmed_router.roads.osm.profile import Access
from unarmed_router.roads.osm.restrictions import Restriction, read_restriction

__all__ = ["AGAINST", "CLOSED", "ENDS_ONLY", "OPEN", "ExtractStreets", "Step", "Street", "apart_m"]

OPEN, ENDS_ONLY, AGAINST, CLOSED = "open", "ends only", "against its one-way", "closed"
NEAR_M = 2.0
"""A line follows a way where it is no farther from it: engines round their vertices."""
CELL, MARGIN = 0.001, 5e-5
"""Degrees: segments are listed by cell, each with a margin that is more than `NEAR_M`."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Street:
    """A stretch of one way.

    Parameters
    ----------
    way : int
        Its id; 0 where no way of the extract is that near.
    name : str
        Of the street.
    tags : mapping of str to str
        Those that rules read, from the extract.
    rule : str
        What our rules say in the direction driven: `OPEN`, `ENDS_ONLY`, `AGAINST` or `CLOSED`.
    metres : float
        How much of it.
    """

    way: int
    name: str
    tags: Mapping[str, str]
    rule: str
    metres: float


class Step(NamedTuple):
    """A piece of a line on one straight segment of a way.

    Parameters
    ----------
    segment : int
        Row of the segment; -1 where none is near.
    ahead : bool
        In the direction of the way.
    begin, end : Place
        From where to where.
    metres : float
        How long.
    """

    segment: int
    ahead: bool
    begin: Place
    end: Place
    metres: float


def apart_m(one: Place, other: Place) -> float:
    """Return the metres between two places near each other."""
    east, north = metres_per_degree(one[1])
    return float(np.hypot((one[0] - other[0]) * east, (one[1] - other[1]) * north))


class ExtractStreets:
    """All ways of an extract, refused ones too.

    Parameters
    ----------
    lines : Lines
        What the import made of it.
    """

    def __init__(self, lines: Lines) -> None:
        data = lines.data
        sizes = np.diff(data.way_first)
        way = np.repeat(np.arange(sizes.size), sizes)
        start = np.flatnonzero(way[:-1] == way[1:])
        tail, head = data.way_nodes[start], data.way_nodes[start + 1]
        found = ~(np.isnan(data.node_lon[tail]) | np.isnan(data.node_lon[head]))
        self._lines, self._data = lines, data
        self.way, self.tail, self.head = way[start][found], tail[found], head[found]
        self._places = np.stack((data.node_lon, data.node_lat), axis=1)
        self._grid = _grid(self._places[self.tail], self._places[self.head])
        read = [read_restriction(relation) for relation in data.relations]
        self._restrictions = [each for each in read if isinstance(each, Restriction)]
        self._enclosed = set(data.way_id[lines.way[lines.enclosed]].tolist())

    def steps(self, line: Sequence[Place]) -> list[Step]:
        """Put each piece of a line on the segment it follows."""
        found = []
        for begin, end in pairwise(line):
            metres = apart_m(begin, end)
            if metres > 0.0:
                segment = self._followed(begin, end)
                found.append(Step(segment, self._ahead(segment, begin, end), begin, end, metres))
        return found

    def streets(self, steps: Sequence[Step]) -> tuple[Street, ...]:
        """Sum up steps by way and rule, in the order driven."""
        metres: dict[tuple[int, str], float] = {}
        example: dict[tuple[int, str], Street] = {}
        for step in steps:
            street = self.street(step.segment, step.ahead)
            key = (street.way, street.rule)
            example.setdefault(key, street)
            metres[key] = metres.get(key, 0.0) + step.metres
        return tuple(
            Street(each.way, each.name, each.tags, each.rule, round(metres[key], 1))
            for key, each in example.items()
        )

    def street(self, segment: int, ahead: bool = True) -> Street:
        """Describe the way of a segment, driven ahead or back."""
        if segment < 0:
            return Street(0, "", {}, CLOSED, 0.0)
        row = int(self.way[segment])
        kind = int(self._data.way_tags[row])
        use, way = self._lines.uses[kind], int(self._data.way_id[row])
        if use is None or use.refused is not None:
            rule = CLOSED
        else:
            right = use.forward if ahead else use.backward
            other = use.backward if ahead else use.forward
            if right == Access.CLOSED:
                rule = AGAINST if other != Access.CLOSED else CLOSED
            elif Access.ENDS_ONLY in (right, other) or way in self._enclosed:
                rule = ENDS_ONLY
            else:
                rule = OPEN
        return Street(
            way, self._data.names[self._data.way_name[row]], self._data.tag_sets[kind], rule, 0.0
        )

    def at(self, place: Place) -> Street:
        """Describe the way nearest to a place that is on a road."""
        return self.street(self._followed(place, place))

    def stops(self, steps: Sequence[Step]) -> Iterator[str]:
        """Name the nodes between steps whose barrier is closed to us."""
        for node in (self._between(*pair) for pair in pairwise(steps)):
            use = self._lines.node_uses.get(node)
            if use is not None and use.access != Access.OPEN:
                ref = int(self._data.node_id[node])
                tags = self._data.node_tags[ref]
                yield f"node {ref} ({', '.join(f'{k}={v}' for k, v in sorted(tags.items()))})"

    def forbidden(self, steps: Sequence[Step]) -> Iterator[int]:
        """Name the turn restrictions over one node that a line breaks."""
        for before, after in pairwise(steps):
            node = self._between(before, after)
            if node < 0 or before.segment == after.segment:
                continue
            via = int(self._data.node_id[node])
            came, goes = (
                int(self._data.way_id[self.way[step.segment]]) for step in (before, after)
            )
            for each in self._restrictions:
                concerned = came in each.from_ways and via in each.via_nodes
                if concerned and (goes in each.to_ways) != each.only:
                    yield each.relation

    def _between(self, before: Step, after: Step) -> int:
        """Return the node passed from one step to the next, -1 in the middle of a segment."""
        if before.segment < 0 or after.segment < 0:
            return -1
        left = self.head[before.segment] if before.ahead else self.tail[before.segment]
        entered = self.tail[after.segment] if after.ahead else self.head[after.segment]
        return int(left) if left == entered else -1

    def _ahead(self, segment: int, begin: Place, end: Place) -> bool:
        if segment < 0:
            return True
        way = self._places[self.head[segment]] - self._places[self.tail[segment]]
        driven = np.array(end) - np.array(begin)
        return bool((way * driven * np.array(metres_per_degree(begin[1])) ** 2).sum() >= 0.0)

    def _followed(self, begin: Place, end: Place) -> int:
        """Return the segment nearest to both ends of a piece; of equals one that may be driven."""
        rows = np.array(sorted(self._grid.get(_cell(begin), ())), np.int64)
        if not rows.size:
            return -1
        scale = np.array(metres_per_degree(begin[1]))
        one, two = self._places[self.tail[rows]] * scale, self._places[self.head[rows]] * scale
        far = np.maximum(*(_off(np.array(place) * scale, one, two) for place in (begin, end)))
        near = np.flatnonzero(far <= NEAR_M)
        if not near.size:
            return -1
        refused = np.array([self.street(int(rows[at])).rule == CLOSED for at in near])
        return int(rows[near[np.lexsort((np.round(far[near], 1), refused))[0]]])


def _cell(place: Place) -> tuple[int, int]:
    return int(place[0] // CELL), int(place[1] // CELL)


def _grid(one: Floats, two: Floats) -> dict[tuple[int, int], list[int]]:
    """List the segments whose box, a little widened, meets each cell."""
    low, high = np.minimum(one, two) - MARGIN, np.maximum(one, two) + MARGIN
    first, last = (np.floor(corner / CELL).astype(int) for corner in (low, high))
    listed: dict[tuple[int, int], list[int]] = {}
    for segment, (west, south, east, north) in enumerate(np.hstack((first, last)).tolist()):
        for column in range(west, east + 1):
            for row in range(south, north + 1):
                listed.setdefault((column, row), []).append(segment)
    return listed


def _off(place: Floats, one: Floats, two: Floats) -> Floats:
    """Return the metres from a place to each straight segment."""
    along = two - one
    square = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((place - one) * along).sum(axis=1) / square, 0.0, 1.0)
    off: Floats = np.hypot(*(place - one - along * share[:, None]).T)
    return off
