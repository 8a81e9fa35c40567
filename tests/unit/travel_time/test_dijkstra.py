"""The first engine: the cases of one road, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from unarmed_router.errors import InputError, NetworkError
from unarmed_router.model.location import RoadPosition
from unarmed_router.travel_time.dijkstra import DijkstraTravelTimes

# A two-way road 0 to 1 (slower on the way back), then one-ways 1 to 2 and 2 to 0.
TOWN: dict[str, Any] = {
    "nodes": 4,
    "tail": np.array([0, 1, 1, 2], dtype=np.int32),
    "head": np.array([1, 0, 2, 0], dtype=np.int32),
    "twin": np.array([1, 0, -1, -1], dtype=np.int32),
    "arc_ms": np.array([100, 200, 50, 60], dtype=np.int32),
}


def at(arc: int, fraction: float, access_ms: int = 0) -> RoadPosition:
    """Stand on an arc of the town."""
    return RoadPosition(arc, int(TOWN["twin"][arc]), fraction, 0.0, access_ms)


def drive(origin: RoadPosition, destination: RoadPosition, **changes: Any) -> int | None:
    """Return the one time asked for."""
    return DijkstraTravelTimes(**(TOWN | changes)).from_positions([origin], destination)[0]


@pytest.mark.parametrize(
    ("origin", "destination", "ms"),
    [
        (at(0, 0.25), at(0, 0.75), 50),  # ahead on the same arc
        (at(0, 0.75), at(0, 0.25), 75 - 25 + 50),  # back on the twin, at the twin's time
        (at(0, 0.5), at(0, 0.5), 0),  # there already
        (at(2, 0.2), at(2, 0.8), 30),  # ahead on a one-way
        (at(2, 0.8), at(2, 0.2), 10 + 60 + 100 + 10),  # behind on a one-way: around the block
        (at(0, 0.5), at(2, 0.5), 50 + 25),  # over the head
        (at(0, 0.9), at(3, 0.5), 10 + 50 + 30),
        (at(2, 1.0), at(3, 0.0), 0),  # the same crossing seen from two roads
        (at(3, 0.5), at(0, 0.0), 30),
    ],
)
def test_a_trip_takes_the_time_one_adds_up_by_hand(
    origin: RoadPosition, destination: RoadPosition, ms: int
) -> None:
    """Parts of the first and last arc, and the arcs between."""
    assert drive(origin, destination) == ms


def test_both_access_legs_are_added() -> None:
    """From the team to the road, and from the road to the caller."""
    assert drive(at(0, 0.25, 7_000), at(0, 0.75, 300)) == 50 + 7_300


def test_times_come_in_the_order_of_the_origins() -> None:
    """One time an origin, repeated origins included."""
    times = DijkstraTravelTimes(**TOWN).from_positions(
        [at(2, 0.5), at(3, 0.5), at(2, 0.5)], at(3, 1)
    )
    assert times == [85, 30, 85]
    assert all(type(ms) is int for ms in times)


def test_no_origins_give_no_times() -> None:
    """An empty roster is no error."""
    assert DijkstraTravelTimes(**TOWN).from_positions([], at(0, 0.5)) == []


def test_where_no_road_leads_there_is_no_time() -> None:
    """None, never a large number."""
    ends = np.array([3, 3, 2, 0], dtype=np.int32)  # both directions now lead to the dead end 3
    one_way = np.full(4, -1, dtype=np.int32)
    origin, destination = (RoadPosition(arc, -1, 0.5, 0.0, 0) for arc in (0, 2))
    assert drive(origin, destination, head=ends, twin=one_way) is None


def test_parallel_arcs_are_not_added_up() -> None:
    """The faster of two arcs between the same nodes counts."""
    parallel = {
        "tail": np.array([0, 1, 1, 2, 1], dtype=np.int32),
        "head": np.array([1, 0, 2, 0, 2], dtype=np.int32),
        "twin": np.array([1, 0, -1, -1, -1], dtype=np.int32),
        "arc_ms": np.array([100, 200, 50, 60, 20], dtype=np.int32),
    }
    assert drive(at(0, 1.0), at(3, 0.0), **parallel) == 20


def test_sums_beyond_32_bits_are_exact() -> None:
    """A thousand days of arcs at the highest times, and the last millisecond counts."""
    count = 50
    longest = 2**31 - 1
    numbers = np.arange(count, dtype=np.int32)
    engine = DijkstraTravelTimes(
        nodes=count + 1,
        tail=numbers,
        head=numbers + 1,
        twin=np.full(count, -1, dtype=np.int32),
        arc_ms=np.full(count, longest, dtype=np.int32),
    )
    ends = [RoadPosition(arc, -1, float(arc > 0), 0.0, 1) for arc in (0, count - 1)]
    assert engine.from_positions(ends[:1], ends[1]) == [count * longest + 2]


@pytest.mark.parametrize(
    "stranger",
    [RoadPosition(4, -1, 0.5, 0, 0), RoadPosition(-1, -1, 0, 0, 0), RoadPosition(0, -1, 0, 0, 0)],
)
def test_a_position_of_another_network_is_refused(stranger: RoadPosition) -> None:
    """An arc out of range or with another twin was snapped elsewhere."""
    for origin, destination in ((stranger, at(0, 0)), (at(0, 0), stranger)):
        with pytest.raises(InputError, match=r"not of this network of 4 arcs; snap the point"):
            drive(origin, destination)


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("head", [1, 0, 2], r"head has shape \(3,\); expected \(4,\)"),
        ("tail", [0, 1, 1, 4], r"tail\[3\] is 4; it must lie in \[0, 4\)"),
        ("head", [-1, 0, 2, 0], r"head\[0\] is -1; it must lie in \[0, 4\)"),
        ("twin", [1, 0, -2, -1], r"twin\[2\] is -2; it must lie in \[-1, 4\)"),
        ("arc_ms", [100, 0, 1, 1], r"arc_ms\[1\] is 0; it must lie in \[1, 2147483648\)"),
    ],
)
def test_a_broken_network_is_refused(name: str, values: list[int], words: str) -> None:
    """Ends are nodes, twins are arcs, and every arc takes time."""
    with pytest.raises(NetworkError, match=words):
        DijkstraTravelTimes(**(TOWN | {name: np.array(values, dtype=np.int32)}))
