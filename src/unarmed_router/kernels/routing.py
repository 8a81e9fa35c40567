"""A call from its point to the team that goes: the steps of a decision in one compiled piece.

What a call finds is one row of int32: the outcome, the place of the best team (-1 for none), then
the code of every team, then the travel time of every team in milliseconds (-1 where none was
needed).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unarmed_router.kernels.jit import kernel
from unarmed_router.kernels.packed import i4, i8, u1
from unarmed_router.kernels.places import is_swapped, label_at, snapped
from unarmed_router.kernels.screening import (
    NOT_CONSIDERED,
    leave_out,
    positions_of,
    screen_teams,
    settle_teams,
)
from unarmed_router.kernels.travel import time_positions

__all__ = [
    "HEADER",
    "NOT_IN_TIME",
    "NO_ROAD_NEARBY",
    "NO_TEAM",
    "OUTSIDE",
    "PROGRAMS_TYPES",
    "SENT",
    "SWAPPED",
    "TABLES_TYPES",
    "UNTAKEN",
    "route_call",
    "route_calls",
]

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Bytes = NDArray[np.uint8]

PROGRAMS_TYPES = "u1 i4"
"""Types of packed programs: who serves each area, and the area of each division label."""

SENT, OUTSIDE, UNTAKEN, NO_TEAM, NO_ROAD_NEARBY, NOT_IN_TIME, SWAPPED = range(7)
"""Outcomes: a team; outside; no program may take it here; no team fit; no road; none in time;
outside as given but inside a division the other way round."""

TABLES_TYPES = "i8 i8 i8 i8 i8"
"""Types of packed tables, in order."""

HEADER = 2
"""Places of a row before the codes."""

_SCALE = 1e7


@kernel
def served(area: int, takes: Bytes, programs: Int64s) -> bool:
    """Tell whether a program that may take the call has a provider in the area."""
    here = u1(programs, 0)
    for program in range(len(takes) - 1):
        if takes[program] != 0 and here[area * (len(takes) - 1) + program] != 0:
            return True
    return False


@kernel
def time_fit(
    goal: tuple[int, float, int],
    metric: Int64s,
    teams: Int64s,
    live: Int64s,
    codes: Int32s,
    travel: Int32s,
) -> None:
    """Time the fit teams to a position, into `travel`."""
    n = len(codes)
    arcs, members = np.empty(n, np.int32), np.empty(n, np.int32)
    fractions, access, times = np.empty(n), np.empty(n, np.int64), np.empty(n, np.int64)
    count = positions_of(codes, teams, live, arcs, fractions, access, members)
    origins = (arcs[:count], fractions[:count], access[:count])
    time_positions(*origins, goal, metric, times[:count])
    for i in range(count):
        travel[members[i]] = times[i]


@kernel
def route_call(
    point: tuple[float, float, int],
    moment: tuple[int, int, int],
    takes: Bytes,
    lacks: Bytes,
    tables: Int64s,
    live: Int64s,
    found: Int32s,
) -> int:
    """Find who goes to one call.

    Parameters
    ----------
    point : tuple of (float, float, int)
        lon, lat in degrees, and the label of the division where it is known; -1 to locate it.
    moment : tuple of int
        Microseconds since 1970, minute of the agency's week, milliseconds the call has waited.
    takes, lacks : ndarray of uint8
        As `screen_teams` takes them.
    tables : ndarray of int64
        Divisions, roads, metric, teams and programs, each packed, packed once more. Programs:
        serves (uint8, a row of programs for each area), area of each division label (int32).
    live : ndarray of int64
        What changes of the teams from minute to minute, as `kernels.screening` takes it.
    found : ndarray of int32, shape (2 + 2 teams,)
        Filled, as the module describes.

    Returns
    -------
    int
        The outcome.
    """
    divisions, roads, metric = i8(tables, 0), i8(tables, 1), i8(tables, 2)
    teams, programs = i8(tables, 3), i8(tables, 4)
    lon, lat, label = point
    count = len(lacks)
    codes, travel = found[HEADER : HEADER + count], found[HEADER + count :]
    codes[:] = NOT_CONSIDERED
    travel[:] = -1
    found[1] = -1
    if label < 0:
        x, y = int(np.rint(lon * _SCALE)), int(np.rint(lat * _SCALE))
        label = label_at(x, y, divisions)
        if label == 0 and is_swapped(x, y, divisions):
            return SWAPPED
    if label == 0:
        return OUTSIDE
    area = i4(programs, 1)[label]
    if not served(area, takes, programs):
        return UNTAKEN
    fit = screen_teams(area, takes, lacks, moment, teams, live, codes)
    arc, fraction, _, access_ms = snapped(lon, lat, roads)
    if arc < 0:  # before teams: no other team would change it, so nobody waits for one
        leave_out(codes)
        return NO_ROAD_NEARBY
    if fit == 0:
        return NO_TEAM
    time_fit((arc, fraction, access_ms), metric, teams, live, codes, travel)
    found[1] = settle_teams(codes, travel, lacks, moment[2], teams, live)
    return SENT if found[1] >= 0 else NOT_IN_TIME


@kernel
def route_calls(
    rows: Int64s,
    points: Any,
    moments: Any,
    kinds: Any,
    takes: Any,
    lacks: Any,
    tables: Int64s,
    live: Int64s,
    found: Any,
) -> None:
    """Do `route_call` for some rows of a batch; each outcome goes to the first place of its row.

    Parameters
    ----------
    rows : ndarray of int64
        Which calls.
    points, moments : ndarray of float64, shape (calls, 2), and int64, shape (calls, 3)
        As `route_call` takes them.
    kinds : ndarray of int64, shape (calls,)
        Row of `takes` and of `lacks` of each call.
    """
    unknown: Any = np.int64(-1)  # no literal, for which the kernel would be compiled a second time
    for row in rows:
        found[row, 0] = route_call(
            (points[row, 0], points[row, 1], unknown),
            (moments[row, 0], moments[row, 1], moments[row, 2]),
            takes[kinds[row]],
            lacks[kinds[row]],
            tables,
            live,
            found[row],
        )
