"""Writing the contraction order, and the topology where it is wanted, beside a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from unarmed_router.roads.network import RoadNetwork

__all__ = ["TopologyOption", "write_order"]

TopologyOption = Annotated[
    bool,
    typer.Option(
        "--topology", help="Write the topology beside the order: for very large networks."
    ),
]


def write_order(network: RoadNetwork, target: Path, *, topology: bool) -> None:
    """Compute the contraction order of a network and write it to `target`."""
    from unarmed_router.agency.travel import contraction_order  # noqa: PLC0415  # keeps --help fast
    from unarmed_router.travel_time.order_file import (  # noqa: PLC0415  # as above
        save_order,
        shape_digest,
    )

    tail, head = network.tail, network.head
    rank = contraction_order(network)
    save_order(target, rank, shape=shape_digest(network.nodes, tail, head))
    if topology:
        from unarmed_router.travel_time.topology import Topology  # noqa: PLC0415  # as above
        from unarmed_router.travel_time.topology_file import save_topology  # noqa: PLC0415

        exits = network.exit_node
        built = Topology.build(rank=rank, tail=tail, head=head, twin=network.twin, exit_node=exits)
        shape = shape_digest(network.nodes, tail, head, exits)
        save_topology(target.with_suffix(".topology"), built, shape=shape)
