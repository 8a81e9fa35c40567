"""Benchmark ids are the keys that join one record to the next: they change on purpose only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PINNED = ROOT / "benchmarks" / "ids.txt"


def test_ids_are_pinned() -> None:
    """What pytest collects is what ids.txt lists, in its order, whichever peers are installed."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "benchmarks"]
    # Benchmarks refuse to run beside others, as this test may.
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_XDIST")}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    ids = [line for line in done.stdout.splitlines() if "::" in line]
    assert done.returncode == 0, done.stdout + done.stderr
    assert ids == PINNED.read_text(encoding="utf-8").splitlines()
