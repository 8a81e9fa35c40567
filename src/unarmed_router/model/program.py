"""Policy: which programs may take which calls, and who takes them otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from unarmed_router.errors import InputError
from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.provider import Outline, Provider
from unarmed_router.model.reasons import ReferralReason
from unarmed_router.model.rule import Rule
from unarmed_router.model.rule_table import RuleTable
from unarmed_router.model.waiting import DEFAULT_PRIORITY, Preemption, Waiting

if TYPE_CHECKING:
    from unarmed_router.model.call_code_table import CodeTable

__all__ = [
    "Arbitration",
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
    """A kind of call in the policy's own vocabulary.

    Parameters
    ----------
    call_type_id, name : str
        Id and name.
    priority : int
        How urgent it is when calls wait, 1 first.
    """

    call_type_id: str
    name: str
    priority: int = DEFAULT_PRIORITY


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
        Who fields its teams, where and when; one provider for a place and moment.
    response_target_s : int
        Response time it aims for, received to arrived, seconds; beyond it the decision is flagged.
    max_response_s : int or None
        A team of it that would arrive later than this from now is not sent; None takes the
        policy's limit.
    provider_of : mapping of int to str
        The one provider that serves each division; divisions it does not serve are missing. Of a
        program whose providers change with the hour, ask `Policy.at` first.
    """

    program_id: str
    name: str
    call_types: frozenset[str]
    providers: tuple[Provider, ...]
    response_target_s: int
    max_response_s: int | None = None
    provider_of: Mapping[int, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        for place, provider in enumerate(self.providers):
            for other in self.providers[:place]:
                if provider.meets(other):
                    number = min(provider.divisions & other.divisions)
                    raise InputError(
                        f"program {self.program_id}: division {number} is served by both "
                        f"{other.provider_id} and {provider.provider_id}"
                    )
        served = {n: p.provider_id for p in self.providers for n in sorted(p.divisions)}
        object.__setattr__(self, "provider_of", served)


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
    handover_s : int
        A team whose shift ends before this much time has passed is not sent: it could not finish
        the call, seconds, in whole minutes.
    max_fix_error_m : float or None
        An AVL fix that may be farther off than this is not taken, metres; None takes every one.
    """

    turnout_s: int
    max_fix_age_s: int
    stale_fix: StaleFix
    max_response_s: int
    clock_skew_s: int = 5
    handover_s: int = 0
    max_fix_error_m: float | None = None


@dataclass(frozen=True, slots=True)
class Arbitration:
    """How several programs that may take a call are put in order.

    Parameters
    ----------
    late_programs_yield : bool
        A team that meets its program's response target goes before one that misses it, whatever
        the order of their programs.
    preference_s : int
        What each preferred capability a team lacks counts for, seconds of response time.
    """

    late_programs_yield: bool = True
    preference_s: int = 0


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
        SHA-256 of the source file, the codes and the plugins it names.
    facts, call_types, programs, rules, targets, referrals
        The tables described above; programs in order of preference.
    screening : Screening
        Limits for teams.
    arbitration : Arbitration
        How programs are put in order.
    codes : CodeTable or None
        How call-type codes of other vocabularies are read; None where there are none.
    capabilities : mapping of str to str, or None
        What teams can do beyond their program's minimum, by id; None where anything goes.
    outlines : mapping of str to Outline
        Areas that are polygons and not divisions, by id.
    every_division : frozenset of int
        Divisions that exist; needed where there are outlines.
    mutual_aid : MutualAid or None
        Who may help whom; None where nobody does.
    waiting : Waiting or None
        How calls wait for a team; None where they are referred at once.
    preemption : Preemption or None
        When a team en route is sent elsewhere; None where it never is.
    order : mapping of str to int
        Place of each program.
    table : RuleTable
        The rules, compiled.
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
    arbitration: Arbitration = Arbitration()
    codes: CodeTable | None = None
    capabilities: Mapping[str, str] | None = None
    outlines: Mapping[str, Outline] = field(default_factory=dict)
    every_division: frozenset[int] = frozenset()
    mutual_aid: MutualAid | None = None
    waiting: Waiting | None = None
    preemption: Preemption | None = None
    order: Mapping[str, int] = field(init=False)
    table: RuleTable = field(init=False, compare=False, repr=False)
    _views: dict[object, Policy] = field(init=False, compare=False, repr=False)
    _always: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        order = {program.program_id: place for place, program in enumerate(self.programs)}
        object.__setattr__(self, "order", order)
        object.__setattr__(self, "table", RuleTable(self.rules, self.facts, order))
        object.__setattr__(self, "_views", {})
        every = (provider for program in self.programs for provider in program.providers)
        object.__setattr__(self, "_always", all(provider.always for provider in every))

    def in_force(self, day: date) -> bool:
        """Tell whether the effective dates cover a local day."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_until is None or day < self.effective_until
        )

    def at(self, local: datetime) -> Policy:
        """Return the policy with the providers that serve at the agency's wall clock `local`.

        Moments at which the same providers serve share one view; a policy whose providers never
        change is its own.
        """
        if self._always:
            return self
        serving = tuple(
            provider.always or provider.serves_at(local)
            for program in self.programs
            for provider in program.providers
        )
        view = self._views.get(serving)
        if view is None:
            here = iter(serving)
            programs = tuple(
                replace(program, providers=tuple(p for p in program.providers if next(here)))
                for program in self.programs
            )
            view = self._views[serving] = replace(self, programs=programs)
        return view

    def divisions_of(self, program_id: str, provider_id: str) -> frozenset[int]:
        """Return the divisions that a program's provider serves; none of what is not there."""
        place = self.order.get(program_id)
        providers = () if place is None else self.programs[place].providers
        return frozenset(
            number
            for each in providers
            if each.provider_id == provider_id
            for number in each.divisions
        )

    def within(self, inside: frozenset[str]) -> Policy:
        """Return the policy as it is at a place inside some outlined areas.

        There a provider of such an area serves, whatever the division, and no other provider of its
        program does. Places inside the same areas share one view.
        """
        if not inside:
            return self
        view = self._views.get(inside)
        if view is None:
            programs = tuple(
                _within(program, inside, self.every_division) for program in self.programs
            )
            view = self._views[inside] = replace(self, programs=programs)
        return view


def _within(program: Program, inside: frozenset[str], divisions: frozenset[int]) -> Program:
    here = next((p for p in program.providers if p.outlined & inside), None)
    if here is None:
        return program
    providers = (
        replace(p, divisions=divisions if p is here else frozenset()) for p in program.providers
    )
    return replace(program, providers=tuple(providers))
