"""By which streets the team comes: cities drawn in ASCII, under both engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scenarios.city import EAST, NOON, NORTH, City, draw_city
from unarmed_router.dispatch.desk import Desk
from unarmed_router.errors import InputError
from unarmed_router.interop.json_codec import decision_from_json
from unarmed_router.model.decision import Recommendation, Referral
from unarmed_router.model.driven_path import DrivenPath, Turn
from unarmed_router.model.team import Fix

BLOCK = """
    a--b--c
    |     |
    d>>e--f
    |  |  H
    g--h--i
"""
ENGINES = pytest.mark.parametrize("compiled", [False, True], ids=["dijkstra", "hierarchy"])


def same(line: Sequence[tuple[float, float]], expected: Sequence[tuple[float, float]]) -> bool:
    """Compare vertices to a tenth of a metre."""
    pairs = zip(line, expected, strict=True)
    return all(one == pytest.approx(other, abs=1e-6) for one, other in pairs)


def driven(city: City, at: str, *, compiled: bool) -> tuple[Recommendation, DrivenPath]:
    """Decide a call and ask for the path."""
    city = city.compiled() if compiled else city
    decision = Desk(city.world).decide(city.call(at), NOON, city.roster().snapshot())
    assert isinstance(decision, Recommendation), decision.explain()
    return decision, decision.path()


@ENGINES
def test_the_path_follows_the_fast_road(compiled: bool) -> None:
    """Round by c and f along the fast road, not straight down the slow one."""
    city = draw_city("a---c\nH   |\nH   |\ng===i", teams={"T1": "a"})
    decision, path = driven(city, "i", compiled=compiled)
    corners = [city.places[name] for name in "agi"]
    assert same(path.line, corners)
    assert [step.turn for step in path.steps] == [Turn.DEPART, Turn.LEFT]
    assert path.travel_ms == decision.candidates[0].travel_ms == 35_000
    assert (path.call_id, path.team_id) == ("c-1", "T1")


@ENGINES
def test_a_one_way_is_driven_round(compiled: bool) -> None:
    """From e to d there is only the way by h and g."""
    city = draw_city(BLOCK, teams={"T1": "e"})
    _, path = driven(city, "d", compiled=compiled)
    assert same(path.line, [city.places[name] for name in "ehgd"])
    assert [step.turn for step in path.steps] == [Turn.DEPART, Turn.RIGHT, Turn.RIGHT]


@ENGINES
def test_a_team_in_the_middle_of_a_block_drives_straight_to_a_call_in_it(compiled: bool) -> None:
    """Both ends on one road: no node is passed."""
    city = draw_city("a---------b", teams={"T1": "a"})
    lon, lat = city.places["a"]
    city = city.with_team("T1", fix=Fix(lon=lon + 2 * EAST, lat=lat, at=NOON))
    city = city.compiled() if compiled else city
    call = city.call("a", lon=lon + 7 * EAST, lat=lat + NORTH / 4)
    decision = Desk(city.world).decide(call, NOON, city.roster().snapshot())
    assert isinstance(decision, Recommendation)
    path = decision.path()
    assert same(path.line, [(lon + 2 * EAST, lat), (lon + 7 * EAST, lat)])
    assert path.length_m == pytest.approx(500.0, abs=0.1)
    assert path.from_team.length_m == pytest.approx(0.0, abs=0.1)
    assert path.to_call.length_m == pytest.approx(25.0, abs=0.1)
    assert path.travel_ms == decision.candidates[0].travel_ms


@ENGINES
def test_a_team_at_the_call_drives_nowhere(compiled: bool) -> None:
    """A path of no steps and no time is still a line."""
    _, path = driven(draw_city("a---b", teams={"T1": "a"}), "a", compiled=compiled)
    assert path.steps == ()
    assert path.travel_ms == 0
    assert len(path.line) == 2


@settings(max_examples=60)
@given(
    team=st.tuples(st.floats(-0.4, 6.4), st.floats(-0.4, 4.4)),
    call=st.tuples(st.floats(-0.4, 6.4), st.floats(-0.4, 4.4)),
    compiled=st.booleans(),
)
def test_every_path_takes_the_travel_time_of_its_decision(
    team: tuple[float, float], call: tuple[float, float], compiled: bool
) -> None:
    """Anywhere in the block, from mid-block to mid-block, under both engines."""
    city = draw_city(BLOCK, teams={"T1": "a"}, divisions="1111111")
    (lon, lat), moved = city.places["a"], city
    fix = Fix(lon=lon + team[0] * EAST, lat=lat - team[1] * NORTH, at=NOON)
    moved = city.with_team("T1", fix=fix)
    moved = moved.compiled() if compiled else moved
    given_call = moved.call("a", lon=lon + call[0] * EAST, lat=lat - call[1] * NORTH)
    decision = Desk(moved.world).decide(given_call, NOON, moved.roster().snapshot())
    assert isinstance(decision, Recommendation)
    path = decision.path()
    assert path.travel_ms == decision.candidates[0].travel_ms
    legs = (path.from_team.ms, path.to_call.ms)
    assert path.travel_ms == sum(legs) + sum(step.ms for step in path.steps)
    assert path.line[0] == pytest.approx(path.from_team.end, abs=1e-6)
    assert path.line[-1] == pytest.approx(path.to_call.begin, abs=1e-6)


def test_a_referral_has_no_path() -> None:
    """Nobody drives, and the message says who took the call."""
    city = draw_city("a---b", teams={"T1": "a"})
    decision = city.decide(city.call("b", call_type="burglary"))
    assert isinstance(decision, Referral)
    with pytest.raises(InputError, match="it was referred to Police, so no team drives to it"):
        decision.path()


def test_a_decision_read_back_has_no_path() -> None:
    """JSON holds no roads and no positions; the message says what to use."""
    city = draw_city("a---b", teams={"T1": "a"})
    copy = decision_from_json(city.decide(city.call("b")).to_json())
    with pytest.raises(InputError, match=r"use router\.path\(decision, call=call\)"):
        copy.path()


def test_an_old_decision_keeps_no_speeds_in_memory() -> None:
    """When the world's travel times are gone, the decision says so; it stays readable."""
    city = draw_city("a---b", teams={"T1": "a"})
    decision = city.decide(city.call("b"))
    before = decision.to_json()
    del city
    with pytest.raises(InputError, match="no longer in memory"):
        decision.path()
    assert decision.to_json() == before


class OwnTimes:
    """Travel times of an agency's own, which know no roads."""

    def to_call(self, origins: list[object], *_: object) -> list[int]:
        """Say that every team needs a second."""
        return [1000 for _ in origins]


def test_times_without_paths_say_so() -> None:
    """The decision stands; the path is refused with the kind of times."""
    city = draw_city("a---b", teams={"T1": "a"})
    world = replace(city.world, travel_times=OwnTimes())  # type: ignore[arg-type]
    decision = Desk(world).decide(city.call("b"), NOON, city.roster().snapshot())
    with pytest.raises(InputError, match="travel times of OwnTimes, which give no path"):
        decision.path()


def test_asking_for_the_path_changes_nothing_of_the_decision() -> None:
    """Equal bytes before and after, and to one that was never asked."""
    city = draw_city("a---b", teams={"T1": "a"})
    asked, other = (city.decide(city.call("b")) for _ in range(2))
    asked.path()
    assert asked == other
    assert asked.to_json() == other.to_json()
