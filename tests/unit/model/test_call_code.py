"""Call-type codes: read completely or not at all, and no danger is ever lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Facts
from unarmed_router.model.call_code import (
    BaseCode,
    CodeKind,
    CodeList,
    CodeSuffix,
    UnmappedCode,
    clean_code,
)
from unarmed_router.model.call_code_table import CodeTable

CRIME, SERVICE = CodeKind.CRIME, CodeKind.SERVICE

RADIO = CodeList(
    "radio",
    "Radio codes",
    (
        BaseCode("10", "quarrel", SERVICE),
        BaseCode("101", "crime", CRIME, frozenset({"harm"})),
        BaseCode("20", "illness", SERVICE),
        BaseCode("201", "illness", SERVICE),
    ),
    (
        CodeSuffix("M"),
        CodeSuffix("P"),
        CodeSuffix("V", frozenset({"harm"})),
        CodeSuffix("3", frozenset({"gun"})),
        CodeSuffix("3", frozenset({"hurt"}), frozenset({"20"})),
        CodeSuffix("1X", frozenset({"gun"})),
        CodeSuffix("X", frozenset({"now"})),
        CodeSuffix("SN", frozenset({"now"})),
        CodeSuffix("S", frozenset({"seen"})),
        CodeSuffix("N"),
    ),
    (UnmappedCode("90", "trouble must be asked for"),),
)
WORDS = CodeList(
    "words",
    "Words",
    (
        BaseCode("ILL", "illness", SERVICE),
        BaseCode("ILL AND ARMED", "illness", SERVICE, frozenset({"gun"})),
        BaseCode("CHECK", "visit", SERVICE),
    ),
)
OTHER_WORDS = CodeList("other", "Other words", (BaseCode("CHECK", "visit", SERVICE),))
PRECEDENCE = ("crime", "illness", "quarrel", "visit")
TABLE = CodeTable("test-1", (RADIO, WORDS, OTHER_WORDS), PRECEDENCE)


def reading(table: CodeTable, code: str) -> tuple[str, set[str]] | None:
    """Read a code; what it says as a pair."""
    found = table.read(code)
    if found is None:
        return None
    assert set(found.facts.values()) <= {Answer.YES}
    return found.call_type, set(found.facts)


@pytest.mark.parametrize(
    ("code", "call_type", "facts", "tokens"),
    [
        ("10", "quarrel", set(), ()),
        ("10M", "quarrel", set(), ("M",)),
        ("10M3", "quarrel", {"gun"}, ("M", "3")),
        ("10PM3V", "quarrel", {"gun", "harm"}, ("P", "M", "3", "V")),
        ("203", "illness", {"hurt"}, ("3",)),
        ("101V", "crime", {"harm"}, ("V",)),
        ("10SN", "quarrel", {"now", "seen"}, ("SN",)),
        ("10SSN", "quarrel", {"now", "seen"}, ("S", "SN")),
        ("ill", "illness", set(), ()),
        ("Ill and armed", "illness", {"gun"}, ()),
        ("check", "visit", set(), ()),
        ("  10m3\n", "quarrel", {"gun"}, ("M", "3")),
    ],
)
def test_a_code_is_its_base_and_its_tokens(
    code: str, call_type: str, facts: set[str], tokens: tuple[str, ...]
) -> None:
    """The base names the call type, and base and tokens the facts."""
    found = TABLE.read(code)
    assert found is not None
    assert reading(TABLE, code) == (call_type, facts)
    assert (found.code, found.tokens) == (code.strip().upper(), tokens)
    assert found.code == found.base + "".join(tokens)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "code '' is in no list of table test-1"),
        ("1", "code '1' is in no list"),
        ("999", "code '999' is in no list"),
        ("10Q", "code '10Q': after 10 table test-1 cannot read all of 'Q'"),
        ("10MQ", "after 10 table test-1 cannot read all of 'MQ'"),
        ("10 M", "cannot read all of ' M'"),
        ("90", "left out of table test-1 on purpose: trouble must be asked for"),
        ("90V", "left out of table test-1 on purpose"),
        ("ILLV", "after ILL table test-1 cannot read all of 'V'"),
        ("ILL AND", "after ILL table test-1 cannot read all of ' AND'"),
        ("10\u017f", "code '10\u017f' is in no list"),
        ("10\tM", "code '10?M' is in no list"),
        ("1" * 81, f"code '{'1' * 37}...' is in no list"),
        ("X" * 50, f"code '{'X' * 37}...' is in no list"),
        ("101X", "code '101X' can be read as more than one kind of call"),
    ],
)
def test_an_unknown_code_is_named_and_never_guessed(code: str, why: str) -> None:
    """What cannot be read completely says nothing at all, and the reason names it."""
    assert TABLE.read(code) is None
    assert why in TABLE.why_unknown(code)


def test_a_shorter_base_adds_its_facts_when_it_reads_the_same_kind() -> None:
    """201X is 201 with X, and 20 with 1X: the dangers of both count."""
    found = TABLE.read("201X")
    assert found is not None
    assert (found.base, found.tokens) == ("201", ("X",))
    assert reading(TABLE, "201X") == ("illness", {"gun", "now"})


def test_another_kind_at_a_shorter_base_is_ambiguous() -> None:
    """101X could be a crime or an armed quarrel; which one is not guessed."""
    assert TABLE.read("101X") is None
    assert reading(TABLE, "101V") == ("crime", {"harm"})
    for type_of_ten, kind_of_ten in (("crime", SERVICE), ("quarrel", CRIME)):
        bases = (BaseCode("10", type_of_ten, kind_of_ten), BaseCode("101", "crime", CRIME))
        codes = CodeList("radio", "", bases, (CodeSuffix("X"), CodeSuffix("1X")))
        assert CodeTable("kinds", (codes,), PRECEDENCE).read("101X") is None


@pytest.mark.parametrize("code", [None, 415, b"415", ["415"]])
def test_a_code_is_text(code: Any) -> None:
    """Anything else is a fault of the caller, not an unknown code."""
    with pytest.raises(InputError, match="must be text"):
        TABLE.read(code)


def test_cleaning_folds_ascii_only() -> None:
    """Letters that turn into ASCII in upper case stay what they are: no code."""
    assert clean_code(" 918vm ") == "918VM"
    assert [clean_code(each) for each in ("\u017f", "\u0131", "\ufb01", "9\uff118", "a\x00b")] == [
        None
    ] * 5
    assert (clean_code("9" * 80), clean_code("9" * 81)) == ("9" * 80, None)


# --- Several codes ------------------------------------------------------------------------------


def test_a_crime_takes_precedence() -> None:
    """A crime decides before an illness, and its dangers and the illness's count together."""
    together = TABLE.read_all(["20V", "101", "10M3"])
    assert together.call_type == "crime"
    assert together.facts == Facts({"gun": "yes", "harm": "yes"})
    assert [each.code for each in together.readings] == ["101", "10M3", "20V"]
    assert together.decisive is together.readings[0]


def test_the_gravest_call_type_decides_otherwise() -> None:
    """Among services the table's precedence counts, then the code."""
    assert TABLE.read_all(["CHECK", "10"]).call_type == "quarrel"
    assert TABLE.read_all(["CHECK", "10", "ILL"]).call_type == "illness"
    decisive = TABLE.read_all(["ILL", "20M", "20"]).decisive
    assert decisive is not None
    assert decisive.code == "20"


def test_one_unknown_code_makes_the_kind_unknown_but_no_danger_disappears() -> None:
    """The unknown ones are named; what the others say of dangers still counts."""
    together = TABLE.read_all(["10M3", "nope", "90", "NOPE "])
    assert (together.call_type, together.decisive) == (None, None)
    assert together.unknown == ("90", "NOPE")
    assert together.facts == Facts({"gun": "yes"})


def test_reading_no_code_at_all_is_refused() -> None:
    """A call without a code has not been read."""
    with pytest.raises(InputError, match="at least one code"):
        TABLE.read_all([])


def test_a_single_code_may_stand_alone() -> None:
    """A text is one code, not a sequence of letters."""
    assert TABLE.read_all("10M3") == TABLE.read_all(["10M3"])


def test_unprintable_and_long_codes_are_named_safely() -> None:
    """Whatever a CAD puts into the field, a name stays one short line."""
    together = TABLE.read_all(["Z" * 1_000_000, "a\nb", "é" * 100])
    assert together.unknown == ("Z" * 37 + "...", "a?b", "é" * 37 + "...")
    for letter in "Zé":
        named = [TABLE.read_all([letter * length]).unknown[0] for length in (40, 41)]
        assert named == [letter * 40, letter * 37 + "..."]


@given(st.dictionaries(st.sampled_from(["gun", "harm", "other"]), st.sampled_from(list(Answer))))
def test_added_facts_only_add_a_yes(given_answers: dict[str, Answer]) -> None:
    """A yes of the code stands against every other answer; the rest is untouched."""
    added = Facts(given_answers).plus(TABLE.read_all(["10M3"]).facts)
    assert added.answer("gun") is Answer.YES
    assert {k: v for k, v in added.items() if k != "gun"} == {
        k: v for k, v in given_answers.items() if k != "gun"
    }


# --- What a table refuses -----------------------------------------------------------------------


def with_lists(*lists: CodeList) -> CodeTable:
    """Make a table of the lists."""
    return CodeTable("broken", lists, PRECEDENCE)


def radio(*suffixes: CodeSuffix, bases: tuple[BaseCode, ...] = RADIO.bases) -> CodeList:
    """Make a list of radio codes."""
    return CodeList("radio", "", bases, suffixes)


HARM = frozenset({"harm"})
TWICE = (RADIO.bases[0], RADIO.bases[0])


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: BaseCode("10m", "crime", CRIME), "'10m' must be 1 to 80 printable ASCII"),
        (lambda: BaseCode("", "crime", CRIME), "'' must be 1 to 80"),
        (lambda: BaseCode(" 10", "crime", CRIME), "without spaces around it"),
        (lambda: CodeSuffix(""), "code or token '' must be"),
        (lambda: CodeSuffix("é"), "code or token 'é' must be"),
        (lambda: UnmappedCode("x", ""), "code or token 'x' must be"),
        (lambda: with_lists(radio(bases=TWICE)), "list radio: code 10 is given twice"),
        (
            lambda: with_lists(CodeList("l", "", RADIO.bases, (), (UnmappedCode("10", ""),))),
            "list l: code 10 is given twice",
        ),
        (
            lambda: with_lists(radio(CodeSuffix("V"), CodeSuffix("V", HARM))),
            "list radio: token V is given twice",
        ),
        (
            lambda: with_lists(
                radio(
                    CodeSuffix("V", HARM, frozenset({"10", "20"})),
                    CodeSuffix("V", HARM, frozenset({"10"})),
                )
            ),
            "list radio: token V is given twice",
        ),
        (
            lambda: with_lists(radio(bases=(BaseCode("1", "flood", SERVICE),))),
            "code 1: precedence does not name its call type 'flood'",
        ),
        (
            lambda: with_lists(WORDS, CodeList("l", "", (BaseCode("ILL", "visit", SERVICE),))),
            "code ILL stands in the lists words and l",
        ),
        (
            lambda: with_lists(
                WORDS, CodeList("l", "", (BaseCode("ILL", "illness", SERVICE, HARM),))
            ),
            "it must mean the same in both",
        ),
        (
            lambda: with_lists(WORDS, CodeList("l", "", (), (), (UnmappedCode("ILL", ""),))),
            "it must mean the same in both",
        ),
        (
            lambda: with_lists(radio(CodeSuffix("V", HARM)), CodeList("l", "", RADIO.bases)),
            "take no suffixes",
        ),
        (
            lambda: with_lists(CodeList("l", "", RADIO.bases), radio(CodeSuffix("V", HARM))),
            "take no suffixes",
        ),
    ],
)
def test_a_table_with_two_meanings_is_refused(make: Callable[[], object], fault: str) -> None:
    """A table made by hand cannot say two things of one code."""
    with pytest.raises(InputError) as caught:
        make()
    assert fault in str(caught.value)


def test_a_special_meaning_replaces_the_general_one() -> None:
    """After its own bases a token means something else, and longer tokens come first."""
    after_ten, after_twenty = RADIO.tokens_after("10"), RADIO.tokens_after("20")
    assert after_ten["3"].facts == {"gun"}
    assert after_twenty["3"].facts == {"hurt"}
    assert list(after_ten)[:2] == ["1X", "SN"]
