"""No dangerous call reaches an unarmed team: every combination of the embedded policy, one by one.

The proof stands on the very table a router asks, `dispatch.eligibility`, and on assessment with its
questions. What a code should have said is told a second time from the text of the code.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.scenarios.city import NOON, default_policy
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.dispatch.eligibility import Eligibility
from unarmed_router.dispatch.reading import read_call
from unarmed_router.dispatch.triage import Triage, assess_reading, evaluate, takes_reading
from unarmed_router.model.call import Answer, Call, Facts
from unarmed_router.model.call_code_table import CodeTable
from unarmed_router.model.decision import Reading
from unarmed_router.model.program import Policy, Program, Provider, Rule, TriageFact
from unarmed_router.model.reasons import ProgramVerdict, ReferralReason

SEEN = Path(__file__).parents[1] / "data" / "lapd_call_codes.csv"
SERVED, UNSERVED = 7, 1
UMCR = {"mental_health", "substance_use", "suicide_threat", "behavioral_distress"}
UMCR |= {"conflict_resolution", "welfare_check"}
DANGERS = ("crime_in_progress", "medical_emergency", "minor_alone", "violence", "weapon")


@cache
def policy() -> Policy:
    """Load the embedded policy."""
    return load_policy(embedded_agency().parent / "policy.toml", divisions=range(1, 22))


def table() -> CodeTable:
    """Return its table of codes."""
    codes = policy().codes
    assert codes is not None
    return codes


@cache
def combinations() -> tuple[Facts, ...]:
    """Return all 3^5 answers to the facts that a rule looks at."""
    assert tuple(sorted({fact for rule in policy().rules for fact in rule.when})) == DANGERS
    return tuple(
        Facts(dict(zip(DANGERS, answers, strict=True)))
        for answers in product(Answer, repeat=len(DANGERS))
    )


@cache
def assessed(call_type: str | None, facts: Facts, division: int) -> Triage:
    """Assess a reading once."""
    return assess_reading(Reading(call_type, facts), division, policy())


def seen_codes() -> dict[str, str]:
    """Return the codes the LAPD used in April 2026, with their texts."""
    with SEEN.open(newline="") as file:
        return {row["call_type_code"]: row["call_type_text"] for row in csv.DictReader(file)}


def base_codes() -> list[str]:
    """Return every code and name of the table, those left out on purpose too."""
    return [
        *(each.code for listed in table().lists for each in listed.bases),
        *(each.code for listed in table().lists for each in listed.unmapped),
    ]


def coded(code: str, facts: Facts | None = None, *more: str) -> Call:
    """Make a call of a type or code, and more codes."""
    west, north, asked = -118.3, 34.0, facts or Facts()
    return Call(
        call_id="1", lon=west, lat=north, call_type=code, codes=more, received_at=NOON, facts=asked
    )


def variants() -> Iterator[tuple[str, str]]:
    """Return every LAPD base with up to two suffix tokens: base and what follows it."""
    (listed,) = [each for each in table().lists if each.suffixes]
    tokens = sorted({each.token for each in listed.suffixes})
    rests = ["", *tokens, *(a + b for a, b in product(tokens, repeat=2))]
    yield from product([each.code for each in listed.bases], rests)


def test_eligible_means_every_danger_is_denied_and_the_code_added_none() -> None:
    """Every call type, base code and seen code under all 243 answers, by the router's own table."""
    words = {*policy().call_types, *base_codes(), *seen_codes()}
    assert len(words) > 290
    remembered, eligible = Eligibility(policy()), set()
    for word in words:
        alone = read_call(coded(word), policy())
        for facts in combinations():
            (taken, nobody) = remembered.takes(coded(word, facts)).tolist()
            assert nobody == 0
            if taken:
                eligible.add(word)
                assert set(facts.values()) == {Answer.NO}, (word, facts)
                assert (dict(alone.facts), alone.added) == ({}, ()), word
                assert alone.call_type in UMCR, word
    # And nothing is kept away without a reason: what reads as a kind of UMCR's with no danger goes.
    harmless = {
        word
        for word in words
        if (found := read_call(coded(word), policy())).call_type in UMCR and not found.added
    }
    assert eligible == harmless
    assert {*UMCR, "918M", "415M", "MNTL", "WELFARE CHECK"} <= eligible


def test_what_a_program_takes_is_what_assessment_says() -> None:
    """With and without a place, over every reading there can be: a type or none, 243 answers."""
    for call_type, facts in product([None, *policy().call_types], combinations()):
        reading = Reading(call_type, facts)
        taken = takes_reading(reading, policy())
        here = assessed(call_type, facts, SERVED)
        assert taken == (bool(here.eligible),)
        assert not assessed(call_type, facts, UNSERVED).eligible
        clear = set(facts.values()) == {Answer.NO}
        assert bool(here.eligible) == (clear and call_type in UMCR)


def test_a_danger_that_is_so_refers_at_once_and_an_unknown_one_is_asked() -> None:
    """No combination falls between: ruled out by each danger, else asked, else sent."""
    for call_type, facts in product([None, *policy().call_types], combinations()):
        here = assessed(call_type, facts, SERVED)
        found = {rule.rule_id for rule in policy().rules if facts[next(iter(rule.when))] == "yes"}
        (seen,) = here.considered
        if found:
            assert (here.reason, set(seen.rules)) == (ReferralReason.INELIGIBLE, found)
            assert seen.verdict is ProgramVerdict.RULED_OUT
        elif call_type is None:
            assert [question.fact for question in here.questions] == ["call_type"]
        elif call_type in UMCR:
            unknown = {fact for fact, answer in facts.items() if answer == "unknown"}
            assert {question.fact for question in here.questions} == unknown
            assert (here.reason is ReferralReason.NEEDS_TRIAGE) == bool(unknown)
        else:
            assert here.reason is ReferralReason.INELIGIBLE


@pytest.mark.parametrize(
    "word", ["VIOL", "GUN", "SHOTS", "I/P", "J/O", "J/L", "NOW", "AMB", "SUICIDE", "THREATS"]
)
def test_a_seen_code_whose_text_tells_a_danger_is_never_eligible(word: str) -> None:
    """Judged by the text beside the code, which the table of codes does not read."""
    told = [code for code, text in seen_codes().items() if word in text]
    assert told
    for code in told:
        reading = read_call(coded(code), policy())
        for facts in combinations():
            plus = facts.plus(dict.fromkeys(reading.facts, Answer.YES))
            assert not assessed(reading.call_type, plus, SERVED).eligible, code


def test_no_violent_or_armed_variant_is_ever_eligible() -> None:
    """Every LAPD base with up to two tokens: a V or a 3 after it keeps unarmed teams away.

    And no token takes a danger away, nor changes the kind of call, that the base tells.
    """
    grave, plain = 0, set()
    readings: set[tuple[str | None, frozenset[str]]] = set()
    for base, rest in variants():
        found, alone = table().read(base + rest), table().read(base)
        if found is None or alone is None or found.base != base:
            continue
        assert found.call_type == alone.call_type
        assert set(alone.facts) <= set(found.facts), base + rest
        reading = (found.call_type, frozenset(found.facts))
        if re.search("[V3]", rest):
            grave += 1
            readings.add(reading)
        else:
            plain.add(reading)
    assert grave > 500
    assert ("mental_health", frozenset()) in plain  # or the proof would be of an empty street
    for (call_type, dangers), facts in product(readings, combinations()):
        assert dangers, call_type
        told = facts.plus(dict.fromkeys(dangers, Answer.YES))
        assert not takes_reading(Reading(call_type, told), policy())[0]


def test_two_codes_are_as_dangerous_as_each() -> None:
    """Every pair of seen codes with all dangers denied: eligible only where both alone are."""
    clear = Facts(dict.fromkeys(DANGERS, Answer.NO))
    alone: dict[str, bool] = {}
    for code in seen_codes():
        alone[code] = takes_reading(read_call(coded(code, clear), policy()), policy())[0]
    assert 10 < sum(alone.values()) < len(alone)
    for first, second in product(alone, repeat=2):
        (both,) = takes_reading(read_call(coded(first, clear, second), policy()), policy())
        assert both == (alone[first] and alone[second]), (first, second)


# --- Any policy: rules drawn by hypothesis -------------------------------------------------------

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
    it alone and end differently. So where these settle the call, no fewer can, and each is needed.
    Where they do not, others are asked, none of which could be left out.
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
    for extra in asked[len(heavy) :]:
        others = [fact for fact in asked if fact != extra]
        assert not others or not settle(others)


def test_no_question_is_asked_that_the_others_make_needless() -> None:
    """The answer to a, whichever, rules the program out: nobody needs to ask b."""
    drawn: Drawn = [*AGAINST_ITSELF, ({"b": SURE[0]}, {"P", "Q"}, "POLICE")]
    triage = assess_reading(Reading("welfare_check", {}), 1, policy_of(drawn))
    assert [question.fact for question in triage.questions] == ["a"]
