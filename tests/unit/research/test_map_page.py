"""The map page of an invented city whose names try to be markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unarmed_router import Router
from unarmed_router.agency.folder import Agency
from unarmed_router.geography.partition import PartitionDivision
from unarmed_router.geography.partition_file import write_divisions
from unarmed_router.model.call import Call, Facts
from unarmed_router.model.decision import Decision
from unarmed_router.research import map_marks
from unarmed_router.research.map_layers import frame_over, label_place, road_data
from unarmed_router.research.map_page import write_map_page
from unarmed_router.roads.network import RoadNetwork
from unarmed_router.roads.network_file import save_network

EVIL = "<script>alert('x')</script>"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
VOID = {"meta", "input", "br", "link", "img"}

AGENCY = """
schema_version = 1
id = "invented"
name = "Town & <b>Country</b>"
timezone = "UTC"
[files]
divisions = "divisions.geojson"
network = "roads.network"
policy = "policy.toml"
roster = "roster.toml"
"""

POLICY = """
schema_version = 1
id = "invented-1"
[[facts]]
id = "weapon"
question = "Is there a weapon </script>?"
[[call_types]]
id = "worry"
name = "Worry <i>"
[[programs]]
id = "WALK"
name = "Walkers"
call_types = ["worry"]
response_target_s = 1800
source = "test"
[[programs.providers]]
id = "good"
name = "Good <u>People</u>"
divisions = [2]
source = "test"
[[rules]]
id = "weapon"
when = { weapon = "yes" }
target = "POLICE"
because = "a weapon </script> is reported"
source = "test"
[[targets]]
id = "POLICE"
name = "Police & <em>others</em>"
[[referrals]]
target = "POLICE"
[screening]
turnout_s = 60
max_fix_age_s = 600
stale_fix = "exclude"
max_response_s = 5400
"""

ROSTER = """
schema_version = 1
[[teams]]
id = "W-1"
provider = "good"
program = "WALK"
home_lon = 10.02
home_lat = 50.02
status = "available"
"""


def ring(*points: tuple[float, float]) -> Any:
    """Make a ring from degrees."""
    return np.array([(round(x * 1e7), round(y * 1e7)) for x, y in points], np.int32)


# A square town with a square hole, which is outside every division.
TOWN = PartitionDivision(
    1,
    f"Far {EVIL}",
    "",
    (
        ring((10.1, 50), (10.2, 50), (10.2, 50.1), (10.1, 50.1)),
        ring((10.14, 50.04), (10.14, 50.06), (10.16, 50.06), (10.16, 50.04)),
    ),
)
SERVED = PartitionDivision(
    2, "Near & Dear", "", (ring((10, 50), (10.1, 50), (10.1, 50.1), (10, 50.1)),)
)

PLACES = {
    "sent": (10.055, 50.03, "no"),
    "needs_triage": (10.04, 50.05, "unknown"),
    "ineligible": (10.03, 50.05, "yes"),
    "no_program_here": (10.12, 50.05, "no"),
    "out_of_jurisdiction": (10.15, 50.05, "no"),
}


def network() -> RoadNetwork:
    """Draw a square of two-way roads with a one-way diagonal."""
    pairs = [(0, 1), (1, 2), (2, 3), (3, 0)]
    arcs = [*pairs, *((b, a) for a, b in pairs), (0, 2)]
    classes = ["motorway", "local", "local", "odd <class>"]
    return RoadNetwork.from_arcs(
        node_lon=[10.01, 10.19, 10.19, 10.01],
        node_lat=[50.01, 50.01, 50.09, 50.09],
        tail=[tail for tail, _ in arcs],
        head=[head for _, head in arcs],
        free_flow_ms=[60_000] * 9,
        length_m=[1000.0] * 9,
        road_class=[*classes, *classes, "motorway"],
        metadata={"title": f"Roads {EVIL}", "limits": "Two <b>roads</b> only."},
    )


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Agency:
    """Found the invented city."""
    folder = tmp_path_factory.mktemp("invented")
    for name, text in (("agency", AGENCY), ("policy", POLICY), ("roster", ROSTER)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    write_divisions(folder / "divisions.geojson", [TOWN, SERVED])
    save_network(network(), folder / "roads.network")
    return Router.load(folder / "agency.toml").agency


def day(agency: Agency, *, copies: int = 1) -> list[tuple[Call, Decision]]:
    """Route a call of every kind, `copies` times."""
    calls = [
        Call(
            call_id=f"c-{kind}-{copy}",
            lon=lon,
            lat=lat,
            call_type="worry",
            received_at=NOON + timedelta(minutes=copy),
            facts=Facts({"weapon": weapon}),
        )
        for copy in range(copies)
        for kind, (lon, lat, weapon) in PLACES.items()
    ]
    router = Router(agency)
    return [(call, router.route(call, at=call.received_at)) for call in calls]


def page_of(agency: Agency, routed: list[tuple[Call, Decision]], path: Path) -> str:
    """Write the page and read it again."""
    write_map_page(path, agency=agency, routed=routed, title=f"A day {EVIL}")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(agency: Agency, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the page of a day with every kind of call."""
    return page_of(agency, day(agency), tmp_path_factory.mktemp("page") / "map.html")


class Balanced(HTMLParser):
    """Collect elements and check that every start has its end."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an empty element."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the element opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the text by element."""
        if self.open:
            self.text[self.open[-1]] = self.text.get(self.open[-1], "") + data


def parsed(page: str) -> Balanced:
    """Parse a page to its end."""
    parser = Balanced()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def embedded(page: str) -> dict[str, Any]:
    """Read the JSON the page carries."""
    found: dict[str, Any] = json.loads(
        page.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
    )
    return found


def marks(page: str) -> Counter[str | None]:
    """Count the calls on the map by outcome."""
    return Counter(
        attributes["data-o"]
        for _, attributes in parsed(page).elements
        if attributes.get("class") == "m"
    )


def test_loads_nothing(page: str) -> None:
    """The page names no other resource, and its policy would refuse one."""
    assert "http://" not in page
    assert "https://" not in page
    assert "default-src 'none'" in page
    for tag, attributes in parsed(page).elements:
        assert tag not in {"link", "img", "iframe", "object"}
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"@import|url\(", page)


def test_well_formed(page: str) -> None:
    """Every element is closed in order, and no id occurs twice."""
    ids = Counter(a["id"] for _, a in parsed(page).elements if "id" in a)
    assert [name for name, count in ids.items() if count > 1] == []


def test_every_reference_has_its_shape(page: str) -> None:
    """Every symbol and division the page uses is drawn once in it."""
    elements = parsed(page).elements
    ids = {a["id"] for _, a in elements if "id" in a}
    assert {str(a["href"])[1:] for tag, a in elements if tag == "use"} <= ids


def test_names_are_text_never_markup(page: str) -> None:
    """Names, titles and explanations cannot become elements or leave the embedded data."""
    parser = parsed(page)
    assert sum(tag == "script" for tag, _ in parser.elements) == 2
    assert not {"u", "em"} & {tag for tag, _ in parser.elements}
    assert parser.text["title"] == f"A day {EVIL}"
    assert EVIL not in page
    says = " ".join(call["says"] for call in embedded(page)["calls"])
    assert "a weapon </script> is reported" in says


def test_script_is_the_one_its_policy_allows(page: str) -> None:
    """The digest in the content security policy is that of the script as written."""
    script = page.rpartition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page


def test_counts_balance(page: str) -> None:
    """The legend's counts add up to the calls, and equal the marks on the map."""
    counts = {
        outcome: int(count)
        for outcome, count in re.findall(r'data-outcome="(\w+)".*?data-count="(\d+)"', page)
    }
    assert counts == dict.fromkeys(PLACES, 1)
    assert marks(page) == counts
    assert '<b id="total">5</b>' in page
    assert [call["o"] for call in embedded(page)["calls"]] == list(PLACES)


def test_same_day_same_bytes(agency: Agency, page: str, tmp_path: Path) -> None:
    """Writing the same day again gives the same page."""
    assert page_of(agency, day(agency), tmp_path / "again.html") == page


def test_one_path_per_road_class(page: str) -> None:
    """Each road class is one path, the strongest on top."""
    classes = [(a["data-class"], a["class"]) for _, a in parsed(page).elements if "data-class" in a]
    assert classes == [("local", "r r5"), ("odd <class>", "r r5"), ("motorway", "r r0")]


def test_two_way_road_is_drawn_once(agency: Agency) -> None:
    """A two-way road is drawn once, a one-way road too."""
    data = road_data(agency.network, frame_over(agency.partition))
    steps = {name: len(re.findall(r"l", path)) for name, path in data.items()}
    assert steps == {"local": 2, "odd <class>": 1, "motorway": 2}


def test_holes_are_drawn(page: str) -> None:
    """A division's hole is a ring of the same path, filled even-odd."""
    shape = next(a for _, a in parsed(page).elements if a.get("id") == "d1")
    assert shape["fill-rule"] == "evenodd"
    assert str(shape["d"]).count("z") == 2


def test_served_divisions_are_tinted(page: str) -> None:
    """Only divisions that a provider serves have a tint."""
    tints = {
        a["data-n"]: a["class"]
        for tag, a in parsed(page).elements
        if tag == "use" and "data-n" in a
    }
    assert tints == {"1": "d", "2": "d p0"}


def test_label_is_well_inside(agency: Agency) -> None:
    """A name avoids the hole in its division: its ellipse of room stays clear of every border."""
    partition = agency.partition
    frame = frame_over(partition)
    place = label_place(partition.divisions[0].rings, frame)
    lon = frame.west + place.x / frame.shrink / 1e5
    lat = frame.north - place.y / 1e5
    assert agency.divisions.locate(lon=lon, lat=lat).border_m > 1000


def test_line_joins_team_and_call(page: str) -> None:
    """The only line runs from the team's home to the call it was sent to."""
    lines = [a for _, a in parsed(page).elements if a.get("class") == "l p0"]
    call = embedded(page)["calls"][0]
    assert [line["data-i"] for line in lines] == ["0"]
    assert str(lines[0]["d"]).endswith(f"L{call['x']} {call['y']}")


def test_team_says_how_often_it_was_sent(page: str) -> None:
    """One call is one call, in the singular."""
    says = [a["data-says"] for _, a in parsed(page).elements if "data-team" in a]
    assert [str(each).rpartition(": ")[2] for each in says] == ["sent to 1 call"]


def test_far_call_breaks_nothing(agency: Agency, tmp_path: Path) -> None:
    """A call on the other side of the world is counted as outside every division."""
    call = Call(call_id="far", lon=-170, lat=-45, call_type="worry", received_at=NOON)
    decision = Router(agency).route(call, at=NOON)
    page = page_of(agency, [(call, decision)], tmp_path / "far.html")
    assert marks(page) == {"out_of_jurisdiction": 1}
    assert "Outside every division" in page


def test_day_without_calls(agency: Agency, tmp_path: Path) -> None:
    """A day without calls still shows the ground and says what it is drawn from."""
    page = page_of(agency, [], tmp_path / "quiet.html")
    assert marks(page) == {}
    assert '<b id="total">0</b>' in page
    assert embedded(page)["calls"] == []
    assert agency.divisions.digest[:12] in page
    assert "No team was sent." in page


def test_many_calls_are_sampled(
    agency: Agency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit an even sample is drawn, which the page says, and all calls are counted."""
    monkeypatch.setattr(map_marks, "MOST_DRAWN", 10)
    page = page_of(agency, day(agency, copies=7), tmp_path / "many.html")
    assert marks(page).total() == 9
    assert "9 of 35 calls are drawn" in page
    assert '<b id="total">35</b>' in page


def test_says_what_it_stands_on(agency: Agency, page: str) -> None:
    """The page names the limits of its roads, its policy and digests, and its synthetic calls."""
    digests = agency.world.digests
    for text in ("Two &lt;b&gt;roads&lt;/b&gt; only.", "invented-1", digests.network[:12]):
        assert text in page
    assert "The calls are synthetic" in page
