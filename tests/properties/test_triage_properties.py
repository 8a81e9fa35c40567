"""Triage is monotone: an answer never opens what not knowing kept closed."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenarios.city import NOON, default_policy
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.dispatch.referral import refer_to
from unarmed_router.dispatch.triage import assess, evaluate
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Reading
from unarmed_router.model.policy import Policy
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.rule import Rule

FACTS = ("weapon", "medical")
answers = st.sampled_from(list(Answer))
facts = st.fixed_dictionaries({}, optional=dict.fromkeys(FACTS, answers))
conditions = st.dictionaries(
    st.sampled_from(FACTS), st.sampled_from([Answer.YES, Answer.NO]), min_size=1
)


def call_with(given_facts: dict[str, Answer], call_type: str = "welfare_check") -> Call:
    """Make a call with the facts."""
    return Call(
        call_id="1", lon=-100, lat=40, call_type=call_type, received_at=NOON, facts=given_facts
    )


def policy_with(rules: list[dict[str, Answer]]) -> Policy:
    """Make the drawn cities' policy with other rules."""
    made = tuple(
        Rule(f"r{place}", frozenset({"UNARMED"}), when, "POLICE", "because")
        for place, when in enumerate(rules)
    )
    return replace(default_policy(), rules=made)


@given(conditions, facts)
def test_a_rule_is_the_kleene_conjunction_of_its_facts(
    when: dict[str, Answer], given_facts: dict[str, Answer]
) -> None:
    """Its value is the one all completions of the unknowns agree on, else unknown."""
    rule = Rule("r", frozenset(), when, "POLICE", "because")
    unknown = [f for f in FACTS if given_facts.get(f, Answer.UNKNOWN) is Answer.UNKNOWN]
    outcomes = {
        all(
            (given_facts | dict(zip(unknown, values, strict=True)))[f] is w for f, w in when.items()
        )
        for values in product([Answer.YES, Answer.NO], repeat=len(unknown))
    }
    expected = Answer.UNKNOWN
    if len(outcomes) == 1:
        expected = Answer.YES if outcomes == {True} else Answer.NO
    assert evaluate(rule, Reading("welfare_check", given_facts)) is expected


@given(st.lists(conditions, max_size=4), facts)
def test_an_eligible_call_stays_eligible_whatever_the_unknowns_turn_out_to_be(
    rules: list[dict[str, Answer]], given_facts: dict[str, Answer]
) -> None:
    """What is eligible with an unknown is eligible with either answer: nothing was assumed."""
    policy = policy_with(rules)
    if not assess(call_with(given_facts), 1, policy).eligible:
        return
    unknown = [f for f in FACTS if given_facts.get(f, Answer.UNKNOWN) is Answer.UNKNOWN]
    for values in product([Answer.YES, Answer.NO], repeat=len(unknown)):
        completed = given_facts | dict(zip(unknown, values, strict=True))
        assert assess(call_with(completed), 1, policy).eligible


@given(st.lists(conditions, min_size=1, max_size=3), facts)
def test_rule_order_never_changes_eligibility(
    rules: list[dict[str, Answer]], given_facts: dict[str, Answer]
) -> None:
    """The order decides only which target is named first."""
    call = call_with(given_facts)
    outcomes = {(assess(call, 1, policy_with(list(order))).reason) for order in permutations(rules)}
    assert len(outcomes) == 1


@given(st.lists(conditions, max_size=4), facts)
def test_needs_triage_asks_only_questions_that_are_open(
    rules: list[dict[str, Answer]], given_facts: dict[str, Answer]
) -> None:
    """Each question is about an unknown fact, and answering all of them settles the call."""
    policy = policy_with(rules)
    triage = assess(call_with(given_facts), 1, policy)
    asked = [question.fact for question in triage.questions]
    assert bool(asked) == (triage.reason is ReferralReason.NEEDS_TRIAGE)
    for fact in asked:
        assert given_facts.get(fact, Answer.UNKNOWN) is Answer.UNKNOWN
    for values in product([Answer.YES, Answer.NO], repeat=len(asked)):
        settled = given_facts | dict(zip(asked, values, strict=True))
        assert assess(call_with(settled), 1, policy).reason is not ReferralReason.NEEDS_TRIAGE


@pytest.fixture(scope="module")
def embedded() -> Policy:
    """Load the embedded policy."""
    return load_policy(embedded_agency().parent / "policy.toml", divisions=range(1, 22))


def test_no_dangerous_call_reaches_an_unarmed_team(embedded: Policy) -> None:
    """Over all answers and call types: eligible means every fact a rule looks at is answered no."""
    names = sorted({fact for rule in embedded.rules for fact in rule.when})
    assert names == ["crime_in_progress", "medical_emergency", "minor_alone", "violence", "weapon"]
    eligible = 0
    for call_type in embedded.call_types:
        for values in product(Answer, repeat=len(names)):
            given_facts = dict(zip(names, values, strict=True))
            triage = assess(call_with(given_facts, call_type), 7, embedded)
            if triage.eligible:
                eligible += 1
                assert set(values) == {Answer.NO}
    assert eligible == len(embedded.programs[0].call_types)


def test_every_outcome_of_the_embedded_policy_has_a_target(embedded: Policy) -> None:
    """The referral table answers every reason for every call type."""
    for call_type, reason in product(embedded.call_types, ReferralReason):
        assert refer_to(Reading(call_type, {}), reason, embedded) in embedded.targets
