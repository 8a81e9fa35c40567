"""The commands `network info` and `network build`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from unarmed_router.cli.network import app
from unarmed_router.errors import ArtefactError, ConfigurationError, InputError, NetworkError
from unarmed_router.roads.network_file import load_network

NODES = "node,lon,lat\nA,0.1,0.1\nB,0.109,0.1\n"
ARCS = "tail,head,length_m,class,free_flow_s\nA,B,1000,main,60\nB,A,1000,main,60\nA,A,5,main,0\n"


def run(*arguments: object) -> Result:
    """Run a command; errors reach the test as they reach the main program."""
    return CliRunner().invoke(
        app, [str(argument) for argument in arguments], catch_exceptions=False
    )


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    """Write nodes and arcs."""
    (tmp_path / "nodes.csv").write_text(NODES, encoding="utf-8")
    (tmp_path / "arcs.csv").write_text(ARCS, encoding="utf-8")
    return tmp_path / "nodes.csv", tmp_path / "arcs.csv"


def test_info_describes_the_embedded_network() -> None:
    """Without a file, the network that the package carries."""
    facts = json.loads(run("info", "--json").stdout)
    assert (facts["nodes"], facts["arcs"]) == (7033, 22_690)
    assert facts["road_km"]["motorway"] == 417.0
    assert facts["west_south_east_north"][0] < facts["west_south_east_north"][2]
    assert "build one from OpenStreetMap" in facts["limits"]


def test_info_prints_the_same_facts_as_a_table() -> None:
    """A person reads the digest and the limits, too."""
    result = run("info")
    digest = json.loads(run("info", "--json").stdout)["digest"]
    assert "7033" in result.stdout
    assert digest[:20] in result.stdout
    assert result.stderr == ""


def test_build_writes_a_file_that_info_reads(sources: tuple[Path, Path], tmp_path: Path) -> None:
    """Data on stdout, what was dropped on stderr."""
    output = tmp_path / "roads.network"
    result = run("build", *sources, "--output", output)
    assert "2 nodes, 2 arcs, digest" in result.stdout
    assert result.stderr.splitlines() == [
        "contracting the network",
        "dropped: 1 arc from a node to itself",
        f"contraction order: {tmp_path / 'roads.order'}",
    ]
    facts = json.loads(run("info", output, "--json").stdout)
    assert facts["road_km"] == {"main": 1.0}
    assert facts["digest"] == load_network(output).digest


def test_build_says_what_it_changed_and_where_files_are(tmp_path: Path) -> None:
    """A doubled arc, one of no time, and a road of its own, each in words."""
    (tmp_path / "nodes.csv").write_text(f"{NODES}C,0.2,0.1\nD,0.21,0.1\n", encoding="utf-8")
    more = "A,B,1000,main,90\nC,D,10,main,0\nD,C,10,main,0\n"
    zero = "B,A,0,main,0\n"
    (tmp_path / "arcs.csv").write_text(f"{ARCS}{more}{zero}", encoding="utf-8")
    sources, output = (tmp_path / "nodes.csv", tmp_path / "arcs.csv"), tmp_path / "roads.network"
    result = run("build", *sources, "--output", output, "--allow-zero", "--topology")
    assert result.stderr.splitlines()[1:] == [
        "dropped: 1 arc from a node to itself",
        "dropped: 1 arc along the line of a faster one",
        "raised to 1 ms: 1 arc of no length or time",
        "left out: 2 arcs and 2 nodes that cannot be reached from the rest or not be left for it",
        f"contraction order: {tmp_path / 'roads.order'}",
        f"topology: {tmp_path / 'roads.topology'}",
    ]


@pytest.mark.parametrize("ending", ["order", "topology"])
def test_a_network_is_not_replaced_by_its_order(
    sources: tuple[Path, Path], tmp_path: Path, ending: str
) -> None:
    """Its ending is not that of a file written beside it."""
    with pytest.raises(InputError, match=rf"\.{ending} is the ending of a file written beside"):
        run("build", *sources, "--output", tmp_path / f"roads.{ending}")
    assert not (tmp_path / f"roads.{ending}").exists()


def test_build_takes_a_description(sources: tuple[Path, Path], tmp_path: Path) -> None:
    """Title and limits travel with the network."""
    about = tmp_path / "about.toml"
    about.write_text('title = "Two nodes"\nlimits = "no more"\n', encoding="utf-8")
    run("build", *sources, "--output", tmp_path / "out", "--metadata", about)
    assert load_network(tmp_path / "out").metadata == {"title": "Two nodes", "limits": "no more"}


def test_info_shows_a_description_as_it_is(sources: tuple[Path, Path], tmp_path: Path) -> None:
    """Brackets and colons in it are no markup."""
    about = tmp_path / "about.toml"
    about.write_text('title = "Roads [draft] [/x] :car:"\n', encoding="utf-8")
    run("build", *sources, "--output", tmp_path / "out", "--metadata", about)
    assert "Roads [draft] [/x] :car:" in run("info", tmp_path / "out").stdout


@pytest.mark.parametrize(
    ("text", "words"), [("title = 3", "title is not text"), ("title", "is not TOML")]
)
def test_a_broken_description_is_refused(
    sources: tuple[Path, Path], tmp_path: Path, text: str, words: str
) -> None:
    """It is a flat table of texts."""
    about = tmp_path / "about.toml"
    about.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"about\.toml: 1 fault; {words}"):
        run("build", *sources, "--output", tmp_path / "out", "--metadata", about)


def test_zeros_are_refused_unless_they_are_allowed(
    sources: tuple[Path, Path], tmp_path: Path
) -> None:
    """The choice is the caller's, and it is counted."""
    text = sources[1].read_text(encoding="utf-8").replace("A,B,1000", "A,B,0")
    sources[1].write_text(text, encoding="utf-8")
    with pytest.raises(NetworkError, match="zero length"):
        run("build", *sources, "--output", tmp_path / "out")
    result = run("build", *sources, "--output", tmp_path / "out", "--allow-zero")
    assert "raised to 1 ms: 1 arc of no length or time" in result.stderr


def test_a_file_that_is_no_network_is_refused(sources: tuple[Path, Path]) -> None:
    """The main program prints the error by its words."""
    with pytest.raises(ArtefactError, match=r"nodes\.csv: not a road network file"):
        run("info", sources[0])
