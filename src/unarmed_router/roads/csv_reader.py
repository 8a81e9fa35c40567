"""Read a road network from two CSV files: nodes and arcs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.roads.csv_table import FIRST_ROW, CsvTable, plain
from unarmed_router.roads.network import RoadNetwork

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

__all__ = ["read_csv_network"]


def read_csv_network(
    nodes: str | os.PathLike[str],
    arcs: str | os.PathLike[str],
    *,
    minimum_ms: int = 0,
    metadata: Mapping[str, str] | None = None,
) -> RoadNetwork:
    """Read nodes and arcs; either file may be compressed (``.gz``).

    Parameters
    ----------
    nodes : path-like
        Columns ``node`` (any text, unique), ``lon``, ``lat`` (WGS 84 degrees).
    arcs : path-like
        Columns ``tail``, ``head``, ``length_m``, ``class``, and the time: either ``free_flow_s``,
        or ``speed_kph`` with an optional ``delay_s`` added to it. Optional ``name``, and
        ``geometry``: interior vertices from tail to head, as ``lon lat;lon lat``. Optional
        ``way_id``: the OpenStreetMap way, 0 for none.
    minimum_ms : int
        0 refuses arcs of zero length or time; above 0, they take this time and are counted.
    metadata : mapping of str to str, optional
        Title, publisher, limits; by default the file names as ``source``.

    Raises
    ------
    NetworkError
        Naming the file, the row (the header is row 1), the column, the value and the remedy.
    """
    places = CsvTable(nodes, ("node", "lon", "lat"))
    roads = CsvTable(arcs, ("tail", "head", "length_m", "class"))
    number = _numbered(places)
    source = f"{Path(nodes).name}, {Path(arcs).name}"
    return RoadNetwork.from_arcs(
        node_lon=_degrees(places, "lon", 180),
        node_lat=_degrees(places, "lat", 90),
        tail=_ends(roads, "tail", number, places.name),
        head=_ends(roads, "head", number, places.name),
        free_flow_ms=_milliseconds(roads),
        length_m=roads.numbers("length_m"),
        road_class=roads.texts("class"),
        names=roads.texts("name") if "name" in roads else None,
        shapes=_shapes(roads) if "geometry" in roads else None,
        way_ids=roads.whole_numbers("way_id") if "way_id" in roads else None,
        metadata={"source": source} if metadata is None else metadata,
        minimum_ms=minimum_ms,
        source=roads.name,
        first_row=FIRST_ROW,
    )


def _degrees(places: CsvTable, title: str, limit: int) -> npt.NDArray[np.float64]:
    """Return one coordinate of all nodes; the builder would call a broken one by the arcs' file."""
    degrees = places.numbers(title)
    for row in np.flatnonzero(np.abs(degrees) > limit)[:1]:
        rule = f"must lie in [-{limit}, {limit}], WGS 84 degrees; are lon and lat swapped?"
        places.refuse(int(row), title, rule)
    return degrees


def _numbered(places: CsvTable) -> dict[str, int]:
    """Give the node ids numbers in the order of the file."""
    number: dict[str, int] = {}
    for row, node in enumerate(places.texts("node")):
        if not node:
            places.refuse(row, "node", "is no id; give the node one, or remove the row")
        if number.setdefault(node, row) != row:
            earlier = number[node] + FIRST_ROW
            places.refuse(row, "node", f"is already in row {earlier}; a node is listed once")
    return number


def _ends(
    roads: CsvTable, title: str, number: dict[str, int], source: str
) -> npt.NDArray[np.int64]:
    """Look up the nodes at one end of all arcs; ids are compared as text."""
    found = [number.get(node, -1) for node in roads.texts(title)]
    ends = np.array(found, dtype=np.int64)
    unknown = np.flatnonzero(ends < 0)
    if unknown.size:
        roads.refuse(int(unknown[0]), title, f"is not a node of {source}; add it or drop the arc")
    return ends


def _milliseconds(roads: CsvTable) -> npt.NDArray[np.float64]:
    """Return the time of each arc; the builder rounds it."""
    if "free_flow_s" in roads:
        return roads.numbers("free_flow_s") * 1000.0
    if "speed_kph" not in roads:
        raise NetworkError(
            f"{roads.name}: neither column free_flow_s nor speed_kph; a speed is never assumed, "
            "add one of them"
        )
    driving = roads.numbers("length_m") / (roads.numbers("speed_kph", above=0.0) / 3.6)
    if "delay_s" not in roads:
        return driving * 1000.0
    delay = roads.numbers("delay_s")
    negative = np.flatnonzero(delay < 0.0)
    if negative.size:
        roads.refuse(int(negative[0]), "delay_s", "must be at least 0")
    return (driving + delay) * 1000.0


def _shapes(roads: CsvTable) -> list[npt.NDArray[np.float64]]:
    """Parse the interior vertices of each arc; empty for a straight one."""
    straight = np.empty((0, 2))
    shapes = []
    for row, text in enumerate(roads.texts("geometry")):
        if not text:
            shapes.append(straight)
            continue
        try:
            pairs = np.array([pair.split() for pair in plain(text).split(";")], dtype=np.float64)
            shapes.append(pairs.reshape(len(pairs), 2))
        except ValueError:
            roads.refuse(row, "geometry", 'is not a list of vertices; write "lon lat;lon lat"')
    return shapes
