"""The documentation keeps its promises: its code runs, its tables are those of the code."""

from __future__ import annotations

import csv
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

import unarmed_router
from tests.contracts.test_readme import README, ROOT, fences, page_folder, run_page
from unarmed_router import (
    CancelReason,
    DeclineReason,
    Dispatcher,
    Disposition,
    EscalationAct,
    EscalationReason,
    ExclusionReason,
    Flag,
    Outcome,
    ReferralReason,
    Router,
    TeamStatus,
    errors,
)
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.folder_schema import AgencyDocument
from unarmed_router.cli import app as cli
from unarmed_router.cli import exit_codes
from unarmed_router.geography import division_index, partition_assign, partition_build
from unarmed_router.interop.json_codec import json_schema
from unarmed_router.model.reasons import ProgramVerdict

__all__ = ["page_folder"]  # the fixture, found by its name

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
OTHERS = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
RUN = [page for page in PAGES if any(f.mark.startswith(("run", "exit")) for f in fences(page))]
WORDS = (
    *("call", "incident", "division", "program", "provider", "team", "AVL fix", "status"),
    *("turnout time", "travel time", "response time", "ETA", "disposition"),
    *("recommendation", "referral", "exclusion"),
    *("reservation", "escalation", "pre-emption", "outcome", "ledger", "replay"),
)


def section(page: Path, heading: str) -> str:
    """Return the text under a heading, up to the next heading of any level."""
    text = page.read_text(encoding="utf-8")
    found = re.search(
        rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert found, f"{page.name} has no heading {heading!r}"
    return found[1]


def rows(page: Path, heading: str) -> list[list[str]]:
    """Return the cells of every table under a heading, without the head rows."""
    lines = section(page, heading).splitlines()
    body = [
        line
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("|") and not line.startswith("|-") and not after.startswith("|-")
    ]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body]


def first_words(page: Path, heading: str) -> list[str]:
    """Return every code word of the first cells of the tables under a heading."""
    return [word for cells in rows(page, heading) for word in re.findall(r"`([^`]+)`", cells[0])]


def name_of(page: Path) -> str:
    """Name a page in a test id."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_page_runs_as_shown(page: Path, page_folder: Path) -> None:
    """Every marked example of a page runs, prints what is shown and exits as claimed."""
    run_page(page)
    assert page_folder.is_dir()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_example_says_whether_it_is_run(page: Path) -> None:
    """No Python or console block of a page escapes the tests unnoticed."""
    unmarked = [
        fence.body
        for fence in fences(page)
        if fence.language in {"python", "console"}
        and not re.match(r"(run$|exit: \d+$|not run: \S)", fence.mark)
    ]
    assert unmarked == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_excerpts_are_of_the_embedded_files(page: Path) -> None:
    """What a page shows as part of an embedded file stands there word for word."""
    for fence in fences(page):
        kind, _, name = fence.mark.partition(": ")
        if kind == "part of":
            assert fence.body in (embedded_agency().parent / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name_of)
def test_relative_links_resolve(page: Path) -> None:
    """Every relative link leads to a file, and to a heading when it names one."""
    text = re.sub(
        r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), link
        assert not anchor or anchor in _anchors(file), link


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, *OTHERS, DOCS / "conf.py"], ids=name_of)
def test_no_machine_paths(page: Path) -> None:
    """No page holds an absolute path of somebody's machine."""
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(?:home|Users|work|root|tmp)/", text)


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("Referral reasons", ReferralReason),
        ("Exclusion reasons", ExclusionReason),
        ("Flags", Flag),
        ("Program verdicts", ProgramVerdict),
        ("Team statuses", TeamStatus),
        ("Outcomes of calls", Outcome),
        ("Dispositions", Disposition),
        ("Reasons to cancel", CancelReason),
        ("Reasons to decline", DeclineReason),
    ],
)
def test_glossary_lists_each_word_once_in_order(heading: str, words: type[StrEnum]) -> None:
    """The glossary's tables are the closed lists of the code, in their order."""
    assert first_words(DOCS / "glossary.md", heading) == list(words)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(method, id=f"{owner.__name__}.{name}")
        for owner in (Dispatcher, Router)
        for name, method in inspect.getmembers(owner, callable)
        if not name.startswith("_")
    ],
)
def test_an_act_documents_its_parameters_and_its_errors(act: Callable[..., Any]) -> None:
    """A page is all that whoever embeds the library has: no name is left out, none is another."""
    text = inspect.getdoc(act) or ""
    sections = dict(re.findall(r"^(\w+)\n-{3,}\n((?:.+\n?|\n(?= ))*)", text, re.MULTILINE))
    listed = re.findall(r"^(\S.*?)(?: : .*)?$", sections.get("Parameters", ""), re.MULTILINE)
    named = [name.strip("* ") for line in listed for name in line.split(",")]
    assert sorted(named) == sorted(set(inspect.signature(act).parameters) - {"self"})
    assert sections["Raises"].strip()
    gives = inspect.signature(act).return_annotation
    assert ("Returns" in sections or "Yields" in sections) is (gives != "None")


def test_glossary_lists_what_a_team_may_escalate() -> None:
    """Acts and reasons of an escalation are those of the code, in their order."""
    listed = first_words(DOCS / "glossary.md", "Escalations")
    assert listed == [*EscalationAct, *EscalationReason]


def test_glossary_has_the_words_of_the_field() -> None:
    """Every word the design fixes has its line in the glossary."""
    listed = {cells[0] for cells in rows(DOCS / "glossary.md", "Words")}
    assert set(WORDS) <= listed


def test_concepts_lists_every_verdict() -> None:
    """The table of verdicts in concepts covers all of them."""
    text = section(DOCS / "concepts.md", "Three-valued triage")
    assert {verdict for verdict in ProgramVerdict if f"`{verdict}`" in text} == set(ProgramVerdict)


@pytest.mark.parametrize(
    ("page", "heading"),
    [(README, "On the command line"), (DOCS / "reference" / "cli.md", "Exit codes")],
    ids=["readme", "reference"],
)
def test_exit_codes_are_those_of_the_program(page: Path, heading: str) -> None:
    """The tables of exit codes list exactly the codes the program returns."""
    codes = {int(cells[0]) for cells in rows(page, heading)}
    assert codes == {getattr(exit_codes, name) for name in exit_codes.__all__}


def _commands() -> Iterator[tuple[str, Any]]:
    """Walk the commands of the program by their names; their class depends on typer's version."""
    for name, command in typer.main.get_group(cli.app).commands.items():
        parts = getattr(command, "commands", None)
        if parts is None:
            yield name, command
        else:
            yield from ((f"{name} {part}", each) for part, each in parts.items())


def test_reference_lists_every_command() -> None:
    """The table of commands is the program's, in the order of its help."""
    listed = first_words(DOCS / "reference" / "cli.md", "Commands")
    assert listed == [name for name, _ in _commands()]


@pytest.mark.parametrize(("name", "command"), list(_commands()), ids=[n for n, _ in _commands()])
def test_reference_lists_every_option(name: str, command: Any) -> None:
    """Each command's table names exactly the options its help names."""
    options = {
        option
        for parameter in command.params
        if parameter.param_type_name == "option"
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    assert set(first_words(DOCS / "reference" / "cli.md", f"`{name}`")) == options - {"--help"}


def test_every_public_name_is_in_the_reference() -> None:
    """Each name of `unarmed_router.__all__` has its directive on the API page, once."""
    text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\.\. auto\w+:: unarmed_router\.(\w+)$", text, re.MULTILINE)
    assert sorted(documented) == unarmed_router.__all__


def test_modules_of_the_reference_exist() -> None:
    """Each module the reference documents can be imported, so the build has something to show."""
    text = (DOCS / "reference" / "modules.md").read_text(encoding="utf-8")
    for module in re.findall(r"^\.\. automodule:: (\S+)$", text, re.MULTILINE):
        __import__(module)


def test_every_exception_is_in_the_table_of_errors() -> None:
    """The integrator's table lists each exception with the classes it also is."""
    table = rows(DOCS / "how-to" / "embed.md", "Errors to catch")
    assert sorted(cells[0].strip("`") for cells in table) == errors.__all__
    for name, also, _ in table:
        bases = {base.__name__ for base in getattr(errors, name.strip("`")).__mro__[1:]}
        assert set(re.findall(r"`(\w+)`", also)) <= bases


def test_the_tree_of_errors_is_the_one_in_the_code() -> None:
    """The tree drawn in the reference is the tree drawn in `errors`."""
    (tree,) = [f.body for f in fences(DOCS / "reference" / "api.md") if f.language == "text"]
    drawn = [line.strip() for line in (errors.__doc__ or "").splitlines()]
    assert set(map(str.strip, tree.splitlines())) <= set(drawn)


def test_json_tables_are_those_of_the_schema() -> None:
    """The tables of the JSON page name the fields of the schema and which are required."""
    page = DOCS / "json.md"
    call = json_schema("call")
    table = rows(page, "A call")
    assert [cells[0].strip("`") for cells in table] == list(call["properties"])
    assert [c[0].strip("`") for c in table if c[2] == "yes"] == call["required"]
    kinds = json_schema("decision")["$defs"]
    listed = set(first_words(page, "A decision"))
    fields = {*kinds["Recommendation"]["properties"], *kinds["Referral"]["properties"]}
    assert listed - set(unarmed_router.__all__) - {"recommendation", "referral"} == fields


def test_settings_are_the_defaults_the_pages_state() -> None:
    """The limits stated in concepts and boundaries are those of the code and the agency."""
    text = (DOCS / "concepts.md").read_text(encoding="utf-8")
    settings = AgencyDocument.model_fields["snapping"].default
    assert f"{settings.access_kph:g} km/h" in text
    assert f"over {settings.long_access_m:g} m" in text
    assert f"{settings.limit_m:,.0f} m from any road" in text
    page = DOCS / "boundaries.md"
    stated = {cells[0].strip("`"): cells[1] for cells in rows(page, "Thresholds")}
    assert stated == {
        "--threshold-m2": f"{partition_build.THRESHOLD_M2:g} m²",
        "--max-move-m": f"{partition_build.MAX_MOVE_M:g} m",
        "--hole-width-m": f"{partition_build.HOLE_WIDTH_M:g} m",
    }
    assert f"{partition_assign.ROUNDING_WIDTH_M * 100:g} cm" in section(page, "The sliver rule")
    near = section(page, "Near a border")
    assert f"within {division_index.DEFAULT_TOLERANCE_M:g} m of any division border" in near


def test_the_agency_keeps_the_documented_settings() -> None:
    """The embedded agency uses the tolerance and limits the pages state."""
    agency = Router.load().agency
    assert agency.divisions.tolerance_m == division_index.DEFAULT_TOLERANCE_M
    assert (agency.roads.limit_m, agency.roads.access_kph) == (2000.0, 20.0)
    assert agency.world.long_access_m == 400.0


def test_data_page_lists_every_embedded_file() -> None:
    """Each file of the embedded agency has its line on the data page."""
    files = {file.name for file in embedded_agency().parent.iterdir() if file.is_file()}
    assert set(first_words(DOCS / "data.md", "Files")) == files


def test_the_network_is_as_large_as_stated() -> None:
    """The data page states the size of the embedded network."""
    network = Router.load().agency.network
    text = (DOCS / "data.md").read_text(encoding="utf-8")
    assert f"{network.nodes:,} nodes and {network.arcs:,} arcs" in text


def test_labelled_incidents_agree_but_beside_a_border(shared: Path) -> None:
    """Of 1,000 published incidents 996 lie in the assigned division; the rest within 4 m of it."""
    with (shared / "data" / "incident_points_labelled_2020.csv").open(newline="") as file:
        points = list(csv.DictReader(file))
    found = Router.load().agency.divisions.locate_many(
        [float(point["lon"]) for point in points], [float(point["lat"]) for point in points]
    )
    missed = found.number != np.array([int(point["area_id"]) for point in points])
    assert (len(points), int(missed.sum()), int(found.near_border.sum())) == (1000, 4, 21)
    assert float(found.border_m[missed].max()) < 4.0


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import unarmed_router` loads none of the heavy libraries, as decision 7 says."""
    script = (
        "import sys, unarmed_router; "
        "heavy = {'numpy', 'numba', 'scipy', 'shapely', 'pandas', 'geopandas', 'pyproj', 'rich'}; "
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_contributing_names_targets_of_the_makefile() -> None:
    """Each `make` target that CONTRIBUTING lists is in the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"`make ([a-z]+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert set(named) <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_contributing_draws_the_layers_that_are_checked() -> None:
    """The layers drawn in CONTRIBUTING are those import-linter holds, in the same order."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    text = section(ROOT / "CONTRIBUTING.md", "Layers")
    drawn = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    assert drawn == [layer.replace("unarmed_router.", "") for layer in layers]


def test_decisions_are_numbered_and_complete() -> None:
    """Decisions count up from 1 and each tells context, decision and consequences."""
    pages = sorted((DOCS / "decisions").glob("0*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        headings = re.findall(r"^(#+ .+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings[0].startswith(f"# {int(page.name[:4])}. ")
        assert headings[1:] == ["## Context", "## Decision", "## Consequences"]
