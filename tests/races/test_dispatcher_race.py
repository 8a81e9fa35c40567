"""Eight dispatchers race for a thousand reservations on one ledger: none double, none lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.ledgers import schema_address
from tests.oracles.linearizability import Operation, by_object, linearizable
from tests.postgres import binaries
from tests.races.dispatching import Told, dispatch, dispatcher_on
from tests.races.thorough import THOROUGH
from tests.races.together import told_by
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.events import Event, ReservationExpired, Reserved

PROCESSES = 8
CALLS = 125 if THOROUGH else 10
"""Each process reserves for as many: a thousand reservations, or 80."""


def team(taken: bool, what: tuple[str, str]) -> tuple[bool, bool]:
    """Be one team: it is taken when it is free, and freed when it is taken."""
    return (True, not taken) if what[0] == "take" else (False, taken)


@pytest.fixture(scope="module")
def raced(request: pytest.FixtureRequest) -> Iterator[dict[str, tuple[str, list[Told]]]]:
    """Race on both databases with the same eight processes, which take seconds to start."""
    with TemporaryDirectory() as folder:
        places = {"sqlite": str(Path(folder) / "race.sqlite")}
        if binaries() is not None and find_spec("psycopg") is not None:
            places["postgresql"] = schema_address(request.getfixturevalue("postgres"))
        for where in places.values():
            with dispatcher_on(where):
                pass  # tables and roster are there before the race
        told: list[list[Told]] = told_by(dispatch, range(PROCESSES), [*places.values()], CALLS)
        yield {
            database: (where, list(each))
            for (database, where), each in zip(places.items(), zip(*told, strict=True), strict=True)
        }


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_eight_dispatchers_race_for_the_same_teams(
    database: str, raced: dict[str, tuple[str, list[Told]]]
) -> None:
    """What each was told is in the log, nothing else is, and one order of acts explains it all."""
    if database not in raced:
        pytest.skip("needs PostgreSQL: install its server, or run .ci/run as root")
    where, told = raced[database]
    with closing(open_ledger(where)) as ledger:
        assert verify(ledger).whole
        events = [each.event for each in ledger.read() if each.event is not None]
    acknowledged = [each for one in told for each in one.acknowledged]
    assert len(acknowledged) == PROCESSES * CALLS
    assert sorted(acknowledged) == sorted(
        (e.reservation_id, e.idempotency_key, e.call_id, e.team_id)
        for e in events
        if isinstance(e, Reserved)
    )
    _one_holder(events)
    history = [operation for one in told for operation in one.operations]
    assert any(operation.result is False for operation in history), "nobody met anybody"
    _explained(history)
    with dispatcher_on(where) as last:
        assert dict(last.board.tally) == {("cancelled", "caller_cancelled"): PROCESSES * CALLS}
        teams = last.board.roster.snapshot().teams
        assert {state.status.value for state in teams} == {"available"}


def _one_holder(events: list[Event]) -> None:
    """Follow the log: no team and no call is held twice at one time."""
    held: dict[str, str] = {}
    for event in events:
        if isinstance(event, Reserved):
            assert event.team_id not in held, event
            assert event.call_id not in held.values(), event
            held[event.team_id] = event.call_id
        elif isinstance(event, ReservationExpired):
            assert held.pop(event.team_id) == event.call_id
    assert held == {}


def _explained(history: list[Operation]) -> None:
    for team_id, part in by_object(history, lambda what: what[1]).items():
        assert linearizable(part, False, team), team_id
