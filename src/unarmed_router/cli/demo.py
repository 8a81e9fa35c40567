"""``unarmed-router demo``: a synthetic day through the embedded city, as a table and a map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, JustifyMethod
from rich.progress import track
from rich.table import Table

from unarmed_router.cli.outputs import check_outputs
from unarmed_router.cli.place import AgencyOption
from unarmed_router.counted import counted
from unarmed_router.errors import InputError
from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision, Recommendation
from unarmed_router.model.explanation import minutes
from unarmed_router.model.reasons import ReferralReason

if TYPE_CHECKING:
    from unarmed_router.agency.folder import Agency
    from unarmed_router.simulation.summary import DaySummary

__all__ = ["demo"]

_WIDTH = 100


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="The map page to write.")] = Path(
        "unarmed_router_demo.html"
    ),
    calls: Annotated[int, typer.Option(min=1, max=100_000, help="How many calls.")] = 200,
    seed: Annotated[int, typer.Option(help="Same seed, same day.")] = 2,
    day: Annotated[str, typer.Option(help="Which day, ISO 8601.")] = "2026-11-20",
    agency: AgencyOption = None,
) -> None:
    """Route a synthetic day of calls and write a map of it that opens without a network."""
    from unarmed_router.agency.folder import load_agency  # noqa: PLC0415  # keeps --help quick
    from unarmed_router.research.map_page import write_map_page  # noqa: PLC0415
    from unarmed_router.router import Router  # noqa: PLC0415
    from unarmed_router.simulation.day import DayClock, play_day  # noqa: PLC0415
    from unarmed_router.simulation.summary import summarize  # noqa: PLC0415

    messages = Console(stderr=True)
    on = _date(day)
    clock = DayClock(datetime.combine(on, time(), tzinfo=UTC))
    output.parent.mkdir(parents=True, exist_ok=True)
    check_outputs(output=output)
    router = Router(_as_on(load_agency(agency, clock=clock), on), clock=clock)
    stream = list(_stream(router.agency, on, calls, seed))
    routed = list(
        track(
            play_day(router, stream, clock=clock),
            description="Routing the day",
            total=len(stream),
            console=messages,
        )
    )
    tables = Console(width=_WIDTH, highlight=False, markup=False, emoji=False)
    city = router.agency.name
    _print_day(
        tables, f"{city}, {on:%A %d %B %Y}: {counted(calls, 'synthetic call')}", summarize(routed)
    )
    _print_explained(tables, _three(routed))
    write_map_page(output, agency=router.agency, routed=routed, title=f"{city}, {on:%d %B %Y}")
    typer.echo(f"Map: {output}", err=True)


def _as_on(agency: Agency, day: date) -> Agency:
    """Return an agency with the policy of a day alone: the calls' words and the map are of it."""
    world = agency.world
    return replace(agency, world=replace(world, policy=world.policy_on(day), policies=()))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--day {text!r} is not a date; give one such as 2026-11-20") from None


def _stream(agency: Agency, on: date, count: int, seed: int) -> Iterable[Call]:
    from unarmed_router.simulation.default_stream import demand_files  # noqa: PLC0415
    from unarmed_router.simulation.demand import (  # noqa: PLC0415
        DemandWeights,
        load_hours,
        load_tracts,
        smoothed,
    )
    from unarmed_router.simulation.mix_file import load_mix  # noqa: PLC0415
    from unarmed_router.simulation.one_day import day_of_calls  # noqa: PLC0415

    tracts, arrivals, call_mix = demand_files(agency)
    demand = DemandWeights(load_tracts(tracts), smoothed(load_hours(arrivals)))
    mix = load_mix(call_mix, policy=agency.world.policy)
    midnight = datetime.combine(on, time(), tzinfo=agency.hours.zone)
    return day_of_calls(demand, midnight=midnight, count=count, seed=seed, mix=mix)


def _print_day(console: Console, title: str, day: DaySummary) -> None:
    console.print(f"\n{title}", style="bold")
    console.print(
        f"An unarmed team was sent to {day.sent}, {day.referred} were referred. "
        f"Response time: median {_time(day.median_ms)}, 90th percentile {_time(day.p90_ms)}."
    )
    console.print(
        "Times start when the call is received and decided at once: no call handling, the only\n"
        "traffic that of the hour. Published averages of such programs are longer.",
        style="dim",
    )
    divisions = Table(title="\nBy division", title_justify="left", show_footer=True)
    footers = ("", "All", str(day.calls), str(day.sent), _time(day.median_ms), _time(day.p90_ms))
    headings = ("Division", "Name", "Calls", "Team sent", "Median", "90 %")
    for heading, footer in zip(headings, footers, strict=True):
        justify: JustifyMethod = "left" if heading == "Name" else "right"
        divisions.add_column(heading, footer=footer, justify=justify)
    for row in day.divisions:
        divisions.add_row(
            str(row.division.number or "-"),
            row.division.name,
            str(row.calls),
            str(row.sent),
            _time(row.median_ms),
            _time(row.p90_ms),
        )
    console.print(divisions)
    referrals = Table(title="\nReferred", title_justify="left")
    referrals.add_column("Calls", justify="right")
    referrals.add_column("Why")
    referrals.add_column("To")
    for line in day.referrals:
        referrals.add_row(str(line.calls), line.reason.value.replace("_", " "), line.target_name)
    console.print(referrals)


def _time(milliseconds: int | None) -> str:
    return "-" if milliseconds is None else minutes(milliseconds)


def _three(routed: list[tuple[Call, Decision]]) -> list[Decision]:
    """Choose three decisions worth reading: a team sent, a question to ask, teams all busy."""
    decisions = [decision for _, decision in routed]
    sent = [d for d in decisions if isinstance(d, Recommendation)]
    referred = [d for d in decisions if not isinstance(d, Recommendation)]
    wanted = [
        ReferralReason.NEEDS_TRIAGE,
        ReferralReason.NO_TEAM_AVAILABLE,
        ReferralReason.INELIGIBLE,
        ReferralReason.NO_PROGRAM_HERE,
    ]
    firsts = [next((d for d in referred if d.reason is reason), None) for reason in wanted]
    chosen: list[Decision] = [*sent[:1], *(d for d in firsts if d is not None)]
    return chosen[:3]


def _print_explained(console: Console, decisions: list[Decision]) -> None:
    console.print("\nThree decisions explained", style="bold")
    for decision in decisions:
        console.print(f"- {decision.explain()}")
