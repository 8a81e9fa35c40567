"""The example package of docs/extending.md: installed without a network, named, and obeyed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.test_readme import ROOT, fences
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.plugins import RULES, TRAVEL_TIMES

PAGE = ROOT / "docs" / "extending.md"
EXAMPLE = ROOT / "docs" / "example_plugin"
SOURCES = EXAMPLE / "src" / "unarmed_router_example"

ROUTE = """
import json, sys
from datetime import UTC, datetime
from unarmed_router import Call, InputError, Router

NOW = datetime(2026, 3, 2, 20, tzinfo=UTC)
SAFE = ("weapon", "violence", "medical_emergency", "crime_in_progress", "minor_alone")

def call(call_type, **facts):
    return Call(
        call_id="1", lon=-118.309, lat=34.0606, call_type=call_type, received_at=NOW,
        facts=dict.fromkeys(SAFE, "no") | facts,
    )

def decided(router, call_type, **facts):
    return router.route(call(call_type, **facts), at=NOW)

embedded = Router.load()
router = Router.load(sys.argv[1])
for each in (embedded, router):
    for state in each.roster.snapshot().teams:
        each.roster.set_status(state.team.team_id, "available", at=NOW)

sent = decided(router, "conflict_resolution", unhoused="no")
usual = decided(embedded, "conflict_resolution", unhoused="no")
world = router.agency.world
goal = world.roads.snap(lon=-118.309, lat=34.0606)
homes = {s.team.team_id: s.home_road for s in router.roster.snapshot().teams}
teams = [candidate.team_id for candidate in sent.candidates]
from unarmed_router_example.straight_line import StraightLine
straight = StraightLine(router.agency.network, speed_kph=30, circuity=1.3)
refused = ""
try:
    router.update_speeds(None)
except InputError as error:
    refused = str(error)
print(json.dumps({
    "kept": decided(router, "conflict_resolution", unhoused="yes").to_dict(),
    "asked": decided(router, "conflict_resolution").to_dict(),
    "other": decided(router, "welfare_check").to_dict(),
    "sent": sent.to_dict(),
    "usual": usual.to_dict(),
    "many": [
        decision.to_dict()
        for decision in router.route_many(
            [call("conflict_resolution", unhoused=answer) for answer in ("yes", "no")], at=NOW
        )
    ],
    "straight": dict(zip(teams, straight.to_call([homes[t] for t in teams], goal, NOW))),
    "matrix": router.travel_times([(-118.309, 34.0606)], [(-118.309, 34.0606)], at=NOW).tolist(),
    "access_ms": goal.access_ms,
    "digest": straight.digest,
    "refused": refused,
}))
"""


def shown(start: str) -> str:
    """Return the block of the page that starts so."""
    (body,) = [fence.body for fence in fences(PAGE) if fence.body.startswith(start)]
    return body


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build and install the example from a copy, for a build leaves files in its folder."""
    folder = tmp_path_factory.mktemp("example")
    copy, target = folder / "example_plugin", folder / "site"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("build", "*.egg-info"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    done = subprocess.run([*pip, *offline, str(copy)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def found(site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Route calls in Los Angeles with the rule and the provider of the page, in a new process."""
    folder = tmp_path_factory.mktemp("agency") / "copy"
    shutil.copytree(embedded_agency().parent, folder)
    for name, start in (("policy.toml", "[[rules]]"), ("agency.toml", "[travel_times]")):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("\n" + shown(start))
    done = subprocess.run(
        [sys.executable, "-c", ROUTE, str(folder / "agency.toml")],
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_the_rule_keeps_a_call_away(found: dict[str, Any]) -> None:
    """A conflict with an unhoused person goes where the rule says, and the decision names it."""
    kept = found["kept"]
    assert (kept["kind"], kept["reason"], kept["target"]) == ("referral", "ineligible", "CIRCLE")
    assert kept["detail"] == "a conflict with an unhoused person is for CIRCLE"
    assert kept["programs"][0]["rules"] == ["unhoused_conflict"]


def test_an_unknown_fact_of_the_rule_is_asked(found: dict[str, Any]) -> None:
    """While nobody has asked, the call is not sent, and the question is the fact's."""
    asked = found["asked"]
    assert (asked["reason"], asked["detail"]) == ("needs_triage", "unknown: unhoused")
    assert [question["fact"] for question in asked["questions"]] == ["unhoused"]


def test_the_rule_leaves_other_calls_alone(found: dict[str, Any]) -> None:
    """Of another type a call is sent without the question, and so is one with the answer no."""
    assert found["other"]["kind"] == found["sent"]["kind"] == "recommendation"


def test_the_decision_names_rule_and_provider(found: dict[str, Any]) -> None:
    """The policy's digest is another with the rule; the profile's is the provider's own."""
    with_both, without = found["sent"]["basis"], found["usual"]["basis"]
    assert with_both["policy"] != without["policy"]
    assert with_both["agency"] != without["agency"]
    assert with_both["profile"] == found["digest"]
    assert with_both["network"] == without["network"]


def test_travel_times_are_the_provider_s(found: dict[str, Any]) -> None:
    """Each candidate's time is the straight line's, and not the one of the roads."""
    times = {each["team_id"]: each["travel_ms"] for each in found["sent"]["candidates"]}
    usual = {each["team_id"]: each["travel_ms"] for each in found["usual"]["candidates"]}
    assert times == found["straight"]
    assert times.keys() == usual.keys()
    assert all(times[team] != usual[team] for team in times)


def test_live_speeds_are_refused(found: dict[str, Any]) -> None:
    """`update_speeds` says which plugin makes the times, and what to do."""
    assert "plugin 'straight-line'" in found["refused"]
    assert "remove [travel_times] from agency.toml" in found["refused"]


def test_a_matrix_is_asked_of_the_provider(found: dict[str, Any]) -> None:
    """A place to itself takes the two access legs, as the provider has it."""
    ((legs,),) = found["matrix"]
    assert legs == 2 * found["access_ms"]


def test_many_calls_are_decided_as_one_by_one(found: dict[str, Any]) -> None:
    """A batch asks the same rule and the same provider."""
    assert found["many"] == [found["kept"], found["sent"]]


def test_without_the_package_the_names_are_refused(tmp_path: Path) -> None:
    """Where no package has the name, the agency is not loaded and the remedy is told."""
    shutil.copytree(embedded_agency().parent, tmp_path / "copy")
    path = tmp_path / "copy" / "policy.toml"
    rule = shown("[[rules]]").replace("unhoused-conflict", "not-installed")
    path.write_text(path.read_text(encoding="utf-8") + "\n" + rule, encoding="utf-8")
    script = "import sys; from unarmed_router import Router; Router.load(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "copy" / "agency.toml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no installed package offers 'not-installed'" in done.stderr


def test_the_page_shows_the_files_whole() -> None:
    """Each block that names a file of the example is that file, and each file is shown."""
    named = {}
    for fence in fences(PAGE):
        match = re.match(r"not run: (docs/example_plugin/\S+) ", fence.mark)
        if match:
            named[ROOT / match[1]] = fence.body
    assert {path: path.read_text(encoding="utf-8") for path in named} == named
    assert set(named) == {EXAMPLE / "pyproject.toml", *SOURCES.glob("[!_]*.py")}


def test_the_example_declares_what_the_library_looks_for() -> None:
    """Its entry points are in the two groups, and its modules are short enough to copy."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["entry-points"]) == {RULES, TRAVEL_TIMES}
    for path in SOURCES.glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 60
