"""The figure of docs/method.md as SVG: a city, its elimination tree, and the labels of a query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from docs.figures.city import COLUMNS, Question, Spot

__all__ = ["drawn"]

WIDE, HIGH, R = 1068, 592, 13  # the picture, a crossing
MAP, TREE, TOP = (47, 114), 474, 114  # where the city begins, the tree's left edge, its root
STEP, BRANCH = 54, 30  # between two depths, between two branches
COLUMN_AT = (912, 972, 1032)  # middles of the columns of numbers
TO, BACK, SHARED, MEET = "#c8641b", "#8e2a75", "#fff1c9", "#f0b400"
CUTS = {0: "#12395f", 1: "#2a72a8", 2: "#7db5d6", 3: "#c9e1ee", -1: "#ffffff"}
KEY = {
    30: (0, "first cut"),
    122: (1, "second"),
    211: (2, "third"),
    283: (3, "fourth"),
    365: (-1, "left whole"),
}
BOLD = 'font-weight="bold"'


def drawn(asked: Question) -> str:
    """Draw the city, its tree and the two labels as an SVG document."""
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" role="img" '
            'font-family="Helvetica, Arial, sans-serif" font-size="16" fill="#222">'
            "<title>A small city, its elimination tree, and one query</title>"
            f'<rect width="{WIDE}" height="{HIGH}" rx="10" fill="#fff"/>'
        ),
        *_city(asked),
        *_tree(asked),
        *_numbers(asked),
        *_legend(),
    ]
    return "\n".join([*parts, "</svg>\n"])


def _text(spot: Spot, words: object, style: str = "", *, anchor: str = "middle") -> str:
    return f'<text x="{spot[0]:g}" y="{spot[1]:g}" text-anchor="{anchor}" {style}>{words}</text>'


def _heading(x: float, words: str, below: str) -> Iterator[str]:
    yield _text((x, 36), words, f'font-size="21" {BOLD}', anchor="start")
    yield _text((x, 59), below, 'font-size="15" fill="#555"', anchor="start")


def _line(spots: Iterable[Spot], colour: str, width: float, more: str = "") -> str:
    points = " ".join(f"{x:g},{y:g}" for x, y in spots)
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        f'stroke-linecap="round" stroke-linejoin="round" {more}/>'
    )


def _crossing(asked: Question, node: int, spot: Spot) -> Iterator[str]:
    """Draw a crossing with its rank, in the colour of its cut; ringed at an end or the meeting."""
    level, (x, y) = asked.level[node], spot
    rings = {asked.path[0]: TO, asked.path[-1]: BACK, _meeting(asked)[1]: MEET}
    if node in rings:
        yield f'<circle cx="{x:g}" cy="{y:g}" r="{R + 4.5}" fill="{rings[node]}"/>'
    yield f'<circle cx="{x:g}" cy="{y:g}" r="{R}" fill="{CUTS[level]}" stroke="{CUTS[0]}"/>'
    ink = "#fff" if level in {0, 1} else "#222"
    yield _text((x, y + 5), asked.topology.rank[node], f'font-size="14" fill="{ink}"')


def _meeting(asked: Question) -> tuple[int, int]:
    """Depth of the common ancestor with the least sum, and the crossing itself."""
    depth = asked.sums.index(min(asked.sums))
    return depth, asked.ancestors(asked.path[0])[depth]


def _city(asked: Question) -> Iterator[str]:
    network, path = asked.network, asked.path
    spots = [(x + MAP[0], y + MAP[1]) for x, y in asked.spots]
    yield from _heading(24, "The city", "each crossing with its rank: 0 is contracted first")
    panel = f'x="20" y="70" width="{TREE - 54}" height="464" rx="10"'
    yield f'<clipPath id="panel"><rect {panel}/></clipPath><rect {panel} fill="#f5f6f4"/>'
    river = MAP[0] + (COLUMNS[3] + COLUMNS[4]) / 2
    yield (
        f'<path d="M{river - 8:g} 60c30 90-6 140 4 220s26 150-2 270" fill="none" '
        'stroke="#cfe4ef" stroke-width="36" clip-path="url(#panel)"/>'
    )
    for main, colour, width in ((False, "#cfd2d6", 3), (True, "#bfc4ca", 8)):
        for arc in range(network.arcs):
            ends = spots[network.tail[arc]], spots[network.head[arc]]
            of_class = network.classes[network.road_class[arc]]
            if ends[0] < ends[1] and (of_class == "main") == main:
                yield _line(ends, colour, width)
    turn = path.index(_meeting(asked)[1])
    yield _line((spots[v] for v in path[: turn + 1]), TO, 5)
    yield _line((spots[v] for v in path[turn:]), BACK, 5)
    for node, spot in enumerate(spots):
        yield from _crossing(asked, node, spot)
    for step, (one, other) in enumerate(pairwise(path)):
        ms = int(network.free_flow_ms[(network.tail == one) & (network.head == other)].min())
        (x, y), (u, v) = spots[one], spots[other]
        aside = (16, 5) if abs(y - v) > abs(x - u) else (0, 20)
        ink = f'class="road" font-size="15" {BOLD} fill="{TO if step < turn else BACK}"'
        yield _text(((x + u) / 2 + aside[0], (y + v) / 2 + aside[1]), ms // 1000, ink)
    for node, word, colour, down in ((path[0], "team", TO, -24), (path[-1], "call", BACK, 34)):
        x, y = spots[node]
        yield _text((x, y + down), word, f'font-size="18" {BOLD} fill="{colour}"')


def _tree(asked: Question) -> Iterator[str]:
    """Draw the tree; the branch with the two ends comes last, so that it is beside their labels."""
    chains = [asked.ancestors(asked.path[0]), asked.ancestors(asked.path[-1])]
    shape, node_of = asked.topology, np.argsort(asked.topology.rank).tolist()
    below: dict[int, list[int]] = {node: [] for node in node_of}
    for v in range(len(node_of) - 1):
        below[node_of[shape.parent[v]]].append(node_of[v])
    at: dict[int, Spot] = {}
    tips = 0
    for v in _leaves_first(node_of[-1], below, [*chains[0], *chains[1]]):
        across = [at[child][0] for child in below[v]]
        x = sum(across[:: len(across) - 1 or 1]) / min(len(across), 2) if across else tips * BRANCH
        at[v] = x, TOP + int(shape.depth[shape.rank[v]]) * STEP
        tips += not across
    at = {v: (x + TREE, y) for v, (x, y) in at.items()}
    yield from _heading(TREE - 14, "Its elimination tree", "every road joins a node to an ancestor")
    yield _line((at[v] for v in chains[0][: asked.shared]), SHARED, 42)
    for v in chains[0][: asked.shared]:
        ends = (at[v][0] + 22, at[v][1]), (COLUMN_AT[0] - 36, at[v][1])
        yield _line(ends, MEET, 1.5, 'stroke-dasharray="1 5"')
    for v, children in below.items():
        for child in children:
            yield _line((at[v], at[child]), "#b9bec4", 1.5)
    for chain, colour, aside in zip(chains, (TO, BACK), (-3, 3), strict=True):
        spots = [
            (at[v][0] + (aside if depth < asked.shared else 0), at[v][1])
            for depth, v in enumerate(chain)
        ]
        yield _line(spots, colour, 4)
    for v, spot in at.items():
        yield from _crossing(asked, v, spot)
    (x, y), (right, down) = at[asked.path[0]], at[asked.path[-1]]
    yield _text((x, y + 34), "team", f'font-size="18" {BOLD} fill="{TO}"')
    yield _text(
        (right + 22, down + 5), "call", f'font-size="18" {BOLD} fill="{BACK}"', anchor="start"
    )


def _leaves_first(node: int, below: dict[int, list[int]], last: list[int]) -> Iterator[int]:
    for child in sorted(below[node], key=lambda v: (v in last, last.index(v) if v in last else 0)):
        yield from _leaves_first(child, below, last)
    yield node


def _numbers(asked: Question) -> Iterator[str]:
    """Write the two labels beside the tree, a row a depth, and the sums where they share."""
    yield from _heading(COLUMN_AT[0] - 30, "The two labels", "seconds, by depth")
    for x, words, colour in zip(
        COLUMN_AT, ("team to", "to call", "sum"), (TO, BACK, "#222"), strict=True
    ):
        yield _text((x, TOP - 27), words, f'font-size="15" {BOLD} fill="{colour}"')
    rows = asked.to.tolist(), asked.back.tolist(), asked.sums
    best = _meeting(asked)[0]
    for x, row, name in zip(COLUMN_AT, rows, ("to", "back", "sum"), strict=True):
        for depth, ms in enumerate(row):
            y = TOP + depth * STEP
            wins = name == "sum" and depth == best
            fill = MEET if wins else SHARED if depth < asked.shared else "#f1f2f3"
            ink = f'class="{name}" {BOLD if wins else ""}'
            ink += ' fill="#888"' if depth >= asked.shared else ""
            yield f'<rect x="{x - 26}" y="{y - 16}" width="52" height="32" rx="5" fill="{fill}"/>'
            yield _text((x, y + 6), ms // 1000, ink)


def _legend() -> Iterator[str]:
    y = HIGH - 27
    for x, (level, name) in KEY.items():
        yield f'<circle cx="{x}" cy="{y}" r="8" fill="{CUTS[level]}" stroke="{CUTS[0]}"/>'
        yield _text((x + 14, y + 5), name, anchor="start")
    yield f'<circle cx="{TREE}" cy="{y}" r="9" fill="{MEET}"/>'
    yield _text((TREE + 16, y + 5), "the least sum", anchor="start")
    yield _line(((TREE + 148, y), (TREE + 168, y)), SHARED, 20)
    yield _text((TREE + 186, y + 5), "common ancestors", anchor="start")
