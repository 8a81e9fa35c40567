"""The compiled rules: bits say what evaluating one rule after the other says."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.dispatch.triage import evaluate
from unarmed_router.model.call import Answer
from unarmed_router.model.decision import Reading
from unarmed_router.model.rule import Rule
from unarmed_router.model.rule_plugin import RulePlugin
from unarmed_router.model.rule_table import RuleTable

FACTS = ("a", "b", "c", "idle")
TYPES = ("welfare_check", None)
SURE = st.sampled_from((Answer.YES, Answer.NO))
whens = st.dictionaries(st.sampled_from(FACTS[:3]), SURE, max_size=3)
own = st.fixed_dictionaries(
    {}, optional={(kind, (answer,)): st.sampled_from(Answer) for kind in TYPES for answer in Answer}
)
drawn_rules = st.lists(
    st.tuples(st.sets(st.sampled_from("PQ")), whens, st.none() | own), max_size=6
)
readings = st.builds(
    Reading,
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(FACTS), st.sampled_from(Answer)),
)


def made(
    drawn: list[tuple[set[str], dict[str, Answer], dict[object, Answer] | None]],
) -> list[Rule]:
    """Make rules of facts, or of a plugin that looks at b, from what was drawn."""
    return [
        Rule(f"r{place}", frozenset(programs), when, "T", "because")
        if answers is None
        else Rule(
            f"r{place}",
            frozenset(programs),
            {},
            "T",
            "because",
            RulePlugin("own", "1", ("b",), answers),  # type: ignore[arg-type]  # drawn so
        )
        for place, (programs, when, answers) in enumerate(drawn)
    ]


@given(drawn_rules, readings)
def test_bits_say_what_each_rule_says_alone(
    drawn: list[tuple[set[str], dict[str, Answer], dict[object, Answer] | None]], reading: Reading
) -> None:
    """Holding, open or failing, of rules for some program; the others are not looked at."""
    rules = made(drawn)
    table = RuleTable(rules, FACTS, "PQ")
    holding, still_open = table.judge(reading.call_type, table.told(reading.facts))
    found = {
        rule.rule_id: Answer.YES
        if holding >> place & 1
        else Answer.UNKNOWN
        if still_open >> place & 1
        else Answer.NO
        for place, rule in enumerate(rules)
    }
    expected = {
        rule.rule_id: evaluate(rule, reading) if rule.programs else Answer.NO for rule in rules
    }
    assert found == expected
    assert holding & still_open == 0


@given(drawn_rules)
def test_each_program_is_kept_by_its_own_rules(
    drawn: list[tuple[set[str], dict[str, Answer], dict[object, Answer] | None]],
) -> None:
    """Named in the policy's order, whatever the number of rules."""
    rules = made(drawn)
    table = RuleTable(rules, FACTS, "PQ")
    for program in "PQ":
        of = tuple(rule for rule in rules if program in rule.programs)
        assert table.picked(table.keeps[program]) == of
        assert table.named(table.keeps[program]) == tuple(rule.rule_id for rule in of)


def test_facts_keep_the_policys_order_and_idle_ones_have_no_bit() -> None:
    """Unknown facts of a rule are listed as the policy lists them, answered ones are left out."""
    rules = [Rule("r", frozenset("P"), dict.fromkeys("cab", Answer.YES), "T", "because")]
    table = RuleTable(rules, FACTS, "P")
    assert list(table.bits) == ["a", "b", "c"]
    for answers in product(Answer, repeat=3):
        facts = dict(zip("abc", answers, strict=True))
        unknown = tuple(fact for fact, answer in facts.items() if answer is Answer.UNKNOWN)
        assert table.unknown_facts(1, table.told(facts)) == unknown
    assert table.unknown_facts(0, (0, 0)) == ()
