"""`unarmed-router simulate`, `compare` and `coverage`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unarmed_router.cli import main
from unarmed_router.cli.scenario_options import printed_table, tables_console
from unarmed_router.research.shipped_scenarios import scenario_path

BAD = """
schema_version = 1
name = "Bad"
[run]
start = 2026-01-05
days = 0
strategy = "fastest"
[service]
program = "UMCR"
division = "all"
[replay]
file = "none.csv"
"""


def test_simulate_prints_tables_and_writes_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Figures, outcomes, divisions and teams on standard output; the files are told apart."""
    report = tmp_path / "report.html"
    given = ["simulate", "six_divisions", "--days", "1", "--replications", "2"]
    assert main([*given, "--html", str(report)]) == 0
    out, told = capsys.readouterr()
    for words in ("Mean response time, min", "needs triage", "7 Wilshire", "Busy, %"):
        assert words in out
    assert "Simulated calls were made by nobody" in out
    assert report.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert f"Report: {report}" in told.replace("\n", "")


def test_simulate_prints_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` prints nothing else, and options replace entries of the file."""
    given = ["simulate", "six_divisions", "--days", "1", "--replications", "2", "--json"]
    assert main(given) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["run"]["days"], document["replications"]) == (1, 2)


def test_a_bad_scenario_is_refused_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every fault is told at once with its remedy, and the exit code is that of bad input."""
    path = tmp_path / "bad.toml"
    path.write_text(BAD, encoding="utf-8")
    assert main(["simulate", str(path)]) == 2
    told = capsys.readouterr().err
    for words in (
        *("run.days", "give 1 to 3660 days", "run.strategy", "'fastest' is not known"),
        *("service.division", "drop it, or name one of", "replay.layout", "give a layout file"),
        *("replay.file", "there is no file none.csv"),
    ):
        assert words in told
    assert [line[:2] for line in told.strip().splitlines()[1:]] == ["- "] * 5


def test_an_unknown_scenario_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is no file tells which scenarios come with the package."""
    assert main(["simulate", "seven_divisions"]) == 2
    assert "six_divisions, nine_divisions" in capsys.readouterr().err


def test_compare_prints_differences_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Both plans side by side, the difference with its interval, and what was added and why."""
    given = ["compare", "six_divisions", "nine_divisions", "--days", "1", "--replications", "2"]
    assert main(given) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "adds 19 Mission, 11 Northeast, 14 Pacific (most expected demand among the" in out
    assert "Difference" in out
    assert "Strategy program_order in both." in out
    assert "With Nine divisions in place of Six divisions:" in out


def test_compare_refuses_other_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another seed has other calls: exit 2 before anything is played."""
    path = tmp_path / "other.toml"
    path.write_text(
        'schema_version = 1\nname = "Other"\n[run]\nstart = 2026-01-05\nseed = 9\n'
        '[service]\nprogram = "UMCR"\n',
        encoding="utf-8",
    )
    assert main(["compare", "six_divisions", str(path)]) == 2
    assert "run.seed: 1 and 9: give both the same" in capsys.readouterr().err


def test_coverage_prints_shares_and_writes_isochrones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shares by hour, division and team; isochrones as one feature an hour and threshold."""
    path = tmp_path / "reach.geojson"
    given = ["coverage", "--hours", "17,41", "--minutes", "5,10", "--geojson", str(path)]
    assert main(given) == 0
    out = capsys.readouterr().out
    for words in ("Mon 17:00", "Tue 17:00", "residents", "18 Southeast", "ALC-1", "10 min, %"):
        assert words in out
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert [(f["properties"]["hour"], f["properties"]["minutes"]) for f in features] == [
        *((17, 5.0), (17, 10.0), (41, 5.0), (41, 10.0)),
    ]


def test_coverage_as_a_table_has_every_share(tmp_path: Path) -> None:
    """Rows of the whole, of each division and of each team, by hour, threshold and weight."""
    frame = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    path = tmp_path / "shares.parquet"
    given = ["coverage", "--hours", "17", "--minutes", "5,10", "--parquet", str(path)]
    assert main(given) == 0
    rows = frame.read_parquet(path)
    assert list(rows.columns) == ["of", "id", "hour", "minutes", "weight", "share"]
    weights = rows["weight"].nunique()
    assert rows.groupby("of")["id"].nunique().to_dict() == {"division": 6, "team": 6, "whole": 1}
    assert len(rows) == 13 * 2 * weights
    assert rows["share"].between(0, 1).all()


def test_coverage_of_a_scenario_counts_its_divisions(capsys: pytest.CaptureFixture[str]) -> None:
    """The divisions and teams are those of the scenario."""
    assert main(["coverage", "nine_divisions", "--hours", "17", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["divisions_served"] == [7, 8, 10, 11, 14, 17, 18, 19, 20]
    assert len(document["by_team"]) == 9


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("simulate", "--parquet"),
        ("simulate", "--html"),
        ("coverage", "--geojson"),
        ("compare six_divisions", "--html"),
    ],
)
def test_a_file_without_a_folder_is_refused_at_once(
    command: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is played for minutes only to fail when it is written."""
    assert main([*command.split(), "six_divisions", option, str(tmp_path / "none" / "file")]) == 2
    assert f"{option} {tmp_path / 'none' / 'file'}: there is no folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--hours", "x"], "--hours 'x' must be whole numbers"),
        (["--hours", "168"], "must be hours of the week"),
        (["--minutes", "-1"], "must be at least one threshold"),
        (["--minutes", "inf"], "must be at least one threshold of at least 0, finite"),
        (["--minutes", "0"], "must be thresholds above 0"),
        (["--hours", "17,3,17"], "name an hour twice"),
        (["--minutes", "5,5"], "name a threshold twice"),
        (["six_divisions", "--agency", "a.toml"], "drop --agency"),
    ],
)
def test_coverage_refuses_what_it_cannot_mean(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each broken option is said with its remedy."""
    assert main(["coverage", *options]) == 2
    assert words in capsys.readouterr().err


def test_names_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """What looks like markup in a name is none, and long headings cost no figure its digits."""
    console = tables_console()
    console.print("\n[red]Plan[/bold]", style="bold")
    names = [f"plan {k} [draft] of a board that likes long names very much indeed" for k in "AB"]
    figure = "1,234.5 (1,200.0 to 1,300.0)"
    printed_table(console, "T [1]", ("", *names, "Difference"), [["served [x]", *[figure] * 3]])
    out = capsys.readouterr().out
    for words in ("[red]Plan[/bold]", "T [1]", "served [x]", "[draft]"):
        assert words in out
    assert out.count(figure) == 3


def test_a_name_like_markup_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scenario may be called as its author likes, in every command."""
    path = tmp_path / "odd.toml"
    text = scenario_path("six_divisions").read_text(encoding="utf-8")
    path.write_text(text.replace('"Six divisions"', '"[b] six [/bold]"'), encoding="utf-8")
    quick = ["--days", "1", "--replications", "2"]
    for command in (
        ["simulate", str(path), *quick],
        ["compare", str(path), str(path), *quick],
        ["staffing", str(path), *quick, "--most", "0"],
        ["coverage", str(path), "--hours", "17"],
    ):
        assert main(command) == 0
        assert "[b] six [/bold]" in capsys.readouterr().out
