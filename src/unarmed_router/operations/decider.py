"""Deciding on a shift: against the board's teams, with every position used on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from unarmed_router.dispatch.ground import Ground
from unarmed_router.dispatch.ports import World
from unarmed_router.fleet.board import Board
from unarmed_router.fleet.call_record import CallRecord
from unarmed_router.fleet.preemption import counted_available
from unarmed_router.model.call import Call, microseconds
from unarmed_router.model.decision import Decision
from unarmed_router.model.events import Event
from unarmed_router.model.policy import Policy
from unarmed_router.model.roster_snapshot import RosterSnapshot
from unarmed_router.operations.ports import Decides
from unarmed_router.operations.recording import Keep, decided, fixes_of
from unarmed_router.operations.wording import in_words_of

__all__ = ["Decider"]

_QUARTER = 15 * 60 * 1_000_000
"""Days begin on a quarter of an hour of UTC in every time zone; a policy is in force for days."""


class Decider:
    """Decides calls of a shift and says what the ledger must know to decide them again.

    A position is recorded when a decision first stands on it. One that a later fix overtook before
    any decision saw it is never recorded: that thins a stream of fixes and loses nothing.

    Parameters
    ----------
    router : Router or another that decides
        What is in force.
    board : Board
        The teams and calls.
    keep : Keep
        What to keep of each decision.
    positions : bool
        Whether to record positions at all: not where nobody can read the events.
    """

    def __init__(
        self, router: Decides, board: Board, keep: Keep, *, positions: bool = True
    ) -> None:
        self._router, self._board, self._keep = router, board, keep
        self._positions = positions
        self._fix_lock = Lock()
        self._moved: set[str] = set()
        self._in_force: tuple[World, int, Policy] | None = None

    def record_fix(self, team_id: str, *, lon: float, lat: float, at: datetime) -> bool:
        """Take an AVL position; False where a later one is known."""
        with self._fix_lock:
            roster, taken = None, False
            while roster is not self._board.roster:  # another one was set: it may lack this fix
                roster = self._board.roster
                taken |= roster.record_fix(team_id, lon=lon, lat=lat, at=at)
            if taken and self._positions:
                self._moved.add(team_id)
            return taken

    def decide(
        self, call: Call, at: datetime, *, counted: tuple[str, ...] = ()
    ) -> tuple[Decision, Sequence[Event]]:
        """Decide a call at ledger time.

        Parameters
        ----------
        call : Call
            The call.
        at : datetime
            Ledger time.
        counted : tuple of str
            Teams to count as available.

        Returns
        -------
        tuple of (Decision, sequence of Event)
            The decision, and the positions that must be on record before it.
        """
        roster, fixes = self.teams()
        decision = self._router.desk.decide(call, at, counted_available(roster, counted))
        return decision, fixes

    def decide_many(
        self, records: Sequence[CallRecord], at: datetime, roster: RosterSnapshot
    ) -> Sequence[Decision]:
        """Decide open calls at ledger time, to choose among them; none is on record by this."""
        calls = [self.call_of(record, at) for record in records]
        return self._router.desk.decide_many(calls, [at] * len(calls), roster)

    def recorded(
        self, decision: Decision, fixes: Sequence[Event], *, counted: tuple[str, ...] = ()
    ) -> Sequence[Event]:
        """Return the events that put a decision on record."""
        return (*fixes, decided(decision, self._keep, counted=counted))

    def call_of(self, record: CallRecord, at: datetime) -> Call:
        """Return an open call as it is decided now."""
        return self.in_words(record.as_decided(record.call), at)

    def in_words(self, call: Call, at: datetime, before: Call | None = None) -> Call:
        """Return a call in the words of the policy in force; as `operations.wording` does."""
        teams = self._board.roster.snapshot().lineup.teams
        return in_words_of(self.policy(at), call, teams, before)

    def policy(self, at: datetime) -> Policy:
        """Return the policy in force, all its providers included, whoever serves at this moment."""
        world = self._router.desk.world
        if not world.policies:  # one for all days
            return world.policy
        quarter = microseconds(at) // _QUARTER
        known = self._in_force
        if known is None or known[0] is not world or known[1] != quarter:
            policy = world.policy_on(world.hours.local(at).date())
            self._in_force = known = (world, quarter, policy)
        return known[2]

    def serving(self, at: datetime) -> Policy:
        """Return the policy in force with the providers that serve at this moment."""
        return self._router.desk.ground_at(at).policy

    def ground_for(self, call: Call, at: datetime, served_at: datetime) -> Ground:
        """Return the policy in force where a call is, with the providers of another moment."""
        return self._router.desk.ground_for(call, at, served_at)

    def call_type(self, record: CallRecord, at: datetime) -> str | None:
        """Return the call type of the policy a call is read as; None where it is not known."""
        call = self.in_words(record.call, at)
        return self._router.desk.ground_at(at).eligibility.reading(call).call_type

    def teams(self) -> tuple[RosterSnapshot, Sequence[Event]]:
        """Return the teams as they are, and the positions among them that are not on record."""
        with self._fix_lock:
            roster, on_record = self._board.roster, self._board.fix_on_record
            snapshot = roster.snapshot()
            if not self._moved:
                return snapshot, ()
            moved = {
                team_id: fix
                for team_id in sorted(self._moved)
                if team_id in roster  # it may have been dropped meanwhile
                and (fix := roster.fix_of(team_id)) is not None
                and fix[2] != on_record.get(team_id)
            }
            self._moved = set(moved)
            return snapshot, fixes_of(moved)
