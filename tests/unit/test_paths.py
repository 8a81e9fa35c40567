"""Paths of the embedded city: live, replayed from JSON, and refused where they would be others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.test_router import AT, PLACES, call
from unarmed_router import InputError, Recommendation, Router
from unarmed_router.interop.json_codec import decision_from_json
from unarmed_router.model.team import TeamStatus


@pytest.fixture
def router() -> Router:
    """Load the embedded city, its clock at the moment of the calls."""
    return Router.load(clock=lambda: AT)


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


def test_a_referral_is_refused(router: Router) -> None:
    """By the router as by the decision."""
    decision = router.route(call(call_type="noise_complaint"), at=AT)
    if isinstance(decision, Recommendation):  # pragma: no cover  # a policy may come to take it
        pytest.fail("choose a call that no unarmed program takes")
    with pytest.raises(InputError, match="so no team drives to it"):
        router.path(decision)
