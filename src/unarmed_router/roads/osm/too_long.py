"""Roads longer than a network holds: a ferry overnight brings no team to a caller.

One such way must not keep a whole map from being built: it is left out, and reported.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.checks import MAX_ARC_M, MAX_ARC_MS
from unarmed_router.roads.osm.chains import Chains
from unarmed_router.roads.osm.profile import Access

__all__ = ["without_too_long"]


def without_too_long(chains: Chains) -> tuple[Chains, tuple[int, ...]]:
    """Leave out the roads that take more than six hours or are longer than 500 km.

    Returns
    -------
    Chains
        The others.
    tuple of int
        The longest way of each one left out, ascending.
    """
    ahead = np.where(chains.forward == Access.CLOSED, 0.0, chains.forward_ms)
    back = np.where(chains.backward == Access.CLOSED, 0.0, chains.backward_ms)
    over = (np.rint(np.maximum(ahead, back)) > MAX_ARC_MS) | (chains.length_m > MAX_ARC_M)
    if not over.any():
        return chains, ()
    sizes = np.diff(chains.vertex_first)
    left: dict[str, npt.NDArray[np.int64]] = {
        name: getattr(chains, name)[~over]
        for name in Chains.__slots__
        if name not in {"vertex_first", "places"}
    }
    others = replace(
        chains,
        **left,  # type: ignore[arg-type]  # each column keeps its type
        vertex_first=np.concatenate(([0], np.cumsum(sizes[~over]))),
        places=chains.places[np.repeat(~over, sizes)],
    )
    return others, tuple(np.sort(chains.way_id[over]).tolist())
