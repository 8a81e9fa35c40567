"""Read an OpenStreetMap file: .osm, .osm.gz, .osm.bz2, .osm.pbf, through pyosmium."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unarmed_router.errors import NetworkError
from unarmed_router.roads.osm.elements import Member, OsmColumns, OsmData, Relation
from unarmed_router.roads.osm.xml_fault import faulty_element

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["FILE_ENDINGS", "read_osm_file"]

FILE_ENDINGS = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf", ".osm.xml")
"""What an OpenStreetMap file is called."""

_KINDS = {"n": "node", "w": "way", "r": "relation"}
_EVERY = 50_000

Progress = Callable[[str, int], None]


def read_osm_file(path: str | os.PathLike[str], *, progress: Progress | None = None) -> OsmData:
    """Read the roads, their nodes and the turn restrictions of an extract.

    Parameters
    ----------
    path : path-like
        The kind of file is told by its ending.
    progress : callable, optional
        Told what is being read and how many so far, now and then.

    Raises
    ------
    NetworkError
        No such file, pyosmium missing, or a file that is truncated or malformed: names the file
        and the last element that could be read.
    """
    osmium = _osmium()
    file = Path(path)
    if not file.is_file():
        raise NetworkError(f"{file}: no such file; check the path")
    columns = OsmColumns(file.name)
    reader = osmium.FileProcessor(str(file)).with_locations("flex_mem")
    reader.with_filter(
        osmium.filter.KeyFilter(
            "highway", "route", "barrier", "crossing", "traffic_calming", "railway", "type"
        )
    )
    last = "the beginning"
    elements = iter(reader)
    count = 0
    while True:
        try:
            element = next(elements, None)
            if element is None:
                break
            last = f"{_KINDS.get(element.type_str(), 'element')} {element.id}"
            _take(element, columns)
        except (RuntimeError, ValueError, osmium.InvalidLocationError) as fault:
            where = faulty_element(file) or f"after {last}"
            raise NetworkError(
                f"{file}: cannot be read, {where}: {_said(fault)}; is the file complete, and of "
                "the kind its ending says?"
            ) from fault
        count += 1
        if progress is not None and count % _EVERY == 0:
            progress("elements read", count)
    storage = reader.node_location_storage

    def places(ids: npt.NDArray[np.int64]) -> Iterator[tuple[float, float] | None]:
        if ids.size and ids[0] < 0:
            raise NetworkError(
                f"{file}: node {ids[0]} has a negative number, as an editor gives what is not "
                "uploaded; number the elements from 1"
            )
        return _places(storage, ids, progress)

    return columns.finished(places)


def _osmium() -> Any:
    try:
        import osmium  # noqa: PLC0415  # an extra, heavy
    except ImportError as fault:
        raise NetworkError(
            "reading an OpenStreetMap file needs pyosmium: pip install 'unarmed-router[osm]'"
        ) from fault
    return osmium


def _take(element: Any, columns: OsmColumns) -> None:
    """Copy what is kept of an element: pyosmium lends it for one step of the loop."""
    kind = element.type_str()
    tags = {tag.k: tag.v for tag in element.tags}
    if kind == "n":
        columns.add_node_tags(element.id, tags)
    elif kind == "w":
        if "highway" in tags or tags.get("route") == "ferry":
            columns.add_way(element.id, [node.ref for node in element.nodes], tags)
    elif kind == "r":
        members = tuple(
            Member(_KINDS[member.type], member.ref, member.role)  # type: ignore[arg-type]
            for member in element.members
        )
        columns.add_relation(Relation(element.id, members, tags))


def _places(
    storage: Any, ids: npt.NDArray[np.int64], progress: Progress | None
) -> Iterator[tuple[float, float] | None]:
    """Look the nodes up that ways use; None where the extract does not hold one."""
    for count, ref in enumerate(ids.tolist(), 1):
        try:
            place = storage.get(ref)
            yield (place.x / 1e7, place.y / 1e7)
        except (KeyError, RuntimeError):
            yield None
        if progress is not None and count % (20 * _EVERY) == 0:
            progress("nodes located", count)


def _said(fault: Exception) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__
