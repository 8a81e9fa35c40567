"""A call as the policy understands it, with a table of codes and without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.scenarios.city import NOON, default_policy
from unarmed_router.dispatch.reading import read_call
from unarmed_router.dispatch.triage import assess
from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.call_code import BaseCode, CodeKind, CodeList
from unarmed_router.model.call_code_table import CodeTable
from unarmed_router.model.reasons import ProgramVerdict, ReferralReason

WEAPON = CodeList(
    "words",
    "Words",
    (
        BaseCode("CHECK", "welfare_check", CodeKind.SERVICE),
        BaseCode("ARMED", "welfare_check", CodeKind.SERVICE, frozenset({"weapon"})),
        BaseCode("WELFARE_CHECK", "welfare_check", CodeKind.SERVICE),
    ),
)
TABLE = CodeTable("words", (WEAPON,), ("burglary", "welfare_check"))


def call(*codes: str, **fields: Any) -> Call:
    """Make a call of a type with more codes."""
    place: dict[str, Any] = {"call_id": "r-1", "lon": -100.0, "lat": 40.0, "received_at": NOON}
    return Call(**(place | {"call_type": codes[0], "codes": codes[1:]} | fields))


def test_without_a_table_a_type_is_itself() -> None:
    """Given once or twice, it adds nothing and asks nothing."""
    for codes in (("welfare_check",), ("welfare_check", "welfare_check")):
        reading = read_call(call(*codes), default_policy())
        assert (reading.call_type, reading.added, reading.detail) == ("welfare_check", (), "")


def test_without_a_table_the_first_unknown_type_is_named() -> None:
    """Whichever of the two it is, and with the policy that does not know it."""
    for codes in (("918M", "welfare_check"), ("welfare_check", "918M")):
        reading = read_call(call(*codes), default_policy())
        assert reading.call_type is None
        assert reading.detail == "call type 918M is not in policy drawn"


def test_without_a_table_two_types_are_triaged_and_never_the_lesser_one() -> None:
    """A burglary beside a welfare check is no welfare check; a person decides which it is."""
    reading = read_call(call("welfare_check", "burglary"), default_policy())
    assert reading.call_type is None
    assert reading.detail == (
        "call types welfare_check and burglary differ, and policy drawn has no table of codes that "
        "says which is graver"
    )
    clear = {"weapon": "no", "medical": "no"}
    triage = assess(call("welfare_check", "burglary", facts=clear), 1, default_policy())
    assert triage.reason is ReferralReason.NEEDS_TRIAGE
    assert triage.detail == reading.detail
    assert triage.eligible == ()


def test_with_a_table_a_type_alone_needs_none() -> None:
    """A type of the policy that the table does not list is still itself, but not beside a code."""
    policy = replace(default_policy(), codes=TABLE)
    assert read_call(call("burglary"), policy).call_type == "burglary"
    both = read_call(call("burglary", "CHECK"), policy)
    assert both.call_type is None
    assert both.detail == "code 'BURGLARY' is in no list of table words"


def test_a_codes_yes_is_added_once_and_stands_against_a_no() -> None:
    """What the caller said of other facts stays; a yes of both is nobody's addition."""
    policy = replace(default_policy(), codes=TABLE)
    denied = read_call(call("ARMED", facts={"weapon": "no", "medical": "no"}), policy)
    assert dict(denied.facts) == {"medical": Answer.NO, "weapon": Answer.YES}
    assert denied.added == ("weapon",)
    agreed = read_call(call("ARMED", facts={"weapon": "yes"}), policy)
    assert (dict(agreed.facts), agreed.added) == ({"weapon": Answer.YES}, ())


def test_dangers_of_read_codes_count_beside_an_unknown_one() -> None:
    """The kind of call is unknown and every unknown code is named; the weapon is still there."""
    policy = replace(default_policy(), codes=TABLE)
    reading = read_call(call("ARMED", "XYZZY", "PLUGH"), policy)
    assert reading.call_type is None
    assert reading.detail == (
        "code 'PLUGH' is in no list of table words; code 'XYZZY' is in no list of table words"
    )
    assert reading.added == ("weapon",)
    assert assess(call("ARMED", "XYZZY"), 1, policy).reason is ReferralReason.INELIGIBLE


def test_words_the_policy_does_not_know_are_refused_with_those_it_does() -> None:
    """A mistyped fact or capability must not be lost; a policy without a list takes any word."""
    with pytest.raises(InputError) as caught:
        read_call(call("welfare_check", facts={"wepon": "yes"}), default_policy())
    assert str(caught.value) == (
        "call r-1: unknown fact 'wepon'; policy drawn knows medical, weapon"
    )
    asked = call("welfare_check", prefers=("spanish",), needs=("nurse",))
    assert read_call(asked, default_policy()).call_type == "welfare_check"
    nurses = replace(default_policy(), capabilities={"nurse": "Nurse", "car": "Car"})
    with pytest.raises(InputError) as caught:
        read_call(asked, nurses)
    assert str(caught.value) == (
        "call r-1: unknown capability 'spanish'; policy drawn knows car, nurse"
    )
    none = replace(default_policy(), capabilities={})
    with pytest.raises(InputError, match="unknown capability 'nurse'; policy drawn knows none"):
        read_call(asked, none)


@pytest.mark.parametrize(
    "codes", [("918M",), ("welfare_check", "burglary")], ids=["unknown", "two"]
)
def test_without_a_table_a_danger_beside_an_unread_type_is_a_danger(codes: tuple[str, ...]) -> None:
    """What the caller said stays said: a weapon refers at once, without it the type is asked."""
    armed = call(*codes, facts={"weapon": "yes"})
    reading = read_call(armed, default_policy())
    assert (dict(reading.facts), reading.added) == ({"weapon": Answer.YES}, ())
    found = assess(armed, 1, default_policy())
    assert (found.reason, found.target) == (ReferralReason.INELIGIBLE, "POLICE")
    asked = assess(call(*codes), 1, default_policy())
    assert [each.verdict for each in asked.considered] == [ProgramVerdict.NEEDS_TRIAGE]
    (question,) = asked.questions
    assert question.fact == "call_type"
    assert question.text == "Which kind of call is it? One of: burglary, welfare_check."
