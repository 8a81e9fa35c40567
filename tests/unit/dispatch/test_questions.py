"""Choosing questions: the facts that matter first, and no more than needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.scenarios.city import default_policy
from unarmed_router.dispatch.questions import MOST_ENUMERATED, Completion, fewest_questions
from unarmed_router.dispatch.triage import assess_reading
from unarmed_router.model.call import Answer
from unarmed_router.model.decision import Reading
from unarmed_router.model.policy import Policy, TriageFact
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.rule import Rule
from unarmed_router.model.rule_plugin import RulePlugin


def test_the_weightiest_fact_is_asked_first() -> None:
    """A yes to b ends it alone, a and c only together: b turns six of eight completions."""

    def end(answers: Completion) -> str | None:
        yes = {fact for fact, answer in answers.items() if answer is Answer.YES}
        if "b" in yes or {"a", "c"} <= yes:
            return "police"
        return "team" if len(answers) == 3 else None

    assert fewest_questions(("a", "b", "c"), end) == ("b", "a", "c")


def test_of_equal_facts_the_policys_order_decides() -> None:
    """Three dangers, each enough alone."""

    def end(answers: Completion) -> str | None:
        if Answer.YES in answers.values():
            return "police"
        return "team" if len(answers) == 3 else None

    assert fewest_questions(("c", "a", "b"), end) == ("c", "a", "b")


def test_of_equally_few_extra_facts_the_first_is_asked() -> None:
    """No answer matters, and either of two facts would settle the call."""

    def end(answers: Completion) -> str | None:
        return "police" if "b" in answers or "c" in answers else None

    assert fewest_questions(("a", "b", "c"), end) == ("b",)


def many(count: int) -> Policy:
    """Make a policy with so many dangers, and a rule of two facts that is never needed."""
    names = [f"d{place:02}" for place in range(count)]
    rules = [Rule(n, frozenset({"UNARMED"}), {n: Answer.YES}, "POLICE", n) for n in names]
    facts = {name: TriageFact(name, f"{name}?") for name in [*names, "extra"]}
    needless = {names[0]: Answer.YES, "extra": Answer.YES}
    rules.append(Rule("needless", frozenset({"UNARMED"}), needless, "POLICE", "both"))
    return replace(default_policy(), rules=tuple(rules), facts=facts)


@pytest.mark.parametrize("count", [MOST_ENUMERATED - 1, MOST_ENUMERATED])
def test_beyond_the_limit_all_are_asked_and_the_detail_says_so(count: int) -> None:
    """Up to the limit a needless fact is left out; with one more unknown it is asked as well."""
    triage = assess_reading(Reading("welfare_check", {}), 1, many(count))
    asked = [question.fact for question in triage.questions]
    within = count + 1 <= MOST_ENUMERATED
    assert ("extra" in asked) is not within
    assert len(asked) == (count if within else count + 1)
    said = f"; with more than {MOST_ENUMERATED} unknown facts all are asked"
    assert triage.detail == "unknown: " + ", ".join(asked) + ("" if within else said)


def test_questions_and_detail_are_the_same_whichever_is_read_first() -> None:
    """Both are written when they are read, from the same facts."""
    first, second = (assess_reading(Reading("welfare_check", {}), 1, many(3)) for _ in range(2))
    assert first.questions == second.questions
    assert second.detail == first.detail == "unknown: d00, d01, d02"
    assert first == second


def test_as_many_as_the_limit_are_weighed_and_said_in_the_policys_words() -> None:
    """Twelve dangers are asked, each with its own question, and nothing is added to the detail."""
    names = [f"d{place:02}" for place in range(MOST_ENUMERATED)]
    rules = [Rule(n, frozenset({"UNARMED"}), {n: Answer.YES}, "POLICE", n) for n in names]
    facts = {name: TriageFact(name, f"Is it {name}?") for name in names}
    policy = replace(default_policy(), rules=tuple(rules), facts=facts)
    triage = assess_reading(Reading("welfare_check", {}), 1, policy)
    assert triage.detail == "unknown: " + ", ".join(names)
    assert [(q.fact, q.text) for q in triage.questions] == [(n, f"Is it {n}?") for n in names]


def test_an_agencys_own_rule_is_asked_of_the_calls_type() -> None:
    """It looks at one fact, for this kind of call only: that fact settles the call."""
    answers: dict[tuple[str | None, tuple[Answer, ...]], Answer] = {
        ("welfare_check", (answer,)): answer for answer in Answer
    }
    plugin = RulePlugin("own", "1", ("a",), answers)
    own = Rule("own", frozenset({"UNARMED"}), {}, "POLICE", "own", plugin)
    facts = {"a": TriageFact("a", "A?")}
    policy = replace(default_policy(), rules=(own,), facts=facts)
    triage = assess_reading(Reading("welfare_check", {}), 1, policy)
    assert [question.fact for question in triage.questions] == ["a"]
    for answer, reason in ((Answer.YES, ReferralReason.INELIGIBLE), (Answer.NO, None)):
        assert assess_reading(Reading("welfare_check", {"a": answer}), 1, policy).reason is reason


def test_nobody_is_asked_for_a_program_that_is_elsewhere() -> None:
    """Q serves another division: what keeps it away is no question here, and it settles nothing."""
    kinds = frozenset({"welfare_check"})
    programs = tuple(
        Program(name, name, kinds, (Provider(name, name, frozenset({division})),), 600)
        for name, division in (("P", 1), ("Q", 2))
    )
    rules = tuple(
        Rule(fact, frozenset({program}), {fact: Answer.YES}, "POLICE", fact)
        for fact, program in (("a", "P"), ("b", "Q"))
    )
    facts = {fact: TriageFact(fact, f"{fact}?") for fact in "ab"}
    policy = replace(default_policy(), programs=programs, rules=rules, facts=facts)
    for division, fact in ((1, "a"), (2, "b")):
        triage = assess_reading(Reading("welfare_check", {}), division, policy)
        assert [question.fact for question in triage.questions] == [fact]


def test_a_program_that_is_out_hides_no_difference_of_another() -> None:
    """Q is ruled out already; for P a decides alone and b with c, so a is asked first."""
    kinds, here = frozenset({"welfare_check"}), frozenset({1})
    programs = tuple(
        Program(name, name, kinds, (Provider(name, name, here),), 600) for name in ("P", "Q")
    )
    rules = tuple(
        Rule("".join(facts), frozenset({program}), dict.fromkeys(facts, Answer.YES), "POLICE", "so")
        for facts, program in ((("b", "c"), "P"), (("a",), "P"), (("d",), "Q"))
    )
    facts = {fact: TriageFact(fact, f"{fact}?") for fact in "bacd"}
    policy = replace(default_policy(), programs=programs, rules=rules, facts=facts)
    triage = assess_reading(Reading("welfare_check", {"d": Answer.YES}), 1, policy)
    assert [question.fact for question in triage.questions] == ["a", "b", "c"]
