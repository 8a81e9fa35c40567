"""Call-code files: every fault in one go."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from unarmed_router.agency.call_codes_file import load_call_codes
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.errors import ConfigurationError
from unarmed_router.model.call_code_table import CodeTable
from unarmed_router.model.policy import Policy

FOLDER = embedded_agency().parent
FILE = FOLDER / "call_codes.toml"


@cache
def policy() -> Policy:
    """Load the embedded policy."""
    return load_policy(FOLDER / "policy.toml", divisions=range(1, 22))


def load(path: Path) -> CodeTable:
    """Load a table for the embedded policy."""
    return load_call_codes(path, call_types=policy().call_types, facts=policy().facts)


@pytest.fixture(scope="module")
def table() -> CodeTable:
    """Load the embedded table."""
    return load(FILE)


SMALL = """
schema_version = 1
id = "small"

[[call_types]]
id = "crime_report"
kind = "crime"

[[call_types]]
id = "mental_health"
kind = "service"

[[lists]]
id = "radio"
name = "Radio"

[[lists.codes]]
codes = ["459"]
means = "burglary"
call_type = "crime_report"
source = "invented"

[[lists.codes]]
codes = ["918", "920"]
means = "illness"
call_type = "mental_health"
source = "invented"

[[lists.suffixes]]
token = "V"
means = "violent"
facts = ["violence"]
source = "invented"

[[lists.suffixes]]
token = "M"
means = "man"
source = "invented"

[[lists.suffixes]]
token = "1"
means = "first"
after = ["918"]
source = "invented"

[[lists.unmapped]]
codes = ["900"]
because = "unknown trouble"
source = "invented"

[[lists]]
id = "words"
name = "Words"

[[lists.codes]]
codes = ["Illness"]
means = "illness"
call_type = "mental_health"
source = "invented"
"""
MORE_SUFFIX = '[[lists.suffixes]]\ntoken = "{}"\nmeans = "x"\nsource = "x"\n{}\n'
MORE_CODE = '[[lists.codes]]\ncodes = ["{}"]\nmeans = "x"\nsource = "x"\ncall_type = "{}"\n'
UNMAPPED, WORDS = "[[lists.unmapped]]", '[[lists]]\nid = "words"'


def small(tmp_path: Path, old: str = "", new: str = "") -> Path:
    """Write the small table with one change."""
    assert old in SMALL
    path = tmp_path / "call_codes.toml"
    path.write_text(SMALL.replace(old, new, 1) if old else SMALL, encoding="utf-8")
    return path


def before(place: str, more: str) -> tuple[str, str]:
    """Insert something before a place."""
    return place, f"{more}\n{place}"


def test_the_small_table_is_sound(tmp_path: Path) -> None:
    """What is broken below is broken by the change alone."""
    table = load(small(tmp_path))
    assert (table.table_id, table.precedence) == ("small", ("crime_report", "mental_health"))
    assert table.read("918V1M") is not None


BROKEN = [
    ("schema_version = 1", "schema_version = 2", "schema_version: must be at most"),
    ("schema_version = 1", "schema_version = true", "schema_version: must be"),
    ("schema_version = 1", "", "schema_version: is required"),
    ("schema_version = 1", "schema_version = ", "is not TOML"),
    ('id = "small"', 'id = ""', "id: must"),
    ('id = "small"', 'id = "small"\nextra = 1', "extra: is not known here"),
    ('kind = "crime"', 'kind = "felony"', "call_types.0.kind: must be 'crime'"),
    ('id = "crime_report"', 'id = "flood"', "call_types.flood: the policy has no such call type"),
    ('id = "crime_report"', 'id = "mental_health"',
     "call_types: id 'mental_health' is given twice; keep one"),
    ('kind = "service"', 'kind = "service"\n[[call_types]]\nid = "medical"\nkind = "crime"',
     "call_types.medical: a crime stands after a service; move it up"),
    ('id = "words"', 'id = "radio"', "lists: id 'radio' is given twice"),
    ('id = "radio"', 'id = "ra dio"', "lists.0.id: must"),
    ('call_type = "crime_report"', 'call_type = "medical"',
     "lists.radio.codes.459.call_type: 'medical' is not in call_types; add it there"),
    ('call_type = "crime_report"', 'call_type = "crime_report"\nfacts = ["wepon"]',
     "lists.radio.codes.459.facts: 'wepon' is no fact a code may answer; known:"),
    ('facts = ["violence"]', 'facts = ["violins"]', "lists.radio.suffixes.V.facts: 'violins'"),
    ('facts = ["violence"]', 'facts = { violence = "no" }', "lists.0.suffixes.0.facts"),
    ('facts = ["violence"]', 'facts = "violence"', "must be a list"),
    ('token = "V"', 'token = ""', "lists.0.suffixes.0.token: must"),
    ('token = "V"', 'token = "v"', "lists.0.suffixes.0.token: must"),
    ('token = "V"', 'token = " "', "lists.0.suffixes.0.token: must"),
    ('token = "V"', 'token = "M"', "lists.radio.suffixes: token 'M' is given twice"),
    ('token = "M"', 'token = "1"\nafter = ["918"]', "token '1 after 918' is given twice"),
    ('after = ["918"]', 'after = ["999"]', "lists.radio.suffixes.1.after: '999' is no code of"),
    ('after = ["918"]', 'after = ["900"]', "suffixes.1.after: '900' is no code of this list"),
    ('after = ["918"]', "after = []", "lists.0.suffixes.2.after: must not be empty"),
    ('codes = ["459"]', "codes = []", "lists.0.codes.0.codes: must not be empty"),
    ('codes = ["459"]', 'codes = [""]', "lists.0.codes.0.codes.0: must"),
    ('codes = ["459"]', 'codes = ["459 "]', "lists.0.codes.0.codes.0: must"),
    ('codes = ["459"]', 'codes = ["4é9"]', "lists.0.codes.0.codes.0: must"),
    ('codes = ["459"]', "codes = [459]", "lists.0.codes.0.codes.0: must be text"),
    ('codes = ["459"]', f'codes = ["{"4" * 1_000_000}"]', "codes.0.codes.0: must"),
    ('codes = ["459"]', 'codes = ["918"]', "lists.radio.codes: code '918' is given twice"),
    ('codes = ["459"]', 'codes = ["4a", "4A"]', "lists.radio.codes: code '4A' is given twice"),
    ('codes = ["900"]', 'codes = ["918"]', "lists.radio.codes: code '918' is given twice"),
    ('codes = ["Illness"]', 'codes = ["918"]',
     "lists.words.codes.918: list radio has it too; the two must mean the same and take no suff"),
    ('codes = ["Illness"]', 'codes = ["900"]', "lists.words.codes.900: list radio has it too"),
    ('codes = ["Illness"]', 'codes = ["459vm"]',
     "lists.words.codes.459VM: it is also 459 with V + M of list radio; leave it out"),
    ('codes = ["459"]', 'codes = ["459", "4591", "918M"]',
     ('lists.radio.codes.918M: it is also 918 with M of list radio; leave it out, or give the '
     'token its own meaning with after = ["918"]')),
    (*before(UNMAPPED, MORE_SUFFIX.format("V", 'after = ["918", "459"]')),
     ("lists.radio.suffixes.V: after 459, 918 it has no fact, but elsewhere it means violence; "
     "it may mean another danger there, never none")),
    (*before(UNMAPPED, MORE_SUFFIX.format("MV", "")),
     "lists.radio.suffixes.MV: after 459 it is also M + V, which means other facts"),
    (*before(UNMAPPED, MORE_SUFFIX.format("1M", 'facts = ["weapon"]')),
     "lists.radio.suffixes.1M: after 918 it is also 1 + M"),
    (*before(WORDS, '[[lists]]\nid = "empty"\nname = "x"\ncodes = []\n'),
     "lists.1.codes: must not be empty"),
    ('source = "invented"', "", "lists.0.codes.0.source: is required"),
    ('means = "burglary"', 'means = ""', "lists.0.codes.0.means: must not be empty"),
    ('because = "unknown trouble"', "", "lists.0.unmapped.0.because: is required"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "fault"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """Each fault is named with its path and what to do."""
    path = small(tmp_path, old, new)
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert fault in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert len(str(caught.value)) < 2_000


def test_every_fault_is_listed_at_once(tmp_path: Path) -> None:
    """Five unrelated faults of one file come in one error."""
    path = small(tmp_path, 'facts = ["violence"]', 'facts = ["violins"]')
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ('after = ["918"]', 'after = ["999"]'),
        ('codes = ["459"]', 'codes = ["918"]'),
        ('codes = ["Illness"]', 'codes = ["920M"]'),
        ('id = "crime_report"', 'id = "flood"'),
    ):
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert [fault.split(": ")[0] for fault in caught.value.faults] == [
        "call_types.flood",
        "lists.radio.codes.918.call_type",
        "lists.radio.suffixes.V.facts",
        "lists.radio.suffixes.1.after",
        "lists.radio.codes",
        "lists.words.codes.920M",
    ]


def test_a_danger_may_become_another_danger(tmp_path: Path) -> None:
    """After 918 the token V means a weapon: refused only when it would mean nothing."""
    more = MORE_SUFFIX.format("V", 'after = ["918"]\nfacts = ["weapon"]')
    table = load(small(tmp_path, *before(UNMAPPED, more)))
    assert [set(table.read_all([code]).facts) for code in ("918V", "920V")] == [
        {"weapon"},
        {"violence"},
    ]


def test_two_lists_may_share_a_word_that_means_the_same(tmp_path: Path) -> None:
    """Words without suffixes may stand in several lists, with one call type and the same facts."""
    more = f'[[lists]]\nid = "more"\nname = "x"\n{MORE_CODE.format("ILLNESS", "mental_health")}'
    assert load(small(tmp_path, *before(WORDS, more))).read("illness") is not None
    for other in (more.replace("mental_health", "crime_report"), more + 'facts = ["weapon"]\n'):
        with pytest.raises(ConfigurationError, match=r"lists\.words\.codes\.ILLNESS: list more"):
            load(small(tmp_path, *before(WORDS, other)))


def test_a_code_with_suffixes_stands_in_one_list_only(tmp_path: Path) -> None:
    """Whichever of the two lists comes first."""
    more = f'[[lists]]\nid = "more"\nname = "x"\n{MORE_CODE.format("918", "mental_health")}'
    with pytest.raises(ConfigurationError, match=r"lists\.more\.codes\.918: list radio has it too"):
        load(small(tmp_path, *before(WORDS, more)))
    with pytest.raises(ConfigurationError, match=r"lists\.radio\.codes\.918: list more has it too"):
        load(small(tmp_path, *before('[[lists]]\nid = "radio"', more)))


def test_each_crime_after_a_service_is_named(tmp_path: Path) -> None:
    """Not only the first one."""
    more = "".join(
        f'\n[[call_types]]\nid = "{kind}"\nkind = "crime"' for kind in ("medical", "welfare_check")
    )
    with pytest.raises(ConfigurationError) as caught:
        load(small(tmp_path, 'kind = "service"', f'kind = "service"{more}'))
    assert len(caught.value.faults) == 2


def test_case_does_not_matter_in_the_file(tmp_path: Path) -> None:
    """A base in small letters is the same base where a suffix names it."""
    path = small(tmp_path, 'codes = ["459"]', 'codes = ["ab"]')
    path.write_text(path.read_text(encoding="utf-8").replace('after = ["918"]', 'after = ["aB"]'))
    assert load(path).read("ab1") is not None


def test_facts_that_a_code_may_not_answer_are_refused(tmp_path: Path) -> None:
    """The caller says which facts a code may answer with yes."""
    with pytest.raises(ConfigurationError, match="'violence' is no fact a code may answer; known"):
        load_call_codes(small(tmp_path), call_types=policy().call_types, facts={"weapon"})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path that cannot be read is in the message."""
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml: 1 fault; cannot be read"):
        load(tmp_path / "nowhere.toml")


def test_line_ends_do_not_change_the_digest(tmp_path: Path, table: CodeTable) -> None:
    """A checkout on another system carries the same table."""
    path = tmp_path / "call_codes.toml"
    path.write_bytes(FILE.read_bytes().replace(b"\n", b"\r\n"))
    again = load(path)
    assert again == table
    assert len(again.digest) == 64
