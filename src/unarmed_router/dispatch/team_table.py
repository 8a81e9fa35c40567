"""The roster as columns, made once a snapshot: what a compiled screen reads of each team."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from unarmed_router.kernels.packed import Packed
from unarmed_router.kernels.screening import MINUTES, NO_FIX, REQUIRED, TEAMS_TYPES
from unarmed_router.model.program import StaleFix
from unarmed_router.model.shift import Shift, minutes_of_week
from unarmed_router.model.team import TeamStatus

if TYPE_CHECKING:
    from unarmed_router.dispatch.ground import Ground
    from unarmed_router.model.location import RoadPosition
    from unarmed_router.model.program import Policy
    from unarmed_router.model.team import TeamState

__all__ = ["TeamTable", "microseconds"]

Bytes: TypeAlias = npt.NDArray[np.uint8]
Columns: TypeAlias = tuple[npt.NDArray[Any], ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NEVER_IDLE = 2**63 - 1
_SECOND = 1_000_000
_STATUS = {TeamStatus.AVAILABLE: 0, TeamStatus.UNKNOWN: 1}
_BUSY = 2
_NEEDS_REMEMBERED = 1024
_TURNOUT = -4
"""Place of the turnout times among the fixed columns."""


def microseconds(at: datetime) -> int:
    """Return an instant in UTC as whole microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True, eq=False)
class TeamTable:
    """Teams as columns, in the order of their states.

    Parameters
    ----------
    states : tuple of TeamState
        The teams.
    fixed : tuple of ndarray
        Columns that change with the roster file only.
    moving : tuple of ndarray
        Columns that change with status and AVL fixes.
    packed : Packed
        All of them, as `kernels.screening` takes them.
    turnout_ms : list of int
        Turnout time of each team, milliseconds.
    """

    states: tuple[TeamState, ...]
    fixed: Columns
    moving: Columns
    packed: Packed
    turnout_ms: list[int]
    _lacks: dict[tuple[tuple[str, ...], tuple[str, ...]], Bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, states: tuple[TeamState, ...], ground: Ground) -> TeamTable:
        """Lay out the teams of a snapshot."""
        fixed = _fixed(states, ground)
        count = len(states)
        status, fix_us = np.empty(count, np.uint8), np.empty(count, np.int64)
        moving: Columns = (status, fix_us, *_no_roads(count), np.empty(count, np.int64))
        for team, state in enumerate(states):
            _write(moving, team, state)
        return cls(states, fixed, moving, _packed(fixed, moving), fixed[_TURNOUT].tolist())

    def after(self, states: tuple[TeamState, ...]) -> TeamTable | None:
        """Return the table of a later snapshot of the same teams; None where they are others."""
        if len(states) != len(self.states):
            return None
        changed = [
            team
            for team, (old, new) in enumerate(zip(self.states, states, strict=True))
            if old is not new
        ]
        for team in changed:
            old, new = self.states[team], states[team]
            if old.team is not new.team or old.home_road is not new.home_road:
                return None
        moving = tuple(column.copy() for column in self.moving)
        for team in changed:
            _write(moving, team, states[team])
        packed = _packed(self.fixed, moving)
        return TeamTable(states, self.fixed, moving, packed, self.turnout_ms, self._lacks)

    def packed_for(self, helpers: npt.NDArray[np.bool_], area: int) -> Packed:
        """Return the columns as they are when some teams serve one more area."""
        program, serves, *others = self.fixed
        wider = serves.copy()
        wider[area, helpers] = 1
        return _packed((program, wider, *others), self.moving)

    @property
    def idle_us(self) -> npt.NDArray[np.int64]:
        """When each team last became available, microseconds since 1970."""
        return self.moving[-1]

    def lacks(self, needs: tuple[str, ...], prefers: tuple[str, ...] = ()) -> Bytes:
        """Return what each team lacks, uint8, shape (teams,), as `kernels.screening` takes it."""
        found = self._lacks.get((needs, prefers))
        if found is None:
            wanted, better = set(needs), set(prefers)
            found = np.array(
                [
                    (0 if wanted <= has else REQUIRED) | min(len(better - has), REQUIRED - 1)
                    for has in (set(state.team.capabilities) for state in self.states)
                ],
                np.uint8,
            )
            if len(self._lacks) >= _NEEDS_REMEMBERED:
                self._lacks.clear()
            self._lacks[needs, prefers] = found
        return found


def _fixed(states: tuple[TeamState, ...], ground: Ground) -> Columns:
    """Lay out what a team is: program, areas, shifts, home, turnout."""
    policy = ground.policy
    count, programs = len(states), len(policy.programs)
    program = np.array([policy.order.get(s.team.program, programs) for s in states], np.int32)
    serves = np.zeros((len(ground.area_of) + 1, count), np.uint8)
    for team, state in enumerate(states):
        if program[team] < programs:
            provider_of = policy.programs[program[team]].provider_of
            for number, provider in provider_of.items():
                serves[ground.area_of[number], team] = provider == state.team.provider
    patterns = list(dict.fromkeys(state.team.shifts for state in states))
    duty = np.stack([_on_duty(shifts) for shifts in patterns] or [_on_duty(())])
    pattern = np.array([patterns.index(state.team.shifts) for state in states], np.int32)
    home = _no_roads(count)
    for team, state in enumerate(states):
        _write_road(home, team, state.home_road)
    default_s = policy.screening.turnout_s
    turnout_s = [default_s if s.team.turnout_s is None else s.team.turnout_s for s in states]
    turnout_ms = np.array(turnout_s, np.int64) * 1000
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


def _packed(fixed: Columns, moving: Columns) -> Packed:
    program, serves, pattern, duty, *home, turnout, limits, latest, target = fixed
    home_arc, home_fraction, home_access = home
    status, fix_us, fix_arc, fix_fraction, fix_access, idle_us = moving
    return Packed(
        TEAMS_TYPES,
        program,
        serves,
        status,
        pattern,
        duty,
        fix_us,
        fix_arc,
        fix_fraction,
        fix_access,
        home_arc,
        home_fraction,
        home_access,
        turnout,
        idle_us,
        limits,
        latest,
        target,
    )


def _no_roads(count: int) -> tuple[npt.NDArray[Any], ...]:
    return np.full(count, -1, np.int32), np.zeros(count), np.zeros(count, np.int64)


def _write_road(columns: Columns, team: int, road: RoadPosition | None) -> None:
    arc, fraction, access_ms = columns
    arc[team] = -1 if road is None else road.arc
    if road is not None:
        fraction[team], access_ms[team] = road.fraction, road.access_ms


def _write(columns: Columns, team: int, state: TeamState) -> None:
    """Write what is known of one team now."""
    status, fix_us, *road, idle_us = columns
    status[team] = _STATUS.get(state.status, _BUSY)
    fix_us[team] = NO_FIX if state.fix is None else microseconds(state.fix.at)
    _write_road(tuple(road), team, None if state.fix is None else state.fix_road)
    # A team whose idle time is not known counts as idle for the shortest time.
    idle_us[team] = _NEVER_IDLE if state.idle_since is None else microseconds(state.idle_since)


def _on_duty(shifts: tuple[Shift, ...]) -> Bytes:
    """Mark the minutes of the week that some shift covers."""
    minutes = np.zeros(MINUTES, np.uint8)
    minutes[sorted(minutes_of_week(shifts))] = 1
    return minutes
