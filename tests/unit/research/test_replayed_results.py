"""Results of replayed calls: somebody made them, so small groups are hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.embedded import DANGERS
from unarmed_router.research.compare_report import write_compare_report
from unarmed_router.research.comparison_rows import compared_tables, comparison_record
from unarmed_router.research.intervals import wilson_interval
from unarmed_router.research.report import write_report
from unarmed_router.research.scenario_compare import ScenarioComparison
from unarmed_router.research.scenario_equity import border_service, hour_service
from unarmed_router.research.scenario_record import scenario_record
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.scenario_run import run_scenario

CALLS = {"Olympic": 40, "Wilshire": 30, "Devonshire": 4, "Southeast": 12}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> ScenarioResults:
    """Replay a day of calls, four of them in one division."""
    folder = tmp_path_factory.mktemp("replayed")
    areas = [area for area, count in CALLS.items() for _ in range(count)]
    rows = [
        f"{n},2026-01-05T{n * 15 // 60:02d}:{n * 15 % 60:02d}:00,918M,{area}"
        for n, area in enumerate(areas)
    ]
    (folder / "calls.csv").write_text("\n".join(["id,at,kind,area", *rows]) + "\n")
    assume = ", ".join(f'{each} = "no"' for each in DANGERS)
    (folder / "layout.toml").write_text(
        'schema_version = 1\n[columns]\ncall_id = "id"\ncall_type = "kind"\n'
        'received_at = ["at"]\ntimezone = "America/Los_Angeles"\ndistrict = "area"\n'
        f"assume = {{ {assume} }}\n"
    )
    path = folder / "scenario.toml"
    path.write_text(
        'schema_version = 1\nname = "Replayed"\n[run]\nstart = 2026-01-05\ndays = 1\n'
        'warm_up_days = 0\nreplications = 2\n[service]\nprogram = "UMCR"\n'
        '[replay]\nfile = "calls.csv"\nlayout = "layout.toml"\nareas = true\n'
    )
    return ScenarioResults(*run_scenario(path))


def test_a_small_division_is_hidden_and_cannot_be_worked_out(results: ScenarioResults) -> None:
    """Four calls are not shown, nor the division that would tell them from the total."""
    assert results.of_real_calls
    shown = {each.name: each for each in results.divisions}
    small = shown["Devonshire"]
    assert (small.calls_per_day, small.median_s, small.p90_s, small.unserved) == (None,) * 4
    hidden = [each.name for each in results.divisions if each.calls_per_day is None]
    assert len(hidden) >= 2
    most = shown["Olympic"].calls_per_day
    assert most is not None
    assert most.estimate == CALLS["Olympic"]


def test_calls_that_are_the_same_each_time_count_once(results: ScenarioResults) -> None:
    """A share of 0 in both replications is bounded by the calls of one."""
    calls = len(results.outcomes[0])
    found, once = results.share(lambda _: 0.0), wilson_interval(0, calls)
    assert found is not None
    assert once is not None
    assert (found.low, found.high) == (0.0, once.high)


def test_small_bands_and_outcomes_are_hidden(results: ScenarioResults) -> None:
    """Hours of four calls say nothing, and no outcome of 1 to 10 calls is told."""
    assert all(
        each.calls_per_day is None
        or each.calls_per_day.estimate == 0.0
        or each.calls_per_day.estimate > 10
        for each in hour_service(results)
    )
    assert sum(each.calls_per_day is not None for each in border_service(results)) >= 1
    for each in results.rates:
        counts = [run.tally.get((each.outcome, each.reason), 0) for run in results.runs]
        if any(0 < count <= 10 for count in counts):
            assert each.per_day is None


def test_a_comparison_hides_what_either_plan_hides(results: ScenarioResults) -> None:
    """Differences of hidden groups are hidden too, in tables and JSON."""
    found = ScenarioComparison(results, results)
    for rows in compared_tables(found).values():
        for row in rows:
            if row.before is None or row.after is None:
                assert row.difference is None
    told = {row.words for row in compared_tables(found)["Calls a day"]}
    for each in results.rates:
        words = f"{each.outcome}, {each.reason.replace('_', ' ')}"
        assert (words in told) == (each.per_day is not None)
    json.dumps(comparison_record(found), allow_nan=False)


def test_reports_say_that_calls_were_real(results: ScenarioResults, tmp_path: Path) -> None:
    """They hide small groups, and say what the intervals are of."""
    json.dumps(scenario_record(results), allow_nan=False)
    write_report(tmp_path / "r.html", results)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Somebody made the replayed calls" in page
    assert "were made by nobody" not in page
    write_compare_report(tmp_path / "c.html", ScenarioComparison(results, results))
