"""What the package promises to importers: names, speed of import, documented errors."""

from __future__ import annotations

import ast
import inspect
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

import unarmed_router
from unarmed_router import errors

SRC = Path(unarmed_router.__file__).parent
HEAVY = ("geopandas", "osmnx", "matplotlib", "fastapi", "networkx", "numba", "scipy", "pandas")


def test_all_is_sorted_and_every_name_is_there() -> None:
    """A public name that cannot be imported, or is out of order, shows here."""
    assert list(unarmed_router.__all__) == sorted(unarmed_router.__all__)
    for name in unarmed_router.__all__:
        assert getattr(unarmed_router, name) is not None
    assert set(unarmed_router.__all__) <= set(dir(unarmed_router))


def test_what_a_public_model_is_made_of_is_public() -> None:
    """Whoever makes a call, a team or a state imports every part of it from the package."""
    parts: set[type] = set()
    for made in (unarmed_router.Call, unarmed_router.Team, unarmed_router.TeamState):
        for hint in get_type_hints(made).values():
            parts |= {each for each in _types_in(hint) if each.__module__.startswith("unarmed")}
    assert {"Circle", "Fix", "Shift", "RoadPosition"} <= {each.__name__ for each in parts}
    assert {each.__name__ for each in parts} <= set(unarmed_router.__all__)


def _types_in(hint: Any) -> Iterator[type]:
    """Yield the classes a type hint is made of."""
    if isinstance(hint, type) and not get_args(hint):
        yield hint
    for part in get_args(hint):
        yield from _types_in(part)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """The lazy loader does not swallow typing errors."""
    with pytest.raises(AttributeError, match="no attribute 'rout'"):
        unarmed_router.rout  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    """Neither the heavy libraries nor the compiler are loaded by the import alone."""
    script = "import unarmed_router, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not set(json.loads(done.stdout)) & set(HEAVY)


def test_routing_a_call_imports_no_heavy_reader() -> None:
    """The embedded city is loaded and a call is routed without geopandas, osmnx or matplotlib."""
    script = (
        "import sys\n"
        "from datetime import UTC, datetime\n"
        "from unarmed_router import Call, route\n"
        "route(Call(call_id='1', lon=-118.309, lat=34.0606, call_type='welfare_check',"
        " received_at=datetime.now(UTC)))\n"
        "print(*(m for m in ('geopandas', 'osmnx', 'matplotlib', 'pandas', 'networkx')"
        " if m in sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_every_error_is_ours_and_a_builtin() -> None:
    """Catching the base catches all; each also inherits what a caller would expect."""
    for name in errors.__all__:
        error = getattr(errors, name)
        assert issubclass(error, errors.UnarmedRouterError)
        if error is not errors.UnarmedRouterError:
            assert issubclass(error, ValueError | KeyError | RuntimeError)
        assert name in (errors.__doc__ or "")


def test_every_error_is_imported_from_the_package() -> None:
    """What a caller may have to catch, and the documentation lists, needs no other import."""
    assert set(errors.__all__) <= set(unarmed_router.__all__)
    page = (SRC.parents[1] / "docs/reference/api.md").read_text(encoding="utf-8")
    for name in errors.__all__:
        assert page.count(name) >= 2, f"{name} is not in the tree and in the list of the reference"


def test_the_package_carries_the_terms_of_its_data() -> None:
    """Who is given the wheel alone finds the licence, the sources and the publishers' terms."""
    root = SRC.parents[1]
    carried = _project()["license-files"]
    assert [file for file in carried if not (root / file).is_file()] == []
    assert {"LICENSE", "boundaries/PROVENANCE.md", "boundaries/ROADS.md"} <= set(carried)
    assert "keep their own terms" in (root / "docs/data.md").read_text(encoding="utf-8")
    assert "docs/data.md" in carried


def test_extras_are_those_of_the_documentation_and_are_used() -> None:
    """No extra is kept from the reader, and none installs what nothing imports."""
    extras = _project()["optional-dependencies"]
    page = (SRC.parents[1] / "docs/start.md").read_text(encoding="utf-8")
    for_users = set(extras) - {"dev", "docs", "mutants"}
    assert {word for word in for_users if f"| `{word}` |" not in page} == set()
    code = "\n".join(path.read_text(encoding="utf-8") for path in SRC.rglob("*.py"))
    for extra in sorted(for_users):
        for requirement in extras[extra]:
            name = re.split(r"[^A-Za-z0-9_]", requirement)[0]
            used = re.search(rf"^ *(import|from) {name}\b", code, re.MULTILINE)
            # Plots are the reader's own; the page says so.
            assert used or f"{name}, for plots of your own" in page, f"{extra}: {name}"


def _project() -> dict[str, Any]:
    text = (SRC.parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    found: dict[str, Any] = tomllib.loads(text)["project"]
    return found


def test_every_module_with_public_names_says_which() -> None:
    """A module with a public function or class defines `__all__`; ruff keeps it sorted."""
    for path in SRC.rglob("*.py"):
        tree = ast.parse(path.read_text())
        assert ast.get_docstring(tree), path
        defined = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        named = [
            n
            for n in tree.body
            if isinstance(n, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == "__all__" for t in n.targets)
        ]
        if any(not n.name.startswith("_") for n in defined):
            assert named, f"{path} has public names but no __all__"


def test_no_source_file_outgrows_its_idea() -> None:
    """Design: none over 350 lines."""
    long = {
        str(path.relative_to(SRC)): count
        for path in SRC.rglob("*.py")
        if (count := len(path.read_text().splitlines())) > 350
    }
    assert not long


def test_no_city_is_named_in_the_code() -> None:
    """Los Angeles is data: the code knows only where the embedded folder is."""
    words = ("UMCR", "LAPD", "Exodus", "Alcott", "Penny Lane", "CIRCLE", "Wilshire")
    for path in SRC.rglob("*.py"):
        tree = ast.parse(path.read_text())
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = "" if id(node) in docstrings else node.value
                # Attribute docstrings are bare expressions after an assignment.
                if "\n" in text or text.endswith("."):
                    continue
                assert not any(word in text for word in words), f"{path.name}: {text!r}"


def test_public_docstrings_name_their_parameters() -> None:
    """Every parameter of a public callable stands in its numpydoc section."""
    for name in unarmed_router.__all__:
        thing = getattr(unarmed_router, name)
        if inspect.isfunction(thing):
            documented = inspect.getdoc(thing) or ""
            for parameter in inspect.signature(thing).parameters:
                assert parameter in documented, f"{name}: {parameter}"


def test_a_second_make_installs_nothing() -> None:
    """With the environment in place, `make test` and `make demo` go straight to work."""
    root = SRC.parents[1]
    make = shutil.which("make")
    if make is None or not (root / "Makefile").exists():
        pytest.skip("needs make and a checkout")
    tag = sys.implementation.cache_tag
    if not (root / ".venv" / tag / ".installed-dev").exists():
        pytest.skip("needs the environment that `make test` prepares")
    done = subprocess.run(
        [make, "--dry-run", "test", "demo", f"PYTHON={sys.executable}"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pytest" in done.stdout
    assert "unarmed-router demo" in done.stdout
    assert "pip" not in done.stdout
