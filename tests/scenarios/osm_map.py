"""A small OpenStreetMap drawn in ASCII: letters are nodes 100 m apart, ways named by letters.

::

    town = draw_map(
        '''
        a---b---c
            |
            d
        ''',
        ways={"abc": {"name": "High"}, "bd": {"oneway": "yes"}},
        nodes={"b": {"highway": "traffic_signals"}},
        turns=["no_left_turn ab b bd"],
    )
    town.drive("ab", "bd")   # "abd": from the middle of a-b to the middle of b-d

A way is residential where its tags do not say otherwise. Way 1 is the first, node 1 is ``a``.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from unarmed_router.agency.driving_profile import load_driving_profile
from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.osm.elements import Member, Node, OsmData, Relation, Way
from unarmed_router.roads.osm.importing import OsmImport, import_osm
from unarmed_router.roads.osm.profile import DrivingProfile
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.travel_time.dijkstra import DijkstraTravelTimes
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.ordering import nested_dissection
from unarmed_router.travel_time.topology import Topology

LON, LAT = -118.0, 34.0
METRES = 100.0
EAST, NORTH = METRES / 92_384.0, METRES / 110_923.0  # degrees a character at 34 degrees north

PROFILE = load_driving_profile()

Tags = Mapping[str, str]


@dataclass(frozen=True)
class OsmMap:
    """A drawn map, imported.

    Parameters
    ----------
    places : mapping of str to (float, float)
        Longitude and latitude of every letter.
    data : OsmData
        The elements.
    profile : DrivingProfile
        Rules it is read by.
    """

    places: Mapping[str, tuple[float, float]]
    data: OsmData
    profile: DrivingProfile

    @cached_property
    def imported(self) -> OsmImport:
        """The import of the map."""
        return import_osm(self.data, self.profile)

    @property
    def network(self) -> RoadNetwork:
        """The network of the map."""
        return self.imported.network

    @cached_property
    def _snapper(self) -> EdgeSnapper:
        return EdgeSnapper(self.network, limit_m=20.0)

    @cached_property
    def engines(self) -> tuple[DijkstraTravelTimes | HierarchyTravelTimes, ...]:
        """Every engine: plain Dijkstra, the hierarchy with labels, and the one without."""
        roads = self.network
        tail, head = roads.tail, roads.head
        rank = nested_dissection(
            nodes=roads.nodes, tail=tail, head=head, lon=roads.node_lon, lat=roads.node_lat
        )
        exits = roads.exit_node
        shape = Topology.build(rank=rank, tail=tail, head=head, twin=roads.twin, exit_node=exits)
        times = roads.free_flow_ms
        return (
            DijkstraTravelTimes(
                nodes=roads.nodes,
                tail=tail,
                head=head,
                twin=roads.twin,
                arc_ms=times,
                exit_node=exits,
            ),
            HierarchyTravelTimes(topology=shape, twin=roads.twin, arc_ms=times),
            HierarchyTravelTimes(topology=shape, twin=roads.twin, arc_ms=times, label_budget=0),
        )

    def position(self, road: str) -> RoadPosition | None:
        """Return the middle of the road between two letters, None where there is no such road."""
        (west, south), (east, north) = self.places[road[0]], self.places[road[-1]]
        return self._snapper.snap(lon=(west + east) / 2, lat=(south + north) / 2)

    def seconds(self, begin: str, end: str) -> float | None:
        """Return the time between the middles of two roads, None where no path leads there."""
        start, goal = self.position(begin), self.position(end)
        if start is None or goal is None:
            return None
        found = {engine.from_positions([start], goal)[0] for engine in self.engines}
        assert len(found) == 1, f"the engines disagree about {begin} to {end}: {found}"
        (ms,) = found
        return None if ms is None else ms / 1000.0

    def drive(self, begin: str, end: str) -> str:
        """Return the letters passed between the middles of two roads, empty where no path leads."""
        start, goal = self.position(begin), self.position(end)
        if start is None or goal is None:
            return ""
        roads = self.network
        if start.arc == goal.arc:
            return self._along(start, goal)
        queue: list[tuple[int, int, str]] = []
        for arc in own_arcs(start, roads):
            part = 1.0 - start.fraction if arc == start.arc else start.fraction
            passed = self._letters(arc, lambda share, p=part: share >= 1.0 - p)
            exits = roads.head if roads.exit_node is None else roads.exit_node
            queue.append((round(part * int(roads.free_flow_ms[arc])), int(exits[arc]), passed))
        heapq.heapify(queue)
        best: list[tuple[int, str]] = []
        seen: set[int] = set()
        while queue:
            ms, node, passed = heapq.heappop(queue)
            if node in seen:
                continue
            seen.add(node)
            for arc in range(int(roads.first_out[node]), int(roads.first_out[node + 1])):
                if arc in own_arcs(goal, roads):
                    part = goal.fraction if arc == goal.arc else 1.0 - goal.fraction
                    last = self._letters(arc, lambda share, p=part: share <= p)
                    best.append((ms + round(part * int(roads.free_flow_ms[arc])), passed + last))
                onward = ms + int(roads.free_flow_ms[arc])
                heapq.heappush(
                    queue, (onward, int(roads.head[arc]), passed + self._letters(arc, _always))
                )
        self.seconds(begin, end)  # all engines agree on the time
        return _once_each(min(best)[1]) if best else ""

    def _along(self, start: RoadPosition, goal: RoadPosition) -> str:
        """Return the letters between two places of one road, driven straight along it."""
        low, high = sorted((start.fraction, goal.fraction))
        passed = self._letters(start.arc, lambda share: low <= share <= high)
        ahead = start.fraction <= goal.fraction
        assert ahead or start.twin >= 0, "against a one-way road: ask with other letters"
        return passed if ahead else passed[::-1]

    def roads(self, *, passing: bool = False) -> set[str]:
        """Return every stretch of road in the network: two letters, in the direction driven.

        Those on which nobody stands, but somebody passes, count where they are asked for.
        """
        roads = self.network
        found: set[str] = set()
        for arc in range(roads.arcs):
            if passing or roads.places[arc]:
                letters = self._letters(arc, _always)
                found |= {letters[i : i + 2] for i in range(len(letters) - 1)}
        return found

    def _letters(self, arc: int, wanted: object) -> str:
        roads = self.network
        first, last = int(roads.shape_first[arc]), int(roads.shape_first[arc + 1])
        tail, head = int(roads.tail[arc]), int(roads.head[arc])
        lons = [roads.node_lon[tail], *roads.shape_lon[first:last], roads.node_lon[head]]
        lats = [roads.node_lat[tail], *roads.shape_lat[first:last], roads.node_lat[head]]
        steps = np.hypot(np.diff(lons) / EAST, np.diff(lats) / NORTH)
        walked = np.concatenate(([0.0], np.cumsum(steps)))
        shares = walked / max(float(walked[-1]), 1e-9)
        return "".join(
            self._letter(float(lon), float(lat))
            for lon, lat, share in zip(lons, lats, shares, strict=True)
            if wanted(float(share))  # type: ignore[operator]
        )

    def _letter(self, lon: float, lat: float) -> str:
        for letter, place in self.places.items():
            if abs(place[0] - lon) < EAST / 100 and abs(place[1] - lat) < NORTH / 100:
                return letter
        return ""


def own_arcs(position: RoadPosition, roads: RoadNetwork) -> list[int]:
    """Return the arcs of a position: one on a one-way road, two elsewhere."""
    return [arc for arc in (position.arc, int(roads.twin[position.arc])) if arc >= 0]


def draw_map(
    drawing: str,
    *,
    ways: Mapping[str, Tags] | Iterable[str],
    nodes: Mapping[str, Tags] | None = None,
    turns: Iterable[str] = (),
    relations: Iterable[Relation] = (),
    profile: DrivingProfile = PROFILE,
) -> OsmMap:
    """Read a drawing.

    Parameters
    ----------
    drawing : str
        Letters are nodes; anything else is for the eye. The first row is the north.
    ways : mapping of str to tags, or iterable of str
        The letters a way passes, and its tags.
    nodes : mapping of str to tags, optional
        Tags of letters.
    turns : iterable of str
        ``kind from via to``: ways by their letters, the via one node or ways joined by ``+``.
    relations : iterable of Relation
        More relations.
    profile : DrivingProfile
        Rules to read it by.
    """
    tagged = dict(ways) if isinstance(ways, Mapping) else {way: {} for way in ways}
    rows = drawing.strip("\n").splitlines()
    indent = min(len(row) - len(row.lstrip()) for row in rows if row.strip())
    places = {
        mark: (LON + (column - indent) * EAST, LAT - line * NORTH)
        for line, row in enumerate(rows)
        for column, mark in enumerate(row)
        if mark.isalpha()
    }
    ids = {letter: ord(letter) - ord("a") + 1 for letter in places}
    of_way = {way: number for number, way in enumerate(tagged, 1)}
    data = OsmData.of(
        [Node(ids[k], *place, (nodes or {}).get(k, {})) for k, place in places.items()],
        [
            Way(of_way[way], tuple(ids[k] for k in way), _without_empty(tags))
            for way, tags in tagged.items()
        ],
        [
            *(turn(number, text, of_way, ids) for number, text in enumerate(turns, 1)),
            *relations,
        ],
        source="drawing",
    )
    return OsmMap(places, data, profile)


def turn(number: int, text: str, of_way: Mapping[str, int], ids: Mapping[str, int]) -> Relation:
    """Make the relation of ``kind from via to``."""
    kind, begin, via, end = text.split()
    middle = (
        [Member("way", of_way[way], "via") for way in via.split("+")]
        if via.split("+")[0] in of_way
        else [Member("node", ids[via], "via")]
    )
    members = (Member("way", of_way[begin], "from"), *middle, Member("way", of_way[end], "to"))
    return Relation(number, members, {"type": "restriction", "restriction": kind})


def _without_empty(tags: Tags) -> dict[str, str]:
    """Make a way residential by default; an empty value takes a tag away."""
    return {key: value for key, value in {"highway": "residential", **tags}.items() if value}


def _always(_: float) -> bool:
    return True


def _once_each(letters: str) -> str:
    """Drop a letter that repeats the one before it: two roads meet there."""
    return "".join(letter for i, letter in enumerate(letters) if i == 0 or letters[i - 1] != letter)
