"""Two dispatchers and a naive model that do the same: what every step compares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.oracles.shift import NaiveShift, RefusedError
from tests.postgres import Server
from tests.scenarios.city import NOON, draw_city
from tests.scenarios.shift import Clocks, DrawnRouter, dispatcher_in
from unarmed_router.errors import UnarmedRouterError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.board_view import BoardView
from unarmed_router.fleet.preemption import PreemptionOffer
from unarmed_router.ledger.assignments_sql import all_assignments
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.screening import Screening, StaleFix
from unarmed_router.model.waiting import Preemption, Waiting, WaitLimit
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.outcomes import Reservation

__all__ = ["CALL_BACK_S", "CITY", "FACTS", "LIMITS", "MATRIX", "SKEW", "TRAVEL", "TTL", "Pair"]

LIMITS, MATRIX, CALL_BACK_S, TTL, SKEW = {1: 300, 3: 1500}, {(1, 3): 50, (1, 2): 200}, 400, 60, 5
TRAVEL = {"T1": 40, "T2": 80, "T3": 150}
CITY = draw_city("a---c-------b------d", teams={"T1": "a", "T2": "b", "T3": "d"}).with_policy(
    waiting=Waiting(
        limits={n: WaitLimit(s, "LINE") for n, s in LIMITS.items()},
        call_back_s={"welfare_check": CALL_BACK_S},
    ),
    preemption=Preemption(MATRIX),
    screening=Screening(0, 300, StaleFix.HOME, 3600),
)
FACTS = {
    "plain": {"weapon": Answer.NO, "medical": Answer.NO},
    "armed": {"weapon": Answer.YES, "medical": Answer.NO},
    "unasked": {"medical": Answer.NO},
}


class Pair(RuleBasedStateMachine):
    """Two dispatchers on one ledger, and a model that shares no code with them."""

    server: Server | None = None

    def __init__(self) -> None:
        super().__init__()
        self.clocks = Clocks()
        self.model = NaiveShift(TRAVEL, LIMITS, MATRIX, CALL_BACK_S)
        self.ledger = self.opened()
        self.both = [dispatcher_in(CITY, self.ledger, self.clocks) for _ in range(2)]
        for who in range(2):  # they have read their clocks
            self.model.now(who, 0, 0)
        self.new_call, self.new_key = count(1), count(1)
        self.received: list[str] = []
        self.reservations: list[str] = []
        self.asked: list[tuple[str, str, str]] = []
        self.sent: list[tuple[str, str, int, int, str]] = []
        self.offers: list[PreemptionOffer] = []
        self.lapsed = [set[str](), set[str]()]
        self.refused = ""

    def opened(self) -> MemoryLedger | SqlLedger:
        """Open an empty ledger."""
        return MemoryLedger()

    # --- Both sides of an act

    @property
    def _wall(self) -> int:
        return round((self.clocks.wall - NOON).total_seconds())

    def both_do(
        self, who: int, real: Callable[[Dispatcher], Any], naive: Callable[[int], Any]
    ) -> tuple[Any, Any]:
        """Let both act, compare refusals; return what the dispatcher and the model say."""
        at = self.model.now(who, self._wall, round(self.clocks.steady_s))
        over = self.model.lapse(at)
        for heard in self.lapsed:
            heard.update(over)
        refused, refusal, expected, got = "", "", None, None
        try:
            expected = naive(at)
        except RefusedError as error:
            refused = str(error)
        before = self.ledger_seq()
        try:
            got = real(self.both[who])
        except UnarmedRouterError as error:
            refusal = type(error).__name__
        assert refusal == refused
        self.refused = refusal
        if self.ledger_seq() != before:
            self.model.last = at
        return got, expected

    def says(
        self,
        who: int,
        real: Callable[[Dispatcher], Any],
        naive: Callable[[int], Any],
        *,
        again: int,
    ) -> None:
        """Let both act; then say the very same again, as where the answer was lost.

        What was taken is taken again, whoever says it, and nothing is recorded by it.
        """
        self.both_do(who, real, naive)
        if self.refused:
            return
        for another in range(again):
            before = self.ledger_seq()
            self.both_do((who + another) % 2, real, naive)
            assert not self.refused
            kinds = [each.event.kind for each in self.ledger.read() if each.event]
            assert set(kinds[before:]) <= {"reservation_expired"}

    def ledger_seq(self) -> int:
        """Return the number of the last event."""
        return max((each.seq for each in self.ledger.read()), default=0)

    def call_of(self, call_id: str, kind: str, received: int) -> Call:
        """Make a call."""
        at = NOON + timedelta(seconds=received)
        return CITY.call("c", call_id=call_id, received_at=at, facts=FACTS[kind])

    def picked(self, pick: int) -> str:
        """Return an open call mostly, now and then one that has ended or was never received."""
        if pick == 0:
            return "c-none"
        of = list(self.model.ended if pick == 1 else self.model.calls) or ["c-none"]
        return of[-1 - pick % len(of)]

    def answered(self, pick: int) -> str:
        """Return an open reservation mostly, now and then one that is over."""
        of = self.reservations if pick < 2 else list(self.model.held) or self.reservations
        return of[-1 - pick % len(of)]

    # --- Time

    def receive_call(self, who: int, kind: str, priority: int) -> str:
        """Receive a new call; return its id."""
        call_id, received = f"c-{next(self.new_call)}", self._wall
        call = self.call_of(call_id, kind, received)
        self.both_do(
            who,
            lambda d: d.receive(call, priority=priority),
            lambda _: self.model.receive(call_id, kind, priority, received),
        )
        self.received.append(call_id)
        return call_id

    def send_call(self, who: int, kind: str, priority: int, *, accepted: bool) -> None:
        """Receive a new call and hold the nearest free team for it at once, if there is one."""
        call_id, received = f"c-{next(self.new_call)}", self._wall
        call, key = self.call_of(call_id, kind, received), f"k-{next(self.new_key)}"
        rid, model = f"new-{key}", self.model

        def naive(at: int) -> str:
            model.receive(call_id, kind, priority, received)
            free = model.free(model.calls[call_id]) if call_id in model.calls else []
            if not free:
                return "nobody"
            told = model.reserve(call_id, free[0], key, at, TTL, rid)
            if accepted:
                model.accept(rid)
            self.asked.append((call_id, free[0], key))
            return told

        got, expected = self.both_do(
            who,
            lambda d: d.send(
                call,
                idempotency_key=key,
                priority=priority,
                ttl=timedelta(seconds=TTL),
                accepted=accepted,
            ),
            naive,
        )
        assert (got[1] is None) == (expected == "nobody")
        self.compare_held(got[1], expected, rid)
        self.received.append(call_id)
        self.sent.append((call_id, kind, priority, received, key))

    def send_again(self, who: int, pick: int, *, accepted: bool) -> None:
        """Send a call once more, as where the answer was lost."""
        call_id, kind, priority, received, key = self.sent[-1 - pick % len(self.sent)]
        if key not in self.model.keys and call_id in self.model.calls:
            return  # whether somebody could go depends on what was decided last
        call, before = self.call_of(call_id, kind, received), self.ledger_seq()
        got, expected = self.both_do(
            who,
            lambda d: d.send(call, idempotency_key=key, priority=priority, accepted=accepted),
            lambda _: self.model.send_again(call_id, kind, priority, received, key, accepted),
        )
        kinds = [each.event.kind for each in self.ledger.read() if each.event]
        assert set(kinds[before:]) <= {"reservation_expired"}
        if got is not None:
            assert got[0].call_id == call_id
            assert (got[1] is None) == (expected == "nobody")
            self.compare_held(got[1], expected, "")

    def reserve_team(self, who: int, call_id: str, team: str, key: str, ttl: int) -> None:
        """Hold a team for a call under a key."""
        decision = CITY.decide(self.call_of(call_id, "plain", 0))
        rid = f"new-{key}"
        got, expected = self.both_do(
            who,
            lambda d: d.reserve(
                decision, idempotency_key=key, team_id=team, ttl=timedelta(seconds=ttl)
            ),
            lambda at: self.model.reserve(call_id, team, key, at, ttl, rid),
        )
        self.compare_held(got, expected, rid)
        self.asked.append((call_id, team, key))

    def compare_held(self, got: Any, expected: str, rid: str) -> None:
        """Compare a reservation with the model's, which learns its id."""
        if got is None:
            return
        if not isinstance(got, Reservation):
            assert got.reason == expected
            return
        assert ("repeated" if got.repeated else "made") == expected
        if got.repeated:
            assert self.model.keys[self._key_of(got)][0] == got.reservation_id
            return
        self.model.held[got.reservation_id] = self.model.held.pop(rid)
        self.model.calls[got.call_id]["held"] = got.reservation_id
        key = self._key_of(got, rid)
        self.model.keys[key] = got.reservation_id, got.call_id, got.team_id
        self.reservations.append(got.reservation_id)

    def _key_of(self, got: Reservation, rid: str = "") -> str:
        wanted = rid or got.reservation_id
        return next(key for key, made in self.model.keys.items() if made[0] == wanted)

    # --- What is always true

    @invariant()
    def the_log_tells_what_the_model_knows(self) -> None:
        """Rebuilt from the log alone: statuses, calls, counts, reservations, keys."""
        model = self.model
        board = Board(DrawnRouter(CITY).roster.with_states)
        for each in self.ledger.read():
            board.apply(each.seq, each.at, each.event)
        assert {t: board.roster.state(t).status.value for t in TRAVEL} == model.status
        assert {c: r.stage.value for c, r in board.calls.items()} == {
            c: x["stage"] for c, x in model.calls.items()
        }
        assert {c: ": ".join(how) for c, how in board.ended.items()} == model.ended
        assert dict(board.tally) == model.tally()
        assert sum(board.tally.values()) == len(self.received)
        assert dict(board.escalations) == model.redirects
        held = {rid: (r["call"], r["team"], r["accepted"]) for rid, r in model.held.items()}
        assert {
            rid: (a.call_id, a.team_id, a.accepted_at is not None)
            for rid, a in board.reservations.items()
        } == held
        assert {a.team_id: a for a in board.reservations.values()} == board.open_of_team
        assert {k: made[:3] for k, made in board.keys.items()} == model.keys
        assert self.in_the_ledger() == held
        for dispatcher in self.both:
            if dispatcher.board.seq == board.seq:
                same(dispatcher.board, board)

    def in_the_ledger(self) -> dict[str, tuple[str, str, bool]]:
        """Return the open assignments as the ledger itself has them, one a team and one a call."""
        if isinstance(self.ledger, MemoryLedger):
            every = list(self.ledger._log.assignments)
        else:
            every = self.ledger.reading(lambda session: list(all_assignments(session)))
        held = [each for each in every if each.state.value != "ended"]
        assert len({each.team_id for each in held}) == len({e.call_id for e in held}) == len(held)
        return {
            each.reservation_id: (each.call_id, each.team_id, each.state.value == "accepted")
            for each in held
        }

    def teardown(self) -> None:
        """Check the chain, let go."""
        if isinstance(self.ledger, SqlLedger):
            assert verify(self.ledger).whole
        self.ledger.close()


def same(one: BoardView, other: Board) -> None:
    """Compare what a dispatcher shows with a board, but for positions that are not on record."""
    for name in (
        "calls",
        "ended",
        "open_of_team",
        "reservations",
        "unanswered",
        "keys",
        "tally",
        "seq",
        "at",
    ):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert (dict(mine) if isinstance(mine, Mapping) else mine) == theirs, name
    for mine, rebuilt in zip(
        one.roster.snapshot().teams, other.roster.snapshot().teams, strict=True
    ):
        assert replace(mine, fix=None, fix_road=None) == replace(rebuilt, fix=None, fix_road=None)
