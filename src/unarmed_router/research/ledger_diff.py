"""What another policy would have done with a day of a ledger: every decision under both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from unarmed_router.agency.folder import Agency
from unarmed_router.agency.roster_file import roster_faults
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.fleet.board import Board
from unarmed_router.ledger.store import Ledger
from unarmed_router.model.decision import Decision
from unarmed_router.model.policy import Policy
from unarmed_router.operations.data_in_force import DataInForce
from unarmed_router.operations.walking import Standing, Walk
from unarmed_router.research.outcome_change import DecisionOutcome, outcome_of, why
from unarmed_router.simulation.simulated_city import always_fresh

__all__ = ["LedgerChange", "LedgerDiff"]


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """A decision of the ledger that another policy makes differently.

    Parameters
    ----------
    seq : int
        Its number in the ledger.
    decided_at : datetime
        When it was made.
    call_id : str
        The call.
    old, new : DecisionOutcome
        What became of it, and what would have.
    why : str
        What makes the difference, in words.
    """

    seq: int
    decided_at: datetime
    call_id: str
    old: DecisionOutcome
    new: DecisionOutcome
    why: str


class LedgerDiff:
    """Decides a ledger's calls again under another policy, with the teams as they were each time.

    What follows from another decision is not played on: where the new policy sends a team to one
    call, the next call finds the teams as they were that day.

    Parameters
    ----------
    agency : Agency
        The data, as loaded now.
    new : Policy
        Decides every call, whatever its effective dates.
    policies : iterable of Policy
        Further policies that were in force, found by their digest.

    Attributes
    ----------
    decisions : int
        Decisions compared so far.
    counts : Counter of (DecisionOutcome, DecisionOutcome)
        Old and new outcome, without facts to ask, of the first changed decision of each call.
    skipped : Counter of str
        Decisions that could not be compared, by the reason.
    """

    def __init__(self, agency: Agency, new: Policy, policies: Iterable[Policy] = ()) -> None:
        self._agency, self._new = agency, new
        given = (new, *policies, agency.world.policy, *agency.world.policies)
        # The ledger may be of a simulation, whose policies have no age limit of a position.
        fresh = [always_fresh(each) for each in given]
        self._simulated = {each.digest for each in fresh}
        self._data = DataInForce(agency, [*given, *fresh])
        self._seen: dict[str, bool] = {}
        self.decisions = 0
        self.counts: Counter[tuple[DecisionOutcome, DecisionOutcome]] = Counter()
        self.skipped: Counter[str] = Counter()

    @property
    def calls(self) -> int:
        """Calls compared so far."""
        return len(self._seen)

    @property
    def changed(self) -> int:
        """Calls with a changed decision so far."""
        return sum(self._seen.values())

    def summary(self) -> dict[str, Any]:
        """Return the counts as plain values, for JSON; most frequent first."""
        ordered = sorted(self.counts.items(), key=lambda item: (-item[1], str(item[0])))
        return {
            "calls": self.calls,
            "changed": self.changed,
            "decisions": self.decisions,
            "counts": [
                {"old": str(old), "new": str(new), "calls": count} for (old, new), count in ordered
            ],
            "skipped": dict(self.skipped),
        }

    def changes(self, ledger: Ledger) -> Iterator[LedgerChange]:
        """Yield the decisions that change, in the order of the ledger.

        Parameters
        ----------
        ledger : Ledger
            From its first event.

        Yields
        ------
        LedgerChange

        Raises
        ------
        ConfigurationError
            A team of the roster would belong to no program or provider of the new policy.
        LedgerBrokenError
            An event does not follow from the one before it, or does not fit it.
        """
        checked: object = None
        for standing in Walk(Board(self._agency.roster.with_states)).decisions(ledger.read()):
            because = self._not_comparable(standing)
            if because is not None:
                self.skipped[because] += 1
                continue
            if checked is not standing.roster:
                self._refuse_homeless_teams(standing)
                checked = standing.roster
            change = self._compared(standing)
            if change is not None:
                yield change

    def _not_comparable(self, standing: Standing) -> str | None:
        if not standing.certain:
            return "retention removed events it may have stood on"
        return next(iter(self._data.other_data(standing)), None)

    def _compared(self, standing: Standing) -> LedgerChange | None:
        old = self._decided(standing, None)
        new = self._decided(standing, (self._as_in_force(standing),))
        self.decisions += 1
        call_id = standing.event.call_id
        before, after = outcome_of(old), outcome_of(new)
        self._seen.setdefault(call_id, False)
        if before == after:
            return None
        if not self._seen[call_id]:
            self._seen[call_id] = True
            self.counts[_kind(before), _kind(after)] += 1
        words = why(old, new)
        return LedgerChange(standing.seq, standing.event.decided_at, call_id, before, after, words)

    def _as_in_force(self, standing: Standing) -> Policy:
        """Return the new policy; in a simulation as one has it, like those it is compared with."""
        in_force = {each.digest for each in standing.agency.policies}
        return always_fresh(self._new) if in_force & self._simulated else self._new

    def _decided(
        self, standing: Standing, policies: tuple[Policy, ...] | None
    ) -> Decision | InputError:
        desk = self._data.desk(standing, policies)
        try:
            call = self._data.said(standing)
            return desk.decide(call, standing.event.decided_at, standing.roster)
        except InputError as error:
            return error

    def _refuse_homeless_teams(self, standing: Standing) -> None:
        teams = [state.team for state in standing.roster.teams]
        faults = list(roster_faults(teams, [self._new]))
        if faults:
            raise ConfigurationError(self._new.policy_id, faults)


def _kind(outcome: DecisionOutcome) -> DecisionOutcome:
    """Leave out the team and the facts to ask, which make too many kinds to count."""
    goes_to = "" if outcome.outcome == "recommendation" else outcome.goes_to
    return DecisionOutcome(outcome.outcome, goes_to)
