"""Which roads the team may drive, in which direction: each row is one road of a drawn square.

The road ``a-b`` carries the tags; the rest of the square is open, so that whatever may be driven at
all hangs together::

    a---b
    |   |
    d---c
"""

from __future__ import annotations

import pytest

from tests.scenarios.osm_map import OsmMap, draw_map

BOTH, ALONG, AGAINST, ENDS, CLOSED = "both ways", "a to b", "b to a", "ends only", "closed"


def square(tags: dict[str, str], **nodes: dict[str, str]) -> OsmMap:
    """Draw the square with tags on one road, and on nodes."""
    return draw_map(
        """
        a---b
        |   |
        d---c
        """,
        ways={"ab": tags, "bcda": {}},
        nodes=nodes,
    )


def use_of(town: OsmMap) -> str:
    """Say what may be done on the road from a to b."""
    ahead, back = "ab" in town.roads(), "ba" in town.roads()
    if not ahead and not back:
        return CLOSED
    if town.imported.turns.private_areas:
        return ENDS
    return {(True, True): BOTH, (True, False): ALONG}.get((ahead, back), AGAINST)


ACCESS = [
    ("A street without access tags is open.", {}, BOTH),
    ("access=no closes a road.", {"access": "no"}, CLOSED),
    ("access=yes says what is so anyway.", {"access": "yes"}, BOTH),
    ("A permissive road is open until its owner says otherwise.", {"access": "permissive"}, BOTH),
    ("A designated road is open.", {"motorcar": "designated"}, BOTH),
    ("A private road is for ends only.", {"access": "private"}, ENDS),
    ("A road for destinations is for ends only.", {"motor_vehicle": "destination"}, ENDS),
    ("A road for customers is for ends only.", {"access": "customers"}, ENDS),
    ("A road for deliveries is for ends only.", {"access": "delivery"}, ENDS),
    ("A road by permit is for ends only.", {"access": "permit"}, ENDS),
    ("A road for residents is for ends only.", {"access": "residents"}, ENDS),
    ("A farm road is closed.", {"access": "agricultural"}, CLOSED),
    ("A forest road is closed.", {"motor_vehicle": "forestry"}, CLOSED),
    ("A road for two closed purposes is closed.", {"access": "agricultural;forestry"}, CLOSED),
    ("Of several values the narrowest counts.", {"access": "yes;private"}, ENDS),
    ("A bus road is closed.", {"access": "no", "bus": "yes"}, CLOSED),
    (
        "A road for emergency vehicles is closed: the team has no siren.",
        {"access": "emergency"},
        CLOSED,
    ),
    ("A military road is closed.", {"access": "military"}, CLOSED),
    ("An unknown value lets in to reach a caller, never through.", {"access": "foo"}, ENDS),
    ("vehicle overrules access.", {"access": "no", "vehicle": "yes"}, BOTH),
    ("motor_vehicle overrules vehicle.", {"vehicle": "no", "motor_vehicle": "yes"}, BOTH),
    ("motorcar overrules motor_vehicle.", {"motor_vehicle": "no", "motorcar": "yes"}, BOTH),
    ("motorcar=no closes what access opens.", {"access": "yes", "motorcar": "no"}, CLOSED),
    (
        "motor_vehicle=no closes what access opens.",
        {"access": "yes", "motor_vehicle": "no"},
        CLOSED,
    ),
    (
        "motorcar=private narrows motor_vehicle=yes.",
        {"motor_vehicle": "yes", "motorcar": "private"},
        ENDS,
    ),
    ("bicycle=no says nothing about cars.", {"bicycle": "no"}, BOTH),
    ("foot=yes opens nothing to cars.", {"access": "no", "foot": "yes"}, CLOSED),
    ("A directional key holds in its direction.", {"motor_vehicle:backward": "no"}, ALONG),
    (
        "A directional key overrules the plain one.",
        {"access": "no", "access:forward": "yes"},
        ALONG,
    ),
    (
        "The special plain key overrules the general directional one.",
        {"access:backward": "no", "motorcar": "yes"},
        BOTH,
    ),
    (
        "Closed at some hours is not relied on to pass.",
        {"access:conditional": "no @ (Mo-Fr 07:00-09:00)"},
        ENDS,
    ),
    (
        "Open at some hours stays closed.",
        {"access": "no", "access:conditional": "yes @ (22:00-06:00)"},
        CLOSED,
    ),
    (
        "A condition that widens changes nothing.",
        {"motor_vehicle:conditional": "yes @ (Sa,Su)"},
        BOTH,
    ),
    (
        "Of several conditions one that narrows is enough.",
        {"motor_vehicle:conditional": "yes @ (Sa); private @ (Mo-Fr)"},
        ENDS,
    ),
    (
        "A conditional value that lost its condition may narrow too.",
        {"motor_vehicle:conditional": "no"},
        ENDS,
    ),
    (
        "Hours within brackets are no value.",
        {"motor_vehicle:conditional": "yes @ (Mo-Fr 07:00-09:00; Sa 08:00-10:00)"},
        BOTH,
    ),
    (
        "A condition against one direction narrows the road.",
        {"motor_vehicle:backward:conditional": "no @ (07:00-09:00)"},
        ENDS,
    ),
    (
        "For ends only in one direction is for ends only in both.",
        {"motor_vehicle:backward": "destination"},
        ENDS,
    ),
    ("A whole road for car pools is closed.", {"hov": "designated"}, CLOSED),
    ("A car pool lane leaves the other lanes.", {"hov:lanes": "designated|yes"}, BOTH),
    ("An impassable road is closed.", {"impassable": "yes"}, CLOSED),
    ("An impassable surface is closed.", {"smoothness": "impassable"}, CLOSED),
    ("An area is no line to drive along.", {"area": "yes"}, CLOSED),
]

CLASSES = [
    ("A service road is open.", {"highway": "service"}, BOTH),
    ("An alley is open.", {"highway": "service", "service": "alley"}, BOTH),
    ("A driveway is for ends only.", {"highway": "service", "service": "driveway"}, ENDS),
    ("A parking aisle is for ends only.", {"highway": "service", "service": "parking_aisle"}, ENDS),
    (
        "A driveway that is tagged open is open.",
        {"highway": "service", "service": "driveway", "access": "yes"},
        BOTH,
    ),
    ("A drive-through is for ends only.", {"highway": "service", "service": "drive-through"}, ENDS),
    (
        "An emergency access is closed.",
        {"highway": "service", "service": "emergency_access"},
        CLOSED,
    ),
    (
        "An unknown kind of service road is a service road.",
        {"highway": "service", "service": "yard"},
        BOTH,
    ),
    ("A farm track is for ends only.", {"highway": "track"}, ENDS),
    ("A living street is open.", {"highway": "living_street"}, BOTH),
    ("A road of unknown class is open.", {"highway": "road"}, BOTH),
    ("A footway is no road for cars.", {"highway": "footway"}, CLOSED),
    (
        "A footway stays closed even where cars are said to be allowed.",
        {"highway": "footway", "motor_vehicle": "yes"},
        CLOSED,
    ),
    ("A cycleway is no road for cars.", {"highway": "cycleway"}, CLOSED),
    ("Steps are no road for cars.", {"highway": "steps"}, CLOSED),
    ("A pedestrian street is no road for cars.", {"highway": "pedestrian"}, CLOSED),
    ("A busway is no road for cars.", {"highway": "busway"}, CLOSED),
    ("A road under construction is not driven yet.", {"highway": "construction"}, CLOSED),
    ("A proposed road is not driven yet.", {"highway": "proposed"}, CLOSED),
    (
        "A primary road with works on it is open.",
        {"highway": "primary", "construction": "minor"},
        BOTH,
    ),
    (
        "A ferry that does not say it carries cars is not taken.",
        {"highway": "", "route": "ferry"},
        CLOSED,
    ),
]

ONE_WAY = [
    ("oneway=yes is driven along.", {"oneway": "yes"}, ALONG),
    ("oneway=true is yes.", {"oneway": "true"}, ALONG),
    ("oneway=1 is yes.", {"oneway": "1"}, ALONG),
    ("oneway=-1 is driven against the drawing.", {"oneway": "-1"}, AGAINST),
    ("oneway=reverse is -1.", {"oneway": "reverse"}, AGAINST),
    ("oneway=no is driven both ways.", {"oneway": "no"}, BOTH),
    (
        "A reversible road is driven in neither: which way is open is unknown.",
        {"oneway": "reversible"},
        CLOSED,
    ),
    ("An alternating road is driven in neither.", {"oneway": "alternating"}, CLOSED),
    ("An unknown value is read as the narrower right.", {"oneway": "perhaps"}, ALONG),
    ("A roundabout is one-way.", {"junction": "roundabout"}, ALONG),
    ("A circular junction is one-way.", {"junction": "circular"}, ALONG),
    ("A roundabout drawn backwards says so.", {"junction": "roundabout", "oneway": "-1"}, AGAINST),
    ("A motorway is one-way.", {"highway": "motorway"}, ALONG),
    ("A motorway that says it is two-way is.", {"highway": "motorway", "oneway": "no"}, BOTH),
    ("A ramp is two-way where nothing is said.", {"highway": "motorway_link"}, BOTH),
    ("A trunk road is two-way where nothing is said.", {"highway": "trunk"}, BOTH),
    (
        "oneway:motor_vehicle overrules oneway.",
        {"oneway": "yes", "oneway:motor_vehicle": "no"},
        BOTH,
    ),
    (
        "oneway:motorcar overrules oneway:motor_vehicle.",
        {"oneway:motor_vehicle": "no", "oneway:motorcar": "yes"},
        ALONG,
    ),
    ("oneway:bicycle is not for cars.", {"oneway": "yes", "oneway:bicycle": "no"}, ALONG),
    (
        "A road that becomes one-way at some hours is driven that way at all.",
        {"oneway:conditional": "yes @ (Mo-Fr 07:00-09:00)"},
        ALONG,
    ),
    (
        "A road that becomes one-way backward at some hours is driven backward only.",
        {"oneway:conditional": "-1 @ (Mo-Fr 06:00-09:00)"},
        AGAINST,
    ),
    (
        "A road that becomes reversible at some hours is driven neither way.",
        {"oneway:conditional": "reversible @ (Mo-Fr 06:00-09:00)"},
        CLOSED,
    ),
    (
        "Every clause counts, not the first alone.",
        {"oneway:conditional": "no @ (Sa); yes @ (Mo-Fr)"},
        ALONG,
    ),
    (
        "Clauses with opposite directions leave neither.",
        {"oneway:conditional": "yes @ (06:00-09:00); -1 @ (16:00-19:00)"},
        CLOSED,
    ),
    (
        "A condition against the tagged direction leaves neither.",
        {"oneway": "yes", "oneway:conditional": "-1 @ (16:00-19:00)"},
        CLOSED,
    ),
    (
        "A one-way road that is two-way at night stays one-way.",
        {"oneway": "yes", "oneway:conditional": "no @ (22:00-06:00)"},
        ALONG,
    ),
    (
        "A two-way condition changes nothing.",
        {"oneway:conditional": "no @ (Mo-Fr 07:00-09:00; Sa 08:00-10:00)"},
        BOTH,
    ),
    (
        "A semicolon within the brackets begins no clause.",
        {"oneway:conditional": "-1 @ (Mo-Fr 07:00-09:00; Sa 08:00-10:00)"},
        AGAINST,
    ),
    (
        "A clause after brackets left open is read.",
        {"oneway:conditional": "no @ (Sa; -1 @ (Mo-Fr)"},
        AGAINST,
    ),
    (
        "A condition for motorcars counts.",
        {"oneway:motorcar:conditional": "-1 @ (06:00-09:00)"},
        AGAINST,
    ),
    (
        "A condition for bicycles does not.",
        {"oneway:bicycle:conditional": "-1 @ (06:00-09:00)"},
        BOTH,
    ),
    (
        "One-way and no entry the other way leave nothing.",
        {"oneway": "yes", "motor_vehicle:forward": "no"},
        CLOSED,
    ),
]


@pytest.mark.parametrize(
    ("sentence", "tags", "expected"),
    ACCESS + CLASSES + ONE_WAY,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_may_be_driven(sentence: str, tags: dict[str, str], expected: str) -> None:
    """The tagged road of the square may be driven as the sentence says."""
    assert use_of(square(tags)) == expected, sentence


def test_a_road_no_direction_of_which_is_legal_at_all_hours_is_counted() -> None:
    """The report names the key that leaves a road without a direction, not its many values."""
    town = square({"oneway:conditional": "reversible @ (06:00-09:00)"})
    assert town.imported.lines.report.refused == {"direction changes: oneway:conditional": 1}
