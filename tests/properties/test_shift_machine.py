"""Whole shifts of random acts by two dispatchers on one ledger, beside a naive model."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.ledgers import schema_address
from tests.oracles.shift import RefusedError
from tests.postgres import Server
from tests.properties.shift_pair import (
    CITY,
    SKEW,
    TRAVEL,
    TTL,
    Pair,
)
from tests.scenarios.city import NOON
from tests.scenarios.shift import dispatcher_in
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.opening import open_ledger
from unarmed_router.ledger.sql_ledger import SqlLedger
from unarmed_router.model.outcome import CancelReason, Disposition
from unarmed_router.model.team import TeamStatus

WHO, PICK, PRIORITY = st.integers(0, 1), st.integers(0, 11), st.sampled_from([1, 2, 3])
KIND = st.sampled_from(["plain", "plain", "plain", "armed", "unasked"])
JUMPS = [0, 0, 0, 0, -4000, -90, -5, 5, 70, 400]
TEAM = st.sampled_from(list(TRAVEL))
AGAIN = st.sampled_from([0, 0, 1, 2])
ACTS = ["resolved", "handed_over", "assist", "hand_over", "available", "transporting", "serve"]
REPORTED = [status.value for status in TeamStatus]


class ShiftMachine(Pair):
    """Each rule lets one dispatcher and the model do the same, and compares what they say."""

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
            self.receive_call(who, kind, priority)

    @rule(who=WHO, priority=PRIORITY, steps=st.sampled_from([2, 0, 1, 3, 0]))
    def serve(self, who: int, priority: int, steps: int) -> None:
        """Receive a call and let a team take it, as far as it gets."""
        call_id = self.receive_call(who, "plain", priority)
        teams = self.model.free(self.model.calls[call_id])
        if not teams:
            return
        self.reserve_team(who, call_id, teams[0], f"k-{next(self.new_key)}", TTL)
        rid = self.model.calls[call_id]["held"]
        if steps:
            self.both_do(1 - who, lambda d: d.accept(rid), lambda _: self.model.accept(rid))
        for _ in range(1, steps):
            self.go_on(who, teams[0])

    @rule(who=WHO, kind=KIND, priority=PRIORITY, accepted=st.booleans())
    def send(self, who: int, kind: str, priority: int, accepted: bool) -> None:
        """Receive a call and hold the team it recommends, by one act."""
        self.send_call(who, kind, priority, accepted=accepted)

    @precondition(lambda self: self.received)
    @rule(who=WHO, pick=PICK, other=st.sampled_from(["", "", "", "kind", "priority", "received"]))
    def receive_again(self, who: int, pick: int, other: str) -> None:
        """Receive a call that is known: the same again is told, any other is refused."""
        call_id = self.picked(pick)
        known = self.model.calls.get(call_id) or self.model.past.get(call_id)
        if known is None:
            return
        kind, priority, received = known["kind"], known["priority"], known["received"]
        kind = {"plain": "armed"}.get(kind, "plain") if other == "kind" else kind
        priority = priority % 3 + 1 if other == "priority" else priority
        received += other == "received"
        call, before = self.call_of(call_id, kind, received), self.ledger_seq()
        got, _ = self.both_do(
            who,
            lambda d: d.receive(call, priority=priority),
            lambda _: self.model.receive(call_id, kind, priority, received),
        )
        assert (got is None) == bool(other) or call_id in self.model.ended
        assert got is None or got.call_id == call_id
        kinds = [each.event.kind for each in self.ledger.read() if each.event]
        assert set(kinds[before:]) <= {"reservation_expired"}

    @precondition(lambda self: self.sent)
    @rule(who=WHO, pick=PICK, accepted=st.booleans())
    def send_once_more(self, who: int, pick: int, accepted: bool) -> None:
        """Send a call whose answer was lost."""
        self.send_again(who, pick, accepted=accepted)

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
    @rule(who=WHO, pick=PICK, reason=st.sampled_from(CancelReason), again=AGAIN)
    def cancel(self, who: int, pick: int, reason: CancelReason, again: int) -> None:
        """Let a caller hang up."""
        call_id = self.picked(pick)
        self.says(
            who,
            lambda d: d.cancel(call_id, reason),
            lambda at: self.model.finish(call_id, f"cancelled: {reason}", at),
            again=again,
        )

    @precondition(lambda self: self.received)
    @rule(who=WHO, pick=PICK, again=AGAIN)
    def refer(self, who: int, pick: int, again: int) -> None:
        """Somebody else takes it."""
        call_id = self.picked(pick)
        self.says(
            who,
            lambda d: d.refer(call_id, "no_team_in_time", "FIRE"),
            lambda at: self.model.finish(call_id, "referred: no_team_in_time", at),
            again=again,
        )

    @precondition(lambda self: self.received)
    @rule(who=WHO, pick=PICK, disposition=st.sampled_from(Disposition), again=AGAIN)
    def close(self, who: int, pick: int, disposition: Disposition, again: int) -> None:
        """Let a team be done."""
        call_id = self.picked(pick)
        self.says(
            who,
            lambda d: d.close(call_id, disposition),
            lambda at: self.model.close(call_id, disposition.value, at),
            again=again,
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
        self.reserve_team(who, call_id, team, key, ttl)

    @precondition(lambda self: self.asked)
    @rule(who=WHO, pick=PICK)
    def look_up(self, who: int, pick: int) -> None:
        """Ask what a key has made, with nothing else at hand."""
        key, model = self.asked[-1 - pick % len(self.asked)][2], self.model
        got, expected = self.both_do(
            who,
            lambda d: d.reservation(idempotency_key=key),
            lambda _: model.keys.get(key, ("",))[:3],
        )
        told = ("",) if got is None else (got.reservation_id, got.call_id, got.team_id)
        assert told == expected
        assert got is None or (got.repeated, got.open) == (True, told[0] in model.held)

    @precondition(lambda self: self.received)
    @rule(who=WHO)
    def take_the_offer(self, who: int) -> None:
        """Find the best match over the whole queue and hold it."""
        got, expected = self.both_do(who, lambda d: d.next_offer(), lambda _: self.model.offer())
        assert (None if got is None else (got.call_id, got.team_id)) == expected
        if got is not None:
            call = self.model.calls[got.call_id]
            call["stage"] = "queued" if call["stage"] == "queued" else "recommended"
            self.reserve_team(1 - who, got.call_id, got.team_id, f"k-{next(self.new_key)}", TTL)

    @precondition(lambda self: any(r["accepted"] for r in self.model.held.values()))
    @rule(who=WHO, urgent=st.booleans(), pick=PICK, at_once=st.booleans())
    def find_preemption(self, who: int, urgent: bool, pick: int, at_once: bool) -> None:
        """Ask which team en route should rather take a call; perhaps take it."""
        call_id = self.receive_call(1 - who, "plain", 1) if urgent else self.picked(pick)
        self.both_do(who, lambda d: d.tick(), self.model.tick)  # in step with the ledger
        self.lapsed[who] = set()  # it was told
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
        self.compare_held(got, expected, rid)

    @precondition(lambda self: self.reservations)
    @rule(who=WHO, pick=PICK, again=AGAIN)
    def accept(self, who: int, pick: int, again: int) -> None:
        """Let a team take its call; or answer for a reservation that is over."""
        rid = self.answered(pick)
        self.says(who, lambda d: d.accept(rid), lambda _: self.model.accept(rid), again=again)

    @precondition(lambda self: self.reservations)
    @rule(who=WHO, pick=PICK, reason=st.sampled_from(["unsafe", "vehicle"]), again=AGAIN)
    def decline(self, who: int, pick: int, reason: str, again: int) -> None:
        """Let a team give its call back."""
        rid = self.answered(pick)
        self.says(
            who,
            lambda d: d.decline(rid, reason),
            lambda at: self.model.decline(rid, at, reason),
            again=again,
        )

    @rule(
        who=WHO,
        pick=PICK,
        kind=st.sampled_from(["armed", "unasked", "plain"]),
        then=st.sampled_from(["close", "clearing", "decline", "on_scene"]),
    )
    def a_call_turns_out_otherwise(self, who: int, pick: int, kind: str, then: str) -> None:
        """More is known of a call whose team is on its way; then somebody acts on it."""
        self.serve(who, 1, 2)
        on_the_way = self.model.on_the_way()
        if not on_the_way:
            return
        rid = on_the_way[pick % len(on_the_way)]
        call_id, team = self.model.held[rid]["call"], self.model.held[rid]["team"]
        call = self.call_of(call_id, kind, self.model.calls[call_id]["received"])
        got, recall = self.both_do(
            who, lambda d: d.revise(call), lambda at: self.model.revise(call_id, kind, at)
        )
        assert got.recall == recall
        if then == "close":
            self.both_do(
                1 - who,
                lambda d: d.close(call_id, "resolved"),
                lambda at: self.model.close(call_id, "resolved", at),
            )
        elif then == "decline":
            self.both_do(
                1 - who, lambda d: d.decline(rid, "unsafe"), lambda at: self.model.decline(rid, at)
            )
        else:
            self.both_do(
                1 - who,
                lambda d: d.report(team, then),
                lambda at: self.model.report(team, then, at, at, SKEW),
            )

    # --- Teams

    @rule(
        who=WHO,
        team=TEAM,
        status=st.sampled_from(REPORTED),
        off=st.sampled_from([0, 0, 0, -4, -6, -70, 30, 61]),
        how=st.sampled_from([None, None, "resolved", "no_person_found"]),
        again=AGAIN,
    )
    def report(
        self, who: int, team: str, status: str, off: int, how: str | None, again: int
    ) -> None:
        """Any report, in time or not, legal or not."""
        since = self._wall + off
        at_all = NOON + timedelta(seconds=since)
        self.says(
            who,
            lambda d: d.report(team, status, since=at_all, disposition=how),
            lambda at: self.model.report(team, status, since, at, SKEW, how),
            again=again,
        )

    @rule(
        who=WHO, team=TEAM, off=st.sampled_from([0, 0, -70]),
        how=st.sampled_from(["resolved", "resolved", "no_person_found", "handed_over"]),
        again=AGAIN,
    )  # fmt: skip
    def leave(self, who: int, team: str, off: int, how: str, again: int) -> None:
        """Report the step by which a team leaves its call, and how that closed; or say it late."""
        status = self.model.status[team]
        status = status if status in ("available", "off_duty") else "clearing"
        since = self._wall + off
        self.says(
            who,
            lambda d: d.report(
                team, status, since=NOON + timedelta(seconds=since), disposition=how
            ),
            lambda at: self.model.report(team, status, since, at, SKEW, how),
            again=again,
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

    @rule(
        who=WHO, team=TEAM, act=st.sampled_from(["assist", "assist", "hand_over"]),
        whom=st.sampled_from(["POLICE", "FIRE"]), reason=st.sampled_from(["weapon", "medical"]),
        nth=st.sampled_from([None, 1, 1, 2, 3]), again=AGAIN,
    )  # fmt: skip
    def escalate(
        self, who: int, team: str, act: str, whom: str, reason: str, nth: int | None, again: int
    ) -> None:
        """Let a team ask for somebody."""
        self.says(
            who,
            lambda d: d.escalate(team, act, reason=reason, target=whom, nth=nth),
            lambda at: self.model.escalate(team, act, whom, reason, nth, at),
            again=0 if act == "assist" and nth is None else again,  # else each is a request
        )

    @rule(who=WHO, acts=st.lists(st.sampled_from(ACTS), min_size=2, max_size=6), again=AGAIN)
    def a_team_comes_to_its_end(self, who: int, acts: list[str], again: int) -> None:
        """Let a team that is there say one thing after the other, the same perhaps once more."""
        self.serve(who, 1, 3)
        there = [t for t, status in self.model.status.items() if status in ("on_scene", "clearing")]
        for act in acts if there else ():
            who, team = 1 - who, there[0]
            if act in ("assist", "hand_over"):
                self.escalate(who, team, act, "POLICE", "weapon", 1, again)
            elif act == "serve":
                self.serve(who, 2, 1)
            elif act in ("resolved", "handed_over"):
                self.leave(who, team, 0, act, again)
            else:
                self.report(who, team, act, 0, None, again)

    @rule(who=WHO, team=TEAM)
    def position(self, who: int, team: str) -> None:
        """Send a fix at home: nothing moves, and decisions put it on record."""
        self.model.now(who, self._wall, round(self.clocks.steady_s))
        (state,) = [each for each in CITY.states if each.team.team_id == team]
        self.both[who].record_fix(
            team, lon=state.team.home_lon, lat=state.team.home_lat, at=self.clocks.wall
        )

    # --- What is always true


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
TestShiftInMemory.settings = _budget(40, 50)
TestShiftInSqlite = SqliteMachine.TestCase
TestShiftInSqlite.settings = _budget(8, 50)


@pytest.fixture
def _with_server(postgres: Server) -> None:
    PostgresMachine.server = postgres


TestShiftInPostgres = pytest.mark.usefixtures("_with_server")(PostgresMachine.TestCase)
TestShiftInPostgres.settings = _budget(8, 50)
