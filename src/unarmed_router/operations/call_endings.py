"""What call takers say of a call on a shift: acts that need no decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from unarmed_router.fleet import call_acts
from unarmed_router.fleet.queue import WAITED_TOO_LONG
from unarmed_router.model.events import Event
from unarmed_router.model.outcome import CancelReason, Disposition, word_of
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.operations.acting import Acting

__all__ = ["CallEndings"]


class CallEndings(Acting):
    """The acts of `operations.dispatcher.Dispatcher` that end a call, or say that it stands."""

    def close(self, call_id: str, disposition: Disposition | str) -> None:
        """Close a call that a team accepted; a team still on its way is available again.

        Once more with the same disposition, as after a lost answer, changes nothing.

        Parameters
        ----------
        call_id : str
            Which call.
        disposition : Disposition or str
            How it closed.

        Raises
        ------
        UnknownCallError
            It was never received, or has ended otherwise; the message says which.
        LifecycleError
            No team has accepted it: `cancel` or `refer` it. Or its team is recalled before it
            arrived: let it `decline`.
        InputError
            The disposition is none.
        LedgerError
            Nothing has happened.
        """
        how = word_of(Disposition, disposition)
        self._do(lambda _: call_acts.close(self.live, call_id, how))

    def cancel(self, call_id: str, reason: CancelReason | str) -> None:
        """End a call that no team has accepted; a team held for it is available again.

        Once more for the same reason, as after a lost answer, changes nothing.

        Parameters
        ----------
        call_id : str
            Which call.
        reason : CancelReason or str
            Why nobody needs to go.

        Raises
        ------
        UnknownCallError
            It was never received, or has ended otherwise; the message says which.
        LifecycleError
            A team has accepted it: `close` it.
        InputError
            The reason is none.
        LedgerError
            Nothing has happened.
        """
        why = word_of(CancelReason, reason)
        self._do(lambda _: call_acts.cancel(self.live, call_id, why))

    def refer(self, call_id: str, reason: str, target: str) -> None:
        """Give a call that no team has accepted to somebody else.

        Once more for the same reason and to the same target, as after a lost answer, changes
        nothing. The targets of the last thousand calls that were referred are known, and none from
        before a purge.

        Parameters
        ----------
        call_id : str
            Which call.
        reason : str
            A `ReferralReason`, or ``waited_too_long``.
        target : str
            Referral target of the policy.

        Raises
        ------
        UnknownCallError
            It was never received, or has ended otherwise; the message says which.
        LifecycleError
            A team has accepted it: let it `escalate`, or `close` the call.
        InputError
            The reason is none, or the policy has no such target.
        LedgerError
            Nothing has happened.
        """
        given: Any = reason
        late = isinstance(given, str) and given == WAITED_TOO_LONG
        why = WAITED_TOO_LONG if late else word_of(ReferralReason, reason).value

        def events(at: datetime) -> Sequence[Event]:
            made = call_acts.refer(self.live, call_id, why, target)
            if made:  # what is on record stands, whatever policy has come since
                self._refuse_unknown_target(target, at)
            return made

        self._do(events)

    def called_back(self, call_id: str) -> None:
        """Note that the caller was called back and the call still stands.

        Once more is another call-back: nothing in it tells the two apart.

        Parameters
        ----------
        call_id : str
            Which call.

        Raises
        ------
        UnknownCallError
            It was never received, or has ended; the message says which.
        LedgerError
            Nothing has happened.
        """
        self._do(lambda _: call_acts.call_back(self.live, call_id))
