"""Exact travel times by a customizable contraction hierarchy with tree labels.

Three stages, each costing what it must: the topology, once a network; the weights, once a metric;
the labels, once a metric where they fit the memory budget. A query is the least sum of two labels
over the ancestors they share. Equal to textbook Dijkstra to the millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.kernels.packed import Packed
from unarmed_router.kernels.travel import (
    METRIC_TYPES,
    time_between,
    time_matrix,
    time_nodes,
    time_positions,
)
from unarmed_router.model.location import RoadPosition
from unarmed_router.model.road_path import RoadPath
from unarmed_router.travel_time.customizing import customized, labelled, refuse_days
from unarmed_router.travel_time.offsets import own_places
from unarmed_router.travel_time.paths import shorter_path
from unarmed_router.travel_time.positions import (
    PositionColumns,
    check_own,
    check_places,
    checked_nodes,
)
from unarmed_router.travel_time.topology import Topology
from unarmed_router.travel_time.unpacking import shortest_drive

__all__ = ["DEFAULT_LABEL_BUDGET", "HierarchyTravelTimes"]

DEFAULT_LABEL_BUDGET = 512 * 2**20
"""Labels of one metric may take this much memory, bytes; beyond it rows are searched on demand."""

_BLOCK = 1024
"""Destinations of a matrix in one compiled piece: some milliseconds."""


class HierarchyTravelTimes:
    """Road travel times between positions under one metric.

    Parameters
    ----------
    topology : Topology
        Of the network; shared by all its metrics.
    twin : int32 array, shape (m,)
        The arc of the same road in the other direction; -1 on a one-way road.
    arc_ms : int32 array, shape (m,)
        Time along each arc, milliseconds, at least 1.
    label_budget : int
        Bytes that labels may take; 0 never builds them.

    Raises
    ------
    NetworkError
        Arrays of other lengths, twins the topology was not built with, a time below 1 ms, or a
        stretch of road or a way between two places of 2**28 ms (three days) or more, which sums in
        int32 cannot hold.

    Attributes
    ----------
    packed : Packed
        The metric as `unarmed_router.kernels.travel` takes it.

    Notes
    -----
    Immutable after construction; any number of threads may query it, without the GIL.
    """

    def __init__(
        self,
        *,
        topology: Topology,
        twin: npt.NDArray[np.int32],
        arc_ms: npt.NDArray[np.int32],
        label_budget: int = DEFAULT_LABEL_BUDGET,
    ) -> None:
        arcs = len(topology.tail)
        if arc_ms.shape != (arcs,) or twin.shape != (arcs,):
            raise NetworkError(
                f"twin has shape {twin.shape} and arc_ms {arc_ms.shape}; the topology has "
                f"{arcs} arcs"
            )
        if arcs and int(arc_ms.min()) < 1:
            arc = int(arc_ms.argmin())
            raise NetworkError(f"arc_ms[{arc}] is {arc_ms[arc]}; a time must be at least 1 ms")
        refuse_days("an arc", int(arc_ms.max(initial=0)))
        topology.check_twins(twin)
        self._topology, self._twin, self._arc_ms = topology, twin, arc_ms
        up_ms, down_ms = customized(topology, arc_ms)
        self._up_ms, self._down_ms = up_ms, down_ms
        none = np.empty(0, np.int32)
        self._labelled = topology.label_bytes <= label_budget
        to, back = labelled(topology, up_ms, down_ms) if self._labelled else (none, none)
        self.packed = Packed(
            METRIC_TYPES,
            topology.tail,
            topology.exit_node,
            twin,
            arc_ms,
            topology.parent,
            topology.depth,
            topology.top,
            topology.branches,
            topology.branch_head,
            topology.label_first,
            to,
            back,
            topology.up_first,
            topology.up,
            up_ms,
            down_ms,
        )

    @property
    def topology(self) -> Topology:
        """The network's, as given."""
        return self._topology

    @property
    def label_bytes(self) -> int:
        """Memory the labels take, bytes; 0 when rows are searched on demand."""
        return self._topology.label_bytes if self._labelled else 0

    def from_positions(
        self, origins: Sequence[RoadPosition], destination: RoadPosition
    ) -> list[int | None]:
        """Return the travel time from each origin to the destination.

        Parameters
        ----------
        origins : sequence of RoadPosition
            Where the teams are.
        destination : RoadPosition
            Where the call is.

        Returns
        -------
        list of int or None
            Milliseconds, both access legs included, in the order of `origins`; None where no
            path leads to the destination.

        Raises
        ------
        InputError
            A position that does not belong to this network.
        """
        for position in (*origins, destination):
            check_own(position, self._twin)
        goal = _place(destination)
        if len(origins) == 1:  # as a team drives home
            ms = time_between(_place(origins[0]), goal, self.packed.table)
            return [None if ms < 0 else ms]
        columns = (
            np.array([origin.arc for origin in origins], np.int32),
            np.array([origin.fraction for origin in origins], np.float64),
            np.array([origin.access_ms for origin in origins], np.int64),
        )
        out = np.empty(len(origins), np.int64)
        time_positions(*columns, goal, self.packed.table, out)
        return [None if ms < 0 else ms for ms in out.tolist()]

    def path(self, origin: RoadPosition, destination: RoadPosition) -> RoadPath | None:
        """Return a shortest path; its time is that of `from_positions` to the millisecond.

        Parameters
        ----------
        origin, destination : RoadPosition
            Where it begins and ends.

        Returns
        -------
        RoadPath or None
            None where no path leads to the destination. Of equally short paths always the same
            one, for the same network, order and times.

        Raises
        ------
        InputError
            A position that does not belong to this network.
        NetworkError
            The array of times was changed in place after the engine was made.

        Notes
        -----
        Found by a search up the tree from both ends and unpacked, with labels or without. Nothing
        of it is done before it is asked for, except that the first one sorts the arcs by edge.
        """
        start = own_places(origin, self._twin, self._arc_ms)
        goal = own_places(destination, self._twin, self._arc_ms)
        drive = shortest_drive(
            self._topology, (self._arc_ms, self._up_ms, self._down_ms), start, goal
        )
        return shorter_path(origin, destination, (start, goal), drive, self._arc_ms)

    def matrix(
        self,
        origins: PositionColumns,
        destinations: PositionColumns,
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> npt.NDArray[np.int64]:
        """Return the travel time from every origin to every destination.

        Parameters
        ----------
        origins, destinations : PositionColumns
            Arcs (-1 where there is no road), fractions and access legs of k and of c positions.
        progress : callable, optional
            Told the destinations done and their number, now and then.

        Returns
        -------
        int64 array, shape (k, c)
            Milliseconds, both access legs included; -1 where no path leads there or no road is
            near.

        Raises
        ------
        InputError
            An arc that this network does not have, or a fraction beyond its ends.

        Notes
        -----
        Runs without the GIL, one block of destinations after the other: threads that share out the
        destinations scale.
        """
        arcs = len(self._twin)
        for side in (origins, destinations):
            check_places(side, arcs)
        starts = np.flatnonzero(origins.arc >= 0)
        goals = np.flatnonzero(destinations.arc >= 0)
        columns = (origins.arc[starts], origins.fraction[starts], origins.access_ms[starts])
        times = np.full((len(origins.arc), len(destinations.arc)), -1, np.int64)
        for begin in range(0, len(goals), _BLOCK):
            block = goals[begin : begin + _BLOCK]
            out = np.empty((len(block), len(starts)), np.int64)
            time_matrix(
                *columns,
                destinations.arc[block],
                destinations.fraction[block],
                destinations.access_ms[block],
                self.packed.table,
                out,
            )
            times[np.ix_(starts, block)] = out.T
            if progress is not None:
                progress(min(begin + _BLOCK, len(goals)), len(goals))
        return times

    def between_nodes(
        self, origins: npt.ArrayLike, destinations: npt.ArrayLike
    ) -> npt.NDArray[np.int64]:
        """Return the time from each of many nodes to one node, or to each of many.

        Parameters
        ----------
        origins : array_like of int, shape (k,)
            Nodes of the network.
        destinations : int, or array_like of int of shape (c,)
            Nodes of the network.

        Returns
        -------
        int64 array, shape (k,), or (c, k) for many destinations
            Milliseconds; -1 where no path leads there.

        Raises
        ------
        InputError
            A node that this network does not have, or no column of whole numbers.
        """
        rank = self._topology.rank
        starts, goals = (checked_nodes(nodes, len(rank)) for nodes in (origins, destinations))
        out = np.empty((len(goals), len(starts)), np.int64)
        ranks = (rank[starts].astype(np.int64), rank[goals].astype(np.int64))
        time_nodes(*ranks, self.packed.table, out)
        return out if np.ndim(destinations) else out[0]


def _place(position: RoadPosition) -> tuple[int, float, int]:
    """Return a position as a kernel takes one."""
    return int(position.arc), float(position.fraction), int(position.access_ms)
