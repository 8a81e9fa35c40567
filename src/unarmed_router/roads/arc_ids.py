"""Ids of arcs that outlast a rebuild: the same road, unchanged, has the same id."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from unarmed_router.roads.network import RoadNetwork

__all__ = ["arc_ids"]

Words = npt.NDArray[np.uint64]


def arc_ids(network: RoadNetwork) -> npt.NDArray[np.uint64]:
    """Return an id for every arc, made of the road alone.

    Parameters
    ----------
    network : RoadNetwork
        Any network.

    Returns
    -------
    uint64 array, shape (m,)
        A hash of way id, class, name, and the line from tail to head in 1e-7 degree. Times do not
        count, nor do numbers of nodes and arcs: an arc that is split by a new side street is new,
        one whose limit was changed is not. Two arcs along the very same line, such as two turns of
        one junction, may share an id.

    Notes
    -----
    Words are mixed by SplitMix64 (Steele, Lea and Flood, doi:10.1145/2714064.2660195).
    """
    classes = _text_words(network.classes)[network.road_class]
    names = np.append(_text_words(network.names), np.uint64(0))[network.name_index]
    ids = _mixed(classes ^ _mixed(names))
    if network.way_id is not None:
        ids = _mixed(ids ^ network.way_id.astype(np.uint64))
    for node in (network.tail, network.head):
        ids = _mixed(ids ^ _place_words(network.node_lon[node], network.node_lat[node]))
    sizes = np.diff(network.shape_first)
    arc = np.repeat(np.arange(network.arcs), sizes)
    place = np.arange(arc.size) - np.repeat(network.shape_first[:-1], sizes)
    vertices = _place_words(network.shape_lon, network.shape_lat)
    line = np.zeros(network.arcs, np.uint64)
    # The place of a vertex in the line counts: the same vertices in another order are another line.
    np.add.at(line, arc, _mixed(vertices ^ place.astype(np.uint64)))
    return _mixed(ids ^ line)


def _place_words(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> Words:
    east = np.rint(lon * 1e7).astype(np.int64).astype(np.uint64)
    north = np.rint(lat * 1e7).astype(np.int64).astype(np.uint64)
    return _mixed(_mixed(east) ^ north)


def _text_words(texts: tuple[str, ...]) -> Words:
    digests = [hashlib.sha256(text.encode()).digest()[:8] for text in texts]
    return np.array([int.from_bytes(digest, "little") for digest in digests], np.uint64)


def _mixed(words: Words) -> Words:
    """Mix every word so that near inputs give far outputs; unsigned products wrap on purpose."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Words = words ^ (words >> np.uint64(31))
    return mixed
