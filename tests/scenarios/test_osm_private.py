"""Private areas: entered anywhere to reach a caller, left anywhere, and never a way through."""

from __future__ import annotations

import pytest

from tests.scenarios.osm_map import OsmMap, draw_map
from unarmed_router.roads.osm.quality import quality_of, quality_text
from unarmed_router.roads.street_map import StreetMap

PRIVATE = {"access": "private", "name": "Private"}
ONE_WAY = {**PRIVATE, "oneway": "yes"}


def private_block(road: dict[str, str]) -> OsmMap:
    """Draw a private road from b to e through a block, much shorter than the streets round it."""
    return draw_map(
        """
        a---b------------c
            |            |
            p-h          |
            |            |
        d---e------------f
        """,
        ways={"abc": {}, "cf": {}, "fed": {}, "bpe": road, "ph": PRIVATE},
    )


DRIVES = [
    ("Nobody passes through.", "ab", "de", "bcfe"),
    ("Nor the other way.", "de", "ab", "efcb"),
    ("A caller at the near end is reached by it.", "ab", "bp", "b"),
    ("A caller at the far end is reached from inside.", "ab", "pe", "bp"),
    ("And from the other side too.", "de", "bp", "ep"),
    ("A caller in the middle from the north.", "ab", "ph", "bp"),
    ("A caller in the middle from the south.", "de", "ph", "ep"),
    ("A team in the middle leaves to the north.", "ph", "ab", "pb"),
    ("And to the south.", "ph", "de", "pe"),
    ("From the far end a team leaves by the near one.", "pe", "ab", "pb"),
    ("A team inside drives to a caller inside.", "ph", "pe", "p"),
    ("From end to end of the area inside.", "bp", "pe", "p"),
]


@pytest.mark.parametrize(
    ("sentence", "begin", "end", "path"), DRIVES, ids=[row[0] for row in DRIVES]
)
def test_a_private_road_with_two_entrances(sentence: str, begin: str, end: str, path: str) -> None:
    """Through the block the team drives the letters that the private road leaves it."""
    assert private_block(PRIVATE).drive(begin, end) == path, sentence


ONE_WAY_DRIVES = [
    ("The other end is no way in.", "de", "bp", "efcb"),
    ("The way in leads on inside.", "ab", "pe", "bp"),
    ("Nor is it a way through in its direction.", "ab", "de", "bcfe"),
    ("A team leaves by the end it leads to.", "bp", "ab", "pefcb"),
    ("A team in the middle too.", "ph", "ab", "pefcb"),
]


@pytest.mark.parametrize(
    ("sentence", "begin", "end", "path"), ONE_WAY_DRIVES, ids=[row[0] for row in ONE_WAY_DRIVES]
)
def test_a_one_way_private_road_stays_one_way(
    sentence: str, begin: str, end: str, path: str
) -> None:
    """It is entered at its one end and left at the other, and nobody is lost on it."""
    town = private_block(ONE_WAY)
    assert town.drive(begin, end) == path, sentence
    assert town.roads().isdisjoint({"pb", "ep"})
    assert town.imported.islands.count == 0


def test_the_report_counts_areas_with_several_entrances() -> None:
    """The block is one, of three roads: the private road, in two parts, and the stub."""
    turns = private_block(PRIVATE).imported.turns
    assert (turns.private_areas, turns.private_area_roads) == (1, 3)


def test_the_report_says_so_in_words_and_reads_what_an_earlier_release_wrote() -> None:
    """A report without the count has no line for it."""
    found = private_block(PRIVATE).imported
    report = quality_of(found, source="drawing", profile="crisis_car")
    line = "private areas with several entrances: 1, of 3 roads; nobody passes through\n"
    assert line in quality_text(report)
    del report["private_areas_with_several_entrances"]
    assert "private areas" not in quality_text(report)


def test_a_private_area_with_two_entrances_at_one_crossing_is_not_guarded() -> None:
    """A loop of private road that leaves and comes back at one node lets nobody through."""
    town = draw_map(
        """
        a---b---c
           / \\
          p---q
        """,
        ways={"abc": {}, "bpqb": PRIVATE},
    )
    assert town.imported.turns.private_areas == 0
    assert town.network.exit_node is None
    assert {"bp", "pq", "qb"} <= town.roads()


def test_a_one_way_private_loop_at_one_entrance_stays_one_way() -> None:
    """Where nothing need be guarded, a one-way private road keeps its direction."""
    town = draw_map(
        """
        a---b---c
           / \\
          p---q
        """,
        ways={"abc": {}, "bpqb": ONE_WAY},
    )
    assert town.roads() >= {"bp", "pq", "qb"}
    assert "qp" not in town.roads()


def neighbours() -> OsmMap:
    """Draw two private areas, b-p-e and e-q-h, that meet on the middle one of three streets."""
    return draw_map(
        """
        a---b--------c
            |        |
            p        |
            |        |
        d---e--------f
            |        |
            q        |
            |        |
        g---h--------k
        """,
        ways={"abc": {}, "cfk": {}, "fed": {}, "khg": {}, "bpe": PRIVATE, "eqh": PRIVATE},
    )


def test_areas_that_meet_on_a_street_are_two() -> None:
    """Through the one to a caller in the other is through it; from inside the one it is not."""
    town = neighbours()
    assert town.imported.turns.private_areas == 2
    assert town.drive("ab", "eq") == "bcfe"
    assert town.drive("pe", "eq") == "e"
    assert town.drive("bp", "eq") == "pe"
    assert town.drive("bp", "gh") == "pefkh"


def test_a_street_behind_a_private_area_is_an_island() -> None:
    """Nobody may drive through to it; the private road in between is reached all the same."""
    town = draw_map(
        """
        a---b---c
            |
            p
            |
            q---r
        """,
        ways={"abc": {}, "bp": PRIVATE, "pq": PRIVATE, "qr": {}},
    )
    assert town.imported.islands.count == 1
    assert town.roads() >= {"bp", "pq"}
    assert town.drive("ab", "pq") == "bp"
    assert town.drive("pq", "bc") == "pb"


def test_a_private_road_left_by_the_end_it_was_entered_at() -> None:
    """Its other end leads out to where nobody comes back from: both directions stay."""
    town = draw_map(
        """
        a---b---c
            |
            p
            |
        d---q---r
        """,
        ways={"abc": {}, "bpq": PRIVATE, "dqr": {"oneway": "yes"}},
    )
    assert town.drive("ab", "pq") == "bp"
    assert town.drive("pq", "ab") == "pb"
    assert town.imported.islands.count == 1


def test_turns_inside_are_honoured() -> None:
    """A restriction within the area binds who enters, who leaves and who stays."""
    town = draw_map(
        """
        a---b------------c
            |            |
            p-h          |
            |            |
        d---e------------f
        """,
        ways={"abc": {}, "cf": {}, "fed": {}, "bp": PRIVATE, "pe": PRIVATE, "ph": PRIVATE},
        turns=["no_left_turn bp p ph", "no_straight_on bp p pe"],
    )
    assert town.drive("ab", "ph") == "bcfep"
    assert town.drive("de", "ph") == "ep"
    assert town.drive("bp", "de") == "bcfe"
    assert town.drive("ph", "ab") == "pb"


def test_the_ways_of_those_who_leave_are_of_the_road_they_drive_over() -> None:
    """Class, name and way id: traffic and observed speeds reach them, and nothing snaps to them."""
    town = private_block(PRIVATE)
    roads = town.network
    passing = ~roads.places & (roads.length_m > 0.0)
    assert passing.sum() == 4  # out of p three ways, and back from h
    assert roads.way_id is not None
    assert set(roads.way_id[passing].tolist()) == {4, 5}
    assert {roads.classes[number] for number in roads.road_class[passing]} == {"residential"}
    assert {roads.names[number] for number in roads.name_index[passing]} == {"Private"}
    for letters in ("bp", "pe", "ph"):
        found = town.position(letters)
        assert found is not None
        assert roads.places[found.arc]
        assert roads.places[found.twin]


def test_the_way_out_is_told_as_one_street() -> None:
    """A team that leaves drives over several arcs, and the turn list has one step for them."""
    town = private_block({"access": "private", "service": "driveway", "highway": "service"})
    start, goal = town.position("pe"), town.position("ab")
    assert start is not None
    assert goal is not None
    path = town.engines[1].path(start, goal)
    assert path is not None
    places = (town.places["p"], town.places["a"])
    drive = StreetMap(town.network).describe(path, origin=places[0], destination=places[1])
    assert [step.road_class for step in drive.steps] == ["service", "residential"]
