"""What triage says beside its verdict, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace

from tests.scenarios.city import default_policy
from unarmed_router.dispatch.triage import assess_reading, judge, takes_judged
from unarmed_router.model.call import Answer
from unarmed_router.model.decision import Considered, Reading
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ProgramVerdict, ReferralReason

CLEAR = Reading("welfare_check", {"weapon": Answer.NO, "medical": Answer.NO})


def test_an_eligible_call_is_given_no_reason() -> None:
    """Nor a target, a detail or a question."""
    triage = assess_reading(CLEAR, 1, default_policy())
    assert [program.program_id for program in triage.eligible] == ["UNARMED"]
    assert (triage.reason, triage.target, triage.detail, triage.questions) == (None, None, "", ())


def test_a_place_without_a_provider_is_the_whole_reason() -> None:
    """No rule is blamed for it, and nothing is asked, though nothing is known of the call."""
    (program,) = default_policy().programs
    elsewhere = replace(program, providers=(Provider("p", "P", frozenset({2})),))
    policy = replace(default_policy(), programs=(elsewhere,))
    for reading in (CLEAR, Reading("welfare_check", {})):
        triage = assess_reading(reading, 1, policy)
        assert triage.reason is ReferralReason.NO_PROGRAM_HERE
        assert (triage.target, triage.detail, triage.questions) == (None, "", ())
        assert triage.considered == (Considered("UNARMED", ProgramVerdict.NOT_HERE, ()),)


def test_a_kind_of_call_that_nobody_takes_is_named() -> None:
    """In the policy's words; no program is left."""
    triage = assess_reading(Reading("burglary", CLEAR.facts), 1, default_policy())
    assert (triage.eligible, triage.reason) == ((), ReferralReason.INELIGIBLE)
    assert (triage.target, triage.detail) == (None, "no program takes: Burglary")


def test_an_unknown_kind_of_call_is_asked_for_by_a_policy_without_programs() -> None:
    """A period without unarmed teams has referrals only; who takes the call depends on its kind."""
    policy = replace(default_policy(), programs=())
    for call_type in (None, "unheard_of"):
        triage = assess_reading(Reading(call_type, CLEAR.facts), 1, policy)
        assert (triage.reason, triage.considered) == (ReferralReason.NEEDS_TRIAGE, ())
        assert [question.fact for question in triage.questions] == ["call_type"]


def test_who_takes_a_call_does_not_depend_on_where_it_is() -> None:
    """A program with a provider somewhere takes it, unless a rule keeps it away."""
    policy, armed = default_policy(), replace(CLEAR, facts={"weapon": Answer.YES})
    (program,) = policy.programs
    elsewhere = replace(program, providers=(Provider("p", "P", frozenset({2})),))
    for programs in ((program,), (elsewhere,)):
        known = replace(policy, programs=programs)
        assert takes_judged(judge(CLEAR, known), known) == (True,)
        assert takes_judged(judge(armed, known), known) == (False,)
