"""Coverage and isochrones: the times calls are routed by, and shares of what counts."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.agency.folder import Agency
from unarmed_router.agency.hours import LocalHours
from unarmed_router.agency.travel import RoadSpeeds
from unarmed_router.errors import InputError, UnknownTeamError
from unarmed_router.model.shift import Shift
from unarmed_router.research.coverage import (
    arrivals_s,
    coverage,
    coverage_curve,
    first_arrival_s,
)
from unarmed_router.research.expected_coverage import expected_coverage
from unarmed_router.research.isochrones import isochrones
from unarmed_router.research.origins import (
    Origins,
    origin_at,
    origins_of_division,
    origins_of_teams,
)
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.weighed_places import WeighedPlaces, tract_places
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.roads.speeds import HourOfWeekProfile
from unarmed_router.travel_time.topology import Topology

FRIDAY_5_PM = 4 * 24 + 17
SERVED = [7, 8, 10, 17, 18, 20]


@pytest.fixture(scope="module")
def places(agency: Agency) -> WeighedPlaces:
    """Take the embedded tracts."""
    return tract_places(agency)


@pytest.fixture(scope="module")
def roster(agency: Agency) -> Origins:
    """Take the homes of the six teams."""
    return origins_of_teams(agency)


def test_arrivals_are_those_of_routing(
    agency: Agency, reach: RoadReach, roster: Origins, places: WeighedPlaces
) -> None:
    """Tract by tract against the engine that routes calls, teams that may not go left out."""
    arrival = first_arrival_s(reach, roster, places, hour=FRIDAY_5_PM)
    at = datetime(2026, 11, 20, 17, 30, tzinfo=agency.hours.zone)
    policy = agency.world.policy
    areas = {p.provider_id: p.divisions for program in policy.programs for p in program.providers}
    states = agency.roster.snapshot().teams
    for row in range(0, len(places.ids), 23):
        goal = agency.roads.position(places.points, row)
        assert goal is not None
        wanted = math.inf
        for state in states:
            if int(places.division[row]) in areas[state.team.provider]:
                assert state.home_road is not None
                [ms] = agency.world.travel_times.to_call([state.home_road], goal, at)
                assert ms is not None
                wanted = min(wanted, ms / 1000 + policy.screening.turnout_s)
        assert arrival[row] == pytest.approx(wanted)
    rolling = first_arrival_s(reach, roster, places, hour=FRIDAY_5_PM, turnout=False)
    there = np.isfinite(arrival)
    assert arrival[there] - rolling[there] == pytest.approx(policy.screening.turnout_s)


def test_a_team_reaches_nothing_while_its_provider_does_not_serve(
    agency: Agency, reach: RoadReach, places: WeighedPlaces
) -> None:
    """By the provider's own hours, as a call would find it; in them all is as without hours."""
    policy, office = agency.world.policy, (Shift((0, 1, 2, 3, 4), time(8), time(16)),)
    programs = tuple(
        replace(
            program,
            providers=tuple(
                replace(each, hours=office) if each.provider_id == "alcott" else each
                for each in program.providers
            ),
        )
        for program in policy.programs
    )
    world = replace(agency.world, policy=replace(policy, programs=programs))
    teams = ["ALC-1", "EXO-1"]
    dated = origins_of_teams(replace(agency, world=world), teams)
    for hour, serves in ((7, False), (8, True), (15, True), (16, False), (5 * 24 + 12, False)):
        usual = arrivals_s(reach, origins_of_teams(agency, teams), places, hour=hour)
        found = arrivals_s(reach, dated, places, hour=hour)
        assert np.isfinite(usual[0]).any()
        assert np.isfinite(found[0]).any() == serves
        assert (found[1] == usual[1]).all()
        if serves:
            assert (found[0] == usual[0]).all()


def test_shares_are_weights_within_the_threshold(
    reach: RoadReach, roster: Origins, places: WeighedPlaces
) -> None:
    """Counted place by place; a place exactly at the threshold is covered; rush hour is worse."""
    arrival = first_arrival_s(reach, roster, places, hour=3)
    exactly = float(np.sort(arrival)[100]) / 60
    found = coverage(
        reach,
        roster,
        places,
        hours=[3, FRIDAY_5_PM],
        minutes=[5.0, exactly, 20.0],
        divisions=SERVED,
    )
    for weight in ("population", "homeless_2017", "demand"):
        counts = [
            (seconds, worth)
            for seconds, worth, division in zip(
                arrival, places.weights[weight], places.division, strict=True
            )
            if division in SERVED
        ]
        for limit in (5.0, exactly, 20.0):
            inside = sum(worth for seconds, worth in counts if seconds <= 60 * limit)
            wanted = inside / sum(worth for _, worth in counts)
            assert found.share(weight, hour=3, minutes=limit) == pytest.approx(wanted)
    shares = found.shares("population")
    assert (np.diff(shares, axis=1) >= 0).all()
    assert (shares[1] <= shares[0]).all()
    assert shares[1, 0] < shares[0, 0]


def test_means_over_hours_are_weighed_by_calls(
    reach: RoadReach, roster: Origins, places: WeighedPlaces
) -> None:
    """A quiet hour counts for little; the table has a row for everything."""
    assert places.hourly is not None
    found = coverage(reach, roster, places, hours=[4, 17], minutes=[10])
    one, two = found.shares("population")[:, 0]
    few, many = places.hourly[4], places.hourly[17]
    wanted = (few * one + many * two) / (few + many)
    assert found.over_hours("population")[0] == pytest.approx(wanted)
    plain = coverage(reach, roster, replace(places, hourly=None), hours=[4, 17], minutes=[10])
    assert plain.over_hours("population")[0] == pytest.approx((one + two) / 2)
    silent = replace(places, hourly=np.where(np.isin(np.arange(168), [4, 17]), 0.0, 1.0))
    quiet = coverage(reach, roster, silent, hours=[4, 17], minutes=[10])
    assert np.isnan(quiet.over_hours("population")).all()
    frame = found.to_frame()
    assert list(frame.columns) == ["hour", "minutes", "weight", "share"]
    points = found.to_geoframe(17)
    assert points.crs.to_epsg() == 4326
    within = points.loc[points["arrival_min"] <= 10, "population"].sum()
    assert within == pytest.approx(two)
    assert points.loc[~np.isfinite(found.arrival_s[1]), "arrival_min"].isna().all()
    assert points.geometry.x.tolist() == places.lon.tolist()
    with pytest.raises(InputError, match="hour 5 was not computed"):
        found.to_geoframe(5)
    assert len(frame) == 2 * 1 * 3


def test_a_share_of_nothing_is_undefined(
    agency: Agency, reach: RoadReach, roster: Origins, places: WeighedPlaces
) -> None:
    """No place that counts, or no weight on those that do: None and NaN, never 0."""
    none = replace(places, weights={"demand": np.zeros(len(places.ids))})
    found = coverage(reach, roster, none, hours=[0], minutes=[10])
    assert np.isnan(found.shares("demand")).all()
    assert found.share("demand", hour=0, minutes=10) is None
    assert np.isnan(found.over_hours("demand")).all()
    # Nobody serves Central: its people are there, and none of them is covered.
    central = coverage(reach, roster, places, hours=[0], minutes=[60], divisions=[1])
    assert central.share("population", hour=0, minutes=60) == 0.0
    empty = origins_of_division(agency, 1)
    assert empty.ids == ()
    nobody = coverage(reach, empty, places, hours=[0], minutes=[60])
    assert nobody.share("population", hour=0, minutes=60) == 0.0


def test_teams_off_duty_cover_nothing(
    reach: RoadReach, roster: Origins, places: WeighedPlaces
) -> None:
    """With day shifts, at night nobody is reached, and by day as before."""
    day = Shift(days=tuple(range(7)), start=time(8), end=time(20))
    teams = tuple(replace(team, shifts=(day,)) for team in roster.teams if team is not None)
    found = coverage(reach, replace(roster, teams=teams), places, hours=[7, 8, 20], minutes=[15])
    always = coverage(reach, roster, places, hours=[7, 8, 20], minutes=[15])
    assert found.shares("population")[:, 0].tolist() == [0.0, always.shares("population")[1, 0], 0]


def test_a_city_need_not_count_what_the_embedded_one_does(agency: Agency, tmp_path: Path) -> None:
    """Four columns are a file of tracts; what else it has is weighed by when it is asked for."""
    path = tmp_path / "tracts.csv"
    path.write_text("geoid,lon,lat,population,cats\na,-118.3,34.05,30,1\nb,-118.3,34.06,10,3\n")
    city = replace(agency, demand=path)
    assert list(tract_places(city).weights) == ["population", "demand"]
    assert tract_places(city, columns=["cats"]).weights["demand"].tolist() == [0.25, 0.75]
    assert list(tract_places(agency).weights) == ["population", "homeless_2017", "demand"]


def test_one_home_one_team_one_division(agency: Agency, reach: RoadReach) -> None:
    """A free home serves everywhere; a team its provider's divisions; a division by its teams."""
    places = tract_places(agency, columns=["population"], demand={"homeless_2017": 1})
    home = origin_at(agency, lon=-118.3, lat=34.05, turnout_s=0)
    everywhere = coverage(reach, home, places, hours=[3], minutes=[120])
    hidden = [places.ids.index(name) for name in places.off_road]
    lost = places.weights["population"][hidden].sum()
    assert len(hidden) == 5  # centres in the hills, 0.27 % of the people
    assert everywhere.share("population", hour=3, minutes=120) == pytest.approx(1 - lost)
    team = origins_of_teams(agency, ["ALC-1"])
    assert team.divisions == (frozenset({7, 20}),)
    one = coverage(reach, team, places, hours=[3], minutes=[60])
    own = places.weights["population"][places.within([7, 20])].sum()
    assert one.share("population", hour=3, minutes=60) == pytest.approx(own)
    assert origins_of_division(agency, 7).ids == ("ALC-1", "ALC-2")
    assert not np.array_equal(places.weights["demand"], places.weights["population"])
    nodes = reach.to_nodes(home.points, hour=3)
    assert nodes.shape == (1, agency.network.nodes)
    assert (nodes >= 0).all()


def test_teams_that_are_never_busy_cover_what_they_reach(agency: Agency, reach: RoadReach) -> None:
    """Times of each team, infinite where it may not go, are those that coverage is made of."""
    origins, places = origins_of_teams(agency), tract_places(agency)
    times = arrivals_s(reach, origins, places, hour=17)
    assert times.shape == (len(origins.ids), len(places.ids))
    first = first_arrival_s(reach, origins, places, hour=17)
    assert times.min(axis=0).tolist() == first.tolist()
    for row, served in enumerate(origins.divisions):
        assert served is not None
        assert np.isinf(times[row, ~np.isin(places.division, sorted(served))]).all()
    whole = coverage(reach, origins, places, hours=[17], minutes=[10.0])
    expected = expected_coverage(times <= 600.0, places.weights["demand"], 0.0)
    assert expected == pytest.approx(whole.share("demand", hour=17, minutes=10.0))
    nobody = arrivals_s(reach, origins_of_teams(agency, []), places, hour=17)
    assert nobody.shape == (0, len(places.ids))


def test_broken_questions_are_refused(
    agency: Agency, reach: RoadReach, roster: Origins, places: WeighedPlaces
) -> None:
    """Each says what was asked and what there is."""
    with pytest.raises(InputError, match=r"hours \[168\]"):
        coverage(reach, roster, places, hours=[168], minutes=[5])
    with pytest.raises(InputError, match="at least one"):
        coverage(reach, roster, places, hours=[], minutes=[5])
    for limit in (-5.0, math.inf, math.nan):
        # Infinite minutes would cover even what nobody reaches.
        with pytest.raises(InputError, match="at least one threshold of at least 0, finite"):
            coverage(reach, roster, places, hours=[1], minutes=[5.0, limit])
    with pytest.raises(InputError, match=r"hours \[-1\]"):
        reach.to_nodes(roster.points, hour=-1)
    found = coverage(reach, roster, places, hours=[1], minutes=[5])
    with pytest.raises(InputError, match="weighed by population"):
        found.shares("cats")
    with pytest.raises(InputError, match="was not computed"):
        found.share("population", hour=2, minutes=5)
    with pytest.raises(UnknownTeamError, match="no team XYZ"):
        origins_of_teams(agency, ["XYZ"])
    with pytest.raises(InputError, match="division 99 is none of 1, 2"):
        origins_of_division(agency, 99)
    with pytest.raises(InputError, match="no road within"):
        origin_at(agency, lon=-119.5, lat=33.0)
    with pytest.raises(InputError, match="has no tracts"):
        tract_places(replace(agency, demand=None))
    for wrong in ([1.0], [-1.0] * 1109, [0.0] * 1109):
        with pytest.raises(InputError, match=r"weights of 1109 tracts|demand adds up to 0"):
            tract_places(agency, demand=wrong)
    even = tract_places(agency, demand=[2.0] * 1109)
    assert even.weights["demand"][0] == pytest.approx(1 / 1109)


@given(
    st.lists(
        st.tuples(st.one_of(st.integers(0, 9), st.just(math.inf)), st.integers(0, 4)), max_size=12
    )
)
def test_a_curve_is_the_share_at_every_time(pairs: list[tuple[float, int]]) -> None:
    """Read off at each step and between steps, against counting."""
    seconds, share = coverage_curve([t for t, _ in pairs], [float(w) for _, w in pairs])
    whole = sum(weight for _, weight in pairs)
    if whole == 0:
        assert not len(seconds)
        return
    for at in np.arange(-0.5, 10, 0.5):
        step = int(np.searchsorted(seconds, at, side="right")) - 1
        found = share[step] if step >= 0 else 0.0
        assert found == pytest.approx(sum(w for t, w in pairs if t <= at) / whole)


def test_broken_curves_are_refused() -> None:
    """Lengths that differ and weights below nothing."""
    with pytest.raises(InputError, match="must be as many"):
        coverage_curve([1.0], [1.0, 2.0])
    with pytest.raises(InputError, match="weights must be finite"):
        coverage_curve([1.0], [-1.0])


def test_isochrones_hold_what_is_reached(agency: Agency, reach: RoadReach, roster: Origins) -> None:
    """Random places inside a polygon are reached in time, and others are not.

    Places within two squares' ride of the threshold are not judged: a middle decides for a square.
    """
    import shapely  # noqa: PLC0415  # heavy

    frame = isochrones(
        reach,
        roster,
        network=agency.network,
        roads=agency.roads,
        minutes=[12, 6],
        hour=FRIDAY_5_PM,
        square_m=300,
    )
    assert frame.crs.to_epsg() == 4326
    assert frame["minutes"].tolist() == [6, 12]
    assert frame.geometry.is_valid.all()
    small, large = frame.geometry
    assert large.covers(small)
    projected = frame.to_crs(2229).area * 0.3048006096**2 / 1e6
    assert projected.tolist() == pytest.approx(frame["area_km2"].tolist(), rel=0.01)
    rng = np.random.default_rng(4)
    lons, lats = rng.uniform(-118.6, -118.2, 3000), rng.uniform(33.9, 34.3, 3000)
    goals = agency.roads.snap_many(lons=lons, lats=lats)
    ms = reach.to_places(roster.points, goals, hour=FRIDAY_5_PM)
    seconds = np.where(ms >= 0, ms / 1000 + roster.turnout_s[:, None], np.inf).min(axis=0)
    inside = shapely.contains_xy(large, lons, lats)
    # 20 km/h over 300 m is 54 s: within two of these of the threshold, either is right.
    clear = np.abs(seconds - 720) > 108
    assert clear.mean() > 0.8
    # Times jump where the nearest road is another one, so a square's middle may mislead.
    assert (inside[clear] == (seconds[clear] <= 720)).mean() > 0.98


def test_isochrones_of_nobody_are_empty(agency: Agency, reach: RoadReach) -> None:
    """An empty polygon and no area; broken thresholds and squares are refused."""
    nobody = origins_of_division(agency, 1)

    def drawn(minutes: list[float], square_m: float) -> list[float]:
        frame = isochrones(
            reach,
            nobody,
            network=agency.network,
            roads=agency.roads,
            minutes=minutes,
            hour=0,
            square_m=square_m,
        )
        assert frame.geometry.is_empty.all()
        areas: list[float] = frame["area_km2"].tolist()
        return areas

    assert drawn([5, 10], 1000) == [0.0, 0.0]
    for limit in (0.0, math.inf, math.nan):
        with pytest.raises(InputError, match="at least one threshold above 0, finite"):
            drawn([5.0, limit], 1000)
    with pytest.raises(InputError, match="take larger ones"):
        drawn([5.0], 10)
    with pytest.raises(InputError, match="must be at least 1 metre"):
        drawn([5.0], 0.0)


def test_isochrones_follow_a_bend_beyond_all_junctions() -> None:
    """Land beside a road counts wherever the road goes: here 5 km north of both its ends."""
    import shapely  # noqa: PLC0415  # heavy

    bend = [[0.1, 0.145], [0.12, 0.145]]
    network = RoadNetwork.from_arcs(
        node_lon=[0.1, 0.12],
        node_lat=[0.1, 0.1],
        tail=[0, 1],
        head=[1, 0],
        free_flow_ms=[600_000] * 2,
        length_m=[12_200.0] * 2,
        road_class=["road"] * 2,
        shapes=[bend, bend[::-1]],
    )
    topology = Topology.build(
        rank=np.arange(2, dtype=np.int32), tail=network.tail, head=network.head
    )
    speeds = RoadSpeeds(
        network=network,
        topology=topology,
        profile=HourOfWeekProfile.flat(),
        hours=LocalHours("UTC"),
    )
    roads = EdgeSnapper(network, limit_m=300.0)
    start = roads.snap_many(lons=[0.1], lats=[0.1])
    frame = isochrones(
        RoadReach(speeds),
        Origins(("home",), start, np.zeros(1), (None,), (None,)),
        network=network,
        roads=roads,
        minutes=[11.0],
        hour=0,
        square_m=100.0,
    )
    assert shapely.contains_xy(frame.geometry[0], 0.11, 0.1455)
    assert not shapely.contains_xy(frame.geometry[0], 0.11, 0.1)


def test_reach_keeps_its_order(agency: Agency, reach: RoadReach) -> None:
    """Farther along one straight ride takes longer: isochrones nest."""
    home = origin_at(agency, lon=-118.309, lat=34.0606)
    found = isochrones(
        reach,
        home,
        network=agency.network,
        roads=agency.roads,
        minutes=[4, 8, 16],
        hour=0,
        square_m=500,
        turnout=False,
    )
    for near, far in pairwise(found.geometry):
        assert far.covers(near)
