"""What stands in a road: each row is one node in the middle of a drawn street."""

from __future__ import annotations

import pytest

from tests.scenarios.osm_map import draw_map

BARRIERS = [
    ("A bollard stops a car.", {"barrier": "bollard"}, False),
    ("A block stops a car.", {"barrier": "block"}, False),
    ("A wall stops a car.", {"barrier": "wall"}, False),
    ("A fence stops a car.", {"barrier": "fence"}, False),
    ("A chain stops a car.", {"barrier": "chain"}, False),
    ("A barrier of unknown kind stops a car.", {"barrier": "yes"}, False),
    ("A gate is opened.", {"barrier": "gate"}, True),
    ("A lift gate is opened.", {"barrier": "lift_gate"}, True),
    ("A toll booth is passed.", {"barrier": "toll_booth"}, True),
    ("A cattle grid is passed.", {"barrier": "cattle_grid"}, True),
    ("An entrance is no barrier.", {"barrier": "entrance"}, True),
    ("A kerb of unknown height stops a car.", {"barrier": "kerb"}, False),
    ("A raised kerb stops a car.", {"barrier": "kerb", "kerb": "raised"}, False),
    ("A lowered kerb is driven over.", {"barrier": "kerb", "kerb": "lowered"}, True),
    ("A flush kerb is driven over.", {"barrier": "kerb", "kerb": "flush"}, True),
    ("A rolled kerb is driven over.", {"barrier": "kerb", "kerb": "rolled"}, True),
    ("The kerb of a crossing is the sidewalk's.", {"barrier": "kerb", "highway": "crossing"}, True),
    ("A kerb that lets cars pass is passed.", {"barrier": "kerb", "motor_vehicle": "yes"}, True),
    ("kerb on a node without a barrier is not read.", {"kerb": "raised"}, True),
    ("A wicket gate is for people on foot.", {"barrier": "wicket_gate"}, False),
    ("A swing gate is opened.", {"barrier": "swing_gate"}, True),
    ("A border control is passed.", {"barrier": "border_control"}, True),
    ("The sally port of a prison is no way through.", {"barrier": "sally_port"}, False),
    ("A height restrictor lets an ordinary car pass.", {"barrier": "height_restrictor"}, True),
    ("A locked gate stops a car.", {"barrier": "gate", "locked": "yes"}, False),
    (
        "A gate closed to motor vehicles stops a car.",
        {"barrier": "gate", "motor_vehicle": "no"},
        False,
    ),
    (
        "A bollard that lets cars pass is passed.",
        {"barrier": "bollard", "motor_vehicle": "yes"},
        True,
    ),
    (
        "A private gate between two streets is no way through.",
        {"barrier": "gate", "access": "private"},
        False,
    ),
    (
        "A rising bollard is for those entitled, no way through.",
        {"barrier": "bollard", "bollard": "rising"},
        False,
    ),
    ("Access keys on a node without a barrier are not read.", {"access": "no"}, True),
    (
        "motorcar on a barrier overrules access.",
        {"barrier": "gate", "access": "no", "motorcar": "yes"},
        True,
    ),
]


@pytest.mark.parametrize(("sentence", "tags", "passes"), BARRIERS, ids=[row[0] for row in BARRIERS])
def test_what_stands_in_the_road(sentence: str, tags: dict[str, str], passes: bool) -> None:
    """A barrier at x lets through, or ends the road on both sides; both sides stay reachable."""
    town = draw_map(
        """
        a-x-b
        |   |
        |   |
        |   |
        d---c
        """,
        ways={"axb": {"name": "Barred"}, "bcda": {"name": "Round"}},
        nodes={"x": tags},
    )
    way = town.drive("ax", "xb")
    assert way == ("x" if passes else "adcb"), sentence


@pytest.mark.parametrize(
    ("tags", "reached"),
    [({"barrier": "sally_port"}, True), ({"barrier": "wicket_gate"}, False)],
    ids=["sally port", "wicket gate"],
)
def test_what_lies_behind_a_gate(tags: dict[str, str], reached: bool) -> None:
    """A caller in the yard behind a sally port is driven to; behind a wicket gate nobody drives."""
    town = draw_map(
        """
        a---b-x---y
        |   |
        d---c
        """,
        ways={"abcda": {}, "bxy": {"highway": "service"}},
        nodes={"x": tags},
    )
    assert (town.position("xy") is not None) is reached
