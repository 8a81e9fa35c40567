"""How long roads take: each row is a straight road of 1 km drawn in a loop, and its speed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.scenarios.osm_map import PROFILE, OsmMap, draw_map
from unarmed_router.roads.osm.profile import FerryRule

SHARE = PROFILE.share_of_limit
STREET = PROFILE.classes["residential"].kph


def loop(tags: dict[str, str], **nodes: dict[str, str]) -> OsmMap:
    """Draw a road a-x-b of 1 km with tags, and a way back."""
    return draw_map(
        """
        a----x----b
        |         |
        d---------c
        """,
        ways={
            "axb": {"name": "Tagged", **tags},
            "bc": {"name": "East"},
            "cd": {"name": "South", "maxspeed": "10"},
            "da": {"name": "West"},
        },
        nodes=nodes,
    )


def kph(town: OsmMap, begin: str = "ax", end: str = "xb") -> float:
    """Return the speed from the middle of one half of the road to the middle of the other."""
    seconds = town.seconds(begin, end)
    assert seconds is not None
    return 0.5 / seconds * 3600.0


SPEEDS = [
    ("Without a limit, the class gives the speed.", {}, STREET),
    ("A number is km/h.", {"maxspeed": "50"}, 50 * SHARE),
    ("mph is read.", {"maxspeed": "25 mph"}, 25 * 1.609344 * SHARE),
    ("mph is read without a space.", {"maxspeed": "25mph"}, 25 * 1.609344 * SHARE),
    ("km/h may be spelled out.", {"maxspeed": "40 km/h"}, 40 * SHARE),
    ("Knots are read.", {"maxspeed": "10 knots"}, 18.52 * SHARE),
    ("Decimals are read.", {"maxspeed": "37.5"}, 37.5 * SHARE),
    ("walk is a speed.", {"maxspeed": "walk"}, 7 * SHARE),
    ("A zone is read.", {"maxspeed": "DE:urban"}, 50 * SHARE),
    ("A zone beside is read where no number is.", {"maxspeed:type": "DE:rural"}, 100 * SHARE),
    (
        "A number counts before a zone.",
        {"maxspeed": "30", "source:maxspeed": "DE:urban"},
        30 * SHARE,
    ),
    ("Of several limits the lowest counts.", {"maxspeed": "50;30"}, 30 * SHARE),
    ("No limit leaves the class's speed.", {"maxspeed": "none"}, STREET),
    ("A limit on a sign that changes leaves the class's speed.", {"maxspeed": "signals"}, STREET),
    ("Words that mean nothing leave the class's speed.", {"maxspeed": "fast"}, STREET),
    ("An absurd limit is not believed.", {"maxspeed": "999"}, STREET),
    ("A limit of nothing is not believed.", {"maxspeed": "0"}, STREET),
    ("A negative limit is not believed.", {"maxspeed": "-50"}, STREET),
    ("Digits of other scripts are no number.", {"maxspeed": "٣٠"}, STREET),
    ("An endless number is no limit.", {"maxspeed": "9" * 200}, STREET),
    ("Limits of lanes are not read.", {"maxspeed:lanes": "30|50"}, STREET),
    ("Limits at some hours are not read.", {"maxspeed:conditional": "20 @ (22:00-06:00)"}, STREET),
    ("Advice is no limit.", {"maxspeed:advisory": "20"}, STREET),
    (
        "The limit of the direction counts.",
        {"maxspeed": "50", "maxspeed:forward": "30"},
        30 * SHARE,
    ),
    (
        "The limit of the other direction does not.",
        {"maxspeed": "50", "maxspeed:backward": "30"},
        50 * SHARE,
    ),
    ("Gravel slows.", {"maxspeed": "80", "surface": "gravel"}, 40),
    ("Asphalt does not.", {"maxspeed": "80", "surface": "asphalt"}, 80 * SHARE),
    ("An unknown surface does not.", {"maxspeed": "80", "surface": "lava"}, 80 * SHARE),
    ("A surface never speeds up.", {"maxspeed": "20", "surface": "gravel"}, 20 * SHARE),
    ("A bad road slows.", {"maxspeed": "80", "smoothness": "very_bad"}, 20),
    ("A rough track is slow.", {"maxspeed": "80", "tracktype": "grade5"}, 10),
    ("A primary road has its own speed.", {"highway": "primary"}, 52),
    ("A living street is slow.", {"highway": "living_street"}, 12),
    ("An alley has its own speed.", {"highway": "service", "service": "alley"}, 20),
]


@pytest.mark.parametrize(("sentence", "tags", "expected"), SPEEDS, ids=[row[0] for row in SPEEDS])
def test_how_fast_a_road_is(sentence: str, tags: dict[str, str], expected: float) -> None:
    """The road is driven at the speed its tags give, to a thousandth."""
    assert kph(loop(tags)) == pytest.approx(expected, rel=1e-3), sentence


def test_the_directions_of_a_road_have_their_own_limits() -> None:
    """Along the road the forward limit holds, back the backward one."""
    town = loop({"maxspeed:forward": "30", "maxspeed:backward": "60"})
    assert kph(town, "ax", "xb") == pytest.approx(30 * SHARE, rel=1e-3)
    assert kph(town, "xb", "ax") == pytest.approx(60 * SHARE, rel=1e-3)


DELAYS = [
    ("A traffic signal costs its mean wait.", {"highway": "traffic_signals"}, 7, 7),
    (
        "A signal that faces along the way costs that way.",
        {"highway": "traffic_signals", "traffic_signals:direction": "forward"},
        7,
        0,
    ),
    (
        "A signal that faces against it costs the other way.",
        {"highway": "traffic_signals", "traffic_signals:direction": "backward"},
        0,
        7,
    ),
    (
        "A stop sign costs a halt in its direction.",
        {"highway": "stop", "direction": "backward"},
        0,
        4,
    ),
    ("A stop sign without direction holds for both.", {"highway": "stop"}, 4, 4),
    ("A yield sign costs less.", {"highway": "give_way", "direction": "forward"}, 2, 0),
    ("A crossing costs a glance.", {"highway": "crossing"}, 0.5, 0.5),
    (
        "A signalled crossing costs the dearer of its two tags.",
        {"highway": "crossing", "crossing": "traffic_signals"},
        3,
        3,
    ),
    ("A hump costs a little.", {"traffic_calming": "hump"}, 2, 2),
    ("A level crossing costs a look.", {"railway": "level_crossing"}, 2, 2),
    ("A gate costs the time to open it.", {"barrier": "gate"}, 15, 15),
    ("A street lamp costs nothing.", {"highway": "street_lamp"}, 0, 0),
]


@pytest.mark.parametrize(
    ("sentence", "tags", "along", "back"), DELAYS, ids=[row[0] for row in DELAYS]
)
def test_what_a_node_costs(sentence: str, tags: dict[str, str], along: float, back: float) -> None:
    """Passing the node at x costs its seconds in each direction, on top of the drive."""
    plain, town = loop({}), loop({}, x=tags)
    for begin, end, expected in (("da", "bc", along), ("bc", "da", back)):
        with_it, without = town.seconds(begin, end), plain.seconds(begin, end)
        assert with_it is not None
        assert without is not None
        assert with_it - without == pytest.approx(expected, abs=0.002), sentence


@pytest.mark.parametrize("boarding_s", [600.0, 0.0])
def test_a_ferry_that_carries_cars_takes_its_duration_and_the_wait(boarding_s: float) -> None:
    """The tagged duration counts whatever the length, and the wait at the quay comes on top."""
    town = draw_map(
        """
        a----b    c----d
        """,
        ways={
            "ab": {"name": "West"},
            "cd": {"name": "East"},
            "bc": {"highway": "", "route": "ferry", "motor_vehicle": "yes", "duration": "00:20"},
        },
        profile=replace(PROFILE, ferry=FerryRule(15.0, boarding_s)),
    )
    seconds = town.seconds("ab", "cd")
    assert seconds == pytest.approx(1200 + boarding_s + 500 / (STREET / 3.6), abs=0.5)
