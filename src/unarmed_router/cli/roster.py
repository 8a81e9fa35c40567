"""`unarmed-router roster`: the teams, who is on duty, and who covers which division when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unarmed_router.cli.ledger_options import JsonOption
from unarmed_router.cli.moment import instant
from unarmed_router.cli.place import AgencyOption
from unarmed_router.counted import counted

if TYPE_CHECKING:
    from unarmed_router.agency.folder import Agency
    from unarmed_router.agency.roster_coverage import DivisionHours, RosterGap, TeamLine
    from unarmed_router.model.team import TeamState

__all__ = ["app"]

app = typer.Typer(
    name="roster",
    help="Show the teams, who is on duty, and who covers which division when.",
    no_args_is_help=True,
)

RosterArgument = Annotated[
    Path | None, typer.Argument(help="A roster file, TOML or CSV; the agency's when not given.")
]


@app.command()
def show(
    file: RosterArgument = None,
    at: Annotated[
        str | None, typer.Option(help="When, ISO 8601 with offset; now when not given.")
    ] = None,
    agency: AgencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the teams with their shifts and homes, and the teams on duty by division and hour."""
    from unarmed_router.agency.roster_coverage import division_hours, team_lines  # noqa: PLC0415

    moment = instant(at, "--at") or datetime.now(UTC)
    loaded, states = _loaded(agency, file)
    teams, hours = team_lines(loaded, states, moment), division_hours(loaded, states, moment)
    if as_json:
        told = {"at": moment.isoformat(), "teams": teams, "divisions": hours}
        typer.echo(json.dumps(told, indent=2, default=asdict))
        return
    for line in (*_team_table(loaded, teams, moment), "", *_hour_table(loaded, hours, moment)):
        typer.echo(line)


@app.command()
def check(
    file: RosterArgument = None, agency: AgencyOption = None, as_json: JsonOption = False
) -> None:
    """List the faults of a roster file; of a sound one, the hours in which nobody is on duty."""
    from unarmed_router.agency.roster_coverage import roster_gaps, team_lines  # noqa: PLC0415

    now = datetime.now(UTC)
    loaded, states = _loaded(agency, file)
    today = loaded.hours.local(now).date()
    policy = loaded.world.policy_on(today)
    gaps, teams = roster_gaps(policy, states, today), team_lines(loaded, states, now)
    if as_json:
        told = {"policy_id": policy.policy_id, "gaps": gaps, "teams": teams}
        typer.echo(json.dumps(told, indent=2, default=asdict))
        return
    name = file or loaded.name
    typer.echo(f"{name}: {counted(len(teams), 'team')}, all sound under policy {policy.policy_id}")
    for line in _check_lines(loaded, teams, gaps):
        typer.echo(line)


def _loaded(agency: Path | None, file: Path | None) -> tuple[Agency, tuple[TeamState, ...]]:
    """Load an agency, and a roster in place of its own where one is given."""
    from unarmed_router.agency.folder import load_agency  # noqa: PLC0415
    from unarmed_router.agency.roster_file import load_roster, refuse_homes_off_road  # noqa: PLC0415

    loaded = load_agency(agency)
    if file is None:
        return loaded, loaded.roster.snapshot().teams
    world = loaded.world
    states = load_roster(file, policies=(world.policy, *world.policies))
    teams = loaded.roster.with_states(states).snapshot().teams
    refuse_homes_off_road(file, teams)
    return loaded, teams


def _team_table(agency: Agency, teams: list[TeamLine], at: datetime) -> Iterator[str]:
    local = agency.hours.local(at)
    on_duty = sum(team.on_duty for team in teams)
    yield f"{counted(len(teams), 'team')}, {on_duty} on duty {local:%A %d %B %Y, %H:%M %Z}"
    rows = [("team", "provider", "program", "crew", "on duty", "home", "road", "shifts")]
    rows += [
        (
            team.team_id,
            team.provider,
            team.program,
            str(team.crew_size),
            "yes" if team.on_duty else "no",
            "outside" if team.home_division is None else f"division {team.home_division}",
            "none" if team.home_road_m is None else f"{team.home_road_m:.0f} m",
            team.shifts + (f"  ({', '.join(team.capabilities)})" if team.capabilities else ""),
        )
        for team in teams
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
        yield ("  " + "  ".join(cells)).rstrip()


def _hour_table(agency: Agency, hours: list[DivisionHours], at: datetime) -> Iterator[str]:
    names = agency.divisions.names
    skipped = any(count is None for each in hours for count in each.teams)
    yield (
        f"Teams on duty by division and hour, {agency.hours.local(at):%A %d %B}; . is none"
        + (", - an hour that the clock skips" if skipped else "")
    )
    width = max((len(f"{each.number:>3} {names[each.number]}") for each in hours), default=0)
    yield "  " + " " * width + "".join(f" {hour:>2}" for hour in range(24))
    for each in hours:
        cells = "".join(f" {'-' if count is None else count or '.':>2}" for count in each.teams)
        place = f"{each.number:>3} {names[each.number]}"
        yield f"  {place:<{width}}{cells}  {', '.join(each.team_ids)}"


def _check_lines(agency: Agency, teams: list[TeamLine], gaps: list[RosterGap]) -> Iterator[str]:
    names = agency.divisions.names
    farthest = max((t for t in teams if t.home_road_m is not None),
                   key=lambda t: t.home_road_m or 0.0, default=None)  # fmt: skip
    if farthest is not None:
        metres = f"{farthest.home_road_m:.0f} m"
        yield f"every home is on a road; that of {farthest.team_id} is farthest from it, {metres}"
    for gap in gaps:
        where = ", ".join(f"{number} {names[number]}" for number in gap.divisions)
        when = "at any hour" if gap.hours == "24/7" else gap.hours
        yield f"{gap.program}: no team of {gap.provider} on duty {when} for {where or 'its areas'}"
    if not gaps:
        yield "every provider has a team on duty whenever it serves"
    away = [t for t in teams if t.home_division not in t.serves]
    for team in away:
        where = (
            "outside every division"
            if team.home_division is None
            else (f"in {team.home_division} {names[team.home_division]}")
        )
        yield f"{team.team_id} waits {where}, which its provider does not serve now"
