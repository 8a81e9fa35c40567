"""What help between providers costs, and where its limits lie, to the second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tests.scenarios.city import LAT, NOON, City, draw_city
from tests.scenarios.test_mutual_aid import AID, Residents, busy, city, policy, reasons
from unarmed_router import ExclusionReason, Recommendation, Referral
from unarmed_router.dispatch.desk import Desk
from unarmed_router.dispatch.ports import TravelTimes
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.provider import Provider
from unarmed_router.model.team import Fix
from unarmed_router.model.uncertainty import Circle

A_LITTLE = 0.000003
"""Degrees of latitude, a third of a metre: some 60 ms of walking from the road."""


def priced(drawn: City, target_s: int, off: float = 0.0, **weights: float) -> City:
    """Give division 2 a demand at crossings, or a little off them, and the program a target."""
    known = []
    for mark, weight in weights.items():
        lon, lat = drawn.places[mark]
        road = drawn.world.roads.snap(lon=lon, lat=lat + off)
        assert road is not None
        known.append((road, weight))
    program = replace(drawn.world.policy.programs[0], response_target_s=target_s)
    changed = replace(drawn.world.policy, programs=(program,))
    demand = Residents(tuple(known))
    return replace(drawn, world=replace(drawn.world, demand=demand, policy=changed))


def price(drawn: City) -> tuple[str, float, float]:
    """Decide the call at b; return who goes, and the shares covered before and after."""
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Recommendation)
    assert decision.aid is not None
    return decision.team_id, decision.aid.covered_before, decision.aid.covered_after


def test_a_helper_is_timed_from_its_latest_fix() -> None:
    """Q2 lives at g and stands at c: it is 30 s away, Q1 at its home 90 s; its price counts too."""
    drawn = busy(city(), "P1")
    lon, lat = drawn.places["c"]
    drawn = drawn.with_team("Q2", fix=Fix(lon, lat, NOON))
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Recommendation)
    assert (decision.team_id, decision.candidates[0].travel_ms) == ("Q2", 30_000)
    assert decision.candidates[0].position == "avl"
    # From c it covers d, which Q1 at e covers as well: nothing is lost. Of c alone all is.
    assert price(priced(drawn, 31, d=1.0)) == ("Q2", 1.0, 1.0)
    assert price(priced(drawn, 31, c=1.0)) == ("Q2", 1.0, 0.0)


def test_the_limit_of_help_is_met_by_whom_arrives_at_it() -> None:
    """At most so many seconds, turnout included: 90 is in time for 90, 91 is not."""
    drawn = busy(city(replace(AID, max_response_s=90)), "P1")
    assert isinstance(drawn.decide(drawn.call("b")), Recommendation)
    slower = drawn.with_team("Q1", turnout_s=1)
    decision = slower.decide(slower.call("b"))
    assert isinstance(decision, Referral)
    far = {each.team_id: each for each in decision.exclusions}["Q1"]
    assert (far.reason, far.detail) == (ExclusionReason.BEYOND_LIMIT, "91 s from now, limit 90 s")


@dataclass(frozen=True)
class Cut:
    """Travel times of which there is none from one place."""

    times: TravelTimes
    cut: RoadPosition

    def to_call(
        self, origins: Sequence[RoadPosition], destination: RoadPosition, at: datetime
    ) -> Sequence[int | None]:
        """Answer as the times behind it, but from the place that is cut off."""
        found = self.times.to_call(origins, destination, at)
        return [None if o == self.cut else ms for o, ms in zip(origins, found, strict=True)]


def test_a_helper_no_road_leads_from_stays_away() -> None:
    """Its reason is that, no time is made up for it, and its own area cannot count on it."""
    drawn = busy(city(), "P1")
    state = {each.team.team_id: each for each in drawn.roster().snapshot().teams}["Q1"]
    assert state.home_road is not None
    times = Cut(drawn.world.travel_times, state.home_road)
    drawn = replace(drawn, world=replace(drawn.world, travel_times=times))
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Recommendation)
    assert decision.team_id == "Q2"
    assert [each.team_id for each in decision.candidates] == ["Q2"]
    assert reasons(decision)["Q1"] is ExclusionReason.UNREACHABLE
    assert price(priced(drawn, 10, e=1.0, g=1.0)) == ("Q2", 0.5, 0.0)


def test_own_and_helping_teams_beyond_their_limits_each_name_their_own() -> None:
    """P1 could go but for the policy's 15 s, the helper but for the 89 s of mutual aid."""
    limited = replace(policy(replace(AID, max_response_s=89)).programs[0], max_response_s=15)
    drawn = city(replace(AID, max_response_s=89)).with_policy(
        programs=(replace(limited, response_target_s=10),)
    )
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Referral)
    details = {each.team_id: each.detail for each in decision.exclusions}
    assert details["P1"] == "30 s from now, limit 15 s"
    assert details["Q1"] == "90 s from now, limit 89 s"


def test_a_team_too_far_to_help_still_covers_its_own_area() -> None:
    """Q2 would need 150 s to b, more than the limit; at home at g it covers g while Q1 is away."""
    drawn = busy(city(replace(AID, max_response_s=100)), "P1")
    decision = drawn.decide(drawn.call("b"))
    assert reasons(decision)["Q2"] is ExclusionReason.BEYOND_LIMIT
    assert price(priced(drawn, 10, e=1.0, g=1.0)) == ("Q1", 1.0, 0.5)


def test_places_nobody_reaches_were_not_covered_before() -> None:
    """At exactly the target counts, beyond it does not; shares are kept to four digits."""
    drawn = busy(city(), "P1")
    assert price(priced(drawn, 30, f=2.0, d=1.0)) == ("Q1", 1.0, 0.6667)
    assert price(priced(drawn, 29, f=2.0, d=1.0)) == ("Q1", 0.0, 0.0)
    assert price(priced(drawn, 0, e=1.0, f=1.0, d=1.0)) == ("Q1", 0.3333, 0.0)
    slower = drawn.with_team("Q1", turnout_s=1).with_team("Q2", turnout_s=1)
    assert price(priced(slower, 30, f=2.0, e=1.0)) == ("Q1", 0.3333, 0.0)


def test_only_the_helpers_own_teams_cover_its_area() -> None:
    """P2, of the helped provider and off at e for now, is not the neighbour's to count on."""
    drawn = draw_city(
        "a--b--c--d--e--f--g",
        teams={"P1": "a", "P2": "e", "Q1": "e", "Q2": "g"},
        divisions="1111111222222222222",
        policy=policy(AID),
    )
    drawn = drawn.with_team("Q1", provider="q").with_team("Q2", provider="q")
    drawn = busy(drawn, "P1").with_team("P2", capabilities=())
    asked = replace(drawn.call("b"), needs=("nurse",))
    drawn = drawn.with_team("Q1", capabilities=("nurse",)).with_team("Q2", capabilities=("nurse",))
    drawn = priced(drawn, 10, e=1.0)
    decision = drawn.decide(asked)
    assert isinstance(decision, Recommendation)
    assert decision.aid is not None
    assert (decision.team_id, decision.aid.covered_after, decision.aid.target_s) == ("Q1", 0.0, 10)


def test_a_program_nobody_knows_helps_nobody() -> None:
    """A team of a program the policy does not have is looked over, not into."""
    drawn = busy(city(), "P1").with_team("Q1", program="GONE")
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Referral)
    assert reasons(decision)["Q1"] is ExclusionReason.OTHER_PROGRAM


def test_a_moment_beyond_a_limit_is_beyond_it() -> None:
    """A third of a metre off the road takes 60 ms: too late by that for help and for a target."""
    drawn = busy(city(replace(AID, max_response_s=90)), "P1")
    decision = drawn.decide(drawn.call("b", lat=LAT + A_LITTLE))
    assert isinstance(decision, Referral)
    assert reasons(decision)["Q1"] is ExclusionReason.BEYOND_LIMIT
    drawn = busy(city(), "P1")
    assert price(priced(drawn, 30, f=1.0)) == ("Q1", 1.0, 1.0)
    assert price(priced(drawn, 30, A_LITTLE, f=1.0)) == ("Q1", 0.0, 0.0)


def test_teams_that_cannot_go_cover_nothing() -> None:
    """Of four neighbours one goes and one is kept; a third is on scene, a fourth unknown."""
    drawn = draw_city(
        "a--b--c--d--e--f--g",
        teams={"A1": "e", "A2": "g", "A3": "e", "A4": "e", "P1": "a"},
        divisions="1111111222222222222",
        policy=policy(AID),
    )
    for team in ("A1", "A2", "A3", "A4"):
        drawn = drawn.with_team(team, provider="q")
    drawn = busy(drawn, "P1", "A3", "A4")
    assert price(priced(drawn, 10, e=1.0, g=1.0)) == ("A1", 1.0, 0.5)


def test_a_batch_helps_and_knows_who_is_not_sure_where() -> None:
    """An uncertain call among others of a policy with mutual aid is spread over its region."""
    drawn = busy(city().with_outlines(), "P1")
    drawn = drawn.with_policy(mutual_aid=AID)
    unsure = drawn.call("e", call_id="u", uncertainty=Circle(20.0, 0.9))
    calls = [drawn.call("b"), unsure, drawn.call("e"), drawn.call("b", call_id="n")]
    roster = drawn.roster().snapshot()
    expected = [drawn.decide(call) for call in calls]
    found = Desk(drawn.world).decide_many(calls, [NOON] * 4, roster)
    assert [each.to_json() for each in found] == [each.to_json() for each in expected]
    assert found[1].area is not None


def test_help_into_an_outlined_area_has_its_price() -> None:
    """The area is another provider's, whatever the division; the helper's own stays as it is."""
    aid = replace(AID, helps={"q": frozenset({"p", "x"})})
    drawn = busy(priced(city(aid), 120, d=1.0, f=1.0), "P1", "Q2")
    park = Provider("x", "X", frozenset(), outlined=frozenset({"park"}))
    program = drawn.world.policy.programs[0]
    drawn = drawn.with_policy(
        programs=(replace(program, providers=(*program.providers, park)),),
        mutual_aid=replace(aid, keep_home=0),
    )
    without = drawn.decide(drawn.call("b"))
    drawn = drawn.with_outlines(park=(2, -1, 4, 1))
    inside = drawn.decide(drawn.call("b"))
    assert without.aid is not None
    assert (without.aid.helped, without.aid.covered_after) == ("p", 0.0)
    assert inside.aid == replace(without.aid, helped="x")
    told = {each.team_id: each.detail for each in inside.exclusions}
    assert told["P1"] == "p does not serve this place in division 1"


def test_help_is_bounded_by_the_programs_own_limit_too() -> None:
    """Within the limit of help and beyond that one, a team is left out for the latter."""
    drawn = busy(city(replace(AID, max_response_s=300)), "P1")
    program = replace(drawn.world.policy.programs[0], max_response_s=89)
    decision = drawn.with_policy(programs=(program,)).decide(drawn.call("b"))
    details = {each.team_id: each.detail for each in decision.exclusions}
    assert details["Q1"] == "90 s from now, limit 89 s"


def test_a_team_that_lacks_what_the_call_needs_covers_its_own_area() -> None:
    """Q2 cannot help with this call; while Q1 is away it takes the next one at home."""
    drawn = busy(city(), "P1").with_team("Q1", capabilities=("spanish",))
    drawn = priced(drawn, 31, f=1.0)
    decision = drawn.decide(drawn.call("b", needs=("spanish",)))
    assert isinstance(decision, Recommendation)
    assert decision.aid is not None
    assert decision.team_id == "Q1"
    assert (decision.aid.covered_before, decision.aid.covered_after) == (1.0, 1.0)
