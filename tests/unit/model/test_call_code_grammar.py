"""The grammar of call-type codes: against a naive twin, and over the whole embedded table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from itertools import combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unarmed_router.agency.call_codes_file import load_call_codes
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.model.call_code import CodeKind, CodeList, CodeSuffix
from unarmed_router.model.call_code_grammar import split_suffixes

DANGERS = {"weapon", "violence", "medical_emergency", "crime_in_progress"}
TYPES = (
    *("crime_report", "medical", "suicide_threat", "mental_health", "substance_use"),
    *("behavioral_distress", "conflict_resolution", "welfare_check"),
)
FOLDER = embedded_agency().parent
EMBEDDED = load_call_codes(FOLDER / "call_codes.toml", call_types=TYPES, facts=DANGERS)
LAPD = EMBEDDED.lists[0]
with (Path(__file__).parents[2] / "data" / "lapd_call_codes.csv").open(newline="") as file:
    SEEN = [row["call_type_code"] for row in csv.DictReader(file)]


@given(st.lists(st.sampled_from([*SEEN, "nonsense", "918VQ", "EDP"]), min_size=1, max_size=5))
def test_the_order_of_codes_does_not_matter(codes: list[str]) -> None:
    """Every order, with every repetition, reads the same."""
    expected = EMBEDDED.read_all(codes)
    for order in permutations(codes):
        assert EMBEDDED.read_all(order) == expected
    assert EMBEDDED.read_all([*codes, *codes]) == expected


@given(st.lists(st.sampled_from(SEEN), min_size=1, max_size=4), st.sampled_from(SEEN))
def test_another_code_never_takes_a_danger_away(codes: list[str], another: str) -> None:
    """Facts only grow, and a crime stays a crime unless the kind becomes unknown."""
    before, after = EMBEDDED.read_all(codes), EMBEDDED.read_all([*codes, another])
    assert set(before.facts) <= set(after.facts)
    if before.decisive and before.decisive.kind is CodeKind.CRIME:
        assert after.decisive is None or after.decisive.kind is CodeKind.CRIME


def every_split(rest: str, tokens: Mapping[str, CodeSuffix]) -> Iterator[tuple[str, ...]]:
    """Naive twin of `split_suffixes`: each way to cut the rest into tokens."""
    if not rest:
        yield ()
    for end in range(1, len(rest) + 1):
        if rest[:end] in tokens:
            yield from ((rest[:end], *more) for more in every_split(rest[end:], tokens))


small_tokens = st.dictionaries(
    st.text("AB1", min_size=1, max_size=3), st.frozensets(st.sampled_from("xyz")), max_size=6
)


@given(small_tokens, st.text("AB1", max_size=8))
def test_a_rest_is_split_as_the_naive_twin_does(
    meanings: dict[str, frozenset[str]], rest: str
) -> None:
    """A split exists when the twin finds one; its facts are those of all splits together."""
    codes = CodeList("l", "", (), tuple(CodeSuffix(t, f) for t, f in meanings.items()))
    tokens = codes.tokens_after("1")
    splits = list(every_split(rest, tokens))
    found = split_suffixes(rest, tokens)
    if not splits:
        assert found is None
        return
    assert found is not None
    path, facts = found
    # The longest token at each place is the greatest split by the lengths of its tokens.
    assert path == max(splits, key=lambda split: [len(token) for token in split])
    assert facts == {fact for split in splits for token in split for fact in meanings[token]}


@given(st.data())
def test_a_base_with_tokens_reads_back_to_their_union(data: st.DataObject) -> None:
    """Any tokens after any base of the embedded grammar say what they say one by one."""
    base = data.draw(st.sampled_from(LAPD.bases))
    tokens = LAPD.tokens_after(base.code)
    chosen = data.draw(st.lists(st.sampled_from(list(tokens)), max_size=8))
    found = EMBEDDED.read(base.code + "".join(chosen))
    assert found is not None
    assert (found.base, found.call_type, found.kind) == (base.code, base.call_type, base.kind)
    assert set(found.facts) == base.facts.union(*(tokens[each].facts for each in chosen))


@given(st.data())
def test_one_unknown_letter_makes_a_code_unknown(data: st.DataObject) -> None:
    """Q, Z or K anywhere in a code that could be read leaves nothing read."""
    base = data.draw(st.sampled_from(LAPD.bases)).code
    chosen = data.draw(st.lists(st.sampled_from(list(LAPD.tokens_after(base))), max_size=4))
    code = base + "".join(chosen)
    place = data.draw(st.integers(0, len(code)))
    letter = data.draw(st.sampled_from("QZK?-é "))
    spoilt = code[:place] + letter + code[place:]
    if letter == " " and place in {0, len(code)}:
        assert EMBEDDED.read(spoilt) == EMBEDDED.read(code)
    else:
        assert EMBEDDED.read(spoilt) is None


def test_no_danger_is_lost_over_every_base_and_up_to_three_suffixes() -> None:
    """Exhaustively: whatever else stands beside it, a token keeps its dangers."""
    codes = 0
    for base in LAPD.bases:
        tokens = LAPD.tokens_after(base.code)
        for count in range(4):
            for chosen in combinations(tokens, count):
                dangers = base.facts.union(*(tokens[each].facts for each in chosen))
                for order in (chosen, chosen[::-1]):
                    found = EMBEDDED.read(base.code + "".join(order))
                    assert found is not None
                    assert dangers <= set(found.facts), (base.code, order)
                    codes += 1
    assert codes > 30_000


def test_violent_and_armed_variants_say_so_after_every_base() -> None:
    """V is violence everywhere; 3 is a weapon, or another danger where the table says so."""
    for base in LAPD.bases:
        for rest, fact in (("V", "violence"), ("VM", "violence"), ("PV", "violence")):
            found = EMBEDDED.read(base.code + rest)
            assert found is not None
            assert fact in found.facts
        for rest in ("3", "M3", "GP3", "P3"):
            found = EMBEDDED.read(base.code + rest)
            assert found is not None
            assert ("medical_emergency" if base.code == "907" else "weapon") in found.facts


@pytest.mark.parametrize("code", SEEN)
def test_possible_never_makes_a_code_safer(code: str) -> None:
    """P after the base leaves every danger in place, wherever P means possible."""
    found = EMBEDDED.read(code)
    if found is None:
        return
    possible = EMBEDDED.read(found.base + "P" + "".join(found.tokens))
    assert possible is not None
    assert possible.facts == found.facts


def test_suffixes_stay_in_their_own_list() -> None:
    """A word of another list takes no radio suffix, so EDPV is not EDP and violent."""
    assert EMBEDDED.read("EDP") is not None
    for words in EMBEDDED.lists[1:]:
        for base in words.bases:
            for token in LAPD.tokens_after(""):
                found = EMBEDDED.read(base.code + token)
                assert found is None or found.tokens == ()
