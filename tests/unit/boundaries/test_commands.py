"""`boundaries build` and `check`: data on standard output, messages on standard error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from unarmed_router.cli.boundaries import app
from unarmed_router.errors import ArtefactError, BoundaryError
from unarmed_router.geography.partition_file import load_partition

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


def _run(*arguments: Any) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def _city(folder: Path, *, overlap: float = 0.0) -> Path:
    """Write two square divisions of about a kilometre that overlap by some degrees."""
    features = []
    for number, west in ((1, -118.4), (2, -118.39 - overlap)):
        east, south, north = -118.39 + 0.01 * (number - 1), 34.0, 34.01
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        features.append(
            {
                "type": "Feature",
                "properties": {"PREC": number, "APREC": f"D{number}"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    path = folder / "source.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_build_then_check(tmp_path: Path) -> None:
    """A built file passes the check, which says so on standard output."""
    output = tmp_path / "divisions.geojson"
    built = _run("build", _city(tmp_path), "--output", output)
    assert built.exit_code == 0, built.output
    assert built.stdout == ""
    assert "2 divisions" in built.stderr
    assert "no overlap and no gap found" in built.stderr
    checked = _run("check", output)
    assert checked.exit_code == 0
    assert "an exact partition: 2 divisions, 8 vertices, 1 shared and 6 outer" in checked.stdout


def test_build_names_the_file_it_wrote(tmp_path: Path) -> None:
    """Brackets in its name are no markup."""
    output = tmp_path / "divisions[2026].geojson"
    assert f"{output}: 2 divisions" in _run("build", _city(tmp_path), "--output", output).stderr
    assert output.is_file()


def test_json(tmp_path: Path) -> None:
    """With --json standard output is one JSON document, and the table goes to standard error."""
    output = tmp_path / "divisions.geojson"
    built = _run("build", _city(tmp_path, overlap=2e-7), "--output", output, "--json")
    report = json.loads(built.stdout)
    assert report["overlaps"]["count"] == 1
    assert "1 overlaps and 0 gaps repaired" in built.stderr
    assert json.loads(_run("check", output, "--json").stdout)["digest"] == (
        load_partition(output).digest
    )


def test_attributes(tmp_path: Path) -> None:
    """Names and bureaus come from the table."""
    table = tmp_path / "table.csv"
    table.write_text("number,name,bureau\n1,West,Valley\n2,East,South\n")
    output = tmp_path / "divisions.geojson"
    _run("build", _city(tmp_path), "--output", output, "--attributes", table)
    found = [(each.name, each.bureau) for each in load_partition(output).divisions]
    assert found == [("West", "Valley"), ("East", "South")]


def test_refusal_leaves_no_file(tmp_path: Path) -> None:
    """A source that does not fit together is refused and nothing is written, until told to."""
    output = tmp_path / "divisions.geojson"
    source = _city(tmp_path, overlap=1e-5)
    refused = _run("build", source, "--output", output)
    assert isinstance(refused.exception, BoundaryError)
    assert "overlap 1/2" in str(refused.exception)
    assert not output.exists()
    assert _run("build", source, "--output", output, "--repair").exit_code == 0
    assert output.exists()


@pytest.mark.parametrize("option", ["--threshold-m2", "--max-move-m"])
def test_limits_are_options(tmp_path: Path, option: str) -> None:
    """An overlap of 10 m2 and 1 cm is refused when either limit is set to nothing."""
    source = _city(tmp_path, overlap=1e-7)
    refused = _run("build", source, "--output", tmp_path / "out.geojson", option, "0")
    assert isinstance(refused.exception, BoundaryError)


def test_check_refuses_plain_geojson(tmp_path: Path) -> None:
    """The source itself is not a divisions file."""
    refused = _run("check", _city(tmp_path))
    assert isinstance(refused.exception, ArtefactError)
