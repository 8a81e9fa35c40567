"""Who the teams are, as columns: what a compiled screen reads of each beside its live row.

Made once for a line-up and a policy. What changes from minute to minute is no part of it: a
snapshot brings that as rows of its own (`model.live_rows`), so that a move costs a copy of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from unarmed_router.dispatch.duty import sendable
from unarmed_router.errors import InputError
from unarmed_router.kernels.packed import Packed
from unarmed_router.kernels.screening import MOST_MISSING, REQUIRED, TEAMS_TYPES, TURNOUT_MS
from unarmed_router.kernels.travel import TWIN
from unarmed_router.model.screening import StaleFix

if TYPE_CHECKING:
    from unarmed_router.dispatch.duty import MinutesAhead
    from unarmed_router.dispatch.ground import Ground
    from unarmed_router.model.call import Call
    from unarmed_router.model.location import RoadPosition
    from unarmed_router.model.policy import Policy
    from unarmed_router.model.roster_snapshot import Lineup, RosterSnapshot
    from unarmed_router.model.team import Team

__all__ = ["TeamTable", "live_rows", "refuse_other_roads"]

Bytes: TypeAlias = npt.NDArray[np.uint8]
Columns: TypeAlias = tuple[npt.NDArray[Any], ...]

_SECOND = 1_000_000
_NEEDS_REMEMBERED = 1024


def live_rows(roster: RosterSnapshot) -> npt.NDArray[np.int64]:
    """View what changes of the teams as a kernel takes it; read-only, as bytes are."""
    return np.frombuffer(roster.rows, np.int64)


def refuse_other_roads(roster: RosterSnapshot, metric: Packed) -> None:
    """Refuse teams whose road positions are not of this network: a kernel reads what it is told.

    Parameters
    ----------
    roster : RosterSnapshot
        One that no roster of this network made, such as one that was read back.
    metric : Packed
        As `kernels.travel` describes it.

    Raises
    ------
    InputError
        An arc that does not exist, a twin that is not its own, or a fraction beyond its ends.
    """
    twin = metric.arrays[TWIN]
    for state in roster.teams:
        for road in (state.home_road, state.fix_road):
            if road is not None and not (
                0 <= road.arc < len(twin)
                and road.twin == twin.item(road.arc)
                and 0.0 <= road.fraction <= 1.0
            ):
                raise InputError(
                    f"team {state.team.team_id} is at {road.fraction} of arc {road.arc} with twin "
                    f"{road.twin}, which is not of this network of {len(twin)} arcs; make a roster "
                    "of the teams, which finds their places on its own roads"
                )


@dataclass(frozen=True, slots=True, eq=False)
class TeamTable:
    """Teams as columns, in the order of a line-up.

    Parameters
    ----------
    lineup : Lineup
        The teams.
    columns : tuple of ndarray
        As `kernels.screening` lists them.
    packed : Packed
        All of them in one.
    turnout_ms : list of int
        Turnout time of each team, milliseconds.
    """

    lineup: Lineup
    columns: Columns
    packed: Packed
    turnout_ms: list[int]
    _lacks: dict[tuple[tuple[str, ...], ...], Bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, lineup: Lineup, ground: Ground, ahead: MinutesAhead | None = None) -> TeamTable:
        """Lay out the teams of a line-up; `ahead` as `dispatch.duty.minutes_ahead` returns it."""
        columns = _columns(lineup, ground, ahead)
        return cls(lineup, columns, Packed(TEAMS_TYPES, *columns), columns[TURNOUT_MS].tolist())

    def packed_for(self, helpers: npt.NDArray[np.bool_], area: int) -> Packed:
        """Return the columns as they are when some teams serve one more area."""
        program, serves, *others = self.columns
        wider = serves.copy()
        wider[area, helpers] = 1
        return Packed(TEAMS_TYPES, program, wider, *others)

    def lacks(self, call: Call) -> Bytes:
        """Return what each team lacks for a call, uint8, shape (teams,), as the screen takes it.

        A team that the call excludes lacks what it needs, whatever it can do.
        """
        key = call.needs, call.prefers, call.excludes
        found = self._lacks.get(key)
        if found is None:
            wanted, better, excluded = set(call.needs), set(call.prefers), set(call.excludes)
            found = np.array(
                [
                    (0 if wanted <= has and team_id not in excluded else REQUIRED)
                    | min(len(better - has), MOST_MISSING)
                    for team_id, has in (
                        (team.team_id, set(team.capabilities)) for team in self.lineup.teams
                    )
                ],
                np.uint8,
            )
            if len(self._lacks) >= _NEEDS_REMEMBERED:
                self._lacks.clear()
            self._lacks[key] = found
        return found


def _columns(lineup: Lineup, ground: Ground, ahead: MinutesAhead | None) -> Columns:
    """Lay out program, areas, shifts, home, turnout and the policy's limits."""
    policy, teams = ground.policy, lineup.teams
    programs = len(policy.programs)
    program = np.array([policy.order.get(team.program, programs) for team in teams], np.int32)
    serves = np.zeros((len(ground.area_of) + 1, len(teams)), np.uint8)
    for place, team in enumerate(teams):
        if program[place] < programs:
            provider_of = policy.programs[program[place]].provider_of
            for number, provider in provider_of.items():
                serves[ground.area_of[number], place] = provider == team.provider
    patterns = list(dict.fromkeys(team.shifts for team in teams))
    handover_s = policy.screening.handover_s
    duty = np.stack([sendable(each, handover_s, ahead) for each in patterns or [()]])
    pattern = np.array([patterns.index(team.shifts) for team in teams], np.int32)
    home = _homes(lineup.home_roads)
    turnout_ms = _turnout_ms(teams, policy.screening.turnout_s)
    limit_s = policy.screening.max_response_s
    latest = _milliseconds(
        [limit_s if p.max_response_s is None else p.max_response_s for p in policy.programs]
    )
    target = _milliseconds([p.response_target_s for p in policy.programs])
    limits = (_limits(policy), latest, target)
    return program, serves, pattern, duty, *home, turnout_ms, *limits


def _limits(policy: Policy) -> npt.NDArray[np.int64]:
    screening = policy.screening
    return np.array(
        [
            -screening.clock_skew_s * _SECOND,
            screening.max_fix_age_s * _SECOND,
            screening.stale_fix is StaleFix.EXCLUDE,
            policy.arbitration.late_programs_yield,
            policy.arbitration.preference_s * 1000,
        ],
        np.int64,
    )


def _milliseconds(seconds: list[int]) -> npt.NDArray[np.int64]:
    """One for each program, and one for teams of no known program, which never get that far."""
    return np.array([*seconds, 0], np.int64) * 1000


def _homes(roads: tuple[RoadPosition | None, ...]) -> Columns:
    """Arc, fraction and access of each home; arc -1 where no road is near."""
    return (
        np.array([-1 if road is None else road.arc for road in roads], np.int32),
        np.array([0.0 if road is None else road.fraction for road in roads], np.float64),
        np.array([0 if road is None else road.access_ms for road in roads], np.int64),
    )


def _turnout_ms(teams: tuple[Team, ...], default_s: int) -> npt.NDArray[np.int64]:
    seconds = [default_s if team.turnout_s is None else team.turnout_s for team in teams]
    return np.array(seconds, np.int64) * 1000
