"""Read published division boundaries from any vector file, and refuse what is broken by name.

Every fault found is listed at once, with the file, the feature, its division where known, and the
remedy: a boundary file is corrected by somebody else, so each round trip costs days.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unarmed_router.errors import BoundaryError
from unarmed_router.geography.readers_rows import (
    division_name,
    division_number,
    fault_listing,
    row_faults,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

__all__ = ["SourceDivision", "SourceDivisions", "read_divisions"]


@dataclass(frozen=True, slots=True, eq=False)
class SourceDivision:
    """One division as published.

    Parameters
    ----------
    number : int
        The agency's own number; positive.
    name, bureau : str
        As the agency writes them; bureau is empty when not known.
    geometry : shapely Polygon or MultiPolygon
        Valid, (lon, lat) in WGS 84 degrees.
    """

    number: int
    name: str
    bureau: str
    geometry: Any


@dataclass(frozen=True, slots=True, eq=False)
class SourceDivisions:
    """All divisions of one file.

    Parameters
    ----------
    source : str
        The file, as the user named it.
    divisions : tuple of SourceDivision
        In order of number.
    notes : tuple of str
        Geometries that had to be repaired.
    """

    source: str
    divisions: tuple[SourceDivision, ...]
    notes: tuple[str, ...] = ()


def read_divisions(
    source: str | PathLike[str],
    *,
    number_field: str = "PREC",
    name_field: str = "APREC",
    crs: str | None = None,
    names: Mapping[int, str] | None = None,
    bureaus: Mapping[int, str] | None = None,
    threshold_m2: float = 50.0,
) -> SourceDivisions:
    """Read division polygons.

    Parameters
    ----------
    source : path
        GeoJSON, shapefile, GeoPackage or anything else geopandas reads; `.gz` is unpacked.
    number_field, name_field : str
        Columns of the division's number and name; when no column is written exactly so, one that
        differs in case only is taken.
    crs : str, optional
        Coordinate system of a file that does not state its own, such as "EPSG:2229".
    names, bureaus : mapping of int to str, optional
        By division number, in place of the file's names; every division must be in it.
    threshold_m2 : float
        A self-intersection whose repair changes the area by more is refused.

    Returns
    -------
    SourceDivisions
        Valid polygons in WGS 84 degrees.

    Raises
    ------
    BoundaryError
        Every fault found, each with its feature, reason and remedy.
    """
    label = str(source)
    frame = _to_degrees(_read(label), label, crs)
    columns = [str(column) for column in frame.columns if column != frame.geometry.name]
    written = list(frame[_column(columns, number_field, label)])
    numbers = [division_number(value) or 0 for value in written]
    if names is None:
        titles = [division_name(value) for value in frame[_column(columns, name_field, label)]]
    else:
        titles = [names.get(number, str(number)) for number in numbers]
    faults = row_faults(
        list(zip(written, titles, strict=True)),
        number_field=number_field,
        name_field=name_field,
        row_word="feature",
    )
    for table, what in ((names, "names"), (bureaus, "bureaus")):
        faults += _table_faults(numbers, table, what)
    geometries, notes, broken = _geometries(frame.geometry, numbers, titles, threshold_m2)
    faults += broken
    if faults:
        raise BoundaryError(fault_listing(label, faults))
    divisions = [
        SourceDivision(number, title, (bureaus or {}).get(number, ""), geometry)
        for number, title, geometry in zip(numbers, titles, geometries, strict=True)
    ]
    ordered = sorted(divisions, key=lambda division: division.number)
    return SourceDivisions(label, tuple(ordered), tuple(notes))


def _read(label: str) -> Any:
    # Lazily: geopandas takes about a second to import, and only building boundaries needs it.
    import geopandas  # noqa: PLC0415

    path = f"/vsigzip/{label}" if label.lower().endswith(".gz") else label
    try:
        with warnings.catch_warnings():
            # What these warn of is refused below, feature by feature.
            warnings.simplefilter("ignore", RuntimeWarning)
            warnings.filterwarnings("ignore", message="Could not parse column")
            frame = geopandas.read_file(path, on_invalid="ignore")
    except (OSError, ValueError, RuntimeError) as error:
        raise BoundaryError(
            f"{label}: cannot be read as a vector file: {str(error).rstrip('.')}; check the path, "
            "and that the file is complete"
        ) from error
    if not isinstance(frame, geopandas.GeoDataFrame) or frame.empty:
        raise BoundaryError(f"{label}: has no features with a geometry; is it the right file?")
    return frame


def _to_degrees(frame: Any, label: str, crs: str | None) -> Any:
    if frame.crs is None and crs is None:
        raise BoundaryError(
            f"{label}: states no coordinate system; add its .prj file, or say which it is (crs, "
            '--crs), such as "EPSG:4326" for degrees or "EPSG:2229" for California zone 5 feet'
        )
    try:
        stated = frame if crs is None else frame.set_crs(crs)
        # set_crs refuses one that differs from the file's own; to_crs moves to (lon, lat).
        return (
            stated
            if stated.crs.equals("EPSG:4326", ignore_axis_order=True)
            else stated.to_crs("EPSG:4326")
        )
    except (ValueError, RuntimeError) as error:
        raise BoundaryError(
            f"{label}: coordinate system {crs or frame.crs} cannot be used: {error}"
        ) from error


def _column(columns: Sequence[str], field: str, label: str) -> str:
    if field in columns:
        return field
    alike = [column for column in columns if column.casefold() == field.casefold()]
    if len(alike) == 1:
        return alike[0]
    raise BoundaryError(
        f"{label}: has no column {field!r}; it has {', '.join(columns) or 'none'}; say which holds "
        "the division's number and name (number_field and name_field, --number-field, --name-field)"
    )


def _table_faults(numbers: Sequence[int], table: Mapping[int, str] | None, what: str) -> list[str]:
    if table is None:
        return []
    unknown = sorted(set(table) - set(numbers))
    lacking = sorted(set(numbers) - set(table) - {0})
    faults = [f"{what}: division {number} is not in the file; remove it" for number in unknown]
    return faults + [f"{what}: division {number} has none; add it" for number in lacking]


def _geometries(
    column: Any, numbers: Sequence[int], names: Sequence[str], threshold_m2: float
) -> tuple[list[Any], list[str], list[str]]:
    from unarmed_router.geography.readers_geometry import geometry_fault, repaired  # noqa: PLC0415

    geometries: list[Any] = []
    notes: list[str] = []
    faults: list[str] = []
    for index, geometry in enumerate(column):
        where = (
            f"feature {index} (number {numbers[index] or 'unknown'}, {names[index] or 'no name'})"
        )
        fault = geometry_fault(geometry)
        valid, note = (None, fault) if fault else repaired(geometry, threshold_m2)
        if note:
            (faults if valid is None else notes).append(f"{where}: {note}")
        geometries.append(valid)
    return geometries, notes, faults
