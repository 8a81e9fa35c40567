"""The answer: a team to send, or who takes the call instead, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NoReturn, TypeAlias

from unarmed_router.errors import InputError
from unarmed_router.model.audit_text import Audience, explained
from unarmed_router.model.call import Answer, Facts, in_utc
from unarmed_router.model.canonical import to_json, to_plain
from unarmed_router.model.decision_parts import (
    Basis,
    Candidate,
    Considered,
    Exclusion,
    Leading,
    Question,
    Reading,
)
from unarmed_router.model.deferred import Deferred
from unarmed_router.model.driven_path import DrivenPath
from unarmed_router.model.explanation import explain_recommendation, explain_referral
from unarmed_router.model.location import DivisionMatch, LocationArea
from unarmed_router.model.mutual_aid import AidPrice
from unarmed_router.model.reasons import Flag, ReferralReason

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
    aid: AidPrice | None
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
    aid : AidPrice or None
        What sending a team of another provider costs its own area, when the agency knows demand.
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

    @property
    def leading(self) -> Leading:
        """Who goes and when, in milliseconds; known without writing anything else."""
        found: Leading | None = self._lead_of()
        if found is None:  # made in full
            first = self.candidates[0]
            times = first.travel_ms, first.turnout_ms, first.response_ms
            found = Leading(first.team_id, *times, self.decided_at, self.call_id)
        return found

    @property
    def team_id(self) -> str:
        """The team to send."""
        return self.leading.team_id

    @property
    def travel_time_s(self) -> float:
        """Road travel time of the team, seconds."""
        return self.leading.travel_ms / 1000

    @property
    def response_time_s(self) -> float:
        """Response time, received to arrived, seconds."""
        return self.leading.response_ms / 1000

    @property
    def eta(self) -> datetime:
        """When the team arrives: an instant, never a duration."""
        first = self.leading
        return first.decided_at + timedelta(0, 0, (first.turnout_ms + first.travel_ms) * 1000)

    def explain(self, audience: Audience = "dispatcher") -> str:
        """Explain the decision to somebody.

        Parameters
        ----------
        audience : {"dispatcher", "auditor"}
            Two sentences, and one more for the flags; or everything, in lines.

        Raises
        ------
        InputError
            The audience is another.
        """
        return explained(self, audience, explain_recommendation)

    def path(self) -> DrivenPath:
        """Find by which streets the team drives; nothing of it is done before it is asked for.

        Returns
        -------
        DrivenPath
            Geometry and turn list; its time is ``candidates[0].travel_ms``.

        Raises
        ------
        InputError
            The decision was read back, copied or made by hand: it holds no roads and no positions,
            see `Router.path`. Or the speeds it was decided under are no longer in memory.
        """
        writer = self._writer_of()
        if writer is None:
            raise InputError(
                f"call {self.call_id}: a decision that was read back or copied holds neither roads "
                "nor positions; use router.path(decision, call=call) with the call"
            )
        found: DrivenPath = writer.write("path")
        return found


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

    def explain(self, audience: Audience = "dispatcher") -> str:
        """Explain the decision to somebody; see `Recommendation.explain`."""
        return explained(self, audience, explain_referral)

    def path(self) -> NoReturn:
        """Refuse: nobody drives.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError(
            f"call {self.call_id}: it was referred to {self.target_name}, so no team drives to it; "
            "ask a recommendation for its path"
        )


Decision: TypeAlias = Recommendation | Referral
"""What `route` returns."""
