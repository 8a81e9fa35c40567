"""The decision tables of the documentation are run, row by row, through the embedded city."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.embedded import CLEAR, DANGERS
from unarmed_router import Answer, Call, Decision, Recommendation, Router, TeamStatus
from unarmed_router.model.reasons import ReferralReason

PAGE = Path(__file__).parents[2] / "docs" / "decision-tables.md"
HEAD = ["Call", "Answers", "Division", "Time", "Outcome", "Taken by", "First question"]
ZONE = ZoneInfo("America/Los_Angeles")
POINTS = {
    "1": (-118.2470, 34.0430),
    "7": (-118.3500, 34.0480),
    "8": (-118.4440, 34.0400),
    "10": (-118.5360, 34.2000),
    "17": (-118.5350, 34.2350),
    "18": (-118.2468, 33.9397),
    "20": (-118.3090, 34.0606),
    "outside": (-118.4912, 34.0195),
}
"""A place in each division of the tables."""

FEWEST = {
    "Triage": 12,
    "Codes": 10,
    "Places and times": 10,
    "Precedence": 8,
    "When every team is busy": 5,
}


@dataclass(frozen=True)
class Row:
    """One line of a table, as it stands there."""

    heading: str
    call: str
    answers: str
    division: str
    time: str
    outcome: str
    taken_by: str
    question: str

    def __str__(self) -> str:
        return f"{self.heading}: {self.call} / {self.answers} / {self.division} {self.time}"

    def made(self) -> Call:
        """Make the call the row describes."""
        codes = _quoted(self.call)
        assert " + ".join(f"`{code}`" for code in codes) == self.call
        lon, lat = POINTS[self.division]
        at = datetime.fromisoformat(self.time).replace(tzinfo=ZONE)
        return Call(
            call_id="row",
            lon=lon,
            lat=lat,
            call_type=codes[0],
            codes=tuple(codes[1:]),
            received_at=at,
            facts=self.facts(),
        )

    def facts(self) -> dict[str, Answer]:
        """Read the answers; a word that is neither of the three forms is a fault of the page."""
        found: dict[str, Answer] = {}
        for part in self.answers.split(", "):
            if part == "all no":
                found |= CLEAR
            elif part != "none":
                one = re.fullmatch(r"`(\w+)` (yes|no|unknown)", part)
                assert one, f"{part!r} in {self}"
                found[one[1]] = Answer(one[2])
        return found


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def rows() -> Iterator[Row]:
    """Read every row of every table of the page."""
    heading, text = "", PAGE.read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif line.startswith("|") and not line.startswith("|-"):
            cells = [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
            assert len(cells) == len(HEAD), line
            if cells != HEAD:
                yield Row(heading, *cells)


ROWS = list(rows())


@pytest.fixture(scope="module")
def free() -> Router:
    """Load the embedded city, every team available."""
    return Router.load()


@pytest.fixture(scope="module")
def busy() -> Router:
    """Load it with every team on a scene."""
    router = Router.load()
    for state in router.roster.snapshot().teams:
        at = datetime(2026, 11, 20, 9, tzinfo=ZONE)
        router.roster.set_status(state.team.team_id, TeamStatus.ON_SCENE, at=at)
    return router


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_row_is_what_the_router_decides(row: Row, free: Router, busy: Router) -> None:
    """Outcome, who takes the call and the first question, alone and in a batch."""
    router = busy if row.heading == "When every team is busy" else free
    call = row.made()
    decision = router.route(call, at=call.received_at)
    division = decision.place.division
    assert row.division == ("outside" if division is None else str(division.number))
    assert f"`{_outcome(decision)}`" == row.outcome
    assert f"`{_taken_by(decision)}`" == row.taken_by
    assert _quoted(row.question) == _questions(decision)[:1]
    (again,) = router.route_many([call])
    assert again.to_json() == decision.to_json()


def _outcome(decision: Decision) -> str:
    return decision.kind if isinstance(decision, Recommendation) else str(decision.reason)


def _taken_by(decision: Decision) -> str:
    if isinstance(decision, Recommendation):
        return decision.candidates[0].provider
    return decision.target


def _questions(decision: Decision) -> list[str]:
    if isinstance(decision, Recommendation):
        return []
    return [question.fact for question in decision.questions]


def test_the_tables_cover_what_they_promise() -> None:
    """Enough rows under each heading, none twice, and every outcome that needs no rare place."""
    counts = {heading: sum(row.heading == heading for row in ROWS) for heading in FEWEST}
    assert sum(counts.values()) == len(ROWS)
    assert all(counts[heading] >= least for heading, least in FEWEST.items()), counts
    given = [(r.call, r.answers, r.division, r.time, "busy" in r.heading) for r in ROWS]
    assert len(set(given)) == len(given)
    rare = {ReferralReason.NO_ROAD_NEARBY, ReferralReason.NO_TEAM_IN_TIME}
    expected = {f"`{reason}`" for reason in set(ReferralReason) - rare} | {"`recommendation`"}
    assert {row.outcome for row in ROWS} == expected


def test_the_tables_name_all_there_is_to_name() -> None:
    """Each fact, provider, target and served division of the policy stands in some row."""
    policy = Router.load().agency.world.policy
    named = {name for row in ROWS for name in _quoted(row.answers + row.taken_by)}
    providers = [provider for program in policy.programs for provider in program.providers]
    assert {*policy.facts, *policy.targets, *(p.provider_id for p in providers)} <= named
    assert {fact for rule in policy.rules for fact in rule.when} == set(DANGERS)
    sent = {row.division for row in ROWS if row.outcome == "`recommendation`"}
    assert sent == {str(number) for p in providers for number in p.divisions}
