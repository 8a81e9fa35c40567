"""The policy a shift stands on: the one in force on the agency's day, remembered for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from unarmed_router.fleet.board import Board
from unarmed_router.operations.decider import Decider
from unarmed_router.operations.recording import Keep
from unarmed_router.router import Router

MIDNIGHT = datetime(2026, 7, 1, 7, tzinfo=UTC)
"""When 1 July begins in Los Angeles."""


@pytest.fixture(scope="module")
def changing() -> Router:
    """Load the embedded city with a second policy from 1 July on."""
    agency = Router.load().agency
    june = replace(agency.world.policy, policy_id="june", effective_until=date(2026, 6, 30))
    july = replace(june, policy_id="july", effective_from=date(2026, 7, 1), effective_until=None)
    world = replace(agency.world, policy=june, policies=(july,))
    return Router(replace(agency, world=world))


@pytest.mark.parametrize("minutes", [-1440, -16, -15, -1, 0, 1, 14, 15, 1440])
def test_the_policy_is_that_of_the_local_day(changing: Router, minutes: int) -> None:
    """Before and after midnight, and back again, the shift's policy is the desk's."""
    decider = Decider(changing, Board(changing.roster.with_states), Keep.OUTCOME)
    for at in (MIDNIGHT + timedelta(minutes=minutes), MIDNIGHT - timedelta(microseconds=1)):
        expected = changing.desk.ground_at(at).policy.policy_id
        assert decider.policy(at).policy_id == expected == ("june" if at < MIDNIGHT else "july")


def test_another_world_is_noticed_at_once(changing: Router) -> None:
    """A policy that is put in force within the same minute is the shift's from then on."""
    router = Router(changing.agency)
    decider = Decider(router, Board(router.roster.with_states), Keep.OUTCOME)
    assert decider.policy(MIDNIGHT).policy_id == "july"
    agency = router.agency
    only = replace(agency.world.policies[0], policy_id="revised")
    other = Router(replace(agency, world=replace(agency.world, policy=only, policies=())))
    decider._router = other
    assert decider.policy(MIDNIGHT).policy_id == "revised"
