"""Paths on whole networks: their legs add up to the engine's own times, to the millisecond."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.oracles.dijkstra import Arc, Spot
from tests.oracles.paths import faults
from tests.unit.travel_time.test_hierarchy import dimacs_ny, embedded, la_basin, topology_of
from unarmed_router.errors import InputError, NetworkError
from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.travel_time.dijkstra import DijkstraTravelTimes
from unarmed_router.travel_time.hierarchy import HierarchyTravelTimes
from unarmed_router.travel_time.hourly import HourlyTravelTimes


def positions(network: RoadNetwork, count: int, seed: int) -> list[RoadPosition]:
    """Draw places in the middle of roads, some at their ends, each with an access leg."""
    rng = np.random.default_rng(seed)
    arcs = rng.integers(0, network.arcs, count)
    arcs = np.where(network.twin[arcs] >= 0, np.minimum(arcs, network.twin[arcs]), arcs)
    fractions = np.clip(rng.uniform(-0.1, 1.1, count), 0.0, 1.0)
    legs = rng.integers(0, 60_000, count)
    return [
        RoadPosition(int(arc), int(network.twin[arc]), float(part), 1.0, int(leg))
        for arc, part, leg in zip(arcs, fractions, legs, strict=True)
    ]


def spot(position: RoadPosition) -> Spot:
    """Name a position as the oracle does."""
    return Spot(position.arc, position.twin, position.fraction)


@pytest.mark.parametrize(
    "load",
    [
        embedded,
        pytest.param(la_basin, marks=pytest.mark.slow),
        pytest.param(dimacs_ny, marks=pytest.mark.slow),
    ],
)
def test_paths_of_a_whole_network_take_their_travel_time(
    load: Callable[[Path], RoadNetwork], request: pytest.FixtureRequest
) -> None:
    """Free flow and re-weighted, with labels and without: each is a drive of the engine's time."""
    network = load(Path() if load is embedded else request.getfixturevalue("shared"))
    topology = topology_of(network)
    rng = np.random.default_rng(11)
    jammed = np.rint(network.free_flow_ms * rng.uniform(1, 3, network.arcs)).astype(np.int32)
    places = positions(network, 40, seed=12)
    goals = places[: 20 if network.nodes < 100_000 else 5]
    for arc_ms, budget in ((network.free_flow_ms, 2**30), (jammed, 0)):
        engine = HierarchyTravelTimes(
            topology=topology, twin=network.twin, arc_ms=arc_ms, label_budget=budget
        )
        columns = (network.tail.tolist(), network.head.tolist(), arc_ms.tolist())
        arcs = [Arc(*ends) for ends in zip(*columns, strict=True)]
        for goal in goals:
            for origin, ms in zip(places, engine.from_positions(places, goal), strict=True):
                path = engine.path(origin, goal)
                assert (path and path.travel_ms) == ms
                assert path is None or not faults(arcs, spot(origin), spot(goal), path.legs)


def test_both_engines_find_paths_of_one_time() -> None:
    """Of equal paths each may take another; the time is the same."""
    network = embedded(Path())
    arrays: Any = {"twin": network.twin, "arc_ms": network.free_flow_ms}
    fast = HierarchyTravelTimes(topology=topology_of(network), **arrays)
    slow = DijkstraTravelTimes(nodes=network.nodes, tail=network.tail, head=network.head, **arrays)
    places = positions(network, 12, seed=13)
    for origin, goal in zip(places[:6], places[6:], strict=True):
        one, other = fast.path(origin, goal), slow.path(origin, goal)
        assert one is not None
        assert other is not None
        assert one.travel_ms == other.travel_ms


def test_the_same_path_is_found_again() -> None:
    """Ties are broken the same way by another engine of the same times."""
    network = embedded(Path())
    topology = topology_of(network)
    legs = []
    for _ in range(2):
        engine = HierarchyTravelTimes(
            topology=topology, twin=network.twin, arc_ms=network.free_flow_ms
        )
        path = engine.path(*positions(network, 2, seed=14))
        assert path is not None
        legs.append(path.legs)
    assert legs[0] == legs[1]


class TimesOnly:
    """An engine that knows no roads."""

    def from_positions(self, *_: object) -> list[int | None]:
        """Say nothing of nothing."""
        return []


def test_an_engine_without_paths_says_so() -> None:
    """The error names the engine and what to use instead."""
    times = HourlyTravelTimes(
        hour_at=lambda _: 0,
        metric_of=lambda _: np.ones(1, np.int32),
        engine_of=lambda _: TimesOnly(),
    )
    here = RoadPosition(0, -1, 0.0, 0.0, 0)
    with pytest.raises(InputError, match="the engine TimesOnly knows travel times but no paths"):
        times.path(here, here, datetime(2026, 3, 2, tzinfo=UTC))


def test_a_position_of_another_network_is_refused() -> None:
    """As for travel times."""
    network = embedded(Path())
    engine = HierarchyTravelTimes(
        topology=topology_of(network), twin=network.twin, arc_ms=network.free_flow_ms
    )
    here = positions(network, 1, seed=15)[0]
    with pytest.raises(InputError, match="is not of this network"):
        engine.path(here, RoadPosition(network.arcs, -1, 0.0, 0.0, 0))


def test_times_that_were_changed_in_place_give_no_path() -> None:
    """An edge of the hierarchy is then explained by no arc, and no arc is made up for it."""
    network = embedded(Path())
    arc_ms = network.free_flow_ms.copy()
    engine = HierarchyTravelTimes(
        topology=topology_of(network), twin=network.twin, arc_ms=arc_ms, label_budget=0
    )
    here, there = positions(network, 2, seed=16)
    arc_ms += 1
    with pytest.raises(NetworkError, match="changed in place"):
        engine.path(here, there)
