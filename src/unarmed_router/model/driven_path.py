"""By which streets a team drives: geometry, turn list, and what of it is an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from unarmed_router.model.canonical import to_json
from unarmed_router.model.explanation import distance, minutes
from unarmed_router.model.road_path import RoadPath

__all__ = ["AccessLeg", "DrivenPath", "PathStep", "Turn", "turn_of"]

Point = tuple[float, float]
"""(lon, lat), WGS 84 degrees."""

VIA_SHARE, VIA_MOST = 0.1, 3
"""A street is worth naming when it is this part of the drive; so many are named at most."""


class Turn(StrEnum):
    """How one street leads to the next, by the change of bearing; see `turn_of`."""

    DEPART = "depart"
    STRAIGHT = "straight"
    SLIGHT_RIGHT = "slight_right"
    RIGHT = "right"
    SHARP_RIGHT = "sharp_right"
    U_TURN = "u_turn"
    SHARP_LEFT = "sharp_left"
    LEFT = "left"
    SLIGHT_LEFT = "slight_left"


_TURN_TEXT = {
    Turn.STRAIGHT: "Continue onto",
    Turn.SLIGHT_RIGHT: "Bear right onto",
    Turn.RIGHT: "Turn right onto",
    Turn.SHARP_RIGHT: "Turn sharp right onto",
    Turn.U_TURN: "Turn back onto",
    Turn.SHARP_LEFT: "Turn sharp left onto",
    Turn.LEFT: "Turn left onto",
    Turn.SLIGHT_LEFT: "Bear left onto",
}
_COMPASS = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")


def turn_of(angle: float) -> Turn:
    """Put a change of bearing into a word.

    Parameters
    ----------
    angle : float
        Degrees from -180 to 180, positive to the right.

    Returns
    -------
    Turn
        By the size of the angle: straight up to 10, slight below 45, a turn up to 135, sharp below
        160, else back. These are the classes of Valhalla (``valhalla/baldr/turn.h``), which counts
        in whole degrees.
    """
    size, right = abs(angle), angle > 0.0
    if size <= 10.0:
        return Turn.STRAIGHT
    if size < 45.0:
        return Turn.SLIGHT_RIGHT if right else Turn.SLIGHT_LEFT
    if size <= 135.0:
        return Turn.RIGHT if right else Turn.LEFT
    if size < 160.0:
        return Turn.SHARP_RIGHT if right else Turn.SHARP_LEFT
    return Turn.U_TURN


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One street of a path.

    Parameters
    ----------
    turn : Turn
        How it is reached from the step before; `Turn.DEPART` for the first.
    angle : float
        Change of bearing there, degrees, positive to the right; of the first, its bearing, 0 is
        north and 90 east.
    street : str
        Its name; empty where the network has none.
    road_class : str
        Class of its first arc.
    length_m : float
        Metres driven on it.
    ms : int
        Time on it, milliseconds.
    line : tuple of (float, float)
        (lon, lat) of its vertices, both ends included.
    """

    turn: Turn
    angle: float
    street: str
    road_class: str
    length_m: float
    ms: int
    line: tuple[Point, ...]

    @property
    def label(self) -> str:
        """The street's name, or that it has none."""
        return self.street or f"an unnamed road ({self.road_class})"


@dataclass(frozen=True, slots=True)
class AccessLeg:
    """The straight line between a point and the road: an estimate, at a stated speed.

    Parameters
    ----------
    begin, end : (float, float)
        (lon, lat) of its ends, in the direction of travel.
    length_m : float
        Metres.
    ms : int
        Time taken, milliseconds.
    """

    begin: Point
    end: Point
    length_m: float
    ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenPath:
    """The way of a team to a call.

    Parameters
    ----------
    steps : tuple of PathStep
        Street by street, between the two points of the road; empty where they are one.
    from_team, to_call : AccessLeg
        Between the road and the two places.
    road_path : RoadPath
        The same as arcs of the network.
    call_id, team_id : str
        Whose way it is; empty where nobody's.
    """

    steps: tuple[PathStep, ...]
    from_team: AccessLeg
    to_call: AccessLeg
    road_path: RoadPath
    call_id: str = ""
    team_id: str = ""

    @property
    def travel_ms(self) -> int:
        """Travel time: all steps and both access legs, milliseconds; that of the decision."""
        return self.from_team.ms + sum(step.ms for step in self.steps) + self.to_call.ms

    @property
    def length_m(self) -> float:
        """Metres driven on the road."""
        return sum(step.length_m for step in self.steps)

    @property
    def line(self) -> tuple[Point, ...]:
        """(lon, lat) of the drive from road point to road point; at least two vertices."""
        vertices = [self.from_team.end]
        for step in self.steps:
            vertices += step.line[1:]
        return tuple(vertices) if len(vertices) > 1 else (self.from_team.end, self.to_call.begin)

    @property
    def via(self) -> tuple[str, ...]:
        """The named streets that make most of the drive, at most three, in the order driven."""
        metres: dict[str, float] = {}
        for step in self.steps:
            if step.street:
                metres[step.street] = metres.get(step.street, 0.0) + step.length_m
        long = [name for name in metres if metres[name] >= VIA_SHARE * self.length_m]
        longest = sorted(long, key=lambda name: -metres[name])[:VIA_MOST]
        return tuple(name for name in metres if name in longest)

    def explain(self) -> str:
        """Say the way in lines: a summary, one line a street, and the estimated ends."""
        who = f"{self.team_id} to call {self.call_id}: " if self.team_id else ""
        by = f", via {_listed(self.via)}" if self.via else ""
        lines = [f"{who}{distance(self.length_m)} on the road, {minutes(self.travel_ms)}{by}."]
        if self.from_team.length_m > 0.0:
            lines.append(f"     {_access(self.from_team)} to the road")
        for number, step in enumerate(self.steps, 1):
            where = f"{distance(step.length_m)}, {minutes(step.ms)}"
            lines.append(f"{number:4d}. {_instruction(step)}: {where}")
        if self.to_call.length_m > 0.0:
            lines.append(f"     {_access(self.to_call)} from the road to the call")
        return "\n".join(lines)

    def to_geojson(self) -> dict[str, Any]:
        """Return a FeatureCollection (RFC 7946): the drive, then the access legs.

        The first feature is one LineString along the roads; its property ``steps`` is the turn
        list, ``vertex`` the place in the line where a step begins. The others are straight lines
        with ``"estimated": true``; a leg of no length is left out.
        """
        legs = (("from_team", self.from_team), ("to_call", self.to_call))
        features = [_feature(self.line, self._properties())]
        features += [
            _feature(
                (leg.begin, leg.end),
                {"kind": kind, "estimated": True, "length_m": round(leg.length_m, 1), "ms": leg.ms},
            )
            for kind, leg in legs
            if leg.length_m > 0.0
        ]
        return {"type": "FeatureCollection", "features": features}

    def to_json(self) -> str:
        """Return `to_geojson` as canonical JSON."""
        return to_json(self.to_geojson())

    def _properties(self) -> dict[str, Any]:
        steps, vertex = [], 0
        for step in self.steps:
            steps.append(
                {
                    "turn": step.turn.value,
                    "angle": round(step.angle, 1),
                    "street": step.street or None,
                    "road_class": step.road_class,
                    "length_m": round(step.length_m, 1),
                    "ms": step.ms,
                    "vertex": vertex,
                }
            )
            vertex += len(step.line) - 1
        return {
            "kind": "drive",
            "estimated": False,
            "call_id": self.call_id,
            "team_id": self.team_id,
            "travel_ms": self.travel_ms,
            "length_m": round(self.length_m, 1),
            "via": list(self.via),
            "steps": steps,
        }


def _feature(line: tuple[Point, ...], properties: Mapping[str, Any]) -> dict[str, Any]:
    geometry = {"type": "LineString", "coordinates": [list(point) for point in line]}
    return {"type": "Feature", "geometry": geometry, "properties": dict(properties)}


def _instruction(step: PathStep) -> str:
    if step.turn is Turn.DEPART:
        heading = _COMPASS[round(step.angle % 360.0 / 45.0) % 8]
        return f"Head {heading} on {step.label}"
    return f"{_TURN_TEXT[step.turn]} {step.label}"


def _access(leg: AccessLeg) -> str:
    return f"Estimate: {distance(leg.length_m)} in a straight line, {minutes(leg.ms)}"


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
