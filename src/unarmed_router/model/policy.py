"""Policy: which programs may take which calls, and who takes them otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Outline
from unarmed_router.model.referral_rule import ReferralRule, ReferralTarget
from unarmed_router.model.rule import Rule
from unarmed_router.model.rule_table import RuleTable
from unarmed_router.model.screening import Screening
from unarmed_router.model.waiting import DEFAULT_PRIORITY, Preemption, Waiting

if TYPE_CHECKING:
    from unarmed_router.model.call_code_table import CodeTable

__all__ = ["Arbitration", "CallType", "Policy", "TriageFact"]


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
    resting : frozenset of (str, str)
        Program and provider of those that serve at other times only; see `at`.
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
    resting: frozenset[tuple[str, str]] = frozenset()
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
            resting = frozenset(
                (program.program_id, provider.provider_id)
                for program, now in zip(self.programs, programs, strict=True)
                for provider in program.providers
                if provider not in now.providers
            )
            view = replace(self, programs=programs, resting=resting)
            self._views[serving] = view
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
            programs = tuple(each.within(inside, self.every_division) for each in self.programs)
            view = self._views[inside] = replace(self, programs=programs)
        return view
