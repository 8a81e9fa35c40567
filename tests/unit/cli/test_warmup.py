"""What `warmup` promises: afterwards no kernel that a call may need is left to compile."""

from __future__ import annotations

import subprocess
import sys

# Kernels are found as Python calls them: by the names that modules outside `kernels` import.
PROGRAM = """
import ast, importlib, pathlib
import unarmed_router
from unarmed_router.cli.warmup import warmup

warmup(None)
root = pathlib.Path(unarmed_router.__file__).parent
called = set()
for path in root.rglob("*.py"):
    if path.parent.name == "kernels":
        continue
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "unarmed_router.kernels."
        ):
            called |= {(node.module, alias.name) for alias in node.names}
for module, name in sorted(called):
    kernel = getattr(importlib.import_module(module), name)
    if hasattr(kernel, "py_func") and not kernel.signatures:
        print(module, name)
"""

# What is built once for a network and stored, worlds that are not all compiled, and research.
NO_CALL_NEEDS = {
    *("fill_in", "shape_of_tree"),
    *("leave_out", "screen_teams", "settle_teams", "served"),
    *("sweep_positions", "time_nodes"),
}


def test_every_kernel_that_a_call_may_need_is_compiled() -> None:
    """In a process of its own, which has called nothing else."""
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    left = {line.split()[1] for line in done.stdout.splitlines()}
    assert left <= NO_CALL_NEEDS
