"""What a policy file may hold; `unarmed_router.agency.policy_file` turns it into a `Policy`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from unarmed_router.agency.toml_file import SchemaVersion, Strict, Word
from unarmed_router.agency.waiting_entries import PreemptionEntry, Priority, WaitingEntry
from unarmed_router.fault_words import LINE_PATTERN
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.waiting import DEFAULT_PRIORITY

__all__ = [
    "AidEntry",
    "ArbitrationEntry",
    "AreaEntry",
    "CallTypeEntry",
    "CapabilityEntry",
    "FactEntry",
    "MutualAidEntry",
    "PolicyDocument",
    "ProgramEntry",
    "ProviderEntry",
    "ReferralEntry",
    "RuleEntry",
    "ScreeningEntry",
    "TargetEntry",
]

Text = Annotated[str, Field(min_length=1, max_length=500, pattern=LINE_PATTERN)]
Seconds = Annotated[int, Field(ge=0, le=86_400)]
# TOML has no enum: the text is converted, everything else stays strict.
Reason = Annotated[ReferralReason, Field(strict=False)]


class FactEntry(Strict):
    """A triage fact, the question that settles it, and the answer that is dangerous by itself."""

    id: Word
    question: Text
    danger: Literal["yes", "no", "none"] = "yes"


class CallTypeEntry(Strict):
    """A kind of call, and how urgent it is when calls wait."""

    id: Word
    name: Text
    priority: Priority = DEFAULT_PRIORITY


class AreaEntry(Strict):
    """Divisions under one name, or a polygon of a vector file."""

    id: Word
    name: Text
    divisions: list[int] = Field(default_factory=list)
    file: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    field: Annotated[str, Field(min_length=1, max_length=64)] = "name"
    feature: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class ProviderEntry(Strict):
    """Who fields a program's teams, in which divisions or areas, and when."""

    id: Word
    name: Text
    divisions: list[int] = Field(default_factory=list)
    areas: list[Word] = Field(default_factory=list)
    hours: Annotated[str, Field(min_length=1, max_length=500)] = "24/7"
    serves_from: dt.date | None = None
    serves_until: dt.date | None = None
    source: Text


class ProgramEntry(Strict):
    """A program that sends unarmed teams, in order of preference."""

    id: Word
    name: Text
    call_types: Annotated[list[Word], Field(min_length=1)]
    response_target_s: Annotated[int, Field(ge=1, le=86_400)]
    max_response_s: Annotated[int, Field(ge=1, le=86_400)] | None = None
    providers: Annotated[list[ProviderEntry], Field(min_length=1)]
    source: Text


class RuleEntry(Strict):
    """A rule that keeps calls from unarmed teams."""

    id: Word
    programs: Annotated[list[Word], Field(min_length=1)] | None = None
    when: Annotated[dict[Word, Literal["yes", "no"]], Field(min_length=1)] | None = None
    plugin: Word | None = None
    target: Word
    because: Text
    source: Text


class TargetEntry(Strict):
    """Who can take a call that no unarmed team takes."""

    id: Word
    name: Text
    contact: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class ReferralEntry(Strict):
    """A line of the referral table; an absent condition fits everything."""

    target: Word
    reasons: list[Reason] = Field(default_factory=list)
    call_types: list[Word] = Field(default_factory=list)
    requires_yes: list[Word] = Field(default_factory=list)
    requires_no: list[Word] = Field(default_factory=list)


class ScreeningEntry(Strict):
    """Limits a team must meet."""

    turnout_s: Seconds
    max_fix_age_s: Seconds
    stale_fix: Literal["exclude", "home"]
    max_response_s: Annotated[int, Field(ge=1, le=86_400)]
    clock_skew_s: Annotated[int, Field(ge=0, le=300)] = 5
    handover_s: Seconds = 0
    max_fix_error_m: Annotated[float, Field(gt=0, le=100_000)] | None = None


class ArbitrationEntry(Strict):
    """How programs that may take the same call are put in order."""

    late_programs_yield: bool = True
    preference_s: Seconds = 0


class CapabilityEntry(Strict):
    """Something a team can do that a call may need or prefer."""

    id: Word
    name: Text


class AidEntry(Strict):
    """One provider that may help others."""

    provider: Word
    helps: Annotated[list[Word], Field(min_length=1)]


class MutualAidEntry(Strict):
    """When teams may leave their area for another provider's; absent, they never do."""

    max_response_s: Annotated[int, Field(ge=1, le=86_400)]
    keep_home: Annotated[int, Field(ge=0, le=100)] = 1
    helpers: Annotated[list[AidEntry], Field(min_length=1)]


class PolicyDocument(Strict):
    """A whole policy file."""

    schema_version: SchemaVersion
    id: Word
    effective_from: dt.date | None = None
    effective_until: dt.date | None = None
    facts: list[FactEntry]
    call_types: Annotated[list[CallTypeEntry], Field(min_length=1)]
    programs: list[ProgramEntry]
    rules: list[RuleEntry] = Field(default_factory=list)
    targets: Annotated[list[TargetEntry], Field(min_length=1)]
    referrals: Annotated[list[ReferralEntry], Field(min_length=1)]
    screening: ScreeningEntry
    arbitration: ArbitrationEntry = ArbitrationEntry()
    areas: list[AreaEntry] = Field(default_factory=list)
    capabilities: list[CapabilityEntry] | None = None
    mutual_aid: MutualAidEntry | None = None
    waiting: WaitingEntry | None = None
    preemption: list[PreemptionEntry] = Field(default_factory=list)
    call_codes: Annotated[str, Field(min_length=1, max_length=200, pattern=LINE_PATTERN)] | None = (
        None
    )
