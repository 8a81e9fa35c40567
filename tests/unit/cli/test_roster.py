"""`unarmed-router roster`: teams, shifts, and who covers which division when."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unarmed_router.agency.folder import embedded_agency
from unarmed_router.cli import main

DAY = ["--at", "2026-11-20T10:00:00-08:00"]


def roster(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the embedded roster with changes."""
    text = (embedded_agency().parent / "roster.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "roster.toml"
    path.write_text(text, encoding="utf-8")
    return path


OFFICE = ('shifts = "24/7"', 'shifts = "Mon-Fri 08:00-16:30"')
"""Changes the first team, ALC-1."""


def test_show_lists_teams_and_hours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Shifts, homes, who is on duty, and the fewest teams of each hour."""
    assert main(["roster", "show", str(roster(tmp_path, OFFICE)), *DAY]) == 0
    out = capsys.readouterr().out
    assert out.startswith("6 teams, 6 on duty Friday 20 November 2026, 10:00 PST\n")
    assert (
        "ALC-1  alcott      UMCR     2     yes      division 7   46 m   Mon-Fri 08:00-16:30" in out
    )
    (olympic,) = [line for line in out.splitlines() if line.startswith("   20 Olympic")]
    assert olympic.split()[2:26] == ["1"] * 8 + ["2"] * 8 + ["1"] * 8
    assert olympic.endswith("ALC-1, ALC-2")


def test_show_at_another_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At night the day team is off duty; as JSON the same for machines."""
    night = ["--at", "2026-11-20T22:00:00-08:00", "--json"]
    assert main(["roster", "show", str(roster(tmp_path, OFFICE)), *night]) == 0
    found = json.loads(capsys.readouterr().out)
    duty = {team["team_id"]: team["on_duty"] for team in found["teams"]}
    assert [team_id for team_id, on in duty.items() if not on] == ["ALC-1"]
    assert found["teams"][0]["serves"] == [7, 20]
    assert len(found["divisions"]) == 6


def test_show_skips_the_hour_that_the_clock_skips(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """When daylight saving begins nobody is on duty from two to three; when it ends, as ever."""
    path = roster(tmp_path, ('shifts = "24/7"', 'shifts = "Sun 02:00-03:00"'))
    begins = ["roster", "show", str(path), "--at", "2026-03-08T12:00:00-07:00"]
    assert main(begins) == 0
    out = capsys.readouterr().out
    assert "Sunday 08 March; . is none, - an hour that the clock skips\n" in out
    (olympic,) = [line for line in out.splitlines() if line.startswith("   20 Olympic")]
    assert olympic.split()[2:] == ["1", "1", "-", *["1"] * 21, "ALC-2"]
    assert main([*begins, "--json"]) == 0
    hours = json.loads(capsys.readouterr().out)["divisions"][-1]["teams"]
    assert hours == [1, 1, None, *[1] * 21]
    assert main([*begins[:-1], "2026-11-01T12:00:00-08:00"]) == 0
    out = capsys.readouterr().out
    assert "Sunday 01 November; . is none\n" in out
    (olympic,) = [line for line in out.splitlines() if line.startswith("   20 Olympic")]
    assert olympic.split()[2:] == ["1", "1", "2", *["1"] * 21, "ALC-1,", "ALC-2"]


def test_check_of_the_embedded_roster(capsys: pytest.CaptureFixture[str]) -> None:
    """It is sound and covers every hour."""
    assert main(["roster", "check"]) == 0
    out = capsys.readouterr().out
    assert "6 teams, all sound under policy la-default-2026" in out
    assert "every home is on a road" in out
    assert out.endswith("every provider has a team on duty whenever it serves\n")


def test_check_names_hours_without_a_team(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With both teams of a provider on office hours, nights and weekends have nobody."""
    path = roster(tmp_path, OFFICE, ('shifts = "24/7"', 'shifts = "Mon-Fri 07:00-15:00"'))
    assert main(["roster", "check", str(path)]) == 0
    out = capsys.readouterr().out
    assert (
        "UMCR: no team of alcott on duty Mon 00:00-07:00; Mon-Thu 16:30-07:00; Fri 16:30-24:00; "
        "Sat,Sun 00:00-24:00 for 7 Wilshire, 20 Olympic\n"
    ) in out


@pytest.mark.parametrize(
    ("dates", "told"),
    [("serves_until = 2026-01-02", False), ("serves_from = 2126-01-01", True), ("", True)],
)
def test_check_misses_nobody_of_a_provider_that_has_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], dates: str, told: bool
) -> None:
    """Its contract is over and its teams are gone; one that is still to come needs teams."""
    for file in embedded_agency().parent.iterdir():
        (tmp_path / file.name).symlink_to(file)
    policy = tmp_path / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    served = "divisions = [7, 20] # Wilshire, Olympic\n"
    assert served in text
    policy.unlink()
    policy.write_text(text.replace(served, f"{served}{dates}\n"), encoding="utf-8")
    (tmp_path / "roster.toml").unlink()
    teams = (embedded_agency().parent / "roster.toml").read_text(encoding="utf-8")
    left = [part for part in teams.split("[[teams]]") if "ALC-" not in part]
    (tmp_path / "roster.toml").write_text("[[teams]]".join(left), encoding="utf-8")
    assert main(["roster", "check", "--agency", str(tmp_path / "agency.toml")]) == 0
    gap = "UMCR: no team of alcott on duty at any hour for 7 Wilshire, 20 Olympic"
    assert (gap in capsys.readouterr().out) is told


def test_check_names_a_home_outside_the_area(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A team that waits where its provider does not serve is told, and is no fault."""
    path = roster(tmp_path, ("home_lon = -118.342830\nhome_lat = 34.046748",
                             "home_lon = -118.2437\nhome_lat = 34.0522"))  # fmt: skip
    assert main(["roster", "check", str(path)]) == 0
    out = capsys.readouterr().out
    assert "ALC-1 waits in 1 Central, which its provider does not serve now\n" in out


def test_faults_exit_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A provider nobody knows, and a home far from every road: each in one line."""
    path = roster(tmp_path, ('provider = "alcott"', 'provider = "nobody"'))
    assert main(["roster", "check", str(path)]) == 2
    assert "'nobody' is no provider of UMCR" in capsys.readouterr().err
    path = roster(tmp_path, ("home_lon = -118.342830", "home_lon = -119.9"))
    assert main(["roster", "show", str(path), *DAY]) == 2
    error = capsys.readouterr().err
    assert "teams.ALC-1: home_lon -119.9, home_lat " in error
    assert "is beyond the snapping limit from every road" in error
