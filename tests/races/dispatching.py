"""One dispatcher of a race; a module of its own, because processes are spawned."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

from tests.oracles.linearizability import Operation
from tests.scenarios.city import City, draw_city
from tests.scenarios.shift import DrawnRouter
from unarmed_router.errors import LedgerBusyError
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.waiting import Waiting, WaitLimit
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.outcomes import Conflict, Reservation
from unarmed_router.operations.recording import Keep

__all__ = ["TEAMS", "Told", "city_of_teams", "dispatch", "dispatcher_on"]

TEAMS = 9
"""One more than dispatchers: each holds a team while all of them want the next."""


@dataclass(frozen=True)
class Told:
    """What one process was told, and when.

    Parameters
    ----------
    operations : list of Operation
        ``("take", team)`` and ``("free", team)`` with whether they came about.
    acknowledged : list of tuple
        Reservation, key, call and team.
    """

    operations: list[Operation]
    acknowledged: list[tuple[str, str, str, str]]


def city_of_teams() -> City:
    """Draw a small city in which every call waits for a team."""
    teams = {f"T{number}": "ab"[number % 2] for number in range(TEAMS)}
    return draw_city("a---c---b", teams=teams).with_policy(
        waiting=Waiting(limits={9: WaitLimit(1800, "LINE")})
    )


@contextmanager
def dispatcher_on(where: str) -> Iterator[Dispatcher]:
    """Open a ledger with a dispatcher over a small city."""
    ledger = open_ledger(where, busy_timeout_s=60)
    try:
        yield Dispatcher(
            DrawnRouter(city_of_teams()), ledger, ttl=timedelta(hours=1), keep=Keep.DIGEST
        )
    finally:
        ledger.close()


def dispatch(who: int, places: list[str], calls: int, start: Any, results: Connection) -> None:
    """Race on one ledger after the other; send what was told on each."""
    results.send([_raced(who, where, calls, start) for where in places])
    results.close()


def _raced(who: int, where: str, calls: int, start: Any) -> Told:
    """Reserve for one call after the other, whatever the others do; then end the call before."""
    told, city, before = Told([], []), city_of_teams(), None
    with dispatcher_on(where) as dispatcher:
        for number in range(calls):
            call_id, now = f"c-{who}-{number}", datetime.now(UTC)
            decision = dispatcher.receive(city.call("c", call_id=call_id, received_at=now))
            start.wait()  # a database may serve one process for long: now all ask at once
            made = _reserve(dispatcher, who, decision, f"k-{who}-{number}", told)
            told.acknowledged.append(
                (made.reservation_id, f"k-{who}-{number}", made.call_id, made.team_id)
            )
            _end(dispatcher, who, before, told)
            before = made
        _end(dispatcher, who, before, told)
    return told


def _end(dispatcher: Dispatcher, who: int, made: Reservation | None, told: Told) -> None:
    if made is not None:
        called = time.monotonic_ns()
        dispatcher.cancel(made.call_id, "caller_cancelled")
        returned = time.monotonic_ns()
        told.operations.append(Operation(who, called, returned, ("free", made.team_id), True))


def _reserve(
    dispatcher: Dispatcher, who: int, decision: Decision, key: str, told: Told
) -> Reservation:
    """Ask until there is a team: for the one recommended, else for one after the other."""
    tries = 0
    while True:
        team = f"T{(who + tries) % TEAMS}"
        team = decision.team_id if isinstance(decision, Recommendation) else team
        tries += 1
        called = time.monotonic_ns()
        try:
            made = dispatcher.reserve(decision, idempotency_key=key, team_id=team)
        except LedgerBusyError:
            continue  # nothing has happened
        returned, got = time.monotonic_ns(), isinstance(made, Reservation)
        told.operations.append(Operation(who, called, returned, ("take", team), got))
        if not isinstance(made, Conflict):
            return made
        assert made.decision is not None
        decision = made.decision
