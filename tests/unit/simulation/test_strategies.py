"""Which team is sent: strategies beside a naive count of what the others still cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenarios.city import NOON, draw_city
from unarmed_router.model.decision import Recommendation
from unarmed_router.simulation.strategies import LeastCoverageLoss, Nearest, ProgramOrder

TARGET_S = 600.0


@dataclass
class Covered:
    """Places and the free teams that reach them."""

    reached: dict[str, list[int]]
    demand: Sequence[float]
    asked: list[datetime] = field(default_factory=list)

    def of_free_teams(self, at: datetime) -> Mapping[str, Sequence[int]]:
        """Return what was drawn."""
        self.asked.append(at)
        return self.reached


@dataclass
class Could:
    """A team that could go."""

    team_id: str
    response_ms: int


def deciding(*candidates: Could) -> Recommendation:
    """Make what a strategy reads of a decision."""
    found: Any = type("Decision", (), {"candidates": candidates})()
    decision: Recommendation = found
    return decision


def expected(reached: Mapping[str, Sequence[int]], demand: Sequence[float], busy: float) -> float:
    """Add up the demand that is covered, place by place, when each team is busy at times."""
    covered = 0.0
    for place, weight in enumerate(demand):
        all_busy = 1.0
        for places in reached.values():
            if place in places:
                all_busy *= busy
        covered += weight * (1.0 - all_busy)
    return covered


TEAMS = ("T1", "T2", "T3", "T4")
PLACES = 5


@given(
    reached=st.fixed_dictionaries(
        {team: st.lists(st.integers(0, PLACES - 1), unique=True) for team in TEAMS}
    ),
    demand=st.lists(st.floats(0.0, 1.0), min_size=PLACES, max_size=PLACES),
    busy=st.floats(0.01, 0.99),
    minutes=st.lists(st.integers(1, 14), min_size=len(TEAMS), max_size=len(TEAMS)),
)
def test_the_team_in_time_that_leaves_most_covered_goes(
    reached: dict[str, list[int]], demand: list[float], busy: float, minutes: list[int]
) -> None:
    """No other team in time would leave more expected coverage behind."""
    strategy = LeastCoverageLoss(Covered(reached, demand), busy=busy, target_s=TARGET_S)
    teams = [Could(team, 60_000 * each) for team, each in zip(TEAMS, minutes, strict=True)]
    chosen = strategy.choose(deciding(*teams), NOON)
    in_time = [each.team_id for each in teams if each.response_ms <= TARGET_S * 1000]
    if not in_time:
        assert chosen == Nearest().choose(deciding(*teams), NOON)
        return

    def left(team: str) -> float:
        others = {name: places for name, places in reached.items() if name != team}
        return expected(others, demand, busy)

    assert chosen in in_time
    assert left(chosen) == pytest.approx(max(map(left, in_time)), abs=1e-9)


def test_a_team_that_alone_covers_a_place_stays_there() -> None:
    """The farther of two goes, since the nearer one is the only cover of the east."""
    reach = Covered({"T1": [0, 1], "T2": [0]}, [0.5, 0.5])
    strategy = LeastCoverageLoss(reach, busy=0.3, target_s=TARGET_S)
    decision = deciding(Could("T1", 100_000), Could("T2", 500_000))
    assert strategy.choose(decision, NOON) == "T2"
    assert Nearest().choose(decision, NOON) == "T1"
    assert reach.asked == [NOON]


def test_equal_losses_go_to_the_soonest_and_then_by_id() -> None:
    """A total order: the same stream is always played the same."""
    reach = Covered({"T1": [0], "T2": [0], "T3": [0]}, [1.0])
    strategy = LeastCoverageLoss(reach, busy=0.3, target_s=TARGET_S)
    late = Could("T1", 300_000)
    assert strategy.choose(deciding(late, Could("T2", 200_000)), NOON) == "T2"
    assert strategy.choose(deciding(Could("T3", 200_000), Could("T2", 200_000)), NOON) == "T2"


def test_nobody_in_time_is_no_reason_to_wait() -> None:
    """The soonest goes, and so does the only one in time, without a look at coverage."""
    reach = Covered({"T1": [0], "T2": []}, [1.0])
    strategy = LeastCoverageLoss(reach, busy=0.3, target_s=TARGET_S)
    assert strategy.choose(deciding(Could("T1", 700_000), Could("T2", 900_000)), NOON) == "T1"
    assert strategy.choose(deciding(Could("T1", 500_000), Could("T2", 900_000)), NOON) == "T1"
    assert reach.asked == []


def test_nearest_goes_by_time_and_program_order_by_the_decision() -> None:
    """The same decision, read by two rules."""
    city = draw_city("a---c-----b", teams={"T1": "a", "T2": "b"})
    decision = city.decide(city.call("c"))
    assert isinstance(decision, Recommendation)
    assert ProgramOrder().choose(decision, NOON) == decision.team_id == "T1"
    swapped = deciding(Could("T1", 90_000), Could("T2", 80_000), Could("T3", 80_000))
    assert Nearest().choose(swapped, NOON) == "T2"
