"""Small networks drawn for the tests, and positions on any network."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.network import TURN_CLASS, RoadNetwork

# About a kilometre apart, near the equator, where a degree is some 111 km both ways.
STEP = 0.009

SQUARE: dict[str, Any] = {
    "node_lon": [0.1, 0.1 + STEP, 0.1 + STEP, 0.1],
    "node_lat": [0.1, 0.1, 0.1 + STEP, 0.1 + STEP],
    "tail": [0, 1, 1, 2, 2, 3, 3],
    "head": [1, 0, 2, 1, 3, 2, 0],
    "free_flow_ms": [60_000, 61_000, 60_000, 60_000, 60_000, 60_000, 60_000],
    "length_m": [1000.0] * 7,
    "road_class": ["main", "main", "side", "side", "side", "side", "side"],
    "names": ["First", "First", "", "", "", "", "Last"],
}


class Columns(NamedTuple):
    """Positions as arrays of one length, as a matrix takes them."""

    arc: npt.NDArray[np.int32]
    fraction: npt.NDArray[np.float64]
    access_ms: npt.NDArray[np.int64]


def forbidden_turn() -> RoadNetwork:
    """Draw a one-way ring of three roads; who starts on the first comes out beside its end.

    There is another road to the last corner from there, a turn for starts only.
    """
    return RoadNetwork.from_arcs(
        node_lon=[0.1, 0.1 + STEP, 0.1, 0.1 + STEP],
        node_lat=[0.1, 0.1, 0.1 + STEP, 0.1],
        tail=[0, 1, 2, 3],
        head=[1, 2, 0, 2],
        exits=[3, 2, 0, 2],
        free_flow_ms=[1000, 9000, 1000, 2000],
        length_m=[1000.0, 1000.0, 1000.0, 1000.0],
        road_class=["side", "side", "side", TURN_CLASS],
    )


def remembered_turn() -> RoadNetwork:
    """Draw a road with two arcs: who drives by the first may only turn back, by the second go on.

    Teams stand on the first, arc 0, and go on by the end of the second, arc 1.
    """
    return RoadNetwork.from_arcs(
        node_lon=[0.1, 0.1 + STEP, 0.1 + STEP, 0.1],
        node_lat=[0.1, 0.1, 0.1, 0.1 + STEP],
        tail=[0, 0, 1, 2, 3],
        head=[1, 2, 0, 3, 0],
        exits=[2, -1, 0, 3, 0],
        free_flow_ms=[60_000] * 5,
        length_m=[1000.0] * 5,
        road_class=["side"] * 5,
    )


def square(**changes: Any) -> RoadNetwork:
    """Draw a square of four nodes: three two-way sides, and a one-way from node 3 to node 0."""
    return RoadNetwork.from_arcs(**(SQUARE | changes))
