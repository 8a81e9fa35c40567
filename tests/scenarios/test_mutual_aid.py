"""Help between providers: off by default, bounded, and with its price."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from tests.embedded import AT, call
from tests.scenarios.city import NOON, NORTH, City, default_policy, draw_city
from unarmed_router import (
    Dispatcher,
    ExclusionReason,
    Flag,
    InputError,
    Recommendation,
    Referral,
    ReferralReason,
    Router,
)
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.interop.json_codec import decision_from_json
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.model.decision import Decision
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.policy import Policy
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.shift import Shift
from unarmed_router.model.team import TeamStatus
from unarmed_router.operations.clock import LedgerClock
from unarmed_router.operations.ledger_replay import Verdict, replay

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


def test_a_team_that_lacks_what_the_call_needs_stays_at_home_too() -> None:
    """It could go in its own area: the one that can help is spared, and no second one."""
    drawn = busy(city(), "P1").with_team("Q1", capabilities=("spanish",))
    for changes in ({"needs": ("spanish",)}, {"excludes": ("Q2",)}):
        decision = drawn.decide(drawn.call("b", **changes))
        assert isinstance(decision, Recommendation)
        assert decision.team_id == "Q1"
    two = drawn.with_policy(mutual_aid=replace(AID, keep_home=2))
    assert reasons(two.decide(two.call("b", needs=("spanish",)))) == {
        "P1": ExclusionReason.NOT_AVAILABLE,
        "Q1": ExclusionReason.KEPT_HOME,
        "Q2": ExclusionReason.MISSING_CAPABILITY,
    }


def test_help_does_not_come_from_too_far() -> None:
    """The limit of mutual aid, not that of the program, bounds it."""
    drawn = busy(city(replace(AID, max_response_s=89)), "P1")
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Referral)
    far = {each.team_id: each for each in decision.exclusions}["Q1"]
    assert far.reason is ExclusionReason.BEYOND_LIMIT
    assert far.detail == "90 s from now, limit 89 s"


def test_a_call_that_only_helpers_were_timed_for_says_by_which_roads() -> None:
    """The hour and the road that an exclusion stands on are in the decision, as for any team's."""
    drawn = busy(city(replace(AID, max_response_s=89)), "P1")
    for each in (drawn, drawn.compiled()):
        lon, lat = each.places["b"]
        decision = each.decide(each.call("b", lon=lon, lat=lat + NORTH * 0.8))
        assert isinstance(decision, Referral)
        assert decision.reason is ReferralReason.NO_TEAM_AVAILABLE
        assert reasons(decision)["Q1"] is ExclusionReason.BEYOND_LIMIT
        assert decision.basis.hour_of_week == 12
        assert decision.snap_m == pytest.approx(80, abs=0.5)
        assert Flag.LONG_ACCESS_LEG in decision.flags
        nobody = busy(each, "Q1", "Q2")
        untimed = nobody.decide(nobody.call("b", lon=lon, lat=lat + NORTH * 0.8))
        assert (untimed.basis.hour_of_week, untimed.snap_m, untimed.flags) == (None, None, ())


def test_the_limit_of_help_is_not_told_of_a_team_at_home() -> None:
    """Each team is told the limit that kept it away: that of its program, or that of helping."""
    drawn = city(replace(AID, max_response_s=20))
    (program,) = drawn.world.policy.programs
    drawn = drawn.with_policy(programs=(replace(program, max_response_s=29),))
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Referral)
    assert {each.team_id: each.detail for each in decision.exclusions if each.team_id != "Q2"} == {
        "P1": "30 s from now, limit 29 s",
        "Q1": "90 s from now, limit 20 s",
    }


def test_help_goes_one_way() -> None:
    """P does not help q unless the policy says so too."""
    drawn = busy(city(), "Q1", "Q2")
    decision = drawn.decide(drawn.call("g"))
    assert isinstance(decision, Referral)
    assert reasons(decision)["P1"] is ExclusionReason.OUTSIDE_AREA


def test_a_provider_helps_in_its_own_hours() -> None:
    """Once they have ended it takes no calls, its neighbour's neither."""
    drawn = busy(city(), "P1")
    program = drawn.world.policy.programs[0]
    own, neighbour = program.providers
    morning = replace(neighbour, hours=(Shift(days=(0,), start=time(8), end=time(12)),))
    drawn = drawn.with_policy(programs=(replace(program, providers=(own, morning)),))
    before = drawn.decide(drawn.call("b"), NOON - timedelta(seconds=1))
    assert isinstance(before, Recommendation)
    assert before.provider_name == "Quarter"
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Referral)
    assert reasons(decision)["Q1"] is ExclusionReason.OUTSIDE_AREA


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
    digest: str = "residents"

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
    assert decision.aid.table == "residents"
    assert "  table of demand residents" in decision.explain("auditor").splitlines()


def test_los_angeles_prices_by_residents() -> None:
    """Alcott helps Exodus: the decision names the share of Wilshire and Olympic beyond target."""
    router = Router.load(clock=lambda: AT)
    aid = MutualAid({"alcott": frozenset({"exodus"})}, max_response_s=5400, keep_home=1)
    world = router.agency.world
    agency = replace(
        router.agency, world=replace(world, policy=replace(world.policy, mutual_aid=aid))
    )
    helping = Router(agency, clock=lambda: AT)
    for team in ("EXO-1", "EXO-2"):
        helping.roster.set_status(team, TeamStatus.ON_SCENE, at=AT)
    asked = call("Sawtelle")
    decision = helping.route(asked, at=AT)
    assert isinstance(decision, Recommendation)
    assert decision.team_id.startswith("ALC-")
    assert decision.aid is not None
    assert decision.aid.demand > 300_000  # residents of two divisions
    assert 1.0 >= decision.aid.covered_before >= decision.aid.covered_after > 0.5
    assert helping.route_many([asked], at=AT) == [decision]


def with_another_census(folder: Path) -> list[Router]:
    """Load Los Angeles as it is, and with a table of demand that has a row more; Exodus is busy."""
    for file in embedded_agency().parent.iterdir():
        (folder / file.name).symlink_to(file)
    router = Router.load(clock=lambda: AT)
    table = router.agency.demand
    assert table is not None
    (folder / table.name).unlink()
    text = table.read_bytes()
    (folder / table.name).write_bytes(text + text.splitlines()[-1] + b"\n")
    aid = MutualAid({"alcott": frozenset({"exodus"})}, max_response_s=5400, keep_home=1)
    routers = [router, Router.load(folder / "agency.toml", clock=lambda: AT)]
    for place, each in enumerate(routers):
        world = each.agency.world
        changed = replace(world, policy=replace(world.policy, mutual_aid=aid))
        routers[place] = Router(replace(each.agency, world=changed), clock=lambda: AT)
        for team in ("EXO-1", "EXO-2"):
            routers[place].roster.set_status(team, TeamStatus.ON_SCENE, at=AT)
    return routers


def test_a_price_names_the_table_it_was_reckoned_by(tmp_path: Path) -> None:
    """Of a census that is newer nothing else in the decision would say so; its path says which."""
    routers = with_another_census(tmp_path)
    decisions = [router.route(call("Sawtelle"), at=AT) for router in routers]
    prices = [decision.aid for decision in decisions]
    assert decisions[0].basis == decisions[1].basis
    tables = [router.agency.demand for router in routers]
    assert [price and price.table for price in prices] == [
        table and hashlib.sha256(table.read_bytes()).hexdigest() for table in tables
    ]
    copy = decision_from_json(decisions[0].to_json())
    assert routers[0].path(copy, call=call("Sawtelle")).travel_ms > 0
    with pytest.raises(InputError, match=r"table of demand \S+ and is by \S+; load the agency"):
        routers[1].path(copy, call=call("Sawtelle"))


def test_a_replay_tells_another_census_from_another_decision(tmp_path: Path) -> None:
    """What it was made on is not what there is now; nobody is told that it was altered."""
    routers, ledger = with_another_census(tmp_path), MemoryLedger()
    shift = Dispatcher(routers[0], ledger, clock=LedgerClock(lambda: AT))
    decision = shift.receive(call("Sawtelle"))
    assert decision.aid is not None
    same, other = (replay(ledger, router.agency) for router in routers)
    assert dict(same.counts) == {Verdict.SAME: 1}
    assert dict(other.counts) == {Verdict.OTHER_DATA: 1}
    assert other.first is not None
    (because,) = other.first.because
    assert because.startswith(f"table of demand: {decision.aid.table[:12]} in the decision, ")


@pytest.mark.parametrize("keep", [0, 2])
def test_keep_home_counts_the_team_that_goes(keep: int) -> None:
    """With none to keep the last team may go; with two to keep neither may."""
    drawn = busy(city(replace(AID, keep_home=keep)), "P1")
    decision = drawn.decide(drawn.call("b"))
    assert isinstance(decision, Recommendation if keep == 0 else Referral)
