"""Whether the arrays of a network fit together, so that no kernel reads out of bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unarmed_router.errors import NetworkError

if TYPE_CHECKING:
    import numpy.typing as npt

    from unarmed_router.roads.network import RoadNetwork

__all__ = ["check_structure"]


def check_structure(network: RoadNetwork) -> None:
    """Refuse arrays that do not fit together; linear in their size and cheap.

    Raises
    ------
    NetworkError
        Naming the first array that does not fit.
    """
    nodes, arcs = network.nodes, network.arcs
    for name in ("tail", "twin", "free_flow_ms", "length_m", "road_class", "name_index"):
        _require(getattr(network, name).shape == (arcs,), f"{name} must hold {arcs} arcs")
    if network.way_id is not None:
        _require(network.way_id.shape == (arcs,), f"way_id must hold {arcs} arcs")
    if network.exit_node is not None:
        _require(network.exit_node.shape == (arcs,), f"exit_node must hold {arcs} arcs")
    _require(network.node_lat.shape == (nodes,), f"node_lat must hold {nodes} nodes")
    _require(network.shape_lat.shape == network.shape_lon.shape, "shape_lon and shape_lat differ")
    _require(_is_csr(network.first_out, nodes, arcs), "first_out does not index the arcs")
    vertices = network.shape_lon.shape[0]
    _require(_is_csr(network.shape_first, arcs, vertices), "shape_first does not index the shapes")
    _require(_within(network.head, 0, nodes), "an arc's head is not a node")
    if network.exit_node is not None:
        _require(_within(network.exit_node, -1, nodes), "an arc's exit is not a node")
        beside = _same_place(network, network.exit_node, network.head) | (network.exit_node < 0)
        _require(bool(beside.all()), "an arc's exit is not where its head is")
    degree = np.diff(network.first_out)
    _require(bool((np.repeat(np.arange(nodes), degree) == network.tail).all()), "tails unsorted")
    _require(_within(network.twin, -1, arcs), "a twin is not an arc")
    paired = np.flatnonzero(network.twin >= 0)
    other = network.twin[paired]
    # The node itself may differ: where turns are restricted, one place has several.
    back = _same_place(network, network.tail[other], network.head[paired])
    mutual = (network.twin[other] == paired) & back
    _require(bool(mutual.all()), "a twin does not lead back")
    for name, limit in (("lon", 180.0), ("lat", 90.0)):
        for array in (getattr(network, f"node_{name}"), getattr(network, f"shape_{name}")):
            # Negated, so that NaN is refused as well.
            _require(not (~(np.abs(array) <= limit)).any(), f"a {name} is no place on earth")
    _require(_within(network.road_class, 0, len(network.classes)), "a road class is unknown")
    _require(_within(network.name_index, -1, len(network.names)), "a road name is unknown")
    _require(_within(network.free_flow_ms, 1, 2**31), "a free-flow time is below 1 ms")


def _same_place(
    network: RoadNetwork, one: npt.NDArray[np.int32], other: npt.NDArray[np.int32]
) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = one == other
    same |= (network.node_lon[one] == network.node_lon[other]) & (
        network.node_lat[one] == network.node_lat[other]
    )
    return same


def _require(holds: bool, fault: str) -> None:
    if not holds:
        raise NetworkError(f"road network arrays do not fit together: {fault}; rebuild the network")


def _within(array: npt.NDArray[Any], low: int, stop: int) -> bool:
    """Tell whether every value lies in [low, stop)."""
    return not array.size or (int(array.min()) >= low and int(array.max()) < stop)


def _is_csr(first: npt.NDArray[np.int32], rows: int, total: int) -> bool:
    """Tell whether `first` cuts `total` items into `rows` consecutive runs."""
    ends_fit = first.shape == (rows + 1,) and first[0] == 0 and first[-1] == total
    return bool(ends_fit and (np.diff(first) >= 0).all())
