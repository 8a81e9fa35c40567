"""Snapping equals measuring every piece of every road."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.snapping import Point, length_m, nearest_road
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.snapping import EdgeSnapper

# Whole steps of some metres make meeting, crossing, overlapping and touching roads common.
STEP = 1e-4
GRID = st.integers(-40, 40)
LATITUDES = st.sampled_from([0.5, 34.0, -33.9, 60.0])


@st.composite
def towns(draw: st.DrawFn) -> tuple[float, RoadNetwork]:
    """Draw a ring of nodes, some sides two-way, some with bends."""
    base = draw(LATITUDES)
    places = draw(st.lists(st.tuples(GRID, GRID), min_size=2, max_size=7))
    nodes = [(10.0 + x * STEP, base + y * STEP) for x, y in places]
    count = len(nodes)
    tail, head, shapes = [], [], []
    for number in range(count):
        bends = draw(st.lists(st.tuples(GRID, GRID), max_size=3))
        line = [(10.0 + x * STEP, base + y * STEP) for x, y in bends]
        tail.append(number)
        head.append((number + 1) % count)
        shapes.append(line)
        if draw(st.booleans()):
            tail.append((number + 1) % count)
            head.append(number)
            shapes.append(line[::-1])
    return base, RoadNetwork.from_arcs(
        node_lon=[lon for lon, _ in nodes],
        node_lat=[lat for _, lat in nodes],
        tail=tail,
        head=head,
        free_flow_ms=[1000] * len(tail),
        length_m=[10.0] * len(tail),
        road_class=["a"] * len(tail),
        shapes=shapes,
    )


def polylines(network: RoadNetwork) -> dict[int, list[Point]]:
    """Return each road once, by its lower arc."""
    lines = {}
    for arc in range(network.arcs):
        if 0 <= network.twin[arc] < arc:
            continue
        tail, head = network.tail[arc], network.head[arc]
        run = range(network.shape_first[arc], network.shape_first[arc + 1])
        lines[arc] = [
            (float(network.node_lon[tail]), float(network.node_lat[tail])),
            *((float(network.shape_lon[k]), float(network.shape_lat[k])) for k in run),
            (float(network.node_lon[head]), float(network.node_lat[head])),
        ]
    return lines


@settings(max_examples=150, deadline=None)
@given(town=towns(), x=st.floats(-90, 90), y=st.floats(-90, 90))
def test_the_nearest_road_is_found(town: tuple[float, RoadNetwork], x: float, y: float) -> None:
    """Near, far, inside and outside: same distance, and a road that lies there."""
    base, network = town
    point = (10.0 + x * STEP, base + y * STEP)
    found = EdgeSnapper(network, limit_m=float("inf")).snap(lon=point[0], lat=point[1])
    assert found is not None
    # The oracle's metres are those of the ellipsoid, the kernel's those of a series.
    nearest = nearest_road(point, polylines(network), tie_m=1e-3)
    assert found.snap_m == pytest.approx(nearest.distance_m, rel=1e-6, abs=1e-6)
    assert found.arc in nearest.fractions
    assert found.twin == network.twin[found.arc]


@settings(max_examples=150, deadline=None)
@given(town=towns(), data=st.data())
def test_a_point_on_a_road_is_found_there(
    town: tuple[float, RoadNetwork], data: st.DataObject
) -> None:
    """A vertex of a road is at distance 0, and its fraction leads back to it."""
    _, network = town
    roads = polylines(network)
    arc = data.draw(st.sampled_from(sorted(roads)))
    point = data.draw(st.sampled_from(roads[arc]))
    found = EdgeSnapper(network).snap(lon=point[0], lat=point[1])
    assert found is not None
    assert found.snap_m == pytest.approx(0.0, abs=1e-6)
    assert found.access_ms == 0
    assert along(roads[found.arc], found.fraction) == pytest.approx(point, abs=1e-9)


def along(line: list[Point], fraction: float) -> Point:
    """Walk a part of a polyline's length."""
    pieces = list(pairwise(line))
    lengths = [length_m(a, b) for a, b in pieces]
    left = fraction * sum(lengths)
    for (a, b), length in zip(pieces, lengths, strict=True):
        if left <= length + 1e-9 and length > 0:
            part = min(left / length, 1.0)
            return a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])
        left -= length
    return line[-1]


@settings(max_examples=100, deadline=None)
@given(town=towns(), x=st.floats(-90, 90), y=st.floats(-90, 90), limit=st.floats(1.0, 900.0))
def test_a_limit_only_ever_turns_an_answer_into_none(
    town: tuple[float, RoadNetwork], x: float, y: float, limit: float
) -> None:
    """Within the limit the answer is that of no limit."""
    base, network = town
    place = {"lon": 10.0 + x * STEP, "lat": base + y * STEP}
    free = EdgeSnapper(network, limit_m=float("inf")).snap(**place)
    assert free is not None
    # The kernel compares squares: at the limit itself rounding may go either way.
    if free.snap_m != pytest.approx(limit, rel=1e-12):
        expected = free if free.snap_m < limit else None
        assert EdgeSnapper(network, limit_m=limit).snap(**place) == expected
