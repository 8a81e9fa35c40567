"""Each hierarchy kernel against its naive twin: any graph, any order, and shapes drawn by hand."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.oracles import hierarchy as twin
from unarmed_router.errors import NetworkError
from unarmed_router.kernels import customization, elimination, labels, path_codes
from unarmed_router.kernels.customization import LONGEST, NEVER
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.topology import Topology

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Parents = dict[int, int | None]

# Short times make ties, and some ways take no time at all. Long ones come to the longest that an
# engine lets through, and beyond; it refuses a time of nothing.
SHORT = st.integers(0, 6)
LONG = st.one_of(st.integers(1, 6), st.sampled_from([2**26, 2**27, 2**28 - 1]))


class Network(NamedTuple):
    """A directed graph and the rank of each of its nodes."""

    rank: list[int]
    arcs: list[twin.Arc]

    def by_rank(self) -> list[twin.Arc]:
        """Name the ends of the arcs by their ranks, as twins and kernels do."""
        return [(self.rank[tail], self.rank[head], ms) for tail, head, ms in self.arcs]


@st.composite
def networks(draw: st.DrawFn, times: st.SearchStrategy[int] = SHORT) -> Network:
    """Draw parts that do not meet, one-ways, loops, parallel arcs, in any order."""
    rank = draw(st.integers(1, 9).flatmap(lambda nodes: st.permutations(range(nodes))))
    ends = st.integers(0, len(rank) - 1)
    roads = draw(st.lists(st.tuples(ends, ends, times, st.none() | times), max_size=14))
    arcs = [(a, b, there) for a, b, there, _ in roads]
    arcs += [(b, a, back) for a, b, _, back in roads if back is not None]
    return Network(rank, arcs)


def shape(nodes: int, sides: list[tuple[int, int]], shuffle: int | None = None) -> Network:
    """Lay two-way roads, each direction with a time of its own; ranks as numbered or shuffled."""
    rank = list(range(nodes))
    if shuffle is not None:
        random.Random(shuffle).shuffle(rank)  # noqa: S311  # a test order
    arcs = [(a, b, 1 + (3 * a + b) % 5) for a, b in sides]
    arcs += [(b, a, 1 + (a + 2 * b) % 7) for a, b in sides]
    return Network(rank, arcs)


GRID = [(4 * y + x, 4 * y + x + 1) for y in range(4) for x in range(3)]
GRID += [(v, v + 4) for v in range(12)]
SHAPES = {
    "nothing": shape(0, []),
    "one node": shape(1, []),
    "a loop": Network([0], [(0, 0, 4)]),
    "no arcs": shape(5, []),
    "a path in order": shape(12, [(v, v + 1) for v in range(11)]),
    "a path in any order": shape(12, [(v, v + 1) for v in range(11)], shuffle=1),
    # Its centre joins all leaves: far more edges than arcs, so the kernel's array must grow.
    "a star, centre first": shape(14, [(0, v) for v in range(1, 14)]),
    "a star, centre last": shape(14, [(13, v) for v in range(13)]),
    "a grid": shape(16, GRID, shuffle=2),
    "a forest": shape(12, [(0, 3), (1, 3), (3, 5), (2, 5), (4, 7), (6, 7), (8, 10), (9, 10)]),
    "a ring of one-ways": Network([3, 1, 0, 2], [(0, 1, 2), (1, 2, 2), (2, 3, 2), (3, 0, 2)]),
}


def on_any_network(
    times: st.SearchStrategy[int] = SHORT,
) -> Callable[[Callable[[Network], None]], Callable[[], None]]:
    """Run a test on random networks and on every shape above."""

    def decorate(test: Callable[[Network], None]) -> Callable[[], None]:
        for network in SHAPES.values():
            test = example(network=network)(test)
        run: Any = given(network=networks(times))(test)
        decorated: Callable[[], None] = settings(max_examples=80)(run)
        return decorated

    return decorate


def topology_of(network: Network) -> Topology:
    """Contract the network."""
    return Topology.build(
        rank=np.array(network.rank, np.int32),
        tail=np.array([tail for tail, _, _ in network.arcs], np.int32),
        head=np.array([head for _, head, _ in network.arcs], np.int32),
    )


def tree_of(network: Network) -> Parents:
    """Grow the tree without a kernel."""
    return twin.shape_of_tree(twin.fill_in(len(network.rank), network.by_rank()))


def arrays_of(tree: Parents) -> tuple[Int32s, Int32s]:
    """Write parents and depths as the kernels take them."""
    parent = [-1 if above is None else above for above in tree.values()]
    return np.array(parent, np.int32), np.array([twin.depth(v, tree) for v in tree], np.int32)


def customized(network: Network, topology: Topology) -> tuple[Int32s, Int32s]:
    """Run the two kernels of a metric."""
    up_ms, down_ms = respected(network, topology)
    customization.lower_all_triangles(
        topology.up_first,
        topology.up,
        topology.down_first,
        topology.down_edge,
        topology.lower,
        up_ms,
        down_ms,
    )
    return up_ms, down_ms


def respected(network: Network, topology: Topology) -> tuple[Int32s, Int32s]:
    """Run the first kernel of a metric into arrays that hold rubbish."""
    up_ms, down_ms = (np.full(len(topology.up), rubbish, np.int32) for rubbish in (-7, 0))
    arc_ms = np.array([ms for _, _, ms in network.arcs], np.int32)
    customization.respect(arc_ms, topology.edge_of, topology.upward, up_ms, down_ms)
    return up_ms, down_ms


def labelled(network: Network, topology: Topology) -> tuple[Int32s, Int32s]:
    """Run the kernel of the labels on what the kernels before it make."""
    to, back = (np.full(int(topology.label_first[-1]), -7, np.int32) for _ in range(2))
    labels.fill_labels(
        topology.up_first,
        topology.up,
        *customized(network, topology),
        topology.depth,
        topology.label_first,
        to,
        back,
    )
    return to, back


def capped(ms: int | None) -> int:
    """Write a time as the kernels do: no path, and what is as long, is `NEVER`."""
    return int(NEVER) if ms is None else min(ms, int(NEVER))


def edges_of(topology: Topology) -> Iterator[tuple[int, int]]:
    """Yield the lower and the higher end of every edge."""
    yield from zip(topology.lower.tolist(), topology.up.tolist(), strict=True)


@on_any_network()
def test_fill_in_is_the_elimination_game(network: Network) -> None:
    """The same higher neighbours, each once and ascending."""
    topology = topology_of(network)
    higher = twin.fill_in(len(network.rank), network.by_rank())
    bounds = topology.up_first.tolist()
    assert len(topology.up) == bounds[-1]
    found = {v: topology.up[bounds[v] : bounds[v + 1]].tolist() for v in range(len(network.rank))}
    assert found == higher


@on_any_network()
def test_fill_in_bears_neighbours_given_twice(network: Network) -> None:
    """Straight from parallel arcs, in any order: a neighbour is a neighbour once."""
    arcs = network.by_rank()
    above = [
        [max(tail, head) for tail, head, _ in arcs if v == min(tail, head) != max(tail, head)]
        for v in range(len(network.rank))
    ]
    first = np.cumsum([0, *map(len, above)], dtype=np.int32)
    up_first, up = elimination.fill_in(first, np.array(list(chain(*above)), np.int32))
    higher = twin.fill_in(len(network.rank), arcs)
    assert up.tolist() == [u for v in higher for u in higher[v]]
    assert np.diff(up_first).tolist() == [len(found) for found in higher.values()]


@on_any_network()
def test_the_parent_is_the_least_higher_neighbour(network: Network) -> None:
    """Parents and depths, several roots included."""
    topology, tree = topology_of(network), tree_of(network)
    parent, depth = elimination.shape_of_tree(topology.up_first, topology.up)
    assert [None if above < 0 else above for above in parent.tolist()] == list(tree.values())
    assert depth.tolist() == [twin.depth(v, tree) for v in tree]


@st.composite
def trees(draw: st.DrawFn) -> Parents:
    """Grow a forest downwards, mostly from its latest nodes, so that some codes overflow."""
    roots = draw(st.integers(1, 3))
    above: list[int | None] = [None] * roots
    steps = st.tuples(st.integers(1, 9), st.sampled_from([0, 0, 0, 1, 4, 13]))
    for children, back in draw(st.lists(steps, max_size=40)):
        above += [max(len(above) - 1 - back, 0)] * children
    return numbered(above)


def numbered(above: list[int | None]) -> Parents:
    """Give nodes ranks, lower ones to those listed later, which are below."""
    last = len(above) - 1
    return {last - v: None if (p := above[v]) is None else last - p for v in range(last, -1, -1)}


def spine(widths: list[int]) -> Parents:
    """Grow a spine whose nodes have as many children as told, the last of which carries on."""
    above: list[int | None] = [None]
    for width in widths:
        above += [len(above) - 1] * width
    return numbered(above)


@settings(max_examples=150)
@given(tree=trees())
def test_heavy_paths_follow_the_largest_child(tree: Parents) -> None:
    """Any forest; among equally large children the lowest carries the path on."""
    parent, _ = arrays_of(tree)
    assert elimination.heavy_paths(parent).tolist() == list(twin.heavy_paths(tree).values())


@settings(max_examples=60)
@given(tree=trees())
def test_few_heavy_paths_lead_to_a_root(tree: Parents) -> None:
    """At most log2(n + 1): a path that ends below another has less than half of its nodes."""
    parent, _ = arrays_of(tree)
    top = elimination.heavy_paths(parent)
    for v in tree:
        assert len({int(top[a]) for a in twin.branch(v, tree)}) <= math.log2(len(tree) + 1)


@on_any_network(LONG)
def test_an_edge_takes_the_time_of_its_fastest_arc(network: Network) -> None:
    """Both directions; what is not shorter than `NEVER` is no way at all."""
    topology = topology_of(network)
    up_ms, down_ms = respected(network, topology)
    fastest = twin.respect(network.by_rank())
    edges = list(edges_of(topology))
    assert up_ms.tolist() == [capped(fastest.get((low, high))) for low, high in edges]
    assert down_ms.tolist() == [capped(fastest.get((high, low))) for low, high in edges]


@on_any_network()
def test_an_edge_is_as_fast_as_any_path_through_lower_nodes(network: Network) -> None:
    """Both directions, whatever the lengths: shortcuts are shortest paths below their ends."""
    topology, arcs = topology_of(network), network.by_rank()
    up_ms, down_ms = customized(network, topology)
    for edge, (low, high) in enumerate(edges_of(topology)):
        assert up_ms[edge] == capped(twin.lower_all_triangles(arcs, low, high))
        assert down_ms[edge] == capped(twin.lower_all_triangles(arcs, high, low))


@on_any_network()
def test_labels_are_shortest_paths_below_the_ancestor(network: Network) -> None:
    """From each node to all its ancestors and back, `NEVER` where no way passes lower nodes."""
    topology = topology_of(network)
    to, back = labelled(network, topology)
    first = topology.label_first.tolist()
    for v, label in twin.fill_labels(network.by_rank(), tree_of(network)).items():
        assert to[first[v] : first[v + 1]].tolist() == [capped(ms) for ms in label.to]
        assert back[first[v] : first[v + 1]].tolist() == [capped(ms) for ms in label.back]


def accepted(arcs: list[twin.Arc], nodes: int, budget: int) -> HierarchyTravelTimes | None:
    """Make an engine of one-way roads ranked as they are numbered; None where it is refused."""
    tail, head = (np.array([arc[end] for arc in arcs], np.int32) for end in (0, 1))
    topology = Topology.build(rank=np.arange(nodes, dtype=np.int32), tail=tail, head=head)
    try:
        return HierarchyTravelTimes(
            topology=topology,
            twin=np.full(len(arcs), -1, np.int32),
            arc_ms=np.array([ms for _, _, ms in arcs], np.int32),
            label_budget=budget,
        )
    except NetworkError as error:
        if "less than three days" not in str(error):
            raise
        return None


@on_any_network(LONG)
def test_long_times_are_right_or_refused(network: Network) -> None:
    """A path that exists is timed or the metric is refused: never is it taken for none."""
    arcs, nodes = network.by_rank(), len(network.rank)
    for budget in (0, 2**40):
        engine = accepted(arcs, nodes, budget)
        if engine is not None:
            for goal in range(nodes):
                starts = [[(v, 0)] for v in range(nodes)]
                times = twin.many_to_one(arcs, starts, [(goal, 0)])
                expected = [-1 if ms is None else ms for ms in times]
                assert engine.between_nodes(range(nodes), goal).tolist() == expected


@pytest.mark.parametrize(
    "arcs",
    [
        pytest.param([(0, 1, LONGEST)], id="an arc"),
        pytest.param([(0, 1, LONGEST // 2), (2, 0, LONGEST // 2)], id="a way round a lower node"),
        pytest.param([(0, 1, 1), (1, 2, 2**30 - 1), (2, 3, 1)], id="as long as no path"),
    ],
)
@pytest.mark.parametrize("budget", [0, 2**40])
def test_three_days_are_refused(arcs: list[twin.Arc], budget: int) -> None:
    """With labels and without."""
    assert accepted(arcs, 4, budget) is None


def test_without_labels_a_trip_may_take_longer() -> None:
    """Rows add up in int64: a path of nine days of short stretches is timed; labels refuse it."""
    arcs = [(v, v + 1, LONGEST - 1) for v in range(3)]
    engine = accepted(arcs, 4, 0)
    assert engine is not None
    assert engine.between_nodes([0, 3], 3).tolist() == [3 * (LONGEST - 1), 0]
    assert engine.between_nodes([3], 0).tolist() == [-1]
    assert accepted(arcs, 4, 2**40) is None


@given(st.lists(st.sampled_from([0, 1, 5, LONGEST, int(NEVER)])))
def test_the_longest_time_is_the_largest_that_is_one(times: list[int]) -> None:
    """`NEVER` is no time."""
    expected = max((ms for ms in times if ms < NEVER), default=0)
    assert customization.longest(np.array(times, np.int32)) == expected


@settings(max_examples=60)
@given(tree=trees(), data=st.data())
def test_the_common_depth_is_that_of_two_walks(tree: Parents, data: st.DataObject) -> None:
    """Of any node with some nodes, in both orders; -1 in different trees."""
    parent, depth = arrays_of(tree)
    top = elimination.heavy_paths(parent)
    for t in data.draw(st.lists(st.sampled_from(list(tree)), min_size=1, max_size=3)):
        for s in tree:
            shared = twin.common_depth(s, t, tree)
            assert labels.common_depth(s, t, parent, depth, top) == shared
            assert labels.common_depth(t, s, parent, depth, top) == shared


@given(bits=st.integers(0, 2**64 - 1), place=st.integers(0, 64))
@example(bits=0, place=0)
def test_the_lowest_bit_is_found(bits: int, place: int) -> None:
    """Any word, and the same word with zeros below a place, up to no bit at all."""
    lowest_bit: Any = path_codes.lowest_bit  # takes an unsigned word, which is no int
    for word in (bits, (bits << place) % 2**64, (1 << place) % 2**64):
        assert lowest_bit(np.uint64(word)) == twin.lowest_bit(word)


def compare_codes(tree: Parents, targets: list[int]) -> int:
    """Compare all that codes say of some targets with walks; count the pairs they cannot tell."""
    parent, depth = arrays_of(tree)
    branches, head = path_codes.branch_codes(parent, depth)
    codes = twin.branch_codes(tree)
    assert head.tolist() == [codes[v].head for v in tree]
    for v, code in codes.items():
        word, numbers = (int(half) for half in branches[v])
        assert word >> len(code.writers) == 0
        assert numbers >> 40 == (path_codes.BITS + 1 if code.fits else len(code.writers))
        assert numbers >> 32 & 0xFF == len(code.writers)
        assert numbers % 2**32 == twin.depth(v, tree)
    unknown = 0
    table = np.full(path_codes.BITS + 1, -9, np.int32)
    for t in targets:
        path_codes.parting_depths(t, parent, depth, branches, head, table)
        assert table.tolist() == twin.parting_depths(t, tree)
        for s in tree:
            found = path_codes.shared_depth(s, t, branches, table)
            if found == -2:
                assert not twin.codes_must_tell(s, t, tree, codes), (s, t)
                unknown += 1
            else:
                assert found == twin.common_depth(s, t, tree), (s, t)
    return unknown


@settings(max_examples=80)
@given(tree=trees(), data=st.data())
def test_codes_tell_the_common_depth(tree: Parents, data: st.DataObject) -> None:
    """Equal to two walks in any forest, unless the codes do not fit a word."""
    targets = data.draw(st.lists(st.sampled_from(list(tree)), min_size=1, max_size=2))
    event("some pairs are unknown" if compare_codes(tree, targets) else "all pairs are known")


@pytest.mark.parametrize(
    ("widths", "known"),
    [
        pytest.param([2] * 64, True, id="64 bits, one at a time"),
        pytest.param([2] * 65, False, id="65 bits, one at a time"),
        pytest.param([16] * 16, True, id="64 bits, four at a time"),
        pytest.param([16] * 16 + [1, 1], True, id="64 bits and no branching below"),
        pytest.param([17] * 12 + [16], True, id="64 bits, five at a time and four"),
        pytest.param([17] * 13, False, id="65 bits, five at a time"),
        pytest.param([2] * 63 + [3, 2], False, id="a misfit above what would fit"),
        pytest.param([1] * 80, True, id="a path takes no bits"),
        pytest.param([], True, id="one node"),
    ],
)
def test_codes_fail_only_beyond_a_word(widths: list[int], known: bool) -> None:
    """Every pair is known up to 64 bits; one bit more, and some are not."""
    tree = spine(widths)
    assert (compare_codes(tree, [0, len(tree) // 2, len(tree) - 1]) == 0) is known


@on_any_network()
def test_a_climb_finds_the_best_way_that_only_rises(network: Network) -> None:
    """From both ends of every edge, one after the other into one row, either end first."""
    topology, tree = topology_of(network), tree_of(network)
    for edge_ms in customized(network, topology):
        rising = [
            (low, high, int(ms))
            for (low, high), ms in zip(edges_of(topology), edge_ms, strict=True)
            if ms < NEVER
        ]
        pairs = [(v, v) for v in tree] + list(edges_of(topology))
        for low, high in pairs:
            for starts in ([(low, 3), (high, 1)], [(high, 4), (low, 0)]):
                row = np.full(twin.depth(low, tree) + 1, labels.FAR)
                for node, ms in starts:
                    labels.climb(
                        node, ms, topology.up_first, topology.up, edge_ms, topology.depth, row
                    )
                best = twin.climb(starts, rising, tree)
                assert row.tolist() == [int(labels.FAR) if ms is None else ms for ms in best]


Ends = list[tuple[int, int]]


def many_to_one(network: Network, starts: list[Ends], goal: Ends) -> tuple[Int64s, Int64s]:
    """Run both kernels that answer a query, with labels and by rows."""
    shape = topology_of(network)
    up_ms, down_ms = customized(network, shape)
    to, back = labelled(network, shape)
    rows = np.array([four(ends) for ends in starts], np.int64).reshape(-1, 4)
    entry = np.array(four(goal), np.int64)
    tree = (shape.parent, shape.depth, shape.top)
    by_labels, by_rows = (np.full(len(starts), -7, np.int64) for _ in range(2))
    coded = (shape.branches, shape.branch_head, shape.label_first)
    labels.many_to_one(rows, entry, *tree, *coded, to, back, by_labels)
    edges = (shape.up_first, shape.up, up_ms, down_ms)
    labels.many_to_one_by_rows(rows, entry, *edges, *tree, by_rows)
    return by_labels, by_rows


def four(ends: Ends) -> list[int]:
    """Write one or two ends as a kernel takes them."""
    return [number for end in (*ends, (-1, 0))[:2] for number in end]


def agree(network: Network, starts: list[Ends], goal: Ends) -> None:
    """Compare both kernels with their twin."""
    times = twin.many_to_one(network.by_rank(), starts, goal)
    expected = [-1 if ms is None else ms for ms in times]
    by_labels, by_rows = many_to_one(network, starts, goal)
    assert by_labels.tolist() == expected
    assert by_rows.tolist() == expected


@on_any_network()
def test_both_queries_find_the_shortest_way_between_places(network: Network) -> None:
    """Between all nodes, and between all roads: by any end of the one and any end of the other."""
    nodes: list[Ends] = [[(v, 0)] for v in range(len(network.rank))]
    # As a road position does, each place lies some time off both ends, or off one on a one-way.
    roads: list[Ends] = [
        [(tail, ms % 3), (head, ms // 2)] if ms % 2 else [(head, ms)]
        for tail, head, ms in network.by_rank()
    ]
    for goal in nodes[:3] + roads[:3]:
        agree(network, nodes + roads, goal)


def test_a_query_walks_where_codes_cannot_tell() -> None:
    """On a spine of 70 branchings, deep pairs have no codes; the times are right all the same."""
    tree = spine([2] * 70)
    assert compare_codes(tree, [0]) > 0
    sides = [(v, above) for v, above in tree.items() if above is not None]
    network = shape(len(tree), sides)
    assert tree_of(network) == tree
    places: list[Ends] = [[(v, 0)] for v in tree]
    for goal in (0, 1, 5, 70, len(tree) - 1):
        agree(network, places[:12] + places[::9], [(goal, 2)])


@pytest.mark.parametrize("ms", [2**27, LONGEST - 1])
def test_a_place_far_from_its_end_is_not_near(ms: int) -> None:
    """The longest times at both ends of a trip add up, and nothing wraps."""
    network = Network([0, 1], [(0, 1, 7), (1, 0, 5)])
    far: list[Ends] = [[(0, ms)], [(1, ms)], [(0, ms), (1, 3)], [(0, 3), (1, ms)]]
    near: list[Ends] = [[(0, 0)], [(1, 0)]]
    for starts, goal in [(far + near, goal) for goal in far + near]:
        agree(network, starts, goal)
