"""Taking calls in on a shift: received, sent a team at once, revised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from unarmed_router.errors import InputError, LedgerError
from unarmed_router.fleet.board import Board
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.events import Event
from unarmed_router.model.reasons import Flag
from unarmed_router.operations.decider import Decider
from unarmed_router.operations.outcomes import Reservation, Revision
from unarmed_router.operations.repeating import received_again, sent_again
from unarmed_router.operations.reserving import (
    Request,
    checked_accepted,
    checked_key,
    checked_ttl,
    hold_at_once,
)
from unarmed_router.operations.shift_log import ShiftLog
from unarmed_router.operations.taking_calls import checked_call, receive, revise

__all__ = ["CallIntake"]


class CallIntake:
    """The acts of `operations.dispatcher.Dispatcher` by which a call comes in.

    Each is durable when it returns, or has not happened when it raises.
    """

    live: Board
    _log: ShiftLog
    _decider: Decider
    _ttl: timedelta
    _spoken_for: dict[str, str]
    """Teams named while the ledger could not be written, each with its call."""

    def receive(self, call: Call, *, priority: int | None = None) -> Decision:
        """Take a call in and decide it.

        Parameters
        ----------
        call : Call
            A new one.
        priority : int, optional
            1 (most urgent) to 9; that of its type in the policy when not given.

        Returns
        -------
        Recommendation or Referral
            What no unarmed program takes is referred by this, and has ended; a call that no team
            can take now waits, where the policy lets it. When the ledger cannot be written the
            decision is made all the same, is flagged ``not_logged``, and nothing else has happened:
            receive the call again when the ledger is back. Until then this dispatcher names no team
            for two calls; what another one names it cannot know.

            The very same call once more, as after a lost answer, gives the decision in force for it
            and records nothing. That may be a later one than the first, and its team be held by
            now: ``board.call`` tells. Such a decision is known as long as the call is open, and of
            the last thousand calls that were referred by theirs; not where the ledger does not keep
            decisions whole (`Keep.TEXT`), and not after a purge.

        Raises
        ------
        LifecycleError
            A call of that id was received before, and this one differs: `revise` it; the message
            says in what. Or it has ended, or its decision is not kept.
        InputError
            As `Router.route`.
        """
        checked_call(call)

        def act(at: datetime) -> tuple[Sequence[Event], tuple[Decision, bool]]:
            known = received_again(self.live, self._decider, call, priority, at)
            if known is not None:
                return (), (known, False)
            events, decision = receive(self._decider, call, priority, at)
            return events, (decision, True)

        try:
            decision, recorded = self._log.act(act)
        except LedgerError:
            return self._unlogged(call)
        if recorded:
            self._spoken_for.clear()
        return decision

    def send(
        self,
        call: Call,
        *,
        idempotency_key: str,
        priority: int | None = None,
        ttl: timedelta | None = None,
        accepted: bool = False,
        choose: Callable[[Recommendation, datetime], str] | None = None,
    ) -> tuple[Decision, Reservation | None]:
        """Take a call in, decide it and hold a team, by one act: nobody comes between.

        Parameters
        ----------
        call, priority
            As `receive`.
        idempotency_key, ttl, accepted
            As `reserve`.
        choose : callable, optional
            Given the recommendation and ledger time, returns the id of the candidate to hold; the
            one recommended when not given. It is asked with the ledger held, so it must not act on
            this dispatcher.

        Returns
        -------
        tuple of (Decision, Reservation or None)
            As `receive`; None where the decision recommends nobody, or is flagged ``not_logged``.
            The very same call with the same key once more gives the decision in force and the
            reservation that the key made, ``repeated``; `ttl` and `choose` are not looked at.

        Raises
        ------
        LifecycleError
            As `receive`. Or another key holds a team for the call, or none is held and one could
            go: `reserve` it. Of a call that has ended, `reserve` with the same key tells what
            became of its team.
        InputError
            As `receive` and `reserve`, or the team chosen is no candidate.
        """
        checked_call(call)
        # Also where nobody will be recommended: a broken caller must show at its first call.
        ttl = self._ttl if ttl is None else checked_ttl(ttl)
        checked_key(idempotency_key)
        checked_accepted(accepted)
        if choose is not None and not callable(choose):
            raise InputError(f"choose must be called with a recommendation; got {choose!r:.80}")

        def act(at: datetime) -> tuple[Sequence[Event], tuple[Decision, Reservation | None, bool]]:
            known = received_again(self.live, self._decider, call, priority, at)
            if known is not None:
                held_before = sent_again(self.live, known, idempotency_key, ttl, accepted=accepted)
                return (), (known, held_before, False)
            events, decision = receive(self._decider, call, priority, at)
            if not isinstance(decision, Recommendation):
                return events, (decision, None, True)
            team_id = decision.team_id if choose is None else choose(decision, at)
            request = Request(call_id=call.call_id, team_id=team_id, key=idempotency_key, ttl=ttl)
            held, made = hold_at_once(self.live, request, decision, events, at, accepted=accepted)
            return (*events, *held), (decision, made, True)

        try:
            told, reservation, recorded = self._log.act(act)
        except LedgerError:
            return self._unlogged(call), None
        if recorded:
            self._spoken_for.clear()
        return told, reservation

    def revise(self, call: Call, *, priority: int | None = None) -> Revision:
        """Take in what is known now of an open call, and decide it again.

        Parameters
        ----------
        call : Call
            The call as it is known now, with the id and the receipt it came with.
        priority : int, optional
            As `receive`; the call keeps the one it has when not given.

        Returns
        -------
        Revision
            A team that is only held and may not go any more is let go; one that has accepted must
            be recalled by people, and `Revision.recall` says so.

        Raises
        ------
        UnknownCallError
            No such open call.
        LedgerError
            Nothing was changed.
        """
        return self._log.act(lambda at: revise(self.live, self._decider, call, priority, at))

    def _unlogged(self, call: Call) -> Decision:
        """Decide while the ledger is out of reach, without teams named for other calls then."""
        with self._log.lock:
            others = (team for team, named in self._spoken_for.items() if named != call.call_id)
            without = replace(call, excludes=(*call.excludes, *others))
            decision, _ = self._decider.decide(without, self._log.clock.now(self.live.at))
            if isinstance(decision, Recommendation):
                self._spoken_for[decision.team_id] = call.call_id
        return replace(decision, flags=(*decision.flags, Flag.NOT_LOGGED))
