"""Policy files: read, cross-checked as a whole, turned into a `Policy`."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

from unarmed_router.agency.call_codes_file import load_call_codes
from unarmed_router.agency.policy_checks import policy_faults, provider_of_entry
from unarmed_router.agency.policy_schema import PolicyDocument, ProgramEntry
from unarmed_router.agency.toml_file import read_toml, validated
from unarmed_router.errors import ConfigurationError
from unarmed_router.model.call import Answer
from unarmed_router.model.call_code_table import CodeTable
from unarmed_router.model.program import (
    Arbitration,
    CallType,
    Policy,
    Program,
    ReferralRule,
    ReferralTarget,
    Rule,
    Screening,
    StaleFix,
    TriageFact,
)

__all__ = ["load_policies", "load_policy"]


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
    path = Path(path)
    document, digest = read_toml(path)
    entry = validated(PolicyDocument, document, str(path))
    faults = list(policy_faults(entry, divisions))
    if faults:
        raise ConfigurationError(str(path), faults)
    if entry.call_codes is None:
        return _policy(entry, digest, None)
    codes = load_call_codes(
        path.parent / entry.call_codes,
        call_types=[kind.id for kind in entry.call_types],
        # A code says yes only: it may answer a fact whose yes is no relief.
        facts=[fact.id for fact in entry.facts if fact.danger != "no"],
    )
    both = hashlib.sha256(f"{digest} {codes.digest}".encode()).hexdigest()
    return _policy(entry, both, codes)


def load_policies(paths: Sequence[Path | str], *, divisions: Collection[int]) -> tuple[Policy, ...]:
    """Read the policies of an agency, in order of their effective dates.

    Parameters
    ----------
    paths : sequence of path-like
        At least one file.
    divisions : collection of int
        As `load_policy`.

    Raises
    ------
    ConfigurationError
        A file is broken, or two policies cover one day or share an id.
    """
    if not paths:
        raise ConfigurationError("policy", ["no file is named; give at least one"])
    policies = [load_policy(path, divisions=divisions) for path in paths]
    order = sorted(range(len(paths)), key=lambda at: policies[at].effective_from or date.min)
    faults = []
    for one, other in pairwise(order):
        first, second = policies[one], policies[other]
        end = first.effective_until
        if end is None or (second.effective_from or date.min) < end:
            faults.append(
                f"effective_until: {first.policy_id} still covers the first day of "
                f"{second.policy_id} ({second.effective_from}); end it on that day"
            )
        if first.policy_id == second.policy_id:
            faults.append(f"id: {first.policy_id} is also that of {paths[other]}")
        if faults:
            raise ConfigurationError(str(paths[one]), faults)
    return tuple(policies[at] for at in order)


def _policy(entry: PolicyDocument, digest: str, codes: CodeTable | None) -> Policy:
    areas = {area.id: area.divisions for area in entry.areas}
    every_program = frozenset(program.id for program in entry.programs)
    return Policy(
        policy_id=entry.id,
        effective_from=entry.effective_from,
        effective_until=entry.effective_until,
        digest=digest,
        facts={fact.id: TriageFact(fact.id, fact.question) for fact in entry.facts},
        call_types={kind.id: CallType(kind.id, kind.name) for kind in entry.call_types},
        programs=tuple(_program(program, areas) for program in entry.programs),
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
        arbitration=Arbitration(
            late_programs_yield=entry.arbitration.late_programs_yield,
            preference_s=entry.arbitration.preference_s,
        ),
        codes=codes,
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
