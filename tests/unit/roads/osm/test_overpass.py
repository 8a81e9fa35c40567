"""Fetching an area from a local server that plays Overpass and Nominatim."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from shapely import box
from shapely.geometry import Polygon, shape

from tests.scenarios.osm_map import PROFILE
from tests.unit.roads.osm.map_server import OUTLINE, MapServer, map_server
from unarmed_router.errors import NetworkError, ServerRefusedError
from unarmed_router.roads.osm.importing import import_osm
from unarmed_router.roads.osm.overpass import fetch_area, fetch_outline, osmnx_client, tiles
from unarmed_router.roads.osm.web import PoliteClient

AREA = shape(OUTLINE)


@pytest.fixture
def server() -> Iterator[MapServer]:
    """Run a server on loopback."""
    with map_server() as state:
        yield state


def client(folder: Path, waits: list[float] | None = None, **options: object) -> PoliteClient:
    """Make a client that notes how long it would wait."""
    noted = waits if waits is not None else []
    given: dict[str, object] = {"timeout_s": 5.0, "pause_s": 0.0, "tries": 3, **options}
    return PoliteClient(
        folder,
        "tests",
        sleep=lambda s: noted.append(s) if s > 0 else None,
        **given,  # type: ignore[arg-type]
    )


def test_an_area_becomes_a_network(server: MapServer, tmp_path: Path) -> None:
    """The elements of all tiles, each taken once, make a network with its turn restriction."""
    told: list[tuple[int, int]] = []
    data = fetch_area(
        AREA, client(tmp_path), url=server.url, progress=lambda *step: told.append(step)
    )
    assert told[-1] == (2, 2)
    found = import_osm(data, PROFILE)
    assert found.turns.applied == 1
    assert sorted(set(data.way_id.tolist())) == [10, 11, 12, 13]
    assert all('way["highway"]' in question for question in server.asked)


def test_a_place_has_an_outline(server: MapServer, tmp_path: Path) -> None:
    """A name becomes the polygon the server knows for it."""
    found = fetch_outline("Town", client(tmp_path), url=server.url)
    assert found.equals(AREA)
    assert server.asked == ["/search Town"]
    assert server.agents == {"tests"}


def test_an_unknown_place_is_told(server: MapServer, tmp_path: Path) -> None:
    """No place and a place without outline are told apart, with what to do."""
    server.outline = None
    with pytest.raises(NetworkError, match="'Nowhere': no such place"):
        fetch_outline("Nowhere", client(tmp_path), url=server.url)
    server.outline = {"type": "Point", "coordinates": [0, 0]}
    with pytest.raises(NetworkError, match="no outline; pass one with --polygon"):
        fetch_outline("Dot", client(tmp_path), url=server.url)
    for number, rings in enumerate([[[[0, 0], [1, 1]]], "x"]):
        server.outline = {"type": "Polygon", "coordinates": rings}
        with pytest.raises(NetworkError, match=r"'Broken \d': its outline is broken"):
            fetch_outline(f"Broken {number}", client(tmp_path), url=server.url)


@pytest.mark.parametrize("fault", ["429", "504", "503", "cut", "remark", "html", "slow"])
def test_a_fault_is_waited_out_and_asked_again(
    server: MapServer, tmp_path: Path, fault: str
) -> None:
    """Busy servers, time-outs and answers cut short are asked again, after a wait."""
    server.faults = [fault]
    waits: list[float] = []
    data = fetch_area(AREA, client(tmp_path, waits, timeout_s=0.3), url=server.url)
    assert data.way_id.size == 4
    assert len(server.asked) == 3
    assert waits == [5.0]


def test_the_server_says_how_long_to_wait(server: MapServer, tmp_path: Path) -> None:
    """Retry-After is obeyed."""
    server.faults, server.retry_after = ["429"], "17"
    waits: list[float] = []
    fetch_area(AREA, client(tmp_path, waits), url=server.url)
    assert waits == [17.0]


def test_waits_double_and_end(server: MapServer, tmp_path: Path) -> None:
    """After the last try the error names the server, the reason and where to go on."""
    server.faults = ["504"] * 9
    waits: list[float] = []
    with pytest.raises(ServerRefusedError, match=r"in 3 tries, the last: HTTP 504 .* run it again"):
        fetch_area(AREA, client(tmp_path, waits), url=server.url)
    assert waits == [5.0, 10.0]


def test_a_broken_question_is_not_repeated(server: MapServer, tmp_path: Path) -> None:
    """HTTP 400 is our fault: asked once, and told."""
    server.faults = ["400"]
    with pytest.raises(ServerRefusedError, match="HTTP 400"):
        fetch_area(AREA, client(tmp_path), url=server.url)
    assert len(server.asked) == 1


def test_a_broken_off_download_goes_on(server: MapServer, tmp_path: Path) -> None:
    """What has been fetched is not asked for again."""
    server.faults = ["", "504", "504", "504"]
    with pytest.raises(ServerRefusedError):
        fetch_area(AREA, client(tmp_path), url=server.url)
    asked = len(server.asked)
    data = fetch_area(AREA, client(tmp_path), url=server.url)
    assert len(server.asked) == asked + 1
    fetch_area(AREA, client(tmp_path), url=server.url)
    assert len(server.asked) == asked + 1
    assert data.way_id.size == 4


@pytest.mark.parametrize("left", [b"", b'{"elements": [', b"\xff\xfe"])
def test_a_kept_answer_that_is_broken_is_asked_again(
    server: MapServer, tmp_path: Path, left: bytes
) -> None:
    """A machine that stopped in the middle leaves half a file; it stands in nobody's way."""
    whole = fetch_area(AREA, client(tmp_path), url=server.url)
    asked = len(server.asked)
    next(tmp_path.glob("*.json")).write_bytes(left)
    again = fetch_area(AREA, client(tmp_path), url=server.url)
    assert len(server.asked) == asked + 1
    assert again.way_id.tolist() == whole.way_id.tolist()


def test_an_answer_cut_short_is_not_kept(server: MapServer, tmp_path: Path) -> None:
    """Only whole answers are kept."""
    server.faults = ["remark"] * 3
    with pytest.raises(ServerRefusedError, match="cut short: runtime error"):
        fetch_area(AREA, client(tmp_path), url=server.url)
    assert list(tmp_path.glob("*.json")) == []


@pytest.mark.parametrize(
    ("element", "told"),
    [
        ({"type": "node", "id": 5, "lon": "x", "lat": 1}, "node 5"),
        ({"type": "way", "id": 6}, "way 6"),
        ({"type": "way", "id": "many", "nodes": []}, "way many"),
        ("no element", "no element"),
    ],
)
def test_a_broken_element_is_named(
    server: MapServer, tmp_path: Path, element: object, told: str
) -> None:
    """An answer with a broken element names it."""
    server.elements = [*server.elements, element]
    with pytest.raises(NetworkError, match=told):
        fetch_area(AREA, client(tmp_path), url=server.url)


def test_the_pause_between_questions_is_kept(server: MapServer, tmp_path: Path) -> None:
    """Two questions in a row are a second apart."""
    waits: list[float] = []
    fetch_area(AREA, client(tmp_path, waits, pause_s=1.0), url=server.url)
    assert len(waits) == 1
    assert 0.5 < waits[0] <= 1.0


def test_tiles_cover_an_area_and_no_more() -> None:
    """Tiles lie on a fixed grid, so that the same place is asked for in the same words."""
    found = [tuple(round(side, 4) for side in tile) for tile in tiles(box(0.05, 0.05, 0.15, 0.06))]
    assert found == [(0.0, 0.0, 0.1, 0.1), (0.0, 0.1, 0.1, 0.2)]
    triangle = Polygon([(0.01, 0.01), (0.29, 0.01), (0.01, 0.29)])
    assert len(list(tiles(triangle))) == 6


def test_the_client_follows_the_settings_of_osmnx(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folder, time-out and politeness are set where osmnx's users set them."""
    import osmnx  # noqa: PLC0415  # heavy

    monkeypatch.setattr(osmnx.settings, "cache_folder", tmp_path)
    monkeypatch.setattr(osmnx.settings, "requests_timeout", 7)
    monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
    made = osmnx_client()
    assert (made.cache, made.timeout_s, made.pause_s) == (tmp_path / "overpass", 7.0, 0.0)


def test_only_web_addresses_are_asked(tmp_path: Path) -> None:
    """A file address is refused before anything is read."""
    with pytest.raises(NetworkError, match="not a web address"):
        client(tmp_path).ask("file:///etc/hostname", {}, post=False)
