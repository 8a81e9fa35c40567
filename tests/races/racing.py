"""One process of a race for teams; a module of its own, because processes are spawned."""

from __future__ import annotations

import random
import time
from contextlib import closing
from multiprocessing.connection import Connection
from typing import Any

from tests.ledgers import NOON, declined, reserved
from unarmed_router.errors import AlreadyAssignedError, LedgerBusyError
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.model.events import Event, Reserved

__all__ = ["race", "wanted"]

TRIES = 50


def wanted(client: int, pair: int, attempt: int) -> Reserved:
    """Make what a client asks for: team and call of a number, with a key of its own."""
    number = (client * 10 + attempt) * 100_000 + pair
    return reserved(number, team=f"T{pair}", call=f"C{pair}")


def race(client: int, where: str, pairs: int, start: Any, results: Connection) -> None:
    """Race for every pair, in an order of its own; give every fifth team back and try once more.

    Sends the history: (pair, what, called, returned, result), times in nanoseconds of one clock.
    """
    order = list(range(pairs))
    random.Random(client).shuffle(order)  # noqa: S311
    history: list[tuple[int, tuple[str, str], int, int, str]] = []

    def do(ledger: SqlLedger, pair: int, kind: str, event: Event, reservation_id: str) -> str:
        called = time.monotonic_ns()
        result = _append(ledger, event)
        history.append((pair, (kind, reservation_id), called, time.monotonic_ns(), result))
        return result

    with closing(open_ledger(where, busy_timeout_s=60)) as ledger:
        start.wait()
        for pair in order:
            first = wanted(client, pair, 0)
            if do(ledger, pair, "reserve", first, first.reservation_id) == "" and pair % 5 == 0:
                do(ledger, pair, "decline", declined(first), first.reservation_id)
                again = wanted(client, pair, 1)
                do(ledger, pair, "reserve", again, again.reservation_id)
    results.send(history)
    results.close()


def _append(ledger: SqlLedger, event: Event) -> str:
    """Append an event; return who holds the team instead, or nothing."""
    for _ in range(TRIES):
        try:
            with ledger.transaction(seen=None) as transaction:
                transaction.append([event], at=NOON)
        except AlreadyAssignedError as error:
            return error.holder
        except LedgerBusyError:
            continue
        return ""
    raise RuntimeError("the ledger was busy for too long")
