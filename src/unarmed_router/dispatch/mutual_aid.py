"""A second look at a call that its own provider cannot take, for another that may help."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from unarmed_router.dispatch.team_table import live_rows
from unarmed_router.kernels.routing import HEADER, SENT
from unarmed_router.kernels.screening import (
    AT_HOME,
    BEYOND_LIMIT,
    CODE,
    FIT,
    KEPT_HOME,
    NOT_CONSIDERED,
    OUTSIDE_AREA,
    screen_teams,
    settle_teams,
)
from unarmed_router.model.mutual_aid import AidPrice

if TYPE_CHECKING:
    from datetime import datetime

    import numpy.typing as npt

    from unarmed_router.dispatch.ground import Ground
    from unarmed_router.dispatch.ports import World
    from unarmed_router.dispatch.team_table import TeamTable
    from unarmed_router.model.call import Call
    from unarmed_router.model.location import RoadPosition
    from unarmed_router.model.mutual_aid import MutualAid
    from unarmed_router.model.policy import Policy
    from unarmed_router.model.roster_snapshot import RosterSnapshot

__all__ = ["ask_for_aid", "price_of_aid"]


def ask_for_aid(
    call: Call,
    at: datetime,
    moment: tuple[int, int, int],
    kind: tuple[Any, Any],
    places: tuple[World, Ground, TeamTable, RosterSnapshot],
    number: int,
    row: npt.NDArray[np.int32],
) -> int | None:
    """Look for a team of another provider; the row is changed where teams were looked at again.

    Parameters
    ----------
    call, at, moment, kind, places
        As `dispatch.by_ports.route_by_ports` takes them.
    number : int
        Division of the call.
    row : ndarray of int32
        What the call found so far.

    Returns
    -------
    int or None
        ``SENT`` when a team may help; None leaves the outcome as it was.
    """
    (takes, lacks), (world, ground, teams, roster) = kind, places
    aid = ground.policy.mutual_aid
    goal = world.roads.snap(lon=call.lon, lat=call.lat)
    if aid is None or goal is None:
        return None
    codes = row[HEADER : HEADER + len(lacks)]
    helpers = _helpers(teams, ground.policy, number)
    area = ground.area_of.get(number, 0)
    table, live = teams.packed_for(helpers, area), live_rows(roster)
    seen = np.full(len(lacks), NOT_CONSIDERED, np.int32)
    screen_teams(area, takes, lacks, moment, table.table, live, seen)
    seen[~helpers] = NOT_CONSIDERED
    _keep_home(seen, _could_go(helpers, area, takes, moment, teams, roster), teams, aid)
    travel = np.full(len(lacks), -1, np.int32)
    _time(seen, travel, teams, roster, goal, at, world, aid)
    best = settle_teams(seen, travel, lacks, moment[2], table.table, live)
    again = helpers & (codes & CODE == OUTSIDE_AREA)
    codes[again] = seen[again]
    row[HEADER + len(lacks) :][again] = travel[again]
    if best < 0:
        return None
    row[1] = best
    return SENT


def _helpers(teams: TeamTable, policy: Policy, number: int) -> npt.NDArray[np.bool_]:
    """Mark the teams whose provider may help the one that serves the division, and serves now."""
    order, programs = policy.order, policy.programs
    helps = {} if policy.mutual_aid is None else policy.mutual_aid.helps
    serving = [{provider.provider_id for provider in program.providers} for program in programs]
    marks = []
    for team in teams.lineup.teams:
        place = order.get(team.program)
        own = None if place is None else programs[place].provider_of.get(number)
        helped = helps.get(team.provider, frozenset())
        serves = place is not None and team.provider in serving[place]
        marks.append(serves and own is not None and own != team.provider and own in helped)
    return np.array(marks, np.bool_)


def _could_go(
    helpers: npt.NDArray[np.bool_],
    area: int,
    takes: Any,
    moment: tuple[int, int, int],
    teams: TeamTable,
    roster: RosterSnapshot,
) -> npt.NDArray[np.int32]:
    """Screen the helpers for whatever comes: what this call needs their own area does not lack."""
    codes = np.full(len(helpers), NOT_CONSIDERED, np.int32)
    table, nothing = teams.packed_for(helpers, area).table, np.zeros(len(helpers), np.uint8)
    screen_teams(area, takes, nothing, moment, table, live_rows(roster), codes)
    codes[~helpers] = NOT_CONSIDERED
    return codes


def _keep_home(
    seen: npt.NDArray[np.int32], there: npt.NDArray[np.int32], teams: TeamTable, aid: MutualAid
) -> None:
    """Keep the teams of a provider that cannot spare one of those that could go at home."""
    providers = [team.provider for team in teams.lineup.teams]
    counts = Counter(
        provider
        for provider, code in zip(providers, there.tolist(), strict=True)
        if code & CODE == FIT
    )
    for team, code in enumerate(seen.tolist()):
        if code & CODE == FIT and counts[providers[team]] <= aid.keep_home:
            seen[team] = KEPT_HOME


def _time(
    seen: npt.NDArray[np.int32],
    travel: npt.NDArray[np.int32],
    teams: TeamTable,
    roster: RosterSnapshot,
    goal: RoadPosition,
    at: datetime,
    world: World,
    aid: MutualAid,
) -> None:
    """Time the fit teams, and exclude those beyond the limit of mutual aid."""
    for team, code in enumerate(seen.tolist()):
        start = _standing(roster, team, code) if code & CODE == FIT else None
        if start is None:
            continue
        (ms,) = world.travel_times.to_call([start], goal, at)
        travel[team] = -1 if ms is None else ms
        if ms is not None and teams.turnout_ms[team] + ms > aid.max_response_s * 1000:
            seen[team] = (code & ~CODE) | BEYOND_LIMIT


def _standing(roster: RosterSnapshot, team: int, code: int) -> RoadPosition | None:
    state = roster.teams[team]
    return state.home_road if code & AT_HOME else state.fix_road


def price_of_aid(
    row: npt.NDArray[np.int32],
    at: datetime,
    moment: tuple[int, int, int],
    takes: Any,
    places: tuple[World, Ground, TeamTable, RosterSnapshot],
    number: int,
    outside: Ground,
) -> AidPrice | None:
    """Work out what the helper's own area loses while its team is away.

    Parameters
    ----------
    row : ndarray of int32
        What the call found, a helping team chosen.
    at, moment, places, number
        As `ask_for_aid` takes them.
    takes : ndarray of uint8
        First half of its `kind`.
    outside : Ground
        The policy outside every outlined area: inside one, where the call may be, nobody else has
        an area.

    Returns
    -------
    AidPrice or None
        None where the agency has no table of demand for the area.
    """
    world, ground, teams, roster = places
    best = int(row[1])
    team = teams.lineup.teams[best]
    place = ground.policy.order[team.program]
    program, at_home = ground.policy.programs[place], outside.policy.programs[place]
    own = sorted(n for n, who in at_home.provider_of.items() if who == team.provider)
    demand = () if world.demand is None else world.demand.places(own)
    total = sum(weight for _, weight in demand)
    if world.demand is None or not total:
        return None
    helpers, area = _helpers(teams, ground.policy, number), ground.area_of.get(number, 0)
    codes = _could_go(helpers, area, takes, moment, teams, roster).tolist()
    there = [
        each
        for each, code in enumerate(codes)
        if code & CODE == FIT and teams.lineup.teams[each].provider == team.provider
    ]
    limit_ms = program.response_target_s * 1000
    before = after = 0.0
    for goal, weight in demand:
        near = _reachers(there, codes, (teams, roster), goal, at, world, limit_ms)
        before += weight if near else 0.0
        after += weight if near - {best} else 0.0
    return AidPrice(
        helper=team.provider,
        helped=program.provider_of[number],
        target_s=program.response_target_s,
        demand=total,
        covered_before=round(before / total, 4),
        covered_after=round(after / total, 4),
        table=world.demand.digest,
    )


def _reachers(
    there: list[int],
    codes: list[int],
    known: tuple[TeamTable, RosterSnapshot],
    goal: RoadPosition,
    at: datetime,
    world: World,
    limit_ms: int,
) -> set[int]:
    """List the teams that reach a place within the target, turnout included."""
    teams, roster = known
    starts = [
        (team, start)
        for team in there
        if (start := _standing(roster, team, codes[team])) is not None
    ]
    times = world.travel_times.to_call([start for _, start in starts], goal, at)
    return {
        team
        for (team, _), ms in zip(starts, times, strict=True)
        if ms is not None and teams.turnout_ms[team] + ms <= limit_ms
    }
