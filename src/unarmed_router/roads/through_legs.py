"""Arcs that lead over a road of another arc: where a memory of turns parts those who drive there.

In the middle of a restriction over several roads, and in private areas, a road has further arcs on
which nobody stands; see `unarmed_router.roads.osm.legs`. Who times a road by the number of the arc
on which teams stand means the road.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.arc_ids import arc_ids

if TYPE_CHECKING:
    from unarmed_router.roads.network import RoadNetwork

__all__ = ["through_legs"]

Ints = npt.NDArray[np.int64]


def through_legs(network: RoadNetwork) -> tuple[Ints, Ints]:
    """Find the arcs on which nobody stands, and the arc of the same road on which teams do.

    Returns
    -------
    legs, arcs : int64 array
        Ascending by leg; none on a network without memory.
    """
    none = np.empty(0, np.int64)
    if network.exit_node is None:
        return none, none
    ids = arc_ids(network)
    legs, places = np.flatnonzero(network.exit_node < 0), np.flatnonzero(network.places)
    if not places.size:
        return none, none
    places = places[np.argsort(ids[places], kind="stable")]
    at = np.minimum(np.searchsorted(ids[places], ids[legs]), places.size - 1)
    found = ids[places[at]] == ids[legs]
    return legs[found], places[at][found]
