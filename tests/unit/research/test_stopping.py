"""When a scenario has replicated enough, by any figure its file may name."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.research.outcomes import calls
from unarmed_router.errors import ConfigurationError
from unarmed_router.research import scenario_run
from unarmed_router.research.intervals import mean_interval, precise
from unarmed_router.research.prepared_scenario import PreparedScenario
from unarmed_router.research.replications import figure_of
from unarmed_router.research.run_result import RunResult
from unarmed_router.research.scenario_compare import compare_scenarios
from unarmed_router.research.scenario_run import run_scenario
from unarmed_router.research.scenario_schema import FIGURES
from unarmed_router.research.shipped_scenarios import scenario_path
from unarmed_router.simulation.parallel_runs import Players

SERVED = [100.0, 200.0, 300.0, math.nan]
MOST = 12


def result(replication: int, response_s: list[float]) -> RunResult:
    """Make a replication of calls in one division."""
    return RunResult(
        replication=replication,
        days=1.0,
        tally={("assigned", "finished"): len(response_s)},
        outcomes=calls(response_s),
        wait_s=np.zeros(0),
        redirected=0,
        team_hours=0.0,
        busy={},
    )


def replications(
    folder: Path, figure: str, runs: list[list[float]], monkeypatch: pytest.MonkeyPatch
) -> int:
    """Count the replications until the file's rule of three at least is met by these calls."""
    text = scenario_path("six_divisions").read_text(encoding="utf-8")
    text = text.partition("[precision]")[0]
    path = folder / "scenario.toml"
    rule = f'[precision]\nfigure = "{figure}"\nwithin = 0.1\nat_least = 3\n'
    path.write_text(f"{text}\n{rule}", encoding="utf-8")

    def play(_: PreparedScenario, replication: int) -> RunResult:
        return result(replication, runs[min(replication, len(runs) - 1)])

    monkeypatch.setattr(scenario_run, "play_scenario", play)
    return len(run_scenario(path, run={"replications": MOST})[1])


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_a_file_may_name_stops_a_run(
    figure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a property of a run, agrees with the one table, and ends when it is precise."""
    runs = [[each + 0.1 * k for each in SERVED * (10 + k)] for k in range(MOST)]
    runs = [[*row, *[50.0] * (k % 2)] for k, row in enumerate(runs)]
    one = result(0, runs[0])
    assert getattr(one, figure) == figure_of(one.outcomes, figure)
    assert replications(tmp_path, figure, runs, monkeypatch) == 3


def test_runs_without_the_figure_are_no_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs served no call: three others are waited for, and nothing fails."""
    nobody = [math.nan, math.nan]
    runs = [nobody, [100.0], nobody, [101.0], [100.5]]
    assert replications(tmp_path, "median_response_s", runs, monkeypatch) == 5
    assert math.isnan(result(0, nobody).median_response_s)


def test_a_figure_that_is_nought_throughout_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call served in every run: all replications are played."""
    assert replications(tmp_path, "unserved_share", [[100.0]], monkeypatch) == MOST


def test_fewer_replications_than_the_rule_asks_for_stop_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where they are asked for in place of the file's, as for a look or by the other of a pair."""
    text = scenario_path("six_divisions").read_text(encoding="utf-8")
    rule = "\n[precision]\nwithin = 0.9\nat_least = 8\n"
    paths = {name: tmp_path / f"{name}.toml" for name in ("ten", "five", "broken")}
    paths["ten"].write_text(f"{text}{rule}", encoding="utf-8")
    five = text.replace("replications = 10", "replications = 5")
    paths["five"].write_text(five, encoding="utf-8")
    paths["broken"].write_text(f"{five}{rule}", encoding="utf-8")

    def play(_: PreparedScenario, replication: int) -> RunResult:
        return result(replication, SERVED)

    monkeypatch.setattr(scenario_run, "play_scenario", play)
    assert len(run_scenario(paths["ten"], run={"replications": 4})[1]) == 4
    assert len(compare_scenarios(paths["ten"], paths["five"]).before.runs) == 5
    with pytest.raises(ConfigurationError, match=r"precision.at_least: 8 is more than"):
        run_scenario(paths["broken"])


def test_processes_that_play_on_have_a_folder_to_write_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that stops early leaves replications at work: their folder goes after them."""
    text = scenario_path("six_divisions").read_text(encoding="utf-8")
    path = tmp_path / "scenario.toml"
    path.write_text(f"{text}\n[precision]\nwithin = 0.5\nat_least = 2\n", encoding="utf-8")
    there: list[bool] = []

    class Watched(Players):
        def replicate(self, play: Any, **asked: Any) -> Any:
            self.folder = play.calls_to
            return super().replicate(play, **asked)

        def __exit__(self, *error: Any) -> None:
            there.append(self.folder.is_dir())
            super().__exit__(*error)

    monkeypatch.setattr(scenario_run, "Players", Watched)
    run = {"days": 1, "warm_up_days": 0}
    run_scenario(path, run=run, calls_to=tmp_path / "calls.parquet")
    assert there == [True]


@pytest.mark.parametrize(("least", "sure", "needed"), [(5, 0.92, 15.0), (10, 0.94, 20.0)])
def test_an_interval_that_stops_a_run_is_a_little_too_sure(
    least: int, sure: float, needed: float
) -> None:
    """Of 1000 studies that stop by the width of a 95 % interval 92 hold the mean, or 94 of 100.

    Normal figures whose interval would be narrow enough after `needed` replications.
    """
    within = 0.05
    spread = within * math.sqrt(needed) / 1.96
    rng = np.random.default_rng(least)
    held = []
    for _ in range(1000):
        figures = rng.normal(1.0, spread, 60)
        for done in range(least, len(figures) + 1):
            found = mean_interval(figures[:done])
            if precise(found, within=within):
                break
        assert found is not None
        held.append(found.low <= 1.0 <= found.high)
    assert np.mean(held) == pytest.approx(sure, abs=0.015)
