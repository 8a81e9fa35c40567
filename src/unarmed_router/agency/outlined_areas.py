"""Areas that are polygons: read from a vector file, located exactly, checked against each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from unarmed_router.errors import BoundaryError, ConfigurationError
from unarmed_router.geography.area_rings import polygons_of, rings_of, shapes_of
from unarmed_router.geography.division_index import DivisionIndex
from unarmed_router.geography.partition import Partition, PartitionDivision
from unarmed_router.model.provider import Outline

if TYPE_CHECKING:
    from unarmed_router.model.policy import Policy
    from unarmed_router.model.program import Program
    from unarmed_router.model.provider import Provider

__all__ = ["PolygonAreas", "outline_of", "outlined_conflicts"]

_TOUCH = 1e-12
"""Square degrees, about a hundredth of a square metre: less is two borders that meet."""


def outline_of(path: Path, field: str, feature: str) -> tuple[Outline, str]:
    """Read one area from a vector file.

    Parameters
    ----------
    path : Path
        Any file that geopandas reads, in any coordinate system it states.
    field, feature : str
        The features whose `field` is `feature` make the area together, holes and all; a number is
        compared as it is written.

    Returns
    -------
    outline : Outline
        On the grid of 1e-7 degree.
    digest : str
        SHA-256 of the file.

    Raises
    ------
    ConfigurationError
        The file cannot be read, states no coordinate system, has no such feature, or the feature is
        no valid polygon.
    """
    import geopandas  # noqa: PLC0415  # seconds to import
    import shapely  # noqa: PLC0415  # with it

    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        frame = geopandas.read_file(path)
    except Exception as error:  # whatever a driver raises
        raise ConfigurationError(str(path), [f"cannot be read: {error}"]) from error
    if frame.crs is None or field not in frame.columns:
        known = ", ".join(map(str, frame.columns.drop("geometry", errors="ignore")))
        what = "states no coordinate system" if frame.crs is None else f"has no field {field!r}"
        raise ConfigurationError(str(path), [f"{what}; its fields are {known or 'none'}"])
    names = frame[field].map(_as_written)
    chosen = frame[names == feature].to_crs("EPSG:4326")
    if chosen.empty:
        known = ", ".join(sorted(set(names)))
        raise ConfigurationError(
            str(path), [f"no feature with {field} {feature!r}; it has {known}"]
        )
    try:
        for shape in chosen.geometry:
            shapes_of({feature: shape})
        whole = shapely.union_all(chosen.geometry.to_numpy())
        rings = tuple(tuple((int(x), int(y)) for x, y in np.rint(ring)) for ring in rings_of(whole))
        _index(feature, rings)  # verified here, so that a broken outline is refused at load
    except BoundaryError as error:
        raise ConfigurationError(str(path), [f"{feature}: {error}"]) from error
    return rings, digest


def _as_written(value: object) -> str:
    """Write a value as a policy names it; a column of whole numbers with a gap holds floats."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _index(name: str, outline: Outline) -> DivisionIndex:
    rings = tuple(np.array(ring, np.int32) for ring in outline)
    return DivisionIndex(Partition((PartitionDivision(1, name, "", rings),), name))


class PolygonAreas:
    """The outlined areas of a policy, each with an exact index of its own.

    Parameters
    ----------
    policy : Policy
        Its outlines; a point on a border belongs as `DivisionIndex` says.
    """

    def __init__(self, policy: Policy) -> None:
        self._indexes = {name: _index(name, rings) for name, rings in policy.outlines.items()}

    def inside(self, *, lon: float, lat: float) -> frozenset[str]:
        """Return the ids of the areas a point lies in."""
        return frozenset(
            name for name, index in self._indexes.items() if index.covers(lon=lon, lat=lat)
        )

    def inside_many(
        self, lons: npt.NDArray[np.float64], lats: npt.NDArray[np.float64]
    ) -> list[frozenset[str]]:
        """Return the ids of the areas each point lies in; points in the same ones share a set."""
        columns = [index.covers_many(lons, lats) for index in self._indexes.values()]
        rows = np.stack(columns, axis=1) if columns else np.zeros((len(lons), 0), np.bool_)
        different, which = np.unique(rows, axis=0, return_inverse=True)
        sets = [
            frozenset(name for name, within in zip(self._indexes, row, strict=True) if within)
            for row in different.tolist()
        ]
        return [sets[place] for place in which.ravel().tolist()]


def outlined_conflicts(
    programs: Iterable[Program], outlines: Mapping[str, Outline], partition: Partition | None
) -> Iterable[str]:
    """List pairs of providers of a program that would serve one place at one moment.

    Parameters
    ----------
    programs : iterable of Program
        With providers that serve outlined areas.
    outlines : mapping of str to Outline
        Their areas.
    partition : Partition or None
        The divisions; without them outlines are compared with each other only.
    """
    import shapely  # noqa: PLC0415  # only where there are outlines

    shapes: dict[Any, Any] = {
        name: shapely.union_all(polygons_of([np.array(ring, np.int32) for ring in rings]))
        for name, rings in outlines.items()
    }
    for division in () if partition is None else partition.divisions:
        shapes[division.number] = shapely.union_all(polygons_of(division.rings))
    for program in programs:
        for place, one in enumerate(program.providers):
            for other in program.providers[:place]:
                yield from _met(program.program_id, one, other, shapes)


def _met(program: str, one: Provider, other: Provider, shapes: Mapping[Any, Any]) -> Iterable[str]:
    if not one.serves_beside(other):
        return
    for mine in sorted(one.outlined) + sorted(one.divisions):
        for theirs in sorted(other.outlined) + sorted(other.divisions):
            if isinstance(mine, int) and isinstance(theirs, int):
                continue  # divisions are compared by number
            if mine not in shapes or theirs not in shapes:
                continue
            if shapes[mine].intersection(shapes[theirs]).area > _TOUCH:
                yield (
                    f"programs.{program}.providers.{one.provider_id}: {_name(mine)} overlaps "
                    f"{_name(theirs)}, which {other.provider_id} serves at the same hours"
                )


def _name(area: int | str) -> str:
    return f"division {area}" if isinstance(area, int) else f"area {area}"
