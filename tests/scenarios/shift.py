"""A shift in a drawn city: a dispatcher on any ledger, with clocks that a test turns by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.scenarios.city import NOON, City, draw_city
from unarmed_router.dispatch.desk import Desk
from unarmed_router.fleet.roster import Roster
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.store import Ledger
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.waiting import Waiting, WaitLimit
from unarmed_router.operations.clock import LedgerClock
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.outcomes import Reservation

__all__ = ["WAITING", "Clocks", "DrawnRouter", "Shift", "dispatcher_in", "shift_in", "street"]

WAITING = Waiting(limits={3: WaitLimit(1800, "LINE")})
"""A call of priority 3 waits half an hour for a team."""


@dataclass
class Clocks:
    """A wall clock that may jump, and a steady one that never does.

    Parameters
    ----------
    wall : datetime
        What the wall clock shows.
    steady_s : float
        Seconds on the steady clock.
    """

    wall: datetime = NOON
    steady_s: float = 0.0

    def pass_by(self, seconds: float) -> None:
        """Let time pass, on both."""
        self.wall += timedelta(seconds=seconds)
        self.steady_s += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock."""
        self.wall += timedelta(seconds=seconds)

    def ledger_clock(self) -> LedgerClock:
        """Make a ledger clock that reads them."""
        return LedgerClock(lambda: self.wall, lambda: self.steady_s)


@dataclass(frozen=True)
class _Named:
    agency_id: str


@dataclass
class DrawnRouter:
    """A drawn city in the place of a router."""

    city: City
    roster: Roster = field(init=False)
    desk: Desk = field(init=False)
    agency: _Named = field(default=_Named("drawn"))

    def __post_init__(self) -> None:
        self.roster, self.desk = self.city.roster(), Desk(self.city.world)


@dataclass
class Shift:
    """A dispatcher with everything a scenario touches."""

    city: City
    ledger: Ledger
    clocks: Clocks
    dispatcher: Dispatcher

    def receive(self, call_id: str, at: str = "c", **fields: Any) -> Decision:
        """Receive a call at a crossing, now."""
        priority = fields.pop("priority", None)
        fields.setdefault("received_at", self.clocks.wall)
        call = self.city.call(at, call_id=call_id, **fields)
        return self.dispatcher.receive(call, priority=priority)

    def reserved(self, call_id: str, at: str = "c", **fields: Any) -> Reservation:
        """Receive a call and hold the team that is recommended."""
        decision = self.receive(call_id, at, **fields)
        assert isinstance(decision, Recommendation)
        made = self.dispatcher.reserve(decision, idempotency_key=f"key-{call_id}")
        assert isinstance(made, Reservation)
        return made

    def assigned(self, call_id: str, at: str = "c", *, status: str = "", **fields: Any) -> str:
        """Receive a call and let a team accept it; return the team, which may report a status."""
        made = self.reserved(call_id, at, **fields)
        self.dispatcher.accept(made.reservation_id)
        if status:
            self.dispatcher.report(made.team_id, status)
        return made.team_id

    def status(self, team_id: str) -> str:
        """Return what a team is doing."""
        return self.dispatcher.board.roster.state(team_id).status.value

    def stage(self, call_id: str) -> str:
        """Return how far an open call has come, or the outcome and reason of one that has ended."""
        board = self.dispatcher.board
        if call_id in board.ended:
            return ": ".join(board.ended[call_id])
        return board.calls[call_id].stage.value

    def events(self) -> list[str]:
        """Return the kinds of the events in the ledger, in order."""
        return [each.event.kind for each in self.ledger.read() if each.event is not None]

    def again(self) -> Shift:
        """Open another dispatcher on the same ledger, as after a crash."""
        return shift_in(self.city, self.ledger, self.clocks)


def street(**teams: str) -> City:
    """Draw a street whose calls wait for a team, c nearer to a than to b; T1 is at a by default."""
    city = draw_city("a---c-----b", teams=teams or {"T1": "a"})
    return city.with_policy(waiting=WAITING)


def dispatcher_in(city: City, ledger: Ledger, clocks: Clocks, **options: Any) -> Dispatcher:
    """Make a dispatcher over a drawn city."""
    return Dispatcher(DrawnRouter(city), ledger, clock=clocks.ledger_clock(), **options)


def shift_in(
    city: City, ledger: Ledger | None = None, clocks: Clocks | None = None, **options: Any
) -> Shift:
    """Begin a shift in a drawn city; on a ledger in memory unless one is given."""
    ledger, clocks = ledger or MemoryLedger(), clocks or Clocks()
    return Shift(city, ledger, clocks, dispatcher_in(city, ledger, clocks, **options))
