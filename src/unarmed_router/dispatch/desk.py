"""A world made ready to decide: what can be prepared before a call comes, and who is asked then.

Where divisions, roads and travel times are all compiled, a call runs from its point to the team in
one compiled piece, alone or in a batch. Where one of them is another implementation of its port,
the same screening and ranking kernels run around it (`dispatch.by_ports`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from unarmed_router.dispatch.batch import Batch, Minute
from unarmed_router.dispatch.by_ports import route_by_ports
from unarmed_router.dispatch.duty import MinutesAhead, SteadyClock
from unarmed_router.dispatch.fields import RecommendationWriter, ReferralWriter
from unarmed_router.dispatch.finding import ALONE, Found
from unarmed_router.dispatch.grounds import NOWHERE, Grounds
from unarmed_router.dispatch.mutual_aid import ask_for_aid, price_of_aid
from unarmed_router.dispatch.ports import CompiledTimes
from unarmed_router.dispatch.team_table import TeamTable, live_rows, refuse_other_roads
from unarmed_router.dispatch.uncertain import expected_travel
from unarmed_router.errors import InputError
from unarmed_router.kernels.packed import Packed
from unarmed_router.kernels.routing import (
    HEADER,
    NO_TEAM,
    NOT_IN_TIME,
    SENT,
    SWAPPED,
    TABLES_TYPES,
    route_call,
    route_calls,
)
from unarmed_router.model.call import Call, in_utc, microseconds
from unarmed_router.model.decision import Decision, Recommendation, Referral

if TYPE_CHECKING:
    from unarmed_router.dispatch.ground import Ground
    from unarmed_router.dispatch.ports import World
    from unarmed_router.model.roster_snapshot import RosterSnapshot

__all__ = ["Desk"]

_MINUTE = 60_000_000
_UNSERVED = frozenset({NO_TEAM, NOT_IN_TIME})
"""Outcomes after which another provider's teams are looked at, where the policy has mutual aid."""
_MINUTES_A_DAY = 1440
_Tables: TypeAlias = "tuple[TeamTable, Ground, Packed]"
_TABLES_KEPT = 256
"""Most that are kept, before all are dropped. There is one for each policy, and one for each of the
minutes that have a change of daylight saving ahead."""


class Desk:
    """A world made ready; immutable to its users and safe to share between threads.

    Parameters
    ----------
    world : World
        Divisions, roads, travel times, hours, policies.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        divisions = getattr(world.divisions, "packed", None)
        roads = getattr(world.roads, "packed", None)
        self._places = (
            None if divisions is None or roads is None else (divisions.table, roads.table)
        )
        # Asked once: a runtime check of a Protocol costs more than a decision.
        times = world.travel_times
        self._times = times if isinstance(times, CompiledTimes) else None
        self._clock = SteadyClock(world.hours)
        # Values are replaced as a whole, so that another thread reads the old one or the new.
        self._minute: Minute | None = None
        self._last: tuple[int | None, Packed | None] = None, None
        self._packed: tuple[tuple[Any, Any, Any], Packed | None] = (None, None, None), None
        # By metric, weakly: one that is let go, as many hours pass, takes its tables along.
        self._packed_of: WeakKeyDictionary[Packed, dict[tuple[int, int], _Tables]] = (
            WeakKeyDictionary()
        )
        self._live: tuple[RosterSnapshot | None, npt.NDArray[np.int64] | None] = None, None
        self._grounds = Grounds(world)
        self._tables: dict[tuple[int, MinutesAhead | None], TeamTable] = {}

    def decide(self, call: Call, at: datetime, roster: RosterSnapshot) -> Decision:
        """Decide one call; see `dispatch.decide.decide`."""
        at = in_utc(at, "at")
        at_us = microseconds(at)
        minute = self._minute_of(at_us, at)
        ground, area = self._grounds.at_place(minute.ground, call)
        teams = self._table(ground, roster, minute.ahead)
        kind = ground.eligibility.takes(call), teams.lacks(call)
        moment = (at_us, minute.of_week, _waited_ms(call, at, at_us))
        row = np.empty(HEADER + 2 * len(teams.turnout_ms), np.int32)
        known = None if area is None else area.shares[0].division
        metric = self._metric(minute)
        if self._places is None or metric is None:
            places = (self.world, ground, teams, roster)
            outcome = route_by_ports(call, at, moment, kind, places, row, known)
        else:
            live = self._rows(roster, metric)
            tables = self._tables_of(self._places, metric, teams, ground).table
            point = (call.lon, call.lat, -1 if known is None else ground.label_of[known])
            outcome = route_call(point, moment, *kind, tables, live, row)
        aid = None
        if outcome in _UNSERVED and ground.policy.mutual_aid is not None:
            where = (self.world, ground, teams, roster)
            number = known or self._number(call)
            helped = ask_for_aid(call, at, moment, kind, where, number, row)
            if helped is not None:
                outcome = helped
                aid = price_of_aid(row, at, moment, kind[0], where, number, minute.ground)
        if area is not None and call.uncertainty is not None and outcome == SENT:
            best = int(row[1])
            team, bits = roster.teams[best], int(row[HEADER + best])
            mean, sampled = expected_travel(call, call.uncertainty, team, bits, at, self.world)
            area = replace(area, expected_travel_ms=mean, sampled=sampled)
        return _decision(Found(ground, roster, teams, row, area, aid), ALONE, call, at, outcome)

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
        batch, inside = Batch(), self._grounds.inside(calls)
        minute, last, setting = None, None, None
        places: Sequence[frozenset[str]] | None = None
        settings: dict[frozenset[str], tuple[Minute, TeamTable]] = {}
        for row, (call, at) in enumerate(zip(calls, moments, strict=True)):
            if minute is None or at is not last:  # often one moment for all
                at_us = microseconds(at)
                if minute is None or minute.number != at_us // _MINUTE:
                    minute, settings, setting = self._minute_of(at_us, at), {}, None
                    places = inside(minute.ground.policy)
                last = at
            if setting is None or places is not None:
                areas = NOWHERE if places is None else places[row]
                setting = settings.get(areas) or self._setting(minute, areas, roster)
                settings[areas] = setting
            here, teams = setting
            kind = here.ground.eligibility.takes(call), teams.lacks(call)
            moment = (at_us, minute.of_week, _waited_ms(call, at, at_us))
            batch.add(call, moment, here, teams, kind)
        # Calls for which `decide` does more than the kernel: an uncertain position, or mutual aid.
        alone = {row for row, call in enumerate(calls) if call.uncertainty is not None}
        rows = np.empty((len(calls), HEADER + 2 * len(roster.lineup.teams)), np.int32)
        decisions: list[Decision | None] = [None] * len(calls)
        for minute, teams, members in batch.groups():
            self._run(calls, moments, batch, (minute, teams, members), roster, rows)
            found = Found(minute.ground, roster, teams, rows)
            outcomes = rows[members, 0].tolist()
            if minute.ground.policy.mutual_aid is not None:
                alone |= {
                    row
                    for row, outcome in zip(members.tolist(), outcomes, strict=True)
                    if outcome in _UNSERVED
                }
            for row, outcome in zip(members.tolist(), outcomes, strict=True):
                if row not in alone:
                    decisions[row] = _decision(found, row, calls[row], moments[row], outcome)
        for row in sorted(alone):
            decisions[row] = self.decide(calls[row], moments[row], roster)
        return [decision for decision in decisions if decision is not None]

    def _run(
        self,
        calls: Sequence[Call],
        moments: Sequence[datetime],
        batch: Batch,
        group: tuple[Minute, TeamTable, npt.NDArray[np.int64]],
        roster: RosterSnapshot,
        rows: npt.NDArray[np.int32],
    ) -> None:
        """Route the calls of one policy and one metric, in one compiled piece where it can be."""
        minute, teams, members = group
        metric = self._metric(minute)  # let go with the group: a block may see every hour
        if self._places is None or metric is None:
            places = (self.world, minute.ground, teams, roster)
            for row in members.tolist():
                asked = (batch.moment(row), batch.kind(row))
                rows[row, 0] = route_by_ports(calls[row], moments[row], *asked, places, rows[row])
        else:
            live = self._rows(roster, metric)
            tables = self._tables_of(self._places, metric, teams, minute.ground).table
            route_calls(members, *batch.columns(members), tables, live, rows)

    def _number(self, call: Call) -> int:
        """Return the division number of a call; 0 outside."""
        division = self.world.divisions.locate(lon=call.lon, lat=call.lat).division
        return 0 if division is None else division.number

    def ground_at(self, at: datetime) -> Ground:
        """Return the policy in force at an instant in UTC, prepared."""
        return self._minute_of(microseconds(at), at).ground

    def ground_for(self, call: Call, at: datetime, served_at: datetime | None = None) -> Ground:
        """Return the policy as it is for a call at an instant in UTC, outlined areas included.

        Its providers are those that serve at that instant, or at `served_at` in UTC.
        """
        ground = self.ground_at(at)
        if served_at is not None:
            local = self.world.hours.local
            policy = self.world.policy_on(local(at).date()).at(local(served_at))
            ground = self._grounds.of(policy)
        return self._grounds.at_place(ground, call)[0]

    def _minute_of(self, at_us: int, at: datetime) -> Minute:
        """Return the minute of an instant, with the policy and the hour in force."""
        number, minute = at_us // _MINUTE, self._minute
        if minute is None or minute.number != number:
            try:
                self._minute = minute = self._made_minute(number, at)
            except OverflowError:
                raise InputError(
                    f"at {at.isoformat()} is at the end of the calendar, which no clock shows; "
                    "give the moment of decision"
                ) from None
        return minute

    def _made_minute(self, number: int, at: datetime) -> Minute:
        local = self.world.hours.local(at)
        of_week = local.weekday() * _MINUTES_A_DAY + local.hour * 60 + local.minute
        hour = None if self._times is None else self._times.hour_at(at)
        ground = self._grounds.of(self.world.policy_on(local.date()).at(local))
        ahead = self._clock.minutes_ahead(at, ground.policy.screening.handover_s)
        return Minute(number, of_week, ground, hour, at, ahead)

    def _metric(self, minute: Minute) -> Packed | None:
        """Return the packed metric of a minute; None where its engine is not compiled."""
        hour, metric = self._last
        if hour != minute.hour or metric is None:
            if self._times is None:
                return None
            metric = getattr(self._times.engine_at(minute.at), "packed", None)
            self._last = minute.hour, metric
        return metric

    def _tables_of(
        self,
        places: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
        metric: Packed,
        teams: TeamTable,
        ground: Ground,
    ) -> Packed:
        """Pack what a kernel reads; the same until the hour, the policy or the line-up changes."""
        key, tables = self._packed
        if tables is None or key[0] is not metric or key[1] is not teams or key[2] is not ground:
            known = self._packed_of.setdefault(metric, {})
            found = known.get((id(teams), id(ground)))
            if found is None:
                if len(known) >= _TABLES_KEPT:
                    known.clear()
                programs = ground.programs.table
                tables = Packed(TABLES_TYPES, *places, metric.table, teams.packed.table, programs)
                known[id(teams), id(ground)] = (teams, ground, tables)
            else:
                tables = found[2]
            self._packed = (metric, teams, ground), tables
        return tables

    def _setting(
        self, minute: Minute, areas: frozenset[str], roster: RosterSnapshot
    ) -> tuple[Minute, TeamTable]:
        """Return a minute inside some outlined areas, with the teams as they are there."""
        ground = self._grounds.within(minute.ground, areas)
        here = minute if ground is minute.ground else replace(minute, ground=ground)
        return here, self._table(ground, roster, minute.ahead)

    def _table(
        self, ground: Ground, roster: RosterSnapshot, ahead: MinutesAhead | None
    ) -> TeamTable:
        """Return the columns of the teams; the same until the line-up is another."""
        key, lineup = (id(ground), ahead), roster.lineup
        table = self._tables.get(key)
        if table is None or (table.lineup is not lineup and table.lineup != lineup):
            if len(self._tables) >= _TABLES_KEPT:
                self._tables.clear()
            self._tables[key] = table = TeamTable.of(lineup, ground, ahead)
        return table

    def _rows(self, roster: RosterSnapshot, metric: Packed) -> npt.NDArray[np.int64]:
        """Return what changes of the teams; viewed once a snapshot."""
        known, rows = self._live
        if known is not roster or rows is None:
            if not roster.made_by_roster:
                refuse_other_roads(roster, metric)
            rows = live_rows(roster)
            self._live = roster, rows
        return rows


def _waited_ms(call: Call, at: datetime, at_us: int) -> int:
    """Return how long a call has waited; 0 when it came from the future."""
    if call.received_at is at:
        return 0
    return max(0, (at_us - microseconds(call.received_at)) // 1000)


def _decision(found: Found, row: int, call: Call, at: datetime, outcome: int) -> Decision:
    """Make the decision of one call.

    Raises
    ------
    CoordinateError
        The call is outside as given but inside a division the other way round.
    """
    if outcome == SENT:
        return Recommendation.pending(RecommendationWriter, found, row, call, at, outcome)
    if outcome == SWAPPED:
        found.ground.divisions.locate(lon=call.lon, lat=call.lat)  # raises the error
    return Referral.pending(ReferralWriter, found, row, call, at, outcome)
