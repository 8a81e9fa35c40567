"""An agency's own table of observed speeds, by OpenStreetMap way or by arc.

A speed without an hour is a free-flow speed: the profile still multiplies its time. A speed of an
hour of the week is what was driven in that hour, congestion and signals included: nothing of the
profile is added to it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.model.shift import HOURS_A_WEEK
from unarmed_router.roads.checks import MAX_ARC_MS
from unarmed_router.roads.csv_table import CsvTable, plain
from unarmed_router.roads.through_legs import through_legs

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from unarmed_router.roads.network import RoadNetwork

__all__ = ["FREE_FLOW", "ObservedReport", "ObservedSpeeds"]

Int32s = npt.NDArray[np.int32]

FREE_FLOW = -1
"""In place of an hour: at all hours, before the profile."""

LOWEST_KPH, HIGHEST_KPH = 1.0, 160.0
"""A speed outside these is an error of the table: nobody drives so, and no average is so slow."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ObservedReport:
    """What of a table met the network.

    Parameters
    ----------
    rows : int
        Rows of the table.
    rows_unmatched : int
        Rows of ways that the network does not have: cut off, or newer than the network.
    ways_unmatched : tuple of int
        The first of those ways.
    arcs : int
        Arcs with a speed, at any hour.
    metres : float
        Their length.
    share : float
        The same as a part of all arcs' length, 0 to 1.
    """

    rows: int
    rows_unmatched: int
    ways_unmatched: tuple[int, ...]
    arcs: int
    metres: float
    share: float


@dataclass(frozen=True, eq=False, kw_only=True)
class ObservedSpeeds:
    """Times of some arcs, at all hours or at some.

    Parameters
    ----------
    times : mapping of int to (int32 array, int32 array)
        By hour of the week, or `FREE_FLOW`: arcs, ascending, and milliseconds along each.
    report : ObservedReport
        What of the table met the network.
    """

    times: Mapping[int, tuple[Int32s, Int32s]]
    report: ObservedReport

    @classmethod
    def read_csv(cls, path: str | os.PathLike[str], network: RoadNetwork) -> ObservedSpeeds:
        """Read a table for a network.

        Parameters
        ----------
        path : path-like
            CSV, may be compressed (``.gz``). One of the columns ``way_id`` (of OpenStreetMap: both
            directions and all arcs of the way) and ``arc`` (number in this very network, one
            direction, with the arcs over the same road on which nobody stands); ``speed_kph``;
            optional ``hour_of_week``, a number, a range such as ``7-9`` (both included), or empty
            for a free-flow speed.
        network : RoadNetwork
            With way ids, where the table goes by ways.

        Raises
        ------
        NetworkError
            Naming the file, the row, the value and the rule; or no row meets the network.
        """
        table = CsvTable(path, ("speed_kph",))
        by_way = "way_id" in table
        if by_way == ("arc" in table):
            raise NetworkError(
                f"{table.name}: give one of the columns way_id and arc, which say what road a "
                "speed is of"
            )
        roads = _Roads.by_way(table, network) if by_way else _Roads.by_arc(table, network)
        speeds = _speeds(table)
        found: dict[int, dict[int, int]] = {}
        unmatched: dict[int, None] = {}
        rows_unmatched = 0
        for row, (kph, hours) in enumerate(zip(speeds, _hours(table), strict=True)):
            arcs = roads.arcs_of(row)
            if not arcs.size:
                unmatched[int(roads.keys[row])] = None
                rows_unmatched += 1
            ms = np.maximum(np.rint(network.length_m[arcs] / (kph / 3600.0)), 1.0).astype(int)
            if ms.max(initial=0) > MAX_ARC_MS:
                rule = f"takes over 6 h along arc {arcs[ms.argmax()]}, and nobody drives so"
                table.refuse(row, "speed_kph", rule)
            for hour in hours:
                at_hour = found.setdefault(hour, {})
                for arc, arc_ms in zip(arcs.tolist(), ms.tolist(), strict=True):
                    if arc in at_hour:
                        what = "way_id" if by_way else "arc"
                        table.refuse(row, what, "has another speed of the same hour; keep one")
                    at_hour[arc] = arc_ms
        times = {hour: _columns(at_hour) for hour, at_hour in sorted(found.items()) if at_hour}
        if not times:
            raise NetworkError(
                f"{table.name}: none of its {len(table)} rows is of a road of the network; is it "
                "of another city or another network?"
            )
        every = np.unique(np.concatenate([arcs for arcs, _ in times.values()]))
        metres = float(network.length_m[every].sum())
        report = ObservedReport(
            rows=len(table),
            rows_unmatched=rows_unmatched,
            ways_unmatched=tuple(unmatched)[:_SHOWN],
            arcs=len(every),
            metres=metres,
            share=metres / float(network.length_m.sum()),
        )
        return cls(times=times, report=report)

    def put(self, times: Int32s, hour: int) -> Int32s:
        """Return times with those of an hour, or of `FREE_FLOW`, in their place."""
        if hour not in self.times:
            return times
        arcs, ms = self.times[hour]
        changed = times.copy()
        changed[arcs] = ms
        changed.flags.writeable = False
        return changed

    def key(self, hour: int) -> bytes:
        """Return what tells the speeds of one hour from those of another."""
        return b"" if hour not in self.times else b"".join(a.tobytes() for a in self.times[hour])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all times; the same on any machine."""
        sha = hashlib.sha256()
        for hour, (arcs, ms) in sorted(self.times.items()):
            sha.update(f"{hour} {len(arcs)}\n".encode())
            sha.update(arcs.astype("<i4").tobytes() + ms.astype("<i4").tobytes())
        return sha.hexdigest()


@dataclass(frozen=True, slots=True)
class _Roads:
    """Which arcs each row of a table is of: those whose key, sorted, is the row's."""

    keys: npt.NDArray[np.int64]
    sorted_keys: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]

    @classmethod
    def by_way(cls, table: CsvTable, network: RoadNetwork) -> _Roads:
        """Join by OpenStreetMap way; 0 is no way."""
        if network.way_id is None:
            raise NetworkError(
                f"{table.name}: goes by way_id, and the network has no way ids; build it from "
                "OpenStreetMap or with a column way_id, or give the speeds by arc"
            )
        keys = table.whole_numbers("way_id")
        for row in np.flatnonzero(keys == 0)[:1]:
            table.refuse(int(row), "way_id", "stands for no way; remove the row")
        order = np.argsort(network.way_id, kind="stable")
        return cls(keys, network.way_id[order], order)

    @classmethod
    def by_arc(cls, table: CsvTable, network: RoadNetwork) -> _Roads:
        """Join by the number of an arc in this very network; arcs over its road go along."""
        keys = table.whole_numbers("arc")
        for row in np.flatnonzero((keys < 0) | (keys >= network.arcs))[:1]:
            rule = f"is no arc of the network, which has 0 to {network.arcs - 1}"
            table.refuse(int(row), "arc", rule)
        legs, arcs = through_legs(network)
        more = ~np.isin(legs, keys)  # a leg that has a row of its own keeps it
        every = np.arange(network.arcs)
        own = np.concatenate((every, arcs[more]))
        order = np.argsort(own, kind="stable")
        return cls(keys, own[order], np.concatenate((every, legs[more]))[order])

    def arcs_of(self, row: int) -> npt.NDArray[np.int64]:
        """Return the arcs of a row."""
        begin, end = (
            np.searchsorted(self.sorted_keys, self.keys[row], side) for side in ("left", "right")
        )
        return self.order[begin:end]


def _columns(at_hour: Mapping[int, int]) -> tuple[Int32s, Int32s]:
    arcs = sorted(at_hour)
    return np.array(arcs, np.int32), np.array([at_hour[arc] for arc in arcs], np.int32)


def _speeds(table: CsvTable) -> npt.NDArray[np.float64]:
    """Read the speeds, km/h."""
    speeds = table.numbers("speed_kph")
    for row in np.flatnonzero((speeds < LOWEST_KPH) | (speeds > HIGHEST_KPH))[:1]:
        rule = f"must lie in [{LOWEST_KPH:g}, {HIGHEST_KPH:g}] km/h; is the unit right?"
        table.refuse(int(row), "speed_kph", rule)
    return speeds


def _hours(table: CsvTable) -> list[range]:
    """Read the hours of each row; the one "hour" of an empty cell is `FREE_FLOW`."""
    if "hour_of_week" not in table:
        return [range(FREE_FLOW, FREE_FLOW + 1)] * len(table)
    found = []
    for row, text in enumerate(table.texts("hour_of_week")):
        first, to, last = plain(text).partition("-")
        try:
            hours = range(int(first), int(last if to else first) + 1)
        except ValueError:
            hours = range(0) if text else range(FREE_FLOW, FREE_FLOW + 1)
        if not hours or (text and not 0 <= hours[0] <= hours[-1] < HOURS_A_WEEK):
            rule = f"is no hour 0 to {HOURS_A_WEEK - 1} nor a range such as 7-9"
            table.refuse(row, "hour_of_week", f"{rule}; leave it empty for all")
        found.append(hours)
    return found
