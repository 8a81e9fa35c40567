"""The outline of an area from a GeoJSON file, whoever drew it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from unarmed_router.errors import NetworkError
from unarmed_router.roads.osm.clip import outline_of

RING = [[-118.0, 34.0], [-117.9, 34.0], [-117.9, 34.1], [-118.0, 34.1], [-118.0, 34.0]]
SQUARE: dict[str, Any] = {"type": "Polygon", "coordinates": [RING]}
OTHER: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [[[lon + 1.0, lat, 7.0] for lon, lat in RING]],
}


def feature(geometry: Any) -> dict[str, Any]:
    """Put a geometry into a feature."""
    return {"type": "Feature", "properties": {}, "geometry": geometry}


def written(folder: Path, content: Any) -> Path:
    """Write a file, as JSON where it is not text already."""
    path = folder / "area.geojson"
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(text)
    return path


@pytest.mark.parametrize(
    "content",
    [
        SQUARE,
        feature(SQUARE),
        {"type": "FeatureCollection", "features": [feature(None), feature(SQUARE)]},
        {"type": "GeometryCollection", "geometries": [SQUARE]},
        feature({"type": "GeometryCollection", "geometries": [SQUARE]}),
        {"type": "Polygon", "coordinates": [RING[::-1]]},
        {"type": "MultiPolygon", "coordinates": [[RING]]},
        b"\xef\xbb\xbf" + json.dumps(SQUARE).encode(),
    ],
)
def test_a_polygon_is_found_however_it_is_wrapped(tmp_path: Path, content: Any) -> None:
    """As geometry, feature or collection, either way round, with a byte order mark or without."""
    outline = outline_of(written(tmp_path, content))
    assert outline.bounds == (-118.0, 34.0, -117.9, 34.1)
    assert outline.area == pytest.approx(0.01)


def test_polygons_are_united_and_all_else_is_left(tmp_path: Path) -> None:
    """A line and a height beside them do not count."""
    line = {"type": "LineString", "coordinates": [[0.0, 0.0], [1.0, 1.0]]}
    features = [feature(part) for part in (SQUARE, line, OTHER)]
    outline = outline_of(written(tmp_path, {"type": "FeatureCollection", "features": features}))
    assert outline.bounds == (-118.0, 34.0, -116.9, 34.1)
    assert outline.area == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" * 100_000, "no GeoJSON"),
        (b"not json", "no GeoJSON"),
        ({"type": "FeatureCollection", "features": 5}, "no GeoJSON"),
        ({"type": "Polygon", "coordinates": "x"}, "no GeoJSON"),
        ({"type": "Polygon", "coordinates": [RING[:-1]]}, "no GeoJSON"),
        ({"type": "Polygon", "coordinates": []}, "no polygon in it"),
        ({"type": "Polygon", "coordinates": [[RING[0], RING[1], RING[0], RING[0]]]}, "no polygon"),
        ({"type": "Point", "coordinates": [0.0, 0.0]}, "no polygon in it"),
        ([SQUARE], "no polygon in it"),
        (
            {"type": "Polygon", "coordinates": [[[x * 1e4, y * 1e4] for x, y in RING]]},
            "no degrees",
        ),
    ],
)
def test_a_file_without_an_area_is_refused(tmp_path: Path, content: Any, words: str) -> None:
    """The file is named, whatever is broken in it."""
    with pytest.raises(NetworkError, match=rf"area\.geojson: .*{words}"):
        outline_of(written(tmp_path, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path is wrong, not its content."""
    with pytest.raises(NetworkError, match=r"area\.geojson: cannot be read"):
        outline_of(tmp_path / "area.geojson")
