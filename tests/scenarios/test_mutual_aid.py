"""Help between providers: off by default, bounded, and with its price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from tests.scenarios.city import NOON, City, default_policy, draw_city
from unarmed_router import Answer, Call, ExclusionReason, Flag, Recommendation, Referral, Router
from unarmed_router.dispatch.ports import TravelTimes
from unarmed_router.interop.json_codec import decision_from_json
from unarmed_router.model.decision import Decision
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.program import Policy, Program, Provider
from unarmed_router.model.team import Fix, TeamStatus

AID = MutualAid({"q": frozenset({"p"})}, max_response_s=300, keep_home=1)


def policy(aid: MutualAid | None) -> Policy:
    """One program; p serves division 1, q serves division 2."""
    providers = (
        Provider("p", "Provider", frozenset({1})),
        Provider("q", "Quarter", frozenset({2})),
    )
    program = Program("UNARMED", "Unarmed", frozenset({"welfare_check"}), providers, 60)
    return replace(default_policy(), programs=(program,), mutual_aid=aid)


def city(aid: MutualAid | None = AID) -> City:
    """P has one team at a; q has two, at e and g; the call is at b."""
    drawn = draw_city(
        "a--b--c--d--e--f--g",
        teams={"P1": "a", "Q1": "e", "Q2": "g"},
        divisions="1111111222222222222",
        policy=policy(aid),
    )
    return drawn.with_team("Q1", provider="q").with_team("Q2", provider="q")


def reasons(decision: Decision) -> dict[str, ExclusionReason]:
    """Map each excluded team to its reason."""
    return {each.team_id: each.reason for each in decision.exclusions}


def busy(drawn: City, *teams: str) -> City:
    """Send teams to other scenes."""
    for team in teams:
        drawn = drawn.with_team(team, status=TeamStatus.ON_SCENE)
    return drawn


def test_the_own_provider_comes_first() -> None:
    """While it can go, nobody else is asked."""
    decision = city().decide(city().call("b"))
    assert isinstance(decision, Recommendation)
    assert decision.team_id == "P1"
    assert reasons(decision) == dict.fromkeys(("Q1", "Q2"), ExclusionReason.OUTSIDE_AREA)
    assert Flag.MUTUAL_AID not in decision.flags


def test_a_neighbour_helps_and_the_decision_says_so() -> None:
    """The nearer of the two goes, the other stays; flag, provider, text."""
    drawn = busy(city(), "P1")
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Recommendation)
    assert (decision.team_id, decision.provider_name) == ("Q1", "Quarter")
    assert decision.candidates[0].travel_ms == 90_000
    assert reasons(decision) == {
        "P1": ExclusionReason.NOT_AVAILABLE,
        "Q2": ExclusionReason.RANKED_LOWER,
    }
    assert Flag.MUTUAL_AID in decision.flags
    assert "mutual aid" in decision.explain()
    assert decision.aid is None  # the drawn city knows no demand
    assert decision_from_json(decision.to_json()) == decision


def test_it_is_off_by_default() -> None:
    """Without a line in the policy nobody helps."""
    drawn = busy(city(None), "P1")
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Referral)
    assert reasons(decision)["Q1"] is ExclusionReason.OUTSIDE_AREA


def test_a_team_is_kept_at_home() -> None:
    """With one team left the neighbour keeps it."""
    drawn = busy(city(), "P1", "Q2")
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Referral)
    kept = {each.team_id: each for each in decision.exclusions}["Q1"]
    assert (kept.reason, kept.detail) == (ExclusionReason.KEPT_HOME, "q keeps 1 at home")


def test_help_does_not_come_from_too_far() -> None:
    """The limit of mutual aid, not that of the program, bounds it."""
    drawn = busy(city(replace(AID, max_response_s=89)), "P1")
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Referral)
    far = {each.team_id: each for each in decision.exclusions}["Q1"]
    assert far.reason is ExclusionReason.BEYOND_LIMIT
    assert far.detail == "90 s from now, limit 89 s"


def test_help_goes_one_way() -> None:
    """P does not help q unless the policy says so too."""
    drawn = busy(city(), "Q1", "Q2")
    decision = drawn.decide(drawn.call("g"))
    assert isinstance(decision, Referral)
    assert reasons(decision)["P1"] is ExclusionReason.OUTSIDE_AREA


def test_every_way_to_a_decision_helps_alike() -> None:
    """Ports, compiled, batch."""
    drawn = busy(city(), "P1")
    call, roster = drawn.call("b"), drawn.roster().snapshot()
    expected = drawn.decide(call).to_json()
    compiled = drawn.compiled()
    assert compiled.decide(call).to_json() == expected
    from unarmed_router.dispatch.desk import Desk  # noqa: PLC0415  # the batch has no other door

    for world in (drawn.world, compiled.world):
        calls = [drawn.call("e"), call, drawn.call("g")]
        assert Desk(world).decide_many(calls, [NOON] * 3, roster)[1].to_json() == expected


@dataclass(frozen=True)
class Residents:
    """Demand at two crossings of division 2."""

    at: tuple[tuple[RoadPosition, float], ...]

    def places(self, divisions: Sequence[int]) -> Sequence[tuple[RoadPosition, float]]:
        """Answer for division 2 only."""
        return self.at if list(divisions) == [2] else ()


def test_the_price_is_what_the_helpers_area_loses() -> None:
    """Three quarters live at e, where only Q1 stands: within 10 s nobody else is there."""
    drawn = busy(city(), "P1")
    roads, known = drawn.world.roads, []
    for mark, weight in (("e", 3.0), ("g", 1.0)):
        lon, lat = drawn.places[mark]
        road = roads.snap(lon=lon, lat=lat)
        assert road is not None
        known.append((road, weight))
    program = replace(policy(AID).programs[0], response_target_s=10)
    changed = replace(policy(AID), programs=(program,))
    demand = Residents(tuple(known))
    drawn = replace(drawn, world=replace(drawn.world, demand=demand, policy=changed))
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Recommendation)
    assert decision.aid is not None
    assert (decision.aid.helper, decision.aid.helped, decision.aid.demand) == ("q", "p", 4.0)
    assert (decision.aid.covered_before, decision.aid.covered_after) == (1.0, 0.25)
    assert decision.aid.lost == 0.75


def test_los_angeles_prices_by_residents() -> None:
    """Alcott helps Exodus: the decision names the share of Wilshire and Olympic beyond target."""
    at = datetime(2026, 11, 20, 18, tzinfo=UTC)
    router = Router.load(clock=lambda: at)
    aid = MutualAid({"alcott": frozenset({"exodus"})}, max_response_s=5400, keep_home=1)
    world = router.agency.world
    agency = replace(
        router.agency, world=replace(world, policy=replace(world.policy, mutual_aid=aid))
    )
    helping = Router(agency, clock=lambda: at)
    for team in ("EXO-1", "EXO-2"):
        helping.roster.set_status(team, TeamStatus.ON_SCENE, at=at)
    facts = dict.fromkeys(
        ("weapon", "violence", "medical_emergency", "crime_in_progress", "minor_alone"), Answer.NO
    )
    call = Call(
        call_id="m-1",
        lon=-118.4440,
        lat=34.0400,
        call_type="welfare_check",
        received_at=at,
        facts=facts,
    )
    decision = helping.route(call, at=at)
    assert isinstance(decision, Recommendation)
    assert decision.team_id.startswith("ALC-")
    assert decision.aid is not None
    assert decision.aid.demand > 300_000  # residents of two divisions
    assert 1.0 >= decision.aid.covered_before >= decision.aid.covered_after > 0.5
    assert helping.route_many([call], at=at) == [decision]


@pytest.mark.parametrize("keep", [0, 2])
def test_keep_home_counts_the_team_that_goes(keep: int) -> None:
    """With none to keep the last team may go; with two to keep neither may."""
    drawn = busy(city(replace(AID, keep_home=keep)), "P1")
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Recommendation if keep == 0 else Referral)


def priced(drawn: City, target_s: int, **weights: float) -> City:
    """Give division 2 a demand at some crossings, and the program a target."""
    known = []
    for mark, weight in weights.items():
        lon, lat = drawn.places[mark]
        road = drawn.world.roads.snap(lon=lon, lat=lat)
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
