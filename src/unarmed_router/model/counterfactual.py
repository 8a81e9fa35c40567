"""What would have to be otherwise for an unarmed team to take a call."""

from __future__ import annotations

from dataclasses import dataclass

from unarmed_router.model.call import Answer
from unarmed_router.model.explanation import minutes
from unarmed_router.model.reasons import ExclusionReason

__all__ = ["Counterfactual", "FactChange", "NearestExcluded"]

_GIVEN = (Answer.NO, Answer.YES)


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact whose answer would be another.

    Parameters
    ----------
    fact : str
        Name of the fact.
    was : Answer
        The answer triage had.
    to : Answer
        Yes or no, never the answer it was.
    """

    fact: str
    was: Answer
    to: Answer


@dataclass(frozen=True, slots=True)
class NearestExcluded:
    """The team left out that could be there first, were it not left out.

    Parameters
    ----------
    team_id : str
        Who.
    reason : ExclusionReason
        Why the decision leaves it out.
    detail : str
        The value that decided, in words; for a team not considered, why the call was referred.
    travel_ms : int
        Exact road travel time from where it stands, both access legs included, milliseconds.
    """

    team_id: str
    reason: ExclusionReason
    detail: str
    travel_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """The smallest change of facts that makes a program eligible, and the nearest team left out.

    Parameters
    ----------
    call_id : str
        The call.
    changes : tuple of FactChange or None
        In the policy's order of facts; empty when a program is eligible as it is, None when no
        change of facts makes one so.
    programs : tuple of str
        Programs that would be eligible then, in the policy's order; empty where `changes` is None.
    fixed : tuple of str
        Facts that a code of the call answers with yes. No answer of a caller takes that back, so
        they are never among the changes.
    nearest : NearestExcluded or None
        None when no team is left out for a reason of its own, or none of them can be timed.
    """

    call_id: str
    changes: tuple[FactChange, ...] | None
    programs: tuple[str, ...]
    fixed: tuple[str, ...] = ()
    nearest: NearestExcluded | None = None

    def explain(self) -> str:
        """Explain it to a dispatcher, one or two sentences."""
        return " ".join(filter(None, [self._facts(), self._nearest()]))

    def _facts(self) -> str:
        if self.changes is None:
            codes = f" (a code of it sets {', '.join(self.fixed)})" if self.fixed else ""
            return f"No other answer would let an unarmed program take call {self.call_id}{codes}."
        names = ", ".join(self.programs)
        if not self.changes:
            return f"{names} may take call {self.call_id} with its facts as they are."
        parts = [f"{c.fact} {c.to} instead of {c.was}" for c in self.changes if c.was in _GIVEN]
        for answer in _GIVEN:
            asked = [c.fact for c in self.changes if c.was not in _GIVEN and c.to is answer]
            parts += [f"{', '.join(asked)} answered {answer}"] if asked else []
        return f"With {', and '.join(parts)}, {names} could take call {self.call_id}."

    def _nearest(self) -> str:
        near = self.nearest
        if near is None:
            return ""
        detail = f" ({near.detail})" if near.detail else ""
        why = near.reason.value.replace("_", " ")
        return (
            f"The nearest team left out is {near.team_id}, {minutes(near.travel_ms)} away by road: "
            f"{why}{detail}."
        )
