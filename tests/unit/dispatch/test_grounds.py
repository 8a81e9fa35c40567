"""Policies prepared once, and outlined areas looked up wherever a call is decided."""

from __future__ import annotations

from dataclasses import replace

from tests.scenarios.city import NOON, City, default_policy, draw_city
from unarmed_router.agency.outlined_areas import PolygonAreas
from unarmed_router.dispatch.desk import Desk
from unarmed_router.dispatch.grounds import Grounds
from unarmed_router.model.policy import Policy
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ReferralReason


def park() -> City:
    """Draw one road; q serves a park in the west of it, p everything else."""
    providers = (
        Provider("p", "Provider", frozenset({1})),
        Provider("q", "Quarter", frozenset(), frozenset({"park"})),
    )
    program = Program("UNARMED", "Unarmed", frozenset({"welfare_check"}), providers, 600)
    policy = replace(default_policy(), programs=(program,))
    city = draw_city("a--b--c", teams={"T1": "b", "T2": "b"}, policy=policy)
    return city.with_team("T2", provider="q").with_outlines(park=(-1, -1, 1, 1))


def test_each_policy_is_prepared_once() -> None:
    """Whoever asks, and however often; another policy is another ground."""
    city = park()
    grounds, policy = Grounds(city.world), city.world.policy
    first = grounds.of(policy)
    assert first.policy is policy
    assert grounds.of(policy) is first
    assert grounds.of(replace(policy, policy_id="other")) is not first
    assert grounds.of(policy) is first


def test_a_call_alone_is_decided_by_the_area_it_is_in() -> None:
    """As in a batch: the park's team inside it, the other elsewhere."""
    city = park()
    for drawn in (city, city.compiled()):
        desk, roster = Desk(drawn.world), drawn.roster().snapshot()
        calls = [drawn.call("a"), drawn.call("c"), drawn.call("a")]
        alone = [desk.decide(call, NOON, roster) for call in calls]
        assert [getattr(each, "team_id", None) for each in alone] == ["T2", "T1", "T2"]
        assert [each.to_json() for each in desk.decide_many(calls, [NOON] * 3, roster)] == [
            each.to_json() for each in alone
        ]


def test_outlines_are_prepared_once_a_policy() -> None:
    """Making them costs more than any decision."""
    city, made = park(), []

    def outlined(policy: Policy) -> PolygonAreas:
        made.append(policy)
        return PolygonAreas(policy)

    desk = Desk(replace(city.world, outlined=outlined))
    roster = city.roster().snapshot()
    for call in (city.call("a"), city.call("c"), city.call("a")):
        desk.decide(call, NOON, roster)
        desk.decide_many([call], [NOON], roster)
    assert len(made) == 1


def test_a_world_that_knows_no_outlines_is_decided_by_division() -> None:
    """And so is a policy that has none in a world that does."""
    city = park()
    for drawn in (
        replace(city, world=replace(city.world, outlined=None)),
        city.with_policy(outlines={}),
    ):
        assert getattr(drawn.decide(drawn.call("a")), "team_id", None) == "T1"


def test_a_division_nobody_serves_is_that_of_no_other() -> None:
    """By ports and compiled: no program is there, and a team next door is not sent."""
    only = (Provider("p", "P", frozenset({2})),)
    program = Program("UNARMED", "Unarmed", frozenset({"welfare_check"}), only, 600)
    policy = replace(default_policy(), programs=(program,))
    city = draw_city("a--b--c--d", teams={"T1": "d"}, divisions="1111122222", policy=policy)
    for drawn in (city, city.compiled()):
        assert getattr(drawn.decide(drawn.call("a")), "reason", None) is (
            ReferralReason.NO_PROGRAM_HERE
        )
        assert getattr(drawn.decide(drawn.call("c")), "team_id", None) == "T1"
