"""Every kind of ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledgers import AnyLedger, opened
from tests.postgres import Server
from unarmed_router.ledger.sql_ledger import SqlLedger


def _server(request: pytest.FixtureRequest) -> Server | None:
    if request.param != "postgresql":
        return None
    server: Server = request.getfixturevalue("postgres")
    return server


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, quick_path: Path) -> Iterator[AnyLedger]:
    """Open an empty ledger of each kind."""
    made = opened(request.param, quick_path, _server(request))
    yield made
    made.close()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def impatient(request: pytest.FixtureRequest, quick_path: Path) -> Iterator[AnyLedger]:
    """Open a ledger of each kind that waits for nobody."""
    made = opened(request.param, quick_path, _server(request), busy_timeout_s=0.05)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, quick_path: Path) -> Iterator[SqlLedger]:
    """Open an empty ledger in each database."""
    made = opened(request.param, quick_path, _server(request))
    assert isinstance(made, SqlLedger)
    yield made
    made.close()
