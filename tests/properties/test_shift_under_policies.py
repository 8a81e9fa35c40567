"""Two dispatchers on one ledger while policies change, providers' hours end and teams help."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.properties.shift_pair import same
from tests.scenarios.city import NOON, draw_city
from tests.scenarios.shift import Clocks, DrawnRouter
from unarmed_router.dispatch.desk import Desk
from unarmed_router.errors import LifecycleError
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Referral
from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.policy import Policy, TriageFact
from unarmed_router.model.provider import Provider
from unarmed_router.model.reasons import Flag, ReferralReason
from unarmed_router.model.rule import Rule
from unarmed_router.model.shift import Shift as Hours
from unarmed_router.model.team import TeamStatus
from unarmed_router.model.waiting import Preemption, Waiting, WaitLimit
from unarmed_router.operations.balance import balance
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.ledger_replay import Verdict, replay
from unarmed_router.operations.outcomes import Reservation
from unarmed_router.operations.recording import agency_set

CITY = (
    draw_city(
        "a---c-------b------d",
        teams={"P1": "a", "Q1": "b", "Q2": "d"},
        divisions="11111111222222222222",
    )
    .with_team("P1", capabilities=("spanish", "nurse"))
    .with_team("Q1", provider="q")
    .with_team("Q2", provider="q", capabilities=("spanish",))
)
FACTS: list[dict[str, str]] = [
    {"weapon": "no", "medical": "no"},
    {"weapon": "no", "medical": "no", "minor": "no"},
    {"weapon": "no"},
    {"weapon": "yes", "medical": "no"},
]
FOR_NO_TEAM = {
    ReferralReason.INELIGIBLE,
    ReferralReason.NO_PROGRAM_HERE,
    ReferralReason.OUT_OF_JURISDICTION,
}


def _policies() -> list[Policy]:
    """Return four that differ in facts, rules, words, hours, areas and help."""
    base = CITY.world.policy
    minor = Rule("minor", frozenset({"UNARMED"}), {"minor": Answer.YES}, "POLICE", "a minor")
    asked = {**base.facts, "minor": TriageFact("minor", "Is it a minor?")}
    weapon = {"weapon": base.facts["weapon"]}
    armed = tuple(rule for rule in base.rules if rule.rule_id == "weapon")
    day = (0, 1, 2, 3, 4, 5, 6)
    hours = (Hours(day, time(8), time(12, 20)), Hours(day, time(12, 50), time(23)))
    own, other = Provider("p", "P", frozenset({1})), Provider("q", "Q", frozenset({2}))
    aid = MutualAid({"q": frozenset({"p"}), "p": frozenset({"q"})}, 600, keep_home=0)
    differing: list[dict[str, Any]] = [
        {"providers": (own, other)},
        {"facts": asked, "rules": (*base.rules, minor), "capabilities": {"nurse": "a nurse"}},
        {"facts": weapon, "rules": armed, "providers": (replace(own, hours=hours), other)},
        {"providers": (replace(own, divisions=frozenset({1, 2})),), "mutual_aid": None},
    ]
    made = []
    for number, changes in enumerate(differing):
        providers = changes.pop("providers", (replace(own, hours=hours), other))
        shared: dict[str, Any] = {
            "policy_id": f"p{number}",
            "digest": f"d{number}",
            "programs": (replace(base.programs[0], providers=providers),),
            "mutual_aid": aid,
            "waiting": Waiting({1: WaitLimit(900, "LINE"), 3: WaitLimit(3600, "LINE")}),
            "preemption": Preemption({(1, 3): 20}),
        }
        made.append(replace(base, **(shared | changes)))
    return made


POLICIES = _policies()
WHO, PICK = st.integers(0, 1), st.integers(0, 7)
PLACE, PRIORITY = st.sampled_from("acbd"), st.sampled_from([1, 3])
NEEDS = st.sampled_from([(), (), (), ("nurse",), ("spanish",)])
_STEPS = {"reserved": "en_route", "en_route": "on_scene", "on_scene": "clearing"}


class ChangingShift(RuleBasedStateMachine):
    """No act may fail for what a call says, and no call may be lost, blocked or sent twice."""

    def __init__(self) -> None:
        super().__init__()
        self.clocks, self.ledger, self.policy = Clocks(), MemoryLedger(), POLICIES[1]
        self.ids, self.received = count(1), set[str]()
        self.routers = [self._router(), self._router()]
        self.both = [self._dispatcher(who) for who in range(2)]

    def _router(self) -> DrawnRouter:
        return DrawnRouter(replace(CITY, world=replace(CITY.world, policy=self.policy)))

    def _dispatcher(self, who: int) -> Dispatcher:
        return Dispatcher(self.routers[who], self.ledger, clock=self.clocks.ledger_clock())

    def _said(self, facts: dict[str, str], *words: str) -> dict[str, Any]:
        """Keep what the policy in force has a word for, as whoever types it sees it."""
        known = self.policy.capabilities
        needs = tuple(word for word in words if known is None or word in known)
        return {"facts": {f: a for f, a in facts.items() if f in self.policy.facts}, "needs": needs}

    @rule(seconds=st.sampled_from([600, 5, 61, 200]))
    def time_passes(self, seconds: int) -> None:
        """On both clocks."""
        self.clocks.pass_by(seconds)

    @rule()
    def hours_end_or_begin(self) -> None:
        """Let it be the moment at which the first provider closes or opens."""
        passed = (self.clocks.wall - NOON).total_seconds()
        until = next((minute * 60 for minute in (20, 50) if minute * 60 > passed), passed)
        self.clocks.pass_by(until - passed)

    @rule(number=st.sampled_from([1, 2, 0, 3]))
    def another_policy_comes(self, number: int) -> None:
        """Both processes are given it."""
        self.policy = POLICIES[number]
        for router, dispatcher in zip(self.routers, self.both, strict=True):
            router.desk = Desk(replace(CITY.world, policy=self.policy))
            dispatcher._log.later(lambda: agency_set(router))  # noqa: B023  # recorded at once
            dispatcher.tick()

    @rule(who=WHO)
    def a_process_is_killed(self, who: int) -> None:
        """Another one opens the ledger."""
        self.routers[who] = self._router()
        self.both[who] = self._dispatcher(who)

    @rule(
        who=WHO,
        at=PLACE,
        facts=st.sampled_from(FACTS),
        needs=NEEDS,
        priority=PRIORITY,
        steps=st.integers(0, 3),
    )
    def send(
        self,
        who: int,
        at: str,
        facts: dict[str, str],
        needs: tuple[str, ...],
        priority: int,
        steps: int,
    ) -> None:
        """Receive a call and send whoever may go, as far as it gets."""
        call = self._call(at, facts, needs)
        if not steps:
            assert Flag.NOT_LOGGED not in self.both[who].receive(call, priority=priority).flags
            return
        key = f"k-{call.call_id}"
        _, made = self.both[who].send(
            call, priority=priority, idempotency_key=key, accepted=steps > 1
        )
        if made is not None and steps > 2:
            self.both[1 - who].report(made.team_id, "en_route")

    def _call(self, at: str, facts: dict[str, str], needs: tuple[str, ...] = ()) -> Call:
        call_id = f"c-{next(self.ids)}"
        self.received.add(call_id)
        said = self._said(facts, *needs)
        return CITY.call(at, call_id=call_id, received_at=self.clocks.wall, **said)

    @rule(who=WHO, pick=PICK, facts=st.sampled_from(FACTS), at=st.none() | PLACE)
    def revise(self, who: int, pick: int, facts: dict[str, str], at: str | None) -> None:
        """More is known of a call; what was said before under another policy stays."""
        dispatcher = self.both[who]
        dispatcher.tick()
        calls = list(dispatcher.board.calls.values())
        if not calls:
            return
        call = calls[pick % len(calls)].call
        lon, lat = (call.lon, call.lat) if at is None else CITY.places[at]
        told = {**call.facts, **self._said(facts)["facts"]}
        revision = dispatcher.revise(replace(call, facts=told, lon=lon, lat=lat))
        if revision.recall:
            assert call.call_id in dispatcher.tick().recalls

    @rule(who=WHO, pick=PICK, gives_back=st.booleans())
    def answer(self, who: int, pick: int, gives_back: bool) -> None:
        """Let a team accept its call, or give it back."""
        dispatcher = self.both[who]
        dispatcher.tick()
        held = list(dispatcher.board.reservations.values())
        if not held:
            return
        rid = held[pick % len(held)].reservation_id
        if not gives_back:
            dispatcher.accept(rid)
        elif dispatcher.board.roster.status_of(held[pick % len(held)].team_id) in _STEPS:
            try:
                dispatcher.decline(rid, "unsafe")
            except LifecycleError as error:
                assert "on_scene" in str(error)  # noqa: PT017  # it is there already

    @rule(who=WHO, team=st.sampled_from(["P1", "Q1", "Q2"]))
    def go_on(self, who: int, team: str) -> None:
        """Report the next step of a team."""
        dispatcher = self.both[who]
        dispatcher.tick()
        status = dispatcher.board.roster.status_of(team).value
        if status != "available":
            dispatcher.report(team, _STEPS.get(status, "available"))

    @rule(who=WHO)
    def take_the_offer(self, who: int) -> None:
        """Let the other dispatcher hold the best match over the queue."""
        offer = self.both[who].next_offer()
        if offer is not None:
            made = self.both[1 - who].reserve(offer, idempotency_key=f"k-{next(self.ids)}")
            assert isinstance(made, Reservation)

    @rule(who=WHO, at=PLACE, urgent=st.booleans())
    def preempt(self, who: int, at: str, urgent: bool) -> None:
        """Let a more urgent call take a team that is on its way."""
        dispatcher = self.both[who]
        if urgent:
            dispatcher.receive(self._call(at, FACTS[1]), priority=1)
        dispatcher.tick()
        for call_id in list(dispatcher.board.calls):
            offer = dispatcher.preemption(call_id)
            if offer is not None:
                record, now = dispatcher.board.calls[call_id], offer.decision.decided_at
                decider = dispatcher._decider
                as_it_is, _ = decider.decide(decider.call_of(record, now), now)
                assert (offer.gain_ms == -1) == isinstance(as_it_is, Referral)
                made = self.both[1 - who].preempt(offer, idempotency_key=f"k-{next(self.ids)}")
                assert isinstance(made, Reservation)
                return

    @invariant()
    def no_team_is_blocked(self) -> None:
        """Each team that is held has a call that holds it, and the other way round."""
        for dispatcher in self.both:
            board = dispatcher.board
            for state in board.roster.snapshot().teams:
                if state.status in {TeamStatus.RESERVED, TeamStatus.EN_ROUTE}:
                    assert state.team.team_id in board.open_of_team
            for team_id, held in board.open_of_team.items():
                assert board.calls[held.call_id].assignment is held
                assert board.roster.status_of(team_id) is not TeamStatus.AVAILABLE

    @invariant()
    def no_call_is_lost_or_blocked(self) -> None:
        """After a tick, whatever waits would wait as well if it were received now."""
        for dispatcher in self.both:
            dispatcher.tick()
        for dispatcher in self.both:
            board, decider = dispatcher.board, dispatcher._decider
            at = dispatcher._log.clock.now(board.at)
            for record in board.calls.values():
                if record.waits:
                    decision, _ = decider.decide(decider.call_of(record, at), at)
                    reason = getattr(decision, "reason", None)
                    assert reason not in FOR_NO_TEAM
                    assert record.lacks_facts == (reason is ReferralReason.NEEDS_TRIAGE)
        first, second = self.both[0].board, self.both[1].live
        if first.seq == second.seq:
            same(first, second)
        assert {*second.calls, *second.ended} == self.received

    def teardown(self) -> None:
        """Each call has one outcome, and each decision comes out again byte for byte."""
        assert balance(self.ledger).balanced
        agency = cast("Any", SimpleNamespace(world=CITY.world, roster=CITY.roster(), speeds=None))
        assert set(replay(self.ledger, agency, policies=POLICIES).counts) <= {Verdict.SAME}


TestChangingShift = ChangingShift.TestCase
TestChangingShift.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
