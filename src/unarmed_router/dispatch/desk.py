"""A world made ready to decide: what can be prepared before a call comes, and the steps themselves.

Where divisions, roads and travel times are all compiled, a call runs from its point to the team in
one compiled piece, alone or in a batch. Where one of them is another implementation of its port,
the same screening and ranking kernels run around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from unarmed_router.dispatch.batch import Batch, Minute
from unarmed_router.dispatch.fields import RecommendationWriter, ReferralWriter
from unarmed_router.dispatch.finding import Found
from unarmed_router.dispatch.ground import Ground
from unarmed_router.dispatch.ports import CompiledTimes
from unarmed_router.dispatch.team_table import TeamTable, microseconds
from unarmed_router.kernels.routing import (
    HEADER,
    NO_ROAD_NEARBY,
    NO_TEAM,
    NOT_IN_TIME,
    OUTSIDE,
    SENT,
    UNTAKEN,
    route_call,
    route_calls,
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
from unarmed_router.model.call import Call, in_utc
from unarmed_router.model.decision import Decision, Recommendation, Referral

if TYPE_CHECKING:
    from unarmed_router.dispatch.ports import World
    from unarmed_router.model.team import RosterSnapshot

__all__ = ["Desk"]

Table: TypeAlias = npt.NDArray[np.int64]

_MINUTE = 60_000_000
_MINUTES_A_DAY = 1440


class Desk:
    """A world made ready; immutable to its users and safe to share between threads.

    Parameters
    ----------
    world : World
        Divisions, roads, travel times, hours, policy.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.ground = Ground.of(world)
        self._programs = self.ground.programs.table
        divisions, roads = (
            getattr(part, "packed", None) for part in (world.divisions, world.roads)
        )
        self._places = (
            None if divisions is None or roads is None else (divisions.table, roads.table)
        )
        # Both are replaced as a whole, so that another thread reads the old one or the new.
        self._minute: Minute | None = None
        self._teams: TeamTable | None = None

    def decide(self, call: Call, at: datetime, roster: RosterSnapshot) -> Decision:
        """Decide one call; see `dispatch.decide.decide`."""
        at = in_utc(at, "at")
        teams = self._table(roster)
        takes, lacks = self.ground.eligibility.takes(call), teams.lacks(call.needs)
        at_us = microseconds(at)
        minute = self._minute_of(at_us, at)
        moment = (at_us, minute.of_week)
        row = np.empty((1, HEADER + 2 * len(lacks)), np.int32)
        if self._places is None or minute.metric is None:
            outcome = self._by_ports(call, at, moment, takes, lacks, teams, row[0])
        else:
            tables = (*self._places, minute.metric, teams.packed.table, self._programs)
            point = (call.lon, call.lat)
            outcome = route_call(point, moment, takes, lacks, tables, row[0])
        return _decision(Found(self.ground, roster, teams, row), 0, call, at, outcome)

    def decide_many(
        self, calls: Sequence[Call], moments: Sequence[datetime], roster: RosterSnapshot
    ) -> list[Decision]:
        """Decide some thousand calls, each at its own moment; equal to `decide` call by call.

        Parameters
        ----------
        calls : sequence of Call
        moments : sequence of datetime
            The moment of decision of each, in UTC.
        roster : RosterSnapshot
            One for all.
        """
        teams = self._table(roster)
        batch = Batch()
        minute, last = None, None
        for call, at in zip(calls, moments, strict=True):
            if minute is None or at is not last:  # one moment is often that of the whole batch
                at_us = microseconds(at)
                if minute is None or minute.number != at_us // _MINUTE:
                    minute = self._minute_of(at_us, at)
                last = at
            takes = self.ground.eligibility.takes(call)
            batch.add(call, at_us, minute, takes, teams.lacks(call.needs))
        rows = self._find_all(calls, moments, batch, teams)
        found = Found(self.ground, roster, teams, rows)
        return [
            _decision(found, row, call, at, outcome)
            for row, (call, at, outcome) in enumerate(
                zip(calls, moments, rows[:, 0].tolist(), strict=True)
            )
        ]

    def _find_all(
        self, calls: Sequence[Call], moments: Sequence[datetime], batch: Batch, teams: TeamTable
    ) -> npt.NDArray[np.int32]:
        """Run a batch, one compiled piece for each metric in it."""
        rows = np.empty((len(calls), HEADER + 2 * len(teams.states)), np.int32)
        for metric, members in batch.groups():
            if self._places is None or metric is None:
                for row in members.tolist():
                    takes, lacks = batch.kind(row)
                    rows[row, 0] = self._by_ports(
                        calls[row], moments[row], batch.moment(row), takes, lacks, teams, rows[row]
                    )
            else:
                tables = (*self._places, metric, teams.packed.table, self._programs)
                route_calls(members, *batch.columns(), tables, rows)
        return rows

    def _table(self, roster: RosterSnapshot) -> TeamTable:
        """Return the columns of a snapshot; those of the one before are taken over."""
        table = self._teams
        if table is not None and table.states is roster.teams:
            return table
        later = None if table is None else table.after(roster.teams)
        self._teams = table = later or TeamTable.of(roster.teams, self.ground)
        return table

    def _minute_of(self, at_us: int, at: datetime) -> Minute:
        """Return the minute of an instant, with the metric of its hour."""
        number, minute = at_us // _MINUTE, self._minute
        if minute is None or minute.number != number:
            local = self.world.hours.local(at)
            of_week = local.weekday() * _MINUTES_A_DAY + local.hour * 60 + local.minute
            times, engine = self.world.travel_times, None
            if isinstance(times, CompiledTimes):
                engine = times.engine_at(at)
            packed = getattr(engine, "packed", None)
            metric = None if packed is None else packed.table
            self._minute = minute = Minute(number, of_week, metric, engine)
        return minute

    def _by_ports(
        self,
        call: Call,
        at: datetime,
        moment: tuple[int, int],
        takes: Any,
        lacks: Any,
        teams: TeamTable,
        row: npt.NDArray[np.int32],
    ) -> int:
        """Do `kernels.routing.route_call` with the ports' own answers for places and times."""
        world, ground = self.world, self.ground
        codes, travel = row[HEADER : HEADER + len(lacks)], row[HEADER + len(lacks) :]
        row[1], codes[:], travel[:] = -1, NOT_CONSIDERED, -1
        division = world.divisions.locate(lon=call.lon, lat=call.lat).division
        if division is None:
            return OUTSIDE
        area = ground.area_of.get(division.number, 0)
        if not served(area, takes, self._programs):
            return UNTAKEN
        table = teams.packed.table
        if screen_teams(area, takes, lacks, moment, table, codes) == 0:
            return NO_TEAM
        goal = world.roads.snap(lon=call.lon, lat=call.lat)
        if goal is None:
            leave_out(codes)
            return NO_ROAD_NEARBY
        fit = [team for team, code in enumerate(codes.tolist()) if code & CODE == FIT]
        places = [
            teams.states[team].home_road if codes[team] & AT_HOME else teams.states[team].fix_road
            for team in fit
        ]
        known = [place for place in places if place is not None]  # all of them, once screened
        times = world.travel_times.to_call(known, goal, at)
        travel[fit] = [-1 if ms is None else ms for ms in times]
        row[1] = settle_teams(codes, travel, table)
        return SENT if row[1] >= 0 else NOT_IN_TIME


def _decision(found: Found, row: int, call: Call, at: datetime, outcome: int) -> Decision:
    """Make the decision of one call.

    Raises
    ------
    CoordinateError
        The call is outside as given but inside a division the other way round.
    """
    if outcome == SENT:
        return Recommendation.pending(RecommendationWriter(found, row, call, at, outcome))
    if outcome == OUTSIDE:
        found.ground.divisions.locate(lon=call.lon, lat=call.lat)  # refuses a swapped pair
    return Referral.pending(ReferralWriter(found, row, call, at, outcome))
