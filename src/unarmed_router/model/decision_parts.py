"""What decisions are made of: teams with their times, programs with their verdicts, the basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Facts
from unarmed_router.model.reasons import ExclusionReason, ProgramVerdict

__all__ = [
    "Basis",
    "Candidate",
    "Considered",
    "Exclusion",
    "Leading",
    "Question",
    "Reading",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the decision stands on: enough to replay it.

    Parameters
    ----------
    version : str
        Version of this library.
    inputs : str
        SHA-256 of the call's canonical JSON.
    agency, boundaries, network, profile, roster : str
        SHA-256 digests of the settings and the content used; the profile's covers the live factors
        in force.
    policy_id, policy : str
        Name and digest of the policy.
    hour_of_week : int or None
        Hour of the speed profile used, 0 is Monday 00:00 local; None when no travel time was
        needed.
    network_title, network_limits : str
        What the road network is and what it is not.
    policy_from, policy_until : date or None
        Effective dates of the policy, `policy_until` exclusive; None is open.
    """

    version: str
    inputs: str
    agency: str
    boundaries: str
    network: str
    profile: str
    roster: str
    policy_id: str
    policy: str
    hour_of_week: int | None
    network_title: str
    network_limits: str
    policy_from: date | None = None
    policy_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A team that could go, with its times in milliseconds.

    Parameters
    ----------
    team_id, provider, program : str
        Who.
    travel_ms : int
        Road travel time, with both access legs.
    turnout_ms : int
        Assignment to rolling.
    response_ms : int
        Received to arrived: time already waited, turnout and travel.
    position : {"avl", "home"}
        Where its position comes from.
    missing : tuple of str
        Capabilities the call prefers and it lacks.
    """

    team_id: str
    provider: str
    program: str
    travel_ms: int
    turnout_ms: int
    response_ms: int
    position: Literal["avl", "home"]
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if min(self.travel_ms, self.turnout_ms, self.response_ms) < 0:
            raise InputError(
                f"team {self.team_id}: travel_ms {self.travel_ms}, turnout_ms {self.turnout_ms}, "
                f"response_ms {self.response_ms}: one of them is negative"
            )


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A team that is not recommended, and why.

    Parameters
    ----------
    team_id : str
        Who.
    reason : ExclusionReason
        Why.
    detail : str
        The value that decided, in words.
    """

    team_id: str
    reason: ExclusionReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Considered:
    """A program that was considered, with what triage says of it.

    Parameters
    ----------
    program : str
        Program id.
    verdict : ProgramVerdict
        Outcome of triage.
    rules : tuple of str
        Ids of the rules that hold, or that could hold while facts are unknown.
    place : int
        Its place among the programs that may take the call, from 1; 0 where it may not, or where
        no team was looked at.
    because : str
        Why it has that place, in words.
    """

    program: str
    verdict: ProgramVerdict
    rules: tuple[str, ...] = ()
    place: int = 0
    because: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A call as the policy understands it.

    Parameters
    ----------
    call_type : str or None
        Call type of the policy; None when the type or a code is unknown.
    facts : mapping of str to Answer
        The call's answers with what its codes add.
    added : tuple of str
        Facts that a code answers with yes and the caller did not.
    detail : str
        Which code is unknown, and why.
    """

    call_type: str | None
    facts: Mapping[str, Answer]
    added: tuple[str, ...] = ()
    detail: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.facts, Facts):
            object.__setattr__(self, "facts", Facts(self.facts))

    def answer(self, fact: str) -> Answer:
        """Answer to a fact; unknown when nobody asked."""
        facts: Facts = self.facts  # type: ignore[assignment]  # made so above
        return facts.answer(fact)


@dataclass(frozen=True, slots=True)
class Question:
    """A question to ask before an unarmed team may go.

    Parameters
    ----------
    fact : str
        The fact it settles.
    text : str
        What to ask.
    """

    fact: str
    text: str


class Leading(NamedTuple):
    """Who goes and when, for readers that need no more."""

    team_id: str
    travel_ms: int
    turnout_ms: int
    response_ms: int
    decided_at: datetime
    call_id: str
