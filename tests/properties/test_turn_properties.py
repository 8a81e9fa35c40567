"""Split junctions drive exactly what the turn rules allow, at exactly the price they set."""

from __future__ import annotations

import heapq

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.oracles.turns import TurnWorld
from unarmed_router.roads.osm.arcs import Arcs, arcs_of
from unarmed_router.roads.osm.chains import Chains
from unarmed_router.roads.osm.junctions import SplitGraph, split_junctions
from unarmed_router.roads.osm.private_areas import private_areas
from unarmed_router.roads.osm.profile import Access, TurnRule
from unarmed_router.roads.osm.turns import turn_tables

Road = tuple[int, int, bool, int]
Town = tuple[list[Road], list[tuple[int, int, int]], int, list[bool]]


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Draw roads (node, node, one-way, ms), seeds of bans, a U-turn price, and what is private."""
    nodes = draw(st.integers(3, 6))
    pairs = st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1))
    roads = draw(
        st.lists(
            st.tuples(pairs.filter(lambda p: p[0] != p[1]), st.booleans(), st.integers(2, 30)),
            min_size=3,
            max_size=9,
        )
    )
    bans = draw(
        st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(2, 4)), max_size=4)
    )
    drawn = [(one, other, alone, ms) for (one, other), alone, ms in roads]
    private = draw(st.lists(st.booleans(), max_size=len(drawn)))
    return drawn, bans, draw(st.sampled_from([0, 5, 20, 60])), private


def chains_from(roads: list[Road], private: list[bool]) -> Chains:
    """Make roads between junctions without geometry."""
    count = len(roads)
    access = [Access.ENDS_ONLY if ends_only else Access.OPEN for ends_only in private]
    access += [Access.OPEN] * (count - len(private))
    ways = list(zip(roads, access, strict=True))
    zeros = np.zeros(count, np.int64)
    ms = np.array([road[3] for road in roads], np.float64)
    return Chains(
        first_node=np.array([road[0] for road in roads]),
        last_node=np.array([road[1] for road in roads]),
        forward=np.array(access, np.int8),
        backward=np.array([Access.CLOSED if road[2] else own for road, own in ways], np.int8),
        forward_ms=ms,
        backward_ms=ms,
        length_m=ms,
        tags=zeros,
        name=zeros,
        way_id=zeros,
        first_way=zeros,
        last_way=zeros,
        vertex_first=2 * np.arange(count + 1),
        places=np.zeros((2 * count, 2)),
    )


def sequences(arcs: Arcs, seeds: list[tuple[int, int, int]]) -> list[tuple[int, ...]]:
    """Walk from seeded arcs, choosing by the seed, to make sequences that can be driven."""
    found = []
    for begin, choice, length in seeds:
        walk = [begin % arcs.count]
        while len(walk) < length:
            onward = arcs.out_of(int(arcs.head[walk[-1]]))
            if not onward:
                break
            walk.append(onward[choice % len(onward)])
        if len(walk) > 1:
            found.append(tuple(walk))
    return found


def times_to_ends(graph: SplitGraph, start: int, arcs: int) -> dict[int, int]:
    """Return the least time to the end of each arc that follows a start in the middle of an arc.

    It counts from the end of the first arc.
    """
    out: dict[int, list[int]] = {}
    for number, tail in enumerate(graph.tail.tolist()):
        out.setdefault(tail, []).append(number)
    best: dict[int, int] = {}
    done: dict[int, int] = {}
    queue = [(0, int(graph.exit_node[start]))]
    while queue:
        time, node = heapq.heappop(queue)
        if node in done:
            continue
        done[node] = time
        for number in out.get(node, ()):
            then = time + int(graph.ms[number])
            if number < arcs:
                best[number] = min(then, best.get(number, then))
            heapq.heappush(queue, (then, int(graph.head[number])))
    return best


@settings(max_examples=120)
@given(towns())
@example(
    # A U-turn, and another to drive on in another state: both are priced.
    (
        [(3, 0, True, 2), (3, 0, False, 2), (0, 2, True, 2), (1, 3, False, 2), (2, 0, True, 2)],
        [(30, 57, 4), (33, 86, 2)],
        5,
        [],
    )
)
def test_split_junctions_equal_the_history_oracle(
    town: Town,
) -> None:
    """From every arc to every arc, in the middle of a restriction or not, both searches agree.

    Whoever starts on an arc has no history, whichever sequences go over it. Private areas are
    entered and left anywhere, and not driven through.
    """
    roads, seeds, u_turn_ms, private = town
    chains = chains_from(roads, private)
    arcs = arcs_of(chains, private_areas(chains))
    banned = sequences(arcs, seeds)
    rule = TurnRule(u_turn_ms / 1000.0, 0.0, 0.0, 40.0)
    bearings = np.zeros((arcs.count, 2))
    legs, tables = turn_tables(arcs, banned, rule=rule, signals=(), bearings=bearings)
    graph = split_junctions(legs, tables)
    world = TurnWorld(
        ends=list(zip(arcs.tail.tolist(), arcs.head.tolist(), strict=True)),
        ms=arcs.ms.tolist(),
        reverse=arcs.reverse.tolist(),
        banned=banned,
        u_turn_ms=u_turn_ms,
        private=frozenset(np.flatnonzero(arcs.private).tolist()),
        guarded=frozenset(np.flatnonzero(several_entrances(roads, private, arcs)).tolist()),
    )
    mine = [times_to_ends(graph, start, arcs.count) for start in range(arcs.count)]
    right = [world.times_from(start) for start in range(arcs.count)]
    for start in range(arcs.count):
        for goal in range(arcs.count):
            begin, end = both_ways(start, arcs), both_ways(goal, arcs)
            if begin != end:
                assert between(begin, end, mine, arcs) == between(begin, end, right, arcs)


def several_entrances(roads: list[Road], private: list[bool], arcs: Arcs) -> list[bool]:
    """Tell of each arc whether its road is of a private area with several entrances."""
    closed = {number for number, ends_only in enumerate(private) if ends_only}
    ends = [{one, other} for one, other, _, _ in roads]
    public = {node for number in range(len(roads)) if number not in closed for node in ends[number]}
    found = []
    for road in arcs.chain.tolist():
        area, touched = {road} & closed, set[int]()
        while area and touched != (more := {node for part in area for node in ends[part]}):
            touched = more
            area |= {other for other in closed if ends[other] & touched - public}
        found.append(len(touched & public) > 1)
    return found


def both_ways(arc: int, arcs: Arcs) -> tuple[int, ...]:
    """Return the directions in which the road of an arc may be driven."""
    other = int(arcs.reverse[arc])
    return (arc,) if other < 0 else (min(arc, other), max(arc, other))


def between(
    begin: tuple[int, ...], end: tuple[int, ...], times: list[dict[int, int]], arcs: Arcs
) -> int | None:
    """Return twice the least time from the middle of one road to the middle of another."""
    return min(
        (
            int(arcs.ms[start]) + 2 * times[start][goal] - int(arcs.ms[goal])
            for start in begin
            for goal in end
            if goal in times[start]
        ),
        default=None,
    )
