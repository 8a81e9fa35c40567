"""Triage of any policy, its rules drawn by hypothesis: monotone, order-free, no idle question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.scenarios.city import default_policy
from unarmed_router.dispatch.triage import Triage, assess_reading, evaluate
from unarmed_router.model.call import Answer
from unarmed_router.model.decision import Reading
from unarmed_router.model.policy import Policy, TriageFact
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import ProgramVerdict, ReferralReason
from unarmed_router.model.rule import Rule

FACTS = ("a", "b", "c", "d")
SURE = (Answer.YES, Answer.NO)
conditions = st.dictionaries(st.sampled_from(FACTS), st.sampled_from(SURE), min_size=1, max_size=3)
applies = st.sets(st.sampled_from(("P", "Q")), min_size=1)
rules = st.lists(st.tuples(conditions, applies, st.sampled_from(("POLICE", "FIRE"))), max_size=5)
answers = st.dictionaries(st.sampled_from(FACTS), st.sampled_from(Answer))
readings = st.builds(Reading, st.sampled_from(("welfare_check", "burglary", None)), answers)
Drawn = list[tuple[dict[str, Answer], set[str], str]]
AGAINST_ITSELF: Drawn = [({"a": answer}, {"P", "Q"}, "POLICE") for answer in SURE]


def policy_of(drawn: Drawn, order: tuple[str, ...] = ("P", "Q")) -> Policy:
    """Make a policy of two programs, of which Q takes one kind of call more."""
    base, kinds = default_policy(), frozenset({"welfare_check"})
    provider = (Provider("p", "Provider", frozenset({1})),)
    programs = {
        "P": Program("P", "P", kinds, provider, 600),
        "Q": Program("Q", "Q", kinds | {"burglary"}, provider, 600),
    }
    made = [
        Rule(f"{when}{sorted(of)}{target}", frozenset(of), when, target, "because")
        for when, of, target in drawn
    ]
    unique = tuple({rule.rule_id: rule for rule in made}.values())
    facts = {fact: TriageFact(fact, f"{fact}?") for fact in FACTS}
    return replace(base, programs=tuple(programs[p] for p in order), rules=unique, facts=facts)


def told(reading: Reading, more: Mapping[str, Answer]) -> Reading:
    """Answer more facts."""
    return replace(reading, facts={**reading.facts, **more})


def completions(facts: Sequence[str]) -> list[dict[str, Answer]]:
    """Return every way to answer all of some facts."""
    return [dict(zip(facts, v, strict=True)) for v in product(SURE, repeat=len(facts))]


def names(triage: Triage, *verdicts: ProgramVerdict) -> set[str]:
    """Name the programs of these verdicts."""
    return {seen.program for seen in triage.considered if seen.verdict in verdicts}


@given(rules, readings, st.sampled_from(FACTS), st.sampled_from(SURE))
def test_an_answer_never_opens_what_the_unknown_kept_shut(
    drawn: Drawn, reading: Reading, fact: str, answer: Answer
) -> None:
    """Eligible after is eligible or undecided before; eligible or ruled out before stays so."""
    if reading.answer(fact) is not Answer.UNKNOWN:
        return
    made = policy_of(drawn)
    before = assess_reading(reading, 1, made)
    after = assess_reading(told(reading, {fact: answer}), 1, made)
    may, ask = ProgramVerdict.ELIGIBLE, ProgramVerdict.NEEDS_TRIAGE
    assert names(before, may) <= names(after, may) <= names(before, may, ask)
    assert names(before, ProgramVerdict.RULED_OUT) <= names(after, ProgramVerdict.RULED_OUT)


@given(rules, readings, st.randoms(use_true_random=False))
def test_neither_the_order_of_rules_nor_of_programs_changes_who_may_go(
    drawn: Drawn, reading: Reading, chance: Random
) -> None:
    """The same programs with the same rules listed; only who is named first may differ."""

    def found(of: Policy) -> tuple[object, ...]:
        triage = assess_reading(reading, 1, of)
        listed = {(s.program, s.verdict, frozenset(s.rules)) for s in triage.considered}
        return listed, {program.program_id for program in triage.eligible}, triage.reason

    shuffled = list(drawn)
    chance.shuffle(shuffled)
    expected = found(policy_of(drawn))
    assert found(policy_of(shuffled)) == found(policy_of(shuffled, ("Q", "P"))) == expected


@given(rules, readings)
def test_every_rule_that_fired_is_listed_and_no_other(drawn: Drawn, reading: Reading) -> None:
    """Those that hold of a program ruled out, those still open of one that must be triaged."""
    made = policy_of(drawn)
    for seen in assess_reading(reading, 1, made).considered:
        of = {r.rule_id: evaluate(r, reading) for r in made.rules if seen.program in r.programs}
        hold = {rule for rule, value in of.items() if value is Answer.YES}
        still = {rule for rule, value in of.items() if value is Answer.UNKNOWN}
        asks = seen.verdict is ProgramVerdict.NEEDS_TRIAGE and reading.call_type is not None
        assert set(seen.rules) == (hold or (still if asks else set()))
        assert bool(hold) == (seen.verdict is ProgramVerdict.RULED_OUT)


@given(rules, readings)
@example([({"c": SURE[0]}, {"P"}, "FIRE"), *AGAINST_ITSELF], Reading("welfare_check", {}))
@settings(max_examples=300)
def test_the_questions_are_the_influential_ones_in_order_and_settle_the_call(
    drawn: Drawn, reading: Reading
) -> None:
    """Influence counted by brute force over every completion of the facts of open rules.

    Any questions that fix the outcome include each fact with influence: two completions differ in
    it alone and end differently. Of all sets of facts that include those and settle the call, none
    is smaller than what is asked.
    """
    made = policy_of(drawn)
    triage = assess_reading(reading, 1, made)
    if reading.call_type is None or triage.reason is not ReferralReason.NEEDS_TRIAGE:
        return

    def end(more: Mapping[str, Answer]) -> tuple[object, ...]:
        then = assess_reading(told(reading, more), 1, made)
        return then.reason, then.target, tuple(p.program_id for p in then.eligible)

    def settle(asked: Sequence[str]) -> bool:
        return all(end(m)[0] is not ReferralReason.NEEDS_TRIAGE for m in completions(asked))

    listed = {r for s in triage.considered if s.verdict == "needs_triage" for r in s.rules}
    open_facts = {f for rule in made.rules if rule.rule_id in listed for f in rule.when}
    unknown = [f for f in FACTS if f in open_facts and reading.answer(f) is Answer.UNKNOWN]
    influence = {
        fact: sum(
            end(rest | {fact: Answer.YES}) != end(rest | {fact: Answer.NO})
            for rest in completions([other for other in unknown if other != fact])
        )
        for fact in unknown
    }
    weighed = sorted(unknown, key=lambda fact: (-influence[fact], FACTS.index(fact)))
    heavy = [fact for fact in weighed if influence[fact]]
    asked = [question.fact for question in triage.questions]
    assert settle(asked)
    assert asked[: len(heavy)] == heavy
    assert set(asked) <= set(weighed)
    light = [fact for fact in weighed if fact not in heavy]
    fewer = [
        [*heavy, *more]
        for size in range(len(asked) - len(heavy))
        for more in combinations(light, size)
    ]
    assert not any(settle(facts) for facts in fewer if facts)


def test_the_least_extra_question_is_found_where_leaving_out_one_by_one_would_stop_early() -> None:
    """Three facts no answer of which matters: one question settles the call, where two would do."""
    same = {"P", "Q"}
    drawn: Drawn = [
        ({"a": SURE[0], "b": SURE[0]}, same, "POLICE"),
        ({"a": SURE[0], "b": SURE[1]}, same, "POLICE"),
        ({"a": SURE[1], "b": SURE[0]}, same, "POLICE"),
        ({"a": SURE[1], "b": SURE[1]}, same, "POLICE"),
        ({"c": SURE[0]}, same, "POLICE"),
        ({"c": SURE[1]}, same, "POLICE"),
    ]
    triage = assess_reading(Reading("welfare_check", {}), 1, policy_of(drawn))
    assert [question.fact for question in triage.questions] == ["c"]


def test_no_question_is_asked_that_the_others_make_needless() -> None:
    """The answer to a, whichever, rules the program out: nobody needs to ask b."""
    drawn: Drawn = [*AGAINST_ITSELF, ({"b": SURE[0]}, {"P", "Q"}, "POLICE")]
    triage = assess_reading(Reading("welfare_check", {}), 1, policy_of(drawn))
    assert [question.fact for question in triage.questions] == ["a"]
