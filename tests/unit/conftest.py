"""The embedded city, and a day in a ledger: what several folders of tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.embedded import AT
from tests.played import Played
from tests.synthetic_day import Day, other_policy
from unarmed_router.agency.folder import Agency, embedded_agency, load_agency
from unarmed_router.agency.policy_file import load_policy
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.router import Router


@pytest.fixture(scope="session")
def agency() -> Agency:
    """Load the embedded agency once; no test changes its roster."""
    return load_agency(embedded_agency())


@pytest.fixture
def router() -> Router:
    """Load the embedded city for one test, which may change it; its clock stands at `AT`."""
    return Router.load(clock=lambda: AT)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play the day once, in an SQLite file; tests only read it."""
    folder = tmp_path_factory.mktemp("day")
    ledger = open_ledger(folder / "day.db")
    day = Day(ledger, seed=2)
    day.play(40)
    path = other_policy(folder)
    day.shift.reload_policy(path)
    day.play(20)
    agency = day.router.agency
    numbers = {division.number for division in agency.partition.divisions}
    later = load_policy(path, divisions=numbers, partition=agency.partition)
    yield Played(folder / "day.db", ledger, agency, later, path, day)
    ledger.close()
