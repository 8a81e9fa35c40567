"""The embedded agency, loaded once."""

from __future__ import annotations

import pytest

from unarmed_router.agency.folder import Agency, embedded_agency, load_agency


@pytest.fixture(scope="session")
def agency() -> Agency:
    """Load it; its roster is not changed by these tests."""
    return load_agency(embedded_agency())
