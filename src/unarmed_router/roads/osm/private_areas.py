"""Roads to reach somebody on, but not to drive through: areas of them, and where they are entered.

Roads for ends only that hang together make an area. It meets the open roads at its entrances, and
areas that meet at an entrance only are apart. With one entrance nobody can pass through. With
several, the area is guarded: who has entered remembers it until the trip ends, and whoever starts
inside leaves by any entrance. See `roads.osm.legs` and docs/decisions/0030.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.osm.chains import Chains
from unarmed_router.roads.osm.profile import Access

__all__ = ["PrivateAreas", "for_ends_only", "private_areas"]

Ints = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PrivateAreas:
    """Private areas that could be driven through.

    Parameters
    ----------
    guarded : bool array, shape (c,)
        Roads of areas with several entrances.
    open_node : bool array, shape (n,)
        Nodes at which an open road begins or ends.
    count : int
        Areas with several entrances.
    """

    guarded: Marks
    open_node: Marks
    count: int


def for_ends_only(chains: Chains) -> Marks:
    """Mark the roads that may not be driven through in some direction.

    One direction for ends only takes the whole road.
    """
    private: Marks = (chains.forward == Access.ENDS_ONLY) | (chains.backward == Access.ENDS_ONLY)
    return private


def private_areas(chains: Chains) -> PrivateAreas:
    """Find the private areas with several entrances."""
    from scipy.sparse import coo_matrix  # noqa: PLC0415  # importing scipy costs 0.35 s
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  # as above

    private = for_ends_only(chains)
    ends = np.stack((chains.first_node, chains.last_node))
    nodes = int(ends.max(initial=-1)) + 1
    open_node = np.zeros(nodes, bool)
    open_node[ends[:, ~private]] = True
    guarded = np.zeros(chains.count, bool)
    roads = np.flatnonzero(private)
    if not roads.size or private.all():
        return PrivateAreas(guarded, open_node, 0)
    # Roads hang together by the nodes that no open road touches.
    road = np.tile(np.arange(roads.size), 2)
    node = ends[:, roads].ravel()
    within = ~open_node[node]
    used, compact = np.unique(node[within], return_inverse=True)
    size = roads.size + used.size
    links = (road[within], roads.size + compact)
    graph = coo_matrix((np.ones(compact.size, np.int8), links), shape=(size, size))
    _, label = connected_components(graph.tocsr(), directed=False)
    entrances = np.unique(np.stack((label[road[~within]], node[~within])), axis=1)
    several = np.bincount(entrances[0], minlength=int(label.max()) + 1) > 1
    guarded[roads] = several[label[: roads.size]]
    return PrivateAreas(guarded, open_node, int(several.sum()))
