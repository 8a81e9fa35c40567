"""Service by group: what it counts, what it hides, and what stays undefined."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.research.outcomes import calls
from unarmed_router.agency.folder import Agency
from unarmed_router.agency.hours import LocalHours
from unarmed_router.errors import InputError
from unarmed_router.model.decision import Recommendation
from unarmed_router.research.call_outcomes import UNSERVED, outcomes_of_decisions
from unarmed_router.research.city_border import city_border_m
from unarmed_router.research.cost import CostRates, CostUnit, compare_cost
from unarmed_router.research.equity import (
    GroupService,
    by_border,
    by_division,
    by_hour,
    equity_of,
)
from unarmed_router.research.intervals import quantile_interval, wilson_interval
from unarmed_router.router import Router
from unarmed_router.simulation.day import DayClock, play_day
from unarmed_router.simulation.default_stream import agency_stream


def test_a_group_has_its_own_intervals() -> None:
    """Against the interval functions on the group's own calls; unserved ones have no time."""
    times = [60.0 * k for k in range(1, 41)]
    rows = calls([*times, *[math.nan] * 20, *times], [1] * 60 + [2] * 40)
    found = by_division(rows, [2, 1])
    two, one = found.groups
    assert (two.group, one.group) == (2, 1)
    assert one.calls == 60
    assert one.unserved == wilson_interval(20, 60)
    assert one.median_s == quantile_interval(times, 0.5)
    assert one.p90_s == quantile_interval(times, 0.9)
    assert two.unserved == wilson_interval(0, 40)
    assert found.total.calls == 100
    assert found.total.unserved == wilson_interval(20, 100)
    assert found.gini is not None
    assert found.worst is None  # a tenth of 80 calls is fewer than 11


def test_small_groups_are_hidden_with_what_would_give_them_away() -> None:
    """Five calls in a division: it is hidden, and the next smallest with it."""
    rows = calls([100.0] * 95, [1] * 5 + [2] * 30 + [3] * 60)
    found = by_division(rows, [1, 2, 3, 4])
    assert [group.hidden for group in found.groups] == [True, True, False, False]
    assert found.groups[0].calls is None
    assert found.groups[3].calls == 0
    assert found.groups[3].unserved is None
    assert found.total.calls == 95
    everything = by_division(rows, [1, 2, 3, 4], suppress=False)
    assert [group.calls for group in everything.groups] == [5, 30, 60, 0]


def test_few_unserved_calls_are_not_told() -> None:
    """Three unserved of forty: the share is hidden, one other share too, and counts of times."""
    rows = calls(
        [100.0] * 37 + [math.nan] * 3 + [100.0] * 50 + [math.nan] * 20 + [100.0] * 80,
        [1] * 40 + [2] * 70 + [3] * 80,
    )
    one, two, three = by_division(rows, [1, 2, 3]).groups
    assert one.unserved is None
    assert two.unserved is None
    assert three.unserved == wilson_interval(0, 80)
    assert one.median_s is not None
    assert one.median_s.count is None
    assert by_division(rows, [1, 2, 3]).total.unserved == wilson_interval(23, 190)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=5))
def test_no_small_number_follows_from_what_is_shown(groups: list[tuple[int, int]]) -> None:
    """No number from 1 to 10 is shown, and no single hidden one is left over from the totals."""
    response = [t for served, lost in groups for t in [9.0] * served + [math.nan] * lost]
    division = [k for k, (served, lost) in enumerate(groups) for _ in range(served + lost)]
    found = by_division(calls(response, division), list(range(len(groups))))
    split = []
    described: list[GroupService[int] | GroupService[None]] = [*found.groups, found.total]
    for group in described:
        assert group.calls is None or not 0 < group.calls < 11
        if group.unserved is not None and group.calls:
            missed = round(group.unserved.estimate * group.calls)
            assert not 0 < missed < 11
            assert not 0 < group.calls - missed < 11
        for interval in (group.median_s, group.p90_s):
            assert interval is None or interval.count is None or group.unserved is not None
        split.append(group.unserved is None and group.calls != 0)
    if found.total.calls is not None:
        gone = [k for k, group in enumerate(found.groups) if group.calls is None]
        assert len(gone) != 1
    if found.total.unserved is not None:
        assert sum(split[:-1]) != 1


def test_nothing_is_undefined() -> None:
    """No calls: no share, no time, no coefficient; never 0."""
    found = by_hour(calls([]))
    assert len(found.groups) == 24
    assert all(group.calls == 0 and group.unserved is None for group in found.groups)
    assert found.total.median_s is None
    assert found.gini is None
    assert found.worst is None


def test_the_worst_tenth_of_many() -> None:
    """Of 200 calls, the twenty slowest."""
    found = by_hour(calls([float(k) for k in range(200)]), suppress=False)
    assert found.worst is not None
    assert found.worst.mean == pytest.approx(sum(range(180, 200)) / 20)
    assert found.worst.threshold == 180.0


def test_bands_of_distance_are_half_open() -> None:
    """A call exactly at an edge is in the farther band."""
    rows = calls([1.0] * 4)
    found = by_border(rows, [0.0, 500.0, 999.0, 1e6], edges_m=[500.0, 1000.0], suppress=False)
    assert [(group.group, group.calls) for group in found.groups] == [
        ((0.0, 500.0), 1),
        ((500.0, 1000.0), 2),
        ((1000.0, math.inf), 1),
    ]


def test_calls_of_no_group_stay_in_the_total() -> None:
    """And count as a group of their own when something is hidden."""
    found = equity_of(calls([1.0] * 30), np.array([-1] * 5 + [0] * 25), ["a"])
    assert found.groups[0].hidden  # 30 less 25 would tell of the 5
    assert found.total.calls == 30


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: equity_of(calls([1.0]), np.array([1]), ["a"]),
        lambda: equity_of(calls([1.0]), np.array([0, 0]), ["a"]),
        lambda: by_border(calls([1.0]), [1.0], edges_m=[0.0]),
        lambda: by_border(calls([1.0]), [1.0], edges_m=[2.0, 1.0]),
        lambda: by_border(calls([1.0]), [-1.0]),
        lambda: calls([-1.0]),
        lambda: calls([math.inf]),
        lambda: calls([1.0], [1, 2]),
    ],
)
def test_broken_columns_are_refused(wrong: object) -> None:
    """Lengths that differ, times below 0, edges out of order."""
    assert callable(wrong)
    with pytest.raises(InputError):
        wrong()


def test_decisions_become_outcomes(agency: Agency) -> None:
    """Of a played day: each call a program would take is served or not, the others are left out."""
    start = datetime(2026, 1, 5, 8, tzinfo=UTC)
    clock = DayClock(start)
    router = Router.load(clock=clock)
    stream = agency_stream(agency, start=start, seed=3, count=600, per_day=900.0)
    routed = list(play_day(router, stream.calls(), clock=clock))
    rows = outcomes_of_decisions(routed, hours=LocalHours("America/Los_Angeles"))
    sent = sum(isinstance(decision, Recommendation) for _, decision in routed)
    lost = sum(
        not isinstance(decision, Recommendation) and decision.reason in UNSERVED
        for _, decision in routed
    )
    assert int(rows.served.sum()) == sent > 0
    assert len(rows) == sent + lost > sent
    assert set(rows.division.tolist()) <= {7, 8, 10, 17, 18, 20}
    assert rows.hour.max() < 168


def test_distance_to_the_citys_border(agency: Agency) -> None:
    """Against every vertex and edge, at some places; borders between divisions do not count."""
    import shapely  # noqa: PLC0415  # heavy

    lons, lats = np.array([-118.30, -118.44, -118.2, -118.6]), np.array([34.06, 34.0, 34.1, 34.2])
    found = city_border_m(agency.partition, lons, lats)
    scale = np.array([math.cos(math.radians(34.0)) * 111_320.0, 110_920.0])
    rings = [ring / 1e7 for each in agency.partition.divisions for ring in each.rings]
    city = shapely.union_all([shapely.Polygon(ring).buffer(1e-7) for ring in rings])
    border = shapely.transform(city.boundary, lambda xy: xy * scale)
    for lon, lat, metres in zip(lons, lats, found, strict=True):
        wanted = border.distance(shapely.Point(lon * scale[0], lat * scale[1]))
        assert metres == pytest.approx(wanted, rel=0.01, abs=5)
    olympic = agency.divisions.locate(lon=-118.30, lat=34.06)
    assert olympic.border_m is not None
    assert found[0] > olympic.border_m
    assert city_border_m(agency.partition, [], []).tolist() == []


def test_cost_says_its_unit() -> None:
    """The published $35 and $85, by both readings; a redirected call costs both."""
    hourly = CostRates(
        unit=CostUnit.PER_HOUR, team=35, baseline=85, currency="USD", source="city press"
    )
    found = compare_cost(hourly, interventions=100, redirected=4, team_hours=50.0)
    assert found.with_teams == pytest.approx(35 * 50 + 85 * 2)
    assert found.without == pytest.approx(85 * 50)
    assert found.saved == pytest.approx(50 * 50 - 170)
    each = CostRates(
        unit=CostUnit.PER_INTERVENTION, team=35, baseline=85, currency="USD", source="LAist"
    )
    found = compare_cost(each, interventions=100, redirected=4)
    assert (found.with_teams, found.without) == (3500 + 340, 8500)
    none = compare_cost(each, interventions=0, redirected=0)
    assert (none.with_teams, none.saved) == (0.0, 0.0)
    longer = compare_cost(
        hourly, interventions=10, redirected=0, team_hours=5.0, baseline_hours=8.0
    )
    assert longer.without == 85 * 8.0


@pytest.mark.parametrize(
    ("unit", "team", "source", "fault"),
    [
        ("per_hour", -1.0, "x", "cost rate team -1.0"),
        ("per_hour", 1.0, " ", "say where"),
        ("per_call", 1.0, "x", "per_call"),
    ],
)
def test_broken_rates_are_refused(unit: str, team: float, source: str, fault: str) -> None:
    """Below nothing, from nowhere, or for nothing known."""
    with pytest.raises(ValueError, match=fault):
        CostRates(unit=unit, team=team, baseline=1, currency="USD", source=source)  # type: ignore[arg-type]


def test_impossible_costs_are_refused() -> None:
    """More redirected calls than calls, no hours for rates per hour, and hours below nothing."""
    rates = CostRates(unit=CostUnit.PER_HOUR, team=1, baseline=1, currency="USD", source="x")
    with pytest.raises(InputError, match="3 redirected of 2"):
        compare_cost(rates, interventions=2, redirected=3, team_hours=1.0)
    with pytest.raises(InputError, match="give team_hours"):
        compare_cost(rates, interventions=2, redirected=0)
    with pytest.raises(InputError, match=r"hours -1\.0"):
        compare_cost(rates, interventions=2, redirected=0, team_hours=-1.0)
