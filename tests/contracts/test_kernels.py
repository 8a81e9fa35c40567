"""What every kernel keeps to: it fits on a screen, knows no project type, and has a naive twin.

Modules are found by themselves. A new public kernel passes when a function in `tests/oracles` has
its name, or a docstring there names it in backticks. Failing that it has its line in `ELSEWHERE`.
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
ORACLES = Path(__file__).resolve().parents[1] / "oracles"

ELSEWHERE = {
    "all_exits": "part of time_matrix and sweep_nodes, each compared whole",
    "along_arc": "as all_exits",
    "border_at": "as border_distance, from a packed index",
    "border_distance": "every edge is tried in tests/properties/test_locate_properties.py",
    "border_distance_many": "compared with the one above, in the same file",
    "centre_labels": "part of an index; divisions_holding is the twin of what it answers",
    "count_cell_edges": "as centre_labels",
    "entries": "as all_exits",
    "drive": "the query of an engine: tests/properties/test_travel_time_properties.py, by Dijkstra",
    "f8": "a view; tests/unit/kernels/test_packed.py compares it with the array",
    "fill_cell_edges": "as centre_labels",
    "i4": "as f8",
    "i8": "as f8",
    "label_at": "as label_of, from a packed index",
    "label_of": "its twin is divisions_holding, which takes rings, not an index",
    "labels_of_degrees": "its twin is holders_of_many, likewise",
    "longest": "one line of Python in tests/unit/kernels/test_hierarchy_kernels.py",
    "nearest_segment": "its twin is nearest_road, which takes whole roads",
    "nearest_segments": "as nearest_segment",
    "segment_lengths": "its lengths make the fractions that test_snapping_properties.py walks",
    "segments_by_cell": "part of an index; nearest_road is the twin of what it answers",
    "snapped": "as nearest_segment, from packed roads",
    "sweep_positions": "by Dijkstra, in the file of time_positions, as matrix_by_sweep",
    "time_matrix": "as time_positions, compared with it in tests/unit/travel_time",
    "time_nodes": "whole trees by Dijkstra in tests/unit/travel_time/test_hierarchy.py",
    "time_positions": "tests/properties/test_travel_time_properties.py, by Dijkstra",
    "u1": "as f8",
    "u8": "as f8",
}
"""Public kernels whose twin is not found by name, and where their answers are checked instead."""


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
    """By name in `tests/oracles`, or by a line in `ELSEWHERE` that says where to look."""
    missing = public_kernels() - twins() - set(ELSEWHERE)
    assert not missing, (
        f"{sorted(missing)} have no twin: write a function of that name in tests/oracles, or name "
        "the kernel in backticks in the docstring of its twin, or say in ELSEWHERE what checks it"
    )


def test_no_excuse_outlives_its_kernel() -> None:
    """A line of `ELSEWHERE` goes when its kernel goes, or gets a twin by name."""
    assert set(ELSEWHERE) <= public_kernels() - twins()


@pytest.mark.parametrize("path", sorted(ORACLES.glob("*.py")), ids=lambda path: path.stem)
def test_a_twin_calls_no_kernel(path: Path) -> None:
    """An oracle that used what it checks would share its faults."""
    assert not {name for name in imports_of(path, "tests.oracles") if name.startswith(PACKAGE)}
