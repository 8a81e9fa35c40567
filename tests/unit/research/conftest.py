"""The embedded agency, loaded once, and times on its roads."""

from __future__ import annotations

import pytest

from unarmed_router.agency.folder import Agency, embedded_agency, load_agency
from unarmed_router.research.reach import RoadReach


@pytest.fixture(scope="session")
def agency() -> Agency:
    """Load it; its roster is not changed by these tests."""
    return load_agency(embedded_agency())


@pytest.fixture(scope="session")
def reach(agency: Agency) -> RoadReach:
    """Keep its engines."""
    return RoadReach(agency.speeds)
