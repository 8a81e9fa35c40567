"""An invented city made of an agency folder alone: Los Angeles is data."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from unarmed_router import Answer, Call, Recommendation, Referral, ReferralReason, Router
from unarmed_router.cli import main

SOURCE = Path(__file__).parents[1] / "data" / "port_selwyn"
MONDAY_MORNING = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Pacific/Auckland"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the city's boundaries and network with the commands a user would use."""
    folder = tmp_path_factory.mktemp("port_selwyn")
    for name in ("agency.toml", "policy.toml", "roster.csv"):
        shutil.copy(SOURCE / name, folder / name)
    wards = [
        "boundaries", "build", str(SOURCE / "wards.geojson"),
        "--number-field", "ward", "--name-field", "title",
        "--output", str(folder / "divisions.geojson"),
    ]  # fmt: skip
    assert main(wards) == 0
    roads = [
        "network", "build", str(SOURCE / "nodes.csv"), str(SOURCE / "arcs.csv"),
        "--output", str(folder / "roads.network"),
    ]  # fmt: skip
    assert main(roads) == 0
    return folder


@pytest.fixture(scope="module")
def router(folder: Path) -> Router:
    """Load the folder."""
    return Router.load(folder / "agency.toml")


def call(lon: float, **answers: str) -> Call:
    """Make a call on the only street."""
    return Call(
        call_id="s-1",
        lon=lon,
        lat=-43.6,
        call_type="lonely",
        received_at=MONDAY_MORNING,
        facts={fact: Answer(answer) for fact, answer in answers.items()},
    )


def test_it_routes_to_the_nearest_team_by_its_own_rules(router: Router) -> None:
    """From the west end to the call is 9/10 of the first arc and 1/10 of a minute's more."""
    decision = router.route(call(172.7110, shark="no"), at=MONDAY_MORNING)
    assert isinstance(decision, Recommendation)
    assert decision.team_id == "kea"
    assert {c.team_id: c.travel_ms for c in decision.candidates} == pytest.approx(
        {"kea": 48_000, "tui": 60_000}, abs=60
    )
    assert "Harbour Trust, Friends on Call" in decision.explain()
    assert "in Harbour (division 10)" in decision.explain()


def test_its_shifts_follow_its_own_clock(router: Router) -> None:
    """At five in the afternoon in Auckland the day shift has gone home."""
    evening = MONDAY_MORNING.replace(hour=17)
    decision = router.route(call(172.7110, shark="no"), at=evening)
    assert isinstance(decision, Recommendation)
    assert decision.team_id == "tui"
    assert [e.reason.value for e in decision.exclusions] == ["off_shift"]
    assert decision.exclusions[0].detail == "Mon 17:00 local"


def test_its_own_questions_and_targets(router: Router) -> None:
    """Its policy asks about sharks and knows the coastguard."""
    asked = router.route(call(172.7110), at=MONDAY_MORNING)
    assert isinstance(asked, Referral)
    assert [question.text for question in asked.questions] == ["Is there a shark?"]
    refused = router.route(call(172.7110, shark="yes"), at=MONDAY_MORNING)
    assert "to the coastguard, channel 16" in refused.explain()


def test_its_uncovered_division_and_its_outside(router: Router) -> None:
    """The hill has no program; the sea is outside."""
    hill = router.route(call(172.7150, shark="no"), at=MONDAY_MORNING)
    assert isinstance(hill, Referral)
    assert hill.reason is ReferralReason.NO_PROGRAM_HERE
    sea = router.route(call(172.7300, shark="no"), at=MONDAY_MORNING)
    assert isinstance(sea, Referral)
    assert sea.reason is ReferralReason.OUT_OF_JURISDICTION


def test_the_command_line_takes_its_folder(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--agency` and the agency's own projected coordinates."""
    where = ["--agency", str(folder / "agency.toml")]
    assert main(["locate", "--lon", "172.7110", "--lat", "-43.6", *where]) == 0
    assert capsys.readouterr().out.startswith("division 10 Harbour")
    assert main(["locate", "--x", "1576000", "--y", "5172000", *where]) in {0, 3}
