"""OpenStreetMap elements: as plain values, and as the columns an import works on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.roads.osm.way_use import street_name

__all__ = ["Member", "Node", "OsmColumns", "OsmData", "Relation", "Way"]


class Node(NamedTuple):
    """A point."""

    id: int
    lon: float
    lat: float
    tags: Mapping[str, str] = {}


class Way(NamedTuple):
    """A line through nodes."""

    id: int
    nodes: tuple[int, ...]
    tags: Mapping[str, str] = {}


class Member(NamedTuple):
    """A member of a relation."""

    kind: Literal["node", "way", "relation"]
    ref: int
    role: str


class Relation(NamedTuple):
    """Elements that belong together; here turn restrictions."""

    id: int
    members: tuple[Member, ...]
    tags: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class OsmData:
    """An extract as columns.

    Parameters
    ----------
    source : str
        How messages call it.
    node_id : int64 array, shape (n,)
        Ids of the nodes that ways use, ascending.
    node_lon, node_lat : float64 array, shape (n,)
        WGS 84 degrees; NaN where the extract has no such node.
    node_tags : mapping of int to tags
        Of the nodes whose tags may matter, by id.
    way_id : int64 array, shape (w,)
        Ids of the ways.
    way_first : int64 array, shape (w + 1,)
        The nodes of way i are ``way_nodes[way_first[i] : way_first[i + 1]]``.
    way_nodes : int64 array
        Rows of `node_id`.
    way_tags : int32 array, shape (w,)
        Row of `tag_sets` of each way.
    tag_sets : tuple of mapping of str to str
        Distinct sets of the tags that rules read.
    way_name : int32 array, shape (w,)
        Row of `names` of each way.
    names : tuple of str
        Distinct street names; the first is empty.
    relations : tuple of Relation
        Turn restrictions.
    """

    source: str
    node_id: npt.NDArray[np.int64]
    node_lon: npt.NDArray[np.float64]
    node_lat: npt.NDArray[np.float64]
    node_tags: Mapping[int, Mapping[str, str]]
    way_id: npt.NDArray[np.int64]
    way_first: npt.NDArray[np.int64]
    way_nodes: npt.NDArray[np.int64]
    way_tags: npt.NDArray[np.int32]
    tag_sets: tuple[Mapping[str, str], ...]
    way_name: npt.NDArray[np.int32]
    names: tuple[str, ...]
    relations: tuple[Relation, ...]

    @classmethod
    def of(
        cls,
        nodes: Iterable[Node],
        ways: Iterable[Way],
        relations: Iterable[Relation] = (),
        *,
        source: str = "elements",
    ) -> OsmData:
        """Take plain elements.

        Raises
        ------
        NetworkError
            An id twice, or a node off the earth; names the element.
        """
        columns = OsmColumns(source)
        places: dict[int, tuple[float, float]] = {}
        for node in nodes:
            if node.id in places and places[node.id] != (node.lon, node.lat):
                raise NetworkError(f"{source}: node {node.id} is listed at two places; keep one")
            places[node.id] = (node.lon, node.lat)
            columns.add_node_tags(node.id, node.tags)
        for way in ways:
            columns.add_way(way.id, way.nodes, way.tags)
        for relation in relations:
            columns.add_relation(relation)
        return columns.finished(lambda ids: [places.get(int(ref)) for ref in ids])


_Place: TypeAlias = "tuple[float, float] | None"
_Locate: TypeAlias = Callable[[npt.NDArray[np.int64]], Iterable[_Place]]

_RULE_KEYS = frozenset(
    {
        "highway", "route", "service", "junction", "area", "hov", "impassable", "smoothness",
        "surface", "tracktype", "duration", "source:maxspeed", "zone:maxspeed", "zone:traffic",
    }
)  # fmt: skip
_RULE_HEADS = frozenset({"oneway", "access", "vehicle", "motor_vehicle", "motorcar", "maxspeed"})
_NODE_KEYS = frozenset(["barrier", "highway", "crossing", "traffic_calming", "railway"])


@dataclass(slots=True)
class OsmColumns:
    """Gathers elements one by one, and makes the columns of them."""

    source: str
    _ways: list[int] = field(default_factory=list)
    _sizes: list[int] = field(default_factory=list)
    _refs: list[npt.NDArray[np.int64]] = field(default_factory=list)
    _tag_rows: list[int] = field(default_factory=list)
    _tag_sets: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)
    _name_rows: list[int] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=lambda: {"": 0})
    _node_tags: dict[int, Mapping[str, str]] = field(default_factory=dict)
    _relations: list[Relation] = field(default_factory=list)
    _read: dict[str, bool] = field(default_factory=dict)

    def add_node_tags(self, ref: int, tags: Mapping[str, str]) -> None:
        """Keep the tags of a node where a rule may read them."""
        if not _NODE_KEYS.isdisjoint(tags):
            self._node_tags[ref] = dict(tags)

    def add_way(self, ref: int, nodes: Iterable[int], tags: Mapping[str, str]) -> None:
        """Take a way; of its tags only those that rules read, so that ways share their sets."""
        name = street_name(tags)
        read = tuple(sorted((k, v) for k, v in tags.items() if self._is_read(k)))
        refs = np.fromiter(nodes, np.int64)
        self._ways.append(ref)
        self._sizes.append(refs.size)
        self._refs.append(refs)
        self._tag_rows.append(self._tag_sets.setdefault(read, len(self._tag_sets)))
        self._name_rows.append(self._names.setdefault(name, len(self._names)))

    def add_relation(self, relation: Relation) -> None:
        """Take a relation where it is a turn restriction."""
        if relation.tags.get("type", "").partition(":")[0] == "restriction":
            self._relations.append(relation)

    def _is_read(self, key: str) -> bool:
        known = self._read.get(key)
        if known is None:
            known = key in _RULE_KEYS or key.partition(":")[0] in _RULE_HEADS
            self._read[key] = known
        return known

    def finished(self, locate: _Locate) -> OsmData:
        """Make the columns.

        Parameters
        ----------
        locate : callable
            Takes node ids; returns (lon, lat) of each in degrees, None where there is none.

        Raises
        ------
        NetworkError
            A way twice, or a node off the earth; names the element.
        """
        ways = np.array(self._ways, np.int64)
        distinct, counts = np.unique(ways, return_counts=True)
        if (counts > 1).any():
            twice = int(distinct[counts > 1][0])
            raise NetworkError(f"{self.source}: way {twice} is listed twice; keep one version")
        refs = np.concatenate(self._refs) if self._refs else np.empty(0, np.int64)
        ids, rows = np.unique(refs, return_inverse=True)
        self._refs.clear()
        lon, lat = self._located(ids, locate)
        return OsmData(
            source=self.source,
            node_id=ids,
            node_lon=lon,
            node_lat=lat,
            node_tags=self._node_tags,
            way_id=ways,
            way_first=np.concatenate(([0], np.cumsum(self._sizes, dtype=np.int64))),
            way_nodes=rows.astype(np.int64),
            way_tags=np.array(self._tag_rows, np.int32),
            tag_sets=tuple(dict(tags) for tags in self._tag_sets),
            way_name=np.array(self._name_rows, np.int32),
            names=tuple(self._names),
            relations=tuple(self._relations),
        )

    def _located(
        self, ids: npt.NDArray[np.int64], locate: _Locate
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        places = np.full((ids.size, 2), np.nan)
        for row, place in enumerate(locate(ids)):
            if place is not None:
                places[row] = place
        wrong = np.flatnonzero((np.abs(places[:, 0]) > 180.0) | (np.abs(places[:, 1]) > 90.0))
        if wrong.size:
            row = int(wrong[0])
            raise NetworkError(
                f"{self.source}: node {ids[row]} lies at lon {places[row, 0]}, lat "
                f"{places[row, 1]}, which is off the earth; correct or remove it"
            )
        return places[:, 0].copy(), places[:, 1].copy()
