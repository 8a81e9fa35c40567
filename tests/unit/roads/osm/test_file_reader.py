"""Reading OpenStreetMap files: every kind, and every way in which one can be broken."""

from __future__ import annotations

import bz2
import gzip
import sys
from pathlib import Path

import pytest

from tests.scenarios.osm_map import PROFILE
from unarmed_router.errors import NetworkError
from unarmed_router.roads.osm.file_reader import read_osm_file
from unarmed_router.roads.osm.importing import import_osm

pytest.importorskip("osmium", reason="needs the extra [osm]")

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n'
NODES = (
    b'<node id="1" lat="34.00" lon="-118.0" version="1"/>\n'
    b'<node id="2" lat="34.01" lon="-118.0" version="1"/>\n'
    b'<node id="3" lat="34.02" lon="-118.0" version="1">'
    b'<tag k="highway" v="traffic_signals"/></node>\n'
)
WAY = (
    b'<way id="5" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/>'
    b'<tag k="highway" v="residential"/><tag k="name" v="Calle Ma\xc3\xb1ana"/></way>\n'
)
TURN = (
    b'<relation id="9" version="1"><member type="way" ref="5" role="from"/>'
    b'<member type="node" ref="2" role="via"/><member type="way" ref="5" role="to"/>'
    b'<tag k="type" v="restriction"/><tag k="restriction" v="no_u_turn"/></relation>\n'
)
END = b"</osm>\n"
WHOLE = HEAD + NODES + WAY + TURN + END


def written(folder: Path, content: bytes, name: str = "extract.osm") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("extract.osm", WHOLE),
        ("extract.osm.gz", gzip.compress(WHOLE)),
        ("extract.osm.bz2", bz2.compress(WHOLE)),
    ],
)
def test_text_kinds_are_read_alike(tmp_path: Path, name: str, content: bytes) -> None:
    """Plain, gzip and bzip2 give the same nodes, ways, names, node tags and restrictions."""
    data = read_osm_file(written(tmp_path, content, name))
    assert data.node_id.tolist() == [1, 2, 3]
    assert data.node_lat.tolist() == [34.0, 34.01, 34.02]
    assert data.way_id.tolist() == [5]
    assert data.names[data.way_name[0]] == "Calle Mañana"
    assert data.node_tags == {3: {"highway": "traffic_signals"}}
    assert [relation.id for relation in data.relations] == [9]


def test_pbf_is_read_as_the_text_is(tmp_path: Path) -> None:
    """The binary kind of the same extract gives the same network, digest and all."""
    import osmium  # noqa: PLC0415  # an extra

    text = written(tmp_path, WHOLE)
    binary = tmp_path / "extract.osm.pbf"
    with osmium.SimpleWriter(str(binary)) as writer:
        for element in osmium.FileProcessor(str(text)):
            writer.add(element)
    one, other = (import_osm(read_osm_file(file), PROFILE).network for file in (text, binary))
    assert one.digest == other.digest


def test_the_order_of_elements_does_not_matter(tmp_path: Path) -> None:
    """Ways before their nodes are read as well as after them."""
    data = read_osm_file(written(tmp_path, HEAD + WAY + NODES + END))
    assert data.node_lat.tolist() == [34.0, 34.01, 34.02]


BROKEN = [
    ("A coordinate is no number.", NODES.replace(b"34.01", b"abc") + WAY, "node 2 has lat 'abc'"),
    ("An id is no number.", NODES + WAY.replace(b'id="5"', b'id="x5"'), "way x5 has id 'x5'"),
    ("A node lies off the earth.", NODES.replace(b"34.01", b"134.01") + WAY,
     "node 2 lies at lon -118.0, lat 134.01"),
    ("A way is listed twice.", NODES + WAY + WAY, "way 5 is listed twice"),
    ("The text is Latin-1, not UTF-8.", NODES + WAY.replace(b"\xc3\xb1", b"\xf1"), "way 5"),
    ("A tag is endless.", NODES + WAY.replace(b"Calle", b"9" * 5000), "way 5 has a tag of 50"),
    ("A tag holds a control character.", NODES + WAY.replace(b"\xc3\xb1", b"\x01"), "way 5"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "body", "told"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_element_is_named(tmp_path: Path, sentence: str, body: bytes, told: str) -> None:
    """The message names the file and the element that is broken."""
    with pytest.raises(NetworkError) as caught:
        read_osm_file(written(tmp_path, HEAD + body + END))
    assert "extract.osm" in str(caught.value), sentence
    assert told in str(caught.value), sentence


CUT = [
    ("In the middle of a way.", "extract.osm", (HEAD + NODES + WAY)[:-60], "way 5"),
    ("Before the end of the file.", "extract.osm", HEAD + NODES + WAY, "way 5"),
    ("In the middle of bzip2.", "extract.osm.bz2", bz2.compress(WHOLE)[:-30], "extract.osm.bz2"),
    ("In the middle of gzip.", "extract.osm.gz", gzip.compress(WHOLE)[:-30], "extract.osm.gz"),
    ("Nothing but a page of a server.", "extract.osm", b"<html>429</html>", "html"),
    ("Nothing at all.", "extract.osm", b"", "extract.osm"),
    ("Something else under the name.", "extract.osm.pbf", b"no protobuf", "extract.osm.pbf"),
    ("Of unknown kind.", "extract.txt", WHOLE, "kind its ending says"),
]


@pytest.mark.parametrize(("sentence", "name", "content", "told"), CUT, ids=[row[0] for row in CUT])
def test_a_file_cut_short_is_told(
    tmp_path: Path, sentence: str, name: str, content: bytes, told: str
) -> None:
    """A file that ends too early, or is none, is refused with its name and the last element."""
    with pytest.raises(NetworkError) as caught:
        read_osm_file(written(tmp_path, content, name))
    assert name in str(caught.value), sentence
    assert told in str(caught.value), sentence


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    """A file that defines entities within entities is refused, not expanded."""
    bomb = b'<!DOCTYPE osm [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>\n'
    content = HEAD.replace(b"<osm", bomb + b"<osm") + NODES + WAY.replace(b"Calle", b"&b;") + END
    with pytest.raises(NetworkError, match="entities"):
        read_osm_file(written(tmp_path, content))


def test_a_missing_node_is_counted_not_fatal(tmp_path: Path) -> None:
    """Extracts are cut at their edge: a way whose node is missing ends there, and is reported."""
    body = NODES.replace(b'id="2"', b'id="77"') + WAY
    data = read_osm_file(written(tmp_path, HEAD + body + END))
    with pytest.raises(NetworkError, match="no road that profile crisis_car may drive"):
        import_osm(data, PROFILE)


def test_negative_numbers_of_an_editor_are_told(tmp_path: Path) -> None:
    """An editor numbers what is not uploaded below zero, and no storage of places holds that."""
    content = (HEAD + NODES + WAY + END).replace(b'id="2"', b'id="-2"').replace(b'"2"/>', b'"-2"/>')
    with pytest.raises(NetworkError, match=r"extract\.osm: node -2 has a negative number"):
        read_osm_file(written(tmp_path, content))


def test_relations_that_contain_each_other_are_harmless(tmp_path: Path) -> None:
    """A restriction whose members are relations, itself among them, is skipped with the reason."""
    cyclic = TURN.replace(b'type="node" ref="2"', b'type="relation" ref="9"')
    data = read_osm_file(written(tmp_path, HEAD + NODES + WAY + cyclic + END))
    assert import_osm(data, PROFILE).turns.skipped == {"a member is a relation": (9,)}


def test_absurd_tags_are_read_without_harm(tmp_path: Path) -> None:
    """Endless values, odd characters and empty ones make a road like any other."""
    odd = (
        b'<tag k="maxspeed" v="' + b"9" * 250 + b'"/><tag k="oneway" v=""/>'
        b'<tag k="access" v="&#x202e;"/><tag k="lanes" v="-1e999"/>'
    )
    body = NODES + WAY.replace(b"<tag", odd + b"<tag", 1)
    data = read_osm_file(written(tmp_path, HEAD + body + END))
    assert data.way_id.tolist() == [5]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is told as such."""
    with pytest.raises(NetworkError, match=r"nowhere\.osm: no such file"):
        read_osm_file(tmp_path / "nowhere.osm")


def test_without_pyosmium_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without pyosmium the message names what to install."""
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(NetworkError, match=r"pip install 'unarmed-router\[osm\]'"):
        read_osm_file(written(tmp_path, WHOLE))


@pytest.mark.parametrize(
    ("name", "ways", "least_km"),
    [("small_planet_extract.osm", 19, 0.5), ("west_oakland.osm.bz2", 31, 4.0)],
)
def test_published_extracts_end_to_end(shared: Path, name: str, ways: int, least_km: float) -> None:
    """The two published extracts become networks, with nothing refused without a reason."""
    data = read_osm_file(shared / "fixtures" / "osm" / name)
    assert data.way_id.size == ways
    found = import_osm(data, PROFILE)
    report = found.network.report
    assert found.network.arcs > 20
    assert float(found.chains.length_m.sum()) / 1000.0 > least_km
    assert report.duplicates_dropped == 0
    reached = float(found.network.length_m[found.network.twin < 0].sum())
    reached += float(found.network.length_m[found.network.twin >= 0].sum()) / 2.0
    total = float(found.chains.length_m.sum())
    assert reached + found.islands.length_m == pytest.approx(total, rel=1e-6)
