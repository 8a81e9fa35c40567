"""How busy teams will be: by hand, beside what is played, and where further teams wait for it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from unarmed_router.errors import ConfigurationError
from unarmed_router.research.expected_work import BUSIEST, Work, expected_work
from unarmed_router.research.further_teams import most_helpful
from unarmed_router.research.prepared_scenario import PreparedScenario
from unarmed_router.research.scenario_run import play_scenario
from unarmed_router.research.scenario_schema import CrewsEntry
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.shipped_scenarios import scenario_path
from unarmed_router.research.site_choice import SiteChoice
from unarmed_router.simulation import call_volume
from unarmed_router.simulation.call_mix import OnSceneTime
from unarmed_router.simulation.draws import Draws
from unarmed_router.simulation.streams import CallStream

SIX = scenario_path("six_divisions")


@pytest.fixture(scope="module")
def prepared() -> PreparedScenario:
    """Load a week of the six divisions."""
    return load_scenario(SIX, run={"days": 7})


def work_of(prepared: PreparedScenario, crews: CrewsEntry) -> dict[str, Work]:
    """Reckon the work of the program's providers."""
    stream = prepared.source
    assert isinstance(stream, CallStream)
    program = prepared.document.service.program
    return expected_work(stream, prepared.policy, program, crews)


def test_the_published_calls_are_spread_over_providers(prepared: PreparedScenario) -> None:
    """Forty a day in all; each holds a team for turnout, its time on scene and clearing."""
    plain = work_of(prepared, CrewsEntry())
    assert sum(each.calls_per_s for each in plain.values()) * 86_400 == pytest.approx(40.0)
    clears = work_of(prepared, CrewsEntry(clearing_s=120))
    turnout_s = prepared.policy.screening.turnout_s
    for name, each in plain.items():
        assert clears[name].held_s == pytest.approx(each.held_s + 120)
        # Means of 19 to 25 min by kind; 4 % are handed over after 5.
        assert 0.96 * 19 * 60 < each.held_s - turnout_s - 0.04 * 300 < 0.96 * 25 * 60


def test_calls_hold_teams_as_long_as_drawn_ones(prepared: PreparedScenario) -> None:
    """Tails are cut and police take some over soon, as in the stream itself."""
    stream, crews = prepared.source, CrewsEntry(redirect_after_s=900)
    assert isinstance(stream, CallStream)
    assert stream.mix.service is not None
    long = OnSceneTime(1500.0, 2.0, 3600.0)  # a tail that matters
    service = replace(stream.mix.service, on_scene=long, on_scene_of={}, redirected=0.5)
    mix = replace(stream.mix, service=service)
    held = [
        min(one.on_scene_s, crews.redirect_after_s) if one.redirected else one.on_scene_s
        for one in service.draw(Draws(1), 0, ["welfare_check"] * 40_000)
    ]
    changed = replace(stream, mix=mix)
    program, policy = prepared.document.service.program, prepared.policy
    for work in expected_work(changed, policy, program, crews).values():
        on_scene_s = work.held_s - policy.screening.turnout_s
        assert on_scene_s == pytest.approx(np.mean(held), rel=0.02)


def test_a_program_asked_before_has_the_work(prepared: PreparedScenario) -> None:
    """A program that comes first leaves the call types it does not take, and their times."""
    policy, crews = prepared.policy, CrewsEntry()
    stream = prepared.source
    assert isinstance(stream, CallStream)
    assert stream.mix.service is not None
    own = policy.programs[0]
    (provider, *others) = own.providers
    first = replace(
        own,
        program_id="FIRST",
        providers=(replace(provider, provider_id="first"),),
        call_types=own.call_types - {"welfare_check"},
    )
    names = frozenset({"FIRST", own.program_id})
    both = replace(
        policy,
        programs=(first, own),
        rules=tuple(replace(rule, programs=names) for rule in policy.rules),
    )
    alone = expected_work(stream, policy, own.program_id, crews)
    left = expected_work(stream, both, own.program_id, crews)
    taken = expected_work(stream, both, "FIRST", crews)["first"]
    kept = left[provider.provider_id]
    for other in others:
        assert left[other.provider_id] == alone[other.provider_id]
    whole = alone[provider.provider_id]
    assert 0.0 < kept.calls_per_s < whole.calls_per_s
    assert kept.calls_per_s + taken.calls_per_s == pytest.approx(whole.calls_per_s)
    service = stream.mix.service
    stays = service.on_scene_of.get("welfare_check", service.on_scene)
    soon = service.redirected
    assert kept.held_s - policy.screening.turnout_s == pytest.approx(
        (1 - soon) * stays.mean_up_to(math.inf) + soon * stays.mean_up_to(300)
    )


def test_teams_are_as_busy_as_they_turn_out_to_be(prepared: PreparedScenario) -> None:
    """Two teams of each provider, 6 min on the way: within a fifth of what three weeks give."""
    runs = [play_scenario(prepared, k) for k in range(3)]
    for name, work in work_of(prepared, CrewsEntry()).items():
        own = [s.team.team_id for s in prepared.states if s.team.provider == name]
        played = np.mean([run.busy[team_id] for run in runs for team_id in own])
        assert work.busy(len(own), 360.0) == pytest.approx(played, rel=0.2)


def test_work_is_spread_over_teams() -> None:
    """One call an hour of half an hour; nobody yet is one to come; never all of the time."""
    work = Work(calls_per_s=1 / 3600, held_s=1500.0)
    assert work.busy(1, 300.0) == work.busy(0, 300.0) == pytest.approx(0.5)
    assert work.busy(2, 300.0) == pytest.approx(0.25)
    assert replace(work, calls_per_s=1.0).busy(2, 300.0) == BUSIEST


def test_a_second_team_is_worth_more_where_teams_are_busier() -> None:
    """Two places of as many calls, each with a team: the one whose team is busier comes first."""
    travel, demand = [[1.0, 9.0], [9.0, 1.0]], [1.0, 1.0]
    for covered, busy, site in (
        ([1, 1], [0.1, 0.4], 1),
        ([1, 1], [0.4, 0.1], 0),
        ([0, 0], [0.4, 0.1], 1),  # without a team there already, the one whose teams are freer
    ):
        choice = SiteChoice(travel, demand, covered, limit_ms=5.0, busy=busy)
        assert most_helpful(choice, 1) == [site]


def test_further_teams_wait_for_the_work_there_is() -> None:
    """A share that the file gives is taken; else the first teams are those of any number."""
    asked = {"further": 4, "further_within_s": 600}
    homes = {}
    for name, run in (
        ("own", {"busy_share": 0.3}),
        ("reckoned", {}),
        ("near", {"busy_share": 0.1}),
    ):
        states = load_scenario(SIX, run=run, teams=asked).states[6:]
        homes[name] = [(state.team.home_lon, state.team.home_lat) for state in states]
    assert homes["reckoned"] != homes["own"]
    assert set(homes["reckoned"][1:]) & set(homes["near"])
    two = load_scenario(SIX, teams={**asked, "further": 2}).states[6:]
    assert [(s.team.home_lon, s.team.home_lat) for s in two] == homes["reckoned"][:2]


def test_a_policy_of_too_many_answers_asks_for_the_share(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only where calls a day are stated does it come so far; a stated share plays."""
    text = SIX.read_text(encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(f"{text}\n[stream]\ncalls_per_day = 160.0\n[teams]\nfurther = 1\n", "utf-8")
    monkeypatch.setattr(call_volume, "_MOST", 1)
    with pytest.raises(ConfigurationError, match=r"cannot be reckoned .* give run\.busy_share"):
        load_scenario(path)
    assert len(load_scenario(path, run={"busy_share": 0.2}).states) == 7
