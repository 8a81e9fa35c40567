"""All replications of a scenario together, compared with another, and written down."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from unarmed_router.agency.folder import Agency
from unarmed_router.cli import main
from unarmed_router.errors import ConfigurationError, InputError
from unarmed_router.research import report
from unarmed_router.research.call_outcomes import CallOutcomes
from unarmed_router.research.call_table import check_parquet
from unarmed_router.research.compare_report import write_compare_report
from unarmed_router.research.comparison_rows import compared_tables, comparison_record
from unarmed_router.research.cost import CostUnit
from unarmed_router.research.cost_file import load_cost_rates
from unarmed_router.research.coverage_report import write_coverage_report
from unarmed_router.research.coverage_results import measure_coverage
from unarmed_router.research.coverage_text import hour_name
from unarmed_router.research.figure_text import COUNT, MINUTES, PERCENT, UNIT_OF
from unarmed_router.research.intervals import Interval, mean_interval
from unarmed_router.research.plan_names import plan_names, strategies_told
from unarmed_router.research.report import write_report
from unarmed_router.research.report_charts import bar_chart, heat_map, share_chart, steps_of
from unarmed_router.research.report_map import five_edges, map_legend, shade_legend
from unarmed_router.research.run_result import RUN_FIGURES
from unarmed_router.research.scenario_compare import (
    ScenarioComparison,
    compare_scenarios,
)
from unarmed_router.research.scenario_equity import hour_service, worst_tenth
from unarmed_router.research.scenario_pairing import unpaired
from unarmed_router.research.scenario_record import scenario_record
from unarmed_router.research.scenario_results import ScenarioResults
from unarmed_router.research.scenario_run import play_scenario, run_scenario
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.shipped_scenarios import SHIPPED, scenario_path
from unarmed_router.simulation.finished import FinishedCall

QUICK = {"days": 2, "warm_up_days": 0, "replications": 3}


def _has_pyarrow() -> bool:
    try:
        import pyarrow  # noqa: F401, ICN001, PLC0415  # optional
    except ImportError:
        return False
    return True


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Name the file that gets the calls of the run below."""
    return tmp_path_factory.mktemp("calls") / "calls.parquet"


@pytest.fixture(scope="module")
def results(tables: Path) -> ScenarioResults:
    """Play the six divisions for two days, three times."""
    calls_to = tables if _has_pyarrow() else None
    return ScenarioResults(
        *run_scenario(scenario_path("six_divisions"), run=QUICK, calls_to=calls_to)
    )


@pytest.fixture(scope="module")
def comparison() -> ScenarioComparison:
    """Play six and nine divisions on the same calls."""
    return compare_scenarios(
        scenario_path("six_divisions"), scenario_path("nine_divisions"), run=QUICK
    )


def test_shipped_scenarios_are_sound_and_say_what_they_add(agency: Agency) -> None:
    """All load whole; nine adds the three with the most expected demand, all adds every one."""
    six, nine, every = (load_scenario(scenario_path(name), agency=agency) for name in SHIPPED)
    assert (six.divisions, six.added, len(six.states)) == ((7, 8, 10, 17, 18, 20), (), 6)
    assert (nine.added, len(nine.states)) == ((19, 11, 14), 9)
    assert every.divisions == tuple(each.number for each in agency.divisions.divisions)
    assert (len(every.added), len(every.states)) == (15, 21)
    assert [*unpaired(six, nine), *unpaired(six, every)] == []


def test_a_name_that_is_no_scenario_is_refused() -> None:
    """Neither a file nor a shipped name: the remedy names the shipped ones."""
    with pytest.raises(ConfigurationError, match="six_divisions, nine_divisions"):
        scenario_path("sixteen_divisions")


def test_every_figure_is_the_mean_over_replications(results: ScenarioResults) -> None:
    """Estimates and bounds are those of Student's interval over the runs, cut at nought.

    Those of a share and of a number of calls may be wider: `test_shares`.
    """
    assert tuple(UNIT_OF) == tuple(RUN_FIGURES)
    for name in RUN_FIGURES:
        found = results.figure(name)
        naive = mean_interval([getattr(run, name) for run in results.runs])
        assert found is not None
        assert naive is not None
        assert found.estimate == pytest.approx(naive.estimate)
        if name in {"unserved_share", "served_per_day"}:
            assert found.low <= max(0.0, naive.low) + 1e-12
        else:
            assert found.low == pytest.approx(max(0.0, naive.low))
        assert found.count == QUICK["replications"]


def test_one_confidence_stops_a_run_and_is_told(
    tmp_path: Path, results: ScenarioResults, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file's 80 % are those of every interval, in tables, JSON and report."""
    text = scenario_path("six_divisions").read_text(encoding="utf-8")
    path = tmp_path / "eighty.toml"
    rule = "[precision]\nwithin = 0.05\nconfidence = 0.8\nat_least = 2\n"
    path.write_text(f"{text}\n{rule}", encoding="utf-8")
    played = ScenarioResults(load_scenario(path), results.runs)
    found, naive = (each.figure("mean_response_s") for each in (played, results))
    assert found is not None
    assert naive is not None
    assert found.half_width < naive.half_width
    document = played.to_dict()
    assert document["confidence"] == document["figures"]["p90_response_s"]["confidence"] == 0.8
    write_report(tmp_path / "report.html", played)
    assert "In brackets: 80 % intervals" in (tmp_path / "report.html").read_text("utf-8")
    assert main(["simulate", str(path), "--days", "1", "--replications", "2"]) == 0
    assert "In brackets: 80 % intervals" in capsys.readouterr().out
    stated = ScenarioResults(played.prepared, results.runs, 0.95).figure("mean_response_s")
    assert stated == naive


def test_plans_are_compared_at_one_confidence(tmp_path: Path, results: ScenarioResults) -> None:
    """Two files that ask for different ones are refused; one that asks for none follows."""
    text = scenario_path("six_divisions").read_text(encoding="utf-8")
    paths = []
    for number, told in enumerate(("confidence = 0.8", "confidence = 0.9")):
        paths.append(tmp_path / f"{number}.toml")
        paths[-1].write_text(
            f"{text}\n[precision]\nwithin = 0.05\nat_least = 2\n{told}\n", encoding="utf-8"
        )
    with pytest.raises(ConfigurationError, match=r"precision.confidence: 0\.8 and 0\.9: give both"):
        compare_scenarios(*paths, run=QUICK)
    run = {"days": 1, "warm_up_days": 0, "replications": 6}
    found = compare_scenarios(scenario_path("six_divisions"), paths[1], run=run)
    assert found.to_dict()["confidence"] == found.after.confidence == 0.9
    assert "90 % intervals" in found.sentence
    with pytest.raises(InputError, match="cannot stand side by side"):
        ScenarioComparison(results, replace(results, stated_confidence=0.5))


@pytest.mark.parametrize(
    ("start", "hour", "times"),
    [(date(2026, 10, 31), 145, 2.0), (date(2026, 3, 7), 146, 0.0), (date(2026, 3, 7), 145, 1.0)],
)
def test_hours_that_clocks_repeat_or_skip_are_counted_so(
    start: date, hour: int, times: float, results: ScenarioResults
) -> None:
    """Sunday 01:00 is there twice in autumn and 02:00 not at all in spring: unknown, never 0."""
    run = {"start": start, "days": 2, "warm_up_days": 0}
    prepared = replace(
        results.prepared,
        document=results.prepared.document.model_copy(
            update={"run": results.prepared.document.run.model_copy(update=run)}
        ),
    )
    counted = prepared.counted_hours
    assert counted[hour] == times
    assert sum(counted) == (prepared.ends - prepared.counts_from).total_seconds() / 3600
    assert sum(counted) == 48 + (1 if start.month == 10 else -1)
    outcomes = results.outcomes[0]
    some = outcomes.where(np.arange(len(outcomes)) < 4)
    alike = replace(some, hour=np.full(4, hour, np.int32))
    days = [replace(run, outcomes=alike) for run in results.runs]
    page = report._week(ScenarioResults(prepared, days)).body
    name = hour_name(hour)
    bounds = [
        stats.chi2.ppf(tail, df) / (6 * times or 1) for tail, df in ((0.025, 24), (0.975, 26))
    ]
    wanted = f"{4 / times:.1f} ({bounds[0]:.1f} to {bounds[1]:.1f})" if times else "-"
    assert f"{name}: {wanted} calls an hour" in page


def test_a_figure_that_nobody_has_says_so(results: ScenarioResults, tmp_path: Path) -> None:
    """Where no team came to any call in three replications, no card speaks of one."""
    nobody = [
        replace(
            run,
            outcomes=run.outcomes.where(~run.outcomes.served),
            wait_s=np.zeros(0),
            redirected=0,
        )
        for run in results.runs
    ]
    alone = ScenarioResults(results.prepared, nobody)
    write_report(tmp_path / "r.html", alone)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<dd>-<small>no call to tell it from</small>" in page
    assert "no interval: one replication" not in page
    write_compare_report(tmp_path / "c.html", ScenarioComparison(alone, results))
    assert "<dd>-<small>no pair has it in both</small>" in (tmp_path / "c.html").read_text("utf-8")


def test_one_pair_tells_nothing_from_chance(results: ScenarioResults) -> None:
    """Without an interval there is no verdict, and no confidence is claimed."""
    one = ScenarioResults(results.prepared, results.runs[:1])
    sentence = ScenarioComparison(one, one).sentence
    assert "one pair of replications cannot tell" in sentence
    assert "%" not in sentence


def test_one_replication_has_no_brackets(results: ScenarioResults, tmp_path: Path) -> None:
    """Where no figure has an interval, nothing says what stands in brackets."""
    path = tmp_path / "r.html"
    for runs, told, pairs_told in (
        (1, "One replication alone has no intervals", "One pair alone has no intervals"),
        (3, "In brackets: 95 % intervals of the mean over", "In brackets: 95 % intervals over"),
    ):
        found = ScenarioResults(results.prepared, results.runs[:runs])
        write_report(path, found)
        pages = [path.read_text(encoding="utf-8")]
        write_compare_report(path, ScenarioComparison(found, found))
        pages.append(path.read_text(encoding="utf-8"))
        assert told in pages[0]
        assert pairs_told in pages[1]
        assert all(("In brackets" in page) == (runs > 1) for page in pages)


def test_pairs_that_are_all_alike_prove_nothing(results: ScenarioResults, tmp_path: Path) -> None:
    """The same difference in each of three pairs is told as that, and is no verdict."""
    later = [replace(run, wait_s=run.wait_s + 60.0) for run in results.runs]
    found = ScenarioComparison(results, ScenarioResults(results.prepared, later))
    texts = {row.words: row.texts()[-1] for row in compared_tables(found)["Figures"]}
    assert texts["Mean wait for a team"] == "+1.0 in each pair"
    assert texts["Calls a day a team came to"] == "equal in each pair"
    assert "no figure is shown to differ" in found.sentence
    write_compare_report(tmp_path / "c.html", found)
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert "<dd>+1.0 min<small>no interval: pairs alike</small>" in page
    assert "+0.0 (" not in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.01, 0.08], ["below 0.02 calls", "0.02 to 0.04", "0.08 calls or more"]),
        ([3.0, 22.0], ["below 5 calls", "5 to 10", "20 calls or more"]),
        ([0.0, 0.0], ["below 0.2 calls", "0.8 calls or more"]),
    ],
)
def test_classes_of_a_legend_can_be_told_apart(values: list[float], words: list[str]) -> None:
    """Edges have the digits that they need, also where all values are small or one."""
    legend = shade_legend(five_edges(values), "calls")
    for each in words:
        assert each in legend


def test_no_unserved_call_proves_no_zero(results: ScenarioResults) -> None:
    """Where every replication served every call, Wilson's bound of all calls is above 0."""
    served = [
        replace(run, outcomes=run.outcomes.where(run.outcomes.served)) for run in results.runs
    ]
    found = ScenarioResults(results.prepared, served).figure("unserved_share")
    assert found is not None
    assert found.estimate == found.low == 0.0
    assert 0.0 < found.high < 0.1
    assert found.count == len(served)


def test_land_that_is_not_served_is_tinted_in_the_legend() -> None:
    """A shape that is an edge is not filled, so the swatch takes two."""
    legend = map_legend("", [10.0], "now")
    assert '<rect class="land" width' in legend


def test_crews_may_stay_where_the_call_was(tmp_path: Path, results: ScenarioResults) -> None:
    """Teams that stay, clear and rest are bound for longer, on the very same calls."""
    plain = scenario_path("six_divisions").read_text(encoding="utf-8")
    path = tmp_path / "stay.toml"
    crews = 'after_call = "stay"\nclearing_s = 600\nbreak_s = 1800\nbreak_every_s = 14400'
    path.write_text(f"{plain}\n[crews]\n{crews}\n", encoding="utf-8")
    played = ScenarioResults(*run_scenario(path, run=QUICK))
    compared = ScenarioComparison(results, played)
    longer = compared.difference(lambda run: run.team_hours / max(run.served_per_day, 1.0))
    assert longer is not None
    assert longer.low > 0.0


def test_a_team_is_busy_until_it_can_be_sent_again(tmp_path: Path) -> None:
    """Its share of time and its hours hold the clearing after calls it reached, not its breaks."""
    path = tmp_path / "clears.toml"
    plain = scenario_path("six_divisions").read_text(encoding="utf-8")
    crews = "clearing_s = 1200\nbreak_s = 1800\nbreak_every_s = 14400"
    path.write_text(f"{plain}\n[crews]\n{crews}\n", encoding="utf-8")
    prepared = load_scenario(path, run={"days": 1, "warm_up_days": 0})
    calls: list[FinishedCall] = []
    run = play_scenario(prepared, 0, watch=calls.append)
    held_s = dict.fromkeys(run.busy, 0.0)
    for part in (part for each in calls for part in each.record.assignments):
        assert part.ended_at is not None
        free = part.ended_at + timedelta(seconds=1200 if part.on_scene_at else 0)
        held_s[part.team_id] += (min(free, prepared.ends) - part.reserved_at).total_seconds()
    assert run.busy == pytest.approx({team: held / 86_400 for team, held in held_s.items()})
    assert run.team_hours == pytest.approx(sum(each.busy_s for each in calls if each.served) / 3600)


def test_every_figure_has_a_name_and_no_other_name_has_one(results: ScenarioResults) -> None:
    """Those of a run and those of its calls alike; a typing error is told with what there is."""
    assert results.figure("gini_response") == results.gini
    median = results.figure("median_response_s")
    assert median is not None
    found = [run.figure("median_response_s") for run in results.runs]
    assert median.estimate == pytest.approx(np.mean(found))
    for wrong in ("days", "mean_response", "outcomes"):
        with pytest.raises(InputError, match=f"figure '{wrong}' is none of .*served_per_day"):
            results.figure(wrong)
    part: Any = "median"
    with pytest.raises(InputError, match="part 'median'"):
        worst_tenth(results, part)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        (lambda rows: np.zeros(len(rows) + 1, int), "group_of has shape"),
        (lambda rows: np.full(len(rows), 1), "places in 1 groups"),
        (lambda rows: np.full(len(rows), np.nan), "whole numbers"),
    ],
)
def test_groups_of_one_s_own_are_places(
    results: ScenarioResults, place: Callable[[CallOutcomes], Any], fault: str
) -> None:
    """A group that is none had no calls, and a row too many ended in an IndexError."""
    with pytest.raises(InputError, match=fault):
        results.grouped(place, ["all"], "mean_response_s")
    with pytest.raises(InputError, match=fault):
        results.service(place, ["all"])


def test_a_figure_of_one_s_own_may_be_negative(results: ScenarioResults) -> None:
    """`over_runs` cuts nothing; an amount, a share and Gini's coefficient stay possible."""
    free = results.over_runs(lambda run: float(run.replication) - 5.0)
    assert free is not None
    assert (free.estimate, free.low < -5.0) == (-4.0, True)
    amount = results.amount(lambda run: float(run.replication == 0))
    assert amount is not None
    assert amount.low == 0.0
    assert results.gini is not None
    assert 0.0 <= results.gini.low <= results.gini.high <= 1.0


def test_outcomes_by_reason_add_up_to_all_calls(results: ScenarioResults) -> None:
    """Each call has one outcome and one reason; needs_triage and ineligible stay apart."""
    total = sum(each.per_day.estimate for each in results.rates if each.per_day is not None)
    assert total == pytest.approx(np.mean([run.received / run.days for run in results.runs]))
    assert {"needs_triage", "ineligible"} <= {each.reason for each in results.rates}


def test_divisions_share_out_the_calls(results: ScenarioResults) -> None:
    """Calls by division add up to all calls a program would take, and shares lie in [0, 1]."""
    divisions = results.divisions
    total = sum(each.calls_per_day.estimate for each in divisions if each.calls_per_day)
    assert total == pytest.approx(np.mean([len(run.outcomes) / run.days for run in results.runs]))
    for each in divisions:
        assert each.unserved is not None
        assert 0.0 <= each.unserved.low <= each.unserved.estimate <= each.unserved.high <= 1.0
        assert each.unserved.high > 0.0  # no unserved call proves no perfect service


def test_one_replication_has_no_bounds(results: ScenarioResults) -> None:
    """A single run gives estimates alone, and null bounds in JSON."""
    one = ScenarioResults(results.prepared, results.runs[:1])
    found = one.to_dict()["figures"]["mean_response_s"]
    assert found["low"] is None
    assert found["high"] is None
    assert found["estimate"] == pytest.approx(results.runs[0].mean_response_s)
    with pytest.raises(InputError, match="no replications"):
        ScenarioResults(results.prepared, [])


def test_results_are_json_with_all_digests(results: ScenarioResults) -> None:
    """No value is NaN or infinite, and each input is named by its digest."""
    document = json.loads(json.dumps(results.to_dict(), allow_nan=False))
    assert document["replications"] == QUICK["replications"]
    assert set(document["inputs"]) >= {
        *("version", "scenario", "policy", "network", "profile", "boundaries", "roster", "seed"),
    }
    assert document["inputs"]["scenario"] == results.prepared.digest
    assert {"tracts", "arrivals", "call_mix", "cost"} == set(results.prepared.files)
    assert document["inputs"].items() >= results.prepared.files.items()
    assert document["run"]["days"] == QUICK["days"]


def test_service_by_division_is_a_geoframe(results: ScenarioResults) -> None:
    """One row a division served, with its shape; the table's values are those of the results."""
    frame = results.by_division()
    assert frame.crs.to_epsg() == 4326
    assert list(frame["division"]) == list(results.prepared.divisions)
    assert frame.geometry.is_valid.all()
    p90 = [each.p90_s.estimate / 60 for each in results.divisions if each.p90_s is not None]
    assert list(frame["p90_min"]) == pytest.approx(p90)


def test_every_call_is_a_row_with_its_stamps(results: ScenarioResults, tables: Path) -> None:
    """As many rows as calls received; stamps ascend; response is arrival less receipt."""
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = parquet.read_table(tables).to_pylist()
    counted = [row for row in rows if row["counted"]]
    assert len(counted) == sum(run.received for run in results.runs)
    assert [row["replication"] for row in rows] == sorted(row["replication"] for row in rows)
    served = [row for row in rows if row["response_s"] is not None]
    assert len(served) == sum(int(run.outcomes.served.sum()) for run in results.runs)
    for row in served:
        (last,) = [a for a in row["assignments"] if a["on_scene_at"] is not None]
        names = ("reserved_at", "en_route_at", "on_scene_at", "ended_at", "free_at")
        stamps = [last[name] for name in names]
        assert [row["received_at"], *stamps] == sorted([row["received_at"], *stamps])
        waited = (last["on_scene_at"] - row["received_at"]).total_seconds()
        assert row["response_s"] == pytest.approx(waited)
        assert row["team_id"] == last["team_id"]


def test_pairs_have_the_same_calls(comparison: ScenarioComparison) -> None:
    """Both of a pair receive the same number; differences are those of the pairs."""
    ones, twos = comparison.before.runs, comparison.after.runs
    assert comparison.before.prepared.unchanged is comparison.after.prepared.unchanged
    assert [run.received for run in ones] == [run.received for run in twos]
    found = comparison.differences["served_per_day"]
    assert found is not None
    naive = np.mean([b.served_per_day - a.served_per_day for a, b in zip(ones, twos, strict=True)])
    assert found.estimate == pytest.approx(naive)
    assert found.low > 0.0  # three more divisions are served
    moved = sum(each.estimate for each in comparison.outcome_differences.values() if each)
    assert moved == pytest.approx(0.0, abs=1e-9)  # no call is lost between the two


def test_common_random_numbers_narrow_the_difference(comparison: ScenarioComparison) -> None:
    """The paired interval of calls served is narrower than that of independent runs."""
    paired = comparison.differences["served_per_day"]
    before, after = (
        side.figure("served_per_day") for side in (comparison.before, comparison.after)
    )
    assert paired is not None
    assert before is not None
    assert after is not None
    assert paired.half_width < math.hypot(before.half_width, after.half_width)


@pytest.mark.parametrize(
    ("replications", "told"),
    [(1, "one pair of replications cannot tell"), (2, "no figure is shown to differ (95 %")],
)
def test_too_few_replications_prove_nothing(replications: int, told: str) -> None:
    """Neither a difference nor that there is none."""
    one = scenario_path("six_divisions")
    run = {"days": 1, "warm_up_days": 0, "replications": replications}
    assert told in compare_scenarios(one, one, run=run).sentence


def test_the_sentence_says_what_differs(comparison: ScenarioComparison) -> None:
    """It names both plans, the direction and the bounds; the rest is not told apart."""
    text = comparison.sentence
    assert text.startswith("With Nine divisions in place of Six divisions: ")
    assert re.search(r"calls a day a team came to is [\d.]+ higher \([\d.]+ to [\d.]+\)", text)
    document = json.loads(json.dumps(comparison.to_dict(), allow_nan=False))
    assert document["sentence"] == text
    assert document["pairs"] == QUICK["replications"]


def test_a_comparison_tells_cost_equity_and_divisions(comparison: ScenarioComparison) -> None:
    """Every table has both plans and the difference; an added division has no difference."""
    tables = compared_tables(comparison)
    assert {"Figures", "Calls a day", "Equity"} < set(tables)
    for row in tables["Calls a day"]:
        assert row.before is not None
        assert row.after is not None
        assert row.difference is not None
        assert row.before.low >= 0.0
        wanted = row.after.estimate - row.before.estimate
        assert row.difference.estimate == pytest.approx(wanted, abs=1e-9)
    (heading,) = (each for each in tables if each.startswith("Cost"))
    assert heading.endswith("USD a day")
    hour, intervention = tables[heading]
    for row, rates in ((hour, 0), (intervention, 1)):
        assert row.difference is not None
        assert row.difference.estimate > 0.0, rates
    p90 = {row.words: row for row in tables["90th percentile of response time by division, min"]}
    assert p90["11 Northeast"].before is None
    assert p90["11 Northeast"].difference is None
    # Other providers' teams serve it, so an old division keeps its service, call for call.
    kept = p90["20 Olympic"].difference
    assert kept is not None
    assert (kept.low, kept.high) == (0.0, 0.0)
    document = json.loads(json.dumps(comparison_record(comparison), allow_nan=False))
    assert len(document["tables"]) == len(tables)
    # Values are in seconds and shares, so no heading says minutes or per cent.
    told = document["tables"]["90th percentile of response time by division"]
    olympic = next(row for row in told if row["figure"] == "20 Olympic")
    before = p90["20 Olympic"].before
    assert before is not None
    assert olympic["before"]["estimate"] == before.estimate > 60.0
    assert not any(heading.endswith((", min", ", %")) for heading in document["tables"])


def test_one_scenario_under_two_strategies_is_told_by_them(
    results: ScenarioResults, tmp_path: Path
) -> None:
    """The sentence, the tables and the report name the strategies where the plans share a name."""
    prepared = load_scenario(scenario_path("six_divisions"), run={**QUICK, "strategy": "nearest"})
    found = ScenarioComparison(results, ScenarioResults(prepared, results.runs))
    names = ("Six divisions, program_order", "Six divisions, nearest")
    assert plan_names(results.prepared, prepared) == names
    assert f"With {names[1]} in place of {names[0]}" in found.sentence
    path = tmp_path / "strategies.html"
    write_compare_report(path, found)
    page = path.read_text(encoding="utf-8")
    assert all(f'<th scope="col">{name}</th>' in page for name in names)
    assert "Strategy program_order, then nearest." in page
    same = plan_names(prepared, prepared)
    assert same == ("Six divisions (before)", "Six divisions (after)")
    assert strategies_told(prepared, prepared) == "Strategy nearest in both."


def test_the_report_of_a_comparison_loads_nothing(
    comparison: ScenarioComparison, tmp_path: Path
) -> None:
    """Both plans with maps of the same classes and extent, every table, the digests of both."""
    path = tmp_path / "compare.html"
    write_compare_report(path, comparison)
    page = path.read_text(encoding="utf-8")
    for words in (
        *("Six divisions", "Nine divisions", "Both of a pair have the same calls"),
        *("Equity", "Saved, rates per hour", "11 Northeast", comparison.sentence),
        *comparison.before.inputs.values(),
        *comparison.after.inputs.values(),
    ):
        assert words in page
    assert not re.search(r"<script|<link|<img|src=|url\(|https?://", page)
    boxes = re.findall(r'viewBox="([^"]*)" role="img" aria-label="Map', page)
    assert len(boxes) == 2
    assert len(set(boxes)) == 1


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told before anything is played, with the command that installs it."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'unarmed-router\[research\]'"):
        check_parquet()


@pytest.mark.skipif(not _has_pyarrow(), reason="needs pyarrow")
def test_calls_of_both_plans_are_one_table(tmp_path: Path) -> None:
    """A column tells the plans apart; both have the same calls."""
    from pyarrow import parquet  # noqa: PLC0415  # optional

    run = {"days": 1, "warm_up_days": 0, "replications": 1}
    six, nine = scenario_path("six_divisions"), scenario_path("nine_divisions")
    compare_scenarios(six, nine, run=run, calls_to=tmp_path / "both.parquet")
    rows = parquet.read_table(tmp_path / "both.parquet").to_pylist()
    calls = {
        plan: sorted(row["call_id"] for row in rows if row["plan"] == plan)
        for plan in ("before", "after")
    }
    assert calls["before"] == calls["after"]
    assert len(rows) == 2 * len(calls["before"]) > 0


def test_json_has_cost_and_equity(results: ScenarioResults) -> None:
    """Hours and bands share out the calls, and both readings of the rates are there."""
    document = json.loads(json.dumps(scenario_record(results), allow_nan=False))
    whole = sum(len(run.outcomes) / run.days for run in results.runs) / len(results.runs)
    for bands, count in (("by_hour_of_day", 24), ("by_border_m", 5)):
        found = document["equity"][bands]
        assert len(found) == count
        assert sum(band["calls_per_day"]["estimate"] for band in found) == pytest.approx(whole)
    hour, intervention = document["cost_per_day"]
    assert (hour["unit"], intervention["unit"]) == ("per_hour", "per_intervention")
    saved = hour["without"]["estimate"] - hour["with_teams"]["estimate"]
    assert hour["saved"]["estimate"] == pytest.approx(saved)
    with pytest.raises(InputError, match="width 5 must divide"):
        hour_service(results, width=5)


def test_scenarios_with_other_calls_are_refused_with_every_reason(tmp_path: Path) -> None:
    """Seed, days and volume differ: three reasons at once, each with its remedy."""
    other = scenario_path("six_divisions").read_text(encoding="utf-8")
    other = other.replace("seed = 1", "seed = 2").replace("days = 28", "days = 27")
    path = tmp_path / "other.toml"
    path.write_text(other + "\n[stream]\ncalls_per_day = 50\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        compare_scenarios(scenario_path("six_divisions"), path)
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        *("run.days", "run.seed", "stream.calls_per_day"),
    ]
    assert all("give both the same" in fault for fault in caught.value.faults)


def test_runs_that_are_no_pairs_are_refused(comparison: ScenarioComparison) -> None:
    """Another number of replications, or another number of calls, is found out."""
    before, after = comparison.before, comparison.after
    with pytest.raises(InputError, match="make no pairs"):
        ScenarioComparison(before, replace(after, runs=after.runs[:2]))
    with pytest.raises(InputError, match="they are no pair"):
        ScenarioComparison(before, replace(after, runs=after.runs[::-1]))


def test_calls_an_hour_are_of_the_days_that_were_played(
    tmp_path: Path, results: ScenarioResults
) -> None:
    """Monday and Tuesday add up to all the calls of the run; the other days are unknown, not 0."""
    write_report(tmp_path / "week.html", results)
    text = (tmp_path / "week.html").read_text(encoding="utf-8")
    found = re.findall(r"<title>(\w{3})[^<]*: (-|[\d.]+)[^<]* calls an hour</title>", text)
    assert len(found) == 168
    known = [float(rate) for _, rate in found if rate != "-"]
    assert {day for day, rate in found if rate != "-"} == {"Mon", "Tue"}
    per_run = sum(len(each) for each in results.outcomes) / len(results.runs)
    assert sum(known) == pytest.approx(per_run, rel=0.05)


def test_the_report_holds_everything_and_loads_nothing(
    results: ScenarioResults, tmp_path: Path
) -> None:
    """Every section and digest is there, no script, no address; the same results, same bytes."""
    path = tmp_path / "made" / "report.html"
    write_report(path, results)
    page = path.read_text(encoding="utf-8")
    for words in (
        *("Response time by division", "How long callers waited", "Hours of the week"),
        *("What became of calls", "read as an hour of service", "read as an intervention"),
        *("Gini", "Worst-served tenth", "Distance to the border", "needs triage", "ineligible"),
        *results.inputs.values(),
    ):
        assert words in page
    assert not re.search(r"<script|<link|<img|src=|url\(|https?://", page)
    assert "default-src 'none'" in page
    assert page.count("<section>") == page.count("</section>") == 7
    assert "nan" not in re.sub(r"<[^>]*>", " ", page).lower().split()
    write_report(tmp_path / "again.html", results)
    assert (tmp_path / "again.html").read_bytes() == path.read_bytes()


def test_the_report_shows_the_p90_of_each_division(
    results: ScenarioResults, tmp_path: Path
) -> None:
    """The table and the map's tips have the value and interval of the results."""
    write_report(tmp_path / "report.html", results)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for each in results.divisions:
        assert f"{each.number} {each.name}: 9 in 10 within {MINUTES.text(each.p90_s)} min" in page


def test_coverage_is_told_apart_by_division_and_team(agency: Agency, tmp_path: Path) -> None:
    """Shares grow with minutes; a team alone covers no more than all; the report opens offline."""
    found = measure_coverage(agency, hours=[17], minutes=[5.0, 10.0])
    whole = found.whole.shares("demand")[0]
    assert 0.0 < whole[0] < whole[1] <= 1.0
    for alone in found.teams.values():
        assert (alone.shares("demand")[0] <= whole).all()
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [each["division"] for each in document["by_division"]] == list(found.divisions)
    assert {"tracts", "arrivals", "roster"} <= set(document["inputs"])
    write_coverage_report(tmp_path / "c.html", found)
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|src=|url\(|https?://", page)
    assert f"{100 * whole[1]:.0f} %" in page


@pytest.mark.parametrize("nowhere", [True, False])
def test_coverage_where_no_call_is_expected_draws_no_curve(
    agency: Agency, tmp_path: Path, nowhere: bool
) -> None:
    """Divisions without a tract, or hours without a call: a share of nothing is not drawn."""
    found = measure_coverage(agency, hours=[17], minutes=[5.0, 10.0])
    whole, places = found.whole, found.whole.places
    assert places.hourly is not None
    nothing = replace(whole, counted=np.zeros_like(whole.counted))
    never = replace(whole, places=replace(places, hourly=np.zeros_like(places.hourly)))
    write_coverage_report(tmp_path / "c.html", replace(found, whole=nothing if nowhere else never))
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert "No call is expected in these divisions at these hours." in page
    assert not re.search(r"\bnan\b", page)


def test_published_rates_are_read_under_both_units(agency: Agency, tmp_path: Path) -> None:
    """The same two numbers for an hour and for an intervention; another unit is refused."""
    assert agency.cost is not None
    found = load_cost_rates(agency.cost)
    assert [rates.unit for rates in found] == list(CostUnit)
    assert {(rates.team, rates.baseline, rates.currency) for rates in found} == {
        (35.0, 85.0, "USD")
    }
    text = agency.cost.read_text(encoding="utf-8")
    for old, new in (('"per_hour"', '"per_day"'), ('"per_hour"', '"per_intervention"')):
        path = tmp_path / "cost.toml"
        path.write_text(text.replace(old, new, 1 if "day" in new else -1), encoding="utf-8")
        with pytest.raises(ConfigurationError, match="at most once of per_hour, per_intervention"):
            load_cost_rates(path)


def test_figures_are_written_with_their_interval() -> None:
    """Units, signs and what is not known have one way to be written."""
    found = Interval(600.0, 540.0, 660.0, 0.95, 10)
    assert MINUTES.text(found) == "10.0 (9.0 to 11.0)"
    assert MINUTES.text(found, signed=True) == "+10.0 (+9.0 to +11.0)"
    assert PERCENT.text(Interval(-0.0001, -0.01, 0.01, 0.95, 9)) == "0.0 (-1.0 to 1.0)"
    assert COUNT.text(Interval(0.034, 0.013, 0.055, 0.95, 9)) == "0.03 (0.01 to 0.06)"
    assert COUNT.text(Interval(1e-6, 0.0, 2e-6, 0.95, 9)) == "0.0000 (0.0000 to 0.0000)"
    assert COUNT.text(Interval(2.0, 2.0, 2.0, 0.95, 9)) == "2.0 (2.0 to 2.0)"
    assert COUNT.text(Interval(3.0, -math.inf, math.inf, 0.95, 1)) == "3.0"
    assert COUNT.text(None) == "-"
    # A difference that is the same in each pair has no width, and no interval is made of it.
    assert COUNT.text(Interval(0.0, 0.0, 0.0, 0.95, 9), signed=True) == "equal in each pair"
    assert MINUTES.text(Interval(0.1, 0.1, 0.1, 0.95, 2), signed=True) == "equal in each pair"
    noise = Interval(-1500.0, -1500.0000000001, -1499.9999999999, 0.95, 2)
    assert COUNT.text(noise, signed=True) == "-1,500.0 in each pair"


@pytest.mark.parametrize("values", [[1.0, 9.0], [7.3, 7.3], [0.0, 0.03, 0.2], []])
def test_classes_of_a_map_hold_all_values(values: list[float]) -> None:
    """Four ascending edges, and no value is outside of five classes."""
    edges = five_edges(values)
    assert list(edges) == sorted(set(edges))
    assert {steps_of(value, edges) for value in values} <= set(range(5))


@pytest.mark.parametrize(
    "values", [[42.0, 98.0], [99.0, 100.0], [0.0, 100.0], [85.0, 86.0], [100.0], [3.0, 96.0]]
)
def test_no_class_of_shares_is_beyond_a_hundred(values: list[float]) -> None:
    """Edges ascend below the bound, from above nought."""
    edges = five_edges(values, most=100.0)
    assert list(edges) == sorted(set(edges))
    assert 0.0 < edges[0] < edges[-1] < 100.0


def test_words_of_a_chart_stay_readable_on_a_telephone() -> None:
    """Charts keep a least width, and are moved aside within their own frame, as tables are."""
    share = np.linspace(0.0, 1.0, 61)
    for chart in (
        share_chart((share, share, share), across="minutes", says="A share"),
        bar_chart([("words", None)], unit="", says="Bars"),
        heat_map([None] * 168, [""] * 168, edges=(1, 2, 3, 4), days=["Mon"] * 7, says="Hours"),
    ):
        assert chart.startswith('<div class="scroll"><svg ')
        assert chart.endswith("</svg></div>")
        found = re.search(r'viewBox="0 0 ([\d.]+) .* style="min-width:(\d+)px"', chart)
        assert found is not None
        assert 12 * int(found[2]) / float(found[1]) > 9.5  # pixels of a letter


def test_charts_survive_unknown_values_and_words_of_any_kind() -> None:
    """Markup in a name is text, an unknown value is said so, and every hour has its cell."""
    bars = bar_chart([("<b>", None), ("x", Interval(1.0, 0.5, 2.0, 0.95, 3))], unit=" %", says="s")
    assert "&lt;b&gt;" in bars
    assert "1.0 % (0.5 to 2.0)" in bars
    rare = bar_chart([("x", Interval(0.01, 0.0, 0.03, 0.95, 3))], unit="", says="s")
    assert "0.01 (0.00 to 0.03)" in rare
    cells = heat_map([None] * 168, ["t"] * 168, edges=(1, 2, 3, 4), days=("d",) * 7, says="s")
    assert cells.count('class="qn"') == 168
    flat = np.zeros(11)
    assert "polyline" in share_chart((flat, flat, flat), across="minutes", says="s")


def test_processes_do_not_change_results(results: ScenarioResults) -> None:
    """Two processes give the figures that one gives."""
    _, runs = run_scenario(
        scenario_path("six_divisions"), run={**QUICK, "replications": 2}, processes=2
    )
    for one, two in zip(results.runs[:2], runs, strict=True):
        assert one.tally == two.tally
        assert np.array_equal(one.outcomes.response_s, two.outcomes.response_s, equal_nan=True)
