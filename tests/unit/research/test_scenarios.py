"""Scenario files: refused whole with every remedy, and made into what an engine needs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unarmed_router.agency.folder import Agency
from unarmed_router.agency.tracts_file import load_tracts
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.model.call import Answer, Call
from unarmed_router.model.decision import Recommendation
from unarmed_router.research.expansion import busiest_uncovered, median_homes, serving
from unarmed_router.research.reach import RoadReach
from unarmed_router.research.scenario_run import strategy_named
from unarmed_router.research.scenario_schema import (
    FIGURES,
    STRATEGIES,
    PrecisionEntry,
    scenario_json_schema,
)
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.weighed_places import tract_places
from unarmed_router.router import Router
from unarmed_router.simulation.call_replay import CallReplay
from unarmed_router.simulation.day import DayClock
from unarmed_router.simulation.mix_file import load_mix
from unarmed_router.simulation.neighbourhoods import Neighbourhoods
from unarmed_router.simulation.strategies import LeastCoverageLoss

SIX = (7, 8, 10, 17, 18, 20)

GOOD = """
schema_version = 1
name = "Nine divisions"
[run]
start = 2026-01-05
days = 14
warm_up_days = 2
replications = 10
seed = 5
[service]
program = "UMCR"
add_busiest = 3
[teams]
per_added_division = 2
[precision]
within = 0.05
"""

BAD = """
schema_version = 2
nam = "x"
agency = "nowhere.toml"
[run]
start = "soon"
days = 0
strategy = "closest"
replications = 3
[service]
divisions = "some"
[teams]
per_added_division = -1
size = 3
[stream]
weigh_by = {}
[replay]
file = "nope.csv"
[precision]
within = 2.0
"""


def written(folder: Path, text: str) -> Path:
    """Write a scenario."""
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(folder: Path, text: str, agency: Agency) -> list[str]:
    """Load a broken scenario and return its faults."""
    with pytest.raises(ConfigurationError) as caught:
        load_scenario(written(folder, text), agency=agency)
    return list(caught.value.faults)


def test_six_become_nine(tmp_path: Path, agency: Agency) -> None:
    """The three with the most demand are added, with two teams each; the six stay as they were."""
    scenario = load_scenario(written(tmp_path, GOOD), agency=agency)
    assert scenario.added == (19, 11, 14)
    assert set(scenario.divisions) == {*SIX, 19, 11, 14}
    assert [state.team.team_id for state in scenario.states[6:]] == [
        f"added-{division}-{number}" for division in (19, 11, 14) for number in (1, 2)
    ]
    for state in scenario.states[6:]:
        place = agency.divisions.locate(lon=state.team.home_lon, lat=state.team.home_lat).division
        assert place is not None
        assert state.team.team_id.split("-")[1] == str(place.number)
    program = scenario.agency.world.policy.programs[0]
    assert program.provider_of[19] == "added"
    assert program.provider_of[7] == "alcott"
    assert scenario.agency.world.policy.digest != agency.world.policy.digest
    assert agency.world.policy.programs[0].provider_of.keys() == set(SIX)
    assert scenario.document.precision == PrecisionEntry(within=0.05)


def test_a_run_has_its_days_on_the_wall_clock(tmp_path: Path, agency: Agency) -> None:
    """Warm-up first, from local midnight; across the change of clocks too."""
    text = GOOD.replace("2026-01-05", "2026-03-07")
    scenario = load_scenario(written(tmp_path, text), agency=agency)
    assert scenario.starts == datetime(2026, 3, 7, 8, tzinfo=UTC)
    assert scenario.counts_from == datetime(2026, 3, 9, 7, tzinfo=UTC)
    assert scenario.ends == datetime(2026, 3, 23, 7, tzinfo=UTC)
    calls = list(scenario.calls(0))
    assert scenario.starts <= calls[0].call.received_at
    assert calls[-1].call.received_at < scenario.ends
    assert calls == list(scenario.calls(0))
    assert calls[:20] != list(islice(scenario.calls(1), 20))


@pytest.mark.parametrize(
    ("days", "warm_up", "told"),
    [
        (14, 2, "14 days from 2026-01-07, after 2 days of warm-up"),
        (1, 1, "1 day from 2026-01-06, after 1 day of warm-up"),
        (7, 0, "7 days from 2026-01-05"),
    ],
)
def test_days_that_are_counted_are_told_from_their_first(
    tmp_path: Path, agency: Agency, days: int, warm_up: int, told: str
) -> None:
    """Which is the one after the warm-up, though the run begins before it."""
    path = written(tmp_path, GOOD)
    run = {"days": days, "warm_up_days": warm_up}
    scenario = load_scenario(path, agency=agency, run=run)
    assert scenario.days_told == told
    first = scenario.counts_from.astimezone(agency.hours.zone)
    assert f"from {first.date()}" in told


def test_scenarios_share_their_calls(tmp_path: Path, agency: Agency) -> None:
    """Six divisions and nine get the same calls, so that differences are the scenario's own."""
    nine = load_scenario(written(tmp_path, GOOD), agency=agency)
    six = load_scenario(written(tmp_path, GOOD.replace("add_busiest = 3", "")), agency=agency)
    assert list(islice(six.calls(4), 100)) == list(islice(nine.calls(4), 100))
    assert six.added == ()
    assert six.agency.world.policy is agency.world.policy


def test_the_prepared_agency_routes(tmp_path: Path, agency: Agency) -> None:
    """A call in an added division gets a team of it; each run has a roster of its own."""
    scenario = load_scenario(written(tmp_path, GOOD), agency=agency)
    clock = DayClock(scenario.starts)
    router, other = (Router(scenario.agency_at(clock), clock=clock) for _ in range(2))
    assert router.roster is not other.roster
    motorway = agency.network.classes.index("motorway")
    arc = int(np.flatnonzero(agency.network.road_class == motorway)[0])
    node = int(agency.network.tail[arc])
    lon, lat = float(agency.network.node_lon[node]), float(agency.network.node_lat[node])
    router.roster.record_fix("ALC-1", lon=lon, lat=lat, at=scenario.starts)
    on_the_way = router.roster.snapshot().teams[0].fix_road
    assert on_the_way is not None
    assert on_the_way.snap_m == pytest.approx(0.0, abs=0.1)
    home = scenario.states[6].team
    call = Call(
        call_id="1",
        lon=home.home_lon,
        lat=home.home_lat,
        call_type="welfare_check",
        received_at=scenario.starts,
        facts=dict.fromkeys(agency.world.policy.facts, Answer.NO),
    )
    decision = router.route(call)
    assert isinstance(decision, Recommendation)
    assert decision.team_id == home.team_id


@pytest.mark.parametrize("given", [None, 7, ["six_divisions"]])
def test_what_is_no_path_is_refused(given: Any) -> None:
    """Such as a scenario that is loaded already."""
    with pytest.raises(InputError, match="named by the path of its file"):
        load_scenario(given)


def test_every_fault_has_its_remedy(tmp_path: Path, agency: Agency) -> None:
    """Seventeen faults at once, each with its entry and what to do."""
    faults = faults_of(tmp_path, BAD, agency)
    assert [fault.partition(":")[0] for fault in faults] == [
        "schema_version",
        "name",
        "run.start",
        "run.days",
        "service.program",
        "service.divisions.literal['policy','all']",
        "teams.per_added_division",
        "teams.size",
        "stream.weigh_by",
        "replay.layout",
        "precision.within",
        "nam",
        "precision.at_least",
        "run.strategy",
        "replay",
        "agency",
        "replay.file",
    ]
    assert "give 1 to 3660 days" in faults[3]
    assert "drop it, or name one of roster, per_added_division" in faults[7]
    assert "raise the replications or lower at_least" in faults[12]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('"UMCR"', '"CIRCUS"', ["service: policy la-default-2026 has no program 'CIRCUS'"]),
        ("add_busiest = 3", "add_busiest = 16", ["service.add_busiest: 16 divisions cannot"]),
        ("add_busiest = 3", "divisions = [7, 99]", ["service.divisions: [99] are no divisions"]),
        (
            "add_busiest = 3",
            'divisions = "all"\nadd_busiest = 1',
            ["service.add_busiest: nothing can be added to all"],
        ),
        (
            "add_busiest = 3",
            "divisions = [7, 7]\nadd_busiest = -1",
            ["service.divisions: 7 is listed twice", "service.add_busiest: "],
        ),
        (
            "add_busiest = 3",
            "divisions = []",
            ["service.divisions: none is listed, and none added: the program would serve nobody"],
        ),
        (
            "[precision]",
            "[crews]\nbreak_s = 900\nbreak_every_s = 600\nafter_call = 'home'\n[precision]",
            ["crews.break_every_s: 600 must be longer", "crews.after_call: "],
        ),
        (
            "[precision]",
            (
                '[replay]\nfile = "scenario.toml"\nlayout = "scenario.toml"\n'
                'districts = "scenario.toml"\nareas = true\n[precision]'
            ),
            ["replay.areas: places are given by districts or drawn"],
        ),
        (
            "[precision]",
            (
                '[replay]\nfile = "scenario.toml"\nlayout = "scenario.toml"\n'
                "area_drop_digits = 2\n[precision]"
            ),
            ["replay.area_drop_digits: there are no areas"],
        ),
        (
            "[precision]",
            "[crews]\nbreak_every_s = 600\n[precision]",
            ["crews.break_s: breaks every 600 s take no time"],
        ),
        (
            "seed = 5",
            'seed = 5\nstrategy = "no_such_module:Choice"',
            ["run.strategy: no_such_module:Choice cannot be imported"],
        ),
        (
            "seed = 5",
            'seed = 5\nstrategy = "math:pi"',
            ["run.strategy: math:pi has no method choose"],
        ),
        (
            "[precision]",
            "[stream]\nweigh_by = { cats = 1.0 }\n[precision]",
            ["stream: "],
        ),
        ("[precision]", "[[precision]]", ["precision: "]),
        (
            "[precision]",
            "[stream]\ncalls_per_day = 0\n[precision]",
            [
                "stream.calls_per_day: must be above 0 (got 0): give",
            ],
        ),
        ("per_added", "roster = 'scenario.toml'\nper_added", ["teams: "]),
    ],
)
def test_faults_beside_the_agency_are_listed(
    tmp_path: Path, agency: Agency, old: str, new: str, wanted: list[str]
) -> None:
    """Unknown programs, divisions, columns and files that are something else."""
    faults = faults_of(tmp_path, GOOD.replace(old, new), agency)
    for start in wanted:
        assert any(fault.startswith(start) for fault in faults), faults


def test_divisions_may_be_listed_or_all(tmp_path: Path, agency: Agency) -> None:
    """Fewer than the policy's, others, or every one; teams keep their provider."""
    one = GOOD.replace("add_busiest = 3", "divisions = [7, 1]")
    scenario = load_scenario(written(tmp_path, one), agency=agency)
    assert scenario.divisions == (1, 7)
    assert scenario.added == (1,)
    assert scenario.agency.world.policy.programs[0].provider_of == {7: "alcott", 1: "added"}
    everything = GOOD.replace("add_busiest = 3", 'divisions = "all"\nprovider = "exodus"')
    everything = everything.replace("per_added_division = 2", "per_added_division = 0")
    scenario = load_scenario(written(tmp_path, everything), agency=agency)
    assert len(scenario.divisions) == 21
    assert len(scenario.states) == 6
    assert scenario.agency.world.policy.programs[0].provider_of[1] == "exodus"


def test_divisions_of_the_policy_are_those_of_the_days_of_the_run(
    tmp_path: Path, agency: Agency
) -> None:
    """A later policy that serves more does so in its own days, and is left as it is."""
    day, world = date(2026, 7, 1), agency.world
    nine = serving(world.policy, "UMCR", [*SIX, 19, 11, 14], provider="exodus")
    dated = replace(
        world,
        policy=replace(world.policy, effective_until=day),
        policies=(replace(nine, effective_from=day),),
    )
    city = replace(agency, world=dated)
    text = GOOD.replace("days = 14\nwarm_up_days = 2", "days = 2\nwarm_up_days = 1")
    plain = text.replace("add_busiest = 3", "")
    for start, wanted in (
        ("2026-06-01", {*SIX}),
        ("2026-06-28", {*SIX}),
        ("2026-06-29", {*SIX, 19, 11, 14}),
        ("2026-07-01", {*SIX, 19, 11, 14}),
    ):
        path = written(tmp_path, plain.replace("2026-01-05", start))
        found = load_scenario(path, agency=city)
        assert set(found.divisions) == wanted
        assert found.added == ()
        assert (found.agency.world.policy, *found.agency.world.policies) == (
            dated.policy,
            *dated.policies,
        )
    path = written(tmp_path, text.replace("2026-01-05", "2026-07-01"))
    more = load_scenario(path, agency=city)
    assert len(more.added) == 3
    assert not {*SIX, 19, 11, 14} & {*more.added}
    for policy, own in zip(
        (more.agency.world.policy, *more.agency.world.policies),
        ({*SIX}, {*SIX, 19, 11, 14}),
        strict=True,
    ):
        assert set(policy.programs[0].provider_of) == {*own, *more.added}


def test_the_busiest_may_be_those_of_the_policy(tmp_path: Path, agency: Agency) -> None:
    """Of a list that leaves them out: they come back with their provider, and its teams suffice."""
    for listed, count in (("[7]", 1), ("[]", 2), ("[7, 1]", 4)):
        text = GOOD.replace("add_busiest = 3", f"divisions = {listed}\nadd_busiest = {count}")
        scenario = load_scenario(written(tmp_path, text), agency=agency)
        named = {int(n) for n in listed.strip("[]").split(",") if n}
        assert len(scenario.divisions) == len(named) + count
        assert set(scenario.added) == set(scenario.divisions) - set(SIX)
        program = scenario.agency.world.policy.programs[0]
        assert set(program.provider_of) == set(scenario.divisions)
        before = agency.world.policy.programs[0].provider_of
        for number, provider in program.provider_of.items():
            assert provider == before.get(number, "added")
        assert len(scenario.states) == 6 + 2 * len(scenario.added)


def test_a_roster_may_be_named(tmp_path: Path, agency: Agency) -> None:
    """Its teams start available, whatever the file says of their status."""
    (tmp_path / "roster.toml").write_text(
        'schema_version = 1\n[[teams]]\nid = "N-1"\nprovider = "added"\nprogram = "UMCR"\n'
        'home_lon = -118.25\nhome_lat = 34.05\nstatus = "off_duty"\n'
    )
    text = GOOD.replace("add_busiest = 3", "divisions = [1]").replace(
        "per_added_division = 2", 'per_added_division = 0\nroster = "roster.toml"'
    )
    [state] = load_scenario(written(tmp_path, text), agency=agency).states
    assert (state.team.team_id, state.status) == ("N-1", "available")
    busiest = text.replace("divisions = [1]", "add_busiest = 1")
    [state] = load_scenario(written(tmp_path, busiest), agency=agency).states
    assert (state.team.team_id, state.status) == ("N-1", "available")


def test_a_team_that_could_never_be_sent_is_refused(tmp_path: Path, agency: Agency) -> None:
    """A home in the sea would be played as a team that is free all year."""
    (tmp_path / "teams.csv").write_text(
        "id,provider,program,home_lon,home_lat,status\n"
        "SEA,alcott,UMCR,-119.5,33.5,available\nLAND,alcott,UMCR,-118.34283,34.046748,available\n"
    )
    text = GOOD.replace("per_added_division = 2", 'roster = "teams.csv"')
    (fault,) = faults_of(tmp_path, text, agency)
    assert fault.startswith("teams: SEA waits at -119.5, 33.5, farther than")
    assert "move its home" in fault


def test_turnout_that_leaves_no_time_is_said_so(tmp_path: Path, agency: Agency) -> None:
    """Nobody reads of minutes below nought."""
    text = GOOD.replace("[teams]", "[teams]\nfurther = 1\nfurther_within_s = 10")
    (fault,) = faults_of(tmp_path, text, agency)
    assert "teams.further: 10 s from receipt to arrival leave no time to travel" in fault


def test_further_teams_follow_demand_and_the_policy_of_the_first_day(
    tmp_path: Path, agency: Agency
) -> None:
    """Other weights or another target place them elsewhere; a policy that is over does not."""
    six = GOOD.replace("add_busiest = 3", "").replace("per_added_division = 2", "further = 3")
    usual = load_scenario(written(tmp_path, six), agency=agency)
    homeless = f"{six}[stream]\nweigh_by = {{ homeless_2017 = 1.0 }}\n"
    soon = six.replace("further = 3", "further = 3\nfurther_within_s = 600")
    day, world = date(2026, 1, 5), agency.world
    urgent = tuple(replace(each, response_target_s=600) for each in world.policy.programs)
    dated = replace(
        world,
        policy=replace(world.policy, effective_until=day - timedelta(days=1)),
        policies=(replace(world.policy, effective_from=day, programs=urgent, digest="urgent"),),
    )
    homes = []
    for text, city in (
        (six, agency),
        (homeless, agency),
        (soon, agency),
        (six, replace(agency, world=dated)),
    ):
        found = load_scenario(written(tmp_path, text), agency=city)
        teams = [state.team for state in found.states[-3:]]
        assert [team.team_id for team in teams] == ["further-1", "further-2", "further-3"]
        homes.append(tuple((team.home_lon, team.home_lat) for team in teams))
    assert usual.policy == usual.agency.world.policy
    assert len(set(homes[:3])) == 3
    assert homes[3] == homes[2]
    assert found.policy.programs[0].response_target_s == 600


def test_calls_are_in_the_words_of_the_policy_of_the_first_day(
    tmp_path: Path, agency: Agency
) -> None:
    """One that is over knew neither a fact of the call mix nor the codes of a replayed file."""
    day, policy = date(2026, 1, 5), agency.world.policy
    facts = {name: fact for name, fact in policy.facts.items() if name != "unhoused"}
    over = replace(
        policy, effective_until=day, facts=facts, codes=None, referrals=policy.referrals[-1:]
    )
    now = replace(policy, effective_from=day, digest="now")
    city = replace(agency, world=replace(agency.world, policy=over, policies=(now,)))
    found = load_scenario(written(tmp_path, GOOD), agency=city)
    assert "unhoused" in next(iter(found.calls(0))).call.facts
    source = load_scenario(replayed(tmp_path, "Olympic", "areas = true\n"), agency=city).source
    assert isinstance(source, CallReplay)
    assert source.codes is now.codes


def test_calls_may_be_replayed(tmp_path: Path, agency: Agency) -> None:
    """From a file beside the scenario; what it does not tell is drawn for each replication."""
    (tmp_path / "calls.csv").write_text(
        "id,type,at,district\n1,welfare_check,2026-01-06T10:00:00-08:00,645\n"
    )
    (tmp_path / "layout.toml").write_text(
        'schema_version = 1\n[columns]\ncall_id = "id"\ncall_type = "type"\n'
        'received_at = ["at"]\ndistrict = "district"\n'
    )
    (tmp_path / "districts.csv").write_text("district,lon,lat\n0645,-118.3,34.05\n")
    table = (
        '[replay]\nfile = "calls.csv"\nlayout = "layout.toml"\ndistricts = "districts.csv"\n'
        "[precision]"
    )
    text = GOOD.replace("[precision]", table)
    scenario = load_scenario(written(tmp_path, text), agency=agency)
    [one], [other] = list(scenario.calls(0)), list(scenario.calls(1))
    assert one.call == other.call
    assert one.service != other.service
    assert scenario.added == (19, 11, 14)
    (tmp_path / "layout.toml").write_text("schema_version = 1\n")
    [fault] = faults_of(tmp_path, text, agency)
    assert fault.startswith("replay: ")
    assert "columns: is required" in fault


@pytest.mark.parametrize(
    ("area", "told"), [("Olympic", "areas = true"), ("2045", "areas = true\narea_drop_digits = 2")]
)
def test_calls_of_areas_may_be_replayed(
    tmp_path: Path, agency: Agency, area: str, told: str
) -> None:
    """By name or by the first digits of a district, a place is drawn inside the division."""
    path = replayed(tmp_path, area, told)
    scenario = load_scenario(path, agency=agency)
    for replication in (0, 1):
        [call] = [each.call for each in scenario.calls(replication)]
        place = agency.divisions.locate(lon=call.lon, lat=call.lat).division
        assert place is not None
        assert place.number == 20


def test_a_replayed_code_turns_out_as_the_kind_of_call_it_stands_for(
    tmp_path: Path, agency: Agency
) -> None:
    """Its priority and time on scene are those of its call type, not of calls of no known type."""
    path = replayed(tmp_path, "Olympic", "areas = true\n")
    prepared = load_scenario(path, agency=agency)
    table = agency.world.policy.codes
    assert table is not None
    read = table.read("918M")
    assert read is not None
    text = (tmp_path / "calls.csv").read_text(encoding="utf-8")
    (tmp_path / "calls.csv").write_text(text.replace("918M", read.call_type), encoding="utf-8")
    as_type = load_scenario(path, agency=agency)
    assert agency.call_mix is not None
    mix = load_mix(agency.call_mix, policy=agency.world.policy)
    assert mix.service is not None
    for replication in range(3):
        [one], [other] = (list(each.calls(replication)) for each in (prepared, as_type))
        assert one.service == other.service
        assert one.service.priority == mix.service.priority_of[read.call_type]


def test_broken_rows_of_a_replayed_file_are_told_before_anything_is_played(
    tmp_path: Path, agency: Agency
) -> None:
    """A scenario whose calls cannot be read is refused with the rows."""
    path = replayed(tmp_path, "Atlantis", "areas = true")
    with pytest.raises(ConfigurationError) as caught:
        load_scenario(path, agency=agency)
    (fault,) = caught.value.faults
    assert fault.startswith("replay: calls.csv: row 2: ")
    assert "Atlantis" in fault


def test_faults_beside_the_agency_are_told_with_those_of_the_file(
    tmp_path: Path, agency: Agency
) -> None:
    """A wrong day hides neither an unknown program nor an unknown division, nor a column."""
    text = GOOD.replace("days = 14", "days = 0").replace('"UMCR"', '"CIRCUS"')
    text = text.replace("add_busiest = 3", "divisions = [7, 99]")
    faults = faults_of(tmp_path, f"{text}[stream]\nweigh_by = {{ cats = 1.0 }}\n", agency)
    for start in ("run.days: ", "service: ", "service.divisions: [99]", "stream: "):
        assert sum(fault.startswith(start) for fault in faults) == 1, faults
    assert len(faults) == 4


def replayed(folder: Path, area: str, told: str) -> Path:
    """Write a scenario that replays one call of an area."""
    (folder / "calls.csv").write_text(f"id,at,kind,area\n1,2026-01-05T12:00:00,918M,{area}\n")
    (folder / "layout.toml").write_text(
        'schema_version = 1\n[columns]\ncall_id = "id"\ncall_type = "kind"\n'
        'received_at = ["at"]\ntimezone = "America/Los_Angeles"\ndistrict = "area"\n'
    )
    text = GOOD.replace("[precision]\nwithin = 0.05\n", "").replace("days = 14", "days = 1")
    return written(folder, f'{text}[replay]\nfile = "calls.csv"\nlayout = "layout.toml"\n{told}\n')


@pytest.mark.parametrize("text", [None, "this is = = no TOML"])
def test_a_file_that_cannot_be_read_is_told_once(
    text: str | None, tmp_path: Path, agency: Agency
) -> None:
    """A missing file and one that is no TOML have one fault each."""
    path = tmp_path / "scenario.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load_scenario(path, agency=agency)
    assert len(error.value.faults) == 1


@pytest.mark.parametrize(
    ("old", "new", "start"),
    [
        ("2026-01-05", "0001-01-01", "run.start: must be"),
        ("2026-01-05", "9999-12-31", "run.start: must be at most"),
        ("[teams]", "[stream]\nweigh_by = { population = 1e308 }\n[teams]", "stream.weigh_by"),
    ],
)
def test_what_overflows_is_refused_by_its_entry(
    old: str, new: str, start: str, tmp_path: Path, agency: Agency
) -> None:
    """Years without a time zone's offset and weights without a sum are told with the remedy."""
    (fault,) = faults_of(tmp_path, GOOD.replace(old, new), agency)
    assert fault.startswith(start)
    assert "give " in fault


def test_how_busy_teams_are_taken_to_be_may_be_said(tmp_path: Path, agency: Agency) -> None:
    """The strategy that guards coverage takes it; 0.3 where nothing is said; 1 is refused."""
    named = GOOD.replace("seed = 5", 'seed = 5\nstrategy = "least_coverage_loss"')
    for text, busy in ((named, 0.3), (named.replace("seed", "busy_share = 0.6\nseed"), 0.6)):
        prepared = load_scenario(written(tmp_path, text), agency=agency)
        strategy = strategy_named(prepared, Router(prepared.agency))
        assert isinstance(strategy, LeastCoverageLoss)
        assert strategy.busy == busy
    (fault,) = faults_of(tmp_path, named.replace("seed", "busy_share = 1\nseed"), agency)
    assert "run.busy_share" in fault
    assert "between 0 and 1" in fault


def test_coverage_is_guarded_where_the_scenario_expects_calls(
    tmp_path: Path, agency: Agency
) -> None:
    """The strategy weighs tracts as the stream does, not always by residents."""
    weighed = "[stream]\nweigh_by = { homeless_2017 = 1.0 }\n[teams]"
    named = GOOD.replace("seed = 5", 'seed = 5\nstrategy = "least_coverage_loss"')
    prepared = load_scenario(written(tmp_path, named.replace("[teams]", weighed)), agency=agency)
    strategy = strategy_named(prepared, Router(prepared.agency))
    assert isinstance(strategy, LeastCoverageLoss)
    homeless = tract_places(agency).weights["homeless_2017"]
    assert list(strategy._reach.demand) == pytest.approx(homeless.tolist())


def test_entries_may_be_numbers_of_numpy(tmp_path: Path, agency: Agency) -> None:
    """As a loop over an array of seeds gives them; what is no whole number is still refused."""
    path = written(tmp_path, GOOD)
    run = {"seed": np.int64(3), "days": np.uint8(2), "busy_share": np.float32(0.5)}
    plain = load_scenario(path, agency=agency, run=run, teams={"further": np.int32(0)}).document.run
    assert (plain.seed, plain.days, plain.busy_share) == (3, 2, 0.5)
    assert type(plain.seed) is int
    with pytest.raises(ConfigurationError, match="must be a whole number"):
        load_scenario(path, agency=agency, run={"days": np.float64(1.5)})


def test_the_schema_is_exported(tmp_path: Path) -> None:
    """JSON Schema with every table, and the remedies as descriptions."""
    schema = json.loads(json.dumps(scenario_json_schema()))
    assert schema["$schema"].endswith("2020-12/schema")
    assert set(schema["required"]) == {"schema_version", "name", "run", "service"}
    assert schema["$defs"]["RunEntry"]["properties"]["days"]["maximum"] == 3660
    assert "28" not in schema["$defs"]["RunEntry"]["required"]
    assert all(name in json.dumps(schema) for name in (*FIGURES, *STRATEGIES))
    assert not (tmp_path / "scenario.toml").exists()


class Shares:
    """Demand by hand."""

    def share_of(self, division: int) -> float:
        """Return it."""
        return {1: 0.2, 2: 0.3, 3: 0.3, 4: 0.1, 5: 0.1}[division]


def test_the_busiest_uncovered_come_first() -> None:
    """By demand; of equals the lower number; never one that is covered."""
    every = [5, 4, 3, 2, 1]
    assert busiest_uncovered(Shares(), every, {2}, count=3) == (3, 1, 4)
    assert busiest_uncovered(Shares(), every, [], count=0) == ()
    with pytest.raises(InputError, match="4 are uncovered; give 0 to 4"):
        busiest_uncovered(Shares(), every, [2], count=5)


def test_the_busiest_are_those_of_the_stream(agency: Agency) -> None:
    """Against people counted division by division."""
    assert agency.demand is not None
    places = Neighbourhoods.of(
        load_tracts(agency.demand), divisions=agency.divisions, roads=agency.roads
    )
    people: dict[int, int] = {}
    for tract in load_tracts(agency.demand):
        division = agency.divisions.locate(lon=tract.lon, lat=tract.lat).division
        assert division is not None
        people[division.number] = people.get(division.number, 0) + tract.population
    wanted = sorted(set(people) - set(SIX), key=lambda number: -people[number])[:3]
    assert busiest_uncovered(places, people, SIX, count=3) == tuple(wanted)


def test_a_policy_that_serves_the_same_is_the_same(agency: Agency) -> None:
    """Nothing changed, nothing new; an unknown program is refused."""
    policy = agency.world.policy
    assert serving(policy, "UMCR", SIX, provider="x") is policy
    assert serving(policy, "UMCR", [7], provider="x").digest != policy.digest
    with pytest.raises(InputError, match="has no program 'X'; it has: UMCR"):
        serving(policy, "X", SIX, provider="x")


def test_homes_are_medians(agency: Agency, reach: RoadReach) -> None:
    """The first home has the least mean time of all tracts; a second one helps further."""
    assert agency.demand is not None
    tracts, places = load_tracts(agency.demand), tract_places(agency)
    [one, two] = median_homes(reach, places, 11, count=2)
    rows = [k for k, number in enumerate(places.division) if number == 11]
    snapped = agency.roads.snap_many(
        lons=[tracts[k].lon for k in rows], lats=[tracts[k].lat for k in rows]
    )
    ms = reach.to_places(snapped, snapped, hour=12)
    demand = places.weights["demand"][rows]
    centres = [(tracts[k].lon, tracts[k].lat) for k in rows]
    first = centres.index(one)
    means = ms @ demand
    assert means[first] == means.min()
    assert min(range(len(rows)), key=lambda k: float(np.minimum(ms[first], ms[k]) @ demand)) == (
        centres.index(two)
    )
    with pytest.raises(InputError, match="division 99 has no tract"):
        median_homes(reach, places, 99, count=1)
