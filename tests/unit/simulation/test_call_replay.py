"""Files of real calls: every kind of file and place, and every broken row by its number."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.agency.tracts_file import load_tracts
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.model.call import Answer
from unarmed_router.simulation.call_mix import OnSceneTime, ServiceMix
from unarmed_router.simulation.call_replay import CallReplay
from unarmed_router.simulation.draws import Draws
from unarmed_router.simulation.neighbourhoods import Neighbourhoods
from unarmed_router.simulation.replay_layout import ReplayLayout, load_layout
from unarmed_router.simulation.replay_places import AreaPlaces, DistrictPoints

SERVICE = ServiceMix(on_scene=OnSceneTime(1320.0, 0.9, 10800.0), hang_up=0.5)
HEAD = "id,code,when,lon,lat,armed,scene\n"
ROWS = (
    "a1,918M,2026-01-05T10:00:00-08:00,-118.309,34.0606,no,900\n"
    "a2,006,2026-01-05T10:00:30-08:00,-118.309,34.0606,,\n"
    "a3,507P,2026-01-05T10:01:00-08:00,-118.31,34.06,,\n"
)


def layout(**changes: Any) -> ReplayLayout:
    """Lay out the columns above."""
    columns: dict[str, Any] = {
        "call_id": "id",
        "call_type": "code",
        "received_at": ["when"],
        "lon": "lon",
        "lat": "lat",
        "facts": {"weapon": "armed"},
        "assume": {"violence": "no"},
        "on_scene_s": "scene",
        "officer_initiated": {"column": "code", "values": ["006"]},
    }
    kept = {name: value for name, value in {**columns, **changes}.items() if value is not None}
    return ReplayLayout.model_validate(kept)


def written(folder: Path, text: str) -> Path:
    """Write a CSV."""
    path = folder / "calls.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_become_calls_and_officers_rows_are_split_out(tmp_path: Path) -> None:
    """Coordinates, codes and answers are read; what is missing is drawn; nobody is lost."""
    path = written(tmp_path, HEAD + ROWS)
    first, last = CallReplay(path=path, layout=layout(), service=SERVICE)
    assert (first.call.call_id, first.call.call_type) == ("a1", "918M")
    assert first.call.received_at == datetime(2026, 1, 5, 18, tzinfo=UTC)
    assert first.call.facts == {"weapon": Answer.NO, "violence": Answer.NO}
    assert first.service.on_scene_s == 900
    assert last.call.answer("weapon") is Answer.UNKNOWN
    assert 0 < last.service.on_scene_s <= 10800
    officers = list(
        CallReplay(path=path, layout=layout(), service=SERVICE, rows="officers").calls()
    )
    assert [call.call_id for call in officers] == ["a2"]


def test_blocks_of_rows_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held one, two or all at a time, with gaps wider than a block: the same calls."""
    officers = "".join(f"o{k},006,2026-01-05T10:00:30-08:00,-118.3,34.0,,\n" for k in range(9))
    one, two, three = ROWS.splitlines(keepends=True)
    path = written(tmp_path, HEAD + one + officers + two + three)
    replay = CallReplay(path=path, layout=layout(on_scene_s=None), service=SERVICE)
    together = list(replay)
    for block, widest in ((1, 1), (2, 2), (2, 5)):
        monkeypatch.setattr("unarmed_router.simulation.call_replay._BLOCK", block)
        monkeypatch.setattr("unarmed_router.simulation.call_replay._WIDEST", widest)
        assert list(replay) == together


def test_a_missing_time_of_a_geopackage_is_a_fault(tmp_path: Path) -> None:
    """Times with a zone and without are read; a missing one is named."""
    import geopandas  # noqa: PLC0415  # heavy
    import pandas as pd  # noqa: PLC0415

    moments = ["2026-01-05T10:00:00-08:00", "2026-01-05T10:01:00-08:00", None]
    frame = geopandas.GeoDataFrame(
        {"id": [1, 2, 3], "code": "918M", "when": pd.to_datetime(moments, utc=True), "scene": 60},
        geometry=geopandas.points_from_xy([-118.3] * 3, [34.05] * 3),
        crs=4326,
    )
    frame.to_file(tmp_path / "calls.gpkg")
    columns = layout(lon=None, lat=None, facts={}, assume=None)
    replay = CallReplay(path=tmp_path / "calls.gpkg", layout=columns, service=SERVICE)
    assert replay.faults() == ["row 3: when is empty"]
    first = next(iter(replay)).call
    assert (first.call_id, first.received_at) == ("1", datetime(2026, 1, 5, 18, tzinfo=UTC))
    frame["when"] = pd.to_datetime(["2026-01-05T10:00:00"] * 3)
    frame.to_file(tmp_path / "calls.gpkg")
    assert "has no time zone" in replay.faults()[0]
    local = layout(lon=None, lat=None, facts={}, timezone="America/Los_Angeles")
    again = CallReplay(path=tmp_path / "calls.gpkg", layout=local, service=SERVICE)
    assert next(iter(again)).call.received_at == first.received_at


def test_rows_are_left_out_by_choice_and_counted(tmp_path: Path) -> None:
    """Calls of elsewhere, even by officers, are nobody's; every row is counted once."""
    later = ROWS.replace("a1", "b1").replace("a2", "b2").replace("a3", "b3")
    path = written(tmp_path, HEAD + ROWS + later.replace("T10", "T11"))
    columns = layout(left_out={"column": "id", "values": ["a1", "b2"]})
    replay = CallReplay(path=path, layout=columns, service=SERVICE)
    assert [call.call_id for call in replay.calls()] == ["a3", "b1", "b3"]
    assert replay.counts() == {"callers": 3, "officers": 1, "left_out": 2}


def test_what_is_drawn_depends_on_the_row_alone(tmp_path: Path) -> None:
    """Twice the same, other with another seed, and unmoved by rows that are added below."""
    path = written(tmp_path, HEAD + ROWS)
    replay = CallReplay(path=path, layout=layout(), service=SERVICE)
    before = list(replay)
    written(tmp_path, HEAD + ROWS + ROWS.splitlines()[2].replace("a3", "a4"))
    assert list(replay)[:2] == before
    other = CallReplay(path=path, layout=layout(), service=SERVICE, draws=Draws(9))
    assert list(other)[:2] != before


def json_lines(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """Write JSON Lines."""
    path = folder / "calls.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n\n" for row in rows)
    return path


def parquet(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """Write Parquet."""
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet as files  # noqa: PLC0415  # an extra

    moment = [{**row, "when": datetime.fromisoformat(row["when"])} for row in rows]
    files.write_table(pa.Table.from_pylist(moment), folder / "calls.parquet")
    return folder / "calls.parquet"


def geopackage(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """Write a GeoPackage in state plane feet."""
    import geopandas  # noqa: PLC0415  # heavy

    frame = geopandas.GeoDataFrame(
        rows,
        geometry=geopandas.points_from_xy([r["lon"] for r in rows], [r["lat"] for r in rows]),
        crs=4326,
    )
    frame.to_crs(2229).to_file(folder / "calls.gpkg")
    return folder / "calls.gpkg"


@pytest.mark.parametrize("write", [json_lines, parquet, geopackage])
def test_every_kind_of_file_gives_the_same_calls(
    tmp_path: Path, write: Callable[[Path, list[dict[str, Any]]], Path]
) -> None:
    """As the CSV does, to a centimetre where points were projected."""
    path = written(tmp_path, HEAD + ROWS)
    wanted = list(CallReplay(path=path, layout=layout(), service=SERVICE))
    cells = [
        dict(zip(HEAD.strip().split(","), row.split(","), strict=True)) for row in ROWS.split()
    ]
    rows = [
        {
            **cell,
            "lon": float(cell["lon"]),
            "lat": float(cell["lat"]),
            "armed": cell["armed"] or None,
        }
        for cell in cells
    ]
    places = {"lon": None, "lat": None} if write is geopackage else {}
    found = list(CallReplay(path=write(tmp_path, rows), layout=layout(**places), service=SERVICE))
    for one, two in zip(found, wanted, strict=True):
        assert one.call.facts == two.call.facts
        assert one.call.received_at == two.call.received_at
        assert one.call.call_id == two.call.call_id
        assert one.call.lon == pytest.approx(two.call.lon, abs=1e-7)
        assert one.call.lat == pytest.approx(two.call.lat, abs=1e-7)


def test_the_order_of_rows_tells_which_of_two_hours_is_meant(tmp_path: Path) -> None:
    """When clocks go back, 01:10 below 01:50 is an hour and twenty minutes later, not earlier."""
    times = ("01:10", "01:50", "01:10", "01:40", "02:00")
    rows = "".join(
        f"{n},918M,2026-11-01T{at},-118.309,34.0606,no,900\n" for n, at in enumerate(times)
    )
    replay = CallReplay(
        path=written(tmp_path, HEAD + rows), layout=layout(timezone="America/Los_Angeles")
    )
    assert replay.faults() == []
    received = [call.received_at.astimezone(UTC).strftime("%H:%M") for call in replay.calls()]
    assert received == ["08:10", "08:50", "09:10", "09:40", "10:00"]
    backwards = written(
        tmp_path, HEAD + rows.replace("4,918M,2026-11-01T02:00", "4,918M,2026-11-01T01:05")
    )
    (fault,) = CallReplay(path=backwards, layout=replay.layout).faults()
    assert fault.startswith("row 6: received")


def test_an_id_that_is_used_twice_is_told_by_both_rows(tmp_path: Path) -> None:
    """Before anything is played, not when the dispatcher knows the call already."""
    replay = CallReplay(
        path=written(tmp_path, HEAD + ROWS + ROWS[: ROWS.index("\n") + 1].replace("T10", "T11")),
        layout=layout(),
        service=SERVICE,
    )
    (fault,) = replay.faults()
    assert fault.startswith("row 5: id 'a1' stands in row 2, too")


def test_a_date_and_a_time_on_the_wall_clock(tmp_path: Path) -> None:
    """Two columns, a format and a zone make an instant, in winter and in summer."""
    path = written(
        tmp_path,
        "id,code,day,hour,x,y,scene\n1,918M,01/05/2026,10:00:00,6476000,1843000,60\n"
        "2,918M,07/05/2026,10:00:00,6476000,1843000,60\n",
    )
    columns = layout(
        received_at=["day", "hour"],
        received_format="%m/%d/%Y %H:%M:%S",
        timezone="America/Los_Angeles",
        lon=None,
        lat=None,
        x="x",
        y="y",
        crs="EPSG:2229",
        facts={},
    )
    winter, summer = CallReplay(path=path, layout=columns).calls()
    assert (winter.received_at.hour, summer.received_at.hour) == (18, 17)
    assert -118.4 < winter.lon < -118.2


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("-118.31,34.06", "34.06,-118.31", "row 4: latitude -118.31"),
        ("-118.31,34.06", ",34.06", "row 4: lon is empty"),
        ("-118.31,34.06", "west,34.06", "row 4: lon 'west' is not a number"),
        ("10:01:00-08:00", "10:01:00", "row 4: received_at 2026-01-05T10:01:00 has no time zone"),
        ("10:01:00-08:00", "soon", "row 4: when '2026-01-05Tsoon' is no time"),
        ("10:01:00-08:00", "09:01:00-08:00", "row 4: received 2026-01-05T17:01:00.*before"),
        ("34.06,,", "34.06,maybe,", "row 4: fact weapon is 'maybe'"),
        ("34.06,,", "34.06,,-3", "row 4: scene '-3' must be a whole number of at least 1"),
        ("34.06,,", "34.06,,NaN", "row 4: scene 'NaN' must be a whole number"),
        ("34.06,,", "34.06,,inf", "row 4: scene 'inf' must be a whole number"),
        ("34.06,,", "34.06,,1e30", "row 4: scene '1e30' must be a whole number"),
        ("a3", "no/id#", "row 4: call_id"),
        ("507P", "", "row 4: code is empty"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """By its line in the file, with the value; iterating and listing faults say the same."""
    replay = CallReplay(
        path=written(tmp_path, HEAD + ROWS.replace(old, new)), layout=layout(), service=SERVICE
    )
    with pytest.raises(InputError, match=f"calls.csv, {fault}"):
        list(replay)
    [told] = replay.faults()
    assert told.startswith("row 4: ")


def test_a_column_of_booleans_with_gaps_may_be_one_of_decimals(tmp_path: Path) -> None:
    """As pandas writes it: 1.0, 0.0 and nothing, which is drawn."""
    head = HEAD.replace("scene", "scene,police")
    rows = "".join(
        f"a{n},507P,2026-01-05T10:0{n}:00-08:00,-118.3,34.06,,900,{told}\n"
        for n, told in enumerate(("1.0", "0.0", ""))
    )
    replay = CallReplay(path=written(tmp_path, head + rows), layout=layout(redirected="police"))
    assert [each.service.redirected for each in replay] == [True, False, False]


def test_a_priority_that_no_dispatcher_takes_is_told_before_a_run(tmp_path: Path) -> None:
    """1 to 9: a run would end at the call."""
    head = HEAD.replace("scene", "scene,urgency")
    rows = "".join(
        f"a{n},507P,2026-01-05T10:0{n}:00-08:00,-118.3,34.06,,900,{n}\n" for n in (0, 1, 9, 10)
    ).replace("10:010", "10:10")
    replay = CallReplay(path=written(tmp_path, head + rows), layout=layout(priority="urgency"))
    assert replay.faults() == [
        f"row {row}: urgency '{given}' must be a whole number of at least 1 and at most 9"
        for row, given in ((2, 0), (5, 10))
    ]


def test_every_fault_of_a_file_is_listed(tmp_path: Path) -> None:
    """Not only the first; and no more than asked for."""
    path = written(tmp_path, HEAD + ROWS.replace("-118.3", "-218.3"))
    replay = CallReplay(path=path, layout=layout(), service=SERVICE)
    assert [fault.split(":")[0] for fault in replay.faults()] == ["row 2", "row 4"]
    assert len(replay.faults(most=1)) == 1
    with path.open("a", encoding="utf-8") as file:
        file.write("too,short\n")
    assert [fault[:5] for fault in replay.faults()[:2]] == ["row 2", "row 4"]
    assert "2 values under 7 titles" in replay.faults()[2]
    assert not CallReplay(
        path=written(tmp_path, HEAD + ROWS), layout=layout(), service=SERVICE
    ).faults()


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("calls.csv", "id,code\n", "no column when, lon, lat, armed, scene; it has id"),
        ("calls.csv", HEAD + "a,b\n", "line 2: 2 values under 7 titles"),
        ("calls.csv", HEAD + '"a', "line 2: is no CSV"),
        ("calls.jsonl", "[1]\n", "line 1: is no JSON object"),
        ("calls.jsonl", '{"id": 1}\n', "line 1: lacks code, when"),
        ("calls.jsonl", "{\n", "line 1: is not JSON"),
        ("calls.parquet", "PAR1", "calls.parquet"),
        ("calls.gpkg", "no", "calls.gpkg"),
        ("calls.xls", "", "must end in one of .csv"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, name: str, text: str, fault: str) -> None:
    """Missing columns, ragged rows, other formats: an error of input, and a fault in the list."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    replay = CallReplay(path=path, layout=layout(), service=SERVICE)
    with pytest.raises(InputError, match=fault):
        list(replay)
    assert len(replay.faults()) == 1


def test_a_missing_file_and_a_missing_time_on_scene_are_refused(tmp_path: Path) -> None:
    """Nothing is made up: without a mix the file must tell how long teams stayed."""
    with pytest.raises(InputError, match="there is no such file"):
        list(CallReplay(path=tmp_path / "none.csv", layout=layout()))
    path = written(tmp_path, HEAD + ROWS)
    with pytest.raises(InputError, match="row 4: time on scene is neither in the file nor drawn"):
        list(CallReplay(path=path, layout=layout()))
    bare = layout(lon=None, lat=None)
    with pytest.raises(InputError, match="row 2: has no place"):
        list(CallReplay(path=path, layout=bare, service=SERVICE))


def test_geometry_that_is_no_point_is_refused(tmp_path: Path) -> None:
    """And so is a file without a coordinate system."""
    import geopandas  # noqa: PLC0415  # heavy
    import shapely  # noqa: PLC0415

    row = {"id": "1", "code": "x", "when": "2026-01-05T10:00:00Z", "armed": "", "scene": "60"}
    columns = layout(lon=None, lat=None)
    line = geopandas.GeoDataFrame([row], geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=4326)
    line.to_file(tmp_path / "line.gpkg")
    with pytest.raises(InputError, match=r"row 1: the geometry is no point: LINESTRING"):
        list(CallReplay(path=tmp_path / "line.gpkg", layout=columns))
    adrift = geopandas.GeoDataFrame([row], geometry=[shapely.Point(1, 1)])
    with pytest.warns(UserWarning, match="crs"):
        adrift.to_file(tmp_path / "adrift.gpkg")
    with pytest.raises(InputError, match=r"states no coordinate system"):
        list(CallReplay(path=tmp_path / "adrift.gpkg", layout=columns))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"lat": None}, "lon and lat must be given together"),
        ({"district": "rd"}, "give one kind of place"),
        ({"assume": {"weapon": "no"}}, "both read and assumed"),
        ({"assume": {"weapon": "perhaps"}}, "perhaps"),
        ({"surprise": "x"}, "surprise"),
        ({"received_at": []}, "received_at"),
    ],
)
def test_a_broken_layout_is_refused(changes: dict[str, Any], fault: str) -> None:
    """Half a place, two places, a fact twice, an unknown entry."""
    with pytest.raises(ValueError, match=fault):
        layout(**changes)


def test_a_layout_is_read_from_toml(tmp_path: Path) -> None:
    """The same object; every fault of a broken one at once."""
    path = tmp_path / "layout.toml"
    path.write_text(
        'schema_version = 1\n[columns]\ncall_id = "id"\ncall_type = "code"\n'
        'received_at = ["when"]\nlon = "lon"\nlat = "lat"\n'
        'facts = { weapon = "armed" }\nassume = { violence = "no" }\n'
        'on_scene_s = "scene"\nofficer_initiated = { column = "code", values = ["006"] }\n'
    )
    assert load_layout(path) == layout()
    path.write_text("schema_version = 2\n[columns]\ncall_id = 3\n")
    with pytest.raises(ConfigurationError) as caught:
        load_layout(path)
    assert len(caught.value.faults) == 4


def test_districts_stand_for_coordinates(tmp_path: Path) -> None:
    """A district's point, with or without leading zeros; an unknown district is a fault."""
    points = tmp_path / "districts.csv"
    points.write_text("district,lon,lat\n0645,-118.3,34.05\n0646,-118.31,34.06\n")
    districts = DistrictPoints.read(points)
    path = written(tmp_path, "id,code,when,rd,scene\n1,918M,2026-01-05T10:00:00Z,645,60\n")
    columns = layout(lon=None, lat=None, district="rd", facts={})
    [call] = CallReplay(path=path, layout=columns, districts=districts).calls()
    assert (call.lon, call.lat) == (-118.3, 34.05)
    path.write_text(path.read_text().replace("645", "999"))
    with pytest.raises(InputError, match="row 2: rd '999' is no district with a known place"):
        list(CallReplay(path=path, layout=columns, districts=districts))
    with pytest.raises(InputError, match="say where they are"):
        CallReplay(path=path, layout=columns)
    with pytest.raises(InputError, match="not in the IANA database"):
        CallReplay(path=path, layout=layout(timezone="Mars/Olympus"))
    with pytest.raises(InputError, match="'callers' or 'officers'"):
        CallReplay(path=path, layout=layout(), rows="all")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "district,lon,lat\n1,-118.3,34.0\n01,-118.3,34.0\n",
            "row 3: district '01' is there twice",
        ),
        ("district,lon,lat\n1,34.0,-118.3\n", "row 2: latitude -118.3"),
        ("district,lon,lat\n1,x,34\n", "row 2: could not convert"),
    ],
)
def test_broken_districts_are_refused(tmp_path: Path, text: str, fault: str) -> None:
    """A district twice, a swapped place, a place that is none."""
    path = tmp_path / "districts.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=fault):
        DistrictPoints.read(path)


def test_outlines_of_districts_give_points_inside(tmp_path: Path) -> None:
    """A point surely inside each, whatever the coordinate system of the file."""
    import geopandas  # noqa: PLC0415  # heavy
    import shapely  # noqa: PLC0415

    frame = geopandas.GeoDataFrame(
        {"rd": ["7", "8"]},
        geometry=[
            shapely.box(-118.31, 34.0, -118.30, 34.01),
            shapely.box(-118.3, 34, -118.2, 34.1),
        ],
        crs=4326,
    )
    frame.to_crs(2229).to_file(tmp_path / "districts.gpkg")
    districts = DistrictPoints.read(tmp_path / "districts.gpkg", column="rd")
    place = districts.place("7", 1)
    assert place is not None
    assert frame.geometry[0].contains(shapely.Point(place))
    with pytest.raises(InputError, match="needs a column"):
        DistrictPoints.read(tmp_path / "districts.gpkg", column="name")


@pytest.mark.parametrize(
    ("names", "gap", "fault"),
    [
        (["7", None], False, "row 2: rd is empty"),
        ([7.0, None], False, "row 2: rd is empty"),
        (["7", "8"], True, "row 2: district '8' has no outline"),
        (["7", "07"], False, "row 2: district '07' is there twice"),
    ],
)
def test_broken_outlines_of_districts_are_refused(
    tmp_path: Path, names: list[Any], gap: bool, fault: str
) -> None:
    """By their row in the file of districts, not by that of a call that lies in one."""
    import geopandas  # noqa: PLC0415  # heavy
    import shapely  # noqa: PLC0415

    area = shapely.box(-118.31, 34.0, -118.30, 34.01)
    path = tmp_path / "districts.gpkg"
    shapes = [area, None if gap else area]
    geopandas.GeoDataFrame({"rd": names}, geometry=shapes, crs=4326).to_file(path)
    with pytest.raises(InputError, match=re.escape(f"{path}, {fault}")):
        DistrictPoints.read(path, column="rd")


def test_districts_by_number_are_named_as_calls_name_them(tmp_path: Path) -> None:
    """A column of numbers with gaps elsewhere is one of decimals: 645.0 is district 645."""
    import geopandas  # noqa: PLC0415  # heavy
    import shapely  # noqa: PLC0415

    area = shapely.box(-118.31, 34.0, -118.30, 34.01)
    path = tmp_path / "districts.gpkg"
    geopandas.GeoDataFrame({"rd": [645.0]}, geometry=[area], crs=4326).to_file(path)
    assert DistrictPoints.read(path, column="rd").place("0645", 1) is not None
    path = tmp_path / "districts.geojson"
    for text in ("no GeoJSON", None):
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
        with pytest.raises(InputError, match=re.escape(str(path))):
            DistrictPoints.read(path, column="rd")


def test_areas_are_drawn_where_calls_arise(agency: Agency) -> None:
    """By division name, number, or a district's leading digits; always the same for a row."""
    assert agency.demand is not None
    places = Neighbourhoods.of(
        load_tracts(agency.demand), divisions=agency.divisions, roads=agency.roads
    )
    areas = AreaPlaces(places, Draws(1), agency.divisions.divisions, drop_digits=2)
    plain = AreaPlaces(places, Draws(1), agency.divisions.divisions)
    for name, drawn in (("OLYMPIC", plain), ("20", plain), ("2045", areas)):
        place = drawn.place(name, 7)
        assert place is not None
        found = agency.divisions.locate(lon=place[0], lat=place[1]).division
        assert found is not None
        assert found.number == 20
        assert place == drawn.place(name, 7) != drawn.place(name, 8)
    assert areas.place("9945", 7) is None
    assert plain.place("Outside", 7) is None
