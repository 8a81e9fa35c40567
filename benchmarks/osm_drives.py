"""Drives between places, ours and a peer's alike: metres, seconds, the line, where it joins."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.roads.street_map import StreetMap
from unarmed_router.travel_time.dijkstra import DijkstraTravelTimes

__all__ = ["Drive", "OurRoads", "PeerEngines", "Place"]

Place = tuple[float, float]
"""(lon, lat), degrees."""

ON_ROAD_M = 1.0


@dataclass(frozen=True, slots=True)
class Drive:
    """What an engine answers.

    Parameters
    ----------
    metres, seconds : float or None
        On the road, without the legs between places and road; None where it finds no way.
    line : tuple of Place
        Vertices driven, both ends included; empty where there is no way.
    ends : tuple of (Place or None)
        Where it joins the road at the first and the last place; None where it does not say.
    """

    metres: float | None
    seconds: float | None
    line: tuple[Place, ...]
    ends: tuple[Place | None, Place | None]

    @property
    def found(self) -> bool:
        """Whether there is a way."""
        return self.metres is not None


class OurRoads:
    """Our network, asked as a peer is.

    Parameters
    ----------
    network : RoadNetwork
        The roads; free flow.
    """

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        self._snapper = EdgeSnapper(network)
        self._streets = StreetMap(network)
        self._engine = DijkstraTravelTimes(
            nodes=network.nodes,
            tail=network.tail,
            head=network.head,
            twin=network.twin,
            arc_ms=network.free_flow_ms,
        )

    def holds(self, place: Place) -> bool:
        """Tell whether a road of the network passes through a place."""
        found = self._snapper.snap(lon=place[0], lat=place[1])
        return found is not None and found.snap_m <= ON_ROAD_M

    def drive(self, places: Sequence[Place]) -> Drive:
        """Drive the fastest way through the places, in their order."""
        joined = [self._snapper.snap(lon=lon, lat=lat) for lon, lat in places]
        ends = (self._point(joined[0]), self._point(joined[-1]))
        metres = ms = 0.0
        line: list[Place] = []
        for begin, end in pairwise(joined):
            path = begin and end and self._engine.path(begin, end)
            if not path:
                return Drive(None, None, (), ends)
            for leg in path.legs:
                metres += (leg.end - leg.begin) * float(self._network.length_m[leg.arc])
                line += self._streets.line(leg.arc, leg.begin, leg.end)
            ms += path.drive_ms
        return Drive(metres, ms / 1000.0, tuple(line), ends)

    def _point(self, joined: RoadPosition | None) -> Place | None:
        return None if joined is None else self._streets.point(joined)


class PeerEngines:
    """OSRM and Valhalla in their own interpreter, asked line by line.

    Parameters
    ----------
    python : str
        An interpreter that has them.
    extract : Path
        The roads.

    Attributes
    ----------
    state : mapping of str to str
        The version of each engine, or why it failed.
    """

    def __init__(self, python: str, extract: Path) -> None:
        command = [python, "-m", "benchmarks.peers.osm_engines", str(extract.resolve())]
        self._worker = subprocess.Popen(
            command,
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.state: Mapping[str, str] = self._read()

    def __enter__(self) -> PeerEngines:
        return self

    def __exit__(self, *fault: Any) -> None:
        self._worker.__exit__(*fault)  # closes its pipes, upon which it ends

    def drive(self, engine: str, places: Sequence[Place]) -> Drive:
        """Ask one engine for its way through the places."""
        assert self._worker.stdin is not None
        question = {"engine": engine, "places": [list(place) for place in places]}
        self._worker.stdin.write(json.dumps(question) + "\n")
        self._worker.stdin.flush()
        answer = self._read()
        first, last = (end and (end[0], end[1]) for end in answer["ends"])
        line = tuple((lon, lat) for lon, lat in answer["line"])
        return Drive(answer["metres"], answer["seconds"], line, (first, last))

    def _read(self) -> Any:
        assert self._worker.stdout is not None
        line = self._worker.stdout.readline()
        if not line:
            raise RuntimeError("the peers' interpreter ended without an answer; run it by hand")
        return json.loads(line)
