"""Read a graph that osmnx saved as GraphML."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unarmed_router.errors import NetworkError
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.networkx_reader import from_networkx
from unarmed_router.roads.osm.maxspeed import speed_limit
from unarmed_router.roads.osm.profile import DrivingProfile

__all__ = ["GraphmlImport", "read_graphml"]


@dataclass(frozen=True, slots=True)
class GraphmlImport:
    """A network, and how many of the graph's edges took their speed from the profile."""

    network: RoadNetwork
    edges: int
    speeds_from_profile: int


def read_graphml(
    path: str | os.PathLike[str],
    profile: DrivingProfile,
    *,
    minimum_ms: int = 0,
    metadata: Mapping[str, str] | None = None,
) -> GraphmlImport:
    """Build a network of a saved osmnx graph.

    Access, barriers and turn restrictions are as osmnx left them: build from an OpenStreetMap file
    for those. An edge without ``travel_time`` and ``speed_kph`` takes the limit it is tagged with,
    or the speed of its class in the profile.

    Parameters
    ----------
    path : path-like
        As ``osmnx.save_graphml`` writes it.
    profile : DrivingProfile
        Speeds of classes.
    minimum_ms, metadata
        As in `RoadNetwork.from_networkx`.

    Raises
    ------
    NetworkError
        No such file, no GraphML of osmnx, or an edge whose class the profile does not know.
    """
    import networkx as nx  # noqa: PLC0415  # heavy
    import osmnx  # noqa: PLC0415  # as above
    from shapely.errors import ShapelyError  # noqa: PLC0415  # as above

    file = Path(path)
    if not file.is_file():
        raise NetworkError(f"{file}: no such file; check the path")
    try:
        graph = osmnx.load_graphml(file)
    # Errors of the parser, of the graph and of its lines, and a graph without what osmnx writes:
    # whatever it is, it is no graph of osmnx.
    except (
        nx.NetworkXException,
        ShapelyError,
        KeyError,
        TypeError,
        ValueError,
        SyntaxError,
        AttributeError,
    ) as fault:
        raise NetworkError(f"{file}: no GraphML as osmnx saves it: {fault}") from fault
    assumed = 0
    for tail, head, data in graph.edges(data=True):
        if data.get("travel_time") is None and data.get("speed_kph") is None:
            data["speed_kph"] = _kph(data, profile, f"{file}: edge {tail} to {head}")
            assumed += 1
    network = from_networkx(graph, minimum_ms=minimum_ms, metadata=metadata)
    return GraphmlImport(network, graph.number_of_edges(), assumed)


def _kph(data: Mapping[str, Any], profile: DrivingProfile, edge: str) -> float:
    tagged = [{"maxspeed": text} for text in _texts(data, "maxspeed")]
    limits = [speed_limit(tags, "forward", profile).kph for tags in tagged]
    known = [kph for kph in limits if kph is not None]
    if known:
        return min(known) * profile.share_of_limit
    names = [name for name in _texts(data, "highway") if name in profile.classes]
    classes = [profile.classes[name].kph for name in names]
    if not classes:
        raise NetworkError(
            f"{edge}: highway {data.get('highway')!r} has no speed in profile "
            f"{profile.profile_id}; add the class to it"
        )
    return min(classes)


def _texts(data: Mapping[str, Any], key: str) -> list[str]:
    value = data.get(key)
    if value is None:
        return []
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]
