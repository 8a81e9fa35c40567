"""Paths of the embedded city: live, replayed from JSON, and refused where they would be others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.embedded import AT, PLACES, call
from unarmed_router import Flag, InputError, Recommendation, Router
from unarmed_router.interop.json_codec import decision_from_json
from unarmed_router.model.team import TeamStatus


@pytest.mark.parametrize("place", sorted(PLACES))
def test_a_path_takes_the_travel_time_of_its_decision(router: Router, place: str) -> None:
    """To the millisecond, at a rush hour and at night."""
    for hours in (0, 15):
        decision = router.route(call(place), at=AT + timedelta(hours=hours))
        assert isinstance(decision, Recommendation)
        path = decision.path()
        assert path.travel_ms == decision.candidates[0].travel_ms
        assert path.team_id == decision.team_id
        assert path == router.path(decision)


def test_a_long_way_is_named_by_its_freeways(router: Router) -> None:
    """The embedded network names freeways only; every other road is said to have no name."""
    world = router.agency.world
    places = [PLACES[name][:2] for name in ("Northridge", "Watts")]
    start, goal = (world.roads.snap(lon=lon, lat=lat) for lon, lat in places)
    assert start is not None
    assert goal is not None
    found = router.agency.speeds.travel_times().path(start, goal, AT)
    assert found is not None
    assert world.streets is not None
    path = world.streets.describe(found, origin=places[0], destination=places[1])
    assert path.via
    assert set(path.via) <= set(router.agency.network.names)
    assert f"via {path.via[0]}" in path.explain()
    assert "an unnamed road (" in path.explain()


def test_a_batch_has_the_paths_of_its_calls(router: Router) -> None:
    """A decision of a block is asked as one alone is."""
    calls = [call(place) for place in PLACES]
    together = router.route_many(calls, at=AT)
    for decision, one in zip(together, calls, strict=True):
        assert decision.path() == router.route(one, at=AT).path()


def test_a_decision_read_back_is_replayed(router: Router) -> None:
    """The same call against the same teams and speeds is the same path."""
    decision = router.route(call(), at=AT)
    copy = decision_from_json(decision.to_json())
    assert router.path(copy, call=call()) == decision.path()
    with pytest.raises(InputError, match="read back"):
        router.path(copy)


def test_a_decision_made_while_the_ledger_is_lost_has_a_path(router: Router) -> None:
    """Its flag is the dispatcher's own; any other flag is a difference, as before."""
    decision = router.route(call(), at=AT)
    flagged = replace(decision, flags=(*decision.flags, Flag.NOT_LOGGED))
    copy = decision_from_json(flagged.to_json())
    assert router.path(flagged, call=call()) == router.path(copy, call=call()) == decision.path()
    other = replace(decision, flags=(*decision.flags, Flag.RECEIVED_IN_FUTURE))
    with pytest.raises(InputError, match="decided again on the same data it ends otherwise"):
        router.path(other, call=call())


def test_a_path_of_other_teams_is_refused(router: Router) -> None:
    """A team reported since: the path is found with the snapshot of then only."""
    then = router.roster.snapshot()
    decision = decision_from_json(router.route(call(), at=AT).to_json())
    router.roster.set_status("EXO-1", TeamStatus.ON_SCENE, at=AT)
    with pytest.raises(InputError, match=r"roster was \w{12}\.\.\. and is .*give the snapshot"):
        router.path(decision, call=call())
    path = router.path(decision, call=call(), roster=then)
    assert isinstance(decision, Recommendation)
    assert path.travel_ms == decision.candidates[0].travel_ms


def test_a_path_of_another_call_is_refused(router: Router) -> None:
    """The digest of the call's own JSON is in the decision."""
    decision = decision_from_json(router.route(call(), at=AT).to_json())
    with pytest.raises(InputError, match="it is another call"):
        router.path(decision, call=call("Watts"))


def test_a_path_under_other_speeds_is_refused(router: Router) -> None:
    """Live traffic changed since: neither the decision nor a replay has the old speeds."""
    decision = router.route(call(), at=AT)
    whole = decision_from_json(decision.to_json())
    router.update_speeds({"local": 3.0})
    with pytest.raises(InputError, match="the speeds were changed since"):
        router.path(whole, call=call())
    router.update_speeds(None)
    assert isinstance(whole, Recommendation)
    again = router.path(whole, call=call())
    assert again.travel_ms == whole.candidates[0].travel_ms


def test_speeds_that_are_gone_take_their_paths_with_them(router: Router) -> None:
    """A decision under live speeds has its path until the next ones; then it says so."""
    router.update_speeds({"local": 3.0})
    decision = router.route(call(), at=AT)
    assert isinstance(decision, Recommendation)
    assert decision.path().travel_ms == decision.candidates[0].travel_ms
    router.update_speeds({"local": 2.0})
    with pytest.raises(InputError, match="no longer in memory"):
        decision.path()


def test_steps_join_and_add_up_across_the_city(router: Router) -> None:
    """Thirty long ways: each step begins where the one before ends, and nothing is lost."""
    world, rng = router.agency.world, np.random.default_rng(21)
    times, network = router.agency.speeds.travel_times(), router.agency.network
    assert world.streets is not None
    for first, last in rng.integers(0, network.nodes, (30, 2)).tolist():
        places = [
            (float(network.node_lon[node]) + 0.0004, float(network.node_lat[node]) + 0.0003)
            for node in (first, last)
        ]
        start, goal = (world.roads.snap(lon=lon, lat=lat) for lon, lat in places)
        if start is None or goal is None:
            continue
        found = times.path(start, goal, AT)
        assert found is not None
        assert found.travel_ms == times.to_call([start], goal, AT)[0]
        path = world.streets.describe(found, origin=places[0], destination=places[1])
        assert path.travel_ms == found.travel_ms
        for one, other in pairwise(path.steps):
            assert one.line[-1] == other.line[0]
        metres = sum(float(network.length_m[leg.arc]) * (leg.end - leg.begin) for leg in found.legs)
        assert path.length_m == pytest.approx(metres)
        assert sum(len(step.line) - 1 for step in path.steps) + 1 == len(path.line)


def test_a_referral_is_refused(router: Router) -> None:
    """By the router as by the decision."""
    decision = router.route(call(call_type="noise_complaint"), at=AT)
    if isinstance(decision, Recommendation):  # pragma: no cover  # a policy may come to take it
        pytest.fail("choose a call that no unarmed program takes")
    with pytest.raises(InputError, match="so no team drives to it"):
        router.path(decision)


def test_a_path_is_asked_for_a_call_and_its_teams(router: Router) -> None:
    """An id is no call, and a roster that moves on is no snapshot."""
    decision = router.route(call(), at=AT)
    wrong: Any
    for wrong in ("A-1", False):
        with pytest.raises(InputError, match="call must be the Call that was decided; got"):
            router.path(decision, call=wrong)
    for wrong in (router.roster, False):
        with pytest.raises(InputError, match=r"roster must be a snapshot .* roster\.snapshot\(\)"):
            router.path(decision, call=call(), roster=wrong)
