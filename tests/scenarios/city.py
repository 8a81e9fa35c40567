"""A city drawn in ASCII: letters are crossings, lines are roads, digits below are divisions.

One character is 100 m. ``-`` and ``|`` are slow roads (36 km/h, 10 s a character), ``=`` and ``H``
fast ones (72 km/h, 5 s); ``>`` and ``<`` anywhere in a road make it one-way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from unarmed_router.agency.hours import LocalHours
from unarmed_router.agency.locations import DivisionLocations
from unarmed_router.agency.outlined_areas import PolygonAreas
from unarmed_router.dispatch.decide import decide
from unarmed_router.dispatch.ports import World, WorldDigests
from unarmed_router.fleet.roster import Roster
from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.geography.partition import Partition, PartitionDivision
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Decision
from unarmed_router.model.policy import CallType, Policy, TriageFact
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.referral_rule import ReferralRule, ReferralTarget
from unarmed_router.model.rule import Rule
from unarmed_router.model.screening import Screening, StaleFix
from unarmed_router.model.team import Team, TeamState, TeamStatus
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.roads.street_map import StreetMap
from unarmed_router.travel_time.dijkstra import DijkstraTravelTimes
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.hourly import HourlyTravelTimes
from unarmed_router.travel_time.ordering import nested_dissection
from unarmed_router.travel_time.topology import Topology

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""

METRES, SLOW_MS, FAST_MS = 100, 10_000, 5_000
LON, LAT = -100.0, 40.0
EAST = METRES / 85_394.0  # degrees a character at 40 degrees north
NORTH = METRES / 111_035.0

TWO_FACTS = {"weapon": Answer.NO, "medical": Answer.NO}


@dataclass(frozen=True)
class City:
    """A drawn city with its teams, ready to decide."""

    world: World
    states: tuple[TeamState, ...]
    places: Mapping[str, tuple[float, float]]
    network: RoadNetwork
    partition: Partition

    def roster(self) -> Roster:
        """Return the teams, on the road."""
        return Roster(self.states, roads=self.world.roads)

    def call(self, at: str, **fields: Any) -> Call:
        """Make a call at a crossing; everything else has a harmless default."""
        lon, lat = self.places[at]
        given: dict[str, Any] = {
            "call_id": "c-1",
            "lon": lon,
            "lat": lat,
            "call_type": "welfare_check",
            "received_at": NOON,
            "facts": TWO_FACTS,
        }
        return Call(**(given | fields))

    def decide(self, call: Call, at: datetime = NOON) -> Decision:
        """Decide a call against the teams as they are."""
        return decide(call, at, self.roster().snapshot(), self.world)

    def compiled(
        self,
        hour_at: Callable[[datetime], int] = lambda _: 0,
        metrics: Sequence[npt.NDArray[np.int32]] = (),
    ) -> City:
        """Return the city with the compiled engine in place of Dijkstra.

        Each hour may have arc times of its own; all roads are free when none are given.
        """
        roads = self.network
        rank = nested_dissection(
            nodes=roads.nodes,
            tail=roads.tail,
            head=roads.head,
            lon=roads.node_lon,
            lat=roads.node_lat,
        )
        shape = Topology.build(rank=rank, tail=roads.tail, head=roads.head, twin=roads.twin)
        times = HourlyTravelTimes(
            hour_at=hour_at,
            metric_of=(metrics or (roads.free_flow_ms,)).__getitem__,
            engine_of=lambda arc_ms: HierarchyTravelTimes(
                topology=shape, twin=roads.twin, arc_ms=arc_ms
            ),
        )
        return replace(self, world=replace(self.world, travel_times=times))

    def with_policy(self, **changes: Any) -> City:
        """Return the city under a changed policy."""
        return replace(
            self, world=replace(self.world, policy=replace(self.world.policy, **changes))
        )

    def with_outlines(self, **boxes: tuple[float, float, float, float]) -> City:
        """Return the city with outlined areas, and uncertain positions.

        Each is a box: west, north, east and south, in characters from the drawing's first one.
        """
        outlines = {}
        for name, (west, north, east, south) in boxes.items():
            left, right = (round((LON + column * EAST) * 1e7) for column in (west, east))
            low, high = (round((LAT - line * NORTH) * 1e7) for line in (south, north))
            outlines[name] = (((left, low), (right, low), (right, high), (left, high)),)
        city = self.with_policy(
            outlines=outlines,
            every_division=frozenset(d.number for d in self.partition.divisions),
        )
        index = city.world.divisions
        assert isinstance(index, DivisionIndex)
        locations = DivisionLocations(self.partition, index)
        return replace(city, world=replace(city.world, outlined=PolygonAreas, locations=locations))

    def with_team(self, team_id: str, **changes: Any) -> City:
        """Return the city with changed state, or description, of one team."""
        described = {name: changes.pop(name) for name in list(changes) if name in _TEAM_FIELDS}
        states = tuple(
            replace(state, team=replace(state.team, **described), **changes)
            if state.team.team_id == team_id
            else state
            for state in self.states
        )
        return replace(self, states=states)


_TEAM_FIELDS = frozenset(Team.__dataclass_fields__)


def draw_city(
    roads: str,
    *,
    teams: Mapping[str, str],
    divisions: str = "",
    policy: Policy | None = None,
    snap_limit_m: float = 2000.0,
) -> City:
    """Build a city from a drawing.

    Parameters
    ----------
    roads : str
        The drawing; the first row is the north.
    teams : mapping of str to str
        Crossing where each team waits.
    divisions : str
        One digit a column: the division from there eastwards; ``.`` is outside. All in division 1
        when empty.
    policy : Policy, optional
        `default_policy` when not given.
    snap_limit_m : float
        See `EdgeSnapper`.
    """
    rows = [row.rstrip() for row in roads.strip("\n").splitlines()]
    indent = min(len(row) - len(row.lstrip()) for row in rows if row)
    rows = [row[indent:] for row in rows]
    places = {
        mark: (LON + column * EAST, LAT - line * NORTH)
        for line, row in enumerate(rows)
        for column, mark in enumerate(row)
        if mark.isalpha() and mark != "H"
    }
    network = _network(rows, places)
    width = max(map(len, rows))
    partition = _strips(divisions or "1" * width, len(rows))
    index = DivisionIndex(partition, tolerance_m=5.0)
    roads_at = EdgeSnapper(network, limit_m=snap_limit_m)
    world = World(
        divisions=index,
        roads=roads_at,
        travel_times=HourlyTravelTimes(
            hour_at=lambda _: 0,
            metric_of=lambda _: network.free_flow_ms,
            engine_of=lambda arc_ms: DijkstraTravelTimes(
                nodes=network.nodes,
                tail=network.tail,
                head=network.head,
                twin=network.twin,
                arc_ms=arc_ms,
            ),
        ),
        hours=LocalHours("UTC"),
        policy=policy or default_policy(),
        digests=WorldDigests(
            version="test",
            agency="drawn",
            boundaries=index.digest,
            network=network.digest,
            profile="flat",
            network_title="drawn",
            network_limits="",
        ),
        long_access_m=50.0,
        streets=StreetMap(network),
    )
    states = tuple(
        TeamState(
            team=Team(
                team_id=team_id,
                provider="p",
                program="UNARMED",
                home_lon=places[where][0],
                home_lat=places[where][1],
                turnout_s=0,
            ),
            status=TeamStatus.AVAILABLE,
            idle_since=NOON - timedelta(hours=1),
        )
        for team_id, where in teams.items()
    )
    return City(world, states, places, network, partition)


def default_policy() -> Policy:
    """One program with one provider everywhere, two facts, two rules."""
    everywhere = frozenset(range(1, 10))
    return Policy(
        policy_id="drawn",
        effective_from=None,
        effective_until=None,
        digest="drawn",
        facts={
            "weapon": TriageFact("weapon", "Is there a weapon?"),
            "medical": TriageFact("medical", "Is anyone hurt?"),
        },
        call_types={
            "welfare_check": CallType("welfare_check", "Welfare check"),
            "burglary": CallType("burglary", "Burglary"),
        },
        programs=(
            Program(
                "UNARMED",
                "Unarmed",
                frozenset({"welfare_check"}),
                (Provider("p", "Provider", everywhere),),
                600,
            ),
        ),
        rules=(
            Rule("medical", frozenset({"UNARMED"}), {"medical": Answer.YES}, "FIRE", "hurt"),
            Rule("weapon", frozenset({"UNARMED"}), {"weapon": Answer.YES}, "POLICE", "armed"),
        ),
        targets={name: ReferralTarget(name, name.title()) for name in ("FIRE", "POLICE", "LINE")},
        referrals=(
            ReferralRule(
                frozenset({ReferralReason.NO_TEAM_AVAILABLE}),
                frozenset({"welfare_check"}),
                frozenset(),
                frozenset({"weapon"}),
                "LINE",
            ),
            ReferralRule(frozenset(), frozenset(), frozenset(), frozenset(), "POLICE"),
        ),
        screening=Screening(60, 300, StaleFix.EXCLUDE, 3600),
    )


def _network(rows: list[str], places: Mapping[str, tuple[float, float]]) -> RoadNetwork:
    names = list(places)
    arcs: list[tuple[str, str, int, int]] = []
    for row in rows:
        arcs += _line_arcs(row, "-=")
    height, width = len(rows), max(map(len, rows))
    for column in range(width):
        down = "".join(rows[line].ljust(width)[column] for line in range(height))
        arcs += _line_arcs(down, "|H")
    return RoadNetwork.from_arcs(
        node_lon=[places[name][0] for name in names],
        node_lat=[places[name][1] for name in names],
        tail=[names.index(tail) for tail, _, _, _ in arcs],
        head=[names.index(head) for _, head, _, _ in arcs],
        free_flow_ms=[ms for _, _, ms, _ in arcs],
        length_m=[length for _, _, _, length in arcs],
        road_class=["road"] * len(arcs),
    )


def _line_arcs(line: str, marks: str) -> list[tuple[str, str, int, int]]:
    """List the arcs between neighbouring letters of one row or column."""
    slow, fast = marks[0], marks[1]
    letters = [i for i, mark in enumerate(line) if mark.isalpha() and mark != "H"]
    arcs = []
    for here, there in pairwise(letters):
        road = line[here + 1 : there]
        if not road or not set(road) <= {slow, fast, "<", ">"} or not set(road) & {slow, fast}:
            continue
        steps = there - here
        ms = steps * (FAST_MS if fast in road else SLOW_MS)
        if "<" not in road:
            arcs.append((line[here], line[there], ms, steps * METRES))
        if ">" not in road:
            arcs.append((line[there], line[here], ms, steps * METRES))
    return arcs


def _strips(digits: str, height: int) -> Partition:
    """Cut the drawing into vertical strips of equal digits, half a character wider all round."""
    low = round((LAT - height * NORTH) * 1e7)
    high = round((LAT + NORTH) * 1e7)
    edges: dict[int, list[int]] = {}
    for column, digit in enumerate(digits):
        if digit != ".":
            edges.setdefault(int(digit), []).append(column)
    parts = []
    for number, columns in sorted(edges.items()):
        west = round((LON + (columns[0] - 0.5) * EAST) * 1e7)
        east = round((LON + (columns[-1] + 0.5) * EAST) * 1e7)
        ring = np.array([(west, low), (east, low), (east, high), (west, high)], np.int32)
        parts.append(PartitionDivision(number, f"Division {number}", "", (ring,)))
    return Partition(tuple(parts), f"strips:{digits}")
