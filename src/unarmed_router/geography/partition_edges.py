"""Lead an edge through the vertices it passes closely: a corner of one neighbour on another's side.

Rounding moves the corner and the side apart. Left alone, they would enclose a sliver a centimetre
wide and as long as the side; led through, both neighbours have the same two edges.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["edges_through_vertices"]

Geometries = npt.NDArray[np.object_]


def edges_through_vertices(lines: Geometries, *, reach: float) -> Geometries:
    """Split lines into edges, each led through every vertex within reach of it.

    Parameters
    ----------
    lines : ndarray of shapely lines
        Rings of all polygons.
    reach : float
        In the units of the coordinates; no edge moves farther than this.

    Returns
    -------
    ndarray of shapely lines
        Each distinct edge once; one that was led through vertices has more than two points.
    """
    ends = _distinct_edges(lines)
    starts, stops = ends[:, :2], ends[:, 2:]
    edges = shapely.linestrings(ends.reshape(-1, 2, 2))
    vertices = np.unique(ends.reshape(-1, 2), axis=0)
    near, edge = shapely.STRtree(edges).query(
        shapely.points(vertices), predicate="dwithin", distance=reach
    )
    along = stops[edge] - starts[edge]
    share = np.sum((vertices[near] - starts[edge]) * along, axis=1) / np.sum(along**2, axis=1)
    between = (share > 0.0) & (share < 1.0)
    near, edge, share = near[between], edge[between], share[between]
    # Along each edge in order; where two vertices are level, by place, so it is always the same.
    order = np.lexsort((near, share, edge))
    near, edge = near[order], edge[order]
    changed, first = np.unique(edge, return_index=True)
    groups = np.split(near, first[1:]) if near.size else []
    for place, through in zip(changed.tolist(), groups, strict=True):
        path = np.vstack([starts[place], vertices[through], stops[place]])
        edges[place] = shapely.LineString(path)
    return np.asarray(edges, dtype=object)


def _distinct_edges(lines: Geometries) -> npt.NDArray[np.float64]:
    """List each edge once, whichever way it runs; edges of no length are dropped."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    pairs = np.hstack([xy[:-1], xy[1:]])[line[:-1] == line[1:]]
    west, east = pairs[:, :2], pairs[:, 2:]
    swap = (west[:, 0] > east[:, 0]) | ((west[:, 0] == east[:, 0]) & (west[:, 1] > east[:, 1]))
    pairs[swap] = pairs[swap][:, [2, 3, 0, 1]]
    pairs = pairs[np.any(pairs[:, :2] != pairs[:, 2:], axis=1)]
    return np.asarray(np.unique(pairs, axis=0), dtype=np.float64)
