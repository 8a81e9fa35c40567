"""The network file: same bytes, same network, and no damage goes unnoticed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.roads.towns import forbidden_turn, square
from unarmed_router.errors import ArtefactError, NetworkError
from unarmed_router.roads.network_file import load_network, save_network

FILE = "roads.network"
WAYS = [11, 11, 12, 12, 2**40, 0, 14]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the bytes of a saved network."""
    path = tmp_path_factory.mktemp("saved") / FILE
    save_network(square(metadata={"title": "Square"}), path)
    return path.read_bytes()


def resealed(content: bytes, old: bytes, new: bytes) -> bytes:
    """Replace bytes by as many others and write the checksum anew, as a careful forger would."""
    assert len(old) == len(new)
    assert old in content
    body = content.replace(old, new, 1)
    sha = hashlib.sha256(body[:24] + body[56:]).digest()
    return body[:24] + sha + body[56:]


def test_a_saved_network_comes_back_the_same(tmp_path: Path) -> None:
    """Arrays, names, metadata and report survive the file."""
    network = square(metadata={"title": "Square", "limits": "none"})
    save_network(network, tmp_path / FILE)
    loaded = load_network(tmp_path / FILE)
    assert loaded.digest == network.digest
    assert loaded.metadata == network.metadata
    assert loaded.report == network.report
    assert np.array_equal(loaded.shape_first, network.shape_first)


def test_the_same_network_gives_the_same_bytes(content: bytes, tmp_path: Path) -> None:
    """A file carries no time and no place."""
    save_network(square(metadata={"title": "Square"}), tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == content


def test_way_ids_survive_the_file(tmp_path: Path) -> None:
    """A network with way ids is of version 2 and comes back whole, as a view of the file."""
    network = square(way_ids=WAYS)
    save_network(network, tmp_path / FILE)
    loaded = load_network(tmp_path / FILE)
    assert loaded.way_id is not None
    assert network.way_id is not None
    assert loaded.way_id.tolist() == network.way_id.tolist()
    assert not loaded.way_id.flags.owndata
    assert loaded.digest == network.digest
    assert (tmp_path / FILE).read_bytes()[8] == 2


def test_a_network_without_way_ids_is_of_version_1(content: bytes) -> None:
    """Earlier releases read what holds nothing they do not know."""
    assert content[8] == 1


def test_exits_come_back_in_a_file_of_version_3(tmp_path: Path) -> None:
    """Earlier releases refuse it: they would take a start to have come the forbidden way."""
    network = forbidden_turn()
    save_network(network, tmp_path / FILE)
    loaded = load_network(tmp_path / FILE)
    assert network.exit_node is not None
    assert loaded.exit_node is not None
    assert loaded.exit_node.tolist() == network.exit_node.tolist()
    assert loaded.digest == network.digest
    assert (tmp_path / FILE).read_bytes()[8] == 3


@pytest.mark.parametrize(
    ("exits", "words"),
    [
        ([9, 0, 0, 0], "an arc's exit is not a node"),
        ([0, 0, 0, 0], "an arc's exit is not where its head is"),
        ([1, 2, 0], "exit_node must hold 4 arcs"),
    ],
)
def test_exits_that_do_not_fit_are_refused(exits: list[int], words: str) -> None:
    """An exit is another node of the junction at the arc's head."""
    with pytest.raises(NetworkError, match=words):
        replace(forbidden_turn(), exit_node=np.array(exits, np.int32))


def test_a_way_id_array_of_another_length_is_refused(tmp_path: Path) -> None:
    """An optional array must fit as every other does."""
    save_network(square(way_ids=WAYS), tmp_path / FILE)
    whole = (tmp_path / FILE).read_bytes()
    at = whole.index(b'"way_id"')
    old = whole[at : whole.index(b"}", at)]
    broken = resealed(whole, old, old.replace(b'"length": 7', b'"length": 6'))
    (tmp_path / FILE).write_bytes(broken)
    with pytest.raises(ArtefactError, match="way_id must hold 7 arcs"):
        load_network(tmp_path / FILE)


def test_loaded_arrays_are_views_of_the_file(content: bytes, tmp_path: Path) -> None:
    """Nothing is copied: processes share the pages of the file."""
    (tmp_path / FILE).write_bytes(content)
    loaded = load_network(tmp_path / FILE)
    assert not loaded.free_flow_ms.flags.owndata
    assert not loaded.free_flow_ms.flags.writeable


def test_arrays_are_aligned(content: bytes) -> None:
    """Each array starts at a multiple of 64 bytes."""
    size = int.from_bytes(content[12:16], "little")
    header = json.loads(content[64 : 64 + size])
    starts = [64 + size + entry["offset"] for entry in header["arrays"].values()]
    assert [start % 64 for start in starts] == [0] * len(starts)


def test_every_flipped_byte_is_noticed(content: bytes, tmp_path: Path) -> None:
    """There is no byte of the file that may change, padding included."""
    path = tmp_path / FILE
    for at in range(len(content)):
        damaged = bytearray(content)
        damaged[at] ^= 0x40
        path.write_bytes(damaged)
        with pytest.raises(ArtefactError, match=FILE):
            load_network(path)


def test_every_truncation_is_noticed_even_without_the_checksum(
    content: bytes, tmp_path: Path
) -> None:
    """A file that ends early is refused wherever it ends."""
    path = tmp_path / FILE
    for size in range(len(content)):
        path.write_bytes(content[:size])
        with pytest.raises(ArtefactError, match=r"truncated|not a road network"):
            load_network(path, verify=False)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_an_unchecked_file_fails_cleanly_or_loads(
    content: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    """Without the checksum, damage may pass, but never as anything but an ArtefactError."""
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        damaged[at] = data.draw(st.integers(0, 255))
    path = tmp_path / FILE
    path.write_bytes(damaged)
    try:
        load_network(path, verify=False)
    except ArtefactError as error:
        assert FILE in str(error)  # noqa: PT017  # not raising is right as well


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (b"", "not a road network file"),
        (b"tail,head,length_m\n" * 10, "not a road network file"),
        (b"\x89ROADS\r\n\x04" + bytes(80), "version 4 of the format, this release reads 1 to 3"),
        (b"\x89ROADS\r\n\x00" + bytes(80), "version 0 of the format, this release reads 1 to 3"),
        (b"\x89ROADS\r\n\x01", "truncated at 9 bytes"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, broken: bytes, words: str) -> None:
    """The message says what is wrong with which file."""
    path = tmp_path / FILE
    path.write_bytes(broken)
    with pytest.raises(ArtefactError, match=words) as caught:
        load_network(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    """A wrong path is told from a broken file."""
    with pytest.raises(ArtefactError, match=r"nowhere: cannot be read"):
        load_network(tmp_path / "nowhere")


def test_bytes_after_the_end_are_refused(content: bytes, tmp_path: Path) -> None:
    """A file that goes on is not the file that was written."""
    (tmp_path / FILE).write_bytes(content + b"\n")
    with pytest.raises(ArtefactError, match="altered"):
        load_network(tmp_path / FILE)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'"free_flow_ms"', b'"free_flow_xx"', "no 'free_flow_ms' in it"),
        (b'"classes"', b'"klasses"', "no 'classes' in it"),
        (b'"dtype": "<f4"', b'"dtype": "<f8"', "length_m is of type <f8, not <f4"),
        (b'"digest": "', b'"digest": 1', "altered"),
        (b'"length": 7', b'"length": 6', "do not fit together"),
    ],
)
def test_a_header_that_lies_is_refused(
    content: bytes, tmp_path: Path, old: bytes, new: bytes, words: str
) -> None:
    """Even under a right checksum, arrays must be there and fit together."""
    (tmp_path / FILE).write_bytes(resealed(content, old, new))
    with pytest.raises(ArtefactError, match=words):
        load_network(tmp_path / FILE)


def test_a_digest_that_is_not_the_contents_is_refused(content: bytes, tmp_path: Path) -> None:
    """The digest that decisions carry is that of the arrays."""
    digest = square().digest.encode()
    (tmp_path / FILE).write_bytes(resealed(content, digest, digest[::-1]))
    with pytest.raises(ArtefactError, match="not what its header says"):
        load_network(tmp_path / FILE)


def test_saving_replaces_in_one_step_and_leaves_nothing_behind(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that fails keeps the old file whole."""
    path = tmp_path / FILE
    path.write_bytes(content)

    def broken(self: Path, target: Path) -> Path:
        raise OSError(28, f"no space for {self.name} at {target.name}")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="no space"):
        save_network(square(), path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]
