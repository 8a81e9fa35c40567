"""The router: embedded city, batches, frames, threads, processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from tests.embedded import AT, CLEAR, PLACES, call
from unarmed_router import (
    Call,
    Circle,
    ConfigurationError,
    CoordinateError,
    InputError,
    Recommendation,
    Referral,
    Router,
    UnarmedRouterError,
    route,
)
from unarmed_router.agency.folder import embedded_agency
from unarmed_router.agency.matrix import snapped_places, travel_matrix
from unarmed_router.interop.json_codec import decision_from_json


@pytest.fixture(scope="module")
def router() -> Router:
    """Load the embedded city."""
    return Router.load()


@pytest.mark.parametrize("place", PLACES)
def test_a_call_in_each_served_division_gets_a_team_of_its_provider(
    router: Router, place: str
) -> None:
    """Six real places, six divisions, a team within half an hour."""
    decision = router.route(call(place), at=AT)
    assert isinstance(decision, Recommendation)
    assert decision.place.division is not None
    assert decision.place.division.number == PLACES[place][2]
    assert 60 < decision.response_time_s < 1800
    assert decision.basis.network_limits


def test_the_hour_of_the_week_changes_the_travel_time(router: Router) -> None:
    """Friday 17:00 is slower than Sunday 04:00, and each decision names its hour."""
    rush = router.route(call("Watts"), at=datetime(2026, 11, 21, 1, tzinfo=UTC))
    night = router.route(call("Watts"), at=datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert isinstance(rush, Recommendation)
    assert isinstance(night, Recommendation)
    assert rush.candidates[0].travel_ms > night.candidates[0].travel_ms
    assert (rush.basis.hour_of_week, night.basis.hour_of_week) == (4 * 24 + 17, 6 * 24 + 4)


def test_the_clock_is_injected() -> None:
    """Without `at` the router's own clock decides the moment."""
    router = Router.load(clock=lambda: AT + timedelta(minutes=2))
    decision = router.route(call())
    assert isinstance(decision, Recommendation)
    assert decision.decided_at == AT + timedelta(minutes=2)
    assert decision.candidates[0].response_ms >= 120_000


def test_a_counterfactual_is_of_the_moment_it_is_asked_for() -> None:
    """The clock's when none is given; the nearest team left out is timed at that hour."""
    rush, night = (datetime(2026, 11, day, hour, tzinfo=UTC) for day, hour in ((21, 1), (22, 12)))
    router = Router.load(clock=lambda: rush)
    found = router.counterfactual(call())
    assert found == router.counterfactual(call(), at=rush)
    assert found.nearest != router.counterfactual(call(), at=night).nearest
    with pytest.raises(InputError, match="no time zone"):
        router.counterfactual(call(), at=datetime(2026, 11, 20))  # noqa: DTZ001


def test_a_naive_moment_is_refused(router: Router) -> None:
    """There is no guessing a time zone."""
    with pytest.raises(InputError, match=r"at .* has no time zone"):
        router.route(call(), at=datetime(2026, 11, 20))  # noqa: DTZ001


def test_the_module_function_uses_one_shared_router() -> None:
    """`route(call)` is the shortest way in."""
    assert route(call(), at=AT) == Router.load().route(call(), at=AT)


def test_many_calls_give_the_answers_of_each(router: Router) -> None:
    """At their receipt unless a moment is given."""
    calls = [call(place) for place in PLACES]
    assert router.route_many(iter(calls)) == [router.route(c, at=c.received_at) for c in calls]
    later = AT + timedelta(minutes=5)
    assert router.route_many(calls, at=later) == [router.route(c, at=later) for c in calls]


def test_a_stream_is_decided_as_it_comes(router: Router) -> None:
    """A thousand calls are taken at a time, and progress is told after each block."""
    taken, told = [], list[int]()

    def endless() -> Iterator[Call]:
        for number in count():
            taken.append(number)
            yield call(call_id=f"c-{number}")

    decisions = router.route_each(endless(), at=AT, progress=told.append)
    assert not taken
    first = next(decisions)
    assert (first.call_id, len(taken), told) == ("c-0", 1024, [])
    later = list(islice(decisions, 1024))
    assert (later[-1].call_id, len(taken), told) == ("c-1024", 2048, [1024])
    few = [call(place) for place in PLACES]
    assert list(router.route_each(few, progress=told.append)) == router.route_many(few)
    assert told[1:] == [6]
    assert router.route_many([], progress=told.append) == []


def test_a_bad_call_in_a_batch_is_named(router: Router) -> None:
    """The batch stops with the error that `route` gives."""
    wrong = call(call_id="w-1", facts={"weapn": "no"})
    with pytest.raises(InputError, match="call w-1: unknown fact 'weapn'"):
        router.route_many([call(), wrong])


def test_a_matrix_says_how_far_it_is(router: Router) -> None:
    """In blocks of a thousand destinations; a compiled matrix equals one made goal by goal."""
    places = [(lon, lat) for lon, lat, _ in PLACES.values()]
    told: list[tuple[int, int]] = []
    many = places * 200
    matrix = router.travel_times(places, many, at=AT, progress=lambda *done: told.append(done))
    assert told == [(1024, 1200), (1200, 1200)]
    assert (matrix == np.tile(matrix[:, :6], 200)).all()
    roads, times = router.agency.roads, router.agency.world.travel_times
    snapped = snapped_places([*places, (-119.9, 33.0)], "places", roads)

    class OtherTimes:
        """A provider that answers call by call, as an agency's own might."""

        def to_call(self, origins: Any, destination: Any, at: datetime) -> Any:
            return times.to_call(origins, destination, at)

    told.clear()
    slow = travel_matrix(
        OtherTimes(), roads, snapped, snapped, AT, progress=lambda *done: told.append(done)
    )
    assert told[-1] == (7, 7)
    assert (slow == travel_matrix(times, roads, snapped, snapped, AT)).all()
    assert (slow[-1] == -1).all()
    assert (slow[:6, :6] == matrix[:, :6]).all()


@pytest.mark.parametrize("places", [[-118.3, 34.0], [(-118.3, 34.0, 1.0)], 7.0])
def test_places_that_are_no_pairs_are_refused(router: Router, places: Any) -> None:
    """One pair alone, triples, a number."""
    with pytest.raises(InputError, match=r"origins have shape .*; they must be pairs"):
        router.travel_times(places, [(-118.3, 34.05)], at=AT)


@pytest.mark.parametrize(
    "places", ["here", {}, None, [("-118.3 W", "34 N")], [(10**400, 34.0)], [{"lon": -118.3}], [1j]]
)
def test_places_that_are_no_numbers_are_refused(router: Router, places: Any) -> None:
    """Text, mappings, nothing, and what is too large: by the name of the side, on both sides."""
    with pytest.raises(InputError, match="origins"):
        router.travel_times(places, [(-118.3, 34.05)], at=AT)
    with pytest.raises(InputError, match="destinations"):
        router.travel_times([(-118.3, 34.05)], places, at=AT)


def test_no_departure_is_at_the_end_of_the_calendar(router: Router) -> None:
    """No wall clock shows it where the agency is, so it has no hour of the week."""
    place = [(-118.3, 34.05)]
    with pytest.raises(InputError, match=r"at 0001-01-01.* is at the end of the calendar"):
        router.travel_times(place, place, at=datetime.min.replace(tzinfo=UTC))


def test_a_place_that_is_masked_is_missing(router: Router) -> None:
    """What lies under a mask is no place; its row is named."""
    places = np.ma.masked_invalid([(-118.3, 34.05), (-118.3, np.nan)])
    with pytest.raises(CoordinateError) as error:
        router.travel_times(places, [(-118.3, 34.05)], at=AT)
    assert error.value.rows == (1,)


def frame(crs: int = 4326) -> geopandas.GeoDataFrame:
    """Lay the six calls into a GeoDataFrame with an index of its own."""
    return geopandas.GeoDataFrame(
        {
            "call_id": [name.replace(" ", "-") for name in PLACES],
            "call_type": "welfare_check",
            "received_at": pd.Timestamp(AT),
            **{f"fact_{name}": "no" for name in CLEAR},
            "note": range(6),
        },
        geometry=[Point(lon, lat) for lon, lat, _ in PLACES.values()],
        crs=4326,
        index=[f"row-{i}" for i in range(6)],
    ).to_crs(crs)


@pytest.mark.parametrize("crs", [4326, 2229, 3857])
def test_a_frame_in_any_crs_gives_the_same_decisions(router: Router, crs: int) -> None:
    """Index, columns and CRS stay; the decision's columns are added."""
    given = frame(crs)
    answered = router.route_many(given)
    assert isinstance(answered, geopandas.GeoDataFrame)
    assert answered.crs == given.crs
    assert list(answered.index) == list(given.index)
    assert list(answered["note"]) == list(range(6))
    assert list(answered["division"]) == [number for _, _, number in PLACES.values()]
    expected = router.route_many([call(place) for place in PLACES])
    assert list(answered["team_id"]) == [
        d.team_id if isinstance(d, Recommendation) else None for d in expected
    ]
    assert answered["travel_time_s"].notna().all()


def test_a_missing_answer_in_a_frame_is_unknown(router: Router) -> None:
    """NaN and None need triage, as everywhere."""
    given = frame()
    given["fact_weapon"] = [None, float("nan"), "unknown", "no", "yes", "no"]
    answered = router.route_many(given)
    assert list(answered["referral_reason"])[:3] == ["needs_triage"] * 3
    assert list(answered["outcome"])[3:] == ["recommendation", "referral", "recommendation"]


def test_needs_in_a_frame_are_honoured(router: Router) -> None:
    """Text with semicolons, a list, or nothing."""
    given = frame()
    given["needs"] = ["spanish", ["korean", "spanish"], None, float("nan"), "", " "]
    answered = router.route_many(given)
    assert list(answered["outcome"]) == ["referral"] * 2 + ["recommendation"] * 4


def test_whatever_a_call_may_hold_a_frame_may_hold(router: Router) -> None:
    """A code that says armed, a preference, a team to leave out and a region are not lost."""
    given = frame()
    given["codes"] = ["415M3", ["918M", "WELCK"], None, "", "WELCK;918VM", float("nan")]
    given["prefers"] = ["spanish;korean", None, "", None, None, None]
    given["excludes"] = [None, None, "EXO-1", ["EXO-1", "EXO-2"], None, None]
    given["uncertainty"] = [None, None, None, None, None, Circle(1500.0, 0.9)]
    decisions = list(map(decision_from_json, router.route_many(given)["decision"]))
    more: list[dict[str, Any]] = [
        {"codes": ("415M3",), "prefers": ("spanish", "korean")},
        {"codes": ("918M", "WELCK")},
        {"excludes": ("EXO-1",)},
        {"excludes": ("EXO-1", "EXO-2")},
        {"codes": ("WELCK", "918VM")},
        {"uncertainty": Circle(1500.0, 0.9)},
    ]
    places = zip(given["call_id"], PLACES, more, strict=True)
    expected = [replace(call(place), call_id=name, **held) for name, place, held in places]
    assert decisions == router.route_many(expected)
    assert decisions[0].reading.facts["weapon"] == "yes"
    given["uncertainty"] = 1500.0
    with pytest.raises(InputError, match="row 0: uncertainty must be a Circle"):
        router.route_many(given)


def test_a_frame_that_was_answered_already_is_refused(router: Router) -> None:
    """A column of the user's is never replaced."""
    with pytest.raises(InputError, match="already has the columns outcome, division"):
        router.route_many(router.route_many(frame()))


def test_nullable_columns_are_understood(router: Router) -> None:
    """Pandas' NA in facts and needs is missing; divisions stay whole numbers beside a gap."""
    given = frame()
    given["fact_weapon"] = pd.array(["no", pd.NA, "no", "no", "no", "no"], dtype="string")
    given["needs"] = pd.array([pd.NA] * 6, dtype="string")
    given.loc["row-5", "geometry"] = Point(-118.4912, 34.0195)
    answered = router.route_many(given)
    assert answered["referral_reason"].iloc[1] == "needs_triage"
    assert answered["division"].dtype == "Int64"
    assert answered["division"].iloc[0] == 20
    assert answered["division"].isna().tolist() == [False] * 5 + [True]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("weapon", "yes", "column 'weapon' looks like a fact; name it 'fact_weapon'"),
        ("Fact_weapon", "yes", "column 'Fact_weapon' looks like a fact"),
        ("fact_wepon", "yes", "column 'fact_wepon': unknown fact"),
        ("call_id", None, "row 0: call_id None must be text"),
        ("call_id", float("nan"), "row 0: call_id nan must be text"),
        ("received_at", pd.NaT, "row 0: received_at"),
        ("fact_weapon", True, "row 0: fact weapon is True; it must be one of 'yes'"),
    ],
)
def test_doubtful_columns_are_refused(
    router: Router, column: str, values: Any, message: str
) -> None:
    """A fact that would be overlooked, a missing id, a missing time."""
    given = frame()
    given[column] = values
    with pytest.raises(InputError, match=message):
        router.route_many(given)


def test_frames_that_are_no_geodataframes_are_refused(router: Router) -> None:
    """A plain frame, one without geometry, one with a column twice."""
    plain = pd.DataFrame(frame().drop(columns="geometry"))
    with pytest.raises(InputError, match="takes a GeoDataFrame"):
        router.route_many(plain)
    with pytest.raises(InputError, match="has no geometry"):
        router.route_many(geopandas.GeoDataFrame(plain))
    twice = pd.concat([frame(), frame()[["fact_weapon"]]], axis=1)
    with pytest.raises(InputError, match="distinct texts"):
        router.route_many(twice)


def test_an_empty_path_is_not_the_embedded_city() -> None:
    """An unset setting must not dispatch for the wrong city."""
    with pytest.raises(UnarmedRouterError):
        Router.load("")


def test_settings_of_the_agency_show_in_its_digest(tmp_path: Path) -> None:
    """A changed access speed changes times, so it changes the basis."""
    folder = embedded_agency().parent
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "agency.toml").unlink()
    text = (folder / "agency.toml").read_text().replace("access_kph = 20.0", "access_kph = 60.0")
    (tmp_path / "agency.toml").write_text(text)
    ours = Router.load().route(call(), at=AT).basis
    theirs = Router.load(tmp_path / "agency.toml").route(call(), at=AT).basis
    assert ours.agency != theirs.agency
    assert ours.network == theirs.network


def test_an_empty_frame_comes_back_empty(router: Router) -> None:
    """No calls, no decisions, but the columns are there."""
    answered = router.route_many(frame().iloc[:0])
    assert len(answered) == 0
    assert "team_id" in answered.columns


def test_broken_frames_are_refused_by_row(router: Router) -> None:
    """A missing column or CRS, a line for a point, a naive time, a typing error."""
    with pytest.raises(InputError, match="lacks the columns call_type"):
        router.route_many(frame().drop(columns="call_type"))
    with pytest.raises(InputError, match="has no CRS"):
        router.route_many(geopandas.GeoDataFrame(frame().drop(columns="geometry"),
                                                 geometry=list(frame().geometry)))  # fmt: skip
    lines = frame()
    lines.loc["row-2", "geometry"] = LineString([(0, 0), (1, 1)])
    with pytest.raises(InputError, match="row 2: the geometry is no point"):
        router.route_many(lines)
    naive = frame()
    naive["received_at"] = pd.Timestamp("2026-11-20")
    with pytest.raises(InputError, match=r"row 0: .*has no time zone"):
        router.route_many(naive)
    typo = frame()
    typo.loc["row-3", "fact_weapon"] = "nope"
    with pytest.raises(InputError, match="row 3: fact weapon is 'nope'"):
        router.route_many(typo)


def test_threads_share_one_router(router: Router) -> None:
    """Eight threads get the bytes of one."""
    calls = [call(place) for place in PLACES] * 20
    alone = [router.route(c, at=AT).to_json() for c in calls]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda c: router.route(c, at=AT).to_json(), calls))
    assert together == alone


SCRIPT = """
from tests.embedded import AT, PLACES, call
from unarmed_router import Router
router = Router.load()
for place in PLACES:
    for facts in ({}, call().facts):
        print(router.route(call(place, facts=facts), at=AT).to_json())
"""


def test_other_processes_give_the_same_bytes() -> None:
    """Whatever the hash seed, the same inputs are decided in the same bytes."""
    texts = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1
    assert texts.pop().count(b"\n") == 12


def test_out_of_town_is_a_value_and_not_an_error(router: Router) -> None:
    """Santa Monica is somebody else's; Catalina has no road of ours."""
    decision = router.route(call(lon=-118.4912, lat=34.0195), at=AT)
    assert isinstance(decision, Referral)
    assert decision.target == "NEIGHBOR_PSAP"


def test_an_address_beside_a_freeway_is_reached_by_a_street(router: Router) -> None:
    """A call on the freeway's axis is snapped to a street, a team's fix to the freeway."""
    agency = router.agency
    network = agency.network
    freeway = next(
        arc for arc in range(network.arcs) if network.classes[network.road_class[arc]] == "motorway"
    )
    lon, lat = network.node_lon[network.tail[freeway]], network.node_lat[network.tail[freeway]]
    position = agency.roads.snap(lon=float(lon), lat=float(lat))
    if position is not None:
        snapped = network.classes[network.road_class[position.arc]]
        assert snapped not in {"motorway", "ramp"}
    mine = Router.load()
    mine.roster.record_fix("ALC-1", lon=float(lon), lat=float(lat), at=AT)
    fix_road = mine.roster.snapshot().teams[0].fix_road
    assert fix_road is not None
    assert fix_road.snap_m < 0.01


@pytest.mark.parametrize("wrong", [{"call_id": "A-1"}, '{"call_id": "A-1"}', None])
def test_what_is_no_call_is_refused_by_its_kind(router: Router, wrong: Any) -> None:
    """A dictionary or JSON text is told what makes a call of it."""
    told = rf"got {type(wrong).__name__}: make one with Call"
    with pytest.raises(InputError, match=f"route takes .* {told}"):
        router.route(wrong)
    with pytest.raises(InputError, match=f"counterfactual takes .* {told}"):
        router.counterfactual(wrong)
    for at in (AT, None):
        with pytest.raises(InputError, match=f"route_many takes .* {told}"):
            router.route_many([call("Watts"), wrong], at=at)


def test_one_call_is_no_batch_and_a_call_is_no_decision(router: Router) -> None:
    """Each is told what is taken in its place."""
    one: Any = call("Watts")
    with pytest.raises(InputError, match=r"got Call: of one call, give \[call\]"):
        router.route_many(one)
    with pytest.raises(InputError, match="path takes a decision; got Call"):
        router.path(one)
    with pytest.raises(InputError, match=r"network must be a RoadNetwork.* got 'roads'"):
        router.update_speeds(network="roads")  # type: ignore[arg-type]


def test_an_error_of_the_roads_is_not_blamed_on_the_call(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a real call an attribute that is missing is a fault of ours."""
    monkeypatch.setattr(router, "_desk", None)
    with pytest.raises(AttributeError):
        router.route(call("Watts"), at=AT)
    with pytest.raises(AttributeError):
        router.route_many([call("Watts")], at=AT)


NO_PATH = [3, b"agency.toml", ["agency.toml"], True]


@pytest.mark.parametrize("wrong", NO_PATH, ids=repr)
def test_an_agency_is_named_by_its_path(router: Router, wrong: Any) -> None:
    """Where one is loaded, and where its policy is put in force anew."""
    with pytest.raises(InputError, match=r"path of its agency\.toml; got"):
        Router.load(wrong)
    with pytest.raises(InputError, match="a policy is named by its path; got"):
        router.reload_policy(wrong)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800"], ids=repr)
def test_a_name_that_no_file_has_is_a_file_that_cannot_be_read(router: Router, name: str) -> None:
    """As of one that is not there; the message can be written."""
    with pytest.raises(ConfigurationError, match="cannot be read") as error:
        Router.load(name)
    assert str(error.value).encode()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        router.reload_policy(name)


def test_a_router_is_made_of_a_loaded_agency_and_a_clock(router: Router) -> None:
    """A path is no agency, and a moment no clock."""
    wrong: Any
    for wrong in (None, "agency.toml"):
        with pytest.raises(InputError, match=r"agency must be a loaded one; got .* Router\.load"):
            Router(wrong)
    for wrong in (None, AT):
        with pytest.raises(InputError, match="clock must be called for the present; got"):
            Router(router.agency, clock=wrong)


@pytest.mark.parametrize("wrong", [0, "", False, "2026-11-20"], ids=repr)
def test_a_counterfactual_is_of_a_moment_too(router: Router, wrong: Any) -> None:
    """What is empty or false is no moment, and does not stand for now."""
    with pytest.raises(InputError, match="at must be a datetime"):
        router.counterfactual(call(), at=wrong)


def test_progress_is_told_to_what_can_be_called(router: Router) -> None:
    """Said before the first call is decided, not after a thousand."""
    told: Any = 5
    with pytest.raises(InputError, match="progress must be called with a number; got 5"):
        router.route_many([], progress=told)
