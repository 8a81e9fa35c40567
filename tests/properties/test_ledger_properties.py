"""Any sequence of acts on any ledger does what a list that is looked through would do."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.ledgers import NOON, AnyLedger, received, schema_address
from tests.oracles.assignments import Naive, Row
from tests.postgres import Server
from unarmed_router.errors import AlreadyAssignedError, InputError
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.retention import purge
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.events import (
    CallClosed,
    Event,
    Preempted,
    ReservationAccepted,
    ReservationDeclined,
    ReservationExpired,
    Reserved,
)
from unarmed_router.model.outcome import DeclineReason, Disposition

TEAMS = CALLS = st.integers(0, 3)
PICK = st.integers(0, 30)
ACTS = st.sampled_from(["accept", "decline", "expire", "preempt", "close"])


def _event(act: str, row: Row) -> Event:
    who: dict[str, Any] = {"reservation_id": row.id, "call_id": row.call, "team_id": row.team}
    makes: dict[str, Callable[[], Event]] = {
        "accept": lambda: ReservationAccepted(**who),
        "decline": lambda: ReservationDeclined(**who, reason=DeclineReason.OTHER),
        "expire": lambda: ReservationExpired(**who),
        "preempt": lambda: Preempted(**who, for_call_id="C9", gain_ms=1),
        "close": lambda: CallClosed(**who, disposition=Disposition.RESOLVED),
    }
    return makes[act]()


class LedgerMachine(RuleBasedStateMachine):
    """A ledger beside a list of events and a list of reservations."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOON
        self.log: list[tuple[datetime, Event]] = []
        self.naive = Naive()
        self.serial = 0
        self.seen = 0
        self.ledger: AnyLedger = self.opened()

    def opened(self) -> AnyLedger:
        """Open the ledger."""
        raise NotImplementedError

    @initialize()
    def start(self) -> None:
        """Receive a call, so that there is something to read."""
        self.put(received(0))

    def put(self, *events: Event) -> None:
        """Append in a transaction of its own; news must be what was not seen."""
        with self.ledger.transaction(seen=self.seen) as act:
            assert [each.event for each in act.news] == [e for _, e in self.log[self.seen :]]
            numbers = [each.seq for each in act.append(events, at=self.at)]
        assert numbers == list(range(len(self.log) + 1, len(self.log) + len(events) + 1))
        self.log += [(self.at, event) for event in events]

    @rule(team=TEAMS, call=CALLS, lasts=st.integers(1, 3), again=st.none() | PICK)
    def reserve(self, team: int, call: int, lasts: int, again: int | None) -> None:
        """Reserve, now and then under a key used before; refused exactly when the list says so."""
        self.serial += 1
        row = Row(
            id=f"R{self.serial}",
            key=f"K{self.serial}",
            call=f"C{call}",
            team=f"T{team}",
            until=self.at + timedelta(minutes=lasts),
        )
        if again is not None and self.naive.rows:
            row.key = self.naive.rows[again % len(self.naive.rows)].key
        event = Reserved(
            reservation_id=row.id,
            idempotency_key=row.key,
            call_id=row.call,
            team_id=row.team,
            expires_at=row.until,
            decision="0" * 64,
        )
        holder = self.naive.holder(row)
        if holder is None:
            self.put(received(call), event)
            self.naive.rows.append(row)
            return
        with pytest.raises(AlreadyAssignedError) as caught:
            self.put(received(call), event)
        assert (caught.value.what, caught.value.holder) == holder

    @precondition(lambda self: self.naive.rows)
    @rule(act=ACTS, pick=PICK)
    def move(self, act: str, pick: int) -> None:
        """Move a reservation on; refused exactly when it does not fit."""
        row = self.naive.rows[-1 - pick % min(4, len(self.naive.rows))]
        if not self.naive.can(act, row, self.at):
            with pytest.raises(InputError):
                self.put(_event(act, row))
            return
        self.put(_event(act, row))
        row.state = "accepted" if act == "accept" else "ended"

    @precondition(lambda self: self.naive.rows)
    @rule(pick=PICK)
    def swap(self, pick: int) -> None:
        """End a reservation and make another of its team in one append, as a pre-emption does."""
        row = self.naive.rows[pick % len(self.naive.rows)]
        self.serial += 1
        new = Row(f"R{self.serial}", f"K{self.serial}", "C0", row.team, self.at)
        before, row.state = row.state, "ended"
        ends_and_fits = before == "accepted" and self.naive.holder(new) is None
        events = [
            _event("preempt", row),
            Reserved(
                reservation_id=new.id,
                idempotency_key=new.key,
                call_id=new.call,
                team_id=new.team,
                expires_at=self.at,
                decision="0" * 64,
            ),
        ]
        if ends_and_fits:
            self.put(*events)
            self.naive.rows.append(new)
            return
        row.state = before
        with pytest.raises((AlreadyAssignedError, InputError)):
            self.put(*events)

    @rule(seconds=st.integers(0, 90))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)

    @rule()
    def go_back(self) -> None:
        """Give an earlier time: refused, nothing happens."""
        last, _ = self.log[-1]
        with (
            self.ledger.transaction(seen=len(self.log)) as act,
            pytest.raises(InputError, match="backwards"),
        ):
            act.append([received(0)], at=last - timedelta(microseconds=1))

    @rule()
    def fail(self) -> None:
        """Raise inside a transaction: nothing of it is in force."""

        def act() -> None:
            with self.ledger.transaction(seen=self.seen) as transaction:
                row = Row("RX", "KX", "C0", "T0", self.at)
                if self.naive.holder(row) is None:
                    reserved = Reserved(
                        reservation_id=row.id,
                        idempotency_key=row.key,
                        call_id=row.call,
                        team_id=row.team,
                        expires_at=self.at,
                        decision="0" * 64,
                    )
                    transaction.append([reserved], at=self.at)
                transaction.append([received(1)], at=self.at)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            act()
        assert self.ledger.reservation_of("KX") is None

    @rule(back=st.integers(0, 5))
    def forget(self, back: int) -> None:
        """Look again from earlier on."""
        self.seen = max(0, len(self.log) - back)

    @invariant()
    def everything_is_there(self) -> None:
        """Compare the log, its times, and what each key reserved."""
        found = [(each.at, each.event) for each in self.ledger.read(after=self.seen)]
        assert found == self.log[self.seen :]
        for row in self.naive.rows[-3:]:
            held = self.ledger.reservation_of(row.key)
            assert held is not None
            assert (held.reservation_id, held.team_id) == (row.id, row.team)

    def teardown(self) -> None:
        """Check all of it once more, and let go of it."""
        assert [(each.at, each.event) for each in self.ledger.read()] == self.log
        self.ledger.close()


class StoredMachine(LedgerMachine):
    """The same on a database: opened again, and checked."""

    @rule()
    def reopen(self) -> None:
        """Close it and open it: nothing is another."""
        self.ledger.close()
        self.ledger = self.opened()

    @rule()
    def check(self) -> None:
        """Verify it."""
        assert isinstance(self.ledger, SqlLedger)
        result = verify(self.ledger)
        assert (result.whole, result.events) == (True, len(self.log)), result

    def teardown(self) -> None:
        """Remove what is over: it still verifies, and open reservations are as before."""
        assert isinstance(self.ledger, SqlLedger)
        purge(self.ledger, before=self.at, at=self.at)
        result = verify(self.ledger)
        assert result.whole, result
        for row in self.naive.rows:
            if row.state != "ended":
                assert self.ledger.reservation_of(row.key) is not None
        self.ledger.close()


def _run(machine: type[LedgerMachine], examples: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_ledger_in_memory_does_what_a_list_does() -> None:
    """Many short shifts."""

    class Machine(LedgerMachine):
        def opened(self) -> AnyLedger:
            return MemoryLedger()

    _run(Machine, 60)


@pytest.mark.slow
def test_a_ledger_in_a_file_does_what_a_list_does(quick_path: Path) -> None:
    """Every example has a file of its own."""

    class Machine(StoredMachine):
        def __init__(self) -> None:
            self.folder = Path(tempfile.mkdtemp(dir=quick_path))
            super().__init__()

        def opened(self) -> AnyLedger:
            return open_ledger(self.folder / "ledger.sqlite")

        def teardown(self) -> None:
            super().teardown()
            shutil.rmtree(self.folder)

    _run(Machine, 25)


@pytest.mark.slow
def test_a_ledger_on_a_server_does_what_a_list_does(postgres: Server) -> None:
    """Every example has a schema of its own."""

    class Machine(StoredMachine):
        def __init__(self) -> None:
            self.address = schema_address(postgres)
            super().__init__()

        def opened(self) -> AnyLedger:
            return open_ledger(self.address)

    _run(Machine, 12)
