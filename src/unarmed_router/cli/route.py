"""``unarmed-router route``: who takes one call."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unarmed_router.cli.exit_codes import NEGATIVE
from unarmed_router.cli.moment import instant
from unarmed_router.cli.outputs import check_outputs
from unarmed_router.cli.place import (
    AgencyOption,
    CrsOption,
    LatOption,
    LonOption,
    XOption,
    YOption,
    lonlat,
)
from unarmed_router.errors import InputError
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.explanation import minutes
from unarmed_router.whole_file import whole_file

if TYPE_CHECKING:
    from unarmed_router.router import Router

__all__ = ["route"]


class Reader(StrEnum):
    """For whom the decision is explained."""

    DISPATCHER = "dispatcher"
    AUDITOR = "auditor"


def route(
    call_type: Annotated[
        str | None,
        typer.Option(
            "--call-type",
            help="A call type of the policy, such as welfare_check, or a code its table reads.",
        ),
    ] = None,
    lon: LonOption = None,
    lat: LatOption = None,
    x: XOption = None,
    y: YOption = None,
    crs: CrsOption = None,
    yes: Annotated[
        list[str] | None,
        typer.Option(metavar="FACT", help="Facts answered yes; repeat, or separate by commas."),
    ] = None,
    no: Annotated[
        list[str] | None,
        typer.Option(metavar="FACT", help="Facts answered no; repeat, or separate by commas."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            help="When it was received and is decided, ISO 8601 with offset; now when not given."
        ),
    ] = None,
    needs: Annotated[
        list[str] | None,
        typer.Option(help="Capabilities the team must have; repeat, or separate by commas."),
    ] = None,
    call_id: Annotated[
        str | None, typer.Option(help="The CAD's identifier; 1 when not given.")
    ] = None,
    call_file: Annotated[
        Path | None,
        typer.Option(
            "--call",
            metavar="FILE",
            help="A call as JSON, in place of the options above; - for standard input.",
        ),
    ] = None,
    agency: AgencyOption = None,
    explain: Annotated[
        Reader, typer.Option(help="For whom: two sentences, or everything.")
    ] = Reader.DISPATCHER,
    what_if: Annotated[
        bool,
        typer.Option("--what-if", help="After a referral: what would let an unarmed team go."),
    ] = False,
    path: Annotated[
        bool, typer.Option("--path", help="Also by which streets the team drives.")
    ] = False,
    geojson: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the path to a GeoJSON file."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The decision as JSON.")] = False,
) -> None:
    """Decide who takes one call: exit 0 for a team, 3 for a referral.

    The triage facts of the embedded policy are weapon, violence, medical_emergency,
    crime_in_progress and minor_alone; one that is in neither --yes nor --no is unknown.
    """
    from unarmed_router.router import Router  # noqa: PLC0415  # keeps --help quick

    if as_json and (what_if or path or explain is not Reader.DISPATCHER):
        raise InputError(
            "--json prints the decision alone; leave out --explain, --path and --what-if"
        )
    check_outputs(geojson=geojson)
    moment = instant(at, "--at") or datetime.now(UTC)
    facts = _facts(yes or [], no or [])
    if call_file is not None:
        if any(
            each is not None for each in (call_type, lon, lat, x, y, crs, yes, no, needs, call_id)
        ):
            raise InputError("--call tells all of a call; leave out the options that describe one")
        call = _read(call_file)
        router = Router.load(agency)
    elif call_type is None:
        raise InputError("give --call-type and the place, or --call with a call as JSON")
    else:
        router = Router.load(agency)
        lon, lat = lonlat(lon=lon, lat=lat, x=x, y=y, crs=crs or router.agency.projected_crs)
        call = Call(
            call_id="1" if call_id is None else call_id,
            lon=lon,
            lat=lat,
            call_type=call_type,
            received_at=moment,
            facts=facts,
            needs=tuple(_split(needs or [])),
        )
    decision = router.route(call, at=moment)
    typer.echo(decision.to_json() if as_json else _text(decision, explain, _source(router)))
    if isinstance(decision, Recommendation):
        _drive(decision, shown=path, target=geojson)
    else:
        if geojson is not None:
            typer.echo(f"{geojson}: not written, since no team is sent", err=True)
        if what_if:
            typer.echo("\n" + router.counterfactual(call, at=moment).explain())
        raise typer.Exit(NEGATIVE)


def _read(file: Path) -> Call:
    """Read a call as JSON, from standard input where the file is named ``-``."""
    from unarmed_router.interop.json_codec import call_from_json  # noqa: PLC0415  # keeps --help quick

    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        return call_from_json(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: the call is no UTF-8: {error}; save it as UTF-8") from None


def _drive(decision: Recommendation, *, shown: bool, target: Path | None) -> None:
    """Print and write the way of the team, as asked."""
    if not shown and target is None:
        return
    driven = decision.path()
    if shown:
        typer.echo("\n" + driven.explain())
    if target is not None:
        with whole_file(target) as unfinished:
            unfinished.write_text(driven.to_json() + "\n", encoding="utf-8")
        typer.echo(f"{target}: the path as GeoJSON", err=True)


def _facts(yes: list[str], no: list[str]) -> dict[str, Answer]:
    said_yes, said_no = _split(yes), _split(no)
    both = sorted(said_yes & said_no)
    if both:
        raise InputError(f"{', '.join(both)}: given in both --yes and --no")
    return dict.fromkeys(said_yes, Answer.YES) | dict.fromkeys(said_no, Answer.NO)


def _split(values: list[str]) -> set[str]:
    return {word.strip() for value in values for word in value.split(",") if word.strip()}


def _source(router: Router) -> str:
    """Say where times come from that are not those of the network; empty when they are."""
    from unarmed_router.agency.plugin_times import ProvidedTimes  # noqa: PLC0415  # keeps --help quick

    times = router.agency.world.travel_times
    return f"plugin {times.name}" if isinstance(times, ProvidedTimes) else ""


def _text(decision: Decision, reader: Reader, source: str) -> str:
    if reader is Reader.AUDITOR:
        return decision.explain("auditor")
    lines = [decision.explain()]
    if decision.exclusions:
        lines.append("")
        details = {each.team_id: each.detail for each in decision.exclusions} | _ranks(decision)
        lines += [
            f"  {each.team_id}: {each.reason.value.replace('_', ' ')}"
            + (f" ({details[each.team_id]})" if details[each.team_id] else "")
            for each in decision.exclusions
        ]
    if decision.basis.network_limits and isinstance(decision, Recommendation):
        network = f"{decision.basis.network_title}. {decision.basis.network_limits}"
        told = (
            [f"Times from: {source}.", f"Roads: {network}"]
            if source
            else [f"Times from: {network}"]
        )
        lines += ["", *told]
    return "\n".join(lines)


def _ranks(decision: Decision) -> dict[str, str]:
    """Word the places of the teams that could have gone, with their times as people read them."""
    if not isinstance(decision, Recommendation):
        return {}
    count = len(decision.candidates)
    return {
        each.team_id: f"place {place} of {count}, response {minutes(each.response_ms)}"
        for place, each in enumerate(decision.candidates, 1)
    }
