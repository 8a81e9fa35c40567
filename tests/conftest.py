"""Fixtures of every test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.postgres import Server, binaries

# A gate must not fail by chance: the same examples every time. To explore new ones:
# HYPOTHESIS_PROFILE=explore make pytest
settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
# A mutant is found or not: nobody reads the example, so none is shrunk or kept.
settings.register_profile(
    "mutants",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=25,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Try a mutant on quick tests first: most fall to them, and one fall is enough."""
    if config.getoption("--hypothesis-profile", default=None) == "mutants":
        items.sort(key=lambda item: ("properties" in item.nodeid, "test_draws" in item.nodeid))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Find the published figures and fixtures beside the repository, or skip."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("needs the folder ../shared beside the repository")
    return folder


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """Make a folder in memory where there is one, for tests that commit often."""
    memory = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Start a PostgreSQL server for the session, or skip where none is installed."""
    pytest.importorskip("psycopg")
    folder = binaries()
    if folder is None:
        pytest.skip("needs PostgreSQL: install its server, or run .ci/run as root")
    # Nothing here survives a power cut, and nothing needs to: tests of crashes start their own.
    server = Server(folder, fsync="off")
    yield server
    server.stop()
