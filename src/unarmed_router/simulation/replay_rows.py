"""Rows of tables of calls, one at a time: CSV, JSON Lines, Parquet, GeoPackage and its like."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from unarmed_router.csv_rows import open_csv
from unarmed_router.errors import InputError

__all__ = ["POINT", "VECTOR_ENDINGS", "numbered_rows"]

POINT = ":point"
"""Key of a row's (lon, lat) where the file has geometry; no column can be called so."""

_CHUNK = 10_000

VECTOR_ENDINGS = (".gpkg", ".geojson", ".shp", ".fgb")
"""Of files whose rows have geometry."""

Row = tuple[int, Mapping[str, Any]]


def numbered_rows(path: Path | str, columns: Sequence[str]) -> Iterator[Row]:
    """Read a table row by row, in bounded memory.

    Parameters
    ----------
    path : path-like
        ``.csv``, ``.jsonl`` or ``.ndjson`` (each also with ``.gz``), ``.parquet``, ``.gpkg``,
        ``.geojson``, ``.shp`` or ``.fgb``.
    columns : sequence of str
        What is needed of it.

    Yields
    ------
    tuple of (int, mapping)
        The number to name in a message (the line of a text file; else the row, from 1) and the
        cells; under `POINT` the place, where the file has geometry.

    Raises
    ------
    InputError
        The file cannot be read, is of another kind, or lacks a column.
    """
    path = Path(path)
    kind = (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()
    readers = {
        ".csv": _csv,
        ".jsonl": _json_lines,
        ".ndjson": _json_lines,
        ".parquet": _parquet,
        **dict.fromkeys(VECTOR_ENDINGS, _vector),
    }
    if kind not in readers:
        known = ", ".join(readers)
        raise InputError(f"{path}: a file of calls must end in one of {known}")
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    return readers[kind](path, columns)


def _refuse_missing(path: Path, columns: Sequence[str], there: Sequence[str]) -> None:
    missing = [name for name in columns if name not in there]
    if missing:
        raise InputError(
            f"{path}: columns {', '.join(missing)} are missing; it has {', '.join(there)}"
        )


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _csv(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    def refuse(faults: Sequence[str]) -> InputError:
        return InputError(f"{path}: {'; '.join(faults)}")

    with open_csv(path, needs=[name.strip() for name in columns], refuse=refuse) as rows:
        at = {name: rows.titles.index(name.strip()) for name in columns}
        for line, cells in rows:
            yield line, {name: cells[column] for name, column in at.items()}


def _json_lines(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    with _opened(path) as file:
        number = 0
        try:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise InputError(f"{path}, line {number}: is no JSON object")
                missing = [name for name in columns if name not in row]
                if missing:
                    raise InputError(
                        f"{path}, line {number}: lacks {', '.join(missing)}; write null for what "
                        "is not known"
                    )
                yield number, row
        except (ValueError, RecursionError, EOFError, OSError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{path}, line {number or 1}: is not JSON: {error}") from error


def _parquet(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415  # an extra; only where there is Parquet
    except ImportError:
        raise InputError(
            f"{path}: reading Parquet needs pyarrow: pip install 'unarmed-router[research]'"
        ) from None
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            _refuse_missing(path, columns, file.schema_arrow.names)
            for batch in file.iter_batches(batch_size=_CHUNK, columns=list(columns)):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
    except (ArrowException, OSError) as error:
        raise InputError(f"{path}, after row {number}: {error}") from error


def _vector(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    import geopandas  # noqa: PLC0415  # heavy; only where there is geometry
    from pyogrio import read_info  # noqa: PLC0415
    from pyogrio.errors import DataSourceError  # noqa: PLC0415

    try:
        info = read_info(path)
        _refuse_missing(path, columns, list(info["fields"]))
        if info["crs"] is None:
            raise InputError(f"{path}: states no coordinate system; set one and write it again")
        for first in range(0, info["features"], _CHUNK):
            frame = geopandas.read_file(
                path, columns=list(columns), rows=slice(first, first + _CHUNK)
            )
            points = frame.geometry.to_crs(4326).tolist()
            records = frame[list(columns)].astype(object).to_dict("records")
            for number, (row, point) in enumerate(zip(records, points, strict=True), first + 1):
                if point is None or point.geom_type != "Point" or point.is_empty:
                    raise InputError(f"{path}, row {number}: the geometry is no point: {point}")
                yield number, {**row, POINT: (point.x, point.y)}
    except DataSourceError as error:
        raise InputError(f"{path}: {error}") from error
