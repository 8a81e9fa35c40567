"""The network that the package carries is the one its sources give."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from unarmed_router.roads.csv_reader import read_csv_network
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.network_file import load_network, save_network
from unarmed_router.roads.speeds import HourOfWeekProfile

SOURCE = Path(__file__).resolve().parents[3] / "boundaries" / "source"


@pytest.fixture(scope="module")
def rebuilt() -> RoadNetwork:
    """Build the network from the sources in the repository."""
    text = (SOURCE / "la_planning_network.toml").read_text(encoding="utf-8")
    return read_csv_network(
        SOURCE / "la_planning_nodes.csv.gz",
        SOURCE / "la_planning_arcs.csv.gz",
        metadata=tomllib.loads(text),
    )


def test_the_sources_give_the_embedded_network(city: RoadNetwork, rebuilt: RoadNetwork) -> None:
    """Content, description and report are those of a fresh build."""
    assert city.digest == rebuilt.digest
    assert city.metadata == rebuilt.metadata
    assert city.report == rebuilt.report


def test_the_sources_give_the_embedded_file(
    embedded: Path, rebuilt: RoadNetwork, tmp_path: Path
) -> None:
    """Byte for byte."""
    save_network(rebuilt, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (embedded / "roads.network").read_bytes()


def test_the_embedded_network_is_what_its_source_note_says(city: RoadNetwork) -> None:
    """Nodes, arcs, and every road two-way."""
    assert (city.nodes, city.arcs) == (7033, 22_690)
    assert (city.twin >= 0).all()
    assert "build one from OpenStreetMap" in city.metadata["limits"]


def test_the_embedded_profile_is_read(embedded: Path) -> None:
    """Monday 08 h is slower than Monday 03 h, on the motorway more than elsewhere."""
    profile = HourOfWeekProfile.read_csv(
        embedded / "congestion.csv", group_of={"motorway": "motorway"}, default="arterial"
    )
    night, rush = (profile.class_factors(("local", "motorway"), hour) for hour in (3, 8))
    assert 1.0 <= night.max() < rush[0] < rush[1]


def test_loading_is_a_matter_of_milliseconds_without_a_copy(embedded: Path) -> None:
    """The arrays are views of the mapped file."""
    network = load_network(embedded / "roads.network", verify=False)
    assert not network.shape_lon.flags.owndata
