"""Which teams could go, and which of them goes.

Each team gets one code: `FIT`, or the first thing that speaks against it, in the order below. Two
bits beside the code say that its home was taken for its position, and that its fix was stale.

Teams come packed: program (int32, its place in the policy), serves (uint8, a row of teams for each
area, area 0 for nobody's), status (uint8), pattern (int32), duty (uint8, a row of 10,080 minutes
for each pattern of shifts), fix_us (int64, microseconds since 1970; `NO_FIX` without one), fix arc,
fraction, access (int32, float64, int64), home arc, fraction, access, turnout_ms, idle_us (int64),
limits (int64: earliest age and latest age of a fix in
microseconds, 1 where a stale fix excludes, 1 where late programs yield, milliseconds a missing
preference counts for), latest arrival and response target of each program (int64, milliseconds). An
arc is -1 where no road is near.
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
    "UNREACHABLE",
    "leave_out",
    "positions_of",
    "screen_teams",
    "settle_teams",
]

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Bytes = NDArray[np.uint8]

TEAMS_TYPES = "i4 u1 u1 i4 u1 i8 i4 f8 i8 i4 f8 i8 i8 i8 i8 i8 i8"
"""Types of packed teams, in order."""

FIT, OTHER_PROGRAM, OUTSIDE_AREA, STATUS_UNKNOWN, NOT_AVAILABLE, OFF_SHIFT = range(6)
MISSING_CAPABILITY, POSITION_STALE, NO_ROAD, UNREACHABLE, BEYOND_LIMIT = range(6, 11)
NOT_CONSIDERED, KEPT_HOME = 11, 12
CODE, AT_HOME, STALE = 0x3F, 0x40, 0x80
"""The code itself, and the two bits beside it."""

REQUIRED = 0x80
"""Bit of a team that lacks a capability the call needs; below it, how many it had better have."""

MINUTES = 10_080
"""Minutes of a week, from Monday 00:00."""

NO_FIX = -(2**63)


@kernel
def unfit(team: int, area: int, takes: Bytes, lacks: Bytes, minute: int, teams: Int64s) -> int:
    """Check who a team is and what it does; `FIT` when nothing speaks against it."""
    program = i4(teams, 0)
    if takes[program[team]] == 0:
        return OTHER_PROGRAM
    if u1(teams, 1)[area * len(program) + team] == 0:
        return OUTSIDE_AREA
    status = u1(teams, 2)[team]
    if status != 0:
        return STATUS_UNKNOWN if status == 1 else NOT_AVAILABLE
    if u1(teams, 4)[i4(teams, 3)[team] * MINUTES + minute] == 0:
        return OFF_SHIFT
    return MISSING_CAPABILITY if lacks[team] & REQUIRED else FIT


@kernel
def standing(team: int, at_us: int, teams: Int64s) -> int:
    """Find where a team stands: at its fix, or at home without one or when policy says so."""
    fix_us, limits = i8(teams, 5)[team], i8(teams, 14)
    bits = 0
    if fix_us == NO_FIX:
        bits = AT_HOME
    else:
        age = at_us - fix_us
        if age < limits[0] or age > limits[1]:
            if limits[2] != 0:
                return POSITION_STALE
            bits = AT_HOME | STALE
    arc = i4(teams, 9)[team] if bits else i4(teams, 6)[team]
    return bits | (NO_ROAD if arc < 0 else FIT)


@kernel
def screen_teams(
    area: int,
    takes: Bytes,
    lacks: Bytes,
    moment: tuple[int, int, int],
    teams: Int64s,
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
    teams : ndarray of int64
        As the module describes.
    codes : ndarray of int32, shape (teams,)
        Filled.
    """
    at_us, minute, _ = moment
    fit = 0
    for team in range(len(codes)):
        code = unfit(team, area, takes, lacks, minute, teams)
        if code == FIT:
            code = standing(team, at_us, teams)
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
def before(one: int, other: int, travel: Int32s, lacks: Bytes, waited: int, teams: Int64s) -> bool:
    """Tell whether a team ranks before another; `dispatch.finding` has the rule in words."""
    program, turnout_ms = i4(teams, 0), i8(teams, 12)
    idle_us, limits, target = i8(teams, 13), i8(teams, 14), i8(teams, 16)
    here, there = turnout_ms[one] + travel[one], turnout_ms[other] + travel[other]
    if limits[3] != 0:
        late = waited + here > target[program[one]]
        other_late = waited + there > target[program[other]]
        if late != other_late:
            return bool(other_late)
    if program[one] != program[other]:
        return bool(program[one] < program[other])
    missing, other_missing = lacks[one] & ~REQUIRED, lacks[other] & ~REQUIRED
    worth, other_worth = here + missing * limits[4], there + other_missing * limits[4]
    if worth != other_worth:
        return bool(worth < other_worth)
    if missing != other_missing:
        return bool(missing < other_missing)
    if idle_us[one] != idle_us[other]:
        return bool(idle_us[one] < idle_us[other])
    return one < other


@kernel
def settle_teams(codes: Int32s, travel: Int32s, lacks: Bytes, waited: int, teams: Int64s) -> int:
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
    teams : ndarray of int64
        As the module describes.
    """
    program, turnout_ms, latest = i4(teams, 0), i8(teams, 12), i8(teams, 15)
    best = -1
    for team in range(len(codes)):
        if codes[team] & CODE != FIT:
            continue
        bits = codes[team] & (AT_HOME | STALE)
        if travel[team] < 0:
            codes[team] = bits | UNREACHABLE
        elif turnout_ms[team] + travel[team] > latest[program[team]]:
            codes[team] = bits | BEYOND_LIMIT
        elif best < 0 or before(team, best, travel, lacks, waited, teams):
            best = team
    return best


@kernel
def positions_of(
    codes: Int32s, teams: Int64s, arcs: Any, fractions: Any, access: Any, members: Any
) -> int:
    """List the positions of the fit teams and who they are; return how many there are."""
    count = 0
    for team in range(len(codes)):
        if codes[team] & CODE != FIT:
            continue
        base = 9 if codes[team] & AT_HOME else 6
        arcs[count] = i4(teams, base)[team]
        fractions[count] = f8(teams, base + 1)[team]
        access[count] = i8(teams, base + 2)[team]
        members[count] = team
        count += 1
    return count
