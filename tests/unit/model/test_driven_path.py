"""Turn words by their bounds, the streets worth naming, and a path in words and as GeoJSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from unarmed_router.model.driven_path import AccessLeg, DrivenPath, PathStep, Turn, turn_of
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.road_path import PathLeg, RoadPath

A, B, C = (-118.3, 34.0), (-118.29, 34.0), (-118.29, 34.01)
ROADS = RoadPath(
    RoadPosition(0, -1, 0.5, 30.0, 5400),
    RoadPosition(1, -1, 0.5, 0.0, 0),
    (PathLeg(0, 0.5, 1.0, 60_000), PathLeg(1, 0.0, 0.5, 30_000)),
)


def step(street: str, metres: float, **changes: object) -> PathStep:
    """Make a step along one line."""
    made = PathStep(
        turn=Turn.LEFT,
        angle=-90.0,
        street=street,
        road_class="primary",
        length_m=metres,
        ms=45_000,
        line=(A, B),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def path(*steps: PathStep) -> DrivenPath:
    """Make a path of steps, with an access leg at its beginning only."""
    return DrivenPath(
        steps=steps,
        from_team=AccessLeg((-118.3, 34.001), A, 30.0, 5400),
        to_call=AccessLeg(C, C, 0.0, 0),
        road_path=ROADS,
        call_id="c-1",
        team_id="T1",
    )


TWO = path(
    step("Olympic Blvd", 4200.0, turn=Turn.DEPART, angle=90.0, ms=240_000),
    step("", 300.0, ms=30_000, line=(B, C)),
)


@pytest.mark.parametrize(
    ("size", "right", "left"),
    [
        (0.0, Turn.STRAIGHT, Turn.STRAIGHT),
        (10.0, Turn.STRAIGHT, Turn.STRAIGHT),
        (10.1, Turn.SLIGHT_RIGHT, Turn.SLIGHT_LEFT),
        (44.9, Turn.SLIGHT_RIGHT, Turn.SLIGHT_LEFT),
        (45.0, Turn.RIGHT, Turn.LEFT),
        (135.0, Turn.RIGHT, Turn.LEFT),
        (135.1, Turn.SHARP_RIGHT, Turn.SHARP_LEFT),
        (159.9, Turn.SHARP_RIGHT, Turn.SHARP_LEFT),
        (160.0, Turn.U_TURN, Turn.U_TURN),
        (180.0, Turn.U_TURN, Turn.U_TURN),
    ],
)
def test_a_turn_has_its_word_up_to_its_bounds(size: float, right: Turn, left: Turn) -> None:
    """Each bound belongs to one class, and right mirrors left."""
    assert turn_of(size) is right
    assert turn_of(-size) is left


def test_times_add_up_to_the_travel_time() -> None:
    """Steps and both access legs."""
    assert TWO.travel_ms == 5400 + 240_000 + 30_000


def test_a_path_is_said_street_by_street() -> None:
    """Unnamed roads are said to be so, and estimates are marked."""
    assert TWO.explain().splitlines() == [
        "T1 to call c-1: 4.5 km on the road, 4.6 min, via Olympic Blvd.",
        "     Estimate: 30 m in a straight line, 5 s to the road",
        "   1. Head east on Olympic Blvd: 4.2 km, 4.0 min",
        "   2. Turn left onto an unnamed road (primary): 300 m, 30 s",
    ]


def test_the_longest_streets_are_named_in_the_order_they_are_driven() -> None:
    """At most three, each a tenth of the drive or more; a street in two parts counts once."""
    driven = path(
        step("Short", 90.0),
        step("First", 200.0),
        step("Alley", 150.0),
        step("Second", 250.0),
        step("First", 100.0),
        step("Third", 210.0),
    )
    assert driven.via == ("First", "Second", "Third")
    assert path(step("", 100.0)).via == ()


def test_geojson_holds_one_line_and_the_estimated_legs() -> None:
    """The drive is one LineString; a leg of no length is left out."""
    found = json.loads(TWO.to_json())
    drive, leg = found["features"]
    assert found["type"] == "FeatureCollection"
    assert drive["geometry"] == {"type": "LineString", "coordinates": [list(A), list(B), list(C)]}
    assert drive["properties"]["estimated"] is False
    assert drive["properties"]["via"] == ["Olympic Blvd"]
    steps = drive["properties"]["steps"]
    assert [(each["street"], each["vertex"]) for each in steps] == [("Olympic Blvd", 0), (None, 1)]
    assert leg["properties"] == {
        "kind": "from_team",
        "estimated": True,
        "length_m": 30.0,
        "ms": 5400,
    }


def test_a_path_of_no_drive_is_still_a_line() -> None:
    """GeoJSON asks for two positions: the team stands where the call is."""
    assert path().line == (A, C)
    assert path().via == ()
