"""The answer: a team to send, or who takes the call instead, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, TypeAlias

from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Facts, in_utc
from unarmed_router.model.canonical import to_json, to_plain
from unarmed_router.model.deferred import Deferred
from unarmed_router.model.explanation import explain_recommendation, explain_referral
from unarmed_router.model.location import DivisionMatch, LocationArea
from unarmed_router.model.reasons import ExclusionReason, Flag, ProgramVerdict, ReferralReason

__all__ = [
    "RANKING_RULE",
    "Basis",
    "Candidate",
    "Considered",
    "Decision",
    "Exclusion",
    "Leading",
    "Question",
    "Reading",
    "Recommendation",
    "Referral",
]

RANKING_RULE = (
    "target met, program order, response time, missing preferences, longest idle, team id"
)
"""First that differs decides; times are compared to the millisecond."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome(Deferred):
    """What every decision carries."""

    call_id: str
    call_type: str
    codes: tuple[str, ...]
    facts: Mapping[str, Answer]
    reading: Reading
    needs: tuple[str, ...]
    prefers: tuple[str, ...]
    received_at: datetime
    decided_at: datetime
    place: DivisionMatch
    area: LocationArea | None
    snap_m: float | None
    programs: tuple[Considered, ...]
    candidates: tuple[Candidate, ...]
    exclusions: tuple[Exclusion, ...]
    flags: tuple[Flag, ...]
    basis: Basis
    ranking_rule: str = RANKING_RULE

    def __post_init__(self) -> None:
        object.__setattr__(self, "received_at", in_utc(self.received_at, "received_at"))
        object.__setattr__(self, "decided_at", in_utc(self.decided_at, "decided_at"))
        if not isinstance(self.facts, Facts):
            object.__setattr__(self, "facts", Facts(self.facts))

    def to_dict(self) -> dict[str, Any]:
        """Return the decision as plain dicts, lists, strings and numbers, in a fixed order."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    def to_json(self) -> str:
        """Return canonical JSON: the same decision gives the same bytes everywhere.

        Keys sorted, no spaces, shortest round-trip floats, times in UTC: the idea of RFC 8785,
        JSON Canonicalization Scheme, but with Python's way of writing a number.
        """
        return to_json(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation(_Outcome):
    """An unarmed team to send.

    Parameters
    ----------
    call_id, call_type, codes, facts, needs, prefers, received_at, decided_at
        The call, without its place, and when it was decided.
    reading : Reading
        The call as the policy understands it.
    place : DivisionMatch
        Division of the call.
    area : LocationArea or None
        Where else it may be, when its position is uncertain.
    snap_m : float or None
        Distance from the call to the road used, metres.
    programs : tuple of Considered
        Every program of the policy, with its verdict.
    candidates : tuple of Candidate
        Teams that could go, best first; the first is recommended.
    exclusions : tuple of Exclusion
        Every other team of the roster, with its reason, in order of team id.
    flags : tuple of Flag
        What the reader should know.
    basis : Basis
        What the decision stands on.
    ranking_rule : str
        How candidates are ordered.
    program_name, provider_name : str
        For people.
    kind : "recommendation"
        Tells the two outcomes apart in JSON.
    """

    program_name: str
    provider_name: str
    kind: Literal["recommendation"] = "recommendation"

    def __post_init__(self) -> None:
        _Outcome.__post_init__(self)
        if not self.candidates:
            raise InputError(f"call {self.call_id}: a recommendation needs a candidate")

    def _leading(self) -> Leading:
        """Return who goes, without writing the candidates where they are not written."""
        found: Leading | None = self._kept()
        if found is None:
            writer = self._writer_of()
            if writer is None:
                first = self.candidates[0]
                times = first.travel_ms, first.turnout_ms, first.response_ms
                found = Leading(first.team_id, *times, self.decided_at)
            else:
                found = writer.leading()
            self._keep(found)
        return found

    @property
    def team_id(self) -> str:
        """The team to send."""
        return self._leading().team_id

    @property
    def travel_time_s(self) -> float:
        """Road travel time of the team, seconds."""
        return self._leading().travel_ms / 1000

    @property
    def response_time_s(self) -> float:
        """Response time, received to arrived, seconds."""
        return self._leading().response_ms / 1000

    @property
    def eta(self) -> datetime:
        """When the team arrives: an instant, never a duration."""
        first = self._leading()
        return first.decided_at + timedelta(milliseconds=first.turnout_ms + first.travel_ms)

    def explain(self) -> str:
        """Explain the decision to a dispatcher, one paragraph."""
        return explain_recommendation(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral(_Outcome):
    """No unarmed team: who takes the call instead, and why.

    Parameters
    ----------
    reason : ReferralReason
        Why.
    detail : str
        The value that decided, in words.
    target, target_name, contact : str
        Who takes the call, and how to reach them.
    questions : tuple of Question
        What to ask when the reason is ``needs_triage``.
    kind : "referral"
        Tells the two outcomes apart in JSON.

    Notes
    -----
    The other fields are those of `Recommendation`.
    """

    reason: ReferralReason
    detail: str
    target: str
    target_name: str
    contact: str = ""
    questions: tuple[Question, ...] = ()
    kind: Literal["referral"] = "referral"

    def explain(self) -> str:
        """Explain the decision to a dispatcher, one paragraph."""
        return explain_referral(self)


Decision: TypeAlias = Recommendation | Referral
"""What `route` returns."""
