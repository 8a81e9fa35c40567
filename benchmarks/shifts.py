"""A day of a busy city: calls, moving teams, and everything that follows, through a dispatcher."""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from benchmarks.calls import AT, sent
from unarmed_router import Call, Router
from unarmed_router.fleet.roster import Roster
from unarmed_router.ledger.store import Ledger
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.shift import ALWAYS
from unarmed_router.model.team import TeamState, TeamStatus
from unarmed_router.operations.clock import LedgerClock
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.outcomes import Reservation

__all__ = ["Day", "Told", "staffed"]

TEAMS = 200
DAY = timedelta(hours=24)
STEPS = ((1, "en_route"), (6, "on_scene"), (11, "close"), (12, "available"))
"""Minutes after the reservation, and what a crew reports then."""


def staffed(router: Router, teams: int = TEAMS) -> Router:
    """Copy a router with so many teams, on duty all day, at random crossings of the city."""
    agency, rng = router.agency, np.random.default_rng(teams)
    states, network = router.roster.snapshot().teams, agency.network
    nodes = rng.integers(0, network.nodes, teams).tolist()
    made = [
        TeamState(
            team=replace(
                states[number % len(states)].team,
                team_id=f"team-{number:03}",
                home_lon=float(network.node_lon[node]),
                home_lat=float(network.node_lat[node]),
                shifts=ALWAYS,
            ),
            status=TeamStatus.AVAILABLE,
            status_at=AT - timedelta(minutes=1),
        )
        for number, node in enumerate(nodes)
    ]
    return Router(replace(agency, roster=Roster(made, roads=agency.roads)), clock=lambda: AT)


@dataclass
class Told:
    """What a day came to.

    Parameters
    ----------
    handled_s : list of float
        Seconds from a call's receipt to its reservation on disk, call by call.
    fixes : int
        Positions taken.
    """

    handled_s: list[float] = field(default_factory=list)
    fixes: int = 0


class Day:
    """Calls at even intervals, a hundred fixes before each, crews that report what they do.

    Parameters
    ----------
    router : Router
        Of the embedded city.
    ledger : Ledger
        Empty.
    calls, fixes : int
        How many of each, in 24 hours.
    """

    def __init__(self, router: Router, ledger: Ledger, *, calls: int, fixes: int) -> None:
        self.now = AT
        self.router, self._ledger = staffed(router), ledger
        self.calls, self._per_call = calls, fixes // calls
        self._gap = DAY / 20_000  # a part of a day is as busy as the whole
        self.dispatcher = self.opened(self.router)
        self._places = sent(router, min(calls, 2000))
        network, rng = router.agency.network, np.random.default_rng(9)
        nodes = rng.integers(0, network.nodes, 4096)
        self._lons, self._lats = network.node_lon[nodes].tolist(), network.node_lat[nodes].tolist()
        self._due: list[tuple[datetime, int, str, str, str]] = []
        self._fixes = 0

    def opened(self, router: Router) -> Dispatcher:
        """Open the ledger."""

        def steady() -> float:
            return (self.now - AT).total_seconds()

        return Dispatcher(router, self._ledger, clock=LedgerClock(lambda: self.now, steady))

    def run(self) -> Told:
        """Run it."""
        told = Told()
        for number in range(self.calls):
            self.now += self._gap
            self._move()
            self._report()
            self.dispatcher.tick()
            place = self._places[number % len(self._places)]
            call = replace(place, call_id=f"call-{number}", received_at=self.now)
            began = time.perf_counter()
            self._handle(call, number)
            told.handled_s.append(time.perf_counter() - began)
        told.fixes = self._fixes
        return told

    def _move(self) -> None:
        for step in range(self._per_call):
            number = self._fixes
            self._fixes += 1
            place = number % len(self._lons)
            self.dispatcher.record_fix(
                f"team-{number % TEAMS:03}",
                lon=self._lons[place],
                lat=self._lats[place],
                at=self.now + timedelta(microseconds=step),
            )

    def _handle(self, call: Call, number: int) -> None:
        decision = self.dispatcher.receive(call)
        if not isinstance(decision, Recommendation):
            return
        made = self.dispatcher.reserve(decision, idempotency_key=f"key-{number}")
        if isinstance(made, Reservation):
            for minutes, what in STEPS:
                at = self.now + timedelta(minutes=minutes) - timedelta(seconds=10)
                heapq.heappush(self._due, (at, number, what, made.team_id, made.call_id))

    def _report(self) -> None:
        while self._due and self._due[0][0] <= self.now:
            _, _, what, team_id, call_id = heapq.heappop(self._due)
            if what == "close":
                self.dispatcher.close(call_id, "resolved")
            else:
                self.dispatcher.report(team_id, what)
