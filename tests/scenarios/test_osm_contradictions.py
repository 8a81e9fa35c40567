"""Restrictions that together leave no way on are applied and named."""

from __future__ import annotations

import pytest

from tests.scenarios.osm_map import OsmMap, draw_map
from unarmed_router.roads.osm.quality import quality_geojson, quality_of, quality_text

GROUPS = [
    ("Only and no of the same turn.", ["only_straight_on wx x xe", "no_straight_on wx x xe"], True),
    (
        "Only one way and only another.",
        ["only_straight_on wx x xe", "only_right_turn wx x xs"],
        True,
    ),
    (
        "No turn to any of three roads.",
        ["no_straight_on wx x xe", "no_right_turn wx x xs", "no_left_turn wx x nx"],
        True,
    ),
    (
        "The second way on of a via way is closed at its end.",
        ["only_straight_on dw wx xe", "no_straight_on wx x xe"],
        True,
    ),
    ("Only one way on is no contradiction.", ["only_straight_on wx x xe"], False),
    ("One way on is left.", ["no_straight_on wx x xe", "no_right_turn wx x xs"], False),
    (
        "Opposite words from two roads.",
        ["only_straight_on wx x xe", "no_straight_on nx x xs"],
        False,
    ),
    ("No U-turn leaves the other ways.", ["no_u_turn wx x wx", "only_right_turn wx x xs"], False),
]


def crossing(turns: list[str]) -> OsmMap:
    """Draw a crossing at x inside a ring road; the turns are relations 1, 2, 3."""
    return draw_map(
        """
        a---n---b
        |   |   |
        w---x---e
        |   |   |
        d---s---c
        """,
        ways=["wx", "xe", "nx", "xs", "anb", "be", "ec", "csd", "dw", "wa"],
        turns=turns,
    )


@pytest.mark.parametrize(("sentence", "turns", "found"), GROUPS, ids=[row[0] for row in GROUPS])
def test_which_restrictions_contradict(sentence: str, turns: list[str], found: bool) -> None:
    """Every restriction holds; those that leave an arrival no way on are one group."""
    report = crossing(turns).imported.turns
    ids = tuple(relation.id for relation in crossing(turns).data.relations)
    assert report.contradictory == ((ids,) if found else ()), sentence
    assert report.applied == len(turns)


def test_the_report_names_a_contradiction() -> None:
    """Count, ids and place stand in the report, in its text and on its map."""
    town = crossing(["only_straight_on wx x xe", "no_straight_on wx x xe"])
    ids = [relation.id for relation in town.data.relations]
    report = quality_of(town.imported, source="town", profile="crisis_car")
    assert report["restrictions"]["contradictory"] == {"count": 1, "relations": [ids]}
    line = f"contradictory, applied: together they leave no way on ({ids[0]}, {ids[1]})"
    assert line in quality_text(report)
    points = [
        feature["geometry"]["coordinates"]
        for feature in quality_geojson(report)["features"]
        if feature["properties"]["kind"] == "restriction_contradictory"
    ]
    assert points == [[round(place, 7) for place in town.places["x"]]] * 2
    assert town.drive("wx", "xe") != "x"
