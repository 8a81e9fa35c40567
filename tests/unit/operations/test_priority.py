"""How urgent a call is: by the type that it is read as."""

from __future__ import annotations

import numpy as np
import pytest

from tests.embedded import AT
from tests.scenarios.test_codes_in_decisions import coded
from unarmed_router import Router
from unarmed_router.model.policy import Policy
from unarmed_router.model.waiting import DEFAULT_PRIORITY
from unarmed_router.operations.taking_calls import priority_of


@pytest.fixture(scope="module")
def router() -> Router:
    """Load the embedded city."""
    return Router.load()


@pytest.fixture(scope="module")
def policy(router: Router) -> Policy:
    """Return its policy of the day."""
    return router.agency.world.policy_on(AT.date())


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        (("918M",), "mental_health"),
        (("suicide_threat",), "suicide_threat"),
        (("welfare_check",), "welfare_check"),
        (("welfare_check", "918M"), "mental_health"),
    ],
)
def test_the_type_that_a_call_is_read_as_counts(
    router: Router, policy: Policy, codes: tuple[str, ...], kind: str
) -> None:
    """A code goes before the word that came with it, as it does for the programs."""
    decision = router.route(coded(*codes), at=AT)
    assert decision.reading.call_type == kind
    urgent = policy.call_types[kind].priority
    assert priority_of(policy, decision, coded(*codes), None) == urgent


def test_a_type_that_nobody_can_read_is_of_the_default_priority(
    router: Router, policy: Policy
) -> None:
    """It is for people to say."""
    call = coded("no such code")
    decision = router.route(call, at=AT)
    assert decision.reading.call_type is None
    assert priority_of(policy, decision, call, None) == DEFAULT_PRIORITY


def test_a_code_that_nobody_can_read_makes_a_call_no_less_urgent(
    router: Router, policy: Policy
) -> None:
    """The word beside it still says what it is about."""
    call = coded("suicide_threat", "no such code")
    decision = router.route(call, at=AT)
    assert decision.reading.call_type is None
    urgent = policy.call_types["suicide_threat"].priority
    assert priority_of(policy, decision, call, None) == urgent < DEFAULT_PRIORITY


def test_types_differ_in_how_urgent_they_are(policy: Policy) -> None:
    """Or the tests above would hold of anything."""
    kinds = ("mental_health", "suicide_threat", "welfare_check")
    assert len({policy.call_types[kind].priority for kind in kinds}) > 1


def test_a_priority_of_a_table_is_kept_as_a_whole_number(router: Router, policy: Policy) -> None:
    """Columns of numpy and pandas hold numbers of their own kind."""
    call = coded("welfare_check")
    priority = priority_of(policy, router.route(call, at=AT), call, np.int64(2))  # type: ignore[arg-type]
    assert (priority, type(priority)) == (2, int)
