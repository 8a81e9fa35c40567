"""One dispatcher that serves calls while others purge; a module of its own, to be spawned."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from tests.races.dispatching import city_of_teams
from tests.scenarios.shift import DrawnRouter
from unarmed_router.errors import (
    LedgerBusyError,
    LedgerLostError,
    LifecycleError,
    UnknownCallError,
)
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.model.call import Call
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.recording import Keep

__all__ = ["Served", "serve"]

T = TypeVar("T")
Served = tuple[str, str, str, str, str]
"""Reservation, key, call and team, and how the call ended."""


def serve(who: int, where: str, calls: int, start: Any, results: Connection) -> None:
    """Send a team to one call after the other, and end it: two of three accepted and closed.

    Whatever a lost connection leaves open is asked until it is known. Sends what came about.
    """
    told: list[Served] = []
    city = city_of_teams()
    ledger = _again(partial(open_ledger, where, busy_timeout_s=60))
    with closing(ledger):
        dispatcher = _again(
            lambda: Dispatcher(DrawnRouter(city), ledger, ttl=timedelta(hours=1), keep=Keep.DIGEST)
        )
        start.wait()
        for number in range(calls):
            call_id = f"call-{who}-{number}"
            call = city.call("c", call_id=call_id, received_at=datetime.now(UTC))
            held = _sent(dispatcher, ledger, call, f"key-{who}-{number}")
            if number % 3:
                _again(partial(dispatcher.accept, held[0]))
                _over(partial(dispatcher.close, call_id, "resolved"))
                told.append((*held, "call_closed"))
            else:
                _over(partial(dispatcher.cancel, call_id, "caller_cancelled"))
                told.append((*held, "call_cancelled"))
    results.send(told)
    results.close()


def _sent(
    dispatcher: Dispatcher, ledger: SqlLedger, call: Call, key: str
) -> tuple[str, str, str, str]:
    """Take a call in and hold a team for it; there are more of them than dispatchers."""
    while True:
        try:
            _, made = dispatcher.send(call, idempotency_key=key)
        except LifecycleError:  # an attempt whose answer was lost has come about
            before = _again(partial(ledger.reservation_of, key))
            assert before is not None
            return before.reservation_id, key, call.call_id, before.team_id
        if made is not None:  # else the decision is not logged
            return made.reservation_id, key, call.call_id, made.team_id


def _again(act: Callable[[], T]) -> T:
    """Act until the ledger has taken it."""
    while True:
        try:
            return act()
        except (LedgerBusyError, LedgerLostError):
            continue


def _over(act: Callable[[], None]) -> None:
    """End a call, which may have ended by an attempt whose answer was lost."""
    lost = False
    while True:
        try:
            return act()
        except (LedgerBusyError, LedgerLostError):
            lost = True
        except UnknownCallError:
            assert lost
            return None
