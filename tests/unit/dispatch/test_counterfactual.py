"""The smallest change of facts, against every assignment tried one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenarios.city import NOON, default_policy, draw_city
from unarmed_router.dispatch.counterfactual import (
    FEW,
    MOST_SEARCHED,
    counterfactual,
    smallest_change,
)
from unarmed_router.dispatch.desk import Desk
from unarmed_router.dispatch.triage import assess_reading
from unarmed_router.model.call import Answer
from unarmed_router.model.counterfactual import FactChange
from unarmed_router.model.decision import Reading
from unarmed_router.model.policy import Policy, TriageFact
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.rule import Rule
from unarmed_router.model.rule_plugin import Asked, RulePlugin

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
FACTS = ("d", "b", "c", "a")
"""In an order that is not the alphabet's."""
PROGRAMS = ("P", "Q")
Changes = tuple[FactChange, ...]

answers = st.sampled_from(list(Answer))
conditions = st.dictionaries(st.sampled_from(FACTS), st.sampled_from([YES, NO]), min_size=1)
sides = st.sampled_from([frozenset({"P"}), frozenset({"Q"}), frozenset(PROGRAMS)])
rules = st.lists(st.tuples(sides, conditions), max_size=6)


def policy_of(*rules: Rule, facts: tuple[str, ...] = FACTS) -> Policy:
    """Two programs: P in division 1, Q in divisions 1 and 2."""
    return replace(
        default_policy(),
        facts={fact: TriageFact(fact, f"{fact}?") for fact in facts},
        programs=tuple(
            Program(
                name,
                name,
                frozenset({"welfare_check"}),
                (Provider(name.lower(), name, frozenset(served)),),
                600,
            )
            for name, served in zip(PROGRAMS, ({1}, {1, 2}), strict=True)
        ),
        rules=tuple(replace(each, rule_id=f"r{at}") for at, each in enumerate(rules)),
    )


def rule(when: dict[str, Answer], programs: frozenset[str] = frozenset(PROGRAMS)) -> Rule:
    """Make a rule; the policy numbers it."""
    return Rule("", programs, when, "POLICE", "because")


def reading_of(facts: dict[str, Answer], added: tuple[str, ...] = ()) -> Reading:
    """Make a reading of a welfare check."""
    return Reading("welfare_check", facts, added)


def every_change(reading: Reading, policy: Policy) -> Iterator[Changes]:
    """List the 3^n changes: each fact that is not fixed stays, becomes no, or becomes yes."""
    free = [fact for fact in policy.facts if fact not in reading.added]
    for chosen in product((None, NO, YES), repeat=len(free)):
        changes = tuple(
            FactChange(fact, reading.answer(fact), answer)
            for fact, answer in zip(free, chosen, strict=True)
            if answer is not None
        )
        if all(change.was is not change.to for change in changes):
            yield changes


def eligible(reading: Reading, changes: Changes, division: int, policy: Policy) -> bool:
    """Tell whether some program may take the call after the changes."""
    facts = {**reading.facts, **{change.fact: change.to for change in changes}}
    return bool(assess_reading(replace(reading, facts=facts), division, policy).eligible)


def brute_force(reading: Reading, division: int, policy: Policy) -> Changes | None:
    """Try everything and take the best by the documented order."""
    places = {fact: place for place, fact in enumerate(policy.facts)}
    found = [
        changes
        for changes in every_change(reading, policy)
        if eligible(reading, changes, division, policy)
    ]
    return min(
        found,
        key=lambda changes: (
            len(changes),
            sum(change.was is not UNKNOWN for change in changes),
            [(places[change.fact], change.to is YES) for change in changes],
        ),
        default=None,
    )


@given(
    rules,
    st.fixed_dictionaries({}, optional=dict.fromkeys(FACTS, answers)),
    st.sets(st.sampled_from(FACTS), max_size=2),
    st.sampled_from([1, 2, 3]),
)
def test_the_smallest_change_is_the_one_brute_force_finds(
    drawn: list[tuple[frozenset[str], dict[str, Answer]]],
    facts: dict[str, Answer],
    added: set[str],
    division: int,
) -> None:
    """Whatever the rules, the answers, the facts a code fixes and the place: the same, or None."""
    policy = policy_of(*(rule(when, programs) for programs, when in drawn))
    reading = reading_of({**facts, **dict.fromkeys(added, YES)}, tuple(sorted(added)))
    assert smallest_change(reading, division, policy) == brute_force(reading, division, policy)


@given(
    st.lists(st.sampled_from(list(Answer)), min_size=9, max_size=9),
    st.fixed_dictionaries({}, optional=dict.fromkeys(FACTS, answers)),
    conditions,
)
def test_an_agencys_own_rule_is_changed_either_way(
    values: list[Answer], facts: dict[str, Answer], when: dict[str, Answer]
) -> None:
    """Of a rule that is no conjunction every answer is tried, so brute force finds nothing less."""
    asked = product(list(Answer), repeat=2)
    table: dict[Asked, Answer] = {
        ("welfare_check", pair): v for pair, v in zip(asked, values, strict=True)
    }
    own = replace(rule({}), plugin=RulePlugin("own", "1", ("a", "d"), table))
    policy, reading = policy_of(own, rule(when)), reading_of(facts)
    assert smallest_change(reading, 1, policy) == brute_force(reading, 1, policy)


def test_nothing_need_change_where_a_program_is_eligible() -> None:
    """No change at all is a change of no facts, not None."""
    policy = policy_of(rule({"a": YES}))
    assert smallest_change(reading_of({"a": NO}), 1, policy) == ()


def test_two_rules_need_two_changes() -> None:
    """Each in the policy's order of facts, whatever the order of the rules."""
    policy = policy_of(rule({"a": YES}), rule({"b": YES}))
    found = smallest_change(reading_of({"a": YES, "b": YES}), 1, policy)
    assert found == (FactChange("b", YES, NO), FactChange("a", YES, NO))


def test_one_fact_that_ends_two_rules_is_enough() -> None:
    """The fewest facts, not the first of each rule."""
    policy = policy_of(rule({"d": YES, "a": YES}), rule({"b": YES, "a": YES}))
    found = smallest_change(reading_of(dict.fromkeys(FACTS, YES)), 1, policy)
    assert found == (FactChange("a", YES, NO),)


def test_a_question_is_better_than_a_reversal() -> None:
    """Of two single changes the one nobody has answered, though it comes later in the policy."""
    policy = policy_of(rule({"d": YES, "a": YES}))
    assert smallest_change(reading_of({"d": YES}), 1, policy) == (FactChange("a", UNKNOWN, NO),)


def test_of_equals_the_policys_first_fact_changes() -> None:
    """The order of the facts in the policy decides, not the alphabet."""
    policy = policy_of(rule({"a": YES, "d": YES}))
    assert smallest_change(reading_of({}), 1, policy) == (FactChange("d", UNKNOWN, NO),)


def test_of_equal_answers_no_comes_first() -> None:
    """P waits for a no and Q for a yes of the same fact."""
    policy = policy_of(rule({"a": YES}, frozenset({"P"})), rule({"a": NO}, frozenset({"Q"})))
    assert smallest_change(reading_of({}), 1, policy) == (FactChange("a", UNKNOWN, NO),)
    assert smallest_change(reading_of({}), 2, policy) == (FactChange("a", UNKNOWN, YES),)


def test_a_codes_yes_cannot_be_talked_away() -> None:
    """With another way out that is taken; without one there is none."""
    policy = policy_of(rule({"a": YES, "d": YES}))
    reading = reading_of({"a": YES, "d": YES}, added=("d",))
    assert smallest_change(reading, 1, policy) == (FactChange("a", YES, NO),)
    assert smallest_change(replace(reading, added=("a", "d")), 1, policy) is None


@pytest.mark.parametrize(
    ("call_type", "division"), [("burglary", 1), ("welfare_check", 3), ("918VM", 1), (None, 1)]
)
def test_no_answer_helps_a_type_or_a_place_that_is_not_taken(
    call_type: str | None, division: int
) -> None:
    """Not taken, not served, not known, not read: None."""
    policy = policy_of(rule({"a": YES}))
    assert smallest_change(Reading(call_type, {"a": YES}), division, policy) is None


@pytest.mark.parametrize("count", [MOST_SEARCHED, MOST_SEARCHED + 1])
@pytest.mark.parametrize("changed", [FEW, FEW + 1])
def test_the_search_is_bounded_where_it_says(count: int, changed: int) -> None:
    """With 12 facts every size is searched, with 13 only sizes up to 3."""
    facts = tuple(f"f{place}" for place in range(count))
    policy = policy_of(*(rule({fact: YES}) for fact in facts), facts=facts)
    given_answers = {f: YES if place < changed else NO for place, f in enumerate(facts)}
    found = smallest_change(reading_of(given_answers), 1, policy)
    exact = tuple(FactChange(fact, YES, NO) for fact in facts[:changed])
    assert found == (exact if count <= MOST_SEARCHED or changed <= FEW else None)


def test_facts_no_rule_of_the_place_looks_at_do_not_count() -> None:
    """A rule of a program that does not serve the division adds nothing to the bound."""
    facts = tuple(f"f{place:02}" for place in range(20))
    policy = policy_of(
        *(rule({fact: YES}, frozenset({"P"})) for fact in facts),
        *(rule({fact: YES}, frozenset({"Q"})) for fact in facts[:5]),
        facts=facts,
    )
    found = smallest_change(reading_of(dict.fromkeys(facts, YES)), 2, policy)
    assert found == tuple(FactChange(fact, YES, NO) for fact in facts[:5])


def test_only_programs_that_serve_the_place_would_be_eligible() -> None:
    """In division 1 both would be, in division 2 only Q."""
    policy = policy_of(rule({"a": YES}))
    city = draw_city("a--b--c--d", teams={"T1": "a"}, divisions="1111122222", policy=policy)
    roster = city.roster().snapshot()
    for place, programs in (("a", ("P", "Q")), ("d", ("Q",))):
        call = city.call(place, facts={"a": YES, "b": NO})
        found = counterfactual(call, NOON, roster, Desk(city.world))
        assert found.changes == (FactChange("a", YES, NO),)
        assert found.programs == programs
