"""Naive twins of the hierarchy kernels: one definition each, in sets, dicts and walks.

Nodes are numbered by rank, 0 is contracted first; an arc is its tail, its head and its time. A tree
is the parent of each node, None at a root. What no path reaches is absent, never a large number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import NamedTuple

Arc = tuple[int, int, int]
Tree = Mapping[int, int | None]
CODE_BITS = 64
"""A code is one machine word."""


def fill_in(nodes: int, arcs: Iterable[Arc]) -> dict[int, list[int]]:
    """Play the elimination game: whoever goes joins all its neighbours, which are all higher."""
    left: dict[int, set[int]] = {v: set() for v in range(nodes)}
    for tail, head, _ in arcs:
        if tail != head:
            left[tail].add(head)
            left[head].add(tail)
    higher: dict[int, list[int]] = {}
    for v in range(nodes):
        gone = left.pop(v)
        higher[v] = sorted(gone)
        for u in gone:
            left[u] = (left[u] | gone) - {u, v}
    return higher


def shape_of_tree(higher: Mapping[int, Sequence[int]]) -> dict[int, int | None]:
    """Make the least higher neighbour the parent."""
    return {v: min(above, default=None) for v, above in higher.items()}


def branch(v: int, tree: Tree) -> list[int]:
    """Walk from a node to its root; the list begins with the root and ends with the node."""
    above = tree[v]
    return [v] if above is None else [*branch(above, tree), v]


def depth(v: int, tree: Tree) -> int:
    """Count the steps to the root."""
    return len(branch(v, tree)) - 1


def heavy_paths(tree: Tree) -> dict[int, int]:
    """Find the top of each node's path; of equally large children the lowest carries it on."""
    size = Counter(ancestor for v in tree for ancestor in branch(v, tree))

    def carries_on(v: int) -> bool:
        above = tree[v]
        siblings = [u for u in tree if tree[u] == above]
        return above is not None and v == min(siblings, key=lambda u: (-size[u], u))

    def top(v: int) -> int:
        above = tree[v]
        return top(above) if above is not None and carries_on(v) else v

    return {v: top(v) for v in tree}


def respect(arcs: Iterable[Arc]) -> dict[tuple[int, int], int]:
    """Keep the fastest of the arcs from one node to another."""
    fastest: dict[tuple[int, int], int] = {}
    for tail, head, ms in arcs:
        fastest[tail, head] = min(ms, fastest.get((tail, head), ms))
    return fastest


def times_from(arcs: Sequence[Arc], source: int) -> dict[int, int]:
    """Relax every arc until nothing changes (Bellman and Ford)."""
    found = {source: 0}
    changed = True
    while changed:
        changed = False
        for tail, head, ms in arcs:
            if tail in found and (head not in found or found[tail] + ms < found[head]):
                found[head] = found[tail] + ms
                changed = True
    return found


def lower_all_triangles(arcs: Iterable[Arc], source: int, target: int) -> int | None:
    """Find the shortest path between two nodes all of whose other nodes are lower than both."""
    allowed = {source, target, *range(min(source, target))}
    inside = [arc for arc in arcs if {arc[0], arc[1]} <= allowed]
    return times_from(inside, source).get(target)


class Label(NamedTuple):
    """Times from a node to each node of its branch, roots first, and from each to the node."""

    to: list[int | None]
    back: list[int | None]


def fill_labels(arcs: Sequence[Arc], tree: Tree) -> dict[int, Label]:
    """Find the shortest paths that pass no node higher than the ancestor; no hierarchy."""
    labels = {v: Label([], []) for v in tree}
    for v in tree:
        for a in branch(v, tree):
            inside = [arc for arc in arcs if max(arc[0], arc[1]) <= a]
            labels[v].to.append(times_from(inside, v).get(a))
            labels[v].back.append(times_from(inside, a).get(v))
    return labels


def climb(starts: Sequence[tuple[int, int]], rising: Sequence[Arc], tree: Tree) -> list[int | None]:
    """Time the best way to each node of a branch, roots first, on arcs that only rise.

    Each start is a node of one branch and the time to reach it.
    """
    reached = [(ms, times_from(rising, node)) for node, ms in starts]
    longest = max((branch(node, tree) for node, _ in starts), key=len)
    return [
        min((ms + times[a] for ms, times in reached if a in times), default=None) for a in longest
    ]


def common_depth(s: int, t: int, tree: Tree) -> int:
    """Count the nodes that two branches share; the depth of the last, -1 when there is none."""
    return len(set(branch(s, tree)) & set(branch(t, tree))) - 1


Ends = Sequence[tuple[int, int]]


def many_to_one(arcs: Sequence[Arc], starts: Sequence[Ends], goal: Ends) -> list[int | None]:
    """Try every way to leave each start and every way to enter the goal.

    An end is a node and the time between it and the place itself. `many_to_one_by_rows` and
    `drive`, of a packed metric with labels or without, have the same answers.
    """
    times = {node: times_from(arcs, node) for ends in starts for node, _ in ends}
    return [
        min(
            (
                out + times[node][entry] + on
                for node, out in ends
                for entry, on in goal
                if entry in times[node]
            ),
            default=None,
        )
        for ends in starts
    ]


def time_nodes(
    arcs: Sequence[Arc], origins: Sequence[int], destinations: Sequence[int]
) -> list[list[int | None]]:
    """Time each destination from each origin, a row a destination."""
    times = {origin: times_from(arcs, origin) for origin in origins}
    return [[times[origin].get(goal) for origin in origins] for goal in destinations]


def longest(times: Iterable[int]) -> int:
    """Take the greatest of the times that stand for a path; a billion and more stands for none."""
    return max((ms for ms in times if ms < 2**30 - 1), default=0)


def lowest_bit(bits: int) -> int:
    """Look at one bit after the other."""
    return next((place for place in range(CODE_BITS) if (bits >> place) % 2), CODE_BITS)


class Code(NamedTuple):
    """What a node's code must be like, whichever child is given which number.

    `writers` names, bit by bit, the branching that wrote it (None above the roots); `fits` tells
    whether all branchings found room; `head` is the highest node with the same code.
    """

    writers: list[int | None]
    fits: bool
    head: int


def branch_codes(tree: Tree) -> dict[int, Code]:
    """Give each branching as many bits as number its children, the highest branching first."""
    children = Counter(tree.values())
    width = {above: next(w for w in count() if 2**w >= children[above]) for above in children}
    codes: dict[int, Code] = {}
    for v in tree:
        writers: list[int | None] = []
        fits, head = True, v
        for number, node in enumerate(branch(v, tree)):
            bits = width[tree[node]]
            if len(writers) + bits > CODE_BITS:
                fits = False
                break
            writers += [tree[node]] * bits
            if bits or number == 0:
                head = node
        codes[v] = Code(writers, fits, head)
    return codes


def parting_depths(target: int, tree: Tree) -> list[int]:
    """Say how deep the writer of each bit is; the target's own depth where nobody wrote."""
    writers = branch_codes(tree)[target].writers
    depths = [-1 if writer is None else depth(writer, tree) for writer in writers]
    return depths + [depth(target, tree)] * (CODE_BITS + 1 - len(depths))


def codes_must_tell(s: int, t: int, tree: Tree, codes: Mapping[int, Code]) -> bool:
    """Tell whether `shared_depth` has no excuse.

    Both codes fit, or they fit down to the branching at which the two nodes part.
    """
    shared = common_depth(s, t, tree) + 1
    parted = [line[shared] for line in (branch(s, tree), branch(t, tree)) if len(line) > shared]
    ends = parted if len(parted) == 2 else [s, t]
    return all(codes[v].fits for v in ends)
