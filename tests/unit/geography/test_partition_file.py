"""The divisions file: exact, canonical, and refused by name when it is broken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from unarmed_router.errors import ArtefactError, BoundaryError
from unarmed_router.geography.partition import (
    PartitionDivision,
    partition_digest,
)
from unarmed_router.geography.partition_file import (
    load_partition,
    parse_partition,
    write_divisions,
)

if TYPE_CHECKING:
    from pathlib import Path


def _division(number: int, *rings: list[tuple[int, int]], name: str = "North") -> PartitionDivision:
    arrays = tuple(np.array(ring, dtype=np.int32) for ring in rings)
    return PartitionDivision(number, name, "Valley", arrays)


OUTER = [(-1184000000, 340000000), (-1183999999, 340000000), (-1183000000, 341234567)]
SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100)]
HOLE = [(10, 10), (10, 20), (20, 20), (20, 10)]


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    """Return the content of a good file of two divisions, to break one thing in."""
    path = tmp_path / "good.geojson"
    write_divisions(path, [_division(1, SQUARE, HOLE), _division(2, OUTER, name="Peña & Co")])
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def test_round_trip_keeps_every_integer(tmp_path: Path) -> None:
    """What is written is read back to the last grid step, in order of number."""
    before = [_division(7, OUTER, name="Peña"), _division(3, SQUARE, HOLE)]
    path = tmp_path / "divisions.geojson"
    write_divisions(path, before)
    after = load_partition(path)
    assert [(d.number, d.name, d.bureau) for d in after.divisions] == [
        (3, "North", "Valley"),
        (7, "Peña", "Valley"),
    ]
    for was, now in zip(reversed(before), after.divisions, strict=True):
        for ring, again in zip(was.rings, now.rings, strict=True):
            np.testing.assert_array_equal(ring, again)
            assert again.dtype == np.int32
    assert after.digest == partition_digest(before)


def test_every_grid_step_survives_text(tmp_path: Path) -> None:
    """Decimals are exact across the whole range of degrees, at both ends and at zero."""
    rng = np.random.default_rng(20261122)
    lon = np.r_[rng.integers(-1_800_000_000, 1_800_000_001, 500), -1, 0, 1, 10_000_000]
    lat = np.r_[rng.integers(-900_000_000, 900_000_001, 500), 1, -1, 0, -10_000_000]
    places = np.column_stack([lon, lat])
    # In order of direction from within, so that the ring does not cross itself.
    around = np.argsort(np.arctan2(lat - 0.5, lon - 0.5), kind="stable")
    ring = places[around].astype(np.int32)
    path = tmp_path / "wide.geojson"
    write_divisions(path, [PartitionDivision(1, "All", "", (ring,))])
    np.testing.assert_array_equal(load_partition(path).divisions[0].rings[0], ring)


def test_file_is_canonical(tmp_path: Path) -> None:
    """The order of the input does not change a byte, and each feature has its own line."""
    divisions = [_division(2, OUTER), _division(1, SQUARE, HOLE)]
    one, other = tmp_path / "one", tmp_path / "other"
    write_divisions(one, divisions)
    write_divisions(other, divisions[::-1])
    assert one.read_bytes() == other.read_bytes()
    assert len(one.read_text(encoding="utf-8").splitlines()) == len(divisions) + 2


def test_file_is_geojson(document: dict[str, Any]) -> None:
    """Rings are closed, holes follow their exterior, coordinates are plain degrees."""
    polygon = document["features"][0]["geometry"]["coordinates"][0]
    assert [len(ring) for ring in polygon] == [5, 5]
    assert all(ring[0] == ring[-1] for ring in polygon)
    assert document["features"][1]["geometry"]["coordinates"][0][0][1] == [-118.3999999, 34.0]


def test_rings_are_read_only(tmp_path: Path) -> None:
    """Nobody can move a border of a loaded partition."""
    path = tmp_path / "divisions.geojson"
    write_divisions(path, [_division(1, SQUARE)])
    with pytest.raises(ValueError, match="read-only"):
        load_partition(path).divisions[0].rings[0][0] = 1


@pytest.mark.parametrize("part", ["number", "name", "bureau", "ring"])
def test_digest_covers_everything(part: str) -> None:
    """A change of any part of a division changes the digest."""
    before = _division(1, SQUARE)
    after = {
        "number": _division(2, SQUARE),
        "name": _division(1, SQUARE, name="South"),
        "bureau": PartitionDivision(1, "North", "West", before.rings),
        "ring": _division(1, [(0, 0), (100, 0), (100, 100), (0, 101)]),
    }[part]
    assert partition_digest([before]) != partition_digest([after])


def _refused(document: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        parse_partition(json.dumps(document), source="city.geojson")


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("number", 0, "feature 0: number 0 must be a positive whole number"),
        ("number", "1", "number '1' must be"),
        ("number", True, "number True must be"),
        ("number", 2, r"unique and ascend; got \[2, 2\]"),
        ("name", "", "name '' and bureau 'Valley' must be text"),
        ("bureau", None, "bureau None must be text"),
    ],
)
def test_broken_property(document: dict[str, Any], name: str, value: Any, match: str) -> None:
    """A property of the wrong kind is refused with its value."""
    document["features"][0]["properties"][name] = value
    _refused(document, BoundaryError, match)


@pytest.mark.parametrize("name", ["number", "name", "bureau"])
def test_missing_property(document: dict[str, Any], name: str) -> None:
    """A missing property is named."""
    del document["features"][1]["properties"][name]
    _refused(document, BoundaryError, f"city.geojson: feature 1: lacks {name}")


@pytest.mark.parametrize(
    ("ring", "match"),
    [
        ([[0, 0], [1, 0], [1, 1], [0.12345678, 1], [0, 0]], "more than 7 decimal places"),
        ([[0, 0], [1, 0], [1, 1], [1e-12, 1], [0, 0]], "more than 7 decimal places"),
        ([[0, 0], [1, 0], [1, 1], [0, 1]], "is not closed"),
        ([[0, 0], [1, 0], [0, 0]], "needs four or more"),
        ([[0, 0], [0, 1], [1, 1], [0, 0]], "must run counter-clockwise"),
        ([[0, 0], [181, 0], [1, 1], [0, 0]], r"outside \[-180, 180\]"),
        ([[0, 0], [float("nan"), 0], [1, 1], [0, 0]], r"outside \[-180, 180\]"),
        ([[0, 0], [1], [1, 1], [0, 0]], "not a list of number pairs"),
        ([[0, 0], [10**400, 0], [1, 1], [0, 0]], "not a list of number pairs"),
        ([[0, 0, 5], [1, 0, 5], [1, 1, 5], [0, 0, 5]], "needs four or more"),
        ("north", "not a list of number pairs"),
    ],
)
def test_broken_ring(document: dict[str, Any], ring: Any, match: str) -> None:
    """A ring that is not a closed integer ring the right way round is refused with its feature."""
    document["features"][0]["geometry"]["coordinates"] = [[ring]]
    _refused(document, BoundaryError, f"city.geojson: feature 0: .*{match}")


@pytest.mark.parametrize(
    ("geometry", "match"),
    [
        (None, "must have properties and a geometry"),
        ({"type": "Point", "coordinates": [0, 0]}, "geometry 'Point' must be a MultiPolygon"),
        ({"type": "MultiPolygon", "coordinates": []}, "has no coordinates"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "has no coordinates"),
        ({"type": "MultiPolygon", "coordinates": [1, 2]}, "has no coordinates"),
        ({"type": "MultiPolygon", "coordinates": {"0": [[0, 0]]}}, "has no coordinates"),
    ],
)
def test_broken_geometry(document: dict[str, Any], geometry: Any, match: str) -> None:
    """A feature without polygons is refused."""
    document["features"][1]["geometry"] = geometry
    _refused(document, BoundaryError, match)


@pytest.mark.parametrize("features", [[], None, "x"])
def test_no_features(document: dict[str, Any], features: Any) -> None:
    """A file without features is not a city without divisions."""
    document["features"] = features
    _refused(document, BoundaryError, "city.geojson: has no features")


@pytest.mark.parametrize("member", ["format", "grid", "sha256"])
def test_incomplete_stamp(document: dict[str, Any], member: str) -> None:
    """A stamp that lacks a member is no stamp."""
    del document["unarmed_router"][member]
    _refused(document, ArtefactError, "not a built divisions file")


@pytest.mark.parametrize(("member", "value"), [("format", 2), ("grid", 1e-6)])
def test_other_version(document: dict[str, Any], member: str, value: float) -> None:
    """Another format or grid is refused with what this version reads."""
    document["unarmed_router"][member] = value
    _refused(document, ArtefactError, "this version reads format 1 on grid 1e-07")


@pytest.mark.parametrize("content", ["[]", '{"type": "FeatureCollection", "features": []}', "3"])
def test_other_json(content: str) -> None:
    """Plain GeoJSON is refused with how to build a divisions file of it."""
    with pytest.raises(ArtefactError, match="not a built divisions file"):
        parse_partition(content, source="x")


def test_altered_file(document: dict[str, Any]) -> None:
    """One coordinate moved by one step is noticed."""
    document["features"][1]["geometry"]["coordinates"][0][0][1][0] = -118.3999998
    _refused(document, ArtefactError, "city.geojson: was altered")


def test_deeply_nested_file() -> None:
    """Brackets beyond what a reader follows are broken JSON, not a traceback."""
    with pytest.raises(BoundaryError, match=r"city\.geojson: is not valid JSON"):
        parse_partition("[" * 100_000, source="city.geojson")


def test_truncated_file(tmp_path: Path) -> None:
    """A file cut short is refused by name at any length."""
    path = tmp_path / "cut.geojson"
    write_divisions(path, [_division(1, SQUARE)])
    content = path.read_bytes()
    for length in range(0, len(content) - 3, 29):
        path.write_bytes(content[:length])
        with pytest.raises(BoundaryError, match=r"cut\.geojson: is not valid JSON"):
            load_partition(path)


def test_absent_file(tmp_path: Path) -> None:
    """A path that does not exist is named with its remedy."""
    with pytest.raises(BoundaryError, match="cannot be read: No such file or directory; check"):
        load_partition(tmp_path / "nowhere.geojson")


def test_unwritable_folder(tmp_path: Path) -> None:
    """An output in a folder that does not exist is refused, not a traceback of the system."""
    with pytest.raises(BoundaryError, match="cannot be written"):
        write_divisions(tmp_path / "no" / "such.geojson", [_division(1, SQUARE)])
