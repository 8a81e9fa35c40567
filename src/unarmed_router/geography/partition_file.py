"""The divisions file: a GeoJSON whose coordinates are exact multiples of 1e-7 degree.

It is ordinary GeoJSON (RFC 7946), one feature a line, sorted by division number, so any map
program opens it and a change shows as one line of a diff. A top-level member `unarmed_router`
names the format and a digest of the integers, so an altered file is refused by name.

Reading needs the standard library and numpy only: this is what a router does when it starts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unarmed_router.errors import ArtefactError, BoundaryError
from unarmed_router.geography.partition import (
    GRID,
    SCALE,
    Partition,
    PartitionDivision,
    Ring,
    partition_digest,
    ring_doubled_area,
)
from unarmed_router.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

__all__ = ["FORMAT", "load_partition", "parse_partition", "write_divisions"]

FORMAT = 1

_REBUILD = "build it again with `unarmed-router boundaries build`"


def write_divisions(path: str | PathLike[str], divisions: Sequence[PartitionDivision]) -> None:
    """Write a divisions file; the same divisions give the same bytes.

    Parameters
    ----------
    path : path
        Written whole and put in place at the end, so a reader never sees half a file.
    divisions : sequence of PartitionDivision
        In any order; written in order of number.

    Raises
    ------
    BoundaryError
        The file cannot be written.
    """
    from unarmed_router.geography.partition_check import verify_partition  # noqa: PLC0415

    # Only a verified partition gets a stamp: readers trust it and do not verify again.
    verify_partition(divisions)
    ordered = sorted(divisions, key=lambda each: each.number)
    stamp = {"format": FORMAT, "grid": GRID, "sha256": partition_digest(ordered)}
    head = f'{{"type":"FeatureCollection","unarmed_router":{_compact(stamp)},"features":[\n'
    text = head + ",\n".join(map(_feature_text, ordered)) + "\n]}\n"
    try:
        with whole_file(path) as part:
            part.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise BoundaryError(
            f"{path}: cannot be written: {error.strerror}; check the folder"
        ) from error


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _feature_text(division: PartitionDivision) -> str:
    named = {"number": division.number, "name": division.name, "bureau": division.bureau}
    polygons: list[list[str]] = []
    for ring in division.rings:
        if ring_doubled_area(ring) > 0:
            polygons.append([])
        polygons[-1].append(_ring_text(ring))
    body = ",".join(f"[{','.join(rings)}]" for rings in polygons)
    geometry = f'{{"type":"MultiPolygon","coordinates":[{body}]}}'
    return f'{{"type":"Feature","properties":{_compact(named)},"geometry":{geometry}}}'


def _ring_text(ring: Ring) -> str:
    pairs = [f"[{_decimal(lon)},{_decimal(lat)}]" for lon, lat in ring.tolist()]
    return f"[{','.join([*pairs, pairs[0]])}]"


def _decimal(steps: int) -> str:
    """Write grid steps as an exact decimal; going through a float could drift in the last place."""
    whole, fraction = divmod(abs(steps), SCALE)
    sign = "-" if steps < 0 else ""
    return f"{sign}{whole}.{fraction:07d}".rstrip("0").rstrip(".")


def load_partition(path: str | PathLike[str]) -> Partition:
    """Read a divisions file written by `write_divisions`.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    Partition
        Its divisions in order of number, and their digest.

    Raises
    ------
    BoundaryError
        Unreadable file, broken JSON, a missing property, a broken ring or a coordinate that is
        not a multiple of 1e-7 degree.
    ArtefactError
        Not a divisions file, another format version, or the content is not what was written.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise BoundaryError(f"{path}: cannot be read: {error.strerror}; check the path") from error
    except (TypeError, ValueError) as error:  # no path, or a name that no file system has
        raise BoundaryError(f"{path!r:.80} cannot be read: {error}; give a path") from error
    return parse_partition(content, source=str(path))


def parse_partition(content: bytes | str, *, source: str) -> Partition:
    """Read a divisions file already in memory; see `load_partition`.

    Parameters
    ----------
    content : bytes or str
        The file's content.
    source : str
        What to call it in an error.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BoundaryError(f"{source}: is not valid JSON ({error}); {_REBUILD}") from error
    stamp = _stamp(document, source)
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise BoundaryError(f"{source}: has no features; {_REBUILD}")
    divisions = [_division(feature, f"{source}: feature {i}") for i, feature in enumerate(features)]
    numbers = [division.number for division in divisions]
    if numbers != sorted(set(numbers)):
        raise BoundaryError(f"{source}: division numbers must be unique and ascend; got {numbers}")
    found = partition_digest(divisions)
    if found != stamp["sha256"]:
        raise ArtefactError(
            f"{source}: was altered: its content has digest {found[:12]}..., its stamp says "
            f"{str(stamp['sha256'])[:12]}...; {_REBUILD}"
        )
    return Partition(tuple(divisions), found)


def _stamp(document: Any, source: str) -> dict[str, Any]:
    stamp = document.get("unarmed_router") if isinstance(document, dict) else None
    if not isinstance(stamp, dict) or not {"format", "grid", "sha256"} <= stamp.keys():
        raise ArtefactError(
            f"{source}: is not a built divisions file (no complete `unarmed_router` member); make "
            "one from any vector file with `unarmed-router boundaries build`"
        )
    if stamp["format"] != FORMAT or stamp["grid"] != GRID:
        raise ArtefactError(
            f"{source}: is format {stamp['format']} on grid {stamp['grid']}; this version reads "
            f"format {FORMAT} on grid {GRID}; {_REBUILD}"
        )
    return stamp


def _division(feature: Any, where: str) -> PartitionDivision:
    named = feature.get("properties") if isinstance(feature, dict) else None
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(named, dict) or not isinstance(geometry, dict):
        raise BoundaryError(f"{where}: must have properties and a geometry; {_REBUILD}")
    missing = [name for name in ("number", "name", "bureau") if name not in named]
    if missing:
        raise BoundaryError(f"{where}: lacks {', '.join(missing)}; {_REBUILD}")
    number, name, bureau = named["number"], named["name"], named["bureau"]
    if type(number) is not int or number < 1:
        raise BoundaryError(f"{where}: number {number!r} must be a positive whole number")
    if not isinstance(name, str) or not name or not isinstance(bureau, str):
        raise BoundaryError(f"{where}: name {name!r} and bureau {bureau!r} must be text")
    if geometry.get("type") != "MultiPolygon":
        raise BoundaryError(f"{where}: geometry {geometry.get('type')!r} must be a MultiPolygon")
    return PartitionDivision(number, name, bureau, _rings(geometry.get("coordinates"), where))


def _rings(polygons: Any, where: str) -> tuple[Ring, ...]:
    listed = isinstance(polygons, list) and all(each and type(each) is list for each in polygons)
    if not listed or not polygons:
        raise BoundaryError(f"{where}: has no coordinates; {_REBUILD}")
    return tuple(
        _ring(ring, place == 0, where) for rings in polygons for place, ring in enumerate(rings)
    )


def _ring(pairs: Any, exterior: bool, where: str) -> Ring:
    try:
        degrees = np.array(pairs, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BoundaryError(f"{where}: a ring is not a list of number pairs; {_REBUILD}") from error
    if degrees.ndim != 2 or degrees.shape[1] != 2 or len(degrees) < 4:
        raise BoundaryError(f"{where}: a ring needs four or more (lon, lat) pairs; {_REBUILD}")
    if not np.all(np.abs(degrees) <= (180.0, 90.0)):
        raise BoundaryError(f"{where}: a coordinate is outside [-180, 180] x [-90, 90]")
    steps = np.rint(degrees * SCALE)
    # Exact: the nearest double to a seven-place decimal is its integer divided by 1e7.
    off = np.flatnonzero(np.any(steps / SCALE != degrees, axis=1))
    if off.size:
        lon, lat = degrees[off[0]]
        raise BoundaryError(f"{where}: ({lon}, {lat}) has more than 7 decimal places; {_REBUILD}")
    if np.any(steps[0] != steps[-1]):
        raise BoundaryError(f"{where}: a ring is not closed; {_REBUILD}")
    ring = steps[:-1].astype(np.int32)
    if (ring_doubled_area(ring) > 0) != exterior:
        raise BoundaryError(
            f"{where}: exteriors must run counter-clockwise and holes clockwise; {_REBUILD}"
        )
    ring.setflags(write=False)
    return ring
