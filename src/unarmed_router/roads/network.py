"""The road network: nodes, directed arcs and their geometry as frozen arrays."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from unarmed_router.roads.building import BuildReport, build_arrays
from unarmed_router.roads.reweighting import reweighted
from unarmed_router.roads.standing import TURN_CLASS
from unarmed_router.roads.structure import check_structure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import networkx as nx

    from unarmed_router.roads.checks import Labels, Shapes
    from unarmed_router.roads.reweighting import ArcTimes, Factors

__all__ = ["ARRAY_TYPES", "OPTIONAL_TYPES", "TURN_CLASS", "RoadNetwork", "array_types"]

# Name and element type of every array, in the order they are hashed and stored.
ARRAY_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "first_out": "<i4",
        "tail": "<i4",
        "head": "<i4",
        "twin": "<i4",
        "free_flow_ms": "<i4",
        "length_m": "<f4",
        "road_class": "|u1",
        "name_index": "<i4",
        "node_lon": "<f8",
        "node_lat": "<f8",
        "shape_first": "<i4",
        "shape_lon": "<f8",
        "shape_lat": "<f8",
    }
)
OPTIONAL_TYPES: Mapping[str, str] = MappingProxyType({"way_id": "<i8", "exit_node": "<i4"})
"""Arrays a network may do without; a network without them has the digest it always had."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class RoadNetwork:
    """A directed road network of n nodes and m arcs: every road leads to every other.

    Arcs are sorted by tail, then head, then the order they were given in. Arrays are read-only; a
    writeable array handed to the constructor is copied. Use `from_arcs` to build one: the
    constructor checks only that the arrays fit together.

    Parameters
    ----------
    first_out : int32 array, shape (n + 1,)
        The arcs leaving node v are ``first_out[v] : first_out[v + 1]``.
    tail, head : int32 array, shape (m,)
        Nodes at the two ends of each arc.
    twin : int32 array, shape (m,)
        The arc of the same road in the other direction; -1 on a one-way road. Its ends lie where
        the arc's do, which at a junction with restricted turns may be other nodes.
    free_flow_ms : int32 array, shape (m,)
        Time along the arc without congestion, milliseconds, at least 1.
    length_m : float32 array, shape (m,)
        Metres.
    road_class : uint8 array, shape (m,)
        Index into `classes`.
    name_index : int32 array, shape (m,)
        Index into `names`; -1 where the road has none.
    node_lon, node_lat : float64 array, shape (n,)
        WGS 84 degrees.
    shape_first : int32 array, shape (m + 1,)
        The interior vertices of arc a are ``shape_first[a] : shape_first[a + 1]``, tail to head.
    shape_lon, shape_lat : float64 array
        WGS 84 degrees of all interior vertices.
    classes, names : tuple of str
        Road classes and road names.
    way_id : int64 array, shape (m,), optional
        OpenStreetMap way each arc is of, or of the longest part of it; 0 where there is none.
    exit_node : int32 array, shape (m,), optional
        Node at which a team that stands on an arc comes out; without the array, `head`. It lies
        where the head does. In the middle of a restriction over several roads the two differ: who
        drives along may have begun what is forbidden, who starts there has not. Those who have
        begun less drive over the road by an arc of their own, on which nobody stands: -1.
    metadata : mapping of str to str
        What is known about the source: title, publisher, limits.
    report : BuildReport
        What the builder dropped or changed.

    Raises
    ------
    NetworkError
        The arrays do not fit together.
    """

    first_out: npt.NDArray[np.int32]
    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    twin: npt.NDArray[np.int32]
    free_flow_ms: npt.NDArray[np.int32]
    length_m: npt.NDArray[np.float32]
    road_class: npt.NDArray[np.uint8]
    name_index: npt.NDArray[np.int32]
    node_lon: npt.NDArray[np.float64]
    node_lat: npt.NDArray[np.float64]
    shape_first: npt.NDArray[np.int32]
    shape_lon: npt.NDArray[np.float64]
    shape_lat: npt.NDArray[np.float64]
    classes: tuple[str, ...]
    names: tuple[str, ...] = ()
    way_id: npt.NDArray[np.int64] | None = None
    exit_node: npt.NDArray[np.int32] | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    report: BuildReport = field(default_factory=BuildReport)

    def __post_init__(self) -> None:
        for name, dtype in array_types(self).items():
            object.__setattr__(self, name, _frozen(getattr(self, name), dtype))
        object.__setattr__(self, "metadata", dict(self.metadata))
        check_structure(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take a copy, or what was pickled: numpy makes writeable arrays of it."""
        self.__dict__.update(state)
        for name in array_types(self):
            getattr(self, name).flags.writeable = False

    @classmethod
    def from_arcs(
        cls,
        *,
        node_lon: npt.ArrayLike,
        node_lat: npt.ArrayLike,
        tail: npt.ArrayLike,
        head: npt.ArrayLike,
        free_flow_ms: npt.ArrayLike,
        length_m: npt.ArrayLike,
        road_class: Sequence[str] | Labels,
        names: Sequence[str] | Labels | None = None,
        shapes: Sequence[npt.ArrayLike] | Shapes | None = None,
        way_ids: npt.ArrayLike | None = None,
        twins: npt.ArrayLike | None = None,
        exits: npt.ArrayLike | None = None,
        metadata: Mapping[str, str] | None = None,
        minimum_ms: int = 0,
        source: str = "arcs",
        first_row: int = 0,
    ) -> RoadNetwork:
        """Check raw arcs and build the network of their largest strongly connected component.

        Where arcs have exits, a road stays that can be reached from that component, and from
        whose exit the component can be reached.

        Self-loops are dropped. Arcs that agree in ends, length (to the millimetre) and geometry
        are reduced to the fastest; other parallel arcs are kept. What was dropped is counted in
        `report`.

        Parameters
        ----------
        node_lon, node_lat : array_like of float, shape (n,)
            WGS 84 degrees.
        tail, head : array_like of int, shape (m,)
            Indices of nodes.
        free_flow_ms : array_like of float, shape (m,)
            Milliseconds, rounded to the nearest; above 0 and at most 6 hours.
        length_m : array_like of float, shape (m,)
            Metres, above 0 and at most 500,000. Nor may a road reach farther as the crow flies.
        road_class : sequence of str, length m, or Labels
            The class of each arc; at most 255 distinct ones.
        names : sequence of str, length m, or Labels, optional
            Road names; empty for none.
        shapes : sequence of array_like, length m, or Shapes, optional
            Interior vertices of each arc, tail to head, as (k, 2) arrays of (lon, lat).
        way_ids : array_like of int, shape (m,), optional
            OpenStreetMap way of each arc, or of the longest part of it; 0 where there is none.
            Observed speeds are joined by it.
        twins : array_like of int, shape (m,), optional
            The arc of the same road in the other direction, -1 for none; where not given, arcs
            are paired by ends, length and geometry.
        exits : array_like of int, shape (m,), optional
            Node at which a team that stands on each arc comes out, at the place of the head, or -1
            on an arc that is only driven over; the head by default.
        metadata : mapping of str to str, optional
            Title, publisher, limits.
        minimum_ms : int
            0 refuses arcs of zero time or length; above 0, such arcs take this time and are
            counted.
        source : str
            How error messages call the input.
        first_row : int
            The number error messages give to the first arc.

        Raises
        ------
        NetworkError
            Naming the source, the rows, the value, the rule and the remedy; or no road leads there
            and back.
        """
        columns, report = build_arrays(
            node_lon=node_lon,
            node_lat=node_lat,
            tail=tail,
            head=head,
            free_flow_ms=free_flow_ms,
            length_m=length_m,
            road_class=road_class,
            names=names,
            shapes=shapes,
            way_ids=way_ids,
            twins=twins,
            exits=exits,
            minimum_ms=minimum_ms,
            source=source,
            first_row=first_row,
        )
        return cls(**columns, metadata=metadata or {}, report=report)

    @classmethod
    def from_networkx(cls, graph: nx.MultiDiGraph, **options: Any) -> RoadNetwork:
        """Read an osmnx graph; see `roads.networkx_reader.from_networkx` for the options."""
        from unarmed_router.roads.networkx_reader import from_networkx  # noqa: PLC0415  # optional path

        return from_networkx(graph, **options)

    def with_speeds(
        self, factors: Factors | None = None, *, arc_times_s: ArcTimes | None = None
    ) -> RoadNetwork:
        """Return the same roads with other free-flow times, and so with another digest.

        Parameters
        ----------
        factors : mapping of str to float, or array_like of float of shape (m,), optional
            Factor from 0.1 to 10 on the time of each road class (1 where none is given), or of
            each arc.
        arc_times_s : mapping of int to float, or array_like of float of shape (m,), optional
            In place of factors, seconds of some arcs by their number, or of each arc; above 0 and
            at most 6 hours. NaN keeps an arc's time.

        Returns
        -------
        RoadNetwork
            A contraction order and a topology of this network hold for it as well: they do not
            know times.

        Raises
        ------
        InputError
            Both or neither are given, an unknown class or arc, another number of arcs, or a value
            out of range; the message names the arcs.
        """
        return replace(self, free_flow_ms=reweighted(self, factors, arc_times_s))

    def __repr__(self) -> str:
        title = self.metadata.get("title", "untitled")
        return f"RoadNetwork({title!r}, {self.nodes} nodes, {self.arcs} arcs)"

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return int(self.node_lon.shape[0])

    @property
    def arcs(self) -> int:
        """Number of directed arcs."""
        return int(self.head.shape[0])

    @property
    def places(self) -> npt.NDArray[np.bool_]:
        """Mark the arcs on which somebody may stand: roads, no turns, and no other way over one."""
        turn = np.array([name == TURN_CLASS for name in self.classes], bool)
        marks: npt.NDArray[np.bool_] = ~turn[self.road_class]
        return marks if self.exit_node is None else marks & (self.exit_node >= 0)

    @property
    def once(self) -> npt.NDArray[np.bool_]:
        """Mark one arc of each road, so that a two-way road counts once; turns are none."""
        marks: npt.NDArray[np.bool_] = (self.twin < 0) | (np.arange(self.arcs) < self.twin)
        return marks & self.places

    def km_by_class(self) -> dict[str, float]:
        """Length of the roads of each class, each road once, km; in the order of the classes."""
        once = self.once
        metres = np.bincount(
            self.road_class[once], self.length_m[once], minlength=len(self.classes)
        )
        return dict(zip(self.classes, (metres / 1000.0).tolist(), strict=True))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything routing reads: arrays, classes and names; the same on any machine.

        An optional array counts where there is one. Metadata and report, which only describe the
        network, do not.
        """
        sha = hashlib.sha256(json.dumps([self.classes, self.names]).encode())
        for name, dtype in array_types(self).items():
            array = getattr(self, name)
            sha.update(f"{name} {dtype} {array.shape[0]}\n".encode())
            sha.update(np.ascontiguousarray(array, dtype=dtype).data)
        return sha.hexdigest()


def array_types(network: RoadNetwork) -> dict[str, str]:
    """Return name and element type of every array a network has, as they are hashed and stored."""
    present = {
        name: dtype for name, dtype in OPTIONAL_TYPES.items() if getattr(network, name) is not None
    }
    return {**ARRAY_TYPES, **present}


def _frozen(array: npt.NDArray[Any], dtype: str) -> npt.NDArray[Any]:
    """Return a read-only array of `dtype` in native order; a writeable one is copied first."""
    fixed = np.ascontiguousarray(array, dtype=np.dtype(dtype).newbyteorder("="))
    if fixed.flags.writeable:
        fixed = fixed.copy() if fixed is array or fixed.base is not None else fixed
        fixed.flags.writeable = False
    return fixed
