"""Policy files: read, cross-checked as a whole, turned into a `Policy`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from unarmed_router.agency.policy_schema import PolicyDocument, ProgramEntry, ReferralEntry
from unarmed_router.agency.toml_file import read_toml, validated
from unarmed_router.errors import ConfigurationError
from unarmed_router.model.call import Answer
from unarmed_router.model.program import (
    CallType,
    Policy,
    Program,
    Provider,
    ReferralRule,
    ReferralTarget,
    Rule,
    Screening,
    StaleFix,
    TriageFact,
)

__all__ = ["load_policy"]


def load_policy(path: Path | str, *, divisions: Collection[int]) -> Policy:
    """Read a policy file.

    Parameters
    ----------
    path : path-like
        A TOML file; ``docs/how-to/policy.md`` describes it.
    divisions : collection of int
        Division numbers that exist; a program area must not name another.

    Returns
    -------
    Policy

    Raises
    ------
    ConfigurationError
        Lists every fault: broken TOML, wrong types, duplicate ids, unknown references, a referral
        table without a line that fits everything.
    """
    document, digest = read_toml(Path(path))
    entry = validated(PolicyDocument, document, str(path))
    faults = list(_faults(entry, divisions))
    if faults:
        raise ConfigurationError(str(path), faults)
    return _policy(entry, digest)


def _faults(entry: PolicyDocument, divisions: Collection[int]) -> Iterable[str]:
    """List what the schema cannot see: names that refer to nothing, or to two things."""
    facts = [fact.id for fact in entry.facts]
    types = [kind.id for kind in entry.call_types]
    programs = [program.id for program in entry.programs]
    targets = [target.id for target in entry.targets]
    yield from _duplicates("facts", facts)
    yield from _duplicates("call_types", types)
    yield from _duplicates("programs", programs)
    yield from _duplicates("rules", [rule.id for rule in entry.rules])
    yield from _duplicates("targets", targets)
    for program in entry.programs:
        path = f"programs.{program.id}"
        yield from _unknown(f"{path}.call_types", program.call_types, types, "call type")
        yield from _area_faults(path, program, divisions)
    for rule in entry.rules:
        path = f"rules.{rule.id}"
        yield from _unknown(f"{path}.programs", rule.programs or [], programs, "program")
        yield from _unknown(f"{path}.when", rule.when, facts, "fact")
        yield from _unknown(f"{path}.target", [rule.target], targets, "target")
    yield from _unruled_dangers(entry)
    for place, line in enumerate(entry.referrals):
        path = f"referrals.{place}"
        yield from _unknown(f"{path}.target", [line.target], targets, "target")
        yield from _unknown(f"{path}.call_types", line.call_types, types, "call type")
        yield from _unknown(f"{path}.requires_yes", line.requires_yes, facts, "fact")
        yield from _unknown(f"{path}.requires_no", line.requires_no, facts, "fact")
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


def _area_faults(path: str, program: ProgramEntry, divisions: Collection[int]) -> Iterable[str]:
    """List providers named twice, divisions that do not exist and divisions with two providers."""
    yield from _duplicates(f"{path}.providers", [p.id for p in program.providers])
    served_by: dict[int, str] = {}
    for provider in program.providers:
        where = f"{path}.providers.{provider.id}.divisions"
        for number in provider.divisions:
            if number not in divisions:
                yield f"{where}: there is no division {number}"
            if number in served_by:
                yield f"{where}: division {number} is already served by {served_by[number]}"
            served_by[number] = provider.id


def _duplicates(path: str, names: list[str]) -> Iterable[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{path}: id {name!r} is given twice"


def _unknown(path: str, names: Iterable[str], known: Collection[str], what: str) -> Iterable[str]:
    for name in names:
        if name not in known:
            yield f"{path}: unknown {what} {name!r}; known: {', '.join(sorted(known)) or 'none'}"


def _fits_everything(line: ReferralEntry) -> bool:
    return not (line.reasons or line.call_types or line.requires_yes or line.requires_no)


def _policy(entry: PolicyDocument, digest: str) -> Policy:
    every_program = frozenset(program.id for program in entry.programs)
    return Policy(
        policy_id=entry.id,
        effective_from=entry.effective_from,
        effective_until=entry.effective_until,
        digest=digest,
        facts={fact.id: TriageFact(fact.id, fact.question) for fact in entry.facts},
        call_types={kind.id: CallType(kind.id, kind.name) for kind in entry.call_types},
        programs=tuple(_program(program) for program in entry.programs),
        rules=tuple(
            Rule(
                rule.id,
                every_program if rule.programs is None else frozenset(rule.programs),
                {fact: Answer(value) for fact, value in rule.when.items()},
                rule.target,
                rule.because,
            )
            for rule in entry.rules
        ),
        targets={t.id: ReferralTarget(t.id, t.name, t.contact) for t in entry.targets},
        referrals=tuple(
            ReferralRule(
                frozenset(line.reasons),
                frozenset(line.call_types),
                frozenset(line.requires_yes),
                frozenset(line.requires_no),
                line.target,
            )
            for line in entry.referrals
        ),
        screening=Screening(
            entry.screening.turnout_s,
            entry.screening.max_fix_age_s,
            StaleFix(entry.screening.stale_fix),
            entry.screening.max_response_s,
            entry.screening.clock_skew_s,
        ),
    )


def _program(program: ProgramEntry) -> Program:
    return Program(
        program.id,
        program.name,
        frozenset(program.call_types),
        tuple(Provider(p.id, p.name, frozenset(p.divisions)) for p in program.providers),
        program.response_target_s,
    )
