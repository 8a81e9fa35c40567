"""Purges beside dispatchers on a server that cuts connections: nothing lost, nothing left."""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest

from tests.ledgers import schema_address
from tests.postgres import Server
from tests.races.dispatching import dispatcher_on
from tests.races.serving import Served, serve
from tests.races.thorough import THOROUGH
from tests.races.together import told_by
from unarmed_router.errors import LedgerBusyError, LedgerLostError
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.store import Recorded
from unarmed_router.ledger.verify import verify
from unarmed_router.model.events import CallReceived, Event, Purged, Reserved
from unarmed_router.operations.purging import purge

PROCESSES = 3
CALLS = 400 if THOROUGH else 25
"""Each process serves as many."""


class _Purges:
    """Purges of everything that has been read, one after the other, and of all that is over last.

    Parameters
    ----------
    ledger : SqlLedger
        Of its own.
    """

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger
        self.read: dict[int, Recorded] = {}

    def until(self, stop: threading.Event) -> None:
        """Purge until told to stop."""
        while not stop.wait(0.05):
            try:
                self.once()
            except (LedgerBusyError, LedgerLostError):
                continue

    def once(self) -> None:
        """Note what is there, then remove of it what is over."""
        for each in self._ledger.read(after=len(self.read)):
            assert each.event is not None, f"event {each.seq} was removed before it was read"
            self.read[each.seq] = each
        last = self.read[len(self.read)].at + timedelta(microseconds=1)
        purge(self._ledger, before=last)


@contextmanager
def _cut(postgres: Server, schema: str) -> Iterator[Counter[str]]:
    """Let the server end connections to a ledger at random, several times a second."""
    import psycopg  # noqa: PLC0415  # an extra

    stop, ended = threading.Event(), Counter[str]()
    rng = random.Random(PROCESSES)  # noqa: S311

    def run() -> None:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            while not stop.wait(rng.uniform(0.05, 0.4)):
                found = connection.execute(
                    "SELECT state, pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = %s ORDER BY random() LIMIT 1",
                    (schema,),
                )
                ended.update(str(state) for state, _ in found)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield ended
    finally:
        stop.set()
        thread.join()


@pytest.mark.slow
def test_purges_beside_dispatchers_lose_nothing_and_leave_nothing(postgres: Server) -> None:
    """What each process was told of has happened once, and of what ended only digests are left."""
    import psycopg  # noqa: PLC0415  # an extra

    schema = schema_address(postgres).rpartition("=")[2]
    where = f"{postgres.url}?schema={schema}&application_name={schema}"
    with dispatcher_on(where):
        pass  # tables and roster are there before the race
    with closing(open_ledger(where, busy_timeout_s=60)) as ledger:
        purges, stop = _Purges(ledger), threading.Event()
        thread = threading.Thread(target=purges.until, args=(stop,))
        thread.start()
        try:
            with _cut(postgres, schema) as cut:
                told: list[list[Served]] = told_by(serve, range(PROCESSES), where, CALLS)
        finally:
            stop.set()
            thread.join()
        assert cut
        with psycopg.connect(postgres.url, autocommit=True) as server:
            server.execute(f"ANALYZE {schema}.events, {schema}.assignments")
            purges.once()
            log = [purges.read[seq] for seq in range(1, len(purges.read) + 1)]
            calls = {e.event.call.call_id for e in log if isinstance(e.event, CallReceived)}
            _nothing_left(server, calls)
        _as_told([each.event for each in log if each.event is not None], told)
        found = list(ledger.read())
        assert [(e.seq, e.digest) for e in found[: len(log)]] == [(e.seq, e.digest) for e in log]
        gone = sum(each.event is None for each in found)
        assert sum(e.event.count for e in found if isinstance(e.event, Purged)) == gone
        assert gone > PROCESSES * CALLS
        assert verify(ledger).whole
    with dispatcher_on(where) as last:
        assert dict(last.board.calls) == {}
        teams = last.board.roster.snapshot().teams
        assert {state.status.value for state in teams} == {"available"}


def _as_told(events: list[Event], told: list[list[Served]]) -> None:
    """Compare the log, as it was before anything was removed, with what was acknowledged."""
    acknowledged = [each for one in told for each in one]
    assert len(acknowledged) == PROCESSES * CALLS
    held: dict[str, Reserved] = {}
    came_about: list[Served] = []
    for event in events:
        if isinstance(event, Reserved):
            assert event.team_id not in held, f"{event.team_id} is held twice"
            held[event.team_id] = event
        elif event.kind in {"call_closed", "call_cancelled"}:
            call_id = getattr(event, "call_id", "")
            (made,) = [each for each in held.values() if each.call_id == call_id]
            del held[made.team_id]
            came_about.append(
                (made.reservation_id, made.idempotency_key, call_id, made.team_id, event.kind)
            )
    assert held == {}
    assert sorted(came_about) == sorted(acknowledged)


def _nothing_left(connection: Any, calls: set[str]) -> None:
    """Look for calls in every table of the database, in those of the server's samples too."""
    assert len(calls) == PROCESSES * CALLS
    named = re.compile(r"(?<![\w-])call-\d+-\d+(?![\w-])")
    tables = "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
    for (table,) in connection.execute(tables).fetchall():
        content = f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t"  # noqa: S608
        ((text,),) = connection.execute(content).fetchall()
        assert not calls.intersection(named.findall(text)), table
