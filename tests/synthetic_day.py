"""A short, busy day in the embedded city through the dispatcher, the same for the same seed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.embedded import CLEAR
from unarmed_router.agency.folder import embedded_agency, load_agency
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Recommendation
from unarmed_router.model.team import TeamStatus
from unarmed_router.operations.clock import LedgerClock
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.outcomes import Reservation
from unarmed_router.operations.recording import Keep
from unarmed_router.router import Router

__all__ = ["START", "Day", "other_policy"]

START = datetime(2026, 11, 20, 16, tzinfo=UTC)
_NEXT = {
    TeamStatus.RESERVED: TeamStatus.EN_ROUTE,
    TeamStatus.EN_ROUTE: TeamStatus.ON_SCENE,
    TeamStatus.ON_SCENE: TeamStatus.CLEARING,
    TeamStatus.CLEARING: TeamStatus.AVAILABLE,
}
_BOX = {7: (-118.36, 34.05), 20: (-118.30, 34.06), 18: (-118.27, 33.94), 10: (-118.54, 34.20)}


class Day:
    """Plays calls and what follows from them, by chance of a seed, minute by minute.

    Parameters
    ----------
    ledger : MemoryLedger or SqlLedger
        Where it goes.
    keep : Keep
        What is kept of decisions.
    """

    def __init__(
        self, ledger: MemoryLedger | SqlLedger, *, keep: Keep = Keep.TEXT, seed: int = 1
    ) -> None:
        self.now = START
        self.random = random.Random(seed)  # noqa: S311  # chance, no secret
        self.ledger, self.keep = ledger, keep
        self.keys = itertools.count()
        self.made = itertools.count()
        self._open()

    def restarted(self) -> Day:
        """Return the day after its process was lost, at the same moment, on the same ledger."""
        self._open()
        return self

    def _open(self) -> None:
        agency = load_agency(embedded_agency(), clock=self._present)
        self.router = Router(agency, clock=self._present)
        clock = LedgerClock(self._present, lambda: self._present().timestamp())
        self.shift = Dispatcher(self.router, self.ledger, clock=clock, keep=self.keep)

    def play(self, minutes: int) -> None:
        """Let some minutes pass."""
        for _ in range(minutes):
            self.now += timedelta(seconds=60)
            self._move()
            for call in self._calls():
                decision = self.shift.receive(call)
                if isinstance(decision, Recommendation) and self.random.random() < 0.8:
                    self._reserve(decision)
                elif call.call_type == "suicide_threat" and call.call_id in self.shift.board.calls:
                    self._preempt(call.call_id)
            self._revise()
            self.shift.tick()
            offer = self.shift.next_offer()
            if offer is not None:
                self._reserve(offer)

    def _present(self) -> datetime:
        return self.now

    def _calls(self) -> Iterator[Call]:
        for _ in range(self.random.choice((0, 0, 1, 1, 2))):
            lon, lat = _BOX[self.random.choice((7, 7, 20, 20, 18, 10))]
            kinds = ("welfare_check", "welfare_check", "mental_health", "suicide_threat")
            yield Call(
                call_id=f"D-{next(self.made)}",
                lon=lon + self.random.uniform(-0.02, 0.02),
                lat=lat + self.random.uniform(-0.01, 0.01),
                call_type=self.random.choice(kinds),
                received_at=self.now - timedelta(seconds=self.random.randrange(30)),
                facts=self._facts(),
            )

    def _facts(self) -> dict[str, Answer]:
        facts = CLEAR.copy()
        chance = self.random.random()
        if chance < 0.1:
            facts["weapon"] = Answer.YES
        elif chance < 0.25:
            del facts["violence"]
        return facts

    def _reserve(self, decision: Recommendation) -> None:
        made = self.shift.reserve(decision, idempotency_key=f"k-{next(self.keys)}")
        if not isinstance(made, Reservation):
            return
        chance = self.random.random()
        if chance < 0.75:
            self.shift.accept(made.reservation_id)
        elif chance < 0.9:
            self.shift.decline(made.reservation_id, "crew_not_ready")

    def _preempt(self, call_id: str) -> None:
        offer = self.shift.preemption(call_id)
        if offer is not None:
            made = self.shift.preempt(offer, idempotency_key=f"k-{next(self.keys)}")
            if isinstance(made, Reservation):
                self.shift.accept(made.reservation_id)

    def _move(self) -> None:
        for known in self.shift.board.roster.snapshot().teams:
            team_id = known.team.team_id
            state = self.shift.board.roster.state(team_id)  # a reservation may have lapsed
            if self.random.random() < 0.5:
                lon = state.team.home_lon + self.random.uniform(-0.02, 0.02)
                lat = state.team.home_lat + self.random.uniform(-0.02, 0.02)
                self.shift.record_fix(team_id, lon=lon, lat=lat, at=self.now)
            held = self.shift.board.open_of_team.get(team_id)
            if held is not None and held.accepted_at is None:
                continue
            step = _NEXT.get(state.status)
            if step is not None and self.random.random() < 0.25:
                if state.status is TeamStatus.ON_SCENE and self.random.random() < 0.3:
                    self.shift.escalate(team_id, "hand_over", reason="weapon", target="LAPD_PATROL")
                elif state.status is TeamStatus.ON_SCENE and held is not None:
                    self.shift.close(held.call_id, "resolved")
                self.shift.report(team_id, step)

    def _revise(self) -> None:
        for record in list(self.shift.board.calls.values()):
            unknown = "violence" not in record.call.facts
            if unknown and record.waits and self.random.random() < 0.5:
                said = self.random.choice((Answer.NO, Answer.NO, Answer.YES))
                facts = {**record.call.facts, "violence": said}
                self.shift.revise(replace(record.call, facts=facts))


def other_policy(folder: Path) -> Path:
    """Write a policy that takes no welfare checks, beside what it needs."""
    source = embedded_agency().parent
    (folder / "call_codes.toml").write_text((source / "call_codes.toml").read_text("utf-8"))
    text = (source / "policy.toml").read_text("utf-8").replace("la-default-2026", "la-later-2026")
    before = '    "conflict_resolution", "welfare_check",\n'
    assert before in text
    path = folder / "later.toml"
    path.write_text(text.replace(before, '    "conflict_resolution",\n'), encoding="utf-8")
    return path
