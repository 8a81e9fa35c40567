"""Strategies of a user's own: named in a file, or handed over in Python."""

from __future__ import annotations

import sys
from datetime import datetime
from types import ModuleType

import pytest

from unarmed_router.errors import InputError
from unarmed_router.model.decision import Recommendation
from unarmed_router.research.own_strategy import own_strategy
from unarmed_router.research.prepared_scenario import PreparedScenario
from unarmed_router.research.scenario_run import play_scenario
from unarmed_router.research.scenarios import load_scenario
from unarmed_router.research.shipped_scenarios import scenario_path
from unarmed_router.router import Router
from unarmed_router.simulation.strategies import Nearest


class Last:
    """The team that arrives last."""

    name = "last"

    def __init__(self, router: Router) -> None:
        self.router, self.asked = router, 0
        self.teams = {state.team.team_id for state in router.roster.snapshot().teams}

    def choose(self, decision: Recommendation, at: datetime) -> str:
        """Return the slowest candidate, all of the replication's own roster."""
        self.asked += 1
        assert at.tzinfo is not None
        assert {each.team_id for each in decision.candidates} <= self.teams
        return max(decision.candidates, key=lambda each: each.response_ms).team_id


@pytest.fixture(name="named")
def module_of_strategies(monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a module of strategies where it can be imported."""
    module = ModuleType("strategies_of_ours")
    vars(module).update(Nearest=Nearest, Last=Last, made=Nearest(), number=3)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


def test_a_class_is_made_anew_and_an_object_is_taken(named: str) -> None:
    """What a class remembers ends with its replication; an object is the same one each time."""
    one, two = (own_strategy(f"{named}:Nearest") for _ in range(2))
    assert one is not two
    assert own_strategy(f"{named}:made") is own_strategy(f"{named}:made")


@pytest.mark.parametrize(
    ("attribute", "told"),
    [("Last", "without arguments"), ("number", "no method choose"), ("none", "cannot be imported")],
)
def test_what_is_no_strategy_is_refused(attribute: str, told: str, named: str) -> None:
    """Each by its name, with the remedy."""
    with pytest.raises(InputError, match=f"{named}:{attribute} .*{told}"):
        own_strategy(f"{named}:{attribute}")


def test_a_strategy_is_handed_over_in_python() -> None:
    """It is made for each replication, sees its router, and gets the calls the others get."""
    run = {"days": 1, "warm_up_days": 0, "replications": 1, "strategy": "nearest"}
    prepared = load_scenario(scenario_path("six_divisions"), run=run)
    made: list[Last] = []

    def make(given: PreparedScenario, router: Router) -> Last:
        assert given is prepared
        made.append(Last(router))
        return made[-1]

    slow, fast = play_scenario(prepared, 0, strategy=make), play_scenario(prepared, 0)
    assert len(made) == 1
    assert made[0].asked > 0
    assert slow.received == fast.received
    assert slow.mean_response_s > fast.mean_response_s
