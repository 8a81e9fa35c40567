"""The commands `network build` from a map, `network report` and `network refresh`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.unit.roads.osm.map_server import map_server
from unarmed_router.cli.network import app
from unarmed_router.errors import ArtefactError, InputError, NetworkError
from unarmed_router.roads.network_file import load_network

pytest.importorskip("osmium", reason="needs the extra [osm]")

TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="34.000" lon="-118.000"/>
  <node id="2" lat="34.000" lon="-117.995"/>
  <node id="3" lat="34.000" lon="-117.990"/>
  <node id="4" lat="33.996" lon="-117.995"/>
  <node id="5" lat="34.000" lon="-117.900"/>
  <node id="6" lat="34.100" lon="-118.000"/>
  <node id="7" lat="34.101" lon="-118.000"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="secondary"/>
    <tag k="name" v="Olympic"/><tag k="maxspeed" v="35 mph"/></way>
  <way id="11"><nd ref="2"/><nd ref="3"/><tag k="highway" v="secondary"/>
    <tag k="name" v="Olympic"/><tag k="maxspeed" v="350 mph"/></way>
  <way id="12"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>
  <way id="13"><nd ref="3"/><nd ref="5"/><tag k="highway" v="primary"/></way>
  <way id="14"><nd ref="6"/><nd ref="7"/><tag k="highway" v="residential"/></way>
  <way id="15"><nd ref="1"/><nd ref="4"/><tag k="highway" v="footway"/></way>
  <relation id="20"><member type="way" ref="10" role="from"/>
    <member type="node" ref="2" role="via"/><member type="way" ref="12" role="to"/>
    <tag k="type" v="restriction"/><tag k="restriction" v="no_right_turn"/></relation>
  <relation id="21"><member type="way" ref="10" role="from"/>
    <tag k="type" v="restriction"/><tag k="restriction" v="no_left_turn"/></relation>
</osm>
"""


def run(*arguments: object) -> Result:
    """Run a command; errors reach the test as they reach the main program."""
    return CliRunner().invoke(
        app, [str(argument) for argument in arguments], catch_exceptions=False
    )


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Write the extract and build its network; return the network file."""
    (tmp_path / "town.osm").write_text(TOWN, encoding="utf-8")
    result = run("build", tmp_path / "town.osm", "--output", tmp_path / "town.network")
    assert "arcs, digest" in result.stdout
    assert "reading tags" in result.stderr
    assert "1 turn restriction applied, 1 skipped; 1 island of" in result.stderr
    assert f"quality report: {tmp_path / 'town.quality.json'}; to read it" in result.stderr
    assert f"contraction order: {tmp_path / 'town.order'}" in result.stderr
    assert "topology" not in result.stderr
    assert "turns and islands counted, that cannot be reached from the rest" in result.stderr
    return tmp_path / "town.network"


def test_build_writes_network_order_and_report(town: Path) -> None:
    """The three files stand side by side, and the network says where it comes from."""
    network = load_network(town)
    assert town.with_suffix(".order").is_file()
    assert town.with_suffix(".quality.json").is_file()
    assert network.metadata["source"] == "town.osm"
    assert "ODbL" in network.metadata["licence"]
    assert network.metadata["profile"].startswith("crisis_car ")


def test_report_reads_well(town: Path) -> None:
    """Every fact an analyst acts on is in the text, with ids."""
    text = run("report", town).stdout
    assert "town.osm, read by profile crisis_car" in text
    assert "secondary: 0.9 km, 50 % of it at an assumed speed" in text
    assert "not roads: 1 ways, no road for cars: highway=footway" in text
    assert "turn restrictions: 1 applied, 0 needless" in text
    assert "skipped 1: a from, via or to member is missing (21)" in text
    assert "limit not believed: maxspeed=350 mph, 1 ways (11)" in text
    assert "islands cut off: 1, 0.1 km" in text
    assert "way 14" in text


def test_report_is_json_and_geojson(town: Path, tmp_path: Path) -> None:
    """The same facts for machines, and every place for a map."""
    result = run("report", town, "--json", "--geojson", tmp_path / "town.geojson")
    document = json.loads(result.stdout)
    assert document["schema"] == "unarmed-router/network-quality/1"
    assert document["islands"]["largest"][0]["ways"] == [14]
    layer = json.loads((tmp_path / "town.geojson").read_text(encoding="utf-8"))
    kinds = {feature["properties"]["kind"] for feature in layer["features"]}
    assert kinds == {"dead_end", "island", "restriction_skipped", "suspicious_limit"}
    for feature in layer["features"]:
        lon, lat = feature["geometry"]["coordinates"]
        assert (-119 < lon < -117, 33 < lat < 35) == (True, True)


def test_report_finds_divisions_far_from_roads(town: Path, tmp_path: Path) -> None:
    """A division with a corner beyond the roads is named, with the farthest place."""
    corners = [[-118.0, 33.99], [-117.99, 33.99], [-117.99, 34.01], [-118.0, 34.01]]
    feature = {
        "type": "Feature",
        "properties": {"PREC": 7, "APREC": "Hills"},
        "geometry": {"type": "Polygon", "coordinates": [[*corners, corners[0]]]},
    }
    source = tmp_path / "source.geojson"
    source.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    from unarmed_router.cli.boundaries import app as boundaries  # noqa: PLC0415  # only here

    built = tmp_path / "divisions.geojson"
    CliRunner().invoke(boundaries, ["build", str(source), "-o", str(built)], catch_exceptions=False)
    text = run("report", town, "--divisions", built).stdout
    assert "division 7: 891 m" in text
    assert "m from a road at" in text
    near = run("report", town, "--divisions", built, "--beyond-m", 5000).stdout
    assert "division 7" not in near


def test_report_needs_what_build_wrote(tmp_path: Path) -> None:
    """A network of tables has no quality report, and the message says who writes one."""
    with pytest.raises(ArtefactError, match="network build` writes it"):
        run("report", tmp_path / "tables.network")


def test_build_clips_to_a_polygon_and_a_margin(town: Path, tmp_path: Path) -> None:
    """Roads beyond the margin are left out; a longer margin takes more."""
    corners = [[-118.01, 33.99], [-117.994, 33.99], [-117.994, 34.01], [-118.01, 33.99]]
    area = tmp_path / "area.geojson"
    area.write_text(json.dumps({"type": "Polygon", "coordinates": [corners]}), encoding="utf-8")
    lengths = []
    for margin in (10, 20_000):
        output = tmp_path / f"clipped{margin}.network"
        run("build", tmp_path / "town.osm", "--polygon", area, "--margin-m", margin, "-o", output)
        lengths.append(float(load_network(output).length_m.sum()))
    assert lengths[0] < lengths[1] == float(load_network(town).length_m.sum())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{}", "no polygon in it"),
        ("not json", "no GeoJSON"),
        ('{"type": "Point", "coordinates": [0, 0]}', "no polygon in it"),
        (
            '{"type": "Polygon", "coordinates": [[[0, 0], [500, 0], [0, 9], [0, 0]]]}',
            "no degrees",
        ),
    ],
)
def test_a_broken_area_is_told(town: Path, tmp_path: Path, content: str, told: str) -> None:
    """A file that is no area of the earth is refused with its name."""
    assert town.is_file()
    area = tmp_path / "area.geojson"
    area.write_text(content, encoding="utf-8")
    with pytest.raises(NetworkError, match=told):
        run("build", tmp_path / "town.osm", "--polygon", area, "-o", tmp_path / "x.network")


def test_build_fetches_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name goes to Nominatim, its tiles to Overpass, and what comes back becomes a network."""
    import osmnx  # noqa: PLC0415  # heavy

    with map_server() as server:
        monkeypatch.setattr(osmnx.settings, "nominatim_url", server.url)
        monkeypatch.setattr(osmnx.settings, "overpass_url", server.url)
        monkeypatch.setattr(osmnx.settings, "cache_folder", tmp_path)
        monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
        for _ in range(2):
            result = run("build", "--place", "Town", "-o", tmp_path / "town.network")
    assert "tile 4 of 4 fetched" in result.stderr
    assert load_network(tmp_path / "town.network").metadata["source"] == "Overpass"
    assert len(server.asked) == 5  # the second build asks nothing


def test_build_reads_a_graph_of_osmnx(tmp_path: Path) -> None:
    """A GraphML file gives a network; edges without a time take their limit or their class."""
    import networkx as nx  # noqa: PLC0415  # only here
    import osmnx  # noqa: PLC0415  # heavy

    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, lon in ((1, -118.0), (2, -117.99)):
        graph.add_node(node, x=lon, y=34.0)
    graph.add_edge(1, 2, osmid=5, length=924.0, highway="secondary", maxspeed="30 mph")
    graph.add_edge(2, 1, osmid=5, length=924.0, highway="secondary", travel_time=60.0)
    osmnx.save_graphml(graph, tmp_path / "saved.graphml")
    result = run("build", tmp_path / "saved.graphml", "-o", tmp_path / "saved.network")
    assert "1 of 2 edges had no time" in result.stderr
    times = sorted(load_network(tmp_path / "saved.network").free_flow_ms.tolist())
    assert times == [60_000, round(924.0 / (30 * 1.609344 * 0.92 / 3.6) * 1000)]


LINE = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    '<key id="g" for="edge" attr.name="geometry" attr.type="string"/>'
    '<graph edgedefault="directed"><node id="1"/><node id="2"/>'
    '<edge source="1" target="2"><data key="g">LINESTRING (0</data></edge></graph></graphml>'
)


@pytest.mark.parametrize(
    "text", ["<graphml>", "<osm/>", LINE, LINE.replace('data key="g"', 'data key="z"')]
)
def test_a_broken_graph_is_told(tmp_path: Path, text: str) -> None:
    """What is no GraphML of osmnx, or of an unknown class, is refused with the file's name."""
    broken = tmp_path / "broken.graphml"
    broken.write_text(text, encoding="utf-8")
    with pytest.raises(NetworkError, match=r"broken\.graphml: no GraphML"):
        run("build", broken, "-o", tmp_path / "x.network")


@pytest.mark.parametrize(
    "arguments", [[], ["a.csv"], ["a.osm", "b.osm"], ["a.csv", "b.csv", "--place", "X"]]
)
def test_build_says_what_it_takes(tmp_path: Path, arguments: list[str]) -> None:
    """Sources that do not go together are refused with what would."""
    with pytest.raises(InputError, match="give one OpenStreetMap file"):
        run("build", *arguments, "-o", tmp_path / "x.network")


def test_refresh_reports_what_changed(town: Path, tmp_path: Path) -> None:
    """A closed street, a new one and a lower limit are told apart, and times change with them."""
    newer = (
        TOWN.replace('v="35 mph"', 'v="20 mph"')
        .replace('<way id="13">', '<way id="99">')
        .replace('<node id="5" lat="34.000"', '<node id="5" lat="34.001"')
    )
    (tmp_path / "newer.osm").write_text(newer, encoding="utf-8")
    run("build", tmp_path / "newer.osm", "-o", tmp_path / "newer.network")
    document = json.loads(run("refresh", town, tmp_path / "newer.network", "--json").stdout)
    assert document["ways"]["new"] == {"count": 1, "first": [99]}
    assert document["ways"]["closed"] == {"count": 1, "first": [13]}
    assert document["roads"] == {"unchanged": 4, "retimed": 2, "gone": 2, "new": 2}
    assert document["times"]["changed"] > 0
    text = run("refresh", town, tmp_path / "newer.network").stdout
    assert "new ways: 1 (99)" in text
    assert "arcs unchanged 4, of other times 2, gone 2, new 2" in text


def test_refresh_compares_times_between_calls(town: Path, tmp_path: Path) -> None:
    """Calls of an agency take the place of chosen ones; the same network changes nothing."""
    calls = tmp_path / "calls.csv"
    calls.write_text("lon,lat\n-118.0,34.0\n-117.995,33.996\n-117.99,34.0\n", encoding="utf-8")
    document = json.loads(run("refresh", town, town, "--calls", calls, "--json").stdout)
    assert document["times"]["places"] == 3
    assert (document["times"]["median"], document["times"]["changed"]) == (1.0, 0)
    assert document["roads"]["gone"] == document["roads"]["new"] == 0


def test_refresh_says_what_it_cannot_compare(town: Path, tmp_path: Path) -> None:
    """One place makes no pair, and a network without way ids has no ways: neither is no change."""
    calls = tmp_path / "calls.csv"
    calls.write_text("lon,lat\n-118.0,34.0\n", encoding="utf-8")
    text = run("refresh", town, town, "--calls", calls).stdout
    assert "times between 1 place: nothing to compare; 0 can no longer be driven" in text
    document = json.loads(run("refresh", town, town, "--calls", calls, "--json").stdout)
    assert (document["times"]["pairs"], document["times"]["median"]) == (0, None)
    nodes, arcs = tmp_path / "nodes.csv", tmp_path / "arcs.csv"
    nodes.write_text("node,lon,lat\na,-118,34\nb,-118.01,34\n", encoding="utf-8")
    head = "tail,head,length_m,class,speed_kph\n"
    arcs.write_text(f"{head}a,b,930,street,40\nb,a,930,street,40\n", encoding="utf-8")
    run("build", nodes, arcs, "-o", tmp_path / "plain.network")
    text = run("refresh", tmp_path / "plain.network", town).stdout
    assert "ways: not compared, since a network has no way ids\n" in text
    assert "new ways" not in text
