"""Exact travel times by a customizable contraction hierarchy with tree labels.

Three stages, each costing what it must: the topology, once a network; the weights, once a metric;
the labels, once a metric where they fit the memory budget. A query is the least sum of two labels
over the ancestors they share. Equal to textbook Dijkstra to the millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.kernels.customization import lower_all_triangles, respect
from unarmed_router.kernels.labels import fill_labels, many_to_one, many_to_one_by_rows
from unarmed_router.model.location import RoadPosition
from unarmed_router.travel_time.offsets import Place, along_one_arc, own_places
from unarmed_router.travel_time.topology import Topology

__all__ = ["DEFAULT_LABEL_BUDGET", "HierarchyTravelTimes"]

DEFAULT_LABEL_BUDGET = 512 * 2**20
"""Labels of one metric may take this much memory, bytes; beyond it rows are searched on demand."""


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
        Arrays of other lengths, a time below 1 ms, or a shortest path of 12 days or more, which
        int32 milliseconds cannot hold.

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
        self._topology, self._twin, self._arc_ms = topology, twin, arc_ms
        self._tail, self._head = topology.tail, topology.head
        self._up_ms, self._down_ms = _customized(topology, arc_ms)
        self._labels = (
            _labelled(topology, self._up_ms, self._down_ms)
            if topology.label_bytes <= label_budget
            else None
        )

    @property
    def label_bytes(self) -> int:
        """Memory the labels take, bytes; 0 when rows are searched on demand."""
        return self._topology.label_bytes if self._labels else 0

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
        goal = own_places(destination, self._twin, self._arc_ms)
        starts = [own_places(origin, self._twin, self._arc_ms) for origin in origins]
        if not starts:
            return []
        exits = [_ends(start, self._head, leaving=True) for start in starts]
        entry = _ends(goal, self._tail, leaving=False)
        drives = self._drive(np.array(exits, np.int64), np.array(entry, np.int64)).tolist()
        return [
            _total(drive, origin, destination, start, goal)
            for drive, origin, start in zip(drives, origins, starts, strict=True)
        ]

    def between_nodes(self, origins: npt.ArrayLike, destination: int) -> npt.NDArray[np.int64]:
        """Return the time from each of many nodes to one node.

        Parameters
        ----------
        origins : array_like of int, shape (k,)
            Nodes of the network.
        destination : int
            Node of the network.

        Returns
        -------
        int64 array, shape (k,)
            Milliseconds; -1 where no path leads there.
        """
        rank = self._topology.rank
        starts = np.full((np.size(origins), 4), -1, np.int64)
        starts[:, 0], starts[:, 1] = rank[np.asarray(origins, np.int64)], 0
        return self._drive(starts, np.array([rank[destination], 0, -1, 0], np.int64))

    def _drive(
        self, starts: npt.NDArray[np.int64], goal: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """Find the times on the road through nodes, -1 where no path leads."""
        shape = self._topology
        out = np.empty(len(starts), np.int64)
        if self._labels:
            to, back = self._labels
            many_to_one(
                starts,
                goal,
                shape.parent,
                shape.depth,
                shape.top,
                shape.branches,
                shape.branch_head,
                shape.label_first,
                to,
                back,
                out,
            )
        else:
            many_to_one_by_rows(
                starts,
                goal,
                shape.up_first,
                shape.up,
                self._up_ms,
                self._down_ms,
                shape.parent,
                shape.depth,
                shape.top,
                out,
            )
        return out


def _ends(
    places: tuple[Place, ...], node_of: npt.NDArray[np.int32], *, leaving: bool
) -> tuple[int, int, int, int]:
    """Nodes through which a position is left or entered, each with its time; -1 for none."""
    times = [place.remaining_ms if leaving else place.offset_ms for place in places]
    one = int(node_of[places[0].arc]), times[0]
    if len(places) == 1:
        return (*one, -1, 0)
    return (*one, int(node_of[places[1].arc]), times[1])


def _total(
    drive: int,
    origin: RoadPosition,
    destination: RoadPosition,
    start: tuple[Place, ...],
    goal: tuple[Place, ...],
) -> int | None:
    """Take the direct way along one arc where there is one, and add the access legs."""
    direct = along_one_arc(start, goal) if origin.arc == destination.arc else None
    best = direct if direct is not None and (drive < 0 or direct < drive) else drive
    return None if best < 0 else best + origin.access_ms + destination.access_ms


def _customized(
    topology: Topology, arc_ms: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    up_ms = np.empty(len(topology.up), np.int32)
    down_ms = np.empty(len(topology.up), np.int32)
    respect(arc_ms, topology.edge_of, topology.upward, up_ms, down_ms)
    lower_all_triangles(
        topology.up_first,
        topology.up,
        topology.down_first,
        topology.down_edge,
        topology.lower,
        up_ms,
        down_ms,
    )
    return up_ms, down_ms


def _labelled(
    topology: Topology, up_ms: npt.NDArray[np.int32], down_ms: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    to = np.empty(int(topology.label_first[-1]), np.int32)
    back = np.empty_like(to)
    sound = fill_labels(
        topology.up_first,
        topology.up,
        up_ms,
        down_ms,
        topology.parent,
        topology.depth,
        topology.label_first,
        to,
        back,
    )
    if not sound:
        raise NetworkError(
            "some shortest path takes 12 days or more, which the travel-time core cannot hold; "
            "check the unit of the times: they are milliseconds"
        )
    return to, back
