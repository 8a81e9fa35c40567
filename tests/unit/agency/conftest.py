"""Packages that a test installs for itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

__all__ = ["Install", "install"]

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that puts a module and its entry point on the path, under a new name."""
    count = 0

    def put(body: str, group: str = "rules", name: str = "own", of: str = "") -> str:
        nonlocal count
        count += 1
        module = f"{tmp_path.name}_{count}".replace("-", "_")
        site = tmp_path / module
        info = site / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        entry = f"[unarmed_router.{group}]\n{name} = {module}{of}\n"
        (info / "entry_points.txt").write_text(entry)
        (site / f"{module}.py").write_text(body)
        monkeypatch.syspath_prepend(str(site))
        return module

    return put
