"""`unarmed-router ledger`: check, read, pass on and keep the record of a shift."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from unarmed_router.cli.exit_codes import FAILURE, NEGATIVE
from unarmed_router.cli.ledger_options import (
    AsOfOption,
    DivisionOf,
    JsonOption,
    LedgerArgument,
    SinceOption,
    UntilOption,
    opened,
    policy_of,
    refuse_other_agency,
    wall_clock,
    window,
)
from unarmed_router.cli.moment import instant
from unarmed_router.cli.outputs import check_outputs
from unarmed_router.cli.place import AgencyOption
from unarmed_router.counted import counted
from unarmed_router.errors import InputError
from unarmed_router.ledger.addresses import shown

__all__ = ["app"]

E = TypeVar("E", bound=StrEnum)

_KNOWN = re.compile(r"([1-9][0-9]*):([0-9a-f]{64})")

app = typer.Typer(
    name="ledger",
    help="Check, read, pass on and keep the record of a shift.",
    no_args_is_help=True,
)

PolicyOption = Annotated[
    list[Path] | None,
    typer.Option("--policy", help="A further policy that was in force; repeat."),
]


@app.command()
def verify(
    ledger: LedgerArgument,
    known: Annotated[
        str | None,
        typer.Option(help="NUMBER:DIGEST of an event, noted elsewhere: shows a cut or new chain."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check that a ledger is whole, from its first event to its last: exit 3 when it is not."""
    from unarmed_router.cli.ledger_text import verification_lines  # noqa: PLC0415
    from unarmed_router.ledger.verify import verify as check  # noqa: PLC0415

    with opened(ledger) as log:
        found = check(log, known=_known(known))
    _tell(
        lambda: {**asdict(found), "whole": found.whole},
        verification_lines(shown(ledger), found),
        as_json=as_json,
    )
    _exit(found.whole)


@app.command()
def balance(
    ledger: LedgerArgument,
    since: SinceOption = None,
    until: UntilOption = None,
    as_of: AsOfOption = None,
    agency: AgencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that each call has one outcome: exit 3 with the calls that have not."""
    from unarmed_router.cli.ledger_text import balance_lines  # noqa: PLC0415
    from unarmed_router.operations.balance import balance as count  # noqa: PLC0415

    clock = wall_clock(agency)
    with opened(ledger) as log:
        found = count(log, window(since, until, as_of))
    _tell(found.to_dict, balance_lines(shown(ledger), found, clock), as_json=as_json)
    _exit(found.balanced)


@app.command()
def replay(
    ledger: LedgerArgument,
    policy: PolicyOption = None,
    agency: AgencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make every decision again, byte for byte: exit 3 with the first that differs."""
    from unarmed_router.agency.folder import load_agency  # noqa: PLC0415
    from unarmed_router.cli.ledger_text import replay_lines  # noqa: PLC0415
    from unarmed_router.operations.ledger_replay import replay as again  # noqa: PLC0415
    from unarmed_router.simulation.simulated_city import always_fresh  # noqa: PLC0415

    with opened(ledger) as log:
        loaded = load_agency(agency)
        named = [policy_of(path, loaded) for path in policy or []]
        given = (loaded.world.policy, *loaded.world.policies, *named)
        # The ledger may be of a simulation: the same policies, as it has them.
        found = again(log, loaded, policies=[*named, *map(always_fresh, given)])
    _tell(found.to_dict, replay_lines(shown(ledger), found, loaded.hours), as_json=as_json)
    _exit(found.same)


@app.command()
def diff(
    ledger: LedgerArgument,
    new: Annotated[Path, typer.Option("--policy", help="The policy file to try.")],
    in_force: Annotated[
        list[Path] | None,
        typer.Option("--in-force", help="A further policy that was in force; repeat."),
    ] = None,
    agency: AgencyOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON Lines: a change on each, then the counts.")
    ] = False,
) -> None:
    """Show what another policy would have done with the same calls and the teams as they were."""
    from unarmed_router.agency.folder import load_agency  # noqa: PLC0415
    from unarmed_router.cli.ledger_text import change_line, diff_lines  # noqa: PLC0415
    from unarmed_router.model.canonical import to_plain  # noqa: PLC0415
    from unarmed_router.research.ledger_diff import LedgerDiff  # noqa: PLC0415

    with opened(ledger) as log:
        loaded = load_agency(agency)
        further = [policy_of(path, loaded) for path in in_force or []]
        compared = LedgerDiff(loaded, policy_of(new, loaded), further)
        for change in compared.changes(log):
            line = json.dumps(to_plain(change)) if as_json else change_line(change, loaded.hours)
            typer.echo(line)
    if as_json:
        typer.echo(json.dumps(compared.summary()))
    else:
        _print(diff_lines(compared))


@app.command()
def export(
    ledger: LedgerArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="A new folder for the tables.")],
    form: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    positions: Annotated[
        str, typer.Option(help="block: the hundred block; division: nothing finer.")
    ] = "block",
    times: Annotated[str, typer.Option(help="exact, or minute.")] = "exact",
    since: SinceOption = None,
    until: UntilOption = None,
    agency: AgencyOption = None,
) -> None:
    """Write calls, decisions, assignments and escalations as tables, with coarse places."""
    from unarmed_router.agency.folder import load_agency  # noqa: PLC0415
    from unarmed_router.operations.coarsening import Positions, Times  # noqa: PLC0415
    from unarmed_router.operations.export import Coarseness  # noqa: PLC0415
    from unarmed_router.operations.export import export as rows  # noqa: PLC0415
    from unarmed_router.operations.export_files import Format, write_tables  # noqa: PLC0415

    how = Coarseness(
        positions=_word(Positions, positions, "--positions"),
        times=_word(Times, times, "--times"),
    )
    chosen, kind = window(since, until), _word(Format, form, "--format")
    with opened(ledger) as log:
        loaded = load_agency(agency)
        refuse_other_agency(shown(ledger), log, loaded)
        find = DivisionOf(loaded)
        counts = write_tables(output, rows(log, find, coarseness=how, window=chosen), kind)
    for table, count in counts.items():
        typer.echo(f"{output / f'{table}.{kind}'}: {counted(count, 'row')}")


@app.command()
def report(
    ledger: LedgerArgument,
    since: SinceOption = None,
    until: UntilOption = None,
    as_of: AsOfOption = None,
    agency: AgencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count calls by division and outcome and by hour, with small numbers left out."""
    from unarmed_router.agency.folder import load_agency  # noqa: PLC0415
    from unarmed_router.cli.ledger_text import report_lines  # noqa: PLC0415
    from unarmed_router.operations.aggregates import aggregates  # noqa: PLC0415

    with opened(ledger) as log:
        loaded = load_agency(agency)
        refuse_other_agency(shown(ledger), log, loaded)
        found = aggregates(
            log,
            divisions=[(each.number, each.name) for each in loaded.divisions.divisions],
            division_of=DivisionOf(loaded),
            local=loaded.hours.local,
            window=window(since, until, as_of),
        )
    _tell(found.to_dict, report_lines(shown(ledger), found, loaded.hours), as_json=as_json)


@app.command()
def show(
    ledger: LedgerArgument,
    call: Annotated[str | None, typer.Option(help="Only events of this call.")] = None,
    team: Annotated[str | None, typer.Option(help="Only events of this team.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only events after this number.")] = 0,
    last: Annotated[int | None, typer.Option(min=1, help="Only so many, the last.")] = None,
    agency: AgencyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines: an event on each.")] = False,
) -> None:
    """List what happened, in order; with --call, what was decided in words as well."""
    from collections import deque  # noqa: PLC0415

    from unarmed_router.cli.event_text import event_lines  # noqa: PLC0415
    from unarmed_router.cli.wanted_events import Wanted  # noqa: PLC0415
    from unarmed_router.model.canonical import to_json  # noqa: PLC0415

    clock, chosen, count = wall_clock(agency), Wanted(call, team), 0
    with opened(ledger) as log:
        # From the first event on, to know which team was on the call by then.
        wanted = (each for each in log.read() if chosen(each.event) and each.seq > after)
        for each in wanted if last is None else deque(wanted, maxlen=last):
            count += 1
            if as_json:
                plain = {"seq": each.seq, "at": each.at, "event": each.event, "digest": each.digest}
                typer.echo(to_json(plain))
            else:
                _print(event_lines(each, clock, in_words=call is not None))
    for note in chosen.left_out(after, count):
        typer.echo(f"{shown(ledger)}: {note}", err=True)


@app.command()
def purge(
    ledger: LedgerArgument,
    before: Annotated[str, typer.Option(help="What was over by then, ISO 8601 with offset.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove what ended calls and old positions said; the chain still verifies."""
    from unarmed_router.operations.purging import purge as remove  # noqa: PLC0415

    moment = instant(before, "--before")
    assert moment is not None  # noqa: S101  # for the type checker: the option is required
    name = shown(ledger)
    with opened(ledger, writing=True) as log:
        asked = f"Remove for good what calls that ended before {before} said, from {name}?"
        if not yes and not typer.confirm(asked, err=True):
            typer.echo(f"{name}: nothing is removed", err=True)
            raise typer.Exit(FAILURE)
        count = remove(log, before=moment)
    typer.echo(
        f"{name}: {counted(count, 'event')} removed; their digests are left, the chain verifies"
    )


@app.command()
def backup(
    ledger: LedgerArgument,
    file: Annotated[Path, typer.Argument(help="The SQLite file to make.")],
) -> None:
    """Write one state of a ledger into a new file, checked, while others go on writing."""
    from unarmed_router.cli.ledger_text import verification_lines  # noqa: PLC0415
    from unarmed_router.ledger.copy import backup as write  # noqa: PLC0415

    check_outputs(FILE=file)
    with opened(ledger) as log:
        found = write(log, file)
    _print(verification_lines(str(file), found))


def _known(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    read = _KNOWN.fullmatch(text.strip().lower())
    if read is None:
        raise InputError(f"--known {text!r} must be NUMBER:DIGEST, as verify printed them")
    return int(read[1]), read[2]


def _word(words: type[E], given: str, option: str) -> E:
    try:
        return words(given)
    except ValueError:
        raise InputError(f"{option} {given!r} is none of: {', '.join(words)}") from None


def _tell(plain: Callable[[], dict[str, Any]], lines: Iterable[str], *, as_json: bool) -> None:
    """Print what was found: as one JSON object, or in lines to read."""
    _print([json.dumps(plain(), indent=2)] if as_json else lines)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


def _exit(well: bool) -> None:
    if not well:
        raise typer.Exit(NEGATIVE)
