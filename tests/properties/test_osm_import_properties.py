"""An imported map takes the times of networkx over the raw blocks, rules of all kinds included."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from tests.oracles.osm_roads import RawRoads, Restriction
from tests.scenarios.osm_map import PROFILE, OsmMap
from unarmed_router.errors import NetworkError
from unarmed_router.roads.osm.elements import Member, Node, OsmData, Relation, Way

STEP = 0.001
TURNS = replace(PROFILE.turns, left_s=0.0, right_s=0.0)


@st.composite
def raw_roads(draw: st.DrawFn) -> RawRoads:
    """Draw a grid of three by three crossings with blocks left out, bends, one-ways and rules."""
    places: dict[int, tuple[float, float]] = {}
    for row in range(3):
        for column in range(3):
            wobble = draw(st.integers(-20, 20)) / 100_000.0
            place = (-118.0 + column * STEP * 1.3 + wobble, 34.0 - row * STEP + wobble)
            places[row * 3 + column + 1] = place
    pairs = [(n, n + 1) for n in range(1, 10) if n % 3] + [(n, n + 3) for n in range(1, 7)]
    ways: dict[int, tuple[int, ...]] = {}
    oneway = set()
    for one, other in pairs:
        if draw(st.integers(0, 9)) == 0:
            continue
        number = len(ways) + 1
        ends: tuple[int, ...] = (one, other) if draw(st.booleans()) else (other, one)
        if draw(st.booleans()):
            bend = 100 + number
            (west, south), (east, north) = places[one], places[other]
            places[bend] = ((west + east) / 2 + STEP / 7, (south + north) / 2 + STEP / 9)
            ends = (ends[0], bend, ends[1])
        ways[number] = ends
        if draw(st.integers(0, 4)) == 0:
            oneway.add(number)
    assume(len(ways) > 4)
    rules = [draw(restrictions(ways)) for _ in range(draw(st.integers(0, 4)))]
    # Of "no" and "only" for one turn the first counts: together they would forbid every way on.
    kept = tuple({(r.begin, r.via, r.end): r for r in rules[::-1] if r is not None}.values())
    price = draw(st.sampled_from([0.0, 5.0, 20.0, 90.0]))
    kph = PROFILE.classes["residential"].kph
    private = draw(st.frozensets(st.sampled_from(sorted(ways)), max_size=5))
    return RawRoads(places, ways, frozenset(oneway), kept, kph, price, private)


@st.composite
def restrictions(draw: st.DrawFn, ways: dict[int, tuple[int, ...]]) -> Restriction | None:
    """Draw a restriction over ways that follow each other, None where they do not go on."""
    walk = [draw(st.sampled_from(sorted(ways)))]
    node = ways[walk[0]][draw(st.sampled_from([0, -1]))]
    for _ in range(draw(st.integers(1, 2))):
        onward = [w for w, nodes in ways.items() if w not in walk and node in (nodes[0], nodes[-1])]
        if not onward:
            return None
        walk.append(draw(st.sampled_from(sorted(onward))))
        nodes = ways[walk[-1]]
        node = nodes[-1] if nodes[0] == node else nodes[0]
    return Restriction(draw(st.booleans()), walk[0], tuple(walk[1:-1]), walk[-1])


def imported(raw: RawRoads) -> OsmMap:
    """Write the blocks as OpenStreetMap elements and import them."""
    relations = []
    for number, rule in enumerate(raw.restrictions, 1):
        (shared,) = (
            {raw.ways[rule.begin][0], raw.ways[rule.begin][-1]}
            & {raw.ways[rule.end][0], raw.ways[rule.end][-1]}
            if not rule.via
            else {0}
        )
        via = [Member("way", way, "via") for way in rule.via] or [Member("node", shared, "via")]
        ends = (Member("way", rule.begin, "from"), Member("way", rule.end, "to"))
        kind = "only_straight_on" if rule.only else "no_straight_on"
        tags = {"type": "restriction", "restriction": kind}
        relations.append(Relation(number, (ends[0], *via, ends[1]), tags))
    data = OsmData.of(
        [Node(ref, *place) for ref, place in raw.places.items()],
        [
            Way(
                ref,
                nodes,
                {"highway": "residential"}
                | ({"oneway": "yes"} if ref in raw.oneway else {})
                | ({"access": "private"} if ref in raw.private else {}),
            )
            for ref, nodes in raw.ways.items()
        ],
        relations,
    )
    turns = replace(TURNS, u_turn_s=raw.u_turn_s)
    letters = {chr(200 + ref): place for ref, place in raw.places.items()}
    return OsmMap(letters, data, replace(PROFILE, turns=turns))


@settings(max_examples=25)
@given(raw_roads())
def test_an_imported_map_takes_the_times_of_networkx(raw: RawRoads) -> None:
    """Between the middles of every two ways in the network, engines and oracle agree."""
    town = imported(raw)
    try:
        assert town.network.arcs
    except NetworkError:
        reject()
    first = {way: "".join(chr(200 + node) for node in nodes[:2]) for way, nodes in raw.ways.items()}
    roads, driven = town.roads(), town.roads(passing=True)
    present = [way for way, at in first.items() if not {at, at[::-1]}.isdisjoint(roads)]
    gone = {(way, True) for way, stretch in first.items() if stretch not in driven}
    gone |= {(way, False) for way, stretch in first.items() if stretch[::-1] not in driven}
    via = {way for rule in raw.restrictions for way in rule.via}
    # Starts in the middle of a restriction, or of a private area, first: they have begun nothing.
    for begin in sorted(present, key=lambda way: way not in via | raw.private)[:3]:
        for end in present:
            if begin == end:
                continue
            mine = town.seconds(first[begin], first[end])
            right = raw.seconds(begin, end, gone=gone)
            if mine is None or right is None:
                assert mine is right is None
            else:
                assert mine == pytest.approx(right, rel=2e-3, abs=0.01), (begin, end)
