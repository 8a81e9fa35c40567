"""What a sound policy leaves open: places and hours without a provider, entries nothing uses.

None of this is a fault. A place or an hour that nobody serves is referred, and a fact that only
chooses between referrals is meant so; but nobody should learn of it from a call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from unarmed_router.agency.hours_text import hours_text
from unarmed_router.model.policy import Policy
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Provider
from unarmed_router.model.shift import MINUTES_A_WEEK, minutes_of_week

__all__ = ["Gap", "PolicyCoverage", "ProgramCoverage", "policy_coverage"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Hours of the week in which divisions that a program serves have no provider.

    Parameters
    ----------
    divisions : tuple of int
        Division numbers with the same hours, ascending.
    hours : str
        The hours on the agency's wall clock, in the form of shifts; ``24/7`` is the whole week.
    since, until : date or None
        Local dates between which it is so, `until` exclusive; None is open.
    area : str
        The outlined area, where that is the place and not divisions: in these hours only the
        provider of the division around it, if there is one, serves there.
    """

    divisions: tuple[int, ...]
    hours: str
    since: date | None
    until: date | None
    area: str = ""


@dataclass(frozen=True, slots=True)
class ProgramCoverage:
    """Where and when one program has nobody.

    Parameters
    ----------
    program : str
        Program id.
    unserved : tuple of int
        Divisions that none of its providers serves on any date, ascending; of some of them an
        outlined area may be served.
    gaps : tuple of Gap
        Hours without a provider in the other divisions, and in outlined areas.
    outlined : tuple of str
        Outlined areas with a provider of their own, by id.
    """

    program: str
    unserved: tuple[int, ...]
    gaps: tuple[Gap, ...]
    outlined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyCoverage:
    """What a policy leaves open.

    Parameters
    ----------
    programs : tuple of ProgramCoverage
        In the policy's order.
    unruled_facts : tuple of str
        Facts no rule looks at, so that they are never a reason to ask.
    idle_facts : tuple of str
        Those of them that the referral table does not look at either.
    untaken_types : tuple of str
        Call types no program takes.
    unnamed_targets : tuple of str
        Referral targets that neither a rule, the referral table nor a limit of waiting names.
    """

    programs: tuple[ProgramCoverage, ...]
    unruled_facts: tuple[str, ...]
    idle_facts: tuple[str, ...]
    untaken_types: tuple[str, ...]
    unnamed_targets: tuple[str, ...]


def policy_coverage(policy: Policy, divisions: Collection[int]) -> PolicyCoverage:
    """Look for what a policy leaves open.

    Parameters
    ----------
    policy : Policy
        A policy without faults.
    divisions : collection of int
        Every division of the agency.

    Returns
    -------
    PolicyCoverage

    Notes
    -----
    Hours are those of a week on the wall clock. Where providers come and go by date, each span of
    dates between two changes is looked at by itself, within the policy's own dates.
    """
    ruled = {fact for rule in policy.rules for fact in rule.facts}
    referring = {fact for line in policy.referrals for fact in line.requires_yes | line.requires_no}
    unruled = tuple(fact for fact in policy.facts if fact not in ruled)
    taken = {kind for program in policy.programs for kind in program.call_types}
    named = {rule.target for rule in policy.rules} | {line.target for line in policy.referrals}
    if policy.waiting is not None:
        named |= {limit.target for limit in policy.waiting.limits.values()}
    return PolicyCoverage(
        tuple(_program(program, policy, sorted(divisions)) for program in policy.programs),
        unruled,
        tuple(fact for fact in unruled if fact not in referring),
        tuple(kind for kind in policy.call_types if kind not in taken),
        tuple(target for target in policy.targets if target not in named),
    )


def _program(program: Program, policy: Policy, divisions: list[int]) -> ProgramCoverage:
    open_in: dict[int, list[Gap]] = {}
    unserved = []
    spans = list(_spans(program.providers, policy.effective_from, policy.effective_until))
    for number in divisions:
        here = [provider for provider in program.providers if number in provider.divisions]
        gaps = _joined(
            Gap((number,), hours_text(_uncovered(here, since)), since, until)
            for since, until in spans
        )
        if all(gap.hours == "24/7" for gap in gaps):
            unserved.append(number)
        else:
            open_in[number] = [gap for gap in gaps if gap.hours]
    together: dict[tuple[str, date | None, date | None], list[int]] = {}
    for number, gaps in open_in.items():
        for gap in gaps:
            together.setdefault((gap.hours, gap.since, gap.until), []).append(number)
    found = (Gap(tuple(numbers), *key) for key, numbers in together.items())
    # By place, then by date: a provider that leaves and one that follows stand together.
    ordered = sorted(found, key=lambda gap: (gap.divisions, gap.since or date.min))
    outlined = sorted({area for provider in program.providers for area in provider.outlined})
    for area in outlined:
        here = [provider for provider in program.providers if area in provider.outlined]
        open_here = _joined(
            Gap((), hours_text(_uncovered(here, since)), since, until, area)
            for since, until in spans
        )
        ordered += [gap for gap in open_here if gap.hours]
    return ProgramCoverage(program.program_id, tuple(unserved), tuple(ordered), tuple(outlined))


def _spans(
    providers: Iterable[Provider], start: date | None, end: date | None
) -> Iterator[tuple[date | None, date | None]]:
    """Split the policy's dates where a provider comes or goes."""
    changes = {day for each in providers for day in (each.serves_from, each.serves_until) if day}
    inside = (day for day in changes if (not start or start < day) and (not end or day < end))
    yield from pairwise([start, *sorted(inside), end])


def _uncovered(providers: Iterable[Provider], since: date | None) -> set[int]:
    """Return the minutes of the week nobody covers in the span of dates that begins at `since`."""
    day = since or date.min
    left = set(range(MINUTES_A_WEEK))
    for each in providers:
        if (each.serves_from or date.min) <= day and (
            not each.serves_until or day < each.serves_until
        ):
            left -= minutes_of_week(each.hours)
    return left


def _joined(gaps: Iterable[Gap]) -> list[Gap]:
    """Join neighbouring spans of dates with the same hours."""
    joined: list[Gap] = []
    for gap in gaps:
        if joined and joined[-1].hours == gap.hours:
            gap = replace(gap, since=joined.pop().since)  # noqa: PLW2901
        joined.append(gap)
    return joined
