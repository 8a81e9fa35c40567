"""The simulation: calls and crews on an agenda, around the live dispatcher.

Nothing is decided here. The dispatcher that runs a shift receives, decides, reserves, queues,
pre-empts and refers; the engine tells it what callers and crews do, and when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from unarmed_router.errors import InputError
from unarmed_router.fleet.call_record import CallRecord, Stage
from unarmed_router.fleet.preemption import takeable
from unarmed_router.fleet.queue import next_limit, waiting
from unarmed_router.ledger.memory import MemoryLedger
from unarmed_router.ledger.store import Ledger
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Recommendation, Referral
from unarmed_router.model.outcome import CancelReason, Disposition
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.shift import ALWAYS
from unarmed_router.model.waiting import Waiting
from unarmed_router.operations.dispatcher import Dispatcher
from unarmed_router.operations.outcomes import Reservation
from unarmed_router.operations.ports import Decides
from unarmed_router.operations.recording import Keep
from unarmed_router.simulation.agenda import Agenda, AgendaClock
from unarmed_router.simulation.call_mix import Service
from unarmed_router.simulation.crew_play import CrewPlay
from unarmed_router.simulation.crews import CrewRules
from unarmed_router.simulation.finished import FinishedCall
from unarmed_router.simulation.strategies import ProgramOrder, Strategy
from unarmed_router.simulation.streams import StreamedCall

__all__ = ["Engine"]

_TTL = timedelta(days=1)
"""Simulated crews answer at once: no reservation lapses."""

_LONGEST_LEFT = timedelta(days=7)
"""After the last call shifts and breaks are played for as long: a week shows every shift."""


class Engine:
    """Plays a stream of calls once.

    Parameters
    ----------
    router : Router or another that decides
        What decides; `simulation.simulated_city.simulated` makes one whose positions stay fresh.
    calls : iterable of StreamedCall
        In order of receipt.
    agenda : Agenda
        An empty one; its present, where the shift begins, is not after the first call, and is the
        clock the router was made with.
    rules : CrewRules, optional
        How crews work.
    strategy : Strategy, optional
        Which of the teams that could go is sent; the live rule when not given.
    redirect_to : str or callable, optional
        Referral target that crews hand calls over to, or what tells it by the moment, as where
        several policies have their days; needed when calls are redirected.
    ledger : Ledger, optional
        Where the shift is recorded, an empty one; in memory, without history, when not given.
    keep : Keep
        What the ledger keeps of each decision.

    Raises
    ------
    InputError
        The ledger has events already.

    Attributes
    ----------
    dispatcher : Dispatcher
        The live one; ``dispatcher.board.tally`` balances at any moment.
    """

    def __init__(
        self,
        router: Decides,
        calls: Iterable[StreamedCall],
        *,
        agenda: Agenda,
        rules: CrewRules | None = None,
        strategy: Strategy | None = None,
        redirect_to: str | Callable[[datetime], str] | None = None,
        ledger: Ledger | None = None,
        keep: Keep = Keep.OUTCOME,
    ) -> None:
        self.agenda = agenda
        self._calls, self._rules = calls, rules or CrewRules()
        self._router, self._strategy = router, strategy or ProgramOrder()
        self._services: dict[str, Service] = {}
        self._done: list[FinishedCall] = []
        self._restless = _changes_by_itself(router)
        self._polling = False
        self._limited_by: Waiting | None = None
        self._reservations = 0
        if ledger is not None and next(iter(ledger.read()), None) is not None:
            raise InputError("a simulation is recorded from its beginning: give an empty ledger")
        self.dispatcher = Dispatcher(
            router,
            MemoryLedger(keep=False, checked=False) if ledger is None else ledger,
            clock=AgendaClock(self.agenda),
            ttl=_TTL,
            keep=keep,
            on_end=self._ended,
        )
        self.crews = CrewPlay(
            router,
            self.dispatcher,
            self.agenda,
            self._rules,
            service_of=self._services.__getitem__,
            redirect_to=(lambda _: redirect_to) if isinstance(redirect_to, str) else redirect_to,
            when_free=lambda _: self._offer(),
        )

    def run(self) -> Iterator[FinishedCall]:
        """Play the stream to its end, and every call in it to its own.

        Yields
        ------
        FinishedCall
            Each call once, in the order in which they end; last those that are still waiting when
            nothing can happen to them any more, such as one that needs what no team has.

        Raises
        ------
        InputError
            The stream is not in order of receipt.
        """
        for streamed in self._calls:
            received_at = streamed.call.received_at
            if received_at < self.agenda.now:
                raise InputError(
                    f"call {streamed.call.call_id} was received at {received_at.isoformat()}, "
                    f"before the present, {self.agenda.now.isoformat()}; sort the stream by "
                    "receipt, and start no later than its first call"
                )
            self.agenda.pass_until(received_at)
            self._receive(streamed)
            yield from self._drained()
        horizon = self.agenda.now + _LONGEST_LEFT
        while self.dispatcher.live.calls and self._goes_on(horizon):
            self.agenda.step()
            yield from self._drained()
        for record in list(self.dispatcher.live.calls.values()):
            self._ended(record)  # nobody can ever take it
        yield from self._drained()

    def _goes_on(self, horizon: datetime) -> bool:
        """Tell whether anything can still happen to the calls that are open."""
        return self.agenda.busy or (len(self.agenda) > 0 and self.agenda.now < horizon)

    def _drained(self) -> list[FinishedCall]:
        done = self._done
        if done:
            self._done = []
        return done

    def _receive(self, streamed: StreamedCall) -> None:
        call, service = streamed.call, streamed.service
        self._services[call.call_id] = service
        self.crews.show_moving()
        if self._may_take(service.priority):
            decision = self._take_or_send(call, service.priority)
        else:
            decision = self._send_new(call, service.priority)
        record = self.dispatcher.live.calls.get(call.call_id)
        if record is None:
            return
        if record.waits:
            if isinstance(decision, Referral) and decision.reason is ReferralReason.NEEDS_TRIAGE:
                # Nobody answers questions in a simulation: the call taker keeps the call.
                self.dispatcher.refer(call.call_id, decision.reason.value, decision.target)
                return
            self._watch(call.call_id)
        if service.gives_up_after_s is not None:
            self.agenda.after(service.gives_up_after_s, lambda: self._give_up(call.call_id))

    def _send_new(self, call: Call, priority: int) -> Decision:
        """Receive a call and hold the team the strategy chooses, by one act."""
        decision, made = self.dispatcher.send(
            call,
            idempotency_key=f"simulation-{self._reservations + 1}",
            priority=priority,
            accepted=True,
            choose=self._strategy.choose,
        )
        if isinstance(decision, Recommendation) and made is not None:
            self._reservations += 1
            self.crews.go(decision, made)
        return decision

    def _take_or_send(self, call: Call, priority: int) -> Decision:
        """Receive a call; take a team on its way where the policy lets it, else send a free one."""
        decision = self.dispatcher.receive(call, priority=priority)
        taken = call.call_id in self.dispatcher.live.calls and self._preempt_for(call.call_id)
        if not taken and isinstance(decision, Recommendation):
            self._send(decision)
        return decision

    def _may_take(self, priority: int) -> bool:
        """Tell whether some team is on its way that a call of this priority may take."""
        live = self.dispatcher.live
        if not live.open_of_team:
            return False
        rules = self._router.desk.ground_at(self.agenda.now).policy.preemption
        return rules is not None and bool(takeable(live, priority, rules))

    def _send(self, decision: Recommendation) -> bool:
        """Reserve the team the strategy chooses, and let it go; tell whether it could be."""
        team_id = self._strategy.choose(decision, self.agenda.now)
        made = self.dispatcher.reserve(
            decision, idempotency_key=self._next_key(), team_id=team_id, accepted=True
        )
        if isinstance(made, Reservation):
            self.crews.go(decision, made)
        return isinstance(made, Reservation)

    def _offer(self) -> None:
        """Give waiting calls to teams that are free, best match first."""
        while waiting(self.dispatcher.live):
            self.crews.show_moving()
            offer = self.dispatcher.next_offer()
            if offer is None or not self._send(offer):
                return

    def _preempt_for(self, call_id: str) -> bool:
        """Give a call a team that is on its way to another; tell whether it has one now."""
        self.crews.show_moving(busy=True)  # a team on its way to another call may be nearer
        offer = self.dispatcher.preemption(call_id)
        if offer is None:
            return False
        made = self.dispatcher.preempt(offer, idempotency_key=self._next_key())
        if isinstance(made, Reservation):
            self.dispatcher.accept(made.reservation_id)
            self.crews.go(offer.decision, made)
            self._offer()  # a free team may take the call that lost its own
            if offer.displaced in self.dispatcher.live.calls:
                self._watch(offer.displaced)
        return isinstance(made, Reservation)

    def _watch(self, call_id: str) -> None:
        """See to what time alone does to a call that waits: its limit, and who comes and goes."""
        self._limit(self.dispatcher.live.calls[call_id])
        if self._restless and not self._polling:
            self._polling = True
            self.agenda.idle(self._rules.poll_s, self._poll)

    def _limit(self, record: CallRecord) -> None:
        """Look again when a call has waited as long as the policy in force lets it."""
        self._limited_by = self._waiting_rules()
        limit = next_limit(record, self._limited_by)
        if self._limited_by is None:
            limit = self.agenda.now  # nothing waits
        if limit is not None:
            self.agenda.at(max(limit, self.agenda.now), self._tick)

    def _waiting_rules(self) -> Waiting | None:
        return self._router.desk.ground_at(self.agenda.now).policy.waiting

    def _tick(self) -> None:
        """Refer what waited too long, and what nobody serves or the call taker keeps by now."""
        self.dispatcher.tick()
        live = self.dispatcher.live
        for record in [each for each in live.calls.values() if each.waits and each.lacks_facts]:
            decision = self.dispatcher.revise(record.call).decision
            if isinstance(decision, Referral):
                self.dispatcher.refer(decision.call_id, decision.reason.value, decision.target)

    def _poll(self) -> None:
        if self._waiting_rules() != self._limited_by:
            for record in waiting(self.dispatcher.live):
                self._limit(record)
        self._tick()
        self._offer()
        self._polling = bool(waiting(self.dispatcher.live))
        if self._polling:
            self.agenda.idle(self._rules.poll_s, self._poll)

    def _give_up(self, call_id: str) -> None:
        record = self.dispatcher.live.calls.get(call_id)
        if record is None:
            return
        assignment = record.assignment
        if assignment is None or record.stage is not Stage.ASSIGNED:
            self.dispatcher.cancel(call_id, CancelReason.CALLER_HUNG_UP)
        elif assignment.on_scene_at is None:
            self.dispatcher.close(call_id, Disposition.CALLER_HUNG_UP)
            self.crews.let_go(assignment.team_id)

    def _ended(self, record: CallRecord) -> None:
        call = record.call
        divisions = self._router.desk.world.divisions
        division = divisions.locate(lon=call.lon, lat=call.lat).division
        self._done.append(
            FinishedCall(
                record=record,
                service=self._services.pop(call.call_id),
                division=None if division is None else division.number,
                clearing_s=self._rules.clearing_s,
            )
        )

    def _next_key(self) -> str:
        self._reservations += 1
        return f"simulation-{self._reservations}"


def _changes_by_itself(router: Decides) -> bool:
    """Tell whether time alone changes who may go: by shifts, hours of providers, or policies."""
    world, teams = router.desk.world, router.roster.snapshot().lineup.teams
    return (
        bool(world.policies)
        or any(team.shifts != ALWAYS for team in teams)
        or any(not each.always for program in world.policy.programs for each in program.providers)
    )
