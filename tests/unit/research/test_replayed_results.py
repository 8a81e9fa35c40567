"""Results of replayed calls: somebody made them, so small groups are hidden."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.embedded import DANGERS
from tests.unit.research.outcomes import calls
from unarmed_router.cli import main
from unarmed_router.errors import ConfigurationError
from unarmed_router.research.call_table import REAL_ROWS, labelled_tables
from unarmed_router.research.compare_report import write_compare_report
from unarmed_router.research.comparison_rows import compared_tables, comparison_record
from unarmed_router.research.intervals import wilson_interval
from unarmed_router.research.real_calls import middle
from unarmed_router.research.report import write_report
from unarmed_router.research.report_division_map import division_edges, division_map
from unarmed_router.research.run_result import RunResult
from unarmed_router.research.scenario_compare import ScenarioComparison
from unarmed_router.research.scenario_cost import COST_PARTS, cost_per_day, rates_of_agency
from unarmed_router.research.scenario_equity import border_service, hour_service
from unarmed_router.research.scenario_pairing import unpaired
from unarmed_router.research.scenario_record import scenario_record
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.scenario_run import run_scenario
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.simulation.call_replay import CallReplay

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
    assert (most.low, most.estimate, most.high) == (30.0, 35.0, 40.0)  # of 40, told by tens


def test_calls_that_are_the_same_each_time_count_once(results: ScenarioResults) -> None:
    """A share of 0 in both replications is bounded by the calls of one."""
    count = len(results.outcomes[0])
    found, once = results.share(lambda _: 0.0), wilson_interval(0, count)
    assert found is not None
    assert once is not None
    assert found.low == found.estimate == 0.0
    # Of the calls of one; told up to the edge of its class.
    assert found.high == pytest.approx(10 * math.ceil(once.high * count / 10) / middle(count))


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
    found = ScenarioComparison(results, results)
    write_compare_report(tmp_path / "c.html", found)
    assert "Somebody made the replayed calls" in (tmp_path / "c.html").read_text(encoding="utf-8")
    assert "Somebody made the replayed calls" in results.to_dict()["small_counts"]
    hidden = {each.number for each in results.divisions if each.calls_per_day is None}
    assert page.count("not told: few calls, or others would follow") == len(hidden)
    assert "no call a program would take" in page  # of divisions without one


def world(served: int, handed: int, unserved: int) -> RunResult:
    """Make a day of calls in one division, all reached after as long as each other."""
    outcomes = calls([600.0] * served + [math.nan] * unserved, [20] * (served + unserved))
    tally = {
        ("assigned", "handed_over"): handed,
        ("assigned", "resolved"): served - handed,
        ("referred", "no_team_available"): unserved,
        ("referred", "ineligible"): 105,
    }
    return RunResult(
        replication=0,
        days=1.0,
        tally={kind: count for kind, count in tally.items() if count},
        outcomes=replace(outcomes, hour=np.zeros(len(outcomes), np.int32)),
        wait_s=np.zeros(served),
        redirected=handed,
        team_hours=30.0,
        busy={},
    )


def test_the_map_says_that_nobody_came_only_where_nobody_did(results: ScenarioResults) -> None:
    """Four served calls are few, so that their times are not told: that is not no team at all."""
    rows = [(20, 4, 25), (7, 40, 40), (8, 0, 30)]  # division, served, unserved
    division = [number for number, *counts in rows for _ in range(sum(counts))]
    times = [s for _, came, none in rows for s in [600.0] * came + [math.nan] * none]
    day = replace(world(1, 0, 0), outcomes=calls(times, division))
    found = ScenarioResults(results.prepared, [day])
    [few] = [each for each in found.divisions if each.number == 20]
    assert few.calls_per_day is not None
    assert few.p90_s is None
    drawn = division_map(found, division_edges(found))
    assert "20 Olympic: not told: few calls" in drawn
    assert "7 Wilshire: 9 in 10 within" in drawn
    assert "8 West Los Angeles: no team came to any call" in drawn
    assert "10 West Valley: no call a program would take" in drawn


def published(results: ScenarioResults) -> str:
    """Write all that is told of a scenario, but for places and digests."""
    document = {
        name: told
        for name, told in results.to_dict().items()
        if name in {"figures", "outcomes", "by_division", "gini_response", "workloads"}
    }
    costs = [
        repr(cost_per_day(results, rates, part))
        for rates in rates_of_agency(results)
        for part in COST_PARTS
    ]
    return json.dumps([document, costs])


def test_small_counts_follow_from_nothing_that_is_told(results: ScenarioResults) -> None:
    """Whatever is published of a day is published, too, of days with other small counts.

    All days of one class of served calls are tried, with every small number of calls handed over
    and some of calls nobody came to: rates, shares, service and costs are the same for at least
    eight numbers of the one, and for at least three of the four of the other.
    """
    handed_over: dict[str, set[int]] = {}
    nobody_came: dict[str, set[int]] = {}
    for served in range(31, 41):
        for handed in range(1, 11):
            for unserved in (1, 4, 8, 10):
                day = ScenarioResults(results.prepared, [world(served, handed, unserved)])
                told = published(day)
                handed_over.setdefault(told, set()).add(handed)
                nobody_came.setdefault(told, set()).add(unserved)
    assert min(map(len, handed_over.values())) >= 8
    assert min(map(len, nobody_came.values())) >= 3


def test_costs_of_real_calls_are_told_to_four_digits(results: ScenarioResults) -> None:
    """As times are: hours are a sum of them."""
    days = [replace(world(35, 15, 20), team_hours=hours) for hours in (30.123456789, 31.987654321)]
    day = ScenarioResults(results.prepared, days)
    told = [cost_per_day(day, r, part) for r in rates_of_agency(day) for part in COST_PARTS]
    tables = compared_tables(ScenarioComparison(day, day))
    cost = next(rows for heading, rows in tables.items() if heading.startswith("Cost"))
    for found in (*told, *(row.difference for row in cost)):
        assert found is not None
        for value in (found.estimate, found.low, found.high):
            assert value == float(f"{value:.4g}")


def test_a_comparison_gives_no_small_count_away(results: ScenarioResults) -> None:
    """A plan in which nobody waited in vain does not tell how many did under the other."""
    told: dict[str, set[int]] = {}
    for wanted in range(51, 61):
        one = ScenarioResults(results.prepared, [world(wanted, 0, 0)])
        for unserved in range(1, 11):
            other = ScenarioResults(results.prepared, [world(wanted - unserved, 0, unserved)])
            tables = compared_tables(ScenarioComparison(other, one))
            told.setdefault(repr(tables), set()).add(unserved)
    assert min(map(len, told.values())) >= 9


def test_files_that_are_read_in_other_ways_make_no_pairs(results: ScenarioResults) -> None:
    """Another table of codes, or other digits of an area, are told with the remedy."""
    prepared = results.prepared
    assert isinstance(prepared.source, CallReplay)
    assert prepared.document.replay is not None
    assert list(unpaired(prepared, prepared)) == []
    digits = prepared.document.replay.model_copy(update={"area_drop_digits": 2})
    other = replace(
        prepared,
        source=replace(prepared.source, codes=None),
        document=prepared.document.model_copy(update={"replay": digits}),
    )
    told = list(unpaired(prepared, other))
    assert told[0].startswith("replay.area_drop_digits: 0 and 2")
    assert "by other tables" in told[1]
    assert len(told) == 2


def test_calls_outside_the_run_are_left_out_and_told(
    results: ScenarioResults, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file of more days is played for those of the run; one of none of them is refused."""
    folder = results.prepared.source.path.parent  # type: ignore[union-attr]
    rows = (folder / "calls.csv").read_text(encoding="utf-8").splitlines()
    before = "b,2025-12-31T12:00:00,918M,Olympic"
    after = [f"a{n},2026-03-01T12:00:00,918M,Olympic" for n in range(11)]
    (tmp_path / "calls.csv").write_text("\n".join([rows[0], before, *rows[1:], *after]) + "\n")
    for name in ("layout.toml", "scenario.toml"):
        (tmp_path / name).write_text((folder / name).read_text(encoding="utf-8"), encoding="utf-8")
    path = str(tmp_path / "scenario.toml")
    assert main(["simulate", path, "--replications", "1"]) == 0
    assert "11 to 20 calls of the file were received outside" in capsys.readouterr().out
    prepared = load_scenario(path)
    assert prepared.left_out == 12
    assert len(list(prepared.calls(0))) == len(rows) - 1
    more = ScenarioResults(prepared, results.runs)
    assert "11 to 20 calls" in (more.to_dict()["left_out"] or "")
    assert results.to_dict()["left_out"] is None
    with pytest.raises(ConfigurationError, match="no call was received from 2026-05-01"):
        load_scenario(path, run={"start": date(2026, 5, 1)})


def test_a_table_of_single_real_calls_says_so(
    results: ScenarioResults, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing can be hidden in it: its metadata and the screen say how to keep it."""
    parquet = pytest.importorskip("pyarrow.parquet")
    path, both = tmp_path / "calls.parquet", tmp_path / "both.parquet"
    scenario = str(results.prepared.source.path.parent / "scenario.toml")  # type: ignore[union-attr]
    assert main(["simulate", scenario, "--replications", "1", "--parquet", str(path)]) == 0
    words = " ".join(capsys.readouterr().err.split())
    assert REAL_ROWS in words
    labelled_tables({"before": path}, both)
    for each in (path, both):
        assert parquet.read_schema(each).metadata[b"calls"].decode() == REAL_ROWS
