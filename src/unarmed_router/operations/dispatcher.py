"""The dispatcher: `route` recommends, this commits, and the ledger remembers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from unarmed_router.errors import InputError
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.board_view import BoardView
from unarmed_router.fleet.call_record import CallRecord
from unarmed_router.fleet.preemption import PreemptionOffer
from unarmed_router.fleet.queue import best_match, calls_to_call_back, overdue, waiting
from unarmed_router.ledger.store import Ledger
from unarmed_router.model.decision import Decision, Recommendation, Referral
from unarmed_router.model.events import CallReferred, Event
from unarmed_router.model.outcome import word_of
from unarmed_router.model.policy import Policy
from unarmed_router.model.waiting import Match
from unarmed_router.operations.call_endings import CallEndings
from unarmed_router.operations.clock import LedgerClock
from unarmed_router.operations.data_changes import DataChanges
from unarmed_router.operations.decider import Decider
from unarmed_router.operations.intake import CallIntake
from unarmed_router.operations.outcomes import Conflict, Reservation, ShiftChanges
from unarmed_router.operations.ports import Decides
from unarmed_router.operations.preempting import find, preempt
from unarmed_router.operations.recording import Keep
from unarmed_router.operations.reserving import (
    Request,
    checked_accepted,
    checked_key,
    checked_ttl,
    made_by,
    repeated,
    reserve,
    reserve_accepted,
)
from unarmed_router.operations.shift_log import ShiftLog
from unarmed_router.operations.starting import check_parts, start
from unarmed_router.operations.taking_calls import settle
from unarmed_router.operations.team_reports import TeamReports

__all__ = ["Dispatcher"]

_TTL = timedelta(seconds=60)


class Dispatcher(CallIntake, TeamReports, CallEndings, DataChanges):
    """Runs a shift; safe to share between threads, and between processes on one ledger.

    Each act is durable when its method returns, or has not happened when it raises. Acts that do
    not fit are refused by name; what may be expected of a busy shift, such as a team that another
    dispatcher took, comes back as a value.

    Parameters
    ----------
    router : Router or another that decides
        What decides. Its roster becomes the ledger's: status and positions go through this object.
    ledger : Ledger
        Where everything is recorded; `unarmed_router.ledger.opening.open_ledger` opens one.
    clock : LedgerClock, optional
        Ledger time; the system's clocks when not given.
    ttl : timedelta
        How long a team has to answer.
    keep : Keep
        What the ledger keeps of each decision.
    on_end : callable, optional
        Given the record of each call that has ended, whole; those of a ledger that is opened again
        too, in their order. It may act on this dispatcher once that is open. An error of its own
        reaches whoever acts, though the act has happened: catch it there.

    Raises
    ------
    InputError
        `router`, `ledger`, `clock` or `on_end` is none of its kind, `ttl` is no time up to a day,
        or `keep` is none of its words.
    LedgerError
        The ledger cannot be read or written.

    Attributes
    ----------
    board : BoardView
        The shift as it stands, to read from any thread.
    live : Board
        The shift itself, for code of the thread that acts: another one may see it half changed.
    """

    def __init__(
        self,
        router: Decides,
        ledger: Ledger,
        *,
        clock: LedgerClock | None = None,
        ttl: timedelta = _TTL,
        keep: Keep = Keep.TEXT,
        on_end: Callable[[CallRecord], None] | None = None,
    ) -> None:
        check_parts(router, ledger, clock, on_end)
        self._router, self._ttl = router, checked_ttl(ttl)
        kept, clock = word_of(Keep, keep), clock or LedgerClock()
        self._log = ShiftLog(ledger, router.roster.with_states, clock, on_end)
        self.live = self._log.board
        self.board = BoardView(self.live)
        self._decider = Decider(router, self.live, kept, positions=ledger.keeps)
        self._spoken_for: dict[str, str] = {}
        # The policy of the last tick, with the providers that served, and the calls that it could
        # not settle: they had a team.
        self._settled: tuple[Policy | None, frozenset[str]] = None, frozenset()
        start(router, self._log)

    def reserve(
        self,
        decision: Decision,
        *,
        idempotency_key: str,
        team_id: str | None = None,
        ttl: timedelta | None = None,
        accepted: bool = False,
    ) -> Reservation | Conflict:
        """Hold a team for a call; atomically, for a time.

        Parameters
        ----------
        decision : Decision
            A recommendation of a call that was received.
        idempotency_key : str
            Chosen by the caller, once for each reservation: the same key again gives the same
            reservation, whatever became of it. 1 to 128 printable characters without a space.
        team_id : str, optional
            Another team that could go; the one recommended when not given.
        ttl : timedelta, optional
            How long it has to answer.
        accepted : bool
            The crew takes every call it is sent: it has accepted by the same act.

        Returns
        -------
        Reservation or Conflict
            A conflict carries what is best now.

        Raises
        ------
        InputError
            The decision recommends nobody and no team is named, or the key is broken or was used
            for another reservation.
        UnknownCallError
            The call was never received.
        LedgerError
            Nothing was reserved; after `LedgerLostError`, ask again with the same key.
        """
        if not isinstance(decision, Recommendation | Referral):
            raise InputError(f"decision must be a decision of a call; got {decision!r:.80}")
        chosen = getattr(decision, "team_id", None) if team_id is None else team_id
        if chosen is None:
            raise InputError(
                f"call {decision.call_id}: the decision recommends nobody; name a team_id"
            )
        how = reserve_accepted if checked_accepted(accepted) else reserve
        return self._reserved(how, decision.call_id, chosen, idempotency_key, ttl)

    def reservation(self, *, idempotency_key: str) -> Reservation | None:
        """Look a reservation up by its key alone, as after a restart; nothing happens by it.

        Parameters
        ----------
        idempotency_key : str
            As given to `reserve`, `preempt` or `send`, on this dispatcher or another one.

        Returns
        -------
        Reservation or None
            What the key has made, ``repeated``, as it stands in the ledger now: nobody may be sent
            on one that is not ``open``. None where it has made none, or a purge has removed it.

        Raises
        ------
        InputError
            The key is none.
        LedgerError
            The ledger cannot be read, or not be written and a reservation has lapsed since: nobody
            knows what the key has made, or whether it is open.
        """
        key = checked_key(idempotency_key)
        return self._log.act(lambda _: ((), made_by(self.live, key)))

    def next_offer(self) -> Recommendation | None:
        """Find the waiting call that a free team should be offered; None where there is none.

        Over the whole queue, by the rule of the policy: see `fleet.queue.best_match`.

        Returns
        -------
        Recommendation or None
            On record as the call's last decision: `reserve` takes it.

        Raises
        ------
        LedgerError
            Nothing is offered, because nothing could be recorded.
        """

        def act(at: datetime) -> tuple[Sequence[Event], Recommendation | None]:
            rules = self._decider.policy(at).waiting
            roster, fixes = self._decider.teams()  # one view of them for the whole queue
            best = best_match(
                waiting(self.live),
                lambda records: self._decider.decide_many(records, at, roster),
                Match.LONGEST_WAIT if rules is None else rules.match,
            )
            if best is None:
                return (), None
            return self._decider.recorded(best[1], fixes), best[1]

        return self._log.act(act)

    def preemption(self, call_id: str) -> PreemptionOffer | None:
        """Find a team en route that should rather take a waiting call; None where none should.

        Parameters
        ----------
        call_id : str
            The call that waits.

        Returns
        -------
        PreemptionOffer or None
            For `preempt`; nothing has happened by it.

        Raises
        ------
        UnknownCallError
            No such open call.
        LedgerError
            The ledger cannot be read: nobody knows who is en route.
        """
        return self._log.act(lambda at: ((), find(self.live, self._decider, call_id, at)[0]))

    def preempt(
        self, offer: PreemptionOffer, *, idempotency_key: str, ttl: timedelta | None = None
    ) -> Reservation | Conflict:
        """Take a team off its call and hold it for the urgent one; the other call waits again.

        Parameters
        ----------
        offer : PreemptionOffer
            What `preemption` found; it is checked again as things stand now.
        idempotency_key, ttl
            As `reserve`.

        Returns
        -------
        Reservation or Conflict
            As `reserve`; a conflict where the team should not be taken any more.

        Raises
        ------
        InputError
            `offer` is none, or as `reserve`.
        UnknownCallError, LedgerError
            As `reserve`.
        """
        if not isinstance(offer, PreemptionOffer):
            raise InputError(f"offer must be what `preemption` found; got {offer!r:.80}")
        call_id = offer.decision.call_id
        return self._reserved(preempt, call_id, offer.team_id, idempotency_key, ttl)

    def tick(self) -> ShiftChanges:
        """Let time pass: lapsed reservations end, and calls that waited as long as they may.

        Where another policy has come into force, or the hours of a provider have begun or ended,
        waiting calls that no unarmed program takes any more are referred, and those whose facts
        suffice by now wait for a team; calls that had a team then, once they wait again. Without a
        queue a call that lost its team, and that no other team can take, is referred, too. Call it
        every few seconds.

        Returns
        -------
        ShiftChanges
            What has ended or should be looked at; empty where time has changed nothing.

        Raises
        ------
        LedgerError
            Nothing has happened; the next tick does it.
        """

        def act(at: datetime) -> tuple[Sequence[Event], ShiftChanges]:
            policy, (before, unsettled) = self._decider.serving(at), self._settled
            rules, calls = policy.waiting, self.live.calls
            settled: Sequence[Event] = ()
            if policy is not before or rules is None:  # without a queue nothing waits
                settled, unsettled = settle(self.live, self._decider, at), frozenset(calls)
            elif unsettled:
                settled = settle(self.live, self._decider, at, unsettled)
            still = frozenset(c for c in unsettled if c in calls and not calls[c].waits)
            in_force.append((policy, still))
            gone = {event.call_id for event in settled if isinstance(event, CallReferred)}
            late = [each for each in overdue(self.live, rules, at) if each.call_id not in gone]
            gone |= {event.call_id for event in late}
            due = calls_to_call_back(
                self.live, rules, at, lambda record: self._decider.call_type(record, at)
            )
            recalled = (r.call.call_id for r in self.live.calls.values() if r.recall)
            return (*settled, *late), ShiftChanges(
                referred=tuple(sorted(gone)),
                call_backs=tuple(call_id for call_id in due if call_id not in gone),
                recalls=tuple(sorted(recalled)),
            )

        in_force: list[tuple[Policy, frozenset[str]]] = []
        changes = self._log.act(act)
        self._settled = in_force[-1]
        return replace(changes, expired=self._log.lapsed())  # asked once it is certain

    def _reserved(
        self,
        how: Callable[
            [Board, Decider, Request, datetime], tuple[Sequence[Event], Reservation | Conflict]
        ],
        call_id: str,
        team_id: str,
        key: str,
        ttl: timedelta | None,
    ) -> Reservation | Conflict:
        """Reserve once for each key, whichever way."""
        request = Request(
            call_id=call_id, team_id=team_id, key=key, ttl=self._ttl if ttl is None else ttl
        )

        def act(at: datetime) -> tuple[Sequence[Event], Reservation | Conflict]:
            before = repeated(self.live, request)
            return how(self.live, self._decider, request, at) if before is None else ((), before)

        return self._log.act(act)
