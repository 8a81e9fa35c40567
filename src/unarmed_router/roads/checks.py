"""What raw arcs must satisfy before a network is built of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.roads.columns import unmasked, value_column, whole_numbers
from unarmed_router.roads.extent import reaches

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MAX_ARC_M", "MAX_ARC_MS", "Labels", "RawArcs", "Shapes", "checked"]

# Six hours: no road segment takes longer, and a metric of ten times this still fits int32.
MAX_ARC_MS = 6 * 3_600_000

MAX_ARC_M = 500_000.0
"""Metres: nobody drives farther in six hours."""

_MAX_CLASSES = 255
_ROWS_SHOWN = 5


class Labels(NamedTuple):
    """A column of texts, each distinct text stored once.

    Parameters
    ----------
    rows : int64 array, shape (m,)
        Row of `texts` of each item.
    texts : tuple of str
        Distinct texts.
    """

    rows: npt.NDArray[np.int64]
    texts: tuple[str, ...]


class Shapes(NamedTuple):
    """Interior vertices of all arcs in one table.

    Parameters
    ----------
    first : int64 array, shape (m + 1,)
        Those of arc a are ``vertices[first[a] : first[a + 1]]``, tail to head.
    vertices : float64 array, shape (v, 2)
        Longitude and latitude, degrees.
    """

    first: npt.NDArray[np.int64]
    vertices: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RawArcs:
    """Checked columns, one row an arc as given; `zero` marks the times raised to the minimum."""

    node_lon: npt.NDArray[np.float64]
    node_lat: npt.NDArray[np.float64]
    tail: npt.NDArray[np.int64]
    head: npt.NDArray[np.int64]
    time_ms: npt.NDArray[np.int64]
    length_m: npt.NDArray[np.float64]
    zero: npt.NDArray[np.bool_]
    road_class: Labels
    names: Labels
    shape_first: npt.NDArray[np.int64]
    shape_lon: npt.NDArray[np.float64]
    shape_lat: npt.NDArray[np.float64]
    way_ids: npt.NDArray[np.int64] | None
    twins: npt.NDArray[np.int64] | None
    exits: npt.NDArray[np.int64] | None

    @property
    def nodes(self) -> int:
        """Number of nodes given."""
        return int(self.node_lon.shape[0])

    @property
    def arcs(self) -> int:
        """Number of arcs given."""
        return int(self.tail.shape[0])


@dataclass(frozen=True, slots=True)
class _Rows:
    """Refuses marked rows, naming the source, the first rows and the first value."""

    source: str
    first_row: int

    def refuse(
        self, bad: npt.NDArray[np.bool_], values: npt.NDArray[Any], what: str, remedy: str
    ) -> None:
        """Raise when any row is marked."""
        at = np.flatnonzero(bad)
        if not at.size:
            return
        shown = ", ".join(str(int(row) + self.first_row) for row in at[:_ROWS_SHOWN])
        more = f" and {at.size - _ROWS_SHOWN} more" if at.size > _ROWS_SHOWN else ""
        raise NetworkError(f"{self.source}: {what} {values[at[0]]} in row {shown}{more}; {remedy}")


def checked(
    *,
    node_lon: npt.ArrayLike,
    node_lat: npt.ArrayLike,
    tail: npt.ArrayLike,
    head: npt.ArrayLike,
    free_flow_ms: npt.ArrayLike,
    length_m: npt.ArrayLike,
    road_class: Sequence[str] | Labels,
    names: Sequence[str] | Labels | None,
    shapes: Sequence[npt.ArrayLike] | Shapes | None,
    way_ids: npt.ArrayLike | None,
    twins: npt.ArrayLike | None,
    exits: npt.ArrayLike | None,
    minimum_ms: int,
    source: str,
    first_row: int,
) -> RawArcs:
    """Return the columns as checked arrays; see `RoadNetwork.from_arcs` for the rules."""
    rows = _Rows(source, first_row)
    lon = value_column(source, "node_lon", node_lon, np.float64)
    lat = value_column(source, "node_lat", node_lat, np.float64)
    tails, heads = (whole_numbers(source, *end) for end in (("tail", tail), ("head", head)))
    time = value_column(source, "free_flow_ms", free_flow_ms, np.float64)
    length = value_column(source, "length_m", length_m, np.float64)
    arcs = tails.shape[0]
    classes = _labelled(rows, "road_class", road_class)
    labels = Labels(np.zeros(arcs, np.int64), ("",))
    if names is not None:
        labels = _labelled(rows, "names", names)
    _check_sizes(source, lon, lat, tails, (heads, time, length, classes.rows, labels.rows))
    _check_places(_Rows(f"{source} (nodes)", 0), lon, lat)
    _check_ends(rows, tails, heads, lon.shape[0])
    time_ms, zero = _checked_times(rows, time, length, tails == heads, minimum_ms)
    empty = np.array([text == "" for text in classes.texts], bool)[classes.rows]
    rows.refuse(empty, np.full(arcs, ""), "an empty road class", "name the class of every arc")
    if np.unique(classes.rows).size > _MAX_CLASSES:
        raise NetworkError(f"{source}: over {_MAX_CLASSES} road classes; merge the rare ones")
    shape_first, vertices = _checked_shapes(rows, shapes, arcs)
    ends = ((lon[tails], lat[tails]), (lon[heads], lat[heads]))
    far = reaches(*ends, shape_first, vertices)
    remedy = "an arc is at most 500 km long; correct its places, which may not cross 180 degrees"
    rows.refuse(far > 1.01 * MAX_ARC_M, np.rint(far), "a reach in metres of", remedy)
    return RawArcs(
        node_lon=lon,
        node_lat=lat,
        tail=tails,
        head=heads,
        time_ms=time_ms,
        length_m=length,
        zero=zero,
        road_class=classes,
        names=labels,
        shape_first=shape_first,
        shape_lon=np.ascontiguousarray(vertices[:, 0]),
        shape_lat=np.ascontiguousarray(vertices[:, 1]),
        way_ids=_checked_ways(source, way_ids, arcs),
        twins=_checked_twins(rows, twins, arcs),
        exits=_checked_exits(rows, exits, heads, (lon, lat)),
    )


def _labelled(rows: _Rows, name: str, column: Sequence[str] | Labels) -> Labels:
    """Return texts as labels; a missing one would be a road that is called None, or nan."""
    if isinstance(column, Labels):
        return column
    given = value_column(rows.source, name, column, object)
    bad = np.array([not isinstance(text, str) for text in given], bool)
    rows.refuse(bad, given, name, "give text, empty for none")
    texts, index = np.unique(given.astype(np.str_), return_inverse=True)
    return Labels(index.astype(np.int64), tuple(str(text) for text in texts))


def _checked_twins(
    rows: _Rows, twins: npt.ArrayLike | None, arcs: int
) -> npt.NDArray[np.int64] | None:
    """Return the twins as given, each pair naming each other."""
    if twins is None:
        return None
    twin = whole_numbers(rows.source, "twin", twins)
    if twin.shape != (arcs,):
        raise NetworkError(f"{rows.source}: {twin.size} twins for {arcs} arcs; give one each")
    rows.refuse((twin < -1) | (twin >= arcs), twin, "twin", f"it is an arc, 0 to {arcs - 1}, or -1")
    paired = np.flatnonzero(twin >= 0)
    alone = np.zeros(arcs, bool)
    alone[paired] = twin[twin[paired]] != paired
    rows.refuse(alone, twin, "twin", "two arcs of one road name each other")
    return twin


def _checked_exits(
    rows: _Rows,
    exits: npt.ArrayLike | None,
    heads: npt.NDArray[np.int64],
    places: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
) -> npt.NDArray[np.int64] | None:
    """Return the exits as given, each at the place of its arc's head."""
    if exits is None:
        return None
    nodes, lon, lat = whole_numbers(rows.source, "exit", exits), *places
    if nodes.shape != heads.shape:
        raise NetworkError(
            f"{rows.source}: {nodes.size} exits for {heads.size} arcs; give one each"
        )
    unknown = (nodes < -1) | (nodes >= lon.size)
    rows.refuse(unknown, nodes, "exit", f"it is a node, 0 to {lon.size - 1}, or -1")
    elsewhere = (nodes >= 0) & ((lon[nodes] != lon[heads]) | (lat[nodes] != lat[heads]))
    rows.refuse(elsewhere, nodes, "exit", "it lies where the arc's head does")
    return nodes


def _check_sizes(
    source: str,
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    tails: npt.NDArray[np.int64],
    others: tuple[Any, ...],
) -> None:
    arcs = tails.shape[0]
    if lon.shape != lat.shape or any(len(column) != arcs for column in others):
        raise NetworkError(f"{source}: columns differ in length; give one value per node or arc")
    if not lon.size or not arcs:
        raise NetworkError(f"{source}: {lon.size} nodes and {arcs} arcs; a network needs both")


def _check_places(rows: _Rows, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> None:
    # Negated comparisons, so that NaN is refused as well.
    remedy = "coordinates are WGS 84 degrees, (lon, lat)"
    rows.refuse(~(np.abs(lon) <= 180), lon, "longitude", f"it must lie in [-180, 180]; {remedy}")
    rows.refuse(~(np.abs(lat) <= 90), lat, "latitude", f"it must lie in [-90, 90]; {remedy}")


def _check_ends(
    rows: _Rows, tails: npt.NDArray[np.int64], heads: npt.NDArray[np.int64], nodes: int
) -> None:
    remedy = f"an arc joins nodes 0 to {nodes - 1}"
    rows.refuse((tails < 0) | (tails >= nodes), tails, "tail", remedy)
    rows.refuse((heads < 0) | (heads >= nodes), heads, "head", remedy)


def _checked_times(
    rows: _Rows,
    time: npt.NDArray[np.float64],
    length: npt.NDArray[np.float64],
    loops: npt.NDArray[np.bool_],
    minimum_ms: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return whole milliseconds and which of them were raised from zero; loops are let through."""
    remedy = "it must be finite and not negative"
    rows.refuse(~(np.isfinite(length) & (length >= 0)), length, "length", f"{remedy}, in metres")
    too_far = f"an arc is at most {MAX_ARC_M:.0f} m (500 km) long: is the unit metres?"
    rows.refuse(length > MAX_ARC_M, length, "length", too_far)
    rows.refuse(~(np.isfinite(time) & (time >= 0)), time, "time", f"{remedy}, in milliseconds")
    whole = np.rint(time)
    too_long = f"an arc takes at most {MAX_ARC_MS} ms (6 h): is the unit milliseconds?"
    rows.refuse(whole > MAX_ARC_MS, time, "time", too_long)
    zero = ((whole == 0) | (length == 0)) & ~loops
    if minimum_ms <= 0:
        allow = "correct the arc, or ask for zeros to be raised to 1 ms (minimum_ms=1)"
        rows.refuse(zero & (length == 0), length, "zero length", allow)
        rows.refuse(zero, time, "zero time", allow)
    raised = np.where(zero, np.maximum(whole, minimum_ms), whole)
    return raised.astype(np.int64), zero


def _checked_ways(
    source: str, way_ids: npt.ArrayLike | None, arcs: int
) -> npt.NDArray[np.int64] | None:
    """Return way ids as int64; a float would have lost digits of a large id already."""
    if way_ids is None:
        return None
    ways = np.asarray(unmasked(way_ids))
    if ways.shape != (arcs,):
        raise NetworkError(f"{source}: {ways.size} way ids for {arcs} arcs; give one each")
    if not np.issubdtype(ways.dtype, np.integer):
        raise NetworkError(
            f"{source}: way ids are of type {ways.dtype}; they are whole numbers, 0 for none"
        )
    return ways.astype(np.int64)


def _checked_shapes(
    rows: _Rows, shapes: Sequence[npt.ArrayLike] | Shapes | None, arcs: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return interior vertices as CSR offsets and one (k, 2) array of lon, lat."""
    if shapes is None:
        return np.zeros(arcs + 1, dtype=np.int64), np.empty((0, 2))
    if isinstance(shapes, Shapes):
        return _checked_vertices(rows, shapes)
    try:
        parts = [_pairs(shape) for shape in shapes]
    except (TypeError, ValueError, OverflowError) as error:
        raise NetworkError(
            f"{rows.source}: shapes must be pairs of (lon, lat) for each arc: {error}"
        ) from error
    if len(parts) != arcs:
        raise NetworkError(f"{rows.source}: {len(parts)} shapes for {arcs} arcs; give one each")
    sizes = np.array([part.shape[0] for part in parts], dtype=np.int64)
    first = np.concatenate(([0], np.cumsum(sizes)))
    return _checked_vertices(rows, Shapes(first, np.concatenate(parts)))


def _pairs(shape: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return vertices as a (k, 2) array; another shape of as many numbers is another line."""
    vertices = np.asarray(shape, dtype=np.float64)
    if vertices.size and (vertices.ndim != 2 or vertices.shape[1] != 2):
        raise ValueError(f"one has shape {vertices.shape}, not (k, 2)")
    return vertices.reshape(-1, 2)


def _checked_vertices(
    rows: _Rows, shapes: Shapes
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    first, vertices = shapes
    arcs, sizes = first.size - 1, np.diff(first)
    # `<=` is false for NaN, so one comparison refuses it too.
    fits = (np.abs(vertices) <= (180.0, 90.0)).all(axis=1)
    bad = np.zeros(arcs, dtype=bool)
    bad[np.repeat(np.arange(arcs), sizes)[~fits]] = True
    remedy = "vertices are WGS 84 degrees, (lon, lat)"
    rows.refuse(bad, np.array(["off the earth"] * arcs), "geometry", remedy)
    return first, vertices
