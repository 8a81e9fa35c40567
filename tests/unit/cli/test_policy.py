"""`unarmed-router policy`: schema, check and diff."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.embedded import DANGERS
from tests.unit.agency.policy_mutations import FOLDER, HOURS, PROVIDER, written
from unarmed_router.agency.policy_schema import PolicyDocument
from unarmed_router.agency.toml_file import read_toml
from unarmed_router.cli import main
from unarmed_router.research.policy_diff import _LONGEST_LINE

POLICY = FOLDER / "policy.toml"
CLEAR = dict.fromkeys(DANGERS, "no")
OFFICE = HOURS % "Mon-Fri 08:00-16:00"
DAY, NIGHT = "2026-11-20T10:00:00-08:00", "2026-11-20T22:00:00-08:00"
CALL: dict[str, Any] = {
    "call_id": "c-1",
    "lon": -118.309,
    "lat": 34.0606,
    "call_type": "welfare_check",
    "received_at": DAY,
    "facts": CLEAR,
}


def log(folder: Path, *lines: dict[str, Any] | str) -> Path:
    """Write a log: changes of the call above, or lines as they are."""
    path = folder / "calls.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(CALL | line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_the_schema_is_that_of_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Draft 2020-12, with a title; it names every key, and allows no other."""
    assert main(["policy", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "Policy file of unarmed-router"
    assert list(schema["properties"]) == list(PolicyDocument.model_fields)
    assert schema["additionalProperties"] is False
    assert set(read_toml(POLICY)[0]) <= set(schema["properties"])
    assert set(schema["required"]) <= set(read_toml(POLICY)[0])


def test_a_sound_policy_is_told_what_it_leaves_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Divisions nobody serves, hours without a provider, facts, call types and targets."""
    assert main(["policy", "check", str(written(tmp_path, PROVIDER, OFFICE))]) == 0
    out = capsys.readouterr().out
    assert "la-default-2026 is sound; digest " in out
    assert "  nobody serves 15 of 21 divisions: 1 Central, 2 Rampart" in out
    assert (
        "  no provider Mon 00:00-08:00; Mon-Thu 16:00-08:00; Fri 16:00-24:00; Sat,Sun 00:00-24:00 "
        "in 7 Wilshire, 20 Olympic\n"
    ) in out
    assert "facts no rule looks at: unhoused\n" in out
    assert "no program takes: medical (Medical emergency), crime_report (Crime report)\n" in out
    assert out.endswith("targets nothing names: none\n")
    assert main(["policy", "check", str(POLICY)]) == 0
    assert "  where it serves, a provider serves at every hour\n" in capsys.readouterr().out


def test_dates_and_idle_facts_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where providers come by date the dates are named; the policy's own are not."""
    path = written(tmp_path, PROVIDER, f"{PROVIDER}serves_from = 2026-07-01\n")
    idle = '[[facts]]\nid = "dog"\nquestion = "Is there a dog?"\ndanger = "none"\n'
    path.write_text(path.read_text(encoding="utf-8") + idle, encoding="utf-8")
    assert main(["policy", "check", str(path)]) == 0
    out = capsys.readouterr().out
    assert "  no provider at any hour until 2026-07-01 in 7 Wilshire, 20 Olympic\n" in out
    assert "facts no rule looks at: unhoused, dog (nor a referral)\n" in out


def test_the_report_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The same, for machines."""
    assert main(["policy", "check", str(POLICY), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["policy_id"] == "la-default-2026"
    assert report["programs"][0]["program"] == "UMCR"
    assert len(report["programs"][0]["unserved"]) == 15
    assert report["untaken_types"] == ["medical", "crime_report"]


def test_every_fault_is_listed_and_the_exit_code_is_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line for each on standard error, as for any broken file."""
    path = written(tmp_path, PROVIDER, "divisions = [8, 99]\n")
    assert main(["policy", "check", str(path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"error: {path}: 2 faults\n- ")
    assert "there is no division 99" in shown.err
    assert "division 8 is already served by exodus on Mon at 00:00" in shown.err


def test_the_divisions_are_those_of_the_agency(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An agency's roads and policy are not needed to check a policy for it."""
    (tmp_path / "divisions.geojson").symlink_to(FOLDER / "divisions.geojson")
    text = (FOLDER / "agency.toml").read_text(encoding="utf-8")
    (tmp_path / "agency.toml").write_text(text, encoding="utf-8")
    agency = ["--agency", str(tmp_path / "agency.toml")]
    assert main(["policy", "check", str(POLICY), *agency]) == 0
    assert "15 of 21 divisions" in capsys.readouterr().out
    assert main(["policy", "check", str(POLICY), "--agency", str(tmp_path / "none.toml")]) == 2
    assert "none.toml: 1 fault; cannot be read" in capsys.readouterr().err


def test_a_diff_names_each_change_and_counts_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Office hours change calls at night, not by day, and only where the provider serves."""
    calls = log(
        tmp_path,
        {},
        {"call_id": "c-2", "received_at": NIGHT},
        {"call_id": "c-3", "received_at": NIGHT, "facts": {}},
        "",
        {"call_id": "c-4", "received_at": NIGHT, "lon": -118.2468, "lat": 33.9397},
    )
    new = written(tmp_path, PROVIDER, OFFICE)
    assert main(["policy", "diff", str(POLICY), str(new), "--calls", str(calls)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "c-2: recommendation ALC-2 -> no_program_here LAPD_PATROL: UMCR: not here, was eligible"
    )
    assert lines[1].startswith("c-3: needs_triage LAPD_CALL_TAKER asking medical_emergency, ")
    assert lines[2:] == [
        "",
        " calls  old                   new",
        "     1  needs_triage          no_program_here",
        "     1  recommendation        no_program_here",
        "2 of 4 decisions change",
    ]


@pytest.mark.parametrize(
    ("old", "new", "fields", "why"),
    [
        ("divisions = [8, 18]", "divisions = [8]", {"lon": -118.2468, "lat": 33.9397},
         "UMCR: not here, was eligible"),
        ('when = { weapon = "yes" }\ntarget = "LAPD_PATROL"',
         'when = { weapon = "yes" }\ntarget = "MEU_SMART"', {"facts": {"weapon": "yes"}},
         "another rule or line of the referral table names the target"),
        ('id = "minor-alone"\nwhen = { minor_alone = "yes" }',
         'id = "young"\nwhen = { minor_alone = "yes" }',
         {"facts": {**CLEAR, "minor_alone": "yes"}}, ""),
        ('"unhoused"', '"homeless"', {"facts": {**CLEAR, "unhoused": "yes"}},
         "the new policy refuses it: call c-1: unknown fact 'unhoused'; policy la-default-2026"),
        ('call_codes = "call_codes.toml"\n', "", {"call_type": "390"},
         "read as unknown, was substance_use; UMCR: needs triage, was eligible"),
        ("max_response_s = 5400", "max_response_s = 1800", {"received_at": DAY}, ""),
        ("response_target_s = 1800", "response_target_s = 60\nmax_response_s = 60", {},
         "ALC-2 is now beyond limit"),
        ('    "conflict_resolution", "welfare_check",\n', '    "conflict_resolution",\n', {},
         "UMCR: call type not taken, was eligible"),
    ],
)  # fmt: skip
def test_a_diff_says_why(
    tmp_path: Path,
    old: str,
    new: str,
    fields: dict[str, Any],
    why: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What made the difference: program, rule, reading, team or table; without one, no line."""
    path = written(tmp_path, old, new)
    if "homeless" in new:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"unhoused"', '"homeless"'), encoding="utf-8")
    calls = log(tmp_path, fields)
    command = ["policy", "diff", str(POLICY), str(path), "--calls", str(calls), "--json"]
    assert main(command) == 0
    *changes, counts = map(json.loads, capsys.readouterr().out.splitlines())
    assert counts["calls"] == 1
    assert counts["changed"] == len(changes) == bool(why)
    if why:
        assert changes[0]["why"].startswith(why)
        assert (changes[0]["line"], changes[0]["call_id"]) == (1, "c-1")


def test_bad_lines_are_named_and_nothing_is_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not JSON, not a call, a word neither policy knows, a swapped pair, a line without end."""
    calls = log(
        tmp_path,
        {"received_at": NIGHT},
        "{",
        {"lon": "west"},
        "",
        {"facts": {"wepon": "no"}},
        {"lon": 34.0606, "lat": -118.309},
        {"call_id": "x" * _LONGEST_LINE},
    )
    new = written(tmp_path, PROVIDER, OFFICE)
    assert main(["policy", "diff", str(POLICY), str(new), "--calls", str(calls)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"error: {calls}: 5 bad lines, so no line is compared; line 2: ")
    assert [number for number in range(1, 8) if f"line {number}: " in shown.err] == [2, 3, 5, 6, 7]
    assert "unknown fact 'wepon'" in shown.err
    assert "line 7: is longer than 1,048,576 bytes; give one call a line" in shown.err


def test_many_bad_lines_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first ten are named."""
    calls = log(tmp_path, *["{"] * 25)
    assert main(["policy", "diff", str(POLICY), str(POLICY), "--calls", str(calls)]) == 2
    told = capsys.readouterr().err
    assert "25 bad lines" in told
    assert "line 10: " in told
    assert "line 11: " not in told
    assert told.endswith("; and 15 more\n")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (PROVIDER, "divisions = [99]\n", "there is no division 99"),
        ('id = "alcott"', 'id = "acme"', "teams.ALC-1.provider: 'alcott' is no provider of UMCR"),
    ],
)
def test_a_diff_refuses_a_broken_policy(
    tmp_path: Path, old: str, new: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Faults of the file, and teams of the roster it would leave without work."""
    calls = log(tmp_path, {})
    path = written(tmp_path, old, new)
    assert main(["policy", "diff", str(POLICY), str(path), "--calls", str(calls)]) == 2
    assert fault in capsys.readouterr().err


def test_a_missing_log_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the option that named it."""
    missing = str(tmp_path / "none.jsonl")
    assert main(["policy", "diff", str(POLICY), str(POLICY), "--calls", missing]) == 2
    assert f"--calls {missing}: cannot be read" in capsys.readouterr().err
