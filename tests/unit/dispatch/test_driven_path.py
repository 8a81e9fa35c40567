"""The path of a decision: where it begins and ends, and why there may be none, in whole words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.scenarios.city import EAST, NOON, NORTH, City, draw_city
from unarmed_router.dispatch.desk import Desk
from unarmed_router.dispatch.replayed_path import FindsPaths
from unarmed_router.errors import InputError
from unarmed_router.interop.json_codec import decision_from_json
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.road_path import RoadPath
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.model.screening import StaleFix
from unarmed_router.model.team import Fix
from unarmed_router.travel_time.hourly import HourlyTravelTimes


def street(**team: Any) -> City:
    """Draw one road with its only team at the west end."""
    return draw_city("a----b----c", teams={"T1": "a"}).with_team("T1", **team)


def refused(city: City) -> str:
    """Decide the call at c; return why it has no path."""
    with pytest.raises(InputError) as caught:
        city.decide(city.call("c")).path()
    return str(caught.value)


def test_a_path_begins_at_the_team_and_ends_at_the_call() -> None:
    """At its home where it has sent nothing, else where it was seen; both off the road."""
    lon, lat = street().places["b"]
    home, seen = (lon - 4 * EAST, lat + NORTH / 10), (lon + EAST, lat - NORTH / 10)
    asked = {"lon": lon + 4 * EAST, "lat": lat + NORTH / 5}
    city = street(home_lon=home[0], home_lat=home[1])
    for begin, drawn in (
        (home, city),
        (seen, city.with_team("T1", fix=Fix(lon=seen[0], lat=seen[1], at=NOON))),
    ):
        path = drawn.decide(drawn.call("c", **asked)).path()
        assert path.from_team.begin == pytest.approx(begin, abs=1e-7)
        assert path.to_call.end == pytest.approx(tuple(asked.values()), abs=1e-7)


def test_a_path_of_a_team_taken_to_be_at_home_begins_there() -> None:
    """Its fix is too old, and the policy sends such a team from its home."""
    city = street()
    stale = replace(city.world.policy.screening, stale_fix=StaleFix.HOME)
    fix = Fix(*city.places["b"], at=NOON - timedelta(hours=1))
    city = city.with_policy(screening=stale).with_team("T1", fix=fix)
    path = city.decide(city.call("c")).path()
    assert path.from_team.begin == pytest.approx(city.places["a"], abs=1e-7)


@dataclass(frozen=True)
class Wrong:
    """Travel times whose path is another than their time, or none."""

    times: HourlyTravelTimes
    lost: bool

    def to_call(
        self, origins: Sequence[RoadPosition], destination: RoadPosition, at: datetime
    ) -> Sequence[int | None]:
        """Answer a second less than the times behind it."""
        found = self.times.to_call(origins, destination, at)
        return [None if ms is None else ms - 1000 for ms in found]

    def path(
        self, origin: RoadPosition, destination: RoadPosition, at: datetime
    ) -> RoadPath | None:
        """Answer as the times behind it, or not at all."""
        return None if self.lost else self.times.path(origin, destination, at)


def test_a_path_that_is_not_that_of_the_time_is_refused_in_whole_words() -> None:
    """Times that contradict themselves, times and worlds that know no path."""
    city = street()
    built = city.world.travel_times
    assert isinstance(built, HourlyTravelTimes)
    for lost, found in ((False, "one of 100000 ms"), (True, "none")):
        wrong = Wrong(built, lost)
        assert refused(replace(city, world=replace(city.world, travel_times=wrong))) == (
            f"call c-1: the decision says 99000 ms and the path found is {found}; these travel "
            "times contradict themselves, report it"
        )
    assert refused(replace(city, world=replace(city.world, streets=None))) == (
        "call c-1: this world has no streets, which give no path; load an agency whose travel "
        "times are the library's own"
    )


def test_a_path_is_that_of_the_moment_of_decision() -> None:
    """Roads take twice as long from the afternoon on; an early decision keeps its own."""
    city = street()
    built, roads = city.world.travel_times, city.network
    assert isinstance(built, HourlyTravelTimes)
    times = HourlyTravelTimes(
        hour_at=lambda at: int(at.hour > 12),
        metric_of=lambda key: roads.free_flow_ms * (1 + key),
        engine_of=built._engine_of,
    )
    city = replace(city, world=replace(city.world, travel_times=times))
    found = [city.decide(city.call("c"), NOON + timedelta(hours=hours)) for hours in (0, 2)]
    assert [decision.path().travel_ms for decision in found] == [100_000, 200_000]


def test_speeds_that_are_gone_are_said_to_be() -> None:
    """With what to do about it."""
    city = street()
    decision = city.decide(city.call("c"))
    del city
    with pytest.raises(InputError) as caught:
        decision.path()
    assert str(caught.value) == (
        "call c-1: the speeds this call was decided under are no longer in memory (they were "
        "changed since, or the router was let go); ask for the path while they are, or decide the "
        "call again"
    )


class Board(FindsPaths):
    """A city that is asked for paths."""

    def __init__(self, city: City) -> None:
        self._desk, self.roster = Desk(city.world), city.roster()

    @property
    def desk(self) -> Desk:
        """The city's."""
        return self._desk


def test_a_decision_is_replayed_with_the_teams_of_now_or_of_then() -> None:
    """Without the call it is asked itself; with it, it is decided again at its own moment."""
    city, at = street(), NOON + timedelta(minutes=7)
    board = Board(city)
    decision = city.decide(city.call("c"), at)
    assert board.path(decision) == decision.path()
    copy = decision_from_json(decision.to_json())
    assert board.path(copy, call=city.call("c")) == decision.path()
    then: RosterSnapshot = city.roster().snapshot()
    elsewhere = Board(city.with_team("T1", turnout_s=9))
    assert elsewhere.path(copy, call=city.call("c"), roster=then) == decision.path()


def test_what_differs_is_named_with_its_remedy() -> None:
    """Each digest shortened, short words whole, remedies in order and once."""
    city = street()
    board, copy = Board(city), decision_from_json(city.decide(city.call("c")).to_json())
    again = city.decide(city.call("b")).basis
    with pytest.raises(InputError) as caught:
        board.path(copy, call=city.call("b"))
    was = copy.basis.inputs
    assert str(caught.value) == (
        f"call c-1: its path cannot be found again: inputs was {was[:12]}... and is "
        f"{again.inputs[:12]}...; it is another call"
    )
    digests = replace(city.world.digests, version="2" * 40, agency="3" * 41, profile="fast")
    other = Board(replace(city, world=replace(city.world, digests=digests)))
    with pytest.raises(InputError) as caught:
        other.path(copy, call=city.call("c"))
    assert str(caught.value) == (
        f"call c-1: its path cannot be found again: version was test and is {'2' * 40}, agency was "
        f"drawn and is {'3' * 12}..., profile was flat and is fast; load the agency it was decided "
        "with; the speeds were changed since; put those of then in force"
    )


def test_an_answer_that_is_not_its_own_is_told_from_one_of_other_data() -> None:
    """All it stood on is the same, and yet another team goes."""
    city = street()
    decision = city.decide(city.call("c"))
    forged = decision_from_json(decision.to_json().replace('"c-1"', '"c-2"'))
    with pytest.raises(InputError) as caught:
        Board(city).path(forged, call=city.call("c"))
    assert str(caught.value) == (
        "call c-2: decided again on the same data it ends otherwise; it is not the router's own"
    )


@dataclass(frozen=True, slots=True)
class Slotted:
    """Travel times that cannot be referred to weakly."""

    times: HourlyTravelTimes

    def to_call(
        self, origins: Sequence[RoadPosition], destination: RoadPosition, at: datetime
    ) -> Sequence[int | None]:
        """Answer as the times behind it."""
        return self.times.to_call(origins, destination, at)

    def path(
        self, origin: RoadPosition, destination: RoadPosition, at: datetime
    ) -> RoadPath | None:
        """Answer as the times behind it."""
        return self.times.path(origin, destination, at)


def test_times_that_cannot_be_let_go_are_kept() -> None:
    """A class without room for weak references still gives its paths."""
    city = street()
    built = city.world.travel_times
    assert isinstance(built, HourlyTravelTimes)
    own = replace(city, world=replace(city.world, travel_times=Slotted(built)))
    expected = city.decide(city.call("c")).path()
    assert own.decide(own.call("c")).path() == expected
