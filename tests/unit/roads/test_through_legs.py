"""Arcs over the road of another arc are found on a map whose restriction asks for a memory."""

from __future__ import annotations

from tests.unit.roads.towns import forbidden_turn, square
from unarmed_router.agency.driving_profile import load_driving_profile
from unarmed_router.roads.osm.elements import Member, Node, OsmData, Relation, Way
from unarmed_router.roads.osm.importing import import_osm
from unarmed_router.roads.through_legs import through_legs

PLACES = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (3, 0), 5: (1, 1), 6: (2, 1), 7: (1.5, 0.2)}
WAYS = {
    10: (1, 2), 11: (2, 7, 3), 12: (3, 4), 13: (2, 5), 14: (3, 6), 15: (5, 6), 16: (4, 6),
    17: (1, 5),
}  # fmt: skip


def test_every_leg_has_the_arc_of_its_road() -> None:
    """Who comes by way 10 must not go on by way 12: way 11 is driven in two states."""
    members = (Member("way", 10, "from"), Member("way", 11, "via"), Member("way", 12, "to"))
    tags = {"type": "restriction", "restriction": "no_straight_on"}
    data = OsmData.of(
        [Node(ref, -118.0 + x / 500, 34.0 + y / 500) for ref, (x, y) in PLACES.items()],
        [Way(ref, nodes, {"highway": "secondary"}) for ref, nodes in WAYS.items()],
        [Relation(20, members, tags)],
    )
    network = import_osm(data, load_driving_profile()).network
    assert network.exit_node is not None
    assert network.way_id is not None
    legs, arcs = through_legs(network)
    assert legs.tolist() == [arc for arc in range(network.arcs) if network.exit_node[arc] < 0]
    assert network.way_id[legs].tolist() == network.way_id[arcs].tolist() == [11]
    assert network.places[arcs].all()
    assert (network.node_lon[network.tail[legs]] == network.node_lon[network.tail[arcs]]).all()


def test_networks_without_memory_have_none() -> None:
    """No exits, or exits and nobody who passes beside them."""
    for network in (square(), forbidden_turn()):
        legs, arcs = through_legs(network)
        assert legs.size == arcs.size == 0
