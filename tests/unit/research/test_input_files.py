"""Files that calls come from: named by their digests, and no pairs where they differ."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.agency.hours import LocalHours
from unarmed_router.errors import InputError
from unarmed_router.research.input_files import file_digests
from unarmed_router.research.prepared_scenario import PreparedScenario
from unarmed_router.research.run_result import collected
from unarmed_router.research.scenario_pairing import unpaired
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.shipped_scenarios import scenario_path
from unarmed_router.roads.snapping import EdgeSnapper
from unarmed_router.simulation.arrivals import HourlyRates
from unarmed_router.simulation.streams import CallStream

REPLAY = {
    "calls.csv": "id,type,at,district\n1,welfare_check,2026-01-06T10:00:00-08:00,645\n",
    "layout.toml": 'schema_version = 1\n[columns]\ncall_id = "id"\ncall_type = "type"\n'
    'received_at = ["at"]\ndistrict = "district"\n',
    "districts.csv": "district,lon,lat\n0645,-118.3,34.05\n",
}


@pytest.fixture(scope="module")
def six(agency: Agency) -> PreparedScenario:
    """Load the six divisions."""
    return load_scenario(scenario_path("six_divisions"), agency=agency)


def replayed(
    folder: Path, agency: Agency, *, places: str = 'districts = "districts.csv"', **changed: str
) -> PreparedScenario:
    """Load a replay of one call from a folder of its own, with files changed by name."""
    folder.mkdir()
    for name, text in REPLAY.items():
        (folder / name).write_text(changed.get(name.partition(".")[0], text), encoding="utf-8")
    text = scenario_path("six_divisions").read_text(encoding="utf-8")
    table = f'[replay]\nfile = "calls.csv"\nlayout = "layout.toml"\n{places}\n'
    (folder / "scenario.toml").write_text(f"{text}\n{table}", encoding="utf-8")
    return load_scenario(folder / "scenario.toml", agency=agency)


def with_file(agency: Agency, name: str, path: Path) -> Agency:
    """Let the agency name another file."""
    changes: dict[str, Any] = {name: path}
    return replace(agency, **changes)


def sha256(path: Path | None) -> str:
    """Digest the whole file at once."""
    assert path is not None
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_files_of_a_stream_are_among_the_inputs(agency: Agency, six: PreparedScenario) -> None:
    """Tracts, arrivals and call mix, each by the SHA-256 of its bytes."""
    assert six.files == {
        "tracts": sha256(agency.demand),
        "arrivals": sha256(agency.arrivals),
        "call_mix": sha256(agency.call_mix),
        "cost": sha256(agency.cost),
    }


def test_every_policy_is_among_the_inputs(six: PreparedScenario) -> None:
    """A later one decides the calls of its days; results stand on it as on the first."""
    run = collected(
        (),
        replication=0,
        counts_from=six.counts_from,
        ends=six.ends,
        teams=(),
        hours=six.agency.hours,
    )
    world = six.agency.world
    assert "policy_2" not in ScenarioResults(six, [run]).inputs
    later = replace(world.policy, effective_from=date(2026, 1, 7), digest="later")
    dated = replace(six.agency, world=replace(world, policies=(later,)))
    inputs = ScenarioResults(replace(six, agency=dated), [run]).inputs
    assert (inputs["policy"], inputs["policy_2"]) == (world.policy.digest, "later")


def test_files_of_a_replay_are_among_the_inputs(tmp_path: Path, agency: Agency) -> None:
    """Calls, layout and districts as well; a file that is gone is refused by name."""
    prepared = replayed(tmp_path / "one", agency)
    for kind, name in (
        ("replay_file", "calls.csv"),
        ("replay_layout", "layout.toml"),
        ("replay_districts", "districts.csv"),
    ):
        assert prepared.files[kind] == sha256(tmp_path / "one" / name)
    with pytest.raises(InputError, match=r"calls\.csv cannot be read"):
        file_digests(prepared.document, tmp_path, agency)


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ("demand", "stream: the two have other tracts"),
        ("arrivals", "stream: the two have other arrivals by hour"),
        ("call_mix", "stream: the two have another call mix"),
    ],
)
def test_streams_from_other_files_are_no_pairs(
    file: str, fault: str, tmp_path: Path, agency: Agency, six: PreparedScenario
) -> None:
    """One byte more is found before anything is played; a copy elsewhere is the same file."""
    before = getattr(agency, file)
    copy, other = tmp_path / f"copy-{before.name}", tmp_path / before.name
    copy.write_bytes(before.read_bytes())
    other.write_bytes(before.read_bytes() + b"\n")
    path = scenario_path("six_divisions")
    same = load_scenario(path, agency=with_file(agency, file, copy))
    assert list(unpaired(six, same)) == []
    [found] = unpaired(six, load_scenario(path, agency=with_file(agency, file, other)))
    assert found.startswith(fault)
    assert "name the same file" in found


def test_a_rate_that_the_policy_changes_is_no_pair(six: PreparedScenario) -> None:
    """The same files, but another number of calls a day is derived from them."""
    assert isinstance(six.source, CallStream)
    rates = six.source.rates
    other = replace(six.source, rates=HourlyRates(2 * rates.per_day, rates.weights))
    [found] = unpaired(six, replace(six, source=other))
    assert found.startswith("stream.calls_per_day: the policies make ")
    assert "give both the same" in found


def test_replays_of_other_files_are_no_pairs(tmp_path: Path, agency: Agency) -> None:
    """Where a file lies does not matter, what it holds does; every reason is listed."""
    one, same = replayed(tmp_path / "one", agency), replayed(tmp_path / "same", agency)
    assert list(unpaired(one, same)) == []
    other = replayed(
        tmp_path / "other",
        agency,
        calls=REPLAY["calls.csv"].replace("10:00", "11:00"),
        districts=REPLAY["districts.csv"].replace("34.05", "34.06"),
        layout=REPLAY["layout.toml"] + 'needs = "type"\n',
    )
    assert [fault.partition(":")[0] for fault in unpaired(one, other)] == [
        "replay",
        "replay",
        "replay.layout",
    ]
    remark = replayed(tmp_path / "remark", agency, layout=REPLAY["layout.toml"] + "# the CAD's\n")
    assert list(unpaired(one, remark)) == []
    mixed = replace(one, files={**one.files, "call_mix": "0" * 64})
    [found] = unpaired(one, mixed)
    assert "how calls turn out" in found


def test_places_reached_by_other_roads_are_no_pairs(agency: Agency, six: PreparedScenario) -> None:
    """A call is drawn on a road: on another one where agencies leave other roads out."""
    path = scenario_path("six_divisions")
    for roads in (
        EdgeSnapper(agency.network, limit_m=2000.0),
        EdgeSnapper(agency.network, limit_m=900.0, exclude=["motorway", "ramp"]),
    ):
        other = load_scenario(path, agency=replace(agency, roads=roads))
        assert list(six.calls(0)) != list(other.calls(0))
        [found] = unpaired(six, other)
        assert found.startswith("agency: the two snap places to roads in other ways")
        assert "or their calls differ" in found


def test_other_clocks_are_no_pairs(agency: Agency, six: PreparedScenario) -> None:
    """Days of a run begin at midnight of the agency's own zone."""
    east = replace(agency, hours=LocalHours("America/New_York"))
    [found] = unpaired(six, load_scenario(scenario_path("six_divisions"), agency=east))
    assert found.startswith("agency: the two have other time zones")


def test_replays_with_places_drawn_from_other_tracts_are_no_pairs(
    tmp_path: Path, agency: Agency
) -> None:
    """Where only an area is known, a place is drawn by the tracts and roads of the agency."""
    calls = REPLAY["calls.csv"].replace("645", "6")
    asked = {"places": "areas = true", "calls": calls}
    one = replayed(tmp_path / "one", agency, **asked)
    assert agency.demand is not None
    other = tmp_path / agency.demand.name
    other.write_bytes(agency.demand.read_bytes() + b"\n")
    two = replayed(tmp_path / "two", with_file(agency, "demand", other), **asked)
    [found] = unpaired(one, two)
    assert found.startswith("replay: the two have other tracts")
    snapper = EdgeSnapper(agency.network, limit_m=2000.0)
    three = replayed(tmp_path / "three", replace(agency, roads=snapper), **asked)
    [found] = unpaired(one, three)
    assert found.startswith("agency: the two snap places to roads in other ways")
    points = replayed(tmp_path / "points", agency)
    same = replayed(tmp_path / "same", with_file(replace(agency, roads=snapper), "demand", other))
    assert list(unpaired(points, same)) == []
