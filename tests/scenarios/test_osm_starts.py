"""Starting in the middle of a restriction: who stands on a via way has not come by another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.scenarios.osm_map import PROFILE, OsmMap, draw_map
from unarmed_router.roads.network import TURN_CLASS

# U-turns so dear that the way round the block is shorter.
DEAR = replace(PROFILE, turns=replace(PROFILE.turns, u_turn_s=300.0))
ONE_WAY = {"oneway": "yes"}


def dual(*turns: str, link: dict[str, str] | None = None) -> OsmMap:
    """Draw a dual carriageway, a-b-c eastward and f-e-d westward, with links b-e and c-d."""
    return draw_map(
        """
        p---f---e---d---q
        |       |   |   |
        |       |   |   |
        r---a---b---c---s
        """,
        ways={
            "rab": ONE_WAY,
            "bc": ONE_WAY,
            "cs": ONE_WAY,
            "qd": ONE_WAY,
            "de": ONE_WAY,
            "efp": ONE_WAY,
            "be": link or {},
            "cd": {},
            "pr": {},
            "sq": {},
        },
        turns=turns,
        profile=DEAR,
    )


OVER_THE_LINK = "no_u_turn rab be efp"
OVER_BOTH = "no_u_turn rab bc+cd de"
STARTS = [
    ("Who comes by the carriageway is bound.", [OVER_THE_LINK], "ab", "ef", "bcde"),
    ("Who stands on the link turns as he likes.", [OVER_THE_LINK], "be", "ef", "e"),
    ("The caller on the link is reached.", [OVER_THE_LINK], "ab", "be", "b"),
    ("Who leaves the link backward is not concerned.", [OVER_THE_LINK], "be", "bc", "b"),
    ("Who comes back to the link is bound again.", [OVER_THE_LINK], "ef", "de", "fprabcd"),
    ("Of two ways in a row the first may be a start.", [OVER_BOTH], "bc", "de", "cd"),
    ("And the second.", [OVER_BOTH], "cd", "de", "d"),
    ("Who drives both is bound.", [OVER_BOTH], "ab", "de", "bcsqd"),
    ("Standing on the way it begins with binds.", [OVER_BOTH], "ra", "de", "abcsqd"),
    (
        "A restriction at a node binds who stands before.",
        ["no_left_turn be e efp"],
        "be",
        "ef",
        "bcde",
    ),
    (
        "A start begins what begins on its own way.",
        [OVER_BOTH, "no_left_turn bc cd de"],
        "bc",
        "de",
        "csqd",
    ),
]


@pytest.mark.parametrize(
    ("sentence", "turns", "begin", "end", "path"), STARTS, ids=[row[0] for row in STARTS]
)
def test_starts_in_the_middle_of_restrictions(
    sentence: str, turns: list[str], begin: str, end: str, path: str
) -> None:
    """On a dual carriageway the team drives the letters that its own history leaves it."""
    assert dual(*turns).drive(begin, end) == path, sentence


def test_a_link_from_which_those_who_enter_may_not_go_on() -> None:
    """Callers on it are reached and teams leave it, though nobody may drive through it."""
    town = dual(OVER_THE_LINK, link=ONE_WAY)
    assert town.drive("ab", "ef") == "bcde"
    assert town.drive("ab", "be") == "b"
    assert town.drive("be", "ef") == "e"
    assert town.drive("be", "qd") == "efprabcsq"
    assert town.imported.islands.count == 0


def test_an_exit_to_which_nobody_drives() -> None:
    """A start may turn as nobody does who comes along: its node is left and never reached."""
    town = draw_map(
        """
        g-------h
        |       |
        f---p---e---d---q
        |       |       |
        r---a---b---c---s
        """,
        ways={
            "rab": ONE_WAY,
            "bcs": ONE_WAY,
            "sqde": ONE_WAY,
            "epf": ONE_WAY,
            "be": ONE_WAY,
            "ehgf": ONE_WAY,
            "fr": {},
        },
        turns=["no_left_turn rab be epf", "no_right_turn sqde e ehgf"],
    )
    assert [town.drive("be", end) for end in ("ep", "eh")] == ["e", "e"]
    assert [town.drive("ab", end) for end in ("ep", "eh")] == ["bcsqde", "be"]
    assert [town.drive("de", end) for end in ("ep", "eh")] == ["e", "epfrabe"]
    roads = town.network
    assert roads.exit_node is not None
    apart = roads.places & (roads.exit_node != roads.head)
    assert apart.sum() == 1
    assert set(roads.exit_node[apart].tolist()).isdisjoint(roads.head.tolist())


def test_roads_without_restrictions_over_ways_have_no_exits() -> None:
    """A network in which starts come out at heads is the network it was."""
    assert dual().network.exit_node is None
    assert dual("no_left_turn be e efp").network.exit_node is None


def test_a_path_from_a_start_is_drawn_by_the_roads_alone() -> None:
    """It begins on the link and goes on at once, over turns without extent."""
    town = dual(OVER_THE_LINK)
    start, goal = town.position("be"), town.position("ef")
    assert start is not None
    assert goal is not None
    roads = town.network
    for engine in town.engines:
        path = engine.path(start, goal)
        assert path is not None
        classes = [roads.classes[roads.road_class[leg.arc]] for leg in path.legs]
        assert [name for name in classes if name != TURN_CLASS] == ["residential"] * 2
        assert path.travel_ms == engine.from_positions([start], goal)[0]
