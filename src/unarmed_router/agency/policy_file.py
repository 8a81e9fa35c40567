"""Policy files: read, cross-checked as a whole, turned into a `Policy`."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import combinations
from pathlib import Path

from unarmed_router.agency.broken_files import Broken
from unarmed_router.agency.call_codes_file import load_call_codes
from unarmed_router.agency.outlined_areas import outline_of, outlined_conflicts
from unarmed_router.agency.plugin_rules import rule_plugins, with_plugins
from unarmed_router.agency.policy_checks import policy_faults, provider_of_entry
from unarmed_router.agency.policy_schema import (
    MutualAidEntry,
    PolicyDocument,
    ProgramEntry,
    ReferralEntry,
    RuleEntry,
    ScreeningEntry,
)
from unarmed_router.agency.toml_file import read_toml, validated
from unarmed_router.agency.waiting_entries import preemption_of, waiting_of
from unarmed_router.errors import ConfigurationError
from unarmed_router.geography.partition import Partition
from unarmed_router.model.call import Answer
from unarmed_router.model.call_code_table import CodeTable
from unarmed_router.model.mutual_aid import MutualAid
from unarmed_router.model.policy import Arbitration, CallType, Policy, TriageFact
from unarmed_router.model.program import Program
from unarmed_router.model.provider import Outline
from unarmed_router.model.referral_rule import ReferralRule, ReferralTarget
from unarmed_router.model.rule import Rule
from unarmed_router.model.rule_plugin import RulePlugin
from unarmed_router.model.screening import Screening, StaleFix

__all__ = ["load_policies", "load_policy"]


def load_policy(
    path: Path | str, *, divisions: Collection[int], partition: Partition | None = None
) -> Policy:
    """Read a policy file.

    Parameters
    ----------
    path : path-like
        A TOML file; ``docs/how-to/policy.md`` describes it.
    divisions : collection of int
        Division numbers that exist; a program area must not name another.
    partition : Partition, optional
        Their outlines, against which outlined areas are checked.

    Returns
    -------
    Policy

    Raises
    ------
    ConfigurationError
        Lists every fault: broken TOML, wrong types; else duplicate ids, unknown references, a
        referral table without a line that fits everything, and those of the files it names; else
        places that two providers serve.
    """
    path = Path(path)
    document, digest = read_toml(path)
    entry = validated(PolicyDocument, document, str(path))
    plugins, plugin_faults = rule_plugins(entry)
    faults, broken = [*policy_faults(entry, divisions), *plugin_faults], Broken(str(path))
    if faults:
        broken.add(ConfigurationError(str(path), faults))
    outlines = _outlines(path.parent, entry, broken)
    codes = broken.collect(lambda: _codes(path.parent, entry))
    broken.refuse()
    # Every file the policy stands on is part of its digest.
    digest = with_plugins(digest, plugins)
    for of_file in (*(of for _, of in outlines.values()), *([codes.digest] if codes else ())):
        digest = hashlib.sha256(f"{digest} {of_file}".encode()).hexdigest()
    drawn = {name: outline for name, (outline, _) in outlines.items()}
    policy = _policy(entry, digest, codes, plugins)
    policy = replace(policy, outlines=drawn, every_division=frozenset(divisions))
    if drawn:
        conflicts = list(outlined_conflicts(policy.programs, drawn, partition))
        if conflicts:
            raise ConfigurationError(str(path), conflicts)
    return policy


def _outlines(
    folder: Path, entry: PolicyDocument, broken: Broken
) -> dict[str, tuple[Outline, str]]:
    """Read the areas that are polygons, each with the digest of its file."""
    outlines = {}
    for area in entry.areas:
        if area.file is not None and area.feature is not None:
            reading = partial(outline_of, folder / area.file, area.field, area.feature)
            found = broken.collect(reading)
            if found is not None:
                outlines[area.id] = found
    return outlines


def _codes(folder: Path, entry: PolicyDocument) -> CodeTable | None:
    """Read the call codes of a policy, where it names a file of them."""
    if entry.call_codes is None:
        return None
    return load_call_codes(
        folder / entry.call_codes,
        call_types=[kind.id for kind in entry.call_types],
        # A code says yes only: it may answer a fact whose yes is no relief.
        facts=[fact.id for fact in entry.facts if fact.danger != "no"],
    )


def load_policies(
    paths: Sequence[Path | str],
    *,
    divisions: Collection[int],
    partition: Partition | None = None,
) -> tuple[Policy, ...]:
    """Read the policies of an agency, in order of their effective dates.

    Parameters
    ----------
    paths : sequence of path-like
        At least one file.
    divisions, partition
        As `load_policy`.

    Raises
    ------
    ConfigurationError
        A file is broken, or two policies cover one day or share an id; every fault of every file is
        listed, or else every pair that meets.
    """
    if not paths:
        raise ConfigurationError("policy", ["no file is named; give at least one"])
    broken = Broken(", ".join(map(str, paths)))
    loaded = [
        broken.collect(partial(load_policy, path, divisions=divisions, partition=partition))
        for path in paths
    ]
    broken.refuse()
    policies = [(policy, str(path)) for policy, path in zip(loaded, paths, strict=True) if policy]
    policies.sort(key=lambda each: each[0].effective_from or date.min)
    faults = [fault for one, other in combinations(policies, 2) for fault in _meet(one, other)]
    if faults:
        raise ConfigurationError(broken.source, faults)
    return tuple(policy for policy, _ in policies)


def _meet(one: tuple[Policy, str], other: tuple[Policy, str]) -> Iterator[str]:
    """List what two policies must not share, a day or an id; the first does not begin later."""
    (first, path), (second, other_path) = one, other
    end, begin = first.effective_until, second.effective_from
    if end is None or (begin or date.min) < end:
        day = "which has no effective_from; give it one" if begin is None else str(begin)
        yield (
            f"{path}: effective_until: {first.policy_id} still covers the first day of "
            f"{second.policy_id} ({day}); end it on that day"
        )
    if first.policy_id == second.policy_id:
        yield f"{path}: id: {first.policy_id} is also that of {other_path}; give each its own"


def _policy(
    entry: PolicyDocument,
    digest: str,
    codes: CodeTable | None,
    plugins: Mapping[str, RulePlugin],
) -> Policy:
    areas = {area.id: area.divisions for area in entry.areas}
    every_program = frozenset(program.id for program in entry.programs)
    return Policy(
        policy_id=entry.id,
        effective_from=entry.effective_from,
        effective_until=entry.effective_until,
        digest=digest,
        facts={fact.id: TriageFact(fact.id, fact.question) for fact in entry.facts},
        call_types={
            kind.id: CallType(kind.id, kind.name, kind.priority) for kind in entry.call_types
        },
        programs=tuple(_program(program, areas) for program in entry.programs),
        rules=tuple(_rule(rule, every_program, plugins.get(rule.id)) for rule in entry.rules),
        targets={t.id: ReferralTarget(t.id, t.name, t.contact) for t in entry.targets},
        referrals=tuple(_referral(line) for line in entry.referrals),
        screening=_screening(entry.screening),
        arbitration=Arbitration(
            late_programs_yield=entry.arbitration.late_programs_yield,
            preference_s=entry.arbitration.preference_s,
        ),
        codes=codes,
        mutual_aid=None if entry.mutual_aid is None else _mutual_aid(entry.mutual_aid),
        waiting=waiting_of(entry.waiting),
        preemption=preemption_of(entry.preemption),
        capabilities=None
        if entry.capabilities is None
        else {each.id: each.name for each in entry.capabilities},
    )


def _program(program: ProgramEntry, areas: Mapping[str, list[int]]) -> Program:
    return Program(
        program.id,
        program.name,
        frozenset(program.call_types),
        tuple(provider_of_entry(provider, areas) for provider in program.providers),
        program.response_target_s,
        program.max_response_s,
    )


def _rule(rule: RuleEntry, every_program: frozenset[str], plugin: RulePlugin | None) -> Rule:
    return Rule(
        rule.id,
        every_program if rule.programs is None else frozenset(rule.programs),
        {fact: Answer(value) for fact, value in (rule.when or {}).items()},
        rule.target,
        rule.because,
        plugin,
    )


def _referral(line: ReferralEntry) -> ReferralRule:
    return ReferralRule(
        reasons=frozenset(line.reasons),
        call_types=frozenset(line.call_types),
        requires_yes=frozenset(line.requires_yes),
        requires_no=frozenset(line.requires_no),
        target=line.target,
    )


def _screening(entry: ScreeningEntry) -> Screening:
    return Screening(
        turnout_s=entry.turnout_s,
        max_fix_age_s=entry.max_fix_age_s,
        stale_fix=StaleFix(entry.stale_fix),
        max_response_s=entry.max_response_s,
        clock_skew_s=entry.clock_skew_s,
        handover_s=entry.handover_s,
        max_fix_error_m=entry.max_fix_error_m,
    )


def _mutual_aid(entry: MutualAidEntry) -> MutualAid:
    return MutualAid(
        {each.provider: frozenset(each.helps) for each in entry.helpers},
        entry.max_response_s,
        entry.keep_home,
    )
