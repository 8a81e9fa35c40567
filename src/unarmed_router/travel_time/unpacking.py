"""The shortest way through nodes on a customized hierarchy, as arcs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.kernels.unpacking import best_way, unpack
from unarmed_router.travel_time.paths import Drive

if TYPE_CHECKING:
    from unarmed_router.travel_time.offsets import Place
    from unarmed_router.travel_time.topology import Topology

__all__ = ["shortest_drive"]

Int32s = npt.NDArray[np.int32]


def shortest_drive(
    topology: Topology,
    metric: tuple[Int32s, Int32s, Int32s],
    start: tuple[Place, ...],
    goal: tuple[Place, ...],
) -> Drive | None:
    """Find the shortest way through nodes and unpack it.

    Parameters
    ----------
    topology : Topology
        Of the network.
    metric : tuple of int32 array
        Times of the arcs, and of the edges of the hierarchy up and down, customized to them.
    start, goal : tuple of Place
        One place on a one-way road, two on a two-way road.

    Returns
    -------
    Drive or None
        None where no path leads to the goal.

    Raises
    ------
    NetworkError
        The times of the arcs are not those that the edges were customized to.
    """
    arc_ms, up_ms, down_ms = metric
    exits, entries = np.array([-1, 0, -1, 0]), np.array([-1, 0, -1, 0])
    for side, place in enumerate(start):
        exits[2 * side : 2 * side + 2] = topology.exit_node[place.arc], place.remaining_ms
    for side, place in enumerate(goal):
        entries[2 * side : 2 * side + 2] = topology.tail[place.arc], place.offset_ms
    rows = (topology.up_first, topology.up, topology.lower, up_ms, down_ms)
    tree = (topology.parent, topology.depth, topology.top)
    ms, leave, enter, edges, rising = best_way(exits, entries, *rows, *tree)
    if ms < 0:
        return None
    down = (topology.down_first, topology.down_edge)
    arcs = (*topology.arcs_by_edge, topology.upward, arc_ms)
    found = unpack(edges, rising, (*rows[:3], *down), arcs, up_ms, down_ms)
    if found.min(initial=0) < 0:
        raise NetworkError(
            "the times of the arcs are others than those this engine was made of: they were "
            "changed in place; make another engine"
        )
    return Drive(int(ms), int(leave), int(enter), found.tolist())
