"""The path of a decision that holds no roads any more: decide again, and compare."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Protocol

from unarmed_router.errors import InputError
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Recommendation, Referral
from unarmed_router.model.reasons import Flag
from unarmed_router.model.roster_snapshot import RosterSnapshot

if TYPE_CHECKING:
    from unarmed_router.dispatch.desk import Desk
    from unarmed_router.model.decision import Decision
    from unarmed_router.model.driven_path import DrivenPath

__all__ = ["FindsPaths"]

_REMEDY = {
    "inputs": "it is another call",
    "roster": "the teams have moved or changed since; give the snapshot of then as roster=",
    "profile": "the speeds were changed since; put those of then in force",
}
_OTHERWISE = "load the agency it was decided with"


class Snapshots(Protocol):
    """Teams that change."""

    def snapshot(self) -> RosterSnapshot:
        """Return them as they are now."""


class FindsPaths:
    """Base of what decides calls and can be asked for the path of a decision.

    Attributes
    ----------
    roster : Snapshots
        The live teams.
    """

    roster: Snapshots

    @property
    def desk(self) -> Desk:
        """What is in force now, made ready."""
        raise NotImplementedError

    def path(
        self,
        decision: Decision,
        *,
        call: Call | None = None,
        roster: RosterSnapshot | None = None,
    ) -> DrivenPath:
        """Find by which streets the team of a decision drives.

        Parameters
        ----------
        decision : Recommendation or Referral
            Just made, or read back from JSON.
        call : Call, optional
            The call it decides. Without it the decision itself is asked, which must be just made: a
            decision that was read back holds no place.
        roster : RosterSnapshot, optional
            The teams as they were; as they are now when not given.

        Returns
        -------
        DrivenPath
            Its time is the travel time of the decision, to the millisecond.

        Raises
        ------
        InputError
            No decision, call or snapshot; a referral; or decided again, the call ends otherwise:
            the message names what differs. A path of other teams or speeds would not be the path of
            this decision.
        """
        if not isinstance(decision, Recommendation | Referral):
            raise InputError(
                f"path takes a decision; got {type(decision).__name__}: `route` makes one, and "
                "unarmed_router.interop.json_codec.decision_from_json reads one"
            )
        if call is None:
            return decision.path()
        if not isinstance(call, Call):
            raise InputError(f"call must be the Call that was decided; got {call!r:.80}")
        if not isinstance(roster, RosterSnapshot | None):
            raise InputError(
                f"roster must be a snapshot of the teams; got {roster!r:.80}: roster.snapshot() "
                "takes one"
            )
        teams = self.roster.snapshot() if roster is None else roster
        again = self.desk.decide(call, decision.decided_at, teams)
        if again == _as_routed(decision):
            return again.path()
        raise InputError(f"call {decision.call_id}: {_difference(decision, again)}")


def _as_routed(decision: Decision) -> Decision:
    """Return a decision without what a dispatcher adds to it."""
    if Flag.NOT_LOGGED not in decision.flags:
        return decision
    return replace(decision, flags=tuple(f for f in decision.flags if f is not Flag.NOT_LOGGED))


def _difference(decision: Decision, again: Decision) -> str:
    """Say what a decision stood on that is otherwise now."""
    then, now = decision.basis, again.basis
    differing = [
        each.name for each in fields(then) if getattr(then, each.name) != getattr(now, each.name)
    ]
    was, found = (None if each.aid is None else each.aid.table for each in (decision, again))
    if not differing and was != found:
        return (
            f"its path cannot be found again: its price was reckoned by table of demand "
            f"{_short(was)} and is by {_short(found)}; {_OTHERWISE}"
        )
    if not differing:
        return "decided again on the same data it ends otherwise; it is not the router's own"
    named = [
        f"{name} was {_short(getattr(then, name))} and is {_short(getattr(now, name))}"
        for name in differing
    ]
    remedies = sorted({_REMEDY.get(name, _OTHERWISE) for name in differing})
    return f"its path cannot be found again: {', '.join(named)}; {'; '.join(remedies)}"


def _short(value: object) -> str:
    """Show the beginning of a digest."""
    text = str(value)
    return f"{text[:12]}..." if len(text) > 40 else text
