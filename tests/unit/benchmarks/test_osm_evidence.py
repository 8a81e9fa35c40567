"""Evidence of pairs that differ, gathered on drawn maps: the peer is our engine on another map."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from benchmarks.osm_causes import Trip, causes
from benchmarks.osm_drives import Drive, OurRoads, PeerEngines, Place
from benchmarks.osm_evidence import SPACING_M, gather, inner_ends, parting, turned, vias
from benchmarks.osm_peers import compared
from benchmarks.osm_report import class_speeds, document, printed, spread
from benchmarks.osm_streets import AGAINST, CLOSED, ENDS_ONLY, OPEN, ExtractStreets, apart_m

from tests.scenarios.osm_map import OsmMap, draw_map

BLOCK = """
a---b---c
|       |
d---e---f
"""
WAYS = ["abc", "cf", "def", "ad"]
SLOW = {"abc": {"maxspeed": "10"}}


def middle(town: OsmMap, road: str) -> Place:
    """Return the middle of the road between two letters."""
    (west, south), (east, north) = town.places[road[0]], town.places[road[-1]]
    return (west + east) / 2, (south + north) / 2


def line(town: OsmMap, letters: str) -> list[Place]:
    """Draw a line through letters."""
    return [town.places[letter] for letter in letters]


def kinds(ours: OsmMap, theirs: OsmMap, begin: str, end: str) -> list[str]:
    """Gather the evidence of one pair, the peer on its own map, and name the causes."""
    pair = (middle(ours, begin), middle(ours, end))
    peer = OurRoads(theirs.network)
    streets = ExtractStreets(ours.imported.lines)
    return [c.kind for c in causes(gather(pair, OurRoads(ours.network), streets, peer.drive))]


def test_a_line_is_put_on_the_ways_it_follows() -> None:
    """Each stretch has its way, tags from the extract, and our rule in the direction driven."""
    tags = {"abc": {"oneway": "yes", "name": "High"}, "cf": {"access": "private"}}
    path = {"def": {"highway": "path"}, "ad": {}}
    town = draw_map(BLOCK, ways={**tags, **path})
    streets = ExtractStreets(town.imported.lines)
    found = streets.streets(streets.steps(line(town, "cbadefc")))
    assert [(street.way, street.rule) for street in found] == [
        (1, AGAINST),
        (4, OPEN),
        (3, CLOSED),
        (2, ENDS_ONLY),
    ]
    assert found[0].name == "High"
    assert found[0].tags == {"highway": "residential", "oneway": "yes"}
    assert found[0].metres == pytest.approx(800.0, rel=1e-2)


def test_a_line_beside_every_way_is_on_none() -> None:
    """A peer's line through a field is not taken for the nearest street."""
    town = draw_map(BLOCK, ways=WAYS)
    streets = ExtractStreets(town.imported.lines)
    off = [(lon, lat + 1e-4) for lon, lat in line(town, "ab")]
    (found,) = streets.streets(streets.steps(off))
    assert found.way == 0


def test_restrictions_and_barriers_on_a_line_are_found() -> None:
    """A forbidden turn is named where the line makes it, an only-turn where it does not."""
    town = draw_map(
        BLOCK,
        ways=WAYS,
        nodes={"e": {"barrier": "bollard"}},
        turns=["no_right_turn abc c cf", "only_left_turn cf f def"],
    )
    streets = ExtractStreets(town.imported.lines)
    assert list(streets.forbidden(streets.steps(line(town, "bcf")))) == [1]
    assert list(streets.forbidden(streets.steps(line(town, "fcb")))) == []
    assert list(streets.forbidden(streets.steps(line(town, "cfe")))) == []
    assert list(streets.stops(streets.steps(line(town, "fed")))) == ["node 5 (barrier=bollard)"]
    assert list(streets.stops(streets.steps(line(town, "abc")))) == []


def test_lines_part_where_the_other_does_not_drive_that_way() -> None:
    """Direction counts: the same street driven back is another one."""
    town = draw_map(BLOCK, ways=WAYS)
    streets = ExtractStreets(town.imported.lines)
    there, back = streets.steps(line(town, "abcf")), streets.steps(line(town, "cba"))
    assert [step.segment for step in parting(there, there[1:])] == [there[0].segment]
    assert parting(there, back) == there
    assert turned(streets.steps(line(town, "abcba"))) == 1
    assert turned(there) == 0


def test_an_engine_sent_through_the_vias_follows_the_line() -> None:
    """Via points lie on the line, in order, and close enough that no shortcut fits between."""
    town = draw_map(BLOCK, ways=WAYS)
    streets, roads = ExtractStreets(town.imported.lines), OurRoads(town.network)
    begin, end = middle(town, "ab"), middle(town, "de")
    longer = [begin, *line(town, "bcfe"), end]
    steps = streets.steps(longer)
    chosen = vias(steps)
    assert max(apart_m(*pair) for pair in pairwise(chosen)) <= SPACING_M
    followed = roads.drive([begin, *chosen, end])
    assert followed.metres == pytest.approx(sum(step.metres for step in steps), rel=1e-3)
    direct = roads.drive([begin, end])
    assert (direct.metres or 0.0) < (followed.metres or 0.0)


def test_a_private_street_that_the_peer_leaves_out_is_not_entered() -> None:
    """The place is on it, the peer joins the next street, and that is all there is to it."""
    drawing = "a---b---c\n    |\n    g"
    private = {"bg": {"access": "private"}}
    ours = draw_map(drawing, ways={"abc": {}, **private})
    theirs = draw_map(drawing, ways=["abc"])
    assert kinds(ours, theirs, "bg", "ab") == ["not entered"]


def test_a_barrier_the_peer_drives_through_is_named() -> None:
    """Ours goes round the block."""
    ours = draw_map(BLOCK, ways=WAYS, nodes={"b": {"barrier": "bollard"}})
    assert kinds(ours, draw_map(BLOCK, ways=WAYS), "ab", "bc") == ["barrier"]


def test_a_turn_the_peer_makes_against_a_restriction_is_named() -> None:
    """Ours obeys and takes a longer way."""
    ours = draw_map(BLOCK, ways=WAYS, turns=["no_right_turn abc c cf"])
    assert kinds(ours, draw_map(BLOCK, ways=WAYS), "bc", "cf")[0] == "restriction"


def test_a_private_way_passed_through_is_named() -> None:
    """Ours enters it from either side and goes round, the peer passes through."""
    drawing = "a---b---c---h\n    |   |\n    e   f\n    |   |\n    i---j"
    ways = ["ab", "bc", "ch", "beij", "jfc"]
    ours = draw_map(drawing, ways={**{way: {} for way in ways}, "bc": {"access": "private"}})
    assert kinds(ours, draw_map(drawing, ways=ways), "ab", "ch") == ["private"]


def test_other_speeds_are_a_choice_of_streets() -> None:
    """Each can drive the other's way; a slower limit alone makes the peer go round."""
    theirs = draw_map(BLOCK, ways={way: SLOW.get(way, {}) for way in WAYS})
    assert kinds(draw_map(BLOCK, ways=WAYS), theirs, "ad", "cf") == ["other streets"]


def test_a_report_counts_ranks_and_writes_what_differs() -> None:
    """Ratios of all pairs, causes of those that differ, and JSON with the same figures."""
    ours = draw_map(BLOCK, ways=WAYS, nodes={"b": {"barrier": "bollard"}})
    theirs = OurRoads(draw_map(BLOCK, ways=WAYS).network)
    places = [middle(ours, road) for road in ("ab", "bc", "de", "ef")]
    pairs = [(places[0], places[1]), (places[2], places[3])]
    streets = ExtractStreets(ours.imported.lines)
    found = compared("peer", "1.0", theirs.drive, pairs, OurRoads(ours.network), streets)
    said = "\n".join(printed(found, 10))
    assert "2 pairs driven by both; 0 only by the peer, 0 only by us" in said
    assert "= barrier: the peer passes node 2 (barrier=bollard), which stops us" in said
    record = json.loads(json.dumps(document(found, 10)))
    assert record["causes"] == {"one_sided": {}, "differing": {"barrier": 1}}
    (worst,) = record["worst"]
    assert worst["evidence"]["theirs"]["metres"] == pytest.approx(400.0, rel=1e-2)
    assert worst["evidence"]["ours"]["metres"] > 1000.0


def test_ratios_are_ours_to_theirs() -> None:
    """Percentiles of metres and seconds; nothing to compare gives nothing."""
    pairs = [(Trip(110.0, 20.0), Trip(100.0, 40.0))] * 3
    assert spread(pairs, "metres") == (1.1, 1.1, 1.1)
    assert spread(pairs, "seconds") == (0.5, 0.5, 0.5)
    assert spread([], "metres") is None


def test_speeds_by_class_are_of_pairs_that_drive_the_same_way() -> None:
    """A pair of other lengths says nothing of speeds."""
    town = draw_map("a---b", ways=["ab"])
    streets = ExtractStreets(town.imported.lines)
    street = streets.streets(streets.steps(line(town, "ab")))
    ours = Drive(400.0, 40.0, (), (None, None))
    same, other = Drive(400.0, 60.0, (), (None, None)), Drive(500.0, 10.0, (), (None, None))
    found = class_speeds([(ours, same, street), (ours, other, street)])
    assert found == {"residential": (1, 36.0, 24.0)}


def test_peers_that_are_not_installed_are_reported(tmp_path: Path) -> None:
    """The worker says which engine failed and why, and the comparison goes on without it."""
    pytest.importorskip("osmium", reason="needs the extra [osm]")
    for name in ("osrm", "valhalla"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('not here')", encoding="utf-8")
    extract = tmp_path / "one.osm"
    extract.write_text(
        "<osm version='0.6'><node id='1' version='1' lat='34' lon='-118'/></osm>", encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        with PeerEngines(sys.executable, extract) as peers:
            assert peers.state == {"osrm": "failed: not here", "valhalla": "failed: not here"}


def test_ends_on_a_corner_are_moved_onto_the_line() -> None:
    """A corner belongs to several streets; half a metre on, it is plain which one is driven."""
    town = draw_map(BLOCK, ways=WAYS)
    streets = ExtractStreets(town.imported.lines)
    found = inner_ends(streets.steps(line(town, "abcf")))
    assert found is not None
    for end, corner in zip(found, ("a", "f"), strict=True):
        assert apart_m(end, town.places[corner]) == pytest.approx(0.5, abs=0.01)
    assert inner_ends([]) is None
