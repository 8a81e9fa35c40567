"""How many teams: steps on the same calls, the share reached in time, and when to stop."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.unit.research.outcomes import calls
from unarmed_router.cli import main
from unarmed_router.cli.staffing import _print
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.research.call_outcomes import CallOutcomes
from unarmed_router.research.run_result import RunResult
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.shipped_scenarios import scenario_path
from unarmed_router.research.staffing import Staffing, _step, reached_share, staff_scenario

SIX = scenario_path("six_divisions")
QUICK = {"days": 1, "warm_up_days": 0, "replications": 3}


@pytest.fixture(scope="module")
def tried() -> Staffing:
    """Ask for more than any number of teams can do, with two more at most."""
    return staff_scenario(SIX, most=2, share=0.999, within_s=900.0, run=QUICK)


def reached_by_hand(run: RunResult, within_s: float) -> float:
    """Count call by call."""
    rows = zip(run.outcomes.served.tolist(), run.outcomes.response_s.tolist(), strict=True)
    found: list[bool] = [served and seconds <= within_s for served, seconds in rows]
    return sum(found) / len(found)


def test_each_step_has_one_team_more_on_the_same_calls(tried: Staffing) -> None:
    """Six, seven and eight; the teams of a step are those of the one before and one further."""
    assert [step.team_count for step in tried.steps] == [6, 7, 8]
    assert [step.further for step in tried.steps] == [0, 1, 2]
    for one, two in zip(tried.steps, tried.steps[1:], strict=False):
        assert two.results.prepared.states[:-1] == one.results.prepared.states
        received = [[run.received for run in step.results.runs] for step in (one, two)]
        assert received[0] == received[1]
    assert [team.team_id for team in tried.placed] == ["further-1", "further-2"]


def test_steps_share_what_no_team_changes(tried: Staffing) -> None:
    """One network with its prepared hours for all steps: each of its own takes some 400 MB."""
    agencies = [step.results.prepared.agency for step in tried.steps]
    assert len({id(each.network) for each in agencies}) == 1
    assert len({id(each.world.travel_times) for each in agencies}) == 1
    assert len({id(each.roster) for each in agencies}) == 1  # nobody's: each run has its own


def test_the_share_is_of_all_calls_and_its_gain_is_pair_by_pair(tried: Staffing) -> None:
    """Counted by hand; the gain is the mean of the differences."""
    by_hand = [[reached_by_hand(run, 900.0) for run in s.results.runs] for s in tried.steps]
    for place, step in enumerate(tried.steps):
        assert step.reached is not None
        assert step.reached.estimate == pytest.approx(np.mean(by_hand[place]))
        assert 0.0 <= step.reached.low <= step.reached.high <= 1.0
        if place == 0:
            assert step.gained is None
        else:
            assert step.gained is not None
            difference = np.mean(np.subtract(by_hand[place], by_hand[place - 1]))
            assert step.gained.estimate == pytest.approx(difference)
        assert step.busy is not None
        shares = [share for run in step.results.runs for share in run.busy.values()]
        assert step.busy.estimate == pytest.approx(np.mean(shares))


def test_it_stops_when_the_whole_interval_is_high_enough(tried: Staffing) -> None:
    """The first step whose lower bound is at the share is enough, and the last one played."""
    assert tried.enough is None
    assert (
        "8 teams were tried: none is shown to reach 99.9 % of calls within 15 min" in tried.sentence
    )
    bounds = [step.reached.low for step in tried.steps if step.reached is not None]
    assert max(bounds) > bounds[0]
    again = staff_scenario(SIX, most=2, share=max(bounds), within_s=900.0, run=QUICK)
    assert again.enough is again.steps[-1]
    assert len(again.steps) == 1 + bounds.index(max(bounds))
    assert f"{again.enough.team_count} teams, {again.enough.further} more than" in again.sentence


def test_teams_that_are_enough_need_no_more() -> None:
    """The sentence says so, and nothing is placed; the target is the program's own."""
    found = staff_scenario(SIX, most=5, share=0.05, run=QUICK)
    assert (len(found.steps), found.placed) == (1, [])
    program = found.steps[0].results.prepared.agency.world.policy.programs[0]
    assert found.within_s == program.response_target_s
    assert found.sentence.startswith("6 teams reach 5 % of calls within ")


def test_a_file_s_own_further_teams_are_there_from_the_first_step(tmp_path: Any) -> None:
    """The sweep adds to them, and goes by the file's seed and service."""
    path = tmp_path / "own.toml"
    text = SIX.read_text(encoding="utf-8")
    path.write_text(text + "\n[teams]\nfurther = 2\n", encoding="utf-8")
    found = staff_scenario(path, most=1, share=0.999, within_s=600.0, run=QUICK)
    assert [step.team_count for step in found.steps] == [8, 9]
    assert [team.team_id for team in found.placed] == ["further-3"]


def test_teams_that_are_placed_together_are_all_told(tmp_path: Any) -> None:
    """The best set of three shares nothing with the best two: the last of them is not the third."""
    path = tmp_path / "own.toml"
    asked = '\n[teams]\nfurther = 1\nfurther_placed = "together"\n'
    path.write_text(SIX.read_text(encoding="utf-8") + asked, encoding="utf-8")
    found = staff_scenario(path, most=1, share=0.999, within_s=600.0, run=QUICK)
    assert found.placement is not None
    assert [team.team_id for team in found.placed] == ["further-1", "further-2"]
    assert tuple(found.placed) == found.placement.teams
    assert [each["team_id"] for each in found.to_dict()["placed"]] == ["further-1", "further-2"]


def test_processes_change_nothing(tried: Staffing) -> None:
    """Two at a time give the same record."""
    again = staff_scenario(SIX, most=2, share=0.999, within_s=900.0, run=QUICK, processes=2)
    assert json.dumps(again.to_dict()) == json.dumps(tried.to_dict())


def test_a_share_reached_by_all_calls_has_a_bound_below_one(tried: Staffing) -> None:
    """Nine calls in nine do not prove that every call will be reached."""
    results = tried.steps[0].results
    calls = sum(map(len, results.outcomes))
    found = results.share(lambda _: 1.0)
    assert found is not None
    assert (found.estimate, found.high) == (1.0, 1.0)
    assert 1.0 - 5.0 / calls < found.low < 1.0


def test_a_call_nobody_came_to_is_not_reached(tried: Staffing) -> None:
    """However long the standard."""
    run = tried.steps[0].results.runs[0]
    response_s = run.outcomes.response_s.copy()
    response_s[: len(response_s) // 2] = math.nan
    half = replace(run, outcomes=replace(run.outcomes, response_s=response_s))
    share = 1.0 - len(response_s) // 2 / len(response_s)
    assert reached_share(half, 1e9) == pytest.approx(share * reached_share(run, 1e9))
    assert reached_share(run, 1e9) == 1.0


def test_a_run_without_calls_has_no_share(tried: Staffing) -> None:
    """A share of nothing is undefined, never 0."""
    run = tried.steps[0].results.runs[0]
    nobody: CallOutcomes = run.outcomes.where(np.zeros(len(run.outcomes), bool))
    assert math.isnan(reached_share(replace(run, outcomes=nobody), 900.0))
    empty = ScenarioResults(tried.steps[0].results.prepared, [replace(run, outcomes=nobody)])
    assert empty.share(lambda each: reached_share(each, 900.0)) is None


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"most": -1}, "most -1 must be 0 to 500"),
        ({"most": 501}, "most 501 must be 0 to 500"),
        ({"most": 1.5}, "most 1.5 must be a whole number"),
        ({"most": 1, "share": 1.0}, "share 1.0 must lie between 0 and 1"),
        ({"most": 1, "share": float("nan")}, "share nan must lie"),
        ({"most": 1, "within_s": 0.0}, "within_s 0.0 must be a time above 0"),
        ({"most": 1, "within_s": float("inf")}, "within_s inf must be"),
        ({"most": 1, "run": {**QUICK, "replications": 1}}, "one replication alone shows nothing"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], fault: str) -> None:
    """Before anything is played."""
    with pytest.raises(InputError, match=fault):
        staff_scenario(SIX, **{"run": QUICK, **asked})


def test_replayed_calls_are_refused(tmp_path: Any) -> None:
    """Replications share them, so their intervals say nothing of other calls."""
    (tmp_path / "calls.csv").write_text(
        "id,type,at,lon,lat\n1,welfare_check,2026-01-05T10:00:00-08:00,-118.3,34.05\n",
        encoding="utf-8",
    )
    (tmp_path / "layout.toml").write_text(
        'schema_version = 1\n[columns]\ncall_id = "id"\ncall_type = "type"\n'
        'received_at = ["at"]\nlon = "lon"\nlat = "lat"\n',
        encoding="utf-8",
    )
    path = tmp_path / "replayed.toml"
    text = SIX.read_text(encoding="utf-8")
    replay = '\n[replay]\nfile = "calls.csv"\nlayout = "layout.toml"\n'
    path.write_text(text + replay, encoding="utf-8")
    with pytest.raises(InputError, match="replays calls, which are the same in every replication"):
        staff_scenario(path, most=1, run=QUICK)


def test_a_precision_rule_ends_no_step_early(tmp_path: Any) -> None:
    """Steps are pairs: each has all the replications of the others."""
    path = tmp_path / "precise.toml"
    text = SIX.read_text(encoding="utf-8")
    rule = "\n[precision]\nwithin = 0.9\nat_least = 2\n"
    path.write_text(text + rule, encoding="utf-8")
    found = staff_scenario(path, most=1, share=0.999, within_s=600.0, run=QUICK)
    assert [len(step.results.runs) for step in found.steps] == [3, 3]


def test_equal_pairs_are_no_proof_that_nothing_is_gained() -> None:
    """Where a further team changes no replication, its gain has no bounds; the share has."""
    found = staff_scenario(SIX, most=1, share=0.999, within_s=36_000.0, run=QUICK)
    gained = found.steps[1].gained
    assert gained is not None
    assert (gained.estimate, gained.low, gained.high) == (0.0, -math.inf, math.inf)
    for step in found.steps:
        assert step.reached is not None
        assert 0.9 < step.reached.low < step.reached.estimate == step.reached.high == 1.0
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["enough_teams"] is None


def test_pairs_that_are_alike_but_for_rounding_are_no_proof(tried: Staffing) -> None:
    """0.3 less 0.1 and 0.4 less 0.2 differ by the last bit, and as much more is reached in both."""

    def played(hits: list[int]) -> ScenarioResults:
        runs = [
            replace(run, outcomes=calls([60.0] * hit + [math.nan] * (10 - hit)))
            for run, hit in zip(tried.steps[0].results.runs[:2], hits, strict=True)
        ]
        return replace(tried.steps[0].results, runs=runs)

    first = _step(0, played([1, 2]), [], 100.0)
    gained = _step(1, played([3, 4]), [first], 100.0).gained
    assert gained is not None
    assert gained.estimate == pytest.approx(0.2)
    assert (gained.low, gained.high) == (-math.inf, math.inf)


def test_no_team_is_busy_for_more_than_all_of_the_time(tried: Staffing) -> None:
    """Two replications with a half and the whole have an interval that ends at 1."""
    results = tried.steps[0].results
    runs = [
        replace(run, busy=dict.fromkeys(run.busy, share))
        for run, share in zip(results.runs[:2], (0.5, 1.0), strict=True)
    ]
    step = replace(tried.steps[0], results=replace(results, runs=runs))
    for found in (step.busy, *step.results.workloads.values()):
        assert found is not None
        assert (found.low, found.estimate, found.high) == (0.0, 0.75, 1.0)


def test_progress_counts_the_replications_of_all_steps() -> None:
    """It never goes back, and ends at what was said."""
    told: list[tuple[int, int]] = []
    staff_scenario(
        SIX, most=1, share=0.999, run=QUICK, progress=lambda done, most: told.append((done, most))
    )
    assert told == [(done, 6) for done in (0, 1, 2, 3, 3, 4, 5, 6)]  # a step begins where one ended


def test_too_many_in_all_is_a_fault_of_the_scenario(tmp_path: Any) -> None:
    """The file's own and the sweep's together are held to the schema's limit."""
    path = tmp_path / "own.toml"
    text = SIX.read_text(encoding="utf-8")
    path.write_text(text + "\n[teams]\nfurther = 501\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"teams\.further"):
        staff_scenario(path, most=1, run=QUICK)
    path.write_text(text + "\n[teams]\nfurther = 499\n", encoding="utf-8")
    with pytest.raises(InputError, match="most 2 beside the scenario's own 499"):
        staff_scenario(path, most=2, run=QUICK)


def test_the_command_prints_steps_homes_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Or one JSON object."""
    asked = ["staffing", "six_divisions", "--days", "1", "--replications", "2", "--most", "1"]
    assert main([*asked, "--share", "0.999", "--within-min", "15"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for words in ("Within 15 min, %", "By the last one, points", "further-1", "8 West Los Angeles"):
        assert words in out
    assert "Up to 7 teams were tried" in out
    assert main([*asked, "--share", "0.999", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [step["teams"] for step in document["steps"]] == [6, 7]
    assert document["enough_teams"] is None
    assert (document["run"]["days"], document["confidence"]) == (1, 0.95)
    assert len({step["roster"] for step in document["steps"]}) == 2
    assert document["placed"][0]["provider"] == "penny-lane"  # whose teams are busiest


@pytest.mark.parametrize(
    ("within_min", "told"), [(1440.0, "1440"), (12.25, "12.25"), (15.0, "15"), (7.5, "7.5")]
)
def test_the_standard_is_told_as_it_was_asked(
    within_min: float, told: str, tried: Staffing, capsys: pytest.CaptureFixture[str]
) -> None:
    """A day is 1440 minutes and no 1.44e+03; what is rounded is another standard."""
    found = replace(tried, within_s=60.0 * within_min)
    assert f" within {told} minutes " in found.sentence
    assert found.placement is not None
    placement = replace(found.placement, within_s=60.0 * within_min)
    assert f"Expected coverage within {told} min of receipt" in placement.sentence
    _print(found)
    assert f"Within {told} min, %" in " ".join(capsys.readouterr().out.split())


def test_the_command_refuses_a_share_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """Ninety per cent is 0.9."""
    assert main(["staffing", "six_divisions", "--share", "90"]) == 2
    assert "share 90.0 must lie between 0 and 1" in capsys.readouterr().err
