"""The README keeps its promises: what it shows is run, and what it claims is compared.

A fence in README.md or docs/ is run when a comment above it says so:

- ``<!-- run -->``: Python, in one namespace a page; ``<!-- output -->`` marks what it prints.
- ``<!-- exit: N -->``: one ``$ command`` and its standard output; a line ``...`` stands for any
  number of lines.
- ``<!-- file: NAME -->``: a file that later fences of the page use.
- ``<!-- not run: REASON -->``: neither.
"""

from __future__ import annotations

import gc
import io
import os
import re
import shlex
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from unarmed_router.cli import main

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"

_FENCE = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*?) -->\n)?^```(?P<language>[a-z]+)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Fence:
    """One fenced block of a page, and what the comment above it says."""

    mark: str
    language: str
    body: str


def fences(page: Path) -> list[Fence]:
    """List the fenced blocks of a page in order."""
    text = page.read_text(encoding="utf-8")
    return [Fence(m["mark"] or "", m["language"], m["body"]) for m in _FENCE.finditer(text)]


def run_page(page: Path) -> None:
    """Run the marked blocks of a page in the current directory, comparing what they show."""
    namespace: dict[str, Any] = {"__name__": "__page__"}
    with warnings.catch_warnings():
        # A page is a program, and its end closes what it left open; from 3.13 SQLite says so.
        warnings.simplefilter("ignore", ResourceWarning)
        _run_fences(page, namespace)
        namespace.clear()
        gc.unfreeze()  # a page may set aside what it loaded
        gc.collect()


def _run_fences(page: Path, namespace: dict[str, Any]) -> None:
    printed = ""
    for fence in fences(page):
        kind, _, value = fence.mark.partition(": ")
        if kind == "file":
            target = Path(value)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(fence.body, encoding="utf-8")
        elif kind == "run":
            printed = _run_python(fence.body, namespace, page)
        elif kind == "output":
            _compare(fence.body, printed)
        elif kind == "exit":
            _run_command(fence.body, int(value))


def _run_python(body: str, namespace: dict[str, Any], page: Path) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(body, str(page), "exec"), namespace)  # noqa: S102  # the page's own code
    return out.getvalue()


def _run_command(body: str, expected: int) -> None:
    line, _, shown = body.partition("\n")
    while line.endswith("\\"):
        more, _, shown = shown.partition("\n")
        line = line[:-1] + more
    out, told = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(told):
        code = main(_arguments(line))
    assert code == expected, f"{line}\n{out.getvalue()}\n{told.getvalue()}"
    if shown.strip():
        _compare(shown, out.getvalue())


def _arguments(line: str) -> list[str]:
    """Split ``$ unarmed-router ...``, or ``$ make demo`` as the Makefile spells it."""
    words = shlex.split(line.removeprefix("$ "))
    if words[0] == "make":
        words = shlex.split(recipe(words[1]).removeprefix("$(BIN)/"))
    assert words[0] == "unarmed-router", line
    return words[1:]


def recipe(target: str) -> str:
    """Return the single command of a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(rf"^{target}:[^\n]*\n\t([^\n]+)\n(?!\t)", makefile, re.MULTILINE)
    assert found, target
    return found[1]


def _compare(shown: str, printed: str) -> None:
    """Require that what is shown was printed, up to spaces at line ends and lines left out."""
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in _lines(shown)
    )
    text = "".join(line + "\n" for line in _lines(printed))
    assert re.fullmatch(pattern, text), f"shown:\n{shown}\nprinted:\n{printed}"


def _lines(text: str) -> Iterator[str]:
    return (line.rstrip() for line in text.strip("\n").split("\n"))


@pytest.fixture
def page_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder from which the repository's boundaries can be read."""
    (tmp_path / "boundaries").symlink_to(ROOT / "boundaries")
    (tmp_path / "src").symlink_to(ROOT / "src")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_readme_runs_as_shown(page_folder: Path) -> None:
    """Every example of the README runs, prints what is shown and exits as claimed."""
    run_page(README)
    assert Path(os.getcwd()) == page_folder.resolve()  # noqa: PTH109  # nothing moved elsewhere


def test_no_two_pages_open_one_ledger() -> None:
    """A ledger is kept: who follows two pages in one folder would meet the calls of the first."""
    seen: dict[str, set[str]] = {}
    for page in (README, *sorted((ROOT / "docs").rglob("*.md"))):
        run = [fence.body for fence in fences(page) if fence.mark == "run"]
        for name in re.findall(r"open_ledger\(\"([^\"]+)\"\)", "\n".join(run)):
            seen.setdefault(name, set()).add(page.name)
    assert len(seen) >= 3
    assert {name: pages for name, pages in seen.items() if len(pages) > 1} == {}


def test_first_two_commands_are_demo_and_test() -> None:
    """The first two commands a reader meets are `make demo` and `make test`."""
    commands = re.findall(r"^\$ (.+)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert commands[:2] == ["make demo", "make test"]


def test_the_library_example_is_short() -> None:
    """The first library example has ten statements' lines at most, blank lines aside."""
    (example, *_) = [fence for fence in fences(README) if fence.language == "python"]
    assert len([line for line in example.body.splitlines() if line.strip()]) <= 10


def test_every_command_and_example_says_whether_it_is_run() -> None:
    """No Python or console block of the README escapes the test unnoticed."""
    unmarked = [
        fence.body
        for fence in fences(README)
        if fence.language in {"python", "console"}
        and not re.match(r"(run$|exit: \d+$|not run: \S)", fence.mark)
    ]
    assert unmarked == []


def test_the_readme_names_no_machine_path() -> None:
    """The README holds no absolute path of somebody's machine."""
    text = README.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(?:home|Users|work|root|tmp)/", text)


def test_the_picture_of_the_demo_exists_when_shown() -> None:
    """A picture the README shows is in the repository."""
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []
