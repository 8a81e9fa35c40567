"""``unarmed-router policy``: the schema of a policy file, what one leaves open, how two differ."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unarmed_router.cli.place import AgencyOption

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from unarmed_router.agency.policy_coverage import Gap, PolicyCoverage
    from unarmed_router.geography.partition import Partition
    from unarmed_router.model.policy import Policy
    from unarmed_router.research.policy_diff import PolicyDiff

__all__ = ["app"]

app = typer.Typer(
    help="Print the schema of a policy file, check one, compare two.", no_args_is_help=True
)

_SPOOLED = 1 << 20
"""Bytes of changes held in memory until the whole log is known to be sound; then on disk."""


@app.command()
def schema() -> None:
    """Print the JSON Schema (draft 2020-12) of a policy file."""
    from unarmed_router.agency.policy_schema import PolicyDocument  # noqa: PLC0415  # keeps --help quick

    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **PolicyDocument.model_json_schema(),
        "title": "Policy file of unarmed-router",
    }
    typer.echo(json.dumps(document, indent=2))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A policy file.")],
    *,
    agency: AgencyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """List every fault of a policy file; of a sound one, say what it leaves open."""
    from unarmed_router.agency.policy_coverage import policy_coverage  # noqa: PLC0415  # keeps --help quick
    from unarmed_router.agency.policy_file import load_policy  # noqa: PLC0415

    partition = _partition(agency)
    divisions = {division.number: division.name for division in partition.divisions}
    policy = load_policy(file, divisions=divisions, partition=partition)
    coverage = policy_coverage(policy, divisions)
    if as_json:
        facts = {"policy_id": policy.policy_id, "digest": policy.digest, **asdict(coverage)}
        typer.echo(json.dumps(facts, indent=2, default=str))
        return
    typer.echo(f"{file}: {policy.policy_id} is sound; digest {policy.digest}")
    for line in _report(policy, coverage, divisions):
        typer.echo(line)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The policy file in force.")],
    new: Annotated[Path, typer.Argument(help="The policy file that is to replace it.")],
    *,
    calls: Annotated[Path, typer.Option(help="JSON Lines: one call on each line.")],
    agency: AgencyOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON Lines: a change on each, then the counts.")
    ] = False,
) -> None:
    """Route a log of calls under two policies and print the decisions that change, and why."""
    from tempfile import SpooledTemporaryFile  # noqa: PLC0415  # keeps --help quick

    from unarmed_router.agency.folder import load_agency  # noqa: PLC0415
    from unarmed_router.errors import InputError  # noqa: PLC0415
    from unarmed_router.research.policy_diff import PolicyDiff  # noqa: PLC0415

    compared = PolicyDiff(load_agency(agency), old, new)
    # Nothing is shown of a log with a bad line, and a log may be longer than memory.
    with SpooledTemporaryFile(_SPOOLED, "w+", encoding="utf-8", newline="\n") as shown:
        try:
            with calls.open("rb") as log:
                for change in compared.changes(log, str(calls)):
                    line = f"{change.call_id}: {change.old} -> {change.new}: {change.why}"
                    shown.write((json.dumps(asdict(change)) if as_json else line) + "\n")
        except OSError as error:
            raise InputError(f"--calls {calls}: cannot be read: {error.strerror}") from error
        shown.seek(0)
        for line in shown:
            typer.echo(line, nl=False)
    for line in _counted(compared, as_json=as_json):
        typer.echo(line)


def _partition(agency: Path | None) -> Partition:
    """Return an agency's divisions, without its roads and its policy."""
    from unarmed_router.agency.folder import embedded_agency  # noqa: PLC0415
    from unarmed_router.agency.folder_schema import read_agency  # noqa: PLC0415
    from unarmed_router.geography.partition_file import load_partition  # noqa: PLC0415

    path = agency or embedded_agency()
    return load_partition(path.parent / read_agency(path).files.divisions)


def _report(policy: Policy, found: PolicyCoverage, names: Mapping[int, str]) -> Iterator[str]:
    """Say what a policy leaves open, a heading for each kind."""

    def places(numbers: tuple[int, ...]) -> str:
        return ", ".join(f"{number} {names[number]}" for number in numbers)

    for program in found.programs:
        yield ""
        yield program.program
        if program.unserved:
            count = f"{len(program.unserved)} of {len(names)} divisions"
            yield f"  nobody serves {count}: {places(program.unserved)}"
        else:
            yield "  every division has a provider"
        if program.outlined:
            yield f"  areas with a provider of their own: {', '.join(program.outlined)}"
        for gap in program.gaps:
            where = f"area {gap.area}" if gap.area else places(gap.divisions)
            yield f"  no provider {_when(gap, policy)} in {where}"
        if not program.gaps:
            yield "  where it serves, a provider serves at every hour"
    yield ""
    idle = set(found.idle_facts)
    facts = [f"{f} (nor a referral)" if f in idle else f for f in found.unruled_facts]
    kinds = [f"{kind} ({policy.call_types[kind].name})" for kind in found.untaken_types]
    yield f"facts no rule looks at: {', '.join(facts) or 'none'}"
    yield f"call types no program takes: {', '.join(kinds) or 'none'}"
    yield f"targets nothing names: {', '.join(found.unnamed_targets) or 'none'}"


def _when(gap: Gap, policy: Policy) -> str:
    """Say when; dates that are the policy's own go without saying."""
    hours = "at any hour" if gap.hours == "24/7" else gap.hours
    since = f" from {gap.since}" if gap.since != policy.effective_from else ""
    until = f" until {gap.until}" if gap.until != policy.effective_until else ""
    return hours + since + until


def _counted(compared: PolicyDiff, *, as_json: bool) -> Iterator[str]:
    """Count the changes by their kind, most frequent first."""
    ordered = sorted(compared.counts.items(), key=lambda item: (-item[1], item[0]))
    changed = compared.counts.total()
    if as_json:
        counts = [{"old": old, "new": new, "calls": count} for (old, new), count in ordered]
        yield json.dumps({"calls": compared.calls, "changed": changed, "counts": counts})
        return
    if ordered:
        yield ""
        yield f"{'calls':>6}  {'old':<20}  new"
    for (old, new), count in ordered:
        yield f"{count:>6}  {old:<20}  {new}"
    yield f"{changed} of {compared.calls} decisions change"
