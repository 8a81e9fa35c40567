"""What one metric makes of a topology: the weights of its edges, and the labels of its nodes."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.kernels.customization import (
    LONGEST,
    longest,
    lower_all_triangles,
    respect,
)
from unarmed_router.kernels.labels import fill_labels
from unarmed_router.travel_time.topology import Topology

__all__ = ["customized", "labelled", "refuse_days"]

Times: TypeAlias = npt.NDArray[np.int32]


def customized(topology: Topology, arc_ms: Times) -> tuple[Times, Times]:
    """Return the time up and down each edge of the hierarchy: the least through lower nodes.

    Raises
    ------
    NetworkError
        One takes three days or more.
    """
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
    refuse_days("a way through lower nodes", max(longest(up_ms), longest(down_ms)))
    return up_ms, down_ms


def labelled(topology: Topology, up_ms: Times, down_ms: Times) -> tuple[Times, Times]:
    """Return the labels of every node: the times to its ancestors, and back from them.

    Raises
    ------
    NetworkError
        One takes three days or more.
    """
    to = np.empty(int(topology.label_first[-1]), np.int32)
    back = np.empty_like(to)
    fill_labels(
        topology.up_first,
        topology.up,
        up_ms,
        down_ms,
        topology.depth,
        topology.label_first,
        to,
        back,
    )
    refuse_days("a way up the hierarchy", max(longest(to), longest(back)))
    return to, back


def refuse_days(what: str, most: int) -> None:
    """Refuse times whose sums might be taken for no path."""
    if most >= LONGEST:
        raise NetworkError(
            f"{what} takes {most} ms; the travel-time core holds less than three days (2**28 ms); "
            "check the unit of the times: they are milliseconds"
        )
