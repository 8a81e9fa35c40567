"""The report of an import: what is broken on the map is named, and every value is JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.scenarios.osm_map import PROFILE
from unarmed_router.roads.osm.elements import Member, Node, OsmData, Relation, Way
from unarmed_router.roads.osm.importing import OsmImport, import_osm
from unarmed_router.roads.osm.quality import quality_geojson, quality_of, quality_text

NODES = [Node(number, -118.0 + number / 1000.0, 34.0) for number in range(1, 5)]
STREET = Way(1, (1, 2, 3, 4), {"highway": "residential"})


def imported(*ways: Way, nodes: tuple[Node, ...] = (), relation: Relation | None = None) -> Any:
    """Import a street and more."""
    relations = [] if relation is None else [relation]
    return import_osm(OsmData.of([*NODES, *nodes], [STREET, *ways], relations), PROFILE)


def report_of(found: OsmImport) -> dict[str, Any]:
    """Make the report, and see that it is strict JSON in each of its forms."""
    report = quality_of(found, source="drawing", profile="crisis_car")
    json.dumps(quality_geojson(report), allow_nan=False)
    read: dict[str, Any] = json.loads(json.dumps(report, allow_nan=False))
    return read


@pytest.mark.parametrize(
    ("refs", "place"),
    [((99, 3, 4), (-117.997, 34.0)), ((98, 99), None), ((), None), ((99, 98, 2), (-117.998, 34.0))],
)
def test_a_doubted_limit_is_placed_where_its_way_is_held(
    refs: tuple[int, ...], place: tuple[float, float] | None
) -> None:
    """A way across the border of an extract begins at a node without a place, or has none."""
    way = Way(7, refs, {"highway": "residential", "maxspeed": "fast"})
    places = report_of(imported(way))["places"]["suspicious_limit"]
    expected = [] if place is None else [{"lon": place[0], "lat": place[1], "way": 7}]
    assert places == expected


@pytest.mark.parametrize("refs", [(), (99,), (99, 3)])
def test_a_skipped_restriction_is_placed_where_a_way_of_its_is_held(refs: tuple[int, ...]) -> None:
    """Its via node may be missing, and the first of its ways have no place."""
    members = (Member("way", 7, "from"), Member("node", 99, "via"), Member("way", 1, "to"))
    relation = Relation(5, members, {"type": "restriction", "restriction": "no_left_turn"})
    found = imported(Way(7, refs, {"highway": "residential"}), relation=relation)
    [place] = report_of(found)["places"]["restriction_skipped"]
    assert (place["lon"], place["lat"]) == ((-117.997 if 3 in refs else -117.999), 34.0)


FERRY = {"route": "ferry", "motor_vehicle": "yes"}


@pytest.mark.parametrize(
    ("lat", "tags", "stays"),
    [
        (34.1, {"duration": "05:50"}, True),
        (34.1, {"duration": "05:51"}, False),
        (34.1, {"duration": "30:00"}, False),
        (34.7, {}, True),
        (35.0, {}, False),
        (40.0, {"duration": "01:00"}, False),
    ],
)
def test_a_ferry_beyond_six_hours_is_left_out_and_told(
    lat: float, tags: dict[str, str], stays: bool
) -> None:
    """Ten minutes of boarding count; the rest of the map is built as if it were not there."""
    pier = Node(20, -118.0, lat)
    found = imported(Way(9, (1, 20), FERRY | tags), nodes=(pier,))
    assert ("ferry" in found.network.classes) == stays
    assert found.too_long == (() if stays else (9,))
    report = report_of(found)
    assert report["roads_too_long"]["count"] == (0 if stays else 1)
    assert ("left out, over 6 h or 500 km: 1, way 9" in quality_text(report)) != stays
    if not stays:
        assert found.network.digest == imported().network.digest


def test_a_ferry_in_many_pieces_is_left_out_whole() -> None:
    """Ways of four hours each that follow one another make one road of eight."""
    nodes = (Node(20, -118.0, 34.1), Node(21, -118.0, 34.2))
    legs = [Way(9, (1, 20), FERRY | {"duration": "04:00"})]
    legs += [Way(10, (20, 21), FERRY | {"duration": "04:00"})]
    found = imported(*legs, nodes=nodes)
    assert "ferry" not in found.network.classes
    assert found.too_long in {(9,), (10,)}
    assert found.network.digest == imported().network.digest
