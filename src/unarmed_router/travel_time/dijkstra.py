"""Exact travel times by textbook Dijkstra: the first engine, and the oracle of every later one.

Times are integer milliseconds. The search runs on float64, which holds sums of integers exactly
up to 2**53 ms (some 285,000 years), so results equal integer arithmetic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.model.road_path import RoadPath
from unarmed_router.travel_time.offsets import Place, along_one_arc, own_places
from unarmed_router.travel_time.paths import Drive, shorter_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unarmed_router.model.location import RoadPosition

__all__ = ["DijkstraTravelTimes"]


class DijkstraTravelTimes:
    """Road travel times between positions under one metric.

    Parameters
    ----------
    nodes : int
        Number of nodes n.
    tail, head : int array, shape (m,)
        Ends of the arcs, each in [0, n). Parallel arcs are legal: the fastest counts.
    twin : int array, shape (m,)
        The arc of the same road in the other direction; -1 on a one-way road.
    arc_ms : int32 array, shape (m,)
        Time along each arc, milliseconds, at least 1.
    exit_node : int32 array, shape (m,), optional
        Node at which whoever starts on an arc comes out, -1 where nobody does; the head by
        default.

    Raises
    ------
    NetworkError
        An array of another length, an end that is no node, or a time below 1 ms.

    Notes
    -----
    Immutable after construction; any number of threads may query it.
    """

    def __init__(
        self,
        *,
        nodes: int,
        tail: npt.NDArray[np.int32],
        head: npt.NDArray[np.int32],
        twin: npt.NDArray[np.int32],
        arc_ms: npt.NDArray[np.int32],
        exit_node: npt.NDArray[np.int32] | None = None,
    ) -> None:
        exits = head if exit_node is None else np.where(exit_node < 0, head, exit_node)
        _check_metric(nodes, tail, head, exits, twin, arc_ms)
        self._tail, self._exit, self._twin, self._arc_ms = tail, exits, twin, arc_ms
        self._reversed, self._fastest = _reversed_matrix(nodes, tail, head, arc_ms)

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
        to_goal = self._distances_to(goal)
        return [
            _with_access(self._drive(start, goal, to_goal), origin, destination)
            for start, origin in zip(starts, origins, strict=True)
        ]

    def path(self, origin: RoadPosition, destination: RoadPosition) -> RoadPath | None:
        """Return a shortest path; its time is that of `from_positions` to the millisecond.

        Parameters
        ----------
        origin, destination : RoadPosition
            Where it begins and ends.

        Returns
        -------
        RoadPath or None
            None where no path leads to the destination.

        Raises
        ------
        InputError
            A position that does not belong to this network.
        """
        goal = own_places(destination, self._twin, self._arc_ms)
        start = own_places(origin, self._twin, self._arc_ms)
        drive = self._shortest(start, goal)
        return shorter_path(origin, destination, (start, goal), drive, self._arc_ms)

    def _shortest(self, start: tuple[Place, ...], goal: tuple[Place, ...]) -> Drive | None:
        """Follow the predecessors of one search from each entry; None where no path leads."""
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415  # importing scipy costs 0.35 s

        entries = [int(self._tail[place.arc]) for place in goal]
        rows, after = dijkstra(
            self._reversed, directed=True, indices=entries, return_predecessors=True
        )
        ms, leave, enter = min(
            (
                here.remaining_ms + float(rows[enter, self._exit[here.arc]]) + there.offset_ms,
                at,
                enter,
            )
            for at, here in enumerate(start)
            for enter, there in enumerate(goal)
        )
        if ms == np.inf:
            return None
        arcs, node = [], int(self._exit[start[leave].arc])
        while node != entries[enter]:
            following = int(after[enter, node])
            arcs.append(int(self._fastest[following, node]) - 1)
            node = following
        return Drive(int(ms), leave, enter, arcs)

    def _distances_to(self, goal: tuple[Place, ...]) -> npt.NDArray[np.float64]:
        """Return the time from every node to the goal; infinite where no path leads there."""
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415  # importing scipy costs 0.35 s

        entries = [int(self._tail[place.arc]) for place in goal]
        rows = dijkstra(self._reversed, directed=True, indices=entries)
        offsets = np.array([place.offset_ms for place in goal], dtype=np.float64)
        nearest: npt.NDArray[np.float64] = (rows + offsets[:, None]).min(axis=0)
        return nearest

    def _drive(
        self,
        start: tuple[Place, ...],
        goal: tuple[Place, ...],
        to_goal: npt.NDArray[np.float64],
    ) -> float:
        """Return the shortest time on the road, infinite when there is no path."""
        through_heads = (
            place.remaining_ms + float(to_goal[self._exit[place.arc]]) for place in start
        )
        direct = along_one_arc(start, goal)
        return min((*through_heads, np.inf if direct is None else direct))


def _with_access(drive: float, origin: RoadPosition, destination: RoadPosition) -> int | None:
    """Add the legs between road and point at both ends; None where the road leads nowhere."""
    if drive == np.inf:
        return None
    return int(drive) + origin.access_ms + destination.access_ms


def _reversed_matrix(
    nodes: int,
    tail: npt.NDArray[np.int32],
    head: npt.NDArray[np.int32],
    arc_ms: npt.NDArray[np.int32],
) -> tuple[Any, Any]:
    """Return the transposed graph as a CSR matrix, each parallel bundle reduced to its fastest.

    scipy would add up the entries of parallel arcs. A second matrix of that shape holds the arcs
    that stayed, each plus 1, for no entry may be 0.
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415  # importing scipy costs 0.35 s

    order = np.lexsort((arc_ms, tail, head))
    rows, columns = head[order], tail[order]
    fastest = np.ones(order.shape[0], dtype=bool)
    fastest[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    times = arc_ms[order][fastest].astype(np.float64)
    ends = (rows[fastest], columns[fastest])
    return (
        csr_matrix((times, ends), shape=(nodes, nodes)),
        csr_matrix((order[fastest] + 1, ends), shape=(nodes, nodes)),
    )


def _check_metric(
    nodes: int,
    tail: npt.NDArray[np.int32],
    head: npt.NDArray[np.int32],
    exits: npt.NDArray[np.int32],
    twin: npt.NDArray[np.int32],
    arc_ms: npt.NDArray[np.int32],
) -> None:
    """Refuse arrays that do not describe a network with positive times."""
    arcs = tail.shape[0]
    columns = (("head", head), ("exit_node", exits), ("twin", twin), ("arc_ms", arc_ms))
    for name, array in columns:
        if array.shape != (arcs,):
            raise NetworkError(f"{name} has shape {array.shape}; expected ({arcs},), as tail has")
    for name, array, low, stop in (
        ("tail", tail, 0, nodes),
        ("head", head, 0, nodes),
        ("exit_node", exits, 0, nodes),
        ("twin", twin, -1, arcs),
        ("arc_ms", arc_ms, 1, 2**31),
    ):
        outside = np.flatnonzero((array < low) | (array >= stop))
        if outside.size:
            arc = int(outside[0])
            raise NetworkError(f"{name}[{arc}] is {array[arc]}; it must lie in [{low}, {stop})")
