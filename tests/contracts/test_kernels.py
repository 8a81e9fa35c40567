"""What every kernel keeps to: it fits on a screen, knows no project type, and has a naive twin.

Modules are found by themselves. A new public kernel passes when a function in `tests/oracles` has
its name, or a docstring there names it in backticks, and a test calls it.
"""

from __future__ import annotations

import ast
import re
from importlib.util import resolve_name
from pathlib import Path

import pytest

import unarmed_router

KERNELS = Path(unarmed_router.__file__).parent / "kernels"
PACKAGE = "unarmed_router.kernels"
TESTS = Path(__file__).resolve().parents[1]
ORACLES = TESTS / "oracles"

VIEWS = frozenset({"f8", "i4", "i8", "u1", "u8"})
"""Casts of a pointer to an array, which do nothing that a twin could do as well:
tests/unit/kernels/test_packed.py compares what is seen with what was packed."""


def tree_of(path: Path) -> ast.Module:
    """Parse a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def kernels_in(path: Path) -> list[ast.FunctionDef]:
    """List the functions of a module that stand under the decorator `kernel`."""
    return [
        node
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "kernel" for mark in node.decorator_list)
    ]


def lines_of(function: ast.FunctionDef) -> int:
    """Count lines from the one with `def` to the last, those of the docstring left out."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or 0) - docstring.lineno + 1)


def imports_of(path: Path, package: str) -> set[str]:
    """Name all that a module of a package imports from ours, wherever it does so."""
    names: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            # Each name may be a module of its own: from unarmed_router import model.
            names.update(f"{base}.{alias.name}" for alias in node.names)
    return {name for name in names if name.split(".")[0] == "unarmed_router"}


def public_names(path: Path) -> set[str]:
    """Read `__all__`."""
    for node in tree_of(path).body:
        if isinstance(node, ast.Assign) and "__all__" in map(ast.unparse, node.targets):
            return set(ast.literal_eval(node.value))
    return set()


def public_kernels() -> set[str]:
    """Name the kernels that other modules may call."""
    return {
        kernel.name
        for path in MODULES
        for kernel in kernels_in(path)
        if kernel.name in public_names(path)
    }


def twins() -> set[str]:
    """Name the functions of `tests/oracles`, and what their docstrings name in backticks."""
    found: set[str] = set()
    for path in ORACLES.glob("*.py"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef):
                found.add(node.name)
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
                found.update(re.findall(r"`(\w+)`", ast.get_docstring(node) or ""))
    return found


MODULES = sorted(KERNELS.glob("*.py"))
each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)


def test_kernels_are_found() -> None:
    """The tests below would all pass on nothing."""
    assert {"fill_in", "label_of", "nearest_segment"} <= public_kernels()


@each_module
def test_a_kernel_is_shorter_than_sixty_lines(path: Path) -> None:
    """From the line with `def` to the last, signature included, docstring excluded."""
    long = {kernel.name: lines_of(kernel) for kernel in kernels_in(path) if lines_of(kernel) >= 60}
    assert not long, f"{path.name}: make two kernels of each of {long}"


@each_module
def test_a_kernel_module_imports_nothing_else_of_the_project(path: Path) -> None:
    """Arrays in, arrays out: neither the model nor an error of ours."""
    strangers = {
        name for name in imports_of(path, PACKAGE) if not f"{name}.".startswith(f"{PACKAGE}.")
    }
    assert not strangers, f"{path.name} imports {sorted(strangers)}"


def test_every_public_kernel_has_a_naive_twin() -> None:
    """By name in `tests/oracles`; a view of memory is the only thing that needs none."""
    missing = public_kernels() - twins() - VIEWS
    assert not missing, (
        f"{sorted(missing)} have no twin: write a function of that name in tests/oracles, or name "
        "the kernel in backticks in the docstring of its twin"
    )


def test_only_views_are_excused() -> None:
    """Each is a kernel of `kernels.packed`, of one line, and has no twin."""
    packed = {k.name: lines_of(k) for k in kernels_in(KERNELS / "packed.py")}
    assert set(packed) == VIEWS
    assert set(packed.values()) == {2}
    assert not VIEWS & twins()


def test_every_public_kernel_is_called_by_a_test() -> None:
    """A twin nobody compares with its kernel proves nothing."""
    called = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                called.add(ast.unparse(node.func).rpartition(".")[2])
    missing = public_kernels() - called
    assert not missing, f"no test calls {sorted(missing)}"


@pytest.mark.parametrize("path", sorted(ORACLES.glob("*.py")), ids=lambda path: path.stem)
def test_a_twin_calls_no_kernel(path: Path) -> None:
    """An oracle that used what it checks would share its faults."""
    assert not {name for name in imports_of(path, "tests.oracles") if name.startswith(PACKAGE)}
