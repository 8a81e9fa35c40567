"""What crews report on a shift: acts that need no decision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from unarmed_router.errors import InputError
from unarmed_router.fleet import team_acts
from unarmed_router.fleet.report_time import refuse_ahead
from unarmed_router.model.call import in_utc
from unarmed_router.model.events import Event
from unarmed_router.model.outcome import (
    DeclineReason,
    Disposition,
    EscalationAct,
    EscalationReason,
    word_of,
)
from unarmed_router.model.real_number import real_number
from unarmed_router.model.team import TeamStatus
from unarmed_router.model.whole_number import as_whole
from unarmed_router.operations.acting import Acting

__all__ = ["TeamReports"]

_NO_SKEW = timedelta(0)


class TeamReports(Acting):
    """The acts of `operations.dispatcher.Dispatcher` by which a team says what it does."""

    def accept(self, reservation_id: str) -> None:
        """Let the team take the call it is held for; accepting twice changes nothing.

        Parameters
        ----------
        reservation_id : str
            As `reserve` told it.

        Raises
        ------
        UnknownCallError
            The reservation is not open: it lapsed, was declined, or its call has ended.
        LedgerError
            Nothing has happened.
        """
        self._do(lambda at: team_acts.accept(self.live, reservation_id, at))

    def decline(self, reservation_id: str, reason: DeclineReason | str) -> None:
        """Let the team give the call back before it has arrived; it is not asked again for it.

        Once more for the same reason, as after a lost answer, changes nothing.

        Parameters
        ----------
        reservation_id : str
            As `reserve` told it.
        reason : DeclineReason or str
            Why.

        Raises
        ------
        UnknownCallError
            The reservation is not open; the message of one that was declined for another reason
            says for which.
        LifecycleError
            The team has arrived: let it `escalate`, or `close` the call.
        InputError
            The reason is none.
        LedgerError
            Nothing has happened.
        """
        why = word_of(DeclineReason, reason)
        self._do(lambda _: team_acts.decline(self.live, reservation_id, why))

    def report(
        self,
        team_id: str,
        status: TeamStatus | str,
        *,
        since: datetime | None = None,
        disposition: Disposition | str | None = None,
    ) -> None:
        """Take a team's report of what it is doing.

        A team that rolls or arrives has accepted. One that becomes available or goes off duty has
        left its call, which is closed as ``not_recorded`` unless somebody said how. The call of a
        team that breaks down waits again. The same status again changes nothing, as where an answer
        was lost and the report is sent once more; with a disposition, where the call that the team
        has left by its last report closed so.

        Parameters
        ----------
        team_id : str
            Which team.
        status : TeamStatus or str
            What it does.
        since : datetime, optional
            Since when, timezone-aware; now when not given, or when it is up to a minute ahead. With
            it a report that comes again late is never taken for a new one: it is out of order.
        disposition : Disposition or str, optional
            How the call closed that the team leaves by this; `close` says it apart.

        Raises
        ------
        UnknownTeamError
            No such team.
        OutOfOrderError
            The report is older than what is known.
        LifecycleError
            Its status cannot follow what the team is doing; the message lists those that can. Or
            its call has closed otherwise than the disposition says.
        InputError
            A word is none of its list, or `since` is naive or more than a minute ahead.
        LedgerError
            Nothing has happened.
        """
        new = word_of(TeamStatus, status)
        how = None if disposition is None else word_of(Disposition, disposition)

        def events(at: datetime) -> Sequence[Event]:
            moment, skew = at, _NO_SKEW
            if since is not None:
                moment = in_utc(since, "since")
                refuse_ahead(moment, at, "since")
                moment = min(moment, at)  # a clock a little fast does not bar what comes next
                skew = timedelta(seconds=self._decider.policy(at).screening.clock_skew_s)
            return team_acts.report(
                self.live, team_id, new, moment, at=at, skew=skew, disposition=how
            )

        self._do(events)

    def record_fix(
        self,
        team_id: str,
        *,
        lon: float,
        lat: float,
        at: datetime,
        accuracy_m: float | None = None,
    ) -> bool:
        """Take an AVL position; it is on record once a decision has stood on it.

        Parameters
        ----------
        team_id : str
            Which team.
        lon, lat : float
            WGS 84 degrees.
        at : datetime
            When it was measured; timezone-aware.
        accuracy_m : float, optional
            How far off it may be, metres, as the receiver says. One that is coarser than the
            policy's ``max_fix_error_m`` is not taken: the position before it stands, and ages.

        Returns
        -------
        bool
            False where a later position is known, or this one is too coarse.

        Raises
        ------
        UnknownTeamError
            No such team.
        CoordinateError
            It is no place on earth.
        InputError
            The time is naive or more than a minute ahead, or the accuracy is no distance.
        """
        now = self._log.clock.now(self.live.at)
        refuse_ahead(in_utc(at, "fix time"), now, "fix time")
        if accuracy_m is not None and self._too_coarse(accuracy_m, now):
            self.live.roster.state(team_id)  # an unknown team is refused all the same
            return False
        return self._decider.record_fix(team_id, lon=lon, lat=lat, at=at)

    def escalate(
        self,
        team_id: str,
        act: EscalationAct | str,
        *,
        reason: EscalationReason | str,
        target: str,
        call_id: str | None = None,
        nth: int | None = None,
    ) -> None:
        """Let a team on scene ask for help, or hand its call over.

        A call is handed over once: the same reason and target once more, as after a lost answer,
        change nothing while the team is at that scene. Help is asked for each time it is said,
        unless `nth` tells that it was asked for already.

        Parameters
        ----------
        team_id : str
            Which team.
        act : EscalationAct or str
            ``assist``: it stays; ``hand_over``: the call closes as ``handed_over``, and the team
            says when it is clear.
        reason : EscalationReason or str
            Why.
        target : str
            Referral target of the policy that is asked.
        call_id : str, optional
            The call whose scene it is at. With it an act that comes again late is never taken for
            one at the next scene: it is refused.
        nth : int, optional
            Which time the team asks for the same act, reason and target at this scene: 1, and 2
            where it asks once more because nobody has come. With it an act may be sent again after
            a lost answer: what is on record changes nothing.

        Raises
        ------
        UnknownTeamError
            No such team.
        LifecycleError
            It is on no scene, or on that of another call than `call_id`. Its call was handed over
            otherwise, or has closed. Or it has asked for the same less often than `nth` says.
        InputError
            A word is none of its list, the policy has no such target, or `nth` is no number from 1.
        LedgerError
            Nothing has happened.
        """
        what, why = word_of(EscalationAct, act), word_of(EscalationReason, reason)
        time = None if nth is None else as_whole(nth)
        if nth is not None and (time is None or time < 1):
            raise InputError(f"nth {nth!r:.80} must be a whole number from 1")

        def events(at: datetime) -> Sequence[Event]:
            made = team_acts.escalate(
                self.live, team_id, what, reason=why, target=target, call_id=call_id, nth=time
            )
            if made:  # what is on record stands, whatever policy has come since
                self._refuse_unknown_target(target, at)
            return made

        self._do(events)

    def _too_coarse(self, accuracy_m: float, at: datetime) -> bool:
        error_m = real_number(accuracy_m)
        if error_m is None:
            raise InputError(f"accuracy_m must be a number of metres; got {accuracy_m!r:.80}")
        if not 0.0 <= error_m < math.inf:
            raise InputError(f"accuracy_m {error_m} must be at least 0 and finite")
        limit = self._decider.policy(at).screening.max_fix_error_m
        return limit is not None and error_m > limit
