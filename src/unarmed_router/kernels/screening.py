"""Which teams could go, and which of them goes.

Each team gets one code: `FIT`, or the first thing that speaks against it, in the order below. Two
bits beside the code say that its home was taken for its position, and that its fix was stale.

Teams come packed: program (int32, its place in the policy), serves (uint8, a row of teams for each
area, area 0 for nobody's), pattern (int32), duty (uint8, a row of 10,080 minutes for each pattern
of shifts), home arc, fraction, access (int32, float64, int64), turnout_ms (int64), limits (int64:
earliest age and latest age of a fix in microseconds, 1 where a stale fix excludes, 1 where late
programs yield, milliseconds a missing preference counts for), latest arrival and response target of
each program (int64, milliseconds). An arc is -1 where no road is near.

What changes from minute to minute comes beside them as rows of eight-byte numbers, viewed as int64:
a row of six for each team (status, 0 for available and 1 for unknown; two times of its status, the
second since when it is idle; time of its fix, `NO_FIX` without one; two coordinates), then a row of
three for each (arc, fraction as float64, access of the fix); see `model.live_rows`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel
from unarmed_router.kernels.packed import f8, i4, i8, u1

__all__ = [
    "AT_HOME",
    "BEYOND_LIMIT",
    "CODE",
    "FIT",
    "KEPT_HOME",
    "MINUTES",
    "MISSING_CAPABILITY",
    "MOST_MISSING",
    "NOT_AVAILABLE",
    "NOT_CONSIDERED",
    "NO_FIX",
    "NO_ROAD",
    "OFF_SHIFT",
    "OTHER_PROGRAM",
    "OUTSIDE_AREA",
    "POSITION_STALE",
    "REQUIRED",
    "STALE",
    "STATUS_UNKNOWN",
    "TEAMS_TYPES",
    "TURNOUT_MS",
    "UNREACHABLE",
    "leave_out",
    "positions_of",
    "screen_teams",
    "settle_teams",
]

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Bytes = NDArray[np.uint8]

TEAMS_TYPES = "i4 u1 i4 u1 i4 f8 i8 i8 i8 i8 i8"
"""Types of packed teams, in order."""

PROGRAM, SERVES, PATTERN, DUTY, HOME_ARC, HOME_FRACTION, HOME_ACCESS = range(7)
TURNOUT_MS, LIMITS, LATEST, TARGET = range(7, 11)
"""Places in packed teams."""

EARLIEST_AGE, LATEST_AGE, STALE_EXCLUDES, LATE_YIELDS, PREFERENCE_MS = range(5)
"""Places in the limits."""

FIT, OTHER_PROGRAM, OUTSIDE_AREA, STATUS_UNKNOWN, NOT_AVAILABLE, OFF_SHIFT = range(6)
MISSING_CAPABILITY, POSITION_STALE, NO_ROAD, UNREACHABLE, BEYOND_LIMIT = range(6, 11)
NOT_CONSIDERED, KEPT_HOME = 11, 12
CODE, AT_HOME, STALE = 0x3F, 0x40, 0x80
"""The code itself, and the two bits beside it."""

REQUIRED = 0x80
"""Bit of a team that lacks a capability the call needs; below it, how many it had better have."""

MOST_MISSING = REQUIRED - 1
"""So many missing preferences are counted at most: teams that miss more are alike in this."""

MINUTES = 10_080
"""Minutes of a week, from Monday 00:00."""

NO_FIX = -(2**63)

_REPORT, _ROAD = 6, 3
"""Numbers in a row of either kind."""
_IDLE, _FIX = 2, 3
"""Places in the first kind."""


@kernel
def unfit(
    team: int, area: int, takes: Bytes, lacks: Bytes, minute: int, teams: Int64s, live: Int64s
) -> int:
    """Check who a team is and what it does; `FIT` when nothing speaks against it."""
    program = i4(teams, PROGRAM)
    if takes[program[team]] == 0:
        return OTHER_PROGRAM
    if u1(teams, SERVES)[area * len(program) + team] == 0:
        return OUTSIDE_AREA
    status = live[_REPORT * team]
    if status != 0:
        return STATUS_UNKNOWN if status == 1 else NOT_AVAILABLE
    if u1(teams, DUTY)[i4(teams, PATTERN)[team] * MINUTES + minute] == 0:
        return OFF_SHIFT
    return MISSING_CAPABILITY if lacks[team] & REQUIRED else FIT


@kernel
def standing(team: int, at_us: int, teams: Int64s, live: Int64s) -> int:
    """Find where a team stands: at its fix, or at home without one or when policy says so."""
    home_arc, limits = i4(teams, HOME_ARC), i8(teams, LIMITS)
    fix_us = live[_REPORT * team + _FIX]
    bits = 0
    if fix_us == NO_FIX:
        bits = AT_HOME
    else:
        age = at_us - fix_us
        if age < limits[EARLIEST_AGE] or age > limits[LATEST_AGE]:
            if limits[STALE_EXCLUDES] != 0:
                return POSITION_STALE
            bits = AT_HOME | STALE
    arc = home_arc[team] if bits else live[_REPORT * len(home_arc) + _ROAD * team]
    return bits | (NO_ROAD if arc < 0 else FIT)


@kernel
def screen_teams(
    area: int,
    takes: Bytes,
    lacks: Bytes,
    moment: tuple[int, int, int],
    teams: Int64s,
    live: Int64s,
    codes: Int32s,
) -> int:
    """Give each team its code, and count those that are fit.

    Parameters
    ----------
    area : int
        Area of the call; 0 is nobody's.
    takes : ndarray of uint8, shape (programs + 1,)
        1 for each program that may take the call; the last is for teams of no known program.
    lacks : ndarray of uint8, shape (teams,)
        `REQUIRED` for each team that lacks a capability the call needs, and how many it lacks of
        those the call prefers.
    moment : tuple of int
        Microseconds since 1970, minute of the agency's week, milliseconds the call has waited.
    teams, live : ndarray of int64
        As the module describes.
    codes : ndarray of int32, shape (teams,)
        Filled.
    """
    at_us, minute, _ = moment
    fit = 0
    for team in range(len(codes)):
        code = unfit(team, area, takes, lacks, minute, teams, live)
        if code == FIT:
            code = standing(team, at_us, teams, live)
            if code & CODE == FIT:
                fit += 1
        codes[team] = code
    return fit


@kernel
def leave_out(codes: Int32s) -> None:
    """Take fit teams out again: no road is near the call, so none of them was considered."""
    for team in range(len(codes)):
        if codes[team] & CODE == FIT:
            codes[team] = NOT_CONSIDERED


@kernel
def before(
    one: int,
    other: int,
    travel: Int32s,
    lacks: Bytes,
    waited: int,
    teams: Int64s,
    live: Int64s,
) -> bool:
    """Tell whether a team ranks before another; `dispatch.finding` has the rule in words."""
    program, turnout_ms = i4(teams, PROGRAM), i8(teams, TURNOUT_MS)
    limits, target = i8(teams, LIMITS), i8(teams, TARGET)
    here, there = turnout_ms[one] + travel[one], turnout_ms[other] + travel[other]
    if limits[LATE_YIELDS] != 0:
        late = waited + here > target[program[one]]
        other_late = waited + there > target[program[other]]
        if late != other_late:
            return bool(other_late)
    if program[one] != program[other]:
        return bool(program[one] < program[other])
    missing, other_missing = lacks[one] & ~REQUIRED, lacks[other] & ~REQUIRED
    worth, other_worth = (
        here + missing * limits[PREFERENCE_MS],
        there + other_missing * limits[PREFERENCE_MS],
    )
    if worth != other_worth:
        return bool(worth < other_worth)
    if missing != other_missing:
        return bool(missing < other_missing)
    idle_us, other_idle_us = live[_REPORT * one + _IDLE], live[_REPORT * other + _IDLE]
    if idle_us != other_idle_us:
        return bool(idle_us < other_idle_us)
    return one < other


@kernel
def settle_teams(
    codes: Int32s, travel: Int32s, lacks: Bytes, waited: int, teams: Int64s, live: Int64s
) -> int:
    """Exclude fit teams that cannot arrive in time and choose the best of the others; -1 for none.

    Parameters
    ----------
    codes : ndarray of int32, shape (teams,)
        Changed where a team is `UNREACHABLE` or `BEYOND_LIMIT`.
    travel : ndarray of int32, shape (teams,)
        Travel times of the fit teams, milliseconds; -1 where no road leads.
    lacks : ndarray of uint8, shape (teams,)
        As `screen_teams` takes it.
    waited : int
        Milliseconds the call has waited.
    teams, live : ndarray of int64
        As the module describes.
    """
    program, turnout_ms, latest = i4(teams, PROGRAM), i8(teams, TURNOUT_MS), i8(teams, LATEST)
    best = -1
    for team in range(len(codes)):
        if codes[team] & CODE != FIT:
            continue
        bits = codes[team] & (AT_HOME | STALE)
        if travel[team] < 0:
            codes[team] = bits | UNREACHABLE
        elif turnout_ms[team] + travel[team] > latest[program[team]]:
            codes[team] = bits | BEYOND_LIMIT
        elif best < 0 or before(team, best, travel, lacks, waited, teams, live):
            best = team
    return best


@kernel
def positions_of(
    codes: Int32s,
    teams: Int64s,
    live: Int64s,
    arcs: Any,
    fractions: Any,
    access: Any,
    members: Any,
) -> int:
    """List the positions of the fit teams and who they are; return how many there are."""
    count, exact = 0, live.view(np.float64)
    for team in range(len(codes)):
        if codes[team] & CODE != FIT:
            continue
        if codes[team] & AT_HOME:
            arcs[count], fractions[count] = (
                i4(teams, HOME_ARC)[team],
                f8(teams, HOME_FRACTION)[team],
            )
            access[count] = i8(teams, HOME_ACCESS)[team]
        else:
            road = _REPORT * len(codes) + _ROAD * team
            arcs[count], fractions[count] = live[road], exact[road + 1]
            access[count] = live[road + 2]
        members[count] = team
        count += 1
    return count
