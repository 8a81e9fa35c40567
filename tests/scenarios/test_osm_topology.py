"""What joins what: crossings without a junction, private areas, gates, rings, islands, names."""

from __future__ import annotations

import numpy as np
import pytest

from tests.scenarios.osm_map import draw_map
from unarmed_router.errors import NetworkError
from unarmed_router.roads.network import TURN_CLASS
from unarmed_router.roads.osm.elements import Node, OsmData, Way


def test_a_bridge_joins_nothing_below() -> None:
    """Two roads that cross without a common node are not joined, whatever their layers say."""
    town = draw_map(
        """
        a----n----b
        |    |    |
        w---------e
        |    |    |
        d----s----c
        """,
        ways={
            "we": {},
            "ns": {"bridge": "yes", "layer": "1"},
            "anb": {},
            "be": {},
            "ec": {},
            "csd": {},
            "dw": {},
            "wa": {},
        },
    )
    assert town.drive("wa", "be") in {"we", "anb"}
    assert town.drive("an", "ns") == "n"
    assert {"ns", "sn", "we", "ew"} <= town.roads()


def test_a_level_crossing_without_layers_is_not_guessed() -> None:
    """Roads drawn over each other without a common node are not joined even without a bridge."""
    town = draw_map(
        """
        a----n----b
        |    |    |
        w---------e
        |    |    |
        d----s----c
        """,
        ways=["we", "ns", "anb", "be", "ec", "csd", "dw", "wa"],
    )
    assert len([arc for arc in town.roads() if set(arc) <= set("ns")]) == 2


def test_two_nodes_at_one_place_are_not_joined() -> None:
    """A node drawn at the place of another is another: the roads meet where they share a node."""
    step = 0.001
    nodes = [
        Node(1, -118.0, 34.0),
        Node(2, -118.0 + step, 34.0),
        Node(3, -118.0 + step, 34.0),
        Node(4, -118.0 + 2 * step, 34.0),
        Node(5, -118.0, 34.0 + step),
    ]
    ways = [
        Way(1, (1, 2), {"highway": "residential"}),
        Way(2, (3, 4), {"highway": "residential"}),
        Way(3, (1, 5), {"highway": "residential"}),
    ]
    from tests.scenarios.osm_map import PROFILE  # noqa: PLC0415  # beside its only use
    from unarmed_router.roads.osm.importing import import_osm  # noqa: PLC0415  # as above

    found = import_osm(OsmData.of(nodes, ways), PROFILE)
    assert found.islands.count == 1
    assert found.islands.largest[0].way_ids == (2,)


def test_a_line_without_length_takes_a_millisecond_and_joins() -> None:
    """Two nodes of one way at one place are joined by an arc that takes next to nothing."""
    step = 0.001
    nodes = [
        Node(1, -118.0, 34.0),
        Node(2, -118.0 + step, 34.0),
        Node(3, -118.0 + step, 34.0),
        Node(4, -118.0 + 2 * step, 34.0),
        Node(5, -118.0 + step, 34.0 + step),
    ]
    ways = [
        Way(1, (1, 2, 3, 4), {"highway": "residential"}),
        Way(2, (2, 5), {"highway": "residential"}),
        Way(3, (3, 5), {"highway": "residential"}),
    ]
    from tests.scenarios.osm_map import PROFILE  # noqa: PLC0415  # beside its only use
    from unarmed_router.roads.osm.importing import import_osm  # noqa: PLC0415  # as above

    found = import_osm(OsmData.of(nodes, ways), PROFILE)
    assert found.lines.report.same_place == 1
    assert found.islands.count == 0
    assert int(found.network.free_flow_ms.min()) <= 2


def test_a_node_named_twice_in_a_row_is_one() -> None:
    """A way that names a node twice running has no line between the two."""
    town = draw_map("a---b---c", ways=["abbc"])
    assert town.network.arcs == 2
    assert town.drive("ab", "bc") == "b"


def test_bends_are_no_junctions() -> None:
    """Nodes where nothing branches off become vertices of one road, and keep the line's shape."""
    town = draw_map(
        """
        a---b
            |
            c---d
        """,
        ways=["ab", "bc", "cd"],
    )
    assert (town.network.nodes, town.network.arcs) == (2, 2)
    assert town.roads() == {"ab", "bc", "cd", "dc", "cb", "ba"}
    assert float(town.network.length_m[0]) == pytest.approx(1000.0, rel=1e-3)


def test_a_road_is_not_joined_across_a_change() -> None:
    """Another name, class, access or direction keeps the node: explanations name the right road."""
    drawing = "a---b---c---d---e---f"
    town = draw_map(
        drawing,
        ways={
            "ab": {"name": "Olympic"},
            "bc": {"name": "Pico"},
            "cd": {"name": "Pico", "highway": "primary"},
            "de": {"name": "Pico", "highway": "primary"},
            "ef": {"name": "Pico", "highway": "primary", "access": "private"},
        },
    )
    assert town.network.nodes == 5
    assert town.network.names == ("Olympic", "Pico")


def test_a_change_of_speed_alone_joins() -> None:
    """Two limits on one street make one road: its time is the sum of both."""
    town = draw_map("a---b---c", ways={"ab": {"maxspeed": "20"}, "bc": {"maxspeed": "40"}})
    assert town.network.arcs == 2
    share = town.profile.share_of_limit
    expected = 400 / (20 * share / 3.6) + 400 / (40 * share / 3.6)
    assert int(town.network.free_flow_ms[0]) / 1000 == pytest.approx(expected, rel=1e-3)


def test_ways_drawn_towards_each_other_join() -> None:
    """Two-way ways join whichever way they are drawn, one-way ways only head to tail."""
    both = draw_map("a---b---c", ways=["ab", "cb"])
    assert (both.network.nodes, both.network.arcs) == (2, 2)
    town = draw_map(
        """
        a---b---c
        |       |
        f---e---d
        """,
        ways={"ab": {"oneway": "yes"}, "cb": {"oneway": "-1"}, "cdefa": {"name": "Back"}},
    )
    assert {"ab", "bc"} <= town.roads()
    assert town.network.nodes == 2


def test_the_way_of_a_joined_road_is_the_longest() -> None:
    """A road of two ways carries the id of the one that makes up most of it."""
    town = draw_map("a---b-------c", ways=["ab", "bc"])
    assert town.network.way_id is not None
    assert set(town.network.way_id.tolist()) == {2}


def test_a_cul_de_sac_that_turns_back_on_itself_keeps_its_houses() -> None:
    """A loop that leaves a street and comes back to the same node is not lost."""
    town = draw_map(
        """
        a---b---c
            |
          q-r-s
          |   |
          t-u-v
        """,
        ways=["abc", "br", "rsvutqr"],
    )
    assert {"rs", "sv", "vu", "ut", "tq", "qr"} <= town.roads()
    assert town.drive("ab", "ut") == "brqt"


def test_a_roundabout_drawn_as_one_ring_is_driven_one_way() -> None:
    """A closed way with junction=roundabout is entered and left in its direction."""
    town = draw_map(
        """
            n
            |
            k
           / \\
        w-l   m-e
           \\ /
            o
            |
            s
        """,
        ways={"klomk": {"junction": "roundabout"}, "wl": {}, "nk": {}, "me": {}, "os": {}},
    )
    assert town.drive("wl", "nk") == "lomk"
    assert town.drive("nk", "wl") == "kl"


def test_a_ring_without_any_junction_is_an_island() -> None:
    """A ring that touches nothing is reported, not lost silently."""
    town = draw_map(
        """
        a---b---c   x---y
                    |   |
                    w---z
        """,
        ways=["abc", "xyzwx"],
    )
    assert (town.imported.islands.count, town.imported.islands.largest[0].way_ids) == (1, (2,))
    assert town.imported.islands.length_m == pytest.approx(1200, rel=1e-2)


PRIVATE = {"access": "private", "name": "Private"}


def test_a_private_driveway_reaches_its_house() -> None:
    """A private road with one entrance is driven to its end, and out again."""
    town = draw_map(
        """
        a---b---c
            |
            h
        """,
        ways={"abc": {}, "bh": PRIVATE},
    )
    assert town.drive("ab", "bh") == "b"
    assert town.drive("bh", "bc") == "b"


def test_a_private_driveway_is_no_free_place_to_turn_round() -> None:
    """Turning round in somebody's driveway to evade a forbidden turn costs as much as a U-turn."""
    plain = draw_map(
        """
            n-------m
            |       |
        w---x-e-----f
              |
              h
        """,
        ways={"wx": {}, "xe": {}, "ef": {}, "fm": {}, "mn": {}, "nx": {}, "eh": PRIVATE},
        turns=["no_left_turn wx x nx"],
    )
    seconds = plain.seconds("wx", "nx")
    assert seconds is not None
    assert seconds > 20.0 + plain.profile.turns.u_turn_s


GATED = """
    a---b------c
        |      |
        g      k
        |      |
        p---q--r
            |
            s
"""


def test_behind_a_private_gate_is_private() -> None:
    """Streets with a private gate as their only way in are reached through the gate."""
    town = draw_map(
        """
        a---b------c
            |
            g
            |
            p---q
        """,
        ways={"abc": {}, "bgp": {}, "pq": {}},
        nodes={"g": {"barrier": "gate", "access": "private"}},
    )
    assert town.drive("ab", "pq") == "bgp"
    assert town.imported.islands.count == 0


def test_nobody_passes_through_a_gated_community() -> None:
    """With a private gate at either end, the team drives round, and in to reach a caller."""
    gate = {"barrier": "gate", "access": "private"}
    town = draw_map(
        GATED,
        ways={"abc": {}, "bgp": {}, "pqr": {}, "rkc": {}, "qs": {}},
        nodes={"g": gate, "k": gate},
    )
    assert town.drive("ab", "ck") == "bc"
    assert town.drive("ab", "gp") == "bg"
    assert "k" not in town.drive("ab", "gp")


def test_an_open_back_way_makes_a_private_gate_as_good_as_closed() -> None:
    """Where the area can be reached without the gate, the gate is no way through."""
    town = draw_map(
        GATED,
        ways={"abc": {}, "bgp": {}, "pqr": {}, "rkc": {}, "qs": {}},
        nodes={"g": {"barrier": "gate", "access": "private"}},
    )
    assert town.drive("ab", "pq") == "bckrq"


def test_a_closed_gate_in_a_street_leaves_two_dead_ends() -> None:
    """Both sides of a bollard are reached, each from its own side."""
    town = draw_map(
        GATED,
        ways={"abc": {}, "bgp": {}, "pqr": {}, "rkc": {}, "qs": {}},
        nodes={"g": {"barrier": "bollard"}},
    )
    assert town.drive("ab", "bg") == "b"
    assert town.drive("ab", "gp") == "bckrqp"


def test_a_road_cut_off_is_an_island_with_its_place() -> None:
    """A street that nothing joins is counted, measured and placed."""
    town = draw_map("a---b---c   x---y", ways=["abc", "xy"])
    (island,) = town.imported.islands.largest
    assert (island.roads, island.way_ids) == (1, (2,))
    assert island.length_m == pytest.approx(400.0, rel=1e-3)
    assert town.drive("ab", "xy") == ""


def test_a_one_way_street_that_leads_nowhere_is_an_island() -> None:
    """A street that can be entered but never left is cut off and reported."""
    town = draw_map("a---b---c---d", ways={"abc": {}, "cd": {"oneway": "yes"}})
    assert town.imported.islands.count == 1


def test_no_point_snaps_to_a_turn() -> None:
    """At a split crossing a point snaps to a road, and to one arc of it."""
    town = draw_map(
        """
        a---b---c
            |
            d
        """,
        ways=["ab", "bc", "bd"],
        turns=["no_right_turn ab b bd"],
    )
    roads = town.network
    turn = roads.classes.index(TURN_CLASS)
    assert (roads.road_class == turn).any()
    for letters in ("ab", "bc", "bd"):
        found = town.position(letters)
        assert found is not None
        assert roads.road_class[found.arc] != turn
        assert found.twin >= 0
    at_b = town._snapper.snap(lon=town.places["b"][0], lat=town.places["b"][1])
    assert at_b is not None
    assert roads.road_class[at_b.arc] != turn


def test_the_twins_of_a_split_crossing_are_the_two_directions_of_a_road() -> None:
    """Every two-way road keeps its pair of arcs: same way, same length, opposite ends."""
    town = draw_map(
        """
        a---b---c
            |
            d
        """,
        ways=["ab", "bc", "bd"],
        turns=["no_right_turn ab b bd"],
    )
    roads = town.network
    assert roads.way_id is not None
    paired = np.flatnonzero(roads.twin >= 0)
    assert paired.size == 6
    other = roads.twin[paired]
    assert (roads.way_id[paired] == roads.way_id[other]).all()
    assert (roads.node_lon[roads.tail[paired]] == roads.node_lon[roads.head[other]]).all()


def test_a_map_without_roads_is_refused_in_words() -> None:
    """An extract with nothing to drive on names the profile and the number of ways."""
    with pytest.raises(NetworkError, match=r"drawing: no road that profile crisis_car .* 1 ways"):
        _ = draw_map("a---b", ways={"ab": {"highway": "footway"}}).network


def test_a_missing_node_cuts_the_way_and_is_counted() -> None:
    """Where the extract lacks a node, the way ends on both sides of it; its id is told."""
    nodes = [Node(n, -118.0 + n / 1000, 34.0) for n in (1, 2, 4, 5)]
    from tests.scenarios.osm_map import PROFILE  # noqa: PLC0415  # beside its only use
    from unarmed_router.roads.osm.importing import import_osm  # noqa: PLC0415  # as above

    data = OsmData.of(nodes, [Way(9, (1, 2, 3, 4, 5), {"highway": "residential"})])
    found = import_osm(data, PROFILE)
    assert (found.lines.report.missing_nodes, found.lines.report.missing_in) == (1, (9,))
    assert found.islands.count == 1
