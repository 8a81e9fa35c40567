"""Published boundaries: read from any format, refused feature by feature when broken."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pytest
import shapely

from unarmed_router.errors import BoundaryError
from unarmed_router.geography.readers import read_divisions
from unarmed_router.geography.readers_attributes import read_attributes

if TYPE_CHECKING:
    from pathlib import Path

SQUARE = [[-118.4, 34.0], [-118.3, 34.0], [-118.3, 34.1], [-118.4, 34.1], [-118.4, 34.0]]
BESIDE = [[-118.3, 34.0], [-118.2, 34.0], [-118.2, 34.1], [-118.3, 34.1], [-118.3, 34.0]]


def _feature(number: Any, name: Any, geometry: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"PREC": number, "APREC": name},
        "geometry": geometry,
    }


def _polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def _file(folder: Path, *features: dict[str, Any]) -> Path:
    """Write a file of one good division and the given features after it."""
    path = folder / "city.geojson"
    good = _feature(1, "Central", _polygon(SQUARE))
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [good, *features]}), encoding="utf-8"
    )
    return path


def _frame(crs: str | None = "EPSG:4326") -> Any:
    table = {"PREC": [2, 1], "APREC": ["East", "West"]}
    shapes = [shapely.Polygon(BESIDE), shapely.Polygon(SQUARE)]
    return geopandas.GeoDataFrame(table, geometry=shapes, crs=crs)


def test_divisions_in_order(tmp_path: Path) -> None:
    """Divisions come in order of number, with coordinates untouched."""
    _frame().to_file(tmp_path / "city.geojson", driver="GeoJSON")
    found = read_divisions(tmp_path / "city.geojson").divisions
    assert [(each.number, each.name, each.bureau) for each in found] == [
        (1, "West", ""),
        (2, "East", ""),
    ]
    assert shapely.get_coordinates(found[0].geometry).tolist() == SQUARE


@pytest.mark.parametrize("suffix", ["geojson", "shp", "gpkg"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    """A projected file of any common format comes back as WGS 84 degrees."""
    path = tmp_path / f"city.{suffix}"
    # A GeoJSON file is degrees by its standard; the others carry the state plane of Los Angeles.
    (_frame() if suffix == "geojson" else _frame().to_crs("EPSG:2229")).to_file(path)
    west = read_divisions(path).divisions[0]
    corners = np.array(west.geometry.bounds).reshape(2, 2)
    np.testing.assert_allclose(corners, [[-118.4, 34.0], [-118.3, 34.1]], atol=2e-8)


def test_gzip(tmp_path: Path) -> None:
    """A compressed file is read as it is."""
    path = tmp_path / "city.geojson.gz"
    path.write_bytes(gzip.compress(_file(tmp_path).read_bytes()))
    assert [each.name for each in read_divisions(path).divisions] == ["Central"]


def test_column_case(tmp_path: Path) -> None:
    """A column that differs in case only is taken."""
    found = read_divisions(_file(tmp_path), number_field="prec", name_field="Aprec")
    assert found.divisions[0].number == 1


def test_number_as_text(tmp_path: Path) -> None:
    """A number written as text, or as 2.0 by a program without integers, is a number."""
    path = _file(tmp_path, _feature("2", "East", _polygon(BESIDE)))
    assert [each.number for each in read_divisions(path).divisions] == [1, 2]


def test_names_and_bureaus_replace_the_files(tmp_path: Path) -> None:
    """Names and bureaus given by number win over the file's own."""
    path = _file(tmp_path)
    division = read_divisions(path, names={1: "Centro"}, bureaus={1: "South"}).divisions[0]
    assert (division.name, division.bureau) == ("Centro", "South")


BROKEN = [
    (_feature(None, "X", _polygon(BESIDE)), r"feature 1: PREC \S+ is not a positive whole number"),
    (_feature("two", "X", _polygon(BESIDE)), "PREC 'two' is not a positive whole number"),
    (_feature(2.5, "X", _polygon(BESIDE)), "PREC 2.5 is not a positive whole number"),
    (_feature(0, "X", _polygon(BESIDE)), "feature 1: PREC 0 is not a positive whole number"),
    (_feature(-3, "X", _polygon(BESIDE)), "feature 1: PREC -3 is not a positive whole number"),
    (_feature(1, "X", _polygon(BESIDE)), "feature 1: number 1 is used 2 times; merge them"),
    (_feature(2, None, _polygon(BESIDE)), r"feature 1 \(number 2\): APREC gives it no name"),
    (_feature(2, "  ", _polygon(BESIDE)), r"feature 1 \(number 2\): APREC gives it no name"),
    (_feature(2, "X", None), r"feature 1 \(number 2, X\): has no geometry that can be read"),
    (_feature(2, "X", _polygon()), "has no geometry that can be read"),
    (_feature(2, "X", _polygon(BESIDE[:2])), "fewer than four points"),
    (_feature(2, "X", _polygon(BESIDE[:4])), "a ring is open"),
    (_feature(2, "X", _polygon([*BESIDE[:2], BESIDE[0]])), "a ring of 2 different vertices"),
    (_feature(2, "X", _polygon([BESIDE[0]] * 4)), "a ring of 1 different vertices"),
    (_feature(2, "X", {"type": "Point", "coordinates": [-118.3, 34.0]}), "is a Point; a division"),
    (
        _feature(2, "X", {"type": "LineString", "coordinates": BESIDE}),
        "is a LineString; a division must be",
    ),
    (
        _feature(2, "X", {"type": "GeometryCollection", "geometries": [_polygon(BESIDE)]}),
        "is a GeometryCollection; a division must be",
    ),
    (
        _feature(2, "X", _polygon([BESIDE[0], [float("nan"), 34.0], *BESIDE[2:]])),
        "vertex 1: coordinates must be finite",
    ),
    (
        _feature(2, "X", _polygon([[lat, lon] for lon, lat in BESIDE])),
        r"latitude -118.3 is outside \[-90, 90\]; .*did you swap them",
    ),
    (
        _feature(2, "X", _polygon([[lon * 5e4, lat * 5e4] for lon, lat in BESIDE])),
        "is it in a projected coordinate system",
    ),
    (
        _feature(2, "X", _polygon([BESIDE[0], BESIDE[2], BESIDE[1], BESIDE[3], BESIDE[0]])),
        r"crosses itself \(Self-intersection.*would change its area by .* m2, more than 50 m2",
    ),
]


@pytest.mark.parametrize(("feature", "match"), BROKEN)
def test_broken_feature(tmp_path: Path, feature: dict[str, Any], match: str) -> None:
    """Each broken feature is refused with its place, the value, the rule and the remedy."""
    with pytest.raises(BoundaryError, match=match) as caught:
        read_divisions(_file(tmp_path, feature))
    assert str(tmp_path / "city.geojson") in str(caught.value)


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Every fault of a file is listed in one go."""
    path = _file(tmp_path, _feature(None, "X", None), _feature(3, None, _polygon()))
    with pytest.raises(BoundaryError, match="4 faults:") as caught:
        read_divisions(path)
    assert str(caught.value).count("\n  feature 1") == 2
    assert str(caught.value).count("\n  feature 2") == 2


def test_many_faults_are_counted(tmp_path: Path) -> None:
    """A long list of faults is cut, and says by how many."""
    path = _file(tmp_path, *[_feature(n, None, _polygon(BESIDE)) for n in range(2, 32)])
    with pytest.raises(BoundaryError, match=r"30 faults:[\s\S]*and 5 more"):
        read_divisions(path)


def test_small_knot_is_repaired_and_noted(tmp_path: Path) -> None:
    """A knot of a few square metres in a border is untied, and said so."""
    # Two crossing steps of 1e-5 degree, about a metre each, on the southern border.
    knot = [[-118.25, 34.0], [-118.24999, 34.00001], [-118.25, 34.00001], [-118.24999, 34.0]]
    path = _file(tmp_path, _feature(2, "East", _polygon([BESIDE[0], *knot, *BESIDE[1:]])))
    found = read_divisions(path)
    assert found.divisions[1].geometry.is_valid
    assert len(found.notes) == 1
    assert "feature 1 (number 2, East): crossed itself" in found.notes[0]


def test_knot_above_the_threshold_is_refused(tmp_path: Path) -> None:
    """The same repair is refused when the caller accepts no change of area."""
    knot = [[-118.25, 34.0], [-118.24999, 34.00001], [-118.25, 34.00001], [-118.24999, 34.0]]
    path = _file(tmp_path, _feature(2, "East", _polygon([BESIDE[0], *knot, *BESIDE[1:]])))
    with pytest.raises(BoundaryError, match=r"crosses itself .* more than 0\.01 m2"):
        read_divisions(path, threshold_m2=0.01)


@pytest.mark.parametrize("content", ["", "hello", '{"type": "FeatureColl', '{"a": 1}'])
def test_unreadable_file(tmp_path: Path, content: str) -> None:
    """A file that is no vector file, or is cut short, is refused by name."""
    path = tmp_path / "city.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BoundaryError, match=r"city\.geojson: cannot be read as a vector file"):
        read_divisions(path)


def test_absent_file(tmp_path: Path) -> None:
    """A path that does not exist is refused by name."""
    with pytest.raises(BoundaryError, match=r"nowhere\.shp: cannot be read as a vector file"):
        read_divisions(tmp_path / "nowhere.shp")


def test_no_features(tmp_path: Path) -> None:
    """A file without features is refused."""
    path = tmp_path / "city.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    with pytest.raises(BoundaryError, match="has no features"):
        read_divisions(path)


def test_table_without_geometry(tmp_path: Path) -> None:
    """A plain table is not a vector file of divisions."""
    path = tmp_path / "city.csv"
    path.write_text("PREC,APREC\n1,Central\n", encoding="utf-8")
    with pytest.raises(BoundaryError, match="has no features with a geometry"):
        read_divisions(path)


@pytest.mark.parametrize(("number", "name"), [("PREC", "DIVISION"), ("DIVISION", "APREC")])
def test_missing_column(tmp_path: Path, number: str, name: str) -> None:
    """A missing column is refused with the columns there are."""
    with pytest.raises(BoundaryError, match="no column 'DIVISION'; it has PREC, APREC; say which"):
        read_divisions(_file(tmp_path), number_field=number, name_field=name)


def test_missing_crs(tmp_path: Path) -> None:
    """A shapefile without .prj is refused, and read when the caller says what it is in."""
    path = tmp_path / "city.shp"
    _frame().to_crs("EPSG:2229").to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(BoundaryError, match=r"states no coordinate system; add its \.prj"):
        read_divisions(path)
    west = read_divisions(path, crs="EPSG:2229").divisions[0].geometry.bounds[0]
    assert west == pytest.approx(-118.4, abs=1e-6)


@pytest.mark.parametrize("crs", ["EPSG:2229", "EPSG:123456", "feet"])
def test_wrong_crs(tmp_path: Path, crs: str) -> None:
    """A system that contradicts the file, or does not exist, is refused."""
    with pytest.raises(BoundaryError, match=f"coordinate system {crs} cannot be used"):
        read_divisions(_file(tmp_path), crs=crs)


def test_attributes_must_fit(tmp_path: Path) -> None:
    """A table of names or bureaus lacks no division and has none too many."""
    with pytest.raises(
        BoundaryError, match=r"names: division 1 has none[\s\S]*bureaus: division 9"
    ):
        read_divisions(_file(tmp_path), names={}, bureaus={1: "South", 9: "West"})


def test_read_attributes(tmp_path: Path) -> None:
    """Names and bureaus are read by number."""
    path = tmp_path / "divisions.csv"
    path.write_text("number,name,bureau\n2, East ,South\n1,West,\n", encoding="utf-8")
    assert read_attributes(path) == ({2: "East", 1: "West"}, {2: "South", 1: ""})


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("", "line 1: names no columns; .* such as number, name, bureau"),
        ("number,name,bureau\n", "has no divisions"),
        ("number,name\n1,West\n", "line 1: no column bureau; it has number, name"),
        ("number,name,bureau\nx,West,South\n", "row 0: number 'x' is not a positive whole number"),
        ("number,name,bureau\n1,A,\n1,B,\n", "row 1: number 1 is used 2 times"),
        ("number,name,bureau\n1,,South\n", r"row 0 \(number 1\): name gives it no name"),
    ],
)
def test_broken_attributes(tmp_path: Path, content: str, match: str) -> None:
    """A broken table is refused with its row."""
    path = tmp_path / "divisions.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BoundaryError, match=match):
        read_attributes(path)


def test_absent_attributes(tmp_path: Path) -> None:
    """A table that does not exist is refused by name."""
    with pytest.raises(BoundaryError, match=r"no\.csv: 1 fault:\s+cannot be read"):
        read_attributes(tmp_path / "no.csv")
