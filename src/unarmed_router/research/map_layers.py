"""The ground of the map page: divisions, their labels and the roads, as SVG paths."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from unarmed_router.geography.partition import SCALE, Partition, Ring, ring_doubled_area

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unarmed_router.roads.network import RoadNetwork

__all__ = [
    "METRES_PER_UNIT",
    "Frame",
    "LabelPlace",
    "frame_over",
    "label_place",
    "ring_data",
    "road_data",
    "road_rank",
]

UNITS_PER_DEGREE = 100_000
METRES_PER_UNIT = 111_195 / UNITS_PER_DEGREE
"""Of a degree of latitude on the mean sphere; good to a pixel, which is all a scale bar needs."""

_RANKS = {"motorway": 0, "trunk": 1, "primary": 2, "secondary": 3, "tertiary": 4}
_FAINTEST = 5
_LABEL_ASPECT = 2.0

Points = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Frame:
    """Local equirectangular projection at the mid latitude: x east, y down.

    Parameters
    ----------
    west, north : float
        The corner that becomes (0, 0), WGS 84 degrees.
    shrink : float
        Cosine of the mid latitude.
    width, height : int
        Extent of the divisions, in units of 1e-5 degree of latitude, 1.1 m.
    """

    west: float
    north: float
    shrink: float
    width: int
    height: int

    def points(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Points:
        """Project degrees to whole units, shape (n, 2)."""
        return np.rint(self.exact(lon, lat)).astype(np.int64)

    def exact(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Project degrees to units, shape (n, 2), without rounding."""
        x = (np.asarray(lon, np.float64) - self.west) * (self.shrink * UNITS_PER_DEGREE)
        y = (self.north - np.asarray(lat, np.float64)) * UNITS_PER_DEGREE
        return np.stack([x, y], axis=-1)


class LabelPlace(NamedTuple):
    """Where a division's name goes: well inside it, and the room it has there, in units."""

    x: int
    y: int
    room: int


def frame_over(partition: Partition) -> Frame:
    """Lay the frame over the extent of all divisions."""
    every = np.concatenate([ring for division in partition.divisions for ring in division.rings])
    west, south = every.min(axis=0) / SCALE
    east, north = every.max(axis=0) / SCALE
    shrink = cos(radians((south + north) / 2))
    return Frame(
        west=float(west),
        north=float(north),
        shrink=shrink,
        width=max(1, round((east - west) * shrink * UNITS_PER_DEGREE)),
        height=max(1, round((north - south) * UNITS_PER_DEGREE)),
    )


def ring_data(rings: Iterable[Ring], frame: Frame) -> str:
    """Write rings as one closed SVG path, to be filled even-odd."""
    lines = (frame.points(ring[:, 0] / SCALE, ring[:, 1] / SCALE) for ring in rings)
    return _path_data(lines, close="z")


def label_place(rings: Iterable[Ring], frame: Frame) -> LabelPlace:
    """Find the centre of the largest ellipse of label shape inside a division.

    The pole of inaccessibility (Garcia-Castellanos and Lombardo, 2007,
    doi 10.1080/14702540801897809) of the division squeezed sideways, since names are wide.
    """
    import shapely  # noqa: PLC0415  # slow to import, only maps need it

    squeeze = (1 / _LABEL_ASPECT, 1.0)
    polygons: list[list[npt.NDArray[np.float64]]] = []
    for ring in rings:
        if ring_doubled_area(ring) > 0:
            polygons.append([])
        polygons[-1].append(frame.exact(ring[:, 0] / SCALE, ring[:, 1] / SCALE) * squeeze)
    shapes = shapely.make_valid([shapely.Polygon(shell, holes) for shell, *holes in polygons])
    parts = shapely.get_parts(shapely.get_parts(shapes))
    largest = parts[int(np.argmax(shapely.area(parts)))]
    low_x, low_y, high_x, high_y = largest.bounds
    radius: Any = shapely.maximum_inscribed_circle(
        largest, tolerance=max(high_x - low_x, high_y - low_y) / 200
    )
    x, y = radius.coords[0]
    return LabelPlace(round(x * _LABEL_ASPECT), round(y), round(radius.length))


def road_data(network: RoadNetwork, frame: Frame) -> dict[str, str]:
    """Write the roads of each class as one SVG path; a two-way road is drawn once.

    Returns
    -------
    dict of str to str
        Path data by class, faintest class first, so that the strongest is drawn on top.
    """
    once = network.once
    ordered = sorted(enumerate(network.classes), key=lambda item: (-road_rank(item[1]), item[1]))
    drawn = {
        name: _arc_data(network, frame, np.flatnonzero(once & (network.road_class == number)))
        for number, name in ordered
    }
    return {name: data for name, data in drawn.items() if data}


def road_rank(road_class: str) -> int:
    """Rank a road class by the OpenStreetMap word for it: 0 the strongest, 5 for all others."""
    return _RANKS.get(road_class, _FAINTEST)


def _arc_data(network: RoadNetwork, frame: Frame, arcs: npt.NDArray[np.int64]) -> str:
    nodes = frame.points(network.node_lon, network.node_lat)
    shapes = frame.points(network.shape_lon, network.shape_lat)
    first, tail, head = network.shape_first, network.tail, network.head
    lines = (
        np.concatenate([nodes[[tail[a]]], shapes[first[a] : first[a + 1]], nodes[[head[a]]]])
        for a in arcs
    )
    return _path_data(lines, close="")


def _path_data(lines: Iterable[Points], *, close: str) -> str:
    """Write lines as relative moves; steps that round to nothing, and lines of one point, go."""
    parts: list[str] = []
    pen = (0, 0)
    for line in lines:
        steps = np.diff(line, axis=0)
        steps = steps[np.any(steps != 0, axis=1)]
        if not len(steps):
            continue
        start = (int(line[0, 0]), int(line[0, 1]))
        move = "" if parts and start == pen and not close else _move(start, pen, bool(parts))
        parts.append(f"{move}l{_packed(steps)}{close}")
        pen = start if close else (int(line[-1, 0]), int(line[-1, 1]))
    return "".join(parts)


def _move(start: tuple[int, int], pen: tuple[int, int], relative: bool) -> str:
    if not relative:
        return f"M{_packed(np.array([start]))}"
    return f"m{_packed(np.array([start]) - np.array([pen]))}"


def _packed(steps: Points) -> str:
    """Write numbers with a space only where no minus sign parts them."""
    text = "".join(f" {number}" for number in steps.ravel().tolist())
    return text.replace(" -", "-").removeprefix(" ")
