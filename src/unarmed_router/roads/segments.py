"""The segments of a network's roads, and the grid that finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.kernels.segment_cells import segment_lengths, segments_by_cell

if TYPE_CHECKING:
    from unarmed_router.roads.network import RoadNetwork

__all__ = ["RoadSegments", "SegmentGrid"]

_MAX_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class RoadSegments:
    """Every straight piece of every road, a two-way road listed once, by its lower arc.

    Parameters
    ----------
    ends : float64 array, shape (s, 4)
        lon, lat of the start, lon, lat of the end, in the direction of the arc.
    arc : int32 array, shape (s,)
        The arc it is a piece of.
    before, after : float64 array, shape (s,)
        The part of the arc's length, 0 to 1, that lies before the piece's start and its end.
    """

    ends: npt.NDArray[np.float64]
    arc: npt.NDArray[np.int32]
    before: npt.NDArray[np.float64]
    after: npt.NDArray[np.float64]

    @classmethod
    def of(cls, network: RoadNetwork, kept: npt.NDArray[np.bool_]) -> RoadSegments:
        """Cut the kept roads of a network into segments, ordered by arc, then tail to head."""
        listed = np.flatnonzero(kept & network.once)
        vertices, first = _polylines(network, listed)
        # Every vertex but the last of an arc starts a segment.
        starts = np.ones(vertices.shape[0], dtype=bool)
        starts[first[1:] - 1] = False
        start = np.flatnonzero(starts)
        ends = np.hstack((vertices[start], vertices[start + 1]))
        sizes = np.diff(first) - 1
        length = segment_lengths(ends)
        arc_start = np.cumsum(sizes) - sizes
        total = np.add.reduceat(length, arc_start)
        # A road of no extent has total 0: every point of it is its tail.
        share = length / np.repeat(np.where(total > 0.0, total, 1.0), sizes)
        walked = np.cumsum(share) - share
        # By rounding a piece after one of no length may begin before the arc does.
        before = np.clip(walked - np.repeat(walked[arc_start], sizes), 0.0, 1.0)
        after = np.append(before[1:], 0.0)
        after[first[1:] - 1 - np.arange(1, listed.size + 1)] = total > 0.0  # the head is 1 exactly
        return cls(ends, np.repeat(listed, sizes).astype(np.int32), before, after)


@dataclass(frozen=True, slots=True)
class SegmentGrid:
    """A uniform grid over segments; `grid`, `first`, `listed` as in `kernels.segment_cells`."""

    grid: npt.NDArray[np.float64]
    first: npt.NDArray[np.int32]
    listed: npt.NDArray[np.int32]

    @classmethod
    def over(cls, ends: npt.NDArray[np.float64]) -> SegmentGrid:
        """Lay a grid of about two cells a segment, square on the ground, over segments."""
        low = np.minimum(ends[:, :2], ends[:, 2:]).min(axis=0)
        high = np.maximum(ends[:, :2], ends[:, 2:]).max(axis=0)
        per_degree = np.array(metres_per_degree(float((low[1] + high[1]) / 2)))
        extent_m = np.maximum((high - low) * per_degree, 1.0)
        cells = min(2 * ends.shape[0] + 16, _MAX_CELLS)
        # A long thin network would otherwise be cut into one row of very many cells.
        size_m = max(float(np.sqrt(extent_m.prod() / cells)), float(extent_m.max()) / cells)
        counts = np.floor(extent_m / size_m).astype(np.int64) + 1
        grid = np.concatenate((low, size_m / per_degree, counts.astype(np.float64)))
        first, listed = segments_by_cell(ends, grid)
        return cls(grid, first, listed)


def _polylines(
    network: RoadNetwork, arcs: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return all vertices (lon, lat) of the arcs, ends included, and where each arc begins."""
    interior = np.diff(network.shape_first)[arcs].astype(np.int64)
    first = np.concatenate(([0], np.cumsum(interior + 2)))
    vertices = np.empty((int(first[-1]), 2))
    shift = np.repeat(first[:-1] + 1 - np.concatenate(([0], np.cumsum(interior)[:-1])), interior)
    target = shift + np.arange(int(interior.sum()))
    source = np.repeat(network.shape_first[arcs].astype(np.int64) - first[:-1] - 1, interior)
    for axis, (node, shape) in enumerate(
        ((network.node_lon, network.shape_lon), (network.node_lat, network.shape_lat))
    ):
        vertices[first[:-1], axis] = node[network.tail[arcs]]
        vertices[first[1:] - 1, axis] = node[network.head[arcs]]
        vertices[target, axis] = shape[target + source]
    return vertices, first
