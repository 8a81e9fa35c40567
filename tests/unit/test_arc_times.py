"""Live traffic as times of arcs, and networks with other speeds: exact, whole, and by name."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.embedded import AT, call
from tests.oracles.dijkstra import Arc, Spot, split_graph, times_from
from tests.unit.roads.towns import remembered_turn, square
from tests.unit.test_live_speeds import travel_ms
from unarmed_router import InputError, Recommendation, Router
from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.network import RoadNetwork

Times = npt.NDArray[np.float64]
SPOTS = 5


def profiled(router: Router, free_flow_ms: npt.NDArray[Any]) -> Times:
    """Return the times of the profile at the hour of the tests, arc by arc."""
    speeds = router.agency.speeds
    network = speeds.network
    factors = speeds.profile.class_factors(network.classes, speeds.hours.hour_of_week(AT))
    times: Times = np.maximum(np.rint(free_flow_ms * factors[network.road_class]), 1)
    return times


def random_times(router: Router) -> Times:
    """Draw seconds for each arc: a fifth to five times those of free flow."""
    free = router.agency.network.free_flow_ms
    return free / 1000 * np.random.default_rng(3).uniform(0.2, 5.0, len(free))


def rounded(seconds: Times) -> Times:
    """Return seconds as whole milliseconds, at least one."""
    return np.maximum(np.rint(seconds * 1000), 1)


def every_arc(router: Router) -> Times:
    """Give every arc a time."""
    seconds = random_times(router)
    router.update_speeds(arc_times_s=seconds)
    return rounded(seconds)


def half_the_arcs(router: Router) -> Times:
    """Give every other arc a time, and NaN to the rest."""
    seconds = random_times(router)
    seconds[::2] = np.nan
    router.update_speeds(arc_times_s=seconds)
    kept = profiled(router, router.agency.network.free_flow_ms)
    return np.where(np.isnan(seconds), kept, rounded(seconds))


def arcs_by_number(router: Router) -> Times:
    """Give a tenth of the arcs a time by their number."""
    seconds = random_times(router)
    router.update_speeds(arc_times_s={arc: seconds[arc] for arc in range(0, len(seconds), 10)})
    expected = profiled(router, router.agency.network.free_flow_ms)
    expected[::10] = rounded(seconds)[::10]
    return expected


def another_network(router: Router) -> Times:
    """Put a network of other free-flow times in force; the profile still multiplies them."""
    seconds = random_times(router)
    router.update_speeds(network=router.agency.network.with_speeds(arc_times_s=seconds))
    return profiled(router, rounded(seconds))


def another_network_in_traffic(router: Router) -> Times:
    """Slow main roads down for good, then motorways for now."""
    network = router.agency.network
    router.update_speeds(network=network.with_speeds({"primary": 2.5}))
    router.update_speeds({"motorway": 3.0})
    slow = np.array([2.5 if name == "primary" else 1.0 for name in network.classes])
    now = np.array([3.0 if name == "motorway" else 1.0 for name in network.classes])
    free = np.maximum(np.rint(network.free_flow_ms * slow[network.road_class]), 1)
    times: Times = np.maximum(np.rint(profiled(router, free) * now[network.road_class]), 1)
    return times


def spots_of(router: Router) -> tuple[list[tuple[float, float]], list[RoadPosition]]:
    """Draw places beside the roads and snap them."""
    network, rng = router.agency.network, np.random.default_rng(11)
    nodes = rng.integers(0, network.nodes, SPOTS)
    lons, lats = network.node_lon[nodes] + 0.0007, network.node_lat[nodes] - 0.0004
    places = list(zip(lons.tolist(), lats.tolist(), strict=True))
    found = [router.agency.roads.snap(lon=lon, lat=lat) for lon, lat in places]
    return places, [road for road in found if road is not None]


@pytest.mark.parametrize(
    "change",
    [every_arc, half_the_arcs, arcs_by_number, another_network, another_network_in_traffic],
)
def test_times_equal_dijkstra_after_an_update(
    router: Router, change: Callable[[Router], Times]
) -> None:
    """Every pair of places, to the millisecond, by plain Python on the arcs as they should be."""
    expected = change(router).astype(int).tolist()
    network = router.agency.network
    places, roads = spots_of(router)
    assert len(roads) == SPOTS
    ends = zip(network.tail.tolist(), network.head.tolist(), expected, strict=True)
    spots = [Spot(road.arc, road.twin, road.fraction) for road in roads]
    graph = split_graph([Arc(*each) for each in ends], spots)
    found = router.travel_times(places, places, at=AT)
    for start in range(SPOTS):
        driven = times_from(graph, start)
        for goal in range(SPOTS):
            legs = roads[start].access_ms + roads[goal].access_ms
            assert found[start, goal] == driven[goal] + legs


def test_decisions_name_the_times_and_the_network(router: Router) -> None:
    """Equal times have one digest, others another; None ends them; a network stays."""
    network = router.agency.network
    free = router.route(call(), at=AT).basis
    seconds = random_times(router)
    digest = router.update_speeds(arc_times_s=seconds)
    assert router.route(call(), at=AT).basis.profile == digest != free.profile
    assert router.update_speeds(arc_times_s=dict(enumerate(seconds.tolist()))) == digest
    assert router.update_speeds(arc_times_s=seconds * 1.01) != digest
    gaps = router.update_speeds(arc_times_s=[None, 5.0, *[float("nan")] * (network.arcs - 2)])
    assert gaps == router.update_speeds(arc_times_s={1: 5.0}) != digest
    assert router.update_speeds(None) == free.profile
    slower = network.with_speeds(dict.fromkeys(network.classes, 2.0))
    assert router.update_speeds(network=slower) == free.profile
    assert router.route(call(), at=AT).basis.network == slower.digest != free.network
    router.update_speeds({"motorway": 2.0})
    assert router.route(call(), at=AT).basis.network == slower.digest
    router.update_speeds(network=network)
    assert router.route(call(), at=AT).basis == free


def _square_like(network: RoadNetwork) -> RoadNetwork:
    return RoadNetwork.from_arcs(
        node_lon=[0.1, 0.2],
        node_lat=[0.1, 0.1],
        tail=[0, 1],
        head=[1, 0],
        free_flow_ms=[1000, 1000],
        length_m=[9.0, 9.0],
        road_class=[network.classes[0]] * 2,
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"arc_times_s": [1.0, 2.0]}, r"arc times have shape \(2,\); the network has 22690 arcs"),
        ({"arc_times_s": {7: 0.0}}, r"arc time 0.0 \(arc 7\): a time in seconds must be above 0"),
        ({"arc_times_s": {7: -3.5, 9: -1}}, r"arc time -3.5 \(arc 7, 9\)"),
        ({"arc_times_s": {7: 21_600.1}}, r"arc time 21600.1 \(arc 7\): .* at most 21600 \(6 h\)"),
        ({"arc_times_s": {7: float("inf")}}, r"arc time inf \(arc 7\)"),
        (
            {"arc_times_s": {22_690: 1.0}},
            "arc 22690 is not in the network; its arcs are 0 to 22689",
        ),
        ({"arc_times_s": {-1: 1.0}}, "arc -1 is not in the network"),
        ({"arc_times_s": {0.5: 1.0}}, "arc 0.5 is not in the network"),
        ({"arc_times_s": {"7": 1.0}}, "arc '7' is not in the network"),
        ({"arc_times_s": {True: 1.0}}, "arc True is not in the network"),
        ({"arc_times_s": ["fast"]}, "arc times must be numbers, one an arc"),
        pytest.param({"arc_times_s": [10**400]}, "arc times must be numbers", id="huge"),
        pytest.param({"factors": {"primary": 10**400}}, "primary is 1000", id="huge factor"),
        ({"arc_times_s": {7: "fast"}}, "time of arc 7 is 'fast'; it must be a number"),
        ({"arc_times_s": {7: [1.0]}}, r"time of arc 7 is \[1.0\]; it must be a number"),
        ({"factors": {"primary": "slow"}}, "live factor of primary is 'slow'; it must be a number"),
        ({"factors": {"primary": None}}, "live factor of primary is None; it must be a number"),
        ({"factors": {7: 1.0, "hyperloop": 1.0}}, "road class 7, hyperloop is not in the network"),
        ({"factors": {"primary": 2.0}, "arc_times_s": {7: 1.0}}, "not both"),
        ({"factors": [[1.0]]}, r"live factors have shape \(1, 1\)"),
    ],
)
def test_a_broken_feed_leaves_the_old_speeds(
    router: Router, given: dict[str, Any], message: str
) -> None:
    """What it says names the arc, the value and the rule; the same for a network's own speeds."""
    before = travel_ms(router)
    with pytest.raises(InputError, match=message):
        router.update_speeds(**given)
    with pytest.raises(InputError, match=message):
        router.agency.network.with_speeds(**given)
    assert travel_ms(router) == before


def test_long_lists_of_broken_arcs_are_cut_short(router: Router) -> None:
    """Five are named, the others counted."""
    seconds = np.full(router.agency.network.arcs, np.nan)
    seconds[3:12] = -1.0
    with pytest.raises(InputError, match=r"\(arc 3, 4, 5, 6, 7 and 4 more\)"):
        router.update_speeds(arc_times_s=seconds)


def test_another_network_is_refused(router: Router) -> None:
    """Speeds change on the same roads only."""
    before = travel_ms(router)
    with pytest.raises(InputError, match=r"the networks differ in first_out; .* by with_speeds"):
        router.update_speeds(network=_square_like(router.agency.network))
    assert travel_ms(router) == before


def test_a_network_with_other_speeds_is_another_value(router: Router) -> None:
    """Its roads are shared, its digest is its own, and the first one keeps its times."""
    network = router.agency.network
    digest, free = network.digest, network.free_flow_ms.copy()
    slower = network.with_speeds({"primary": 2.0})
    assert slower.digest != digest
    assert np.shares_memory(slower.tail, network.tail)
    assert slower.digest == network.with_speeds({"primary": 2.0}).digest
    assert network.with_speeds({}).digest == digest
    assert (network.free_flow_ms == free).all()
    assert network.digest == digest
    same = network.with_speeds(arc_times_s=np.full(network.arcs, np.nan))
    assert same.digest == digest
    with pytest.raises(InputError, match="got neither"):
        network.with_speeds()


def test_times_are_bounded_on_the_boundary() -> None:
    """Six hours is an arc's longest time, a millisecond its shortest, however it comes about."""
    network = _square_like(Router.load().agency.network)
    assert network.with_speeds(arc_times_s={0: 21_600.0, 1: 1e-9}).free_flow_ms.tolist() == [
        21_600_000,
        1,
    ]
    longest = network.with_speeds(arc_times_s={0: 2_160.0})
    assert longest.with_speeds([10.0, 1.0]).free_flow_ms[0] == 21_600_000
    longer = network.with_speeds(arc_times_s={0: 2_160.001})
    with pytest.raises(InputError, match=r"time in ms 21600010.0 \(arc 0\): .*at most 21600000 ms"):
        longer.with_speeds([10.0, 1.0])


def test_who_passes_on_a_road_is_as_slow_as_who_stops_there() -> None:
    """A time by the number of a road holds for its other arc, unless that is given one, too."""
    network = remembered_turn()
    assert network.exit_node is not None
    assert network.exit_node.tolist() == [2, -1, 0, 3, 0]
    jam = network.with_speeds(arc_times_s={0: 600.0}).free_flow_ms.tolist()
    assert jam == [600_000, 600_000, 60_000, 60_000, 60_000]
    both = network.with_speeds(arc_times_s=[600.0, 500.0, np.nan, np.nan, np.nan]).free_flow_ms
    assert both.tolist() == [600_000, 500_000, 60_000, 60_000, 60_000]
    alone = network.with_speeds(arc_times_s={1: 500.0}).free_flow_ms.tolist()
    assert alone == [60_000, 500_000, 60_000, 60_000, 60_000]


def test_a_masked_time_keeps_what_the_arc_has() -> None:
    """A sensor that is masked says nothing, whatever number stands beneath the mask."""
    network = square()
    seconds = np.ma.array([5.0] * network.arcs, mask=np.arange(network.arcs) == 2)
    given = network.with_speeds(arc_times_s=seconds).free_flow_ms
    assert given.tolist() == [5000, 5000, network.free_flow_ms[2], 5000, 5000, 5000, 5000]
    with pytest.raises(InputError, match=r"live factor nan \(arc 2\)"):
        network.with_speeds(np.ma.array([1.5] * network.arcs, mask=seconds.mask))


def test_the_feed_may_change_its_array_afterwards(router: Router) -> None:
    """What was put in force is a copy."""
    seconds = random_times(router)
    router.update_speeds(arc_times_s=seconds)
    before = travel_ms(router)
    seconds[:] = 1.0
    assert travel_ms(router) == before


def test_calls_during_updates_see_one_metric_whole(router: Router) -> None:
    """Arc times, factors and networks by turns: each decision fits the digests it names."""
    network = router.agency.network
    slower = network.with_speeds(dict.fromkeys(network.classes, 4.0))
    seconds = random_times(router)
    turns: list[dict[str, Any]] = [
        {"network": network},
        {"arc_times_s": seconds},
        {"network": slower},
        {"arc_times_s": seconds * 3},
        {"factors": dict.fromkeys(network.classes, 2.0)},
    ]
    expected: dict[tuple[str, str], int] = {}
    for turn in turns:
        router.update_speeds(**turn)
        basis = router.route(call(), at=AT).basis
        expected[basis.network, basis.profile] = travel_ms(router)
    assert len(expected) == len(turns) == len(set(expected.values()))
    stop, torn = threading.Event(), list[object]()
    seen: set[tuple[str, str]] = set()

    def ask() -> None:
        while not stop.is_set():
            decision = router.route(call(), at=AT)
            assert isinstance(decision, Recommendation)
            named = decision.basis.network, decision.basis.profile
            if expected.get(named) != decision.candidates[0].travel_ms:
                torn.append((named, decision.candidates[0].travel_ms))
            seen.add(named)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(60):
        router.update_speeds(**turns[number % len(turns)])
    stop.set()
    for thread in threads:
        thread.join()
    assert not torn
    assert len(seen) > 1
