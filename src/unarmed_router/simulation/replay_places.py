"""Places of calls that name only a reporting district or an area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from unarmed_router.errors import InputError
from unarmed_router.model.location import check_lonlat
from unarmed_router.simulation.replay_rows import VECTOR_ENDINGS, numbered_rows

if TYPE_CHECKING:
    from unarmed_router.model.location import Division
    from unarmed_router.simulation.draws import Draws
    from unarmed_router.simulation.neighbourhoods import Neighbourhoods

__all__ = ["AreaPlaces", "DistrictPlaces", "DistrictPoints"]


class DistrictPlaces(Protocol):
    """Turns the name of a district into a place."""

    def place(self, district: str, number: int) -> tuple[float, float] | None:
        """Return (lon, lat) for row `number`; None when there is no such district."""


@dataclass(frozen=True, slots=True)
class DistrictPoints:
    """One point a district, such as its middle; names lose leading zeros.

    Parameters
    ----------
    points : mapping of str to (float, float)
        (lon, lat) by district.
    """

    points: Mapping[str, tuple[float, float]]

    @classmethod
    def read(cls, path: Path | str, *, column: str = "district") -> DistrictPoints:
        """Read points from a table or outlines from a vector file.

        Parameters
        ----------
        path : path-like
            CSV or JSON Lines with `column`, ``lon`` and ``lat``, or a vector file of areas: a point
            surely inside each is taken.
        column : str
            The district's name.

        Raises
        ------
        InputError
            Broken file, a district twice, or a place that is none.
        """
        path = Path(path)
        if path.suffix.lower() in VECTOR_ENDINGS:
            found = _inside_points(path, column)
        else:
            found = [
                (number, str(row[column]), _degrees(path, number, row["lon"], row["lat"]))
                for number, row in numbered_rows(path, [column, "lon", "lat"])
            ]
        points: dict[str, tuple[float, float]] = {}
        for number, name, point in found:
            if _plain(name) in points:
                raise InputError(f"{path}, row {number}: district {name!r} is there twice")
            points[_plain(name)] = point
        return cls(points)

    def place(self, district: str, number: int) -> tuple[float, float] | None:  # noqa: ARG002
        """Return the district's point."""
        return self.points.get(_plain(district))


class AreaPlaces:
    """A place drawn in the division that a district lies in, where calls arise.

    Parameters
    ----------
    places : Neighbourhoods
        Where calls arise.
    draws : Draws
        Sub-stream ``"place"``, by row: the same row has the same place in every replay.
    divisions : sequence of Division
        Known by number or by name, in any case.
    drop_digits : int
        How many last digits of a district's number to drop: 2 where district 0645 lies in
        division 6.
    """

    def __init__(
        self,
        places: Neighbourhoods,
        draws: Draws,
        divisions: tuple[Division, ...],
        *,
        drop_digits: int = 0,
    ) -> None:
        self._places, self._draws, self._drop = places, draws, drop_digits
        self._numbers = {str(division.number): division.number for division in divisions}
        self._names = {division.name.casefold(): division.number for division in divisions}

    def place(self, district: str, number: int) -> tuple[float, float] | None:
        """Draw the place of a row; None when the district is in no division that has calls."""
        name = district.strip()
        division = self._names.get(name.casefold())
        if division is None:
            kept = name[: -self._drop] if self._drop else name
            division = self._numbers.get(_plain(kept))
        if division is None or not self._places.share_of(division) > 0.0:
            return None
        lon, lat = self._places.draw(self._draws.uniform("place", number, 1, 4), within=division)
        return float(lon[0]), float(lat[0])


def _plain(name: str) -> str:
    return name.strip().lstrip("0")


def _degrees(path: Path, number: int, lon: object, lat: object) -> tuple[float, float]:
    try:
        place = float(str(lon)), float(str(lat))
        check_lonlat(lon=place[0], lat=place[1])
    except ValueError as error:
        raise InputError(f"{path}, row {number}: {error}") from None
    return place


def _inside_points(path: Path, column: str) -> list[tuple[int, str, tuple[float, float]]]:
    import geopandas  # noqa: PLC0415  # heavy; only where there are outlines
    from pyogrio.errors import DataSourceError  # noqa: PLC0415

    try:
        frame = geopandas.read_file(path)
    except (DataSourceError, OSError) as error:
        raise InputError(f"{path}: {error}") from error
    if column not in frame.columns or frame.crs is None:
        raise InputError(f"{path}: needs a column {column} and a coordinate system")
    points = frame.geometry.representative_point().to_crs(4326).tolist()
    names = frame[column].astype(object).tolist()
    found = []
    for number, (value, point) in enumerate(zip(names, points, strict=True), 1):
        name = _name(value)
        if not name:
            raise InputError(f"{path}, row {number}: {column} is empty")
        if point is None or point.is_empty:
            raise InputError(f"{path}, row {number}: district {name!r} has no outline")
        found.append((number, name, (float(point.x), float(point.y))))
    return found


def _name(value: object) -> str:
    """Write the name of a district; a number with gaps in its column is read as a decimal one."""
    if value is None or str(value) in ("nan", "<NA>"):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
