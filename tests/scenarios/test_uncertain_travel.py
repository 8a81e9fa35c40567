"""Calls whose position is uncertain: the time over the region, and who takes the call where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.scenarios.city import EAST, LAT, LON, NOON, NORTH, City, default_policy, draw_city
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import Flag, ReferralReason
from unarmed_router.model.team import Fix
from unarmed_router.model.uncertainty import Area, Circle

ROAD = """
a--b--c--d--e





z--y--x--w--v
"""


def town() -> City:
    """Draw two roads six hundred metres apart, in divisions 1 and 2; nobody serves division 2."""
    program = replace(
        default_policy().programs[0], providers=(Provider("p", "Provider", frozenset({1})),)
    )
    policy = replace(default_policy(), programs=(program,))
    # The lower road ties in by the west, so that both are of one network.
    drawing = ROAD.replace("\n\n\n\n\n\n", "\n|\n|\n|\n|\n|\n")
    city = draw_city(
        drawing, teams={"T1": "a"}, divisions="1111111112222", policy=policy, snap_limit_m=60
    )
    return city.with_outlines()


def at(city: City, column: float, line: float, region: Circle | Area) -> Call:
    """Make a call so many characters to the east and to the south."""
    return city.call("a", lon=LON + column * EAST, lat=LAT - line * NORTH, uncertainty=region)


def box(west: float, north: float, east: float, south: float) -> Area:
    """Draw a box in characters."""
    lons, lats = (LON + west * EAST, LON + east * EAST), (LAT - north * NORTH, LAT - south * NORTH)
    corners = ((lons[0], lats[1]), (lons[1], lats[1]), (lons[1], lats[0]), (lons[0], lats[0]))
    return Area((corners,), 0.9)


def test_the_mean_is_taken_from_where_the_team_stands() -> None:
    """At home in a it is 60 s from c; with a fix at d it is 30 s."""
    city = town()
    sure = at(city, 6, 0, Circle(1.0, 1.0))
    home = city.decide(sure)
    lon, lat = city.places["d"]
    out = city.with_team("T1", fix=Fix(lon, lat, NOON)).decide(sure)
    assert home.area is not None
    assert out.area is not None
    assert home.area.expected_travel_ms == pytest.approx(60_000, abs=300)
    assert out.area.expected_travel_ms == pytest.approx(30_000, abs=300)
    assert home.area.sampled == out.area.sampled == 64


def test_points_without_a_road_are_left_out_of_the_mean() -> None:
    """The northern third of the box is within 60 m of the road; the rest is too far to time."""
    city = town()
    decision = city.decide(at(city, 5, 0, box(4, 0, 6, 1.8)))
    assert isinstance(decision, Recommendation)
    assert decision.area is not None
    assert decision.area.sampled == pytest.approx(64 / 3, abs=6)
    assert decision.area.expected_travel_ms == pytest.approx(50_000, abs=12_000)


def test_a_region_off_every_road_has_no_mean() -> None:
    """The point itself is on a road and a team goes; of the region nothing can be timed."""
    city = town()
    decision = city.decide(at(city, 5, 0, box(4, 2, 6, 3)))
    assert isinstance(decision, Recommendation)
    assert decision.area is not None
    assert (decision.area.expected_travel_ms, decision.area.sampled) == (None, 0)


def test_where_nobody_serves_nobody_takes_the_call() -> None:
    """Half of the circle lies in division 2, which has no provider: its share names no program."""
    city = town()
    decision = city.decide(at(city, 8.4, 0, Circle(80.0, 1.0)))
    assert decision.area is not None
    assert [(each.division, each.programs) for each in decision.area.shares] == [
        (1, ("UNARMED/p",)),
        (2, ()),
    ]
    assert Flag.UNCERTAIN_LOCATION in decision.flags
    mostly = city.decide(at(city, 8.6, 0, Circle(80.0, 1.0)))
    assert getattr(mostly, "reason", None) is ReferralReason.NO_PROGRAM_HERE
    assert mostly.area is not None
    assert mostly.area.expected_travel_ms is None
