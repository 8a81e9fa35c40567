"""From raw arcs to the arrays of a network: drop, reduce, cut, sort, pair; count all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.roads.checks import Labels, RawArcs, Shapes, checked
from unarmed_router.roads.pairing import (
    exact_duplicates,
    geometry_keys,
    given_twins,
    paired_anew,
    twins,
)
from unarmed_router.roads.standing import TURN_CLASS, Standing, standing

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BuildReport", "build_arrays"]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What the builder was given and what it dropped or changed.

    Parameters
    ----------
    nodes_given, arcs_given : int
        Size of the input.
    loops_dropped : int
        Arcs from a node to itself.
    duplicates_dropped : int
        Arcs that agreed with a faster one in ends, length and geometry.
    zeros_raised : int
        Arcs of zero time or length that were given the minimum time.
    components_cut : int
        Strongly connected components that were cut: all but the largest, and what hangs on it by
        the places where teams start.
    nodes_cut, arcs_cut : int
        Nodes that were cut, and arcs that were.
    """

    nodes_given: int = 0
    arcs_given: int = 0
    loops_dropped: int = 0
    duplicates_dropped: int = 0
    zeros_raised: int = 0
    components_cut: int = 0
    nodes_cut: int = 0
    arcs_cut: int = 0


def build_arrays(
    *,
    shapes: Sequence[npt.ArrayLike] | Shapes | None,
    names: Sequence[str] | Labels | None,
    **raw: Any,
) -> tuple[dict[str, Any], BuildReport]:
    """Check raw arcs and build the arrays of `RoadNetwork`; see `RoadNetwork.from_arcs`."""
    given = checked(shapes=shapes, names=names, **raw)
    keys, reversed_keys = geometry_keys(given.shape_first, given.shape_lon, given.shape_lat)
    loops = given.tail == given.head
    kept = np.flatnonzero(~loops)
    duplicated, repeated = exact_duplicates(given, keys, kept)
    if given.twins is not None:
        paired, needed = paired_anew(given.twins, duplicated, repeated)
        given, duplicated = replace(given, twins=paired), duplicated[~needed]
    kept = np.setdiff1d(kept, duplicated, assume_unique=True)
    found = _standing(given, kept)
    inside, left = found.nodes, kept[found.arcs]
    if not left.size:
        raise NetworkError(
            f"{raw['source']}: no two of its {given.nodes} nodes can be driven between both ways; "
            "a two-way road is an arc in each direction: check the one-way streets"
        )
    order = left[np.lexsort((left, given.head[left], given.tail[left]))]
    report = BuildReport(
        nodes_given=given.nodes,
        arcs_given=given.arcs,
        loops_dropped=int(loops.sum()),
        duplicates_dropped=int(duplicated.size),
        zeros_raised=int(given.zero[order].sum()),
        components_cut=found.cut,
        nodes_cut=int((~inside).sum()),
        arcs_cut=int(kept.size - left.size),
    )
    columns = _columns(given, order, inside)
    columns["twin"] = (
        twins(given, keys, reversed_keys, order)
        if given.twins is None
        else given_twins(given.twins, order)
    )
    return columns, report


def _standing(given: RawArcs, kept: npt.NDArray[np.int64]) -> Standing:
    """Find what stays of the kept arcs."""
    turn = np.array([text == TURN_CLASS for text in given.road_class.texts], bool)
    return standing(
        given.nodes,
        given.tail[kept],
        given.head[kept],
        exit_node=None if given.exits is None else given.exits[kept],
        twin=None if given.twins is None else given_twins(given.twins, kept).astype(np.int64),
        road=~turn[given.road_class.rows[kept]],
    )


def _columns(
    given: RawArcs, order: npt.NDArray[np.int64], inside: npt.NDArray[np.bool_]
) -> dict[str, Any]:
    """Gather the arcs in `order` and renumber the nodes that stay, in their given order."""
    number = np.cumsum(inside) - 1
    tail, head = number[given.tail[order]], number[given.head[order]]
    exits = head if given.exits is None else given.exits[order]
    exits = exits if given.exits is None else np.where(exits < 0, -1, number[exits])
    nodes = int(inside.sum())
    first_out = np.concatenate(([0], np.cumsum(np.bincount(tail, minlength=nodes))))
    classes, road_class = _numbered(given.road_class, order)
    names, name_index = _numbered(given.names, order)
    if names and names[0] == "":
        names, name_index = names[1:], name_index - 1
    shape_first, vertices = _gathered(given.shape_first, order)
    return {
        "first_out": first_out.astype(np.int32),
        "tail": tail.astype(np.int32),
        "head": head.astype(np.int32),
        "free_flow_ms": given.time_ms[order].astype(np.int32),
        "length_m": given.length_m[order].astype(np.float32),
        "road_class": road_class.astype(np.uint8),
        "classes": classes,
        "name_index": name_index.astype(np.int32),
        "names": names,
        "node_lon": given.node_lon[inside],
        "node_lat": given.node_lat[inside],
        "shape_first": shape_first,
        "shape_lon": given.shape_lon[vertices],
        "shape_lat": given.shape_lat[vertices],
        "way_id": None if given.way_ids is None else given.way_ids[order],
        "exit_node": None if np.array_equal(exits, head) else exits.astype(np.int32),
    }


def _numbered(
    labels: Labels, order: npt.NDArray[np.int64]
) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """Give the distinct texts that stay numbers in sorted order."""
    used, index = np.unique(labels.rows[order], return_inverse=True)
    texts = [labels.texts[number] for number in used.tolist()]
    rank = sorted(range(len(texts)), key=texts.__getitem__)
    place = np.empty(len(texts), np.int64)
    place[rank] = np.arange(len(texts))
    return tuple(texts[number] for number in rank), place[index]


def _gathered(
    first: npt.NDArray[np.int64], order: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the CSR offsets and the item numbers of the runs of `first` taken in `order`."""
    sizes = np.diff(first)[order]
    new_first = np.concatenate(([0], np.cumsum(sizes)))
    shift = np.repeat(first[order] - new_first[:-1], sizes)
    return new_first.astype(np.int32), shift + np.arange(int(new_first[-1]))
