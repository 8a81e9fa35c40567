"""The embedded network, as a city large enough for the grid to matter."""

from __future__ import annotations

from pathlib import Path

import pytest

import unarmed_router
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.network_file import load_network


@pytest.fixture(scope="session")
def embedded() -> Path:
    """Return the folder of the embedded agency's data."""
    return Path(unarmed_router.__file__).parent / "data" / "los_angeles"


@pytest.fixture(scope="session")
def city(embedded: Path) -> RoadNetwork:
    """Load the embedded network."""
    return load_network(embedded / "roads.network")
