"""The steps of a decision around the ports' own answers, where a world is not all compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unarmed_router.dispatch.team_table import live_rows
from unarmed_router.kernels.routing import (
    HEADER,
    NO_ROAD_NEARBY,
    NO_TEAM,
    NOT_IN_TIME,
    OUTSIDE,
    SENT,
    UNTAKEN,
    served,
)
from unarmed_router.kernels.screening import (
    AT_HOME,
    CODE,
    FIT,
    NOT_CONSIDERED,
    leave_out,
    screen_teams,
    settle_teams,
)

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    import numpy.typing as npt

    from unarmed_router.dispatch.ground import Ground
    from unarmed_router.dispatch.ports import World
    from unarmed_router.dispatch.team_table import TeamTable
    from unarmed_router.model.call import Call
    from unarmed_router.model.roster_snapshot import RosterSnapshot

__all__ = ["route_by_ports"]


def route_by_ports(
    call: Call,
    at: datetime,
    moment: tuple[int, int, int],
    kind: tuple[Any, Any],
    places: tuple[World, Ground, TeamTable, RosterSnapshot],
    row: npt.NDArray[np.int32],
    known: int | None = None,
) -> int:
    """Do `kernels.routing.route_call` with divisions, roads and travel times asked one by one.

    Parameters
    ----------
    call, at
        The call and its moment of decision, in UTC.
    moment, kind
        As the kernel takes them; `kind` is its ``takes`` and ``lacks``.
    places : tuple of (World, Ground, TeamTable, RosterSnapshot)
        Whom to ask.
    row : ndarray of int32
        Filled as the kernel fills it.
    known : int or None
        Division number where it is known, 0 outside; None locates the call.

    Returns
    -------
    int
        The outcome.
    """
    (takes, lacks), (world, ground, teams, roster) = kind, places
    codes, travel = row[HEADER : HEADER + len(lacks)], row[HEADER + len(lacks) :]
    row[1], codes[:], travel[:] = -1, NOT_CONSIDERED, -1
    if known is None:
        division = world.divisions.locate(lon=call.lon, lat=call.lat).division
        known = 0 if division is None else division.number
    if known == 0:
        return OUTSIDE
    area = ground.area_of.get(known, 0)
    if not served(area, takes, ground.programs.table):
        return UNTAKEN
    table, live = teams.packed.table, live_rows(roster)
    count = screen_teams(area, takes, lacks, moment, table, live, codes)
    goal = world.roads.snap(lon=call.lon, lat=call.lat)
    if goal is None:
        leave_out(codes)
        return NO_ROAD_NEARBY
    if count == 0:
        return NO_TEAM
    fit = [team for team, code in enumerate(codes.tolist()) if code & CODE == FIT]
    states = roster.teams
    roads = [
        states[team].home_road if codes[team] & AT_HOME else states[team].fix_road for team in fit
    ]
    starts = [road for road in roads if road is not None]  # all of them, once screened
    times = world.travel_times.to_call(starts, goal, at)
    travel[fit] = [-1 if ms is None else ms for ms in times]
    row[1] = settle_teams(codes, travel, lacks, moment[2], table, live)
    return SENT if row[1] >= 0 else NOT_IN_TIME
