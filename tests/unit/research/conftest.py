"""Times on the roads of the embedded agency."""

from __future__ import annotations

import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.research.reach import RoadReach


@pytest.fixture(scope="session")
def reach(agency: Agency) -> RoadReach:
    """Keep its engines."""
    return RoadReach(agency.speeds)
