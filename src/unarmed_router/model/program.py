"""Policy: which programs may take which calls, and who takes them otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer
from unarmed_router.model.reasons import ReferralReason

__all__ = [
    "CallType",
    "Policy",
    "Program",
    "Provider",
    "ReferralRule",
    "ReferralTarget",
    "Rule",
    "Screening",
    "StaleFix",
    "TriageFact",
]


class StaleFix(StrEnum):
    """What to do with a team whose last position is too old."""

    EXCLUDE = "exclude"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class TriageFact:
    """A fact the rules look at, and the question that settles it.

    Parameters
    ----------
    fact_id : str
        Name used in `Call.facts`.
    question : str
        What the call taker asks.
    """

    fact_id: str
    question: str


@dataclass(frozen=True, slots=True)
class CallType:
    """A kind of call in the policy's own vocabulary."""

    call_type_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Provider:
    """An organisation that fields a program's teams in some divisions.

    Parameters
    ----------
    provider_id, name : str
        Id used by the roster, name used for people.
    divisions : frozenset of int
        Division numbers it serves.
    """

    provider_id: str
    name: str
    divisions: frozenset[int]


@dataclass(frozen=True, slots=True)
class Program:
    """A program that sends unarmed teams.

    Parameters
    ----------
    program_id, name : str
        Id used by the roster, name used for people.
    call_types : frozenset of str
        Call types it accepts.
    providers : tuple of Provider
        Who fields its teams, and where.
    response_target_s : int
        Response time it aims for, received to arrived, seconds; beyond it the decision is flagged.
    provider_of : mapping of int to str
        The one provider that serves each division; divisions it does not serve are missing.
    """

    program_id: str
    name: str
    call_types: frozenset[str]
    providers: tuple[Provider, ...]
    response_target_s: int
    provider_of: Mapping[int, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        served: dict[int, str] = {}
        for provider in self.providers:
            for number in provider.divisions:
                if number in served:
                    raise InputError(
                        f"program {self.program_id}: division {number} is served by both "
                        f"{served[number]} and {provider.provider_id}"
                    )
                served[number] = provider.provider_id
        object.__setattr__(self, "provider_of", served)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that keeps a call from unarmed teams.

    Parameters
    ----------
    rule_id : str
        Unique in the policy.
    programs : frozenset of str
        Programs it applies to.
    when : mapping of str to Answer
        Facts that must all hold (Kleene conjunction); values are ``yes`` or ``no``.
    target : str
        Who takes the call when the rule holds.
    because : str
        The reason, in words for a dispatcher.
    """

    rule_id: str
    programs: frozenset[str]
    when: Mapping[str, Answer]
    target: str
    because: str


@dataclass(frozen=True, slots=True)
class ReferralTarget:
    """Who can take a call that no unarmed team takes.

    Parameters
    ----------
    target_id, name : str
        Id and name.
    contact : str
        How the dispatcher reaches it; empty when the CAD knows.
    """

    target_id: str
    name: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class ReferralRule:
    """One line of the referral table; the first that fits names the target.

    Parameters
    ----------
    reasons : frozenset of ReferralReason
        Why the call is referred; empty fits every reason.
    call_types : frozenset of str
        Call types it fits; empty fits every one.
    requires_yes, requires_no : frozenset of str
        Facts that must be answered so, never merely unknown.
    target : str
        Referral target id.
    """

    reasons: frozenset[ReferralReason]
    call_types: frozenset[str]
    requires_yes: frozenset[str]
    requires_no: frozenset[str]
    target: str


@dataclass(frozen=True, slots=True)
class Screening:
    """Limits a team must meet to be sent.

    Parameters
    ----------
    turnout_s : int
        Turnout time of a team that states none, seconds.
    max_fix_age_s : int
        An AVL fix older than this is stale, seconds.
    stale_fix : StaleFix
        Leave such a team out, or count it at home and flag it.
    max_response_s : int
        A team that would arrive later than this is not sent, seconds.
    clock_skew_s : int
        A fix this far in the future still counts as fresh: clocks differ a little, seconds.
    """

    turnout_s: int
    max_fix_age_s: int
    stale_fix: StaleFix
    max_response_s: int
    clock_skew_s: int = 5


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything the decision needs to know about programs; immutable.

    Parameters
    ----------
    policy_id : str
        Name of this policy and version.
    effective_from, effective_until : date or None
        Local dates between which it holds, `until` exclusive; None is open.
    digest : str
        SHA-256 of the source file.
    facts, call_types, programs, rules, targets, referrals
        The tables described above; programs in order of preference.
    screening : Screening
        Limits for teams.
    """

    policy_id: str
    effective_from: date | None
    effective_until: date | None
    digest: str
    facts: Mapping[str, TriageFact]
    call_types: Mapping[str, CallType]
    programs: tuple[Program, ...]
    rules: tuple[Rule, ...]
    targets: Mapping[str, ReferralTarget]
    referrals: tuple[ReferralRule, ...]
    screening: Screening
    order: Mapping[str, int] = field(init=False)

    def in_force(self, day: date) -> bool:
        """Tell whether the effective dates cover a local day."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_until is None or day < self.effective_until
        )

    def __post_init__(self) -> None:
        order = {program.program_id: place for place, program in enumerate(self.programs)}
        object.__setattr__(self, "order", order)
