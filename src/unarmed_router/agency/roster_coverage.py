"""Who covers which division at which hour, and where a roster leaves a provider without a team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from unarmed_router.agency.folder import Agency
from unarmed_router.agency.hours_text import hours_text
from unarmed_router.model.policy import Policy
from unarmed_router.model.shift import MINUTES_A_DAY, minutes_of_week
from unarmed_router.model.team import TeamState

__all__ = ["DivisionHours", "RosterGap", "TeamLine", "division_hours", "roster_gaps", "team_lines"]

_HOURS = 24


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One team as a roster describes it.

    Parameters
    ----------
    team_id, provider, program, shifts : str
        As in the file; shifts in the form the file has them.
    crew_size : int
        People aboard.
    capabilities : tuple of str
        What it can do beyond the program's minimum.
    on_duty : bool
        Whether a shift covers the moment.
    home_division : int or None
        Division its home lies in; None outside.
    home_road_m : float or None
        How far its home is from the road used, metres; None where none is near enough.
    serves : tuple of int
        Divisions its provider serves at the moment.
    """

    team_id: str
    provider: str
    program: str
    shifts: str
    crew_size: int
    capabilities: tuple[str, ...]
    on_duty: bool
    home_division: int | None
    home_road_m: float | None
    serves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DivisionHours:
    """Teams for a division through one local day.

    Parameters
    ----------
    number : int
        The division.
    teams : tuple of int or None, 24 of them
        The fewest teams on duty that serve it at any minute of each hour on the wall clock; None of
        an hour that the clock skips that day, when daylight saving begins.
    team_ids : tuple of str
        Those that serve it at some minute of the day.
    """

    number: int
    teams: tuple[int | None, ...]
    team_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RosterGap:
    """Hours in which a provider serves divisions and none of its teams is on duty.

    Parameters
    ----------
    program, provider : str
        Who.
    divisions : tuple of int
        Where.
    hours : str
        When, on the wall clock, in the form of shifts.
    """

    program: str
    provider: str
    divisions: tuple[int, ...]
    hours: str


def team_lines(agency: Agency, states: Sequence[TeamState], at: datetime) -> list[TeamLine]:
    """Describe every team at a moment.

    Parameters
    ----------
    agency : Agency
        Divisions, policy and wall clock.
    states : sequence of TeamState
        The teams, on the road.
    at : datetime
        In UTC.
    """
    local = agency.hours.local(at)
    policy = agency.world.policy_on(local.date()).at(local)
    lines = []
    for state in states:
        team = state.team
        home = agency.divisions.locate(lon=team.home_lon, lat=team.home_lat).division
        road = state.home_road
        lines.append(
            TeamLine(
                team_id=team.team_id,
                provider=team.provider,
                program=team.program,
                shifts=hours_text(minutes_of_week(team.shifts)),
                crew_size=team.crew_size,
                capabilities=team.capabilities,
                on_duty=team.on_duty(local),
                home_division=None if home is None else home.number,
                home_road_m=None if road is None else road.snap_m,
                serves=tuple(sorted(policy.divisions_of(team.program, team.provider))),
            )
        )
    return lines


def division_hours(
    agency: Agency, states: Sequence[TeamState], at: datetime
) -> list[DivisionHours]:
    """Count the teams of every division that some provider serves on the local day of a moment.

    A team counts for a division while one of its shifts runs and its provider serves there. Whether
    it is busy, and what a call needs, is not looked at.
    """
    local = agency.hours.local(at)
    policy, weekday = agency.world.policy_on(local.date()), local.weekday()
    duty = [(state.team, minutes_of_week(state.team.shifts)) for state in states]
    numbers = sorted({n for p in policy.programs for each in p.providers for n in each.divisions})
    who: dict[int, set[str]] = {number: set() for number in numbers}
    counts: dict[int, list[list[int]]] = {number: [[] for _ in range(_HOURS)] for number in numbers}
    for minute in range(MINUTES_A_DAY):
        hour, of_hour = divmod(minute, 60)
        then = local.replace(hour=hour, minute=of_hour, fold=0)
        if agency.hours.local(then.astimezone(UTC)).hour != hour:
            continue  # the clock skips it
        view = policy.at(then)
        teams = Counter[int]()
        for team, minutes in duty:
            if weekday * MINUTES_A_DAY + minute in minutes:
                for number in view.divisions_of(team.program, team.provider):
                    teams[number] += 1
                    who[number].add(team.team_id)
        for number in numbers:
            counts[number][hour].append(teams[number])
    return [
        DivisionHours(
            number,
            tuple(min(hour, default=None) for hour in counts[number]),
            tuple(sorted(who[number])),
        )
        for number in numbers
    ]


def roster_gaps(policy: Policy, states: Sequence[TeamState], today: date) -> list[RosterGap]:
    """Find the hours of a week in which a provider serves and has no team on duty.

    Parameters
    ----------
    policy : Policy
        Its providers' hours are those of a week.
    states : sequence of TeamState
        The roster.
    today : date
        A local day: a provider whose last one is over needs nobody. One that begins later does.
    """
    gaps = []
    for program in policy.programs:
        for provider in program.providers:
            if provider.serves_until is not None and provider.serves_until <= today:
                continue
            serving = set(minutes_of_week(provider.hours))
            for state in states:
                if (state.team.program, state.team.provider) == (
                    program.program_id,
                    provider.provider_id,
                ):
                    serving -= minutes_of_week(state.team.shifts)
            if serving:
                where = tuple(sorted(provider.divisions))
                hours = hours_text(serving)
                gaps.append(RosterGap(program.program_id, provider.provider_id, where, hours))
    return gaps
