"""Streets of a path: geometry cut at both ends, names merged, turns counted where they are."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from unarmed_router.model.driven_path import DrivenPath, Turn
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.road_path import PathLeg, RoadPath
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.street_map import StreetMap

# Near the equator a degree is some 111 km both ways: these blocks are about 100 m.
E, N = 0.0009, 0.0009
LON, LAT = 10.0, 0.5

#       3 - 4 - 5
#       |       |
#   0 - 1 - 2 - 6
NODES = [(0, 0), (1, 0), (2, 0), (1, 1), (2, 1), (3, 1), (3, 0)]
ROADS = [
    (0, 1, "Main", "primary"),
    (1, 2, "Main", "primary"),
    (2, 6, "", "local"),
    (1, 3, "Main", "primary"),
    (3, 4, "", "local"),
    (4, 5, "", "local"),
    (5, 6, "", "alley"),
]


def town(**changes: Any) -> RoadNetwork:
    """Draw the town above; every road two-way, 100 m and 10 s."""
    ends = [(a, b) for a, b, _, _ in ROADS] + [(b, a) for a, b, _, _ in ROADS]
    given: dict[str, Any] = {
        "node_lon": [LON + x * E for x, _ in NODES],
        "node_lat": [LAT + y * N for _, y in NODES],
        "tail": [a for a, _ in ends],
        "head": [b for _, b in ends],
        "free_flow_ms": [10_000] * len(ends),
        "length_m": [100.0] * len(ends),
        "road_class": [kind for *_, kind in ROADS] * 2,
        "names": [name for _, _, name, _ in ROADS] * 2,
    }
    return RoadNetwork.from_arcs(**(given | changes))


def drive(network: RoadNetwork, *nodes: int, begin: float = 0.0, end: float = 1.0) -> DrivenPath:
    """Drive through nodes, from a part of the first arc to a part of the last."""
    arcs = [int(((network.tail == a) & (network.head == b)).argmax()) for a, b in pairwise(nodes)]
    legs = [PathLeg(arc, 0.0, 1.0, 10_000) for arc in arcs]
    legs[0] = legs[0]._replace(begin=begin)
    legs[-1] = legs[-1]._replace(end=end)
    start = RoadPosition(arcs[0], int(network.twin[arcs[0]]), begin, 12.0, 2000)
    goal = RoadPosition(arcs[-1], int(network.twin[arcs[-1]]), end, 0.0, 0)
    path = RoadPath(start, goal, tuple(legs))
    place = (LON, LAT - N)
    return StreetMap(network).describe(path, origin=place, destination=(LON, LAT + N))


def test_arcs_of_one_name_are_one_step_whatever_the_turn() -> None:
    """Main turns the corner and stays Main."""
    driven = drive(town(), 0, 1, 3)
    (step,) = driven.steps
    assert (step.street, step.turn, round(step.length_m)) == ("Main", Turn.DEPART, 200)
    assert step.angle == pytest.approx(90.0, abs=0.1)
    assert len(step.line) == 3


def test_turning_back_on_one_street_is_a_step_of_its_own() -> None:
    """A U-turn is never merged away."""
    steps = drive(town(), 0, 1, 0).steps
    assert [(each.street, each.turn) for each in steps] == [
        ("Main", Turn.DEPART),
        ("Main", Turn.U_TURN),
    ]


def test_unnamed_roads_are_parted_by_turns_and_classes() -> None:
    """Without names a corner is all there is to tell."""
    steps = drive(town(), 1, 3, 4, 5, 6, 2).steps
    assert [(each.street, each.road_class, each.turn) for each in steps] == [
        ("Main", "primary", Turn.DEPART),
        ("", "local", Turn.RIGHT),
        ("", "alley", Turn.RIGHT),
        ("", "local", Turn.RIGHT),
    ]
    assert [round(each.length_m) for each in steps] == [100, 200, 100, 100]
    assert steps[2].label == "an unnamed road (alley)"


def test_left_is_left() -> None:
    """From an eastbound street northwards."""
    steps = drive(town(), 2, 6, 5).steps
    assert [each.turn for each in steps] == [Turn.DEPART, Turn.LEFT]
    assert steps[1].angle == pytest.approx(-90.0, abs=0.1)


def test_the_line_is_cut_in_the_middle_of_both_roads() -> None:
    """From a quarter of the first arc to half of the last; lengths follow."""
    driven = drive(town(), 0, 1, 2, begin=0.25, end=0.5)
    assert driven.line[0] == pytest.approx((LON + 0.25 * E, LAT), abs=1e-7)
    assert driven.line[-1] == pytest.approx((LON + 1.5 * E, LAT), abs=1e-7)
    assert driven.length_m == pytest.approx(125.0)
    assert driven.from_team.end == driven.line[0]
    assert driven.to_call.begin == driven.line[-1]


def bent() -> RoadNetwork:
    """Bend the first road: half of it to the north, half to the east."""
    shapes: list[Any] = [[] for _ in range(2 * len(ROADS))]
    corner = [(LON, LAT + N)]
    shapes[0], shapes[len(ROADS)] = corner, corner
    return town(
        shapes=shapes,
        node_lat=[LAT + N * (y or number == 1) for number, (_, y) in enumerate(NODES)],
    )


def test_shapes_are_followed_in_both_directions() -> None:
    """The corner lies on the line; driven backwards the vertices are reversed."""
    there, back = drive(bent(), 0, 1), drive(bent(), 1, 0)
    assert len(there.line) == 3
    assert there.line == back.line[::-1]
    assert there.line[1] == pytest.approx((LON, LAT + N), abs=1e-7)


def test_a_cut_within_a_shape_keeps_the_vertices_between() -> None:
    """A quarter of the way lies on the first half; three quarters on the second."""
    driven = drive(bent(), 0, 1, begin=0.25, end=0.75)
    assert driven.line[0] == pytest.approx((LON, LAT + 0.5 * N), abs=2e-6)
    assert driven.line[1] == pytest.approx((LON, LAT + N), abs=1e-7)
    assert driven.line[2] == pytest.approx((LON + 0.5 * E, LAT + N), abs=2e-6)


def test_the_angle_ignores_a_crook_at_the_junction() -> None:
    """The last two metres of a road may point anywhere; ten count."""
    shapes: list[Any] = [[] for _ in range(2 * len(ROADS))]
    crook = [(LON + 0.98 * E, LAT - 0.02 * N)]
    shapes[0], shapes[len(ROADS)] = crook, crook
    steps = drive(town(shapes=shapes, names=[""] * 14, road_class=["x"] * 14), 0, 1, 2).steps
    assert [each.turn for each in steps] == [Turn.DEPART]


def crossing(ms: int) -> RoadNetwork:
    """Put nodes 1 and 2 at one place: the road between them is a turn within a junction."""
    lon = [LON + x * E for x, _ in NODES]
    lon[2] = lon[1]
    kinds = [kind for *_, kind in ROADS]
    names = [name for _, _, name, _ in ROADS]
    kinds[1], names[1] = "turn", ""
    times = [ms if number % 7 == 1 else 10_000 for number in range(14)]
    return town(node_lon=lon, road_class=kinds * 2, names=names * 2, free_flow_ms=times)


def test_a_turn_within_a_junction_is_no_street() -> None:
    """Its time belongs to the street before; the next street has its own turn word."""
    driven = drive(crossing(10_000), 3, 1, 2, 6)
    assert [(each.street, each.road_class) for each in driven.steps] == [
        ("Main", "primary"),
        ("", "local"),
    ]
    assert [each.ms for each in driven.steps] == [20_000, 10_000]
    assert driven.steps[1].turn is Turn.LEFT
    assert driven.travel_ms == driven.road_path.travel_ms
    assert len(driven.line) == 3


def test_a_turn_before_the_first_street_is_in_its_time() -> None:
    """A team that stands right at a junction."""
    driven = drive(crossing(10_000), 1, 2, 6)
    assert [(each.street, each.ms) for each in driven.steps] == [("", 20_000)]
    assert driven.travel_ms == driven.road_path.travel_ms


def test_a_path_of_a_turn_alone_keeps_its_time() -> None:
    """From one node of a junction to another."""
    driven = drive(crossing(10_000), 1, 2)
    assert [each.ms for each in driven.steps] == [10_000]
    assert driven.line[0] == driven.line[1]
    assert driven.travel_ms == driven.road_path.travel_ms


def test_access_legs_are_straight_and_flagged() -> None:
    """From the place to the road, with the length and the time that snapping assumed."""
    driven = drive(town(), 0, 1)
    assert driven.from_team.begin == (LON, LAT - N)
    assert (driven.from_team.length_m, driven.from_team.ms) == (12.0, 2000)
    assert driven.to_call.end == (LON, LAT + N)
    assert driven.travel_ms == driven.road_path.travel_ms == 12_000
