"""Synthetic days: the same seed, balanced totals, busy teams."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.model.canonical import digest_of
from unarmed_router.model.decision import Recommendation
from unarmed_router.router import Router
from unarmed_router.simulation.day import DayClock, play_day
from unarmed_router.simulation.demand import DemandWeights, Tract, load_hours, load_tracts, smoothed
from unarmed_router.simulation.mix_file import load_mix
from unarmed_router.simulation.one_day import day_of_calls
from unarmed_router.simulation.summary import percentile, summarize

FOLDER = embedded_agency().parent
MIX = load_mix(
    FOLDER / "call_mix.toml", policy=load_policy(FOLDER / "policy.toml", divisions=range(1, 22))
)
MIDNIGHT = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def demand() -> DemandWeights:
    """Load the embedded places and hours."""
    return DemandWeights(
        load_tracts(FOLDER / "tracts.csv"), smoothed(load_hours(FOLDER / "incidents_by_hour.csv"))
    )


def test_the_same_seed_gives_the_same_calls(demand: DemandWeights) -> None:
    """The digest is pinned: it must hold on every platform and release."""
    first = list(day_of_calls(demand, midnight=MIDNIGHT, count=50, seed=7, mix=MIX))
    again = list(day_of_calls(demand, midnight=MIDNIGHT, count=50, seed=7, mix=MIX))
    other = list(day_of_calls(demand, midnight=MIDNIGHT, count=50, seed=8, mix=MIX))
    assert first == again
    assert first != other
    assert digest_of([(c.call_id, c.call_type, c.received_at, c.facts) for c in first]) == (
        "a8664095303974924e991091e3ebe64c8a13b46e94a06008cc4647d48b427d36"
    )


def test_calls_come_in_order_within_the_day(demand: DemandWeights) -> None:
    """Receipt never goes back, and no call falls outside the 24 hours."""
    times = [
        c.received_at for c in day_of_calls(demand, midnight=MIDNIGHT, count=300, seed=1, mix=MIX)
    ]
    assert times == sorted(times)
    assert times[0] >= MIDNIGHT
    assert times[-1] < MIDNIGHT + timedelta(days=1)


@pytest.mark.parametrize("on", [date(2026, 3, 8), date(2026, 11, 1)])
@pytest.mark.parametrize("hour", [1, 5, 23])
def test_hours_are_those_of_the_wall_clock(on: date, hour: int) -> None:
    """On a day whose clocks change the calls of an hour still come in that hour, on that day."""
    zone = ZoneInfo("America/Los_Angeles")
    hours = tuple(float(each % 24 == hour) for each in range(168))
    demand = DemandWeights((Tract("a", -118.3, 34.0, 3000),), hours)
    midnight = datetime.combine(on, time(), tzinfo=zone)
    calls = day_of_calls(demand, midnight=midnight, count=40, seed=1, mix=MIX)
    received = [call.received_at.astimezone(zone) for call in calls]
    assert {(each.date(), each.hour) for each in received} == {(on, hour)}


def test_places_follow_the_population() -> None:
    """Three quarters of the people make about three quarters of the calls."""
    tracts = (Tract("a", -118.3, 34.0, 3000), Tract("b", -118.5, 34.2, 1000))
    demand = DemandWeights(tracts, (1.0,) * 168)
    calls = list(day_of_calls(demand, midnight=MIDNIGHT, count=2000, seed=1, mix=MIX))
    near_a = sum(call.lon > -118.4 for call in calls)
    assert 1400 < near_a < 1600


def test_a_negative_count_or_a_naive_midnight_is_refused(demand: DemandWeights) -> None:
    """Both are said before the first call is drawn."""
    with pytest.raises(InputError, match="count -1"):
        next(day_of_calls(demand, midnight=MIDNIGHT, count=-1, seed=1, mix=MIX))
    with pytest.raises(InputError, match="no time zone"):
        next(day_of_calls(demand, midnight=datetime(2026, 1, 1), count=1, seed=1, mix=MIX))  # noqa: DTZ001


def test_default_time_spikes_are_smoothed() -> None:
    """Midnight and noon take the mean of their neighbours, also across the week's end."""
    hours = [10.0] * 168
    hours[0], hours[12], hours[167], hours[1] = 99.0, 99.0, 20.0, 30.0
    smooth = smoothed(tuple(hours))
    assert (smooth[0], smooth[12], smooth[13]) == (25.0, 10.0, 10.0)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("geoid,lon,lat\n1,2,3\n", "line 1: no column population"),
        ("geoid,lon,lat,population\nx,west,34,1\n", "row 2, lon: 'west' is not a number"),
        ("geoid,lon,lat,population\nx,inf,34,1\n", "row 2, lon: 'inf' is not a finite number"),
        ("geoid,lon,lat,population\nx,34,-118,1\n", "row 2: latitude -118.0 is outside"),
        ("geoid,lon,lat,population\nx,-118,34,1.5\n", "row 2, population: '1.5' must be a whole"),
        ("geoid,lon,lat,population\nx,-118,34,-1\n", "row 2, population: '-1' must be a whole"),
    ],
)
def test_broken_tracts_are_refused(tmp_path: Path, text: str, fault: str) -> None:
    """The message names the column or the row."""
    path = tmp_path / "tracts.csv"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=fault):
        load_tracts(path)


def test_a_population_may_be_written_with_a_point(tmp_path: Path) -> None:
    """A data frame writes all of a column so that has one gap."""
    path = tmp_path / "tracts.csv"
    path.write_text("geoid,lon,lat,population\nx,-118,34,3200.0\n")
    assert load_tracts(path) == (Tract("x", -118.0, 34.0, 3200),)


WEEK = [f"{hour // 24},{hour % 24},1.0" for hour in range(168)]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("6,23,5", "row 170: is of an hour that is given above"),
        ("0,24,5", "row 170: day_of_week must be 0 .Monday. to 6, and hour 0 to 23"),
        ("7,0,5", "row 170: day_of_week must be"),
        ("0,0.5,5", "row 170, hour: '0.5' must be a whole number"),
    ],
)
def test_an_hour_that_is_none_or_is_given_twice_is_refused(
    tmp_path: Path, row: str, fault: str
) -> None:
    """The later one took the place of the first, and hour 24 that of the next midnight."""
    path = tmp_path / "hours.csv"
    path.write_text("\n".join(["day_of_week,hour,incidents", *WEEK, row]) + "\n")
    with pytest.raises(ConfigurationError, match=fault):
        load_hours(path)
    path.write_text("\n".join(["day_of_week,hour,incidents", *WEEK[1:], "0.0,0,-1"]) + "\n")
    with pytest.raises(ConfigurationError, match="row 169: incidents -1 must be at least 0"):
        load_hours(path)
    path.write_text("\n".join(["day_of_week,hour,incidents", *WEEK[1:], "0.0,0,7"]) + "\n")
    assert load_hours(path) == (7.0, *[1.0] * 167)


def test_missing_hours_and_missing_files_are_refused(tmp_path: Path) -> None:
    """Every hour of the week must be there, and so must the file."""
    path = tmp_path / "hours.csv"
    path.write_text("day_of_week,hour,incidents\n0,0,5\n")
    with pytest.raises(ConfigurationError, match="every hour of the week"):
        load_hours(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_hours(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("unknown = 0.02", "unknown = 1.5", "unknown: must be at most 1"),
        ("weapon = 0.02", "weapon = 0.99", "yes.weapon: 0.99 and unknown 0.02 add up to more"),
        ("weapon = 0.02", "wepon = 0.02", "yes.wepon: policy la-default-2026 knows no such name"),
        ("welfare_check = 0.28", "welfare = 0.28", "call_types.welfare: policy"),
        ("welfare_check = 0.28", "welfare_check = nan", "call_types.welfare_check"),
    ],
)
def test_a_broken_mix_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """Shares beyond one, and names the policy does not know."""
    path = tmp_path / "call_mix.toml"
    path.write_text((FOLDER / "call_mix.toml").read_text().replace(old, new, 1))
    policy = load_policy(FOLDER / "policy.toml", divisions=range(1, 22))
    with pytest.raises(ConfigurationError, match=re.escape(fault)):
        load_mix(path, policy=policy)


@pytest.fixture
def clock() -> DayClock:
    """Start the day at midnight."""
    return DayClock(MIDNIGHT)


@pytest.fixture
def router(clock: DayClock) -> Router:
    """Load a router whose roster this test may change."""
    return Router.load(clock=clock)


def test_a_sent_team_is_busy_until_it_is_free_again(
    router: Router, clock: DayClock, demand: DemandWeights
) -> None:
    """No team has two calls at once, and each comes back."""
    free_at: dict[str, datetime] = {}
    scene = timedelta(minutes=30)
    calls = day_of_calls(demand, midnight=MIDNIGHT, count=400, seed=3, mix=MIX)
    for call, decision in play_day(router, calls, clock=clock, on_scene=scene):
        if isinstance(decision, Recommendation):
            assert call.received_at >= free_at.get(decision.team_id, MIDNIGHT)
            free_at[decision.team_id] = decision.eta + scene
    assert len(free_at) == 6


def test_totals_balance(router: Router, clock: DayClock, demand: DemandWeights) -> None:
    """Every call is sent or referred, in one division, for one reason."""
    calls = day_of_calls(demand, midnight=MIDNIGHT, count=400, seed=3, mix=MIX)
    routed = list(play_day(router, calls, clock=clock))
    day = summarize(routed)
    assert day.calls == 400 == day.sent + day.referred
    assert sum(row.calls for row in day.divisions) == 400
    assert sum(row.sent for row in day.divisions) == day.sent
    assert sum(line.calls for line in day.referrals) == day.referred
    kinds = Counter(decision.kind for _, decision in routed)
    assert kinds == {"recommendation": day.sent, "referral": day.referred}


def test_nothing_has_no_percentile() -> None:
    """An empty day has no response time; it is not zero."""
    day = summarize([])
    assert (day.calls, day.median_ms, day.p90_ms) == (0, None, None)


@given(st.lists(st.integers(0, 1000), min_size=1), st.floats(0.01, 1))
def test_a_percentile_covers_its_share(values: list[int], share: float) -> None:
    """At least the share of the values lies at or below it, and less below any smaller value."""
    found = percentile(values, share)
    assert found in values
    assert sum(v <= found for v in values) >= share * len(values) - 1e-9
    assert sum(v < found for v in values) < share * len(values)


def test_a_percentile_is_not_lifted_by_rounding() -> None:
    """Seven of a hundred values are the seventh, though 0.07 * 100 is a little more than 7."""
    assert percentile(range(1, 101), 0.07) == 7
    assert percentile([0.5, 2.25], 0.9) == 2.25


def test_a_share_beyond_one_is_refused() -> None:
    """There is no 120th percentile."""
    with pytest.raises(InputError, match=r"share 1\.2"):
        percentile([1], 1.2)
