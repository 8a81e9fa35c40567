"""Which turns are driven: small maps, and the letters passed from one road to another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.scenarios.osm_map import PROFILE, OsmMap, draw_map
from unarmed_router.roads.osm.elements import Member, Relation

# U-turns so dear that the way round the block is shorter.
DEAR = replace(PROFILE, turns=replace(PROFILE.turns, u_turn_s=300.0))
FREE_TURNS = replace(PROFILE, turns=replace(PROFILE.turns, u_turn_s=0.0, left_s=0.0, right_s=0.0))


def crossing(*turns: str, **options: object) -> OsmMap:
    """Draw a crossing at x, west w, north n, east e, south s, inside a ring road."""
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
        **options,  # type: ignore[arg-type]
    )


CROSSINGS = [
    ("Nothing is forbidden.", [], "wx", "xs", "x"),
    ("A right turn is forbidden: through the ring.", ["no_right_turn wx x xs"], "wx", "xs", "wds"),
    ("The turn back from there is not.", ["no_right_turn wx x xs"], "xs", "wx", "x"),
    ("Straight on is not either.", ["no_right_turn wx x xs"], "wx", "xe", "x"),
    ("From another road it is not.", ["no_right_turn wx x xs"], "nx", "xs", "x"),
    ("A left turn is forbidden.", ["no_left_turn wx x nx"], "wx", "nx", "wan"),
    ("Straight on is forbidden.", ["no_straight_on wx x xe"], "wx", "xe", "wanx"),
    ("Only straight on forbids the right turn.", ["only_straight_on wx x xe"], "wx", "xs", "wds"),
    ("Only straight on forbids the left turn.", ["only_straight_on wx x xe"], "wx", "nx", "wan"),
    ("Only straight on leaves straight on.", ["only_straight_on wx x xe"], "wx", "xe", "x"),
    ("Only right leaves the right turn.", ["only_right_turn wx x xs"], "wx", "xs", "x"),
    ("Only right binds nobody else.", ["only_right_turn wx x xs"], "nx", "xe", "x"),
    (
        "Two restrictions of one road both hold.",
        ["no_right_turn wx x xs", "no_left_turn wx x nx"],
        "wx",
        "nx",
        "wan",
    ),
    (
        "Two restrictions of two roads both hold.",
        ["no_right_turn wx x xs", "no_left_turn nx x xe"],
        "nx",
        "xe",
        "nbe",
    ),
    (
        "The same restriction twice is one.",
        ["no_right_turn wx x xs", "no_right_turn wx x xs"],
        "wx",
        "xs",
        "wds",
    ),
]


@pytest.mark.parametrize(
    ("sentence", "turns", "begin", "end", "path"), CROSSINGS, ids=[row[0] for row in CROSSINGS]
)
def test_turns_at_a_crossing(
    sentence: str, turns: list[str], begin: str, end: str, path: str
) -> None:
    """At a crossing in a ring the team drives the letters that the sentence leaves it."""
    found = crossing(*turns, profile=DEAR).drive(begin, end)
    assert found == path or same_length(found, path), sentence


def same_length(found: str, path: str) -> bool:
    """Tell whether two ways round the square ring are mirror images of each other."""
    return {found, path} == {"wanx", "wdsx"}


def test_a_forbidden_turn_costs_no_other_way_any_time() -> None:
    """Every other pair of roads at the crossing takes the time it took without the restriction."""
    free, bound = crossing(), crossing("no_right_turn wx x xs")
    for begin in ("wx", "nx", "xe", "xs"):
        for end in ("wx", "nx", "xe", "xs"):
            if begin != end and (begin, end) != ("wx", "xs"):
                assert bound.seconds(begin, end) == pytest.approx(
                    free.seconds(begin, end), abs=0.002
                )


def test_only_the_junctions_concerned_are_split() -> None:
    """One forbidden turn splits its crossing, and no junction farther than a U-turn saves."""
    town = crossing("no_right_turn wx x xs")
    assert town.imported.turns.applied == 1
    assert 1 <= town.imported.turns.junctions_split <= 4
    assert crossing().imported.turns.junctions_split == 0


def long_block(*turns: str, **options: object) -> OsmMap:
    """Draw a street with a forbidden left turn, the next crossing near, and the block round far."""
    return draw_map(
        """
            n--------------------m
            |                    |
        w---x-e------------------f
              |
              s
        """,
        ways=["wx", "xe", "ef", "fm", "mn", "nx", "es"],
        turns=turns,
        **options,  # type: ignore[arg-type]
    )


def test_a_u_turn_at_a_crossing_costs_its_price() -> None:
    """With the left turn forbidden, the team turns round at the next crossing, and pays for it."""
    free = long_block("no_left_turn wx x nx", profile=FREE_TURNS)
    priced = long_block("no_left_turn wx x nx")
    assert free.drive("wx", "nx") == priced.drive("wx", "nx") == "xex"
    gap = priced.seconds("wx", "nx"), free.seconds("wx", "nx")
    assert gap[0] is not None
    assert gap[1] is not None
    assert gap[0] - gap[1] == pytest.approx(PROFILE.turns.u_turn_s, abs=0.003)


def test_a_u_turn_at_a_dead_end_is_free() -> None:
    """At the end of a street the team turns round for nothing: no price is added there."""
    town = draw_map(
        """
            n----------------m
            |                |
        w---x-e              |
        |                    |
        d--------------------c
        """,
        ways=["wx", "xe", "nx", "nmc", "cd", "dw"],
        turns=["no_left_turn wx x nx"],
    )
    assert town.drive("wx", "nx") == "xex"
    metres = 200.0 + 2 * 200.0 + 100.0
    assert town.seconds("wx", "nx") == pytest.approx(metres / 10.0, abs=0.5)


def test_a_forbidden_u_turn_is_not_made() -> None:
    """Where the U-turn at the next crossing is forbidden too, the team goes one farther."""
    town = draw_map(
        """
            n------------------------m
            |                        |
        w---x-e-f--------------------g
              | |
              s t
        """,
        ways=["wx", "xe", "ef", "fg", "gm", "mn", "nx", "es", "ft"],
        turns=["no_left_turn wx x nx", "no_u_turn xe e xe"],
        profile=PROFILE,
    )
    path = town.drive("wx", "nx")
    assert path != "xex"
    assert path in {"xefex", "xesex"}


def test_nobody_turns_round_where_a_street_only_changes_its_name() -> None:
    """A node in the middle of a street is no place for a U-turn: the next crossing is."""
    town = draw_map(
        """
            n--------------------m
            |                    |
        w---x-k-e----------------f
                |
                s
        """,
        ways={
            "wx": {},
            "xk": {"name": "First"},
            "ke": {"name": "Second"},
            "ef": {},
            "fm": {},
            "mn": {},
            "nx": {},
            "es": {},
        },
        turns=["no_left_turn wx x nx"],
    )
    assert town.drive("wx", "nx") == "xkekx"


def test_turns_at_signals_cost_the_wait() -> None:
    """At a signal a left turn costs more than a right turn, and straight on nothing."""
    signal = {"x": {"highway": "traffic_signals"}}
    town, free = crossing(nodes=signal), crossing(nodes=signal, profile=FREE_TURNS)
    for end, extra in (("nx", PROFILE.turns.left_s), ("xs", PROFILE.turns.right_s), ("xe", 0.0)):
        with_it, without = town.seconds("wx", end), free.seconds("wx", end)
        assert with_it is not None
        assert without is not None
        assert with_it - without == pytest.approx(extra, abs=0.003), end


def dual(*turns: str, **options: object) -> OsmMap:
    """Draw a dual carriageway, a-b-c eastward and f-e-d westward, with links b-e and c-d."""
    return draw_map(
        """
        p---f---e---d---q
        |       |   |   |
        |       |   |   |
        r---a---b---c---s
        """,
        ways={
            "rab": {"oneway": "yes"},
            "bc": {"oneway": "yes"},
            "cs": {"oneway": "yes"},
            "qd": {"oneway": "yes"},
            "de": {"oneway": "yes"},
            "efp": {"oneway": "yes"},
            "be": {},
            "cd": {},
            "pr": {},
            "sq": {},
        },
        turns=turns,
        **options,  # type: ignore[arg-type]
    )


DUALS = [
    ("Without a restriction the first link is taken.", [], "ab", "ef", "be"),
    (
        "A restriction over the link forbids turning round by it.",
        ["no_u_turn rab be efp"],
        "ab",
        "ef",
        "bcde",
    ),
    ("The link itself may still be driven to reach it.", ["no_u_turn rab be efp"], "ab", "be", "b"),
    ("Others may drive over the link.", ["no_u_turn qd cd cs"], "ab", "ef", "be"),
    (
        "Both links forbidden lead all the way round.",
        ["no_u_turn rab be efp", "no_u_turn bc cd de"],
        "ab",
        "ef",
        "bcsqde",
    ),
    (
        "The other direction of the link is not concerned.",
        ["no_u_turn rab be efp"],
        "de",
        "bc",
        "eb",
    ),
    ("A restriction over two ways in a row.", ["no_u_turn rab bc+cd de"], "ab", "de", "bcsqd"),
    ("It leaves the first of them.", ["no_u_turn rab bc+cd de"], "ab", "bc", "b"),
    (
        "It leaves the second of them, which is reached.",
        ["no_u_turn rab bc+cd de"],
        "ab",
        "cd",
        "bc",
    ),
]


@pytest.mark.parametrize(
    ("sentence", "turns", "begin", "end", "path"), DUALS, ids=[row[0] for row in DUALS]
)
def test_restrictions_over_ways(
    sentence: str, turns: list[str], begin: str, end: str, path: str
) -> None:
    """On a dual carriageway the team drives the letters that restrictions over links leave."""
    assert dual(*turns, profile=DEAR).drive(begin, end) == path, sentence


def relation(tags: dict[str, str], *members: Member) -> Relation:
    """Make a restriction of the crossing: by default from wx by x to xs."""
    usual = (Member("way", 1, "from"), Member("node", ord("x") - 96, "via"), Member("way", 4, "to"))
    return Relation(7, members or usual, {"type": "restriction", **tags})


TAGGED = [
    ("A plain restriction holds.", {"restriction": "no_right_turn"}, True),
    ("One for motorcars holds.", {"restriction:motorcar": "no_right_turn"}, True),
    ("One for motor vehicles holds.", {"restriction:motor_vehicle": "no_right_turn"}, True),
    ("One for lorries does not.", {"restriction:hgv": "no_right_turn"}, False),
    ("One for buses does not.", {"restriction:bus": "no_right_turn"}, False),
    (
        "One that excepts motorcars does not.",
        {"restriction": "no_right_turn", "except": "psv;motorcar"},
        False,
    ),
    (
        "One that excepts bicycles holds.",
        {"restriction": "no_right_turn", "except": "bicycle"},
        True,
    ),
    (
        "One at some hours is applied at all: the turn is not relied on.",
        {"restriction:conditional": "no_right_turn @ (Mo-Fr 07:00-09:00)"},
        True,
    ),
    ("One of unknown kind is not applied, but reported.", {"restriction": "no_dancing"}, False),
    ("One that names no kind is not applied.", {}, False),
    (
        "A typed relation holds.",
        {"type": "restriction:motorcar", "restriction:motorcar": "no_right_turn"},
        True,
    ),
]


@pytest.mark.parametrize(("sentence", "tags", "holds"), TAGGED, ids=[row[0] for row in TAGGED])
def test_which_restrictions_concern_the_team(
    sentence: str, tags: dict[str, str], holds: bool
) -> None:
    """A restriction from west to south holds for the team, or is reported with the reason."""
    town = crossing(relations=[relation(tags)])
    assert (town.drive("wx", "xs") == "x") is not holds, sentence
    assert (town.imported.turns.applied == 1) is holds
    assert bool(town.imported.turns.skipped) is not holds


FAULTY = [
    ("a from, via or to member is missing", [Member("way", 1, "from"), Member("way", 4, "to")]),
    (
        "a member is a relation",
        [Member("way", 1, "from"), Member("relation", 7, "via"), Member("way", 4, "to")],
    ),
    (
        "several from or to members",
        [
            Member("way", 1, "from"),
            Member("way", 2, "from"),
            Member("node", 24, "via"),
            Member("way", 4, "to"),
        ],
    ),
    (
        "several via nodes, or a node and ways",
        [
            Member("way", 1, "from"),
            Member("node", 24, "via"),
            Member("node", 1, "via"),
            Member("way", 4, "to"),
        ],
    ),
    (
        "the via node is on no road of the extract",
        [Member("way", 1, "from"), Member("node", 99, "via"), Member("way", 4, "to")],
    ),
    (
        "the from way cannot be driven to the via member",
        [Member("way", 7, "from"), Member("node", 24, "via"), Member("way", 4, "to")],
    ),
    (
        "the to way cannot be driven from the via member",
        [Member("way", 1, "from"), Member("node", 24, "via"), Member("way", 7, "to")],
    ),
    (
        "the via ways do not join the from way to the to way",
        [Member("way", 1, "from"), Member("way", 7, "via"), Member("way", 4, "to")],
    ),
    (
        "the to way cannot be driven from the via member",
        [Member("way", 1, "from"), Member("node", 24, "via"), Member("way", 99, "to")],
    ),
]


@pytest.mark.parametrize(("reason", "members"), FAULTY)
def test_a_restriction_that_makes_no_turn_is_named(reason: str, members: list[Member]) -> None:
    """Members that make no turn skip the restriction: its id stands under the reason."""
    town = crossing(relations=[relation({"restriction": "no_right_turn"}, *members)])
    assert town.imported.turns.skipped == {reason: (7,)}
    assert town.drive("wx", "xs") == "x"


@pytest.mark.parametrize("u_turn_s", [0.0, 20.0])
def test_a_road_drawn_twice_is_left_either_way(u_turn_s: float) -> None:
    """A restriction names one of the two drawings; whoever stands there is not on a one-way."""
    town = draw_map(
        """
        x---a---------b---c
        |             |
        y-------------d
        """,
        ways=["xa", "ab", "ba", "bc", "bd", "dyx"],
        turns=["no_right_turn ab b bd"],
        profile=replace(PROFILE, turns=replace(PROFILE.turns, u_turn_s=u_turn_s)),
    )
    assert (town.drive("ab", "xa"), town.drive("ab", "bc")) == ("a", "b")


def test_no_entry_takes_several_ways_to_come_from() -> None:
    """no_entry closes a road to several others at once."""
    members = (
        Member("way", 1, "from"),
        Member("way", 3, "from"),
        Member("node", 24, "via"),
        Member("way", 4, "to"),
    )
    town = crossing(relations=[relation({"restriction": "no_entry"}, *members)])
    assert town.drive("wx", "xs") == "wds"
    assert town.drive("nx", "xs") != "x"
    assert town.drive("xe", "xs") == "x"


def test_no_exit_takes_several_ways_to_go_to() -> None:
    """no_exit closes several roads to one other at once."""
    members = (
        Member("way", 1, "from"),
        Member("node", 24, "via"),
        Member("way", 3, "to"),
        Member("way", 4, "to"),
    )
    town = crossing(relations=[relation({"restriction": "no_exit"}, *members)])
    assert town.drive("wx", "xs") == "wds"
    assert town.drive("wx", "nx") == "wan"
    assert town.drive("wx", "xe") == "x"
