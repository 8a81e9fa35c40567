"""The embedded Los Angeles divisions are what their provenance says."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest
import shapely

from unarmed_router.geography.partition import SCALE, Partition, PartitionDivision
from unarmed_router.geography.partition_build import build_partition
from unarmed_router.geography.partition_check import verify_partition
from unarmed_router.geography.partition_file import load_partition, write_divisions
from unarmed_router.geography.partition_report import PartitionReport
from unarmed_router.geography.readers import read_divisions
from unarmed_router.geography.readers_attributes import read_attributes

ROOT = Path(__file__).resolve().parents[3]
EMBEDDED = ROOT / "src" / "unarmed_router" / "data" / "los_angeles" / "divisions.geojson"
SOURCE = ROOT / "boundaries" / "source" / "lapd_divisions_official.geojson.gz"
PROVENANCE = (ROOT / "boundaries" / "PROVENANCE.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def partition() -> Partition:
    """Load the embedded divisions."""
    return load_partition(EMBEDDED)


@pytest.fixture(scope="module")
def rebuilt() -> tuple[tuple[PartitionDivision, ...], PartitionReport]:
    """Build the divisions again from the published file."""
    names, bureaus = read_attributes(ROOT / "boundaries" / "divisions.csv")
    return build_partition(read_divisions(SOURCE, names=names, bureaus=bureaus))


def test_checksums() -> None:
    """Every file named in SHA256SUMS is the one that was recorded."""
    lines = (ROOT / "boundaries" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    recorded = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert {SOURCE.relative_to(ROOT).as_posix(), EMBEDDED.relative_to(ROOT).as_posix()} <= set(
        recorded
    )
    found = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in recorded}
    assert found == recorded


def test_source_is_the_published_file(shared: Path) -> None:
    """The compressed source holds the published bytes."""
    published = (shared / "data" / "lapd_divisions_official.geojson").read_bytes()
    assert gzip.decompress(SOURCE.read_bytes()) == published


def test_rebuild_is_byte_identical(
    rebuilt: tuple[tuple[PartitionDivision, ...], PartitionReport], tmp_path: Path
) -> None:
    """The rebuild command makes the embedded file again, byte for byte."""
    write_divisions(tmp_path / "divisions.geojson", rebuilt[0])
    assert (tmp_path / "divisions.geojson").read_bytes() == EMBEDDED.read_bytes()


def test_twenty_one_divisions(partition: Partition) -> None:
    """All divisions are there, numbered 1 to 21, in four bureaus."""
    assert [each.number for each in partition.divisions] == list(range(1, 22))
    assert {each.bureau for each in partition.divisions} == {"Central", "South", "Valley", "West"}
    names = {each.number: each.name for each in partition.divisions}
    assert (names[1], names[8], names[12]) == ("Central", "West Los Angeles", "77th Street")


def test_names_are_the_published_ones(partition: Partition) -> None:
    """The names differ from the published ones in case only, or in a spelled-out abbreviation."""
    published = {each.number: each.name for each in read_divisions(SOURCE).divisions}
    spelled = {8: "WEST LOS ANGELES", 15: "NORTH HOLLYWOOD"}
    for each in partition.divisions:
        assert each.name.upper() in {published[each.number], spelled.get(each.number)}


def test_embedded_is_a_partition(partition: Partition) -> None:
    """The integer checker passes, and its digest is the one in the provenance."""
    assert verify_partition(partition.divisions).divisions == 21
    assert partition.digest in PROVENANCE


def test_other_cities_stay_outside(
    partition: Partition, rebuilt: tuple[tuple[PartitionDivision, ...], PartitionReport]
) -> None:
    """A point inside each of the ten enclosed areas is in no division."""
    holes = rebuilt[1].holes
    assert len(holes) == 10
    assert round(holes[-1].area_m2) == 126_172
    assert min(round(hole.width_m) for hole in holes) == 191
    points = shapely.points([(hole.lon, hole.lat) for hole in holes])
    for each in partition.divisions:
        # Counting crossings of every ring at once: holes take away what exteriors add.
        inside = sum(
            shapely.within(points, shapely.Polygon(ring / SCALE)).astype(int)
            * (1 if shapely.LinearRing(ring / SCALE).is_ccw else -1)
            for ring in each.rings
        )
        assert np.all(inside == 0), each.name


def test_no_vertex_moved_a_metre(
    rebuilt: tuple[tuple[PartitionDivision, ...], PartitionReport],
) -> None:
    """Borders moved by less than a centimetre; a metre is the promise."""
    assert rebuilt[1].max_move_m < 1.0
    assert f"{rebuilt[1].max_move_m:.4f} m" in PROVENANCE


def test_provenance_states_what_was_found(
    rebuilt: tuple[tuple[PartitionDivision, ...], PartitionReport],
) -> None:
    """The figures in the provenance are those of the build."""
    report = rebuilt[1].as_dict()
    for kind in ("overlaps", "gaps"):
        found = report[kind]
        assert f"{found['count']} slivers" in PROVENANCE
        assert f"{found['area_m2']:.2f} m²" in PROVENANCE
    assert f"{report['vertices_before']:,} | {report['vertices_after']:,}" in PROVENANCE
    assert f"{report['area_m2'] / 1e6:,.2f} km²" in PROVENANCE


def test_published_incidents_agree(partition: Partition, shared: Path) -> None:
    """Incident points the LAPD labelled lie in the labelled division, but for border rounding."""
    path = shared / "data" / "incident_points_labelled_2020.csv"
    table = np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="utf-8")
    points = shapely.points(table["lon"], table["lat"])
    agree = 0
    for each in partition.divisions:
        rings = [shapely.Polygon(ring / SCALE) for ring in each.rings]
        inside = sum(
            shapely.within(points, ring).astype(int) * (1 if shapely.is_ccw(ring.exterior) else -1)
            for ring in rings
        )
        agree += int(np.sum((np.asarray(inside) > 0) & (table["area_id"] == each.number)))
    assert agree / len(points) > 0.97
