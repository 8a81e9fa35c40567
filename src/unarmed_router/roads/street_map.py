"""Paths put into streets: geometry, names and turns of the arcs that are driven."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from unarmed_router.kernels.metres import metres_per_degree
from unarmed_router.kernels.segment_cells import segment_lengths
from unarmed_router.model.driven_path import AccessLeg, DrivenPath, PathStep, Turn, turn_of

if TYPE_CHECKING:
    from unarmed_router.model.location import RoadPosition
    from unarmed_router.model.road_path import PathLeg, RoadPath
    from unarmed_router.roads.network import RoadNetwork

__all__ = ["StreetMap"]

Point = tuple[float, float]
Line = list[Point]

LOOK_M = 10.0
"""A bearing is taken over at least this much of a road: the last metres before a junction bend."""

GRID = 7
"""Decimals of a degree that are written: the grid of divisions, about 1 cm."""


class StreetMap:
    """The streets of a network.

    Parameters
    ----------
    network : RoadNetwork
        Geometry, names, classes and lengths.
    """

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network

    def describe(self, path: RoadPath, *, origin: Point, destination: Point) -> DrivenPath:
        """Put a path into streets.

        Parameters
        ----------
        path : RoadPath
            On this network.
        origin, destination : (float, float)
            (lon, lat) of the two places; the path's positions are where they meet the road.

        Returns
        -------
        DrivenPath
            Its time is that of the path.

        Notes
        -----
        Consecutive arcs of one name are one step, unless the car turns back on it. Unnamed arcs
        are one step while their class stays the same and the road bends by less than 45 degrees.
        The time of an arc without extent, such as a turn within a junction, is in the step before.
        """
        steps: list[PathStep] = []
        last: Line = []
        for leg, line in self._parts(path):
            angle = _change(last, line) if steps else 0.0
            if steps and self._continues(steps[-1], leg.arc, angle):
                steps[-1] = self._longer(steps[-1], leg, line)
            else:
                steps.append(self._step(leg, line, angle if steps else None))
            last = line
        begin, end = self.point(path.origin), self.point(path.destination)
        return DrivenPath(
            steps=tuple(steps),
            from_team=_access(origin, begin, path.origin),
            to_call=_access(end, destination, path.destination),
            road_path=path,
        )

    def _parts(self, path: RoadPath) -> list[tuple[PathLeg, Line]]:
        """Draw the legs; one without extent gives its time to the leg before, or else after."""
        parts: list[tuple[PathLeg, Line]] = []
        early_ms = 0
        for leg in path.legs:
            line = self.line(leg.arc, leg.begin, leg.end)
            if len(set(line)) > 1:
                parts.append((leg._replace(ms=leg.ms + early_ms), line))
                early_ms = 0
            elif parts:
                before, drawn = parts[-1]
                parts[-1] = before._replace(ms=before.ms + leg.ms), drawn
            else:
                early_ms += leg.ms
        if early_ms:  # nothing else is driven
            leg = path.legs[0]
            parts.append((leg._replace(ms=early_ms), self.line(leg.arc, leg.begin, leg.end)))
        return parts

    def line(self, arc: int, begin: float = 0.0, end: float = 1.0) -> Line:
        """Return the vertices of a part of an arc, both ends included.

        Parameters
        ----------
        arc : int
            An arc of the network.
        begin, end : float
            From where to where, parts of its length as the snapper measures it.

        Returns
        -------
        list of (float, float)
            (lon, lat), to 1e-7 degree; at least two.
        """
        vertices = self._vertices(arc)
        if begin > 0.0 or end < 1.0:
            vertices = _cut(vertices, begin, end)
        return [(round(lon, GRID), round(lat, GRID)) for lon, lat in vertices]

    def _vertices(self, arc: int) -> Line:
        """Return all vertices of an arc, tail to head."""
        roads = self._network
        first, stop = int(roads.shape_first[arc]), int(roads.shape_first[arc + 1])
        tail, head = int(roads.tail[arc]), int(roads.head[arc])
        shape = zip(
            roads.shape_lon[first:stop].tolist(), roads.shape_lat[first:stop].tolist(), strict=True
        )
        return [
            (float(roads.node_lon[tail]), float(roads.node_lat[tail])),
            *shape,
            (float(roads.node_lon[head]), float(roads.node_lat[head])),
        ]

    def point(self, position: RoadPosition) -> Point:
        """Return where on the road a position lies."""
        return self.line(position.arc, position.fraction, position.fraction)[0]

    def name(self, arc: int) -> str:
        """Return the name of an arc; empty where it has none."""
        number = int(self._network.name_index[arc])
        return self._network.names[number] if number >= 0 else ""

    def _class(self, arc: int) -> str:
        return self._network.classes[int(self._network.road_class[arc])]

    def _metres(self, leg: PathLeg) -> float:
        return float(self._network.length_m[leg.arc]) * (leg.end - leg.begin)

    def _continues(self, step: PathStep, arc: int, angle: float) -> bool:
        """Tell whether an arc goes on along the street of a step."""
        turn, name = turn_of(angle), self.name(arc)
        if step.street or name:
            return step.street == name and turn is not Turn.U_TURN
        gentle = {Turn.STRAIGHT, Turn.SLIGHT_LEFT, Turn.SLIGHT_RIGHT}
        return step.road_class == self._class(arc) and turn in gentle

    def _step(self, leg: PathLeg, line: Line, angle: float | None) -> PathStep:
        """Begin a step; without an angle it is the first, and its bearing is told instead."""
        return PathStep(
            turn=Turn.DEPART if angle is None else turn_of(angle),
            angle=(_bearing(line) or 0.0) if angle is None else angle,
            street=self.name(leg.arc),
            road_class=self._class(leg.arc),
            length_m=self._metres(leg),
            ms=leg.ms,
            line=tuple(line),
        )

    def _longer(self, step: PathStep, leg: PathLeg, line: Line) -> PathStep:
        return PathStep(
            turn=step.turn,
            angle=step.angle,
            street=step.street,
            road_class=step.road_class,
            length_m=step.length_m + self._metres(leg),
            ms=step.ms + leg.ms,
            line=(*step.line, *line[1:]),
        )


def _cut(line: Line, begin: float, end: float) -> Line:
    """Keep a part of a line, from and to parts of its length as the snapper measures it."""
    vertices = np.array(line)
    lengths = segment_lengths(np.hstack((vertices[:-1], vertices[1:])))
    total = float(lengths.sum())
    # A road of no extent is its tail; every part of it is.
    along = np.concatenate(([0.0], np.cumsum(lengths))) / (total if total > 0.0 else 1.0)
    along[-1] = 1.0
    inside = [line[k] for k in np.flatnonzero((along > begin) & (along < end))]
    ends = [
        (float(np.interp(at, along, vertices[:, 0])), float(np.interp(at, along, vertices[:, 1])))
        for at in (begin, end)
    ]
    return [ends[0], *inside, ends[1]]


def _access(begin: Point, end: Point, position: RoadPosition) -> AccessLeg:
    return AccessLeg(begin, end, position.snap_m, position.access_ms)


def _change(last: Line, line: Line) -> float:
    """Return the change of bearing from one line to the next, -180 to 180; 0 where unknown."""
    came, goes = _bearing(last[::-1]), _bearing(line)
    if came is None or goes is None:
        return 0.0
    # The first was taken looking back.
    return (goes - (came + 180.0) + 180.0) % 360.0 - 180.0


def _bearing(line: Line) -> float | None:
    """Return the bearing in which a line sets out, degrees from north; None for no extent.

    Taken to the first vertex at least `LOOK_M` away, else to the farthest.
    """
    east, north = metres_per_degree(line[0][1])
    best, most = None, 0.0
    for lon, lat in line[1:]:
        x, y = (lon - line[0][0]) * east, (lat - line[0][1]) * north
        metres = math.hypot(x, y)
        if metres > most:
            best, most = math.degrees(math.atan2(x, y)) % 360.0, metres
        if most >= LOOK_M:
            break
    return best
