"""No dangerous call reaches an unarmed team: every combination of the embedded policy, one by one.

The proof stands on the very table a router asks, `dispatch.eligibility`, and on assessment with its
questions. What a code should have said is told a second time from the text of the code.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, product
from pathlib import Path

import pytest

from tests.scenarios.city import NOON
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.dispatch.eligibility import Eligibility
from unarmed_router.dispatch.reading import read_call
from unarmed_router.dispatch.triage import Triage, assess_reading, judge, takes_judged
from unarmed_router.model.call import Answer, Call, Facts
from unarmed_router.model.call_code_table import CodeTable
from unarmed_router.model.decision import Reading
from unarmed_router.model.policy import Policy
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
def combinations_of_answers() -> tuple[Facts, ...]:
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


def takes(reading: Reading) -> tuple[bool, ...]:
    """Tell which programs take a reading, wherever the call is."""
    return takes_judged(judge(reading, policy()), policy())


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
        for facts in combinations_of_answers():
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
    for call_type, facts in product([None, *policy().call_types], combinations_of_answers()):
        reading = Reading(call_type, facts)
        taken = takes(reading)
        here = assessed(call_type, facts, SERVED)
        assert taken == (bool(here.eligible),)
        assert not assessed(call_type, facts, UNSERVED).eligible
        clear = set(facts.values()) == {Answer.NO}
        assert bool(here.eligible) == (clear and call_type in UMCR)


def test_a_danger_that_is_so_refers_at_once_and_an_unknown_one_is_asked() -> None:
    """No combination falls between: ruled out by each danger, else asked, else sent."""
    for call_type, facts in product([None, *policy().call_types], combinations_of_answers()):
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
        for facts in combinations_of_answers():
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
    for (call_type, dangers), facts in product(readings, combinations_of_answers()):
        assert dangers, call_type
        told = facts.plus(dict.fromkeys(dangers, Answer.YES))
        assert not takes(Reading(call_type, told))[0]


def test_two_codes_are_as_dangerous_as_each() -> None:
    """Every pair of seen codes with all dangers denied: eligible only where both alone are."""
    clear = Facts(dict.fromkeys(DANGERS, Answer.NO))
    alone: dict[str, bool] = {}
    for code in seen_codes():
        alone[code] = takes(read_call(coded(code, clear), policy()))[0]
    assert 10 < sum(alone.values()) < len(alone)
    for first, second in product(alone, repeat=2):
        (both,) = takes(read_call(coded(first, clear, second), policy()))
        assert both == (alone[first] and alone[second]), (first, second)


def _completions(facts: Sequence[str]) -> list[dict[str, Answer]]:
    """Return every way to answer all of some facts."""
    sure = (Answer.YES, Answer.NO)
    return [dict(zip(facts, values, strict=True)) for values in product(sure, repeat=len(facts))]


def test_the_embedded_policy_never_asks_a_question_too_many() -> None:
    """Every kind of call under all 243 answers: every smaller set of questions is tried and fails.

    A set of questions will do when, whatever is answered, the call is settled and no other answer
    changes what becomes of it.
    """

    def ends(call_type: str, facts: Facts, asked: Sequence[str]) -> Iterator[bool]:
        unknown = [fact for fact in DANGERS if facts[fact] is Answer.UNKNOWN]
        for answers in _completions(asked):
            then = assessed(call_type, facts.plus(answers), SERVED)
            rest = [fact for fact in unknown if fact not in answers]
            after = {
                (end.reason, end.target, end.eligible != ())
                for more in _completions(rest)
                for end in (assessed(call_type, facts.plus(answers).plus(more), SERVED),)
            }
            yield then.reason is not ReferralReason.NEEDS_TRIAGE and len(after) == 1

    tried = 0
    for call_type, facts in product(UMCR, combinations_of_answers()):
        triage = assessed(call_type, facts, SERVED)
        if triage.reason is not ReferralReason.NEEDS_TRIAGE:
            continue
        asked = [question.fact for question in triage.questions]
        assert all(ends(call_type, facts, asked))
        for size in range(len(asked)):
            for fewer in combinations(DANGERS, size):
                if all(facts[fact] is Answer.UNKNOWN for fact in fewer):
                    tried += 1
                    assert not all(ends(call_type, facts, fewer)), (facts, fewer)
    assert tried > 200
