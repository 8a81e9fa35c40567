"""Read the graphs of the 9th DIMACS Implementation Challenge (shortest paths, 2006).

Formats: https://www.diag.uniroma1.it/challenge9/format.shtml
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import NetworkError
from unarmed_router.roads.network import RoadNetwork

if TYPE_CHECKING:
    import os

__all__ = ["read_dimacs_network"]


def read_dimacs_network(
    graph: str | os.PathLike[str],
    coordinates: str | os.PathLike[str],
    *,
    ms_per_unit: float = 1.0,
    minimum_ms: int = 0,
) -> RoadNetwork:
    """Read a ``.gr`` travel-time graph and its ``.co`` coordinates, compressed (``.gz``) or not.

    The format has no lengths and no classes: a length is the straight way between the ends (WGS 84
    metres per degree at their middle latitude), the class of every arc is ``road``.

    Parameters
    ----------
    graph : path-like
        Lines ``a tail head time``, nodes from 1.
    coordinates : path-like
        Lines ``v node x y``, millionths of a degree.
    ms_per_unit : float
        Milliseconds in one unit of the file's times.
    minimum_ms : int
        0 refuses arcs of zero length or time; above 0, they take this time and are counted.

    Raises
    ------
    NetworkError
        A line that cannot be read, a count that disagrees with the ``p`` line, graph and
        coordinates of other numbers of nodes, or a broken value.
    """
    places, _ = _records(coordinates, "v", 3)
    arcs, problem = _records(graph, "a", 3)
    count = places.shape[0]
    # More nodes than the arcs use are no sign of another file; another number of them is.
    if problem[1:-1] != ["sp", str(count)]:
        raise NetworkError(
            f"{graph}: its p line is {' '.join(problem)!r}; with the {count} nodes of "
            f"{coordinates} it would be 'p sp {count} {problem[-1]}': are both of one graph?"
        )
    if not np.array_equal(np.sort(places[:, 0]), np.arange(1, count + 1)):
        raise NetworkError(f"{coordinates}: nodes must be 1 to {count}, each listed once")
    lon, lat = np.empty(count), np.empty(count)
    lon[places[:, 0] - 1], lat[places[:, 0] - 1] = places[:, 1] / 1e6, places[:, 2] / 1e6
    for name, degrees, limit in (("longitude", lon, 180.0), ("latitude", lat, 90.0)):
        beyond = np.flatnonzero(np.abs(degrees) > limit)
        if beyond.size:
            raise NetworkError(
                f"{coordinates}: node {beyond[0] + 1} has {name} {degrees[beyond[0]]}, which is "
                "off the earth; coordinates are millionths of a degree, x before y"
            )
    tail, head = arcs[:, 0] - 1, arcs[:, 1] - 1
    if arcs.size and not (0 <= min(tail.min(), head.min()) <= max(tail.max(), head.max()) < count):
        raise NetworkError(f"{graph}: an arc ends outside nodes 1 to {count} of {coordinates}")
    return RoadNetwork.from_arcs(
        node_lon=lon,
        node_lat=lat,
        tail=tail,
        head=head,
        free_flow_ms=arcs[:, 2] * ms_per_unit,
        length_m=_straight(lon, lat, tail, head),
        road_class=["road"] * arcs.shape[0],
        metadata={"source": f"{graph}, {coordinates}"},
        minimum_ms=minimum_ms,
        source=f"{graph} (arc lines)",
        first_row=1,
    )


def _records(
    path: str | os.PathLike[str], kind: str, width: int
) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return the lines that start with `kind` as integers, and the p line that announces them."""
    lines = _text(path).splitlines()
    rows = [line[2:] for line in lines if line.startswith(kind + " ")]
    problem = next((line.split() for line in lines if line.startswith("p ")), [])
    announced = problem[-1] if problem else "no"
    if str(len(rows)) != announced or not rows:
        raise NetworkError(
            f"{path}: {len(rows)} lines start with {kind!r}, the p line announces {announced}; "
            "is the file complete?"
        )
    try:
        records = np.loadtxt(rows, dtype=np.int64, ndmin=2, comments=None)
    except ValueError as fault:
        raise NetworkError(f"{path}: {kind!r} lines hold {width} integers: {fault}") from fault
    if records.shape[1] != width:
        raise NetworkError(f"{path}: {kind!r} lines hold {width} integers, not {records.shape[1]}")
    if len(records) < len(rows):  # empty ones are read over
        raise NetworkError(f"{path}: {kind!r} lines hold {width} integers; one holds nothing")
    return records, problem


def _text(path: str | os.PathLike[str]) -> str:
    """Return the text of a file, decompressed when its name ends in ``.gz``."""
    file = Path(path)
    try:
        content = file.read_bytes()
        content = gzip.decompress(content) if file.suffix == ".gz" else content
        return content.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as fault:
        raise NetworkError(
            f"{file}: cannot be read ({fault}); check the path and format"
        ) from fault


def _straight(
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    tail: npt.NDArray[np.int64],
    head: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Return the straight way between the ends of each arc, metres."""
    from unarmed_router.kernels.segment_cells import segment_lengths  # noqa: PLC0415  # imports numba

    ends = np.stack((lon[tail], lat[tail], lon[head], lat[head]), axis=1)
    lengths: npt.NDArray[np.float64] = segment_lengths(ends)
    return lengths
