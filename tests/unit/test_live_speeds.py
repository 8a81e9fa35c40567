"""Live traffic and travel-time matrices."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from tests.embedded import AT, call
from unarmed_router import CoordinateError, InputError, Recommendation, Router
from unarmed_router.agency.travel import METRICS_BUDGET

KOREATOWN, WATTS, CATALINA = (-118.3090, 34.0606), (-118.2468, 33.9397), (-118.33, 33.34)


def travel_ms(router: Router) -> int:
    """Route one call and return the travel time of its team."""
    decision = router.route(call(), at=AT)
    assert isinstance(decision, Recommendation)
    return decision.candidates[0].travel_ms


def test_live_factors_change_times_and_digest(router: Router) -> None:
    """Twice the time on every road but the access legs; None goes back to the profile."""
    before, free = travel_ms(router), router.route(call(), at=AT).basis.profile
    digest = router.update_speeds(dict.fromkeys(router.agency.network.classes, 2.0))
    assert 1.9 * before < travel_ms(router) <= 2 * before
    assert router.route(call(), at=AT).basis.profile == digest != free
    assert router.update_speeds(None) == free
    assert travel_ms(router) == before


def test_arc_factors_are_those_of_the_classes(router: Router) -> None:
    """The same factors given arc by arc make the same metric."""
    network = router.agency.network
    by_class = {"primary": 1.5, "local": 3.0}
    factor = np.array([by_class.get(name, 1.0) for name in network.classes])
    one = router.update_speeds(by_class)
    assert router.update_speeds(factor[network.road_class]) == one


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ({"hyperloop": 0.5}, "road class hyperloop is not in the network"),
        ({"primary": float("nan")}, r"live factor nan \(arc"),
        ({"primary": 0.0}, "must lie in"),
        ([1.0, 2.0], r"shape \(2,\); the network has 22690 arcs"),
    ],
)
def test_broken_factors_leave_the_old_speeds(router: Router, factors: object, message: str) -> None:
    """A broken feed changes nothing."""
    before = travel_ms(router)
    with pytest.raises(InputError, match=message):
        router.update_speeds(factors)  # type: ignore[arg-type]
    assert travel_ms(router) == before


def test_calls_during_an_update_see_one_metric_whole(router: Router) -> None:
    """While speeds change a hundred times, each decision has a time that fits its digest."""
    factors: list[dict[str, float] | None] = [
        None,
        dict.fromkeys(router.agency.network.classes, 3.0),
    ]
    expected = {}
    for each in factors:
        digest = router.update_speeds(each)
        expected[digest] = travel_ms(router)
    stop = threading.Event()
    seen: list[tuple[str, int]] = []

    def ask() -> None:
        while not stop.is_set():
            decision = router.route(call(), at=AT)
            assert isinstance(decision, Recommendation)
            seen.append((decision.basis.profile, decision.candidates[0].travel_ms))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(100):
        router.update_speeds(factors[turn % 2])
    stop.set()
    for thread in threads:
        thread.join()
    assert {digest for digest, _ in seen} == set(expected)
    assert all(expected[digest] == ms for digest, ms in seen)


def test_a_matrix_holds_the_times_of_single_calls(router: Router) -> None:
    """From every team's home to every place, as `route` finds them; -1 off every road."""
    homes = [(s.team.home_lon, s.team.home_lat) for s in router.roster.snapshot().teams]
    matrix = router.travel_times(homes, [KOREATOWN, WATTS, CATALINA], at=AT)
    assert matrix.shape == (6, 3)
    decision = router.route(call(), at=AT)
    assert isinstance(decision, Recommendation)
    places = [s.team.team_id for s in router.roster.snapshot().teams]
    for candidate in decision.candidates:
        assert matrix[places.index(candidate.team_id), 0] == candidate.travel_ms
    assert (matrix[:, 2] == -1).all()


def test_broken_places_and_times_are_refused(router: Router) -> None:
    """As everywhere."""
    with pytest.raises(CoordinateError, match="swap"):
        router.travel_times([(34.0, -118.0)], [WATTS], at=AT)
    with pytest.raises(InputError, match="no time zone"):
        router.travel_times([KOREATOWN], [WATTS], at=datetime(2026, 1, 1))  # noqa: DTZ001
    assert router.travel_times([], [WATTS], at=datetime.now(UTC)).shape == (0, 1)


def test_a_shuffled_week_is_decided_call_by_call(router: Router) -> None:
    """A block may see every hour of the week: each metric is asked for once, and let go."""
    asked = [
        call(call_id=f"c-{number}", received_at=AT + timedelta(hours=31 * number % 168))
        for number in range(40)
    ]
    assert router.route_many(asked) == [router.route(c, at=c.received_at) for c in asked]


def test_metrics_of_a_whole_week_fit_the_budget_of_a_city(router: Router) -> None:
    """A week of Los Angeles is kept; of a network a hundred times larger, two hours at least."""
    speeds = router.agency.speeds
    times = speeds.travel_times()
    engines = {id(times.engine_at(AT + timedelta(hours=hour))) for hour in range(0, 168, 24)}
    again = {id(times.engine_at(AT + timedelta(hours=hour))) for hour in range(0, 168, 24)}
    assert engines == again
    assert len(engines) == 7
    assert speeds.topology.label_bytes * 168 < METRICS_BUDGET


def test_a_smaller_budget_keeps_fewer_hours_and_decides_alike(router: Router) -> None:
    """Two hours are kept whatever the budget, under live traffic too; decisions are the same."""
    small = Router.load(metrics_budget=0)
    times = small.agency.speeds.with_live({"primary": 2.0}).travel_times()
    monday, tuesday, _ = (times.engine_at(AT + timedelta(days=day)) for day in range(3))
    assert times.engine_at(AT + timedelta(days=1)) is tuesday
    assert times.engine_at(AT) is not monday
    for hour in range(0, 120, 31):
        at = AT + timedelta(hours=hour)
        asked = call(call_id="c", received_at=at)
        assert small.route(asked, at=at) == router.route(asked, at=at)


@pytest.mark.parametrize("budget", [-1, 1.5, True, None, "2 GiB"])
def test_a_budget_is_a_number_of_bytes(router: Router, budget: Any) -> None:
    """Anything else is refused by its name."""
    with pytest.raises(InputError, match="metrics_budget"):
        replace(router.agency.speeds, metrics_budget=budget)


def test_an_hour_made_ready_is_not_made_again(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first call finds the travel times there, after new speeds too; the answer is the same."""
    at = AT + timedelta(hours=5)
    asked = call(call_id="c", received_at=at)
    expected = router.route(asked, at=at)
    fresh = Router.load()
    fresh.update_speeds(None)
    fresh.prepare(at)

    def never(_: object) -> Any:
        raise AssertionError("made at the call")

    monkeypatch.setattr(fresh.desk.world.travel_times, "_engine_of", never)
    assert fresh.route(asked, at=at) == expected
    with pytest.raises(AssertionError, match="made at the call"):
        fresh.route(asked, at=at + timedelta(hours=6))
    with pytest.raises(InputError, match="no time zone"):
        fresh.prepare(datetime(2026, 1, 1))  # noqa: DTZ001
