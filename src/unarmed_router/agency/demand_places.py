"""Expected demand by place: census tracts by population, on the road, by division."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from unarmed_router.agency.tracts_file import load_tracts
from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.model.location import RoadPosition
from unarmed_router.roads.snapping import EdgeSnapper

__all__ = ["DemandPlaces"]


class DemandPlaces:
    """The places calls are expected at; read when it is first asked.

    Parameters
    ----------
    path : Path
        CSV of tracts: geoid, lon, lat, population.
    divisions : DivisionIndex
        Tells in which division a tract's centre lies.
    roads : EdgeSnapper
        Finds the road beside it; a tract without one counts for nothing.
    """

    def __init__(self, path: Path, divisions: DivisionIndex, roads: EdgeSnapper) -> None:
        self._path, self._divisions, self._roads = path, divisions, roads
        self._places: dict[int, list[tuple[RoadPosition, float]]] | None = None
        self._digest = ""
        self._reading = Lock()

    @property
    def digest(self) -> str:
        """SHA-256 of the file, as it was when it was read.

        Raises
        ------
        ConfigurationError
            The file is broken.
        """
        self._read_once()
        return self._digest

    def places(self, divisions: Sequence[int]) -> list[tuple[RoadPosition, float]]:
        """Return the places of some divisions, with their residents.

        Raises
        ------
        ConfigurationError
            The file is broken.
        """
        places = self._read_once()
        return [each for number in divisions for each in places.get(number, ())]

    def _read_once(self) -> dict[int, list[tuple[RoadPosition, float]]]:
        with self._reading:
            if self._places is None:
                self._places = self._read()
                self._digest = hashlib.sha256(self._path.read_bytes()).hexdigest()
            return self._places

    def _read(self) -> dict[int, list[tuple[RoadPosition, float]]]:
        found: dict[int, list[tuple[RoadPosition, float]]] = {}
        for tract in load_tracts(self._path):
            division = self._divisions.locate(lon=tract.lon, lat=tract.lat).division
            road = self._roads.snap(lon=tract.lon, lat=tract.lat)
            if division is not None and road is not None and tract.population:
                found.setdefault(division.number, []).append((road, float(tract.population)))
        return found
