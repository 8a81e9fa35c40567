"""Whole shifts of random acts by two dispatchers on one ledger, beside a naive model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.ledgers import schema_address
from tests.oracles.shift import NaiveShift, RefusedError
from tests.postgres import Server
from tests.scenarios.city import NOON, draw_city
from tests.scenarios.shift import Clocks, DrawnRouter, dispatcher_in
from unarmed_router.errors import UnarmedRouterError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.preemption import PreemptionOffer
from unarmed_router.ledger.assignments_sql import all_assignments
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.ledger.verify import verify
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.outcome import CancelReason, Disposition
from unarmed_router.model.program import Screening, StaleFix
from unarmed_router.model.team import TeamStatus
from unarmed_router.model.waiting import Preemption, Waiting, WaitLimit
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.outcomes import Reservation

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
WHO, PICK, PRIORITY = st.integers(0, 1), st.integers(0, 11), st.sampled_from([1, 2, 3])
KIND = st.sampled_from(["plain", "plain", "plain", "armed", "unasked"])
JUMPS = [0, 0, 0, 0, -4000, -90, -5, 5, 70, 400]
TEAM = st.sampled_from(list(TRAVEL))
REPORTED = [status.value for status in TeamStatus]


class ShiftMachine(RuleBasedStateMachine):
    """Each rule lets one dispatcher and the model do the same, and compares what they say."""

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
        self.offers: list[PreemptionOffer] = []
        self.lapsed = [set[str](), set[str]()]

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
        if self.ledger_seq() != before:
            self.model.last = at
        return got, expected

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

    @rule(seconds=st.sampled_from([60, 1, 61, 19, 200, 59]), jump=st.sampled_from(JUMPS))
    def time_passes(self, seconds: int, jump: int) -> None:
        """On both clocks, and somebody may set the one on the wall."""
        self.clocks.pass_by(seconds)
        self.clocks.jump(jump)

    @rule(who=WHO)
    def a_process_is_killed(self, who: int) -> None:
        """Another one opens the ledger; what the old one had not told, it never will."""
        del self.model.clocks[who]
        self.both_do(who, lambda _: None, lambda _: None)
        self.both[who] = dispatcher_in(CITY, self.ledger, self.clocks)
        self.lapsed[who] = set()

    @rule(who=WHO)
    def tick(self, who: int) -> None:
        """Time has its way."""
        got, (late, due) = self.both_do(who, lambda d: d.tick(), self.model.tick)
        assert set(got.expired) >= self.lapsed[who]  # and those let go before their time
        self.lapsed[who] = set()
        assert set(got.referred) == late
        assert list(got.call_backs) == due

    # --- Calls

    @rule(who=WHO, calls=st.lists(st.tuples(KIND, PRIORITY), min_size=1, max_size=3))
    def receive(self, who: int, calls: list[tuple[str, int]]) -> None:
        """Take new calls in."""
        for kind, priority in calls:
            self._receive(who, kind, priority)

    @rule(who=WHO, priority=PRIORITY, steps=st.sampled_from([2, 0, 1, 3, 0]))
    def serve(self, who: int, priority: int, steps: int) -> None:
        """Receive a call and let a team take it, as far as it gets."""
        call_id = self._receive(who, "plain", priority)
        teams = self.model.free(self.model.calls[call_id])
        if not teams:
            return
        self._reserve(who, call_id, teams[0], f"k-{next(self.new_key)}", TTL)
        rid = self.model.calls[call_id]["held"]
        if steps:
            self.both_do(1 - who, lambda d: d.accept(rid), lambda _: self.model.accept(rid))
        for _ in range(1, steps):
            self.go_on(who, teams[0])

    def _receive(self, who: int, kind: str, priority: int) -> str:
        call_id, received = f"c-{next(self.new_call)}", self._wall
        call = self.call_of(call_id, kind, received)
        self.both_do(
            who,
            lambda d: d.receive(call, priority=priority),
            lambda _: self.model.receive(call_id, kind, priority, received),
        )
        self.received.append(call_id)
        return call_id

    @precondition(lambda self: self.received)
    @rule(who=WHO, pick=PICK)
    def receive_again(self, who: int, pick: int) -> None:
        """Receive a call that is known, which is refused."""
        call_id = self.picked(pick)
        if call_id != "c-none":
            call = self.call_of(call_id, "plain", 0)
            self.both_do(
                who,
                lambda d: d.receive(call),
                lambda _: self.model.receive(call_id, "plain", 3, 0),
            )

    @precondition(lambda self: self.received)
    @rule(who=WHO, pick=PICK, kind=KIND)
    def revise(self, who: int, pick: int, kind: str) -> None:
        """More is known of a call."""
        call_id = self.picked(pick)
        received = self.model.calls.get(call_id, {}).get("received", 0)
        call = self.call_of(call_id, kind, received)
        got, recall = self.both_do(
            who, lambda d: d.revise(call), lambda at: self.model.revise(call_id, kind, at)
        )
        if got is not None:
            assert got.recall == recall

    @precondition(lambda self: self.received)
    @rule(who=WHO, pick=PICK, reason=st.sampled_from(CancelReason))
    def cancel(self, who: int, pick: int, reason: CancelReason) -> None:
        """Let a caller hang up."""
        call_id = self.picked(pick)
        self.both_do(
            who,
            lambda d: d.cancel(call_id, reason),
            lambda at: self.model.finish(call_id, f"cancelled: {reason}", at),
        )

    @precondition(lambda self: self.received)
    @rule(who=WHO, pick=PICK)
    def refer(self, who: int, pick: int) -> None:
        """Somebody else takes it."""
        call_id = self.picked(pick)
        self.both_do(
            who,
            lambda d: d.refer(call_id, "no_team_in_time", "FIRE"),
            lambda at: self.model.finish(call_id, "referred: no_team_in_time", at),
        )

    @precondition(lambda self: self.received)
    @rule(who=WHO, pick=PICK, disposition=st.sampled_from(Disposition))
    def close(self, who: int, pick: int, disposition: Disposition) -> None:
        """Let a team be done."""
        call_id = self.picked(pick)
        self.both_do(
            who,
            lambda d: d.close(call_id, disposition),
            lambda at: self.model.close(call_id, disposition.value, at),
        )

    @precondition(lambda self: self.received)
    @rule(who=WHO, pick=PICK)
    def called_back(self, who: int, pick: int) -> None:
        """Call a caller back."""
        call_id = self.picked(pick)
        self.both_do(
            who,
            lambda d: d.called_back(call_id),
            lambda at: self.model.called_back(call_id, at),
        )

    # --- Reservations

    @precondition(lambda self: self.received)
    @rule(who=WHO, pick=PICK, team=TEAM, ttl=st.sampled_from([20, TTL]), again=st.integers(0, 9))
    def reserve(self, who: int, pick: int, team: str, ttl: int, again: int) -> None:
        """Hold a team that is named, now and then under a key used before."""
        call_id, key = self.picked(pick), f"k-{next(self.new_key)}"
        if again == 0 and self.asked:
            call_id, team, key = self.asked[-1]
        self._reserve(who, call_id, team, key, ttl)

    @precondition(lambda self: self.received)
    @rule(who=WHO)
    def take_the_offer(self, who: int) -> None:
        """Find the best match over the whole queue and hold it."""
        got, expected = self.both_do(who, lambda d: d.next_offer(), lambda _: self.model.offer())
        assert (None if got is None else (got.call_id, got.team_id)) == expected
        if got is not None:
            call = self.model.calls[got.call_id]
            call["stage"] = "queued" if call["stage"] == "queued" else "recommended"
            self._reserve(1 - who, got.call_id, got.team_id, f"k-{next(self.new_key)}", TTL)

    def _reserve(self, who: int, call_id: str, team: str, key: str, ttl: int) -> None:
        decision = CITY.decide(self.call_of(call_id, "plain", 0))
        rid = f"new-{key}"
        got, expected = self.both_do(
            who,
            lambda d: d.reserve(
                decision, idempotency_key=key, team_id=team, ttl=timedelta(seconds=ttl)
            ),
            lambda at: self.model.reserve(call_id, team, key, at, ttl, rid),
        )
        self._compare(got, expected, rid)
        self.asked.append((call_id, team, key))

    def _compare(self, got: Any, expected: str, rid: str) -> None:
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

    @precondition(lambda self: any(r["accepted"] for r in self.model.held.values()))
    @rule(who=WHO, urgent=st.booleans(), pick=PICK, at_once=st.booleans())
    def find_preemption(self, who: int, urgent: bool, pick: int, at_once: bool) -> None:
        """Ask which team en route should rather take a call; perhaps take it."""
        call_id = self._receive(1 - who, "plain", 1) if urgent else self.picked(pick)
        self.both_do(who, lambda d: d.tick(), self.model.tick)  # in step with the ledger
        try:
            expected = self.model.taking(call_id)
        except RefusedError:
            return
        offer = self.both[who].preemption(call_id)
        assert (None if offer is None else offer.team_id) == expected
        if offer is not None:
            self.offers.append(offer)
            if at_once:
                self.preempt(1 - who, 0)

    @precondition(lambda self: self.offers)
    @rule(who=WHO, pick=PICK)
    def preempt(self, who: int, pick: int) -> None:
        """Carry out an offer, perhaps an old one."""
        offer, key = self.offers[-1 - pick % len(self.offers)], f"k-{next(self.new_key)}"
        call_id, rid = offer.decision.call_id, f"new-{key}"
        got, expected = self.both_do(
            who,
            lambda d: d.preempt(offer, idempotency_key=key),
            lambda at: self.model.preempt(call_id, offer.team_id, key, at, TTL, rid),
        )
        self._compare(got, expected, rid)

    @precondition(lambda self: self.reservations)
    @rule(who=WHO, pick=PICK)
    def accept(self, who: int, pick: int) -> None:
        """Let a team take its call; or answer for a reservation that is over."""
        rid = self.answered(pick)
        self.both_do(who, lambda d: d.accept(rid), lambda _: self.model.accept(rid))

    @precondition(lambda self: self.reservations)
    @rule(who=WHO, pick=PICK)
    def decline(self, who: int, pick: int) -> None:
        """Let a team give its call back."""
        rid = self.answered(pick)
        self.both_do(
            who, lambda d: d.decline(rid, "unsafe"), lambda at: self.model.decline(rid, at)
        )

    # --- Teams

    @rule(
        who=WHO,
        team=TEAM,
        status=st.sampled_from(REPORTED),
        off=st.sampled_from([0, 0, 0, -4, -6, -70, 30, 61]),
    )
    def report(self, who: int, team: str, status: str, off: int) -> None:
        """Any report, in time or not, legal or not."""
        since = self._wall + off
        self.both_do(
            who,
            lambda d: d.report(team, status, since=NOON + timedelta(seconds=since)),
            lambda at: self.model.report(team, status, since, at, SKEW),
        )

    @rule(who=WHO, team=TEAM)
    def go_on(self, who: int, team: str) -> None:
        """Report the next step of a call, so that calls come to their end."""
        steps = {
            "reserved": "en_route", "en_route": "on_scene", "on_scene": "clearing",
            "clearing": "available", "out_of_service": "available", "off_duty": "available",
            "transporting": "clearing",
        }  # fmt: skip
        status = steps.get(self.model.status[team])
        if status is not None:
            self.both_do(
                who,
                lambda d: d.report(team, status),
                lambda at: self.model.report(team, status, at, at, SKEW),
            )

    @rule(who=WHO, team=TEAM, act=st.sampled_from(["assist", "hand_over"]))
    def escalate(self, who: int, team: str, act: str) -> None:
        """Let a team ask for somebody."""
        self.both_do(
            who,
            lambda d: d.escalate(team, act, reason="weapon", target="POLICE"),
            lambda at: self.model.escalate(team, act, "POLICE", at),
        )

    @rule(who=WHO, team=TEAM)
    def position(self, who: int, team: str) -> None:
        """Send a fix at home: nothing moves, and decisions put it on record."""
        self.model.now(who, self._wall, round(self.clocks.steady_s))
        (state,) = [each for each in CITY.states if each.team.team_id == team]
        self.both[who].record_fix(
            team, lon=state.team.home_lon, lat=state.team.home_lat, at=self.clocks.wall
        )

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


def same(one: Board, other: Board) -> None:
    """Compare two boards, but for positions that are not on record."""
    for name in ("calls", "ended", "open_of_team", "reservations", "keys", "tally", "seq", "at"):
        assert getattr(one, name) == getattr(other, name), name
    for mine, rebuilt in zip(
        one.roster.snapshot().teams, other.roster.snapshot().teams, strict=True
    ):
        assert replace(mine, fix=None, fix_road=None) == replace(rebuilt, fix=None, fix_road=None)


class SqliteMachine(ShiftMachine):
    """The same on a file."""

    def opened(self) -> MemoryLedger | SqlLedger:
        """Open an empty ledger."""
        self.folder = TemporaryDirectory()
        return open_ledger(Path(self.folder.name) / "shift.sqlite")

    def teardown(self) -> None:
        """Remove it too."""
        super().teardown()
        self.folder.cleanup()


class PostgresMachine(ShiftMachine):
    """The same on a server."""

    def opened(self) -> MemoryLedger | SqlLedger:
        """Open an empty ledger."""
        assert self.server is not None
        return open_ledger(schema_address(self.server))


def _budget(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


TestShiftInMemory = ShiftMachine.TestCase
TestShiftInMemory.settings = _budget(60, 50)
TestShiftInSqlite = SqliteMachine.TestCase
TestShiftInSqlite.settings = _budget(8, 50)


@pytest.fixture
def _with_server(postgres: Server) -> None:
    PostgresMachine.server = postgres


TestShiftInPostgres = pytest.mark.usefixtures("_with_server")(PostgresMachine.TestCase)
TestShiftInPostgres.settings = _budget(8, 50)
