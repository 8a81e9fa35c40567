"""The embedded table of call-type codes: what it says of each code, and whom it keeps away."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from tests.unit.agency.test_call_codes_file import FILE, policy, table
from unarmed_router.dispatch.triage import assess
from unarmed_router.model.call import Answer, Call, Facts
from unarmed_router.model.call_code import CodeKind
from unarmed_router.model.call_code_table import CodeTable

__all__ = ["table"]  # the fixture, found by its name

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 3, 2, 20, tzinfo=UTC)
WILSHIRE = 7

# What each of the seen codes says: call type, facts answered yes, tokens after the base.
V, W, M, C = "violence", "weapon", "medical_emergency", "crime_in_progress"
Expected = tuple[str, set[str], str] | None
EXPECTED: dict[str, Expected] = {
    "006": None,
    "211I": ("crime_report", {V}, "I"),
    "211J": ("crime_report", {V, C}, "J"),
    "211PX": ("crime_report", {V, C}, "P X"),
    "211TSL": ("crime_report", {V, C}, "T S L"),
    "242A": ("crime_report", {V, M}, "A"),
    "242D": ("crime_report", {V}, "D"),
    "242DJ": ("crime_report", {V, C}, "D J"),
    "242DR": ("crime_report", {V, C}, "D R"),
    "242PS": ("crime_report", {V, C}, "P S"),
    "242S": ("crime_report", {V, C}, "S"),
    "242SN": ("crime_report", {V, C}, "SN"),
    "245PFJ": ("crime_report", {V, W, C}, "P F J"),
    "245SN": ("crime_report", {V, W, C}, "SN"),
    "246A": ("crime_report", {V, W, M}, "A"),
    "246H": ("crime_report", {V, W}, "H"),
    "261A": ("crime_report", {V, M}, "A"),
    "261PS": ("crime_report", {V, C}, "P S"),
    "2881I": ("crime_report", {V}, "1 I"),
    "2884I": ("crime_report", {V}, "4 I"),
    "314M": ("crime_report", set(), "M"),
    "415G": ("conflict_resolution", set(), "G"),
    "415GP3": ("conflict_resolution", {W}, "G P 3"),
    "415M": ("conflict_resolution", set(), "M"),
    "415M3": ("conflict_resolution", {W}, "M 3"),
    "415W": ("conflict_resolution", set(), "W"),
    "422SN": ("crime_report", {V, C}, "SN"),
    "4591SN": ("crime_report", {C}, "1 SN"),
    "459I": ("crime_report", set(), "I"),
    "459PSN": ("crime_report", {C}, "P SN"),
    "459T1S": ("crime_report", {C}, "T 1 S"),
    "484SN": ("crime_report", {C}, "SN"),
    "507O": ("conflict_resolution", set(), "O"),
    "507P": ("conflict_resolution", set(), "P"),
    "507R": ("conflict_resolution", set(), "R"),
    "594H": ("crime_report", {C}, "H"),
    "594PSN": ("crime_report", {C}, "P SN"),
    "594S": ("crime_report", {C}, "S"),
    "594SN": ("crime_report", {C}, "SN"),
    "600I": None,
    "6201": ("conflict_resolution", set(), "1"),
    "620B": ("conflict_resolution", set(), "B"),
    "620D": ("conflict_resolution", {V}, "D"),
    "620F": ("conflict_resolution", set(), "F"),
    "620FR": ("conflict_resolution", {C}, "F R"),
    "620M": ("conflict_resolution", set(), "M"),
    "620N": ("conflict_resolution", set(), "N"),
    "900": None,
    "902": None,
    "9041": None,
    "904A": ("medical", {M}, ""),
    "906B1": ("crime_report", set(), ""),
    "9073": ("medical", {M}, "3"),
    "907A2": ("medical", {M}, "A 2"),
    "907P3": ("medical", {M}, "P 3"),
    "918AF": ("mental_health", {M}, "A F"),
    "918M": ("mental_health", set(), "M"),
    "918PM": ("mental_health", set(), "P M"),
    "918VF": ("mental_health", {V}, "V F"),
    "918VM": ("mental_health", {V}, "V M"),
    "9201": None,
    "9212": ("crime_report", set(), "2"),
    "921P2": ("crime_report", set(), "P 2"),
    "921SN": ("crime_report", {C}, "SN"),
    "9291": None,
}


def seen() -> dict[str, str]:
    """Return the code and the text of each kind of call that was seen."""
    with (ROOT / "tests" / "data" / "lapd_call_codes.csv").open(newline="") as file:
        return {row["call_type_code"]: row["call_type_text"] for row in csv.DictReader(file)}


def eligible(call_type: str, answers: dict[str, Answer]) -> bool:
    """Tell whether an unarmed team may take such a call in a division that has one."""
    call = Call(
        call_id="1", lon=-118.3, lat=34.0, call_type=call_type, received_at=NOON, facts=answers
    )
    return bool(assess(call, WILSHIRE, policy()).eligible)


def every_answer() -> list[dict[str, Answer]]:
    """Return all answers to all facts that a rule looks at."""
    names = sorted({fact for rule in policy().rules for fact in rule.when})
    return [dict(zip(names, values, strict=True)) for values in product(Answer, repeat=len(names))]


def test_every_seen_code_has_its_expected_reading() -> None:
    """The table above names each code of the file, and no other."""
    assert sorted(EXPECTED) == sorted(seen())
    assert len(EXPECTED) == 65


def test_the_seen_codes_are_the_published_ones(shared: Path) -> None:
    """The copy in the tests has the codes and texts of the published figures."""
    with (shared / "data" / "lapd_call_codes_seen.csv").open(newline="") as file:
        rows = {row["call_type_code"]: row["call_type_text"] for row in csv.DictReader(file)}
    assert rows == seen()


@pytest.mark.parametrize(("code", "expected"), EXPECTED.items())
def test_a_seen_code_reads_as_expected(table: CodeTable, code: str, expected: Expected) -> None:
    """Call type, facts and tokens are those expected; a code left out says why."""
    found = table.read(code)
    if expected is None:
        assert found is None
        assert "left out of table la-codes-2026 on purpose" in table.why_unknown(code)
        return
    assert found is not None
    assert (found.call_type, set(found.facts), " ".join(found.tokens)) == expected
    assert (found.kind is CodeKind.CRIME) == (found.call_type == "crime_report")


@pytest.mark.parametrize(
    ("word", "fact"),
    [("GUN", W), ("SHOTS", W), ("VIOLENT", V), ("DOM VIOL", V), ("THREATS", V), ("AMB", M),
     ("O/D", M), ("SUICIDE", M), ("SUSP NOW", C), ("I/P", C), ("J/O", C), ("J/L", C)],
)  # fmt: skip
def test_a_danger_in_the_text_is_a_danger_in_the_reading(
    table: CodeTable, word: str, fact: str
) -> None:
    """Where the published text names a danger, the code answers that fact with yes."""
    named = [code for code, text in seen().items() if word in text]
    assert named
    for code in named:
        found = table.read(code)
        assert found is not None
        assert fact in found.facts, code


def test_no_dangerous_code_ever_reaches_an_unarmed_team(table: CodeTable) -> None:
    """Over every answer to every question: a code that names a danger keeps the teams away."""
    bases = [base.code for each in table.lists for base in each.bases]
    variants = ["918VM", "415M3", "415GP3", "620D", "390M3", "507V", "MTLV", *seen(), *bases]
    dangerous = 0
    for code in dict.fromkeys(variants):
        read = table.read_all([code])
        if read.call_type is None or not read.facts:
            continue
        dangerous += 1
        assert not any(
            eligible(read.call_type, dict(Facts(a).plus(read.facts))) for a in every_answer()
        )
    assert dangerous > 100


def test_no_crime_code_ever_reaches_an_unarmed_team(table: CodeTable) -> None:
    """Nor does it beside a mental-health code, in whichever order."""
    crimes = [code for code, reads in EXPECTED.items() if reads and reads[0] == "crime_report"]
    for crime in crimes:
        for codes in ([crime], [crime, "918M"], ["918M", crime], ["WELCK", crime, "MNTL"]):
            read = table.read_all(codes)
            assert read.call_type == "crime_report"
            assert not any(eligible("crime_report", answers) for answers in every_answer())


def test_a_code_alone_never_makes_a_call_eligible(table: CodeTable) -> None:
    """It answers no question with no, so every danger that it does not name is still asked."""
    for each in table.lists:
        for base in each.bases:
            read = table.read_all([base.code])
            assert read.call_type is not None
            assert not eligible(read.call_type, dict(read.facts))


def test_a_code_without_a_danger_is_eligible_once_everything_is_asked(table: CodeTable) -> None:
    """The table keeps nobody from an unarmed team who has no danger."""
    none = {fact: Answer.NO for answers in every_answer()[:1] for fact in answers}
    for code in ("918M", "415W", "620F", "390M", "WELCK", "EDP", "SUICTHRT", "Welfare check"):
        read = table.read_all([code])
        assert read.call_type is not None
        assert eligible(read.call_type, dict(Facts(none).plus(read.facts))), code


def test_the_kinds_of_the_program_read_as_themselves(table: CodeTable) -> None:
    """Each of UMCR's six kinds is read by the policy's id and by its name."""
    kinds = policy().programs[0].call_types
    assert len(kinds) == 6
    for kind in kinds:
        for text in (kind, policy().call_types[kind].name):
            found = table.read(text)
            assert found is not None
            assert (found.call_type, dict(found.facts)) == (kind, {})


def test_every_line_of_the_file_has_a_source() -> None:
    """As many sources as codes, suffixes and codes left out."""
    text = FILE.read_text(encoding="utf-8")
    lines = len(re.findall(r"^\[\[lists\.(?:codes|suffixes|unmapped)\]\]$", text, re.MULTILINE))
    assert len(re.findall(r'^source = ".+"$', text, re.MULTILINE)) == lines


def decision_table() -> list[list[str]]:
    """Return the rows of the decision table on the page."""
    page = (ROOT / "docs" / "call-codes.md").read_text(encoding="utf-8")
    part = page.split("## Decision table")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \| (.+?) \| ?(.*?) ?\|$", part, re.MULTILINE)
    assert len(rows) == part.count("\n| `")
    return [list(row) for row in rows]


@pytest.mark.parametrize(("codes", "call_type", "facts"), decision_table())
def test_the_documented_decision_table(
    table: CodeTable, codes: str, call_type: str, facts: str
) -> None:
    """Each row of the page is what the shipped file says."""
    read = table.read_all(re.findall(r"`([^`]+)`", codes))
    assert (read.call_type or "unknown") == call_type.strip("`")
    assert sorted(read.facts) == re.findall(r"`([^`]+)`", facts)
    assert bool(read.unknown) == (call_type == "unknown")
