"""What a policy file's schema cannot see: names that refer to nothing, or to two things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from unarmed_router.agency.policy_schema import (
    PolicyDocument,
    ProgramEntry,
    ProviderEntry,
    ReferralEntry,
)
from unarmed_router.agency.shift_text import parse_shifts
from unarmed_router.agency.waiting_entries import waiting_faults
from unarmed_router.model.provider import Provider
from unarmed_router.model.shift import DAYS, MINUTES_A_DAY, minutes_of_week

__all__ = ["policy_faults", "provider_of_entry"]


def policy_faults(entry: PolicyDocument, divisions: Collection[int]) -> Iterable[str]:
    """List every fault with its path and remedy.

    Parameters
    ----------
    entry : PolicyDocument
        A document that follows the schema.
    divisions : collection of int
        Division numbers that exist.
    """
    facts = [fact.id for fact in entry.facts]
    types = [kind.id for kind in entry.call_types]
    programs = [program.id for program in entry.programs]
    targets = [target.id for target in entry.targets]
    yield from _duplicates("facts", facts)
    yield from _duplicates("call_types", types)
    yield from _duplicates("programs", programs)
    yield from _duplicates("rules", [rule.id for rule in entry.rules])
    yield from _duplicates("targets", targets)
    areas = {area.id: area.divisions for area in entry.areas}
    yield from _duplicates("areas", [area.id for area in entry.areas])
    yield from _duplicates("capabilities", [each.id for each in entry.capabilities or []])
    for area in entry.areas:
        yield from _no_divisions(f"areas.{area.id}.divisions", area.divisions, divisions)
        if bool(area.divisions) == (area.file is not None):
            yield f"areas.{area.id}: give it divisions, or a file and the feature in it"
        if (area.file is None) != (area.feature is None):
            yield f"areas.{area.id}: a file needs the feature in it, and a feature its file"
        yield from _repeated(f"areas.{area.id}.divisions", area.divisions)
    for program in entry.programs:
        path = f"programs.{program.id}"
        yield from _unknown(f"{path}.call_types", program.call_types, types, "call type")
        yield from _repeated(f"{path}.call_types", program.call_types)
        yield from _area_faults(path, program, areas, divisions)
        yield from _target_beyond_limit(path, program, entry.screening.max_response_s)
    yield from _aid_faults(entry)
    yield from waiting_faults(entry.waiting, entry.preemption, call_types=types, targets=targets)
    for rule in entry.rules:
        path = f"rules.{rule.id}"
        yield from _unknown(f"{path}.programs", rule.programs or [], programs, "program")
        yield from _repeated(f"{path}.programs", rule.programs or [])
        yield from _unknown(f"{path}.when", rule.when or {}, facts, "fact")
        yield from _unknown(f"{path}.target", [rule.target], targets, "target")
    yield from _unruled_dangers(entry)
    for place, line in enumerate(entry.referrals):
        path = f"referrals.{place}"
        yield from _unknown(f"{path}.target", [line.target], targets, "target")
        yield from _unknown(f"{path}.call_types", line.call_types, types, "call type")
        yield from _unknown(f"{path}.requires_yes", line.requires_yes, facts, "fact")
        yield from _unknown(f"{path}.requires_no", line.requires_no, facts, "fact")
        yield from _never_reached(path, line, last=line is entry.referrals[-1])
    if not _fits_everything(entry.referrals[-1]):
        yield "referrals: the last line must fit everything; give it a target and nothing else"
    if entry.effective_from and entry.effective_until:  # noqa: SIM102  # one thought a line
        if entry.effective_until <= entry.effective_from:
            yield f"effective_until: {entry.effective_until} is not after effective_from"


def _unruled_dangers(entry: PolicyDocument) -> Iterable[str]:
    """List dangers that do not by themselves keep a program away: a forgotten or mistyped rule."""
    for fact in entry.facts:
        if fact.danger == "none":
            continue
        alone = [rule for rule in entry.rules if rule.when == {fact.id: fact.danger}]
        for program in entry.programs:
            if not any(rule.programs is None or program.id in rule.programs for rule in alone):
                yield (
                    f"facts.{fact.id}: no rule keeps {program.id} away when the answer is "
                    f'{fact.danger}; add one with when = {{ {fact.id} = "{fact.danger}" }}, or '
                    'say danger = "none"'
                )


def _target_beyond_limit(path: str, program: ProgramEntry, every_s: int) -> Iterable[str]:
    """List a target that no team could miss and still be sent."""
    own_s, target_s = program.max_response_s, program.response_target_s
    if own_s is not None and own_s < target_s:
        yield (
            f"{path}.max_response_s: {own_s} is below response_target_s {target_s}; "
            "raise it or lower the target"
        )
    elif own_s is None and every_s < target_s:
        yield (
            f"{path}.response_target_s: {target_s} is above screening.max_response_s {every_s}; "
            "lower it, or give the program its own max_response_s"
        )


def _never_reached(path: str, line: ReferralEntry, *, last: bool) -> Iterable[str]:
    """List what makes a line of the referral table, or those after it, dead."""
    for fact in sorted({*line.requires_yes} & {*line.requires_no}):
        yield f"{path}: {fact!r} cannot be both yes and no; take it out of one list"
    if not last and _fits_everything(line):
        yield f"{path}: fits everything, so no later line is reached; move it to the end"


def _area_faults(
    path: str, program: ProgramEntry, areas: Mapping[str, list[int]], divisions: Collection[int]
) -> Iterable[str]:
    """List places and hours that do not exist, and those that two providers serve at once."""
    yield from _duplicates(f"{path}.providers", [p.id for p in program.providers])
    earlier: list[Provider] = []
    for entry in program.providers:
        where = f"{path}.providers.{entry.id}"
        yield from _unknown(f"{where}.areas", entry.areas, areas, "area")
        yield from _no_divisions(f"{where}.divisions", entry.divisions, divisions)
        yield from _repeated(f"{where}.divisions", entry.divisions)
        yield from _repeated(f"{where}.areas", entry.areas)
        if not (entry.divisions or entry.areas):
            yield f"{where}: serves no place; give it divisions or areas"
        if entry.serves_from and entry.serves_until and entry.serves_until <= entry.serves_from:
            yield f"{where}.serves_until: {entry.serves_until} is not after serves_from"
        try:
            provider = provider_of_entry(entry, areas)
        except ValueError as error:
            yield f"{where}.hours: {error}"
            continue
        for other in earlier:
            if provider.meets(other):
                number = min(provider.divisions & other.divisions)
                minutes = minutes_of_week(provider.hours) & minutes_of_week(other.hours)
                yield (
                    f"{where}: division {number} is already served by {other.provider_id} "
                    f"{_hour(min(minutes))}; give each its own divisions, hours or dates"
                )
        earlier.append(provider)


def _aid_faults(entry: PolicyDocument) -> Iterable[str]:
    """List helpers that are no providers, are given twice, or help themselves."""
    helpers = [] if entry.mutual_aid is None else entry.mutual_aid.helpers
    providers = {provider.id for program in entry.programs for provider in program.providers}
    yield from _duplicates("mutual_aid.helpers", [each.provider for each in helpers])
    for each in helpers:
        path = f"mutual_aid.helpers.{each.provider}"
        yield from _unknown(path, [each.provider], providers, "provider")
        yield from _unknown(f"{path}.helps", each.helps, providers, "provider")
        if each.provider in each.helps:
            yield f"{path}.helps: {each.provider} cannot help itself"


def _hour(minute: int) -> str:
    """Write a minute of the week as people read it."""
    day, rest = divmod(minute, MINUTES_A_DAY)
    return f"on {DAYS[day]} at {rest // 60:02}:{rest % 60:02}"


def _no_divisions(path: str, numbers: Iterable[int], divisions: Collection[int]) -> Iterable[str]:
    for number in numbers:
        if number not in divisions:
            known = ", ".join(map(str, sorted(divisions)))
            yield f"{path}: there is no division {number}; there are {known}"


def _duplicates(path: str, names: list[str]) -> Iterable[str]:
    for name in sorted(name for name, uses in Counter(names).items() if uses > 1):
        yield f"{path}: id {name!r} is given twice"


def _repeated(path: str, values: Sequence[int] | Sequence[str]) -> Iterable[str]:
    for value, times in Counter(values).items():
        if times > 1:
            yield f"{path}: {value!r} is listed {times} times; keep one"


def _unknown(path: str, names: Iterable[str], known: Collection[str], what: str) -> Iterable[str]:
    for name in names:
        if name not in known:
            yield f"{path}: unknown {what} {name!r}; known: {', '.join(sorted(known)) or 'none'}"


def _fits_everything(line: ReferralEntry) -> bool:
    return not (line.reasons or line.call_types or line.requires_yes or line.requires_no)


def provider_of_entry(provider: ProviderEntry, areas: Mapping[str, list[int]]) -> Provider:
    """Turn an entry into a provider; its hours must be readable.

    Raises
    ------
    ValueError
        The hours do not follow the form of shifts.
    """
    return Provider(
        provider.id,
        provider.name,
        frozenset(_divisions(provider, areas)),
        # An area without divisions is an outline.
        frozenset(area for area in provider.areas if areas.get(area) == []),
        parse_shifts(provider.hours),
        provider.serves_from,
        provider.serves_until,
    )


def _divisions(provider: ProviderEntry, areas: Mapping[str, list[int]]) -> list[int]:
    """List the divisions a provider names, alone or by areas that exist."""
    return provider.divisions + [n for area in provider.areas for n in areas.get(area, ())]
