"""Ids of arcs outlast a rebuild: the same road, unchanged, keeps its id."""

from __future__ import annotations

import numpy as np

from tests.scenarios.osm_map import OsmMap, draw_map
from unarmed_router.roads.arc_ids import arc_ids
from unarmed_router.roads.network import TURN_CLASS

DRAWING = """
    a---b---c---g
    |   |   |
    d---e---f
"""
WAYS: dict[str, dict[str, str]] = {
    "ab": {"name": "High"},
    "bc": {"name": "Hill"},
    "cf": {},
    "fe": {},
    "ed": {},
    "da": {},
    "be": {},
}


def ids(town: OsmMap) -> set[int]:
    """Return the ids of all roads, turns left out."""
    roads = town.network
    kept = np.array([name != TURN_CLASS for name in roads.classes])[roads.road_class]
    return set(arc_ids(roads)[kept].tolist())


def test_every_road_has_an_id_of_its_own() -> None:
    """No two directed roads share one."""
    town = draw_map(DRAWING, ways=WAYS)
    assert len(ids(town)) == town.network.arcs


def test_a_rebuild_with_another_road_first_keeps_every_id() -> None:
    """Numbers of nodes and arcs shift with a road that comes first; ids do not."""
    before = draw_map(DRAWING, ways=WAYS)
    after = draw_map(DRAWING, ways={**WAYS, "cg": {"name": "New"}})
    # Roads at c end at a junction now as before, since their names differ there.
    assert ids(before) <= ids(after)
    assert len(ids(after) - ids(before)) == 2


def test_another_limit_keeps_the_id() -> None:
    """A road that is only driven faster is the same road."""
    before = draw_map(DRAWING, ways=WAYS)
    after = draw_map(DRAWING, ways={**WAYS, "be": {"maxspeed": "20"}})
    assert ids(before) == ids(after)


def test_a_new_turn_restriction_keeps_the_ids() -> None:
    """A junction that is split now has other nodes; its roads keep their ids."""
    before = draw_map(DRAWING, ways=WAYS)
    after = draw_map(DRAWING, ways=WAYS, turns=["no_right_turn ab b be"])
    assert after.network.nodes > before.network.nodes
    assert ids(before) == ids(after)


def test_another_name_class_or_line_is_another_road() -> None:
    """What an explanation would tell differently has another id."""
    before = ids(draw_map(DRAWING, ways=WAYS))
    for tags in ({"name": "Renamed"}, {"highway": "primary"}, {"oneway": "yes"}):
        assert ids(draw_map(DRAWING, ways={**WAYS, "be": tags})) != before
    moved = DRAWING.replace("a---b---c---g", "a---b----c--g")
    assert ids(draw_map(moved, ways=WAYS)) != before


def test_the_same_vertices_in_another_order_are_another_line() -> None:
    """Two lines through the same vertices, driven in another order, have different ids."""
    drawing = """
        a   p   q   b
    """
    one = draw_map(drawing, ways=["apqb"])
    other = draw_map(drawing, ways=["aqpb"])
    assert ids(one).isdisjoint(ids(other))
