"""Which teams could go: each one is a candidate or has a reason not to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from unarmed_router.model.call import Call
from unarmed_router.model.decision import Exclusion
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.program import Program, Screening, StaleFix
from unarmed_router.model.reasons import ExclusionReason
from unarmed_router.model.team import RosterSnapshot, TeamState, TeamStatus

__all__ = ["Available", "not_considered", "screen"]


@dataclass(frozen=True, slots=True)
class Available:
    """A team that passed the screen, and where it stands.

    Parameters
    ----------
    state : TeamState
        The team.
    program : Program
        The program it would go for.
    place : RoadPosition
        Its place on the road network.
    position : {"avl", "home"}
        Where that place comes from.
    stale_fix_ignored : bool
        It has a fix, but too old a one; home was taken by the policy's choice.
    turnout_ms : int
        Its turnout time, milliseconds.
    """

    state: TeamState
    program: Program
    place: RoadPosition
    position: Literal["avl", "home"]
    stale_fix_ignored: bool
    turnout_ms: int

    @property
    def team_id(self) -> str:
        """Id of the team."""
        return self.state.team.team_id


def not_considered(roster: RosterSnapshot) -> tuple[Exclusion, ...]:
    """Give every team the reason that the call was referred before teams were looked at."""
    reason = ExclusionReason.NOT_CONSIDERED
    return tuple(Exclusion(state.team.team_id, reason) for state in roster.teams)


def screen(
    roster: RosterSnapshot,
    call: Call,
    programs: tuple[Program, ...],
    division: int,
    limits: Screening,
    at: datetime,
    local: datetime,
) -> tuple[list[Available], list[Exclusion]]:
    """Split the roster into teams that could go and teams that could not.

    Parameters
    ----------
    roster : RosterSnapshot
        Every team, in order of team id.
    call : Call
        Its needs are used.
    programs : tuple of Program
        Eligible programs.
    division : int
        Where the call is.
    limits : Screening
        The policy's limits.
    at, local : datetime
        The moment of decision, and the same moment on the agency's wall clock.

    Returns
    -------
    available : list of Available
    excluded : list of Exclusion
        Together they name every team once, both in order of team id.
    """
    by_id = {program.program_id: program for program in programs}
    available: list[Available] = []
    excluded: list[Exclusion] = []
    for state in roster.teams:
        refusal = _unfit(state, call, by_id, division, local)
        verdict = refusal or _standing(state, by_id, limits, at)
        if isinstance(verdict, Exclusion):
            excluded.append(verdict)
        else:
            available.append(verdict)
    return available, excluded


def _unfit(
    state: TeamState,
    call: Call,
    programs: Mapping[str, Program],
    division: int,
    local: datetime,
) -> Exclusion | None:
    """Check who the team is and what it is doing; None when nothing speaks against it."""
    team = state.team
    program = programs.get(team.program)
    if program is None:
        return Exclusion(team.team_id, ExclusionReason.OTHER_PROGRAM, team.program)
    if program.provider_of.get(division) != team.provider:
        detail = f"{team.provider} does not serve division {division}"
        return Exclusion(team.team_id, ExclusionReason.OUTSIDE_AREA, detail)
    if state.status is TeamStatus.UNKNOWN:
        return Exclusion(team.team_id, ExclusionReason.STATUS_UNKNOWN)
    if state.status is not TeamStatus.AVAILABLE:
        return Exclusion(team.team_id, ExclusionReason.NOT_AVAILABLE, state.status.value)
    if not team.on_duty(local):
        return Exclusion(team.team_id, ExclusionReason.OFF_SHIFT, f"{local:%a %H:%M} local")
    missing = [need for need in call.needs if need not in team.capabilities]
    if missing:
        return Exclusion(team.team_id, ExclusionReason.MISSING_CAPABILITY, ", ".join(missing))
    return None


def _standing(
    state: TeamState, programs: Mapping[str, Program], limits: Screening, at: datetime
) -> Available | Exclusion:
    """Find where the team stands: its fix, or its home when there is none or policy says so."""
    team = state.team
    stale = False
    if state.fix is not None:
        age = at - state.fix.at
        early, late = (
            timedelta(seconds=-limits.clock_skew_s),
            timedelta(seconds=limits.max_fix_age_s),
        )
        stale = not early <= age <= late
        if stale and limits.stale_fix is StaleFix.EXCLUDE:
            seconds = age.total_seconds()
            detail = (
                f"fix is {seconds:.0f} s old, limit {limits.max_fix_age_s} s"
                if age > late
                else f"fix is {-seconds:.0f} s in the future, limit {limits.clock_skew_s} s"
            )
            return Exclusion(team.team_id, ExclusionReason.POSITION_STALE, detail)
    at_home = state.fix is None or stale
    place = state.home_road if at_home else state.fix_road
    if place is None:
        return Exclusion(
            team.team_id, ExclusionReason.NO_ROAD_NEARBY, "home" if at_home else "AVL position"
        )
    turnout_s = limits.turnout_s if team.turnout_s is None else team.turnout_s
    return Available(
        state,
        programs[team.program],
        place,
        "home" if at_home else "avl",
        stale,
        turnout_s * 1000,
    )
